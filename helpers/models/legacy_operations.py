"""TensorFlow's operations between the layers of a network that Keras 2 saved, said in ``keras.ops``."""

import keras
import numpy as np
from keras import ops

from helpers.models.model_files import Refused

__all__ = ["Operation", "constant"]

# TensorFlow's name, that in keras.ops, and the settings: those of TensorFlow = those of keras.ops where they differ.
TABLE = """
__operators__.add add y=x2
math.add add y=x2
math.subtract subtract y=x2
math.multiply multiply y=x2
math.truediv true_divide y=x2
math.divide true_divide y=x2
math.pow power y=x2
math.maximum maximum y=x2
math.minimum minimum y=x2
math.negative negative
math.abs abs
math.exp exp
math.log log
math.sqrt sqrt
math.rsqrt rsqrt
math.square square
math.floor floor
math.sigmoid sigmoid
math.tanh tanh
math.softplus softplus
nn.relu relu
nn.relu6 relu6
nn.leaky_relu leaky_relu alpha=negative_slope
nn.elu elu
nn.selu selu
nn.silu silu
nn.softmax softmax axis
clip_by_value clip clip_value_min=x_min clip_value_max=x_max
math.reduce_mean mean axis keepdims
math.reduce_sum sum axis keepdims
math.reduce_max max axis keepdims
math.reduce_min min axis keepdims
reshape reshape shape=newshape
expand_dims expand_dims axis
compat.v1.squeeze squeeze axis
compat.v1.transpose transpose perm=axes
concat concatenate axis
stack stack axis
cast cast dtype
reverse flip axis
tile tile multiples=repeats
"""


def _bias_add(value, bias, data_format="NHWC"):
    if data_format != "NHWC":
        raise ValueError(data_format)
    return ops.add(value, constant(bias))


def _gelu(features, approximate=False):
    return ops.gelu(features, approximate)


def _pad(tensor, paddings, mode="CONSTANT", constant_values=0):
    return ops.pad(tensor, paddings, mode.lower(), constant_values if mode == "CONSTANT" else None)


def _resize(images, size, method="bilinear", antialias=False):
    return ops.image.resize(images, size, method, antialias)


def _slice(tensor, slice_spec):
    return tensor[tuple(map(_place, slice_spec)) if isinstance(slice_spec, list) else _place(slice_spec)]


def _place(item):
    """Return one place of a slice: a number, a new axis, an ellipsis or a range."""
    if not isinstance(item, dict):
        return item
    return Ellipsis if "class_name" in item else slice(item["start"], item["stop"], item["step"])


OTHERS = {
    "__operators__.getitem": _slice,
    "compat.v1.pad": _pad,
    "identity": lambda tensor: keras.layers.Identity()(tensor),
    "image.grayscale_to_rgb": lambda images: ops.repeat(images, 3, -1),
    "image.resize": _resize,
    "nn.bias_add": _bias_add,
    "nn.gelu": _gelu,
    "stop_gradient": lambda tensor: keras.layers.Identity()(tensor),
}


class Operation:
    """What stands in a network of Keras 2 as a layer TFOpLambda or SlicingOpLambda.

    Args:
        entry: {"class_name": ..., "config": ...} of the layer.

    Raises:
        Refused: if it is an operation that we do not know and nobody has given.
    """

    def __init__(self, entry):
        self.name, self.symbol = entry["config"].get("name"), entry["config"].get("function")
        self.function, self.words = keras.saving.get_registered_object(self.symbol), None
        if self.function is not None:
            return
        rows = {line.split()[0]: line.split()[1:] for line in TABLE.split("\n") if line}
        if self.symbol in rows:
            name, *words = rows[self.symbol]
            self.function = getattr(ops, name)
            self.words = dict((word.split("=") * 2)[:2] for word in words)
        elif self.symbol in OTHERS:
            self.function = OTHERS[self.symbol]
        else:
            raise Refused(self._unknown(""))

    def __call__(self, first, **settings):
        """Compute it of symbolic tensors, as the layer of Keras 2 was called."""
        settings.pop("name", None)
        if self.words is not None:
            if not set(settings) <= set(self.words):
                raise Refused(self._unknown(f" with {', '.join(settings)}"))
            settings = {self.words[name]: value for name, value in settings.items()}
        if "x2" in settings:
            settings["x2"] = constant(settings["x2"])
        try:
            return self.function(first, **settings)
        except (TypeError, ValueError, NotImplementedError):
            raise Refused(self._unknown(f" with {', '.join(settings)}")) from None

    def _unknown(self, settings):
        return (
            f"layer '{self.name}' is TensorFlow's operation '{self.symbol}'{settings}, which we do not rebuild; say it "
            f"in keras.ops as a function and load_model(file, custom_objects={{{self.symbol!r}: function}})"
        )


def constant(value):
    """Return a number as it is, and nested lists of numbers as a float32 array."""
    return np.asarray(value, np.float32) if isinstance(value, list) else value
