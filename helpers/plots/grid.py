"""A sheet of grids with its colour bars: what every picture of layers is made of, at places in inches."""

import math
import textwrap
from dataclasses import dataclass

import matplotlib
import matplotlib.pyplot as plt
import numpy as np
from matplotlib.collections import LineCollection, PatchCollection
from matplotlib.patches import Rectangle

from helpers import pictures
from helpers._shared.arguments import as_choice
from helpers._shared.errors import CourseError
from helpers.plots.arguments import as_named
from helpers.plots.colours import GAP, GREY_IMAGE, NOT_FINITE, SEQUENTIAL, SILENT

__all__ = [
    "WIDTH",
    "Grid",
    "Sheet",
    "describe",
    "grid_of",
    "lay_out",
    "shared_grids",
    "tile_size",
    "wrap",
    "wrap_labels",
]

WIDTH = 8.0  # inches of a figure: 800 pixels in a notebook, where the fonts show at their own size
EDGE = 0.08  # inches of white around a figure
ROOM = WIDTH - 2 * EDGE  # inches that a sheet offers from left to right
APART = 0.25  # inches between panels
LINE = 0.19  # inches of one line of text
BAR = 0.85  # inches of a colour bar with its numbers
INDEX = 0.34  # inches of the channel numbers left of a grid
STANDARD_MARKS = {0: "-2 dev.", 64: "-1 dev.", 128: "mean", 192: "+1 dev.", 255: "+2 dev."}
SHARED = {"layer": "one range for all", "raw": "raw values, one range for all"}


@dataclass(frozen=True)
class Grid:
    """The channels of one layer, scaled and tiled without gaps, with what has to be said about them."""

    picture: np.ndarray  # (rows * height, columns * width), NaN where there is nothing
    columns: int
    rows: int
    channels: int
    shape: tuple  # (height, width) of one map
    limits: tuple  # lowest and highest colour
    marks: dict  # colour bar: place -> words
    words: str  # the scale in words
    silent: np.ndarray  # indices of the silent channels
    holes: int  # values that are not finite
    units: bool  # a dense layer, whose channels are called units


def grid_of(activation, columns=16, *, scale="layer"):
    """Scale and tile the channels of one image's activation for drawing.

    Args:
        activation: ``(height, width, channels)`` or ``(units,)``, with or without a batch axis of 1.
        columns: channels in a row.
        scale: "raw", "layer", "channel" or "standard". One value a channel has no range of its own, so such
            layers are scaled over the layer, and the words say so.

    Returns:
        A `Grid`.

    Raises:
        CourseError: as `helpers.pictures.tile_channels`.
    """
    maps = pictures.as_maps(activation)
    words = pictures.SCALES[as_choice(scale, "scale", pictures.SCALES)]
    if maps.shape[:2] == (1, 1) and scale in ("channel", "standard"):
        scale, words = "layer", "one range for the layer (one value a channel)"
    picture = pictures.tile_channels(maps, columns, scale=scale, gap=0)
    return _grid(maps, picture, words, _colours(scale, maps), np.ndim(activation) < 3)


def shared_grids(activations, columns=8, *, scale="layer"):
    """Scale several activations over one range, and tile each.

    Args:
        activations: dict from name to activation, as for `grid_of`; an array ``(height, width)`` counts as a
            picture of one channel.
        columns: channels in a row.
        scale: "raw" or "layer" for one range over all, "channel" or "standard" for one range for each channel
            over all; these need the same number of channels everywhere.

    Returns:
        A dict from name to `Grid`.

    Raises:
        CourseError: if nothing is given, or the numbers of channels differ where they may not.
    """
    as_choice(scale, "scale", pictures.SCALES)
    every = [_maps_or_picture(activation) for activation in as_named(activations, "activations").values()]
    channels = {maps.shape[-1] for maps in every}
    together = scale in ("raw", "layer")
    if len(channels) > 1 and not together:
        raise CourseError(
            f'scale "{scale}" needs the same number of channels, and {sorted(channels)} came: use "layer".'
        )
    flat = [maps.reshape(-1, 1 if together else maps.shape[-1]) for maps in every]
    joined = np.concatenate(flat)
    ends = np.cumsum([len(part) for part in flat])
    parts = np.split(pictures.scale_channels(joined, scale=scale), ends[:-1])
    words = SHARED.get(scale, f"{pictures.SCALES[scale]}, the same in all")
    colours = _colours(scale, joined)
    grids = {}
    for (name, given), maps, part in zip(activations.items(), every, parts):
        picture = pictures.tile_channels(part.reshape(maps.shape), columns, scale="raw", gap=0)
        grids[name] = _grid(maps, picture, words, colours, np.ndim(given) < 3)
    return grids


def describe(grid, name=""):
    """Say what a grid shows: layer, number of channels, silent ones, and values that are not finite.

    Args:
        grid: a `Grid`.
        name: the layer's name.

    Returns:
        Words for a title, without the scale.
    """
    kind = "unit" if grid.units else "channel"
    many = f"{grid.channels} {kind}{'s' if grid.channels > 1 else ''}"
    words = f"{many}, {len(grid.silent)} of {grid.channels} silent"
    if grid.holes:
        words += f", {grid.holes} value{'s' if grid.holes > 1 else ''} not finite (orange)"
    return f"{name}: {words}" if name else words


class Sheet:
    """A figure of known width with its title, filled from there downwards.

    Places are in inches: from 0 at the left to ROOM at the right, and from 0 below the title down to the height.
    """

    def __init__(self, title, height, left=0.0):
        title = wrap(title, ROOM - left)
        self.top = EDGE + (LINE * (1 + title.count("\n")) + 0.08 if title else 0)
        self.height = self.top + height + EDGE
        self.figure = plt.figure(figsize=(WIDTH, self.height))
        self.text(left, EDGE - self.top, title, fontsize=11)

    def axes(self, left, top, width, height, **options):
        """Return axes at a place."""
        bottom = self.height - self.top - top - height
        box = ((EDGE + left) / WIDTH, bottom / self.height, width / WIDTH, height / self.height)
        return self.figure.add_axes(box, **options)

    def text(self, left, top, words, **options):
        """Write words whose upper left corner is at a place."""
        place = (EDGE + left) / WIDTH, 1 - (self.top + top) / self.height
        return self.figure.text(*place, words, va="top", **options)

    def grid(self, grid, left, top, tile, *, colours=SEQUENTIAL, lines=GAP, numbered=True, bar=True):
        """Draw a grid of maps and its colour bar; its tiles are (width, height) inches each. Return the axes."""
        width, height = grid.columns * tile[0], grid.rows * tile[1]
        axes = self.axes(left, top, width, height)
        (low, high), cmap = grid.limits, matplotlib.colormaps[colours].with_extremes(bad=NOT_FINITE)
        extent = (0, grid.columns, grid.rows, 0)  # so that channel k lies at (k % columns, k // columns)
        picture = axes.imshow(grid.picture, cmap=cmap, vmin=low, vmax=high, extent=extent, aspect="auto")
        picture.set_interpolation_stage("data")  # mixed colours would be no colours of the bar
        _cover(axes, range(grid.channels, grid.rows * grid.columns), grid.columns, "white")
        _cover(axes, grid.silent, grid.columns, SILENT)
        if min(tile) > 0.05:  # else there would be more lines than maps
            _rule(axes, grid, lines)
        axes.spines[:].set_visible(False)
        axes.tick_params(length=0, pad=3)
        step = math.ceil(0.16 / tile[1])  # the index of a row's first channel stands beside it, where there is room
        rows = range(0, grid.rows, step) if numbered and grid.rows > 1 else []
        axes.set(xticks=[], yticks=[row + 0.5 for row in rows], yticklabels=[row * grid.columns for row in rows])
        if bar:
            self.bar(axes, left + width + 0.1, top, height, grid.marks)
        return axes

    def bar(self, axes, left, top, height, marks):
        """Draw the colour bar of the picture in the axes; marks say which places are named, and how."""
        height = max(0.5, min(height, 2.2))
        own = self.axes(left, top, 0.12, height, label="<colorbar>")  # as matplotlib names its own
        bar = self.figure.colorbar(axes.images[0], cax=own)
        places = list(marks) if height > 0.9 else list(marks)[:: max(1, len(marks) - 1)]
        bar.set_ticks(places, labels=[marks[place] for place in places])
        bar.outline.set_visible(False)
        own.tick_params(length=2, pad=2)

    def image(self, image, left, top, width, height, *, title=""):
        """Draw an image as large as the place allows, at its upper left; None draws nothing. Return the axes."""
        if image is None:
            return None
        picture = pictures.image_picture(image)
        size = np.array(picture.shape[1::-1]) * min(width / picture.shape[1], height / picture.shape[0])
        axes = self.axes(left, top, *size)
        if picture.ndim == 3:
            picture = np.nan_to_num(picture)  # a colour needs three numbers
        axes.imshow(picture, cmap=GREY_IMAGE, vmin=0, vmax=1, aspect="auto")
        axes.set_title(title, fontsize=9.5)
        axes.set(xticks=[], yticks=[])
        axes.spines[:].set(visible=True, color=GAP, linewidth=0.6)
        return axes


def lay_out(count, columns, width, height):
    """Choose where panels of one size stand, row by row.

    Args:
        count: how many there are.
        columns: panels in a row.
        width: inches from the left of a panel to that of the next.
        height: inches from the top of a row to that of the next.

    Returns:
        A list of (left, top) in inches, and the height of all rows together.
    """
    corners = [(number % columns * width, number // columns * height) for number in range(count)]
    return corners, math.ceil(count / columns) * height


def tile_size(grid, width, tallest=9.0, widest=1.3):
    """Choose how large a tile is drawn, so that pixels are square; units are flat rectangles.

    Args:
        grid: a `Grid`.
        width: inches that its columns may take together.
        tallest: inches that its rows may take together.
        widest: inches that one tile may take.

    Returns:
        (width, height) of one tile in inches.
    """
    wide = min(widest, width / grid.columns)
    if grid.units:
        wide = min(wide, 0.5)
        return wide, min(max(0.6 * wide, 0.045), 4.0 / grid.rows)
    tall = wide * grid.shape[0] / grid.shape[1]
    shrink = min(1, tallest / (grid.rows * tall))
    return wide * shrink, tall * shrink


def wrap(words, inches, points=11, least=12):
    """Break words into lines that fit a width.

    Args:
        words: the text.
        inches: the width there is.
        points: the size of the font.
        least: the fewest characters in a line, however narrow it is.

    Returns:
        The text with line breaks.
    """
    return textwrap.fill(words, max(least, int(inches * 72 / (points * 0.52))))


def wrap_labels(labels, inches, points=9.5):
    """Break the words above several panels into lines that fit their width.

    Args:
        labels: a text for each panel.
        inches: the width of a panel.
        points: the size of the font.

    Returns:
        A list of the texts with line breaks, and the height in inches of the tallest.
    """
    texts = [wrap(label, inches, points) for label in labels]
    return texts, LINE * max(text.count("\n") + 1 if text else 0 for text in texts)


def _maps_or_picture(activation):
    array = np.asarray(activation)
    return array[..., np.newaxis] if array.ndim == 2 and len(array) > 1 else pictures.as_maps(array)


def _grid(maps, picture, words, colours, dense):
    height, width, channels = maps.shape
    return Grid(
        picture=picture,
        columns=picture.shape[1] // width,
        rows=picture.shape[0] // height,
        channels=channels,
        shape=(height, width),
        limits=colours[0],
        marks=colours[1],
        words=words,
        silent=pictures.silent_channels(maps),
        holes=pictures.count_not_finite(maps),
        units=dense and maps.shape[:2] == (1, 1),
    )


def _colours(scale, values):
    """Return the colour limits and the words on the colour bar."""
    if scale == "channel":
        return (0, 1), {0: "lowest", 1: "highest"}
    if scale == "standard":
        return (0, 255), STANDARD_MARKS
    low, high = pictures.finite_range(values)
    if not high > low:
        low = 0.0 if np.isnan(low) else low
        return ((low, low + 1), {low: f"{low:.3g}"}) if scale == "raw" else ((0, 1), {0: f"{low:.3g}"})
    places = np.linspace(low, high, 3)
    limits = (low, high) if scale == "raw" else (0, 1)
    return limits, {at: f"{place:.3g}" for at, place in zip(np.linspace(*limits, 3).tolist(), places)}


def _cover(axes, channels, columns, colour):
    """Paint whole tiles."""
    tiles = [Rectangle((channel % columns, channel // columns), 1, 1) for channel in channels]
    if tiles:
        axes.add_collection(PatchCollection(tiles, facecolor=colour, edgecolor="none", antialiased=False))


def _rule(axes, grid, colour):
    """Draw thin lines between the maps: lines, not pixels, so that they are thin at any size of the maps."""
    last = grid.channels - (grid.rows - 1) * grid.columns  # maps in the last row
    lines = [[(x, 0), (x, grid.rows - (x > last))] for x in range(1, grid.columns)]
    lines += [[(0, y), (grid.columns, y)] for y in range(1, grid.rows)]
    axes.add_collection(LineCollection(lines, colors=colour, linewidths=0.6 if colour == GAP else 1.2))
