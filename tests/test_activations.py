"""Reading layers: every kind of model, as at inference, in one pass, and nothing of the user's changed."""

import gc
import importlib.util
import os
import subprocess
import sys
import tracemalloc
import weakref

import keras
import numpy as np
import pytest
from keras import layers

from helpers.activations import (
    activation_model,
    channel_statistics,
    class_means,
    layer_names,
    read_activations,
    untrained,
)
from helpers.course import ROOT

RANDOM = np.random.default_rng(3)
IMAGES = RANDOM.random((5, 8, 8, 3), dtype=np.float32)


@pytest.fixture(autouse=True)
def seeded():
    keras.utils.set_random_seed(1)


def sequential(**options):
    """Build a network with what behaves differently in training: Dropout and BatchNormalization."""
    return keras.Sequential(
        [
            keras.Input((8, 8, 3)),
            layers.Conv2D(4, 3, activation="relu", name="conv"),
            layers.BatchNormalization(name="norm"),
            layers.Dropout(0.5, name="drop"),
            layers.Flatten(name="flat"),
            layers.Dense(2, activation="softmax", name="dense"),
        ],
        **options,
    )


def functional():
    """Build a network with a branch and two outputs."""
    image = keras.Input((8, 8, 3), name="image")
    conv = layers.Conv2D(4, 3, name="conv")(image)
    one, other = layers.MaxPooling2D(name="pool")(conv), layers.Conv2D(4, 2, strides=2, name="stride")(conv)
    joined = layers.Concatenate(name="join")([one, other])
    return keras.Model(image, [layers.Flatten(name="flat")(joined), layers.Dense(2, name="dense")(joined)])


def nested(**options):
    """Build a network that holds one, which holds another."""
    inmost = keras.Sequential([keras.Input((6, 6, 4)), layers.ReLU(name="relu")], name="inmost")
    inner = keras.Sequential(
        [keras.Input((8, 8, 3)), layers.Conv2D(4, 3, name="conv"), layers.Dropout(0.5, name="drop"), inmost],
        name="inner",
    )
    image = keras.Input((8, 8, 3))
    return keras.Model(image, layers.Dense(2, name="dense")(inner(image, training=False)), **options)


def two_inputs():
    """Build a network with two inputs, whose names are not in the order of the alphabet."""
    big, small = keras.Input((8, 8, 3), name="zebra"), keras.Input((4,), name="ant")
    parts = [layers.Flatten(name="flat")(big), layers.Dense(3, name="dense")(small)]
    return keras.Model([big, small], layers.Concatenate(name="join")(parts))


def called_on_data():
    """Build a Sequential by calling it on one image, so that its batch size is fixed to 1."""
    model = keras.Sequential([layers.Conv2D(4, 3, name="conv"), layers.Flatten(name="flat")])
    model(IMAGES[:1])
    return model


def part_of_another():
    """Build a model from layers that were called first in another one."""
    other = sequential()
    return keras.Sequential([keras.Input((8, 8, 3)), other.get_layer("conv"), layers.Flatten(name="flat")])


def layer_by_layer(model, images):
    """Call one layer after the other, the plain way."""
    found, value = {}, images
    for layer in model.layers:
        value = layer(value, training=False)
        found[layer.name] = keras.ops.convert_to_numpy(value)
    return found


@pytest.mark.parametrize("build", [sequential, called_on_data, part_of_another])
def test_equals_calling_layer_by_layer(build):
    model = build()
    read = read_activations(model, IMAGES)
    expected = layer_by_layer(model, IMAGES)
    assert list(read) == list(expected)
    for name, values in expected.items():
        np.testing.assert_allclose(read[name], values, atol=1e-5)


@pytest.mark.parametrize(
    ("build", "names"),
    [
        (sequential, ["conv", "norm", "drop", "flat", "dense"]),
        (functional, ["conv", "pool", "stride", "join", "flat", "dense"]),
        (nested, ["inner/conv", "inner/drop", "inner/inmost/relu", "dense"]),
        (two_inputs, ["flat", "dense", "join"]),
    ],
)
def test_every_layer_but_inputs_in_model_order(build, names):
    model = build()
    assert sorted(layer_names(model)) == sorted(names)
    position = [name.split("/")[0] for name in layer_names(model)]
    order = [layer.name for layer in model.layers if not isinstance(layer, keras.layers.InputLayer)]
    assert list(dict.fromkeys(position)) == order


def test_functional_with_several_outputs():
    model = functional()
    read = read_activations(model, IMAGES, ["dense", "flat", "join"])
    assert list(read) == ["dense", "flat", "join"]
    flat, dense = model.predict(IMAGES, verbose=0)
    np.testing.assert_allclose(read["flat"], flat, atol=1e-5)
    np.testing.assert_allclose(read["dense"], dense, atol=1e-5)


def test_nested_layers_are_named_by_their_path():
    model = nested()
    read = read_activations(model, IMAGES)
    inner = layer_by_layer(model.get_layer("inner"), IMAGES)
    np.testing.assert_allclose(read["inner/conv"], inner["conv"], atol=1e-5)
    np.testing.assert_allclose(read["inner/inmost/relu"], inner["inmost"], atol=1e-5)
    np.testing.assert_allclose(read["dense"], model.predict(IMAGES, verbose=0), atol=1e-5)
    whole = read_activations(model, IMAGES, ["inner", "inner/inmost"])
    np.testing.assert_array_equal(whole["inner"], read["inner/inmost/relu"])
    np.testing.assert_array_equal(whole["inner/inmost"], read["inner/inmost/relu"])


@pytest.mark.parametrize("form", [list, tuple, lambda pair: {"zebra": pair[0], "ant": pair[1]}])
def test_several_inputs_as_list_tuple_or_dict(form):
    model, small = two_inputs(), RANDOM.random((5, 4), dtype=np.float32)
    read = read_activations(model, form([IMAGES, small]), batch_size=2)
    np.testing.assert_allclose(read["join"], model.predict([IMAGES, small], verbose=0), atol=1e-5)
    assert read["dense"].shape == (5, 3)


def test_a_layer_called_twice_answers_twice():
    image = keras.Input((8, 8, 3))
    twice = layers.Conv2D(3, 3, padding="same", name="twice")
    model = keras.Model(image, twice(layers.ReLU(name="relu")(twice(image))))
    read = read_activations(model, IMAGES)
    assert sorted(read) == ["relu", "twice", "twice#2"]
    first = keras.ops.convert_to_numpy(twice(IMAGES))
    np.testing.assert_allclose(read["twice"], first, atol=1e-5)
    second = keras.ops.convert_to_numpy(twice(np.maximum(first, 0)))
    np.testing.assert_allclose(read["twice#2"], second, atol=1e-5)


def test_a_layer_with_several_outputs_is_numbered():
    steps = keras.Input((4, 2))
    values, *_ = layers.LSTM(3, return_state=True, name="lstm")(steps)
    read = read_activations(keras.Model(steps, values), np.ones((5, 4, 2), "float32"))
    assert {name: values.shape for name, values in read.items()} == dict.fromkeys(
        ["lstm[0]", "lstm[1]", "lstm[2]"], (5, 3)
    )


@pytest.mark.parametrize("policy", ["mixed_float16", "mixed_bfloat16"])
def test_half_precision_is_read_as_float32(policy):
    keras.config.set_dtype_policy(policy)
    try:
        model = sequential()
    finally:
        keras.config.set_dtype_policy("float32")
    read = read_activations(model, IMAGES)
    assert {values.dtype.name for values in read.values()} == {"float32"}
    np.testing.assert_allclose(read["dense"], np.float32(model.predict(IMAGES, verbose=0)), atol=0.01)


@pytest.mark.parametrize("suffix", ["keras", "h5"])
def test_a_loaded_model(tmp_path, suffix):
    model = sequential()
    model.save(tmp_path / f"model.{suffix}")
    loaded = keras.models.load_model(tmp_path / f"model.{suffix}", compile=False)
    np.testing.assert_allclose(read_activations(loaded, IMAGES)["conv"], read_activations(model, IMAGES)["conv"])


@pytest.mark.parametrize("batch_size", [1, 2, 5, 256])
def test_batches_do_not_show_and_all_layers_are_read_in_one_pass(monkeypatch, batch_size):
    model, sizes = sequential(), []
    expected = layer_by_layer(model, IMAGES)
    original = keras.Model.predict_on_batch

    def counted(self, images):
        sizes.append(len(images))
        return original(self, images)

    monkeypatch.setattr(keras.Model, "predict_on_batch", counted)
    read = read_activations(model, IMAGES, batch_size=batch_size)
    assert sum(sizes) == 5 and len(sizes) == -(-5 // batch_size)
    for name, values in expected.items():
        np.testing.assert_allclose(read[name], values, atol=1e-5)


def test_one_name_and_other_number_types():
    model = sequential()
    bytes_ = (IMAGES * 255).astype("uint8")
    with pytest.warns(UserWarning, match="divide them by 255"):
        read = read_activations(model, bytes_, "conv")
    assert list(read) == ["conv"]
    np.testing.assert_allclose(read["conv"], layer_by_layer(model, np.float32(bytes_))["conv"], atol=1e-3)


@pytest.mark.parametrize("build", [sequential, nested])
@pytest.mark.parametrize("compiled", [True, False])
def test_the_model_and_the_images_are_not_changed(build, compiled):
    model, images = build(), IMAGES.copy()
    if compiled:
        model.compile("adam", "mse")
    before = [weight.copy() for weight in model.get_weights()]
    state = (model.compiled, getattr(model, "optimizer", None), [layer.name for layer in model.layers], model.outputs)
    images.flags.writeable = False
    read_activations(model, images)
    class_means(model, images, [0, 1, 1, 0, 0])
    untrained(model)
    assert state == (
        model.compiled,
        getattr(model, "optimizer", None),
        [layer.name for layer in model.layers],
        model.outputs,
    )
    for old, new in zip(before, model.get_weights(), strict=True):
        np.testing.assert_array_equal(old, new)


def test_weights_are_shared_so_that_training_shows():
    model = sequential()
    first = read_activations(model, IMAGES, ["conv"])["conv"]
    conv = model.get_layer("conv")
    conv.set_weights([2 * weight for weight in conv.get_weights()])
    np.testing.assert_allclose(read_activations(model, IMAGES, ["conv"])["conv"], 2 * first, atol=1e-5)


def test_a_prepared_model_is_kept_but_not_past_a_change_of_layers():
    model = sequential()
    assert activation_model(model) is activation_model(model)
    model.pop()
    model.add(layers.Dense(7, name="dense"))
    assert read_activations(model, IMAGES)["dense"].shape == (5, 7)


@pytest.mark.parametrize("build", [sequential, functional, nested])
def test_nothing_keeps_a_model_alive_that_nobody_uses(build):
    model = build()
    read_activations(model, IMAGES)
    gone = [weakref.ref(model), weakref.ref(model.get_layer("dense")), weakref.ref(activation_model(model))]
    del model
    gc.collect()
    gc.collect()  # the first one ends the model, the second one what was prepared from it
    assert [reference() for reference in gone] == [None, None, None]


def test_activation_model_answers_with_a_dict_in_order():
    answers = activation_model(sequential(), ["dense", "conv"])(IMAGES)
    assert isinstance(answers, dict) and set(answers) == {"dense", "conv"}
    assert answers["conv"].shape == (5, 6, 6, 4)


@pytest.mark.parametrize("read", [activation_model, lambda model, names: read_activations(model, IMAGES, names)])
def test_an_unknown_layer_lists_the_names(read):
    with pytest.raises(KeyError, match="no layer 'conv9': this model has conv, norm, drop, flat, dense"):
        read(sequential(), ["conv", "conv9"])


@pytest.mark.parametrize(
    ("images", "sentence"),
    [
        (IMAGES[0], r"images\[None\]"),
        (IMAGES[:, :7], r"\(images, 8, 8, 3\), and \(5, 7, 8, 3\) came"),
        (IMAGES[..., 0], r"\(5, 8, 8\) came"),
        (IMAGES[:0], "at least one image"),
        (np.array([["a"]]), "array of numbers"),
        ([IMAGES[0], IMAGES[0, :4]], "stack images"),
        ({"wrong": IMAGES}, "0 arrays came: .* a dict of them by these names"),
        ([IMAGES, IMAGES, IMAGES[:2]], "stack images"),
    ],
)
def test_images_that_do_not_fit_are_said_in_a_sentence(images, sentence):
    with pytest.raises(ValueError, match=sentence) as error:
        read_activations(sequential(), images)
    assert "\n" not in str(error.value)


@pytest.mark.parametrize(
    ("shape", "sentence"),
    [((5, 8, 8), r"images\[\.\.\., None\]"), ((8, 8), r"images\[None, \.\.\., None\]"), ((5, 64), "resize or reshape")],
)
def test_grey_images_without_axes(shape, sentence):
    model = keras.Sequential([keras.Input((8, 8, 1)), layers.Flatten()])
    with pytest.raises(ValueError, match=sentence):
        read_activations(model, np.zeros(shape))


@pytest.mark.parametrize(
    ("images", "sentence"),
    [(IMAGES, "2 inputs"), ([IMAGES], "1 arrays came"), ([IMAGES, np.zeros((4, 4))], "same number of images")],
)
def test_too_few_inputs(images, sentence):
    with pytest.raises(ValueError, match=sentence):
        read_activations(two_inputs(), images)


class OwnCall(keras.Model):
    """A model without a graph of layers."""

    def call(self, images):
        return images


@pytest.mark.parametrize(
    ("model", "sentence"),
    [
        (lambda: keras.Sequential([layers.Dense(2)]), "no input shape"),
        (OwnCall, "no graph of layers"),
        (lambda: "model.keras", "str has no graph of layers"),
    ],
)
@pytest.mark.parametrize("use", [layer_names, activation_model, untrained])
def test_models_that_cannot_be_read(model, sentence, use):
    with pytest.raises(ValueError, match=sentence):
        use(model())


@pytest.mark.parametrize(("layers_", "batch_size", "sentence"), [([], 1, "list is empty"), (None, 0, "batch_size")])
def test_nothing_to_read(layers_, batch_size, sentence):
    with pytest.raises(ValueError, match=sentence):
        read_activations(sequential(), IMAGES, layers_, batch_size=batch_size)


@pytest.mark.parametrize("batch_size", [1, 2, 256])
@pytest.mark.parametrize("build", [sequential, nested])
def test_class_means_equal_the_means_of_what_is_read(build, batch_size):
    model, labels = build(), np.array([2, 0, 2, 2, 0])
    means, read = class_means(model, IMAGES, labels, batch_size=batch_size), read_activations(model, IMAGES)
    assert list(means) == list(read)
    for name, values in read.items():
        assert means[name].dtype == np.float64 and means[name].shape == (3, *values.shape[1:])
        assert np.isnan(means[name][1]).all()
        for label in (0, 2):
            expected = values[labels == label].astype(np.float64).mean(axis=0)
            np.testing.assert_allclose(means[name][label], expected, rtol=1e-6, atol=1e-7)


@pytest.mark.skipif(keras.backend.backend() == "jax", reason="JAX has no float64 unless told to")
def test_class_means_are_summed_in_float64_and_keep_classes_apart():
    model = keras.Sequential([keras.Input((1,)), layers.Activation("linear", name="same")])
    large = np.array([[2.0**24], [1.0], [1.0], [np.nan], [5.0]], "float32")
    with pytest.warns(UserWarning, match=r"images\[3\] holds values that are not finite"):
        means = class_means(model, large, [0, 0, 0, 1, 2], ["same"])["same"][:, 0]
    assert means[0] == (2**24 + 2) / 3  # float32 cannot count on from 2**24
    assert np.isnan(means[1]) and means[2] == 5


def test_class_means_need_no_more_memory_for_more_images():
    model = keras.Sequential([keras.Input((16, 16, 1)), layers.Conv2D(8, 3, name="conv")])
    peaks = []
    class_means(model, np.zeros((64, 16, 16, 1), "float32"), np.zeros(64, int), batch_size=32)
    for many in (320, 3200):
        images, labels = np.zeros((many, 16, 16, 1), "float32"), np.zeros(many, np.int64)
        tracemalloc.start()
        class_means(model, images, labels, batch_size=32)
        peaks.append(tracemalloc.get_traced_memory()[1] - labels.nbytes)
        tracemalloc.stop()
    assert peaks[1] < 1.1 * peaks[0] + 50_000  # all maps of 3,200 images would be 20 MB


OF_MANY = """
import resource, sys, time, numpy as np
from helpers.activations import activation_model, class_means
from helpers.models import mnist_cnn
from helpers._shared.quiet_keras import without_xla
count, network = int(sys.argv[1]), without_xla(mnist_cnn())
images, labels = np.zeros((count, 28, 28, 1), "float32") + 0.5, np.arange(count) % 10
reader = without_xla(activation_model(network))
class_means(network, images[:64], labels[:64], batch_size=32)
start = time.perf_counter()
class_means(network, images, labels, batch_size=32)
means = time.perf_counter() - start
peak = 1024 * resource.getrusage(resource.RUSAGE_SELF).ru_maxrss - images.nbytes
start = time.perf_counter()
for first in range(0, count, 32):
    reader.predict_on_batch(images[first : first + 32])
print(peak, means / (time.perf_counter() - start))
"""


@pytest.mark.long
@pytest.mark.skipif(not sys.platform.startswith("linux"), reason="the peak is counted in kilobytes on Linux only")
def test_class_means_of_sixty_thousand_images_in_flat_memory_and_twice_the_time_at_most():
    environment = {**os.environ, "PYTHONPATH": os.pathsep.join([str(ROOT), os.environ.get("PYTHONPATH", "")])}
    found = []
    for count in (6000, 60_000):
        words = [sys.executable, "-c", OF_MANY, str(count)]
        done = subprocess.run(words, env=environment, capture_output=True, text=True)
        assert done.returncode == 0, done.stderr[-2000:]
        found.append([float(word) for word in done.stdout.split()])
    (small, _), (large, ratio) = found
    assert large < 1.1 * small, f"{large / 1e6:.0f} MB instead of {small / 1e6:.0f} MB"
    assert ratio < 2, f"{ratio:.2f} times the pass that returns all layers"


@pytest.mark.parametrize(
    ("labels", "sentence"),
    [
        ([0, 1, 2], "5 whole numbers"),
        ([0.0, 1.0, 2.0, 0.0, 1.0], "astype"),
        (np.eye(5, dtype=int), "argmax"),
        ([0, 1, -1, 0, 0], "0 or more"),
    ],
)
def test_labels_that_do_not_fit(labels, sentence):
    with pytest.raises(ValueError, match=sentence):
        class_means(sequential(), IMAGES, labels)


@pytest.mark.parametrize("build", [sequential, functional, nested, two_inputs])
def test_untrained_is_the_same_network_with_other_weights(build):
    model = build()
    model.set_weights([weight + 1 for weight in model.get_weights()])  # training moved everything
    keras.utils.set_random_seed(5)
    fresh = untrained(model)
    keras.utils.set_random_seed(5)
    again = untrained(model)
    assert layer_names(fresh) == layer_names(model)
    for old, new, same in zip(model.get_weights(), fresh.get_weights(), again.get_weights(), strict=True):
        assert not np.array_equal(old, new) and not np.shares_memory(old, new)
        np.testing.assert_array_equal(new, same)


def test_untrained_weights_are_drawn_anew():
    model = sequential()
    kernels = [each.get_layer("conv").get_weights()[0] for each in (model, untrained(model), untrained(model))]
    assert not np.allclose(kernels[0], kernels[1]) and not np.allclose(kernels[1], kernels[2])


# CI installs JAX and asks for these tests; without it they would pass by being skipped.
NO_JAX = importlib.util.find_spec("jax") is None and not os.environ.get("COURSE_REQUIRE_JAX")
ON_JAX = """
import keras, numpy as np, sys
from keras import layers
from helpers.activations import class_means, read_activations, untrained
assert keras.backend.backend() == "jax" and "tensorflow" not in sys.modules
conv = layers.Conv2D(4, 3, activation="relu", name="conv")
inner = keras.Sequential([keras.Input((8, 8, 3)), conv], name="inner")
image = keras.Input((8, 8, 3))
model = keras.Model(image, layers.Dense(2, name="dense")(layers.Flatten(name="flat")(inner(image))))
images = np.random.default_rng(0).random((7, 8, 8, 3), dtype="float32")
read = read_activations(model, images, batch_size=3)
assert list(read) == ["inner/conv", "flat", "dense"], list(read)
np.testing.assert_allclose(read["dense"], model.predict(images, verbose=0), atol=1e-5)
means = class_means(model, images, np.array([0, 2, 0, 2, 0, 2, 2]), batch_size=3)["flat"]
np.testing.assert_allclose(means[0], read["flat"][[0, 2, 4]].mean(0), atol=1e-6)
assert means.dtype == np.float64 and np.isnan(means[1]).all()
assert not np.allclose(read["dense"], read_activations(untrained(model), images)["dense"])
print("all right")
"""


@pytest.mark.skipif(NO_JAX, reason="JAX is an extra: pip install -e .[jax]")
def test_reading_runs_on_jax():
    folders = os.pathsep.join([str(ROOT), os.environ.get("PYTHONPATH", "")])
    environment = {**os.environ, "KERAS_BACKEND": "jax", "PYTHONPATH": folders}
    done = subprocess.run([sys.executable, "-c", ON_JAX], env=environment, capture_output=True, text=True)
    assert done.stdout.strip() == "all right", done.stderr[-2000:]


@pytest.mark.parametrize(
    ("statistic", "of_places"),
    [
        ("mean", lambda maps: maps.mean(axis=(1, 2))),
        ("largest", lambda maps: maps.max(axis=(1, 2))),
        ("zeros", lambda maps: (maps == 0).mean(axis=(1, 2))),
    ],
)
@pytest.mark.parametrize("batch_size", [2, 16])
def test_channel_statistics_are_those_of_the_whole_maps(statistic, of_places, batch_size):
    model = sequential()
    found = channel_statistics(model, IMAGES, ["conv", "dense"], statistic=statistic, batch_size=batch_size)
    maps = read_activations(model, IMAGES, ["conv", "dense"])
    np.testing.assert_allclose(found["conv"], of_places(maps["conv"]), rtol=1e-5, atol=1e-7)
    dense = (maps["dense"] == 0) if statistic == "zeros" else maps["dense"]
    np.testing.assert_allclose(found["dense"], dense, rtol=1e-5)
    assert not model.compiled


def test_channel_statistics_of_all_layers_and_of_an_unknown_kind():
    assert list(channel_statistics(sequential(), IMAGES)) == ["conv", "norm", "drop", "flat", "dense"]
    with pytest.raises(ValueError, match="one of mean, largest, zeros, or several, not 'median'"):
        channel_statistics(sequential(), IMAGES, statistic="median")


def test_several_statistics_come_from_one_pass_and_progress_is_told():
    steps = []
    model = sequential()
    both = channel_statistics(model, IMAGES, statistic=["zeros", "mean"], batch_size=2, progress=steps.append)
    assert sum(steps) == len(IMAGES) and max(steps) <= 2
    for statistic, found in both.items():
        alone = channel_statistics(model, IMAGES, statistic=statistic, batch_size=2)
        assert all(np.array_equal(found[name], alone[name]) for name in alone)
    steps.clear()
    class_means(model, IMAGES, np.zeros(len(IMAGES), int), batch_size=3, progress=steps.append)
    assert sum(steps) == len(IMAGES)
    with pytest.raises(ValueError, match="one of mean, largest, zeros, or several"):
        channel_statistics(model, IMAGES, statistic=[])
