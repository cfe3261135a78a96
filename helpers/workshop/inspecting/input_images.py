"""The images that a network is inspected with: one file, a folder of files, or arrays."""

import os
from dataclasses import dataclass, field, replace
from pathlib import Path

import numpy as np

from helpers._shared.arguments import CourseError, as_numbers
from helpers._shared.image_ranges import range_doubt
from helpers._shared.images import batches_of, is_data_set
from helpers.datasets.image_files import SUFFIXES, check_folder, read_image
from helpers.datasets.image_folders import read_classes
from helpers.datasets.parts import Part
from helpers.models.input_format import image_to_network, network_to_images

__all__ = ["Given", "read_given"]

INK = (
    "The image looks like ink on paper, and networks that read digits mostly take light strokes on a dark ground: "
    "--invert swaps light and dark."
)
PARTS = ("val", "valid", "validation", "test", "testing", "train", "training")  # of a set; the unseen ones first


@dataclass(frozen=True)
class Given:
    """Images as a network receives them, and where they come from.

    Attributes:
        images: float32 array ``(images, ...)``; the first is the one that is shown layer by layer.
        originals: the same images before they were scaled, ``(images, height, width, 1 or 3)``, values 0..1.
        names: one a image, such as "cats/cat.7.jpg".
        labels: whole numbers ``(images,)`` where subfolders name classes, else None.
        class_names: names of the classes, in the order of the labels.
        notes: tuple of sentences: what was left out, converted or not read.
        whole: the first image at its own size, ``(height, width, 3)``, values 0..1; None for arrays.
        found: how many images there were to choose from.
        alternatives: dict from each scale that may be meant to the first image in it; {} where the scale is known.
        doubt: a sentence on why these can hardly be what the network takes: the range of values, ink on paper; else "".
        folder: name of the folder that they are from; "" for one image, or arrays.
    """

    images: np.ndarray
    originals: np.ndarray
    names: tuple
    labels: np.ndarray | None
    class_names: tuple
    notes: tuple
    whole: np.ndarray | None
    found: int
    alternatives: dict = field(default_factory=dict)
    doubt: str = ""
    folder: str = ""


def read_given(source, takes, *, most=100, invert=False):
    """Read images and bring them to the form that a network takes.

    Of a folder with more than ``most`` images as many are drawn, by seed 7 and the same number of each class; of a data
    set the first are taken.

    Args:
        source: an image file, a folder of image files, a folder with one folder of image files a class, or an
            array ``(images, ...)`` or a data set that is as the network takes it.
        takes: what the network takes, a `Takes`.
        most: how many images at most.
        invert: whether light and dark change places, for dark ink on white paper.

    Returns:
        A `Given`.

    Raises:
        FileNotFoundError: if there is no such file or folder.
        CourseError: if a file cannot be read as an image, or a folder holds none.
    """
    if not isinstance(source, (str, os.PathLike)):
        return _from_array(source, takes, most)
    path = Path(source).expanduser()
    if not path.exists():
        raise FileNotFoundError(f"there is no image file or folder {path}: check its name.")
    files, labels, classes, notes = _files(path, most)
    originals = np.stack([read_image(file, size=takes.size, colour=takes.colour) for file in files[0]])
    scales = takes.plausible if takes.guess else ()
    others = {scale: image_to_network(originals[0], replace(takes, scale=scale), invert=invert) for scale in scales}
    return Given(
        images=np.stack([image_to_network(image, takes, invert=invert) for image in originals]),
        originals=originals[..., :3],
        alternatives=others,
        names=tuple(f"{file.parent.name}/{file.name}" if classes else file.name for file in files[0]),
        labels=labels,
        class_names=classes,
        notes=tuple(note for note in notes if takes.colour == "rgb" or "converted to plain" not in note),
        doubt=INK if takes.colour == "grey" and not invert and _ink_on_paper(originals[0]) else "",
        whole=read_image(files[0][0]),
        found=files[1],
        folder=path.resolve().name if path.is_dir() else "",
    )


def _ink_on_paper(image):
    """Whether an image has a light rim all around and few dark places."""
    rim = np.concatenate([image[0], image[-1], image[:, 0], image[:, -1]])
    return bool(np.median(rim) > 0.7 and image.min() < 0.4 and (image < 0.5).mean() < 0.3)


def _from_array(source, takes, most):
    images, notes = next(batches_of(source, len(takes.shape) + 1, most)), ()  # an array is one batch
    images = as_numbers(images, "images", finite=True).astype(np.float32)
    if is_data_set(source):
        images, notes = images[:most], (f"Of a data set the first {most} images are read, or all it has.",)
    if images.ndim != len(takes.shape) + 1 or images.shape[1:] != takes.shape or not len(images):
        raise CourseError(
            f"images (images, {', '.join(map(str, takes.shape))}) are needed, and shape {images.shape} came: one "
            "image needs a batch axis in front, images[None]."
        )
    originals = network_to_images((images - images.min()) / (np.ptp(images) or 1), takes)[..., :3]
    names = tuple(f"image {number}" for number in range(len(images)))
    doubt = range_doubt(images.max(), takes.used, takes.guess)
    return Given(images, originals, names, None, (), notes, None, len(images), doubt=doubt)


def _files(path, most):
    """((the files to read, how many there were), labels or None, class names, notes)."""
    if path.is_file():
        return ([path], 1), None, (), ()
    parts = [each for each in path.iterdir() if each.is_dir() and each.name.lower() in PARTS]
    if parts:
        chosen = min(parts, key=lambda part: PARTS.index(part.name.lower()))
        found = _files(chosen, most)
        names = " and ".join(sorted(part.name for part in parts))
        note = f"{path.name} holds {names}: {chosen.name} is read; name the folder itself to read another."
        return *found[:3], (note, *found[3])
    classes = tuple(sorted(each.name for each in path.iterdir() if _holds_images(each)))
    if classes:
        found, notes = read_classes(path, classes, path.name)
        pairs = [(file.path, file.label) for file in found]
    else:
        contents, notes = check_folder(path, name=path.name)
        pairs = [(file, 0) for file in contents]
    if not pairs:
        raise CourseError(
            f"{path} holds no image that can be read: give an image file, or a folder of them, such as JPEG or PNG."
        )
    files, labels = zip(*pairs)
    part = Part(labels, classes or ("",), range(len(pairs)), files=files)
    chosen = np.sort(part.subset(min(most, len(pairs))).numbers)
    labels = np.array(labels)[chosen] if classes else None
    return ([files[place] for place in chosen], len(pairs)), labels, classes, tuple(notes)


def _holds_images(folder):
    if folder.name.startswith(".") or not folder.is_dir():
        return False
    return any(each.suffix.lower() in SUFFIXES for each in folder.iterdir())
