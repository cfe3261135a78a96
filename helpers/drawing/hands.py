"""Ellipses, rectangles and triangles drawn by several hands, each with habits of its own."""

import math

import numpy as np
from PIL import Image

from helpers.drawing.brush import FINE, Brush, turn
from helpers.drawing.pen import between

__all__ = ["HAND_KINDS", "hand_image"]

HAND_KINDS = ("ellipse", "rectangle", "triangle")
SIDE = 70  # pixels; a drawing fills it up to 8 pixels from the edge, as in the real set


def hand_image(kind, *, hand, seed):
    """Draw one shape as one hand does, after the manner of the Hand-drawn Shapes dataset (Francois Robert 2022).

    A hand has its own size, slant, line width, tremor, flatness, and its own way to meet where a line began.

    Args:
        kind: "ellipse", "rectangle" or "triangle".
        hand: whole number from 0, whose hand it is.
        seed: whole number from 0; the same hand and seed draw the same picture.

    Returns:
        uint8 array (70, 70, 3), 255 is paper and 0 is ink.
    """
    habit = np.random.default_rng([hand, 2022])
    size, width, tremor, loose = habit.uniform((49, 2.1, 0.1, 0.01), (56, 3.2, 0.7, 0.09))
    slant, flat, tilted = habit.uniform((-0.4, 0.35, 0.1), (0.4, 0.85, 0.7))
    rng = np.random.default_rng([hand, HAND_KINDS.index(kind), seed])
    strokes = _ellipse(rng, loose) if kind == "ellipse" else _polygon(kind, rng, loose)
    angle = rng.uniform(0, math.pi) if rng.random() < tilted else rng.normal(0, 0.07) + rng.choice([0, 0, math.pi / 2])
    shear = np.array([[1, 0], [slant, np.clip(rng.normal(flat, 0.25), 0.12, 1)]])
    strokes = [stroke @ (shear @ turn(angle).T) for stroke in strokes]
    points = np.concatenate(strokes)
    low, high = points.min(axis=0), points.max(axis=0)
    scale = (size - width) / (high - low).max()
    paper = Image.new("RGB", (SIDE * FINE, SIDE * FINE), "white")
    brush = Brush(paper, np.eye(2), (SIDE / 2, SIDE / 2))
    for stroke in strokes:
        knots = rng.normal(0, tremor, (len(stroke) // 6 + 2, 2))
        shake = between(np.linspace(0, len(knots) - 1, len(stroke)), np.arange(len(knots)), knots)
        brush.line((stroke - (low + high) / 2) * scale + shake, (0, 0, 0), width=width)
    return np.asarray(paper.reduce(FINE))


def _ellipse(rng, loose):
    """One stroke round a circle, which does not end quite where it began: list of (points, 2)."""
    part = np.linspace(0, 1, 48)
    angle = rng.uniform(0, 2 * math.pi) + 2 * math.pi * part * (1 + rng.normal(loose / 2, loose))
    radius = 1 + rng.normal(0, 2 * loose) * (part - 0.5) + rng.normal(0, 0.04) * np.cos(3 * angle)
    return [np.stack([radius * np.cos(angle), radius * np.sin(angle)], axis=1)]


def _polygon(kind, rng, loose):
    """A stroke for each side, a little too long or too short: list of (points, 2)."""
    top = [(1, -1), (-1, -1)] if kind == "rectangle" else [(rng.normal(0, 0.6), -1)]
    corners = np.array([(-1, 1), (1, 1), *top])
    corners = corners + rng.normal(0, 0.05, corners.shape)
    strokes = []
    for here, there in zip(corners, np.roll(corners, -1, axis=0), strict=True):
        start, end = rng.normal(-loose / 4, loose / 2), rng.normal(1 + loose / 4, loose / 2)
        along = np.linspace(start, end, 16)[:, None]
        across = (there - here)[::-1] * [-1, 1]
        strokes.append(here + (there - here) * along + across * rng.normal(0, 0.03) * 4 * along * (1 - along))
    return strokes
