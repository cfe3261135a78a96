"""Draw how a single value of a map comes about; `helpers.plots` offers it too."""

import matplotlib.pyplot as plt
import numpy as np
from matplotlib.patches import Rectangle

from helpers.plots.colours import COLOURS, DIVERGING, GREY_IMAGE, SEQUENTIAL
from helpers.plots.panels import WIDTH, house_figure

__all__ = ["plot_filter_at"]


@house_figure
def plot_filter_at(image, weights, feature_map, place, *, bias=0.0):
    """Draw one value of a convolution without padding: the patch, the filter, their product, and the value.

    Args:
        image: what the layer reads, one channel: ``(height, width)`` or ``(height, width, 1)``.
        weights: one filter, ``(rows, columns)`` or ``(rows, columns, 1)``.
        feature_map: the map that the filter makes of the image, ``(height - rows + 1, width - columns + 1)``.
        place: (row, column) of the value in the map.
        bias: what is added to the sum before the activation.

    Returns:
        The Figure: image with the patch framed, patch, filter, product, map with the value framed.

    Raises:
        ValueError: if the shapes do not fit, or the place lies outside the map.
    """
    image, weights, feature_map = _checked_planes(image, weights, feature_map, place)
    (row, column), (rows, columns) = place, weights.shape
    patch = image[row : row + rows, column : column + columns]
    product = patch * weights
    value = feature_map[row, column]
    figure, every = plt.subplots(1, 5, figsize=(WIDTH, 2.15), layout="constrained")
    panels = [
        (image, f"image, patch at\nrow {row}, column {column}", GREY_IMAGE, (0, image.max())),
        (patch, f"patch\n{rows} x {columns} pixels", GREY_IMAGE, (0, image.max())),
        (weights, f"filter\n{weights.min():.2f} to {weights.max():.2f}", DIVERGING, _around_zero(weights)),
        (product, f"patch times filter\nsum {product.sum():.3f}", DIVERGING, _around_zero(product)),
        (feature_map, f"map: sum + bias {bias:.3f}\nis {product.sum() + bias:.3f}, shown {value:.3f}", SEQUENTIAL,
         (0, feature_map.max())),
    ]  # fmt: skip
    for axes, (plane, words, colours, limits) in zip(every, panels):
        axes.imshow(plane, cmap=colours, vmin=limits[0], vmax=max(limits[1], 1e-9), interpolation="nearest")
        axes.set_title(words, fontsize=9)
        axes.set_xticks([])
        axes.set_yticks([])
    _frame(every[0], row, column, rows, columns)
    _frame(every[4], row, column, 1, 1)
    return figure


def _checked_planes(image, weights, feature_map, place):
    """Return the three as planes, or say what does not fit."""
    planes = [np.asarray(plane, float) for plane in (image, weights, feature_map)]
    planes = [plane[..., 0] if plane.ndim == 3 and plane.shape[-1] == 1 else plane for plane in planes]
    fits = all(plane.ndim == 2 for plane in planes)
    if fits:
        expected = tuple(np.subtract(planes[0].shape, planes[1].shape) + 1)
        fits = planes[2].shape == expected and all(0 <= at < size for at, size in zip(place, expected))
    if not fits:
        shapes = ", ".join(str(plane.shape) for plane in planes)
        raise ValueError(
            "an image (height, width), a filter (rows, columns), its map (height - rows + 1, width - columns + 1) and a "
            f"place in it are needed, and {shapes} and {tuple(map(int, place))} came: give one channel of each."
        )
    return planes


def _around_zero(plane):
    return -np.abs(plane).max(), np.abs(plane).max()


def _frame(axes, row, column, rows, columns):
    axes.add_patch(
        Rectangle(
            (column - 0.5, row - 0.5), columns, rows, fill=False, linewidth=2, edgecolor=COLOURS["trained"]
        )
    )
