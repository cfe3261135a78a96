"""Draw images, filters, and activations side by side on one range of colours."""

import dataclasses

import numpy as np

from helpers._shared.arguments import as_index, as_list, as_numbers, as_whole_number
from helpers._shared.errors import CourseError
from helpers.plots.arguments import as_pictures
from helpers.plots.colours import DIVERGING
from helpers.plots.grid import BAR, INDEX, ROOM, Sheet, describe, grid_of, lay_out, shared_grids, tile_size, wrap_labels
from helpers.plots.house import house_figure

__all__ = ["draw_grids", "plot_filters", "plot_images", "plot_side_by_side"]

NEAR = 0.12  # inches between images
BETWEEN = "#444444"  # lines between filters, whose own colours are light


@house_figure
def plot_images(images, *, titles=None, columns=5, title=""):
    """Draw images side by side, as a contact sheet.

    Args:
        images: array ``(images, height, width, channels)`` or ``(images, height, width)``, or a list of
            single images, grey or RGB, values 0..1 or 0..255.
        titles: one title per image.
        columns: images in a row.
        title: words above all.

    Returns:
        The Figure, one panel an image.

    Raises:
        CourseError: if there is no image, or the titles do not match.
    """
    images, titles = as_pictures(images, titles)
    columns = min(as_whole_number(columns, "columns"), max(len(images), 4))
    side = min(1.9, (ROOM + NEAR) / columns - NEAR)
    height = side * min(1.5, max(image.shape[0] / image.shape[1] for image in images))
    titles, label = wrap_labels(titles, side)
    label += 0.08
    corners, tall = lay_out(len(images), columns, side + NEAR, label + height)
    sheet = Sheet(title, tall)
    for image, words, (left, top) in zip(images, titles, corners):
        sheet.image(image, left, top + label, side, height, title=words)
    return sheet.figure


@house_figure
def plot_filters(weights, *, name="", columns=6, input_channel=None):
    """Draw the filters of a convolution: its weights, blue below zero, white at zero, red above.

    Filters on RGB images are drawn as small colour images instead, grey where they are zero, unless one input
    channel is asked for.

    Args:
        weights: ``(height, width, input channels, filters)``, as ``layer.get_weights()[0]``.
        name: the layer's name, for the title.
        columns: filters in a row; the last row may be short.
        input_channel: index of the input channel whose weights are drawn, counted from 0; needed where there
            are several that are not RGB.

    Returns:
        The Figure: grid and colour bar, one range for all filters.

    Raises:
        CourseError: if the weights are not those of a 2-D convolution, or the input channel is missing or
            unknown.
    """
    weights = as_numbers(weights, "weights")
    if weights.ndim != 4 or not weights.size:
        raise CourseError(
            f"weights (height, width, input channels, filters) are needed, and shape {weights.shape} came: "
            "give layer.get_weights()[0] of a Conv2D layer."
        )
    channels, largest = weights.shape[2], float(np.abs(weights).max()) or 1.0
    in_colour = input_channel is None and channels == 3
    if input_channel is None and channels not in (1, 3):
        raise CourseError(
            f"these filters have {channels} input channels, and one picture shows one of them: "
            f"say which, input_channel=0 to {channels - 1}."
        )
    if in_colour:
        parts = np.moveaxis(weights, 2, 0)
        where = " on RGB (grey is zero)"
    else:
        input_channel = as_index(0 if input_channel is None else input_channel, "input_channel", channels)
        parts = weights[np.newaxis, :, :, input_channel]
        where = "" if channels == 1 else f" on input channel {input_channel}"
    size = f"{weights.shape[0]} x {weights.shape[1]}"
    title = f"{weights.shape[-1]} filters of {size}{where}, {parts.min():.2g} to {parts.max():.2g}, one range for all"
    grids = [grid_of(part, columns, scale="raw") for part in parts]
    marks = {place: f"{place:.2g}" for place in (-largest, 0, largest)}
    grid = dataclasses.replace(grids[0], limits=(-largest, largest), marks=marks, silent=())
    if in_colour:
        colour = np.stack([each.picture for each in grids], axis=-1) / (2 * largest) + 0.5
        grid = dataclasses.replace(grid, picture=np.nan_to_num(colour, nan=1))
    tile = tile_size(grid, 5.5, 6.0)
    sheet = Sheet(f"{name}: {title}" if name else title, max(grid.rows * tile[1], 0.5))
    sheet.grid(grid, INDEX, 0, tile, colours=DIVERGING, lines=BETWEEN, bar=not in_colour)
    return sheet.figure


@house_figure
def plot_side_by_side(activations, *, images=None, columns=8, scale="layer", title=""):
    """Draw several activations on one range of colours, so that they compare.

    Args:
        activations: dict from a name to an activation of one image, ``(height, width, channels)`` or
            ``(units,)``, with or without a batch axis of 1; or to a picture ``(height, width)``.
        images: the input images, one for each activation, drawn above its grid.
        columns: channels in a row of each grid.
        scale: "layer" or "raw" for one range over all; "channel" or "standard" for one range for each
            channel, the same in all activations.
        title: words above all; the scale is added.

    Returns:
        The Figure: up to four panels a row, one colour bar.

    Raises:
        CourseError: if nothing is given, the images do not match, or the channels differ where they may not.
    """
    grids = shared_grids(activations, columns, scale=scale)
    words = next(iter(grids.values())).words
    grids = {describe(grid, name): grid for name, grid in grids.items()}
    sheet, _, _ = draw_grids(grids, images, f"{title}: {words}" if title else words.capitalize())
    return sheet.figure


def draw_grids(grids, images, title, across=4):
    """Draw grids side by side, each below its label and its input image, with one colour bar for all.

    Args:
        grids: dict from the words above a grid to a `helpers.plots.grid.Grid`, all on one range of colours.
        images: the input images, one for each grid; None for none.
        title: words above all.
        across: grids in a row, at most.

    Returns:
        The Sheet, a list of each grid's axes, and the (width, height) of a tile in inches.

    Raises:
        CourseError: if there is not one image for each grid.
    """
    images = [None] * len(grids) if images is None else as_list(images, "images")
    if len(images) != len(grids):
        raise CourseError(
            f"an input image for each activation is needed, and {len(images)} came for {len(grids)}: "
            "give one each, or none."
        )
    labels, grids = list(grids), list(grids.values())
    across = min(len(grids), across)
    wide = (ROOM - BAR + NEAR) / across - NEAR
    tile = min(tile_size(grid, wide - INDEX, 4.0) for grid in grids)
    labels, label = wrap_labels(labels, wide - INDEX)
    shown = 0 if images[0] is None else min(1.0, wide / 2)
    below = label + shown + 0.12  # inches from a label to its grid
    tall = below + max(0.6, max(grid.rows for grid in grids) * tile[1]) + 0.2
    corners, height = lay_out(len(grids), across, wide + NEAR, tall)
    sheet, every = Sheet(title, height), []
    for grid, words, image, (left, top) in zip(grids, labels, images, corners):
        sheet.text(left + INDEX, top, words, fontsize=9.5)
        sheet.image(image, left + INDEX, top + label + 0.04, shown, shown)
        every.append(sheet.grid(grid, left + INDEX, top + below, tile, bar=False))
    sheet.bar(every[-1], ROOM - BAR + 0.1, below, grids[-1].rows * tile[1], grids[-1].marks)
    return sheet, every, tile
