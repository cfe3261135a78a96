"""The checks of notebook 00: a filter for vertical edges, and the size of a map."""

import keras
import numpy as np

from helpers._shared.arguments import as_numbers
from helpers.checks.verdict import check, right, tried, wrong

__all__ = ["check_output_size", "check_vertical_edges"]

CLOSE = 1e-6  # of the sum of all weights' sizes: what counts as 0
SIZES = [(28, 3, 1), (28, 5, 2), (7, 7, 1), (150, 3, 3), (11, 4, 2), (32, 1, 5), (9, 2, 4)]  # pixels, filter, stride


@check
def check_vertical_edges(answer):
    """Check a filter for vertical edges, dark left and bright right, on edges and grounds that nobody has seen.

    Args:
        answer: array ``(5, 5)``.

    Returns:
        A Verdict; right when it answers to such an edge at every place, and gives 0 in uniform areas
        and on horizontal edges.
    """
    weights = as_numbers(answer, "the filter", finite=True).astype(float)
    if weights.shape != (5, 5):
        return wrong(f"the filter must be 5 x 5 numbers, and shape {weights.shape} came: write five rows of five.")
    scale = np.abs(weights).sum()
    if not scale:
        return wrong("all weights are zero, so it answers to nothing: make one side negative, the other positive.")
    if abs(weights.sum()) > CLOSE * scale:
        return wrong(
            f"on ground of brightness 1 it gives {weights.sum():.3g} instead of 0: let the 25 weights add up to 0."
        )
    for edge in range(1, 5):
        horizontal = weights[edge:].sum()  # dark above, bright below
        if abs(horizontal) > CLOSE * scale:
            return wrong(f"on a horizontal edge it gives {horizontal:.3g} instead of 0: let each row add up to 0.")
    on_edge = [weights[:, edge:].sum() for edge in range(1, 5)]  # dark left, bright right
    if max(on_edge) <= CLOSE * scale:
        return wrong(
            f"on an edge from dark to bright it gives {max(on_edge):.3g}, which ReLU makes 0: put the positive weights "
            "at the right."
        )
    return right(f"on an edge it gives up to {max(on_edge):.3g}, in uniform areas and on horizontal edges 0.")


@check
def check_output_size(answer):
    """Check a function that says how many values a row of a map has, by what Keras makes.

    Args:
        answer: function of (pixels, side of the filter, stride, padding "valid" or "same"), a whole number.

    Returns:
        A Verdict; right when it agrees with Keras on all sizes that are tried.
    """
    for padding in ("valid", "same"):
        for pixels, side, stride in SIZES:
            layer = keras.layers.Conv2D(1, side, strides=stride, padding=padding)
            expected = layer.compute_output_shape((None, pixels, pixels, 1))[1]
            case = f"for {pixels} pixels, a filter of side {side}, stride {stride} and padding {padding!r}"
            found = tried(answer, case, pixels, side, stride, padding)
            if found != expected:
                return wrong(f"{case} it returns {found!r}, and Keras makes {expected}.")
    return right(f"it agrees with Keras on {2 * len(SIZES)} sizes.")
