"""The sets of images that the notebooks use, and your own: what loads each, its parts, and reading an image."""

from helpers.datasets.catalogue import cats_vs_dogs, chest_xray, digits, mnist, shapes
from helpers.datasets.image_files import read_image
from helpers.datasets.own_images import OwnImages, own_image, own_images, proposed_groups
from helpers.datasets.parts import ImageSet, Part

__all__ = [
    "ImageSet",
    "OwnImages",
    "Part",
    "cats_vs_dogs",
    "chest_xray",
    "digits",
    "mnist",
    "own_image",
    "own_images",
    "proposed_groups",
    "read_image",
    "shapes",
]
