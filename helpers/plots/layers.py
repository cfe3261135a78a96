"""Draw layers: all channels of one or of several, one channel, one channel across the layers."""

import dataclasses
import math

import numpy as np

from helpers import pictures
from helpers._shared.arguments import as_index, as_mapping, as_whole_number
from helpers._shared.errors import CourseError
from helpers.plots.canvas import house_figure
from helpers.plots.grid import (
    APART,
    BAR,
    EDGE,
    INDEX,
    LINE,
    STANDARD_MARKS,
    WIDTH,
    Sheet,
    bar_height,
    describe,
    grid_of,
    tile_size,
    wrapped,
)

__all__ = ["plot_channel", "plot_channel_across_layers", "plot_layer", "plot_layers"]

SIDE = 1.3  # inches of an input image
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
    left = EDGE + (SIDE + APART if image is not None else 0)
    left += INDEX if grid.rows > 1 else 0
    title = wrapped(f"{describe(grid, name)}, {grid.words}", WIDTH - left)
    tile = tile_size(grid, WIDTH - left - BAR - EDGE)
    tall = max(grid.rows * tile[1], 0.55, _image_height(image))
    top = EDGE + LINE * (1 + title.count("\n")) + 0.06
    sheet = Sheet(top + tall + EDGE)
    sheet.text(left, EDGE, title, fontsize=11)
    axes = sheet.grid(grid, left, top, tile)
    sheet.bar(axes, left + grid.columns * tile[0] + 0.1, top, bar_height(grid, tile), grid.marks)
    if image is not None:
        sheet.text(EDGE, EDGE, "input image", fontsize=11)
        sheet.image(image, EDGE, top, SIDE, _image_height(image))
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
    return _layers_figure(activations, _first_image(images), model.name, columns, scale)


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
    grid = _one_channel(activation, channel, scale, name)
    values = pictures.as_maps(activation)[..., channel]
    left = EDGE + (3.0 + APART if image is not None else 0)
    first = f"{name}: " if name else ""
    which = f"{first}channel {channel} of {np.shape(activation)[-1]} (index from 0)"
    title = wrapped(f"{which}, {_values(values, grid)}, {grid.words}", WIDTH - 2 * EDGE)
    side = min(3.0, 3.0 * grid.shape[1] / grid.shape[0])
    tile = (side, side * grid.shape[0] / grid.shape[1])
    top = EDGE + LINE * (1 + title.count("\n")) + 0.06
    sheet = Sheet(top + max(tile[1], 3.0 if image is not None else 0) + EDGE)
    sheet.text(EDGE, EDGE, title, fontsize=11)
    axes = sheet.grid(grid, left, top, tile, numbered=False)
    sheet.bar(axes, left + tile[0] + 0.1, top, tile[1], grid.marks)
    if image is not None:
        sheet.image(image, EDGE, top, 3.0, 3.0)
    return sheet.figure


@house_figure
def plot_channel_across_layers(activations, channel, *, image=None, columns=4, scale="channel"):
    """Draw one channel in each of several layers: the same index, which is not the same filter.

    Args:
        activations: dict from layer name to the activation of one image, as from
            `helpers.activations.read_activations`.
        channel: index of the channel, counted from 0; every layer must have it.
        image: the input image, drawn left of the title: ``(height, width, channels)``, 0..1 or 0..255.
        columns: panels in a row.
        scale: the colours' range in each panel: "channel", "layer", "standard" or "raw".

    Returns:
        The Figure: one panel a layer, with the layer's name and the channel's range.

    Raises:
        CourseError: if a layer does not have that channel, or nothing is given.
    """
    if not as_mapping(activations, "activations"):
        raise CourseError("at least one layer is needed, and none came: give what read_activations returns.")
    grids = {name: _one_channel(every, channel, scale, name) for name, every in activations.items()}
    silent = sum(len(grid.silent) for grid in grids.values())
    words = next(iter(grids.values())).words
    title = f"Channel {channel} (index from 0) across {len(grids)} layers: silent in {silent}, {words}"
    values = {name: pictures.as_maps(every)[..., channel] for name, every in activations.items()}
    return _across_figure(grids, values, title, image, as_whole_number(columns, "columns"), scale)


def _image_height(image):
    if image is None:
        return 0
    height, width = pictures.image_picture(image).shape[:2]
    return min(SIDE * height / width, 2 * SIDE)


def _first_image(images):
    """Return the one image that a network was given, or None where its (first) input is no image."""
    while isinstance(images, (list, tuple, dict)):
        images = list(images.values() if isinstance(images, dict) else images)[0]
    try:
        return pictures.image_picture(np.asarray(images)[0])
    except ValueError:
        return None


def _header_height(image):
    return EDGE + (SIDE * 0.7 + 0.15 if image is not None else 2.2 * LINE)


def _header(sheet, title, image):
    """Write the title at the top, beside the input image if there is one."""
    left = EDGE
    if image is not None:
        left += sheet.image(image, EDGE, EDGE, SIDE, SIDE * 0.7).get_position().width * sheet.width + 0.15
    sheet.text(left, EDGE, wrapped(title, WIDTH - left - EDGE), fontsize=11, linespacing=1.3)


def _layers_figure(activations, image, model_name, columns, scale):
    grids = {name: grid_of(every, _dense_columns(every, columns), scale=scale) for name, every in activations.items()}
    tiles = {name: tile_size(grid, 4.8 * min(1, grid.columns / columns), 4.0) for name, grid in grids.items()}
    heights = {name: max(0.55, grid.rows * tiles[name][1]) + APART for name, grid in grids.items()}
    top = _header_height(image) + 0.1
    sheet = Sheet(top + sum(heights.values()))
    many = f"{len(grids)} layers" if len(grids) > 1 else "1 layer"
    _header(sheet, f"{model_name}: {many} for one image, {pictures.SCALES[scale]}", image)
    for name, grid in grids.items():
        _layer_panel(sheet, grid, top, tiles[name], name, also=grid.words != pictures.SCALES[scale])
        top += heights[name]
    return sheet.figure


def _layer_panel(sheet, grid, top, tile, name, *, also):
    """Draw one layer with its words at the left; also says its scale, where it is not that of the others."""
    left = EDGE + LABEL + INDEX
    name = wrapped(name, LABEL, 10.5)
    words = describe(grid).replace(", ", "\n") + ("\n" + wrapped(grid.words, LABEL, 9) if also else "")
    sheet.text(EDGE, top, name, fontsize=10.5)
    sheet.text(EDGE, top + LINE * (1 + name.count("\n")), words, fontsize=9, linespacing=1.3)
    axes = sheet.grid(grid, left, top, tile)
    sheet.bar(axes, left + grid.columns * tile[0] + 0.1, top, bar_height(grid, tile), grid.marks)


def _dense_columns(activation, columns):
    """Let a dense layer of many units have more of them in a row, until it has at most 16 rows."""
    columns = as_whole_number(columns, "columns")
    while np.ndim(activation) < 3 and np.size(activation) > 16 * columns:
        columns *= 2
    return columns


def _one_channel(activation, channel, scale, name):
    """Return the grid of one channel, in colours that may be those of the whole layer."""
    maps = pictures.as_maps(activation)
    height, _, channels = maps.shape
    as_index(channel, f"channel of layer {name!r}" if name else "channel", channels)
    whole = grid_of(maps, 1, scale=scale)
    own = maps[..., channel : channel + 1]
    return dataclasses.replace(
        whole,
        picture=whole.picture[channel * height : (channel + 1) * height],
        rows=1,
        channels=1,
        silent=pictures.silent_channels(own),
        holes=pictures.count_not_finite(own),
        words=pictures.SCALES[scale].replace("each channel its own range", "the channel's own range"),
        marks=_own_marks(own) if scale == "channel" else whole.marks,
    )


def _across_figure(grids, values, title, image, columns, scale):
    side = (WIDTH - 2 * EDGE - BAR) / columns - APART
    labels = [_panel_label(name, values[name], grid, side) for name, grid in grids.items()]
    top, height = _header_height(image), 0.22 + LINE * max(label.count("\n") + 1 for label in labels)
    sheet = Sheet(top + math.ceil(len(grids) / columns) * (side + height) + EDGE)
    _header(sheet, title, image)
    for number, (grid, label) in enumerate(zip(grids.values(), labels)):
        left = EDGE + number % columns * (side + APART)
        above = top + number // columns * (side + height)
        sheet.text(left, above + 0.1, label, fontsize=9, linespacing=1.3)
        fit = side / max(grid.shape)
        tile = (grid.shape[1] * fit, grid.shape[0] * fit)
        axes = sheet.grid(grid, left, above + height - 0.08, tile, numbered=False)
    if scale != "raw":  # raw values have another range in each layer, which the words say
        sheet.bar(axes, WIDTH - EDGE - BAR, top + height - 0.08, side, _relative(scale))
    return sheet.figure


def _panel_label(name, values, grid, width):
    words = f"{grid.shape[0]} x {grid.shape[1]}, {_values(values, grid)}"
    return wrapped(name, width + APART, 9) + "\n" + wrapped(words, width + APART, 9)


def _own_marks(values):
    low, high = pictures.finite_range(values)
    return {0: f"{low:.3g}", 1: f"{high:.3g}"} if high > low else {0: f"{low:.3g}"}


def _values(values, grid):
    """Say a channel's range in words."""
    low, high = pictures.finite_range(values)
    words = "silent" if len(grid.silent) else f"{low:.2g} to {high:.2g}" if high > low else f"{low:.2g} everywhere"
    return words + (f", {grid.holes} not finite" if grid.holes else "")


def _relative(scale):
    """Return the words of a colour bar that stands for several ranges at once."""
    return STANDARD_MARKS if scale == "standard" else {0: "lowest", 1: "highest"}
