"""Write the explorer: a page in which a network runs, and shows every layer for an image or a drawing.

One file that opens in any browser, from disk, without a server and without network.

examples:
  python -m helpers explorer                             build/explorer.html: draw a digit for the course's network
  python -m helpers explorer mine.keras                  mine_explorer.html: drop an image, with a network of your own
  python -m helpers explorer mine.h5 --classes names.txt --samples photos/ --out page.html
  python -m helpers explorer my_digits.keras --draw      draw for a network of your own (small grey images); with
                                                         --classes that names 0 to 9: digits to take, a dial, swaps

MODEL is a file that Keras saved as a whole: .keras, or .h5 of Keras 2 and 3. It may be Sequential or Functional,
nested and with branches; a layer that the page cannot run is named. Weights are rounded to half precision, which
makes the page half as large; --exact keeps them whole.
"""

from pathlib import Path

from helpers._shared.errors import CourseError
from helpers._shared.files import write_beside
from helpers.course import ROOT
from helpers.workshop.quiet_start import import_keras_quietly

__all__ = ["add_arguments", "run"]

NETWORK = "mnist_cnn"


def add_arguments(parser):
    """Declare the options.

    Args:
        parser: the command's argparse parser.
    """
    parser.add_argument("model", metavar="MODEL", nargs="?", type=Path, help="a .keras or .h5 file")
    parser.add_argument("--classes", type=Path, metavar="FILE.txt", help="names of the classes, one a line")
    parser.add_argument("--samples", type=Path, metavar="FOLDER", help="images that come along, the first twelve")
    parser.add_argument("--exact", action="store_true", help="weights in four bytes each instead of two")
    parser.add_argument("--draw", action="store_true", help="the page on which one draws, for MODEL")
    parser.add_argument("--out", type=Path, metavar="FILE", help="default: MODEL_explorer.html, or build/explorer.html")


def run(arguments):
    """Write the page.

    Args:
        arguments: the parsed options.

    Returns:
        0.

    Raises:
        IsADirectoryError: if the place is a folder; a missing or unsuitable network raises its own sentence.
        FileNotFoundError: if there is no such network, or no such folder of samples.
        CourseError: if an option does not go with the page on which one draws.
    """
    named = arguments.model and arguments.model.expanduser()
    usual = Path(f"{named.stem}_explorer.html") if named else ROOT / "build" / "explorer.html"
    target = (arguments.out or usual).expanduser()
    if target.is_dir():
        raise IsADirectoryError(f"{target} is a folder, and the page is a file: add a name such as explorer.html.")
    for path, what in ((named, "network"), (arguments.samples, "folder of samples")):
        if path and not path.expanduser().exists():
            raise FileNotFoundError(f"there is no {what} {path}: check its name.")
    drawn = arguments.draw or not named
    if drawn and arguments.samples:
        raise CourseError("--samples go with a MODEL, and without --draw: leave them out.")
    print("Loading the network and ranking its points: some 15 seconds ..." if drawn else "loading ...", flush=True)
    import_keras_quietly()
    page = _drawing_page(named, arguments) if drawn else _image_page(named, arguments)
    write_beside(target, page)
    if target == ROOT / "build" / "explorer.html":  # the course's own, which the site takes along
        from helpers.workshop import explorer

        write_beside(target.with_name("living.html"), explorer.living_picture())
    print(f"{target}: {len(page.encode()) / 1e6:.2f} MB; open it in any browser.")
    return 0


def _image_page(path, arguments):
    from helpers import models
    from helpers.workshop import explorer  # late: they load Keras

    samples = arguments.samples and arguments.samples.expanduser()
    model, classes = models.load_model(path), _classes(arguments)
    return explorer.image_page(model, name=path.name, classes=classes, samples=samples, exact=arguments.exact)


def _drawing_page(named, arguments):
    from helpers.workshop import explorer

    model, about = _network(named)
    classes = _classes(arguments) or (None if named else explorer.DIGITS)
    return explorer.explorer_page(model, about=about, classes=classes, exact=arguments.exact)


def _classes(arguments):
    from helpers.workshop import inspecting

    return inspecting.read_class_names(arguments.classes) if arguments.classes else None


def _network(named):
    """The network and a phrase about it."""
    from helpers import models

    if named:
        return models.load_model(named), f"The network is {named.name}."
    try:
        model, about = models.pretrained(NETWORK)
    except FileNotFoundError:
        raise FileNotFoundError(
            f"The page needs the course's trained network, data/pretrained/{NETWORK}.keras, which is not in this copy: "
            "get the copy anew with git, or name a network of your own: python -m helpers explorer MODEL."
        ) from None
    return model, f"The network is the course's {NETWORK}, trained for {about['epoch']} epochs."
