"""What a heatmap is compared with: guesses, chance, and networks that know nothing."""

import numpy as np

from helpers._shared.arguments import CourseError, as_names, as_size, as_whole_number
from helpers._shared.quiet_keras import own_random_numbers
from helpers.activations import layer_names, untrained
from helpers.explanations.network_copies import node_at

__all__ = ["centre_guess", "random_maps", "randomised"]


def centre_guess(size):
    """Make the heatmap of somebody who has not looked: highest in the middle, falling with the distance.

    Args:
        size: (height, width), or one number for both.

    Returns:
        float32 array ``(1, height, width)``, values 0..1.

    Raises:
        CourseError: if the size is no size.
    """
    height, width = as_size(size)
    down, across = (np.abs(np.linspace(-1, 1, side)) if side > 1 else np.zeros(1) for side in (height, width))
    return (1 - np.hypot(down[:, None], across) / np.sqrt(2)).astype(np.float32)[np.newaxis]


def random_maps(count, size, seed):
    """Make heatmaps of noise, to see what chance reaches.

    Args:
        count: how many.
        size: (height, width), or one number for both; at a layer's own size, then enlarged, they are as smooth as its.
        seed: whole number.

    Returns:
        float32 array ``(count, height, width)``, values 0..1.

    Raises:
        CourseError: if the count or the size is out of range.
    """
    shape = (as_whole_number(count, "count"), *as_size(size))
    return np.random.default_rng(as_whole_number(seed, "seed", least=0)).random(shape, np.float32)


def randomised(model, layers, *, seed):
    """Copy a network with fresh weights in some layers: what a heatmap shows of it was not learned there.

    Adebayo et al. (2018), "Sanity Checks for Saliency Maps": with all layers from the answers down to one (the
    cascade), or with one at a time.

    Args:
        model: a Sequential or Functional Keras model; it is not changed.
        layers: names of layers with weights (a nested one as ``outer/inner``), or one name.
        seed: whole number; the same seed gives a layer the same weights, which are never those that the network
            had before it was trained with this seed.

    Returns:
        A model with the same layers and layer names, not compiled for training.

    Raises:
        KeyError: if a layer is unknown; the sentence lists the names.
        CourseError: if a layer has no weights.
    """
    names, seed = as_names(layers, "layers"), as_whole_number(seed, "seed", least=0)
    fresh = [node_at(model, name).operation for name in names]
    for layer in fresh:
        if not layer.weights:
            raise CourseError(f"layers with weights are needed, and {layer.name!r} has none: leave it out.")
    with own_random_numbers(seed):
        copy = untrained(model)
    for name in layer_names(model):
        layer = node_at(model, name).operation
        if layer not in fresh:  # copies, as JAX would share the arrays and take them back after a step
            node_at(copy, name).operation.set_weights([np.array(weights) for weights in layer.get_weights()])
    return copy
