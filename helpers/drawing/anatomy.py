"""The bodies of the phantoms: a made-up chest as arrays of how much each pixel's ray is weakened.

THESE ARE NOT MEDICAL IMAGES. They are schematic drawings, made by formulas, of nobody.

Coordinates: u from -1 to 1 across (0 is the spine), v from -1 (neck) to 1 (belly) down. The patient faces us,
so the heart leans to the right of the picture.
"""

import math
from types import SimpleNamespace

import numpy as np
from PIL import Image, ImageDraw
from scipy.ndimage import gaussian_filter

from helpers.drawing.pen_and_brush import turn

__all__ = ["draw_chest", "grid", "make_chest", "make_view", "slow_noise"]


def make_chest(rng):
    """Make up a patient.

    Args:
        rng: numpy Generator.

    Returns:
        A namespace of what belongs to the patient; lengths in units of half a picture.
    """
    return SimpleNamespace(
        # middle u, middle v, half width, half height, tilt in radians
        heart=rng.uniform([0.06, 0.22, 0.26, 0.32, -0.7], [0.14, 0.34, 0.38, 0.42, -0.2]).tolist(),
        # middle u, middle v, radius of a bubble; radius 0 is none
        belly_gas=(rng.uniform(0.3, 0.5), rng.uniform(0.85, 0.98), int(rng.integers(2)) * rng.uniform(0.08, 0.16)),
        wide=rng.uniform(0.68, 0.82),  # half width of the rib cage at its base
        apex=rng.uniform(-0.72, -0.6),  # v of the lungs' tops
        base=rng.uniform(0.54, 0.72),  # v of the lungs' lower edges
        dome=rng.uniform(0.12, 0.24),  # how high the diaphragm bulges
        ribs=rng.uniform(0.145, 0.175),  # distance from rib to rib
        slope=rng.uniform(0.16, 0.36),  # how steeply ribs fall outwards
        bone=rng.uniform(0.1, 0.15),  # how dense bones are
        clavicle=rng.uniform(0.1, 0.2),  # how far below the lungs' tops the collar bones meet
        shoulder=rng.uniform(1.0, 1.2),  # half width of the body at the shoulders
        spine=rng.uniform(0.12, 0.15),  # distance from vertebra to vertebra
        vessels=int(rng.integers(2**31)),  # seed of the branching vessels
    )


def make_view(rng):
    """Make up an exposure: how the patient stands, breathes, and how strong the beam is.

    Args:
        rng: numpy Generator.

    Returns:
        A namespace of what belongs to the exposure.
    """
    return SimpleNamespace(
        turn=rng.normal(0, 0.04),  # radians
        zoom=rng.uniform(0.94, 1.08),
        shift=rng.normal(0, 0.04, 2).tolist(),  # u, v
        breath=rng.normal(0, 0.03),  # how far the diaphragm has gone down
        gain=rng.uniform(0.88, 1.12),
        offset=rng.uniform(-0.05, 0.05),
        gamma=rng.uniform(0.85, 1.25),
        fall_off=rng.normal(0, 0.06, 2).tolist(),  # how the beam's strength changes across and down
        grain=rng.uniform(0.008, 0.025),
    )


def grid(view, side):
    """Return where each pixel lies in the patient.

    Args:
        view: of `make_view`.
        side: height and width in pixels.

    Returns:
        Two arrays (side, side): u and v.
    """
    place = (np.arange(side, dtype=np.float32) + 0.5) / side * 2 - 1
    across, down = place[None, :] - view.shift[0], place[:, None] - view.shift[1]
    cosine, sine = math.cos(view.turn) / view.zoom, math.sin(view.turn) / view.zoom
    return cosine * across + sine * down, -sine * across + cosine * down


def slow_noise(side, knots, rng):
    """Return smooth noise of mean 0 and deviation about 1.

    Args:
        side: height and width in pixels.
        knots: how many independent values there are along a side.
        rng: numpy Generator.

    Returns:
        float32 array (side, side).
    """
    coarse = Image.fromarray(rng.normal(0, 1.3, (knots, knots)).astype(np.float32))
    return np.asarray(coarse.resize((side, side), Image.Resampling.BICUBIC))


def _lung_field(chest, view, u, v):
    """How much of each pixel is lung, without what lies before it: 0..1."""
    out = np.abs(u)
    inner_edge = 0.12 + 0.05 * np.clip(v - chest.apex, 0, 1) + 0.01 * np.sign(u)  # towards the spine
    inside = _edge(_cage(chest, v) - 0.035 - out) * _edge(out - inner_edge)
    return inside * _edge(_diaphragm(chest, view, u) - v)


def draw_chest(chest, view, u, v):
    """Return how much each pixel's ray is weakened by a healthy chest, and how much of it is lung, and heart.

    Args:
        chest: of `make_chest`.
        view: of `make_view`.
        u: array (side, side).
        v: array (side, side).

    Returns:
        Three float arrays (side, side): about 0..1, and twice 0..1.
    """
    body = _body(chest, u, v)
    lung = _lung_field(chest, view, u, v)
    heart = _heart_field(chest, u, v)
    middle = np.exp(-((u / 0.3) ** 2))
    weak = (0.46 + 0.1 * middle) * body * (1 - 0.66 * lung * (1 - 0.75 * heart))
    weak += 0.05 * heart + 0.14 * _edge(v - _diaphragm(chest, view, u)) * body
    vertebrae = 0.5 + 0.5 * np.tanh(3 * np.cos(2 * math.pi * v / chest.spine))
    spine = _edge(0.085 - np.abs(u), 0.014) * (0.04 + 0.07 * vertebrae)
    weak += spine + _ribs(chest, u, v) * (0.35 + 0.65 * lung) + _clavicles(chest, u, v)
    weak += 0.13 * _vessels(chest, view, len(v)) * lung * (1 - 0.7 * heart)
    across, down, radius = chest.belly_gas
    if radius:
        weak -= 0.14 * _edge(1 - np.hypot((u - across) / radius, (v - down) / (radius * 0.7)), 0.15)
    return gaussian_filter(np.maximum(weak, 0), len(v) / 224 * 0.5), lung, heart


def _edge(distance, soft=0.018):
    """1 inside, 0 outside, soft in between."""
    return 1 / (1 + np.exp(np.clip(-distance / soft, -30, 30)))


def _cage(chest, v):
    """Half width of the rib cage at each height: a dome that widens downwards."""
    along = np.clip((v - chest.apex + 0.04) / (chest.base + 0.1 - chest.apex), 0, 1)
    return chest.wide * np.sqrt(1 - (1 - along) ** 2.4)


def _diaphragm(chest, view, u):
    """v of the lungs' lower edge: two domes, the left of the picture a little higher (the liver)."""
    out = np.abs(u) - 0.3
    dome = chest.dome * (1 - (out / 0.42) ** 2)
    return chest.base + view.breath - dome + 0.03 * np.tanh(u * 6)


def _body(chest, u, v):
    """Thickness of soft tissue: trunk, shoulders, neck and upper arms, thinner towards the skin."""
    trunk = np.sqrt(np.clip(1 - (u / (chest.wide + 0.2)) ** 2, 0, 1)) * _edge(v + 0.72, 0.06)
    # the line from the neck to the shoulder
    top = chest.apex - 0.22 + 0.35 * np.maximum(np.abs(u) - 0.24, 0) ** 1.5
    shoulders = 0.8 * np.clip((v - top) / 0.35, 0, 1) ** 0.6 * _edge(chest.shoulder - np.abs(u), 0.05)
    shoulders = shoulders * _edge(-0.1 - v, 0.15)
    neck = 0.85 * np.sqrt(np.clip(1 - (u / 0.3) ** 2, 0, 1)) * _edge(-0.5 - v, 0.08)
    across = (np.abs(u) - chest.shoulder + 0.14 - 0.08 * (v + 0.4)) / 0.2
    arms = 0.6 * np.sqrt(np.clip(1 - across**2, 0, 1)) * _edge(v + 0.45, 0.05)
    return np.maximum(np.maximum(trunk, shoulders), np.maximum(neck, arms))


def _heart_field(chest, u, v):
    """How much of each pixel is heart, or the broad vessels above it: 0..1."""
    middle, low, wide, high, tilt = chest.heart
    across, down = u - middle, v - low
    along = math.cos(tilt) * across - math.sin(tilt) * down
    aside = math.sin(tilt) * across + math.cos(tilt) * down
    heart = _edge(1 - np.sqrt((along / wide) ** 2 + (aside / high) ** 2), 0.06)
    stem = _edge(0.17 - np.abs(u - 0.02), 0.03) * _edge(low - v, 0.05)
    knob = _edge(1 - np.hypot((u - 0.13) / 0.1, (v + 0.28) / 0.13), 0.15)
    return np.maximum(np.maximum(heart, 0.75 * stem), 0.8 * knob)


def _tube(distance, half, soft=0.2):
    """A bone seen from the side: its rim is denser than its middle. Distance in units of half its width."""
    near = np.abs(distance) / half
    return _edge(1 - near, soft / 2) * (0.65 + 0.35 * np.clip(near, 0, 1) ** 2)


def _ribs(chest, u, v):
    """All ribs at once: a rib is where the distance from the first is a whole number of gaps."""
    out = np.abs(u)
    cage = _cage(chest, v)
    inside = _edge(cage + 0.012 - out) * _edge(chest.base + 0.22 - v, 0.05)
    gap = chest.ribs
    back = v - chest.apex - chest.slope * np.maximum(out - 0.28, 0) ** 1.4 * 2 + 0.1 * np.exp(-out / 0.12)
    behind = _tube((back / gap + 0.5) % 1 - 0.5, 0.24) * _edge(out - 0.07) * inside
    front = v - chest.apex + 0.05 + (0.35 + chest.slope) * (out - chest.wide)
    before = _tube((front / gap * 0.95 + 0.5) % 1 - 0.5, 0.26) * _edge(out - 0.34, 0.04) * inside
    rim = np.exp(-(((cage - out) / 0.022) ** 2)) * _edge(v - chest.apex - 0.1, 0.05) * inside
    return chest.bone * (1.1 * behind + 0.4 * before + 0.6 * rim)


def _clavicles(chest, u, v):
    """Two collar bones, a flat S each."""
    out = np.abs(u)
    line = chest.apex + chest.clavicle - 0.16 * out + 0.03 * np.sin(out * 7)
    return 1.3 * chest.bone * _tube(v - line, 0.035) * _edge(out - 0.09) * _edge(chest.shoulder * 0.8 - out)


def _vessels(chest, view, side):
    """Vessels branching from both sides of the heart into the lungs, thinner on their way: (side, side)."""
    rng = np.random.default_rng(chest.vessels)
    canvas = Image.new("L", (side, side), 0)
    draw = ImageDraw.Draw(canvas)
    for side_of_body in (-1, 1):
        for _ in range(13):
            angle = rng.uniform(-1.25, 1.35)
            line = [np.array([0.17, -0.02 + rng.normal(0, 0.05)])]
            for _ in range(6):
                angle += rng.normal(0, 0.22)
                line.append(line[-1] + 0.085 * np.array([math.cos(angle), math.sin(angle)]))
            placed = np.array(line) * [side_of_body, 1] @ (view.zoom * turn(view.turn).T) + view.shift
            pixels = (placed + 1) / 2 * side - 0.5  # the inverse of `grid`
            for step in range(6):
                width = max(1, round((3.2 - 0.5 * step) * side / 224))
                draw.line(pixels[step : step + 2].ravel().tolist(), fill=250 - 36 * step, width=width)
    return gaussian_filter(np.asarray(canvas, np.float32) / 255, side / 224 * 1.1)
