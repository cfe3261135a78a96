"""What public functions ask of their arguments.

Each function takes what a caller gave and what it is called, and returns it in the form that is needed, or raises a
CourseError, which this module offers, too: one sentence that says what is needed, what came and what to do. `brief` and
`short_reason` put values and other errors into such a sentence.
"""

import math
import operator
import os
import re
from collections.abc import Callable, Mapping
from pathlib import Path

import numpy as np

from helpers._shared.errors import CourseError

LONGEST = 60  # characters of what came, in a sentence


def brief(value):
    """Name what came, in a few words on one line: an array by its shape."""
    if isinstance(value, np.ndarray):
        return f"an array of {value.dtype.name} of shape {value.shape}"
    words = " ".join(repr(value).split())
    return words if len(words) <= LONGEST else words[: LONGEST - 3] + "..."


def short_reason(error):
    """Name an exception on one line, by its class and its first sentence."""
    words = re.split(r"(?<=[.:!?])\s", " ".join(str(error).split()))[0].rstrip(".:!?")
    words = words if len(words) <= 160 else words[:157] + "..."
    return f"{type(error).__name__}: {words}" if words else type(error).__name__


def as_whole_number(value, name, *, least=1, most=math.inf):
    """Return a whole number within its range as an int; True and False are none."""
    try:
        whole = operator.index(value)
    except TypeError:
        whole = None
    if whole is None or isinstance(value, bool) or not least <= whole <= most:
        within = f"of at least {least}" if most == math.inf else f"from {least} to {most}"
        raise CourseError(f"{name} must be a whole number {within}, not {brief(value)}: correct it.")
    return whole


def as_index(value, name, count):
    """Return the number of one of several things, counted from 0."""
    return as_whole_number(value, name, least=0, most=count - 1)


def as_number(value, name, *, low=-math.inf, high=math.inf, above=-math.inf, below=math.inf, finite=True):
    """Return a number from low to high, and strictly between above and below, as a float; True and False are none."""
    number = isinstance(value, (int, float, np.integer, np.floating)) and not isinstance(value, bool)
    within = number and low <= value <= high and (above < value or above == -math.inf)
    if not within or not (value < below or below == math.inf) or (finite and not math.isfinite(value)):
        bounds = (("of at least", low), ("of at most", high), ("above", above), ("below", below))
        asked = [f"{words} {bound:g}" for words, bound in bounds if math.isfinite(bound)]
        if math.isfinite(low) and math.isfinite(high):
            asked[:2] = [f"from {low:g} to {high:g}"]
        kind = " ".join(["finite number" if finite else "number", " and ".join(asked)]).strip()
        raise CourseError(f"{name} must be a {kind}, not {brief(value)}: correct it.")
    return float(value)


def as_choice(value, name, choices):
    """Return one of several words."""
    if not isinstance(value, str) or value not in choices:
        raise CourseError(f"{name} must be one of {', '.join(choices)}, not {brief(value)}: choose one of them.")
    return value


def as_one_of(value, name, names):
    """Return the number of one of several things, asked for by name or number; of one alone nothing need be said."""
    if isinstance(value, (int, np.integer)) and not isinstance(value, bool) and 0 <= value < len(names):
        return int(value)
    return names.index(as_choice(names[0] if value is None and len(names) == 1 else value, name, names))


def as_array(values):
    """View anything as an array; what NumPy makes none of (lists of different lengths) as an empty one of objects."""
    try:
        return np.asarray(values)
    except (TypeError, ValueError):
        return np.empty(0, object)


def as_numbers(values, name, *, finite=False):
    """View something as an array of numbers; True and False count as 1 and 0, bfloat16 comes as it is."""
    array = as_array(values)
    if array.dtype.kind not in "biuf" and "float" not in array.dtype.name:
        raise CourseError(f"{name} must be an array of numbers, not {brief(values)}: give what was measured or read.")
    wrong = array.size - np.count_nonzero(np.isfinite(array)) if finite else 0
    if wrong:
        first = f", the first in {name}[{np.argwhere(~np.isfinite(array))[0][0]}]" if array.ndim > 1 else ""
        raise CourseError(
            f"{name} must be finite, and {wrong} of {array.size:,} values are not{first}: leave them out."
        )
    return array


def as_shaped(values, name, axes, *, finite=False):
    """View something as an array of numbers with these axes, such as "height, width", none of them empty."""
    array = as_numbers(values, name, finite=finite)
    if array.ndim != axes.count(",") + 1 or not array.size:
        raise CourseError(f"{name} must have the shape ({axes}), not {array.shape}: give all of it, and no more.")
    return array


def as_class_labels(labels, images):
    """View labels as whole numbers from 0, one for each of so many images: int32 array ``(images,)``."""
    array = as_array(labels)
    if array.shape != (images,) or array.dtype.kind not in "iu" or (array < 0).any():
        raise CourseError(
            f"labels must be {images} whole numbers of 0 or more, one for each image, not {brief(array)}: use "
            "labels.argmax(-1) for one-hot labels, labels.astype(int) for floats."
        )
    return array.astype(np.int32)


def as_indices(values, name, count=None):
    """View one or several whole numbers from 0, all below count, as a flat array of integers; it may be empty."""
    array = as_numbers(values, name).ravel()
    within, end = ("of 0 or more", math.inf) if count is None else (f"from 0 to {count - 1}", count)
    if array.size and (array.dtype.kind not in "iu" or array.min() < 0 or array.max() >= end):
        raise CourseError(f"{name} must be whole numbers {within}, not {brief(values)}: count from 0.")
    return array.astype(int)


def as_list(things, name, count=None):
    """Return several things (a list, a tuple, an array ...), or so many, as a list; a text or a dict is none."""
    try:
        every = list(None if isinstance(things, (str, bytes, dict)) else things)
    except TypeError:
        message = f"{name} must be a list, not {brief(things)}: one alone goes into a list, too."
        raise CourseError(message) from None
    if count not in (None, len(every)):
        raise CourseError(f"{count} {name} are needed, and {len(every)} came: give one for each.")
    return every


def as_mapping(things, name):
    """Return a dict, or another mapping, from names to things."""
    return _of_kind(things, Mapping, name, "a dict from names to values", "give each a name")


def as_function(thing, name):
    """Return what can be called."""
    return _of_kind(thing, Callable, name, "a function", "give its name without the brackets")


def as_path(path, name):
    """Return where a file or a folder lies, given as text or as a Path."""
    return Path(_of_kind(path, (str, os.PathLike), f"the path of {name}", "text or a Path", "correct it"))


def as_text(words, name):
    """Return a text that is to be read; it may be empty."""
    return _of_kind(words, str, name, "text", "leave it out for none")


def _of_kind(thing, kind, name, words, advice):
    if not isinstance(thing, kind):
        raise CourseError(f"{name} must be {words}, not {brief(thing)}: {advice}.")
    return thing


def as_names(names, name):
    """Return one or several names as a list of texts."""
    every = [names] if isinstance(names, str) else as_list(names, name)
    for word in every:
        if not isinstance(word, str):
            raise CourseError(f"{name} must be names, and {brief(word)} came among them: give texts.")
    return [str(word) for word in every]


def as_file_name(word, name):
    """Return a word that names of files begin with: of small letters, digits, "_" and "-"."""
    if not isinstance(word, str) or not re.fullmatch(r"[a-z0-9][a-z0-9_-]*", word):
        raise CourseError(f"{name} must be made of small letters, digits, _ and -, not {brief(word)}: correct it.")
    return word


def as_size(size):
    """Return an image size, a side or (height, width) in pixels, as two whole numbers."""
    pair = size if isinstance(size, (tuple, list)) else (size, size)
    whole = [isinstance(side, (int, np.integer)) and not isinstance(side, bool) and side > 0 for side in pair]
    if len(pair) != 2 or not all(whole):
        raise CourseError(f"a size is a number of pixels or (height, width), both at least 1, not {brief(size)}.")
    return int(pair[0]), int(pair[1])
