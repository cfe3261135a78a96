"""The checks of notebook 04, on filters and the maps they make."""

import numpy as np
from numpy.lib.stride_tricks import sliding_window_view

from helpers.checks.verdict import NOT_YET, Verdict, incomplete, wrong

__all__ = ["check_edge_filter", "check_map_of_filter"]

CLOSE = 1e-4  # what float32 may be off by in a sum of 25 products


def check_edge_filter(answer, image):
    """Check a filter for vertical edges, dark left and bright right, and the map that a network makes with it.

    Args:
        answer: dict of "filter" -> array ``(5, 5)``, and "map" -> what the network's channel shows for the image.
        image: array ``(height, width)``, the image that the map was made of, values 0..1.

    Returns:
        A Verdict; right when the filter answers to the edge, is quiet on flat ground and on horizontal edges, and
        the map is ReLU of its sums over the image.
    """
    lacking = incomplete(answer, ("filter", "map"))
    if lacking:
        return lacking
    weights, shown = (np.asarray(answer[key]) for key in ("filter", "map"))
    if weights.shape != (5, 5) or weights.dtype.kind not in "iuf":
        return wrong(f"the filter must be 5 x 5 numbers, and shape {weights.shape} came: write five rows of five.")
    sentence = _about_filter(weights.astype(float)) or _about_map(shown, _relu_map(image, weights))
    if sentence:
        return wrong(sentence)
    share = np.mean(shown > 0)
    return Verdict(
        "right",
        f"on an edge the filter gives {_on_edge(weights):.3g}, on flat ground 0; {share:.0%} of its map is lit.",
    )


def _on_edge(weights):
    """The largest sum that the filter gives on a vertical edge, dark left and bright right."""
    return max(weights[:, edge:].sum() for edge in range(1, 5))


def _about_filter(weights):
    """A sentence on what the filter answers to and should not, or None."""
    scale = np.abs(weights).sum()
    if scale == 0:
        return "all weights are zero, so that it answers to nothing: make one side negative, the other positive."
    if abs(weights.sum()) > CLOSE * scale:
        return f"on flat bright ground it gives {weights.sum():.3g} and must give 0: let the 25 numbers add up to zero."
    below = [weights[edge:].sum() for edge in range(1, 5)]
    if max(map(abs, below)) > CLOSE * scale:
        return f"on a horizontal edge it gives {max(below, key=abs):.3g} and must give 0: let each row add up to zero."
    if _on_edge(weights) <= CLOSE * scale:
        return (
            f"on an edge that is dark left and bright right it gives {_on_edge(weights):.3g} at most and must give "
            "more than 0: positive weights belong on the right."
        )
    return None


def _relu_map(image, weights):
    windows = sliding_window_view(np.asarray(image, float), weights.shape)
    return np.maximum((windows * weights).sum(axis=(2, 3)), 0)


def _about_map(shown, expected):
    """A sentence on what is wrong with the map, or None."""
    if shown.size == expected.size:
        shown = shown.reshape(expected.shape)
    if shown.shape != expected.shape:
        return (
            f"the map must be {expected.shape}, and {shown.shape} came: take one channel of `conv2d_1` for one image."
        )
    if np.abs(shown - expected).max() <= CLOSE * max(1, expected.max()):
        return None
    difference = (shown - expected)[expected > 0]
    if difference.size and np.ptp(difference) <= CLOSE * max(1, expected.max()):
        off = difference.mean()
        said = f"{abs(off):.3g} too {'high' if off > 0 else 'low'}"
        return f"the map is {said} where it is lit: set the bias of this filter to 0, too."
    return "this is not the map of your filter: put it into `kernel[:, :, 0, 0]`, set the weights, and read channel 0."


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
    if answer is None or (isinstance(answer, dict) and any(value is None for value in answer.values())):
        return NOT_YET
    letters, filters = list(candidates), range(weights.shape[-1])
    if not isinstance(answer, dict) or len(answer) != len(letters) or any(index not in filters for index in answer):
        return wrong(
            f"a dict with {len(letters)} filters' indices as keys and letters as values "
            "was expected: keep the keys as they are."
        )
    strange = [letter for letter in answer.values() if letter not in letters]
    if strange:
        return wrong(
            f"{strange[0]!r} is no map: each value must be one of {', '.join(letters)}, as they stand above the maps."
        )
    truth = {}
    for index in answer:
        windows = sliding_window_view(np.asarray(image, float), weights.shape[:2])
        made = np.maximum((windows * weights[..., index]).sum(axis=(2, 3)) + biases[index], 0)
        truth[index] = min(candidates, key=lambda letter: np.abs(candidates[letter] - made).max())
    right = sum(truth[index] == letter for index, letter in answer.items())
    if len(set(answer.values())) < len(answer) and len(set(truth.values())) == len(answer):
        return wrong(
            f"{right} of {len(answer)} are right, and a letter stands there twice: each filter has a map of its own."
        )
    if right < len(answer):
        return wrong(
            f"{right} of {len(answer)} are right: lay the filter on an edge of the digit in your mind; where its red "
            "side lies on the stroke and its blue side on the ground, the map is bright."
        )
    return Verdict(
        "right", f"all {right}: {', '.join(f'filter {index} makes {letter}' for index, letter in truth.items())}."
    )
