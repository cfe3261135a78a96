"""Draw layers, images, filters, trainings and answers; every function returns a matplotlib Figure.

A figure is closed in pyplot when it is returned, so that a notebook cell that ends in the call shows it once.
"""

import dataclasses
import math

import numpy as np

from helpers import pictures
from helpers.arguments import brief, by_name, listed, numbers
from helpers.plots import panels
from helpers.plots.by_epoch import plot_curves, plot_history
from helpers.plots.by_hand import plot_filter_at, plot_parts, plot_pooling_at
from helpers.plots.by_layer import plot_over_layers, plot_shares
from helpers.plots.charts import plot_answers, plot_confusion, plot_histogram, plot_seed_dots
from helpers.plots.colours import DIVERGING, FILTER_EDGE
from helpers.plots.growth import plot_growth
from helpers.plots.heatmaps import plot_best_inputs, plot_heatmaps
from helpers.plots.look_alikes import plot_flip, plot_ringed
from helpers.plots.panels import APART, BAR, EDGE, INDEX, LINE, WIDTH, Sheet, house_figure, wrapped
from helpers.plots.races import plot_time_to_accuracy

__all__ = [
    "plot_answers",
    "plot_best_inputs",
    "plot_channel",
    "plot_channel_across_layers",
    "plot_confusion",
    "plot_curves",
    "plot_filter_at",
    "plot_filters",
    "plot_flip",
    "plot_growth",
    "plot_heatmaps",
    "plot_histogram",
    "plot_history",
    "plot_images",
    "plot_layer",
    "plot_layers",
    "plot_over_layers",
    "plot_parts",
    "plot_pooling_at",
    "plot_ringed",
    "plot_seed_dots",
    "plot_shares",
    "plot_side_by_side",
    "plot_time_to_accuracy",
]

SIDE = 1.3  # inches of an input image
LABEL = 1.55  # inches of the words left of a panel
TALLEST = 9.0  # inches of a grid


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
        ValueError: if there is more than one image, or an argument is out of range.
    """
    grid = panels.grid_of(activation, columns, scale=scale)
    left = EDGE + (SIDE + APART if image is not None else 0)
    left += INDEX if grid.rows > 1 else 0
    title = wrapped(f"{panels.describe(grid, name)}, {grid.words}", WIDTH - left)
    tile = _tile(grid, WIDTH - left - BAR - EDGE)
    tall = max(grid.rows * tile[1], 0.55, _image_height(image))
    top = EDGE + LINE * (1 + title.count("\n")) + 0.06
    sheet = Sheet(top + tall + EDGE)
    sheet.text(left, EDGE, title, fontsize=11)
    axes = sheet.grid(grid, left, top, tile)
    sheet.bar(axes, left + grid.columns * tile[0] + 0.1, top, _bar_height(grid, tile), grid.marks)
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
        ValueError: if the images do not fit the model, or are more than one.
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
        ValueError: if the channel does not exist, or there is more than one image.
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
        ValueError: if a layer does not have that channel, or nothing is given.
    """
    if not by_name(activations, "activations"):
        raise ValueError("at least one layer is needed, and none came: give what read_activations returns.")
    grids = {name: _one_channel(every, channel, scale, name) for name, every in activations.items()}
    silent = sum(len(grid.silent) for grid in grids.values())
    words = next(iter(grids.values())).words
    title = f"Channel {channel} (index from 0) across {len(grids)} layers: silent in {silent}, {words}"
    values = {name: pictures.as_maps(every)[..., channel] for name, every in activations.items()}
    return _across_figure(grids, values, title, image, pictures.whole_number(columns, "columns"), scale)


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
        ValueError: if there is no image, or the titles do not match.
    """
    images = listed(images, "images")
    titles = [""] * len(images) if titles is None else [str(words) for words in listed(titles, "titles")]
    if not images or len(titles) != len(images):
        raise ValueError(
            f"a title for each image is needed, and {len(images)} images came with {len(titles)} titles: "
            "give at least one image, and as many titles as images."
        )
    images = [pictures.image_picture(image) for image in images]
    columns = min(pictures.whole_number(columns, "columns"), max(len(images), 4))
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
        ValueError: if the weights are not those of a 2-D convolution, or the input channel is missing or
            unknown.
    """
    weights = numbers(weights, "weights")
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
        ValueError: if nothing is given, the images do not match, or the channels differ where they may not.
    """
    grids = panels.shared_grids(activations, columns, scale=scale)
    images = [None] * len(grids) if images is None else listed(images, "images")
    if len(images) != len(grids):
        raise ValueError(
            f"an input image for each activation is needed, and {len(images)} came for {len(grids)}: "
            "give one each, or none."
        )
    words = next(iter(grids.values())).words
    return _side_by_side_figure(grids, images, f"{title}: {words}" if title else words.capitalize())


def _tile(grid, width, tallest=TALLEST):
    """Return (width, height) in inches of one tile, so that pixels are square; units are flat rectangles."""
    wide = min(1.3, width / grid.columns)
    if grid.units:
        wide = min(wide, 0.5)
        return wide, min(max(0.6 * wide, 0.045), 4.0 / grid.rows)
    tall = wide * grid.shape[0] / grid.shape[1]
    shrink = min(1, tallest / (grid.rows * tall))
    return wide * shrink, tall * shrink


def _bar_height(grid, tile):
    return max(0.5, min(grid.rows * tile[1], 2.2))


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
    grids = {
        name: panels.grid_of(every, _dense_columns(every, columns), scale=scale) for name, every in activations.items()
    }
    tiles = {name: _tile(grid, 4.8 * min(1, grid.columns / columns), 4.0) for name, grid in grids.items()}
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
    words = panels.describe(grid).replace(", ", "\n") + ("\n" + wrapped(grid.words, LABEL, 9) if also else "")
    sheet.text(EDGE, top, name, fontsize=10.5)
    sheet.text(EDGE, top + LINE * (1 + name.count("\n")), words, fontsize=9, linespacing=1.3)
    axes = sheet.grid(grid, left, top, tile)
    sheet.bar(axes, left + grid.columns * tile[0] + 0.1, top, _bar_height(grid, tile), grid.marks)


def _dense_columns(activation, columns):
    """Let a dense layer of many units have more of them in a row, until it has at most 16 rows."""
    columns = pictures.whole_number(columns, "columns")
    while np.ndim(activation) < 3 and np.size(activation) > 16 * columns:
        columns *= 2
    return columns


def _is_index(value, count):
    """Whether something is a whole number from 0 to count - 1; True and False are none."""
    return isinstance(value, (int, np.integer)) and not isinstance(value, bool) and 0 <= value < count


def _one_channel(activation, channel, scale, name):
    """Return the grid of one channel, in colours that may be those of the whole layer."""
    maps = pictures.as_maps(activation)
    height, _, channels = maps.shape
    if not _is_index(channel, channels):
        of = f"layer {name!r}" if name else "the layer"
        raise ValueError(f"channel must be 0 to {channels - 1} for {of}, not {brief(channel)}: choose one of those.")
    whole = panels.grid_of(maps, 1, scale=scale)
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


def _filter_part(weights, input_channel):
    if weights.ndim != 4 or not weights.size:
        raise ValueError(
            f"weights (height, width, input channels, filters) are needed, and shape {weights.shape} came: "
            "give layer.get_weights()[0] of a Conv2D layer."
        )
    channels = weights.shape[2]
    if input_channel is None and channels == 3:
        return weights
    if input_channel is None and channels > 1:
        raise ValueError(
            f"these filters have {channels} input channels, and one picture shows one of them: "
            f"say which, input_channel=0 to {channels - 1}."
        )
    if input_channel is not None and not _is_index(input_channel, channels):
        raise ValueError(f"input_channel must be 0 to {channels - 1}, not {brief(input_channel)}: choose one of those.")
    return weights[:, :, input_channel or 0]


def _filters_figure(part, title, columns, largest):
    """Draw filters (height, width, filters) in diverging colours, or (height, width, 3, filters) as RGB."""
    layers = np.moveaxis(part, 2, 0) if part.ndim == 4 else [part]
    grids = [panels.grid_of(layer, columns, scale="raw") for layer in layers]
    marks = {place: f"{place:.2g}" for place in (-largest, 0, largest)}
    grid = dataclasses.replace(grids[0], limits=(-largest, largest), marks=marks, silent=())
    if part.ndim == 4:
        colour = np.stack([each.picture for each in grids], axis=-1) / (2 * largest) + 0.5
        grid = dataclasses.replace(grid, picture=np.nan_to_num(colour, nan=1))
    tile = _tile(grid, 5.5, 6.0)
    top = EDGE + LINE * (1 + title.count("\n")) + 0.06
    sheet = Sheet(top + max(grid.rows * tile[1], 0.5) + EDGE)
    sheet.text(EDGE, EDGE, title, fontsize=11)
    axes = sheet.grid(grid, EDGE + INDEX, top, tile, colours=DIVERGING, lines=FILTER_EDGE)
    if part.ndim == 3:
        sheet.bar(axes, EDGE + INDEX + grid.columns * tile[0] + 0.1, top, _bar_height(grid, tile), grid.marks)
    return sheet.figure


def _side_by_side_figure(grids, images, title):
    across = min(len(grids), 4)
    wide = (WIDTH - 2 * EDGE - BAR - (across - 1) * 0.15) / across
    tile = min(_tile(grid, wide - INDEX, 4.0) for grid in grids.values())
    labels = [wrapped(panels.describe(grid, name), wide - INDEX, 9.5) for name, grid in grids.items()]
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
    sheet.bar(axes, WIDTH - EDGE - BAR + 0.1, top + label + shown, _bar_height(grid, tile), grid.marks)
    return sheet.figure


def _relative(scale):
    """Return the words of a colour bar that stands for several ranges at once."""
    return panels.STANDARD_MARKS if scale == "standard" else {0: "lowest", 1: "highest"}
