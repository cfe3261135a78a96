"""Choose the images to look at by a rule, so that nobody picks what suits the story."""

import numpy as np

from helpers._shared.arguments import CourseError, as_index, as_numbers, as_shaped, as_whole_number

__all__ = ["clearest", "least_clear"]


def clearest(logits, labels, numbers, digit, *, count=3):
    """Find the clearest images of a digit: answered right, with the largest gap to the second answer.

    Args:
        logits: ``(images, classes)``, the answers before the softmax: a probability of 1.0000000 hides how far
            ahead an answer is.
        labels: whole numbers ``(images,)``, the true digits.
        numbers: whole numbers ``(images,)``, the images' public numbers; the lower one wins a tie.
        digit: the digit.
        count: how many at most.

    Returns:
        Places of the images, the clearest first; fewer than ``count`` where there are not so many.

    Raises:
        CourseError: if the three do not belong together, or no image of the digit is answered right.
    """
    logits, numbers, here = _answered_right(logits, labels, numbers, digit)
    others = np.delete(logits[here], digit, axis=1).max(axis=1)
    return _best(here, logits[here, digit] - others, numbers, count)


def least_clear(logits, labels, numbers, digit, other, *, count=2):
    """Find the images of a digit that are answered right, but with the highest probability of another digit.

    Args:
        logits: ``(images, classes)``, the answers before the softmax.
        labels: whole numbers ``(images,)``, the true digits.
        numbers: whole numbers ``(images,)``, the images' public numbers; the lower one wins a tie.
        digit: the true digit, which is also the answer.
        other: the digit that it looks like.
        count: how many at most.

    Returns:
        Places of the images, the least clear first; fewer than ``count`` where there are not so many.

    Raises:
        CourseError: if the three do not belong together, the digits are the same, or none is answered right.
    """
    from scipy.special import log_softmax

    logits, numbers, here = _answered_right(logits, labels, numbers, digit)
    if digit == as_index(other, "other", logits.shape[1]):
        raise CourseError(f"two digits that differ are needed, and {digit} came twice: say which one it looks like.")
    return _best(here, log_softmax(logits[here], axis=1)[:, other], numbers, count)


def _best(places, values, numbers, count):
    """The places with the largest values, ties by lower number."""
    order = np.lexsort((numbers[places], -values))
    return places[order[: as_whole_number(count, "count")]]


def _answered_right(logits, labels, numbers, digit):
    """Return logits and numbers as arrays, and the places of the images of a digit that are answered right."""
    logits = as_shaped(logits, "logits", "images, classes", finite=True).astype(np.float64)
    labels, numbers = as_numbers(labels, "labels", finite=True), as_numbers(numbers, "numbers", finite=True)
    if not labels.shape == numbers.shape == logits.shape[:1]:
        came = f"{labels.shape} and {numbers.shape}"
        raise CourseError(f"a label and a number for each of {len(logits)} images are needed, not {came}: give these.")
    digit = as_index(digit, "digit", logits.shape[1])
    here = np.flatnonzero((labels == digit) & (logits.argmax(axis=1) == digit))
    if not here.size:
        raise CourseError(f"no image of a {digit} among {len(labels)} is answered right: give more images.")
    return logits, numbers, here
