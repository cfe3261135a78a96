"""Grids of maps: what is said of them, their colours, and the picture that they make, pixel by pixel."""

import dataclasses
import math

import matplotlib
import numpy as np
from matplotlib.colors import to_rgb

from helpers import pictures
from helpers._shared.arguments import CourseError, as_choice, as_whole_number
from helpers.plots.arguments import as_named
from helpers.plots.colours import GAP, GREY_IMAGE, NOT_FINITE, SEQUENTIAL, SILENT
from helpers.plots.looks import HOUSE
from helpers.plots.sheet import LABEL, SMALL, line_height, pixels, wrap

__all__ = ["Grid", "coloured", "draw_bar", "draw_panels", "fitted", "framed", "grid_of", "paint_image", "shared_grids"]

BAR = 0.12  # inches of a colour bar
BAR_ROOM = 0.95  # inches of a colour bar with its numbers
INDEX = 0.34  # inches of the channel numbers left of a grid
LARGE = 64  # pixels a side: larger maps are drawn eight in a row, for else nothing can be seen in them
STANDARD_MARKS = {0: "-2 dev.", 0.25: "-1 dev.", 0.5: "mean", 0.75: "+1 dev.", 1: "+2 dev."}
SHARED = {"layer": "one range for all", "raw": "raw values, one range for all"}


@dataclasses.dataclass(frozen=True)
class Grid:
    """The channels of one layer as shares of their range of colours, with what has to be said about them."""

    maps: np.ndarray  # (height, width, channels), 0..1; NaN for what is not finite
    columns: int
    marks: dict  # colour bar: share -> words
    words: str  # the scale in words
    silent: np.ndarray  # indices of the silent channels
    units: bool = False  # a dense layer, whose channels are called units

    @property
    def channels(self):
        """How many maps there are."""
        return self.maps.shape[-1]

    @property
    def rows(self):
        """How many rows they fill; the last may be short."""
        return math.ceil(self.channels / self.columns)

    @property
    def holes(self):
        """How many values are not finite."""
        return np.count_nonzero(np.isnan(self.maps))

    def describe(self, name=""):
        """Say what it shows: layer, number of channels, silent ones, and values that are not finite.

        Args:
            name: the layer's name.

        Returns:
            Words for a title, without the scale. Of a single map only whether it is silent is said.
        """
        kind = "unit" if self.units else "channel"
        words = [f"{self.channels} {kind}{'s' if self.channels > 1 else ''}"] if self.channels > 1 or self.units else []
        if self.channels > 1:
            words.append(f"{len(self.silent)} silent")
        elif len(self.silent):
            words.append("silent")
        if self.holes:
            words.append(f"{self.holes:,} value{'s' if self.holes > 1 else ''} not finite (orange)")
        return ": ".join(filter(None, [name, ", ".join(words)]))

    def tile_size(self, width, *, tallest=9.0, widest=1.3, gap=HOUSE.gap):
        """Choose how large a map is painted: pixels are square, and each a whole number where there is room for three.

        Args:
            width: inches that its columns may take together.
            tallest: inches that its rows may take together.
            widest: inches that one map may take.
            gap: pixels between maps.

        Returns:
            (height, width) of one map in pixels of the painted picture. Units are flat rectangles.
        """
        wide = min(pixels(widest), pixels(width) // self.columns - gap)
        if self.units:
            wide = max(2, min(wide, pixels(0.5)))
            return max(2, min(round(0.6 * wide), pixels(4.0) // self.rows - gap)), wide
        return fitted(self.maps.shape, pixels(tallest) // self.rows - gap, wide)

    def paint(self, tile, look=HOUSE, *, colours=None):
        """Paint the maps, thin lines between them; silent ones are black, what is not finite is orange.

        Args:
            tile: (height, width) of one map in pixels, see `tile_size`.
            look: a `helpers.plots.looks.Look`.
            colours: a colour map of matplotlib; that of the look if left out.

        Returns:
            uint8 array ``(height, width, 3)``.
        """
        silent, not_finite, line, empty = range(256, 260)
        special = np.array([to_rgb(colour) for colour in (SILENT, NOT_FINITE, look.lines, "white")])
        shades = coloured(np.linspace(0, 1, 256), colours or look.colours)
        table = np.concatenate([shades, np.rint(255 * special).astype(np.uint8)])
        values = pictures.resize_maps(self.maps, *tile)
        places = np.rint(255 * np.clip(values, 0, 1, out=values), out=values)
        places[np.isnan(places)] = not_finite
        if look.silent_is_black:
            places[..., self.silent] = silent
        gap = look.line_width(tile)
        tiled = np.nan_to_num(pictures.tile_channels(places, self.columns, scale="raw", gap=gap), nan=line)
        full = self.channels - (self.rows - 1) * self.columns  # maps in the last row
        if full < self.columns:
            tiled[max(0, (self.rows - 1) * (tile[0] + gap) - gap) :, full * (tile[1] + gap) - gap :] = empty
        return table[tiled.astype(np.uint16)]

    def number_rows(self, sheet, tile, left, top, look=HOUSE):
        """Write the index of each row's first channel at its left, where there is room for it.

        Args:
            sheet: a `helpers.plots.sheet.Sheet`.
            tile: (height, width) of a map in pixels.
            left: inches to the grid.
            top: inches to its upper edge.
            look: the `helpers.plots.looks.Look` in which it was painted.
        """
        pitch = (tile[0] + look.line_width(tile)) / pixels(1)
        step = max(math.ceil(0.16 / pitch), math.ceil(self.rows / 8))  # eight numbers are enough
        for row in range(0, self.rows, step) if self.rows > 1 else ():
            middle = top + row * pitch + tile[0] / pixels(2)
            words = f"{row * self.columns}"
            sheet.text(left - 0.06, middle - 0.08, words, points=SMALL, ha="right", color="#444444")


def grid_of(activation, columns=None, *, scale="layer"):
    """Scale the channels of one image's activation for drawing.

    Args:
        activation: ``(height, width, channels)`` or ``(units,)``, with or without a batch axis of 1.
        columns: channels in a row; None for 8 of more than 64 pixels a side, else 16.
        scale: "raw", "layer", "channel" or "standard". One value a channel has no range of its own, so such
            layers are scaled over the layer, and the words say so.

    Returns:
        A `Grid`.

    Raises:
        CourseError: as `helpers.pictures.scale_channels`.
    """
    maps = pictures.as_maps(activation)
    words = pictures.SCALES[as_choice(scale, "scale", pictures.SCALES)]
    if maps.shape[:2] == (1, 1) and scale in ("channel", "standard"):
        scale, words = "layer", "one range for the layer (one value a channel)"
    return _grid(maps, _shares(maps, scale), columns, _marks(scale, maps), words, units=np.ndim(activation) < 3)


def shared_grids(activations, columns=8, *, scale="layer"):
    """Scale several activations over one range.

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
        raise CourseError(f'scale "{scale}" needs the same number of channels, not {sorted(channels)}: use "layer".')
    flat = [maps.reshape(-1, 1 if together else maps.shape[-1]) for maps in every]
    joined = np.concatenate(flat)
    starts = np.cumsum([len(part) for part in flat[:-1]])
    parts = np.split(_shares(joined, scale), starts)
    words = SHARED.get(scale, f"{pictures.SCALES[scale]}, shared by all")
    marks, grids = _marks(scale, joined), {}
    for (name, given), maps, part in zip(activations.items(), every, parts):
        units = np.ndim(given) < 3 and maps.shape[0] == 1
        grids[name] = _grid(maps, part.reshape(maps.shape), columns, marks, words, units=units)
    return grids


def fitted(shape, height, width, *, least=1):
    """Return how large a map is painted at a place: its pixels are square, and whole numbers where three fit or more.

    Args:
        shape: (height, width) of the map, and what else its shape has.
        height: pixels of the place.
        width: pixels of the place.
        least: pixels that each side gets at least.

    Returns:
        [height, width] in pixels.
    """
    factor = min(width / shape[1], height / shape[0])
    factor = math.floor(factor) if factor >= 3 else factor
    return [max(least, round(side * factor)) for side in shape[:2]]


def coloured(shares, colours):
    """Return shares of a range in its colours.

    Args:
        shares: array of any shape, 0..1.
        colours: a colour map of matplotlib.

    Returns:
        uint8 array, with an axis of three more.
    """
    return np.rint(255 * matplotlib.colormaps[colours](shares)[..., :3]).astype(np.uint8)


def paint_image(image, width, height, *, colours=GREY_IMAGE):
    """Paint an image as large as a place allows; small ones pixel by pixel, in a thin frame.

    Args:
        image: what `helpers.pictures.image_picture` takes.
        width: inches of the place.
        height: inches of the place.
        colours: a colour map of matplotlib for grey images.

    Returns:
        uint8 array ``(height, width, 3)``.
    """
    picture = np.nan_to_num(pictures.image_picture(image))  # a colour needs three numbers
    size = fitted(picture.shape, pixels(height), pixels(width), least=3)
    if picture.ndim == 2:
        picture = matplotlib.colormaps[colours](picture)[..., :3]
    painted = np.rint(255 * np.clip(pictures.resize_maps(picture, *size), 0, 1)).astype(np.uint8)
    return framed(painted)


def framed(painted):
    """Draw a thin frame on the edge of a painted picture, which may be white.

    Args:
        painted: uint8 array ``(height, width, 3)``; it is changed.

    Returns:
        The array.
    """
    painted[[0, -1]] = painted[:, [0, -1]] = np.rint(255 * np.array(to_rgb(GAP))).astype(np.uint8)
    return painted


def draw_panels(sheet, panels, across, wide, *, left=0.0, apart=0.2):
    """Draw panels row by row below all that is there: words above, pictures below them, one under the other.

    Args:
        sheet: a `helpers.plots.sheet.Sheet`.
        panels: a list of (words, list of pictures ``(height, width, 3)``).
        across: panels in a row.
        wide: inches from the left of a panel to that of the next.
        left: inches to the first one.
        apart: inches between words and the neighbour, and between rows.

    Returns:
        For each panel (left, top) of its last picture, in inches.
    """
    places = []
    for first in range(0, len(panels), across):
        row = panels[first : first + across]
        labels, room = [], wide * (across - len(row)) - apart / 2
        for words, _ in reversed(row):  # words may reach over the neighbours that have none
            room += wide
            labels.insert(0, wrap(words, room, LABEL) if words else "")
            room = -apart / 2 if words else room
        top = sheet.bottom + (apart if first else 0)
        label = line_height(LABEL) * max(words.count("\n") + 1 if words else 0 for words in labels)
        for number, (words, (_, shown)) in enumerate(zip(labels, row)):
            at, below = left + number * wide, top + label + (0.07 if label else 0)
            sheet.text(at, top + label - line_height(LABEL) * (1 + words.count("\n")), words)
            for picture in shown:
                place = (at, below)
                below += sheet.paint(picture, *place)[0] + 0.08
            places.append(place)
    return places


def draw_bar(sheet, left, top, height, marks, *, colours=SEQUENTIAL, words=""):
    """Draw a colour bar with its numbers, and below it what they mean.

    Args:
        sheet: a `helpers.plots.sheet.Sheet`.
        left: inches to the bar.
        top: inches to its upper end.
        height: inches of what it belongs to.
        marks: dict from a share of the range to what is written there.
        colours: a colour map of matplotlib.
        words: what the numbers are.
    """
    height = max(0.5, min(height, 2.2))
    shares = np.linspace(1, 0, pixels(height))[:, np.newaxis].repeat(pixels(BAR), axis=1)
    sheet.paint(coloured(shares, colours), left, top)
    places = list(marks) if height > 0.9 else list(marks)[:: max(1, len(marks) - 1)]
    for place in places:
        middle = top + (1 - place) * (height - 0.12) + 0.06
        sheet.text(left + BAR + 0.06, middle - 0.075, marks[place], points=SMALL)
    if words:
        sheet.text(left, top + height + 0.05, wrap(words, BAR_ROOM, 8.5), points=8.5, color="#444444")


def _maps_or_picture(activation):
    array = np.asarray(activation)
    return array[..., np.newaxis] if array.ndim == 2 and len(array) > 1 else pictures.as_maps(array)


def _grid(maps, shares, columns, marks, words, *, units):
    columns = as_whole_number((8 if max(maps.shape[:2]) > LARGE else 16) if columns is None else columns, "columns")
    columns = min(columns, maps.shape[-1])
    return Grid(shares, columns, marks, words, pictures.silent_channels(maps), units=units)


def _shares(values, scale):
    """Return values as shares of their range of colours, which raw values have over the layer."""
    scaled = pictures.scale_channels(values, scale="layer" if scale == "raw" else scale)
    return scaled / np.float32(255) if scale == "standard" else scaled


def _marks(scale, values):
    """Return the words on the colour bar, and where they stand."""
    if scale == "channel":
        return {0: "lowest", 1: "highest"}
    if scale == "standard":
        return STANDARD_MARKS
    low, high = pictures.finite_range(values)
    if not high > low:
        return {0: f"{np.nan_to_num(low):.3g}"}
    return {share: f"{value:.3g}" for share, value in zip((0, 0.5, 1), np.linspace(low, high, 3))}
