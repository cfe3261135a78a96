"""The checks of notebook 01, on drawn shapes."""

import numpy as np

from helpers._shared.arguments import as_number, as_numbers
from helpers.checks.verdict import check, right, wrong

__all__ = ["check_best_of_looks", "check_own_drawing", "expected_best"]

TOLERANCE = 0.005  # what a simulation of 10,000 rounds may be off by, five times its own error


@check
def check_best_of_looks(answer, *, images=90, looks=20, truth=0.93):
    """Check the simulation of what the best of several looks makes of a network.

    Args:
        answer: the mean, over many rounds, of the best accuracy among the looks; a number 0..1.
        images: how many images each look scores.
        looks: how many looks are taken.
        truth: the share of all images that the network truly answers right.

    Returns:
        A Verdict.
    """
    value = as_number(answer, "the answer, the mean over all rounds at the end,")
    expected = expected_best(images=images, looks=looks, truth=truth)
    if abs(value - expected) <= TOLERANCE:
        return right(f"{value:.3f}; the best of {looks} looks adds {100 * (value - truth):.1f} points to {truth}.")
    for number, whole in ((images, "the number of images"), (100, "100")):
        if abs(value - expected * number) <= TOLERANCE * number:
            return wrong(f"a share between 0 and 1 was expected, and {value:.4g} came: divide by {whole}.")
    if abs(value - truth) <= TOLERANCE:
        return wrong(f"{value:.3f} is the mean of all looks: take the best of each round first, then the mean.")
    if expected < value <= 1:
        return wrong(f"{value:.3f} is too high: is it the best of all rounds, or of over {looks} looks?")
    return wrong(
        f"about {expected:.3f} was expected, and {value:.4g} came: draw rounds x {looks} numbers of right answers "
        f"out of {images}, take the largest of each row, then the mean."
    )


def expected_best(*, images, looks, truth):
    """Return the expected best share of right answers among independent looks, exactly.

    Args:
        images: how many images each look scores.
        looks: how many looks are taken.
        truth: the true share of right answers, 0..1.

    Returns:
        A float 0..1.
    """
    from scipy.stats import binom

    # The mean of a count is the sum over k of P(count > k), and the best stays at k or below when all looks do.
    below = binom.cdf(np.arange(images), images, truth) ** looks
    return float((1 - below).sum() / images)


@check
def check_own_drawing(answer, network, class_names):
    """Check a drawing that the learner made for the shapes network, and say what the network answers.

    Args:
        answer: the drawing, (1, 28, 28, 3), values 0..1, dark lines on white.
        network: the trained network.
        class_names: the names of its classes, in order.

    Returns:
        A Verdict.
    """
    picture = as_numbers(answer, "the drawing", finite=True).astype("float32")
    if picture.shape != (1, 28, 28, 3):
        advice = "take picture[None]" if picture.shape == (28, 28, 3) else "draw on 28x28 pixels with 3 colours"
        return wrong(f"an array of shape (1, 28, 28, 3) was expected, and {picture.shape} came: {advice}.")
    if picture.min() < -0.001:
        return wrong(f"values 0..1 were expected, and they go down to {picture.min():.2g}: 0 is black and 1 is white.")
    if picture.max() > 1.001:
        return wrong(f"values 0..1 were expected, and they go up to {picture.max():.0f}: divide by 255.")
    if np.ptp(picture) < 0.2:
        return wrong("the drawing is all of one brightness: did a stroke miss the picture?")
    if np.median(picture) < 0.5:
        return wrong("dark lines on white were expected, and most of this is dark: take 1 - picture.")
    probabilities = np.asarray(network(picture))[0]
    best = int(probabilities.argmax())
    return right(f"the network takes your drawing for one of the {class_names[best]} (p = {probabilities[best]:.2f}).")
