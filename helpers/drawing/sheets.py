"""A contact sheet: many small pictures on one, to look at a set as a whole."""

import math
import re
from pathlib import Path

import numpy as np
from PIL import Image, UnidentifiedImageError

from helpers._shared.arguments import as_array, as_whole_number, brief
from helpers._shared.errors import CourseError

__all__ = ["contact_sheet"]

SUFFIXES = (".png", ".jpg", ".jpeg")
GAP = 2  # pixels
PAPER = (225, 225, 225)


def contact_sheet(folder_or_images, *, columns=10, per_class=20):
    """Put many pictures side by side on one sheet.

    Args:
        folder_or_images: a folder, whose image files are shown class folder by class folder, each from a new
            row on; or a list of arrays (height, width), (height, width, 1) or (height, width, 3) of uint8
            0..255 or bool.
        columns: pictures in a row.
        per_class: how many of each class folder are shown, the first ones by number; None shows all. Counts
            for a folder only.

    Returns:
        Pillow image in RGB; each place has the size of the largest picture.

    Raises:
        CourseError: if there is nothing to show, or a number is below 1.
        NotADirectoryError: if the folder is none.
    """
    as_whole_number(columns, "columns")
    if per_class is not None:
        as_whole_number(per_class, "per_class")
    if isinstance(folder_or_images, (str, Path)):
        groups = [[_opened(path) for path in paths] for paths in _class_files(folder_or_images, per_class)]
    elif hasattr(folder_or_images, "__len__") and getattr(folder_or_images, "ndim", 1):
        groups = [[_picture(image) for image in folder_or_images]]
    else:
        raise CourseError(
            "a contact sheet is made of a folder or of a list of arrays, not of "
            f"{brief(folder_or_images)}: give one of the two."
        )
    if not any(groups):
        raise CourseError(
            "a contact sheet needs at least one picture, and there was none: give a folder with "
            "PNG or JPEG files, or a list of arrays."
        )
    return _sheet(groups, columns)


def _class_files(folder, per_class):
    """The image files of a folder and of all below it: one list a folder, in the order of their numbers."""
    folder = Path(folder)
    if not folder.is_dir():
        raise NotADirectoryError(
            f"a contact sheet is made of a folder or of arrays, and {folder.name!r} is no folder: name one."
        )
    found = {}
    for path in sorted(folder.rglob("*"), key=_by_number):
        if path.suffix.lower() in SUFFIXES:
            found.setdefault(path.parent, []).append(path)
    return [found[parent][:per_class] for parent in sorted(found)]


def _by_number(path):
    """drawing(2) before drawing(10)."""
    return [int(part) if part.isdigit() else part for part in re.split(r"(\d+)", path.name)]


def _opened(path):
    try:
        with Image.open(path) as image:
            return image.convert("RGB")
    except (UnidentifiedImageError, OSError) as error:
        raise CourseError(f"{path.name} cannot be read as an image: remove it or replace it.") from error


def _picture(image):
    array = as_array(image)
    if array.dtype == bool:
        array = array.astype(np.uint8) * 255
    if array.ndim == 3 and array.shape[2] == 1:
        array = array[:, :, 0]
    colours = array.ndim == 2 or (array.ndim == 3 and array.shape[2] == 3)
    if array.dtype != np.uint8 or not colours or not array.size:
        raise CourseError(
            "a picture must be an array (height, width) or (height, width, 3) of uint8 or bool, "
            f"not {array.shape} of {array.dtype}: convert it first."
        )
    return Image.fromarray(array).convert("RGB")


def _sheet(groups, columns):
    wide = max(image.width for group in groups for image in group) + GAP
    high = max(image.height for group in groups for image in group) + GAP
    rows = sum(math.ceil(len(group) / columns) for group in groups)
    widest = min(columns, max(len(group) for group in groups))
    sheet = Image.new("RGB", (widest * wide + GAP, rows * high + GAP), PAPER)
    row = 0
    for group in groups:
        for place, image in enumerate(group):
            sheet.paste(image, (GAP + place % columns * wide, GAP + (row + place // columns) * high))
        row += math.ceil(len(group) / columns)
    return sheet
