"""Describe a Keras network so that a page can run it: its layers in words, its weights as bytes."""

import keras
import numpy as np

from helpers._shared.errors import CourseError
from helpers._shared.keras_graph import places_in
from helpers.activations import layer_names
from helpers.models.activation_names import activation_name

__all__ = ["describe_network"]

IMAGE = (28, 28, 1)
ANSWERS = 10
# What web/network.js can do.
ACTIVATIONS = ("elu", "linear", "relu", "sigmoid", "softmax", "tanh")
PLAIN = {"strides": (1, 1), "padding": "valid", "dilation_rate": (1, 1), "groups": 1}


def describe_network(model):
    """Describe a network of convolutions, max pooling and dense layers, one after the other.

    Dropout does nothing when a network answers, and is left out.

    Args:
        model: a Keras model from images ``(count, 28, 28, 1)``, values 0..1, to ten answers, such as
            `helpers.models.mnist_cnn` or `helpers.models.digits_cnn`.

    Returns:
        (layers, weights). ``layers`` is a list of dicts that JSON can hold: "name", "kind" ("convolution",
        "pooling", "flatten" or "dense"), "shape" and "inputShape" (height, width, channels); where it has them
        "window" (height, width), "activation", and "weights" and "bias", each the (first, after last) place in
        ``weights``: one float32 array of all numbers, little-endian, in Keras' own order.

    Raises:
        CourseError: if the network is no such chain of layers; the sentence names the layer.
    """
    _check_ends(model)
    layers, numbers, shape, end = [], [], IMAGE, 0
    for node in _chain(model):
        layer = node.operation
        described = {"name": layer.name, "inputShape": list(shape), **_describe(layer)}
        shape = _three(node.outputs[0].shape[1:])
        described["shape"] = list(shape)
        for key, values in zip(("weights", "bias"), _weights_of(layer), strict=False):
            described[key] = [end, end + values.size]
            end += values.size
            numbers.append(values.ravel())
        layers.append(described)
    return layers, np.concatenate(numbers).astype("<f4")


def _check_ends(model):
    """The page draws images of 28x28 and shows ten answers."""
    layer_names(model)  # says what is wrong with what is no graph of layers
    shapes = [tuple(each.shape[1:]) for each in (*model.inputs, *model.outputs)]
    if shapes != [IMAGE, (ANSWERS,)]:
        ways = " to ".join(str(shape) for shape in shapes)
        raise CourseError(
            f"the page needs a network from grey images {IMAGE} to {ANSWERS} answers, and {model.name} goes {ways}: "
            "take one that reads digits."
        )


def _chain(model):
    """The calls of the layers that the page shows; an error where they are not one after the other."""
    nodes = [nodes[0] for nodes, _ in places_in(model, nested=True).values() if len(nodes) == 1]
    last = model.inputs[0]
    for node in nodes:
        if node.input_tensors != [last]:
            raise CourseError(
                f"the page needs layers one after the other, and {node.operation.name} takes something else than the "
                "output of the layer before it: take a network without branches."
            )
        last = node.outputs[0]
    return [node for node in nodes if not isinstance(node.operation, keras.layers.Dropout)]


def _describe(layer):
    """What a layer does, in the words of web/network.js."""
    kinds = keras.layers
    if isinstance(layer, kinds.Flatten):
        return {"kind": "flatten"}
    if isinstance(layer, kinds.Dense):
        return {"kind": "dense", "activation": _activation(layer)}
    if isinstance(layer, kinds.Conv2D) and all(getattr(layer, name) == value for name, value in PLAIN.items()):
        return {"kind": "convolution", "activation": _activation(layer), "window": list(layer.kernel_size)}
    whole = isinstance(layer, kinds.MaxPooling2D) and layer.padding == "valid" and layer.strides == layer.pool_size
    if whole:
        return {"kind": "pooling", "window": list(layer.pool_size)}
    raise CourseError(
        f"the page can run plain convolutions, max pooling, dense layers, Flatten and Dropout, and {layer.name} is a "
        f"{type(layer).__name__} of another kind: take a network of those."
    )


def _activation(layer):
    name = activation_name(layer)
    if name not in ACTIVATIONS:
        raise CourseError(
            f"the page knows the activations {', '.join(ACTIVATIONS)}, and {layer.name} has {name}: take one of those."
        )
    return name


def _weights_of(layer):
    """Weights and bias; zeros where a layer has no bias."""
    weights = layer.get_weights()
    if len(weights) == 1:
        weights.append(np.zeros(weights[0].shape[-1], np.float32))
    return weights


def _three(shape):
    """A layer's shape as (height, width, channels); units are channels of one pixel."""
    return tuple(shape) if len(shape) == 3 else (1, 1, *shape)
