"""Shapes as hands draw them, uneven, tilted, not always closed: those of one hand, and those of several."""

import math

import numpy as np
from PIL import Image

from helpers.drawing.pen_and_brush import FINE, SIDE, Brush, pen_strokes, tremble, turn

__all__ = ["HAND_KINDS", "SHAPES", "hand_image", "shape_image"]

SHAPES = ("circles", "squares", "triangles")
HAND_KINDS = ("ellipse", "rectangle", "triangle")
HAND_SIDE = 70  # pixels; a drawing fills it up to 8 pixels from the edge, as in the real set
# Of a hand, the least and the most: size and line width in pixels, tremor, slant, flatness, share of tilted shapes.
HABITS = (49, 2.1, 0.1, -0.4, 0.35, 0.1), (56, 3.2, 0.7, 0.4, 0.85, 0.7)
# Measured on 300 real drawings (Kaggle cactus3/basicshapes): mean and spread of the larger side of the box
# around the ink, and of its middle, in pixels.
SIZE = {"circles": (18.6, 4.2), "squares": (15.4, 4.2), "triangles": (20.0, 3.8)}
MIDDLE = {"circles": (14.2, 13.5), "squares": (14.4, 12.6), "triangles": (13.7, 14.1)}
SPREAD = {"circles": 2.7, "squares": 4.2, "triangles": 2.4}


def shape_image(kind, *, seed):
    """Draw one circle, square or triangle with a trembling pen.

    Sizes, places, line width and unevenness follow those of Kaggle's ``cactus3/basicshapes``.

    Args:
        kind: "circles", "squares" or "triangles".
        seed: whole number from 0; the same seed draws the same picture.

    Returns:
        uint8 array (28, 28, 3), 255 is paper and 0 is ink.
    """
    number = SHAPES.index(kind)
    rng = np.random.default_rng([seed, number])
    path = OUTLINES[number](rng)
    path, width, wobble = _place(path, kind, rng), rng.uniform(0.78, 0.9), rng.uniform(0.05, 0.14)
    return pen_strokes([path], width=width, wobble=wobble, seed=int(rng.integers(2**31)))


def _circle(rng):
    """A turn of about 360 degrees from the top, with a bump where the ends meet: (points, 2)."""
    start = math.radians(-90 + rng.normal(0, 18))
    sweep = math.radians(360 + np.clip(rng.normal(5, 8), -30, 30)) * rng.choice([-1, -1, -1, 1])
    part = np.linspace(0, 1, 60)
    angle = start + sweep * part
    radius = 1 + rng.normal(0, 0.035) * (part - 0.5) * 2  # the hand ends a little farther out or in
    for waves in (2, 3, 4, 5):
        radius += rng.normal(0, 0.09 / waves) * np.cos(waves * angle + rng.uniform(0, 2 * math.pi))
    near_the_ends = np.minimum(part, 1 - part)
    radius += abs(rng.normal(0, 0.12)) * np.exp(-near_the_ends / 0.07)
    path = np.stack([radius * np.cos(angle), radius * np.sin(angle)], axis=1)
    if rng.random() < 0.08:  # a pen that set off early
        path = np.vstack([path[0] + rng.normal(0, 0.2, 2) + [0, -0.1], path])
    stretch = math.exp(rng.normal(-0.02, 0.1))
    return path * [stretch, 1 / stretch] @ turn(rng.uniform(-0.6, 0.6)).T


def _square(rng):
    """Four uneven corners, mostly upright: (points, 2)."""
    stretch = math.exp(rng.normal(0.05, 0.1))
    corners = np.array([(-1, -1), (-1, 1), (1, 1), (1, -1)]) * [stretch, 1 / stretch]
    corners = corners + rng.normal(0, 0.1, (4, 2))
    tilt = rng.normal(0, math.radians(18 if rng.random() < 0.15 else 4))
    return _through(corners, rng) @ turn(tilt).T


def _triangle(rng):
    """Three uneven corners; half of them stand on a side, the rest lie anyhow: (points, 2)."""
    angles = np.radians(np.array([-90, 150, 30]) + rng.normal(0, 12, 3))
    corners = np.stack([np.cos(angles), np.sin(angles)], axis=1) * rng.normal(1, 0.1, (3, 1))
    stretch = math.exp(rng.normal(0, 0.12))
    upright = rng.random() < 0.55
    tilt = rng.normal(0, 0.07) if upright else rng.uniform(0, 2 * math.pi)
    return _through(corners * [stretch, 1 / stretch], rng) @ turn(tilt).T


def _through(corners, rng):
    """A closed path through corners: sides bend a little, some corners are cut round."""
    corners = np.roll(corners, rng.integers(len(corners)), axis=0)
    after = np.roll(corners, -1, axis=0)
    steps = np.linspace(0, 1, 14)[:-1, None]
    path = []
    for here, there in zip(corners, after, strict=True):
        across = (there - here)[::-1] * [-1, 1]
        path.append(here + (there - here) * steps + across * rng.normal(0, 0.035) * 4 * steps * (1 - steps))
    path = np.vstack([*path, corners[:1] + rng.normal(0, 0.05, 2)])
    path = _round_corners(path, len(corners), rng)
    if rng.random() < 0.03:  # the pen stops too early
        path = path[: -int(rng.integers(2, 6))]
    return path


OUTLINES = (_circle, _square, _triangle)  # in the order of SHAPES and HAND_KINDS


def _round_corners(path, corners, rng):
    """Pull some corners inwards, as a fast hand does; the first, where the pen sets down, stays sharp."""
    path = path.copy()
    for corner in range(1, corners):
        if rng.random() < 0.25:
            here = corner * 13
            reach = int(rng.integers(2, 4))
            for _ in range(3):  # averaging neighbours three times rounds the corner
                middle = path[here - reach : here + reach + 1].copy()
                path[here - reach + 1 : here + reach] = (middle[:-2] + middle[1:-1] + middle[2:]) / 3
    return path


def _place(path, kind, rng):
    """Scale and shift to a size and a place as in the real set; few drawings touch the edge."""
    low, high = path.min(axis=0), path.max(axis=0)
    size = np.clip(rng.normal(*SIZE[kind]), 6, 25.5) - 1  # the box around the ink is a pen wider
    path = (path - (low + high) / 2) * size / (high - low).max()
    half = (path.max(axis=0) - path.min(axis=0)) / 2
    over = 1.5 if rng.random() < 0.04 else -1.2  # pixels beyond the edge
    room = np.maximum(SIDE / 2 + over - half, 0.3)
    middle = rng.normal(MIDDLE[kind], SPREAD[kind])
    return path + np.clip(middle, SIDE / 2 - room, SIDE / 2 + room)


def hand_image(kind, *, hand, seed):
    """Draw one shape as one hand does, after the manner of the Hand-drawn Shapes dataset (Francois Robert 2022).

    A hand has its own size, slant, line width, tremor and flatness.

    Args:
        kind: "ellipse", "rectangle" or "triangle".
        hand: whole number from 0, whose hand it is.
        seed: whole number from 0; the same hand and seed draw the same picture.

    Returns:
        uint8 array (70, 70, 3), 255 is paper and 0 is ink.
    """
    habit = np.random.default_rng([hand, 2022])
    size, width, tremor, slant, flat, tilted = habit.uniform(HABITS[0], HABITS[1])
    number = HAND_KINDS.index(kind)
    rng = np.random.default_rng([hand, number, seed])
    path = OUTLINES[number](rng)
    angle = rng.uniform(0, math.pi) if rng.random() < tilted else rng.normal(0, 0.07) + rng.choice([0, 0, math.pi / 2])
    shear = np.array([[1, 0], [slant, np.clip(rng.normal(flat, 0.25), 0.12, 1)]])
    path = path @ (shear @ turn(angle).T)
    low, high = path.min(axis=0), path.max(axis=0)
    path = (path - (low + high) / 2) * (size - width) / (high - low).max()
    paper = Image.new("RGB", (HAND_SIDE * FINE, HAND_SIDE * FINE), "white")
    brush = Brush(paper, np.eye(2), (HAND_SIDE / 2, HAND_SIDE / 2))
    brush.line(path + tremble(len(path), len(path) // 6 + 2, tremor, rng), (0, 0, 0), width=width)
    return np.asarray(paper.reduce(FINE))
