"""What wakes a channel, and where an answer came from: in networks where both can be worked out by hand."""

import importlib.util
import os
import random
import subprocess
import sys
import tracemalloc

import keras
import numpy as np
import pytest
from keras import layers

from helpers import explanations, models
from helpers.activations import read_activations
from helpers.course import ROOT
from helpers.explanations.network_copies import linear_copy

RANDOM = np.random.default_rng(5)


def network():
    """Four channels: bright, dark of the first colour, never, and one that needs a stripe."""
    model = keras.Sequential(
        [
            keras.Input((8, 8, 3)),
            layers.Conv2D(4, 3, activation="relu", name="conv"),
            layers.MaxPooling2D(name="pool"),
            layers.Flatten(name="flat"),
            layers.Dense(3, activation="relu", name="dense"),
        ]
    )
    kernel, bias = np.zeros((3, 3, 3, 4), "float32"), np.array([-0.1, 0.9, -1, -2.5], "float32")
    kernel[..., 0], kernel[..., 0, 1], kernel[..., 2] = 0.1, -0.12, -0.1
    kernel[0, ..., 3], kernel[2, ..., 3] = 0.5, -0.5
    model.get_layer("conv").set_weights([kernel, bias])
    return model


IMAGES = (
    np.repeat(RANDOM.uniform(0.4, 0.6, (6, 1, 1, 1)), 8, axis=1).repeat(8, axis=2).repeat(3, axis=3).astype("float32")
)
IMAGES[0, 0], IMAGES[1, 0] = 0, 1  # so that the range is 0..1


def test_channel_states_tell_dead_from_not_asked():
    model = network()
    before = [weight.copy() for weight in model.get_weights()]
    states = explanations.channel_states(model, "conv", IMAGES)
    assert {name: found.tolist() for name, found in states.items()} == {"active": [0, 1], "not asked": [3], "dead": [2]}
    assert all(np.array_equal(*pair) for pair in zip(before, model.get_weights()))
    assert not model.compiled


def test_without_a_step_nothing_is_woken_but_what_noise_wakes():
    states = explanations.channel_states(network(), "conv", IMAGES, steps=0)
    assert states["dead"].tolist() == [2, 3]


def test_a_dense_layer_and_one_without_silent_units():
    model = network()
    weights, bias = model.get_layer("dense").get_weights()
    model.get_layer("dense").set_weights([np.abs(weights), np.array([1, -1e-3, -1e6], "float32")])
    states = explanations.channel_states(model, "dense", IMAGES)
    assert states["active"].tolist() == [0, 1] and states["dead"].tolist() == [2]
    wide = keras.Sequential(
        [keras.Input((8, 8, 3)), *model.layers[:3], layers.Dense(9, activation="relu", name="wide")]
    )  # wider than any before
    wide.get_layer("wide").set_weights([np.zeros((36, 9), "float32"), np.r_[1, -np.ones(8)].astype("float32")])
    assert explanations.channel_states(wide, "wide", IMAGES)["dead"].tolist() == list(range(1, 9))
    model.get_layer("dense").set_weights([weights, np.full(3, 100, "float32")])
    assert [found.size for found in explanations.channel_states(model, "dense", IMAGES).values()] == [3, 0, 0]


def test_a_linear_copy_is_the_same_sum_without_relu():
    model = network()
    linear, activation = linear_copy(model, "conv")
    values = linear.predict(IMAGES, verbose=0)
    after = keras.Model(model.inputs, model.get_layer("conv").output).predict(IMAGES, verbose=0)
    assert values.min() < 0 and activation is keras.activations.relu
    np.testing.assert_allclose(np.maximum(values, 0), after, atol=1e-6)


@pytest.mark.parametrize(
    ("layer", "error", "words"), [("conv9", KeyError, "this model has conv"), ("pool", ValueError, "no activation")]
)
def test_a_layer_that_cannot_be_asked_is_one_sentence(layer, error, words):
    with pytest.raises(error, match=words):
        explanations.wake_channels(network(), layer, [0], IMAGES)


def with_relu_layer():
    """The network of the first tests, its ReLU a layer of its own behind a batch normalisation that does nothing."""
    plain = network()
    conv, relu = layers.Conv2D(4, 3, name="conv"), layers.ReLU(name="relu")
    norm = layers.BatchNormalization(epsilon=0, name="norm")
    model = keras.Sequential([keras.Input((8, 8, 3)), conv, norm, relu, layers.Activation("relu", name="again")])
    conv.set_weights(plain.get_layer("conv").get_weights())
    return model


def nested_relu():
    return keras.Sequential([keras.Input((8, 8, 3)), keras.Sequential(with_relu_layer().layers[:3], name="inner")])


@pytest.mark.parametrize(
    ("make", "layer"), [(with_relu_layer, "relu"), (nested_relu, "inner/relu"), (with_relu_layer, "again")]
)
def test_a_relu_that_is_a_layer_is_asked_for_what_it_is_given(make, layer):
    model = make()
    values = linear_copy(model, layer)[0].predict(IMAGES, verbose=0)
    after = read_activations(model, IMAGES, [layer])[layer]
    np.testing.assert_allclose(np.maximum(values, 0), after, atol=1e-6)
    states = explanations.channel_states(model, layer, IMAGES)
    assert states["active"].tolist() == [0, 1]
    if layer != "again":  # which is given what is never below zero, so that no slope leads up
        assert (states["not asked"].tolist(), states["dead"].tolist()) == ([3], [2])


def test_channels_that_there_was_no_time_for_are_not_called_tried():
    awake, tried = explanations.wake_channels(network(), "conv", [2, 3], IMAGES, seconds=0)
    assert not awake.any() and not tried.any()
    awake, tried = explanations.wake_channels(network(), "conv", [2, 3], IMAGES)
    assert awake.tolist() == [False, True] and tried.all()
    assert [found.size for found in explanations.wake_channels(network(), "conv", [], IMAGES)] == [0, 0]


def test_grad_cam_of_a_network_with_a_lambda():
    ends = [layers.Flatten(), layers.Dense(3, activation="softmax")]
    doubled = layers.Lambda(lambda image: 2 * image, output_shape=(8, 8, 3))
    model = keras.Sequential([keras.Input((8, 8, 3)), doubled, layers.Conv2D(4, 3, name="conv"), *ends])
    assert explanations.grad_cam(model, IMAGES).shape == (6, 6, 6)


KERNEL = RANDOM.normal(size=(2, 2, 1, 3)).astype("float32")
WEIGHTS = RANDOM.normal(size=(5 * 4 * 3, 3)).astype("float32")
DIGITS = RANDOM.random((7, 6, 5, 1), dtype=np.float32)


def convolution():
    return layers.Conv2D(3, 2, activation="relu", name="conv")


def softmax():
    return keras.Sequential(
        [keras.Input((6, 5, 1)), convolution(), layers.Flatten(), layers.Dense(3, activation="softmax", name="end")]
    )


def sigmoid():
    return keras.Sequential(
        [keras.Input((6, 5, 1)), convolution(), layers.Flatten(), layers.Dense(1, activation="sigmoid", name="end")]
    )


def no_activation():
    return keras.Sequential([keras.Input((6, 5, 1)), convolution(), layers.Flatten(), layers.Dense(3, name="end")])


def softmax_layer():
    image = keras.Input((6, 5, 1))
    answers = layers.Dense(3, name="end")(layers.Flatten()(convolution()(image)))
    return keras.Model(image, layers.Softmax(name="share")(answers))


def activation_layer_within():
    inner = keras.Sequential([keras.Input((5, 4, 3)), layers.Flatten(), layers.Dense(3, name="end")], name="head")
    image = keras.Input((6, 5, 1))
    outer = inner(convolution()(image))
    return keras.Model(image, layers.Activation("softmax")(outer))


def nested():
    inner = keras.Sequential([keras.Input((6, 5, 1)), convolution()], name="inner")
    image = keras.Input((6, 5, 1))
    return keras.Model(image, layers.Dense(3, activation="softmax", name="end")(layers.Flatten()(inner(image))))


def operation():
    image = keras.Input((6, 5, 1))
    answers = layers.Dense(3, name="end")(layers.Flatten()(convolution()(image)))
    return keras.Model(image, keras.ops.softmax(answers))


FORMS = [softmax, sigmoid, no_activation, softmax_layer, activation_layer_within, nested, operation]


def filled(build):
    """A network of any form that computes the same logits; one sigmoid is class 1 of two."""
    model = build()
    classes = 1 if build is sigmoid else 3
    model.set_weights([KERNEL, np.zeros(3, "float32"), WEIGHTS[:, :classes], np.zeros(classes, "float32")])
    return model


def by_hand(images):
    """Maps (images, 5, 4, 3) and logits (images, 3), without Keras."""
    windows = np.lib.stride_tricks.sliding_window_view(images[..., 0], (2, 2), axis=(1, 2))
    maps = np.maximum(np.einsum("nhwrc,rck->nhwk", windows, KERNEL[:, :, 0]), 0)
    return maps, maps.reshape(len(images), -1) @ WEIGHTS


def heatmap_by_hand(images, weights):
    """Selvaraju's formula; weights: the logit's own for each image (images, 5, 4, 3), which are its gradient."""
    maps, _ = by_hand(images)
    return np.maximum((maps * weights.mean(axis=(1, 2), keepdims=True)).sum(axis=-1), 0)


@pytest.mark.parametrize("build", FORMS)
def test_grad_cam_is_its_formula_in_every_form_of_network(build):
    model, (_, answers) = filled(build), by_hand(DIGITS)
    if build is sigmoid:
        answers = np.column_stack([-answers[:, 0], answers[:, 0]])
    np.testing.assert_allclose(explanations.logits(model, DIGITS, batch_size=3), answers, atol=1e-5)
    signs = {0: -1, 1: 1}
    for asked in (None, 1, [0, 1, 1, 0, 0, 0, 1]):
        chosen = np.broadcast_to(answers.argmax(axis=1) if asked is None else asked, 7)
        own = [WEIGHTS[:, 0] * signs[k] if build is sigmoid else WEIGHTS[:, k] for k in chosen]
        heatmaps = explanations.grad_cam(model, DIGITS, class_index=asked, batch_size=3)
        assert heatmaps.dtype == np.float32 and heatmaps.shape == (7, 5, 4) and heatmaps.min() >= 0
        wanted = heatmap_by_hand(DIGITS, np.reshape(own, (7, 5, 4, 3)))
        np.testing.assert_allclose(heatmaps, wanted, atol=1e-6)
        assert wanted.max() > 0.01


@pytest.mark.parametrize("ending", [".keras", ".h5"])
def test_a_loaded_network_gives_the_same_heatmaps(ending, tmp_path):
    model = filled(softmax_layer)
    model.save(tmp_path / f"network{ending}")
    loaded = models.load_model(tmp_path / f"network{ending}")
    np.testing.assert_allclose(explanations.grad_cam(loaded, DIGITS), explanations.grad_cam(model, DIGITS), atol=1e-6)


def test_no_random_weights_are_drawn_for_a_copy(monkeypatch):
    """For VGG16 they took half a gigabyte more than the network itself."""
    model = filled(nested)
    before = explanations.grad_cam(model, DIGITS)
    monkeypatch.setattr(keras.initializers.GlorotUniform, "__call__", lambda *_, **__: pytest.fail("drawn"))
    np.testing.assert_array_equal(explanations.grad_cam(model, DIGITS), before)


def test_where_a_network_branches_the_gradient_is_that_of_all_branches():
    image = keras.Input((6, 5, 1))
    maps = convolution()(image)
    mean = layers.Dense(3, name="other")(layers.GlobalAveragePooling2D()(maps))
    model = keras.Model(image, layers.Add()([layers.Dense(3, name="end")(layers.Flatten()(maps)), mean]))
    other = RANDOM.normal(size=(3, 3)).astype("float32")
    for name, weights in (("conv", KERNEL), ("end", WEIGHTS), ("other", other)):
        model.get_layer(name).set_weights([weights, np.zeros(3, "float32")])
    own = np.tile(WEIGHTS[:, 2].reshape(5, 4, 3) + other[:, 2] / 20, (7, 1, 1, 1))
    heatmaps = explanations.grad_cam(model, DIGITS, "conv", 2)
    np.testing.assert_allclose(heatmaps, heatmap_by_hand(DIGITS, own), atol=1e-6)


def test_a_layer_off_the_way_to_the_answer_gives_a_blank_heatmap():
    image = keras.Input((6, 5, 1))
    answers = layers.Dense(2, name="end")(layers.Flatten()(image))
    aside = keras.ops.mean(layers.Conv2D(1, 2, name="aside")(image), axis=(1, 2))
    model = keras.Model(image, layers.Concatenate()([answers, aside]))
    model.get_layer("aside").set_weights([np.ones((2, 2, 1, 1)), np.zeros(1)])  # some would make it blank all over
    assert explanations.is_blank(explanations.grad_cam(model, DIGITS, "aside", 0)).all()
    assert not explanations.is_blank(explanations.grad_cam(model, DIGITS, "aside", 2)).all()


def one_place():
    """Two classes, each of which reads the one place (1, 2) or (4, 3) of its own colour."""
    model = keras.Sequential(
        [
            keras.Input((6, 6, 2)),
            layers.Conv2D(2, 1, activation="relu", name="conv"),
            layers.Flatten(),
            layers.Dense(2, activation="softmax", name="end"),
        ]
    )
    weights = np.zeros((6, 6, 2, 2), "float32")
    weights[1, 2, 0, 0], weights[4, 3, 1, 1] = 3, 5
    zero = np.zeros(2, "float32")
    model.set_weights([np.eye(2, dtype="float32").reshape(1, 1, 2, 2), zero, weights.reshape(72, 2), zero])
    return model


SPOTS = np.zeros((1, 6, 6, 2), "float32")
SPOTS[0, 1, 2, 0] = SPOTS[0, 4, 3, 1] = 1


@pytest.mark.parametrize(("asked", "place", "weight"), [(0, (1, 2), 3), (1, (4, 3), 5), (None, (4, 3), 5)])
def test_both_heatmaps_point_at_the_one_place_that_a_logit_reads(asked, place, weight):
    expected = np.zeros((1, 6, 6))
    expected[(0, *place)] = weight
    model = one_place()
    np.testing.assert_allclose(explanations.grad_cam(model, SPOTS, class_index=asked), expected / 36, atol=1e-6)
    found = explanations.occlusion(model, SPOTS, asked, patch=1, stride=1)
    np.testing.assert_allclose(found.falls, expected, atol=1e-5)
    assert found.patch == 1 and found.middles[0].tolist() == [0.5, 1.5, 2.5, 3.5, 4.5, 5.5]


@pytest.mark.parametrize(
    ("patch", "stride", "rows"),
    [
        (2, 2, [0, 3, 0]),  # cells 0..1, 2..3, 4..5: the place in row 1 lies in the first
        (3, 2, [3, 3, 0]),  # the patch around row 3 covers rows 1 (rounded down) to 3
        (6, None, [3, 3]),
    ],
)
def test_a_patch_covers_what_lies_around_the_middle_of_its_cell(patch, stride, rows):
    found = explanations.occlusion(one_place(), SPOTS, 0, patch=patch, stride=stride)
    covers = [[abs(middle - 1.5) <= patch / 2 for middle in found.middles[0]], rows]
    assert len(found.middles[0]) == len(rows) and found.falls.shape[1:] == (len(rows), len(found.middles[1]))
    assert sum(covers[0]) >= 1
    reached = found.falls[0].max(axis=1) > 2.9
    for place, middle in enumerate(found.middles[0]):
        first = round(middle - patch / 2)
        assert reached[place] == (first <= 1 < first + patch)


def test_cells_tile_the_image_also_where_the_stride_does_not_divide_it():
    found = explanations.occlusion(one_place(), SPOTS, 0, patch=2, stride=4)
    np.testing.assert_allclose(found.middles[0], [1.5, 4.5])
    assert found.falls.shape == (1, 2, 2)


@pytest.mark.parametrize(
    ("background", "falls"),
    [("black", 3.0), (0, 3.0), (1.0, 0.0), (0.5, 1.5), ([0.25, 0], 2.25), (np.full((6, 6, 2), 0.5), 1.5)],
)
def test_what_covers_an_image(background, falls):
    found = explanations.occlusion(one_place(), SPOTS, 0, patch=1, stride=1, background=background)
    assert found.falls[0, 1, 2] == pytest.approx(falls, abs=1e-5)


def test_a_blurred_cover_keeps_the_mean_and_takes_the_detail():
    flat = np.full((1, 6, 6, 2), 0.5, "float32")
    assert np.abs(explanations.occlusion(one_place(), flat, 0, patch=3, background="blur").falls).max() < 1e-5
    spots = explanations.occlusion(one_place(), SPOTS, 0, patch=1, stride=1, background="blur").falls[0]
    assert 0.5 < spots[1, 2] < 3 and np.unravel_index(spots.argmax(), spots.shape) == (1, 2)


def test_occlusion_needs_little_memory_for_many_patches():
    model = keras.Sequential([keras.Input((40, 40, 3)), layers.Conv2D(1, 3), layers.Flatten(), layers.Dense(2)])
    image = RANDOM.random((1, 40, 40, 3), dtype=np.float32)
    explanations.occlusion(model, image, 0, patch=2, stride=20)  # what is made once is there
    tracemalloc.start()
    found = explanations.occlusion(model, image, 0, patch=2, stride=2)
    peak = tracemalloc.get_traced_memory()[1]
    tracemalloc.stop()
    assert found.falls.shape == (1, 20, 20) and peak < 4e6  # all 400 copies would be 7.7e6 bytes


ASK = {
    "logits": lambda model: explanations.logits(model, DIGITS),
    "grad_cam": lambda model: explanations.grad_cam(model, DIGITS),
    "occlusion": lambda model: explanations.occlusion(model, DIGITS),
    "best_input": lambda model: explanations.best_input(model, model.layers[0].name, steps=1, starts=1),
    "randomised": lambda model: explanations.randomised(model, ["end"], seed=1),
}


@pytest.mark.parametrize("name", ASK)
@pytest.mark.parametrize("compiled", [False, True])
def test_the_network_is_left_as_it_was(name, compiled):
    model = filled(softmax)
    if compiled:
        model.compile("sgd", "categorical_crossentropy")
    before = [weight.copy() for weight in model.get_weights()]
    state = (model.compiled, model.jit_compile, [len(layer._inbound_nodes) for layer in model.layers])
    numbers = random.getstate()
    ASK[name](model)
    assert random.getstate() == numbers  # so that a training after it is the same
    assert state == (model.compiled, model.jit_compile, [len(layer._inbound_nodes) for layer in model.layers])
    for old, new in zip(before, model.get_weights(), strict=True):
        np.testing.assert_array_equal(old, new)


def dense_only():
    return keras.Sequential([keras.Input((6, 5, 1)), layers.Flatten(name="flat"), layers.Dense(2, name="end")])


def two_inputs():
    images = [keras.Input((6, 5, 1)), keras.Input((6, 5, 1))]
    return keras.Model(images, layers.Dense(2)(layers.Flatten()(layers.Conv2D(1, 2)(layers.Add()(images)))))


def ends_in_tanh():
    end = layers.Dense(3, activation="tanh", name="end")
    return keras.Sequential([keras.Input((6, 5, 1)), convolution(), layers.Flatten(), end])


def any_size():
    return keras.Sequential([keras.Input((None, None, 1)), convolution(), layers.GlobalMaxPooling2D(), layers.Dense(2)])


def called_twice():
    image, conv = keras.Input((6, 5, 1)), layers.Conv2D(1, 3, padding="same", name="conv")
    return keras.Model(image, layers.Dense(2)(layers.Flatten()(conv(conv(image)))))


@pytest.mark.parametrize(
    ("call", "error", "words"),
    [
        (lambda: explanations.grad_cam(softmax(), DIGITS, "end"), ValueError, "'end' is none: choose one of conv"),
        (lambda: explanations.grad_cam(softmax(), DIGITS, "conv9"), KeyError, "this model has conv, "),
        (lambda: explanations.grad_cam(dense_only(), DIGITS), ValueError, "a convolution is needed, .*flat, end:"),
        (lambda: explanations.grad_cam(softmax(), DIGITS, class_index=3), ValueError, "0 to 2, .*not 3"),
        (lambda: explanations.grad_cam(sigmoid(), DIGITS, class_index=2), ValueError, "0 to 1, .*not 2"),
        (lambda: explanations.occlusion(softmax(), DIGITS, -1), ValueError, "0 to 2, .*not -1"),
        (lambda: explanations.occlusion(softmax(), DIGITS, [0, 1]), ValueError, "one for each of the 7 images"),
        (lambda: explanations.grad_cam(softmax(), DIGITS, class_index=1.0), ValueError, "whole number"),
        (
            lambda: explanations.grad_cam(softmax(), DIGITS[:, :5]),
            ValueError,
            r"takes images of shape .*\(7, 5, 5, 1\) came",
        ),
        (lambda: explanations.occlusion(softmax(), DIGITS[0]), ValueError, "batch axis"),
        (
            lambda: explanations.occlusion(two_inputs(), [DIGITS, DIGITS]),
            ValueError,
            "input must be one of keras_tensor",
        ),
        (lambda: explanations.logits(ends_in_tanh(), DIGITS), ValueError, "'end' ends in 'tanh'"),
        (lambda: explanations.grad_cam(called_twice(), DIGITS), ValueError, "called once"),
        (lambda: explanations.occlusion(softmax(), DIGITS, patch=6), ValueError, "patch must be .* from 1 to 5, not 6"),
        (lambda: explanations.occlusion(softmax(), DIGITS, patch=0), ValueError, "patch must be a whole number"),
        (lambda: explanations.occlusion(softmax(), DIGITS, stride=0), ValueError, "stride must be a whole number"),
        (lambda: explanations.occlusion(softmax(), DIGITS, background="white"), ValueError, "black, blur, not 'white'"),
        (lambda: explanations.occlusion(softmax(), DIGITS, background=[1, 2]), ValueError, r"not \[1, 2\]"),
        (lambda: explanations.best_input(softmax(), "end"), ValueError, "'end' is none"),
        (lambda: explanations.best_input(softmax(), "conv", [0, 3]), ValueError, r"'conv' are 0 to 2, not \[0, 3\]"),
        (lambda: explanations.best_input(softmax(), "conv", 0.5), ValueError, "channels must be whole numbers"),
        (
            lambda: explanations.best_input(softmax(), "conv", ink=13),
            ValueError,
            "ink must be .* above 0 and below 1, not 13",
        ),
        (lambda: explanations.best_input(softmax(), "conv", starts=0), ValueError, "starts must be"),
        (
            lambda: explanations.best_input(softmax(), "conv", starts=np.zeros((2, 3, 3, 1))),
            ValueError,
            r"starts are images of shape \(6, 5, 1\)",
        ),
        (lambda: explanations.best_input(any_size(), "conv"), ValueError, "known size"),
    ],
)
def test_what_cannot_be_asked_is_one_sentence(call, error, words):
    with pytest.raises(error, match=words) as told:
        call()
    assert str(told.value).count(". ") == 0


def linear_filters(activation="relu"):
    """Two 5x5 filters on images of one colour: a bar across, and one down; the third is never awake."""
    model = keras.Sequential(
        [
            keras.Input((12, 12, 1)),
            layers.Conv2D(3, 12, activation=activation, name="conv"),
            layers.Flatten(),
            layers.Dense(2, activation="softmax"),
        ]
    )
    kernel = np.full((12, 12, 1, 3), -0.05, "float32")
    kernel[4:7, :, 0, 0] = kernel[:, 2:4, 0, 1] = 0.1
    model.get_layer("conv").set_weights([kernel, np.array([0, -0.5, -20], "float32")])
    return model, kernel


def test_the_best_input_of_a_known_filter_is_that_filter():
    model, kernel = linear_filters()
    best = explanations.best_input(model, "conv", starts=2, steps=30)
    assert best.images.shape == (3, 12, 12, 1) and best.images.min() >= 0 and best.images.max() <= 1
    for channel in (0, 1):
        assert np.corrcoef(best.images[channel].ravel(), kernel[..., channel].ravel())[0, 1] > 0.9
    highest = [np.maximum(kernel[..., channel], 0).sum() + bias for channel, bias in ((0, 0), (1, -0.5))]
    assert (best.value[:2] > 0.8 * np.array(highest)).all() and (best.value[:2] <= highest).all()
    answers = keras.Model(model.inputs, model.get_layer("conv").output).predict(best.images, verbose=0)
    own = answers[range(3), ..., range(3)]
    np.testing.assert_allclose(best.value, own.mean(axis=(1, 2)), atol=1e-4)
    np.testing.assert_allclose(best.largest, own.max(axis=(1, 2)), atol=1e-4)
    assert best.woken.tolist() == [True, True, False] and best.value[2] == 0 > best.value_before[2]
    assert best.values_of_starts.shape == (3, 2) and (best.values_of_starts.max(axis=1) == best.value).all()


def test_the_best_input_keeps_its_ink_and_does_not_depend_on_its_company():
    model, _ = linear_filters()
    every = explanations.best_input(model, "conv", steps=10, starts=3, ink=0.2, batch_size=2)
    np.testing.assert_allclose(every.images.mean(axis=(1, 2, 3)), 0.2, atol=2e-3)
    alone = explanations.best_input(model, "conv", 1, steps=10, starts=3, ink=0.2)
    np.testing.assert_allclose(alone.images[0], every.images[1], atol=1e-3)
    other = explanations.best_input(model, "conv", 1, steps=10, starts=3, ink=0.2, seed=8)
    assert np.abs(other.images - alone.images).max() > 0.05


def test_steps_of_ascent_pay():
    model, _ = linear_filters()
    best = [explanations.best_input(model, "conv", 0, steps=steps, starts=1, ink=0.25) for steps in (0, 5, 40)]
    values = [each.value_before[0] for each in best]
    assert values[0] < values[1] < values[2]


def test_plain_ascent_begins_where_it_is_told_and_takes_equal_steps():
    """Each step changes a pixel by 0.02 on average, along the gradient of the mean after the activation."""
    model = filled(softmax)
    kernel, bias = model.get_layer("conv").get_weights()
    begun = np.full((1, *model.input_shape[1:]), 0.5, "float32")
    made = explanations.best_input(model, "conv", 1, starts=begun, steps=3, refined=False)
    whole = keras.ops.conv(begun, kernel) + bias
    assert whole[..., 1].numpy().min() > 0.2  # so that each place counts, in all three steps
    places = np.zeros(begun.shape, "float32")
    rows, columns = whole.shape[1:3]
    for row, column in np.ndindex(rows, columns):
        places[0, row : row + kernel.shape[0], column : column + kernel.shape[1]] += kernel[..., 1]
    expected = begun
    for _ in range(3):  # the gradient of a sum of sums is the same everywhere
        expected = np.clip(expected + 0.02 * places / np.abs(places).mean(), 0, 1)
    np.testing.assert_allclose(made.images, expected, atol=1e-5)
    assert not np.allclose(made.images, explanations.best_input(model, "conv", 1, starts=begun, steps=3).images)


def test_a_map_that_sleeps_at_every_start_is_woken_by_its_highest_place():
    model = keras.Sequential(
        [keras.Input((8, 8, 1)), layers.Conv2D(1, 3, activation="relu", name="conv"), layers.Flatten(), layers.Dense(2)]
    )
    kernel = np.full((3, 3, 1, 1), -1, "float32")
    kernel[1, 1] = 1  # a single point on black, of which the mean over all places knows nothing
    model.get_layer("conv").set_weights([kernel, np.float32([-0.5])])
    best = explanations.best_input(model, "conv", starts=2)
    assert best.woken.all() and best.value_before[0] < 0 < best.largest[0] <= 0.5


@pytest.mark.parametrize("build", [nested, activation_layer_within, softmax_layer])
def test_best_input_reads_nested_and_functional_networks(build):
    name = "inner/conv" if build is nested else "conv"
    best = explanations.best_input(filled(build), name, starts=1, steps=3)
    plain = explanations.best_input(filled(softmax), "conv", starts=1, steps=3)
    np.testing.assert_allclose(best.images, plain.images, atol=1e-4)


def test_a_layer_without_activation_is_climbed_by_its_output():
    model = keras.Sequential(
        [
            keras.Input((6, 6, 1)),
            layers.Conv2D(2, 3, activation="relu", name="conv"),
            layers.MaxPooling2D(name="pool"),
            layers.Flatten(),
            layers.Dense(2),
        ]
    )
    best = explanations.best_input(model, "pool", steps=2, starts=1)
    np.testing.assert_allclose(best.value, best.value_before)


# CI installs JAX and asks for these tests; without it they would pass by being skipped.
NO_JAX = importlib.util.find_spec("jax") is None and not os.environ.get("COURSE_REQUIRE_JAX")
ON_JAX = """
import keras, numpy as np, sys
from keras import layers
from helpers import explanations
assert keras.backend.backend() == "jax" and "tensorflow" not in sys.modules
keras.utils.set_random_seed(1)  # of all weights, a few leave a channel that nothing wakes
inner = keras.Sequential([keras.Input((6, 6, 1)), layers.Conv2D(2, 3, activation="relu", name="conv")], name="inner")
image = keras.Input((6, 6, 1))
after = layers.Dropout(0.5)(layers.BatchNormalization()(inner(image)))
model = keras.Model(image, layers.Dense(3, activation="softmax", name="end")(layers.Flatten()(after)))
images = np.random.default_rng(0).random((5, 6, 6, 1), dtype="float32")
heatmaps = explanations.grad_cam(model, images, class_index=1, batch_size=3)
maps = np.asarray(inner(images))
weights = model.get_layer("end").get_weights()[0][:, 1].reshape(4, 4, 2).mean((0, 1)) / np.sqrt(1.001)
np.testing.assert_allclose(heatmaps, np.maximum((maps * weights).sum(-1), 0), atol=1e-5)
assert explanations.occlusion(model, images, patch=2).falls.shape == (5, 6, 6)
begun, done = (explanations.best_input(model, "inner/conv", starts=2, steps=steps) for steps in (0, 9))
assert (done.value > begun.value).all(), (begun.value, done.value)
states = explanations.channel_states(inner, "conv", images, steps=3)
assert sum(map(len, states.values())) == 2
assert explanations.randomised(model, ["end"], seed=1).count_params() == model.count_params()
print("all right")
"""


@pytest.mark.skipif(NO_JAX, reason="JAX is an extra: pip install -e .[jax]")
def test_heatmaps_and_best_inputs_run_on_jax():
    folders = os.pathsep.join([str(ROOT), os.environ.get("PYTHONPATH", "")])
    environment = {**os.environ, "KERAS_BACKEND": "jax", "PYTHONPATH": folders}
    done = subprocess.run([sys.executable, "-c", ON_JAX], env=environment, capture_output=True, text=True)
    assert done.stdout.strip() == "all right", done.stderr[-2000:]
