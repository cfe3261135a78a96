"""Draw images, filters, and activations side by side on one range of colours, or with the same points ringed."""

import dataclasses
import math

import numpy as np
from matplotlib.patheffects import withStroke

from helpers._shared.arguments import CourseError, as_index, as_list, as_number, as_shaped, as_whole_number
from helpers.plots import grid as grids
from helpers.plots.arguments import as_pictures
from helpers.plots.colours import DIVERGING
from helpers.plots.house import house_figure
from helpers.plots.looks import HOUSE, look_of
from helpers.plots.sheet import ROOM, Sheet, pixels

__all__ = ["plot_filters", "plot_images", "plot_ringed", "plot_side_by_side"]

NEAR = 0.12  # inches between images
LARGEST = 1.9  # inches of one image
RINGS = {"red": ("#FF3B30", "white"), "yellow": ("#FFE066", "black")}  # the article's, and what sets them off


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
    columns = as_whole_number(columns, "columns")
    side = min(LARGEST, (ROOM + NEAR) / columns - NEAR)
    sheet = Sheet(title)
    panels = [(words, [grids.paint_image(image, side, 1.5 * side)]) for image, words in zip(images, titles)]
    grids.draw_panels(sheet, panels, columns, side + NEAR, apart=NEAR)
    return sheet.finish()


@house_figure
def plot_filters(weights, *, name="", columns=None, input_channel=None, look=None):
    """Draw the filters of a convolution: its weights, blue below zero, white at zero, red above.

    Filters on RGB images are drawn as small colour images instead, grey where they are zero, unless one input
    channel is asked for.

    Args:
        weights: ``(height, width, input channels, filters)``, as ``layer.get_weights()[0]``.
        name: the layer's name, for the title.
        columns: filters in a row, 6 if left out; the last row may be short.
        input_channel: index of the input channel whose weights are drawn, counted from 0; needed where there
            are several that are not RGB.
        look: an article's name for the look of its figures, see `helpers.plots.plot_layer`: then each filter has its
            own range of its colours.

    Returns:
        The Figure: grid and colour bar, one range for all filters.

    Raises:
        CourseError: if the weights are not those of a 2-D convolution, or the input channel is missing or
            unknown.
    """
    weights = as_shaped(weights, "weights, layer.get_weights()[0],", "height, width, input channels, filters")
    rows, places, channels, count = weights.shape
    largest, drawn = float(np.abs(weights).max()) or 1.0, look_of(look)
    in_colour = input_channel is None and channels == 3 and look is None
    if input_channel is None and channels not in (1, 3):
        asked = f"these filters have {channels} input channels, and one picture shows one of them"
        raise CourseError(f"{asked}: say which, input_channel=0 to {channels - 1}.")
    chosen = as_index(0 if input_channel is None else input_channel, "input_channel", channels)
    where = " on RGB (grey is zero)" if in_colour else "" if channels == 1 else f" on input channel {chosen}"
    shown = weights if in_colour else weights[:, :, chosen]
    words = f"{count} filters of {rows} x {places}{where}, {shown.min():.2g} to {shown.max():.2g}, one range for all"
    words = words if drawn.said else f"{count} filters in the article's look"
    sheet = Sheet(f"{name}: {words}" if name else words)
    columns = drawn.columns or 6 if columns is None else columns
    grid = grids.grid_of(weights[:, :, chosen], columns, scale="channel")
    # A filter's own squares have lines enough, and none of them is silent.
    drawn = dataclasses.replace(drawn, lines="white", gap=8, silent_is_black=False)
    tile = grid.tile_size(5.5, tallest=6.0, gap=drawn.gap)
    if not drawn.said:
        sheet.paint(grid.paint(tile, drawn), 0, 0)
        return sheet.finish()
    shares = [weights[:, :, each] / (2 * largest) + 0.5 for each in (range(3) if in_colour else [chosen])]
    colours = "gray" if in_colour else DIVERGING
    painted = [dataclasses.replace(grid, maps=share).paint(tile, drawn, colours=colours) for share in shares]
    picture = np.stack([each[..., 0] for each in painted], axis=-1) if in_colour else painted[0]
    height, width = sheet.paint(picture, grids.INDEX, 0)
    grid.number_rows(sheet, tile, grids.INDEX, 0, drawn)
    if not in_colour:
        marks = {0: f"{-largest:.2g}", 0.5: "0", 1: f"{largest:.2g}"}
        grids.draw_bar(sheet, grids.INDEX + width + 0.1, 0, height, marks, colours=DIVERGING)
    return sheet.finish()


@house_figure
def plot_side_by_side(activations, *, images=None, columns=8, scale="layer", title=""):
    """Draw several activations on one range of colours, so that they compare.

    Args:
        activations: dict from a name to an activation of one image, ``(height, width, channels)`` or
            ``(units,)``, with or without a batch axis of 1; or to a picture ``(height, width)``.
        images: the input images, one for each activation, drawn above its grid.
        columns: channels in a row of each grid.
        scale: "layer" or "raw" for one range over all; "channel" or "standard" for one range for each
            channel, shared by all activations.
        title: words above all; the scale stands at the colour bar.

    Returns:
        The Figure: up to four panels a row, one colour bar.

    Raises:
        CourseError: if nothing is given, the images do not match, or the channels differ where they may not.
    """
    shown = grids.shared_grids(activations, columns, scale=scale)
    sheet = Sheet(title)
    _draw_grids(sheet, {grid.describe(name): grid for name, grid in shown.items()}, images)
    return sheet.finish()


@house_figure
def plot_ringed(activations, red=None, yellow=None, *, images=None, columns=8, largest=None, title=""):
    """Draw one layer for several images on one scale, with the same points ringed in each.

    Args:
        activations: dict from a name to one image's activation, ``(height, width, channels)`` or ``(units,)``, with
            or without a batch axis of 1; the same layer for all, values 0 or more.
        red: array of bool of that shape: points ringed red; none if left out.
        yellow: the same for yellow.
        images: the input images, one for each activation, drawn above its grid.
        columns: channels in a row of each grid.
        largest: the value of the brightest colour, so that two figures share one scale; the largest value there
            is, if left out.
        title: words above all; the numbers of rings are added.

    Returns:
        The Figure: up to three grids of maps in a row, or four of units, and one colour bar.

    Raises:
        CourseError: if nothing is given, the activations or rings differ in shape, or the images do not match.
    """
    shown = grids.shared_grids(activations, columns, scale="raw")
    rings = {name: np.asarray(mask, bool) for name, mask in (("red", red), ("yellow", yellow)) if mask is not None}
    shapes = {grid.maps.shape for grid in shown.values()}
    sizes = {name: mask.size for name, mask in rings.items()}
    if len(shapes) > 1 or set(sizes.values()) - {math.prod(shape) for shape in shapes}:
        asked = "one layer for all images and rings of its shape are needed"
        raise CourseError(f"{asked}, and {sorted(shapes)} with {sizes} rings came: read the same layer.")
    brightest = max(each.max() for each in map(np.asarray, activations.values()))
    top = brightest if largest is None else as_number(largest, "largest", low=1e-12)
    marks = {0: "0", 0.5: f"{top / 2:.3g}", 1: f"{top:.3g}"}
    counted = " and ".join(f"{mask.sum():,} ringed {name}" for name, mask in rings.items() if mask.any())
    scaled = {}
    for (name, grid), activation in zip(shown.items(), activations.values()):
        maps = np.asarray(activation, np.float32).reshape(grid.maps.shape) / np.float32(top or 1)
        scaled[name] = dataclasses.replace(grid, maps=maps, marks=marks, words="one range for all")
    sheet = Sheet(f"{title}: {counted}" if title and counted else title or counted)
    across = 4 if next(iter(shown.values())).units else 3
    places, tiles = _draw_grids(sheet, scaled, images, across)
    for place, tile, grid in zip(places, tiles, scaled.values()):
        _draw_rings(sheet, grid, rings, place, tile)
    return sheet.finish()


def _draw_grids(sheet, shown, images, across=4):
    """Draw grids, {words: grid}, side by side, each below its words and its input image, with one colour bar for all.

    Return two lists: each grid's (left, top) in inches, and the (height, width) of its maps in pixels.
    """
    first, across = next(iter(shown.values())), min(len(shown), across)
    wide = (ROOM - grids.BAR_ROOM - 0.1) / across
    numbered = grids.INDEX if any(grid.rows > 1 for grid in shown.values()) else 0
    tiles = [grid.tile_size(wide - numbered - NEAR, tallest=6.0) for grid in shown.values()]
    images = [None] * len(shown) if images is None else as_list(images, "images", len(shown))
    panels, side = [], min(1.0, wide / 2)
    for (words, grid), tile, image in zip(shown.items(), tiles, images):
        above = [] if image is None else [grids.paint_image(image, side, side)]
        panels.append((words, [*above, grid.paint(tile)]))
    places = grids.draw_panels(sheet, panels, across, wide, left=numbered)
    for grid, tile, place in zip(shown.values(), tiles, places):
        grid.number_rows(sheet, tile, *place)
    height = panels[0][1][-1].shape[0] / pixels(1)
    grids.draw_bar(sheet, ROOM - grids.BAR_ROOM, places[0][1], height, first.marks, words=first.words)
    return places, tiles


def _draw_rings(sheet, grid, rings, place, tile):
    """Draw each ring in the middle of its point, a little wider than it."""
    height, width, channels = grid.maps.shape
    pitch = [(side + HOUSE.line_width(tile)) / pixels(1) for side in tile]  # inches from a map to the next
    size = [side / pixels(1) for side in tile]
    axes = sheet.marks(*place, grid.columns * pitch[1], grid.rows * pitch[0])
    for name, mask in rings.items():
        rows, across, numbers = np.nonzero(mask.reshape(height, width, channels))
        x = numbers % grid.columns * pitch[1] + (across + 0.5) / width * size[1]
        y = numbers // grid.columns * pitch[0] + (rows + 0.5) / height * size[0]
        point = 72 * min(size[1] / width, size[0] / height)  # in points of type
        style = {"facecolors": "none", "edgecolors": RINGS[name][0], "linewidths": 1.6, "clip_on": False}
        around = [withStroke(linewidth=2.8, foreground=RINGS[name][1])]
        axes.scatter(x, y, s=(min(1.25 * point, point + 3) + 1) ** 2, path_effects=around, label=name, **style)
