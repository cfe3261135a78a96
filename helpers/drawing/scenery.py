"""Colours and backgrounds of the cats and dogs; both classes take them from the same urn."""

import math

import numpy as np
from PIL import Image, ImageColor

from helpers.drawing.brush import FINE, Brush, arc, box, oval, rounded, shade

__all__ = ["EYES", "FURS", "NOSES", "draw_scene", "jitter", "pick", "with_light"]

FURS = "#ecd6b2 #de964e #96623a #78787e #3a3638 #f0ece4 #5c3e2c #8e96a4 #cea86e #b2704c".split()
EYES = "#c49630 #7a9c46 #684628 #6092ba #96743c".split()
NOSES = "#2c2426 #ce8080 #6e463c".split()
WALLS = "#d6c4aa #96b4c4 #bea0b0 #788c6e #e2ded2 #5c6880 #ccb078 #464a52 #a8bea0 #c67864".split()
FLOORS = "#966c48 #787876 #c4b496 #543c30 #8c3c38 #465c78".split()


def pick(colours, rng, *, spread=14):
    """Take one colour at random and vary it a little.

    Args:
        colours: colours to choose from, as "#rrggbb".
        rng: numpy Generator.
        spread: standard deviation of the variation, in grey levels.

    Returns:
        Tuple of three whole numbers, 0..255.
    """
    return jitter(ImageColor.getrgb(colours[rng.integers(len(colours))]), rng, spread=spread)


def jitter(colour, rng, *, spread=14):
    """Vary a colour: mostly its brightness, a little its hue.

    Args:
        colour: three numbers, 0..255.
        rng: numpy Generator.
        spread: standard deviation of the brightness, in grey levels.

    Returns:
        Tuple of three whole numbers, 0..255.
    """
    return shade(np.asarray(colour) + rng.normal(0, spread) + rng.normal(0, spread / 5, 3), 1)


def draw_scene(side, rng):
    """Paint a background: a room, a garden, hills, wallpaper, a window or a plain wall.

    Args:
        side: height and width in pixels.
        rng: numpy Generator.

    Returns:
        Pillow image in RGB, FINE times larger than the picture will be.
    """
    image = Image.new("RGB", (side * FINE, side * FINE), pick(WALLS, rng))
    kinds = (_room, _garden, _hills, _wallpaper, _window, _plain)
    kinds[rng.integers(len(kinds))](Brush(image, np.eye(2) * side), rng)  # the scene's unit is the picture's side
    return image


def _floor(brush, colour, top):
    brush.fill(box(-0.1, top, 1.1, 1.1), colour, edge=shade(colour, 0.8), width=0.01)


def _room(brush, rng):
    """A floor, a picture or a shelf on the wall, a ball on the floor."""
    top = rng.uniform(0.5, 0.85)
    _floor(brush, pick(FLOORS, rng), top)
    x, y = rng.uniform(0.1, 0.9), rng.uniform(0.08, 0.3)
    wide, high = rng.uniform(0.07, 0.16, 2)
    brush.fill(box(x - wide, y - high, x + wide, y + high), pick(WALLS, rng), edge=pick(FLOORS, rng), width=0.02)
    if rng.random() < 0.6:
        ball = oval(rng.uniform(0, 1), rng.uniform(top, 1), *[rng.uniform(0.05, 0.1)] * 2)
        brush.fill(ball, pick(WALLS, rng, spread=25))


def _garden(brush, rng):
    """Sky, grass with blades, and a bush or two."""
    top = rng.uniform(0.45, 0.75)
    brush.fill(box(-0.1, -0.1, 1.1, 1), jitter((166, 202, 226), rng))
    for _ in range(rng.integers(1, 4)):
        brush.fill(oval(rng.uniform(0, 1), top, *rng.uniform(0.08, 0.22, 2)), jitter((84, 124, 70), rng))
    grass = jitter((112, 152, 76), rng)
    _floor(brush, grass, top)
    for x, y in np.column_stack([rng.uniform(0, 1, 40), rng.uniform(top, 1, 40)]):
        blade = [(x, y), (x + rng.normal(0, 0.012), y - 0.05)]
        brush.line(blade, shade(grass, rng.choice([0.8, 1.2])), width=0.008)


def _hills(brush, rng):
    """Pointed and round hills under a sky: points that are no ears."""
    brush.fill(box(-0.1, -0.1, 1.1, 1), jitter((186, 200, 214), rng, spread=20))
    for _ in range(rng.integers(2, 5)):
        x, wide, high = rng.uniform(0, 1), rng.uniform(0.15, 0.4), rng.uniform(0.2, 0.5)
        hill = [(x - wide, 0.8), (x, 0.8 - high), (x + wide, 0.8)]
        brush.fill(rounded(hill, times=int(rng.integers(0, 3))), jitter((110, 120, 136), rng, spread=20))
    _floor(brush, pick(FLOORS, rng), rng.uniform(0.65, 0.8))


def _wallpaper(brush, rng):
    """Stripes or dots all over."""
    colour, gap, phase = pick(WALLS, rng), rng.uniform(0.1, 0.2), rng.uniform(0, 0.1)
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
    frame = pick(FLOORS, rng)
    brush.fill(box(x - wide, y - high, x + wide, y + high), jitter((206, 224, 236), rng), edge=frame, width=0.03)
    brush.line([(x, y - high), (x, y + high)], frame, width=0.02)
    brush.line([(x - wide, y), (x + wide, y)], frame, width=0.02)
    _floor(brush, pick(FLOORS, rng), rng.uniform(0.75, 0.9))


def _plain(brush, rng):
    """A wall with a cushion or a rug at the bottom."""
    if rng.random() < 0.7:
        x, wide = rng.uniform(0.2, 0.8), rng.uniform(0.3, 0.6)
        colour = pick(FLOORS, rng)
        brush.fill(oval(x, 0.98, wide, rng.uniform(0.12, 0.3)), colour, edge=shade(colour, 0.8), width=0.012)
        brush.line(arc(x, 0.98, wide * 0.8, 0.12, math.pi, 2 * math.pi), shade(colour, 1.25), width=0.012)


def with_light(image, rng):
    """Finish a picture: shrink it, and put soft light from one side and a camera's grain on it.

    Args:
        image: Pillow image in RGB, FINE times larger than the picture.
        rng: numpy Generator.

    Returns:
        uint8 array (side, side, 3).
    """
    picture = np.asarray(image.reduce(FINE))
    angle, strength = rng.uniform(0, 2 * math.pi), rng.uniform(0.05, 0.25)
    across = np.linspace(-1, 1, len(picture))
    slope = math.cos(angle) * across[None, :] + math.sin(angle) * across[:, None]
    light = rng.uniform(0.8, 1.02) * (1 + strength * slope)[:, :, None] * (1 + rng.normal(0, 0.012, 3))
    grain = rng.normal(0, rng.uniform(1, 5), picture.shape)
    return np.clip(picture * light + grain, 0, 255).astype(np.uint8)
