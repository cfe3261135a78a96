"""Images of your own: a folder with one folder a class, prepared the same way for training and for one new file."""

import os
import re
from collections import Counter
from dataclasses import dataclass
from pathlib import Path, PurePosixPath

import numpy as np

from helpers import course
from helpers._shared.arguments import CourseError, as_names, as_path, as_whole_number
from helpers.datasets import image_folders
from helpers.datasets.image_files import name_first, natural_order, read_fitted, set_folder, with_progress

__all__ = ["OwnImages", "own_image", "own_images", "proposed_groups"]

NAME = "hand_drawn_shapes"  # what is read where no folder is named
CLASSES, LEAST = 20, 20  # at most so many classes, of at least so many images each
STAND_IN = f"{NAME}: the real set is not in the data folder, so shapes of twelve drawn hands stand in."
BY_HAND = "counts as a group of its own: where several show one person, thing or place, give them one group by hand"


@dataclass(frozen=True, eq=False, repr=False)
class OwnImages:
    """Images of several classes, all in memory, in the order of classes and names.

    Args:
        images: float32 array (n, size, size, 3), values 0..1.
        labels: int64 array (n,), places in ``class_names``.
        class_names: tuple of str, the names of the class folders.
        files: tuple of n str, class and file name: "ellipse/person07_12.png".
        sizes: int64 array (n, 2), height and width of each file in pixels.
        notes: tuple of sentences: what stands in, what was left out, and why.
        origin: "own" (a folder that was named), "real" (hand_drawn_shapes of the data folder) or "embedded".
        folder: Path of the folder above the class folders, where ``files`` lie.
    """

    images: np.ndarray
    labels: np.ndarray
    class_names: tuple
    files: tuple
    sizes: np.ndarray
    notes: tuple
    origin: str
    folder: Path

    def __repr__(self):
        counts = zip(self.class_names, np.bincount(self.labels, minlength=len(self.class_names)), strict=True)
        return f"{len(self.labels)} images ({self.origin}): {', '.join(f'{name} {count}' for name, count in counts)}"


def own_images(folder=None, *, size=64):
    """Load a folder that holds one folder of images for each class.

    Every image is prepared as by ``own_image``. Files that cannot be read and exact copies are left out.

    Args:
        folder: the folder above the class folders; a relative name counts from the repository root. None takes
            the one that the environment variable OWN_IMAGES names, else the data folder's hand_drawn_shapes
            (Francois Robert 2022), else shapes that the course draws by twelve hands.
        size: side of the square images in pixels, 8 to 512.

    Returns:
        An OwnImages.

    Raises:
        NotADirectoryError: if there is no such folder.
        CourseError: if it has not 2 to 20 class folders with 20 different readable images each, or an argument is
            wrong.
    """
    as_whole_number(size, "size", least=8, most=512)
    named = os.environ.get("OWN_IMAGES") if folder is None else as_path(folder, "the folder")
    folder = (course.ROOT / Path(named).expanduser() if named else set_folder(NAME)).resolve()
    origin = "own" if named else course.origin(NAME)
    if not folder.is_dir():
        raise NotADirectoryError(f"{str(folder)!r} is no folder: correct its name (or OWN_IMAGES), or take it away.")
    advice = "put that right, or name another folder" if origin == "own" else image_folders.WHAT_TO_DO
    # not those that are hidden, such as the __MACOSX of an archive
    found = [path.name for path in folder.iterdir() if path.is_dir() and path.name[0] not in "._"]
    classes = tuple(sorted(found, key=natural_order))
    if not 2 <= len(classes) <= CLASSES:
        raise CourseError(f"{folder} must hold 2 to {CLASSES} class folders, and holds {len(classes)}: {advice}.")
    files, notes = image_folders.read_classes(folder, classes, folder.name)
    notes = [note for note in notes if " converted to plain " not in note]  # of phones that is every photo
    image_folders.by_class(files, classes, folder.name, at_least=LEAST, notes=notes, advice=advice)
    images, sizes = np.empty((len(files), size, size, 3), np.float32), []
    for place, file in enumerate(with_progress(files, "reading")):
        images[place], shape = read_fitted(file.path, size)
        sizes.append(shape)
    labels, names = np.array([file.label for file in files]), tuple(map(str, files))
    notes = (STAND_IN, *notes) if origin == "embedded" else tuple(notes)
    return OwnImages(images, labels, classes, names, np.array(sizes), notes, origin, folder)


def own_image(path, *, size=64):
    """Read one image file exactly as ``own_images`` prepares those of a folder.

    It is turned upright, keeps its aspect ratio and fits whole into the square; what is left of the square, on two
    sides, gets the mean colour of the image's own border.

    Args:
        path: the file.
        size: side of the square image in pixels, 8 to 512.

    Returns:
        float32 array (size, size, 3), values 0..1.

    Raises:
        FileNotFoundError: if there is no such file.
        CourseError: if it cannot be read as an image, or an argument is wrong.
    """
    as_whole_number(size, "size", least=8, most=512)
    return read_fitted(path, size)[0]


def proposed_groups(files):
    """Propose from file names which images belong together, and so into one part.

    The group is the name up to its last number but one: "person07" for person07_12, "IM-0115" for IM-0115-0001; of a
    name with one number what stands before it: "anna" for anna_3. A group that holds more than half of a class (IMG
    of IMG_0001, cat of cat.12) is no use for a split: each of its images becomes a group of its own, with a warning.
    Whoever took the images knows better: look at the groups before you use them.

    Args:
        files: list of n str, class and file name: "ellipse/person07_12.png".

    Returns:
        A list of n str, the group of each file, and a tuple of warnings (sentences).

    Raises:
        CourseError: if there are no files, or they are no texts.
    """
    files = as_names(files, "files")
    if not files:
        raise CourseError("files must be names, one at least, and [] came: give what own_images found as its files.")
    classes, groups = [file.rpartition("/")[0] for file in files], [_beginning(file) for file in files]
    in_class, counts = Counter(classes), Counter(zip(classes, groups, strict=True))
    large = {group for (name, group), count in counts.items() if count > max(1, in_class[name] / 2)}
    groups = [file if group in large else group for file, group in zip(files, groups, strict=True)]
    warnings = []
    if large:
        names = name_first(sorted(large))
        warnings.append(f"More than half of a class begins with {names}, so each image of these {BY_HAND}.")
    elif len(set(groups)) == len(groups):
        warnings.append(f"No two names begin alike, so each image {BY_HAND}.")
    found = Counter(name for name, _ in dict.fromkeys(zip(classes, groups, strict=True)))
    few = [f"{name} {count}" for name, count in found.items() if count < 3]
    if few:
        warnings.append(f"Three parts need three groups of each class, and there are fewer: {name_first(few)}.")
    return groups, tuple(warnings)


def _beginning(file):
    """What a file's name has before its last number; of two or more numbers up to the last but one."""
    stem = PurePosixPath(file).stem
    match = re.match(r"(.*\d)\D+\d+\D*$", stem) or re.match(r"(\D*?)[\W_]*\d+\D*$", stem)
    return (match[1] or "a number") if match else stem
