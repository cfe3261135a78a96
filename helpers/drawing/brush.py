"""A brush for coloured drawings: outlines in units of their own, turned, scaled, put in place."""

import math

import numpy as np
from PIL import Image, ImageDraw

__all__ = ["Brush", "arc", "mirrored", "oval", "rounded", "shade"]

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
    across, down = wide * np.cos(angle), high * np.sin(angle)
    cosine, sine = math.cos(tilt), math.sin(tilt)
    return np.stack([x + cosine * across - sine * down, y + sine * across + cosine * down], axis=1)


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


def mirrored(points):
    """Return the outline on the other side of the middle line x = 0.

    Args:
        points: array (points, 2).

    Returns:
        Array (points, 2).
    """
    return np.asarray(points, float) * [-1, 1]


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
    """Draws on one image in units of its own; `moved` gives a brush for the same image with other units."""

    def __init__(self, image, *, matrix=None, shift=(0.0, 0.0), bend=None):
        """Take an image that is FINE times larger than the picture will be.

        Args:
            image: Pillow image in RGB.
            matrix: array (2, 2) from the drawing's units to pixels of the picture; None is one to one.
            shift: where the drawing's (0, 0) lies, in pixels of the picture.
            bend: None, or a function from points to points that is applied first.
        """
        self.image, self.draw, self.bend = image, ImageDraw.Draw(image), bend
        self.matrix = np.eye(2) if matrix is None else np.asarray(matrix, float)
        self.shift = np.asarray(shift, float)
        self.scale = math.sqrt(abs(np.linalg.det(self.matrix)))

    @classmethod
    def blank(cls, side, colour):
        """Start a picture of one colour.

        Args:
            side: height and width of the picture, in pixels.
            colour: three numbers, 0..255.

        Returns:
            Brush in pixels of the picture.
        """
        return cls(Image.new("RGB", (side * FINE, side * FINE), shade(colour, 1)))

    def moved(self, *, matrix=None, shift=None, bend=None):
        """Take another brush for the same image, with other units.

        Args:
            matrix: as in `__init__`; None keeps this brush's.
            shift: as in `__init__`; None keeps this brush's.
            bend: as in `__init__`; None bends nothing.

        Returns:
            Brush.
        """
        return Brush(
            self.image,
            matrix=self.matrix if matrix is None else matrix,
            shift=self.shift if shift is None else shift,
            bend=bend,
        )

    def picture(self):
        """Return the finished picture.

        Returns:
            uint8 array (side, side, 3).
        """
        return np.asarray(self.image.reduce(FINE))

    def fill(self, points, colour, *, edge=None, width=0.04):
        """Fill an outline with colour.

        Args:
            points: array (points, 2), in the brush's units.
            colour: three numbers, 0..255.
            edge: colour of a line around it; None draws none.
            width: width of that line, in the brush's units.
        """
        placed = self._placed(points)
        self.draw.polygon(placed, fill=shade(colour, 1))
        if edge is not None:
            self._stroke([*placed, placed[0], placed[1]], edge, width)

    def line(self, points, colour, *, width=0.04):
        """Draw a line.

        Args:
            points: array (points, 2), in the brush's units.
            colour: three numbers, 0..255.
            width: width of the line, in the brush's units.
        """
        self._stroke(self._placed(points), colour, width)

    def _stroke(self, placed, colour, width):
        pixels = max(1, round(width * self.scale * FINE))
        self.draw.line(placed, fill=shade(colour, 1), width=pixels, joint="curve")

    def _placed(self, points):
        points = np.asarray(points, float)
        if self.bend is not None:
            points = self.bend(points)
        return [tuple(point) for point in ((points @ self.matrix.T + self.shift) * FINE).tolist()]
