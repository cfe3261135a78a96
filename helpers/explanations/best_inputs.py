"""Which image does a map like best? Gradient ascent on the pixels, from several starts of noise."""

from dataclasses import dataclass
from functools import partial

import keras
import numpy as np
from scipy.ndimage import gaussian_filter

from helpers._shared.arguments import CourseError, as_array, as_indices, as_number, as_numbers, as_whole_number, brief
from helpers.explanations.gradient import pixel_changes, with_gradient
from helpers.explanations.network_copies import find_layer, linear_copy

__all__ = ["BestInputs", "best_input"]

SCALES = (0.5, 1, 2, 4)  # pixels: the lengths on which the noise of a start varies, for images of 28 pixels
RATES = (0.08, 0.01)  # size of the first and of the last step: mean change of a pixel
LEAKS = (0.5, 0.02)  # share of the values before the activation in what is climbed, first and last step
SMOOTHING = (1.0, 0.3)  # pixels: by how much the first and the last step is blurred
REFINED = (RATES, SMOOTHING, LEAKS)
PLAIN = ((0.02, 0.02), (1e-20, 1e-20), (1e-20, 1e-20))  # the same where nothing is refined: as good as zero


@dataclass(frozen=True)
class BestInputs:
    """Images made for channels of one layer, the best of several starts each.

    Attributes:
        channels: integer array ``(channels,)``: which ones.
        images: float32 array ``(channels, height, width, colours)``, values 0..1.
        value: ``(channels,)``: mean over the map, after the activation.
        largest: ``(channels,)``: largest value of the map, after the activation.
        value_before: ``(channels,)``: mean over the map before the activation.
        values_of_starts: ``(channels, starts)``: ``value`` from each start; far apart, the search is a matter of luck.
        woken: bool array ``(channels,)``: some place of the map is above zero before the activation.
    """

    channels: np.ndarray
    images: np.ndarray
    value: np.ndarray
    largest: np.ndarray
    value_before: np.ndarray
    values_of_starts: np.ndarray
    woken: np.ndarray


def best_input(model, layer, channels=None, *, starts=4, steps=64, ink=None, refined=True, seed=7, batch_size=32):
    """Make the image that a map answers most to, by gradient ascent on the pixels.

    A ReLU at zero has no gradient, so the values *before* the activation are climbed: of a map that is all below
    zero the largest, else the mean, half with the mean after the activation. From step to step the latter gains
    weight: places below zero, which the next layer never sees, would else count as much as those above. Each
    start is noise on several length scales at once. So that no pattern of single pixels wins, the image is moved
    a little before each step (a digit by up to 2 pixels), and the step is blurred once the map is awake; pixels
    stay in 0..1. The same start and seed give the same image, whichever other channels are asked for. Erhan et al.
    (2009), "Visualizing Higher-Layer Features of a Deep Network"; the shifts are those of Mordvintsev et al. (2015),
    "Inceptionism".

    Args:
        model: a Sequential or Functional Keras model for images 0..1; it is not changed.
        layer: name of a layer with maps (a nested one as ``outer/inner``). One without an activation of its own,
            such as a pooling layer, is climbed by its output.
        channels: which of them, counted from 0, as one number or several; None for all.
        starts: how many images of noise are begun for each channel, of which the best is kept; or the images to begin
            with, ``(starts, height, width, colours)``.
        steps: of ascent, from each start.
        ink: mean brightness that an image is to have, such as 0.13 for a digit of MNIST; None leaves it free.
        refined: False for plain ascent: no shift, no blur, steps of one size, and of a map that is awake the mean after
            the activation from the first step on.
        seed: of the noise and the shifts.
        batch_size: images at work at once; it bounds the memory.

    Returns:
        A `BestInputs`.

    Raises:
        KeyError: if the layer is unknown; the sentence lists the names.
        CourseError: if the layer has no maps or no such channel, the network has several inputs or takes images
            of any size, or a number is out of its range.
    """
    name, target = find_layer(model, layer)
    count, shape = target.outputs[0].shape[-1], _image_shape(model)
    chosen = as_indices(np.arange(count) if channels is None else channels, "channels")
    if not chosen.size or chosen.max() >= count:
        raise CourseError(f"channels of {name!r} are 0 to {count - 1}, not {brief(channels)}: choose some of those.")
    steps, batch_size = as_whole_number(steps, "steps", least=0), as_whole_number(batch_size, "batch_size")
    seed = as_whole_number(seed, "seed", least=0)
    ink = None if ink is None else as_number(ink, "ink", above=0, below=1)
    noise = _starts(shape, starts, ink, seed)
    starts = len(noise)
    ask = with_gradient(partial(_score, *linear_copy(model, name)))
    choice = np.eye(count, dtype=np.float32)[np.repeat(chosen, starts)]
    made = []
    for first in range(0, len(choice), batch_size):
        rows = np.arange(first, min(first + batch_size, len(choice)))
        rng = np.random.default_rng([seed, 1]) if refined else None
        made.append(_climb(ask, noise[rows % starts], choice[rows], steps, ink, rng))
    images, reported = (np.concatenate(parts).reshape(len(chosen), starts, -1) for parts in zip(*made))
    before, after, peak, largest = reported.transpose(2, 0, 1)
    # The best start of each channel: by the value after the activation, and among equals before it.
    best = np.arange(len(chosen)), np.lexsort((before, after), axis=1)[:, -1]
    images, woken = images[best].reshape(-1, *shape), peak.max(axis=1) > 0
    return BestInputs(chosen, images, after[best], largest[best], before[best], after, woken)


def _score(linear, activation, pixels, choice, leak):
    """What is climbed, beside what is reported of each image's own map."""
    before = keras.ops.cast(linear(pixels, training=False), "float32")
    own, after = (keras.ops.einsum("nhwc,nc->nhw", maps, choice) for maps in (before, activation(before)))
    reported = [summary(maps, (1, 2)) for summary in (keras.ops.mean, keras.ops.max) for maps in (own, after)]
    awake = leak * reported[0] + (1 - leak) * reported[1]
    climbed = keras.ops.where(reported[2] > 0, awake, reported[2])
    return climbed, keras.ops.stack(reported, axis=1)


def _climb(ask, pixels, choice, steps, ink, rng):
    """Push images uphill; the steps become smaller and less blurred. Return images and what is reported of them.

    Without random numbers for the shifts all steps are plain.
    """
    pixels = _within(pixels, ink)
    furthest = round(min(pixels.shape[1:3]) / 14)  # pixels that an image is moved before a step, at most
    for step in range(steps):
        done = step / max(steps - 1, 1)
        rate, blur, leak = (first * (last / first) ** done for first, last in (REFINED if rng else PLAIN))
        shift = rng.integers(-furthest, furthest + 1, 2) if rng and done < 0.75 else np.zeros(2, int)
        _, reported, slope = ask(np.roll(pixels, shift, axis=(1, 2)), choice, np.float32(leak))
        slope = np.roll(slope, -shift, axis=(1, 2))
        awake = reported[:, 2, np.newaxis, np.newaxis, np.newaxis] > 0  # to wake a map, any pattern will do
        slope = np.where(awake, gaussian_filter(slope, (0, blur, blur, 0)), slope)
        pixels = _within(pixels + pixel_changes(slope, rate), ink)
    return pixels, ask(pixels, choice, np.float32(1))[1]


def _within(pixels, ink):
    """The nearest images with values in 0..1 and, if it is given, this mean brightness."""
    if ink is None:
        return np.clip(pixels, 0, 1)
    low, high = -pixels.max(axis=(1, 2, 3), keepdims=True), 1 - pixels.min(axis=(1, 2, 3), keepdims=True)
    for _ in range(12):  # the nearest such image is this one plus one number, clipped; the error is below 1 / 2,000
        middle = (low + high) / 2
        dark = np.clip(pixels + middle, 0, 1).mean(axis=(1, 2, 3), keepdims=True) < ink
        low, high = np.where(dark, middle, low), np.where(dark, high, middle)
    return np.clip(pixels + (low + high) / 2, 0, 1)


def _starts(shape, starts, ink, seed):
    """The given images, or noise that varies on several length scales at once: (starts, height, width, colours)."""
    if as_array(starts).ndim:
        given = as_numbers(starts, "starts", finite=True).astype(np.float32)
        if given.shape[1:] != shape or not given.size:
            raise CourseError(f"starts are images of shape {shape}, and {given.shape} came: give a batch of those.")
        return given
    starts = as_whole_number(starts, "starts")
    rng = np.random.default_rng([seed, 0])
    total = np.zeros((starts, *shape), np.float32)
    for scale in SCALES:
        length = scale * min(shape[:2]) / 28
        rough = rng.standard_normal(total.shape, np.float32)
        smooth = gaussian_filter(rough, (0, length, length, 0), mode="wrap")
        total += smooth / smooth.std()
    return (0.5 if ink is None else ink) + 0.3 * total / np.sqrt(len(SCALES))  # of deviation 0.3


def _image_shape(model):
    shapes = [tuple(tensor.shape[1:]) for tensor in model.inputs]
    if len(shapes) != 1 or len(shapes[0]) != 3 or None in shapes[0]:
        raise CourseError(f"a network with one input of images of a known size is needed, not {shapes}: build it so.")
    return shapes[0]
