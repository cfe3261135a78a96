"""Draw how a single value of a map comes about; `helpers.plots` offers these too."""

import math

import numpy as np
from matplotlib.patches import Rectangle

from helpers import pictures
from helpers._shared.arguments import as_indices, as_number, as_numbers, as_whole_number, brief
from helpers._shared.errors import CourseError
from helpers.plots.colours import COLOURS, DIVERGING, GREY_IMAGE, SEQUENTIAL
from helpers.plots.grid import WIDTH
from helpers.plots.house import axes_in_a_row, house_figure

__all__ = ["plot_filter_at", "plot_parts", "plot_pooling_at"]

PART = 0.46  # inches of one of the maps that a sum is made of


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
        CourseError: if the shapes do not fit, or the place lies outside the map.
    """
    bias = as_number(bias, "bias")
    image, weights, feature_map = _planes(image, weights, feature_map)
    rows, columns = weights.shape
    row, column = _place(place, feature_map)
    made = (image.shape[0] - rows + 1, image.shape[1] - columns + 1)
    if feature_map.shape != made:
        raise CourseError(f"a map {made} is needed, and {feature_map.shape} came: give one channel of each.")
    patch = image[row : row + rows, column : column + columns]
    product = patch * weights
    figure, every = axes_in_a_row(5, 2.15)
    seen = (row, column, rows, columns)
    _panel(every[0], image, f"image, patch at\nrow {row}, column {column}", GREY_IMAGE, image, seen)
    _panel(every[1], patch, f"patch\n{rows} x {columns} pixels", GREY_IMAGE, image)
    _panel(every[2], weights, f"filter\n{weights.min():.2f} to {weights.max():.2f}", DIVERGING, weights)
    _panel(every[3], product, f"patch times filter\nsum {product.sum():.3f}", DIVERGING, weights)
    words = f"map: sum + bias {bias:.3f}\nis {product.sum() + bias:.3f}, shown {feature_map[row, column]:.3f}"
    _panel(every[4], feature_map, words, SEQUENTIAL, feature_map, (row, column, 1, 1))
    return figure


@house_figure
def plot_pooling_at(feature_map, pooled, place):
    """Draw one value of a max pooling without padding or overlap: the values it sees, and the one it keeps.

    Args:
        feature_map: one channel before pooling, ``(height, width)``.
        pooled: the same channel after it, ``(height // side, width // side)``.
        place: (row, column) of the value in the pooled map.

    Returns:
        The Figure: map with the window framed, the window with its numbers, pooled map with the value framed.

    Raises:
        CourseError: if the shapes do not fit, or the place lies outside the pooled map.
    """
    feature_map, pooled = _planes(feature_map, pooled)
    row, column = _place(place, pooled)
    side = max(1, feature_map.shape[0] // pooled.shape[0])
    made = (feature_map.shape[0] // side, feature_map.shape[1] // side)
    if pooled.shape != made:
        raise CourseError(f"a pooled map {made} is needed, and {pooled.shape} came: give one channel of each.")
    window = feature_map[side * row : side * (row + 1), side * column : side * (column + 1)]
    before, after = ("x".join(map(str, plane.shape)) for plane in (feature_map, pooled))
    figure, every = axes_in_a_row(3, 2.5)
    seen = (side * row, side * column, side, side)
    _panel(every[0], feature_map, f"before, {before}", SEQUENTIAL, feature_map, seen)
    _panel(every[1], window, f"these {side} x {side} values", SEQUENTIAL, feature_map)
    words = f"after, {after}: the largest,\n{pooled[row, column]:.3f}"
    _panel(every[2], pooled, words, SEQUENTIAL, feature_map, (row, column, 1, 1))
    for (down, right), value in np.ndenumerate(window):
        colour = "black" if value > feature_map.max() / 2 else "white"
        every[1].text(right, down, f"{value:.2f}", ha="center", va="center", color=colour)
    return figure


@house_figure
def plot_parts(parts, feature_map, *, bias=0.0, columns=10):
    """Draw what each map below adds to one map of a convolution, the sum, and the map after ReLU.

    Args:
        parts: ``(height, width, input channels)``: the products of one filter, before they are added up.
        feature_map: the map that the filter makes of them, ``(height, width)``.
        bias: what is added to the sum before the activation.
        columns: parts in a row.

    Returns:
        The Figure: parts on one range around zero, their sum with the bias, the map.

    Raises:
        CourseError: if parts and map differ in height or width.
    """
    parts, feature_map = as_numbers(parts, "parts").astype(float), as_numbers(feature_map, "the map").astype(float)
    columns, bias = as_whole_number(columns, "columns"), as_number(bias, "bias")
    if parts.ndim != 3 or not parts.size or parts.shape[:2] != feature_map.shape:
        raise CourseError(
            "parts (height, width, input channels) and their map (height, width) are needed, and "
            f"{parts.shape} and {feature_map.shape} came: give all parts of one channel."
        )
    count, total = parts.shape[-1], parts.sum(axis=-1) + bias
    columns = min(columns, count)
    height = max(2.1, PART * math.ceil(count / columns) + 0.6)
    figure, every = axes_in_a_row(3, height, width_ratios=[WIDTH - 3.2, 1.6, 1.6])
    tiles = pictures.tile_channels(parts, columns, scale="raw")
    _panel(every[0], tiles, f"{count} parts, {parts.min():.2f} to {parts.max():.2f}", DIVERGING, parts)
    words = f"sum + bias {bias:.3f}\n{total.min():.2f} to {total.max():.2f}"
    _panel(every[1], total, words, DIVERGING, total)
    _panel(every[2], feature_map, f"one map\n0 to {feature_map.max():.2f}", SEQUENTIAL, feature_map)
    return figure


def _panel(axes, plane, words, colours, among, framed=None):
    """Draw a map in the colours of the values among which it stands; (row, column, rows, columns) of it are framed."""
    high = max(np.abs(among).max() if colours == DIVERGING else among.max(), 1e-9)
    axes.imshow(plane, cmap=colours, vmin=-high if colours == DIVERGING else 0, vmax=high, interpolation="nearest")
    axes.set_title(words, fontsize=9)
    axes.set(xticks=[], yticks=[])
    if framed:
        row, column, rows, columns = framed
        style = {"fill": False, "linewidth": 2, "edgecolor": COLOURS["trained"]}
        axes.add_patch(Rectangle((column - 0.5, row - 0.5), columns, rows, **style))


def _planes(*planes):
    """Return maps of one channel as floats (height, width)."""
    arrays = [as_numbers(plane, "a map").astype(float) for plane in planes]
    arrays = [array[..., 0] if array.ndim == 3 and array.shape[-1] == 1 else array for array in arrays]
    for array in arrays:
        if array.ndim != 2 or not array.size:
            raise CourseError(f"maps (height, width) are needed, and {array.shape} came: give one channel of each.")
    return arrays


def _place(place, feature_map):
    """Return a place of a map as (row, column)."""
    at, shape = as_indices(place, "the place"), feature_map.shape
    if at.size != 2 or (at >= shape).any():
        raise CourseError(f"the place must be (row, column) in a map of {shape}, not {brief(place)}: count from 0.")
    return at.tolist()
