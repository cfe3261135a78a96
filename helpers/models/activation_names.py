"""What an activation is, whatever it is given as: its name, a function of Keras or TensorFlow, or a layer."""

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
        for a function of somebody's own, and a layer that is no activation or has weights for it (PReLU).
    """
    if given is None or isinstance(given, str):
        return ALIASES.get(given, given) or "linear"
    if isinstance(given, keras.layers.ReLU):
        if given.threshold:
            return "relu_thresholded"
        if given.negative_slope:
            return "leaky_relu"
        return {None: "relu", 6: "relu6"}.get(given.max_value, "relu_limited")
    if hasattr(given, "activation"):
        return activation_name(given.activation)
    if isinstance(given, keras.Operation):  # the layer LeakyReLU, and what keras.ops.leaky_relu leaves in a graph
        kind = type(given).__name__.lower()
        return next((name for name in dir(keras.activations) if name.replace("_", "") == kind), None)
    name, module = (getattr(given, key, None) or "" for key in ("__name__", "__module__"))
    keras_own = any(getattr(place, name, None) is given for place in (keras.activations, keras.ops))
    return activation_name(name) if keras_own or module.startswith("tensorflow.python.ops.") else None
