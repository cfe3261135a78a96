"""Cats and dogs as coloured drawings: they differ by ears, muzzle, whiskers and eyes, and by nothing else.

Fur, markings, eye and nose colours, background, light, size, place and pose come from the same urn for both.
"""

import math
from types import SimpleNamespace

import numpy as np
from PIL import Image, ImageColor

from helpers.drawing.pen_and_brush import FINE, Brush, arc, box, oval, rounded, shade, turn

__all__ = ["ANIMALS", "cat_or_dog"]

ANIMALS = ("cats", "dogs")
SIDE = 150  # pixels
FURS = "#ecd6b2 #de964e #96623a #78787e #3a3638 #f0ece4 #5c3e2c #8e96a4 #cea86e #b2704c".split()
EYES = "#c49630 #7a9c46 #684628 #6092ba #96743c".split()
NOSES = "#2c2426 #ce8080 #6e463c".split()
WALLS = "#d6c4aa #96b4c4 #bea0b0 #788c6e #e2ded2 #5c6880 #ccb078 #464a52 #a8bea0 #c67864".split()
FLOORS = "#966c48 #787876 #c4b496 #543c30 #8c3c38 #465c78".split()


def cat_or_dog(kind, *, seed):
    """Draw the head and chest of a cat or a dog, in some pose, before some background.

    Args:
        kind: "cats" or "dogs".
        seed: whole number from 0; the same seed draws the same picture.

    Returns:
        uint8 array (150, 150, 3), 0..255.
    """
    rng = np.random.default_rng([seed, 10 + ANIMALS.index(kind)])
    image = Image.new("RGB", (SIDE * FINE, SIDE * FINE), _pick(WALLS, rng))
    scenes = (_room, _garden, _hills, _wallpaper, _window, _plain)
    scenes[rng.integers(len(scenes))](Brush(image, np.eye(2) * SIDE), rng)  # the scene's unit is the picture's side
    coat = _coat(rng)
    body, head, face = _poses(image, rng)
    _draw_body(body, coat, rng)
    (_draw_cat if kind == "cats" else _draw_dog)(head, face, coat, rng)
    return _with_light(image, rng)


def _coat(rng):
    """What an animal wears: its marking, and colours as three whole numbers, 0..255."""
    fur, second = _pick(FURS, rng), _pick(FURS, rng)
    edge = shade(fur, 0.55) if sum(fur) > 240 else shade(fur, 1.3)  # a black animal has light edges
    marking = rng.choice(["plain", "stripes", "patch", "blaze", "mask"])
    eye, nose = _pick(EYES, rng), _pick(NOSES, rng, spread=8)
    return SimpleNamespace(fur=fur, second=second, edge=edge, eye=eye, nose=nose, marking=marking)


def _poses(image, rng):
    """Brushes for the body, the tilted head, and the face on the turned head (unit: half a head)."""
    half = SIDE * rng.uniform(0.21, 0.31)
    tilt = np.clip(rng.normal(0, 0.2), -0.5, 0.5)
    middle = SIDE * np.array([rng.uniform(0.34, 0.66), rng.uniform(0.4, 0.58)])
    mirror = rng.choice([-1, 1])
    upright = np.array([[mirror * half, 0], [0, half]])
    turned = turn(tilt) @ upright
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
        brush.line(collar, _pick(EYES, rng, spread=40), width=0.14)


def _draw_head(head, right, coat, rng):
    """A head of whose outline the right half is given, and what the coat shows on it; the same for both animals."""
    outline = right + [(-x, y) for x, y in reversed(right)]
    head.fill(rounded(outline), coat.fur, edge=coat.edge)
    if coat.marking == "stripes":
        dark = shade(coat.fur, 0.65)
        for x in (-0.22, 0, 0.22):
            head.line([(x, -0.8), (x * 0.8, -0.42)], dark, width=0.08)
        for side, y in ((-1, 0.05), (1, 0.05), (-1, 0.25), (1, 0.25)):
            head.line([(side * 0.85, y - 0.08), (side * 0.6, y)], dark, width=0.07)
    elif coat.marking == "patch":
        head.fill(oval(0.4, -0.15, 0.36, 0.42, tilt=rng.uniform(-0.5, 0.5)), coat.second)
    elif coat.marking == "blaze":
        head.fill(rounded([(-0.12, -0.8), (0.12, -0.8), (0.34, 0.6), (-0.34, 0.6)]), coat.second)
    elif coat.marking == "mask":
        head.fill(oval(0, 0.25, 0.62, 0.5), coat.second)


def _draw_cat(head, face, coat, rng):
    """Pointed ears, a broad head, slit pupils, a small nose, long whiskers."""
    spread, height = rng.uniform(-0.08, 0.1), rng.uniform(-0.15, 0.12)
    for mirror in ([1, 1], [-1, 1]):
        tip = np.array([0.78 + spread, -1.42 + height]) + rng.normal(0, 0.05, 2)
        ear = np.array([(0.2, -0.72), tip, (0.97, -0.25)])
        head.fill(ear * mirror, coat.fur, edge=coat.edge)
        inner = ear.mean(axis=0) + (ear - ear.mean(axis=0)) * 0.6
        head.fill(inner * mirror, _jitter((216, 160, 150), rng, spread=10))
    right = [(0.4, 0.82), (0.88, 0.55), (1.02, 0.1), (0.9, -0.4), (0.45, -0.78)]
    _draw_head(head, right, coat, rng)
    wide, slit, y = rng.uniform(0.2, 0.26), rng.uniform(0.035, 0.09), -0.08
    for x in (-0.42, 0.42):
        almond = rounded([(x - wide * 1.25, y), (x, y - 0.27), (x + wide * 1.25, y), (x, y + 0.25)])
        face.fill(almond, coat.eye, edge=(30, 26, 26), width=0.05)
        face.fill(oval(x, y, slit, 0.17), (18, 16, 18))
        face.fill(oval(x + 0.06, y - 0.08, 0.045, 0.045, points=10), (250, 250, 250))
    for x in (-0.17, 0.17):
        face.fill(oval(x, 0.43, 0.21, 0.16), shade(coat.second, 1.25))
    nose = rounded([(-0.13, 0.22), (0.13, 0.22), (0, 0.36)], times=1)
    face.fill(nose, coat.nose, edge=shade(coat.nose, 0.7), width=0.02)
    for x in (-0.13, 0.13):
        face.line(arc(x, 0.42, 0.13, 0.12, 0, math.pi), (50, 40, 40), width=0.035)
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
    _draw_head(head, right, coat, rng)
    long, out = rng.uniform(0.15, 0.7), rng.uniform(1.05, 1.3)
    ear_fur = shade(coat.fur, 0.78) if rng.random() < 0.6 else coat.second
    for mirror in ([1, 1], [-1, 1]):
        ear = [(0.42, -0.86), (0.85, -0.86), (out, -0.2), (out, long), (0.85, long + 0.12), (0.66, -0.1)]
        ear = np.array(ear) + rng.normal(0, 0.03, (6, 2))
        head.fill(rounded(ear) * mirror, ear_fur, edge=shade(ear_fur, 0.6))
    size, y = rng.uniform(0.125, 0.165), -0.16
    for x in (-0.34, 0.34):
        face.fill(oval(x, y, size * 1.15, size * 1.1), coat.eye, edge=(30, 26, 26), width=0.05)
        face.fill(oval(x, y + 0.01, size * 0.68, size * 0.7), (18, 16, 18))
        face.fill(oval(x + 0.05, y - 0.05, 0.045, 0.045, points=10), (250, 250, 250))
        face.line(arc(x, y - 0.12, 0.17, 0.13, 1.2 * math.pi, 1.8 * math.pi), coat.edge, width=0.05)
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


def _pick(colours, rng, *, spread=14):
    """One colour of several ("#rrggbb") at random, varied a little: three whole numbers, 0..255."""
    return _jitter(ImageColor.getrgb(colours[rng.integers(len(colours))]), rng, spread=spread)


def _jitter(colour, rng, *, spread=14):
    """Vary a colour: mostly its brightness, by so many grey levels (standard deviation), a little its hue."""
    return shade(np.asarray(colour) + rng.normal(0, spread) + rng.normal(0, spread / 5, 3), 1)


def _floor(brush, colour, top):
    brush.fill(box(-0.1, top, 1.1, 1.1), colour, edge=shade(colour, 0.8), width=0.01)


def _room(brush, rng):
    """A floor, a picture or a shelf on the wall, a ball on the floor."""
    top = rng.uniform(0.5, 0.85)
    _floor(brush, _pick(FLOORS, rng), top)
    x, y = rng.uniform(0.1, 0.9), rng.uniform(0.08, 0.3)
    wide, high = rng.uniform(0.07, 0.16, 2)
    brush.fill(box(x - wide, y - high, x + wide, y + high), _pick(WALLS, rng), edge=_pick(FLOORS, rng), width=0.02)
    if rng.random() < 0.6:
        ball = oval(rng.uniform(0, 1), rng.uniform(top, 1), *[rng.uniform(0.05, 0.1)] * 2)
        brush.fill(ball, _pick(WALLS, rng, spread=25))


def _garden(brush, rng):
    """Sky, grass with blades, and a bush or two."""
    top = rng.uniform(0.45, 0.75)
    brush.fill(box(-0.1, -0.1, 1.1, 1), _jitter((166, 202, 226), rng))
    for _ in range(rng.integers(1, 4)):
        brush.fill(oval(rng.uniform(0, 1), top, *rng.uniform(0.08, 0.22, 2)), _jitter((84, 124, 70), rng))
    grass = _jitter((112, 152, 76), rng)
    _floor(brush, grass, top)
    for x, y in np.column_stack([rng.uniform(0, 1, 40), rng.uniform(top, 1, 40)]):
        blade = [(x, y), (x + rng.normal(0, 0.012), y - 0.05)]
        brush.line(blade, shade(grass, rng.choice([0.8, 1.2])), width=0.008)


def _hills(brush, rng):
    """Pointed and round hills under a sky: points that are no ears."""
    brush.fill(box(-0.1, -0.1, 1.1, 1), _jitter((186, 200, 214), rng, spread=20))
    for _ in range(rng.integers(2, 5)):
        x, wide, high = rng.uniform(0, 1), rng.uniform(0.15, 0.4), rng.uniform(0.2, 0.5)
        hill = [(x - wide, 0.8), (x, 0.8 - high), (x + wide, 0.8)]
        brush.fill(rounded(hill, times=int(rng.integers(0, 3))), _jitter((110, 120, 136), rng, spread=20))
    _floor(brush, _pick(FLOORS, rng), rng.uniform(0.65, 0.8))


def _wallpaper(brush, rng):
    """Stripes or dots all over."""
    colour, gap, phase = _pick(WALLS, rng), rng.uniform(0.1, 0.2), rng.uniform(0, 0.1)
    if rng.random() < 0.5:
        lean = rng.uniform(-0.5, 0.5)
        for x in np.arange(-0.6 + phase, 1.6, gap):
            brush.line([(x, -0.1), (x + lean, 1.1)], colour, width=gap * 0.4)
        return
    for row, y in enumerate(np.arange(phase, 1.1, gap)):
        for x in np.arange(phase + gap / 2 * (row % 2), 1.1, gap):
            brush.fill(oval(x, y, gap * 0.22, gap * 0.22, points=12), colour)


def _window(brush, rng):
    """A bright window with its bars, and a sill."""
    x, y = rng.uniform(0.2, 0.8), rng.uniform(0.2, 0.45)
    wide, high = rng.uniform(0.2, 0.4), rng.uniform(0.2, 0.35)
    frame = _pick(FLOORS, rng)
    brush.fill(box(x - wide, y - high, x + wide, y + high), _jitter((206, 224, 236), rng), edge=frame, width=0.03)
    for bar in ([(x, y - high), (x, y + high)], [(x - wide, y), (x + wide, y)]):
        brush.line(bar, frame, width=0.02)
    _floor(brush, _pick(FLOORS, rng), rng.uniform(0.75, 0.9))


def _plain(brush, rng):
    """A wall with a cushion or a rug at the bottom."""
    if rng.random() < 0.7:
        x, wide = rng.uniform(0.2, 0.8), rng.uniform(0.3, 0.6)
        colour = _pick(FLOORS, rng)
        brush.fill(oval(x, 0.98, wide, rng.uniform(0.12, 0.3)), colour, edge=shade(colour, 0.8), width=0.012)
        brush.line(arc(x, 0.98, wide * 0.8, 0.12, math.pi, 2 * math.pi), shade(colour, 1.25), width=0.012)


def _with_light(image, rng):
    """Shrink a picture to its size, and put soft light from one side and a camera's grain on it."""
    picture = np.asarray(image.reduce(FINE))
    angle, strength = rng.uniform(0, 2 * math.pi), rng.uniform(0.05, 0.25)
    across = np.linspace(-1, 1, len(picture))
    slope = math.cos(angle) * across[None, :] + math.sin(angle) * across[:, None]
    light = rng.uniform(0.8, 1.02) * (1 + strength * slope)[:, :, None] * (1 + rng.normal(0, 0.012, 3))
    grain = rng.normal(0, rng.uniform(1, 5), picture.shape)
    return np.clip(picture * light + grain, 0, 255).astype(np.uint8)
