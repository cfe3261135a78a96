"""What several figures ask of their arguments, in the way of `helpers._shared.arguments`."""

import numpy as np

from helpers import pictures
from helpers._shared.arguments import as_list, as_mapping, as_number, as_numbers, brief
from helpers._shared.errors import CourseError

__all__ = ["as_named", "as_pair", "as_pictures", "as_reference", "as_rows", "as_values"]


def as_named(things, name):
    """Return a dict from names to things, with at least one of them."""
    if not as_mapping(things, name):
        raise CourseError(f"at least one of the {name} is needed, and none came: give a dict from names to values.")
    return things


def as_reference(reference):
    """Return a dict from names to numbers, empty where there is none."""
    reference = {} if reference is None else as_mapping(reference, "reference")
    return {name: as_number(value, f"reference {name!r}") for name, value in reference.items()}


def as_values(values, name):
    """Return one or several finite numbers as a flat array of floats."""
    numbers = np.atleast_1d(as_numbers(values, name)).astype(float)
    if numbers.ndim != 1 or not numbers.size or not np.isfinite(numbers).all():
        raise CourseError(f"{name} needs at least one number, all finite, and {brief(values)} came: give a list.")
    return numbers


def as_pair(pair, name):
    """Return two lists of numbers as two arrays of floats."""
    pair = as_list(pair, name)
    if len(pair) != 2:
        raise CourseError(f"{name} must be two lists of numbers, and {brief(pair)} came: give two lists.")
    return [as_numbers(part, name).astype(float) for part in pair]


def as_rows(values, name, count, what, *, finite=False):
    """Return numbers ``(count,)`` or ``(rows, count)``, such as one row a seed, as floats ``(rows, count)``."""
    rows = np.atleast_2d(as_numbers(values, name, finite=finite)).astype(float)
    if rows.ndim != 2 or not rows.size or count not in (None, rows.shape[1]):
        each = f"the {count} {what}" if count else what
        raise CourseError(
            f"{name} needs one value for each of {each}, and {rows.shape} came: give a row for each seed."
        )
    return rows


def as_pictures(images, titles):
    """Return images as pictures, see `helpers.pictures.image_picture`, and a title for each, empty without titles."""
    images = as_list(images, "images")
    titles = [""] * len(images) if titles is None else [str(words) for words in as_list(titles, "titles")]
    if not images or len(titles) != len(images):
        raise CourseError(
            f"a title for each image is needed, and {len(images)} images came with {len(titles)} titles: "
            "give at least one image, and as many titles as images."
        )
    return [pictures.image_picture(image) for image in images], titles
