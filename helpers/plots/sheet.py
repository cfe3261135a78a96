"""A sheet: a figure of known width, filled from its title downwards, at places in inches.

Pictures are painted into one array, pixel by pixel, and drawn as one image; texts, charts and legends find their room
by their true size, so that nothing lies on anything else.
"""

import functools
import math

import matplotlib.pyplot as plt
import numpy as np
from matplotlib.backends.backend_agg import RendererAgg
from matplotlib.font_manager import FontProperties
from matplotlib.image import AxesImage
from matplotlib.textpath import text_to_path
from matplotlib.transforms import Affine2D

from helpers.plots.colours import COLOURS

__all__ = ["APART", "ROOM", "WIDTH", "Sheet", "line_height", "name_ticks", "pixels", "shorten", "text_width", "wrap"]

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
    return round(inches * 2 * plt.rcParams["figure.dpi"])


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
        broken = _fill(paragraph, inches, points)
        narrow, width = inches / 2, inches
        while len(broken) > 1 and width - narrow > 0.05:  # the narrowest that needs no further line
            middle = (narrow + width) / 2
            tried = _fill(paragraph, middle, points)
            if len(tried) == len(broken):
                width, broken = middle, tried
            else:
                narrow = middle
        lines += broken
    return "\n".join(lines)


def shorten(words, inches, points):
    """Leave out the middle of words that are wider than there is room.

    Args:
        words: one line of text.
        inches: the room.
        points: the size of the font.

    Returns:
        The text, at least three letters of it.
    """
    kept = len(words)
    while kept > 4 and text_width(words, points) > inches:
        kept -= 1
        words = f"{words[: kept // 2]}\N{HORIZONTAL ELLIPSIS}{words[-(kept // 2 - 1) :]}"
    return words


def _fill(words, inches, points):
    """Put as many words into each line as fit; break words that fit no line."""
    if len(words) * points / 72 < inches:  # no letter is wider than it is high
        return [words]
    lines, ends, space = [""], 0.0, text_width(" .", points) - text_width(".", points)
    for word in words.split():
        width = text_width(word, points)
        if lines[-1] and ends + space + width <= inches:
            lines[-1], ends = f"{lines[-1]} {word}", ends + space + width
            continue
        while width > inches and len(word) > 1:
            most = max(1, int(len(word) * inches / width))
            while most > 1 and text_width(word[:most], points) > inches:
                most -= 1
            lines.append(word[:most])
            word = word[most:]
            width = text_width(word, points)
        lines.append(word)
        ends = width
    return [line for line in lines if line] or [""]


class Sheet:
    """A figure that grows downwards: put things on it, then `finish` it.

    Places are in inches: from 0 at the left to ROOM at the right, and from 0 below the title down.

    Attributes:
        figure: the matplotlib Figure.
        bottom: inches from the title to the lowest thing that was put on it.
    """

    def __init__(self, title="", left=0.0):
        self.figure = plt.figure(figsize=(WIDTH, 1))
        self.top, self.bottom = EDGE, 0.0
        self._shares = Affine2D()  # from inches to shares of the figure; set at the end, when its height is known
        self._place = self._shares + self.figure.transFigure
        self._painted, self._before, self._last = [], [], []
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
        axes = self.figure.add_axes((0, 0, 1, 1))
        axes.set(xlim=(0, width), ylim=(height, 0))
        axes.set_axis_off()
        self._last.append(lambda: axes.set_position(self._share(left, top, width, height)))
        axes.set_zorder(2)
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
        every = [self.figure.add_axes((0, 0, 1, 1), label="chart") for _ in range(count)]
        for axes in every[1:] if share_y else ():
            axes.sharey(every[0])
            axes.tick_params(labelleft=False)
        self._last.append(functools.partial(self._fit, every, left, right, self.bottom, height))
        self.bottom += height
        return every

    def legend(self, axes, columns=6):
        """Write one legend for several axes below all that is there; what has the same label is named once."""
        handles = {label: handle for each in axes for handle, label in zip(*each.get_legend_handles_labels())}
        if not handles:
            return
        names = [wrap(label, ROOM - 0.6, LABEL) for label in handles]
        widest = max(text_width(line, LABEL) for name in names for line in name.split("\n")) + 0.6
        columns = max(1, min(columns, len(names), int(ROOM / widest)))
        rows = math.ceil(len(names) / columns)
        lines = sum(max(name.count("\n") + 1 for name in names[row::rows]) for row in range(rows))
        options = {"loc": "upper left", "borderpad": 0, "borderaxespad": 0, "labelspacing": 0.3, "fontsize": LABEL}
        options |= {"bbox_to_anchor": (EDGE, self.top + self.bottom + 0.06), "ncols": columns}
        self.figure.legend(handles.values(), names, bbox_transform=self._place, **options)
        self.bottom += lines * (line_height(LABEL) + 0.03) + 0.1

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
        if named:
            self.beside(axes, {wrap(f"{name} {value:.4g}", room, SMALL): value for name, value in values.items()})

    def beside(self, axes, values):
        """Name heights of axes at their right edge, moved apart where names would overlap.

        Args:
            axes: axes of `charts`.
            values: dict from a name to its place on the vertical axis.
        """
        names = sorted(values, key=values.get)
        place = ("axes fraction", "data")
        style = {"fontsize": SMALL, "va": "center", "annotation_clip": False, "parse_math": False, "linespacing": 1.1}
        style |= {"xycoords": place, "textcoords": place, "arrowprops": LEADER}
        texts = [axes.annotate(name, (1, values[name]), (1.03, values[name]), **style) for name in names]
        self._last.append(lambda: _spread(axes, texts))

    def above(self, axes, values):
        """Name places on the horizontal axis above the upper edge of axes, in further lines where they would overlap.

        Args:
            axes: axes of `charts`.
            values: dict from a name to its place on the horizontal axis.
        """
        style = {"fontsize": SMALL, "ha": "center", "va": "bottom", "parse_math": False, "annotation_clip": False}
        style |= {"xycoords": ("data", "axes fraction"), "textcoords": "offset points"}
        names = sorted(values, key=values.get)
        texts = [axes.annotate(name, (values[name], 1), (0, 3), **style) for name in names]
        self._before.append(lambda: _stack(axes, texts))

    def finish(self):
        """Give everything its place and return the Figure."""
        grain = pixels(1)
        height = math.ceil((self.top + self.bottom + EDGE) * grain) / grain
        self.figure.set_size_inches(WIDTH, height)
        self._shares.clear().scale(1 / WIDTH, -1 / height).translate(0, 1)
        self._draw_painted(height)
        for place in self._last:
            place()
        return self.figure

    def _share(self, left, top, width, height):
        """Return a box in inches as shares of the figure, as matplotlib wants it."""
        wide, tall = self.figure.get_size_inches()
        return (EDGE + left) / wide, 1 - (self.top + top + height) / tall, width / wide, height / tall

    def _draw_painted(self, height):
        """Draw all painted pictures as one image over the whole figure: one image is drawn far faster than many.

        It is there without pictures, too: notebooks cut a figure to what is on it, and all are to be of one width.
        """
        canvas = np.full((pixels(height), pixels(WIDTH), 4), 255, np.uint8)
        for picture, left, top in self._painted:
            canvas[top : top + picture.shape[0], left : left + picture.shape[1], :3] = picture
        axes = self.figure.add_axes((0, 0, 1, 1), zorder=-1, label="painted")
        axes.set_axis_off()
        height, width, _ = canvas.shape
        axes.set(xlim=(0, width), ylim=(height, 0))
        axes.add_image(_Painted(axes, canvas))

    def _fit(self, row, left, right, top, height):
        """Make the axes of a row as large as their words allow, and one as large as the other."""
        width = (right - left + APART) / len(row) - APART
        for number, axes in enumerate(row):
            axes.set_position(self._share(left + number * (width + APART), top, width, height))
            axes.set_xlabel(wrap(axes.get_xlabel(), width - 0.6, 10))
            axes.set_ylabel(wrap(axes.get_ylabel(), height - 0.9, 10))
        for place in self._before:
            place()
        titles, wide = [axes.get_title(loc="left") for axes in row], width - 0.6
        renderer, dpi = self.figure.canvas.get_renderer(), self.figure.dpi
        for _ in range(2):  # fewer ticks, and fewer words in a line, may fit the smaller axes
            over = []
            for axes, title in zip(row, titles):
                axes.set_title(wrap(title, wide, HEADING), fontsize=HEADING)
                whole, inner = axes.get_tightbbox(renderer), axes.get_window_extent(renderer)
                over.append((inner.x0 - whole.x0, whole.x1 - inner.x1, inner.y0 - whole.y0, whole.y1 - inner.y1))
            before, after, below, above = np.transpose(over) / dpi
            wide = max((right - left - APART * (len(row) - 1) - before.sum() - after.sum()) / len(row), 0.5)
            tall, at = max(height - above.max() - below.max(), 0.5), left
            for axes, start, end in zip(row, before, after):
                axes.set_position(self._share(at + start, top + above.max(), wide, tall))
                at += start + wide + end + APART


class _Painted(AxesImage):
    """A picture that is drawn as it is where its pixels are those of the figure, which takes a fifth of the time."""

    def __init__(self, axes, picture):
        super().__init__(axes, interpolation="nearest", extent=(0, picture.shape[1], picture.shape[0], 0))
        self._picture = picture

    def draw(self, renderer):
        """Draw it; at any other resolution, as matplotlib does."""
        picture, box = self._picture, self.axes.bbox
        if not isinstance(renderer, RendererAgg) or picture.shape[:2] != (round(box.height), round(box.width)):
            self.set_data(picture)
            super().draw(renderer)
            return
        style = renderer.new_gc()
        renderer.draw_image(style, round(box.x0), round(box.y0), picture[::-1])
        style.restore()
        self.stale = False


def _spread(axes, texts):
    """Move names at the edge of axes apart, from the lowest up, and back from above the top."""
    box, renderer = axes.get_window_extent(), axes.figure.canvas.get_renderer()
    sizes = [text.get_window_extent(renderer).height + 1 for text in texts]
    middles = [axes.transData.transform((0, text.xy[1]))[1] if np.isfinite(text.xy[1]) else box.y0 for text in texts]
    lowest = box.y0 - 2
    for number, size in enumerate(sizes):
        middles[number] = max(middles[number], lowest + size / 2)
        lowest = middles[number] + size / 2
    highest = max(box.y1 + 2, box.y0 - 2 + sum(sizes))
    for number in reversed(range(len(texts))):
        middles[number] = min(middles[number], highest - sizes[number] / 2)
        highest = middles[number] - sizes[number] / 2
    for text, middle in zip(texts, middles):
        text.set_position((1.03, (middle - box.y0) / box.height))
        text.set_anncoords("axes fraction")


def _stack(axes, texts):
    """Lift each name above those at its left that it would overlap."""
    renderer, ends = axes.figure.canvas.get_renderer(), []
    for text in texts:
        box = text.get_window_extent(renderer)
        line = next((line for line, end in enumerate(ends) if end < box.x0), len(ends))
        ends[line : line + 1] = [box.x1 + 6]
        text.set_position((0, 3 + line * (box.height / axes.figure.dpi * 72 + 2)))


def name_ticks(axes, names, pitch, *, axis="x"):
    """Name places 0, 1, 2 ... along axes: side by side where that fits, else slanted, else upright, some left out.

    Args:
        axes: matplotlib axes.
        names: a text for each place.
        pitch: inches from one place to the next.
        axis: "x", or "y", where names stand above one another.
    """
    names = list(map(str, names))
    widest = max(text_width(name, SMALL) for name in names)
    if axis == "y":
        axes.set_yticks(range(len(names)), [shorten(name, 2.4, SMALL) for name in names])
    elif widest < pitch - 0.08:
        axes.set_xticks(range(len(names)), names)
    else:
        slanted = pitch > 0.25  # so that lines of text have room beside each other
        step = 1 if slanted else math.ceil(0.16 / pitch)
        style = {"rotation": 40 if slanted else 90, "ha": "right", "va": "top" if slanted else "center"}
        shown = [shorten(name, 2.2, SMALL) for name in names[::step]]
        axes.set_xticks(range(0, len(names), step), shown, rotation_mode="anchor", **style)
