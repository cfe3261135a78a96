"""What public functions ask of their arguments: one sentence that says what is needed, what came and what to do."""

import math
import operator
import os
from collections.abc import Mapping
from pathlib import Path

import numpy as np

from helpers._shared.errors import CourseError

__all__ = [
    "as_any_array",
    "as_number_between",
    "as_size",
    "brief",
    "as_mapping",
    "as_class_labels",
    "as_path",
    "as_finite_numbers",
    "as_function",
    "as_list",
    "as_names",
    "as_numbers",
    "as_indices",
    "as_number",
    "as_text",
    "as_whole_number",
]

LONGEST = 60  # characters of what came, in a sentence


def brief(value):
    """Name what came, in a few words on one line: an array by its shape.

    Args:
        value: anything.

    Returns:
        Text.
    """
    if isinstance(value, np.ndarray):
        return f"an array of {value.dtype.name} of shape {value.shape}"
    words = " ".join(repr(value).split())
    return words if len(words) <= LONGEST else words[: LONGEST - 3] + "..."


def as_whole_number(number, name, *, least=1):
    """Return a whole number that is large enough, or say in a sentence that it is not.

    Args:
        number: what the caller gave.
        name: what it is, for the sentence.
        least: the smallest number allowed.

    Returns:
        The number as an int.

    Raises:
        CourseError: if it is no whole number, or too small.
    """
    try:
        whole = operator.index(number)
    except TypeError:
        whole = least - 1
    if whole < least or isinstance(number, bool):
        raise CourseError(f"{name} must be a whole number of at least {least}, not {brief(number)}: correct it.")
    return whole


def as_number(value, name, *, low=-math.inf, high=math.inf, finite=True):
    """Return a number within its range, or say in a sentence that it is not.

    Args:
        value: what the caller gave.
        name: what it is, for the sentence.
        low: the smallest number allowed.
        high: the largest number allowed.
        finite: False where infinity is a number, too.

    Returns:
        The number as a float. True and False are none.

    Raises:
        CourseError: if it is no number, NaN, or outside of the range.
    """
    if not _is_real(value) or not low <= value <= high or (finite and not math.isfinite(value)):
        within = f" from {low:g} to {high:g}" if high < math.inf else f" of at least {low:g}" if low > -math.inf else ""
        kind = "finite number" if finite else "number"
        raise CourseError(f"{name} must be a {kind}{within}, not {brief(value)}: correct it.")
    return float(value)


def as_number_between(value, name, low, high=math.inf):
    """Return a finite number between two others, both left out, or say in a sentence that it is not.

    Args:
        value: what the caller gave.
        name: what it is, for the sentence.
        low: what it must be above.
        high: what it must be below.

    Returns:
        The number as a float. True and False are none.

    Raises:
        CourseError: if it is no finite number of that range.
    """
    if not _is_real(value) or not low < value < high or not math.isfinite(value):
        within = f"above {low:g}" + (f" and below {high:g}" if high < math.inf else "")
        raise CourseError(f"{name} must be a finite number {within}, not {brief(value)}: correct it.")
    return float(value)


def _is_real(value):
    return isinstance(value, (int, float, np.integer, np.floating)) and not isinstance(value, bool)


def as_any_array(values):
    """View anything as an array, also what NumPy makes none of, such as lists of different lengths.

    Args:
        values: what the caller gave.

    Returns:
        The array; of what is none an empty one of objects, so that whoever asks for its type or shape refuses it.
    """
    try:
        return np.asarray(values)
    except (TypeError, ValueError):
        return np.empty(0, object)


def as_numbers(values, name):
    """View something as an array of numbers, or say in a sentence that it is none.

    Args:
        values: what the caller gave; True and False count as 1 and 0.
        name: what it is, for the sentence.

    Returns:
        The array; a half-precision one of TensorFlow or JAX (bfloat16) comes as it is.

    Raises:
        CourseError: if it holds texts, objects or complex numbers, or lists of different lengths.
    """
    array = as_any_array(values)
    if array.dtype.kind not in "biuf" and "float" not in array.dtype.name:
        raise CourseError(f"{name} must be an array of numbers, not {brief(values)}: give what was measured or read.")
    return array


def as_finite_numbers(values, name):
    """View something as an array of finite numbers: what is ranked, fitted or compared may hold no NaN.

    Args:
        values: what the caller gave.
        name: what it is, for the sentence.

    Returns:
        The array.

    Raises:
        CourseError: if it is no array of numbers, or some of them are NaN or infinite.
    """
    array = as_numbers(values, name)
    wrong = array.size - np.count_nonzero(np.isfinite(array))
    if wrong:
        raise CourseError(f"{name} must be finite, and {wrong} of {array.size:,} values are not: leave these out.")
    return array


def as_class_labels(labels, images):
    """View labels as whole numbers from 0, one for each image, or say in a sentence that they are none.

    Args:
        labels: what the caller gave.
        images: how many images there are.

    Returns:
        int32 array ``(images,)``.

    Raises:
        CourseError: if they are no whole numbers, not as many as images, or one is below 0.
    """
    array = as_any_array(labels)
    if array.shape != (images,) or array.dtype.kind not in "iu":
        raise CourseError(
            f"labels must be {images} whole numbers, one for each image, and {array.dtype.name} of shape "
            f"{array.shape} came: use labels.argmax(-1) for one-hot labels, labels.astype(int) for floats."
        )
    if array.min() < 0:
        raise CourseError(f"labels must be 0 or more, and {array.min()} came: number the classes from 0.")
    return array.astype(np.int32)


def as_indices(values, name):
    """View one or several whole numbers from 0 as a flat array of integers.

    Args:
        values: what the caller gave.
        name: what they are, for the sentence.

    Returns:
        Integer array ``(k,)``; empty for an empty list.

    Raises:
        CourseError: if they are no whole numbers, or one is below 0.
    """
    array = as_numbers(values, name).ravel()
    if array.size and (array.dtype.kind not in "iu" or array.min() < 0):
        raise CourseError(f"{name} must be whole numbers of 0 or more, not {brief(values)}: count from 0.")
    return array.astype(int)


def as_list(things, name):
    """Return several things as a list, or say in a sentence that they are not several.

    Args:
        things: what the caller gave: a list, a tuple, an array or anything else that can be gone through.
        name: what it is, for the sentence.

    Returns:
        A list.

    Raises:
        CourseError: if it is a text, a dict, or a single thing.
    """
    try:
        found = None if isinstance(things, (str, bytes, dict)) else list(things)
    except TypeError:
        found = None
    if found is None:
        raise CourseError(f"{name} must be a list, not {brief(things)}: one alone goes into a list, too.")
    return found


def as_mapping(things, name):
    """Return a dict, or another mapping, from names to things, or say in a sentence that it is none.

    Args:
        things: what the caller gave.
        name: what it is, for the sentence.

    Returns:
        The same.

    Raises:
        CourseError: if it is none.
    """
    if not isinstance(things, Mapping):
        raise CourseError(f"{name} must be a dict from names to values, not {brief(things)}: give each a name.")
    return things


def as_function(thing, name):
    """Return what can be called, or say in a sentence that it cannot.

    Args:
        thing: what the caller gave.
        name: what it is, for the sentence.

    Returns:
        The same.

    Raises:
        CourseError: if it is no function.
    """
    if not callable(thing):
        raise CourseError(f"{name} must be a function, not {brief(thing)}: give its name without the brackets.")
    return thing


def as_path(path, name):
    """Return where a file or a folder lies, or say in a sentence that it is no path.

    Args:
        path: what the caller gave: text or a Path.
        name: what lies there, for the sentence.

    Returns:
        A Path.

    Raises:
        CourseError: if it is neither.
    """
    if not isinstance(path, (str, os.PathLike)):
        raise CourseError(f"the path of {name} is needed, as text or Path, not {brief(path)}: correct it.")
    return Path(path)


def as_text(words, name):
    """Return a text that is to be read, or say in a sentence that it is none.

    Args:
        words: what the caller gave; it may be empty.
        name: what it is, for the sentence.

    Returns:
        The same.

    Raises:
        CourseError: if it is no text.
    """
    if not isinstance(words, str):
        raise CourseError(f"{name} must be text, not {brief(words)}: leave it out for none.")
    return words


def as_names(names, name):
    """Return one or several names as a list of texts, or say in a sentence that they are none.

    Args:
        names: what the caller gave: a text, or several.
        name: what they name, for the sentence.

    Returns:
        A list of texts.

    Raises:
        CourseError: if one of them is no text.
    """
    found = [names] if isinstance(names, str) else as_list(names, name)
    for word in found:
        if not isinstance(word, str):
            raise CourseError(f"{name} must be names, and {brief(word)} came among them: give texts.")
    return [str(word) for word in found]


def as_size(size):
    """Return an image size as (height, width).

    Args:
        size: side of a square, or (height, width), in pixels.

    Returns:
        A tuple of two whole numbers.

    Raises:
        CourseError: if it is anything else, or not positive.
    """
    pair = (size, size) if isinstance(size, (int, np.integer)) else size
    good = isinstance(pair, (tuple, list)) and len(pair) == 2
    if not (good and all(isinstance(n, (int, np.integer)) and not isinstance(n, bool) and n > 0 for n in pair)):
        raise CourseError(f"a size is a number of pixels or (height, width), both at least 1, not {brief(size)}.")
    return int(pair[0]), int(pair[1])
