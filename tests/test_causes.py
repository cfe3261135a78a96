"""Which channels are silent, not asked, or dead: in a network where each is known."""

import keras
import numpy as np
import pytest
from keras import layers

from helpers import causes

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
    np.repeat(RANDOM.uniform(0.4, 0.6, (6, 1, 1, 1)), 8, axis=1)
    .repeat(8, axis=2)
    .repeat(3, axis=3)
    .astype("float32")
)
IMAGES[0, 0], IMAGES[1, 0] = 0, 1  # so that the range is 0..1


def test_channel_states_tell_dead_from_not_asked():
    model = network()
    before = [weight.copy() for weight in model.get_weights()]
    states = causes.channel_states(model, "conv", IMAGES)
    assert {name: found.tolist() for name, found in states.items()} == {
        "active": [0, 1],
        "not asked": [3],
        "dead": [2],
    }
    assert all(np.array_equal(*pair) for pair in zip(before, model.get_weights()))
    assert not model.compiled


def test_without_a_step_nothing_is_woken_but_what_noise_wakes():
    states = causes.channel_states(network(), "conv", IMAGES, steps=0)
    assert states["dead"].tolist() == [2, 3]


def test_a_dense_layer_and_one_without_silent_units():
    model = network()
    weights, bias = model.get_layer("dense").get_weights()
    model.get_layer("dense").set_weights([np.abs(weights), np.array([1, -1e-3, -1e6], "float32")])
    states = causes.channel_states(model, "dense", IMAGES)
    assert states["active"].tolist() == [0, 1] and states["dead"].tolist() == [2]
    wide = keras.Sequential(
        [keras.Input((8, 8, 3)), *model.layers[:3], layers.Dense(9, activation="relu", name="wide")]
    )  # wider than any before
    wide.get_layer("wide").set_weights(
        [np.zeros((36, 9), "float32"), np.r_[1, -np.ones(8)].astype("float32")]
    )
    assert causes.channel_states(wide, "wide", IMAGES)["dead"].tolist() == list(range(1, 9))
    model.get_layer("dense").set_weights([weights, np.full(3, 100, "float32")])
    assert [found.size for found in causes.channel_states(model, "dense", IMAGES).values()] == [3, 0, 0]


def test_before_activation_is_the_same_sum_without_relu():
    model = network()
    values = causes.before_activation(model, "conv").predict(IMAGES, verbose=0)
    after = keras.Model(model.inputs, model.get_layer("conv").output).predict(IMAGES, verbose=0)
    assert values.min() < 0
    np.testing.assert_allclose(np.maximum(values, 0), after, atol=1e-6)


@pytest.mark.parametrize(
    ("layer", "error", "words"),
    [("conv9", KeyError, "which has conv"), ("pool", ValueError, "no activation")],
)
def test_a_layer_that_cannot_be_asked_is_one_sentence(layer, error, words):
    with pytest.raises(error, match=words):
        causes.before_activation(network(), layer)
