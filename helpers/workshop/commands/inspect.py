"""Look into a network of your own: one page with every layer's channels for an image, or for a folder of them.

examples:
  python -m helpers inspect model.keras photo.jpg
  python -m helpers inspect model.h5 photos/ --classes names.txt --out report.html
  python -m helpers inspect model.keras digit.png --invert --layers conv2d_1 dense_1
  python -m helpers inspect mine.keras photo.jpg --live                 with a page in which the network runs
  python -m helpers inspect mine.keras photo.jpg --custom my_layers:Attention --scale -1..1

MODEL is a file that Keras saved as a whole: .keras, or .h5 of Keras 2 and 3. A folder may hold images, or one
folder of images a class: then each silent channel is called dead (nothing that we try wakes it) or not asked
(something does), and class means are shown.
The page opens from disk, without network; nothing is sent anywhere.

The image is scaled as the network needs it: by a scaling layer inside where there is one, else as Keras trains
the family of networks that it belongs to, else to 0..1: then the page says that it is a guess and shows the answers
under each preparation that may be meant. --scale chooses one. caffe and torch are Keras'
own names for what its ImageNet networks were trained on (VGG16 and ResNet50; DenseNet).

--trust runs the Python code that a file's Lambda layers hold. Such code may do anything that you may do on this
machine: read your files, send them away, delete them. Give it only for a file whose author you trust.
"""

import argparse
import importlib
import re
import sys
from contextlib import nullcontext
from pathlib import Path

from helpers._shared.errors import CourseError
from helpers._shared.files import write_beside
from helpers.workshop.quiet_start import import_keras_quietly

__all__ = ["add_arguments", "run"]

SCALES = ("0..1", "-1..1", "0..255", "caffe", "torch")
COLOURS = ("layer", "channel", "standard", "raw")


def add_arguments(parser):
    """Declare the options.

    Args:
        parser: the command's argparse parser.
    """
    parser.add_argument("model", metavar="MODEL", type=Path, help="a .keras or .h5 file")
    parser.add_argument("images", metavar="IMAGE_OR_FOLDER", type=Path, help="what the network is to look at")
    parser.add_argument("--layers", nargs="+", metavar="NAME", help="only these (a nested one as outer/inner)")
    parser.add_argument("--out", type=_page, metavar="FILE.html", help="default: MODEL_IMAGE.html, in this folder")
    parser.add_argument("--classes", type=Path, metavar="FILE.txt", help="names of the classes, one a line")
    # argparse takes -1..1 for an option unless it looks like a number below zero to it.
    parser._negative_number_matcher = re.compile(r"-\d")
    parser.add_argument("--scale", choices=SCALES, help="range of values that the network takes")
    parser.add_argument(
        "--output", metavar="NAME", help="of several outputs the one that Grad-CAM asks about, or its number"
    )
    parser.add_argument("--size", type=_size, metavar="HxW", help="for networks of any size (default: 224x224)")
    parser.add_argument("--invert", action="store_true", help="swap light and dark: ink on paper, as on a blackboard")
    parser.add_argument("--colours", choices=COLOURS, default="layer", help="range of the grids (default: layer)")
    parser.add_argument("--most", type=int, default=100, metavar="N", help="images of a folder (default: 100)")
    seconds = "how long to try to wake silent channels, with a folder (default: 20)"
    parser.add_argument("--wake", type=float, default=20.0, metavar="SECONDS", help=seconds)
    custom = "a layer or function of your own: Name of module.py in this folder, or of an installed module; "
    custom += "name=module:Name where the file calls it otherwise, as a Lambda layer"
    parser.add_argument("--custom", action="append", default=[], type=_own, metavar="module:Name", help=custom)
    live = "write the explorer page of the same network beside it, too: it runs there on any image"
    parser.add_argument("--live", action="store_true", help=live)
    parser.add_argument("--trust", action="store_true", help="run code that the file holds (Lambda); see below")


def run(arguments):
    """Inspect, and write the page.

    Args:
        arguments: the parsed options.

    Returns:
        0. Whatever is wrong with the input raises an error of one sentence.

    Raises:
        CourseError: if an own class cannot be found, or a layer is unknown.
    """
    target = arguments.out or Path(f"{arguments.model.stem}_{arguments.images.stem or 'images'}.html")
    _check_inputs(arguments, target)
    own = dict(_own_class(words) for words in arguments.custom)  # before Keras loads, as it is quick
    import_keras_quietly()
    import keras

    from helpers.workshop.inspecting import write_page

    with keras.saving.custom_object_scope(own) if own else nullcontext():
        inspection = _inspect(arguments, own)
    live = _live_page(inspection, arguments, target) if arguments.live else ""
    write_page(inspection, target, colours=arguments.colours, words=_words(), live=live)
    _print_summary(inspection, target)
    return 0


def _inspect(arguments, own):
    from helpers.activations import activation_model
    from helpers.models import load_model
    from helpers.workshop.inspecting import inspect_network, read_class_names

    classes = read_class_names(arguments.classes) if arguments.classes else None
    _tell(f"loading {arguments.model}")
    model = load_model(arguments.model, custom_objects=own or None, trust=arguments.trust)
    if arguments.layers is not None:
        try:
            activation_model(model, arguments.layers)
        except KeyError as error:  # an unknown layer: the text of a KeyError would be shown in quotes
            raise CourseError(error.args[0]) from None
    return inspect_network(
        model,
        arguments.images,
        name=arguments.model.name,
        layers=arguments.layers,
        classes=classes,
        scale=arguments.scale,
        size=arguments.size,
        invert=arguments.invert,
        most=arguments.most,
        seconds=arguments.wake,
        output=int(arguments.output) if (arguments.output or "").isdigit() else arguments.output,
        tell=_tell,
    )


def _live_page(inspection, arguments, target):
    """Write the explorer page beside the other one, and return its name; "" where the network cannot run in a page."""
    from helpers.workshop.explorer import image_page

    beside = target.with_name(f"{target.stem}_live.html")
    classes = inspection.answers.class_names if arguments.classes else None
    _tell(f"writing {beside}")
    try:
        write_beside(beside, image_page(inspection.model, name=inspection.name, classes=classes))
    except CourseError as error:
        print(f"There is no live page: {error}")
        return ""
    return beside.name


def _print_summary(inspection, target):
    if inspection.answers is not None:
        print(f"{inspection.given.names[0]}: {_top(inspection.answers)}")
    for name, answers in inspection.others.items():
        print(f"{name}: {_top(answers)}")
    for note in (inspection.given.doubt, *inspection.given.notes, *inspection.notes):
        if note:
            print(note)
    takes = inspection.takes
    print(f"values scaled to {takes.used}: {takes.reason}")
    if inspection.compared is not None:
        print("how the images are prepared is a guess: compare, and choose by --scale")
        for image, scale in enumerate(takes.plausible):
            print(f"  {scale}: {_top(inspection.compared, image)}")
    print(f"{len(inspection.table)} layers; read them in a browser: {target}", flush=True)


def _top(answers, image=0):
    return ", ".join(f"{name} ({answers.shown(value)})" for _, name, value in answers.top(image, most=3))


def _check_inputs(arguments, target):
    """Say at once what would only come out after minutes."""
    for path, what in ((arguments.model, "network"), (arguments.images, "image file or folder")):
        if not path.expanduser().exists():
            raise FileNotFoundError(f"there is no {what} {path}: check its name.")
    if not target.expanduser().resolve().parent.is_dir():
        raise FileNotFoundError(f"there is no folder {target.parent} for the page: make it, or name another by --out.")


def _own_class(words):
    """(name in the file, class or function) of module:Name or name=module:Name."""
    called, _, words = words.rpartition("=")
    module, _, name = words.partition(":")
    if "" not in sys.path:
        sys.path.insert(0, "")  # this folder, as for python -m
    try:
        return called or name, getattr(importlib.import_module(module), name)
    except ModuleNotFoundError as error:
        raise CourseError(
            f"--custom {words}: there is no module {error.name!r} here; run this in its folder."
        ) from None
    except AttributeError:
        raise CourseError(f"--custom {words}: module {module!r} has no {name!r}; check the name.") from None
    except Exception as error:  # the module is somebody's own code, which may fail in any way
        raise CourseError(f"--custom {words}: importing {module!r} failed ({type(error).__name__}: {error}).") from None


def _words():
    """The command as it was typed, without the folders of this machine."""
    return " ".join(["python -m helpers inspect", *(Path(word).name or word for word in sys.argv[2:])])


def _page(word):
    path = Path(word)
    if path.suffix.lower() not in (".html", ".htm"):
        raise argparse.ArgumentTypeError(f"the page needs a name that ends in .html, not {word!r}")
    return path


def _size(word):
    match = re.fullmatch(r"([1-9][0-9]{0,3})(?:x([1-9][0-9]{0,3}))?", word)
    if not match:
        raise argparse.ArgumentTypeError(f"a size is HEIGHTxWIDTH in pixels, such as 224x224, not {word!r}")
    return int(match[1]), int(match[2] or match[1])


def _own(word):
    if not re.fullmatch(r"([^=]+=)?\w+(\.\w+)*:\w+", word):
        raise argparse.ArgumentTypeError(f"an own layer is named module:Name or name=module:Name, not {word!r}")
    return word


def _tell(line):
    print(f"{line} ...", flush=True)
