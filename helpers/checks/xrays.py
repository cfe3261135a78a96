"""The checks of notebook 03, on X-rays."""

import numpy as np

from helpers.checks.verdict import NOT_YET, Verdict, wrong

__all__ = ["check_corners", "check_range"]

CORNER = 30  # pixels a side: what counts as a corner of an image of 150
SURELY = 0.02  # answers that are this near to each other, on average, are the same answers


def check_corners(answer, images, labels, *, fewest=0.55):
    """Check a classifier that is to look at the two top corners and at nothing else.

    Args:
        answer: function from images ``(n, 150, 150, 3)`` to labels ``(n,)``, 0 or 1.
        images: array of images that it did not learn from, values 0..1.
        labels: their labels ``(n,)``.
        fewest: the balanced accuracy that corners alone reach at least.

    Returns:
        A Verdict.
    """
    if answer is None:
        return NOT_YET
    if not callable(answer):
        return wrong(f"a function from images to labels was expected, and a {type(answer).__name__} came.")
    hidden = np.array(images)
    hidden[:, CORNER:] = 0
    hidden[:, :, CORNER:-CORNER] = 0
    try:
        labels_said, without = (np.asarray(answer(given)) for given in (np.asarray(images), hidden))
    except Exception as error:  # whatever a learner's function raises is an answer to explain, not a crash
        return wrong(f"your function raised {type(error).__name__} ({error}): it gets images {np.shape(images)}.")
    if labels_said.shape != (len(images),) or not np.isin(labels_said, (0, 1)).all():
        return wrong(f"{len(images)} labels, 0 or 1, were expected, and shape {labels_said.shape} came: use predict.")
    if not np.array_equal(labels_said, without):
        return wrong(
            f"with all but the top corners ({CORNER} pixels a side) painted over, {np.sum(labels_said != without)} "
            "answers change: cut the two corners out before anything else."
        )
    right = np.mean([np.mean(labels_said[labels == label] == label) for label in (0, 1)])
    if right < fewest:
        return wrong(
            f"a balanced accuracy of at least {fewest} was expected, and {right:.2f} came: fit on the training part."
        )
    return Verdict("right", f"two corners without any lung reach a balanced accuracy of {right:.2f}.")


def check_range(answer, network, reference, images):
    """Check which range of values an unlabelled network takes.

    Args:
        answer: (low, high): the values that stand for black and white.
        network: the network with the unknown preprocessing.
        reference: the answers ``(images, 1)`` that it gives to rightly prepared images.
        images: the images, values 0..1.

    Returns:
        A Verdict.
    """
    if answer is None:
        return NOT_YET
    if np.shape(answer) != (2,) or not all(isinstance(value, int | float | np.number) for value in answer):
        return wrong(f"(low, high) was expected, two numbers such as (0, 1), and {answer!r} came.")
    low, high = map(float, answer)
    if not low < high:
        return wrong(f"low must be below high, and ({low:g}, {high:g}) came: black first.")
    said = network.predict(low + (high - low) * np.asarray(images, "float32"), batch_size=16, verbose=0)
    apart = float(np.abs(said - reference).mean())
    if apart > SURELY:
        return wrong(
            f"with ({low:g}, {high:g}) the answers are off by {apart:.2f} on average: try the ranges that people use, "
            "0..1, -1..1, 0..255, -0.5..0.5, on images whose labels you know."
        )
    return Verdict("right", f"({low:g}, {high:g}) it is: the file did not say so, its answers did.")
