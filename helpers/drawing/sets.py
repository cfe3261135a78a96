"""Whole drawn sets as image files, in the folders that the real sets have.

The X-ray phantoms among them are NOT MEDICAL IMAGES.
"""

import os
import shutil
import tempfile
from itertools import product
from pathlib import Path

import numpy as np
from PIL import Image

from helpers._shared.arguments import as_choice, as_path
from helpers._shared.files import disk_errors
from helpers.drawing.cats_and_dogs import ANIMALS, cat_or_dog
from helpers.drawing.phantoms import FINDINGS, phantom
from helpers.drawing.shapes import HAND_KINDS, SHAPES, hand_image, shape_image

__all__ = ["draw_set"]

SHAPES_A_CLASS = 100
ANIMALS_A_CLASS = {"train": 300, "validation": 100}
PHANTOMS_A_CLASS = {"train": 200, "test": 80}
HANDS, SHAPES_A_HAND = 12, 25  # of each class
NOTES = Path(__file__).with_name("notes")  # what README.txt of each set says


def draw_set(name, folder):
    """Draw a whole set as image files; the same files every time, byte by byte (with one Pillow version).

    - shapes: {circles,squares,triangles}/drawing(1).png ... drawing(100).png, 28x28.
    - cats_vs_dogs: train/{cats,dogs} 300 a class, validation/{cats,dogs} 100 a class, cat.0.jpg ..., 150x150.
    - chest_xray: train/{NORMAL,PNEUMONIA} 200 a class, test/{NORMAL,PNEUMONIA} 80 a class, 224x224, by
      patients with one to three images each. NOT MEDICAL IMAGES.
    - hand_drawn_shapes: {ellipse,rectangle,triangle}/person01_00.png ... person12_24.png, 70x70.

    The files are drawn beside the folder and renamed into it, so that it is whole or not there.

    Args:
        name: "shapes", "cats_vs_dogs", "chest_xray" or "hand_drawn_shapes".
        folder: where the set goes: a folder that is not there yet.

    Returns:
        The folder, as a Path.

    Raises:
        CourseError: if there is no set of that name, or the folder is no path.
        FileExistsError: if it is there already.
        OSError: if it cannot be written; the sentence says why.
    """
    sets = {"shapes": _shapes, "cats_vs_dogs": _cats_vs_dogs, "chest_xray": _chest_xray, "hand_drawn_shapes": _hands}
    as_choice(name, "name", sets)
    folder = as_path(folder, "the folder").absolute()
    if folder.exists():
        raise FileExistsError(f"a set is drawn into a new folder, and {folder.name!r} is there: name another one.")
    with disk_errors(folder):
        folder.parent.mkdir(parents=True, exist_ok=True)
        with tempfile.TemporaryDirectory(prefix=f".{folder.name}-", dir=folder.parent) as beside:
            drawn = Path(beside, folder.name)
            for path, image in sets[name]():
                (drawn / path).parent.mkdir(parents=True, exist_ok=True)
                # of quality and subsampling a PNG takes no notice
                Image.fromarray(image).convert("RGB").save(drawn / path, quality=92, subsampling=0)
            shutil.copyfile(NOTES / f"{name}.txt", drawn / "README.txt")
            os.replace(drawn, folder)
    return folder


def _shapes():
    """Yields path below the set's folder, image."""
    for kind, number in product(SHAPES, range(1, SHAPES_A_CLASS + 1)):
        yield f"{kind}/drawing({number}).png", shape_image(kind, seed=number)


def _cats_vs_dogs():
    """Yields path below the set's folder, image; numbers go on from train to validation."""
    first = 0
    for part, count in ANIMALS_A_CLASS.items():
        for kind, number in product(ANIMALS, range(first, first + count)):
            yield f"{part}/{kind}/{kind[:-1]}.{number}.jpg", cat_or_dog(kind, seed=number)
        first += count


def _chest_xray():
    """Yields path below the set's folder, image; no patient and no seed is used twice."""
    rng = np.random.default_rng(7)
    patients, seed = dict.fromkeys(FINDINGS, 0), 0
    for part, count in PHANTOMS_A_CLASS.items():
        for kind in FINDINGS:
            left = count
            while left:
                patients[kind] += 1
                exposures = min(left, int(rng.choice([1, 1, 1, 2, 3])))
                left -= exposures
                for exposure in range(1, exposures + 1):
                    seed += 1
                    name, pattern = _xray_name(kind, patients[kind], exposure, seed)
                    body = 2 * patients[kind] + FINDINGS.index(kind)
                    image, _ = phantom(kind, seed=seed, patient=body, pattern=pattern)
                    yield f"{part}/{kind}/{name}.jpeg", image


def _hands():
    """Yields path below the set's folder, image."""
    for kind, hand, number in product(HAND_KINDS, range(1, HANDS + 1), range(SHAPES_A_HAND)):
        yield f"{kind}/person{hand:02}_{number:02}.png", hand_image(kind, hand=hand, seed=number)


def _xray_name(kind, patient, exposure, number):
    """A file name after the manner of the real set, and the pattern that goes with it."""
    if kind == "NORMAL":
        return f"{'NORMAL2-' if patient % 3 == 0 else ''}IM-{patient:04}-{exposure:04}", "any"
    germ, pattern = ("virus", "patches") if patient % 3 == 0 else ("bacteria", "focus")
    return f"person{patient}_{germ}_{number}", pattern
