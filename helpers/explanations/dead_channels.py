"""Which channel was never asked, and which one nothing wakes."""

import time
from functools import partial

import keras
import numpy as np

from helpers._shared.arguments import CourseError, as_indices, as_number, as_whole_number
from helpers._shared.image_ranges import own_limits
from helpers._shared.images import in_steps
from helpers.activations import channel_statistics
from helpers.explanations.gradient import pixel_changes, with_gradient
from helpers.explanations.network_copies import linear_copy

__all__ = ["channel_states", "wake_channels"]


def channel_states(model, layer, images, *, steps=50, batch_size=8, seed=7):
    """Sort the channels of a layer with ReLU by what it takes to wake them.

    A channel that answers zero to every image may only never have been asked, see `wake_channels`.

    Args:
        model: a Sequential or Functional Keras model; it is not changed.
        layer: name of a layer that has an activation with a zero, such as a Conv2D or Dense with ReLU, or that
            is such an activation.
        images: array ``(images, height, width, channels)`` in the range that the model was trained on, a list or dict
            of arrays for several inputs, or a data set, which is never held as a whole; see
            `helpers.activations.read_activations`.
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
    it is highest and once from noise, of several inputs all together; the image stays in the range of the given ones,
    of constant ones in that of the network, or 0..1 or 0..255. Erhan et al. (2009), "Visualizing
    Higher-Layer Features of a Deep Network".

    Args:
        model: a Sequential or Functional Keras model; it is not changed.
        layer: name of a layer that has an activation with a zero, or that is one (a nested one as
            ``outer/inner``).
        channels: indices of the silent channels, counted from 0.
        images: array ``(images, height, width, channels)`` in the range that the model was trained on, a list or dict
            of arrays for several inputs, or a data set, which is never held as a whole; see
            `helpers.activations.read_activations`.
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
    linear, activation = linear_copy(model, layer)
    if activation is keras.activations.linear:
        raise CourseError(f"layer {layer!r} has no activation of its own: ask the convolution or dense layer before.")
    count = linear.outputs[0].shape[-1]
    as_indices(channels, "channels", count)
    nearest, limits = _nearest(linear, images, channels, batch_size)
    for number, (low, high) in enumerate(limits):
        if low == high:  # constant images tell none: it is the network's own, else 0..1 or 0..255, and -1.. below zero
            own = own_limits(model) or (0.0, 1.0 if high <= 1 else 255.0)
            limits[number] = min(low, own[0]), max(high, own[1])
    rng = np.random.default_rng(seed)
    noise = [np.broadcast_to(rng.uniform(*ends, each.shape[1:]), each.shape) for ends, each in zip(limits, nearest)]
    ask, choice = with_gradient(partial(_peaks, linear)), np.eye(count, dtype=np.float32)[channels]
    for rows in np.array_split(np.arange(channels.size), -(-channels.size // batch_size)):
        for starts in (nearest, noise):
            left = rows[~awake[rows]]
            if left.size:
                begun = [np.float32(each[left]) for each in starts]
                awake[left] = _wakes(ask, choice[left], begun, steps, limits, end)
        tried[rows] = awake[rows] | (time.monotonic() < end)
    return awake, tried


def _nearest(linear, images, channels, batch_size):
    """For each channel the image where it is highest, an array for each input, and each input's (lowest, highest)."""
    best, nearest, low, high = np.full(channels.size, -np.inf), None, np.inf, -np.inf
    for _, part in in_steps(linear, images, batch_size):
        parts = part if isinstance(part, list) else [part]
        values = np.float32(linear.predict_on_batch(part))
        values = values.reshape(len(values), -1, values.shape[-1])[..., channels].max(axis=1)
        place, better = values.argmax(axis=0), values.max(axis=0) > best
        best = np.maximum(best, values.max(axis=0))
        nearest = nearest or [array[place] for array in parts]
        for kept, array in zip(nearest, parts):
            kept[better] = array[place[better]]
        low = np.minimum(low, [array.min() for array in parts])
        high = np.maximum(high, [array.max() for array in parts])
    return nearest, list(zip(low.tolist(), high.tolist()))


def _wakes(ask, choice, images, steps, limits, end):
    """Say for each channel whether ascent from its image, as long as there is time, brings its peak above zero."""
    awake = np.zeros(len(choice), bool)
    for _ in range(steps):
        if time.monotonic() >= end:
            break
        peaks, _, slopes = ask(images, choice)
        awake |= peaks > 0
        if awake.all() or not any(slope.any() for slope in slopes):
            break
        images = [
            np.clip(each + pixel_changes(slope, 0.02 * (high - low)), low, high)
            for each, slope, (low, high) in zip(images, slopes, limits)
        ]
    return awake


def _peaks(linear, pixels, choice):
    """The highest value of each image's channel, and of all its channels; choice is (images, channels)."""
    values = keras.ops.cast(linear(pixels, training=False), "float32")
    places = tuple(range(1, len(values.shape) - 1))
    highest = keras.ops.max(values, axis=places) if places else values
    return keras.ops.sum(highest * choice, axis=-1), highest
