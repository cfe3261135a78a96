"""Digits drawn by the course for the explorer: clear ones, unclear ones, and a dial from 4 to 9.

Everything is a list of strokes on a paper of 256 x 256, x to the right and y down: what a pupil draws on the page is
the same, so a digit from here can be drawn on, undone and shared like any other.
"""

import base64
import struct
from dataclasses import dataclass

import numpy as np

from helpers._shared.arguments import CourseError, as_list, as_number, as_numbers, brief

__all__ = ["PAPER", "Digit", "dial", "digits", "stroke_code"]

PAPER = 256  # side; coordinates are whole numbers from 0 to 255
VERSION = 1  # of the code in the page's address
STEPS = 5  # points that a curve puts between two of its knots
DIAL_POINTS = 24  # points in each stroke of the dial
# Strokes as knots, x and y in turn; "~" begins a smooth line through those that follow, "|" ends it, "/" a stroke.
CLEAR = {
    1: "136 34 122 222",
    2: "~ 68 84 94 46 136 38 170 66 160 110 114 162 66 210 | 190 206",
    3: "~ 74 54 118 34 162 58 154 98 110 120 |~ 110 120 164 136 178 178 136 218 70 200",
    5: "176 40 92 44 |~ 84 114 130 100 174 130 170 188 120 220 66 202",
    6: "~ 156 34 104 78 74 146 88 204 134 220 170 188 156 146 116 138 80 170",
    7: "62 50 188 44 112 222",
    8: "~ 130 122 88 86 98 44 136 32 170 58 156 98 126 122 82 160 86 206 128 224 170 204 170 160 130 122",
}
UNCLEAR = {
    "a 1 or a 7?": "92 74 146 42 128 222",
    "a 3 or an 8?": "~ 92 84 86 52 126 34 164 60 152 100 112 122 |~ 112 122 166 140 172 190 128 222 84 202 86 164",
    "a 0 or a 6?": "~ 152 36 96 70 72 140 96 208 150 212 180 156 166 92 122 72 84 112",
    "a 5 or a 6?": "168 40 |~ 104 60 84 128 132 110 172 142 162 200 112 218 76 184 80 140",
    "a 2 or a 7?": "~ 66 66 112 42 170 52 160 106 120 168 104 214 | 146 212",
    "a 3 or a 5?": "164 42 88 46 |~ 124 66 138 102 112 112 160 126 174 172 134 218 72 202",
    "a 7 or a 9?": "~ 88 96 72 66 108 40 174 50 | 126 222 / 88 96 150 84",
}


@dataclass(frozen=True)
class Digit:
    """A digit that comes with the page.

    Attributes:
        strokes: list of strokes, each a list of (x, y).
        digit: which digit it is, 0 to 9; None for an unclear one.
        title: what the page says of it.
    """

    strokes: list
    digit: int | None
    title: str


def digits():
    """Draw the digits that come with the page.

    Returns:
        A list of `Digit`: the ten clear ones in order, then the unclear ones.
    """
    turn = np.linspace(-np.pi / 2, -2.5 * np.pi, 25)
    ring = np.stack([128 + 62 * np.cos(turn), 128 + 92 * np.sin(turn)], axis=1)
    clear = {0: _whole([ring]), 4: dial(0), 9: dial(1)} | {digit: _strokes(knots) for digit, knots in CLEAR.items()}
    unclear = {"a 4 or a 9?": dial(0.36)} | {title: _strokes(knots) for title, knots in UNCLEAR.items()}
    return [
        *(Digit(clear[digit], digit, f"a {digit}") for digit in range(10)),
        *(Digit(strokes, None, title) for title, strokes in unclear.items()),
    ]


def dial(share):
    """Draw what lies between a 4 and a 9: the open top of the 4 bends until it closes.

    Args:
        share: how far it is turned, 0 (a 4) to 1 (a 9).

    Returns:
        A list of two strokes, each of as many points at any share.

    Raises:
        CourseError: if the share is no number from 0 to 1.
    """
    share = as_number(share, "share", low=0, high=1)
    four = [[(100, 36), (62, 138), (186, 132)], [(166, 40), (150, 222)]]
    nine = [_curve((166, 66), (128, 36), (80, 58), (76, 108), (116, 132), (162, 102)), [(166, 60), (150, 222)]]
    bent = [(1 - share) * _spread(one) + share * _spread(two) for one, two in zip(four, nine, strict=True)]
    return _whole(bent)


def stroke_code(strokes):
    """Write strokes as the text that the page keeps in its address.

    Args:
        strokes: list of strokes, each a list of (x, y), whole numbers from 0 to 255.

    Returns:
        Text of letters, digits, "-" and "_": base64 of a version byte, then for each stroke the number of its
        points (two bytes, high first) and its points (a byte each for x and y).

    Raises:
        CourseError: if a stroke is no list of such points, or has more than 65,535 of them.
    """
    parts = [bytes([VERSION])]
    for stroke in as_list(strokes, "strokes"):
        points = as_numbers(stroke, "a stroke")
        fits = points.ndim == 2 and points.shape[1] == 2 and len(points) < 2**16 and points.dtype.kind in "iu"
        if not fits or not ((points >= 0) & (points < PAPER)).all():
            raise CourseError(
                f"a stroke must be a list of at most 65,535 points (x, y), whole numbers from 0 to {PAPER - 1}, not "
                f"{brief(stroke)}: draw it on the paper."
            )
        parts.append(struct.pack(">H", len(points)) + bytes(points.ravel().tolist()))
    return base64.urlsafe_b64encode(b"".join(parts)).decode().rstrip("=")


def _strokes(words):
    """The strokes that knots stand for."""
    found = []
    for stroke in words.split("/"):
        found.append([])
        for part in stroke.split("|"):
            knots = np.array(part.replace("~", "").split(), float).reshape(-1, 2)
            found[-1] += _curve(*knots) if "~" in part else [*knots]
    return _whole(found)


def _curve(*knots):
    """A smooth line through its knots (Catmull and Rom, 1974)."""
    first, *_, last = knots
    points = np.array([first, *knots, last], float)
    share = np.linspace(0, 1, STEPS, endpoint=False)[:, None]
    pieces = []
    for before, start, end, after in zip(points, points[1:], points[2:], points[3:], strict=False):
        slope, bend = end - before, 2 * before - 5 * start + 4 * end - after
        cubic = 3 * start - before - 3 * end + after
        pieces.append(start + (slope * share + bend * share**2 + cubic * share**3) / 2)
    return [*np.concatenate(pieces), points[-1]]


def _spread(stroke):
    """As many points for any stroke, at equal distances along it."""
    points = np.asarray(stroke, float)
    along = np.concatenate([[0], np.cumsum(np.hypot(*np.diff(points, axis=0).T))])
    places = np.linspace(0, along[-1], DIAL_POINTS)
    return np.stack([np.interp(places, along, points[:, axis]) for axis in (0, 1)], axis=1)


def _whole(strokes):
    """Whole numbers on the paper, as plain Python."""
    return [np.rint(np.asarray(stroke)).clip(0, PAPER - 1).astype(int).tolist() for stroke in strokes]
