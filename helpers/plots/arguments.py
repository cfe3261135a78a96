"""What several figures ask of their arguments, in the way of `helpers._shared.arguments`."""

import numpy as np

from helpers import pictures
from helpers._shared.arguments import CourseError, as_list, as_mapping, as_number, as_numbers, brief

__all__ = ["as_named", "as_pictures", "as_reference", "as_rows", "as_shares", "as_values"]


def as_named(things, name):
    """Return a dict from names to things, with at least one of them.

    Args:
        things: what came.
        name: what it is called, in the plural.

    Returns:
        The dict.

    Raises:
        CourseError: if it is no dict, or empty.
    """
    if not as_mapping(things, name):
        raise CourseError(f"at least one of the {name} is needed, and none came: give a dict from names to values.")
    return things


def as_reference(reference):
    """Return a dict from names to numbers, which are drawn as lines.

    Args:
        reference: what came; None for no lines.

    Returns:
        A dict from name to float.

    Raises:
        CourseError: if it is no dict, or a value is no finite number.
    """
    reference = {} if reference is None else as_mapping(reference, "reference")
    return {name: as_number(value, f"reference {name!r}") for name, value in reference.items()}


def as_values(values, name):
    """Return one or several finite numbers.

    Args:
        values: what came: a number, or an array or list ``(n,)``.
        name: what it is called.

    Returns:
        float64 array ``(n,)``.

    Raises:
        CourseError: if there is none, one is not finite, or there is more than one axis.
    """
    numbers = np.atleast_1d(as_numbers(values, name)).astype(float)
    if numbers.ndim != 1 or not numbers.size or not np.isfinite(numbers).all():
        raise CourseError(f"{name} needs at least one number, all finite, and {brief(values)} came: give a list.")
    return numbers


def as_rows(values, name, count, what, *, finite=False):
    """Return one row of numbers, or several, such as one a seed.

    Args:
        values: what came: ``(count,)`` or ``(rows, count)``.
        name: what it is called.
        count: how many numbers a row must have; None for any.
        what: what there is a number for, such as "layers".
        finite: whether every number must be finite.

    Returns:
        float64 array ``(rows, count)``.

    Raises:
        CourseError: if there is none, or the rows are longer or shorter.
    """
    rows = np.atleast_2d(as_numbers(values, name, finite=finite)).astype(float)
    if rows.ndim != 2 or not rows.size or count not in (None, rows.shape[1]):
        each = f"the {count} {what}" if count else what
        raise CourseError(f"{name} needs one value for each of {each}, not {rows.shape}: give a row for each seed.")
    return rows


def as_shares(counts, name):
    """Return counts of the parts of wholes as shares of each whole.

    Args:
        counts: what came: ``(..., parts)``, 0 or more.
        name: what they are called.

    Returns:
        float64 array ``(..., parts)``, each row adding up to 1.

    Raises:
        CourseError: if a count is below 0 or not finite, or a whole has nothing.
    """
    counts = as_numbers(counts, name, finite=True).astype(float)
    totals = counts.sum(axis=-1, keepdims=True)
    if not (counts >= 0).all() or not totals.all():
        raise CourseError(f"{name} must be counts of 0 or more, not all 0, and {counts.tolist()} came: count again.")
    return counts / totals


def as_pictures(images, titles):
    """Return images as they can be drawn, with a title for each.

    Args:
        images: an array or list of images, each as for `helpers.pictures.image_picture`.
        titles: as many words; None for none.

    Returns:
        A list of float32 arrays ``(height, width)`` or ``(height, width, 3)``, values 0..1, and a list of texts,
        empty where there are no titles.

    Raises:
        CourseError: if there is no image, or the titles do not match.
    """
    images = as_list(images, "images")
    if not images:
        raise CourseError("at least one image is needed, and none came: give a list of images.")
    titles = [""] * len(images) if titles is None else as_list(titles, "titles", len(images))
    return [pictures.image_picture(image) for image in images], list(map(str, titles))
