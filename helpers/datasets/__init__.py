"""The sets of images that the notebooks use, and your own: what loads each, its parts, and reading an image."""

from helpers.datasets import catalogue, own, parts
from helpers.datasets.catalogue import *
from helpers.datasets.image_files import read_image
from helpers.datasets.own import *
from helpers.datasets.parts import *

__all__ = [*catalogue.__all__, *own.__all__, *parts.__all__, "read_image"]
