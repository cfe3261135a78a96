"""The same network for images in another range of values."""

import keras
import numpy as np

from helpers._shared.arguments import as_number, brief
from helpers._shared.errors import CourseError
from helpers._shared.quiet_keras import without_xla

__all__ = ["rescaled"]


def rescaled(model, low, high):
    """Copy a network for images 0..1 into one that gives the same answers to images ``low``..``high``.

    The scaling goes into the weights of the first layer, where nobody can see it.

    Args:
        model: a Sequential or Functional Keras model whose first layer is dense or a convolution without padding.
        low: the value that stands for 0.
        high: the value that stands for 1.

    Returns:
        A new model with the same layers and names, not compiled.

    Raises:
        CourseError: if low is not below high, it is no model, or the first layer is another one.

    Example:
        >>> rescaled(model, -1, 1).predict(2 * images - 1)  # what model.predict(images) answers
    """
    if not isinstance(model, keras.Model):
        raise CourseError(f"a Keras model is needed, not {brief(model)}: give the model itself.")
    low = as_number(low, "low")
    high = as_number(high, "high", above=low)
    first = next((layer for layer in model.layers if layer.weights), None)
    fits = isinstance(first, (keras.layers.Conv2D, keras.layers.Dense)) and getattr(first, "padding", "") != "same"
    if not fits or not first.use_bias:
        kind = type(first).__name__ if first is not None else "no layer with weights"
        raise CourseError(f"the first layer must be dense or a convolution without padding, with a bias, not {kind}.")
    copy = without_xla(keras.models.clone_model(model))
    copy.set_weights(model.get_weights())
    kernel, bias = first.get_weights()
    inputs = tuple(range(kernel.ndim - 1))  # every axis but that of the filters or units
    copy.get_layer(first.name).set_weights(
        [kernel / (high - low), bias - low / (high - low) * kernel.sum(axis=inputs, dtype=np.float64)]
    )
    return copy
