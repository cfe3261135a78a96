"""What a network takes: which size, which colours, and which range of values."""

import math
from dataclasses import dataclass

import keras
import numpy as np

from helpers._shared.arguments import as_choice, as_size
from helpers._shared.errors import CourseError
from helpers._shared.keras_graph import calls_of
from helpers.activations import layer_names

__all__ = ["SCALES", "Takes", "image_to_network", "what_it_takes"]

# The ranges that images can be brought to, and how a sentence says them. The last two are Keras' own words for
# what its ImageNet networks were trained on (keras.applications.imagenet_utils).
SCALES = {
    "0..1": "0 to 1",
    "-1..1": "-1 to 1",
    "0..255": "0 to 255",
    "caffe": "0 to 255 as blue, green, red, less the means of ImageNet",
    "torch": "0 to 1, less the means of ImageNet and divided by its deviations",
}
# What networks of keras.applications without a scaling layer of their own take, by the beginning of their names.
FAMILIES = (
    ("-1..1", ("resnet50v2", "resnet101v2", "resnet152v2")),
    ("-1..1", ("mobilenet_", "mobilenetv2", "inception", "xception", "nasnet")),
    ("caffe", ("vgg16", "vgg19", "resnet50", "resnet101", "resnet152")),
    ("torch", ("densenet",)),
)


@dataclass(frozen=True)
class Takes:
    """What a network takes.

    Attributes:
        shape: one image as the network receives it: (height, width, colours), (height, width) or (pixels,).
        size: (height, width) in pixels.
        colour: "rgb" or "grey".
        any_size: whether the network takes images of any size, so that this one was chosen.
        scale: a key of `SCALES`.
        reason: a sentence on why this scale.
    """

    shape: tuple
    size: tuple
    colour: str
    any_size: bool
    scale: str
    reason: str


def what_it_takes(model, *, scale=None, size=None):
    """Find out which images a network takes.

    Args:
        model: a Sequential or Functional Keras model.
        scale: the range of values, a key of `SCALES`; None to look for it in the network.
        size: (height, width) in pixels for a network that takes any; None for 224 x 224.

    Returns:
        A `Takes`.

    Raises:
        CourseError: if the network takes no single image in grey or colour, or the scale or size does not fit.
    """
    layer_names(model)  # says what is wrong with a model that is no graph
    if len(model.inputs) != 1:
        raise CourseError(
            f"a network with one image as its input is needed, and {model.name!r} has {len(model.inputs)} inputs: "
            "build a model of one input around it."
        )
    wanted = tuple(model.inputs[0].shape[1:])
    side = math.isqrt(wanted[0] or 0) if len(wanted) == 1 else 0
    if side and side**2 == wanted[0]:  # the pixels of a square in one row
        taken = (side, side)
    elif len(wanted) == 3 and wanted[2] in (1, 3) or len(wanted) == 2 and None not in wanted:
        chosen = as_size(224 if size is None else size)
        taken = tuple(given or own for given, own in zip(wanted, chosen))
    else:
        raise CourseError(
            "a network that takes images (height, width, 1 or 3 colours) is needed, and this one takes "
            f"({', '.join('any' if each is None else str(each) for each in wanted)}): nothing else can be shown."
        )
    shape = wanted if len(wanted) == 1 else (*taken, *wanted[2:])
    if size is not None and as_size(size) != taken:
        raise CourseError(f"this network takes {' x '.join(map(str, shape))} and no other size: leave the size out.")
    colour = "rgb" if wanted[2:] == (3,) else "grey"
    if scale is None:
        scale, reason = _find_scale(model)
    else:
        scale, reason = as_choice(scale, "the scale", SCALES), "You chose this range."
    if scale in ("caffe", "torch") and colour == "grey":
        raise CourseError(f"the scale {scale} is for images in colour, and this network takes grey: choose another.")
    return Takes(shape, taken, colour, None in wanted, scale, reason)


def image_to_network(image, takes, *, invert=False):
    """Bring an image to the form that a network takes.

    Args:
        image: float array (height, width, colours) of the size and colours that the network takes, values 0..1.
        takes: a `Takes`.
        invert: whether light and dark change places.

    Returns:
        float32 array of the shape ``takes.shape``, in its range.
    """
    image = np.float32(1) - image if invert else image
    if takes.scale in ("caffe", "torch"):
        image = keras.applications.imagenet_utils.preprocess_input(255 * image, "channels_last", mode=takes.scale)
    elif takes.scale == "-1..1":
        image = 2 * image - 1
    elif takes.scale == "0..255":
        image = 255 * image
    return np.asarray(image, np.float32).reshape(takes.shape)


def _find_scale(model):
    """The scale and a sentence on why: a scaling layer inside, stored averages, a known family, or the custom."""
    factor, offset, names = 1.0, 0.0, []
    for operation in _first_operations(model):
        if isinstance(operation, keras.layers.BatchNormalization) and not names:
            mean = float(keras.ops.mean(operation.moving_mean))
            if mean >= 2:
                return "0..255", f"Layer {operation.name} has stored {mean:.3g} as the mean of its inputs, as of bytes."
        step = _affine(operation)
        if step:
            factor, offset, names = step[0] * factor, step[0] * offset + step[1], [*names, operation.name]
    for scale, highest in (("0..255", 255), ("0..1", 1)):
        if names and 0.4 <= factor * highest <= 8:  # how wide a range is when a network has scaled it for itself
            many = f"layer{'s' if len(names) > 1 else ''} {', '.join(names)}"
            top = factor * highest + offset
            reason = f"The network scales for itself: its {many} makes {offset:.3g} to {top:.3g} of 0 to {highest}."
            return scale, reason
    for name in (model.name, *(layer.name for layer in model.layers if isinstance(layer, keras.Model))):
        for scale, beginnings in FAMILIES:
            if name.lower().startswith(beginnings):
                reason = f"Keras trains networks named {name} on this range; if yours was not, choose another scale."
                return scale, reason
    reason = "The network has no scaling layer inside that would tell, so this is the custom; another can be chosen."
    return "0..1", reason


def _first_operations(model):
    """Yield what stands before the first convolution or dense layer, in model order."""
    inert = (keras.layers.Normalization, keras.layers.BatchNormalization)
    for operation in getattr(model, "operations", model.layers):
        if isinstance(operation, keras.Model):
            yield from _first_operations(operation)
        else:
            yield operation
        if getattr(operation, "weights", None) and not isinstance(operation, inert):
            return


def _affine(operation):
    """(factor, offset) of a step that only scales and shifts, else None."""
    if isinstance(operation, keras.layers.Rescaling):
        return float(np.mean(operation.scale)), float(np.mean(operation.offset))
    if isinstance(operation, keras.layers.Normalization) and not operation.invert:
        mean, variance = (float(keras.ops.mean(each)) for each in (operation.mean, operation.variance))
        return variance**-0.5, -mean * variance**-0.5
    kind = type(operation).__name__
    if kind not in ("Add", "Subtract", "Multiply", "Divide", "TrueDivide"):
        return None
    constants = [float(each) for node in calls_of(operation) for each in node.arguments.args if np.isscalar(each)]
    if len(constants) != 1 or (constants == [0] and "Divide" in kind):
        return None
    (value,) = constants
    if kind in ("Add", "Subtract"):
        return 1.0, value if kind == "Add" else -value
    return (value if kind == "Multiply" else 1 / value), 0.0
