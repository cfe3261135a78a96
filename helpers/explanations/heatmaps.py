"""Where in the image did an answer come from: Grad-CAM, and covering one patch after the other."""

from dataclasses import dataclass

import keras
import numpy as np
from scipy.ndimage import gaussian_filter

from helpers._shared.arguments import as_numbers, as_whole_number, brief
from helpers._shared.errors import CourseError
from helpers.activations import read_activations
from helpers.explanations.gradient import with_gradient
from helpers.explanations.network_copies import LOGITS, copied, find_layer, logit_twin

__all__ = ["Occlusion", "grad_cam", "logits", "occlusion"]


def logits(model, images, *, batch_size=64):
    """Read the answers of a network before its final softmax or sigmoid.

    Args:
        model: a Sequential or Functional Keras model with one input, loaded or fresh; it is not changed.
        images: array ``(images, height, width, channels)`` in the range that the model was trained on.
        batch_size: images in one step.

    Returns:
        float32 array ``(images, classes)``; for a network with one answer two columns, minus and plus what the
        sigmoid is given.

    Raises:
        CourseError: if the network has several inputs or answers or ends in another activation, or the images
            do not fit.
    """
    return _logits(logit_twin(model), images, batch_size)


def grad_cam(model, images, layer=None, class_index=None, *, batch_size=16):
    """Weigh the maps of a layer by how much the answer depends on each: a heatmap of where the answer came from.

    The gradient is that of the logit, not of the probability, which hardly moves where the network is sure.
    Selvaraju et al. (2017), "Grad-CAM: Visual Explanations from Deep Networks via Gradient-based Localization".

    Args:
        model: a Sequential or Functional Keras model that ends in softmax, sigmoid or logits; it may be loaded,
            branch or hold nested models, and is not changed.
        images: array ``(images, height, width, channels)`` in the range that the model was trained on.
        layer: name of a layer with maps (a nested one as ``outer/inner``); None for the last convolution.
        class_index: the class that is asked about, one for all images or one for each, counted from 0; None
            for the class that the network answers. With one sigmoid, class 0 is minus the logit of class 1.
        batch_size: images in one step.

    Returns:
        float32 array ``(images, height, width)`` at the layer's own resolution, 0 or more, in units of the
        logit: not scaled. All zero where nothing speaks for the class, see `is_blank`; `enlarge` brings it to
        the size of the image.

    Raises:
        KeyError: if the layer is unknown; the sentence lists the names.
        CourseError: if the layer has no maps, the network no convolution or no such class, or the images do
            not fit.
    """
    batch_size = as_whole_number(batch_size, "batch_size")
    _, target = find_layer(model, layer)
    tap = {}
    twin = logit_twin(model, {target: lambda old: _Tapped(old, tap)})
    answers = _logits(twin, images, batch_size)
    choice = _choice(answers, class_index)
    ask = with_gradient(_score(twin, tap))
    heatmaps = []
    for start in range(0, len(answers), batch_size):
        pixels = np.asarray(images[start : start + batch_size], np.float32)
        chosen = choice[start : start + batch_size]
        silent = np.zeros((len(pixels), 1, 1, target.output.shape[-1]), np.float32)
        _, maps, slope = ask(silent, pixels, chosen)
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


def occlusion(model, images, class_index=None, *, patch=None, stride=None, background="black", batch_size=None):
    """Cover one patch of the image after the other, and see how much the logit of the class falls.

    No gradient is needed. What is put there should look like nothing: 0 for white digits on black, a blurred
    copy for photographs. Zeiler and Fergus (2014), "Visualizing and Understanding Convolutional Networks".

    Args:
        model: as for `grad_cam`.
        images: array ``(images, height, width, channels)`` in the range that the model was trained on.
        class_index: as for `grad_cam`.
        patch: side of the square that is covered, in pixels; None for a seventh of the shorter side.
        stride: pixels from one patch to the next at most; None for half the patch.
        background: "black" for 0, "blur" for the image blurred by half a patch, a number, or an array that
            fits the images, such as one value a colour.
        batch_size: covered images in one step; memory grows with it, and not with the number of patches. None for
            as many as hold a quarter of a million pixels, at most 64.

    Returns:
        An `Occlusion`.

    Raises:
        CourseError: if the patch is larger than the image, the background does not fit, the network has no
            such class, or the images do not fit.
    """
    twin = logit_twin(model)
    answers = _logits(twin, images)
    choice = _choice(answers, class_index)
    images = np.asarray(images, np.float32)
    batch_size = as_whole_number(_covered_at_once(images) if batch_size is None else batch_size, "batch_size")
    patch, stride = _checked_sizes(patch, stride, images.shape[1:3])
    middles = tuple(_middles(size, stride) for size in images.shape[1:3])
    cover = _cover(images, background, patch)
    shape = (len(images), *map(len, middles))
    left = np.empty(np.prod(shape), np.float32)  # logit of the class that is left when a patch is covered
    for start in range(0, left.size, batch_size):
        number, row, column = np.unravel_index(range(start, min(start + batch_size, left.size)), shape)
        batch = _covered(images[number], cover, number, zip(middles[0][row], middles[1][column]), patch)
        left[start : start + batch_size] = (twin.predict_on_batch(batch) * choice[number]).sum(axis=1)
    whole = (answers * choice).sum(axis=1)
    return Occlusion(whole[:, np.newaxis, np.newaxis] - left.reshape(shape), middles, patch)


class _Tapped(keras.layers.Layer):
    """A layer whose maps can be read, and nudged, from outside while a function is traced."""

    def __init__(self, inner, tap):
        super().__init__(name=inner.name, dtype=inner.dtype_policy)
        self.inner = copied(inner)
        self.tap = lambda: tap  # a function, as Keras would copy a dict

    def build(self, input_shape):
        self.inner.build(input_shape)

    def call(self, inputs):
        maps, tap = self.inner(inputs), self.tap()
        if "nudge" not in tap:
            return maps
        tap["maps"] = maps
        return maps + keras.ops.cast(tap["nudge"], maps.dtype)


def _score(twin, tap):
    """The logit of each image's class as a function of what is added to a layer's maps, one number a map."""

    def score(nudge, pixels, choice):
        tap["nudge"] = nudge
        try:
            answers = twin(pixels, training=False)
            return keras.ops.sum(answers * choice, axis=-1), keras.ops.cast(tap["maps"], "float32")
        finally:
            tap.clear()

    return score


def _logits(twin, images, batch_size=16):
    return read_activations(twin, images, [LOGITS], batch_size=batch_size)[LOGITS]


def _choice(answers, class_index):
    """A one at each image's class: (images, classes)."""
    count, classes = answers.shape
    chosen = answers.argmax(axis=1) if class_index is None else np.asarray(class_index)
    if chosen.shape not in ((), (count,)) or chosen.dtype.kind not in "iu":
        raise CourseError(
            f"class_index must be one whole number, or one for each of the {count} images, not {brief(class_index)}: "
            "leave it out for the class that the network answers."
        )
    if chosen.min() < 0 or chosen.max() >= classes:
        raise CourseError(
            f"class_index must be 0 to {classes - 1} for this network, not {brief(class_index)}: choose one of those."
        )
    return np.eye(classes, dtype=np.float32)[np.broadcast_to(chosen, count)]


def _checked_sizes(patch, stride, size):
    patch = max(1, min(size) // 7) if patch is None else as_whole_number(patch, "patch")
    if patch > min(size):
        raise CourseError(
            f"a patch that fits into images of {size[0]} x {size[1]} pixels is needed, and {patch} came: "
            "take a smaller one."
        )
    return patch, max(1, patch // 2) if stride is None else as_whole_number(stride, "stride")


def _middles(size, stride):
    """The middles of the cells that divide a side: as few as possible, none larger than the stride."""
    cells = -(-size // stride)
    return (np.arange(cells) + 0.5) * (size / cells)


def _cover(images, background, patch):
    """What is seen where an image is covered: (images, height, width, channels)."""
    if isinstance(background, str) and background == "blur":
        return gaussian_filter(images, (0, patch / 2, patch / 2, 0))
    try:
        black = isinstance(background, str) and background == "black"
        cover = np.float32(0) if black else as_numbers(background, "background", finite=True).astype(np.float32)
        return np.broadcast_to(cover, images.shape)
    except (TypeError, ValueError):
        came = background if isinstance(background, str) else brief(background)
        raise CourseError(
            f'background must be "black", "blur", a number or an array that fits images {images.shape}, not '
            f"{came}: choose one of these."
        ) from None


def _covered_at_once(images):
    """So many that large photos need no more memory than digits: their first layers hold a map a filter."""
    return min(64, max(1, 2**18 // (images.shape[1] * images.shape[2])))


def _covered(batch, cover, numbers, middles, patch):
    """Cover one patch of each image of the batch, in place."""
    for image, number, middle in zip(batch, numbers, middles):
        rows, columns = (_span(at, patch) for at in middle)
        image[rows, columns] = cover[number, rows, columns]
    return batch


def _span(middle, patch):
    """The pixels of a patch around a middle; what lies outside the image is left off."""
    first = round(middle - patch / 2)
    return slice(max(first, 0), first + patch)
