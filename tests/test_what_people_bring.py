"""Networks and images as people have them: half precision, data sets, donors' layers, operations, ends of all kinds."""

import itertools
from contextlib import nullcontext

import keras
import numpy as np
import pytest
from keras import layers
from PIL import Image

from helpers import explanations
from helpers._shared.images import in_steps
from helpers.activations import channel_statistics, class_means, layer_names, read_activations
from helpers.models.input_format import what_it_takes
from helpers.workshop.inspecting import inspect_network, render_page

RANDOM = np.random.default_rng(11)
IMAGES = RANDOM.random((5, 8, 8, 3), dtype=np.float32)
LABELS = np.array([0, 1, 0, 1, 0])


@pytest.fixture(autouse=True)
def seeded():
    keras.utils.set_random_seed(4)


def small():
    """A network with a channel that is silent for all images."""
    model = keras.Sequential(
        [
            keras.Input((8, 8, 3)),
            layers.Conv2D(4, 3, activation="relu", name="conv"),
            layers.BatchNormalization(name="norm"),
            layers.Flatten(name="flat"),
            layers.Dense(3, activation="softmax", name="end"),
        ]
    )
    kernel, bias = model.get_layer("conv").get_weights()
    bias[2] = -100
    model.get_layer("conv").set_weights([kernel, bias])
    return model


# Half precision


@pytest.mark.parametrize("policy", ["mixed_float16", "mixed_bfloat16", "float16", "bfloat16", "float64"])
@pytest.mark.parametrize("dtype", ["float32", "float64", "bfloat16"])
def test_whatever_precision_is_computed_with_in_float32(policy, dtype):
    keras.config.set_dtype_policy(policy)
    try:
        model = small()
    finally:
        keras.config.set_dtype_policy("float32")
    images = keras.ops.convert_to_numpy(keras.ops.cast(IMAGES, dtype))
    read = read_activations(model, images)
    assert {values.dtype.name for values in read.values()} == {"float32"}
    expected = np.float32(keras.ops.convert_to_numpy(model(IMAGES)))
    np.testing.assert_allclose(read["end"], expected, atol=0.05)
    np.testing.assert_allclose(read["conv"].mean(axis=(1, 2)), channel_statistics(model, images)["conv"], atol=0.05)
    assert np.isfinite(class_means(model, images, LABELS)["conv"]).all()
    assert explanations.channel_states(model, "conv", images)["dead"].tolist() == [2]
    heatmaps = explanations.grad_cam(model, images)
    assert heatmaps.dtype == explanations.logits(model, images).dtype == np.float32
    assert explanations.occlusion(model, images).falls.dtype == np.float32
    assert explanations.best_input(model, "conv", starts=images[:2], steps=2).images.dtype == np.float32
    found = inspect_network(model, images)
    assert found.answers.kind == "softmax" and found.states["conv"]["dead"].tolist() == [2]


# Data sets


class Pairs(keras.utils.PyDataset):
    """Batches of images and labels; endless where it is asked to."""

    def __init__(self, endless=False):
        super().__init__()
        self.endless = endless

    @property
    def num_batches(self):
        return None if self.endless else 3

    def __getitem__(self, place):
        return IMAGES[2 * place : 2 * place + 2], LABELS[2 * place : 2 * place + 2]


class Growing(Pairs):
    """Batches of images, each larger than the one before."""

    def __getitem__(self, place):
        return np.zeros((2, 8 + place, 8, 3), np.float32)


def dataset(*arrays):
    tf = pytest.importorskip("tensorflow")
    return tf.data.Dataset.from_tensor_slices(arrays if len(arrays) > 1 else arrays[0])


FINITE = {
    "images": lambda: dataset(IMAGES).batch(2),
    "images and labels": lambda: dataset(IMAGES, LABELS).batch(2),
    "one by one": lambda: dataset(IMAGES, LABELS),
    "of a length that is not known": lambda: dataset(IMAGES, LABELS).filter(lambda image, label: label >= 0).batch(2),
    "PyDataset": Pairs,
}


@pytest.mark.parametrize("kind", FINITE)
def test_a_data_set_that_ends_is_taken_as_its_images(kind):
    model, given = small(), FINITE[kind]()
    for name, values in read_activations(model, given).items():
        np.testing.assert_allclose(values, read_activations(model, IMAGES)[name], atol=1e-6)
    means = class_means(model, given, LABELS)["conv"]
    np.testing.assert_allclose(means, class_means(model, IMAGES, LABELS)["conv"], atol=1e-6)
    np.testing.assert_allclose(explanations.grad_cam(model, given), explanations.grad_cam(model, IMAGES), atol=1e-5)
    falls = explanations.occlusion(model, given).falls
    np.testing.assert_allclose(falls, explanations.occlusion(model, IMAGES).falls, atol=1e-5)
    assert explanations.channel_states(model, "conv", given)["dead"].tolist() == [2]
    assert len(inspect_network(model, given).given.images) == 5


def test_of_a_data_set_no_more_is_held_than_a_step_needs():
    held = []

    class Counted(Pairs):
        def __getitem__(self, place):
            held.append(place)
            return super().__getitem__(place)

    steps = in_steps(small(), Counted(), 2)
    for number, (rows, part) in enumerate(steps):
        assert held == list(range(number + 1)) and len(part) == rows.stop - rows.start
        np.testing.assert_array_equal(part, IMAGES[rows])
    assert [rows.stop for rows, _ in in_steps(small(), dataset(IMAGES), 3)] == [3, 5]  # one by one


def test_labels_that_are_not_as_many_as_the_images_of_a_data_set():
    for labels in (LABELS[:3], np.repeat(LABELS, 2)):
        with pytest.raises(ValueError, match="labels must be 5 whole numbers"):
            class_means(small(), Pairs(), labels)


def test_an_image_of_a_data_set_that_is_not_finite_is_counted_from_its_first():
    images = IMAGES.copy()
    images[3] = np.nan
    with pytest.warns(UserWarning, match=r"images\[3\] holds") as said:
        channel_statistics(small(), dataset(images).batch(2), batch_size=2)
    assert len(said) == 1


def test_of_a_data_set_inspect_reads_so_many():
    given = inspect_network(small(), dataset(IMAGES).batch(2), most=3).given
    assert len(given.images) == 3 and "the first 3 images" in given.notes[0]


def test_a_data_set_of_several_inputs():
    one, other = keras.Input((8, 8, 3), name="one"), keras.Input((2,), name="other")
    model = keras.Model([one, other], layers.Concatenate(name="join")([layers.Flatten()(one), other]))
    numbers = RANDOM.random((5, 2), dtype=np.float32)
    expected = read_activations(model, [IMAGES, numbers])["join"]
    named = dataset({"one": IMAGES, "other": numbers}).batch(2)
    paired = dataset((IMAGES, numbers), LABELS).batch(2)
    for given in (named, paired):
        np.testing.assert_array_equal(read_activations(model, given)["join"], expected)


def from_generator():
    tf = pytest.importorskip("tensorflow")
    spec = tf.TensorSpec((None, 8, 8, 3))
    return tf.data.Dataset.from_generator(
        lambda: itertools.repeat(np.repeat(IMAGES, 400, axis=0)), output_signature=spec
    )


ENDLESS = {
    "flow": lambda: keras.src.legacy.preprocessing.image.ImageDataGenerator().flow(IMAGES, LABELS, batch_size=2),
    "generator": lambda: itertools.repeat((IMAGES, LABELS)),
    "repeat": lambda: dataset(IMAGES, LABELS).batch(2).repeat(),
    "from_generator": from_generator,
    "PyDataset": lambda: Pairs(endless=True),
}
ASKED = {
    "read": lambda model, images: read_activations(model, images),
    "means": lambda model, images: class_means(model, images, LABELS),
    "statistics": lambda model, images: channel_statistics(model, images),
    "grad_cam": lambda model, images: explanations.grad_cam(model, images),
    "occlusion": lambda model, images: explanations.occlusion(model, images),
    "logits": lambda model, images: explanations.logits(model, images),
    "states": lambda model, images: explanations.channel_states(model, "conv", images),
    "inspect": lambda model, images: inspect_network(model, images, most=10**6),
}


@pytest.mark.parametrize("ask", ASKED)
@pytest.mark.parametrize("kind", ENDLESS)
def test_what_never_ends_is_refused_with_the_line_that_takes_one_batch(kind, ask, monkeypatch):
    monkeypatch.setattr("helpers._shared.images.MOST", (5_000, 2**30))
    given = ENDLESS[kind]()
    with pytest.raises(ValueError) as error:
        ASKED[ask](small(), given)
    line = "images, labels = next(iter(dataset))"
    assert line in str(error.value) and "\n" not in str(error.value)
    if kind != "from_generator":  # which gives images alone
        assert len(next(iter(given))) == 2


@pytest.mark.parametrize(
    ("make", "words"),
    [
        (lambda: dataset(IMAGES[:0]).batch(2), "empty"),
        (lambda: dataset(IMAGES[:, :7]).batch(2), r"\(images, 8, 8, 3\), and \(5, 7, 8, 3\) came"),
        (Growing, "of one size"),
    ],
)
def test_a_data_set_that_does_not_fit_is_one_sentence(make, words):
    with pytest.raises(ValueError, match=words):
        read_activations(small(), make())


# Several inputs


def two_images():
    """Two branches that meet behind their convolutions; a linear end, so that heatmaps can be had by hand."""
    left, right = keras.Input((8, 8, 3), name="left"), keras.Input((6, 6, 1), name="right")
    ends = []
    for image, name in ((left, "one"), (right, "two")):
        maps = layers.Conv2D(4, 3, activation="relu", name=name)(image)
        ends.append(layers.Flatten(name=f"flat_{name}")(maps))
    joined = layers.Concatenate(name="join")(ends)
    return keras.Model([left, right], layers.Dense(3, name="end")(joined))


SMALL = RANDOM.random((5, 6, 6, 1), dtype=np.float32)
BOTH = {"list": [IMAGES, SMALL], "dict": {"right": SMALL, "left": IMAGES}}


@pytest.mark.parametrize("form", BOTH)
@pytest.mark.parametrize(("input", "name"), [("left", "one"), ("right", "two"), (0, "one"), (None, "two")])
def test_grad_cam_of_one_of_several_inputs_is_that_by_hand(form, input, name):
    model = two_images()
    read = read_activations(model, BOTH[form])
    chosen = read["end"].argmax(axis=1)
    weights = model.get_layer("end").get_weights()[0]
    first = 0 if name == "one" else 6 * 6 * 4
    maps = read[name]
    own = weights[first : first + maps[0].size].reshape(*maps.shape[1:], 3).mean(axis=(0, 1))  # (channels, classes)
    by_hand = np.maximum((maps * own.T[chosen][:, np.newaxis, np.newaxis]).sum(axis=-1), 0)
    np.testing.assert_allclose(explanations.grad_cam(model, BOTH[form], input=input), by_hand, atol=1e-4)
    np.testing.assert_allclose(explanations.logits(model, BOTH[form]), read["end"], atol=1e-5)


@pytest.mark.parametrize("form", BOTH)
@pytest.mark.parametrize("input", ["left", "right"])
def test_occlusion_covers_one_of_several_inputs(form, input):
    model = two_images()
    found = explanations.occlusion(model, BOTH[form], 1, input=input, patch=2, stride=2)
    images = {"left": IMAGES, "right": SMALL}
    side = images[input].shape[1] // 2
    assert found.falls.shape == (5, side, side)
    covered = dict(images)
    covered[input] = covered[input].copy()
    covered[input][:, 2:4, :2] = 0
    before, after = (model.predict([each["left"], each["right"]], verbose=0)[:, 1] for each in (images, covered))
    np.testing.assert_allclose(found.falls[:, 1, 0], before - after, atol=1e-5)


def test_channels_of_several_inputs_are_woken_through_all_of_them():
    model = two_images()
    model.get_layer("two").set_weights([np.ones((3, 3, 1, 4)), np.float32([0, -8.5, -100, 0])])
    states = explanations.channel_states(model, "two", BOTH["dict"])
    assert [states[state].tolist() for state in ("active", "not asked", "dead")] == [[0, 3], [1], [2]]


@pytest.mark.parametrize(
    ("ask", "words"),
    [
        (lambda model: explanations.occlusion(model, BOTH["list"]), "input must be one of left, right, not None"),
        (lambda model: explanations.occlusion(model, BOTH["list"], input=2), "one of left, right, not 2"),
        (lambda model: explanations.grad_cam(model, BOTH["list"], input="top"), "one of left, right, not 'top'"),
        (lambda model: explanations.grad_cam(model, [IMAGES]), "one array for each, in this order"),
        (lambda model: explanations.best_input(model, "one"), "one input of images of a known size"),
    ],
)
def test_several_inputs_are_asked_for_in_a_sentence(ask, words):
    with pytest.raises(ValueError, match=words):
        ask(two_images())


def test_an_input_of_numbers_is_not_covered_and_has_no_convolution():
    image, numbers = keras.Input((8, 8, 3), name="image"), keras.Input((2,), name="numbers")
    maps = layers.Conv2D(4, 3, name="conv")(image)
    ends = layers.Concatenate()([layers.Flatten()(maps), numbers])
    model, given = keras.Model([image, numbers], layers.Dense(3)(ends)), [IMAGES, np.ones((5, 2))]
    assert explanations.grad_cam(model, given, input="image").shape == (5, 6, 6)
    with pytest.raises(ValueError, match="a convolution behind input 'numbers'"):
        explanations.grad_cam(model, given, input="numbers")
    with pytest.raises(ValueError, match=r"can be covered, not \(2,\)"):
        explanations.occlusion(model, given, input="numbers")


# Layers of a donor


def donors():
    """Layers that have been called before, on other shapes, and in another order."""
    conv, pool = layers.Conv2D(4, 3, activation="relu", name="conv"), layers.MaxPooling2D(name="pool")
    drop, relu = layers.Dropout(0.5, name="drop"), layers.ReLU(name="relu")
    image = keras.Input((16, 16, 3))
    keras.Model(image, drop(relu(layers.Flatten()(conv(pool(image))))))
    return conv, pool, drop, relu


def donated():
    conv, pool, drop, relu = donors()
    ends = [layers.Flatten(name="flat"), layers.Dense(3, activation="softmax", name="end")]
    return keras.Sequential([keras.Input((8, 8, 3)), conv, pool, drop, relu, *ends])


def donated_to_a_branch():
    conv, pool, drop, relu = donors()
    image = keras.Input((8, 8, 3))
    flat = layers.Flatten(name="flat")(relu(drop(pool(conv(image)))))
    return keras.Model(image, layers.Dense(3, activation="softmax", name="end")(flat))


def donated_within():
    inner = keras.Sequential([keras.Input((8, 8, 3)), *donors()], name="inner")
    ends = [layers.Flatten(name="flat"), layers.Dense(3, activation="softmax", name="end")]
    return keras.Sequential([keras.Input((8, 8, 3)), inner, *ends])


@pytest.mark.parametrize("build", [donated, donated_to_a_branch, donated_within])
def test_a_donors_layer_is_asked_for_its_call_in_this_model(build):
    model = build()
    first = "inner/" if build is donated_within else ""
    read = read_activations(model, IMAGES)
    conv = (model.get_layer("inner") if first else model).get_layer("conv")
    np.testing.assert_allclose(read[f"{first}conv"], keras.ops.convert_to_numpy(conv(IMAGES)), atol=1e-5)
    for name in ("conv", "pool", "drop", "relu"):
        heatmaps = explanations.grad_cam(model, IMAGES, first + name)
        assert heatmaps.shape == read[first + name].shape[:3]
        assert explanations.best_input(model, first + name, [3], starts=1, steps=1).images.shape == (1, 8, 8, 3)
    maps = read[f"{first}relu"]  # the same by hand: all behind the last maps is linear
    weights = model.get_layer("end").get_weights()[0].reshape(*maps.shape[1:], 3)[..., read["end"].argmax(axis=1)]
    weights = weights.mean(axis=(0, 1)).T[:, np.newaxis, np.newaxis]
    by_hand = np.maximum((maps * weights).sum(axis=-1), 0)
    np.testing.assert_allclose(explanations.grad_cam(model, IMAGES, f"{first}relu"), by_hand, atol=1e-4)
    found = inspect_network(model, IMAGES)
    assert list(found.table["after ReLU"][:4]) == [True] * 4  # for the donor, pool came before conv and had no ReLU
    states = explanations.channel_states(model, f"{first}relu", IMAGES)
    assert sum(len(channels) for channels in states.values()) == 4


def test_a_donors_lambda_has_the_shape_it_has_here():
    double = layers.Lambda(lambda values: 2 * values, name="double")
    keras.Sequential([keras.Input((5,)), double])
    model = keras.Sequential([keras.Input((8, 8, 3)), double, *small().layers])
    assert explanations.grad_cam(model, IMAGES).shape == (5, 6, 6)


# Operations between layers


def with_operations():
    image = keras.Input((8, 8, 3))
    first, second = layers.Conv2D(4, 3, name="a")(image / 2), layers.Conv2D(4, 3, name="b")(image)
    mixed = keras.ops.relu(keras.ops.relu(first + second) - 0.5)
    return keras.Model(image, keras.ops.softmax(layers.Dense(3, name="end")(keras.ops.mean(mixed, axis=(1, 2)))))


def test_operations_are_listed_by_what_they_do_whatever_was_built_before():
    names = ["true_divide", "a", "b", "add", "relu", "subtract", "relu_1", "mean", "end", "softmax"]
    for _ in range(2):
        assert sorted(layer_names(with_operations())) == sorted(names)
    inner = keras.Sequential([keras.Input((8, 8, 3)), with_operations()])
    assert "relu_1" in {name.split("/")[1] for name in layer_names(inner)}


def test_a_layer_that_has_the_name_of_an_operation_keeps_it():
    image = keras.Input((8, 8, 3))
    added = layers.Add(name="add")([image, image])
    names = layer_names(keras.Model(image, layers.Flatten(name="flat")(added + image)))
    assert names == ["add", "add_1", "flat"]


def test_operations_are_read_and_explained_like_layers():
    model = with_operations()
    read = read_activations(model, IMAGES)
    np.testing.assert_allclose(read["add"], read["a"] + read["b"], atol=1e-5)
    np.testing.assert_allclose(read["relu_1"], np.maximum(np.maximum(read["add"], 0) - 0.5, 0), atol=1e-5)
    np.testing.assert_allclose(read["softmax"], model.predict(IMAGES, verbose=0), atol=1e-5)
    weights = model.get_layer("end").get_weights()[0][:, read["softmax"].argmax(axis=1)]  # (4, images)
    by_hand = np.maximum((read["relu_1"] * weights.T[:, None, None] / 36).sum(axis=-1), 0)
    np.testing.assert_allclose(explanations.grad_cam(model, IMAGES, "relu_1"), by_hand, atol=1e-4)
    assert explanations.grad_cam(model, IMAGES, "add").shape == (5, 6, 6)
    states = explanations.channel_states(model, "relu", IMAGES)
    awake = (read["relu"] > 0).any(axis=(0, 1, 2))
    assert states["active"].tolist() == np.flatnonzero(awake).tolist()
    assert explanations.best_input(model, "relu", [0], starts=1, steps=2).value.shape == (1,)
    found = inspect_network(model, IMAGES)
    assert list(found.table.index) == layer_names(model) and found.table["parameters"].sum() == model.count_params()
    assert found.table["after ReLU"][["add", "relu", "relu_1"]].tolist() == [False, True, True]
    assert found.table["kind"]["add"] == "Add" and found.figures["relu"].axes and found.answers.kind == "softmax"


def test_what_has_no_number_for_each_image_is_no_layer():
    image = keras.Input((8, 8, 3))
    model = keras.Model(image, layers.Flatten(name="flat")(image / keras.ops.max(image)))
    assert layer_names(model) == ["true_divide", "flat"]


# After the softmax


def dense(maps, classes=3, activation="softmax"):
    return layers.Dense(classes, activation=activation)(layers.Flatten()(maps))


def one_by_one(maps):
    return layers.Conv2D(3, 1, activation="softmax")(maps)


KEPT = {
    "reshape": lambda maps: layers.Reshape((3,))(dense(maps)),
    "flatten": lambda maps: layers.Flatten()(layers.Conv2D(3, 6, activation="softmax")(maps)),
    "dropout": lambda maps: layers.Dropout(0.5)(dense(maps)),
    "linear": lambda maps: layers.Activation("linear", dtype="float32")(dense(maps)),
    "all of them": lambda maps: layers.Activation("linear")(layers.Dropout(0.5)(layers.Reshape((3,))(dense(maps)))),
    "ops.softmax": lambda maps: keras.ops.softmax(dense(maps, activation=None)),
    "ops.softmax, reshape": lambda maps: keras.ops.reshape(keras.ops.softmax(dense(maps, activation=None)), (-1, 3)),
    "Softmax": lambda maps: layers.Reshape((3,))(layers.Softmax()(dense(maps, activation=None))),
    "nested": lambda maps: keras.Sequential([keras.Input((3,)), layers.Reshape((3,))])(dense(maps)),
}
POOLED = {
    "global average": lambda maps: layers.GlobalAveragePooling2D()(one_by_one(maps)),
    "average": lambda maps: layers.Flatten()(layers.AveragePooling2D(6)(one_by_one(maps))),
    "ops.mean": lambda maps: keras.ops.mean(one_by_one(maps), axis=(1, 2)),
    "ensemble": lambda maps: layers.Average()([dense(maps), dense(maps)]),
    "ensemble of Softmax": lambda maps: layers.Average()([keras.ops.softmax(dense(maps, activation=None))] * 2),
}


def ending(end):
    image = keras.Input((8, 8, 3))
    return keras.Model(image, end(layers.Conv2D(4, 3, activation="relu", name="conv")(image)))


@pytest.mark.parametrize("kind", [*KEPT, *POOLED])
def test_the_softmax_is_found_behind_what_only_hands_it_on(kind):
    model = ending({**KEPT, **POOLED}[kind])
    answers, found = model.predict(IMAGES, verbose=0), explanations.logits(model, IMAGES)
    np.testing.assert_allclose(keras.ops.softmax(found), answers, atol=1e-5)
    if kind in KEPT:  # what the softmax was given, not only up to a constant
        weights, bias = [each for layer in model.layers for each in layer.get_weights()][-2:]
        maps = read_activations(model, IMAGES, ["conv"])["conv"].reshape(5, -1)
        np.testing.assert_allclose(found, maps @ weights.reshape(-1, 3) + bias, atol=1e-5)
    assert explanations.grad_cam(model, IMAGES, "conv").any()
    assert inspect_network(model, IMAGES).answers.kind == "softmax"


def test_grad_cam_at_the_convolution_that_has_the_softmax_asks_before_it():
    model = ending(KEPT["flatten"])
    last = model.layers[-2].name
    falls = explanations.logits(model, IMAGES).max(axis=1).reshape(5, 1, 1)
    np.testing.assert_allclose(explanations.grad_cam(model, IMAGES, last), np.maximum(falls, 0), atol=1e-5)


def test_sigmoids_that_are_averaged_are_taken_back():
    model = ending(lambda maps: layers.Average()([dense(maps, 1, "sigmoid"), dense(maps, 1, "sigmoid")]))
    answers, found = model.predict(IMAGES, verbose=0), explanations.logits(model, IMAGES)
    np.testing.assert_allclose(keras.ops.sigmoid(found[:, 1:]), answers, atol=1e-5)
    np.testing.assert_array_equal(found[:, 0], -found[:, 1])
    assert inspect_network(model, IMAGES).answers.kind == "sigmoid"


@pytest.mark.parametrize("ends", ["softmax sigmoid", "linear softmax", "softmax softmax sigmoid"])
def test_an_average_over_different_ends_says_which(ends):
    model = ending(lambda maps: layers.Average()([dense(maps, activation=end) for end in ends.split()]))
    with pytest.raises(ValueError, match=f"ends in '{' and '.join(sorted(set(ends.split())))}'"):
        explanations.logits(model, IMAGES)
    assert inspect_network(model, IMAGES).answers.kind == "values"


@pytest.mark.parametrize(
    ("first", "scale", "words"),
    [
        ([(1 / 255, 0), (1 / 127.5, -1)], "0..255", "scales for itself"),
        ([None, (1 / 255, 0)], "0..255", "scales for itself"),
        ([(2, -1), (1 / 255, 0)], None, "a 0..1 and b 0..255, so 0 to 1 is a guess"),
        ([None, None], None, "no scaling layer"),
    ],
)
def test_the_members_of_an_ensemble_are_all_asked_what_they_take(first, scale, words):
    image, members = keras.Input((8, 8, 3)), []
    for name, scaling in zip("ab", first):
        inner = [keras.Input((8, 8, 3)), *([layers.Rescaling(*scaling)] if scaling else [])]
        inner += [layers.Conv2D(2, 3, name=name), layers.Flatten(), layers.Dense(3, activation="softmax")]
        members.append(keras.Sequential(inner)(image))
    takes = what_it_takes(keras.Model(image, layers.Average()(members)))
    assert takes.scale == scale and words in takes.reason


@pytest.mark.parametrize(
    "end", [lambda maps: layers.GlobalMaxPooling2D()(one_by_one(maps)), lambda maps: layers.Flatten()(one_by_one(maps))]
)
def test_shares_that_do_not_add_up_are_said_to_be_so(end):
    found = inspect_network(ending(end), IMAGES)
    assert found.answers.kind == "shares" and "need not add up" in found.answers.words


@pytest.mark.parametrize("end", [lambda maps: layers.GlobalAveragePooling2D()(maps), lambda maps: dense(maps, 3, None)])
def test_an_average_without_a_softmax_is_a_logit_as_it_is(end):
    model = ending(end)
    np.testing.assert_allclose(explanations.logits(model, IMAGES), model.predict(IMAGES, verbose=0), atol=1e-5)
    assert inspect_network(model, IMAGES).answers.kind == "values"


# Several outputs, and images that come out


def many_outputs():
    """Classes, a number, and maps with a softmax, a sigmoid and a tanh, in the order of a dict."""
    image = keras.Input((8, 8, 3))
    maps = layers.Conv2D(4, 3, padding="same", activation="relu", name="wide")(image)
    maps = layers.Conv2D(5, 3, padding="same", activation="relu", name="deep")(layers.MaxPooling2D()(maps))
    flat, large = layers.GlobalAveragePooling2D()(maps), layers.UpSampling2D()(maps)
    ends = {name: layers.Conv2D(n, 1, activation=end, name=name) for name, n, end in MAPS}
    made = {"kind": layers.Dense(3, activation="softmax")(flat), "age": layers.Dense(1)(flat)}
    return keras.Model(image, made | {name: end(large) for name, end in ends.items()})


MAPS = [("segments", 3, "softmax"), ("mask", 1, "sigmoid"), ("colours", 3, "tanh")]


@pytest.mark.parametrize("place", [None, (2, 5)])
@pytest.mark.parametrize("name", [name for name, *_ in MAPS])
def test_grad_cam_of_a_channel_or_place_of_the_image_that_comes_out(name, place):
    model = many_outputs()
    maps = read_activations(model, IMAGES, ["deep"])["deep"]
    kernel, bias = model.get_layer(name).get_weights()
    before = maps.repeat(2, axis=1).repeat(2, axis=2) @ kernel[0, 0] + bias
    before = np.tanh(before) if name == "colours" else before  # which is no logit
    expected = before.mean(axis=(1, 2)) if place is None else before[:, *place]
    np.testing.assert_allclose(explanations.logits(model, IMAGES, output=name, place=place), expected, atol=1e-5)
    found = explanations.grad_cam(model, IMAGES, output=name, place=place)  # at the convolution with the fewest places
    assert found.shape == (5, 4, 4)
    if name != "colours":  # the same by hand, where all behind the maps is linear
        weights = kernel[0, 0][:, expected.argmax(axis=1)].T.reshape(5, 1, 1, -1) / 16  # of 4 x 4 places
        by_hand = np.maximum((maps * weights).sum(axis=-1), 0)
        np.testing.assert_allclose(found, by_hand, atol=1e-5)
    assert explanations.occlusion(model, IMAGES, output=name, place=place, patch=4).falls.shape == (5, 4, 4)


def test_an_output_is_named_by_its_key_or_number_and_a_wrong_one_lists_them():
    model = many_outputs()
    for number, name in enumerate(["kind", "age"]):
        by_name = explanations.grad_cam(model, IMAGES, output=name)
        np.testing.assert_array_equal(explanations.grad_cam(model, IMAGES, output=number), by_name)
    for wrong in (None, "size", 5, -1, True):
        with pytest.raises(ValueError, match=f"one of kind, age, segments, mask, colours, not {wrong!r}: choose"):
            explanations.grad_cam(model, IMAGES, output=wrong)
    for output, place in (("mask", (8, 0)), ("mask", 3), ("kind", (0, 0))):
        with pytest.raises(ValueError, match="place must lie within what comes out"):
            explanations.grad_cam(model, IMAGES, output=output, place=place)


def test_the_page_shows_what_comes_out_and_where_from():
    found = inspect_network(many_outputs(), IMAGES[:1], output="segments")
    assert {name: values.shape for name, values in found.made.items()} == {name: (8, 8, n) for name, n, _ in MAPS}
    assert list(found.heatmaps) == ["channel 0", "channel 1", "channel 2"] and found.heatmap_layer == "deep"
    assert inspect_network(many_outputs(), IMAGES[:1], output="mask").heatmaps.keys() == {"what comes out"}
    text = render_page(found)
    for words in ("<h2>What comes out</h2>", "segments: 8 × 8, 3 channels", "channel 2", "<h2>Where it came from</h2>"):
        assert words in text
    assert found.figures["grad_cam"].axes


# One answer is no class 0


@pytest.mark.parametrize(
    ("units", "end", "names"),
    [
        (1, "sigmoid", ("first class", "second class")),
        (1, "linear", ("the one answer",)),
        (1, "relu", ("the one answer",)),
        (2, "sigmoid", ("class 0", "class 1")),
    ],
)
def test_one_answer_is_called_by_what_it_means(units, end, names):
    model = ending(lambda maps: dense(maps, units, end))
    found = inspect_network(model, IMAGES)
    assert found.answers.class_names == names
    assert ("class 0" in render_page(found)) == ("class 0" in names)


# Values that a network cannot take


def scaling(*first):
    ends = [
        layers.Conv2D(4, 3, activation="relu", name="conv"),
        layers.Flatten(),
        layers.Dense(3, activation="softmax"),
    ]
    return keras.Sequential([keras.Input((8, 8, 3)), *first, *ends])


@pytest.mark.parametrize("ask", ASKED)
@pytest.mark.parametrize(
    ("first", "factor", "words"),
    [
        ((), 255, "this network takes 0 to 1, as far as we can guess: divide them by 255"),
        ((layers.Rescaling(1 / 255),), 1, "this network takes 0 to 255: multiply them by 255"),
        ((), 1, ""),
        ((layers.Rescaling(1 / 255),), 255, ""),
    ],
)
def test_values_in_another_range_are_noticed_wherever_images_are_read(ask, first, factor, words):
    model, images = scaling(*first), np.float32(factor * IMAGES)
    with pytest.warns(UserWarning, match=words) if words else nullcontext():
        ASKED[ask](model, images)
    features = keras.Sequential([keras.Input((4,)), layers.Dense(2)])
    read_activations(features, np.full((2, 4), 99))  # numbers that are no image have any range


@pytest.mark.parametrize("value", [np.nan, np.inf, -np.inf])
def test_an_image_that_is_not_finite_is_named(value):
    images = IMAGES.copy()
    images[3, 1, 1] = value
    with pytest.warns(UserWarning, match=r"images\[3\] holds values that are not finite"):
        read = read_activations(small(), images)["norm"]  # a ReLU may have swallowed it
    assert np.isfinite(np.delete(read, 3, axis=0)).all()
    with pytest.raises(ValueError, match=r"the first in images\[3\]"):
        inspect_network(small(), images)


def test_who_chooses_the_range_is_not_told_that_it_is_another(tmp_path):
    Image.fromarray(np.uint8(255 * IMAGES[0])).save(tmp_path / "photo.png")
    assert inspect_network(scaling(), tmp_path / "photo.png", scale="0..255").given.images.max() > 8


@pytest.mark.parametrize("first", [(), (layers.Rescaling(1 / 255),), (layers.Rescaling(1 / 127.5, -1),)])
@pytest.mark.parametrize("value", [0, 0.5])
def test_constant_images_do_not_make_channels_dead_whatever_the_range(first, value):
    """Channel 2 answers to what is lighter than nine tenths of white."""
    model, factor = scaling(*first), 255 if first else 1
    kernel, bias = np.zeros((3, 3, 3, 4), "float32"), np.float32([1, 1, -0.9, -100])
    kernel[1, 1, :, 2] = 1 / 3
    model.get_layer("conv").set_weights([kernel, bias])
    states = explanations.channel_states(model, "conv", np.full_like(IMAGES, value * factor))
    assert (states["not asked"].tolist(), states["dead"].tolist()) == ([2], [3])
