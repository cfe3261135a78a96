"""The network in the page, in headless Chromium, beside Keras: every type of layer, and whole networks."""

import itertools
import tempfile
from pathlib import Path

import keras
import numpy as np
import old_files
import old_networks
import pytest
from keras import layers
from lab_browser import open_page
from page_engine import as_case, ask_in_page, run_in_page

from helpers import models
from helpers.activations import read_activations
from helpers.workshop.explorer import network_export

pytestmark = pytest.mark.browser

RANDOM = np.random.default_rng(7)
NEAR = 1e-4  # of the largest value of a layer
ACTIVATIONS = sorted(network_export.ACTIVATIONS)


def one_of(*choices):
    return choices[RANDOM.integers(len(choices))]


def window():
    """A window of a random size, moved by a random stride or spread by a random dilation."""
    settings = {
        "kernel_size": (int(RANDOM.integers(1, 5)), int(RANDOM.integers(1, 6))),
        "padding": one_of("same", "valid"),
    }
    if one_of(True, False):
        return settings | {"strides": one_of(1, 2, 3)}
    return settings | {"dilation_rate": one_of(1, 2, (1, 2), (3, 1))}


def bias():
    return {"use_bias": one_of(True, False), "activation": one_of(*ACTIVATIONS[:4], "relu", "tanh", None)}


def grouped():
    groups = one_of(1, 2, 3)
    return (14, 15, 2 * groups), layers.Conv2D(groups * one_of(1, 3, 9), groups=groups, **window() | bias())


def transposed():
    settings = window() | bias()
    if one_of(True, False) and max(np.ravel(settings.get("strides", 1))) > 1:
        settings["output_padding"] = settings["strides"] - 1
    if settings["activation"] == "glu":
        settings["activation"] = None
    return (5, 7, one_of(1, 3)), layers.Conv2DTranspose(one_of(1, 4, 9), **settings)


def pooling(kind):
    settings = {"pool_size": one_of(2, 3, (1, 3)), "strides": one_of(None, 1, 2, 3), "padding": one_of("same", "valid")}
    return (9, 11, one_of(1, 4)), kind(**settings)


def in_row(shape, *stack):
    """A network of layers one after the other, its weights at random."""
    return with_random_weights(keras.Sequential([keras.Input(shape), *stack]))


def with_random_weights(model):
    for weight in model.weights:
        values = RANDOM.normal(0, 0.4, weight.shape)
        positive = "variance" in weight.path or "gamma" in weight.path
        if weight.dtype != "int64" and "count" not in weight.path:
            weight.assign(np.abs(values) + 0.2 if positive else values)
    return model


def merged(kind, *shapes, **settings):
    """Two branches of the shapes asked for, merged."""
    start = keras.Input((6, 5, 4))
    ends = [layers.Reshape(shape)(layers.Dense(int(np.prod(shape)))(layers.Flatten()(start))) for shape in shapes]
    return with_random_weights(keras.Model(start, kind(**settings)(ends)))


def calculated():
    start = keras.Input((6, 5, 3))
    values = 2 - (start / 127.5 - np.array([0.1, 0.2, 0.3], "float32")) * 3
    return keras.Model(start, values + layers.Conv2D(3, 1)(values))


def normalised(**settings):
    layer = layers.Normalization(**settings)
    layer.adapt(RANDOM.normal(3, 2, (40, 6, 5, 3)))
    return in_row((6, 5, 3), layer)


def random_cases():
    """(name, model, image shape) for each kind of layer, several of most."""
    for number in range(30):
        yield f"Conv2D {number}", in_row(*grouped())
    for number in range(12):
        shape, settings = (14, 10, one_of(1, 3, 8)), window() | bias() | {"activation": None}
        yield (
            f"DepthwiseConv2D {number}",
            in_row(shape, layers.DepthwiseConv2D(**settings, depth_multiplier=one_of(1, 3))),
        )
        settings["kernel_size"] = int(max(settings["kernel_size"]))
        yield (
            f"SeparableConv2D {number}",
            in_row(shape, layers.SeparableConv2D(5, **settings, depth_multiplier=one_of(1, 2))),
        )
    for number in range(24):
        yield f"Conv2DTranspose {number}", in_row(*transposed())
    for kind, number in itertools.product((layers.MaxPooling2D, layers.AveragePooling2D), range(12)):
        yield f"{kind.__name__} {number}", in_row(*pooling(kind))
    for kind, keep in itertools.product((layers.GlobalMaxPooling2D, layers.GlobalAveragePooling2D), (True, False)):
        yield f"{kind.__name__} {keep}", in_row((5, 7, 3), kind(keepdims=keep))
    for name in ACTIVATIONS:
        yield f"activation {name}", in_row((4, 3, 6), layers.Activation(name))
        yield f"dense {name}", in_row((4, 3, 2), layers.Flatten(), layers.Dense(10, activation=name))


CHOSEN = {
    "Dense of places": lambda: in_row((4, 3, 5), layers.Dense(7)),
    "BatchNormalization": lambda: in_row((6, 5, 4), layers.BatchNormalization()),
    "BatchNormalization of units": lambda: in_row((6,), layers.BatchNormalization(scale=False)),
    "BatchNormalization plain": lambda: in_row((6, 5, 1), layers.BatchNormalization(center=False, scale=False)),
    "LayerNormalization": lambda: in_row((6, 5, 4), layers.LayerNormalization()),
    "LayerNormalization of all": lambda: in_row((6, 5, 4), layers.LayerNormalization(axis=(1, 2, 3), center=False)),
    "GroupNormalization": lambda: in_row((6, 5, 8), layers.GroupNormalization(4)),
    "GroupNormalization one": lambda: in_row((6, 5, 8), layers.GroupNormalization(-1, scale=False)),
    "UnitNormalization": lambda: in_row((6, 5, 4), layers.UnitNormalization()),
    "Normalization": normalised,
    "Normalization inverted": lambda: normalised(invert=True),
    "Normalization of all": lambda: normalised(axis=None),
    "Rescaling": lambda: in_row((6, 5, 3), layers.Rescaling(1 / 127.5, offset=-1)),
    "Rescaling of colours": lambda: in_row((6, 5, 3), layers.Rescaling([0.1, 0.2, 0.3], offset=[1, 2, 3])),
    "ReLU": lambda: in_row((6, 5, 3), layers.ReLU(max_value=1.2, negative_slope=0.3, threshold=0.2)),
    "LeakyReLU": lambda: in_row((6, 5, 3), layers.LeakyReLU(0.15)),
    "PReLU": lambda: in_row((6, 5, 3), layers.PReLU()),
    "PReLU shared": lambda: in_row((6, 5, 3), layers.PReLU(shared_axes=[1, 2])),
    "ELU": lambda: in_row((6, 5, 3), layers.ELU(0.4)),
    "Softmax": lambda: in_row((6, 5, 3), layers.Softmax()),
    "Softmax of rows": lambda: in_row((6, 5, 3), layers.Softmax(axis=1)),
    "Reshape": lambda: in_row((6, 5, 4), layers.Reshape((3, -1, 2))),
    "Permute": lambda: in_row((6, 5, 4), layers.Permute((3, 1, 2))),
    "RepeatVector": lambda: in_row((6,), layers.RepeatVector(3)),
    "ZeroPadding2D": lambda: in_row((6, 5, 3), layers.ZeroPadding2D(((0, 1), (2, 3)))),
    "Cropping2D": lambda: in_row((6, 5, 3), layers.Cropping2D(((1, 2), (0, 3)))),
    "UpSampling2D nearest": lambda: in_row((6, 5, 3), layers.UpSampling2D((2, 3))),
    "UpSampling2D bilinear": lambda: in_row((6, 5, 3), layers.UpSampling2D((2, 3), interpolation="bilinear")),
    "Resizing smaller": lambda: in_row((9, 8, 3), layers.Resizing(4, 5)),
    "Resizing larger": lambda: in_row((9, 8, 1), layers.Resizing(14, 11, interpolation="nearest")),
    "Add": lambda: merged(layers.Add, (6, 5, 4), (6, 5, 4), (6, 5, 4)),
    "Add spread": lambda: merged(layers.Add, (6, 5, 4), (6, 1, 4)),
    "Subtract": lambda: merged(layers.Subtract, (6, 5, 4), (6, 5, 4)),
    "Multiply": lambda: merged(layers.Multiply, (6, 5, 4), (1, 1, 4)),
    "Average": lambda: merged(layers.Average, (6, 5, 4), (6, 5, 4), (6, 5, 4)),
    "Maximum": lambda: merged(layers.Maximum, (6, 5, 4), (1, 5, 1)),
    "Minimum": lambda: merged(layers.Minimum, (6, 5, 4), (6, 5, 4)),
    "Concatenate": lambda: merged(layers.Concatenate, (6, 5, 4), (6, 5, 2), (6, 5, 1)),
    "Concatenate rows": lambda: merged(layers.Concatenate, (6, 5, 4), (2, 5, 4), axis=1),
    "Calculation": calculated,
    "Idle": lambda: in_row(
        (6, 5, 3), layers.RandomFlip(), layers.Dropout(0.5), layers.GaussianNoise(1.0), layers.SpatialDropout2D(0.5)
    ),
}


# Whole networks


def residual():
    """Two blocks with a way around, the second with a shorter way of its own; a layer that is called twice."""
    start = keras.Input((24, 20, 3))
    values = before = layers.Conv2D(8, 3, padding="same", name="stem")(start)
    for block, strides in enumerate((1, 2)):
        values = layers.Conv2D(8, 3, strides=strides, padding="same", use_bias=False)(before)
        values = layers.ReLU()(layers.BatchNormalization()(values))
        values = layers.BatchNormalization()(layers.Conv2D(8, 3, padding="same", use_bias=False)(values))
        around = layers.Conv2D(8, 1, strides=2, name="shorter")(before) if block else before
        before = layers.Activation("relu")(layers.Add()([values, around]))
    again = layers.Conv2D(8, 3, padding="same", activation="relu", name="again")
    values = again(again(before))
    return with_random_weights(keras.Model(start, layers.Dense(5, "softmax")(layers.GlobalAveragePooling2D()(values))))


def u_net():
    """Down and up again, with ways across."""
    start = keras.Input((32, 24, 1))
    one = layers.Conv2D(4, 3, padding="same", activation="relu")(start)
    two = layers.Conv2D(8, 3, padding="same", activation="relu")(layers.MaxPooling2D()(one))
    three = layers.Conv2D(16, 3, padding="same", activation="relu")(layers.MaxPooling2D()(two))
    up = layers.Concatenate()([two, layers.Conv2DTranspose(8, 2, strides=2)(three)])
    up = layers.Conv2D(8, 3, padding="same", activation="relu")(up)
    up = layers.Concatenate()([one, layers.Conv2DTranspose(4, 3, strides=2, padding="same")(up)])
    return with_random_weights(keras.Model(start, layers.Conv2D(1, 1, activation="sigmoid")(up)))


def nested():
    """A Sequential in a Functional in a Sequential, with a name that comes twice."""
    inner = keras.Sequential([keras.Input((10, 10, 4)), layers.Conv2D(4, 3, name="twice"), layers.ELU()], name="inner")
    start = keras.Input((12, 12, 3))
    middle = layers.Conv2D(4, 3, name="twice")(start)
    middle = keras.Model(start, [inner(middle), layers.Cropping2D(1)(middle)], name="middle")
    start = keras.Input((12, 12, 3))
    one, two = middle(layers.Rescaling(1 / 255)(start))
    return with_random_weights(keras.Model(start, layers.Dense(3)(layers.Flatten()(layers.Multiply()([one, two])))))


def mobile_net():
    """As Keras begins it, but for the averages: weights all at random would grow beyond all bounds in 150 layers."""
    keras.utils.set_random_seed(1)
    model = keras.applications.MobileNetV2((96, 96, 3), weights=None, classes=20)
    for weight in model.weights:
        if "moving_mean" in weight.path:
            weight.assign(RANDOM.normal(0, 0.1, weight.shape))
    return model


def old_file(network, version="2.2.4"):
    """A network from an .h5 file as an old Keras wrote it."""
    entry, weights, _ = network(version)
    with tempfile.TemporaryDirectory() as folder:
        return models.load_model(old_files.write_file(Path(folder) / "old.h5", version, entry, weights))


NETWORKS = {
    "mnist_cnn": lambda: models.pretrained("mnist_cnn")[0],
    "shapes_cnn": lambda: models.pretrained("shapes_cnn_real")[0],
    "digits_cnn": lambda: models.pretrained("digits_cnn_real")[0],
    "cats_cnn": lambda: models.pretrained("cats_cnn_real")[0],
    "a network with ways around": residual,
    "a U-Net": u_net,
    "a nested network": nested,
    "MobileNetV2": mobile_net,
    "an old file": lambda: old_file(old_networks.stack),
    "an old file with a nested network": lambda: old_file(old_networks.nested_first),
    "an old file with a hard sigmoid": lambda: old_file(old_networks.old_sigmoid, "2.9.0"),
}


@pytest.fixture(scope="module")
def tab():
    with open_page() as (page, errors):
        page.goto("about:blank")
        yield page
        assert errors == []


def image_for(model):
    shape = model.inputs[0].shape[1:]
    return (
        RANDOM.normal(0, 1, shape).astype("float32") if len(shape) < 3 else RANDOM.random(shape, dtype="float32") - 0.3
    )


def distance(found, expected):
    """The largest difference, as a share of the largest value."""
    assert found.shape == expected.shape
    return float(np.abs(found - expected).max() / max(np.abs(expected).max(), 1e-30))


def test_every_type_of_layer_is_that_of_keras(tab):
    built = list(random_cases()) + [(name, build()) for name, build in CHOSEN.items()]
    images = [image_for(model) for _, model in built]
    found = run_in_page(tab, [as_case(model, image) for (_, model), image in zip(built, images, strict=True)])
    worst = {}
    for (name, model), image, (_, answers, _) in zip(built, images, found, strict=True):
        worst[name] = distance(answers[0], model(image[None], training=False).numpy()[0])
    print(f"{len(worst)} cases, largest difference {max(worst.values()):.1e} ({max(worst, key=worst.get)})")
    assert {name: far for name, far in worst.items() if not far <= NEAR} == {}
    kinds = {type(layer).__name__ for _, model in built for layer in model.layers}
    assert set(network_export.LAYERS) <= kinds, "every type of layer is tried"


@pytest.mark.filterwarnings("ignore:The highest value of these images")  # they are random, and so are the networks
@pytest.mark.parametrize("name", NETWORKS)
def test_every_layer_of_a_network_is_that_of_keras(tab, name):
    model = NETWORKS[name]()
    image = np.abs(image_for(model))
    expected = read_activations(model, image[None])
    case = as_case(model, image)
    ((found, answers, seconds),) = run_in_page(tab, [case])
    worst = {layer: distance(found[layer], values[0]) for layer, values in expected.items()}
    print(f"{name}: {len(worst)} layers, largest difference {max(worst.values()):.1e}, {seconds:.2f} s")
    assert max(worst.values()) <= NEAR, worst
    half = as_case(model, image, exact=False)
    ((found, answers, _),) = run_in_page(tab, [half])
    rounded = distance(answers[0], expected[list(expected)[-1]][0])
    print(f"  half precision: {len(half['weights']) / model.count_params():.2f} bytes a weight, off by {rounded:.1e}")
    assert len(half["weights"]) <= 3 * model.count_params() + 20_000 and rounded <= 0.02


# What a value is made of


SUMS = ("Conv2D", "Depthwise", "Separable", "MaxPooling", "AveragePooling", "Global", "Dense", "BatchN", "Rescaling")


def without_activations(model):
    """What the layers add up, before any activation."""
    for layer in model.layers:
        if hasattr(layer, "activation"):
            layer.activation = keras.activations.linear
    return model


def test_the_terms_of_a_value_add_up_to_it(tab):
    """For every type of layer that adds up in a window, at random places: what Keras gives there."""
    built = [(name, without_activations(build)) for name, build in random_cases() if name.startswith(SUMS)]
    built += [(name, build()) for name, build in CHOSEN.items() if name.startswith(SUMS)]
    built.append(("Dense of maps", in_row((4, 5, 3), layers.Conv2D(2, 2), layers.Flatten(), layers.Dense(6))))
    cases, expected = [], []
    for _, model in built:
        image = image_for(model)
        values = model(image[None], training=False).numpy()[0]
        rows = values.reshape((1, 1, -1) if values.ndim == 1 else values.shape)
        y, x, channel = (int(RANDOM.integers(side)) for side in rows.shape)
        case = as_case(model, image)
        asked = [{"place": len(case["network"]["nodes"]) - 1, "y": y, "x": x, "channel": channel}]
        cases.append(case | {"asked": asked})
        expected.append((rows[y, x, channel], np.abs(values).max()))
    worst = {}
    for (name, _), (value, largest), (found,) in zip(built, expected, ask_in_page(tab, cases), strict=True):
        explained = found["explained"]
        shares = [each["share"] for each in explained["shares"]]
        assert shares == sorted(shares, key=abs, reverse=True), "the largest first"
        patch = sum(term["value"] * term["weight"] for term in explained["patch"]["terms"])
        assert patch == pytest.approx(shares[0] if shares else 0, abs=1e-6), "one map's terms are its share"
        worst[name] = abs(sum(shares) + explained["bias"] - value) / max(largest, 1e-30)
    print(f"{len(worst)} cases, largest difference {max(worst.values()):.1e} ({max(worst, key=worst.get)})")
    assert {name: far for name, far in worst.items() if not far <= NEAR} == {}


def test_a_dense_layers_shares_are_those_of_the_maps_before_it(tab):
    model = in_row((4, 5, 3), layers.Conv2D(2, 2, name="maps"), layers.Flatten(), layers.Dense(6))
    image = image_for(model)
    case = as_case(model, image) | {"asked": [{"place": 3, "y": 0, "x": 0, "channel": 4}]}
    explained = ask_in_page(tab, [case])[0][0]["explained"]
    maps, weights = read_activations(model, image[None], "maps")["maps"][0], model.get_weights()[2][:, 4]
    expected = (maps * weights.reshape(maps.shape)).sum((0, 1))
    found = {each["map"]: each["share"] for each in explained["shares"]}
    np.testing.assert_allclose([found[0], found[1]], expected, rtol=1e-4)
    assert explained["window"] == {"top": 0, "left": 0, "bottom": 3, "right": 4} and explained["before"] == 1


def test_a_layer_without_a_sum_is_not_explained(tab):
    case = as_case(in_row((4, 5, 3), layers.ReLU()), np.ones((4, 5, 3)))
    assert ask_in_page(tab, [case | {"asked": [{"place": 1, "y": 0, "x": 0, "channel": 0}]}])[0][0]["explained"] is None


def seen_by(model, y, x):
    """Rows and columns of the image that change the value at y, x when they change: what a receptive field is."""
    image = RANDOM.random(model.input_shape[1:], dtype="float32")
    height, width = image.shape[:2]
    changed = np.stack([image] * (height + width))
    for place in range(height):
        changed[place, place] += 1
    for place in range(width):
        changed[height + place, :, place] += 1
    values = model(np.concatenate([image[None], changed])).numpy()[:, y, x]
    touched = np.flatnonzero(np.abs(values[1:] - values[0]).max(-1) > 1e-6)
    rows, columns = touched[touched < height], touched[touched >= height] - height
    return [[rows.min(), rows.max() + 1], [columns.min(), columns.max() + 1]]


def branches():
    start = keras.Input((24, 20, 2))
    one = layers.Conv2D(3, 3, strides=2, padding="same")(start)
    two = layers.AveragePooling2D(2)(layers.Conv2D(3, (1, 5), padding="same", dilation_rate=(1, 2))(start))
    return with_random_weights(keras.Model(start, layers.Add()([one, two])))


FIELDS = {
    "convolutions": lambda: in_row(
        (24, 20, 2), layers.Conv2D(3, 3), layers.AveragePooling2D(2), layers.Conv2D(2, (3, 2))
    ),
    "up again": lambda: in_row(
        (24, 20, 2), layers.Conv2D(3, 3, strides=2), layers.Conv2DTranspose(2, 3, strides=2, padding="same")
    ),
    "moved": lambda: in_row(
        (24, 20, 2), layers.ZeroPadding2D((2, 1)), layers.Conv2D(2, 3), layers.Cropping2D(1), layers.UpSampling2D(2)
    ),
    "branches": branches,
}


@pytest.mark.parametrize("name", FIELDS)
def test_receptive_fields_are_what_a_value_depends_on(tab, name):
    model = FIELDS[name]()
    case = as_case(model, np.zeros(model.input_shape[1:]))
    asked = [
        {"place": case["network"]["outputs"][0], "y": y, "x": x, "channel": 0} for y, x in ((0, 0), (4, 5), (7, 6))
    ]
    (found,) = ask_in_page(tab, [case | {"asked": asked}])
    for each, details in zip(found, asked, strict=True):
        inside = np.clip(each["field"], 0, [[24], [20]]).tolist()
        assert inside == seen_by(model, details["y"], details["x"])


def test_fresh_weights_are_those_that_keras_begins_with(tab):
    """Glorot's limit for kernels, zeros for biases, batch normalisation as it begins; what is set by hand stays."""
    shared = layers.Conv2D(30, 3, name="again", padding="same")
    start = keras.Input((9, 9, 30))
    values = shared(shared(layers.Rescaling(2.0, offset=1.0)(start)))
    values = layers.BatchNormalization()(layers.DepthwiseConv2D(3)(values))
    model = with_random_weights(keras.Model(start, layers.Dense(20, "softmax")(layers.Flatten()(values))))
    case = as_case(model, image_for(model)) | {"fresh": True}
    names = [node["name"] for node in case["network"]["nodes"]]
    where = {"channel": 2, "y": 1, "x": 1}
    places = [place for place, name in enumerate(names) if place and "flatten" not in name]
    first, second = (
        [each["explained"] for each in found]
        for found in ask_in_page(tab, [case | {"asked": [where | {"place": place} for place in places]}] * 2)
    )
    rescaled, once, again, depthwise, normalised, answer = first
    weights = [[term["weight"] for term in each["patch"]["terms"]] for each in first]
    assert weights[0] == [2] and rescaled["bias"] == 1
    assert weights[4] == pytest.approx([1 / np.sqrt(1.001)]) and normalised["bias"] == 0
    for drawn, limit in ((once, 540), (again, 540), (depthwise, 9 * 31), (answer, 30 * 49 + 20)):
        found = np.array([term["weight"] for term in drawn["patch"]["terms"]])
        assert np.abs(found).max() < np.sqrt(6 / limit) and np.ptp(found) > 0 and drawn["bias"] == 0
    assert first[5]["total"] != second[5]["total"], "they are drawn each time"
