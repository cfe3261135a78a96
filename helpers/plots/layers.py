"""Draw layers: all channels of one or of several, one channel, one channel across the layers."""

from itertools import product

import numpy as np

from helpers import pictures
from helpers._shared.arguments import as_choice, as_index, as_whole_number
from helpers.plots import grid as grids
from helpers.plots.arguments import as_named
from helpers.plots.house import house_figure
from helpers.plots.looks import look_of
from helpers.plots.sheet import APART, LABEL, ROOM, Sheet, pixels, wrap

__all__ = ["plot_channel", "plot_channel_across_layers", "plot_layer", "plot_layers"]

SIDE = 1.3  # inches of an input image
LARGE = 3.0  # inches of one channel alone, and of its input image
WORDS = 1.55  # inches of the words left of a panel


@house_figure
def plot_layer(activation, *, image=None, name="", columns=None, scale="layer", look=None):
    """Draw every channel of one layer for one image.

    A silent channel is black, a value that is not finite orange. The numbers at the left are the index of
    each row's first channel.

    Args:
        activation: ``(height, width, channels)`` or ``(units,)``, with or without a batch axis of 1.
        image: the input image, drawn left of the grid: ``(height, width, channels)``, values 0..1 or 0..255.
        name: the layer's name, for the title.
        columns: channels in a row; the last row may be short. None for 8 of maps above 64 pixels a side, else 16.
        scale: "layer", "channel", "standard" or "raw", see `helpers.pictures.scale_channels`.
        look: an article's name for the look of its figures: "shapes", "cats", "xray", "digits", "mnist4" or
            "mnist6". It has a scale of its own, and silent channels are drawn as that article's code would.

    Returns:
        The Figure: input image (if given), grid, colour bar.

    Raises:
        CourseError: if there is more than one image, or an argument is out of range.
    """
    drawn = look_of(look)
    grid = grids.grid_of(activation, drawn.columns if columns is None else columns, scale=drawn.scale or scale)
    title = f"{grid.describe(name)}, {grid.words}" if drawn.said else _articles(name)
    left = 0 if image is None else SIDE + APART
    sheet = Sheet(title, left)
    if image is not None:
        sheet.text(0, 0, "input image")
        sheet.paint(grids.paint_image(image, SIDE, 2 * SIDE, colours=drawn.image_colours), 0, 0.22)
    _draw_grid(sheet, grid, drawn, left, 0, ROOM)
    return sheet.finish()


@house_figure
def plot_layers(model, images, layers=None, *, columns=None, scale="layer", look=None):
    """Draw every channel of several layers for one image: one figure, one panel a layer.

    Args:
        model: a Sequential or Functional Keras model.
        images: one image with its batch axis, ``(1, height, width, channels)``, in the value range that the
            model was trained on; a list of such arrays for a model with several inputs.
        layers: names of layers (a nested one as ``outer/inner``); None for every layer but inputs.
        columns: channels in a row. None for 8 of maps above 64 pixels a side, else 16.
        scale: "layer", "channel", "standard" or "raw", see `helpers.pictures.scale_channels`; "layer" is one
            range for each layer, so that brightness does not compare between layers.
        look: an article's name for the look of its figures, see `plot_layer`.

    Returns:
        The Figure: input image above, then the panels in model order, each with its colour bar.

    Raises:
        KeyError: if a layer is unknown; the sentence lists the names.
        CourseError: if the images do not fit the model, or are more than one.
    """
    from helpers.activations import read_activations  # here, so that importing plots does not load Keras

    activations, drawn = read_activations(model, images, layers), look_of(look)
    as_choice(scale, "scale", pictures.SCALES)
    scale = drawn.scale or scale
    many = f"{len(activations)} layer{'s' if len(activations) > 1 else ''}"
    said = pictures.SCALES[scale].replace("the layer", "each layer")
    words = f"{many} for one image, {said}" if drawn.said else f"{many} in the article's look"
    sheet, image = Sheet(f"{model.name}: {words}"), _first_image(images)
    if image is not None:
        sheet.text(0, 0, "input image")
        sheet.paint(grids.paint_image(image, 2 * SIDE, SIDE, colours=drawn.image_colours), WORDS + grids.INDEX, 0)
    for name, activation in activations.items():
        across = columns
        if columns is None and drawn.columns and np.shape(activation)[-1] <= 16 * drawn.columns:
            across = drawn.columns  # of more maps, four in a row would be a tower
        if np.ndim(activation) <= 2:  # many units have more of them in a row, until there are at most 24 rows
            across = as_whole_number(16 if across is None else across, "columns")
            while np.size(activation) > 24 * across:
                across *= 2
        grid = grids.grid_of(activation, across, scale=scale)
        top = sheet.bottom + APART if sheet.bottom else 0
        lines = [name, *grid.describe().split(", ")] if drawn.said else [name]
        if drawn.said and grid.words != pictures.SCALES[scale]:  # its scale is not that of the others
            lines.append(grid.words)
        sheet.text(0, top, "\n".join(wrap(line, WORDS - 0.1, LABEL) for line in lines))
        _draw_grid(sheet, grid, drawn, WORDS, top, ROOM, widest=0.56, indented=True)
    return sheet.finish()


@house_figure
def plot_channel(activation, channel, *, image=None, name="", scale="channel", look=None):
    """Draw one channel of one layer.

    Args:
        activation: ``(height, width, channels)`` or ``(units,)``, with or without a batch axis of 1.
        channel: index of the channel, counted from 0.
        image: the input image, drawn at the left: ``(height, width, channels)``, values 0..1 or 0..255.
        name: the layer's name, for the title.
        scale: the range of the colours: "channel" (its own), "layer" (that of all channels), "standard" or
            "raw".
        look: an article's name for the look of its figures, see `plot_layer`.

    Returns:
        The Figure: input image (if given), the channel, colour bar.

    Raises:
        CourseError: if the channel does not exist, or there is more than one image.
    """
    drawn = look_of(look)
    grid, span = _one_channel(activation, channel, drawn.scale or scale, name)
    words = f"{name}: channel {channel}" if name else f"channel {channel}"
    said = f"{words} of {np.shape(activation)[-1]} (index from 0), {span}, {grid.words}"
    sheet, left, top = Sheet(said if drawn.said else _articles(words)), 0, 0.12 if drawn.ticks else 0
    if image is not None:
        sheet.paint(grids.paint_image(image, LARGE, LARGE, colours=drawn.image_colours), 0, top)
        left = LARGE + APART
    _draw_grid(sheet, grid, drawn, left, top, left + LARGE + grids.INDEX + grids.BAR_ROOM, widest=LARGE)
    return sheet.finish()


@house_figure
def plot_channel_across_layers(activations, channel, *, image=None, columns=4, scale="channel", look=None):
    """Draw one channel in each of several layers: the same index, which is not the same filter.

    Args:
        activations: dict from layer name to the activation of one image, as from
            `helpers.activations.read_activations`.
        channel: index of the channel, counted from 0; every layer must have it.
        image: the input image, drawn above the panels: ``(height, width, channels)``, 0..1 or 0..255.
        columns: panels in a row.
        scale: the colours' range in each panel: "channel", "layer", "standard" or "raw".
        look: an article's name for the look of its figures, see `plot_layer`.

    Returns:
        The Figure: one panel per layer, with the layer's name and the channel's range.

    Raises:
        CourseError: if a layer does not have that channel, or nothing is given.
    """
    columns, drawn = as_whole_number(columns, "columns"), look_of(look)
    scale = drawn.scale or scale
    wide = (ROOM - (grids.BAR_ROOM if drawn.said else 0)) / columns
    panels, every = [], []
    for name, activation in as_named(activations, "activations").items():
        grid, span = _one_channel(activation, channel, scale, name)
        height, width, _ = grid.maps.shape
        side = min(LARGE, wide - 0.15)
        tile = grid.tile_size(side, tallest=side, widest=side)
        words = f"{name}\n{height} x {width}, {span}" if drawn.said else name
        panels.append((words, [grid.paint(tile, drawn)]))
        every.append(grid)
    silent = sum(len(grid.silent) for grid in every)
    title = f"Channel {channel} (index from 0) across {len(every)} layers: silent in {silent}, {every[0].words}"
    sheet = Sheet(title if drawn.said else _articles(f"channel {channel} across {len(every)} layers"))
    if image is not None:
        sheet.paint(grids.paint_image(image, 2 * SIDE, SIDE, colours=drawn.image_colours), 0, 0)
        sheet.bottom += APART
    places = grids.draw_panels(sheet, panels, columns, wide)
    if drawn.said and scale != "raw":  # raw values have another range in each layer, which the words say
        marks = every[-1].marks if scale == "standard" else {0: "lowest", 1: "highest"}
        grids.draw_bar(sheet, ROOM - grids.BAR_ROOM + 0.1, places[0][1], panels[0][1][0].shape[0] / pixels(1), marks)
    return sheet.finish()


def _draw_grid(sheet, grid, look, left, top, right, *, widest=1.3, indented=False):
    """Draw a grid between two edges with its row numbers and colour bar, or what the look has instead."""
    numbered = grids.INDEX if grid.rows > 1 or look.ticks or indented else 0
    room = right - left - numbered - (grids.BAR_ROOM + 0.1 if look.said else 0)
    tile = grid.tile_size(room, widest=widest, gap=look.gap)
    left += numbered
    height, width = sheet.paint(grid.paint(tile, look), left, top)
    if look.said:
        grid.number_rows(sheet, tile, left, top)
        grids.draw_bar(sheet, left + width + 0.1, top, height, grid.marks, colours=look.colours)
    if look.ticks and tile[0] > pixels(0.5):
        _draw_ticks(sheet, grid, left, top, (width, height))


def _draw_ticks(sheet, grid, left, top, size):
    """Number the pixels of each map at the left of its row and below its column."""
    height, width, _ = grid.maps.shape
    down, across = size[1] / grid.rows, size[0] / grid.columns  # inches of a map
    for row, place in product(range(grid.rows), _ticks(height)):
        middle = top + down * (row + (place + 0.5) / height)
        sheet.text(left - 0.05, middle - 0.07, f"{place}", points=8, ha="right")
    for column, place in product(range(grid.columns), _ticks(width)):
        middle = left + across * (column + (place + 0.5) / width)
        sheet.text(middle, top + size[1] + 0.03, f"{place}", points=8, ha="center")


def _ticks(side):
    """Choose the pixels that are numbered: four or so, none near the next map."""
    step = next(step for step in (1, 2, 5, 10, 20, 40, 100, 1000) if side / step <= 4)
    return [place for place in range(0, side, step) if place <= 0.85 * side]


def _articles(name):
    """Say in a title that the look is that of the article."""
    return f"{name}, in the article's look" if name else "In the article's look"


def _first_image(images):
    """Return the one image that a network was given, or None where its (first) input is no image."""
    if isinstance(images, (list, tuple, dict)):
        images = list(images.values() if isinstance(images, dict) else images)[0]
    first = np.asarray(images)[0]
    return first if first.ndim in (2, 3) and first.shape[2:] in ((), (1,), (3,)) else None


def _one_channel(activation, channel, scale, name):
    """Return the grid of one channel, in colours that may be those of the whole layer, and its range in words."""
    maps = pictures.as_maps(activation)
    as_index(channel, f"channel of layer {name!r}" if name else "channel", maps.shape[-1])
    whole = grids.grid_of(maps, 1, scale=scale)
    own = maps[..., channel : channel + 1]
    low, high = pictures.finite_range(own)
    words, marks = whole.words, whole.marks
    if scale == "channel" and maps.shape[:2] != (1, 1):  # a unit has no range of its own
        words = "the channel's own range"
        marks = {0: f"{low:.3g}", 1: f"{high:.3g}"} if high > low else {0: f"{low:.3g}"}
    grid = grids.Grid(whole.maps[..., channel : channel + 1], 1, marks, words, pictures.silent_channels(own))
    lowest = "about 0" if 0 < abs(low) < abs(high) / 1000 else f"{low:.2g}"
    span = "silent" if len(grid.silent) else f"{lowest} to {high:.2g}" if high > low else f"{low:.2g} everywhere"
    return grid, span + (f", {grid.holes} not finite" if grid.holes else "")
