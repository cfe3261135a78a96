"""A pen on white paper: strokes given as points become a small picture with soft edges."""

import math

import numpy as np
from PIL import Image, ImageDraw, ImageFilter

from helpers._shared.arguments import as_number, as_whole_number
from helpers._shared.errors import CourseError

__all__ = ["pen_strokes", "smooth_path"]

FINE = 12  # drawn this many times larger, then averaged: that makes the soft edge
SOFT = 0.22  # pixels; radius of a blur that gives edges as soft as those of the real drawings
PEN_WIDTH = 0.82  # pixels; the ink across a line of the real drawings is that of a black line this wide


def smooth_path(points, *, step=0.5):
    """Put points at equal distances along a path of straight pieces.

    Args:
        points: array (points, 2), in pixels.
        step: distance between two points of the result, in pixels (about).

    Returns:
        Array (more points, 2) that begins and ends where the path does.
    """
    points = np.asarray(points, float)
    along = np.concatenate([[0], np.cumsum(np.hypot(*np.diff(points, axis=0).T))])
    if along[-1] == 0:  # a dot
        return points[:1]
    places = np.linspace(0, along[-1], max(2, math.ceil(along[-1] / step) + 1))
    return np.stack([np.interp(places, along, points[:, axis]) for axis in (0, 1)], axis=1)


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
    paths = [_as_points(stroke, side) for stroke in _as_list(strokes)]
    rng = np.random.default_rng(seed)
    paper = Image.new("L", (side * FINE, side * FINE), 255)
    for path in paths:
        path = smooth_path(path)
        _draw_path(ImageDraw.Draw(paper), path + _tremble(len(path), wobble, rng), width)
    grey = np.asarray(paper.filter(ImageFilter.GaussianBlur(SOFT * FINE)).reduce(FINE))
    return np.repeat(grey[:, :, None], 3, axis=2)


def _as_list(strokes):
    """The strokes as a list that holds at least one."""
    try:
        found = list(strokes)
    except TypeError:
        found = []
    if not found or isinstance(strokes, (str, bytes, dict)):
        raise CourseError(
            f"strokes must be a list of strokes, each a list of (x, y) points, not {strokes!r}: "
            "for one line give [[(4, 4), (20, 20)]]."
        )
    return found


def _as_points(stroke, side):
    """One stroke as a float array (points, 2), near the paper."""
    try:
        points = np.asarray(stroke, float)
    except (TypeError, ValueError):
        points = np.empty(0)
    if points.ndim != 2 or points.shape[1] != 2 or not len(points) or not np.isfinite(points).all():
        raise CourseError(
            f"a stroke must be a list of finite (x, y) points, not {_short(stroke)}: "
            "for one line give [(4, 4), (20, 20)]."
        )
    if np.abs(points - side / 2).max() > 10 * side:  # far outside: surely another unit
        raise CourseError(
            f"a stroke's points must be in pixels from 0 to {side}, not as far out as "
            f"{_short(stroke)}: scale them to the picture."
        )
    return points


def _short(thing):
    text = " ".join(repr(thing).split())
    return text if len(text) <= 60 else text[:57] + "..."


def _tremble(count, wobble, rng):
    """Slow noise along a path, (count, 2): a hand's swing lasts about four pixels."""
    if not wobble or count < 2:
        return np.zeros((count, 2))
    knots = rng.normal(0, wobble, (math.ceil(count / 8) + 2, 2))
    places = np.linspace(0, len(knots) - 1, count)
    return np.stack([np.interp(places, np.arange(len(knots)), knots[:, axis]) for axis in (0, 1)], axis=1)


def _draw_path(draw, path, width):
    """A line with round joints and round ends."""
    points = [tuple(point) for point in path * FINE - 0.5]  # Pillow counts pixel centres as whole numbers
    pixels = max(1, round(width * FINE))
    if len(points) > 1:
        draw.line(points, fill=0, width=pixels, joint="curve")
    for x, y in (points[0], points[-1]):
        draw.ellipse([x - pixels / 2, y - pixels / 2, x + pixels / 2, y + pixels / 2], fill=0)
