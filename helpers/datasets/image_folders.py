"""Folders of images: reading them class by class, and splitting them so that no image lies in two parts."""

import re
from pathlib import Path
from typing import NamedTuple

import numpy as np

from helpers._shared.errors import CourseError
from helpers.course import SPLIT_SEED
from helpers.datasets.image_files import check_folder, name_first

__all__ = ["ImageFile", "about_others", "by_class", "go_round", "read_classes", "read_patients", "split_by_patient"]

PATIENT = re.compile(r"person[0-9]+(?=_)|(NORMAL2-)?IM-[0-9]+(?=-)|.+(?=\.)")  # else the name without its ending
WHAT_TO_DO = "run python -m helpers data, or take the set away"


class ImageFile(NamedTuple):
    """One readable image file.

    Args:
        path: where it lies.
        label: place of its class in the class names.
        content: a text that is equal for equal pixels.
        patient: whose X-ray it is, else empty.
    """

    path: Path
    label: int
    content: str
    patient: str = ""

    def __str__(self):
        return f"{self.path.parent.name}/{self.path.name}"


def read_classes(folder, classes, name, *, copies_of=None):
    """List the readable images of a folder with one folder a class, without exact copies.

    Args:
        folder: the folder above the class folders.
        classes: names of the class folders; a label is a place among them.
        name: what the sentences call the folder, such as "chest_xray/test".
        copies_of: another part's list of ImageFile, whose copies are left out; None leaves out those of each other.

    Returns:
        A list of ImageFile, in the order of classes and names, and a list of notes (sentences).

    Raises:
        FileNotFoundError: if a class folder is missing.
    """
    missing = [class_name for class_name in classes if not (folder / class_name).is_dir()]
    if missing:
        asked = f"{folder} must hold the folders {', '.join(classes)}"
        raise FileNotFoundError(f"{asked}, but has no {' and no '.join(missing)}: {WHAT_TO_DO}.")
    files, notes = [], about_others(folder, classes, name)
    for label, class_name in enumerate(classes):
        contents, about_class = check_folder(folder / class_name, name=f"{name}/{class_name}")
        files += [ImageFile(path, label, content) for path, content in contents.items()]
        notes += about_class
    first = {file.content: file for file in copies_of or ()}
    kept, dropped = [], []
    for file in files:
        original = first.get(file.content) if copies_of is not None else first.setdefault(file.content, file)
        if original in (None, file):
            kept.append(file)
        else:
            dropped.append(f"{file} (the same as {original})")
    if dropped:
        where = "the same folder" if copies_of is None else "another part"
        notes.append(f"{name}: exact copies of images in {where} are left out: {name_first(dropped)}.")
    return kept, notes


def about_others(folder, expected, name):
    """Say what lies in a folder beside what belongs there.

    Args:
        folder: the folder to look into.
        expected: the names that belong there.
        name: what the sentence calls the folder.

    Returns:
        A list of one sentence, or an empty one.
    """
    others = sorted({path.name for path in folder.iterdir()} - {*expected, "README.md", "README.txt"})
    return [f"{name}: not read, as none of {', '.join(expected)}: {name_first(others)}."] if others else []


def by_class(files, classes, name, *, at_least, notes=(), advice=WHAT_TO_DO):
    """Sort files by their classes, each class in an order drawn by seed 7.

    Args:
        files: list of ImageFile.
        classes: the class names.
        name: what the error calls their folder.
        at_least: how many images each class needs.
        notes: sentences on what was left out; the error quotes the first about its class.
        advice: what to do where there are too few.

    Returns:
        A list of lists of ImageFile, one a class.

    Raises:
        CourseError: if a class has too few images.
    """
    every = []
    for label, class_name in enumerate(classes):
        of_class = [file for file in files if file.label == label]
        if len(of_class) < at_least:
            place = f"{name}/{class_name}"
            reasons = [f" ({note.rstrip('.')})" for note in notes if note.startswith((f"{place}:", f"{place}/"))]
            needed = f"{place} needs {at_least} different readable images and has {len(of_class)}"
            raise CourseError(f"{needed}{''.join(reasons[:1])}: {advice}.")
        every.append([of_class[place] for place in np.random.default_rng(SPLIT_SEED).permutation(len(of_class))])
    return every


def go_round(count, split):
    """Divide the places of one class so that five splits test each place once or twice.

    Args:
        count: how many images the class has, at least 5.
        split: 0 to 4.

    Returns:
        Dict of "test" (30 % of the places, from a fifth to the next but one), "validation" (the 15 % after
        them) and "train" (the others): int arrays of places 0 to count - 1.
    """
    test = max(-(-count // 5), round(0.30 * count))  # no place may fall between two splits
    validation = max(1, round(0.15 * count))
    places = np.roll(np.arange(count), -round(split * count / 5))
    return dict(zip(("test", "validation", "train"), np.split(places, [test, test + validation]), strict=True))


def read_patients(folder, classes, name, *, left_out=()):
    """List the readable X-rays of a folder with their patients.

    ``person123_virus_4`` is patient person123, ``IM-0115-0001`` IM-0115, ``NORMAL2-IM-0027-0001``
    NORMAL2-IM-0027; any other name is a patient of its own.

    Args:
        folder: the folder above the class folders.
        classes: names of the class folders.
        name: what the sentences call the folder.
        left_out: list of ImageFile whose copies are not wanted.

    Returns:
        A list of ImageFile and a list of notes.

    Raises:
        FileNotFoundError: if a class folder is missing.
    """
    files, notes = read_classes(folder, classes, name, copies_of=left_out)
    patients = [PATIENT.match(file.path.name)[0] for file in files]
    unknown = [file.path.name for file, patient in zip(files, patients) if patient == file.path.stem]
    if unknown:
        notes.append(f"{name}: the name tells no patient, so each is one of its own: {name_first(unknown)}.")
    name_of, first = dict(zip(patients, patients)), {}  # first: content -> the patient of its first file
    for file, patient in zip(files, patients):  # who share an image get one name, so that no split parts them
        one, other = name_of[patient], name_of[first.setdefault(file.content, patient)]
        if one != other:
            name_of = {each: other if main == one else main for each, main in name_of.items()}
    same = [f"{patient} and {main}" for patient, main in name_of.items() if main != patient]
    if same:
        notes.append(f"{name}: patients who share an image count as one: {name_first(same)}.")
    copies = len(files) - len(first)
    if copies:
        kept = f"each kept in one part with its original: {copies} of {len(files)}"
        notes.append(f"{name}: exact copies of other images, {kept}.")
    return [file._replace(patient=name_of[patient]) for file, patient in zip(files, patients)], notes


def split_by_patient(files, classes, name, *, folds):
    """Take one of several equal folds away, stratified by seed 7, no patient on both sides.

    Args:
        files: list of ImageFile with patients.
        classes: the class names.
        name: what the error calls their folder.
        folds: how many folds.

    Returns:
        Two lists of ImageFile: all but one fold, and that one.

    Raises:
        CourseError: if a side would lack a class, as there are too few patients.
    """
    from sklearn.model_selection import StratifiedGroupKFold  # late: a second that other sets do not need

    labels = np.array([file.label for file in files])
    kinds = np.array([2 if "_virus_" in file.path.name else file.label for file in files])
    strata = kinds if np.unique(kinds, return_counts=True)[1].min() >= folds else labels
    folding = StratifiedGroupKFold(folds, shuffle=True, random_state=SPLIT_SEED)
    few = CourseError(f"{name} has too few patients to split, with every class on both sides: {WHAT_TO_DO}.")
    try:
        sides = next(folding.split(files, strata, [file.patient for file in files]))
    except ValueError:  # fewer than folds
        raise few from None
    if any(len(np.unique(labels[side])) < len(classes) for side in sides):
        raise few
    return tuple([files[place] for place in side] for side in sides)
