"""The five sets of images that the notebooks use: a function that loads each, its parts, and reading an image."""

from helpers.datasets.catalogue import cats_vs_dogs, chest_xray, digits, mnist, shapes
from helpers.datasets.image_files import read_image
from helpers.datasets.parts import ImageSet, Part, overlaps

__all__ = ["ImageSet", "Part", "cats_vs_dogs", "chest_xray", "digits", "mnist", "overlaps", "read_image", "shapes"]
