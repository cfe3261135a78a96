"""The five sets of images, real where the data folder has them, else embedded, always split the same way.

Validation chooses, test reports once; the parts share no image, by name, by content or (X-rays) by patient.
Files that cannot be read are left out, others are converted where needed, and the set's ``notes`` name them.
"""

import hashlib
import importlib.util
import os
import tempfile
from pathlib import Path

import numpy as np

from helpers import course
from helpers._shared.arguments import as_size, brief
from helpers._shared.errors import CourseError
from helpers.datasets.digit_files import embedded_digits, read_digit_csv, read_mnist
from helpers.datasets.image_files import read_image
from helpers.datasets.image_folders import (
    about_others,
    file_part,
    go_round,
    read_classes,
    read_patients,
    shuffled_classes,
    split_by_patient,
    without_copies,
)
from helpers.datasets.parts import ImageSet, Part, overlaps

__all__ = ["ImageSet", "Part", "cats_vs_dogs", "chest_xray", "digits", "mnist", "overlaps", "read_image", "shapes"]

STAND_INS = {
    "shapes": "shapes drawn by the course stand in",
    "cats_vs_dogs": "cats and dogs drawn by the course stand in",
    "chest_xray": "drawn phantoms stand in, which are NOT medical images",
    "digits": "scikit-learn's 1797 handwritten digits, enlarged to 28x28, stand in",
    "mnist": "scikit-learn's 1797 handwritten digits, enlarged to 28x28, stand in",
}
KAGGLE_ROWS = 42_000  # the rows of digit-recognizer's train.csv
DIGIT_NAMES = tuple("0123456789")


def shapes(*, split=0, size=28):
    """Load the hand-drawn circles, squares and triangles (Kaggle ``cactus3/basicshapes``).

    Of each class's 100 images 55 train, 15 validate and 30 test; other numbers are split in the same
    proportion. Each class is put into one order by seed 7, which the five splits go round: split k tests the
    places 20k to 20k+29, counted on from the start after the last, and validates on the 15 after these. So
    over the five splits every image is tested once or twice. Exact copies of an image are left out.

    Args:
        split: 0 to 4, which of the five.
        size: side or (height, width) in pixels that the images get.

    Returns:
        An ImageSet with labels 0 circles, 1 squares, 2 triangles; images (n, height, width, 3).

    Raises:
        FileNotFoundError: if a class folder is missing.
        CourseError: if a class has fewer than 5 readable images, or an argument is wrong.
    """
    if not isinstance(split, (int, np.integer)) or isinstance(split, bool) or split not in range(5):
        raise CourseError(f"split must be a whole number from 0 to 4, not {brief(split)}.")
    classes, size = ("circles", "squares", "triangles"), as_size(size)
    folder, where, notes = _folder("shapes")
    files, about_files = read_classes(folder, classes, "shapes")
    files, about_copies = without_copies(files, "shapes")
    parts = {"train": [], "validation": [], "test": []}
    for of_class in shuffled_classes(files, classes, "shapes", at_least=5):
        for part, places in go_round(len(of_class), split).items():
            parts[part] += [of_class[place] for place in places]
    parts = {part: file_part(chosen, classes, "shapes", size) for part, chosen in parts.items()}
    return ImageSet("shapes", where, (*notes, *about_files, *about_copies), classes, folder, **parts)


def cats_vs_dogs(*, size=150):
    """Load photographs of cats and dogs (Kaggle ``dogs-vs-cats``).

    The train folder trains. Half of the validation folder, drawn by seed 7 within each class, chooses
    (validation); the other half reports (test). A photograph that would lie in two parts is kept in one.

    Args:
        size: side or (height, width) in pixels that the images get.

    Returns:
        An ImageSet with labels 0 cats, 1 dogs; images (n, height, width, 3).

    Raises:
        FileNotFoundError: if a class folder is missing.
        CourseError: if a folder has too few readable images, or the size is wrong.
    """
    name, classes, size = "cats_vs_dogs", ("cats", "dogs"), as_size(size)
    folder, where, notes = _folder(name)
    held, about_held = read_classes(folder / "validation", classes, f"{name}/validation")
    held, held_copies = without_copies(held, f"{name}/validation")
    train, about_train = read_classes(folder / "train", classes, f"{name}/train")
    train, train_copies = without_copies(train, f"{name}/train", of=held)
    shuffled_classes(train, classes, f"{name}/train", at_least=1)
    choose, report = [], []
    for of_class in shuffled_classes(held, classes, f"{name}/validation", at_least=2):
        half = len(of_class) // 2
        choose, report = choose + of_class[:half], report + of_class[half:]
    others = about_others(folder, ("train", "validation"), name)
    return ImageSet(
        name,
        where,
        (*notes, *others, *about_train, *train_copies, *about_held, *held_copies),
        classes,
        folder,
        train=file_part(train, classes, "train", size),
        validation=file_part(choose, classes, "validation", size),
        test=file_part(report, classes, "validation", size),
    )


def chest_xray(*, size=150):
    """Load chest X-rays (Kermany et al. 2018; Kaggle ``paultimothymooney/chest-xray-pneumonia``).

    About a fifth of the train folder validates, by patient. The official test part is split by patient into
    a half that may be looked at (``look``) and a half that is reported once (``test``). All three splits are
    stratified by class and kind of pneumonia, as well as patients allow, by seed 7. Numbers count anew in
    the test folder: the same name there need not be the same patient. Patients who share an image (the real
    set has two such) count as one; a training image that is in the official test part is left out.

    Args:
        size: side or (height, width) in pixels that the images get.

    Returns:
        An ImageSet with labels 0 NORMAL, 1 PNEUMONIA, with patients as groups; images (n, height, width, 3).

    Raises:
        FileNotFoundError: if a class folder is missing.
        CourseError: if a class has too few patients, or the size is wrong.
    """
    name, classes, size = "chest_xray", ("NORMAL", "PNEUMONIA"), as_size(size)
    folder, where, notes = _folder(name)
    official, about_test = read_patients(folder / "test", classes, f"{name}/test")
    train, about_train = read_patients(folder / "train", classes, f"{name}/train", left_out=official)
    train, validation = split_by_patient(train, classes, f"{name}/train", folds=5)
    test, look = split_by_patient(official, classes, f"{name}/test", folds=2)
    others = about_others(folder, ("train", "test"), name)
    return ImageSet(
        name,
        where,
        (*notes, *others, *about_train, *about_test),
        classes,
        folder,
        train=file_part(train, classes, "train", size),
        validation=file_part(validation, classes, "train", size),
        test=file_part(test, classes, "test", size),
        look=file_part(look, classes, "test", size),
    )


def digits():
    """Load digits of Kaggle's competition "digit-recognizer".

    Read from its ``train.csv``; where the data folder has MNIST only, MNIST's first 42,000 training images
    take their place. Of the 42,000, 3,000 validate and 5,000 test (seed 7, stratified); another number of
    rows is split in the same proportion. MNIST's own test images are not touched.

    Returns:
        An ImageSet with labels 0 to 9; images (n, 28, 28, 1); numbers are rows counted from 0.

    Raises:
        FileNotFoundError: if a folder of the set is there without its file.
        CourseError: if the file is damaged or too short.
    """
    if course.origin("digits") == "embedded":
        return _embedded_digits("digits")
    folder, notes, source = course.data_folder() / "digit_recognizer", [], "train.csv"
    if os.path.lexists(folder):
        images, labels = read_digit_csv(folder / "train.csv")
    else:
        folder, source = folder.with_name("mnist"), "x_train"
        arrays = read_mnist(folder / "mnist.npz")
        images, labels = arrays["x_train"][:KAGGLE_ROWS, ..., np.newaxis], arrays["y_train"][:KAGGLE_ROWS]
        notes.append(
            "digits: Kaggle's train.csv is not there, so the first "
            f"{len(labels):,} training images of MNIST take its place."
        )
    if len(labels) != KAGGLE_ROWS:
        notes.append(f"digits: {len(labels):,} digits instead of {KAGGLE_ROWS:,}, split in proportion.")
    _check_digits(labels, "digits")
    kept, test = _split_off(np.arange(len(labels)), labels, len(labels) * 5 // 42)
    train, validation = _split_off(kept, labels, len(labels) * 3 // 42)
    return _digit_set(
        "digits",
        notes,
        folder,
        {
            "train": (images, labels, train, source),
            "validation": (images, labels, validation, source),
            "test": (images, labels, test, source),
        },
    )


def mnist():
    """Load MNIST (LeCun et al. 1998), in keras' format and order.

    Of the 60,000 training images 5,000 validate (seed 7, stratified), the others train; the 10,000 test
    images test. Another number of training images is split in the same proportion.

    Returns:
        An ImageSet with labels 0 to 9; images (n, 28, 28, 1); numbers are the public indices.

    Raises:
        FileNotFoundError: if the folder is there without ``mnist.npz``.
        CourseError: if the file is damaged or too short.
    """
    if course.origin("mnist") == "embedded":
        return _embedded_digits("mnist")
    folder = course.data_folder() / "mnist"
    arrays = read_mnist(folder / "mnist.npz")
    counts, notes = (len(arrays["y_train"]), len(arrays["y_test"])), []
    if counts != (60_000, 10_000):
        notes.append(f"mnist: {counts[0]:,} + {counts[1]:,} images instead of 60,000 + 10,000.")
    for labels in (arrays["y_train"], arrays["y_test"]):
        _check_digits(labels, "mnist")
    train, validation = _split_off(np.arange(counts[0]), arrays["y_train"], counts[0] // 12)
    images = {name: arrays[name][..., np.newaxis] for name in ("x_train", "x_test")}
    return _digit_set(
        "mnist",
        notes,
        folder,
        {
            "train": (images["x_train"], arrays["y_train"], train, "x_train"),
            "validation": (images["x_train"], arrays["y_train"], validation, "x_train"),
            "test": (images["x_test"], arrays["y_test"], np.arange(counts[1]), "x_test"),
        },
    )


def _folder(name):
    """Where a set of files lies, its origin, and a note where it is embedded."""
    if course.origin(name) == "embedded":
        return _drawn(name), "embedded", (_stand_in(name),)
    folder = course.data_folder() / name
    if not folder.is_dir():
        raise CourseError(f"{folder} must be a folder of images; take away what lies there.")
    return folder, "real", ()


def _stand_in(name):
    return f"{name}: the real set is not in the data folder, so {STAND_INS[name]}."


def _drawn(name):
    """The folder of an embedded set; drawn on first use, and anew when the code that draws has changed."""
    home = course.build_folder("embedded")
    folder = home / f"{name}-{_drawing_version()}"
    if folder.is_dir():
        return folder
    from helpers.drawing import draw_set  # late: most readers have a real set, or a drawn one already

    with tempfile.TemporaryDirectory(dir=home, prefix=".drawing-") as beside:
        drawn = Path(beside) / name
        drawn.mkdir()
        draw_set(name, drawn)
        try:
            drawn.rename(folder)
        except OSError:  # another process was faster: its folder holds the same images
            if not folder.is_dir():
                raise
    return folder


def _drawing_version():
    """Eight letters that change with the code that draws."""
    found = importlib.util.find_spec("helpers.drawing")
    home = Path(found.origin).parent
    sources = sorted(home.rglob("*.py")) if found.submodule_search_locations else [Path(found.origin)]
    code = b"".join(source.read_bytes().replace(b"\r\n", b"\n") for source in sources)
    return hashlib.sha256(code).hexdigest()[:8]


def _embedded_digits(name):
    images, labels = embedded_digits()
    train, test = _split_off(np.arange(len(labels)), labels, 400)
    train, validation = _split_off(train, labels, 200)
    places = {"train": train, "validation": validation, "test": test}
    parts = {part: (images, labels, chosen, "load_digits") for part, chosen in places.items()}
    return _digit_set(name, [_stand_in(name)], None, parts)


def _check_digits(labels, name):
    """A set too small for its split is an error."""
    fewest = int(np.bincount(labels, minlength=10).min())
    if len(labels) < 140 or fewest < 5:
        raise CourseError(
            f"{name} needs at least 140 digits with 5 of each kind, but has {len(labels)} with "
            f"{fewest} of the rarest: get the file anew."
        )


def _split_off(places, labels, count):
    """Divide places into (the others, ``count`` of them), stratified by seed 7, each in rising order."""
    from sklearn.model_selection import train_test_split  # late: a second that other sets do not need

    kept, taken = train_test_split(places, test_size=count, stratify=labels[places], random_state=course.SPLIT_SEED)
    return np.sort(kept), np.sort(taken)


def _digit_set(name, notes, folder, parts):
    """An ImageSet of arrays; parts: name -> (images, labels, places, source)."""
    made = {
        part: Part(labels[places], DIGIT_NAMES, numbers=places, source=source, pixels=images[places])
        for part, (images, labels, places, source) in parts.items()
    }
    return ImageSet(name, "embedded" if folder is None else "real", tuple(notes), DIGIT_NAMES, folder, **made)
