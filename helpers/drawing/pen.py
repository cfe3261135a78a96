"""A pen on white paper: strokes given as points become a small picture with soft edges."""

import math

import numpy as np
from PIL import Image, ImageDraw, ImageFilter

from helpers._shared.arguments import CourseError, as_array, as_list, as_number, as_whole_number, brief

__all__ = ["pen_strokes", "tremble"]

FINE = 12  # drawn this many times larger, then averaged: that makes the soft edge
SOFT = 0.22  # pixels; radius of a blur that gives edges as soft as those of the real drawings
PEN_WIDTH = 0.82  # pixels; the ink across a line of the real drawings is that of a black line this wide


def pen_strokes(strokes, *, side=28, width=PEN_WIDTH, wobble=0.0, seed=None):
    """Draw strokes with a black pen on white paper.

    Example: ``pen_strokes([[(5, 22), (14, 4), (23, 22), (5, 22)]])`` is a triangle.

    Args:
        strokes: list of strokes; each is a list of (x, y) points in pixels, x to the right and y down,
            (0, 0) the upper left corner and (side, side) the lower right one. One point makes a dot.
            What leaves the paper is cut off.
        side: height and width of the picture, in pixels.
        width: width of the pen, in pixels, above 0; the default is that of the real drawings.
        wobble: how far the hand trembles, in pixels (standard deviation); 0 draws as given.
        seed: whole number for the trembling; the same seed trembles the same way. None trembles anew.

    Returns:
        uint8 array (side, side, 3), 255 is paper and 0 is ink.

    Raises:
        CourseError: if strokes are not lists of (x, y) points, or a number is out of its range.
    """
    as_whole_number(side, "side", least=8, most=1024)
    as_number(width, "width", low=0.1, high=side)
    as_number(wobble, "wobble", low=0, high=side)
    if seed is not None:
        as_whole_number(seed, "seed", least=0)
    paths = [_smooth_path(_as_points(stroke, side)) for stroke in as_list(strokes, "strokes")]
    if not paths:
        raise CourseError("at least one stroke is needed, and [] came: for one line give [[(4, 4), (20, 20)]].")
    rng = np.random.default_rng(seed)
    paper = Image.new("L", (side * FINE, side * FINE), 255)
    for path in paths:
        knots = math.ceil(len(path) / 8) + 2  # a hand's swing lasts about four pixels
        _draw_path(ImageDraw.Draw(paper), path + tremble(len(path), knots, wobble, rng), width)
    grey = np.asarray(paper.filter(ImageFilter.GaussianBlur(SOFT * FINE)).reduce(FINE))
    return np.repeat(grey[:, :, None], 3, axis=2)


def _as_points(stroke, side):
    """One stroke as a float array (points, 2), near the paper."""
    points = as_array(stroke)
    fits = points.dtype.kind in "iuf" and points.ndim == 2 and points.shape[1] == 2 and len(points)
    if not fits or not (np.abs(points - side / 2) <= 10 * side).all():  # far outside: surely another unit
        asked = f"a stroke must be a list of (x, y) points in pixels from 0 to {side}"
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
    points = [tuple(point) for point in path * FINE - 0.5]  # Pillow counts pixel centres as whole numbers
    pixels = max(1, round(width * FINE))
    if len(points) > 1:
        draw.line(points, fill=0, width=pixels, joint="curve")
    for x, y in (points[0], points[-1]):
        draw.ellipse([x - pixels / 2, y - pixels / 2, x + pixels / 2, y + pixels / 2], fill=0)
