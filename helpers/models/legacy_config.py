"""From the configuration of a network that Keras 2 saved to a network of Keras 3, without its weights.

Keras' own loader stumbles over most such files, and from some it makes a network that gives other answers
than the saved one. So we read the configuration layer by layer, say it in Keras 3's words, and connect the
layers.
"""

import inspect
from collections import Counter

import keras

from helpers._shared.keras_graph import node_of
from helpers.models.activation_names import activation_name
from helpers.models.legacy_operations import constant, operation
from helpers.models.saved_files import Refused, find_registered, missing

__all__ = ["check_classes", "hard_sigmoid", "plain_name", "rebuild"]

CONSTANT = "_CONSTANT_VALUE"  # stands in a reference to a number or an array
NETWORKS = ("Sequential", "Functional", "Model")
RENAMED_SETTINGS = {("ThresholdedReLU", "theta"): "threshold", ("LeakyReLU", "alpha"): "negative_slope"}
PARTS = {"initializer": keras.initializers, "regularizer": keras.regularizers, "constraint": keras.constraints}
# What Keras 3 no longer asks for: settings that mean nothing to the answers, and switches that must be off. A setting
# that is not here, or a switch that is on, would change the answers: such a file is refused.
WITHOUT_MEANING = (
    "batch_input_shape fused implementation input_dtype input_length kernel_constraint kernel_initializer "
    "kernel_regularizer key_shape noise_shape query_shape trainable value_shape"
).split()
SWITCHES = "adjustment dynamic ragged renorm sparse time_major virtual_batch_size".split()


@keras.saving.register_keras_serializable(package="helpers")
def hard_sigmoid(values):
    """Return the hard sigmoid of Keras 2, ``0.2 x + 0.5`` between 0 and 1; that of Keras 3 has slope 1/6.

    Args:
        values: a tensor or array of any shape.

    Returns:
        A tensor of the same shape, values 0..1.
    """
    return keras.ops.clip(0.2 * values + 0.5, 0.0, 1.0)


def rebuild(entry):
    """Build the network that a configuration of Keras 2 describes, with fresh weights.

    Args:
        entry: {"class_name": ..., "config": ...} of a Sequential or Functional network.

    Returns:
        The uncompiled keras.Model, its layers named as in the configuration ("/" becomes "_").

    Raises:
        Refused: if a class or a setting has no meaning in Keras 3, or the input's shape is not given.
    """
    kind = entry["class_name"]
    if kind not in NETWORKS:
        raise Refused(missing(kind, None))
    return _sequential(entry) if kind == "Sequential" else _functional(entry["config"])


def check_classes(entry):
    """Look up the class of every layer, at any depth.

    Args:
        entry: {"class_name": ..., "config": ...} of a network or layer.

    Raises:
        Refused: if nobody knows a class.
    """
    if entry["class_name"] not in NETWORKS:
        _class_of(entry, keras.layers, entry["config"].get("name"))
        return
    for inner in entry["config"]["layers"]:
        check_classes(inner)


def _class_of(entry, module, where):
    """Return the class of a layer or of a part of one: Keras' own or one that the user has registered."""
    kind = entry["class_name"]
    plain = kind.removesuffix("V1").removesuffix("V2")  # TensorFlow 1 and 2 had a BatchNormalization each
    known = find_registered(entry) or getattr(module, "ReLU" if kind == "ThresholdedReLU" else plain, None)
    if not inspect.isclass(known):
        raise Refused(missing(kind, where))
    return known


def _sequential(entry):
    config = _network_config(entry)
    shape = _batch_shape(entry)
    if shape is None:
        raise Refused("it does not say the shape of its input; build the network in Python and use its load_weights")
    stack = [_layer(inner) for inner in config["layers"] if inner["class_name"] != "InputLayer"]
    start = keras.Input(tuple(shape[1:]), name=f"{stack[0].name}_input")
    return keras.Sequential([start, *stack], name=plain_name(config["name"]))


def _network_config(entry):
    """Return a network's configuration as a dict; Keras 2.0 to 2.2.2 wrote a Sequential's bare list of layers."""
    config = entry["config"] if isinstance(entry["config"], dict) else {"layers": entry["config"]}
    return {"name": entry.get("name"), **config}


def _batch_shape(entry):
    """Return the (None, height, width, channels) that a layer or network asks for, or None."""
    if entry["class_name"] not in NETWORKS:
        return entry["config"].get("batch_input_shape") or entry["config"].get("batch_shape")
    config = _network_config(entry)
    return _batch_shape(config["layers"][0]) or config.get("build_input_shape")


def _functional(config):
    """Build each layer, and call it as often as the configuration says, as soon as what it reads is there."""
    waiting = {entry["name"]: list(map(_arguments, entry["inbound_nodes"])) for entry in config["layers"]}
    ends = [config["input_layers"], config["output_layers"]]
    # The number of each layer's next call. Keras 2 counted those of a nested network from 1, because making it was a
    # call too, and those of a layer from 0. Each call is read by somebody, so the lowest number read tells which.
    numbers = Counter()
    for name, number, *_ in _references([waiting, ends]):
        numbers[name] = min(number, numbers.get(name, number))
    layers, tensors = {}, {}  # name: layer; (name, number of its call): list of outputs
    for entry in config["layers"]:
        name = entry["name"]
        if entry["class_name"] == "InputLayer":
            tensors[name, numbers[name]] = [_input(entry)]
        else:
            layers[name] = _layer(entry)
    while any(waiting.values()):
        before = len(tensors)
        for name, calls in waiting.items():
            while calls and all((layer, number) in tensors for layer, number, *_ in _references(calls[0])):
                given, keywords = _follow(calls.pop(0), tensors)
                made = layers[name](_single(given), **keywords)
                if not isinstance(layers[name], keras.Layer) and not isinstance(made, list | tuple):
                    # As the file calls it; Keras gives it no name of ours.
                    node_of(made).operation.name = plain_name(name)
                tensors[name, numbers[name]] = list(made) if isinstance(made, list | tuple) else [made]
                numbers[name] += 1
        if len(tensors) == before:
            name = next(name for name, calls in waiting.items() if calls)
            raise Refused(f"layer '{name}' reads a layer that is not there or comes after it")
    inputs, outputs = (_single(_follow(end, tensors)) for end in ends)
    return keras.Model(inputs, outputs, name=plain_name(config.get("name")))


def _arguments(call):
    """Return what a call is given as [references, keyword arguments]: each reference may bring some of these."""
    call = [call] if _is_reference(call) else call  # an operation's is no list of references but a single one
    keywords = {}
    for reference in call:
        keywords.update(*reference[3:])
    return [[reference[:3] for reference in call], {key: each for key, each in keywords.items() if each is not None}]


def _input(entry):
    config = entry["config"]
    if config.get("sparse") or config.get("ragged"):
        raise Refused(f"its input '{entry['name']}' is sparse or ragged, and we read networks of full arrays only")
    return keras.Input(tuple(_batch_shape(entry)[1:]), dtype=config.get("dtype"), name=plain_name(entry["name"]))


def _is_reference(item):
    """Tell whether an item is [layer, number of its call, number of its output, ...]."""
    return isinstance(item, list) and len(item) >= 3 and isinstance(item[0], str) and isinstance(item[1], int)


def _references(item):
    """List all references in a nested structure, but those to constants."""
    found = []
    keras.tree.traverse(lambda part: found.append(part) if _is_reference(part) else None, item)
    return [reference for reference in found if reference[0] != CONSTANT]


def _follow(item, tensors):
    """Replace each reference in a nested structure by its tensor, or by the constant that it holds."""

    def found(part):
        if not _is_reference(part):
            return None  # then its own parts are looked at
        name, number, output = part[:3]
        return constant(output) if name == CONSTANT else tensors[name, number][output]

    return keras.tree.traverse(found, item)


def _single(items):
    return items[0] if isinstance(items, list) and len(items) == 1 else items


def plain_name(name):
    """Say a layer's name without the "/" that Keras 3 refuses.

    Args:
        name: the name in a file, or None.

    Returns:
        The name with "_" in its place, or None.
    """
    return name and name.replace("/", "_")


def _layer(entry):
    """Build one layer, or a nested network, from its entry."""
    kind, config = entry["class_name"], entry["config"]
    if kind in NETWORKS:
        return rebuild(entry)
    if kind in ("TFOpLambda", "SlicingOpLambda"):
        return operation(entry)
    if kind == "Lambda":
        return _lambda(config)
    name = config.get("name")
    known, settings = _class_of(entry, keras.layers, name), {}
    if find_registered(entry):
        return known.from_config(dict(config))
    for key, value in config.items():
        key = RENAMED_SETTINGS.get((kind, key), key)
        needless = key in WITHOUT_MEANING or (key in SWITCHES and not value) or (key, value) == ("groups", 1)
        if key in _allowed(known):
            settings[key] = _value(key, value, name)
        elif not needless:
            raise Refused(
                f"layer '{name}' ({kind}) has the setting {key} = {value!r}, which Keras 3 does not know; "
                "rebuild the network in Python and use its load_weights"
            )
    settings["name"] = plain_name(name)
    settings["dtype"] = settings.get("dtype") or "float32"  # never the reader's own global precision
    if known is keras.layers.GRU:
        settings.setdefault("reset_after", False)  # Keras 2.1 had no other kind; Keras 3 has another default
    return known(**settings)


def _lambda(config):
    """Build a Lambda layer with the function that the user gives: the code in the file is never run.

    Keras 2 kept it as the bytecode of a Python of its time, which no Python of today can run.
    """
    name, function = config.get("name"), config.get("function")
    called = function if isinstance(function, str) else name  # the file holds its code, or its name alone
    given = keras.saving.get_registered_object(name) or keras.saving.get_registered_object(called)
    if given is None:
        held = f"the function '{called}' by its name" if called == function else "code of another Python, never run"
        raise Refused(
            f"layer '{name}' is a layer of class 'Lambda', and the file holds {held}; say in Python what it computes: "
            f"load_model(file, custom_objects={{{called!r}: function}}), or inspect --custom {called}=module:function"
        )
    return keras.layers.Lambda(given, arguments=config.get("arguments"), name=plain_name(name), dtype="float32")


def _allowed(known):
    """Return the names of the settings that a class takes, with those that it hands on to its parents."""
    names = set()
    for parent in known.__mro__:
        parameters = inspect.signature(parent.__init__).parameters
        names |= set(parameters)
        if "kwargs" not in parameters:
            break
    return names - {"self", "args", "kwargs"}


def _value(key, value, where):
    """Say one setting in the words of Keras 3."""
    if isinstance(value, dict) and value.get("type") == "ndarray":
        return value["value"]
    if key == "dtype":  # later Keras 2 wrote a precision as a class with settings
        name = value["config"]["name"] if isinstance(value, dict) else value
        return "float32" if name in ("infer", "_infer") else name
    if key == "axis":
        return _single(value)
    if isinstance(value, dict) and value.get("class_name") == "function":  # so wrote 2.12 and later
        value = value["config"]
    if isinstance(value, str) and key.endswith("activation"):
        return _activation(value, where)
    if isinstance(value, dict) and "class_name" in value:
        what = key.rsplit("_", 1)[-1]
        return _part(value, PARTS[what], where) if what in PARTS else _layer(value)
    if isinstance(value, list) and any(isinstance(item, dict) and "class_name" in item for item in value):
        return [_layer(item) for item in value]
    return value


def _activation(name, where):
    """Return the function that a user has registered under a name, or that Keras 2 meant by it."""
    given = keras.saving.get_registered_object(name) or {"hard_sigmoid": hard_sigmoid}.get(name)
    given = given or getattr(keras.activations, activation_name(name), None)
    if given is None:
        raise Refused(missing(name, where, "function"))
    return given


def _part(entry, module, where):
    """Return an initializer, regularizer or constraint."""
    config = dict(entry.get("config") or {})
    config.pop("dtype", None)  # initializers took one; now the layer's counts
    if config.get("distribution") == "normal":
        config["distribution"] = "truncated_normal"  # what "normal" always did
    return _class_of(entry, module, where).from_config(config)
