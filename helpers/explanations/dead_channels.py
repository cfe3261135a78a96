"""Which channel was never asked, and which one nothing wakes."""

import time

import keras
import numpy as np

from helpers._shared.arguments import as_array, as_indices, as_number, as_whole_number, brief
from helpers._shared.errors import CourseError
from helpers._shared.quiet_keras import without_xla
from helpers.activations import activation_model, channel_statistics, layer_names
from helpers.explanations.gradient import with_gradient
from helpers.explanations.network_copies import layer_at, linear_twin

__all__ = ["before_activation", "channel_states", "is_rectified", "wake_channels"]

ASCENT_RATE = 0.02  # of the images' range, for each step and on average over the pixels


def is_rectified(layer):
    """Say whether a layer ends in a ReLU, so that a zero of it means: nothing found here.

    Args:
        layer: a Keras layer.

    Returns:
        True for a ReLU of its own, a layer of activation "relu", and a ReLU layer without a slope below zero.

    Raises:
        CourseError: if it is no layer.
    """
    if not isinstance(layer, keras.Operation):
        raise CourseError(f"a Keras layer is needed, not {brief(layer)}: give model.get_layer(name).")
    if isinstance(layer, keras.layers.ReLU):
        return not layer.negative_slope and not layer.threshold
    return getattr(layer, "activation", None) in (keras.activations.relu, keras.activations.relu6)


def channel_states(model, layer, images, *, steps=50, batch_size=8, seed=7):
    """Sort the channels of a layer with ReLU by what it takes to wake them.

    A channel that answers zero to every image may only never have been asked, see `wake_channels`.

    Args:
        model: a Sequential or Functional Keras model; it is not changed.
        layer: name of a layer that has an activation with a zero, such as a Conv2D or Dense with ReLU, or that
            is such an activation.
        images: array ``(images, height, width, channels)`` in the range that the model was trained on.
        steps: how many steps of ascent at most, from each start.
        batch_size: images in one step.
        seed: of the noise to start from.

    Returns:
        A dict of integer arrays: "active" (answers to one of the images at least), "not asked" (woken by
        ascent only), "dead" (never woken).

    Raises:
        KeyError: if the layer is unknown; the sentence lists the names.
        CourseError: if the layer has no activation of its own, or the images do not fit.
    """
    zeros = channel_statistics(model, images, [layer], statistic="zeros", batch_size=batch_size)[layer]
    silent = np.flatnonzero((zeros == 1).all(axis=0))
    active = np.setdiff1d(np.arange(zeros.shape[1]), silent)
    awake, _ = wake_channels(model, layer, silent, images, steps=steps, batch_size=batch_size, seed=seed)
    return {"active": active, "not asked": silent[awake], "dead": silent[~awake]}


def wake_channels(model, layer, channels, images, *, steps=50, batch_size=8, seed=7, seconds=None):
    """Try to wake channels that were silent for all of the given images, by images made for them.

    The value before the activation is pushed up by gradient ascent on an image, once from the given image where
    it is highest and once from noise; the image stays in the range of the given ones. Erhan et al. (2009),
    "Visualizing Higher-Layer Features of a Deep Network".

    Args:
        model: a Sequential or Functional Keras model; it is not changed.
        layer: name of a layer that has an activation with a zero, or that is one (a nested one as
            ``outer/inner``).
        channels: indices of the silent channels, counted from 0.
        images: array ``(images, height, width, channels)`` in the range that the model was trained on.
        steps: how many steps of ascent at most, from each start.
        batch_size: images in one step.
        seed: of the noise to start from.
        seconds: no step is begun after so long; None for as long as it takes.

    Returns:
        (awake, tried), bool arrays ``(channels,)``: whether a channel was woken, and whether it was tried to the
        end; what is tried and not awake is dead as far as we can tell.

    Raises:
        KeyError: if the layer is unknown; the sentence lists the names.
        CourseError: if the layer has no activation of its own or no such channel, the images do not fit, or a number
            is out of its range.
    """
    channels, steps = as_indices(channels, "channels"), as_whole_number(steps, "steps", least=0)
    batch_size, seed = as_whole_number(batch_size, "batch_size"), as_whole_number(seed, "seed", least=0)
    seconds = np.inf if seconds is None else as_number(seconds, "seconds", low=0, finite=False)
    awake, tried = np.zeros(channels.size, bool), np.zeros(channels.size, bool)
    if not channels.size:
        return awake, tried
    end = time.monotonic() + seconds
    linear, images = before_activation(model, layer), as_array(images)
    last = linear.layers[-1].name
    values = channel_statistics(linear, images, [last], statistic="largest", batch_size=batch_size)[last]
    if channels.max() >= values.shape[1]:
        last = values.shape[1] - 1
        raise CourseError(f"channels of {layer!r} are 0 to {last}, and {channels.max()} came: count from 0.")
    nearest = values[:, channels].argmax(axis=0)
    limits = float(images.min()), float(images.max())
    noise = np.random.default_rng(seed).uniform(*limits, images.shape[1:])
    ask, choice = with_gradient(_peaks(linear)), np.eye(values.shape[1], dtype=np.float32)[channels]
    for rows in np.array_split(np.arange(channels.size), -(-channels.size // batch_size)):
        for starts in (images[nearest], np.repeat(noise[np.newaxis], channels.size, axis=0)):
            left = rows[~awake[rows]]
            if left.size:
                awake[left] = _wakes(ask, choice[left], starts[left], steps, limits, end)
        tried[rows] = awake[rows] | (time.monotonic() < end)
    return awake, tried


def before_activation(model, layer):
    """Build a model that ends in a layer's values before its activation.

    It does not change the given model: the layer's weights are copied.

    Args:
        model: a Sequential or Functional Keras model.
        layer: name of one of its layers with an ``activation``, or that is nothing but one, such as a ReLU layer
            (a nested one as ``outer/inner``).

    Returns:
        A Keras model from the same images to the values, shape of the layer's output.

    Raises:
        KeyError: if there is no such layer.
        CourseError: if the layer has no activation of its own.
    """
    names = layer_names(model)
    if not isinstance(layer, str) or layer not in names:
        raise KeyError(f"no layer {brief(layer)} in this model, which has {', '.join(names)}.")
    found = layer_at(model, layer)
    activation = getattr(found, "activation", None) or keras.activations.linear
    if not isinstance(found, keras.layers.ReLU) and activation is keras.activations.linear:
        raise CourseError(
            f"layer {layer!r} has no activation of its own: ask the convolution or dense layer before it."
        )
    if "/" in layer:
        twin, _ = linear_twin(model, found)
        return without_xla(keras.Model(twin.inputs, activation_model(twin, [layer]).outputs[0]))
    if isinstance(found, (keras.layers.ReLU, keras.layers.Activation)):
        return without_xla(keras.Model(model.inputs, found.input))
    twin = type(found).from_config({**found.get_config(), "activation": "linear", "name": f"{layer}_linear"})
    values = twin(found.input)
    twin.set_weights(found.get_weights())
    return without_xla(keras.Model(model.inputs, values))


def _wakes(ask, choice, starts, steps, limits, end):
    """Say for each channel whether ascent from its start, as long as there is time, brings its peak above zero."""
    images = np.asarray(starts, np.float32)
    awake = np.zeros(len(choice), bool)
    for _ in range(steps):
        if time.monotonic() >= end:
            break
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
