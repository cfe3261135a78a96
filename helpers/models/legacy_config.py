"""From the configuration of a network that Keras 2 saved to a network of Keras 3, without its weights.

Keras' own loader stumbles over most such files, and from some it makes a network that gives other answers
than the saved one. So we read the configuration layer by layer, say it in Keras 3's words, and connect the
layers.
"""

import inspect

import keras

from helpers.models.model_files import Refused, find_registered, unknown_class

__all__ = ["hard_sigmoid", "layer_class", "rebuild"]

NETWORKS = ("Sequential", "Functional", "Model")
RENAMED_CLASSES = {
    "BatchNormalizationV1": "BatchNormalization",
    "BatchNormalizationV2": "BatchNormalization",
    "ThresholdedReLU": "ReLU",
}
RENAMED_SETTINGS = {("ThresholdedReLU", "theta"): "threshold", ("LeakyReLU", "alpha"): "negative_slope"}
PARTS = {"initializer": keras.initializers, "regularizer": keras.regularizers, "constraint": keras.constraints}
ANY = object()
# What Keras 3 no longer asks for, with the value that means what Keras 3 does anyway. A setting that is not
# here, or has another value here, would change the answers: such a file is refused.
DROPPED = {
    "adjustment": None,
    "batch_input_shape": ANY,
    "dynamic": False,
    "fused": ANY,
    "groups": 1,
    "implementation": ANY,
    "input_dtype": ANY,
    "input_length": ANY,
    "kernel_constraint": ANY,
    "kernel_initializer": ANY,
    "kernel_regularizer": ANY,
    "key_shape": ANY,
    "noise_shape": ANY,
    "query_shape": ANY,
    "ragged": False,
    "renorm": False,
    "sparse": False,
    "time_major": False,
    "trainable": ANY,
    "value_shape": ANY,
    "virtual_batch_size": None,
}


@keras.saving.register_keras_serializable(package="helpers")
def hard_sigmoid(values):
    """Return the hard sigmoid of Keras 2, ``0.2 x + 0.5`` between 0 and 1; that of Keras 3 has slope 1/6.

    Args:
        values: a tensor or array of any shape.

    Returns:
        A tensor of the same shape, values 0..1.
    """
    return keras.ops.clip(0.2 * values + 0.5, 0.0, 1.0)


ACTIVATIONS = {"hard_sigmoid": hard_sigmoid, "softmax_v2": "softmax"}


def rebuild(entry):
    """Build the network that a configuration of Keras 2 describes, with fresh weights.

    Args:
        entry: {"class_name": ..., "config": ...} of a Sequential or Functional network.

    Returns:
        The uncompiled keras.Model, its layers named as in the configuration ("/" becomes "_").

    Raises:
        Refused: if a class or a setting has no meaning in Keras 3, or the input's shape is not given.
    """
    kind, config = entry["class_name"], entry["config"]
    if kind == "Sequential":
        return _sequential(config, entry.get("name"))
    if kind in NETWORKS:
        return _functional(config)
    raise Refused(unknown_class(kind))


def layer_class(entry):
    """Return the class of a layer's entry: Keras' own or one that the user has registered.

    Args:
        entry: {"class_name": ..., "config": ...} of a layer.

    Returns:
        The class.

    Raises:
        Refused: if nobody knows the class.
    """
    kind = entry["class_name"]
    known = find_registered(entry) or getattr(keras.layers, RENAMED_CLASSES.get(kind, kind), None)
    if not inspect.isclass(known) or not issubclass(known, keras.Layer):
        raise Refused(unknown_class(kind))
    return known


def _sequential(config, name):
    if isinstance(config, dict):  # Keras 2.0 to 2.2.2 wrote the bare list of layers
        name = config.get("name", name)
    entries = config if isinstance(config, list) else config["layers"]
    shape = _batch_shape(entries[0])
    if shape is None and isinstance(config, dict):
        shape = config.get("build_input_shape")
    if shape is None:
        raise Refused("it does not say the shape of its input; build the network in Python and use its load_weights")
    stack = [_layer(entry) for entry in entries if entry["class_name"] != "InputLayer"]
    start = keras.Input(tuple(shape[1:]), name=f"{stack[0].name}_input")
    return keras.Sequential([start, *stack], name=_plain(name))


def _batch_shape(entry):
    """Return the (None, height, width, channels) that a first layer or network asks for, or None."""
    config = entry["config"]
    if entry["class_name"] not in NETWORKS:
        return config.get("batch_input_shape") or config.get("batch_shape")
    layers = config if isinstance(config, list) else config["layers"]
    built = None if isinstance(config, list) else config.get("build_input_shape")
    return _batch_shape(layers[0]) or built


def _functional(config):
    entries = config["layers"]
    layers = {
        entry["name"]: _input(entry) if entry["class_name"] == "InputLayer" else _layer(entry) for entry in entries
    }
    tensors = {name: [[layer]] if isinstance(layer, keras.KerasTensor) else [] for name, layer in layers.items()}
    calls = [(entry["name"], call) for entry in entries for call in entry["inbound_nodes"]]
    ends = [config["input_layers"], config["output_layers"]]
    first = _first_numbers(calls, ends)
    _call_layers(calls, layers, tensors, first)
    inputs, outputs = (_single(_follow(end, tensors, first)) for end in ends)
    return keras.Model(inputs, outputs, name=_plain(config.get("name")))


def _input(entry):
    config = entry["config"]
    for key in ("sparse", "ragged"):
        if config.get(key):
            raise Refused(f"its input '{entry['name']}' is {key}, and we read networks of full arrays only")
    shape = config.get("batch_input_shape") or config.get("batch_shape")
    return keras.Input(tuple(shape[1:]), dtype=config.get("dtype"), name=_plain(entry["name"]))


def _call_layers(calls, layers, tensors, first):
    """Call each layer as often as the configuration says, as soon as what it reads is there."""
    while calls:
        waiting = []
        for name, call in calls:
            earlier = any(name == other for other, _ in waiting)  # a layer's calls keep their order
            if earlier or not _is_ready(call, tensors, first):
                waiting.append((name, call))
                continue
            made = layers[name](*_arguments(call, tensors, first), **_keywords(call, tensors, first))
            tensors[name].append(list(made) if isinstance(made, list | tuple) else [made])
        if len(waiting) == len(calls):
            raise Refused(f"layer '{waiting[0][0]}' reads a layer that is not there or comes after it")
        calls = waiting


def _is_reference(item):
    """Tell whether an item is [layer, number of its call, number of its output, ...]."""
    return isinstance(item, list) and len(item) >= 3 and isinstance(item[0], str) and isinstance(item[1], int)


def _references(item):
    """Yield all references in a nested structure, those in keyword arguments included."""
    if _is_reference(item):
        yield item
        item = item[3:]
    if isinstance(item, dict):
        item = list(item.values())
    if isinstance(item, list):
        for inner in item:
            yield from _references(inner)


def _first_numbers(calls, ends):
    """Return for each layer the number that its first call bears.

    Keras 2 counted the calls of a nested network from 1, because making it was a call too, and those of a
    layer from 0. The last call is always read by somebody, so the highest number read tells which.
    """
    made, highest = {}, {}
    for name, _ in calls:
        made[name] = made.get(name, 0) + 1
    for name, number, *_ in _references([[call for _, call in calls], ends]):
        highest[name] = max(number, highest.get(name, 0))
    return {name: int(number >= made.get(name, 1)) for name, number in highest.items()}


def _is_ready(call, tensors, first):
    return all(number - first[name] < len(tensors.get(name, [])) for name, number, *_ in _references(call))


def _follow(item, tensors, first):
    """Replace each reference in a nested structure by its tensor."""
    if _is_reference(item):
        name, number, output = item[:3]
        return tensors[name][number - first[name]][output]
    if isinstance(item, list):
        return [_follow(inner, tensors, first) for inner in item]
    if isinstance(item, dict):
        return {key: _follow(inner, tensors, first) for key, inner in item.items()}
    return item


def _arguments(call, tensors, first):
    return [_single(_follow([reference[:3] for reference in call], tensors, first))]


def _keywords(call, tensors, first):
    given = {}
    for reference in call:
        given.update(reference[3] if len(reference) > 3 else {})
    return {key: _follow(value, tensors, first) for key, value in given.items() if value is not None}


def _single(items):
    return items[0] if isinstance(items, list) and len(items) == 1 else items


def _plain(name):
    """Return a layer's name without the "/" that Keras 3 refuses."""
    return name and name.replace("/", "_")


def _layer(entry):
    """Build one layer, or a nested network, from its entry."""
    if entry["class_name"] in NETWORKS:
        return rebuild(entry)
    known = layer_class(entry)
    if find_registered(entry):
        return known.from_config(dict(entry["config"]))
    settings = {}
    for key, value in entry["config"].items():
        key = RENAMED_SETTINGS.get((entry["class_name"], key), key)
        if key in _allowed(known):
            settings[key] = _value(key, value)
        elif key not in DROPPED or (DROPPED[key] is not ANY and DROPPED[key] != value):
            raise Refused(
                f"layer '{entry['config'].get('name')}' ({entry['class_name']}) has the setting {key} = "
                f"{value!r}, which Keras 3 does not know; rebuild the network in Python and use its "
                "load_weights"
            )
    settings["name"] = _plain(settings.get("name"))
    settings["dtype"] = settings.get("dtype") or "float32"  # never the reader's own global precision
    if known is keras.layers.GRU:
        settings.setdefault("reset_after", False)  # Keras 2.1 had no other kind; Keras 3 has another default
    if any(isinstance(value, keras.Layer) for value in settings.values()):
        return known(**settings)
    return known.from_config(settings)


def _allowed(known):
    """Return the names of the settings that a class takes, with those that it hands on to its parents."""
    names = set()
    for parent in known.__mro__:
        if "__init__" in vars(parent):
            parameters = inspect.signature(parent.__init__).parameters
            names |= set(parameters)
            if not any(given.kind is given.VAR_KEYWORD for given in parameters.values()):
                break
    return names - {"self", "args", "kwargs"}


def _value(key, value):
    """Say one setting in the words of Keras 3."""
    if isinstance(value, dict) and value.get("type") == "ndarray":
        return value["value"]
    if key == "dtype":
        return _precision(value)
    if key == "axis" and isinstance(value, list) and len(value) == 1:
        return value[0]
    if isinstance(value, str) and key.endswith("activation"):
        return _activation(value)
    if isinstance(value, dict) and "class_name" in value:
        what = key.rsplit("_", 1)[-1]
        return _part(value, PARTS[what]) if what in PARTS else _layer(value)
    if isinstance(value, list) and any(isinstance(item, dict) and "class_name" in item for item in value):
        return [_layer(item) for item in value]
    return value


def _activation(name):
    if name in ACTIVATIONS:
        return ACTIVATIONS[name]
    try:
        keras.activations.get(name)
    except ValueError:
        raise Refused(
            f"it uses the activation '{name}', which Keras {keras.__version__} does not have; register it "
            "with keras.saving.register_keras_serializable, or rebuild the network"
        ) from None
    return name


def _precision(value):
    """Return the name of a data type or precision policy; later Keras 2 wrote it as a class with settings."""
    name = value["config"]["name"] if isinstance(value, dict) else value
    return "float32" if name in ("infer", "_infer") else name


def _part(entry, module):
    """Return an initializer, regularizer or constraint."""
    kind, config = entry["class_name"], dict(entry.get("config") or {})
    known = find_registered(entry) or getattr(module, kind, None)
    if not inspect.isclass(known):
        raise Refused(unknown_class(kind))
    config.pop("dtype", None)  # initializers took one; now the layer's counts
    if config.get("distribution") == "normal":
        config["distribution"] = "truncated_normal"  # what "normal" always did
    return known.from_config(config)
