"""Draw layers: all channels of one or of several, one channel, one channel across the layers."""

import dataclasses

import numpy as np

from helpers import pictures
from helpers._shared.arguments import as_index, as_whole_number
from helpers._shared.errors import CourseError
from helpers.plots.arguments import as_named
from helpers.plots.grid import APART, BAR, INDEX, ROOM, Sheet, describe, grid_of, lay_out, tile_size, wrap, wrap_labels
from helpers.plots.house import house_figure

__all__ = ["plot_channel", "plot_channel_across_layers", "plot_layer", "plot_layers"]

SIDE = 1.3  # inches of an input image
LARGE = 3.0  # inches of one channel alone, and of its input image
LABEL = 1.55  # inches of the words left of a panel


@house_figure
def plot_layer(activation, *, image=None, name="", columns=16, scale="layer"):
    """Draw every channel of one layer for one image.

    A silent channel is black, a value that is not finite orange. The numbers at the left are the index of
    each row's first channel.

    Args:
        activation: ``(height, width, channels)`` or ``(units,)``, with or without a batch axis of 1.
        image: the input image, drawn left of the grid: ``(height, width, channels)``, values 0..1 or 0..255.
        name: the layer's name, for the title.
        columns: channels in a row; the last row may be short.
        scale: "layer", "channel", "standard" or "raw", see `helpers.pictures.scale_channels`.

    Returns:
        The Figure: input image (if given), grid, colour bar.

    Raises:
        CourseError: if there is more than one image, or an argument is out of range.
    """
    grid = grid_of(activation, columns, scale=scale)
    left = (0 if image is None else SIDE + APART) + (INDEX if grid.rows > 1 else 0)
    tile = tile_size(grid, ROOM - left - BAR)
    height, width = (0, 1) if image is None else pictures.image_picture(image).shape[:2]
    shown = min(SIDE * height / width, 2 * SIDE)
    sheet = Sheet(f"{describe(grid, name)}, {grid.words}", max(grid.rows * tile[1], 0.55, shown), left)
    sheet.grid(grid, left, 0, tile)
    sheet.image(image, 0, 0, SIDE, shown, title="input image")
    return sheet.figure


@house_figure
def plot_layers(model, images, layers=None, *, columns=16, scale="layer"):
    """Draw every channel of several layers for one image: one figure, one panel a layer.

    Args:
        model: a Sequential or Functional Keras model.
        images: one image with its batch axis, ``(1, height, width, channels)``, in the value range that the
            model was trained on; a list of such arrays for a model with several inputs.
        layers: names of layers (a nested one as ``outer/inner``); None for every layer but inputs.
        columns: channels in a row; the last row may be short.
        scale: "layer", "channel", "standard" or "raw", see `helpers.pictures.scale_channels`; "layer" is one
            range for each layer, so that brightness does not compare between layers.

    Returns:
        The Figure: input image above, then the panels in model order, each with its colour bar.

    Raises:
        KeyError: if a layer is unknown; the sentence lists the names.
        CourseError: if the images do not fit the model, or are more than one.
    """
    from helpers.activations import read_activations  # here, so that importing plots does not load Keras

    activations = read_activations(model, images, layers)
    grids = {}
    for name, activation in activations.items():
        grids[name] = grid_of(activation, _dense_columns(activation, columns), scale=scale)
    tiles = [tile_size(grid, 4.8 * min(1, grid.columns / columns), 4.0) for grid in grids.values()]
    heights = [max(0.55, grid.rows * tile[1]) + APART for grid, tile in zip(grids.values(), tiles)]
    image = _first_image(images)
    top = 0 if image is None else SIDE + APART
    many = f"{len(grids)} layer{'s' if len(grids) > 1 else ''}"
    sheet = Sheet(f"{model.name}: {many} for one image, {pictures.SCALES[scale]}", top + sum(heights))
    sheet.text(0, 0, "" if image is None else "input image", fontsize=9.5)
    sheet.image(image, LABEL + INDEX, 0, 2 * SIDE, SIDE)
    for (name, grid), tile, height in zip(grids.items(), tiles, heights):
        lines = [name, *describe(grid).split(", ")]
        if grid.words != pictures.SCALES[scale]:  # its scale is not that of the others
            lines.append(grid.words)
        words = "\n".join(wrap(line, LABEL, 9.5) for line in lines)
        sheet.text(0, top, words, fontsize=9.5, linespacing=1.3)
        sheet.grid(grid, LABEL + INDEX, top, tile)
        top += height
    return sheet.figure


@house_figure
def plot_channel(activation, channel, *, image=None, name="", scale="channel"):
    """Draw one channel of one layer.

    Args:
        activation: ``(height, width, channels)`` or ``(units,)``, with or without a batch axis of 1.
        channel: index of the channel, counted from 0.
        image: the input image, drawn at the left: ``(height, width, channels)``, values 0..1 or 0..255.
        name: the layer's name, for the title.
        scale: the range of the colours: "channel" (its own), "layer" (that of all channels), "standard" or
            "raw".

    Returns:
        The Figure: input image (if given), the channel, colour bar.

    Raises:
        CourseError: if the channel does not exist, or there is more than one image.
    """
    grid, span = _one_channel(activation, channel, scale, name)
    first = f"{name}: " if name else ""
    title = f"{first}channel {channel} of {np.shape(activation)[-1]} (index from 0), {span}, {grid.words}"
    left = 0 if image is None else LARGE + APART
    tile = tile_size(grid, LARGE, tallest=LARGE, widest=LARGE)
    sheet = Sheet(title, tile[1] if image is None else LARGE)
    sheet.grid(grid, left, 0, tile, numbered=False)
    sheet.image(image, 0, 0, LARGE, LARGE)
    return sheet.figure


@house_figure
def plot_channel_across_layers(activations, channel, *, image=None, columns=4, scale="channel"):
    """Draw one channel in each of several layers: the same index, which is not the same filter.

    Args:
        activations: dict from layer name to the activation of one image, as from
            `helpers.activations.read_activations`.
        channel: index of the channel, counted from 0; every layer must have it.
        image: the input image, drawn above the panels: ``(height, width, channels)``, 0..1 or 0..255.
        columns: panels in a row.
        scale: the colours' range in each panel: "channel", "layer", "standard" or "raw".

    Returns:
        The Figure: one panel per layer, with the layer's name and the channel's range.

    Raises:
        CourseError: if a layer does not have that channel, or nothing is given.
    """
    columns = as_whole_number(columns, "columns")
    side = (ROOM - BAR) / columns - APART
    grids, labels = [], []
    for name, activation in as_named(activations, "activations").items():
        grid, span = _one_channel(activation, channel, scale, name)
        grids.append(grid)
        labels.append(f"{name}: {grid.shape[0]} x {grid.shape[1]}, {span}")
    labels, label = wrap_labels(labels, side + APART, 9)
    top = 0 if image is None else SIDE + APART
    corners, height = lay_out(len(grids), columns, side + APART, side + label + 0.2)
    silent = sum(len(grid.silent) for grid in grids)
    title = f"Channel {channel} (index from 0) across {len(grids)} layers: silent in {silent}, {grids[0].words}"
    sheet = Sheet(title, top + height)
    sheet.image(image, 0, 0, 2 * SIDE, SIDE)
    for grid, words, (left, above) in zip(grids, labels, corners):
        sheet.text(left, top + above, words, fontsize=9, linespacing=1.3)
        tile = tile_size(grid, side, tallest=side, widest=side)
        axes = sheet.grid(grid, left, top + above + label + 0.08, tile, numbered=False, bar=False)
    if scale != "raw":  # raw values have another range in each layer, which the words say
        marks = grids[-1].marks if scale == "standard" else {0: "lowest", 1: "highest"}
        sheet.bar(axes, ROOM - BAR, top + label + 0.08, side, marks)
    return sheet.figure


def _first_image(images):
    """Return the one image that a network was given, or None where its (first) input is no image."""
    while isinstance(images, (list, tuple, dict)):
        images = list(images.values() if isinstance(images, dict) else images)[0]
    try:
        return pictures.image_picture(np.asarray(images)[0])
    except CourseError:
        return None


def _dense_columns(activation, columns):
    """Let a dense layer of many units have more of them in a row, until it has at most 16 rows."""
    columns = as_whole_number(columns, "columns")
    while np.ndim(activation) < 3 and np.size(activation) > 16 * columns:
        columns *= 2
    return columns


def _one_channel(activation, channel, scale, name):
    """Return the grid of one channel, in colours that may be those of the whole layer, and its range in words."""
    maps = pictures.as_maps(activation)
    height, _, channels = maps.shape
    as_index(channel, f"channel of layer {name!r}" if name else "channel", channels)
    whole = grid_of(maps, 1, scale=scale)
    own = maps[..., channel : channel + 1]
    low, high = pictures.finite_range(own)
    words, marks = whole.words, whole.marks
    if scale == "channel" and maps.shape[:2] != (1, 1):  # a unit has no range of its own
        words = "the channel's own range"
        marks = {0: f"{low:.3g}", 1: f"{high:.3g}"} if high > low else {0: f"{low:.3g}"}
    grid = dataclasses.replace(
        whole,
        picture=whole.picture[channel * height : (channel + 1) * height],
        rows=1,
        channels=1,
        silent=pictures.silent_channels(own),
        holes=pictures.count_not_finite(own),
        words=words,
        marks=marks,
        units=False,
    )
    span = "silent" if len(grid.silent) else f"{low:.2g} to {high:.2g}" if high > low else f"{low:.2g} everywhere"
    return grid, span + (f", {grid.holes} not finite" if grid.holes else "")
