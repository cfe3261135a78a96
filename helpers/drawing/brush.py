"""A brush for coloured drawings: outlines in units of their own, turned, scaled, put in place."""

import math

import numpy as np
from PIL import ImageDraw

__all__ = ["FINE", "Brush", "arc", "box", "oval", "rounded", "shade", "turn"]

FINE = 3  # drawn this many times larger, then averaged


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
