"""The checks of notebook 04, on filters and the maps they make."""

import numpy as np
from numpy.lib.stride_tricks import sliding_window_view

from helpers._shared.arguments import as_numbers
from helpers.checks.verdict import check, need_keys, right, wrong

__all__ = ["check_edge_filter", "check_map_of_filter"]

CLOSE = 1e-4  # what float32 may be off by in a sum of 25 products


@check
def check_edge_filter(answer, image):
    """Check a filter for vertical edges, dark left and bright right, and the map that a network makes with it.

    Args:
        answer: dict of "filter" -> array ``(5, 5)``, and "map" -> what the network's channel shows for the image.
        image: array ``(height, width)``, the image that the map was made of, values 0..1.

    Returns:
        A Verdict; right when the filter answers to the edge, is quiet on flat ground and on horizontal edges, and
        the map is ReLU of its sums over the image.
    """
    need_keys(answer, ("filter", "map"))
    weights, shown = (as_numbers(answer[key], f"the {key}").astype(float) for key in ("filter", "map"))
    if weights.shape != (5, 5):
        return wrong(f"the filter must be 5 x 5 numbers, and shape {weights.shape} came: write five rows of five.")
    on_edge = max(weights[:, edge:].sum() for edge in range(1, 5))
    sentence = _about_filter(weights, on_edge) or _about_map(shown, _relu_map(image, weights))
    if sentence:
        return wrong(sentence)
    return right(
        f"on an edge the filter gives {on_edge:.3g}, on flat ground 0; {np.mean(shown > 0):.0%} of its map is lit."
    )


def _about_filter(weights, on_edge):
    """A sentence on what the filter answers to and should not, or None."""
    scale = np.abs(weights).sum()
    if scale == 0:
        return "all weights are zero, so that it answers to nothing: make one side negative, the other positive."
    if abs(weights.sum()) > CLOSE * scale:
        return f"on flat bright ground it gives {weights.sum():.3g} and must give 0: let the 25 numbers add up to zero."
    below = max((weights[edge:].sum() for edge in range(1, 5)), key=abs)
    if abs(below) > CLOSE * scale:
        return f"on a horizontal edge it gives {below:.3g} and must give 0: let each row add up to zero."
    if on_edge <= CLOSE * scale:
        return f"on an edge, dark left and bright right, it gives {on_edge:.3g}: positive weights belong on the right."
    return None


def _relu_map(image, weights, bias=0):
    windows = sliding_window_view(np.asarray(image, float), weights.shape)
    return np.maximum((windows * weights).sum(axis=(2, 3)) + bias, 0)


def _about_map(shown, expected):
    """A sentence on what is wrong with the map, or None."""
    if shown.size != expected.size:
        return f"the map must be {expected.shape}, and {shown.shape} came: take a channel of `conv2d_1` for one image."
    difference = shown.reshape(expected.shape) - expected
    close = CLOSE * max(1, expected.max())
    if np.abs(difference).max() <= close:
        return None
    where_lit = difference[expected > 0]
    if where_lit.size and np.ptp(where_lit) <= close:
        off = where_lit.mean()
        said = f"{abs(off):.3g} too {'high' if off > 0 else 'low'}"
        return f"the map is {said} where it is lit: set the bias of this filter to 0, too."
    return "this is not the map of your filter: put it into `kernel[:, :, 0, 0]`, set the weights, and read channel 0."


@check
def check_map_of_filter(answer, image, weights, biases, candidates):
    """Check which map was said to belong to which filter.

    Args:
        answer: dict of filter's index -> letter of a candidate, or None where nothing was said yet.
        image: array ``(height, width)``, values 0..1.
        weights: array ``(rows, columns, filters)``.
        biases: array ``(filters,)``.
        candidates: dict of letter -> map ``(height - rows + 1, width - columns + 1)``.

    Returns:
        A Verdict; it names how many were right, not which.
    """
    count, filters = len(candidates), range(weights.shape[-1])
    if not isinstance(answer, dict) or len(answer) != count or any(index not in filters for index in answer):
        return wrong(f"a dict from {count} filters' indices to letters was expected: keep the keys as they are.")
    truth = {}
    for index, letter in answer.items():
        if letter not in list(candidates):
            letters = ", ".join(candidates)
            return wrong(f"{letter!r} is no map: each value must be one of {letters}, as they stand above the maps.")
        made = _relu_map(image, weights[..., index], biases[index])
        truth[index] = min(candidates, key=lambda letter: np.abs(candidates[letter] - made).max())
    score = sum(truth[index] == letter for index, letter in answer.items())
    words = f"{score} of {count} are right"
    if len(set(answer.values())) < count and len(set(truth.values())) == count:
        return wrong(f"{words}, and a letter stands there twice: each filter has a map of its own.")
    if score < count:
        return wrong(
            f"{words}: lay the filter on an edge of the digit in your mind; where its red side lies on the stroke and "
            "its blue side on the ground, the map is bright."
        )
    return right(f"all {score}: {', '.join(f'filter {index} makes {letter}' for index, letter in truth.items())}.")
