"""The forward pass of a saved network in plain NumPy, with weights read straight from its HDF5 file.

It shares no code with the package and none with Keras: what both say alike is right.
"""

import json

import h5py
import numpy as np


def plain_answers(path, images):
    """Return what the network in a file answers to images, or a list of arrays for several outputs."""
    with h5py.File(path, "r") as file:
        text = file.attrs["model_config"]
        entry = json.loads(text.decode() if isinstance(text, bytes) else text)
        arrays = {}
        file["model_weights"].visititems(lambda name, item: _keep(arrays, name, item))
    inputs = [images] if isinstance(images, np.ndarray) else images
    outputs = _network(entry, arrays, [item.astype("float64") for item in inputs])
    return outputs[0] if len(outputs) == 1 else outputs


def _keep(arrays, name, item):
    """Remember an array under (layer, kernel or bias or ...): the last two parts of its path."""
    if isinstance(item, h5py.Dataset):
        *_, layer, weight = name.split("/")
        arrays[layer, weight.split(":")[0]] = item[()].astype("float64")


def _network(entry, arrays, inputs):
    config = entry["config"]
    if entry["class_name"] == "Sequential":
        value = inputs[0]
        for inner in config if isinstance(config, list) else config["layers"]:
            value = _layer(inner, arrays, [value])
        return [value]
    made = {name: [value] for (name, _, _), value in zip(config["input_layers"], inputs, strict=True)}
    nested = {e["name"] for e in config["layers"] if e["class_name"] in ("Sequential", "Model", "Functional")}

    def read(name, number):
        return made[name][number - (name in nested)]

    waiting = [(e, call) for e in config["layers"] for call in e["inbound_nodes"]]
    while waiting:
        inner, call = waiting.pop(0)
        try:
            values = [read(name, number) for name, number, *_ in call]
        except (KeyError, IndexError):
            waiting.append((inner, call))
            continue
        made.setdefault(inner["name"], []).append(_layer(inner, arrays, values))
    return [read(name, number) for name, number, _ in config["output_layers"]]


def _layer(entry, arrays, values):
    kind, config = entry["class_name"], entry["config"]
    if kind in ("Sequential", "Model", "Functional"):
        return _network(entry, arrays, values)[0]
    value, name = values[0], config["name"]
    weight = {what: array for (layer, what), array in arrays.items() if layer == name}
    if kind == "Conv2D":
        return _activate(config["activation"], _convolve(value, weight["kernel"], config["padding"]) + weight["bias"])
    if kind == "Dense":
        return _activate(config["activation"], value @ weight["kernel"] + weight["bias"])
    if kind == "BatchNormalization":
        spread = np.sqrt(weight["moving_variance"] + config["epsilon"])
        return (value - weight["moving_mean"]) / spread * weight["gamma"] + weight["beta"]
    if kind == "Activation":
        return _activate(config["activation"], value)
    if kind == "LeakyReLU":
        return np.where(value > 0, value, config["alpha"] * value)
    if kind == "MaxPooling2D":
        return _pool(value, config["pool_size"])
    several = {"Add": sum, "Concatenate": lambda items: np.concatenate(items, axis=-1)}
    if kind in several:
        return several[kind](values)
    one = {
        "Flatten": lambda item: item.reshape(len(item), -1),
        "GlobalAveragePooling2D": lambda item: item.mean((1, 2)),
    }
    return one[kind](value) if kind in one else {"Dropout": value, "InputLayer": value}[kind]


def _convolve(value, kernel, padding):
    height, width = kernel.shape[:2]
    if padding == "same":
        sides = [((n - 1) // 2, n // 2) for n in (height, width)]
        value = np.pad(value, [(0, 0), *sides, (0, 0)])
    windows = np.lib.stride_tricks.sliding_window_view(value, (height, width), axis=(1, 2))
    return np.einsum("nyxcij,ijcf->nyxf", windows, kernel, optimize=True)


def _pool(value, size):
    count, height, width, channels = value.shape
    rows, columns = height // size[0], width // size[1]
    value = value[:, : rows * size[0], : columns * size[1]]
    return value.reshape(count, rows, size[0], columns, size[1], channels).max(axis=(2, 4))


def _activate(kind, value):
    if kind == "softmax":
        grown = np.exp(value - value.max(-1, keepdims=True))
        return grown / grown.sum(-1, keepdims=True)
    functions = {
        "linear": lambda v: v,
        "relu": lambda v: np.maximum(v, 0),
        "sigmoid": lambda v: 1 / (1 + np.exp(-v)),
        "hard_sigmoid": lambda v: np.clip(0.2 * v + 0.5, 0, 1),
    }
    return functions[kind](value)
