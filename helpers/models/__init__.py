"""The articles' four networks, those that come trained with the course, and networks that somebody saved."""

from helpers.models.loading import load_model
from helpers.models.networks import cats_vs_dogs_cnn, digits_cnn, mnist_cnn, shapes_cnn
from helpers.models.shipped import pretrained

__all__ = ["cats_vs_dogs_cnn", "digits_cnn", "load_model", "mnist_cnn", "pretrained", "shapes_cnn"]
