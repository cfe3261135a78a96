"""Copies of a network with a layer or two exchanged, so that the user's own is left alone."""

import math
from functools import partial

import keras
import numpy as np
from keras import layers

from helpers._shared.arguments import CourseError, as_indices, as_one_of, brief
from helpers._shared.keras_graph import made_by, node_of, places_in
from helpers._shared.quiet_keras import own_random_numbers, without_xla
from helpers.activations import activation_model, layer_names
from helpers.models.activation_names import PROBABLE, activation_name, final_activation
from helpers.models.input_format import channels_first

__all__ = ["CONVOLUTIONS", "find_layer", "linear_copy", "logit_copy", "node_at", "one_output", "single_outputs"]

CONVOLUTIONS = (layers.Conv2D, layers.Conv2DTranspose, layers.DepthwiseConv2D, layers.SeparableConv2D)
LEAST = 1e-30, 1e-7  # probabilities of a softmax, and of a sigmoid, whose logarithm is taken


def find_layer(model, name=None, input=None):
    """Find a layer with maps, also within a nested model.

    Args:
        model: a Sequential or Functional Keras model.
        name: the layer's name, a nested one as ``outer/inner``; None for the last convolution. Where an image comes
            out, the last one draws it, so there None is for the one with the fewest places, the last of these.
        input: name or number of the input behind which the convolution is sought if no layer is named; None for any.

    Returns:
        (name, its call in this model: a Keras node).

    Raises:
        KeyError: if there is no such layer; the sentence lists the names.
        CourseError: if the layer has no maps or is called more than once, or the network has no convolution or no such
            input.
    """
    source = None if input is None else model.inputs[as_one_of(input, "input", [each.name for each in model.inputs])]
    names = layer_names(model)
    if name is None:
        convolutions = [each for each in reversed(names) if isinstance(node_at(model, each).operation, CONVOLUTIONS)]
        if source is not None:
            convolutions = [each for each in convolutions if _reaches(model, each, source)]
        if not convolutions:
            asked = "a convolution" if source is None else f"a convolution behind input {source.name!r}"
            raise CourseError(f"a network with {asked} is needed, not one of {', '.join(names)}: take another.")
        name = convolutions[0] if len(model.outputs[0].shape) == 2 else max(convolutions, key=partial(_depth, model))
    node = node_at(model, name)
    if "#" in name or f"{name}#2" in names or not _has_maps(node):
        maps = [each for each in names if "#" not in each and _has_maps(node_at(model, each))]
        raise CourseError(
            "a layer with maps (height, width, channels) that is called once is needed, and "
            f"{name!r} is none: choose one of {', '.join(maps) or 'another network'}."
        )
    return name, node


def _depth(model, name):
    """How far a layer lies from both images: it has few places, or, where their number is not known, many channels."""
    shape = node_at(model, name).outputs[0].shape
    return shape[-1] if None in shape[1:3] else -math.prod(shape[1:3])


def _reaches(model, name, source):
    """Whether a layer, or the nested model that it lies in, depends on an input."""
    nodes = [places_in(model)[name][0][0]]
    for node in nodes:  # grows by what each call takes
        nodes += [each for each in dict.fromkeys(map(node_of, node.input_tensors)) if each not in nodes]
    return any(tensor is source for node in nodes for tensor in node.outputs)


def single_outputs(model):
    """Take a network with several outputs apart.

    Args:
        model: a Sequential or Functional Keras model.

    Returns:
        A dict from the name of each output (its key in a dict, else its layer's name, with its number where a layer has
        several) to the network as far as it.
    """
    layer_names(model)  # says what is wrong with a model that is no graph
    names, tensors = [made_by(model, model.outputs[0])[0].operation.name], model.outputs
    if len(tensors) > 1:
        names, tensors = zip(*model.output.items()) if isinstance(model.output, dict) else (model.output_names, tensors)
    names = [f"{name}[{place}]" if names.count(name) > 1 else name for place, name in enumerate(names)]
    inputs = model.inputs if len(model.inputs) > 1 else model.inputs[0]
    return {name: without_xla(keras.Model(inputs, tensor)) for name, tensor in zip(names, tensors)}


def one_output(model, output=None):
    """Take the network as far as one of its outputs.

    Args:
        model: a Sequential or Functional Keras model.
        output: name of the output, see `single_outputs`, or its number; None where there is one.

    Returns:
        (name of the output, the network).

    Raises:
        CourseError: if there is no such output, or none is named of several; the sentence lists them.
    """
    single = single_outputs(model)
    output = list(single)[as_one_of(output, "output", list(single))]
    return output, single[output]


def node_at(model, name):
    """Return the call of a layer in this very model; the layer may have been called in others before.

    Args:
        model: a Sequential or Functional Keras model.
        name: one of its layers' names, as `helpers.activations.layer_names` gives them.

    Returns:
        A Keras node, with ``operation``, ``input_tensors`` and ``outputs``.

    Raises:
        KeyError: if there is no such layer; the sentence lists the names.
    """
    names = layer_names(model)
    if not isinstance(name, str) or name not in names:
        raise KeyError(f"no layer {brief(name)}: this model has {', '.join(names)}.")
    nodes, _ = places_in(model)[name]
    return nodes[-1]


def linear_copy(model, name):
    """Copy a network as far as a layer's values before its activation.

    Args:
        model: a Sequential or Functional Keras model; it is not changed.
        name: of one of its layers; one without an activation of its own stays as it is.

    Returns:
        (the copy, from the same images to the values, shape of the layer's output; the activation that is gone, as a
        function of tensors, which may be ``keras.activations.linear``).

    Raises:
        KeyError: if there is no such layer; the sentence lists the names.
    """
    layer = node_at(model, name).operation
    copy = _copy_with(activation_model(model, [name]), {layer: _without_activation(layer)})
    return without_xla(keras.Model(copy.inputs, copy.outputs[0])), _activation_of(layer)


def logit_copy(model, tapped=None, place=None):
    """Copy a network that answers with logits: what its final softmax or sigmoid is given.

    Where probabilities are pooled or averaged after the softmax, there is no such thing; their logarithms take its
    place, as their softmax is the answer, too (of a sigmoid log(p / (1 - p))).

    Args:
        model: a Sequential or Functional Keras model with one output, ``(images, classes)`` or maps ``(images, height,
            width, channels)``.
        tapped: dict from a layer or operation, at any depth, to a function from its copy to what takes its place, of
            the same name and with weights of the same shapes.
        place: (row, column) in the maps that come out; None for the mean over all places.

    Returns:
        A model with a last layer of its own for the logits, float32 ``(images, classes)``, of maps
        ``(images, channels)``. One sigmoid becomes two columns, minus and plus.

    Raises:
        CourseError: if the network has other answers, ends in another activation, or its output has no such place.
    """
    (name, end, pooled), axes = final_activation(model), len(model.outputs[0].shape)
    maps = axes > 2
    if maps and name not in PROBABLE:
        name = "linear"  # values of any activation are asked for as they come out
    if name not in (*PROBABLE, "linear") or axes < 2:
        asked = "a network whose answers to each image end in softmax, sigmoid or no activation is needed"
        own = brief(name or getattr(end, "activation", end))
        raise CourseError(f"{asked}, and {end.name!r} ends in {own}: build it with one of these.")
    successors = {} if pooled or name == "linear" else {end: _without_activation(end)}
    for layer, tap in (tapped or {}).items():
        successors[layer] = tap(successors.get(layer) or _copied(layer))
    copy = _copy_with(model, successors)
    answers = keras.ops.cast(copy.outputs[0], "float32")
    if pooled and name == "softmax":
        answers = keras.ops.log(keras.ops.maximum(answers, LEAST[0]))
    elif pooled and name == "sigmoid":
        answers = keras.ops.clip(answers, LEAST[1], 1 - LEAST[1])
        answers = keras.ops.log(answers / (1 - answers))
    if channels_first(answers.shape[1:]):
        answers = keras.ops.moveaxis(answers, 1, -1)
    if answers.shape[-1] == 1 and not maps:
        answers = keras.ops.concatenate([-answers, answers], axis=-1)
    answers = _at_place(answers, place)
    last = layers.Activation("linear", dtype="float32", name="logits_of_the_classes")
    return without_xla(keras.Model(copy.inputs, last(answers)))


def _at_place(answers, place):
    """One number a channel: that of a place, or the mean over all."""
    size = tuple(answers.shape[1:-1])
    if place is None:
        return keras.ops.mean(answers, tuple(range(1, len(size) + 1))) if size else answers
    where = as_indices(place, "place").tolist()
    if len(where) != len(size) or any(side is not None and each >= side for each, side in zip(where, size)):
        raise CourseError(f"place must lie within what comes out, {size or 'no maps'}, not {brief(place)}: correct it.")
    return answers[(slice(None), *where)]


def _copied(layer, **changes):
    """Make a layer like another, for weights that are put in later.

    Args:
        layer: a built Keras layer; it is not changed.
        **changes: what is to differ in its configuration.

    Returns:
        A layer of the same configuration and name, whose weights will begin as zeros.
    """
    config = layer.get_config()
    if isinstance(layer, layers.Lambda):  # Keras would ask whether to trust the code, which is loaded already
        own = {"function": layer.function, "mask": layer.mask, "output_shape": layer.compute_output_shape}
        return layers.Lambda(**config | own)
    for name, value in config.items():  # random numbers for a large layer would fill its memory twice
        if name.endswith("_initializer") and isinstance(value, dict) and value.get("module") == "keras.initializers":
            config[name] = {"class_name": "Zeros", "config": {}}
    return type(layer).from_config(config | changes)


def _copy_with(model, successors):
    """Copy a network and its weights, some layers or operations exchanged."""
    with own_random_numbers():
        copy = keras.models.clone_model(
            model, recursive=True, clone_function=lambda layer: successors.get(layer) or _copied(layer)
        )
    for weight, own in zip(model.weights, copy.weights, strict=True):
        # A copy, as JAX would share the array and take it back after a step; one after the other, as all at once would
        # fill the memory a third time.
        own.assign(np.asarray(weight).copy())
    return copy


def _activation_of(layer):
    if getattr(layer, "weights", None) or hasattr(layer, "activation"):
        return getattr(layer, "activation", None) or keras.activations.linear
    return layer if activation_name(layer) else keras.activations.linear  # a ReLU, or the one of keras.ops.relu


def _without_activation(layer):
    own = _activation_of(layer)
    if own is layer:
        return layers.Lambda(lambda values: values, name=layer.name, dtype="float32")  # takes a mask, as Softmax
    return _copied(layer) if own is keras.activations.linear else _copied(layer, activation="linear")


def _has_maps(node):
    return len(node.outputs) == 1 and len(node.outputs[0].shape) == 4
