"""What is drawn with: a pen on white paper, and a brush for coloured drawings; both draw large, and average.

The pen makes a small picture with soft edges of strokes, given as points in pixels. A brush draws outlines in units of
their own, turned, scaled, put in place.
"""

import math

import numpy as np
from PIL import Image, ImageDraw, ImageFilter

from helpers._shared.arguments import CourseError, as_array, as_list, as_number, as_whole_number, brief

__all__ = ["FINE", "SIDE", "Brush", "arc", "box", "oval", "pen_strokes", "rounded", "shade", "tremble", "turn"]

SIDE = 28  # pixels; height and width of what the pen draws
FINE = 3  # drawn this many times larger, then averaged
PEN_FINE = 12  # the same for the pen: that makes its soft edge
SOFT = 0.22  # pixels; radius of a blur that gives edges as soft as those of the real drawings
PEN_WIDTH = 0.82  # pixels; the ink across a line of the real drawings is that of a black line this wide


def pen_strokes(strokes, *, width=PEN_WIDTH, wobble=0.0, seed=0):
    """Draw strokes with a black pen on white paper.

    Example: ``pen_strokes([[(5, 22), (14, 4), (23, 22), (5, 22)]])`` is a triangle.

    Args:
        strokes: list of strokes; each is a list of (x, y) points in pixels, x to the right and y down,
            (0, 0) the upper left corner and (28, 28) the lower right one. One point makes a dot.
            What leaves the paper is cut off.
        width: width of the pen, in pixels, above 0; the default is that of the real drawings.
        wobble: how far the hand trembles, in pixels (standard deviation); 0 draws as given.
        seed: whole number for the trembling; the same seed trembles the same way.

    Returns:
        uint8 array (28, 28, 3), 255 is paper and 0 is ink.

    Raises:
        CourseError: if strokes are not lists of (x, y) points, or a number is out of its range.
    """
    as_number(width, "width", low=0.1, high=SIDE)
    as_number(wobble, "wobble", low=0, high=SIDE)
    as_whole_number(seed, "seed", least=0)
    paths = [_smooth_path(_as_points(stroke)) for stroke in as_list(strokes, "strokes")]
    if not paths:
        raise CourseError("at least one stroke is needed, and [] came: for one line give [[(4, 4), (20, 20)]].")
    rng = np.random.default_rng(seed)
    paper = Image.new("L", (SIDE * PEN_FINE, SIDE * PEN_FINE), 255)
    for path in paths:
        knots = math.ceil(len(path) / 8) + 2  # a hand's swing lasts about four pixels
        _draw_path(ImageDraw.Draw(paper), path + tremble(len(path), knots, wobble, rng), width)
    grey = np.asarray(paper.filter(ImageFilter.GaussianBlur(SOFT * PEN_FINE)).reduce(PEN_FINE))
    return np.repeat(grey[:, :, None], 3, axis=2)


def _as_points(stroke):
    """One stroke as a float array (points, 2), near the paper."""
    points = as_array(stroke)
    fits = points.dtype.kind in "iuf" and points.ndim == 2 and points.shape[1] == 2 and len(points)
    if not fits or not (np.abs(points - SIDE / 2) <= 10 * SIDE).all():  # far outside: surely another unit
        asked = f"a stroke must be a list of (x, y) points in pixels from 0 to {SIDE}"
        raise CourseError(f"{asked}, not {brief(stroke)}: for one line give [(4, 4), (20, 20)].")
    return points.astype(float)


def _smooth_path(points):
    """Put points at equal distances, about half a pixel, along a path of straight pieces: (more points, 2)."""
    along = np.concatenate([[0], np.cumsum(np.hypot(*np.diff(points, axis=0).T))])
    if along[-1] == 0:  # a dot
        return points[:1]
    return _between(np.linspace(0, along[-1], max(2, math.ceil(along[-1] / 0.5) + 1)), along, points)


def tremble(count, knots, wobble, rng):
    """Return slow noise along a path.

    Args:
        count: how many points the path has; a single one does not tremble.
        knots: how many independent values there are along it.
        wobble: how large it is (standard deviation).
        rng: numpy Generator.

    Returns:
        Array (count, 2).
    """
    if not wobble or count < 2:
        return np.zeros((count, 2))
    return _between(np.linspace(0, knots - 1, count), np.arange(knots), rng.normal(0, wobble, (knots, 2)))


def _between(places, along, points):
    """The points (n, 2) at some places (n,) of a path, of which points (known, 2) are known: where they lie, along."""
    return np.stack([np.interp(places, along, axis) for axis in points.T], axis=1)


def _draw_path(draw, path, width):
    """A line with round joints and round ends."""
    points = [tuple(point) for point in path * PEN_FINE - 0.5]  # Pillow counts pixel centres as whole numbers
    pixels = max(1, round(width * PEN_FINE))
    if len(points) > 1:
        draw.line(points, fill=0, width=pixels, joint="curve")
    for x, y in (points[0], points[-1]):
        draw.ellipse([x - pixels / 2, y - pixels / 2, x + pixels / 2, y + pixels / 2], fill=0)


def oval(x, y, wide, high, *, tilt=0.0, points=28):
    """Return the outline of an ellipse.

    Args:
        x: middle, in the drawing's units.
        y: middle, in the drawing's units.
        wide: half its width.
        high: half its height.
        tilt: turn, in radians.
        points: how many points the outline has.

    Returns:
        Array (points, 2).
    """
    return arc(x, y, wide, high, 0, 2 * math.pi, tilt=tilt, points=points + 1)[:-1]


def arc(x, y, wide, high, start, end, *, tilt=0.0, points=14):
    """Return a part of an ellipse, as a line.

    Args:
        x: middle of the ellipse, in the drawing's units.
        y: middle of the ellipse, in the drawing's units.
        wide: half its width.
        high: half its height.
        start: first angle in radians, 0 to the right, growing downwards.
        end: last angle in radians.
        tilt: turn of the ellipse, in radians.
        points: how many points the line has.

    Returns:
        Array (points, 2).
    """
    angle = np.linspace(start, end, points)
    outline = np.stack([wide * np.cos(angle), high * np.sin(angle)], axis=1)
    return outline @ turn(tilt).T + [x, y]


def turn(angle):
    """Return the matrix that turns points, written as columns.

    Args:
        angle: radians; from x to y.

    Returns:
        Array (2, 2).
    """
    cosine, sine = math.cos(angle), math.sin(angle)
    return np.array([[cosine, -sine], [sine, cosine]])


def rounded(points, *, times=2):
    """Return a closed outline with its corners cut round (Chaikin's corner cutting).

    Args:
        points: array (points, 2).
        times: how often each corner is cut; 0 leaves the outline as it is.

    Returns:
        Array (points * 2 ** times, 2).
    """
    points = np.asarray(points, float)
    for _ in range(times):
        after = np.roll(points, -1, axis=0)
        points = np.stack([0.75 * points + 0.25 * after, 0.25 * points + 0.75 * after], axis=1).reshape(-1, 2)
    return points


def box(left, top, right, bottom):
    """Return the outline of an upright rectangle.

    Args:
        left: x of its left side, in the drawing's units.
        top: y of its upper side, in the drawing's units.
        right: x of its right side, in the drawing's units.
        bottom: y of its lower side, in the drawing's units.

    Returns:
        List of 4 points.
    """
    return [(left, top), (right, top), (right, bottom), (left, bottom)]


def shade(colour, factor):
    """Return a darker (factor below 1) or lighter (above 1) colour.

    Args:
        colour: three numbers, 0..255.
        factor: above 1 it is the way towards white, so that 2 is white; below 1 towards black.

    Returns:
        Tuple of three whole numbers, 0..255.
    """
    colour = np.asarray(colour, float)
    colour = colour * factor if factor <= 1 else colour + (255 - colour) * (factor - 1)
    return tuple(int(value) for value in np.clip(colour, 0, 255))


class Brush:
    """Draws on an image in units of its own; several brushes may draw on one image."""

    def __init__(self, image, matrix, shift=(0.0, 0.0), bend=None):
        """Take an image that is FINE times larger than the picture will be.

        Args:
            image: Pillow image in RGB.
            matrix: array (2, 2) from the drawing's units to pixels of the picture.
            shift: where the drawing's (0, 0) lies, in pixels of the picture.
            bend: None, or a function from points to points that is applied first.
        """
        self.draw, self.bend = ImageDraw.Draw(image), bend
        self.matrix, self.shift = np.asarray(matrix, float), np.asarray(shift, float)
        self.scale = math.sqrt(abs(np.linalg.det(self.matrix)))

    def fill(self, points, colour, *, edge=None, width=0.04):
        """Fill an outline with colour.

        Args:
            points: array (points, 2), in the brush's units.
            colour: three whole numbers, 0..255.
            edge: colour of a line around it; None draws none.
            width: width of that line, in the brush's units.
        """
        self.draw.polygon(self._placed(points), fill=colour)
        if edge is not None:
            self.line([*points, *points[:2]], edge, width=width)

    def line(self, points, colour, *, width=0.04):
        """Draw a line.

        Args:
            points: array (points, 2), in the brush's units.
            colour: three whole numbers, 0..255.
            width: width of the line, in the brush's units.
        """
        pixels = max(1, round(width * self.scale * FINE))
        self.draw.line(self._placed(points), fill=colour, width=pixels, joint="curve")

    def _placed(self, points):
        points = np.asarray(points, float)
        if self.bend is not None:
            points = self.bend(points)
        return ((points @ self.matrix.T + self.shift) * FINE).ravel().tolist()
