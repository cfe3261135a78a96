"""What a network takes: which size, which colours, and which range of values."""

import math
import re
from dataclasses import dataclass

import keras
import numpy as np

from helpers._shared.arguments import as_choice, as_size
from helpers._shared.errors import CourseError
from helpers._shared.keras_graph import call_again, calls_of, is_graph
from helpers.activations import layer_names

__all__ = ["SCALES", "Takes", "channels_first", "image_to_network", "network_to_images", "what_it_takes"]

# The ranges that images can be brought to, and how a sentence says them. The last two are Keras' own words for
# what its ImageNet networks were trained on (keras.applications.imagenet_utils).
SCALES = {
    "0..1": "0 to 1",
    "-1..1": "-1 to 1",
    "0..255": "0 to 255",
    "caffe": "0 to 255 as blue, green, red, less the means of ImageNet",
    "torch": "0 to 1, less the means of ImageNet and divided by its deviations",
}
FOR_ALL = ("0..1", "-1..1", "0..255")  # the others are for images in colour
# What networks of keras.applications take when nothing is prepared inside: the name of their first convolution, and of
# others among the first layers that no other family has all of. Several families share single names.
FAMILIES = (
    ("VGG", "caffe", "block1_conv1 block1_conv2 block1_pool block2_conv1 block2_conv2"),
    ("ResNet", "caffe", "conv1_conv conv1_bn conv2_block1_1_conv conv2_block1_0_conv"),
    ("ResNet", "caffe", "conv1 bn_conv1 res2a_branch2a res2a_branch1"),  # as Keras named it up to 2.2
    ("ResNetV2", "-1..1", "conv1_conv conv2_block1_preact_bn conv2_block1_1_conv"),
    ("DenseNet", "torch", "conv1_conv conv1_bn conv2_block1_0_bn conv2_block1_1_conv"),
    ("Xception", "-1..1", "block1_conv1 block1_conv1_bn block1_conv2 block2_sepconv1"),
    ("MobileNet", "-1..1", "conv1 conv1_bn conv_dw_1 conv_pw_1"),
    ("MobileNetV2", "-1..1", "Conv1 bn_Conv1 expanded_conv_depthwise expanded_conv_project"),
    ("MobileNetV3", "-1..1", "conv conv_bn expanded_conv_depthwise expanded_conv_project"),
    ("NASNet", "-1..1", "stem_conv1 stem_bn1 reduction_conv_1_stem_1"),
    ("EfficientNetV2", "-1..1", "stem_conv stem_bn block1a_project_conv block1a_project_activation"),
)
# Both Inceptions have automatic names and these kernels (height, width, channels, filters) in their first layers.
INCEPTION = [(3, 3, 3, 32), (3, 3, 32, 32), (3, 3, 32, 64), (1, 1, 64, 80), (3, 3, 80, 192)]
# Images of one colour each, to see what happens to them before the first convolution: red, green, blue, opacity.
COLOURS = np.float32([(0, 0, 0, 0), (1, 1, 1, 1), (0.5, 0.5, 0.5, 0.5), (0.2, 0.4, 0.9, 1), (0.7, 0.1, 0.3, 1)])


@dataclass(frozen=True)
class Takes:
    """What a network takes.

    Attributes:
        shape: one image as the network receives it: (height, width, colours), (colours, height, width),
            (height, width) or (pixels,).
        size: (height, width) in pixels.
        colour: "rgb", "rgba" or "grey".
        any_size: whether the network takes images of any size, so that this one was chosen.
        scale: a key of `SCALES`; None where nothing in the network tells it.
        reason: a sentence on why this scale, or on why it is a guess.
        guess: the key of `SCALES` that is used where ``scale`` is None; else None.
    """

    shape: tuple
    size: tuple
    colour: str
    any_size: bool
    scale: str | None
    reason: str
    guess: str | None = None

    @property
    def used(self):
        """The scale that images are brought to: the one that is known, or the guess."""
        return self.scale or self.guess

    @property
    def plausible(self):
        """The scales that may be meant: the one that is known, or all that suit the colours."""
        return (self.scale,) if self.scale else _scales_of(self.colour)


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
    words = f"({', '.join('any' if each is None else str(each) for each in wanted)})"
    first = channels_first(wanted)
    wanted = (*wanted[1:], wanted[0]) if first else wanted
    if side and side**2 == wanted[0] and _looks_square(side):  # the pixels of a square in one row
        taken = (side, side)
    elif len(wanted) == 3 and wanted[2] in (1, 3, 4):
        chosen = as_size(224 if size is None else size)
        taken = tuple(given or own for given, own in zip(wanted, chosen))
    elif len(wanted) == 2 and None not in wanted and wanted[0] == wanted[1] and _looks_square(wanted[0]):
        taken = wanted
    else:
        asked = "a network that takes images (height, width, and 1, 3 or 4 colours) is needed"
        what = "features, no image" if len(wanted) < 3 else "nothing else can be shown"
        raise CourseError(f"{asked}, and this one takes {words}: {what}.")
    shape = wanted if len(wanted) == 1 else (*taken, *wanted[2:])
    if size is not None and as_size(size) != taken:
        raise CourseError(f"this network takes {' x '.join(map(str, shape))} and no other size: leave the size out.")
    colour = {(3,): "rgb", (4,): "rgba"}.get(wanted[2:], "grey")
    if scale is None:
        scale, reason = _find_scale(model, shape, colour)
    else:
        scale, reason = as_choice(scale, "the scale", SCALES), "You chose this range."
    if scale and scale not in _scales_of(colour):
        raise CourseError(
            f"the scale {scale} is for images in colour, and this network takes {colour}: choose another."
        )
    shape = (shape[-1], *shape[:-1]) if first else shape
    return Takes(shape, taken, colour, None in wanted, scale, reason, None if scale else "0..1")


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
    image = _scaled(image, takes.used)
    return np.moveaxis(image, -1, 0) if channels_first(takes.shape) else image.reshape(takes.shape)


def network_to_images(values, takes):
    """Bring what a network was given to the form of images, in the range that it has.

    Args:
        values: array (images, ...) as the network takes them.
        takes: a `Takes`.

    Returns:
        The array as (images, height, width, colours).
    """
    values = np.moveaxis(values, 1, -1) if channels_first(takes.shape) else values
    return values.reshape(len(values), *takes.size, -1)


def channels_first(shape):
    """Say whether (colours, height, width) is meant by the shape of an image, and not (height, width, colours)."""
    return len(shape) == 3 and shape[0] in (1, 3, 4) and shape[2] not in (1, 3, 4)


def _scales_of(colour):
    return tuple(SCALES) if colour == "rgb" else FOR_ALL


def _looks_square(side):
    """Whether so many rows of as many numbers are an image, and not features: 8, 16, 20, 28, 32 and so on."""
    return side >= 8 and side % 4 == 0


def _scaled(images, scale):
    """Bring values 0..1 to a range, the last axis is that of the colours."""
    if scale in ("caffe", "torch"):
        return keras.applications.imagenet_utils.preprocess_input(np.float32(255 * images), "channels_last", mode=scale)
    factor, offset = {"0..1": (1, 0), "-1..1": (2, -1), "0..255": (255, 0)}[scale]
    return np.float32(factor * images + offset)


def _find_scale(model, shape, colour):
    """(The scale, why) by what a family takes, or by what is done to images before the first layer; else (None, why).

    Images of a few colours in every range go as far as the first convolution or dense layer: what reaches it tells what
    is prepared inside, by whatever layers, operations and functions.
    """
    scales = sorted(_scales_of(colour), key=["0..255", *SCALES].index)  # most networks that prepare images take bytes
    colours = COLOURS[:, : {"rgb": 3, "rgba": 4}.get(colour, 1)]
    given = np.concatenate([_scaled(colours, scale) for scale in scales])
    places = max(1, math.prod(shape) // colours.shape[1])
    images = given.repeat(places, axis=0).reshape(-1, *shape)
    if channels_first(model.inputs[0].shape[1:]):
        images = np.moveaxis(images, -1, 1)
    images = keras.ops.convert_to_tensor(images)
    steps, first, images = _until_weights(model, images, colours.shape[1])
    made = _colours_of(images, colours.shape[1])
    reached = dict(zip(scales, np.split(made, len(scales))))
    changing = [operation for operation, before, after in steps if not _alike(after, before)]
    names = list(dict.fromkeys(_named(operation) for operation in changing))
    many = f"layer{'s' if len(names) > 1 else ''} {', '.join(names)}"
    family, wanted = _family(model, first)
    for scale in scales if family else ():
        if _is_scaled(reached[scale], colours, wanted):
            inside = f", which its {many} makes of {SCALES[scale]}" if names else ""
            reason = f"Its first layers are those of Keras' {family}, trained on {SCALES[wanted]}{inside}"
            return scale, f"{reason}; if yours was not, choose another scale."
    norm = next((each for each, *_ in steps if isinstance(each, keras.layers.BatchNormalization)), None)
    if norm is not None and not names and (mean := float(keras.ops.mean(norm.moving_mean))) >= 2:
        return "0..255", f"Layer {norm.name} has stored {mean:.3g} as the mean of its inputs, as of bytes."
    for after in (made, *(after for operation, _, after in reversed(steps) if operation in changing)) if names else ():
        scale = _scale_before(dict(zip(scales, np.split(after, len(scales)))), colours)
        if scale:
            black, white = reached[scale][:2].mean(axis=1)
            reason = f"The network scales for itself: its {many} makes {black:.3g} to {white:.3g} of {SCALES[scale]}."
            return scale, reason
    if names:
        return None, f"What its {many} does before the first convolution is not understood, so 0 to 1 is a guess."
    return None, "It has no scaling layer inside and is no family of Keras that would tell, so 0 to 1 is a guess."


def _scale_before(reached, colours):
    """The range that images must have had, so that what has become of them is a range that networks take; or None."""
    for scale in ("0..255", "0..1", "-1..1"):
        for other in SCALES:
            if other != scale and _is_scaled(reached[scale], colours, other):
                return scale
    for scale in ("0..255", "0..1"):
        black, white, grey = reached[scale][:3].mean(axis=1)
        linear = abs(black + white - 2 * grey) < 0.02 * abs(white - black)
        tells = not _is_scaled(reached[scale][:3], colours[:3], scale)  # what leaves grey as it is tells nothing
        if tells and linear and black < 0.6 and white > 0.4 and (0.4 <= white - black <= 8 or black < -50 < 50 < white):
            return scale
    return None


def _is_scaled(made, colours, scale):
    """Whether that is what a range makes of colours, to a fiftieth of it; grey may have become three colours."""
    colours = colours.repeat(3, axis=1) if (made.shape[1], colours.shape[1]) == (3, 1) else colours
    return (colours.shape[1] == 3 or scale in FOR_ALL) and _alike(made, _scaled(colours, scale), 0.02)


def _alike(made, wanted, share=0.0):
    """Whether two arrays of colours are the same, as far as half precision tells."""
    fits = made.shape == wanted.shape or (len(made), wanted.shape[1]) == (len(wanted), 1)
    return fits and np.allclose(made, wanted, rtol=5e-3, atol=5e-3 + share * np.ptp(wanted))


def _family(model, first):
    """(name, scale) of the family of keras.applications that the first convolution begins, else (None, None)."""
    names = {name.split("/")[-1] for name in layer_names(model)}
    for family, scale, own in FAMILIES:
        if own.split()[0] == getattr(first, "name", None) and names.issuperset(own.split()):
            return family, scale
    kernels = [weight for weight in model.weights if len(weight.shape) == 4][: len(INCEPTION)]
    if [tuple(kernel.shape) for kernel in kernels] == INCEPTION and kernels[0] is getattr(first, "kernel", None):
        return "Inception", "-1..1"
    return None, None


def _named(operation):
    """The name of a layer, or the bare one of an operation such as those of x / 255, which are numbered."""
    return operation.name if isinstance(operation, keras.Layer) else re.sub(r"_[0-9]+$", "", operation.name)


def _until_weights(model, images, colours):
    """What happens to images of one colour each before the first layer with a kernel.

    Returns:
        ([(operation, colours before, colours after)], that layer or None, the images that reach it).
    """
    values, steps, made = {id(model.inputs[0]): images}, [], images
    for operation in getattr(model, "operations", model.layers):
        nodes = [node for node in calls_of(operation) if node.input_tensors]
        node = next((each for each in nodes if all(id(tensor) in values for tensor in each.input_tensors)), None)
        if node is None:  # an input, or what reads something else
            continue
        images, first = values[id(node.input_tensors[0])], None
        if is_graph(operation):
            inside, first, made = _until_weights(operation, images, colours)
            steps += inside
        elif _has_kernel(operation):
            first, made = operation, images
        else:  # batch normalization is part of the network: what it has learned does not change the range it was given
            made = images if isinstance(operation, keras.layers.BatchNormalization) else call_again(node, values)
            steps.append((operation, _colours_of(images, colours), _colours_of(made, colours)))
        if first is not None:
            return steps, first, made
        values |= {id(tensor): value for tensor, value in zip(node.outputs, keras.tree.flatten(made))}
    return steps, None, made


def _has_kernel(operation):
    kernels = any(len(weight.shape) > 1 for weight in getattr(operation, "weights", ()))
    return kernels and not isinstance(operation, keras.layers.Normalization)


def _colours_of(images, colours):
    """The colour in the middle of each image, so not of what padding put around it: (images, colours)."""
    images = np.asarray(keras.ops.convert_to_numpy(keras.tree.flatten(images)[0]), np.float32)
    if images.ndim == 4:
        images = np.moveaxis(images, 1, -1) if channels_first(images.shape[1:]) else images
        return images[:, images.shape[1] // 2, images.shape[2] // 2]
    return np.median(images.reshape(len(images), -1, colours if images[0].size % colours == 0 else 1), axis=1)
