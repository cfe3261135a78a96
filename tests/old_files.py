"""Write whole-model ``.h5`` files as Keras 2.1 to 2.14 wrote them, with h5py alone.

The structure was compared with files that Keras 2.1.6, 2.2.0, 2.2.4, 2.3.1, 2.9.0 and 2.14.0 wrote.
"""

import io
import json
import re
import zipfile

import h5py
import numpy as np

VERSIONS = ("2.1.6", "2.2.0", "2.2.4", "2.4.0", "2.9.0", "2.14.0")
LIST_STYLE = ("2.1.6", "2.2.0")  # a Sequential's configuration is the bare list of its layers
MULTI_BACKEND = ("2.1.6", "2.2.0", "2.2.4")  # before TensorFlow took Keras over: no InputLayer, no dtype
ATTRIBUTE_LIMIT = 64512  # bytes that Keras put into one attribute


def part(version, module, kind, config):
    """Describe an initializer, regularizer or constraint."""
    if version != "2.14.0":
        return {"class_name": kind, "config": config}
    return {"module": f"keras.{module}", "class_name": kind, "config": config, "registered_name": None}


def glorot(version):
    if version in MULTI_BACKEND:
        config = {"scale": 1.0, "mode": "fan_avg", "distribution": "uniform", "seed": None}
        return part(version, "initializers", "VarianceScaling", config)
    return part(version, "initializers", "GlorotUniform", {"seed": None})


def layer(version, kind, name, **settings):
    """Describe a layer; ``shape`` (without the batch) marks the first one of a Sequential."""
    config = {"name": name, "trainable": settings.pop("trainable", True)}
    shape = settings.pop("shape", None)
    if shape is not None:
        config["batch_input_shape"] = [None, *shape]
    if shape is not None or version not in MULTI_BACKEND:
        config["dtype"] = "float32"
    return {"class_name": kind, "config": {**config, **settings}}


def conv(version, name, filters, kernel, *, padding="valid", activation="linear", **more):
    groups = {} if version in MULTI_BACKEND else {"groups": 1}
    return layer(
        version,
        "Conv2D",
        name,
        filters=filters,
        kernel_size=[kernel, kernel],
        strides=[1, 1],
        padding=padding,
        data_format="channels_last",
        dilation_rate=[1, 1],
        **groups,
        activation=activation,
        use_bias=True,
        kernel_initializer=glorot(version),
        bias_initializer=part(version, "initializers", "Zeros", {}),
        kernel_regularizer=None,
        bias_regularizer=None,
        activity_regularizer=None,
        kernel_constraint=None,
        bias_constraint=None,
        **more,
    )


def dense(version, name, units, *, activation="linear", **more):
    decay = part(version, "regularizers", "L1L2", {"l1": 0.0, "l2": 0.01})
    return layer(
        version,
        "Dense",
        name,
        units=units,
        activation=activation,
        use_bias=True,
        kernel_initializer=glorot(version),
        bias_initializer=part(version, "initializers", "Zeros", {}),
        kernel_regularizer=decay,
        bias_regularizer=None,
        activity_regularizer=None,
        kernel_constraint=part(version, "constraints", "MaxNorm", {"max_value": 2, "axis": 0}),
        bias_constraint=None,
        **more,
    )


def norm(version, name, **more):
    names = {"beta": "Zeros", "gamma": "Ones", "moving_mean": "Zeros", "moving_variance": "Ones"}
    first = {f"{key}_initializer": part(version, "initializers", kind, {}) for key, kind in names.items()}
    rest = {f"{key}_{what}": None for what in ("regularizer", "constraint") for key in ("beta", "gamma")}
    return layer(
        version,
        "BatchNormalization",
        name,
        axis=-1 if version in MULTI_BACKEND else [3],
        momentum=0.99,
        epsilon=0.001,
        center=True,
        scale=True,
        **first,
        **rest,
        **more,
    )


def pool(version, name, size=2):
    return layer(
        version,
        "MaxPooling2D",
        name,
        pool_size=[size, size],
        padding="valid",
        strides=[size, size],
        data_format="channels_last",
    )


def simple(version, kind, name, **more):
    """Describe a layer without weights: Flatten, Dropout, Activation, Add ..."""
    keepdims = {} if version in MULTI_BACKEND else {"keepdims": False}
    usual = {
        "Activation": {"activation": "relu"},
        "Concatenate": {"axis": -1},
        "Dropout": {"rate": 0.5, "noise_shape": None, "seed": None},
        "Flatten": {"data_format": "channels_last"},
        "GlobalAveragePooling2D": {"data_format": "channels_last", **keepdims},
        "LeakyReLU": {"alpha": 0.2},
    }
    return layer(version, kind, name, **{**usual.get(kind, {}), **more})


def input_layer(version, name, shape):
    ragged = {} if version in MULTI_BACKEND else {"ragged": False}
    config = {"batch_input_shape": [None, *shape], "dtype": "float32", "sparse": False, **ragged, "name": name}
    return {"class_name": "InputLayer", "config": config}


def sequential(version, name, entries):
    """Describe a Sequential network; its first layer's ``shape`` becomes an InputLayer from Keras 2.3 on."""
    first = entries[0]["config"]
    if version not in MULTI_BACKEND and isinstance(first, dict) and "batch_input_shape" in first:
        shape = first["batch_input_shape"][1:]
        entries = [input_layer(version, f"{first['name']}_input", shape), *entries]
    return {
        "class_name": "Sequential",
        "config": entries if version in LIST_STYLE else {"name": name, "layers": entries},
    }


def functional(version, name, entries, inputs, outputs):
    """Describe a Functional network.

    Args:
        entries: pairs of a layer's entry and its calls; a call is a list of (layer, number of its call) or
            (layer, number, keyword arguments). Keras counted calls of a nested network from 1.
        inputs, outputs: names of layers, or (name, number of the call).
    """
    layers = []
    for entry, calls in entries:
        name_here = entry.get("name") or entry["config"]["name"]
        nodes = [[[ref[0], ref[1], 0, dict(ref[2]) if len(ref) > 2 else {}] for ref in call] for call in calls]
        layers.append({**entry, "name": name_here, "inbound_nodes": nodes})
    ends = [[[end, 0, 0] if isinstance(end, str) else [*end, 0] for end in side] for side in (inputs, outputs)]
    kind = "Model" if version in MULTI_BACKEND else "Functional"
    trainable = {"trainable": True} if version == "2.14.0" else {}
    config = {"name": name, **trainable, "layers": layers, "input_layers": ends[0], "output_layers": ends[1]}
    return {"class_name": kind, "config": config}


def named(entry, name):
    """Give a nested network its name beside its configuration, as a Functional network lists its layers."""
    return {**entry, "name": name}


def write_names(group, attribute, names):
    """Write a list of names; one too long for an attribute is spread over several with a number."""
    names = np.asarray([name.encode() for name in names])
    pieces = 1
    while any(piece.nbytes > ATTRIBUTE_LIMIT for piece in np.array_split(names, pieces)):
        pieces += 1
    if pieces == 1:
        group.attrs[attribute] = names
    else:
        for number, piece in enumerate(np.array_split(names, pieces)):
            group.attrs[f"{attribute}{number}"] = piece


def write_weights(group, version, weights):
    """Write {layer: [(name of the array, array), ...]} as Keras 2 did; an empty list for no weights."""
    write_names(group, "layer_names", list(weights))
    group.attrs["backend"] = b"tensorflow"
    group.attrs["keras_version"] = version.encode()
    for name, arrays in weights.items():
        inner = group.create_group(name)
        write_names(inner, "weight_names", [key for key, _ in arrays])
        for key, array in arrays:
            inner.create_dataset(key, data=array)
    if version not in MULTI_BACKEND:
        write_names(group.create_group("top_level_model_weights"), "weight_names", [])


def write_file(path, version, entry, weights, *, compiled="no", backend="tensorflow"):
    """Write a whole model; ``compiled="yes"`` adds an optimizer with its state."""
    with h5py.File(path, "w") as file:
        file.attrs["keras_version"] = version.encode()
        file.attrs["backend"] = backend.encode()
        file.attrs["model_config"] = json.dumps(entry).encode()
        write_weights(file.create_group("model_weights"), version, weights)
        if compiled == "yes":
            optimizer = {"class_name": "RMSprop", "config": {"lr": 1e-4, "rho": 0.9, "decay": 0.0, "epsilon": 1e-7}}
            training = {
                "optimizer_config": optimizer,
                "loss": "mse",
                "metrics": ["acc"],
                "sample_weight_mode": None,
                "loss_weights": None,
            }
            file.attrs["training_config"] = json.dumps(training).encode()
            state = file.create_group("optimizer_weights")
            write_names(state, "weight_names", ["RMSprop/iterations:0"])
            state.create_dataset("RMSprop/iterations:0", data=np.int64(7))
    return path


def write_archive(path, version, entry, weights):
    """Write a ``.keras`` file as Keras 2.13 or 2.15 did; its form was compared with files that they wrote."""
    arrays = {}
    for name, array in [pair for pairs in weights.values() for pair in pairs]:
        arrays.setdefault(name.split("/")[-2], []).append(array)
    content = io.BytesIO()
    with h5py.File(content, "w") as file:
        _write_groups(file, version, entry, arrays)
    with zipfile.ZipFile(path, "w") as archive:
        archive.writestr("metadata.json", json.dumps({"keras_version": version, "date_saved": "2024-03-09@23:40:17"}))
        archive.writestr("config.json", json.dumps({"module": "keras.src.engine.functional", **entry}))
        archive.writestr("model.weights.h5", content.getvalue())
    return path


def _write_groups(group, version, entry, arrays):
    """Write a group for each layer, named by its class; 2.13 counted a layer with weights twice."""
    own, seen = group.create_group("vars"), {}
    for number, array in enumerate(arrays.get(entry["config"].get("name"), ())):
        own.create_dataset(str(number), data=array)
    container = "_layer_checkpoint_dependencies" if version.startswith("2.13") else "layers"
    for inner in entry["config"].get("layers", ()):
        kind = re.sub("([a-z])([A-Z])", r"\1_\2", inner["class_name"]).lower()
        kind = {"max_pooling2_d": "max_pooling2d", "leaky_re_lu": "leaky_re_lu"}.get(kind, kind)
        number = seen.get(kind, 0)
        if "shared_object_id" in inner:  # an earlier nested network holds it
            continue
        part = group.create_group(f"{container}/{kind}_{number}" if number else f"{container}/{kind}")
        _write_groups(part, version, inner, arrays)
        with_weights = bool(arrays.get(inner["config"].get("name"))) or "layers" in inner["config"]
        seen[kind] = number + (2 if with_weights and version.startswith("2.13") else 1)


class Weights:
    """Random arrays for layers, from a seed."""

    def __init__(self, seed=3):
        self.random = np.random.default_rng(seed)

    def array(self, *shape):
        return self.random.normal(0, 0.4, shape).astype("float32")

    def kernel(self, name, *shape):
        """Kernel and bias of a convolution or dense layer; the shape's last number counts its outputs."""
        return [(f"{name}/kernel:0", self.array(*shape)), (f"{name}/bias:0", self.array(shape[-1]))]

    def norm(self, name, channels):
        spread = np.abs(self.array(channels)) + 0.5
        return [
            (f"{name}/gamma:0", self.array(channels)),
            (f"{name}/beta:0", self.array(channels)),
            (f"{name}/moving_mean:0", self.array(channels)),
            (f"{name}/moving_variance:0", spread),
        ]
