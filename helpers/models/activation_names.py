"""What an activation is, whatever it is given as: its name, a function of Keras or TensorFlow, or a layer."""

import keras

from helpers._shared.keras_graph import made_by

__all__ = ["PROBABLE", "activation_name", "final_activation"]

ALIASES = {"softmax_v2": "softmax", "log_softmax_v2": "log_softmax", "swish": "silu"}
# Layers and operations behind which answers are still what they were, in another order or shape.
KEEPING = ("Dropout", "SpatialDropout2D", "Reshape", "Flatten", "Permute", "Identity", "Squeeze", "Transpose", "Cast")
PROBABLE = ("softmax", "sigmoid", "log_softmax")


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


def final_activation(model):
    """Find the activation that makes a network's answers, also before what only hands them on, or averages them.

    Args:
        model: a Sequential or Functional Keras model; of several outputs the first counts.

    Returns:
        (name as `activation_name` gives it, None for a function of somebody's own, of an average over different ones
        all their names; the layer or operation that has it; whether the answers are means, or the largest, of what it
        gives).
    """
    last = made_by(model, model.outputs[0])[0].operation
    found = list(_ends(model, last, model.outputs[0], (), False))
    name, operation, pooled = found[0]
    names = sorted({str(name) for name, *_ in found})
    return (name if len(names) == 1 else " and ".join(names)), (operation if len(found) == 1 else last), pooled


def _ends(model, last, tensor, around, pooled):
    """Yield, for each branch of what is only handed on or averaged, what `final_activation` asks for."""
    node, around = made_by(model, tensor, around)
    operation, kind = node.operation, type(node.operation).__name__
    name = activation_name(operation)
    own = hasattr(operation, "activation") or (name is not None and not getattr(operation, "weights", None))
    pools = "Pooling" in kind or kind in ("Average", "Mean", "Max")
    hands_on = pools or kind in KEEPING or (name == "linear" and kind == "Activation")
    if own and name != "linear" or not hands_on:
        told = own and (operation is last or name in PROBABLE)  # a ReLU behind which values are pooled leaves values
        yield (name, operation, pooled) if told else ("linear", last, False)
        return
    for each in node.input_tensors:
        yield from _ends(model, last, each, around, pooled or pools)
