"""Copies of a network with a layer or two exchanged, so that the user's own is left alone."""

import random
from contextlib import contextmanager

import keras
import numpy as np

from helpers._shared.arguments import brief
from helpers._shared.errors import CourseError
from helpers._shared.keras_graph import last_operation
from helpers._shared.quiet_keras import without_xla
from helpers.activations import activation_model, layer_names

__all__ = ["CONVOLUTIONS", "copied", "find_layer", "layer_at", "linear_copy", "logit_copy", "own_random_numbers"]

CONVOLUTIONS = (
    keras.layers.Conv2D,
    keras.layers.Conv2DTranspose,
    keras.layers.DepthwiseConv2D,
    keras.layers.SeparableConv2D,
)


def find_layer(model, name=None):
    """Find a layer with maps, also within a nested model.

    Args:
        model: a Sequential or Functional Keras model.
        name: the layer's name, a nested one as ``outer/inner``; None for the last convolution.

    Returns:
        (name, layer).

    Raises:
        KeyError: if there is no such layer; the sentence lists the names.
        CourseError: if the layer has no maps or is called more than once, or the network has no convolution.
    """
    names = layer_names(model)
    if name is None:
        convolutions = (each for each in reversed(names) if isinstance(layer_at(model, each), CONVOLUTIONS))
        name = next(convolutions, None)
        if name is None:
            raise CourseError(f"a network with a convolution is needed, not one of {', '.join(names)}: take another.")
    layer = layer_at(model, name)
    if "#" in name or f"{name}#2" in names or not _has_maps(layer):
        maps = [each for each in names if "#" not in each and _has_maps(layer_at(model, each))]
        raise CourseError(
            "a layer with maps (height, width, channels) that is called once is needed, and "
            f"{name!r} is none: choose one of {', '.join(maps) or 'another network'}."
        )
    return name, layer


def layer_at(model, name):
    """Return the layer of a name.

    Args:
        model: a Sequential or Functional Keras model.
        name: one of its layers' names, as `helpers.activations.layer_names` gives them.

    Returns:
        The Keras layer.

    Raises:
        KeyError: if there is no such layer; the sentence lists the names.
    """
    names = layer_names(model)
    if not isinstance(name, str) or name not in names:
        raise KeyError(f"no layer {brief(name)}: this model has {', '.join(names)}.")
    for part in name.split("/"):
        model = model.get_layer(part.split("#")[0].split("[")[0])
    return model


@contextmanager
def own_random_numbers(seed=None):
    """Let Keras draw weights without a change to the random numbers that others get.

    Args:
        seed: whole number, from which the weights are drawn; None where they do not matter.

    Yields:
        Nothing.
    """
    before = random.getstate()
    if seed is not None:
        # The initializers of Keras draw their seeds from here. Words, as the number alone would bring back the
        # weights that a network had before a training with this very seed.
        random.seed(f"fresh weights {seed}")
    try:
        yield
    finally:
        random.setstate(before)


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
    layer = layer_at(model, name)
    copy = _copy_with(activation_model(model, [name]), layer)
    return without_xla(keras.Model(copy.inputs, copy.outputs[0])), _activation_of(layer)


def logit_copy(model, exchanged=None):
    """Copy a network that answers with logits: what its final softmax or sigmoid is given.

    Args:
        model: a Sequential or Functional Keras model with one input and answers ``(images, classes)``.
        exchanged: dict from further layers, at any depth, to their successors, each of the same name and with
            weights of the same shapes.

    Returns:
        A model with a last layer of its own for the logits, float32 ``(images, classes)``. One sigmoid becomes two
        columns, minus and plus.

    Raises:
        CourseError: if the network has several inputs or other answers, or ends in another activation.
    """
    layer_names(model)  # says what is wrong with a model that is no graph
    if len(model.inputs) != 1 or len(model.outputs) != 1 or len(model.outputs[0].shape) != 2:
        raise CourseError(
            f"a network from one image to answers (images, classes) is needed, and one from {len(model.inputs)} "
            f"inputs to {[tuple(tensor.shape) for tensor in model.outputs]} came: build a model for one answer."
        )
    end = last_operation(model)
    ends_in = keras.activations.serialize(_activation_of(end))
    if ends_in not in ("softmax", "sigmoid", "log_softmax", "linear"):
        asked = "a network that ends in softmax, sigmoid or no activation is needed"
        raise CourseError(f"{asked}, and {end.name!r} ends in {brief(ends_in)}: build it with one of these.")
    copy = _copy_with(model, end, exchanged)
    answers = copy.outputs[0]
    if answers.shape[-1] == 1:
        answers = keras.layers.Concatenate(name="minus_and_plus")([-answers, answers])
    last = keras.layers.Activation("linear", dtype="float32", name="logits_of_the_classes")
    return without_xla(keras.Model(copy.inputs, last(answers)))


def copied(layer, **changes):
    """Make a layer like another, for weights that are put in later.

    Args:
        layer: a built Keras layer; it is not changed.
        **changes: what is to differ in its configuration.

    Returns:
        A layer of the same configuration and name, whose weights will begin as zeros.
    """
    config = layer.get_config()
    if isinstance(layer, keras.layers.Lambda):  # Keras would ask whether to trust the code, which is loaded already
        own = {"function": layer.function, "mask": layer.mask, "output_shape": tuple(layer.output.shape[1:])}
        return keras.layers.Lambda(**config | own)
    for name, value in config.items():  # random numbers for a large layer would fill its memory twice
        if name.endswith("_initializer") and isinstance(value, dict) and value.get("module") == "keras.initializers":
            config[name] = {"class_name": "Zeros", "config": {}}
    return type(layer).from_config(config | changes)


def _copy_with(model, linear, exchanged=None):
    """Copy a network and its weights, one layer without its activation and others exchanged."""
    with own_random_numbers():
        successors = {linear: _without_activation(linear), **(exchanged or {})}
        copy = keras.models.clone_model(
            model, recursive=True, clone_function=lambda layer: successors.get(layer) or copied(layer)
        )
    for weight, own in zip(model.weights, copy.weights, strict=True):
        # A copy, as JAX would share the array and take it back after a step; one after the other, as all at once would
        # fill the memory a third time.
        own.assign(np.asarray(weight).copy())
    return copy


def _activation_of(layer):
    own = layer if isinstance(layer, keras.layers.ReLU) else getattr(layer, "activation", None)
    return own or keras.activations.linear


def _without_activation(layer):
    if type(layer).__name__ in ("ReLU", "Softmax", "Sigmoid", "LogSoftmax"):  # keras.ops.softmax has no layer
        return keras.layers.Lambda(lambda values: values, name=layer.name)  # it takes a mask, as a Softmax does
    return copied(layer) if _activation_of(layer) is keras.activations.linear else copied(layer, activation="linear")


def _has_maps(layer):
    return len(getattr(layer.output, "shape", ())) == 4  # several outputs come as a list
