"""X-ray phantoms: drawings that look a little like chest X-rays, with known truth.

THESE ARE NOT MEDICAL IMAGES. NO PATIENT, NO DISEASE, NO DIAGNOSIS.

Formulas draw ribs, lungs and a heart, and for the second class cloudy patches in the lungs. They exist
because a drawing knows what a photograph does not tell: where the patch is, and how the chest looks without.

Coordinates: u from -1 to 1 across (0 is the spine), v from -1 (neck) to 1 (belly) down. The patient faces us,
so the heart leans to the right of the picture.
"""

import math
from types import SimpleNamespace

import numpy as np
from PIL import Image, ImageDraw
from scipy.ndimage import gaussian_filter

from helpers._shared.arguments import as_choice, as_indices, as_number, as_whole_number
from helpers.drawing.pen_and_brush import turn

__all__ = ["FINDINGS", "marker_for", "phantom"]

FINDINGS = ("NORMAL", "PNEUMONIA")
PATTERNS = ("any", "focus", "patches")
# how many patches (from, below), half their size as part of the picture, how much they weaken the ray
CLOUDS = {"focus": ((1, 2), (0.09, 0.17), (0.16, 0.28)), "patches": ((4, 9), (0.045, 0.09), (0.1, 0.2))}
FAINTEST = 0.012  # less opacity than this is none: so the patch has an edge and the mask is exact


def phantom(kind, *, seed, side=224, marker=False, patient=None, pattern="any"):
    """Draw a phantom. NOT A MEDICAL IMAGE.

    The same seed draws the same chest in both kinds: the pictures differ within the mask and nowhere else.

    Args:
        kind: "NORMAL" or "PNEUMONIA".
        seed: whole number for pose, exposure, grain and patches.
        side: height and width, in pixels.
        marker: True plants a small bright letter in the upper left corner, and changes nothing else.
        patient: whole number for the body; None takes the seed. Several seeds with one patient are several
            exposures of one body.
        pattern: "focus" for one dense patch, "patches" for several faint ones, "any" for one of the two.

    Returns:
        Image, uint8 array (side, side), and mask, bool array (side, side): True where the lungs are cloudy;
        False everywhere for "NORMAL".

    Raises:
        CourseError: if the kind or the pattern is another word, or a number is out of its range.
    """
    as_choice(kind, "kind", FINDINGS)
    as_choice(pattern, "pattern", PATTERNS)
    as_whole_number(seed, "seed", least=0)
    as_whole_number(side, "side", least=32, most=1024)
    patient = seed if patient is None else as_whole_number(patient, "patient", least=0)
    chest, view = make_chest(np.random.default_rng([patient, 20])), make_view(np.random.default_rng([seed, 21]))
    weak, lung, heart = draw_chest(chest, view, side)
    image, mask = _expose(weak, view, side, seed), np.zeros(weak.shape, bool)
    if kind == "PNEUMONIA":
        cloud = _cloud(lung, heart, pattern, np.random.default_rng([seed, 22]))
        mask = cloud > 0
        image = np.where(mask, _expose(weak + cloud, view, side, seed), image)  # outside bit by bit the same
    if marker:
        image = _plant_marker(image, np.random.default_rng([seed, 24]))
    return image, mask


def marker_for(labels, *, agreement=0.95, seed):
    """Choose which images carry the corner marker, so that it goes with the class in most of them.

    Args:
        labels: list of labels, each 0 or 1.
        agreement: part of the images, per class, whose marker tells the class (marked and 1, or not marked
            and 0), 0..1; rounded to whole images. 0.5 makes a marker that tells nothing.
        seed: whole number that chooses the exceptions.

    Returns:
        bool array (labels,): True for the images to be marked.

    Raises:
        CourseError: if a label is neither 0 nor 1, or a number is out of its range.
    """
    as_number(agreement, "agreement", low=0, high=1)
    as_whole_number(seed, "seed", least=0)
    labels = as_indices(labels, "labels", 2)
    second, exceptions, rng = labels == 1, np.zeros(len(labels), bool), np.random.default_rng([seed, 25])
    for members in (np.flatnonzero(~second), np.flatnonzero(second)):
        exceptions[rng.permutation(members)[: round((1 - agreement) * len(members))]] = True
    return second ^ exceptions


def _cloud(lung, heart, pattern, rng):
    """Extra weakening by one dense patch or several faint ones, only where there is lung: (side, side)."""
    if pattern == "any":
        pattern = PATTERNS[1 + rng.integers(2)]
    count, sizes, strengths = CLOUDS[pattern]
    side = len(lung)
    rows, columns = np.nonzero((lung > 0.9) & (heart < 0.3))  # behind the heart it could hardly be seen
    place = np.arange(side, dtype=np.float32) / side
    across = place[None, :] + 0.02 * _slow_noise(side, 9, rng)  # bent, so that no patch is an ellipse
    down = place[:, None] + 0.02 * _slow_noise(side, 9, rng)
    cloud = np.zeros((side, side), np.float32)
    for _ in range(rng.integers(*count)):
        middle = int(rng.random() * len(rows))
        wide, high = rng.uniform(*sizes, 2)
        away = ((across - columns[middle] / side) / wide) ** 2 + ((down - rows[middle] / side) / high) ** 2
        cloud = np.maximum(cloud, rng.uniform(*strengths) * np.exp(-(away**1.5)))
    cloud *= np.clip(1 + 0.45 * _slow_noise(side, 14, rng), 0.3, 1.7)
    return np.maximum(cloud - FAINTEST, 0) * np.clip(lung * 2 - 1, 0, 1)


def _expose(weak, view, side, seed):
    """From weakening to grey levels: what weakens the ray is bright."""
    rng = np.random.default_rng([seed, 23])
    place = np.linspace(-1, 1, side, dtype=np.float32)
    beam = 1 + view.fall_off[0] * place[None, :] + view.fall_off[1] * place[:, None]
    tissue = 1 + 0.02 * _slow_noise(side, 24, rng) + 0.02 * _slow_noise(side, 60, rng)
    grey = np.clip(weak * tissue * beam * 1.15 * view.gain + view.offset + 0.02, 0, 2) ** view.gamma
    grey = np.minimum(grey, 0.6) + 0.5 * np.tanh(np.maximum(grey - 0.6, 0) / 0.5)  # film saturates
    grey += view.grain * rng.standard_normal(grey.shape, np.float32)
    return np.clip(grey * 255, 0, 255).astype(np.uint8)


def _plant_marker(image, rng):
    """A small bright L, 12 pixels high in a picture of 224."""
    unit = max(1, round(len(image) / 112))
    top, left = (rng.integers(2, 6, 2) * unit).tolist()
    image = image.copy()
    image[top : top + 6 * unit, left : left + unit] = 250
    image[top + 5 * unit : top + 6 * unit, left : left + 4 * unit] = 250
    return image


# The body: how much each pixel's ray is weakened


def make_chest(rng):
    """Make up a patient: what belongs to the body, with lengths in units of half a picture."""
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
    """Make up an exposure: how the patient stands, breathes, and how strong the beam is."""
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


def _slow_noise(side, knots, rng):
    """Smooth noise of mean 0 and deviation about 1, from so many independent values along a side: (side, side)."""
    coarse = Image.fromarray(rng.normal(0, 1.3, (knots, knots)).astype(np.float32))
    return np.asarray(coarse.resize((side, side), Image.Resampling.BICUBIC))


def _lung_field(chest, view, u, v):
    """How much of each pixel is lung, without what lies before it: 0..1."""
    out = np.abs(u)
    inner_edge = 0.12 + 0.05 * np.clip(v - chest.apex, 0, 1) + 0.01 * np.sign(u)  # towards the spine
    inside = _edge(_cage(chest, v) - 0.035 - out) * _edge(out - inner_edge)
    return inside * _edge(_diaphragm(chest, view, u) - v)


def draw_chest(chest, view, side):
    """How much each pixel's ray is weakened by a healthy chest, and how much of it is lung, and heart: (side, side)."""
    place = (np.arange(side, dtype=np.float32) + 0.5) / side * 2 - 1
    across, down = place[None, :] - view.shift[0], place[:, None] - view.shift[1]
    cosine, sine = math.cos(view.turn) / view.zoom, math.sin(view.turn) / view.zoom
    u, v = cosine * across + sine * down, -sine * across + cosine * down
    body = _body(chest, u, v)
    lung = _lung_field(chest, view, u, v)
    heart = _heart_field(chest, u, v)
    middle = np.exp(-((u / 0.3) ** 2))
    weak = (0.46 + 0.1 * middle) * body * (1 - 0.66 * lung * (1 - 0.75 * heart))
    weak += 0.05 * heart + 0.14 * _edge(v - _diaphragm(chest, view, u)) * body
    vertebrae = 0.5 + 0.5 * np.tanh(3 * np.cos(2 * math.pi * v / chest.spine))
    spine = _edge(0.085 - np.abs(u), 0.014) * (0.04 + 0.07 * vertebrae)
    weak += spine + _ribs(chest, u, v) * (0.35 + 0.65 * lung) + _clavicles(chest, u, v)
    weak += 0.13 * _vessels(chest, view, side) * lung * (1 - 0.7 * heart)
    across, down, radius = chest.belly_gas
    if radius:
        weak -= 0.14 * _edge(1 - np.hypot((u - across) / radius, (v - down) / (radius * 0.7)), 0.15)
    return gaussian_filter(np.maximum(weak, 0), side / 224 * 0.5), lung, heart


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
            pixels = (placed + 1) / 2 * side - 0.5  # the inverse of what `draw_chest` does
            for step in range(6):
                width = max(1, round((3.2 - 0.5 * step) * side / 224))
                draw.line(pixels[step : step + 2].ravel().tolist(), fill=250 - 36 * step, width=width)
    return gaussian_filter(np.asarray(canvas, np.float32) / 255, side / 224 * 1.1)
