"""X-ray phantoms: drawings that look a little like chest X-rays, with known truth.

THESE ARE NOT MEDICAL IMAGES. NO PATIENT, NO DISEASE, NO DIAGNOSIS.

Formulas draw ribs, lungs and a heart, and for the second class cloudy patches in the lungs. They exist
because a drawing knows what a photograph does not tell: where the patch is, and how the chest looks without.
"""

import numpy as np

from helpers._shared.arguments import CourseError, as_choice, as_indices, as_number, as_whole_number
from helpers.drawing.anatomy import draw_chest, grid, make_chest, make_view, slow_noise

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
    weak, lung, heart = draw_chest(chest, view, *grid(view, side))
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
    labels = as_indices(labels, "labels")
    if (labels > 1).any():
        raise CourseError(f"labels must be 0 or 1, and {labels.max()} came: give one of these for each image.")
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
    across = place[None, :] + 0.02 * slow_noise(side, 9, rng)  # bent, so that no patch is an ellipse
    down = place[:, None] + 0.02 * slow_noise(side, 9, rng)
    cloud = np.zeros((side, side), np.float32)
    for _ in range(rng.integers(*count)):
        middle = int(rng.random() * len(rows))
        wide, high = rng.uniform(*sizes, 2)
        away = ((across - columns[middle] / side) / wide) ** 2 + ((down - rows[middle] / side) / high) ** 2
        cloud = np.maximum(cloud, rng.uniform(*strengths) * np.exp(-(away**1.5)))
    cloud *= np.clip(1 + 0.45 * slow_noise(side, 14, rng), 0.3, 1.7)
    return np.maximum(cloud - FAINTEST, 0) * np.clip(lung * 2 - 1, 0, 1)


def _expose(weak, view, side, seed):
    """From weakening to grey levels: what weakens the ray is bright."""
    rng = np.random.default_rng([seed, 23])
    place = np.linspace(-1, 1, side, dtype=np.float32)
    beam = 1 + view.fall_off[0] * place[None, :] + view.fall_off[1] * place[:, None]
    tissue = 1 + 0.02 * slow_noise(side, 24, rng) + 0.02 * slow_noise(side, 60, rng)
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
