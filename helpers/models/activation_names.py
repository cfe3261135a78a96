"""What an activation is, whatever it is given as: its name, a function of Keras or TensorFlow, or a layer."""

import re

import keras

__all__ = ["activation_name"]

ALIASES = {"softmax_v2": "softmax", "log_softmax_v2": "log_softmax", "swish": "silu"}


def activation_name(given):
    """Say what an activation is.

    Args:
        given: the name that a file has for it, a function (of keras.activations, keras.ops, tf.nn or somebody's own),
            None, or a layer or operation that ends in one.

    Returns:
        Keras 3's name for it, such as "relu", "softmax", "silu", "leaky_relu" or "linear"; "relu_limited" and
        "relu_thresholded" for a ReLU layer of such kinds; a name given as such that is none of Keras' as it came; None
        for a function of somebody's own, and a layer that is no activation.
    """
    if given is None or isinstance(given, str):
        name = given or "linear"
        return ALIASES.get(name, name)
    if isinstance(given, keras.layers.ReLU):
        if given.threshold:
            return "relu_thresholded"
        if given.negative_slope:
            return "leaky_relu"
        return {None: "relu", 6: "relu6"}.get(given.max_value, "relu_limited")
    if hasattr(given, "activation"):
        return activation_name(given.activation)
    if isinstance(given, keras.Operation):
        kind = type(given).__name__
        name = {"ReLU": "relu", "PReLU": "prelu", "ELU": "elu", "LeakyReLU": "leaky_relu"}.get(kind)
        name = name or re.sub("([a-z])([A-Z])", r"\1_\2", kind).lower()
        return activation_name(name) if name == "prelu" or hasattr(keras.activations, name) else None
    name = getattr(given, "__name__", "")
    places = (keras.activations, keras.ops)
    if any(getattr(place, name, None) is given for place in places) or _is_tensorflows(given):
        return activation_name(name)
    return None


def _is_tensorflows(function):
    return (getattr(function, "__module__", None) or "").startswith("tensorflow.python.ops.")
