"""What the functions of this room ask of a layer's values."""

import numpy as np

from helpers._shared.arguments import CourseError, as_array, as_numbers

__all__ = ["as_activation", "as_two_kinds"]


def as_activation(values, name="the activation"):
    """View a layer's values for some images as an array.

    Args:
        values: one layer's ``(images, ...)``.
        name: what they are called.

    Returns:
        Array ``(images, ...)``.

    Raises:
        CourseError: if it is none, or not finite.
    """
    array = as_numbers(values, name, finite=True)
    if array.ndim < 2 or not array.size:
        raise CourseError(f"{name} must have the shape (images, ...), not {array.shape}: keep the batch axis.")
    return array


def as_two_kinds(activation, is_digit):
    """View a layer's values for images of two kinds as an array, and of which kind each image is.

    Args:
        activation: one layer's ``(images, ...)``.
        is_digit: array of bool ``(images,)``.

    Returns:
        Both as arrays.

    Raises:
        CourseError: if labels do not match, or one of the two kinds of images is missing.
    """
    activation, is_digit = as_activation(activation), as_array(is_digit)
    if is_digit.shape != activation.shape[:1] or is_digit.dtype != bool or is_digit.all() or not is_digit.any():
        asked = f"True or False for each of {len(activation)} images, both at least once"
        came = f"{is_digit.dtype} {is_digit.shape} with {np.count_nonzero(is_digit)} True"
        raise CourseError(f"{asked}, are needed, and {came} came: use labels == 9.")
    return activation, is_digit
