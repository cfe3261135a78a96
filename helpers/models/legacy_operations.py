"""TensorFlow's operations between the layers of a network that Keras 2 saved, said in ``keras.ops``."""

import inspect
import re
from functools import reduce

import keras
import numpy as np
from keras import ops

from helpers.models.saved_files import Refused

__all__ = ["constant", "operation"]

# Operations that keras.ops has too; before the name may stand math, nn or reduce_.
COMMON = """abs add cast ceil clip_by_value concat cos divide elu exp expand_dims floor greater l2_normalize leaky_relu
less log max maximum mean min minimum multiply negative pow prod relu relu6 repeat reshape reverse round rsqrt selu
sigmoid sign silu sin softmax softplus sqrt square squeeze stack std subtract sum tanh tile transpose truediv""".split()
OTHERWISE = {  # what keras.ops calls otherwise: operations, and their settings
    "alpha": "negative_slope",
    "clip_by_value": "clip",
    "clip_value_max": "x_max",
    "clip_value_min": "x_min",
    "concat": "concatenate",
    "l2_normalize": "normalize",
    "method": "interpolation",
    "multiples": "repeats",
    "perm": "axes",
    "pow": "power",
    "reverse": "flip",
    "shape": "newshape",
    "truediv": "true_divide",
    "y": "x2",
}


def _pad(tensor, paddings, mode="CONSTANT", constant_values=0):
    return ops.pad(tensor, paddings, mode.lower(), constant_values if mode == "CONSTANT" else None)


def _place(item):
    """Return one place of a slice, or several: a number, a new axis, an ellipsis or a range."""
    if isinstance(item, list):
        return tuple(map(_place, item))
    if not isinstance(item, dict):
        return item
    return Ellipsis if "class_name" in item else slice(item["start"], item["stop"], item["step"])


def _same(tensor):
    return keras.layers.Identity()(tensor)


def _pool(pool):
    def sides(given):  # one number, (height, width) or (1, height, width, 1)
        return tuple(given[1:3] if len(given) == 4 else given) if isinstance(given, list) else given

    return lambda maps, ksize, strides, padding: pool(maps, sides(ksize), sides(strides), padding.lower())


def _split(value, num_or_size_splits, axis=0):
    several = isinstance(num_or_size_splits, list)
    return ops.split(value, np.cumsum(num_or_size_splits)[:-1].tolist() if several else num_or_size_splits, axis)


def _matmul(a, b, transpose_a=False, transpose_b=False):
    pairs = ((constant(a), transpose_a), (constant(b), transpose_b))
    return ops.matmul(*(ops.swapaxes(each, -1, -2) if turned else each for each, turned in pairs))


OTHERS = {
    "__operators__.getitem": lambda tensor, slice_spec: tensor[_place(slice_spec)],
    "compat.v1.pad": _pad,
    "identity": _same,
    "image.flip_left_right": lambda images: ops.flip(images, -2),
    "image.flip_up_down": lambda images: ops.flip(images, -3),
    "image.grayscale_to_rgb": lambda images: ops.repeat(images, 3, -1),
    "image.resize": ops.image.resize,
    "linalg.matmul": _matmul,
    "math.add_n": lambda tensors: reduce(ops.add, tensors),
    "math.argmax": lambda tensor, axis=0, output_type=None: ops.argmax(tensor, axis),
    "math.squared_difference": lambda x, y: ops.square(ops.subtract(x, y)),
    "nn.avg_pool2d": _pool(ops.average_pool),
    "nn.bias_add": lambda value, bias: ops.add(value, constant(bias)),
    "nn.gelu": lambda features, approximate=False: ops.gelu(features, approximate),
    "nn.max_pool2d": _pool(ops.max_pool),
    "split": _split,
    "stop_gradient": _same,
    "where": lambda condition, x, y: ops.where(condition, x, y),
}


def operation(entry):
    """Say in Keras 3 what stands in a network of Keras 2 as a layer TFOpLambda or SlicingOpLambda.

    Args:
        entry: {"class_name": ..., "config": ...} of the layer.

    Returns:
        A function of a symbolic tensor, or a list of them, and the settings of TensorFlow's operation.

    Raises:
        Refused: if it is an operation that we do not know and nobody has given; the function, if it is a setting.
    """
    symbol = entry["config"]["function"]
    refused = (
        f"layer '{entry['config'].get('name')}' is TensorFlow's operation '{symbol}'{{}}, which we do not rebuild; say "
        f"it in keras.ops as a function and load_model(file, custom_objects={{{{{symbol!r}: function}}}})"
    )
    plain = re.sub(r"^((__operators__|compat\.v1|math|nn)\.)?(reduce_)?", "", symbol)
    function = keras.saving.get_registered_object(symbol) or OTHERS.get(symbol)
    if function is None and plain in COMMON:
        function = getattr(ops, OTHERWISE.get(plain, plain))
    if function is None:
        raise Refused(refused.format(""))
    known = inspect.signature(function).parameters

    def compute(first, **settings):
        given = {}
        for key, value in settings.items():
            key = key if key in known else OTHERWISE.get(key, key)
            needless = value is None or (key, value) == ("data_format", "NHWC") or key == "name"
            if not needless and (key in known or value is not False):
                given[key] = constant(value) if key == "x2" else value
        try:
            return function(first, **given)
        except (TypeError, ValueError, NotImplementedError):
            raise Refused(refused.format(f" with {', '.join(settings)}")) from None

    return compute


def constant(value):
    """Bring a constant of an old file into the form that an operation takes.

    Args:
        value: a number, or nested lists of numbers.

    Returns:
        The number as it is, or the lists as a float32 array.
    """
    return np.asarray(value, np.float32) if isinstance(value, list) else value
