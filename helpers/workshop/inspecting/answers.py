"""What a network answers: its classes with their shares, the highest first."""

from dataclasses import dataclass

import numpy as np

from helpers._shared.arguments import CourseError, as_path
from helpers.models.activation_names import final_activation

__all__ = ["Answers", "as_share", "read_answers", "read_class_names"]

KINDS = {
    "softmax": "probabilities that add up to 1 (softmax)",
    "sigmoid": "one probability (sigmoid), of the second class",
    "labels": "a probability for each label by itself (sigmoid)",
    "shares": "probabilities of the classes that need not add up to 1 (pooled behind a softmax)",
    "values": "values of any size, as the network ends without softmax or sigmoid",
}


@dataclass(frozen=True)
class Answers:
    """What a network answers to images.

    Attributes:
        values: float32 array ``(images, classes)``; one sigmoid has become two columns, 1 - p and p.
        kind: a key of `KINDS`.
        class_names: names of the classes, as many as columns; without any "class 0" and so on, of a sigmoid "first
            class" and "second class", of a single value "the one answer".
        named: whether these are real names, and not only numbers.
    """

    values: np.ndarray
    kind: str
    class_names: tuple
    named: bool

    @property
    def words(self):
        """What the values are, in words."""
        return KINDS[self.kind]

    def top(self, image=0, most=5):
        """The highest answers to one image.

        Args:
            image: which image, counted from 0.
            most: how many answers at most.

        Returns:
            A list of (index of the class, its name, its value), the highest first.
        """
        order = np.argsort(-self.values[image], kind="stable")[:most]
        return [(int(place), self.class_names[place], float(self.values[image, place])) for place in order]

    def shown(self, value):
        """One of the values as people read it: a probability as per cent."""
        return f"{value:.3g}" if self.kind == "values" else as_share(value)


def as_share(value):
    """Write a share as per cent, with as many digits as it takes not to say 0 or 100 where that is not so.

    Args:
        value: the share, 0 to 1.

    Returns:
        Words such as "4 %" or "> 99.99 %"; "not a number" for NaN.
    """
    if np.isnan(value):
        return "not a number"
    for digits in (0, 1, 2):
        words = f"{100 * value:.{digits}f}"
        if (float(words) > 0 or value == 0) and (float(words) < 100 or value == 1):
            return f"{words} %"
    return "< 0.01 %" if value < 0.5 else "> 99.99 %"


def read_answers(model, outputs, class_names=None, *, folders=()):
    """Give a network's outputs their meaning.

    Args:
        model: the Keras model.
        outputs: what it answers, ``(images, classes)``.
        class_names: names of the classes; None for the folders' names where they fit, else numbers.
        folders: names of the class folders that the images came from, in the order of their labels.

    Returns:
        An `Answers`.

    Raises:
        CourseError: if the names are not as many as the classes.
    """
    outputs = np.asarray(outputs, np.float32)
    kind = _kind(model, outputs)
    if kind == "sigmoid":
        outputs = np.concatenate([1 - outputs, outputs], axis=1)
    count = outputs.shape[1]
    if class_names is not None and len(class_names) != count:
        raise CourseError(
            f"a name for each of the network's {count} classes is needed, and {len(class_names)} came: write one a "
            "line, in the order of the training."
        )
    names = class_names or (folders if len(folders) == count else None)
    numbers = [f"class {place}" for place in range(count)] if count > 1 else ["the one answer"]
    numbers = ["first class", "second class"] if kind == "sigmoid" else numbers
    return Answers(outputs, kind, tuple(names or numbers), bool(names))


def read_class_names(path):
    """Read the names of classes from a text file, one a line; empty lines at the end do not count.

    Args:
        path: the file, a Path.

    Returns:
        A tuple of names.

    Raises:
        FileNotFoundError: if there is no such file.
        CourseError: if it is no path, no text, or empty.
    """
    path = as_path(path, "a file of class names")
    if not path.exists():
        raise FileNotFoundError(f"there is no file of class names {path}: check its name.")
    try:
        lines = path.read_text(encoding="utf-8-sig").rstrip().splitlines()
    except (ValueError, OSError):
        lines = ()
    if not lines or not all(line.strip() and "\0" not in line for line in lines):
        raise CourseError(
            f"{path} must be a text with a name on each line: write the names of the classes, one a line."
        )
    return tuple(line.strip() for line in lines)


def _kind(model, outputs):
    name, columns = final_activation(model)[0], outputs.shape[1]
    if name == "softmax" and columns > 1:
        adds_up = np.allclose(outputs.sum(axis=1), 1, atol=0.02, equal_nan=True)  # in half precision, too
        return "softmax" if adds_up else "shares"
    if name == "sigmoid":
        return "sigmoid" if columns == 1 else "labels"
    return "values"
