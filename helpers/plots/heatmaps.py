"""Draw where an answer came from, and what a map likes; `helpers.plots` offers these too."""

import math

import numpy as np

from helpers._shared.arguments import as_list, as_numbers, as_whole_number, brief
from helpers._shared.errors import CourseError
from helpers.plots.arguments import as_pictures
from helpers.plots.colours import DIVERGING, GREY_IMAGE, SEQUENTIAL
from helpers.plots.grid import BAR, INDEX, LINE, ROOM, Sheet, lay_out, wrap_labels
from helpers.plots.house import house_figure

__all__ = ["plot_best_inputs", "plot_heatmaps"]

NEAR = 0.06  # inches between the three pictures of one image
APART = 0.2  # inches to the next image
LARGEST = 1.9  # inches of one picture
VEIL = 0.8  # how much the largest value covers of the image below it; zero covers nothing
THIN = 0.03  # inches between made images


@house_figure
def plot_heatmaps(images, heatmaps, *, titles=None, stride=None, columns=2, title=""):
    """Draw each image, its heatmap at its own resolution, and the heatmap enlarged and laid over the image.

    All heatmaps share one range of colours: from zero up, or on both sides of zero where one falls below it.

    Args:
        images: array ``(images, height, width, channels)`` or ``(images, height, width)``, or a list of single
            images, grey or RGB, values 0..1 or 0..255.
        heatmaps: ``(images, rows, columns)``, one for each image, or a list of ``(rows, columns)``; they are
            enlarged bilinearly.
        titles: words above each image, as many as images.
        stride: pixels from one place of the layer to the next, for places that lie in the middle of the image, as
            after convolutions without padding; None stretches each heatmap over its whole image.
        columns: images in a row.
        title: words above all; the range is added.

    Returns:
        The Figure: three panels an image, one colour bar.

    Raises:
        CourseError: if there is no image, or heatmaps or titles do not match.
    """
    shown, titles = as_pictures(images, titles)
    heatmaps = _checked_heatmaps(heatmaps, len(shown))
    low, high = min(each.min() for each in heatmaps), max(each.max() for each in heatmaps)
    high = max(-low, high) or 1.0
    low = -high if low < 0 else 0.0
    columns = min(as_whole_number(columns, "columns"), len(shown))
    wide = (ROOM - BAR + APART) / columns
    side = min(LARGEST, (wide - APART - 2 * NEAR) / 3)
    wide = 3 * side + 2 * NEAR + APART
    titles, label = wrap_labels(titles, 3 * side)
    label += 0.16
    height = side * min(1.5, max(image.shape[0] / image.shape[1] for image in shown))
    corners, tall = lay_out(len(shown), columns, wide, height + label)
    blank = sum(each.max() == each.min() for each in heatmaps)
    sizes = " and ".join(f"{rows} x {places}" for rows, places in sorted({each.shape for each in heatmaps}))
    words = f"heatmaps of {sizes} places, one range for all, {low:.3g} to {high:.3g}; enlarged over the image"
    words += f"; {blank} of {len(heatmaps)} blank" if blank else ""
    sheet = Sheet(f"{title}: {words}" if title else words.capitalize(), tall)
    for image, heatmap, words, (left, top) in zip(shown, heatmaps, titles, corners):
        sheet.text(left, top + 0.1, words, fontsize=9.5)
        axes = _triple(sheet, image, heatmap, (left, top + label, side, height), (low, high), stride)
    marks = {at: f"{at:.2g}" for at in (low, (low + high) / 2, high)}
    sheet.bar(axes, columns * wide - APART + 0.15, label, min(height, 1.3), marks)
    return sheet.figure


@house_figure
def plot_best_inputs(best, *, beside=None, words=None, columns=16, title=""):
    """Draw the images made for the channels of a layer as one sheet, the value that each reaches below it.

    Args:
        best: what `helpers.explanations.best_input` returns.
        beside: array ``(channels, 9, height, width, colours)`` or as many images a channel as make a square: those
            of a set that the channel answers most to, drawn small at the right of its made image; None for none.
        words: words below what is drawn beside, one for each channel.
        columns: images in a row, with those beside them; the last row may be short.
        title: words above all, such as the layer's name.

    Returns:
        The Figure: one panel a row; at the left the number of its first channel.

    Raises:
        CourseError: if the columns are no whole number of at least 1, or what stands beside does not fit.
    """
    tiles, labels = _tiles(best, beside, words)
    columns = as_whole_number(columns, "columns", least=1 if beside is None else 2)
    columns -= columns % (1 if beside is None else 2)  # a made image and what is beside it stay together
    side = min(LARGEST, (ROOM - INDEX) / columns - THIN)
    tall = side * tiles.shape[1] / tiles.shape[2]
    asleep = int(np.count_nonzero(~np.asarray(best.woken)))
    said = f"{len(best.images)} made images, below each the mean over its map after the activation"
    said += f"; {asleep} of {len(best.images)} channels asleep"
    corners, height = lay_out(len(tiles), columns, side + THIN, tall + LINE + THIN)
    sheet = Sheet(f"{title}: {said}" if title else said, height)
    for first in range(0, len(tiles), columns):
        left, top = corners[first]
        number = best.channels[first * len(best.channels) // len(tiles)]
        sheet.text(left, top + tall / 2 - 0.08, f"{number}", fontsize=9, color="#555555")
        _strip(sheet, tiles[first : first + columns], left + INDEX, top, (side, tall))
    for label, (left, top) in zip(labels, corners):
        sheet.text(left + INDEX + side / 2, top + tall + 0.02, label, fontsize=9, ha="center")
    return sheet.figure


def _checked_heatmaps(heatmaps, count):
    """Return so many heatmaps (rows, columns) as arrays of numbers."""
    heatmaps = [as_numbers(each, "a heatmap", finite=True) for each in as_list(heatmaps, "heatmaps")]
    if len(heatmaps) != count or any(each.ndim != 2 or not each.size for each in heatmaps):
        shapes = [each.shape for each in heatmaps]
        raise CourseError(f"a heatmap (rows, columns) each is needed, {count} images came with {shapes}: give as many.")
    return heatmaps


def _triple(sheet, image, heatmap, box, limits, stride):
    """Draw image, heatmap, and both; return the axes of the heatmap."""
    left, top, side, height = box
    style = {"cmap": DIVERGING if limits[0] < 0 else SEQUENTIAL, "vmin": limits[0], "vmax": limits[1], "aspect": "auto"}
    sheet.image(image, left, top, side, height)
    both = sheet.image(image, left + 2 * (side + NEAR), top, side, height)
    own = sheet.image(image, left + side + NEAR, top, side, height)
    frame, edges = own.axis(), _edges(image.shape, heatmap.shape, stride)
    own.images[0].remove()  # only its frame stays
    own.imshow(heatmap, extent=frame, interpolation="nearest", **style)
    veil = VEIL * np.abs(heatmap) / limits[1]
    both.imshow(heatmap, extent=edges, alpha=veil, interpolation="bilinear", interpolation_stage="data", **style)
    both.axis(frame)  # which the smaller heatmap would set anew
    return own


def _edges(image, heatmap, stride):
    """Where a heatmap lies on its image, in pixels: (left, right, bottom, top)."""
    inner = [side if stride is None else stride * places for side, places in zip(image, heatmap)]
    rows, columns = ((side - within) / 2 for side, within in zip(image, inner))
    return columns - 0.5, image[1] - columns - 0.5, image[0] - rows - 0.5, rows - 0.5


def _tiles(best, beside, words):
    """All pictures of the sheet, of one size, and the label of each: made images, or each beside a square of others."""
    if not all(hasattr(best, name) for name in ("channels", "images", "value", "woken")):
        raise CourseError(f"what best_input returns is needed, not {brief(best)}: give it whole.")
    images = np.asarray(best.images)
    # two digits, without powers of ten where a value is no smaller than a thousandth
    values = [f"{float(f'{value:.2g}'):g}" if woken else "asleep" for value, woken in zip(best.value, best.woken)]
    if beside is None:
        return images, values
    beside = as_numbers(beside, "beside")
    words = [""] * len(images) if words is None else as_list(words, "words")
    across = math.isqrt(beside.shape[1]) if beside.ndim == images.ndim + 1 else 0
    fits = beside.shape[:1] + beside.shape[2:] == images.shape and across and across**2 == beside.shape[1]
    if not fits or len(words) != len(images):
        raise CourseError(
            f"a square number of images like the made ones {images.shape} and a word for each channel are needed, and "
            f"{beside.shape} and {len(words)} words came: give 4 or 9 images a channel."
        )
    enlarged = images.repeat(across, axis=1).repeat(across, axis=2)
    squares = beside.reshape(len(images), across, across, *images.shape[1:]).swapaxes(2, 3).reshape(enlarged.shape)
    tiles = np.stack([enlarged, squares], axis=1).reshape(-1, *enlarged.shape[1:])
    return tiles, [label for pair in zip(values, words) for label in pair]


def _strip(sheet, row, left, top, size):
    """Draw images (count, height, width, colours) side by side as one picture, white between them."""
    gap = max(1, round(row.shape[2] * THIN / size[0]))
    framed = np.pad(row, ((0, 0), (0, 0), (0, gap), (0, 0)), constant_values=1)
    strip = np.concatenate(list(framed), axis=1)[:, :-gap]
    axes = sheet.axes(left, top, len(row) * (size[0] + THIN) - THIN, size[1])
    axes.imshow(strip, cmap=GREY_IMAGE, vmin=0, vmax=1, aspect="auto", interpolation="antialiased")
    axes.set_axis_off()
