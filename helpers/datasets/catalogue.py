"""The five sets of images, real where the data folder has them, else embedded, always split the same way.

Validation chooses, test reports once; the parts share no image, by name, by content or (X-rays) by patient.
Files that cannot be read are left out, others are converted where needed, and the set's ``notes`` name them.
"""

import os
import re

import numpy as np

from helpers import course
from helpers._shared.arguments import CourseError, as_size, as_whole_number
from helpers.datasets import image_folders
from helpers.datasets.digit_files import embedded_digits, read_digit_csv, read_mnist
from helpers.datasets.image_files import natural_order, set_folder
from helpers.datasets.parts import ImageSet, Part

__all__ = ["cats_vs_dogs", "chest_xray", "digits", "mnist", "shapes"]

DIGITS_STAND_IN = "scikit-learn's 1797 handwritten digits, enlarged to 28x28, stand in"
SETS = {  # name -> class names, and what stands in where the real set is not in the data folder
    "shapes": (("circles", "squares", "triangles"), "shapes drawn by the course stand in"),
    "cats_vs_dogs": (("cats", "dogs"), "cats and dogs drawn by the course stand in"),
    "chest_xray": (("NORMAL", "PNEUMONIA"), "drawn phantoms stand in, which are NOT medical images"),
    "digits": (tuple("0123456789"), DIGITS_STAND_IN),
    "mnist": (tuple("0123456789"), DIGITS_STAND_IN),
}
KAGGLE_ROWS = 42_000  # the rows of digit-recognizer's train.csv


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
    split, size = as_whole_number(split, "split", least=0, most=4), as_size(size)
    folder, classes = set_folder("shapes"), SETS["shapes"][0]
    files, notes = image_folders.read_classes(folder, classes, "shapes")
    parts = {"train": [], "validation": [], "test": []}
    for of_class in image_folders.by_class(files, classes, "shapes", at_least=5):
        for part, places in image_folders.go_round(len(of_class), split).items():
            parts[part] += [of_class[place] for place in places]
    return _image_set("shapes", folder, notes, size, **parts)


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
    name, size = "cats_vs_dogs", as_size(size)
    folder, classes = set_folder(name), SETS[name][0]
    held, about_held = image_folders.read_classes(folder / "validation", classes, f"{name}/validation")
    train, about_train = image_folders.read_classes(folder / "train", classes, f"{name}/train", copies_of=held)
    image_folders.by_class(train, classes, f"{name}/train", at_least=1)
    choose, report = [], []
    for of_class in image_folders.by_class(held, classes, f"{name}/validation", at_least=2):
        half = len(of_class) // 2
        choose, report = choose + of_class[:half], report + of_class[half:]
    notes = [*image_folders.about_others(folder, ("train", "validation"), name), *about_train, *about_held]
    return _image_set(name, folder, notes, size, train=train, validation=choose, test=report)


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
    name, size = "chest_xray", as_size(size)
    folder, classes = set_folder(name), SETS[name][0]
    official, about_test = image_folders.read_patients(folder / "test", classes, f"{name}/test")
    train, about_train = image_folders.read_patients(folder / "train", classes, f"{name}/train", left_out=official)
    train, validation = image_folders.split_by_patient(train, classes, f"{name}/train", folds=5)
    test, look = image_folders.split_by_patient(official, classes, f"{name}/test", folds=2)
    notes = [*image_folders.about_others(folder, ("train", "test"), name), *about_train, *about_test]
    return _image_set(name, folder, notes, size, train=train, validation=validation, test=test, look=look)


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
    folder, notes = course.data_folder() / "digit_recognizer", []
    if os.path.lexists(folder):
        images, labels = read_digit_csv(folder / "train.csv")
    else:
        folder = folder.with_name("mnist")
        arrays = read_mnist(folder / "mnist.npz")
        images, labels = arrays["x_train"][:KAGGLE_ROWS], arrays["y_train"][:KAGGLE_ROWS]
        instead = f"the first {len(labels):,} training images of MNIST take its place"
        notes.append(f"digits: Kaggle's train.csv is not there, so {instead}.")
    count = len(labels)
    if count != KAGGLE_ROWS:
        notes.append(f"digits: {count:,} digits instead of {KAGGLE_ROWS:,}, split in proportion.")
    test, validation, train = _digit_parts("digits", images, labels, count * 5 // 42, count * 3 // 42)
    return _image_set("digits", folder, notes, train=train, validation=validation, test=test)


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
    validation, train = _digit_parts("mnist", arrays["x_train"], arrays["y_train"], counts[0] // 12)
    (test,) = _digit_parts("mnist", arrays["x_test"], arrays["y_test"])
    return _image_set("mnist", folder, notes, train=train, validation=validation, test=test)


def _embedded_digits(name):
    test, validation, train = _digit_parts(name, *embedded_digits(), 400, 200)
    return _image_set(name, None, [], train=train, validation=validation, test=test)


def _digit_parts(name, images, labels, *counts):
    """Parts of so many digits each, drawn one after the other by seed 7, stratified; the last part is of all others."""
    from sklearn.model_selection import train_test_split  # late: a second that other sets do not need

    rarest = np.bincount(labels, minlength=10).min()
    if rarest < 14:
        raise CourseError(f"{name} needs 14 of each digit, and has {rarest} of the rarest: get the file anew.")
    rest, drawn = np.arange(len(labels)), []
    for count in counts:
        rest, taken = train_test_split(rest, test_size=count, stratify=labels[rest], random_state=course.SPLIT_SEED)
        rest.sort()
        drawn.append(np.sort(taken))
    classes = SETS[name][0]
    return [Part(labels[places], classes, places, pixels=images[places]) for places in (*drawn, rest)]


def _image_set(name, folder, notes, size=None, **parts):
    """An ImageSet of Parts, or of lists of ImageFile where a size is given."""
    classes, stand_in = SETS[name]
    if size is not None:
        parts = {part: _file_part(files, classes, size) for part, files in parts.items()}
    origin = course.origin(name)
    if origin == "embedded":
        notes = [f"{name}: the real set is not in the data folder, so {stand_in}.", *notes]
    return ImageSet(name, origin, tuple(notes), classes, folder, **parts)


def _file_part(files, classes, size):
    """A Part of ImageFiles, in the order of classes and names."""
    files = sorted(files, key=lambda file: (file.label, natural_order(file.path.name)))
    labels, paths = [file.label for file in files], tuple(file.path for file in files)
    digits = [re.findall(r"[0-9]{1,18}", path.stem) for path in paths]
    numbers = [int(each[-1]) if each else -1 for each in digits]
    patients = tuple(file.patient for file in files if file.patient)
    return Part(labels, classes, numbers, paths, patients, size)
