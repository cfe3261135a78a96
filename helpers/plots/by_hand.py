"""Draw how a single value of a map comes about; `helpers.plots` offers these too."""

import math

import matplotlib.pyplot as plt
import numpy as np
from matplotlib.patches import Rectangle

from helpers import pictures
from helpers._shared.arguments import as_indices, as_number, as_numbers, as_whole_number, brief
from helpers._shared.errors import CourseError
from helpers.plots.canvas import house_figure
from helpers.plots.colours import COLOURS, DIVERGING, GREY_IMAGE, SEQUENTIAL
from helpers.plots.grid import WIDTH

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
        (product, f"patch times filter\nsum {product.sum():.3f}", DIVERGING, _around_zero(weights)),
        (
            feature_map,
            f"map: sum + bias {bias:.3f}\nis {product.sum() + bias:.3f}, shown {value:.3f}",
            SEQUENTIAL,
            (0, feature_map.max()),
        ),
    ]
    for axes, panel in zip(every, panels):
        _panel(axes, *panel)
    _frame(every[0], row, column, rows, columns)
    _frame(every[4], row, column, 1, 1)
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
    feature_map, pooled, side = _checked_pooling(feature_map, pooled, place)
    row, column = place
    window = feature_map[side * row : side * (row + 1), side * column : side * (column + 1)]
    figure, every = plt.subplots(1, 3, figsize=(WIDTH, 2.5), layout="constrained")
    limits = (0, feature_map.max())
    below, above = ("x".join(map(str, plane.shape)) for plane in (feature_map, pooled))
    _panel(every[0], feature_map, f"before, {below}", SEQUENTIAL, limits)
    _panel(every[1], window, f"these {side} x {side} values", SEQUENTIAL, limits)
    _panel(every[2], pooled, f"after, {above}: the largest,\n{pooled[row, column]:.3f}", SEQUENTIAL, limits)
    for (down, right), value in np.ndenumerate(window):
        every[1].text(
            right, down, f"{value:.2f}", ha="center", va="center", color="black" if value > limits[1] / 2 else "white"
        )
    _frame(every[0], side * row, side * column, side, side)
    _frame(every[2], row, column, 1, 1)
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
    figure, every = plt.subplots(
        1, 3, figsize=(WIDTH, height), layout="constrained", width_ratios=[WIDTH - 3.2, 1.6, 1.6]
    )
    tiles = pictures.tile_channels(parts, columns, scale="raw")
    _panel(every[0], tiles, f"{count} parts, {parts.min():.2f} to {parts.max():.2f}", DIVERGING, _around_zero(parts))
    _panel(
        every[1],
        total,
        f"sum + bias {bias:.3f}\n{total.min():.2f} to {total.max():.2f}",
        DIVERGING,
        _around_zero(total),
    )
    _panel(every[2], feature_map, f"one map\n0 to {feature_map.max():.2f}", SEQUENTIAL, (0, feature_map.max()))
    return figure


def _panel(axes, plane, words, colours, limits):
    axes.imshow(plane, cmap=colours, vmin=limits[0], vmax=max(limits[1], 1e-9), interpolation="nearest")
    axes.set_title(words, fontsize=9)
    axes.set(xticks=[], yticks=[])


def _checked_place(place):
    """A place as (row, column), or a sentence that it is none."""
    found = as_indices(place, "the place")
    if found.size != 2:
        raise CourseError(f"the place must be (row, column), not {brief(place)}: give both.")
    return tuple(found.tolist())


def _checked_pooling(feature_map, pooled, place):
    """Return both as planes with the side of the window, or say what does not fit."""
    place = _checked_place(place)
    before, after = (as_numbers(plane, "a map").astype(float) for plane in (feature_map, pooled))
    side = before.shape[0] // after.shape[0] if before.ndim == after.ndim == 2 and after.size else 0
    fits = side and all(b // side == a for b, a in zip(before.shape, after.shape))
    if not fits or not all(0 <= at < size for at, size in zip(place, after.shape)):
        raise CourseError(
            "a map (height, width), the same pooled by a whole number and a place in it are needed, and "
            f"{before.shape}, {after.shape} and {place} came: give one channel of each."
        )
    return before, after, side


def _checked_planes(image, weights, feature_map, place):
    """Return the three as planes, or say what does not fit."""
    place = _checked_place(place)
    planes = [as_numbers(plane, "a plane").astype(float) for plane in (image, weights, feature_map)]
    planes = [plane[..., 0] if plane.ndim == 3 and plane.shape[-1] == 1 else plane for plane in planes]
    fits = all(plane.ndim == 2 for plane in planes)
    if fits:
        expected = tuple(np.subtract(planes[0].shape, planes[1].shape) + 1)
        fits = planes[2].shape == expected and all(0 <= at < size for at, size in zip(place, expected))
    if not fits:
        shapes = ", ".join(str(plane.shape) for plane in planes)
        raise CourseError(
            "an image (height, width), a filter (rows, columns), its map (height - rows + 1, width - columns + 1) and "
            f"a place in it are needed, and {shapes} and {place} came: give one channel of each."
        )
    return planes


def _around_zero(plane):
    largest = np.abs(plane).max()
    return -largest, largest


def _frame(axes, row, column, rows, columns):
    axes.add_patch(
        Rectangle((column - 0.5, row - 0.5), columns, rows, fill=False, linewidth=2, edgecolor=COLOURS["trained"])
    )
