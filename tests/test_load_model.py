"""load_model: what loads, with exact answers; what is refused, in one sentence; and that no code runs."""

import base64
import io
import json
import marshal
import math
import pickle
import re
import shutil
import zipfile

import h5py
import keras
import numpy as np
import old_files as old
import pytest
import tensorflow as tf
from old_networks import (
    RANDOM,
    base,
    base_weights,
    branches,
    images,
    nested_first,
    nested_frozen,
    nested_in_the_middle,
    nested_without_name,
    old_sigmoid,
    stack,
)
from PIL import Image
from plain_network import plain_answers

from helpers._shared.errors import CourseError
from helpers._shared.keras_graph import node_of
from helpers.activations import read_activations
from helpers.course import data_folder
from helpers.models import load_model
from helpers.models.activation_names import activation_name
from helpers.models.legacy_config import hard_sigmoid


def answers(model, given):
    """Return what a network answers; a plain call, as predict prepares itself for half a second."""
    found = model(given, training=False)
    return [np.asarray(item) for item in found] if isinstance(found, list) else np.asarray(found)


def largest_difference(found, expected):
    """Return the largest difference, in units of the largest answer where that is above 1."""
    if isinstance(expected, list):
        assert len(found) == len(expected)
        return max(map(largest_difference, found, expected))
    assert found.shape == expected.shape
    return float(np.abs(found - expected).max() / max(1, np.abs(expected).max()))


def error_of(path, kind=CourseError):
    """Return the one sentence with which load_model refuses a file."""
    with pytest.raises(kind) as refused:
        load_model(path)
    sentence = str(refused.value)
    assert type(refused.value) is kind
    assert sentence.endswith(".") and "\n" not in sentence
    assert not re.search(r"[.!?]\s", sentence), f"more than one sentence: {sentence}"
    return sentence


# ---- networks of old, each written with h5py and followed in plain NumPy

OLD_NETWORKS = [stack, branches, nested_first, nested_frozen, nested_in_the_middle, nested_without_name, old_sigmoid]


@pytest.mark.parametrize("version", old.VERSIONS)
@pytest.mark.parametrize("network", OLD_NETWORKS)
def test_old_network(tmp_path, network, version):
    entry, weights, given = network(version)
    path = old.write_file(tmp_path / "net.h5", version, entry, weights)
    assert largest_difference(answers(load_model(path), given), plain_answers(path, given)) < 1e-6


@pytest.mark.parametrize("version", ["2.13.1", "2.15.0"])
@pytest.mark.parametrize("network", [stack, branches, nested_first, nested_in_the_middle, old_sigmoid])
def test_old_archive(tmp_path, network, version):
    """Two layers of one class, shared and nested ones; 2.13 numbered the groups in another way than 2.15."""
    entry, weights, given = network("2.14.0")
    path = old.write_file(tmp_path / "net.h5", "2.14.0", entry, weights)
    archive = old.write_archive(tmp_path / "net.keras", version, entry, weights)
    assert largest_difference(answers(load_model(archive), given), plain_answers(path, given)) < 1e-6


@pytest.mark.parametrize("version", ["2.13.1", "2.15.0"])
def test_old_archive_of_nested_networks_that_share_a_layer(tmp_path, version):
    """The file holds its weights once, in the first of them; a layer of the same class behind it has its own."""
    make, shared = old.Weights(), old.conv(version, "shared", 3, 1, shape=(4, 4, 3))
    one = old.sequential(version, "one", [shared])
    other = old.sequential(version, "other", [shared | {"shared_object_id": 7}, old.conv(version, "own", 3, 1)])
    entry = old.sequential(version, "net", [old.named(one, "one"), old.named(other, "other")])
    weights = {name: make.kernel(name, 1, 1, 3, 3) for name in ("shared", "own")}
    path = old.write_archive(tmp_path / "net.keras", version, entry, weights)
    model, given = load_model(path), images(4, 4, 3)
    expected = given
    for name in ("shared", "shared", "own"):
        (_, kernel), (_, bias) = weights[name]
        expected = expected @ kernel[0, 0] + bias
    assert largest_difference(answers(model, given), expected) < 1e-6


def test_archive_of_keras_3_of_nested_networks_that_share_a_layer(tmp_path):
    shared, own = keras.layers.Conv2D(3, 1, name="shared"), keras.layers.Conv2D(3, 1, name="own")
    one, other = (keras.Sequential([keras.Input((4, 4, 3)), *each]) for each in ([shared], [shared, own]))
    model = keras.Sequential([keras.Input((4, 4, 3)), one, other])
    model.save(tmp_path / "net.keras")
    given = images(4, 4, 3)
    assert largest_difference(answers(load_model(tmp_path / "net.keras"), given), answers(model, given)) < 1e-6


def test_old_archive_lacks_weights(tmp_path):
    entry, weights, _ = stack("2.14.0")
    path = old.write_archive(tmp_path / "net.keras", "2.15.0", entry, weights | {"conv2d_2": []})
    assert "holds a layer 'conv2d_2' without weights" in error_of(path)
    wrong = old.Weights().kernel("conv2d_2", 3, 3, 4, 5)
    path = old.write_archive(tmp_path / "net.keras", "2.15.0", entry, weights | {"conv2d_2": wrong})
    assert "layer 'conv2d_2' and its weights do not fit" in error_of(path)


@pytest.mark.parametrize("name", ["net.keras", "net.model", "net.H5", "net"])
def test_content_counts_and_not_the_suffix(tmp_path, name):
    entry, weights, given = stack("2.9.0")
    path = old.write_file(tmp_path / name, "2.9.0", entry, weights)
    assert largest_difference(answers(load_model(path), given), plain_answers(path, given)) < 1e-6
    expected = modern_stack()
    for suffix in (".keras", ".h5"):
        expected.save(tmp_path / f"other{suffix}")
        shutil.copy(tmp_path / f"other{suffix}", tmp_path / name)
        given = images(8, 8, 3)
        np.testing.assert_array_equal(answers(load_model(tmp_path / name), given), answers(expected, given))


def softmax(values):
    return np.exp(values) / np.exp(values).sum(-1, keepdims=True)


def blocks(values):
    return values.reshape(-1, 2, 2, 2, 2, 3)


EVERY = {"start": None, "stop": None, "step": None}
OPERATIONS = [  # TensorFlow's name, settings in the file, the same in NumPy
    ("math.truediv", {"y": 255.0, "name": None}, lambda x: x / 255),
    ("__operators__.add", {"y": 3, "name": None}, lambda x: x + 3),
    ("math.subtract", {"y": [1.0, 2.0, 3.0], "name": None}, lambda x: x - [1, 2, 3]),
    ("math.multiply", {"y": ["in", 0, 0], "name": None}, lambda x: x * x),
    ("math.pow", {"y": 2, "name": None}, lambda x: x**2),
    ("nn.relu", {"name": None}, lambda x: np.maximum(x, 0)),
    ("nn.relu6", {}, lambda x: np.clip(x, 0, 6)),
    ("nn.leaky_relu", {"alpha": 0.1}, lambda x: np.where(x > 0, x, 0.1 * x)),
    ("nn.softmax", {"axis": -1}, softmax),
    ("nn.bias_add", {"bias": [1.0, 2.0, 3.0], "data_format": "NHWC"}, lambda x: x + [1, 2, 3]),
    ("math.reduce_mean", {"axis": [1, 2]}, lambda x: x.mean((1, 2))),
    ("math.reduce_max", {"axis": -1, "keepdims": True}, lambda x: x.max(-1, keepdims=True)),
    ("reshape", {"shape": [-1, 48]}, lambda x: x.reshape(-1, 48)),
    ("expand_dims", {"axis": 1}, lambda x: x[:, np.newaxis]),
    ("compat.v1.transpose", {"perm": [0, 3, 1, 2], "conjugate": True}, None),
    ("compat.v1.transpose", {"perm": [0, 3, 1, 2], "conjugate": False}, lambda x: x.transpose(0, 3, 1, 2)),
    ("math.reduce_std", {"axis": [1, 2], "keepdims": False}, lambda x: x.std((1, 2))),
    ("math.l2_normalize", {"axis": -1}, lambda x: x / np.sqrt((x**2).sum(-1, keepdims=True))),
    ("repeat", {"repeats": 2, "axis": 1}, lambda x: x.repeat(2, 1)),
    ("nn.gelu", {}, lambda x: x * 0.5 * (1 + np.vectorize(math.erf)(x / 2**0.5))),
    ("compat.v1.pad", {"paddings": [[0, 0], [1, 2], [0, 1], [0, 0]], "mode": "REFLECT", "constant_values": 0}, "pad"),
    ("image.resize", {"size": [8, 8], "method": "nearest"}, lambda x: x.repeat(2, 1).repeat(2, 2)),
    ("clip_by_value", {"clip_value_min": 0.2, "clip_value_max": 0.6}, lambda x: np.clip(x, 0.2, 0.6)),
    ("math.argmax", {"axis": -1, "output_type": "int64"}, lambda x: x.argmax(-1)),
    ("math.squared_difference", {"y": 0.5}, lambda x: (x - 0.5) ** 2),
    ("linalg.matmul", {"b": ["in", 0, 0], "transpose_a": True}, lambda x: x.swapaxes(-1, -2) @ x),
    ("linalg.matmul", {"b": [[1.0], [2.0], [3.0]]}, lambda x: x @ [[1], [2], [3]]),
    ("nn.max_pool2d", {"ksize": 2, "strides": [2, 2], "padding": "VALID"}, lambda x: blocks(x).max((2, 4))),
    (
        "nn.avg_pool2d",
        {"ksize": [1, 2, 2, 1], "strides": [1, 2, 2, 1], "padding": "SAME", "data_format": "NHWC"},
        lambda x: blocks(x).mean((2, 4)),
    ),
    ("nn.avg_pool2d", {"ksize": 2, "strides": 2, "padding": "SAME", "data_format": "NCHW"}, None),
    ("split", {"num_or_size_splits": [1, 2], "axis": -1}, lambda x: x[..., :1]),
    ("split", {"num_or_size_splits": 2, "axis": 1}, lambda x: x[:, :2]),
    ("where", {"x": 0.25, "y": ["in", 0, 0]}, lambda x: np.where(x != 0, 0.25, x)),
    ("image.flip_left_right", {}, lambda x: x[:, :, ::-1]),
    ("image.flip_up_down", {}, lambda x: x[:, ::-1]),
    ("cast", {"dtype": "float32"}, lambda x: x),
    ("identity", {}, lambda x: x),
    ("__operators__.getitem", {"slice_spec": [{"class_name": "__ellipsis__"}, EVERY | {"step": -1}]}, "turned"),
    ("__operators__.getitem", {"slice_spec": [EVERY, 0, EVERY | {"start": 1, "stop": -1}]}, lambda x: x[:, 0, 1:-1]),
]
SAME = {"pad": lambda x: np.pad(x, [[0, 0], [1, 2], [0, 1], [0, 0]], "reflect"), "turned": lambda x: x[..., ::-1]}


def one_operation(path, symbol, *calls, form="h5"):
    """Write a network of one operation; a call is what stands in ``inbound_nodes``."""
    kind = "SlicingOpLambda" if "getitem" in symbol else "TFOpLambda"
    entry = old.layer("2.14.0", kind, "tf.it", function=symbol)
    network = old.functional(
        "2.14.0", "net", [(old.input_layer("2.14.0", "in", (4, 4, 3)), []), (entry, [])], ["in"], ["tf.it"]
    )
    network["config"]["layers"][1]["inbound_nodes"] = list(calls)
    write = old.write_file if form == "h5" else old.write_archive
    return write(path / f"net.{form}", "2.15.0", network, {})


@pytest.mark.parametrize(("symbol", "settings", "same"), OPERATIONS, ids=[row[0] for row in OPERATIONS])
def test_operation_between_layers(tmp_path, symbol, settings, same):
    path = one_operation(tmp_path, symbol, ["in", 0, 0, settings])
    given = images(4, 4, 3) - 0.3
    if same is None:
        assert f"layer 'tf.it' is TensorFlow's operation '{symbol}' with {', '.join(settings)}" in error_of(path)
        return
    model, expected = load_model(path), SAME.get(same, same)(given)
    assert largest_difference(answers(model, given), expected) < 1e-6
    if symbol.startswith("math"):
        assert model.operations[-1].name == "tf.it"
        model.save(tmp_path / "again.keras")
        assert largest_difference(answers(load_model(tmp_path / "again.keras"), given), expected) < 1e-6


def test_operation_on_several_and_on_a_number(tmp_path):
    given = images(4, 4, 3)
    both = [["in", 0, 0, {"axis": 1}], ["in", 0, 0, {"axis": 1}]]
    path = one_operation(tmp_path, "concat", both, form="keras")
    np.testing.assert_array_equal(answers(load_model(path), given), np.concatenate([given, given], 1))
    path = one_operation(tmp_path, "math.add_n", [["in", 0, 0, {}], ["in", 0, 0, {}]])
    np.testing.assert_array_equal(answers(load_model(path), given), given + given)
    path = one_operation(tmp_path, "math.subtract", ["_CONSTANT_VALUE", -1, 1.0, {"y": ["in", 0, 0], "name": None}])
    np.testing.assert_array_equal(answers(load_model(path), given), 1 - given)


def test_operation_that_is_not_known_can_be_given(tmp_path):
    path = one_operation(tmp_path, "math.cumsum", ["in", 0, 0, {"axis": 1}])
    assert "layer 'tf.it' is TensorFlow's operation 'math.cumsum', which we do not rebuild" in error_of(path)
    given, own = images(4, 4, 3), {"math.cumsum": keras.ops.cumsum}
    assert largest_difference(answers(load_model(path, custom_objects=own), given), given.cumsum(1)) < 1e-6


def own_activation(values):
    return keras.ops.maximum(values, 0.25)


@pytest.mark.parametrize("form", ["h5", "keras"])
def test_function_is_named_and_can_be_given(tmp_path, form):
    """Keras 2 wrote its name alone into .h5, and an entry of its own into an archive."""
    entry = old.simple("2.14.0", "Activation", "own", activation="own_activation", shape=(4,))
    if form == "keras":
        function = {"module": "builtins", "class_name": "function", "config": "own_activation"}
        entry["config"]["activation"] = {**function, "registered_name": "function"}
    write = old.write_file if form == "h5" else old.write_archive
    path = write(tmp_path / f"net.{form}", "2.15.0", old.sequential("2.14.0", "net", [entry]), {})
    assert "layer 'own' needs the function 'own_activation'" in error_of(path)
    given = images(4)
    model = load_model(path, custom_objects={"own_activation": own_activation})
    np.testing.assert_array_equal(answers(model, given), np.maximum(given, 0.25))


@pytest.mark.parametrize("version", ["2.9.0", "3"])
def test_lambda_that_names_a_function(tmp_path, version):
    """It needs no trust: the file holds no code."""
    given, own = images(4), {"own_activation": own_activation}
    if version == "3":
        path = tmp_path / "net.keras"
        keras.Sequential([keras.Input((4,)), keras.layers.Lambda(own_activation, name="own")]).save(path)
    else:
        settings = {"function": "own_activation", "function_type": "function", "module": "__main__", "arguments": {}}
        entry = old.layer(version, "Lambda", "own", shape=(4,), **settings)
        path = old.write_file(tmp_path / "net.h5", version, old.sequential(version, "net", [entry]), {})
    assert "'own_activation'" in error_of(path) and "layer 'own'" in error_of(path)
    np.testing.assert_array_equal(answers(load_model(path, custom_objects=own), given), np.maximum(given, 0.25))


ACTIVATIONS = [
    ("relu", "relu"),
    ("softmax_v2", "softmax"),
    ("swish", "silu"),
    ("their_own", "their_own"),
    (None, "linear"),
    (keras.activations.relu, "relu"),
    (keras.ops.relu, "relu"),
    (tf.nn.relu, "relu"),
    (tf.nn.softmax, "softmax"),
    (tf.nn.swish, "silu"),
    (own_activation, None),
    (keras.layers.Dense(2, activation=tf.nn.softmax), "softmax"),
    (keras.layers.Conv2D(2, 2), "linear"),
    (keras.layers.ReLU(), "relu"),
    (keras.layers.ReLU(6), "relu6"),
    (keras.layers.ReLU(0.5), "relu_limited"),
    (keras.layers.ReLU(threshold=0.5), "relu_thresholded"),
    (keras.layers.LeakyReLU(), "leaky_relu"),
    (keras.layers.Softmax(), "softmax"),
    (keras.layers.Flatten(), None),
    (keras.layers.PReLU(), None),
    (node_of(keras.ops.relu(keras.Input((2,)))).operation, "relu"),
    (node_of(keras.ops.log_softmax(keras.Input((2,)))).operation, "log_softmax"),
]


@pytest.mark.parametrize(("given", "name"), ACTIVATIONS)
def test_activation_name(given, name):
    assert activation_name(given) == name


@pytest.mark.parametrize("version", old.VERSIONS)
def test_old_network_with_its_optimizer(tmp_path, version):
    entry, weights, given = stack(version)
    path = old.write_file(tmp_path / "net.h5", version, entry, weights, compiled="yes")
    model = load_model(path)
    assert not model.compiled
    assert largest_difference(model.predict(given, verbose=0), plain_answers(path, given)) < 1e-6


@pytest.mark.parametrize("version", ["2.1.6", "2.9.0"])
def test_nested_arrays_in_another_order(tmp_path, version):
    """The order of a nested network's arrays depends on what was frozen when saved, their names not."""
    entry, weights, given = nested_first(version)
    by_layer = sorted(weights["base"], key=lambda item: item[0].split("/")[0])
    assert [name for name, _ in by_layer] != [name for name, _ in weights["base"]]
    path = old.write_file(tmp_path / "net.h5", version, entry, weights | {"base": by_layer})
    assert largest_difference(answers(load_model(path), given), plain_answers(path, given)) < 1e-6


@pytest.mark.parametrize("network", [nested_first, nested_frozen])
def test_nested_arrays_under_other_names(tmp_path, network):
    """TensorFlow 1 added a number to names it had seen before in the session; then the order tells."""
    entry, weights, given = network("2.2.4")
    path = old.write_file(tmp_path / "plain.h5", "2.2.4", entry, weights)
    renamed = [(name.replace("/", "_1/"), array) for name, array in weights["base"]]
    other = old.write_file(tmp_path / "net.h5", "2.2.4", entry, weights | {"base": renamed})
    assert largest_difference(answers(load_model(other), given), plain_answers(path, given)) < 1e-6


@pytest.mark.parametrize("version", ["2.1.6", "2.14.0"])
def test_layers_keep_their_names(tmp_path, version):
    entry, weights, _ = stack(version)
    model = load_model(old.write_file(tmp_path / "net.h5", version, entry, weights))
    assert [layer.name for layer in model.layers] == list(weights)
    assert model.inputs[0].shape == (None, 10, 10, 3)


def test_every_array_is_that_of_the_file(tmp_path):
    entry, weights, _ = stack("2.2.4")
    model = load_model(old.write_file(tmp_path / "net.h5", "2.2.4", entry, weights))
    for name, arrays in weights.items():
        for found, (_, expected) in zip(model.get_layer(name).get_weights(), arrays, strict=True):
            np.testing.assert_array_equal(found, expected)


@pytest.mark.parametrize("suffix", [".h5", ".hdf5"])
def test_names_spread_over_several_attributes(tmp_path, suffix):
    """HDF5 holds 64 kB in an attribute; Keras spread longer lists over layer_names0, layer_names1 ..."""
    names = [f"layer_{number}_{'x' * 3000}" for number in range(24)]
    entries = [old.dense("2.2.4", name, 2, **({"shape": (2,)} if name is names[0] else {})) for name in names]
    make = old.Weights()
    weights = {name: make.kernel(name, 2, 2) for name in names}
    entry = old.sequential("2.2.4", "long", entries)
    path = old.write_file(tmp_path / f"net{suffix}", "2.2.4", entry, weights)
    with h5py.File(path) as file:
        assert "layer_names1" in file["model_weights"].attrs
    given = images(2)
    assert largest_difference(answers(load_model(path), given), plain_answers(path, given)) < 1e-6


def one_layer(tmp_path, version, entry, arrays):
    """Write a network of one layer."""
    network = old.sequential(version, "sequential_1", [entry])
    path = tmp_path / "net.h5"
    return old.write_file(path, version, network, {entry["config"]["name"]: arrays})


SQUARE = (6, 6, 4)
DIFFERENCES = [  # class, its settings in Keras 2, shapes of its weights, the layer that Keras 3 has for it
    (
        "ReLU",
        {"max_value": {"type": "ndarray", "value": 0.7}, "negative_slope": 0.1, "threshold": 0.0},
        [],
        lambda: keras.layers.ReLU(0.7, 0.1),
    ),
    ("ThresholdedReLU", {"theta": 0.4}, [], lambda: keras.layers.ReLU(threshold=0.4)),
    ("ELU", {"alpha": 0.7}, [], lambda: keras.layers.ELU(0.7)),
    ("Activation", {"activation": "softmax_v2"}, [], lambda: keras.layers.Softmax()),
    ("Activation", {"activation": "swish"}, [], lambda: keras.layers.Activation("silu")),
    (
        "ZeroPadding2D",
        {"padding": [[1, 1], [2, 0]], "data_format": "channels_last"},
        [],
        lambda: keras.layers.ZeroPadding2D(((1, 1), (2, 0))),
    ),
    ("SpatialDropout2D", {"rate": 0.5, "noise_shape": None, "seed": None}, [], keras.layers.Identity),
    ("Dropout", {"rate": 0.5, "noise_shape": [None, 1, 1, 4], "seed": 3}, [], keras.layers.Identity),
    ("UpSampling2D", {"size": [2, 2], "data_format": "channels_last"}, [], keras.layers.UpSampling2D),
    (
        "DepthwiseConv2D",
        {
            "kernel_size": [3, 3],
            "groups": 1,
            "depth_multiplier": 2,
            "padding": "same",
            "depthwise_initializer": {"class_name": "GlorotUniform", "config": {"dtype": "float32"}},
        },
        [(3, 3, 4, 2), (8,)],
        lambda: keras.layers.DepthwiseConv2D(3, padding="same", depth_multiplier=2),
    ),
    (
        "SeparableConv2D",
        {
            "filters": 3,
            "kernel_size": [3, 3],
            "groups": 1,
            "kernel_initializer": None,
            "kernel_regularizer": None,
            "kernel_constraint": None,
        },
        [(3, 3, 4, 1), (1, 1, 4, 3), (3,)],
        lambda: keras.layers.SeparableConv2D(3, 3),
    ),
    (
        "Conv2D",
        {
            "filters": 3,
            "kernel_size": [3, 3],
            "use_bias": False,
            "kernel_initializer": {
                "class_name": "VarianceScaling",
                "config": {"scale": 2.0, "mode": "fan_in", "distribution": "normal"},
            },
        },
        [(3, 3, 4, 3)],
        lambda: keras.layers.Conv2D(3, 3, use_bias=False),
    ),
    (
        "Dense",
        {
            "units": 3,
            "dtype": {"class_name": "Policy", "config": {"name": "float32"}},
            "activation": {"class_name": "LeakyReLU", "config": {"name": "leaky", "alpha": 0.25}},
        },
        [(4, 3), (3,)],
        lambda: keras.layers.Dense(3, activation=keras.layers.LeakyReLU(0.25)),
    ),
    (
        "BatchNormalizationV1",
        {"axis": [3], "fused": True, "renorm": False, "scale": False, "epsilon": 0.01},
        [(4,), (4,), "spread"],
        lambda: keras.layers.BatchNormalization(scale=False, epsilon=0.01),
    ),
    ("PReLU", {"shared_axes": [1, 2]}, [(1, 1, 4)], lambda: keras.layers.PReLU(shared_axes=[1, 2])),
    ("GlobalAveragePooling2D", {"data_format": "channels_last"}, [], keras.layers.GlobalAveragePooling2D),
    (
        "TimeDistributed",
        {"layer": {"class_name": "Dense", "config": {"name": "inner", "units": 3}}},
        [(4, 3), (3,)],
        lambda: keras.layers.TimeDistributed(keras.layers.Dense(3)),
    ),
    (
        "ConvLSTM2D",
        {"filters": 2, "kernel_size": [3, 3], "implementation": 1, "unit_forget_bias": True, "shape": (2, 6, 6, 4)},
        [(3, 3, 4, 8), (3, 3, 2, 8), (8,)],
        lambda: keras.layers.ConvLSTM2D(2, 3),
    ),
    (
        "GRU",
        {"units": 2, "implementation": 1, "shape": (5, 4)},
        [(4, 6), (2, 6), (6,)],
        lambda: keras.layers.GRU(2, reset_after=False),
    ),
    (
        "LSTM",
        {"units": 2, "time_major": False, "recurrent_activation": "hard_sigmoid", "shape": (5, 4)},
        [(4, 8), (2, 8), (8,)],
        lambda: keras.layers.LSTM(2, recurrent_activation=hard_sigmoid),
    ),
    (
        "Bidirectional",
        {
            "merge_mode": "concat",
            "shape": (5, 4),
            "layer": {"class_name": "SimpleRNN", "config": {"name": "inner", "units": 2}},
        },
        [(4, 2), (2, 2), (2,)] * 2,
        lambda: keras.layers.Bidirectional(keras.layers.SimpleRNN(2)),
    ),
    (
        "Embedding",
        {"input_dim": 9, "output_dim": 2, "input_length": 4, "shape": (4,)},
        [(9, 2)],
        lambda: keras.layers.Embedding(9, 2),
    ),
]


@pytest.mark.parametrize(("kind", "settings", "shapes", "modern"), DIFFERENCES, ids=[row[0] for row in DIFFERENCES])
def test_old_settings(tmp_path, kind, settings, shapes, modern):
    """What Keras 2 called otherwise, asked for besides, or meant otherwise."""
    shape = settings.get("shape", SQUARE)
    make = old.Weights()
    arrays = [make.array(4) ** 2 + 0.5 if item == "spread" else make.array(*item) for item in shapes]
    entry = old.layer("2.2.4", kind, "it", **{"shape": shape, **settings})
    path = one_layer(tmp_path, "2.2.4", entry, [(f"it/w{n}:0", array) for n, array in enumerate(arrays)])
    model = load_model(path)
    other = keras.Sequential([keras.Input(shape), modern()])
    other.set_weights(arrays)
    given = images(*shape) - (0.5 if kind not in ("Embedding",) else 0)
    given = np.floor(given * 9) if kind == "Embedding" else given
    assert largest_difference(answers(model, given), answers(other, given)) < 1e-6


def test_old_normalization(tmp_path):
    """Its mean and variance are weights of which the layer keeps copies; EfficientNet begins with one."""
    mean, variance = np.array([0.2, 0.5, 0.7], "float32"), np.array([0.1, 0.5, 2], "float32")
    arrays = [("it/mean:0", mean), ("it/variance:0", variance), ("it/count:0", np.int64(9))]
    entry = old.layer("2.9.0", "Normalization", "it", shape=(4, 4, 3), axis=[3], mean=None, variance=None)
    given = images(4, 4, 3)
    found = answers(load_model(one_layer(tmp_path, "2.9.0", entry, arrays)), given)
    assert largest_difference(found, (given - mean) / np.sqrt(variance)) < 1e-6


def test_hard_sigmoid_survives_a_new_file(tmp_path):
    entry, weights, given = old_sigmoid("2.9.0")
    model = load_model(old.write_file(tmp_path / "net.h5", "2.9.0", entry, weights))
    model.save(tmp_path / "net.keras")
    np.testing.assert_array_equal(answers(load_model(tmp_path / "net.keras"), given), answers(model, given))


def test_slash_in_a_name(tmp_path):
    entries = [old.conv("2.9.0", "block/conv", 2, 3, shape=(5, 5, 1)), old.norm("2.9.0", "block/norm")]
    make = old.Weights()
    weights = {"block/conv": make.kernel("block/conv", 3, 3, 1, 2), "block/norm": make.norm("block/norm", 2)}
    path = old.write_file(tmp_path / "net.h5", "2.9.0", old.sequential("2.9.0", "net", entries), weights)
    model = load_model(path)
    assert [layer.name for layer in model.layers] == ["block_conv", "block_norm"]
    for layer, arrays in zip(model.layers, weights.values(), strict=True):
        for found, (_, expected) in zip(layer.get_weights(), arrays, strict=True):
            np.testing.assert_array_equal(found, expected)


def test_shape_given_when_built(tmp_path):
    """From Keras 2.4 on a Sequential that was built on data keeps the shape beside its layers."""
    entries = [old.conv("2.9.0", "conv", 2, 3), old.simple("2.9.0", "Flatten", "flat")]
    entry = old.sequential("2.9.0", "net", entries)
    entry["config"]["build_input_shape"] = [None, 5, 5, 1]
    weights = {"conv": old.Weights().kernel("conv", 3, 3, 1, 2), "flat": []}
    path = old.write_file(tmp_path / "net.h5", "2.9.0", entry, weights)
    given = images(5, 5, 1)
    assert largest_difference(answers(load_model(path), given), plain_answers(path, given)) < 1e-6


def test_call_with_training_off(tmp_path):
    """``base(x, training=False)`` of a fine-tuning script stands in the file."""
    version = "2.9.0"
    entries = [
        (old.input_layer(version, "in", (8, 8, 3)), []),
        (old.named(base(version), "base"), [[("in", 0, {"training": False})]]),
        (old.simple(version, "Flatten", "flat"), [[("base", 1)]]),
    ]
    entry = old.functional(version, "net", entries, ["in"], ["flat"])
    path = old.write_file(
        tmp_path / "net.h5", version, entry, {"in": [], "base": base_weights(old.Weights()), "flat": []}
    )
    given = images(8, 8, 3)
    assert largest_difference(answers(load_model(path), given), plain_answers(path, given)) < 1e-6


def test_readers_precision_does_not_matter(tmp_path):
    entry, weights, given = stack("2.2.4")  # its layers name no data type
    path = old.write_file(tmp_path / "net.h5", "2.2.4", entry, weights)
    before = keras.config.dtype_policy()
    try:
        keras.config.set_dtype_policy("mixed_bfloat16")
        model = load_model(path)
    finally:
        keras.config.set_dtype_policy(before)
    assert largest_difference(answers(model, given), plain_answers(path, given)) < 1e-6


# ---- files of Keras 3, written by Keras itself


def modern_stack():
    return keras.Sequential(
        [
            keras.Input((8, 8, 3)),
            keras.layers.Conv2D(3, 3),
            keras.layers.BatchNormalization(),
            keras.layers.ReLU(),
            keras.layers.Flatten(),
            keras.layers.Dense(2),
        ]
    )


def modern_graph():
    inner = keras.Sequential([keras.Input((8, 8, 3)), keras.layers.Conv2D(3, 3), keras.layers.BatchNormalization()])
    one, two = keras.Input((8, 8, 3)), keras.Input((8, 8, 3))
    added = keras.layers.Add()([inner(one), inner(two)])
    return keras.Model([one, two], [keras.layers.Flatten()(added), keras.layers.GlobalMaxPooling2D()(inner(two))])


def modern_normalization():
    layer = keras.layers.Normalization()
    layer.adapt(images(8, 8, 3, count=9) * 5)
    return keras.Sequential([keras.Input((8, 8, 3)), layer, keras.layers.Flatten(), keras.layers.Dense(2)])


@pytest.mark.filterwarnings("ignore:You are saving your model as an HDF5 file")
@pytest.mark.parametrize("suffix", [".keras", ".h5"])
@pytest.mark.parametrize("compiled", ["mse", None])
@pytest.mark.parametrize("make", [modern_stack, modern_graph, modern_normalization])
def test_network_of_keras_3(tmp_path, make, suffix, compiled):
    """Compiled with the text "mse" too, which Keras' own load_model cannot bring back from an .h5 file."""
    model = make()
    randomise(model)
    if compiled:
        model.compile("rmsprop", compiled)
    model.save(tmp_path / f"net{suffix}")
    loaded = load_model(str(tmp_path / f"net{suffix}"))
    given = [images(8, 8, 3) for _ in model.inputs]
    given = given[0] if len(given) == 1 else given
    assert not loaded.compiled
    assert largest_difference(answers(loaded, given), answers(model, given)) == 0


def randomise(model):
    """Give all convolutions and normalizations weights that no fresh layer has."""
    for layer in model.layers:
        if isinstance(layer, keras.Model):
            randomise(layer)
        elif not isinstance(layer, keras.layers.Normalization):
            layer.set_weights([RANDOM.random(array.shape) for array in layer.get_weights()])


@keras.saving.register_keras_serializable(package="tests")
class Doubled(keras.layers.Layer):
    def call(self, inputs):
        return 2 * inputs


class Stranger(keras.layers.Layer):
    def call(self, inputs):
        return inputs


@pytest.mark.filterwarnings("ignore:You are saving your model as an HDF5 file")
@pytest.mark.parametrize("suffix", [".keras", ".h5"])
def test_registered_class_is_known(tmp_path, suffix):
    keras.Sequential([keras.Input((4,)), Doubled()]).save(tmp_path / f"net{suffix}")
    given = images(4)
    np.testing.assert_array_equal(answers(load_model(tmp_path / f"net{suffix}"), given), 2 * given)


# ---- channels first: Keras adds a bias along the width where the maps are as wide as there are filters


def either_way(form):
    """A network with the channels first or last; its second convolution makes six maps of width six."""
    first = form == "channels_first"
    axis, shape, inner = (1, (3, 8, 9), (6, 3, 3)) if first else (-1, (8, 9, 3), (3, 3, 6))
    kinds, given = keras.layers, keras.Input(shape)
    maps = kinds.Conv2D(6, 2, activation="relu", data_format=form, name="one")(given)
    maps = kinds.BatchNormalization(axis=axis, name="norm")(maps)
    maps = kinds.Conv2D(6, (2, 3), data_format=form, name="two")(maps)
    maps = kinds.Add()([maps, kinds.DepthwiseConv2D(1, data_format=form)(maps)])
    maps = kinds.MaxPooling2D(data_format=form)(kinds.LeakyReLU()(maps))
    start = keras.Input(inner)
    nested = kinds.Concatenate(axis=axis)([start, kinds.Conv2D(3, 1, data_format=form)(start)])
    maps = keras.Model(start, nested, name="inner")(maps)
    stack = [keras.Input((9, 3, 3) if first else (3, 3, 9)), kinds.UpSampling2D(data_format=form)]
    maps = keras.Sequential([*stack, kinds.Conv2D(2, 3, data_format=form)], name="stack")(maps)
    answer = kinds.Dense(3, activation="softmax")(kinds.Flatten(data_format=form)(maps))
    return keras.Model(given, [answer, maps])


@pytest.mark.filterwarnings("ignore:You are saving your model as an HDF5 file")
@pytest.mark.parametrize("suffix", [".keras", ".h5"])
def test_channels_first(tmp_path, suffix):
    last, first = either_way("channels_last"), either_way("channels_first")
    weights = [RANDOM.uniform(0.1, 1, array.shape) for array in last.get_weights()]
    last.set_weights(weights)
    first.set_weights(weights)
    given = images(8, 9, 3)
    answer, maps = answers(last, given)
    path = tmp_path / f"net{suffix}"
    first.save(path)
    loaded, turned = load_model(path), given.transpose(0, 3, 1, 2)
    assert loaded.input_shape == (None, 3, 8, 9)
    assert largest_difference(answers(loaded, turned), [answer, maps.transpose(0, 3, 1, 2)]) < 1e-6
    assert largest_difference(loaded.predict(turned, verbose=0), [answer, maps.transpose(0, 3, 1, 2)]) < 1e-6
    for name in ("one", "norm", "two"):  # what is read lies with the channels last
        found, own = (read_activations(*pair, [name])[name] for pair in ((loaded, turned), (last, given)))
        assert largest_difference(found, own) < 1e-6


def test_channels_first_of_keras_2(tmp_path):
    entries = [old.conv("2.9.0", "conv", 4, 3, shape=(1, 6, 6)), old.simple("2.9.0", "Flatten", "flat")]
    entries.append(old.dense("2.9.0", "dense", 2))
    for entry in entries[:2]:
        entry["config"]["data_format"] = "channels_first"
    make = old.Weights()
    weights = {"conv": make.kernel("conv", 3, 3, 1, 4), "flat": [], "dense": make.kernel("dense", 64, 2)}
    path = old.write_file(tmp_path / "net.h5", "2.9.0", old.sequential("2.9.0", "net", entries), weights)
    given = images(1, 6, 6)
    other = keras.Sequential([keras.Input((6, 6, 1)), keras.layers.Conv2D(4, 3), keras.layers.Flatten()])
    other.add(keras.layers.Dense(2))
    other.set_weights([array for pairs in weights.values() for _, array in pairs])
    assert largest_difference(answers(load_model(path), given), answers(other, given.transpose(0, 2, 3, 1))) < 1e-6


def test_channels_first_behind_a_normalization(tmp_path):
    given, norm = images(3, 5, 5), keras.layers.Normalization(axis=1)
    norm.adapt(given * 9)
    first = keras.Sequential([keras.Input((3, 5, 5)), norm, keras.layers.Conv2D(2, 2, data_format="channels_first")])
    first.save(tmp_path / "net.keras")
    assert largest_difference(answers(load_model(tmp_path / "net.keras"), given), answers(first, given)) < 1e-5


def test_channels_first_in_a_wrapper(tmp_path):
    inner = keras.layers.Conv2D(2, 2, data_format="channels_first")
    keras.Sequential([keras.Input((2, 3, 5, 5)), keras.layers.TimeDistributed(inner, name="each")]).save(
        tmp_path / "net.keras"
    )
    assert "layer 'each' (TimeDistributed) puts the channels first" in error_of(tmp_path / "net.keras")


# ---- refused, each in one sentence


def write_stack(path, version="2.2.4", *, change=None, **options):
    """Write the Sequential network of old, after a change of its entry and weights."""
    entry, weights, _ = stack(version)
    if change is not None:
        change(entry, weights)
    return old.write_file(path, version, entry, weights, **options)


def first_layer(**settings):
    return lambda entry, _: entry["config"]["layers"][0]["config"].update(settings)


def set_class(kind):
    return lambda entry, _: entry["config"]["layers"][2].update(class_name=kind)


def swap_arrays(name, **shapes):
    def change(_, weights):
        weights[name] = [(f"{name}/{key}:0", np.zeros(shape, "float32")) for key, shape in shapes.items()]

    return change


def drop_layer(_, weights):
    del weights["conv2d_2"]


def add_layer(_, weights):
    weights["extra"] = old.Weights().kernel("extra", 2, 2)


def no_input_shape(entry, _):
    del entry["config"]["layers"][0]["config"]["batch_input_shape"]


BROKEN_NETWORKS = {
    "unknown class": (set_class("CapsuleLayer"), "the class 'CapsuleLayer', which is none"),
    "class gone": (set_class("LocallyConnected2D"), "the class 'LocallyConnected2D'"),
    "not a layer's class": (set_class("deserialize"), "the class 'deserialize'"),
    "unknown initializer": (first_layer(kernel_initializer={"class_name": "Own", "config": {}}), "the class 'Own'"),
    "unknown activation": (
        first_layer(activation="my_relu"),
        "layer 'conv2d_1' needs the function 'my_relu', which is none",
    ),
    "unknown setting": (first_layer(bananas=3), "layer 'conv2d_1' (Conv2D) has the setting bananas = 3"),
    "file beside": (first_layer(vocabulary="/etc/passwd"), "reads the file /etc/passwd"),
    "no input shape": (no_input_shape, "does not say the shape of its input"),
    "shape of a kernel": (
        swap_arrays("dense_1", kernel=(79, 3), bias=(3,)),
        "layer 'dense_1' needs weights of shapes [(80, 3), (3,)], and the file holds [(79, 3), (3,)]",
    ),
    "kernel on its side": (swap_arrays("dense_1", kernel=(3, 80), bias=(3,)), "the file holds [(3, 80), (3,)]"),
    "an array too few": (
        swap_arrays("conv2d_2", kernel=(2, 2, 4, 5)),
        "'conv2d_2' needs weights of shapes [(2, 2, 4, 5), (5,)], and the file holds [(2, 2, 4, 5)]",
    ),
    "a layer's weights gone": (drop_layer, "a layer 'conv2d_2' without weights of that name"),
    "weights without layer": (add_layer, "weights 'extra' without layer of that name"),
    "no layers": (lambda entry, _: entry["config"].pop("layers"), "cannot rebuild the network"),
    "own model class": (lambda entry, _: entry.update(class_name="MyNet"), "the class 'MyNet'"),
}


@pytest.mark.parametrize("case", BROKEN_NETWORKS)
def test_broken_network(tmp_path, case):
    change, words = BROKEN_NETWORKS[case]
    sentence = error_of(write_stack(tmp_path / "net.h5", change=change))
    assert sentence.startswith("net.h5 cannot be loaded: ")
    assert words in sentence


def test_graph_with_a_missing_layer(tmp_path):
    entry, weights, _ = branches("2.9.0")
    del entry["config"]["layers"][3]
    path = old.write_file(tmp_path / "net.h5", "2.9.0", entry, weights)
    assert "reads a layer that is not there" in error_of(path)


def write_bytes(content):
    return lambda path: path.write_bytes(content)


def write_hdf5(fill):
    def write(path):
        with h5py.File(path, "w") as file:
            fill(file)

    return write


def write_zip(**parts):
    def write(path):
        with zipfile.ZipFile(path, "w") as archive:
            for name, content in parts.items():
                archive.writestr(name.replace("__slash__", "/").replace("__", "."), content)

    return write


def saved_weights(path):
    modern_stack().save_weights(path)


def old_weights(path):
    with h5py.File(path, "w") as file:
        old.write_weights(file, "2.2.4", stack("2.2.4")[1])


def cut(write, share):
    def write_cut(path):
        write(path)
        path.write_bytes(path.read_bytes()[: int(path.stat().st_size * share)])

    return write_cut


def save_modern(path):
    modern_stack().save(path)


def garble_configuration(file):
    write_stack_into(file)
    file.attrs["model_config"] = b'{"class_name": "Sequential", "conf'


def write_stack_into(file):
    entry, weights, _ = stack("2.2.4")
    file.attrs["keras_version"] = b"2.2.4"
    file.attrs["model_config"] = json.dumps(entry).encode()
    old.write_weights(file.create_group("model_weights"), "2.2.4", weights)


def other_configuration(text):
    def fill(file):
        write_stack_into(file)
        file.attrs["model_config"] = text

    return fill


def without_weights(file):
    write_stack_into(file)
    del file["model_weights"]


def with_version(version):
    def fill(file):
        write_stack_into(file)
        file.attrs["keras_version"] = version

    return fill


def of_keras_1(file):
    write_stack_into(file)
    settings = {"name": "c", "nb_filter": 2, "nb_row": 3, "nb_col": 3, "border_mode": "valid", "dim_ordering": "tf"}
    entry = {"class_name": "Sequential", "config": [{"class_name": "Convolution2D", "config": settings}]}
    file.attrs["model_config"] = json.dumps(entry)
    del file.attrs["keras_version"]


def replace_weights(path):
    """Put the weights of one network into the archive of another."""
    other = path.with_name("other.keras")
    keras.Sequential([keras.Input((8, 8, 3)), keras.layers.Conv2D(5, 3)]).save(other)
    modern_stack().save(path)
    with zipfile.ZipFile(path) as kept, zipfile.ZipFile(other) as source:
        parts = {name: kept.read(name) for name in kept.namelist()}
        parts["model.weights.h5"] = source.read("model.weights.h5")
    write_zip(**{name.replace(".", "__"): content for name, content in parts.items()})(path)


def flip_byte(where):
    def write(path):
        modern_stack().save(path)
        content = bytearray(path.read_bytes())
        content[content.index(where) + 1] ^= 1
        path.write_bytes(content)

    return write


REFUSED_FILES = {
    "zero bytes, .h5": ("net.h5", write_bytes(b""), "net.h5 is empty"),
    "zero bytes, .keras": ("net.keras", write_bytes(b""), "net.keras is empty"),
    "random bytes, .h5": ("net.h5", write_bytes(bytes(range(256)) * 9), "neither a .keras archive nor an HDF5 file"),
    "random bytes, .keras": ("net.keras", write_bytes(bytes(range(256)) * 9), "neither a .keras archive"),
    "pickle": (
        "net.h5",
        write_bytes(b"\x80\x04\x95" + b"a" * 99),
        "net.h5 is a pickle, as PyTorch and others write it, and we run no code",
    ),
    "pickle's own suffix": ("net.pkl", write_bytes(pickle.dumps([1])), "net.pkl is a pickle"),
    "no suffix": ("net", write_bytes(b"\x80"), "net is neither a .keras archive"),
    "PyTorch": ("net.h5", write_zip(net__slash__data__pkl="x"), "it is a file of PyTorch"),
    "PyTorch of old": ("net", write_bytes(b"\x80\x02\x8a\nl\xfc\x9cF\xf9 j\xa8P\x19."), "net is a pickle, as PyTorch"),
    "pointer": ("net.h5", write_bytes(b"version https://git-lfs.github.com/spec/v1\n"), "is a pointer of Git LFS"),
    "network as JSON": (
        "net.json",
        write_bytes(b'{"class_name": "Sequential"}'),
        "JSON, which holds a network without",
    ),
    "zip around a network": ("net.zip", write_zip(keras_model__h5="x"), "around 'keras_model.h5'; unpack"),
    "text": ("net.h5", write_bytes(b"<html>404</html>"), "is a web page, not the file itself"),
    "old, cut": ("net.h5", cut(write_stack, 0.6), "cut short or damaged"),
    "archive, cut": ("net.keras", cut(save_modern, 0.6), "cut short"),
    "archive, a bit flipped": ("net.keras", flip_byte(b"Sequential"), "damaged"),
    "archive, a bit of a weight flipped": ("net.keras", flip_byte(b"\x89HDF"), "part 'model.weights.h5' is damaged"),
    "archive, foreign weights": ("net.keras", replace_weights, "cannot rebuild the network"),
    "a zip": ("net.keras", write_zip(a__txt="hello"), "without config.json and model.weights.h5"),
    "a zip without weights": ("net.keras", write_zip(config__json="{}"), "without config.json and model.weights.h5"),
    "a zip with other JSON": (
        "net.keras",
        write_zip(config__json="[1]", model__weights__h5="x"),
        "its configuration describes no network",
    ),
    "a zip with broken JSON": ("net.keras", write_zip(config__json="{", model__weights__h5="x"), "damaged"),
    "weights of Keras 3": ("net.weights.h5", saved_weights, "holds weights only and no network"),
    "weights of Keras 2": ("net.h5", old_weights, "holds weights only and no network"),
    "other HDF5": (
        "net.h5",
        write_hdf5(lambda file: file.create_dataset("a", data=[1])),
        "holds no network that Keras",
    ),
    "configuration only": ("net.h5", write_hdf5(without_weights), "a network's configuration and no weights"),
    "broken configuration": ("net.h5", write_hdf5(garble_configuration), "its configuration is damaged"),
    "number as configuration": ("net.h5", write_hdf5(other_configuration("7")), "describes no network"),
    "bytes as configuration": ("net.h5", write_hdf5(other_configuration(b"\xff\xfe{")), "configuration is damaged"),
    "Keras 1": ("net.h5", write_hdf5(with_version(b"1.2.2")), "Keras 1.2.2 wrote it"),
    "Keras 1, no version": ("net.h5", write_hdf5(of_keras_1), "Keras 1 wrote it"),
    "odd version": ("net.h5", write_hdf5(with_version(b"new")), "cannot rebuild the network"),
    "bilinear of TensorFlow 1": (
        "net.h5",
        lambda path: write_stack(
            path,
            change=lambda entry, _: entry["config"]["layers"].append(
                old.layer("2.2.4", "UpSampling2D", "up", size=[2, 2], interpolation="bilinear")
            ),
        ),
        "it enlarges its maps bilinearly, which Keras 2.2.4 did",
    ),
    "Theano": ("net.h5", lambda path: write_stack(path, backend="theano"), "saved under Theano"),
}


@pytest.mark.filterwarnings("ignore:You are saving your model as an HDF5 file")
@pytest.mark.parametrize("case", REFUSED_FILES)
def test_refused_file(tmp_path, case):
    name, write, words = REFUSED_FILES[case]
    write(tmp_path / name)
    assert words in error_of(tmp_path / name)


def test_missing_file(tmp_path):
    assert "there is no file" in error_of(tmp_path / "none.h5", FileNotFoundError)
    assert "there is no file" in error_of("hf://someone/net.keras", FileNotFoundError)


@pytest.mark.parametrize("given", [None, 3, b"net.h5"])
def test_no_path(given):
    assert "the path of a saved network must be text or a Path" in error_of(given)


def test_folders(tmp_path):
    folder = tmp_path / "net.keras"
    folder.mkdir()
    assert "net.keras is a folder: give the .keras or .h5 file" in error_of(folder)
    (folder / "saved_model.pb").write_bytes(b"x")
    assert "SavedModel" in error_of(folder)


def test_weights_that_lead_out_of_the_file(tmp_path):
    """An HDF5 link may name another file of this machine; it is not followed."""
    path = write_stack(tmp_path / "net.h5")
    shutil.copy(path, tmp_path / "secret.h5")
    with h5py.File(path, "a") as file:
        group = file["model_weights/dense_1/dense_1"]
        del group["kernel:0"]
        group["kernel:0"] = h5py.ExternalLink(str(tmp_path / "secret.h5"), "model_weights/dense_1/dense_1/kernel:0")
    assert "leads out of the file" in error_of(path)


@pytest.mark.parametrize("share", np.linspace(0.02, 0.98, 13).round(2))
@pytest.mark.parametrize(("name", "write"), [("net.h5", write_stack), ("net.keras", save_modern)])
def test_cut_anywhere(tmp_path, name, write, share):
    cut(write, share)(tmp_path / name)
    error_of(tmp_path / name)


def configuration_keys():
    entry = stack("2.2.4")[0]
    return sorted({(place, key) for place in (0, 1, 4, 7) for key in entry["config"]["layers"][place]["config"]})


@pytest.mark.parametrize(
    "value",
    [None, {"class_name": 5}, pytest.param("?", marks=pytest.mark.long), pytest.param([[]], marks=pytest.mark.long)],
)
def test_odd_settings_load_or_are_refused_in_a_sentence(tmp_path, value):
    """Whatever stands in a setting, the answer is a network or a CourseError, never another class of error."""
    refused = 0
    for place, key in configuration_keys():
        path = tmp_path / "net.h5"

        def change(entry, _, place=place, key=key):
            entry["config"]["layers"][place]["config"][key] = value

        write_stack(path, change=change)
        try:
            load_model(path)
        except CourseError as error:
            refused += 1
            assert str(error).startswith("net.h5 cannot be loaded: ")
    assert refused > 5


# ---- code in a file is never run


def marshalled(tmp_path):
    """Return Keras 2's form of a function whose run leaves a mark, and the mark."""
    mark = tmp_path / "it_ran"
    source = f"lambda x: (open({str(mark)!r}, 'w').close(), x)[1]"
    code = base64.b64encode(marshal.dumps(eval(source).__code__)).decode()
    return {
        "function": [code, None, None],
        "function_type": "lambda",
        "arguments": {},
        "output_shape": None,
        "output_shape_type": "raw",
    }, mark


def plain_lambda(entry, version):
    return old.sequential(version, "net", [entry, old.simple(version, "Flatten", "flat")])


def nested_lambda(entry, version):
    return old.sequential(version, "outer", [plain_lambda(entry, version), old.simple(version, "Flatten", "end")])


def wrapped_lambda(entry, version):
    wrapper = old.layer(version, "TimeDistributed", "wrapped", shape=(4, 3), layer=entry)
    return old.sequential(version, "net", [wrapper])


def graph_lambda(entry, version):
    entries = [
        (old.input_layer(version, "in", (4, 3)), []),
        (old.named(nested_lambda(entry, version), "n"), [[("in", 0)]]),
    ]
    return old.functional(version, "net", entries, ["in"], [("n", 1)])


@pytest.mark.parametrize("version", ["2.1.6", "2.9.0", "3.5.0"])
@pytest.mark.parametrize("place", [plain_lambda, nested_lambda, wrapped_lambda, graph_lambda])
def test_lambda_in_hdf5(tmp_path, place, version):
    function, mark = marshalled(tmp_path)
    style = "2.9.0" if version.startswith("3") else version
    entry = place(old.layer(style, "Lambda", "code", shape=(4, 3), **function), style)
    path = old.write_file(tmp_path / "net.h5", version, entry, {})
    is_old = version.startswith("2")
    assert ("code of another Python, never run" if is_old else "class 'Lambda', which is code") in error_of(path)
    assert not mark.exists()


@pytest.mark.parametrize("nested", ["no", "yes"])
def test_lambda_in_archive(tmp_path, nested):
    mark = tmp_path / "it_ran"
    name = str(mark)
    layer = keras.layers.Lambda(lambda x: (open(name, "w").close(), x)[1], output_shape=(4,))
    model = keras.Sequential([keras.Input((4,)), layer])
    model = keras.Sequential([keras.Input((4,)), model]) if nested == "yes" else model
    model.save(tmp_path / "net.keras")
    mark.unlink(missing_ok=True)
    assert "class 'Lambda', which is code" in error_of(tmp_path / "net.keras")
    assert not mark.exists()


@pytest.mark.filterwarnings("ignore:You are saving your model as an HDF5 file")
@pytest.mark.parametrize("suffix", [".keras", ".h5"])
@pytest.mark.parametrize("function", [lambda x: 2 * x, lambda x: tf.add(x, keras.ops.relu(x)), lambda x: np.add(x, x)])
def test_trusted_lambda(tmp_path, suffix, function):
    """Its code finds the modules that such code takes for granted; a file holds no imports."""
    path = tmp_path / f"net{suffix}"
    model = keras.Sequential([keras.Input((4,)), keras.layers.Lambda(function, output_shape=(4,))])
    model.save(path)
    assert "run only if you trust it" in error_of(path)
    given = images(4)
    np.testing.assert_array_equal(answers(load_model(path, trust=True), given), 2 * given)


def test_lambda_of_keras_2_cannot_be_trusted(tmp_path):
    """Its bytecode is that of another Python, which this one would run at random."""
    function, mark = marshalled(tmp_path)
    entry = plain_lambda(old.layer("2.2.4", "Lambda", "code", shape=(4, 3), **function), "2.2.4")
    path = old.write_file(tmp_path / "net.h5", "2.2.4", entry, {})
    with pytest.raises(CourseError, match="code of another Python, never run; .*{'code': function}"):
        load_model(path, trust=True)
    given = images(4, 3)
    found = answers(load_model(path, custom_objects={"code": lambda x: 2 * x}), given)
    np.testing.assert_array_equal(found, 2 * given.reshape(len(given), -1))
    assert not mark.exists()


def rewritten(path, change):
    """Change the configuration in an archive."""
    with zipfile.ZipFile(path) as archive:
        parts = {name: archive.read(name) for name in archive.namelist()}
    config = json.loads(parts["config.json"])
    change(config)
    parts["config.json"] = json.dumps(config).encode()
    content = io.BytesIO()
    with zipfile.ZipFile(content, "w") as archive:
        for name, part in parts.items():
            archive.writestr(name, part)
    path.write_bytes(content.getvalue())
    return path


@pytest.mark.parametrize(
    ("key", "value", "words"),
    [
        ("module", "antigravity", "the class 'Conv2D', which is none"),
        ("module", "os.path", "the class 'Conv2D', which is none"),
        ("class_name", "TorchModuleWrapper", "'TorchModuleWrapper', which is code"),
        ("class_name", "TFSMLayer", "'TFSMLayer', which is code"),
    ],
)
def test_archive_that_names_foreign_code(tmp_path, key, value, words):
    """A configuration may name any Python module; one that nobody has registered is not imported."""
    modern_stack().save(tmp_path / "net.keras")
    path = rewritten(tmp_path / "net.keras", lambda config: config["config"]["layers"][1].update({key: value}))
    assert words in error_of(path)


@pytest.mark.filterwarnings("ignore:You are saving your model as an HDF5 file")
@pytest.mark.parametrize("suffix", [".keras", ".h5"])
def test_class_of_nobody(tmp_path, suffix):
    path = tmp_path / f"net{suffix}"
    keras.Sequential([keras.Input((4,)), Stranger()]).save(path)
    assert "needs the class 'Stranger', which is none" in error_of(path)
    with keras.saving.custom_object_scope({"Stranger": Stranger}):
        assert load_model(path).count_params() == 0
    assert load_model(path, custom_objects={"Stranger": Stranger}).count_params() == 0


# ---- files that other people saved


@pytest.fixture
def foreign():
    folder = data_folder() / "legacy_h5"
    if not folder.is_dir():
        pytest.skip("the data folder holds no legacy_h5 (files that other people saved)")
    return folder


@pytest.mark.real_data
@pytest.mark.parametrize(
    ("name", "shape", "parameters"),
    [
        ("keyurr2__shape-classifier-cnn__drawing_classification.h5", (28, 28, 3), 50_115),  # Keras 2.2.0
        ("baasitsharief__kaggle_digit_recognizer__cnn.h5", (28, 28, 1), 61_794),  # Keras 2.4.0
        ("ImanHindi__CNNShapesClassifier__shape_classifier.h5", (128, 128, 3), 88_899),  # Keras 2.9.0
    ],
)
def test_foreign_file(foreign, name, shape, parameters):
    model = load_model(foreign / name)
    given = images(*shape)
    assert model.count_params() == parameters
    assert largest_difference(answers(model, given), plain_answers(foreign / name, given)) < 1e-6


@pytest.mark.real_data
def test_foreign_network_knows_its_shapes(foreign):
    """It was trained on this very set, pixels 0..1: 278 of the 300 images right."""
    folder = foreign.parent / "shapes"
    if not folder.is_dir():
        pytest.skip("the data folder holds no shapes")
    model = load_model(foreign / "keyurr2__shape-classifier-cnn__drawing_classification.h5")
    right = 0
    for number, name in enumerate(["circles", "squares", "triangles"]):
        given = [np.asarray(Image.open(path).convert("RGB")) / 255 for path in sorted((folder / name).glob("*.png"))]
        right += int((answers(model, np.stack(given)).argmax(-1) == number).sum())
    assert abs(right - 278) <= 1  # one image may stand on the border


@pytest.mark.real_data
def test_foreign_network_reads_digits(foreign):
    path = foreign.parent / "mnist" / "mnist.npz"
    if not path.is_file():
        pytest.skip("the data folder holds no mnist")
    with np.load(path) as data:
        given, labels = data["x_test"][:2000, ..., None] / 255, data["y_test"][:2000]
    model = load_model(foreign / "baasitsharief__kaggle_digit_recognizer__cnn.h5")
    assert (answers(model, given).argmax(-1) == labels).mean() > 0.98
