"""Cats and dogs as coloured drawings: they differ by ears, muzzle, whiskers and eyes, and by nothing else.

Fur, markings, eye and nose colours, background, light, size, place and pose come from the same urn for both.
"""

import math
from typing import NamedTuple

import numpy as np

from helpers._shared.arguments import as_choice, as_whole_number
from helpers.drawing.brush import Brush, arc, oval, rounded, shade
from helpers.drawing.scenery import EYES, FURS, NOSES, draw_scene, jitter, pick, with_light

__all__ = ["ANIMALS", "cat_or_dog"]

ANIMALS = ("cats", "dogs")
WORDS = {"cat": "cats", "dog": "dogs", "cats": "cats", "dogs": "dogs"}


class Coat(NamedTuple):
    """What an animal wears: colours as three whole numbers, 0..255."""

    fur: tuple
    second: tuple
    edge: tuple
    eye: tuple
    nose: tuple
    marking: str


def cat_or_dog(kind, *, seed, side=150):
    """Draw the head and chest of a cat or a dog, in some pose, before some background.

    Args:
        kind: "cats" or "dogs" (or "cat", "dog").
        seed: whole number; the same seed draws the same picture.
        side: height and width, in pixels.

    Returns:
        uint8 array (side, side, 3), 0..255.

    Raises:
        CourseError: if the kind is another word, the seed no whole number, or the side out of range.
    """
    as_choice(kind, "kind", tuple(WORDS))
    as_whole_number(seed, "seed", least=0)
    as_whole_number(side, "side", least=32, most=1024)
    kind = WORDS[kind]
    rng = np.random.default_rng([seed, 10 + ANIMALS.index(kind)])
    image = draw_scene(side, rng)
    coat = _coat(rng)
    body, head, face = _poses(image, side, rng)
    _draw_body(body, coat, rng)
    {"cats": _draw_cat, "dogs": _draw_dog}[kind](head, face, coat, rng)
    return with_light(image, rng)


def _coat(rng):
    fur, second = pick(FURS, rng), pick(FURS, rng)
    edge = shade(fur, 0.55) if sum(fur) > 240 else shade(fur, 1.3)  # a black animal has light edges
    marking = rng.choice(["plain", "stripes", "patch", "blaze", "mask"])
    return Coat(fur, second, edge, pick(EYES, rng), pick(NOSES, rng, spread=8), str(marking))


def _poses(image, side, rng):
    """Brushes for the body, the tilted head, and the face on the turned head (unit: half a head)."""
    half = side * rng.uniform(0.21, 0.31)
    tilt = np.clip(rng.normal(0, 0.2), -0.5, 0.5)
    middle = side * np.array([rng.uniform(0.34, 0.66), rng.uniform(0.4, 0.58)])
    mirror = rng.choice([-1, 1])
    cosine, sine = math.cos(tilt), math.sin(tilt)
    upright = np.array([[mirror * half, 0], [0, half]])
    turned = np.array([[cosine, -sine], [sine, cosine]]) @ upright
    look = np.array([rng.uniform(-0.3, 0.3), rng.uniform(-0.12, 0.1)])

    def bend(points):
        """The face is on a ball that looks aside: what is near its middle moves most."""
        away = np.clip(1 - (points[:, :1] / 1.3) ** 2, 0, 1)
        return points + away * look

    return Brush(image, upright, middle), Brush(image, turned, middle), Brush(image, turned, middle, bend)


def _draw_body(brush, coat, rng):
    """Neck, shoulders and chest, down to the lower edge; sometimes a collar."""
    wide, lean = rng.uniform(0.85, 1.25), rng.uniform(-0.25, 0.25)
    left, right = lean - wide, lean + wide
    outline = [(-0.55, 0.2), (left, 1.3), (left, 4), (right, 4), (right, 1.3), (0.55, 0.2)]
    brush.fill(rounded(outline), coat.fur, edge=coat.edge)
    if coat.marking in ("blaze", "mask", "patch"):
        brush.fill(oval(lean / 2, 1.75, wide * 0.5, 0.75), coat.second)
    for side in (-1, 1):
        brush.line([(side * 0.3 * wide + lean, 1.9), (side * 0.35 * wide + lean, 4)], coat.edge)
    if rng.random() < 0.35:
        collar = arc(0, 0.6, 0.66, 0.5, 0.1 * math.pi, 0.9 * math.pi)
        brush.line(collar, pick(EYES, rng, spread=40), width=0.14)


def _markings(head, coat, rng):
    """What the coat shows on the head; the same for both animals."""
    if coat.marking == "stripes":
        dark = shade(coat.fur, 0.65)
        for x in (-0.22, 0, 0.22):
            head.line([(x, -0.8), (x * 0.8, -0.42)], dark, width=0.08)
        for y in (0.05, 0.25):
            head.line([(-0.85, y - 0.08), (-0.6, y)], dark, width=0.07)
            head.line([(0.85, y - 0.08), (0.6, y)], dark, width=0.07)
    elif coat.marking == "patch":
        head.fill(oval(0.4, -0.15, 0.36, 0.42, tilt=rng.uniform(-0.5, 0.5)), coat.second)
    elif coat.marking == "blaze":
        head.fill(rounded([(-0.12, -0.8), (0.12, -0.8), (0.34, 0.6), (-0.34, 0.6)]), coat.second)
    elif coat.marking == "mask":
        head.fill(oval(0, 0.25, 0.62, 0.5), coat.second)


def _both_sides(right):
    """The closed outline of which this is the right half."""
    return right + [(-x, y) for x, y in reversed(right)]


def _draw_cat(head, face, coat, rng):
    """Pointed ears, a broad head, slit pupils, a small nose, long whiskers."""
    spread, height = rng.uniform(-0.08, 0.1), rng.uniform(-0.15, 0.12)
    for mirror in ([1, 1], [-1, 1]):
        tip = np.array([0.78 + spread, -1.42 + height]) + rng.normal(0, 0.05, 2)
        ear = np.array([(0.2, -0.72), tip, (0.97, -0.25)])
        head.fill(ear * mirror, coat.fur, edge=coat.edge)
        inner = ear.mean(axis=0) + (ear - ear.mean(axis=0)) * 0.6
        head.fill(inner * mirror, jitter((216, 160, 150), rng, spread=10))
    right = [(0.4, 0.82), (0.88, 0.55), (1.02, 0.1), (0.9, -0.4), (0.45, -0.78)]
    head.fill(rounded(_both_sides(right)), coat.fur, edge=coat.edge)
    _markings(head, coat, rng)
    _cat_eyes(face, coat, rng)
    _cat_muzzle(face, coat, rng)


def _cat_eyes(face, coat, rng):
    wide, slit = rng.uniform(0.2, 0.26), rng.uniform(0.035, 0.09)
    for side in (-1, 1):
        x, y = side * 0.42, -0.08
        almond = rounded([(x - wide * 1.25, y), (x, y - 0.27), (x + wide * 1.25, y), (x, y + 0.25)])
        face.fill(almond, coat.eye, edge=(30, 26, 26), width=0.05)
        face.fill(oval(x, y, slit, 0.17), (18, 16, 18))
        face.fill(oval(x + 0.06, y - 0.08, 0.045, 0.045, points=10), (250, 250, 250))


def _cat_muzzle(face, coat, rng):
    pads = shade(coat.second, 1.25)
    for side in (-1, 1):
        face.fill(oval(side * 0.17, 0.43, 0.21, 0.16), pads)
    nose = rounded([(-0.13, 0.22), (0.13, 0.22), (0, 0.36)], times=1)
    face.fill(nose, coat.nose, edge=shade(coat.nose, 0.7), width=0.02)
    for side in (-1, 1):
        face.line(arc(side * 0.13, 0.42, 0.13, 0.12, 0, math.pi), (50, 40, 40), width=0.035)
    if rng.random() < 0.2:
        face.fill(oval(0, 0.56, 0.07, 0.09), (222, 130, 136))
    long, droop = rng.uniform(0.95, 1.35), rng.uniform(-0.1, 0.15)
    colour = (245, 245, 240) if sum(coat.fur) < 480 else (70, 64, 64)
    for side in (-1, 1):
        for step in (-1, 0, 1):
            end = 0.42 + step * 0.17 + droop + rng.normal(0, 0.03)
            whisker = [(0.26, 0.42 + step * 0.06), (long * 0.7, 0.41 + step * 0.11), (long, end)]
            face.line(np.array(whisker) * [side, 1], colour, width=0.028)


def _draw_dog(head, face, coat, rng):
    """Hanging ears, a long head, round eyes, a large muzzle with a broad nose, often a tongue."""
    right = [(0.42, 0.98), (0.72, 0.5), (0.78, -0.1), (0.72, -0.62), (0.4, -0.9)]
    head.fill(rounded(_both_sides(right)), coat.fur, edge=coat.edge)
    _markings(head, coat, rng)
    long, out = rng.uniform(0.15, 0.7), rng.uniform(1.05, 1.3)
    ear_fur = shade(coat.fur, 0.78) if rng.random() < 0.6 else coat.second
    for mirror in ([1, 1], [-1, 1]):
        ear = [(0.42, -0.86), (0.85, -0.86), (out, -0.2), (out, long), (0.85, long + 0.12), (0.66, -0.1)]
        ear = np.array(ear) + rng.normal(0, 0.03, (6, 2))
        head.fill(rounded(ear) * mirror, ear_fur, edge=shade(ear_fur, 0.6))
    _dog_eyes(face, coat, rng)
    _dog_muzzle(face, coat, rng)


def _dog_eyes(face, coat, rng):
    size = rng.uniform(0.125, 0.165)
    for side in (-1, 1):
        x, y = side * 0.34, -0.16
        face.fill(oval(x, y, size * 1.15, size * 1.1), coat.eye, edge=(30, 26, 26), width=0.05)
        face.fill(oval(x, y + 0.01, size * 0.68, size * 0.7), (18, 16, 18))
        face.fill(oval(x + 0.05, y - 0.05, 0.045, 0.045, points=10), (250, 250, 250))
        face.line(arc(x, y - 0.12, 0.17, 0.13, 1.2 * math.pi, 1.8 * math.pi), coat.edge, width=0.05)


def _dog_muzzle(face, coat, rng):
    pads = shade(coat.second, 1.25)
    if rng.random() < 0.55:
        tongue = rounded([(-0.16, 0.72), (0.16, 0.72), (0.15, 1.12), (-0.15, 1.12)])
        face.fill(tongue, (222, 120, 128), edge=(170, 84, 92), width=0.03)
    face.fill(oval(0, 0.5, 0.46, 0.36), pads, edge=shade(pads, 0.75), width=0.03)
    nose = rounded([(-0.23, 0.22), (0.23, 0.22), (0.16, 0.46), (-0.16, 0.46)])
    face.fill(nose, coat.nose, edge=shade(coat.nose, 0.6), width=0.03)
    face.fill(oval(-0.06, 0.29, 0.06, 0.03, points=10), shade(coat.nose, 1.5))
    face.line([(0, 0.46), (0, 0.62)], (50, 40, 40), width=0.04)
    for side in (-1, 1):
        face.line(arc(side * 0.17, 0.62, 0.17, 0.12, 0, math.pi), (50, 40, 40), width=0.04)
        for x, y in ((0.2, 0.48), (0.28, 0.54), (0.3, 0.44)):
            face.fill(oval(side * x, y, 0.02, 0.02, points=6), (60, 50, 50))
