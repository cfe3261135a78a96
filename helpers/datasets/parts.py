"""A set of images and the parts it is split into: training, validation, test."""

from dataclasses import dataclass
from functools import cached_property
from pathlib import Path

import numpy as np

from helpers._shared.arguments import CourseError, as_whole_number
from helpers.course import SPLIT_SEED
from helpers.datasets.image_files import read_image, with_progress

__all__ = ["ImageSet", "Part"]


@dataclass(frozen=True, eq=False, repr=False)
class Part:
    """Images of one part of a set, with their labels; the images are loaded when first asked for.

    Args:
        labels: int64 array (n,), places in ``class_names``.
        class_names: tuple of str.
        numbers: int64 array (n,), the images' numbers in their source: the row for arrays (for MNIST the
            public index in ``x_train`` or ``x_test``), the last number in the file's name for files, or -1.
        files: tuple of paths; empty for sets that come as arrays.
        groups: tuple of str, the patient of each image; empty where the set has none.
        size: (height, width) in pixels that files are read at; None for arrays.
        pixels: uint8 array (n, height, width, channels) for sets that come as arrays, else None.
    """

    labels: np.ndarray
    class_names: tuple
    numbers: np.ndarray
    files: tuple = ()
    groups: tuple = ()
    size: tuple | None = None
    pixels: np.ndarray | None = None

    def __post_init__(self):
        for name in ("labels", "numbers"):
            array = np.array(getattr(self, name), dtype=np.int64)
            array.flags.writeable = False
            object.__setattr__(self, name, array)

    def __len__(self):
        return len(self.labels)

    def __repr__(self):
        counts = ", ".join(f"{name} {count}" for name, count in self.counts.items())
        return f"Part of {len(self)} images: {counts}"

    @property
    def counts(self):
        """How many images each class has: dict of class name to number."""
        counts = np.bincount(self.labels, minlength=len(self.class_names))
        return dict(zip(self.class_names, counts.tolist(), strict=True))

    @cached_property
    def images(self):
        """The images: float32 array (n, height, width, channels), values 0..1, read-only, loaded once."""
        if self.pixels is None:
            images = np.empty((len(self), *self.size, 3), np.float32)
            for place, path in enumerate(with_progress(self.files, "reading")):
                images[place] = read_image(path, size=self.size)
        else:
            images = self.pixels / np.float32(255)
        images.flags.writeable = False  # shared, so changing values in place must be an error
        return images

    def subset(self, count):
        """Take the first images of a permutation that is balanced over the classes (seed 7).

        The same images come first for every larger count, so a quick run sees a part of what a full one sees.

        Args:
            count: how many images, from 1 to ``len(part)``.

        Returns:
            A Part; its classes differ by one image at most, as long as no class is used up.

        Raises:
            CourseError: if the part has not that many images.
        """
        as_whole_number(count, "count", most=len(self))
        shuffled = np.random.default_rng(SPLIT_SEED).permutation(len(self))
        turn = np.empty(len(self), np.int64)  # an image's position within its class
        for label in range(len(self.class_names)):
            of_class = np.flatnonzero(self.labels[shuffled] == label)
            turn[of_class] = np.arange(len(of_class))
        places = shuffled[np.argsort(turn, kind="stable")][:count]
        files = tuple(self.files[place] for place in places) if self.files else ()
        groups = tuple(self.groups[place] for place in places) if self.groups else ()
        pixels = None if self.pixels is None else self.pixels[places]
        return Part(self.labels[places], self.class_names, self.numbers[places], files, groups, self.size, pixels)

    def __add__(self, other):
        """Join two parts, such as train + validation; the images are those of both, in this order."""
        if not isinstance(other, Part):
            return NotImplemented
        if (self.class_names, self.size) != (other.class_names, other.size):
            raise CourseError("only parts of one set can be joined; these differ in classes or image size.")
        labels = np.concatenate([self.labels, other.labels])
        numbers = np.concatenate([self.numbers, other.numbers])
        files, groups = self.files + other.files, self.groups + other.groups
        pixels = None if self.pixels is None else np.concatenate([self.pixels, other.pixels])
        return Part(labels, self.class_names, numbers, files, groups, self.size, pixels)


@dataclass
class ImageSet:
    """A set of images in its parts, and where it comes from.

    Args:
        name: "shapes", "cats_vs_dogs", "chest_xray", "digits" or "mnist".
        origin: "real" (from the data folder) or "embedded" (what the course brings along).
        notes: tuple of sentences: what stands in, what was left out, converted or not read.
        class_names: tuple of str; a label is a place in it.
        folder: where the files lie; None where no file was read.
        train: Part to learn from.
        validation: Part to choose by.
        test: Part to report once.
        look: chest_xray only: the half of the official test part that may be looked at.
    """

    name: str
    origin: str
    notes: tuple
    class_names: tuple
    folder: Path | None
    train: Part
    validation: Part
    test: Part
    look: Part | None = None

    @property
    def parts(self):
        """The parts by name: dict of "train", "validation", "look" (where there is one) and "test"."""
        parts = {name: getattr(self, name) for name in ("train", "validation", "look", "test")}
        return {name: part for name, part in parts.items() if part is not None}

    def __repr__(self):
        counts = ", ".join(f"{name} {len(part)}" for name, part in self.parts.items())
        return f"{self.name} ({self.origin}): {counts}"
