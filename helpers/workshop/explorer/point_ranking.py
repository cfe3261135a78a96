"""Which points of a layer tell two digits apart: the order in which the page swaps them."""

from itertools import combinations

import numpy as np

from helpers import probing
from helpers._shared.arguments import CourseError, as_class_labels
from helpers.activations import read_activations

__all__ = ["telling_points"]

MOST = 2**16  # points, as the page gets their places in two bytes each


def telling_points(model, layer, images, labels):
    """Rank a layer's points for every pair of digits, by `helpers.probing.ranked_points`.

    Args:
        model: the network.
        layer: name of the layer; at most 65,536 points.
        images: what the network takes, ``(count, ...)``, of a part that is not used for a test.
        labels: whole numbers ``(count,)``; each digit from 0 to 9 at least once.

    Returns:
        uint16 ``(45, points)``: places in the flattened layer, the most telling first, for the pairs (0, 1), (0, 2)
        ... (8, 9).

    Raises:
        KeyError: if there is no such layer.
        CourseError: if a digit is missing, there are too many points, or the labels do not fit the images.
    """
    values = read_activations(model, images, [layer])[layer]
    values, labels = values.reshape(len(values), -1), as_class_labels(labels, len(values))
    missing = sorted(set(range(10)) - set(labels.tolist()))
    if missing or values.shape[1] > MOST:
        raise CourseError(
            f"a layer of at most {MOST:,} points and each digit from 0 to 9 are needed, and {values.shape[1]:,} points "
            f"without the digits {missing} came: take a smaller layer, or more images."
        )
    orders = []
    for one, two in combinations(range(10), 2):
        both = np.isin(labels, [one, two])
        orders.append(probing.ranked_points(values[both], labels[both] == two))
    return np.array(orders, np.uint16)
