"""Which image does a map like best? Gradient ascent on the pixels, from several starts of noise."""

from dataclasses import dataclass

import keras
import numpy as np
from scipy.ndimage import gaussian_filter

from helpers._shared.arguments import as_number, as_whole_number, brief
from helpers._shared.errors import CourseError
from helpers.activations import activation_model
from helpers.explanations.gradient import with_gradient
from helpers.explanations.network_copies import find_layer, linear_twin

__all__ = ["BestInputs", "best_input"]

SCALES = (0.5, 1, 2, 4)  # pixels: the lengths on which the noise of a start varies, for images of 28 pixels
CONTRAST = 0.3  # deviation of that noise
RATES = (0.08, 0.01)  # size of the first and of the last step: mean change of a pixel
SHIFT = 1 / 14  # of the shorter side, at most, that an image is moved before a step: 2 pixels of 28
LEAKS = (0.5, 0.02)  # share of the values before the activation in what is climbed, first and last step
STILL = 0.25  # share of the steps at the end without shifts
SMOOTHING = (1.0, 0.3)  # pixels: by how much the first and the last step is blurred
BISECTIONS = 12  # for the mean brightness; the error is then below 1 / 2,000


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


def best_input(model, layer, channels=None, *, starts=4, steps=64, ink=None, seed=7, batch_size=32):
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
        starts: how many images are begun for each channel, of which the best is kept.
        steps: of ascent, from each start.
        ink: mean brightness that an image is to have, such as 0.13 for a digit of MNIST; None leaves it free.
        seed: of the noise and the shifts.
        batch_size: images at work at once; it bounds the memory.

    Returns:
        A `BestInputs`.

    Raises:
        KeyError: if the layer is unknown; the sentence lists the names.
        CourseError: if the layer has no maps or no such channel, the network has several inputs or takes images
            of any size, or a number is out of its range.
    """
    name, found = find_layer(model, layer)
    channels = _checked_channels(channels, name, found.output.shape[-1])
    shape = _image_shape(model)
    steps, batch_size = as_whole_number(steps, "steps", least=0), as_whole_number(batch_size, "batch_size")
    starts, seed = as_whole_number(starts, "starts"), as_whole_number(seed, "seed", least=0)
    if ink is not None and not 0 < as_number(ink, "ink") < 1:
        raise CourseError(f"ink must be a mean brightness between 0 and 1, not {ink!r}: leave it out for any.")
    noise = _noise(shape, starts, ink, seed)
    ask = with_gradient(_score(model, name, found))
    jobs = [(channel, start) for channel in channels for start in range(starts)]
    choice = np.eye(found.output.shape[-1], dtype=np.float32)[[channel for channel, _ in jobs]]
    made = []
    for first in range(0, len(jobs), batch_size):
        rows = slice(first, first + batch_size)
        begun = noise[[start for _, start in jobs[rows]]]
        made.append(_climb(ask, begun, choice[rows], steps, ink, np.random.default_rng([seed, 1])))
    images, reported = (np.concatenate(parts) for parts in zip(*made))
    return _best(channels, images, reported, starts)


def _score(model, name, found):
    """What is climbed, beside what is reported of each image's own map: a function of images, channels and leak."""
    twin, activation = linear_twin(model, found)
    reader = activation_model(twin, [name])

    def score(pixels, choice, leak):
        before = keras.ops.cast(reader(pixels, training=False)[name], "float32")
        own, after = (keras.ops.einsum("nhwc,nc->nhw", maps, choice) for maps in (before, activation(before)))
        reported = [keras.ops.mean(own, (1, 2)), keras.ops.mean(after, (1, 2))]
        reported += [keras.ops.max(own, (1, 2)), keras.ops.max(after, (1, 2))]
        awake = leak * reported[0] + (1 - leak) * reported[1]
        climbed = keras.ops.where(reported[2] > 0, awake, reported[2])
        return climbed, keras.ops.stack(reported, axis=1)

    return score


def _climb(ask, pixels, choice, steps, ink, rng):
    """Push images uphill; the steps become smaller and less blurred. Return images and what is reported of them."""
    pixels, furthest = _within(pixels, ink), round(SHIFT * min(pixels.shape[1:3]))
    for step in range(steps):
        done = step / max(steps - 1, 1)
        rate, blur, leak = (first * (last / first) ** done for first, last in (RATES, SMOOTHING, LEAKS))
        shift = rng.integers(-furthest, furthest + 1, 2) if done < 1 - STILL else np.zeros(2, int)
        _, reported, slope = ask(np.roll(pixels, shift, axis=(1, 2)), choice, np.float32(leak))
        slope = np.roll(slope, -shift, axis=(1, 2))
        awake = reported[:, 2, np.newaxis, np.newaxis, np.newaxis] > 0  # to wake a map, any pattern will do
        slope = np.where(awake, gaussian_filter(slope, (0, blur, blur, 0)), slope)
        size = np.abs(slope).mean(axis=(1, 2, 3), keepdims=True)
        pixels = _within(pixels + rate * slope / np.where(size > 0, size, 1), ink)
    return pixels, ask(pixels, choice, np.float32(1))[1]


def _within(pixels, ink):
    """The nearest images with values in 0..1 and, if it is given, this mean brightness."""
    if ink is None:
        return np.clip(pixels, 0, 1)
    low, high = -pixels.max(axis=(1, 2, 3), keepdims=True), 1 - pixels.min(axis=(1, 2, 3), keepdims=True)
    for _ in range(BISECTIONS):  # the nearest such image is this one plus one number, clipped
        middle = (low + high) / 2
        dark = np.clip(pixels + middle, 0, 1).mean(axis=(1, 2, 3), keepdims=True) < ink
        low, high = np.where(dark, middle, low), np.where(dark, high, middle)
    return np.clip(pixels + (low + high) / 2, 0, 1)


def _noise(shape, starts, ink, seed):
    """Noise that varies on several length scales at once, one image a start: (starts, height, width, colours)."""
    rng = np.random.default_rng([seed, 0])
    total = np.zeros((starts, *shape), np.float32)
    for scale in SCALES:
        length = scale * min(shape[:2]) / 28
        rough = rng.standard_normal(total.shape, np.float32)
        smooth = gaussian_filter(rough, (0, length, length, 0), mode="wrap")
        total += smooth / smooth.std()
    return (0.5 if ink is None else ink) + CONTRAST * total / np.sqrt(len(SCALES))


def _best(channels, images, reported, starts):
    """Keep the best start of each channel: by the value after the activation, and among equals before it."""
    images = images.reshape(len(channels), starts, *images.shape[1:])
    before, after, peak, largest = reported.reshape(len(channels), starts, 4).transpose(2, 0, 1)
    order = np.lexsort((before, after), axis=1)
    rows, best = np.arange(len(channels)), order[:, -1]
    return BestInputs(
        channels=np.array(channels),
        images=images[rows, best],
        value=after[rows, best],
        largest=largest[rows, best],
        value_before=before[rows, best],
        values_of_starts=after,
        woken=peak.max(axis=1) > 0,
    )


def _checked_channels(channels, name, count):
    chosen = np.atleast_1d(np.arange(count) if channels is None else np.asarray(channels))
    if chosen.ndim != 1 or not chosen.size or chosen.dtype.kind not in "iu":
        raise CourseError(f"channels must be a whole number or several, not {brief(channels)}: leave it out for all.")
    if chosen.min() < 0 or chosen.max() >= count:
        raise CourseError(f"channels of {name!r} are 0 to {count - 1}, not {brief(channels)}: choose some of those.")
    return chosen.tolist()


def _image_shape(model):
    shape = tuple(model.inputs[0].shape[1:])
    if len(model.inputs) != 1 or len(shape) != 3 or None in shape:
        raise CourseError(
            "a network with one input of images (height, width, colours) of a known size is needed, and this one "
            f"takes {[tuple(tensor.shape[1:]) for tensor in model.inputs]}: build it with a size."
        )
    return shape
