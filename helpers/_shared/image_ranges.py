"""The range of values that a network takes, told by its own first layers, and whether images are in it."""

import math
import re

import keras
import numpy as np

from helpers._shared.keras_graph import call_again, calls_of, is_graph, places_in

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


def channels_first(shape):
    """Say whether the colours come first in an image.

    Args:
        shape: of the image: (height, width, colours), (colours, height, width) or another.

    Returns:
        True where they do.
    """
    return len(shape) == 3 and shape[0] in (1, 3, 4) and shape[2] not in (1, 3, 4)


def scales_of(colour):
    """List the ranges that suit the colours of a network.

    Args:
        colour: "rgb", "rgba" or "grey".

    Returns:
        A tuple of keys of `SCALES`.
    """
    return tuple(SCALES) if colour == "rgb" else FOR_ALL


def scaled(images, scale):
    """Bring values 0..1 to a range.

    Args:
        images: array ``(..., colours)``.
        scale: a key of `SCALES`.

    Returns:
        float32 array of the same shape.
    """
    if scale in ("caffe", "torch"):
        return keras.applications.imagenet_utils.preprocess_input(np.float32(255 * images), "channels_last", mode=scale)
    factor, offset = {"0..1": (1, 0), "-1..1": (2, -1), "0..255": (255, 0)}[scale]
    return np.float32(factor * images + offset)


def range_doubt(highest, scale, guess):
    """Say that values cannot be in the range that a network takes.

    Args:
        highest: the highest value of the images.
        scale: the key of `SCALES` that the network takes.
        guess: whether that is a guess.

    Returns:
        A sentence; "" where they can.
    """
    bytes_wanted = scale in ("0..255", "caffe")
    if bytes_wanted == (highest > 8) or (bytes_wanted and not 0 < highest <= 1):
        return ""
    what = "multiply them by 255" if bytes_wanted else "divide them by 255"
    known = f"this network takes {SCALES[scale]}{', as far as we can guess' if guess else ''}"
    return f"The highest value of these images is {highest:.3g}, and {known}: {what}, or choose the scale."


def doubts(model, arrays, known, before=0):
    """Yield a sentence on each image that is not finite, and on values that the network cannot take.

    Args:
        model: a Keras model that is a graph.
        arrays: what it is given, one array ``(images, ...)`` for each input.
        known: dict in which the range that the network takes is kept.
        before: how many images have come before these.

    Yields:
        Sentences.
    """
    for array in arrays:
        if array.dtype.kind in "fV" and not np.isfinite(np.float32([array.min(), array.max()])).all():  # NaN goes first
            place = next(number for number, image in enumerate(array) if not np.isfinite(np.float32(image)).all())
            which = f"images[{before + place}]"
            yield f"{which} holds values that are not finite: leave it out, or what is read means nothing."
    shape, highest = _image_shape(model), float(arrays[0].max())
    if shape is None or not (0 < highest <= 1 or 8 < highest < np.inf):
        return
    if "scale" not in known:
        known["scale"], _ = find_scale(model, shape)
    doubt = range_doubt(highest, known["scale"] or "0..1", known["scale"] is None)
    if doubt:
        yield doubt


def own_limits(model):
    """Find the values between which the images of a network lie.

    Args:
        model: a Keras model that is a graph.

    Returns:
        (lowest, highest); None where it takes no image, or nothing in it tells the range.
    """
    shape = _image_shape(model)
    scale = shape and find_scale(model, shape)[0]
    ends = scaled(COLOURS[:2, : shape[2]], scale) if scale else None
    return scale and (float(ends.min()), float(ends.max()))


def _image_shape(model):
    """(height, width, colours) of the one image that a network takes, 64 for a side of any length; else None."""
    shape = tuple(model.inputs[0].shape[1:])
    shape = (*shape[1:], shape[0]) if channels_first(shape) else shape
    fits = len(model.inputs) == 1 and len(shape) == 3 and shape[2] in (1, 3, 4)
    return tuple(side or 64 for side in shape) if fits else None


def find_scale(model, shape):
    """Find the range of values by what a family takes, or by what is done to images before the first layer.

    Images of a few colours in every range go as far as the first convolution or dense layer of each branch: what
    reaches it tells what is prepared inside, by whatever layers, operations and functions.

    Args:
        model: a Sequential or Functional Keras model of one input.
        shape: of an image, the colours last.

    Returns:
        (key of `SCALES`, a sentence on why); (None, why it is a guess).
    """
    colours = COLOURS[:, : shape[2] if len(shape) == 3 else 1]
    scales = SCALES if colours.shape[1] == 3 else FOR_ALL
    scales = sorted(scales, key=["0..255", *SCALES].index)  # most networks that prepare images take bytes
    given = np.concatenate([scaled(colours, scale) for scale in scales])
    places = max(1, math.prod(shape) // colours.shape[1])
    images = given.repeat(places, axis=0).reshape(-1, *shape)
    if channels_first(model.inputs[0].shape[1:]):
        images = np.moveaxis(images, -1, 1)
    reached = {id(model.inputs[0]): (keras.ops.convert_to_tensor(images), [])}
    branches = [*_until_weights(model, reached, colours.shape[1])] or [(*[*reached.values()][-1], None)]
    found = [(first, *_scale_of_branch(model, first, steps, made, scales, colours)) for made, steps, first in branches]
    told = [each for each in found if each[1]] or found
    if len({scale for _, scale, _ in told}) > 1:
        words = " and ".join(f"{first.name} {scale}" for first, scale, _ in told)
        return None, f"Its branches take images in different ranges, {words}, so 0 to 1 is a guess."
    return told[0][1:]


def _scale_of_branch(model, first, steps, images, scales, colours):
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
    return (colours.shape[1] == 3 or scale in FOR_ALL) and _alike(made, scaled(colours, scale), 0.02)


def _alike(made, wanted, share=0.0):
    """Whether two arrays of colours are the same, as far as half precision tells."""
    fits = made.shape == wanted.shape or (len(made), wanted.shape[1]) == (len(wanted), 1)
    return fits and np.allclose(made, wanted, rtol=5e-3, atol=5e-3 + share * np.ptp(wanted))


def _family(model, first):
    """(name, scale) of the family of keras.applications that the first convolution begins, else (None, None)."""
    names = {name.split("/")[-1] for name in places_in(model)}
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


def _until_weights(model, reached, colours):
    """Follow images of one colour each as far as the first layers with a kernel.

    Args:
        model: a network, or one nested in it.
        reached: dict from the ``id`` of a tensor to (the images that it stands for, what has been done to them: a list
            of (operation, colours before, colours after)); the tensors on the way are added.
        colours: how many colours the images have.

    Yields:
        (the images, what has been done to them, the layer with a kernel that they reach).
    """
    for operation in getattr(model, "operations", model.layers):
        nodes = [node for node in calls_of(operation) if node.input_tensors]
        node = next((each for each in nodes if all(id(tensor) in reached for tensor in each.input_tensors)), None)
        if node is None:  # an input, or what reads something else
            continue
        given = [reached[id(tensor)] for tensor in node.input_tensors]
        images, steps = given[0][0], [step for _, done in given for step in done]
        weights = () if isinstance(operation, keras.layers.Normalization) else getattr(operation, "weights", ())
        if is_graph(operation):
            reached.update(zip(map(id, operation.inputs), given))
            yield from _until_weights(operation, reached, colours)
            made = [reached.get(id(tensor)) for tensor in operation.outputs]
        elif any(len(weight.shape) > 1 for weight in weights):
            yield images, steps, operation
            continue
        else:
            values = {id(tensor): value for tensor, (value, _) in zip(node.input_tensors, given)}
            # What batch normalization has learned does not change the range it was given: it is part of the network.
            after = images if isinstance(operation, keras.layers.BatchNormalization) else call_again(node, values)
            steps = [*steps, (operation, _colours_of(images, colours), _colours_of(after, colours))]
            made = [(each, steps) for each in keras.tree.flatten(after)]
        reached.update({id(tensor): each for tensor, each in zip(node.outputs, made) if each})


def _colours_of(images, colours):
    """The colour in the middle of each image, so not of what padding put around it: (images, colours)."""
    images = np.asarray(keras.ops.convert_to_numpy(keras.tree.flatten(images)[0]), np.float32)
    if images.ndim == 4:
        images = np.moveaxis(images, 1, -1) if channels_first(images.shape[1:]) else images
        return images[:, images.shape[1] // 2, images.shape[2] // 2]
    return np.median(images.reshape(len(images), -1, colours if images[0].size % colours == 0 else 1), axis=1)
