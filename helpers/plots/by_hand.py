"""Draw how a single value of a map comes about; `helpers.plots` offers these too."""

import numpy as np
from matplotlib.patches import Rectangle

from helpers import pictures
from helpers._shared.arguments import CourseError, as_indices, as_number, as_numbers, as_shaped, as_whole_number, brief
from helpers.plots.colours import COLOURS, DIVERGING, GREY_IMAGE, SEQUENTIAL
from helpers.plots.grid import coloured, fitted, framed
from helpers.plots.house import house_figure
from helpers.plots.sheet import ROOM, SMALL, Sheet, line_height, pixels, wrap

__all__ = ["plot_filter_at", "plot_parts", "plot_pooling_at"]

BETWEEN = 0.2  # inches between panels
LARGEST = 2.2  # inches of a panel


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
    image, weights, feature_map = map(_plane, (image, weights, feature_map))
    rows, columns = weights.shape
    row, column = _place(place, feature_map)
    made = (image.shape[0] - rows + 1, image.shape[1] - columns + 1)
    if feature_map.shape != made:
        raise CourseError(f"a map {made} is needed, and {feature_map.shape} came: give one channel of each.")
    patch = image[row : row + rows, column : column + columns]
    product = patch * weights
    made = product.sum() + bias
    value = feature_map[row, column]
    last = f"bias {bias:.3g}" if np.isclose(made, value) else f"sum + bias {made:.3g}"
    panels = [
        (f"image, patch at\nrow {row}, column {column}", image, GREY_IMAGE, image, (row, column, rows, columns)),
        (f"patch\n{rows} x {columns} pixels", patch, GREY_IMAGE, image, None),
        (f"filter, {weights.min():.2g} to {weights.max():.2g}\nblue < 0, red > 0", weights, DIVERGING, weights, None),
        (f"patch times filter\nsum {product.sum():.3g}", product, DIVERGING, weights, None),
        (f"map, here {value:.3g}\n({last})", feature_map, SEQUENTIAL, feature_map, (row, column, 1, 1)),
    ]
    return _draw(panels)[0].finish()


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
    feature_map, pooled = _plane(feature_map), _plane(pooled)
    row, column = _place(place, pooled)
    side = max(1, feature_map.shape[0] // pooled.shape[0])
    made = (feature_map.shape[0] // side, feature_map.shape[1] // side)
    if pooled.shape != made:
        raise CourseError(f"a pooled map {made} is needed, and {pooled.shape} came: give one channel of each.")
    window = feature_map[side * row : side * (row + 1), side * column : side * (column + 1)]
    before, after = (" x ".join(map(str, plane.shape)) for plane in (feature_map, pooled))
    seen = (side * row, side * column, side, side)
    kept = f"after pooling, {after},\nhere {pooled[row, column]:.3g}"
    panels = [
        (f"before pooling,\n{before}", feature_map, SEQUENTIAL, feature_map, seen),
        (f"these {side} x {side} values", window, SEQUENTIAL, feature_map, None),
        (kept, pooled, SEQUENTIAL, feature_map, (row, column, 1, 1)),
    ]
    sheet, every = _draw(panels)
    for (down, right), value in np.ndenumerate(window) if side <= 4 else ():
        colour = "black" if value > feature_map.max() / 2 else "white"
        style = {"ha": "center", "va": "center", "color": colour, "fontsize": 9}
        every[1].text(right + 0.5, down + 0.5, f"{value:.2g}", **style)
    return sheet.finish()


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
    parts = as_shaped(parts, "parts", "height, width, input channels").astype(float)
    feature_map, bias = _plane(feature_map), as_number(bias, "bias")
    columns = as_whole_number(columns, "columns")
    if parts.shape[:2] != feature_map.shape:
        asked = f"a map of the size of the parts {parts.shape} is needed"
        raise CourseError(f"{asked}, and {feature_map.shape} came: give all parts of one channel.")
    count, total = parts.shape[-1], parts.sum(axis=-1) + bias
    tiles = pictures.tile_channels(parts, columns, scale="raw")
    columns = min(columns, count)
    said = f"what maps 0 to {count - 1} add, {columns} in a row\n{parts.min():.2g} to {parts.max():.2g}"
    words = f"sum + bias {bias:.3g}\n{total.min():.2g} to {total.max():.2g}"
    panels = [
        (said, tiles, DIVERGING, parts, None),
        (words, total, DIVERGING, total, None),
        (f"one map\n0 to {feature_map.max():.2g}", feature_map, SEQUENTIAL, feature_map, None),
    ]
    return _draw(panels, [ROOM - 3.8, 1.7, 1.7])[0].finish()


def _draw(panels, widths=None):
    """Draw planes side by side: (words, plane, colours, among, window) each; return the sheet and clear axes on each.

    The colours are those of the values among which a plane stands; its window, (row, column, rows, columns), is framed.
    """
    sheet, every, left = Sheet(), [], 0
    widths = widths or [min(LARGEST, ROOM / len(panels) - BETWEEN)] * len(panels)
    labels = [wrap(words, width + BETWEEN / 2, SMALL) for (words, *_), width in zip(panels, widths)]
    lines = max(label.count("\n") for label in labels)
    top = line_height(SMALL) * (lines + 1) + 0.07
    for label, (_, plane, colours, among, window), width in zip(labels, panels, widths):
        high = max(np.abs(among).max() if colours == DIVERGING else among.max(), 1e-9)
        shares = plane / (2 * high) + 0.5 if colours == DIVERGING else plane / high
        sheet.text(left, 0, "\n" * (lines - label.count("\n")) + label, points=SMALL)
        size = fitted(shares.shape, pixels(2 * LARGEST), pixels(width))
        large = pictures.resize_maps(shares[..., np.newaxis], *size)[..., 0]
        painted = coloured(large, colours)
        painted[np.isnan(large)] = 255  # between the maps
        height, across = sheet.paint(framed(painted), left, top)
        axes = sheet.marks(left, top, across, height)
        axes.set(xlim=(0, plane.shape[1]), ylim=(plane.shape[0], 0))
        if window:
            row, column, rows, columns = window
            style = {"fill": False, "linewidth": 2, "edgecolor": COLOURS["trained"], "clip_on": False}
            axes.add_patch(Rectangle((column, row), columns, rows, **style))
        every.append(axes)
        left += width + BETWEEN
    return sheet, every


def _plane(values):
    """Return a map of one channel as floats (height, width)."""
    plane = as_numbers(values, "a map").astype(float)
    plane = plane[..., 0] if plane.ndim == 3 and plane.shape[-1] == 1 else plane
    return as_shaped(plane, "a map, one channel of each,", "height, width")


def _place(place, feature_map):
    """Return a place of a map as (row, column)."""
    at, shape = as_indices(place, "the place"), feature_map.shape
    if at.size != 2 or (at >= shape).any():
        raise CourseError(f"the place must be (row, column) in a map of {shape}, not {brief(place)}: count from 0.")
    return at.tolist()
