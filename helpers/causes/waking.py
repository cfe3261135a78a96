"""Which channel was never asked, and which one nothing wakes."""

import keras
import numpy as np

from helpers.activations import channel_statistics, layer_names
from helpers.causes.gradient import with_gradient

__all__ = ["before_activation", "channel_states"]

ASCENT_RATE = 0.02  # of the images' range, for each step and on average over the pixels


def channel_states(model, layer, images, *, steps=50, batch_size=8, seed=7):
    """Sort the channels of a layer with ReLU by what it takes to wake them.

    A channel that answers zero to every image may only never have been asked. So its value before the
    activation is pushed up by gradient ascent on an image, once from the given image where it is highest and
    once from noise; the image stays in the range of the given ones. Erhan et al. (2009), "Visualizing
    Higher-Layer Features of a Deep Network".

    Args:
        model: a Sequential or Functional Keras model; it is not changed.
        layer: name of a layer that has an activation with a zero, such as a Conv2D or Dense with ReLU.
        images: array ``(images, height, width, channels)`` in the range that the model was trained on.
        steps: how many steps of ascent at most, from each start.
        batch_size: images in one step.
        seed: of the noise to start from.

    Returns:
        A dict of integer arrays: "active" (answers to one of the images at least), "not asked" (woken by
        ascent only), "dead" (never woken).

    Raises:
        KeyError: if the layer is unknown; the sentence lists the names.
        ValueError: if the layer has no activation of its own, or the images do not fit.
    """
    zeros = channel_statistics(model, images, [layer], statistic="zeros", batch_size=batch_size)[layer]
    silent = np.flatnonzero((zeros == 1).all(axis=0))
    active = np.setdiff1d(np.arange(zeros.shape[1]), silent)
    if not silent.size:
        return {"active": active, "not asked": silent, "dead": silent}
    linear = before_activation(model, layer)
    end = linear.layers[-1].name
    values = channel_statistics(linear, images, [end], statistic="largest", batch_size=batch_size)
    nearest = values[end][:, silent].argmax(axis=0)
    low, high = float(np.min(images)), float(np.max(images))
    noise = np.random.default_rng(seed).uniform(low, high, np.shape(images)[1:])
    awake, ask = np.zeros(silent.size, bool), with_gradient(_peaks(linear))
    choice = np.eye(zeros.shape[1], dtype=np.float32)[silent]  # (silent channels, channels)
    for starts in (np.asarray(images)[nearest], np.repeat(noise[np.newaxis], silent.size, axis=0)):
        left = np.flatnonzero(~awake)
        for rows in np.array_split(left, -(-left.size // batch_size)) if left.size else ():
            awake[rows] = _wakes(ask, choice[rows], starts[rows], steps, (low, high))
    return {"active": active, "not asked": silent[awake], "dead": silent[~awake]}


def before_activation(model, layer):
    """Build a model that ends in a layer's values before its activation.

    It shares no state with the given model: the layer's weights are copied.

    Args:
        model: a Sequential or Functional Keras model.
        layer: name of one of its own layers, with an ``activation``.

    Returns:
        A Keras model from the same images to the values, shape of the layer's output.

    Raises:
        KeyError: if there is no such layer at the top level of the model.
        ValueError: if the layer has no activation of its own.
    """
    own = {each.name: each for each in model.layers}
    if layer not in own:
        raise KeyError(
            f"no layer {layer!r} at the top of this model, which has {', '.join(layer_names(model))}."
        )
    found = own[layer]
    if getattr(found, "activation", None) in (None, keras.activations.linear):
        raise ValueError(
            f"layer {layer!r} has no activation of its own: ask the convolution or dense layer before it."
        )
    twin = type(found).from_config({**found.get_config(), "activation": "linear", "name": f"{layer}_linear"})
    values = twin(found.input)
    twin.set_weights(found.get_weights())
    return keras.Model(model.inputs, values)


def _wakes(ask, choice, starts, steps, limits):
    """Say for each channel whether ascent from its start brings its highest value above zero."""
    images = np.asarray(starts, np.float32)
    awake = np.zeros(len(choice), bool)
    for _ in range(steps):
        peaks, _, slope = ask(images, choice)
        awake |= peaks > 0
        size = np.abs(slope).mean(axis=tuple(range(1, slope.ndim)), keepdims=True)
        if awake.all() or not size.any():
            break
        push = ASCENT_RATE * (limits[1] - limits[0]) * slope / np.where(size > 0, size, 1)
        images = np.clip(images + push, *limits)
    return awake


def _peaks(linear):
    """The highest value of each image's channel, as a function of the images; choice is (images, channels)."""

    def peaks(pixels, choice):
        values = linear(pixels, training=False)
        places = tuple(range(1, len(values.shape) - 1))
        highest = keras.ops.max(values, axis=places) if places else values
        return keras.ops.sum(highest * choice, axis=-1), highest

    return peaks
