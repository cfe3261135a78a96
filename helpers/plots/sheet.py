"""A sheet: a figure of known width, filled from its title downwards, at places in inches.

Pictures are painted into one array, pixel by pixel, and drawn as one image; texts, charts and legends find their room
by their true size, so that nothing lies on anything else.
"""

import functools
import math
import textwrap

import matplotlib as mpl
import numpy as np
from matplotlib.backends.backend_agg import FigureCanvasAgg
from matplotlib.figure import Figure
from matplotlib.font_manager import FontProperties
from matplotlib.image import AxesImage
from matplotlib.layout_engine import ConstrainedLayoutEngine
from matplotlib.textpath import text_to_path
from matplotlib.transforms import Affine2D, ScaledTranslation

from helpers.plots.colours import COLOURS

__all__ = ["APART", "ROOM", "WIDTH", "Sheet", "line_height", "name_ticks", "pixels", "text_width", "wrap"]

WIDTH = 8.0  # inches of a figure: 800 pixels in a notebook, where the fonts show at their own size
EDGE = 0.08  # inches of white around a figure
ROOM = WIDTH - 2 * EDGE  # inches that a sheet offers from left to right
APART = 0.25  # inches between panels
TITLE = 11  # points of the title
HEADING = 10.5  # points of what stands above a chart
LABEL = 9.5  # points of what stands above a panel
SMALL = 9  # points of numbers
LINE_STYLE = (0, (4, 2))  # of reference lines
LEADER = {"arrowstyle": "-", "color": "#808080", "linewidth": 0.8, "shrinkA": 0, "shrinkB": 0, "relpos": (0, 0.5)}


def pixels(inches):
    """Return how many pixels of a painted picture make so many inches: two for each that the figure is shown at.

    Args:
        inches: a length.

    Returns:
        A whole number.
    """
    return round(inches * 2 * mpl.rcParams["figure.dpi"])


def line_height(points):
    """Return how far it is from one line of text to the next.

    Args:
        points: the size of the font.

    Returns:
        Inches.
    """
    return points * 1.25 / 72


@functools.lru_cache(maxsize=4096)
def text_width(words, points):
    """Return how wide one line of text is in the house font.

    Args:
        words: the text.
        points: the size of the font.

    Returns:
        Inches.
    """
    return text_to_path.get_text_width_height_descent(words, FontProperties(size=points), False)[0] / 72


def wrap(words, inches, points=TITLE):
    """Break words into as few lines as fit a width, of about the same length.

    Args:
        words: the text; its own line breaks stay.
        inches: the width there is; a word that is wider is broken, too.
        points: the size of the font.

    Returns:
        The text with line breaks.
    """
    lines = []
    for paragraph in words.split("\n"):
        whole = all(text_width(word, points) <= inches for word in paragraph.split())
        fitting = []
        for letters in range(max(1, len(paragraph)), 0, -1):  # the fewest that need no further line
            options = {"break_long_words": not whole, "break_on_hyphens": False}
            broken = textwrap.wrap(paragraph, letters, **options) or [""]
            if fitting and len(broken) > len(fitting):
                break
            if all(text_width(line, points) <= inches for line in broken):
                fitting = broken
        lines += fitting or broken
    return "\n".join(lines)


class Sheet:
    """A figure that grows downwards: put things on it, then `finish` it.

    Places are in inches: from 0 at the left to ROOM at the right, and from 0 below the title down.

    Attributes:
        figure: the matplotlib Figure.
        bottom: inches from the title to the lowest thing that was put on it.
    """

    def __init__(self, title="", left=0.0):
        self.figure = Figure(figsize=(WIDTH, 1))
        FigureCanvasAgg(self.figure)
        self.top, self.bottom = EDGE, 0.0
        inches = Affine2D().scale(1, -1) + self.figure.dpi_scale_trans
        self._place = inches + ScaledTranslation(0, 1, self.figure.transFigure)  # downwards from its upper edge
        self._painted, self._charts, self._last = [], [], []
        if title:
            self.text(left, 0, wrap(title, ROOM - left, TITLE), points=TITLE)
            self.top += self.bottom + 0.08
            self.bottom = 0.0

    def text(self, left, top, words, *, points=LABEL, **options):
        """Write words whose upper left corner is at a place."""
        self.bottom = max(self.bottom, top + line_height(points) * (1 + words.count("\n")))
        if words:
            style = {"va": "top", "linespacing": 1.2, "parse_math": False, "transform": self._place} | options
            self.figure.text(EDGE + left, self.top + top, words, fontsize=points, **style)

    def paint(self, picture, left, top):
        """Paint a picture ``(height, width, 3)`` of uint8 at its upper left corner; return its height and width."""
        self._painted.append((picture, pixels(EDGE + left), pixels(self.top + top)))
        height, width = (side / pixels(1) for side in picture.shape[:2])
        self.bottom = max(self.bottom, top + height)
        return height, width

    def marks(self, left, top, width, height):
        """Return clear axes over painted pictures, in inches from their upper left corner, for marks on them."""
        axes = self.figure.add_axes((0, 0, 1, 1), xlim=(0, width), ylim=(height, 0), zorder=2)
        axes.set_axis_off()
        self._last.append(lambda: axes.set_position(self._share(left, top, width, height)))
        return axes

    def charts(self, count, height, *, left=0.0, right=ROOM, share_y=False):
        """Return axes side by side, below all that is there; with their words they take so many inches.

        Args:
            count: how many.
            height: inches of all, with titles, ticks and labels.
            left: inches from the left edge.
            right: inches to where the last one ends.
            share_y: whether they have one vertical axis.

        Returns:
            A list of Axes.
        """
        grid = self.figure.add_gridspec(1, count)
        self._charts = list(grid.subplots(sharey=share_y, squeeze=False, subplot_kw={"label": "chart"})[0])
        box = (left, self.bottom, right - left, height)
        self._last.append(lambda: self._fit(box))
        self.bottom += height
        return self._charts

    def reference(self, axes, values, room=1.2, *, named=True):
        """Draw named lines across axes of `charts`, whose range grows where a line lies outside.

        Args:
            axes: axes of `charts`.
            values: dict from a name to a value on the vertical axis.
            room: inches that a name may take at the right.
            named: whether the names are written.
        """
        for value in values.values():
            axes.axhline(value, color=COLOURS["article"], linewidth=1.4, linestyle=LINE_STYLE, zorder=1)
        names = sorted((value, wrap(f"{name} {value:.4g}", room, SMALL)) for name, value in values.items())
        place = ("axes fraction", "data")
        style = {"fontsize": SMALL, "va": "center", "annotation_clip": False, "parse_math": False, "linespacing": 1.1}
        style |= {"xycoords": place, "textcoords": place, "arrowprops": LEADER}
        texts = [axes.annotate(name, (1, value), (1.03, value), **style) for value, name in names if named]
        self._last.append(lambda: _spread(axes, texts))

    def finish(self):
        """Give everything its place, below it one legend for what is named in the charts, and return the Figure."""
        handles = {label: each for axes in self._charts for each, label in zip(*axes.get_legend_handles_labels())}
        if handles:
            self._write_legend(handles)
        grain = pixels(1)
        height = math.ceil((self.top + self.bottom + EDGE) * grain) / grain
        self.figure.set_size_inches(WIDTH, height)
        # All painted pictures are drawn as one, far faster than many. It is there without pictures, too: notebooks cut
        # a figure to what is on it, and all are to be of one width.
        canvas = np.full((pixels(height), pixels(WIDTH), 4), 255, np.uint8)
        for picture, left, top in self._painted:
            canvas[top : top + picture.shape[0], left : left + picture.shape[1], :3] = picture
        axes = self.figure.add_axes((0, 0, 1, 1), zorder=-1, label="painted")
        axes.set_axis_off()
        image = _Painted(axes, interpolation="nearest", extent=(0, 1, 0, 1))
        image.set_data(canvas)
        axes.add_image(image)
        for place in self._last:
            place()
        return self.figure

    def _write_legend(self, handles):
        """Write a legend, {words: what is drawn}, below all that is there, in as many columns as there is room for."""
        widest = max(text_width(label, LABEL) for label in handles) + 0.6
        options = {"loc": "upper left", "borderpad": 0, "borderaxespad": 0, "labelspacing": 0.3, "fontsize": LABEL}
        options |= {"bbox_to_anchor": (EDGE, self.top + self.bottom + 0.06), "bbox_transform": self._place}
        names = [wrap(label, ROOM - 0.6, LABEL) for label in handles]
        columns = min(len(names), max(1, int(ROOM / widest)))
        legend = self.figure.legend(handles.values(), names, ncols=columns, **options)
        self.bottom += legend.get_window_extent().height / self.figure.dpi + 0.15

    def _share(self, left, top, width, height):
        """Return a box in inches as shares of the figure, as matplotlib wants it."""
        wide, tall = self.figure.get_size_inches()
        return (EDGE + left) / wide, 1 - (self.top + top + height) / tall, width / wide, height / tall

    def _fit(self, box):
        """Make the charts as large as their words allow, and one as large as the other."""
        layout = {"h_pad": 0, "w_pad": 0, "wspace": APART * len(self._charts) / WIDTH}
        engine = ConstrainedLayoutEngine(rect=self._share(*box), **layout)
        engine.execute(self.figure)
        for axes in self._charts:
            wide, tall = axes.get_position().size * self.figure.get_size_inches()
            axes.set_title(wrap(axes.get_title(loc="left"), wide, HEADING), fontsize=HEADING)
            axes.set_xlabel(wrap(axes.get_xlabel(), wide + 0.3, 10))
            axes.set_ylabel(wrap(axes.get_ylabel(), tall + 0.3, 10))
        engine.execute(self.figure)  # once more, because words may have more lines now


class _Painted(AxesImage):
    """A picture that is drawn as it is where its pixels are those of the figure, which takes a fifth of the time."""

    def make_image(self, renderer, *options):
        """Return it with its place; at any other resolution, as matplotlib does."""
        picture, box = self.get_array(), self.axes.bbox
        if picture.shape[:2] == (round(box.height), round(box.width)):
            return picture[::-1], round(box.x0), round(box.y0), None
        return super().make_image(renderer, *options)


def _spread(axes, texts):
    """Move names at the edge of axes apart, from the lowest up, and back from above the top."""
    box, renderer = axes.get_window_extent(), axes.figure.canvas.get_renderer()
    sizes = np.array([text.get_window_extent(renderer).height + 1 for text in texts])
    middles = axes.transData.transform(np.reshape([text.xy for text in texts], (-1, 2)))[:, 1]
    offsets = np.cumsum(sizes) - sizes / 2  # of the middles from the lowest end, without room between the names
    lowest = box.y0 - 2
    ends = np.clip(middles - offsets, lowest, max(lowest, box.y1 + 2 - sizes.sum()))
    middles = np.maximum.accumulate(ends) + offsets
    for text, middle in zip(texts, middles):
        text.set_position((1.03, axes.transData.inverted().transform((0, middle))[1]))


def name_ticks(axes, names, pitch, *, axis="x"):
    """Name places 0, 1, 2 ... along axes: side by side where that fits, else slanted, else upright, some left out.

    Args:
        axes: matplotlib axes.
        names: a text for each place.
        pitch: inches from one place to the next.
        axis: "x", or "y", where names stand above one another.
    """
    whole = list(map(str, names))
    names = [name if len(name) <= 28 else f"{name[:15]}\N{HORIZONTAL ELLIPSIS}{name[-12:]}" for name in whole]
    if axis == "y":
        axes.set_yticks(range(len(names)), names)
    elif max(text_width(name, SMALL) for name in names) < pitch - 0.08:
        axes.set_xticks(range(len(names)), names)
    else:
        step = math.ceil(0.16 / pitch)
        style = {"rotation": 40, "va": "top"} if pitch > 0.25 else {"rotation": 90, "va": "center"}
        axes.set_xticks(range(0, len(names), step), names[::step], ha="right", rotation_mode="anchor", **style)
