"""Copies of a network with a layer or two exchanged, so that the user's own is left alone."""

import random
from contextlib import contextmanager

import keras
import numpy as np

from helpers._shared.arguments import brief
from helpers._shared.errors import CourseError
from helpers._shared.keras_graph import last_operation
from helpers._shared.quiet_keras import without_xla
from helpers.activations import layer_names

__all__ = [
    "CONVOLUTIONS",
    "LOGITS",
    "copied",
    "find_layer",
    "has_maps",
    "layer_at",
    "linear_twin",
    "logit_twin",
    "own_random_numbers",
    "twin_with",
]

LOGITS = "logits_of_the_classes"  # the last layer of a logit_twin
REMOVABLE = ("softmax", "sigmoid", "log_softmax")  # final activations
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
    if name is not None and not isinstance(name, str):
        raise KeyError(f"a layer is asked for by its name, not by {brief(name)}: this model has {', '.join(names)}.")
    if name is None:
        found = [each for each in names if "#" not in each and isinstance(layer_at(model, each), CONVOLUTIONS)]
        if not found:
            raise CourseError(
                f"a network with a convolution is needed, and this one has {', '.join(names)}: "
                "a dense layer has no places to point at."
            )
        name = found[-1]
    if name not in names:
        raise KeyError(f"no layer {name!r}: this model has {', '.join(names)}.")
    if "#" in name or f"{name}#2" in names:
        raise CourseError(f"a layer that is called once is needed, and {name!r} is called again: choose another.")
    if not has_maps(layer_at(model, name)):
        maps = [each for each in names if "#" not in each and has_maps(layer_at(model, each))]
        raise CourseError(
            f"a layer with maps (height, width, channels) is needed, and {name!r} has none: "
            f"choose one of {', '.join(maps) or 'another network'}."
        )
    return name, layer_at(model, name)


def layer_at(model, name):
    """Return the layer of a name.

    Args:
        model: a Sequential or Functional Keras model.
        name: one of its layers' names, as `helpers.activations.layer_names` gives them.

    Returns:
        The Keras layer.
    """
    for part in name.split("/"):
        model = model.get_layer(part.split("#")[0].split("[")[0])
    return model


def has_maps(layer):
    """Say whether a layer answers with maps.

    Args:
        layer: a Keras layer that was called.

    Returns:
        True where its one output is ``(images, height, width, channels)``.
    """
    output = layer.output
    return not isinstance(output, (list, tuple, dict)) and len(output.shape) == 4


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


def twin_with(model, exchanged):
    """Copy a network and its weights, with some layers exchanged.

    Args:
        model: a Sequential or Functional Keras model; it is not changed.
        exchanged: dict from a layer of the model, at any depth, to a function that makes its successor of it;
            the successor has weights of the same shapes.

    Returns:
        A model of the same layer names, not to be trained.
    """
    makers = {id(layer): make for layer, make in exchanged.items()}

    def successor(layer):
        return makers.get(id(layer), copied)(layer)

    with own_random_numbers():
        copy = keras.models.clone_model(model, clone_function=successor, recursive=True)
    for weight, successor_weight in zip(model.weights, copy.weights, strict=True):
        # A copy, as JAX would share the array and take it back after a step; one after the other, as all at once would
        # fill the memory a third time.
        successor_weight.assign(np.array(keras.ops.convert_to_numpy(weight)))
    return without_xla(copy)


def linear_twin(model, layer):
    """Copy a network in which one layer answers with its values before the activation.

    Args:
        model: a Sequential or Functional Keras model; it is not changed.
        layer: one of its layers; one without an activation of its own stays as it is.

    Returns:
        (the copy, the activation that is gone as a function, which may be ``keras.activations.linear``).
    """
    if isinstance(layer, keras.layers.ReLU):
        return twin_with(model, {layer: lambda old: _Unchanged(name=old.name)}), layer
    activation = getattr(layer, "activation", None) or keras.activations.linear
    if activation is keras.activations.linear:
        return twin_with(model, {}), activation
    return twin_with(model, {layer: _without_activation}), activation


def logit_twin(model, exchanged=None):
    """Copy a network that answers with logits: what its final softmax or sigmoid is given.

    Args:
        model: a Sequential or Functional Keras model with one input and answers ``(images, classes)``.
        exchanged: further layers to exchange, see `twin_with`.

    Returns:
        A model whose last layer is named `LOGITS`, float32 ``(images, classes)``. One sigmoid becomes two
        columns, minus and plus.

    Raises:
        CourseError: if the network has several inputs or other answers, or ends in another activation.
    """
    layer_names(model)  # says what is wrong with a model that is no graph
    if len(model.inputs) != 1 or len(model.outputs) != 1 or len(model.outputs[0].shape) != 2:
        shapes = ", ".join(str(tuple(tensor.shape)) for tensor in model.outputs)
        raise CourseError(
            f"a network from one image to answers (images, classes) is needed, and one from {len(model.inputs)} "
            f"inputs to {shapes} came: build a model of its own for one answer."
        )
    end = last_operation(model)
    changes = dict(exchanged or {})
    if type(end).__name__ in ("Softmax", "Sigmoid", "LogSoftmax"):
        changes[end] = lambda old: _Unchanged(name=old.name)
    elif getattr(end, "activation", keras.activations.linear) is not keras.activations.linear:
        changes[end] = _checked_end(end)
    twin = twin_with(model, changes)
    answers = twin.outputs[0]
    if answers.shape[-1] == 1:
        answers = keras.layers.Concatenate(name="minus_and_plus")([-answers, answers])
    last = keras.layers.Activation("linear", dtype="float32", name=LOGITS)
    return without_xla(keras.Model(twin.inputs, last(answers)))


class _Unchanged(keras.layers.Layer):
    """Passes on what it is given; takes the mask that a Softmax layer is called with."""

    def call(self, inputs, mask=None):
        return inputs


def copied(layer):
    """Make a layer like another, for weights that are put in later.

    Args:
        layer: a built Keras layer; it is not changed.

    Returns:
        A layer of the same configuration and name, whose weights will begin as zeros.
    """
    if isinstance(layer, keras.layers.Lambda):  # Keras would ask whether to trust the code, which is loaded already
        shape = tuple(layer.output.shape[1:])
        given = {"mask": layer.mask, "arguments": layer.arguments, "name": layer.name, "dtype": layer.dtype_policy}
        return keras.layers.Lambda(layer.function, output_shape=shape, **given)
    return type(layer).from_config(_with_zeros(layer.get_config()))


def _with_zeros(config):
    """Begin with zeros, as the weights are copied anyway: random numbers for a large layer fill its memory twice."""
    own = {
        name: {"class_name": "Zeros", "config": {}}
        for name, value in config.items()
        if name.endswith("_initializer") and isinstance(value, dict) and value.get("module") == "keras.initializers"
    }
    return config | own


def _checked_end(end):
    if keras.activations.serialize(end.activation) not in REMOVABLE:
        raise CourseError(
            f"a network that ends in softmax, sigmoid or no activation is needed, and {end.name!r} ends in "
            f"{keras.activations.serialize(end.activation)!r}: build it with one of these."
        )
    return _without_activation


def _without_activation(layer):
    return type(layer).from_config({**_with_zeros(layer.get_config()), "activation": "linear"})
