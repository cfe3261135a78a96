"""Where in the image did an answer come from: Grad-CAM, and covering one patch after the other."""

from dataclasses import dataclass
from functools import partial

import keras
import numpy as np
from scipy.ndimage import gaussian_filter

from helpers._shared.arguments import CourseError, as_choice, as_indices, as_numbers, as_one_of, as_whole_number, brief
from helpers._shared.images import given_batches, part_of
from helpers.activations import read_activations
from helpers.explanations.gradient import with_gradient
from helpers.explanations.network_copies import find_layer, logit_copy, one_output

__all__ = ["Occlusion", "grad_cam", "logits", "occlusion"]


def logits(model, images, *, output=None, place=None, batch_size=64):
    """Read the answers of a network before its final softmax or sigmoid.

    Args:
        model: a Sequential or Functional Keras model, loaded or fresh; it is not changed.
        images: array ``(images, height, width, channels)`` in the range that the model was trained on, a list or dict
            of arrays for several inputs, or a data set, see `helpers.activations.read_activations`.
        output: of a network with several outputs the one that is asked about, by its name or number.
        place: (row, column) of the one place that is asked about where an image comes out; None for the mean over all.
        batch_size: images in one step.

    Returns:
        float32 array ``(images, classes)``, or ``(images, channels)`` where an image comes out; for a network with one
        answer two columns, minus and plus what the sigmoid is given. Where probabilities are pooled or averaged behind
        the softmax, their logarithms, of which the softmax is the answer, too; of a sigmoid log(p / (1 - p)).

    Raises:
        CourseError: if the network ends in another activation, there is no such output or place, or the images do not
            fit.
    """
    return _logits(logit_copy(one_output(model, output)[1], place=place), images, batch_size)


def grad_cam(model, images, layer=None, class_index=None, *, input=None, output=None, place=None, batch_size=16):
    """Weigh the maps of a layer by how much the answer depends on each: a heatmap of where the answer came from.

    The gradient is that of the logit, not of the probability, which hardly moves where the network is sure.
    Selvaraju et al. (2017), "Grad-CAM: Visual Explanations from Deep Networks via Gradient-based Localization"; where
    an image comes out, for a channel of it: Vinogradova et al. (2020), "Towards Interpretable Semantic Segmentation
    via Gradient-Weighted Class Activation Mapping".

    Args:
        model: a Sequential or Functional Keras model that ends in softmax, sigmoid or logits; it may be loaded,
            branch or hold nested models, and is not changed.
        images: array ``(images, height, width, channels)`` in the range that the model was trained on, a list or dict
            of arrays for several inputs, or a data set, which is read as a whole; see
            `helpers.activations.read_activations`.
        layer: name of a layer, or operation, with maps (a nested one as ``outer/inner``); None for the last
            convolution; where an image comes out for the one with the fewest places.
        class_index: the class, or the channel of what comes out, that is asked about, one for all images or one for
            each, counted from 0; None for the highest. Of one answer, such as a sigmoid, 1 is the answer and 0 minus
            the answer.
        input: of a network with several inputs the one behind which the last convolution is sought, by its name or
            number; None for any.
        output: of a network with several outputs the one that is asked about, by its name or number.
        place: (row, column) of the one place that is asked about where an image comes out; None for the mean over all.
        batch_size: images in one step.

    Returns:
        float32 array ``(images, height, width)`` at the layer's own resolution, 0 or more, in units of the
        logit: not scaled. All zero where nothing speaks for the class, see `is_blank`; `enlarge` brings it to
        the size of the image.

    Raises:
        KeyError: if the layer is unknown; the sentence lists the names.
        CourseError: if the layer has no maps, the network no convolution or no such class, input, output or place, or
            the images do not fit.
    """
    batch_size, (_, model) = as_whole_number(batch_size, "batch_size"), one_output(model, output)
    _, target = find_layer(model, layer, input)
    tap = _Tap()
    copy = logit_copy(model, {target.operation: tap.put_on}, place)
    images = next(given_batches(model, images))
    choice = _choice(_logits(copy, images, batch_size), class_index)
    ask = with_gradient(partial(_score, copy, tap))
    heatmaps = []
    for rows in (slice(start, start + batch_size) for start in range(0, len(choice), batch_size)):
        nudge = np.zeros((len(choice[rows]), 1, 1, target.outputs[0].shape[-1]), np.float32)
        _, maps, slope = ask(nudge, part_of(images, rows), choice[rows])
        weights = slope / (maps.shape[1] * maps.shape[2])  # the mean over places of the gradient
        heatmaps.append(np.maximum((maps * weights).sum(axis=-1), 0))
    return np.concatenate(heatmaps)


@dataclass(frozen=True)
class Occlusion:
    """How much the logit falls when one patch after the other is covered.

    The image is divided into cells of equal size; the value of a cell belongs to the patch around its middle,
    so that a heatmap is laid over the image by enlarging it to the image's size, as `enlarge` does.

    Attributes:
        falls: float32 array ``(images, rows, columns)``: logit of the whole image minus logit of the covered
            one; negative where covering speaks for the class.
        middles: (rows, columns) of the cells' middles in pixels from the upper left corner, two arrays.
        patch: side of the covered patch in pixels; at the image's edge it is cut off.
    """

    falls: np.ndarray
    middles: tuple
    patch: int


def occlusion(
    model, images, class_index=None, *, input=None, output=None, place=None, patch=None, stride=None, background="black"
):
    """Cover one patch of the image after the other, and see how much the logit of the class falls.

    No gradient is needed. What is put there should look like nothing: 0 for white digits on black, a blurred
    copy for photographs. Zeiler and Fergus (2014), "Visualizing and Understanding Convolutional Networks".

    Args:
        model: as for `grad_cam`.
        images: as for `grad_cam`.
        class_index: as for `grad_cam`.
        input: of a network with several inputs the image that is covered, by its name or number; the others stay.
        output: as for `grad_cam`.
        place: as for `grad_cam`.
        patch: side of the square that is covered, in pixels; None for a seventh of the shorter side.
        stride: pixels from one patch to the next at most; None for half the patch.
        background: "black" for 0, "blur" for the image blurred by half a patch, a number, or an array that
            fits the images, such as one value a colour.

    Returns:
        An `Occlusion`.

    Raises:
        CourseError: if the patch is larger than the image, the background does not fit, the network has no such
            class or input, or the images do not fit.
    """
    copy, every = logit_copy(one_output(model, output)[1], place=place), next(given_batches(model, images))
    number = as_one_of(input, "input", [tensor.name for tensor in model.inputs])
    images = part_of([every[number]], slice(None))
    if images.ndim != 4:
        raise CourseError(f"an image can be covered, not {images.shape[1:]}: choose another input.")
    answers = _logits(copy, every)
    choice = _choice(answers, class_index)
    height, width = images.shape[1:3]
    patch = max(1, min(height, width) // 7) if patch is None else patch
    patch = as_whole_number(patch, "patch", most=min(height, width))
    stride = as_whole_number(max(1, patch // 2) if stride is None else stride, "stride")
    # So that large photos need no more memory than digits: their first layers hold many maps.
    batch_size = min(64, max(1, 2**18 // (height * width)))
    cover = _cover(images, background, patch)
    (down, rows), (across, columns) = (_cells(size, stride, patch) for size in (height, width))
    left = np.empty((len(images), len(rows), len(columns)), np.float32)  # the logit when a patch is covered
    for start in range(0, left.size, batch_size):
        places = np.arange(start, min(start + batch_size, left.size))
        which, *cells = np.unravel_index(places, left.shape)
        batch = part_of(every, which)
        covered = batch[number] if len(every) > 1 else batch
        for image, own, row, column in zip(covered, which, *cells):
            image[rows[row], columns[column]] = cover[own, rows[row], columns[column]]
        left.flat[places] = (copy.predict_on_batch(batch) * choice[which]).sum(axis=1)
    return Occlusion((answers * choice).sum(axis=1).reshape(-1, 1, 1) - left, (down, across), patch)


class _Tap:
    """Reads, and nudges, the maps of a layer or operation from outside while a function is traced."""

    nudge = maps = None

    def put_on(self, operation):
        call = operation.call

        def tapped(*inputs, **options):
            self.maps = call(*inputs, **options)
            return self.maps if self.nudge is None else self.maps + keras.ops.cast(self.nudge, self.maps.dtype)

        operation.call = tapped
        return operation


def _score(copy, tap, nudge, pixels, choice):
    """The logit of each image's class, when something is added to a layer's maps, one number a map; and the maps."""
    tap.nudge = nudge
    answers = copy(pixels, training=False)
    return keras.ops.sum(answers * choice, axis=-1), keras.ops.cast(tap.maps, "float32")


def _logits(copy, images, batch_size=16):
    last = copy.layers[-1].name
    return read_activations(copy, images, [last], batch_size=batch_size)[last]


def _choice(answers, class_index):
    """A one at each image's class: (images, classes)."""
    count, classes = answers.shape
    chosen = answers.argmax(axis=1) if class_index is None else as_indices(class_index, "class_index", classes)
    if len(chosen) not in (1, count):
        asked = f"one, or one for each of the {count} images"
        raise CourseError(f"class_index must be {asked}, not {len(chosen)}: correct it.")
    return np.eye(classes, dtype=np.float32)[np.broadcast_to(chosen, count)]


def _cells(size, stride, patch):
    """Divide a side into as few cells as possible, none larger than the stride: (middles, pixels of the patches).

    Pixels outside the image are left off.
    """
    count = -(-size // stride)
    middles = (np.arange(count) + 0.5) * (size / count)
    firsts = np.round(middles - patch / 2).astype(int)
    return middles, [slice(max(first, 0), first + patch) for first in firsts]


def _cover(images, background, patch):
    """What is seen where an image is covered: (images, height, width, channels)."""
    if isinstance(background, str):
        if as_choice(background, "background", ("black", "blur")) == "blur":
            return gaussian_filter(images, (0, patch / 2, patch / 2, 0))
        background = 0
    cover = as_numbers(background, "background", finite=True).astype(np.float32)
    try:
        return np.broadcast_to(cover, images.shape)
    except ValueError:
        asked = f"a number, or an array that fits images {images.shape}"
        raise CourseError(f"background must be {asked}, not {brief(background)}: give one of these.") from None
