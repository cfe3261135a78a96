"""Draw images, filters, and activations side by side on one range of colours."""

import dataclasses
import math

import numpy as np

from helpers import pictures
from helpers._shared.arguments import as_index, as_list, as_numbers, as_whole_number
from helpers._shared.errors import CourseError
from helpers.plots.canvas import house_figure
from helpers.plots.colours import DIVERGING, FILTER_EDGE
from helpers.plots.grid import (
    BAR,
    EDGE,
    INDEX,
    LINE,
    WIDTH,
    Sheet,
    bar_height,
    describe,
    grid_of,
    shared_grids,
    tile_size,
    wrapped,
)

__all__ = ["plot_filters", "plot_images", "plot_side_by_side"]


@house_figure
def plot_images(images, *, titles=None, columns=5, title=""):
    """Draw images side by side, as a contact sheet.

    Args:
        images: array ``(images, height, width, channels)`` or ``(images, height, width)``, or a list of
            single images, grey or RGB, values 0..1 or 0..255.
        titles: words above each image, as many as images.
        columns: images in a row.
        title: words above all.

    Returns:
        The Figure, one panel an image.

    Raises:
        CourseError: if there is no image, or the titles do not match.
    """
    images = as_list(images, "images")
    titles = [""] * len(images) if titles is None else [str(words) for words in as_list(titles, "titles")]
    if not images or len(titles) != len(images):
        raise CourseError(
            f"a title for each image is needed, and {len(images)} images came with {len(titles)} titles: "
            "give at least one image, and as many titles as images."
        )
    images = [pictures.image_picture(image) for image in images]
    columns = min(as_whole_number(columns, "columns"), max(len(images), 4))
    side = min(1.9, (WIDTH - 2 * EDGE - (columns - 1) * 0.12) / columns)
    titles = [wrapped(words, side, 9.5) if words else "" for words in titles]
    height = side * min(1.5, max(image.shape[0] / image.shape[1] for image in images))
    label = max(words.count("\n") + 1 if words else 0 for words in titles) * LINE + 0.08
    top = EDGE + (LINE * 1.5 if title else 0)
    sheet = Sheet(top + math.ceil(len(images) / columns) * (height + label) + EDGE)
    sheet.text(EDGE, EDGE, title, fontsize=11)
    for number, (image, words) in enumerate(zip(images, titles)):
        left, above = EDGE + number % columns * (side + 0.12), top + number // columns * (height + label)
        sheet.image(image, left, above + label, side, height, title=words)
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
    part = _filter_part(weights, input_channel)  # (height, width, filters) or (height, width, 3, filters)
    largest = float(np.abs(weights).max()) or 1.0
    channels = weights.shape[2]
    of = "" if channels == 1 else " on RGB (grey is zero)" if part.ndim == 4 else f" on input channel {input_channel}"
    size = f"{weights.shape[0]} x {weights.shape[1]}"
    title = f"{weights.shape[-1]} filters of {size}{of}, {part.min():.2g} to {part.max():.2g}, one range for all"
    title = wrapped(f"{name}: {title}" if name else title, WIDTH - 2 * EDGE)
    return _filters_figure(part, title, columns, largest)


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
    images = [None] * len(grids) if images is None else as_list(images, "images")
    if len(images) != len(grids):
        raise CourseError(
            f"an input image for each activation is needed, and {len(images)} came for {len(grids)}: "
            "give one each, or none."
        )
    words = next(iter(grids.values())).words
    return _side_by_side_figure(grids, images, f"{title}: {words}" if title else words.capitalize())


def _filter_part(weights, input_channel):
    if weights.ndim != 4 or not weights.size:
        raise CourseError(
            f"weights (height, width, input channels, filters) are needed, and shape {weights.shape} came: "
            "give layer.get_weights()[0] of a Conv2D layer."
        )
    channels = weights.shape[2]
    if input_channel is None and channels == 3:
        return weights
    if input_channel is None and channels > 1:
        raise CourseError(
            f"these filters have {channels} input channels, and one picture shows one of them: "
            f"say which, input_channel=0 to {channels - 1}."
        )
    return weights[:, :, as_index(0 if input_channel is None else input_channel, "input_channel", channels)]


def _filters_figure(part, title, columns, largest):
    """Draw filters (height, width, filters) in diverging colours, or (height, width, 3, filters) as RGB."""
    layers = np.moveaxis(part, 2, 0) if part.ndim == 4 else [part]
    grids = [grid_of(layer, columns, scale="raw") for layer in layers]
    marks = {place: f"{place:.2g}" for place in (-largest, 0, largest)}
    grid = dataclasses.replace(grids[0], limits=(-largest, largest), marks=marks, silent=())
    if part.ndim == 4:
        colour = np.stack([each.picture for each in grids], axis=-1) / (2 * largest) + 0.5
        grid = dataclasses.replace(grid, picture=np.nan_to_num(colour, nan=1))
    tile = tile_size(grid, 5.5, 6.0)
    top = EDGE + LINE * (1 + title.count("\n")) + 0.06
    sheet = Sheet(top + max(grid.rows * tile[1], 0.5) + EDGE)
    sheet.text(EDGE, EDGE, title, fontsize=11)
    axes = sheet.grid(grid, EDGE + INDEX, top, tile, colours=DIVERGING, lines=FILTER_EDGE)
    if part.ndim == 3:
        sheet.bar(axes, EDGE + INDEX + grid.columns * tile[0] + 0.1, top, bar_height(grid, tile), grid.marks)
    return sheet.figure


def _side_by_side_figure(grids, images, title):
    across = min(len(grids), 4)
    wide = (WIDTH - 2 * EDGE - BAR - (across - 1) * 0.15) / across
    tile = min(tile_size(grid, wide - INDEX, 4.0) for grid in grids.values())
    labels = [wrapped(describe(grid, name), wide - INDEX, 9.5) for name, grid in grids.items()]
    label = 0.12 + LINE * max(words.count("\n") + 1 for words in labels)
    shown = 0.0 if images[0] is None else min(1.0, wide / 2) + 0.1
    height = label + shown + max(0.6, max(grid.rows for grid in grids.values()) * tile[1]) + 0.2
    top = EDGE + 1.5 * LINE
    sheet = Sheet(top + math.ceil(len(grids) / across) * height + EDGE)
    sheet.text(EDGE, EDGE, title, fontsize=11)
    for number, (words, grid, image) in enumerate(zip(labels, grids.values(), images)):
        left = EDGE + INDEX + number % across * (wide + 0.15)
        above = top + number // across * height
        sheet.text(left, above, words, fontsize=9.5)
        if image is not None:
            sheet.image(image, left, above + label, shown - 0.1, shown - 0.1)
        axes = sheet.grid(grid, left, above + label + shown, tile)
    sheet.bar(axes, WIDTH - EDGE - BAR + 0.1, top + label + shown, bar_height(grid, tile), grid.marks)
    return sheet.figure
