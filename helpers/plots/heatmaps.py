"""Draw where an answer came from, and what a map likes; `helpers.plots` offers these too."""

import math

import matplotlib
import numpy as np
from PIL import Image

from helpers import pictures
from helpers._shared.arguments import CourseError, as_list, as_numbers, as_shaped, as_whole_number, brief
from helpers.plots.arguments import as_pictures
from helpers.plots.colours import DIVERGING, SEQUENTIAL
from helpers.plots.grid import BAR_ROOM, INDEX, coloured, draw_bar, draw_panels, paint_image
from helpers.plots.house import house_figure
from helpers.plots.sheet import ROOM, SMALL, Sheet, pixels, wrap

__all__ = ["blend", "plot_best_inputs", "plot_heatmaps"]

NEAR = 0.06  # inches between the three pictures of one image
APART = 0.2  # inches to the next image
LARGEST = 1.9  # inches of one picture
VEIL = 0.55  # how much the colours cover of the image below them
THIN = 0.03  # inches between made images
BELOW = "Below each made image: the mean of its map after the activation"


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
        title: words above all.

    Returns:
        The Figure: three panels an image, one colour bar.

    Raises:
        CourseError: if there is no image, or heatmaps or titles do not match.
    """
    shown, titles = as_pictures(images, titles)
    heatmaps = as_list(heatmaps, "heatmaps", len(shown))
    heatmaps = [as_shaped(each, "a heatmap", "rows, columns", finite=True) for each in heatmaps]
    low, high = min(each.min() for each in heatmaps), max(each.max() for each in heatmaps)
    high = max(-low, high) or 1.0
    low = -high if low < 0 else 0.0
    columns = min(as_whole_number(columns, "columns"), len(shown))
    wide = (ROOM - BAR_ROOM) / columns
    side = min(LARGEST, (wide - APART - 2 * NEAR) / 3)
    blank = sum(each.max() == each.min() for each in heatmaps)
    sheet = Sheet(f"{title} ({blank} of {len(heatmaps)} blank)" if blank else title)
    colours = DIVERGING if low < 0 else SEQUENTIAL
    shares = [(each - low) / (high - low) for each in heatmaps]
    triples = [_triple(image, each, side, colours, stride) for image, each in zip(shown, shares)]
    panels = [(words, [triple]) for words, triple in zip(titles, triples)]
    places = draw_panels(sheet, panels, columns, wide, apart=APART)
    marks = {share: f"{low + share * (high - low):.2g}" for share in (0, 0.5, 1)}
    sizes = sorted({each.shape for each in heatmaps})
    words = f"{' and '.join(f'{rows} x {across}' for rows, across in sizes)} places"
    height = min(triples[0].shape[0] / pixels(1), 1.3)
    draw_bar(sheet, ROOM - BAR_ROOM, places[0][1], height, marks, colours=colours, words=words)
    return sheet.finish()


@house_figure
def plot_best_inputs(best, *, beside=None, words=None, columns=None, title=""):
    """Draw the images made for the channels of a layer as one sheet, the value that each reaches below it.

    Args:
        best: what `helpers.explanations.best_input` returns.
        beside: array ``(channels, 9, height, width, colours)`` or as many images a channel as make a square: those
            of a set that the channel answers most to, drawn small at the right of its made image; None for none.
        words: words below what is drawn beside, one for each channel.
        columns: images in a row, with those beside them; the last row may be short. None for 8, or 8 pairs.
        title: words above all, such as the layer's name.

    Returns:
        The Figure: one panel a row; at the left the number of its first channel.

    Raises:
        CourseError: if the columns are no whole number of at least 1, or what stands beside does not fit.
    """
    tiles, labels = _tiles(best, beside, words)
    together = 1 if beside is None else 2
    columns = as_whole_number(8 * together if columns is None else columns, "columns", least=together)
    columns -= columns % together  # a made image and what is beside it stay together
    side = min(LARGEST, (ROOM - INDEX) / columns - THIN)
    asleep = int(np.count_nonzero(~np.asarray(best.woken)))
    said = f"{len(best.images)} made images, {asleep} asleep" if asleep else f"{len(best.images)} made images"
    sheet = Sheet(f"{title}: {said}" if title else said)
    for first in range(0, len(tiles), columns):
        top, row = sheet.bottom + THIN, tiles[first : first + columns]
        for number, image in enumerate(row):
            left = INDEX + number * (side + THIN)
            height, _ = sheet.paint(paint_image(image, side, 2 * side), left, top)
            words = wrap(labels[first + number], side, SMALL)
            sheet.text(left + side / 2, top + height + 0.01, words, points=SMALL, ha="center")
        number = best.channels[first * len(best.channels) // len(tiles)]
        sheet.text(INDEX - 0.06, top + side / 2 - 0.08, f"{number}", points=SMALL, ha="right", color="#444444")
    below = f"{BELOW}; asleep: nothing wakes the map." if asleep else f"{BELOW}."
    sheet.text(0, sheet.bottom + 0.06, below, points=SMALL, color="#444444")
    return sheet.finish()


def _triple(image, shares, side, colours, stride):
    """Paint image, heatmap, and the heatmap enlarged and laid over the image, side by side."""
    plain = paint_image(image, side, 1.5 * side)
    height, width = plain.shape[:2]
    own = pictures.resize_maps(shares[..., np.newaxis], height, width)[..., 0]
    sides = np.array(image.shape[:2])
    inner = sides if stride is None else np.minimum(sides, stride * np.array(shares.shape))
    top, left = np.rint((sides - inner) / 2 * (height, width) / sides).astype(int)  # where the heatmap does not reach
    covered = np.s_[top : height - top, left : width - left]
    smooth = Image.fromarray(shares.astype(np.float32))
    smooth = smooth.resize((width - 2 * left, height - 2 * top), Image.Resampling.BILINEAR)
    both = plain.copy()
    both[covered] = np.rint(255 * blend(plain[covered] / 255, smooth, colours))
    gap = np.full((height, pixels(NEAR), 3), 255, np.uint8)
    return np.concatenate([plain, gap, coloured(own, colours), gap, both], axis=1)


def blend(image, shares, colours=SEQUENTIAL):
    """Lay the colours of a heatmap over its image.

    Args:
        image: ``(height, width, 3)``, values 0..1.
        shares: ``(height, width)``, 0..1 of the range of colours.
        colours: a colour map of matplotlib.

    Returns:
        float array ``(height, width, 3)``, values 0..1.
    """
    return (1 - VEIL) * image + VEIL * matplotlib.colormaps[colours](np.asarray(shares))[..., :3]


def _two_digits(value):
    """Write a value with two digits, without powers of ten where it is not huge."""
    return "<0.001" if 0 < value < 0.001 else f"{float(f'{value:.2g}'):g}"


def _tiles(best, beside, words):
    """All pictures of the sheet, of one size, and the label of each: made images, or each beside a square of others."""
    if not all(hasattr(best, name) for name in ("channels", "images", "value", "woken")):
        raise CourseError(f"what best_input returns is needed, not {brief(best)}: give it whole.")
    images = np.asarray(best.images)
    values = [_two_digits(value) if woken else "asleep" for value, woken in zip(best.value, best.woken)]
    if beside is None:
        return images, values
    beside = as_numbers(beside, "beside")
    words = [""] * len(images) if words is None else as_list(words, "words", len(images))
    across = math.isqrt(beside.shape[1]) if beside.ndim == images.ndim + 1 else 0
    fits = beside.shape[:1] + beside.shape[2:] == images.shape and across and across**2 == beside.shape[1]
    if not fits:
        asked = f"a square number of images like the made ones {images.shape} is needed beside each"
        raise CourseError(f"{asked}, and {beside.shape} came: give 4 or 9 images a channel.")
    enlarged = images.repeat(across, axis=1).repeat(across, axis=2)
    squares = beside.reshape(len(images), across, across, *images.shape[1:]).swapaxes(2, 3).reshape(enlarged.shape)
    tiles = np.stack([enlarged, squares], axis=1).reshape(-1, *enlarged.shape[1:])
    return tiles, [label for pair in zip(values, words) for label in pair]
