"""What does not fit, function by function: the promised exception, one sentence, and nothing left behind.

A row names a function, one of its arguments, words that the sentence must hold, and what is put in the argument's place
while all others are as they should be. Other test files have rows of this kind beside what they test; here stands what
they leave out. Files and disks that fail are in tests/test_bad_files.py. A public function that stands in no row fails
the last test.
"""

import dataclasses
import functools
import inspect
from pathlib import Path

import keras
import matplotlib.pyplot as plt
import numpy as np
import pytest
from keras import layers
from sentences import assert_one_sentence

from helpers import (
    activations,
    costs,
    course,
    datasets,
    drawing,
    explanations,
    measures,
    models,
    pictures,
    plots,
    probing,
    training,
)
from helpers._shared.errors import CourseError
from helpers.workshop import explorer, inspecting

RANDOM = np.random.default_rng(0)
IMAGES = RANDOM.random((5, 8, 8, 3), dtype=np.float32)
LABELS = np.array([0, 1, 1, 0, 0])
MAPS = RANDOM.random((5, 6, 6, 4), dtype=np.float32)
PLANES = RANDOM.random((5, 6, 6))
IS_NINE = LABELS == 1
HOLED = np.where(np.arange(MAPS.size).reshape(MAPS.shape) == 7, np.nan, MAPS)

BAD = {
    "None": None,
    "text": "three",
    "bytes": b"three",
    "-1": -1,
    "0": 0,
    "1.5": 1.5,
    "99": 99,
    "NaN": float("nan"),
    "infinity": float("inf"),
    "True": True,
    "[]": [],
    "{}": {},
    "an object": object(),
    "texts": np.array(["a", "b"]),
    "objects": np.array([None] * 5),
    "complex": np.full((5, 6, 6, 4), 1j),
    "dates": np.array(["2020-01-01"] * 5, "datetime64[D]"),
    "ragged": [[1], [1, 2]],
    "no rows": np.zeros((0, 6, 6, 4)),
    "a NaN inside": HOLED,
    "a number": np.array(3.0),
    "a set": {1, 2},
    "a path": Path("nowhere"),
    "out of it": "../nowhere",
    "a network's name": "network.keras",
}


def network():
    """A small classifier with one convolution."""
    keras.utils.set_random_seed(1)
    stack = [layers.Conv2D(4, 3, activation="relu", name="conv"), layers.Flatten(name="flat")]
    return keras.Sequential([keras.Input((8, 8, 3)), *stack, layers.Dense(2, activation="softmax", name="dense")])


def compiled():
    """The same, ready to be trained."""
    made = network()
    made.compile("sgd", "sparse_categorical_crossentropy")
    return made


def part():
    """Some images of a set."""
    return datasets.Part(LABELS, ("a", "b"), np.arange(5), "source", pixels=np.uint8(255 * IMAGES))


def through(function):
    """Let a row reach what it could not by names alone: an array within a dict, a method, a star's arguments."""
    return functools.wraps(function)


class Run:
    """A finished training, as far as shipping needs one; of its networks it keeps the last."""

    key = "a" * 64

    def network(self, which):
        if which != "last":
            raise KeyError(f"no network {which!r} is kept; there are last.")
        return NETWORK

    def about(self, which):
        return {"key": self.key, "which": which}


NETWORK = network()
DIGITS = RANDOM.random((20, 28, 28, 1), dtype=np.float32)
DIGIT_NETWORK = models.digits_cnn()
FOUND = inspecting.inspect_network(NETWORK, IMAGES[:1], seconds=0)
MADE = explanations.best_input(NETWORK, "conv", [0, 1], starts=1, steps=0)
SET = datasets.ImageSet("set", "real", (), ("a", "b"), None, part(), part(), part())
TRAINING = {
    "build": compiled,
    "data": (IMAGES, LABELS),
    "name": "toy",
    "epochs": 1,
    "seed": 1,
    "batch_size": 5,
    "steps_per_epoch": None,
    "validation": None,
    "tests": None,
    "select": (),
    "callbacks": (),
    "details": None,
    "progress": "silent",
}
NOT_NUMBERS = "text objects complex"
NOT_WHOLE = "None text 1.5 NaN True []"
NOT_REAL = "None text NaN True [] complex"
NOT_LISTED = "-1 NaN a_path"
NOT_CALLED = "None text -1 [] {} objects"
NOT_A_PATH = "None -1 [] {} objects complex bytes"
NO_LAYER = "None text -1 [] {} texts complex ragged"
NOT_A_SEED = "None text -1 1.5 True complex"
NO_MODEL = "None text -1 {} complex a_path"
READING = {"model": NETWORK, "images": IMAGES, "layers": ["conv"], "batch_size": 2}
ROWS = [  # function, what is right, {argument: (words, what is wrong)}
    (
        activations.read_activations,
        READING,
        {
            "layers": ("layers must be", "-1 1.5 an_object complex ragged"),
            "batch_size": ("batch_size must be a whole number of at least 1", f"{NOT_WHOLE} -1 texts"),
            "images": ("", "None an_object dates a_number"),
        },
    ),
    (
        activations.class_means,
        READING | {"labels": LABELS},
        {
            "layers": ("layers must be", "True a_path"),
            "labels": ("labels must be 5 whole numbers", "None text NaN texts objects complex no_rows"),
            "batch_size": ("batch_size must be a whole number", "None 0 NaN"),
        },
    ),
    (
        activations.channel_statistics,
        READING | {"statistic": "mean"},
        {
            "statistic": ("statistic must be", "None -1 True complex ragged text"),
            "batch_size": ("batch_size must be a whole number", "None text 0"),
        },
    ),
    (
        activations.activation_model,
        {"model": NETWORK, "layers": ["conv"]},
        {
            "layers": ("layers must be", "0 NaN ragged objects"),
            "model": ("a Keras model is needed", "None -1 {} complex"),
        },
    ),
    (
        pictures.tile_channels,
        {"activation": MAPS[0], "columns": 2, "scale": "layer", "gap": 1},
        {
            "activation": ("", "texts objects complex dates ragged no_rows an_object"),
            "columns": ("columns must be a whole number of at least 1", f"{NOT_WHOLE} complex"),
            "gap": ("gap must be a whole number of at least 0", "None text -1 1.5"),
            "scale": ("scale must be one of raw, layer, channel, standard", "None 0 [] {} complex"),
        },
    ),
    (
        pictures.silent_channels,
        {"activation": MAPS[0], "tolerance": 0.0},
        {
            "tolerance": ("tolerance must be a number of at least 0", f"{NOT_REAL} -1"),
            "activation": ("array of numbers", "texts objects complex"),
        },
    ),
    (
        pictures.strongest_patches,
        {"activation": MAPS, "images": IMAGES, "channel": 1, "stride": 1, "side": 3},
        {
            "activation": ("", f"{NOT_NUMBERS} no_rows None"),
            "images": ("", NOT_NUMBERS),
            "channel": ("channel", f"{NOT_WHOLE} -1 99"),
            "stride": ("stride must be a whole number of at least 1", f"{NOT_WHOLE} 0"),
            "side": ("side", f"{NOT_WHOLE} 0 99"),
        },
    ),
    (pictures.image_picture, {"image": IMAGES[0]}, {"image": ("", "texts objects ragged None")}),
    (measures.share_of_zeros, {"activation": MAPS}, {"activation": ("", f"{NOT_NUMBERS} None no_rows dates")}),
    (
        measures.image_kept,
        {"activation": MAPS, "images": IMAGES, "stride": 1, "places": 10},
        {
            "activation": ("", f"{NOT_NUMBERS} a_NaN_inside no_rows"),
            "images": ("", f"{NOT_NUMBERS} a_NaN_inside"),
            "stride": ("stride must be a whole number", f"{NOT_WHOLE} 0 -1"),
            "places": ("places must be a whole number of at least 2", f"{NOT_WHOLE} 0"),
        },
    ),
    (
        measures.rebuild,
        {"train": (MAPS, IMAGES), "validation": (MAPS, IMAGES), "test": (MAPS, IMAGES), "penalties": (1.0,)},
        {
            "train": ("", "None text -1 [] {} complex an_object"),
            "test": ("three pairs (activation, images) are needed", "None -1"),
            "penalties": ("penalt", "None 0 [] NaN texts objects text"),
        },
    ),
    (
        measures.share_interval,
        {"right": 3, "count": 5},
        {
            "right": ("right must be a whole number of at least 0", f"{NOT_WHOLE} infinity -1"),
            "count": ("count must be a whole number of at least 1", f"{NOT_WHOLE} 0"),
        },
    ),
    (
        through(measures.bootstrap_interval)(
            lambda score, labels, groups, rounds: measures.bootstrap_interval(
                score, labels, groups=groups, rounds=rounds
            )
        ),
        {"score": np.mean, "labels": LABELS, "groups": LABELS, "rounds": 9},
        {
            "score": ("a function and the arrays that it scores are needed", "None text 0 an_object"),
            "labels": ("one row an image", "None 1.5 [] {} no_rows"),
            "groups": ("one row an image", "text 0 complex []"),
            "rounds": ("rounds must be a whole number of at least 1", f"{NOT_WHOLE} 0"),
        },
    ),
    (
        measures.conclude,
        {"differences": [1.0, 2.0, 3.0], "margin": 1.0},
        {
            "differences": ("", "text {} texts objects complex a_path None"),
            "margin": ("margin must be a finite number of at least 0", f"{NOT_REAL} infinity -1"),
        },
    ),
    (measures.simple_views, {"images": RANDOM.random((2, 20, 20, 3))}, {"images": ("", f"{NOT_NUMBERS} None no_rows")}),
    (
        plots.plot_layer,
        {"activation": MAPS[0], "scale": "layer"},
        {"activation": ("", "texts objects ragged None"), "scale": ("scale must be one of", "[] {} None")},
    ),
    (
        plots.plot_channel,
        {"activation": MAPS[0], "channel": 1},
        {"channel": ("channel must be a whole number from 0 to 3", f"{NOT_WHOLE} texts complex -1")},
    ),
    (
        plots.plot_channel_across_layers,
        {"activations": {"a": MAPS[0]}, "channel": 1},
        {
            "activations": ("activations must be a dict", "text -1 complex ragged None"),
            "channel": ("must be a whole number from 0 to 3", "None True complex"),
        },
    ),
    (
        plots.plot_images,
        {"images": IMAGES[:2], "titles": ["a", "b"]},
        {"images": ("", "None -1 text a_path texts {}"), "titles": ("titles", "-1 NaN text {}")},
    ),
    (
        plots.plot_filters,
        {"weights": RANDOM.random((3, 3, 4, 5)), "input_channel": 1},
        {
            "weights": ("", f"{NOT_NUMBERS} None no_rows"),
            "input_channel": ("input_channel", "None text 1.5 True [] -1"),
        },
    ),
    (
        plots.plot_side_by_side,
        {"activations": {"a": MAPS[0], "b": MAPS[1]}, "images": None, "scale": "layer"},
        {
            "activations": ("activation", "None text {} complex"),
            "images": ("images must be a list", "-1 text"),
            "scale": ("scale must be one of", "None [] {}"),
        },
    ),
    (plots.plot_curves, {"panels": {"loss": {"a": [1.0, 2.0]}}}, {"panels": ("panel", "None text {} []")}),
    (
        through(plots.plot_curves)(lambda group: plots.plot_curves({"loss": {"a": group}})),
        {"group": [1.0]},
        {"group": ("group 'a' needs a curve", "None text texts objects ragged NaN []")},
    ),
    (plots.plot_history, {"history": {"loss": [1.0, 0.5]}}, {"history": ("history", "None text -1 []")}),
    (
        plots.plot_filter_at,
        {"image": PLANES[0], "weights": np.ones((3, 3)), "feature_map": np.ones((4, 4)), "place": (1, 1), "bias": 0.0},
        {
            "place": ("the place must be", "None text 1.5 -1 [] texts"),
            "weights": ("", f"{NOT_NUMBERS} None"),
            "bias": ("bias must be a finite number", NOT_REAL),
        },
    ),
    (
        plots.plot_pooling_at,
        {"feature_map": PLANES[0], "pooled": np.ones((3, 3)), "place": (1, 1)},
        {"feature_map": ("", f"{NOT_NUMBERS} None"), "place": ("the place must be", "None text -1")},
    ),
    (
        plots.plot_parts,
        {"parts": MAPS[0], "feature_map": PLANES[0], "columns": 2},
        {"parts": ("", f"{NOT_NUMBERS} None"), "columns": ("columns must be a whole number", "None 0 1.5")},
    ),
    (
        plots.plot_over_layers,
        {"panels": {"p": {"a": [1.0, 2.0]}}, "layers": ["x", "y"]},
        {"panels": ("panel", "None text {}"), "layers": ("layers must be a list", "None -1 text")},
    ),
    (plots.plot_shares, {"counts": {"a": {"x": 1, "y": 2}}}, {"counts": ("", "None text {} -1")}),
    (
        plots.plot_answers,
        {"probabilities": [0.2, 0.8], "labels": ["a", "b"], "true": 1},
        {
            "probabilities": ("", f"{NOT_NUMBERS} None NaN"),
            "labels": ("label", "-1 text NaN"),
            "true": ("true must be a class index 0 to 1", "text 1.5 True [] complex"),
        },
    ),
    (plots.plot_histogram, {"groups": {"a": [1.0, 2.0]}}, {"groups": ("group", "None text {} []")}),
    (
        through(plots.plot_seed_dots)(lambda values: plots.plot_seed_dots({"a": values})),
        {"values": [1.0]},
        {"values": ("group 'a'", "None text texts complex ragged NaN infinity [] {}")},
    ),
    (
        plots.plot_heatmaps,
        {"images": IMAGES[:2], "heatmaps": PLANES[:2]},
        {"images": ("", "None -1 text"), "heatmaps": ("heatmap", "None -1 texts objects ragged")},
    ),
    (
        plots.plot_flip,
        {"moved": [0, 1], "panels": {"p": [[1, 0, 0], [0, 1, 0]]}},
        {"panels": ("panel", "None text {}")},
    ),
    (
        plots.plot_ringed,
        {"activations": {"a": MAPS[0]}, "largest": 1.0},
        {
            "activations": ("activation", "None text {}"),
            "largest": ("largest must be a finite number", "text 0 -1 NaN True"),
        },
    ),
    (models.load_model, {"path": "nowhere.keras"}, {"path": (TypeError, "None -1 [] {} objects")}),
    (
        models.rescaled,
        {"model": NETWORK, "low": 0, "high": 1},
        {
            "model": ("a Keras model is needed", "None text {} complex a_path"),
            "low": ("low must be a finite number", f"{NOT_REAL} infinity"),
            "high": ("high must be a finite number", NOT_REAL),
        },
    ),
    (models.pretrained, {"name": "mnist_cnn"}, {"name": ("the name of a network", "None -1 a_path complex")}),
    (
        models.mnist_cnn,
        {"convolutions": ((2, 3, "relu"),), "poolings": (), "dense": ((2, "softmax"),)},
        {
            "convolutions": ("", "None -1 text texts"),
            "poolings": ("poolings must be a list", "None 1.5 text"),
            "dense": ("", "None NaN {} text"),
            "convolution_names": ("convolution_names must be", "-1 True texts complex"),
            "regularizer": ("regularizer must be one of", "[] {} texts 0"),
        },
    ),
    (
        training.learning_rate_schedule,
        {"kind": "power", "initial": 0.1, "decay_steps": 1, "decay_rate": 0.1},
        {
            "kind": ("the kind of schedule must be one of", "None [] complex texts"),
            "initial": ("the initial learning rate", "None text 0 NaN infinity True complex"),
            "decay_steps": ("decay_steps must be", "None 0 complex"),
            "decay_rate": ("decay_rate must be", "None -1 complex"),
        },
    ),
    (
        training.make_optimizer,
        {"name": "sgd", "learning_rate": 0.1, "momentum": 0.1},
        {
            "name": ("the optimizer must be one of", "None [] complex"),
            "momentum": ("momentum must be", "None 1.5 NaN complex"),
        },
    ),
    (training.LearningRateLog, {"verbose": "silent"}, {"verbose": ("verbose must be one of", "None 0 [] complex")}),
    (course.origin, {"name": "mnist"}, {"name": (KeyError, "None [] {} text complex")}),
    (
        datasets.shapes,
        {"split": 0, "size": 8},
        {
            "split": ("split must be a whole number from 0 to 4", "None text 1.5 NaN True complex 99 -1"),
            "size": ("a size is a number of pixels", "None text 1.5 0 True [] complex"),
        },
    ),
    (
        datasets.read_image,
        {"path": "nowhere.png", "size": 4, "colour": "rgb"},
        {
            "path": ("the path of an image file is needed", "None -1 [] complex"),
            "size": ("a size is a number of pixels", "text 1.5 True complex"),
            "colour": ('colour must be "rgb" or "grey"', "None [] {} complex"),
        },
    ),
    (
        drawing.pen_strokes,
        {"strokes": [[(4, 4), (20, 20)]], "side": 28, "wobble": 0.1, "seed": 1},
        {
            "strokes": ("stroke", "None -1 {} texts"),
            "side": ("side must be a whole number", "None complex"),
            "wobble": ("wobble must be a finite number", "None NaN complex"),
            "seed": ("seed must be a whole number", "1.5 complex"),
        },
    ),
    (
        drawing.phantom,
        {"kind": "NORMAL", "seed": 1, "side": 32},
        {"kind": ("kind must be one of", "None [] complex"), "seed": ("seed must be", "None complex")},
    ),
    (
        probing.clearest,
        {
            "logits": np.eye(2)[[0, 0, 1, 1]],
            "labels": np.array([0, 0, 1, 1]),
            "numbers": np.arange(4),
            "digit": 0,
            "count": 2,
        },
        {
            "logits": ("", "None text objects texts {} a_NaN_inside"),
            "labels": ("", "None texts objects"),
            "numbers": ("", "None objects"),
            "digit": ("", "text 1.5 True texts complex 99"),
            "count": ("count must be a whole number of at least 1", f"{NOT_WHOLE} 0 -1"),
        },
    ),
    (probing.lit, {"activation": MAPS}, {"activation": ("", f"{NOT_NUMBERS} a_NaN_inside None a_number")}),
    (
        probing.common_points,
        {"own": MAPS, "others": MAPS},
        {"own": ("own must be", f"{NOT_NUMBERS} a_NaN_inside ragged"), "others": ("", "None texts a_NaN_inside")},
    ),
    (
        probing.separation,
        {"activation": MAPS, "is_digit": IS_NINE},
        {"activation": ("", f"{NOT_NUMBERS} a_NaN_inside None"), "is_digit": ("True or False", "None texts 0 no_rows")},
    ),
    (
        probing.paired_errors,
        {"first_right": IS_NINE, "second_right": IS_NINE},
        {"first_right": ("True or False", "None text 1.5 objects no_rows")},
    ),
    (
        probing.probe_layer,
        {"own": MAPS, "own_is": IS_NINE, "test": MAPS, "test_is": IS_NINE, "kinds": ("linear",)},
        {
            "own": ("", f"{NOT_NUMBERS} a_NaN_inside None no_rows"),
            "test": ("", "None texts a_NaN_inside"),
            "own_is": ("True or False", "None 0 texts"),
            "kinds": ("", "None -1 [] complex text"),
            "components": ("components must be a whole number", "None text 0 1.5"),
        },
    ),
    (
        probing.answer_counts,
        {"answers": np.eye(10), "own": 4, "other": 9},
        {"answers": ("", f"{NOT_NUMBERS} None"), "own": ("two of the classes are needed", "None True [] complex 99")},
    ),
    (
        probing.blends,
        {"own": IMAGES, "other": IMAGES, "shares": [0, 1]},
        {"own": ("", NOT_NUMBERS), "shares": ("share", "None text texts -1 NaN complex")},
    ),
    (
        probing.matched_points,
        {"points": [1], "sizes": np.arange(9.0), "draws": 2, "seed": 1},
        {
            "points": ("points must be", "None text 1.5 -1 99 NaN texts"),
            "sizes": ("sizes must be", "text objects a_NaN_inside"),
            "draws": ("draws must be a whole number", f"{NOT_WHOLE} 0"),
            "seed": ("seed must be a whole number", "None -1 1.5"),
        },
    ),
    (
        probing.with_points,
        {"activation": MAPS, "values": 0, "points": [1]},
        {
            "activation": ("", f"{NOT_NUMBERS} None no_rows a_number"),
            "values": ("", "None text objects complex"),
            "points": ("points must be", "None text 1.5 -1 NaN"),
        },
    ),
    (probing.network_from, {"model": NETWORK, "layer": "conv"}, {"layer": ("", "-1 ragged")}),
    (
        explanations.grad_cam,
        {"model": NETWORK, "images": IMAGES, "layer": "conv", "batch_size": 2},
        {
            "layer": (KeyError, "-1 texts complex True"),
            "batch_size": ("batch_size must be", "None 0 1.5"),
            "class_index": ("class_index must be", "text 1.5 complex 99"),
        },
    ),
    (
        explanations.occlusion,
        {"model": NETWORK, "images": IMAGES[:1], "patch": 4, "stride": 4},
        {
            "background": ("background must be", "text texts complex NaN"),
            "patch": ("patch", "text 0 99"),
            "batch_size": ("batch_size must be", "text 0 1.5"),
        },
    ),
    (
        explanations.best_input,
        {"model": NETWORK, "layer": "conv", "channels": [0], "starts": 1, "steps": 1},
        {
            "channels": ("channels", "text 1.5 99 [] complex"),
            "starts": ("starts must be", "None 0 1.5"),
            "ink": ("ink must be", "text 0 NaN"),
            "seed": ("seed must be", "None -1 text"),
        },
    ),
    (
        explanations.channel_states,
        {"model": NETWORK, "layer": "conv", "images": IMAGES},
        {"steps": ("steps must be", "None -1 1.5"), "batch_size": ("batch_size must be", "None 0")},
    ),
    (
        explanations.enlarge,
        {"heatmaps": PLANES, "size": 12, "stride": 2},
        {
            "heatmaps": ("heatmaps", f"{NOT_NUMBERS} None a_NaN_inside"),
            "size": ("size must be", "None text 0 {} complex"),
            "stride": ("stride must be", "text 0 1.5"),
        },
    ),
    (
        explanations.pointing_game,
        {"heatmaps": PLANES, "masks": PLANES > 0.5},
        {"heatmaps": ("heatmaps", "None a_NaN_inside texts"), "masks": ("masks", "None texts 0 no_rows")},
    ),
    (
        explanations.random_maps,
        {"count": 2, "size": 4, "seed": 1},
        {"count": ("count must be", "None 0 1.5"), "seed": ("seed must be", "None -1 text")},
    ),
    (
        explanations.randomised,
        {"model": NETWORK, "layers": ["conv"], "seed": 1},
        {"layers": ("layers must be", "None -1 complex ragged"), "seed": ("seed must be", "None -1 text")},
    ),
    (explanations.similarity, {"first": PLANES, "second": PLANES}, {"first": ("heatmaps", "None texts a_NaN_inside")}),
    (
        inspecting.inspect_network,
        {"model": NETWORK, "source": IMAGES[:1], "seconds": 0},
        {
            "model": ("a Keras model or the path of its file is needed", "None -1 complex"),
            "source": ("images", f"None -1 {NOT_NUMBERS.replace('text ', '')} a_NaN_inside no_rows"),
            "layers": ("layers must be", "-1 complex"),
            "classes": ("classes must be", "-1 complex {}"),
            "scale": ("the scale must be one of", "text 0 []"),
            "size": ("a size is a number of pixels", "text 1.5 []"),
            "most": ("most must be a whole number", "None 0"),
            "seconds": ("seconds must be", "None text -1 NaN"),
        },
    ),
    (explorer.explorer_page, {"model": NETWORK}, {"model": ("a Keras model is needed", "None text complex {}")}),
    (activations.layer_names, {"model": NETWORK}, {"model": ("a Keras model is needed", NO_MODEL)}),
    (activations.untrained, {"model": NETWORK}, {"model": ("a Keras model is needed", NO_MODEL)}),
    (
        pictures.constant_channels,
        {"activation": MAPS, "tolerance": 0.0},
        {
            "activation": ("array of numbers", f"{NOT_NUMBERS} None ragged no_rows dates"),
            "tolerance": ("tolerance must be a number of at least 0", f"{NOT_REAL} -1"),
        },
    ),
    (
        pictures.as_maps,
        {"activation": MAPS[0]},
        {"activation": ("activation", f"{NOT_NUMBERS} None ragged no_rows a_NaN_inside a_number")},
    ),
    (
        pictures.scale_channels,
        {"activation": MAPS, "scale": "layer"},
        {
            "activation": ("array of numbers", f"{NOT_NUMBERS} None ragged no_rows a_number"),
            "scale": ("scale must be one of raw, layer, channel, standard", "None 0 [] {} texts text"),
        },
    ),
    (pictures.count_not_finite, {"values": MAPS}, {"values": ("array of numbers", f"{NOT_NUMBERS} None ragged []")}),
    (pictures.finite_range, {"values": MAPS}, {"values": ("array of numbers", f"{NOT_NUMBERS} None ragged no_rows")}),
    (
        explanations.before_activation,
        {"model": NETWORK, "layer": "conv"},
        {"model": ("a Keras model is needed", NO_MODEL), "layer": (KeyError, NO_LAYER)},
    ),
    (
        explanations.wake_channels,
        {
            "model": NETWORK,
            "layer": "conv",
            "channels": [0],
            "images": IMAGES,
            "steps": 1,
            "batch_size": 5,
            "seed": 1,
            "seconds": 9.0,
        },
        {
            "model": ("a Keras model is needed", NO_MODEL),
            "layer": (KeyError, NO_LAYER),
            "channels": ("channels", f"{NOT_NUMBERS} None -1 99 1.5 NaN ragged"),
            "images": ("images", f"{NOT_NUMBERS} None ragged no_rows a_NaN_inside"),
            "steps": ("steps must be a whole number of at least 0", f"{NOT_WHOLE} -1"),
            "batch_size": ("batch_size must be a whole number of at least 1", f"{NOT_WHOLE} 0"),
            "seed": ("seed must be a whole number of at least 0", f"{NOT_WHOLE} -1"),
            "seconds": ("seconds must be a number of at least 0", "text -1 NaN True [] complex"),
        },
    ),
    (
        explanations.logits,
        {"model": NETWORK, "images": IMAGES, "batch_size": 5},
        {
            "model": ("a Keras model is needed", NO_MODEL),
            "images": ("", f"{NOT_NUMBERS} None ragged no_rows"),
            "batch_size": ("batch_size must be a whole number of at least 1", f"{NOT_WHOLE} 0"),
        },
    ),
    (explanations.centre_guess, {"size": 4}, {"size": ("size must be", f"{NOT_WHOLE} 0 -1 {{}} ragged dates complex")}),
    (
        explanations.is_blank,
        {"heatmaps": PLANES},
        {"heatmaps": ("heatmaps", f"{NOT_NUMBERS} None ragged a_NaN_inside no_rows a_number")},
    ),
    (explanations.is_rectified, {"layer": NETWORK.layers[0]}, {"layer": ("a Keras layer is needed", NO_LAYER)}),
    (
        explanations.overlap,
        {"heatmaps": PLANES, "masks": PLANES > 0.5},
        {
            "heatmaps": ("heatmaps", f"{NOT_NUMBERS} None a_NaN_inside no_rows"),
            "masks": ("masks", f"{NOT_NUMBERS} None a_NaN_inside no_rows 0"),
        },
    ),
    (
        explanations.rank_correlation,
        {"first": PLANES, "second": PLANES},
        {
            "first": ("heatmaps", f"{NOT_NUMBERS} None a_NaN_inside no_rows"),
            "second": ("heatmaps", "None text ragged 99"),
        },
    ),
    (
        costs.measure,
        {"prepare": lambda amount: list, "amounts": [1, 2], "repeats": 1},
        {
            "prepare": ("prepare must be a function", NOT_CALLED),
            "amounts": ("amounts", f"{NOT_NUMBERS} None -1 0 [] a_set ragged a_NaN_inside"),
            "repeats": ("repeat", f"{NOT_WHOLE} 0 -1 complex"),
        },
    ),
    (
        through(costs.measure)(lambda work: costs.measure(lambda amount: work, [1, 2], repeats=1)),
        {"work": list},
        {"work": ("what prepare returns must be a function", NOT_CALLED)},
    ),
    (costs.peak_memory, {"work": list}, {"work": ("work must be a function", NOT_CALLED)}),
    (
        costs.reading,
        {"images": 2, "side": 12, "channels": 2},
        {
            "images": ("images must be a whole number of at least 1", f"{NOT_WHOLE} 0 -1 complex"),
            "side": ("side must be a whole number of at least 10", f"{NOT_WHOLE} 0 -1 a_number"),
            "channels": ("channels must be a whole number of at least 1", f"{NOT_WHOLE} 0 -1 a_number"),
        },
    ),
    (datasets.cats_vs_dogs, {"size": 8}, {"size": ("a size is a number of pixels", "None text 1.5 0 True [] complex")}),
    (datasets.chest_xray, {"size": 8}, {"size": ("a size is a number of pixels", "None text 1.5 -1 True [] texts")}),
    (datasets.overlaps, {"image_set": SET}, {"image_set": ("an ImageSet is needed", "None text -1 [] a_path complex")}),
    (
        through(datasets.Part.subset)(lambda count: part().subset(count)),
        {"count": 2},
        {"count": ("a subset takes 1 to 5 images", f"{NOT_WHOLE} 0 -1 99 complex")},
    ),
    (
        drawing.cat_or_dog,
        {"kind": "cats", "seed": 1, "side": 32},
        {
            "kind": ("kind must be one of", "None text [] complex"),
            "seed": ("seed must be", NOT_A_SEED),
            "side": ("side must be a whole number from 32", f"{NOT_WHOLE} 0 -1 complex"),
        },
    ),
    (
        drawing.shape_image,
        {"kind": "circles", "seed": 1},
        {"kind": ("kind must be one of", "None text [] complex"), "seed": ("seed must be", NOT_A_SEED)},
    ),
    (
        drawing.lungs,
        {"seed": 1, "side": 32, "patient": 1},
        {
            "seed": ("seed must be", NOT_A_SEED),
            "side": ("side must be", f"{NOT_WHOLE} 0 complex"),
            "patient": ("must be a whole number", "text -1 1.5 True complex"),
        },
    ),
    (
        drawing.marker_for,
        {"labels": [0, 1], "agreement": 0.9, "seed": 1},
        {
            "labels": ("label", "None text 99 complex a_number ragged a_NaN_inside {}"),
            "agreement": ("agreement must be a finite number from 0 to 1", f"{NOT_REAL} -1 1.5"),
            "seed": ("seed must be", NOT_A_SEED),
        },
    ),
    (
        drawing.draw_set,
        {"name": "shapes", "folder": "made"},
        {"name": ("name must be one of", "None text [] complex"), "folder": ("the path of the folder", NOT_A_PATH)},
    ),
    (
        measures.growth,
        {"amounts": [1, 2, 3], "costs": [1, 2, 3]},
        {
            "amounts": ("amounts", f"{NOT_NUMBERS} None 99 [] a_NaN_inside ragged"),
            "costs": ("cost", f"{NOT_NUMBERS} None 99 [] a_NaN_inside ragged"),
        },
    ),
    (
        measures.seed_interval,
        {"values": [1, 2]},
        {"values": ("values", f"{NOT_NUMBERS} None 99 [] NaN a_NaN_inside ragged no_rows")},
    ),
    (
        plots.plot_layers,
        {"model": NETWORK, "images": IMAGES[:1], "layers": ["conv"], "columns": 2, "scale": "layer"},
        {
            "model": ("a Keras model is needed", NO_MODEL),
            "images": ("", f"{NOT_NUMBERS} None ragged no_rows"),
            "layers": ("layers must be", "-1 1.5 complex"),
            "columns": ("columns must be a whole number", f"{NOT_WHOLE} 0"),
            "scale": ("scale must be one of", "None 0 [] {} complex"),
        },
    ),
    (
        plots.plot_best_inputs,
        {"best": MADE, "beside": np.zeros((2, 4, 8, 8, 3)), "words": ["a", "b"], "columns": 2, "title": ""},
        {
            "best": ("what best_input returns is needed", NO_MODEL),
            "beside": ("", "text objects complex ragged 0 no_rows"),
            "words": ("words", "text -1 [] {} a_path"),
            "columns": ("columns must be a whole number of at least 2", f"{NOT_WHOLE} 0 complex"),
            "title": ("title must be text", "None -1 [] complex"),
        },
    ),
    (
        plots.plot_confusion,
        {"true": [0, 1], "predicted": [0, 1], "labels": ["a", "b"], "title": ""},
        {
            "true": ("", f"{NOT_NUMBERS} None 1.5 [] ragged a_NaN_inside"),
            "predicted": ("", f"{NOT_NUMBERS} None NaN {{}} ragged no_rows"),
            "labels": ("label", "text -1 [] {} a_number a_path"),
            "title": ("title must be text", "None 0 texts"),
        },
    ),
    (
        plots.plot_growth,
        {"rows": {"s": {"n": ([1, 2], [1, 2])}}, "slopes": {"n": 1}, "title": ""},
        {
            "rows": ("", "None text -1 [] {} complex"),
            "slopes": ("slopes must be a dict", "text -1 [] complex"),
            "title": ("title must be text", "None -1 bytes complex"),
        },
    ),
    (
        through(plots.plot_growth)(lambda row: plots.plot_growth({"s": row})),
        {"row": {"n": ([1, 2], [1, 2])}},
        {"row": ("", "None text 0 [] {} complex")},
    ),
    (
        through(plots.plot_growth)(lambda pair: plots.plot_growth({"s": {"n": pair}})),
        {"pair": ([1, 2], [1, 2])},
        {"pair": ("", "None text 0 [] {} texts complex a_number ragged")},
    ),
    (
        through(plots.plot_growth)(
            lambda amounts, spent, slope: plots.plot_growth({"s": {"n": (amounts, spent)}}, slopes={"n": slope})
        ),
        {"amounts": [1, 2], "spent": [1, 2], "slope": 1},
        {
            "amounts": ("amounts", f"{NOT_NUMBERS} None 0 [] ragged a_NaN_inside"),
            "spent": ("costs", f"{NOT_NUMBERS} None 0 [] ragged a_NaN_inside"),
            "slope": ("slope 'n' must be a finite number", NOT_REAL),
        },
    ),
    (
        plots.plot_time_to_accuracy,
        {"groups": {"a": ([1.0], [2.0])}, "reference": {"x": 1.0}, "ylabel": ""},
        {
            "groups": ("group", "None text -1 [] {} complex"),
            "reference": ("reference must be a dict", "text -1 [] complex"),
            "ylabel": ("ylabel must be text", "None -1 texts"),
        },
    ),
    (
        through(plots.plot_time_to_accuracy)(
            lambda seconds, mistakes, line: plots.plot_time_to_accuracy(
                {"a": (seconds, mistakes)}, reference={"x": line}
            )
        ),
        {"seconds": [1.0], "mistakes": [2.0], "line": 1.0},
        {
            "seconds": ("group 'a'", f"{NOT_NUMBERS} None 0 [] NaN infinity ragged a_NaN_inside"),
            "mistakes": ("group 'a'", f"{NOT_NUMBERS} None [] NaN infinity ragged dates"),
            "line": ("reference 'x' must be a finite number", f"{NOT_REAL} infinity ragged"),
        },
    ),
    (
        models.ship,
        {"run": Run(), "name": "toy", "which": "last"},
        {
            "run": ("a finished training is needed", "None text -1 {} complex a_path"),
            "name": ("the name of a network", "None -1 [] complex out_of_it a_path"),
            "which": (KeyError, "text"),
        },
    ),
    (
        training.InTurn,
        {"turns": [print], "epochs": 2},
        {
            "turns": ("turn", "None text -1 [] {} texts a_number ragged complex"),
            "epochs": ("epochs must be a whole number of at least 1", f"{NOT_WHOLE} 0 -1 infinity complex"),
        },
    ),
    (
        training.OneCycle,
        {"peak": 0.1, "steps": 3, "rise": 0.3},
        {
            "peak": ("peak", f"{NOT_REAL} 0 infinity"),
            "steps": ("steps must be", f"{NOT_REAL} 0 infinity"),
            "rise": ("rise", f"{NOT_REAL} 0 1.5 infinity"),
        },
    ),
    (
        training.moved,
        {"images": IMAGES, "seed": [1, 2], "shift": 1, "turn": 1, "zoom": 0.1},
        {
            "images": ("images (images, height", f"{NOT_NUMBERS} None ragged a_number"),
            "seed": ("the seed must", "None text 1.5 -1 True [] {} objects"),
            "shift": ("shift must be whole pixels", f"{NOT_REAL} -1 1.5 infinity"),
            "turn": ("turn 0 to 180 degrees", f"{NOT_REAL} -1 infinity"),
            "zoom": ("zoom a share", f"{NOT_REAL} -1 99"),
        },
    ),
    (training.kept_results, {"name": "toy"}, {"name": ("name must be made of small", f"{NOT_A_PATH} out_of_it")}),
    (
        training.kept_training,
        TRAINING,
        {
            "build": ("build must be a function", NOT_CALLED),
            "data": ("data must", "None text -1 [] complex texts ragged a_NaN_inside"),
            "name": ("name must be made of small letters", "None -1 [] complex out_of_it a_path"),
            "epochs": ("epochs must be a whole number", f"{NOT_WHOLE} 0 complex"),
            "seed": ("seed must be a whole number", f"{NOT_WHOLE} -1 complex"),
            "batch_size": ("batch_size must be a whole number", f"{NOT_WHOLE} 0 complex"),
            "steps_per_epoch": ("steps_per_epoch must be a whole number", "text 1.5 0 True [] complex"),
            "validation": ("validation must", "text -1 [] complex texts"),
            "tests": ("tests must be a dict", "text -1 [] complex a_path"),
            "select": ("", "None -1 {} complex ragged a_set text"),
            "callbacks": ("callbacks must be", "None text -1 {} texts objects"),
            "details": ("details must be", "bytes NaN an_object complex texts a_path"),
            "progress": ("progress must be one of", "None text 0 [] texts"),
        },
    ),
    (
        probing.balanced_accuracy,
        {"shining": MAPS > 0.5, "is_digit": IS_NINE},
        {"shining": ("", f"{NOT_NUMBERS} None no_rows a_number"), "is_digit": ("True or False", "None texts 0 ragged")},
    ),
    (
        probing.ranked_points,
        {"activation": MAPS, "is_digit": IS_NINE},
        {"activation": ("", f"{NOT_NUMBERS} a_NaN_inside None"), "is_digit": ("True or False", "None texts 0 ragged")},
    ),
    (
        probing.greedy_points,
        {"activation": MAPS, "is_digit": IS_NINE, "counts": [1]},
        {
            "activation": ("", f"{NOT_NUMBERS} a_NaN_inside None"),
            "is_digit": ("True or False", "None texts 0 ragged"),
            "counts": ("count", "None text 1.5 texts complex ragged {}"),
        },
    ),
    (
        probing.least_clear,
        {
            "logits": np.eye(2)[[0, 0, 1, 1]],
            "labels": np.array([0, 0, 1, 1]),
            "numbers": np.arange(4),
            "digit": 0,
            "other": 1,
            "count": 2,
        },
        {
            "logits": ("", f"{NOT_NUMBERS} None {{}} a_NaN_inside"),
            "labels": ("", "None texts objects ragged"),
            "numbers": ("", "None objects ragged"),
            "digit": ("", "text 1.5 True texts complex 99 ragged"),
            "other": ("", "None text 1.5 True complex 99 0 ragged"),
            "count": ("count must be a whole number of at least 1", f"{NOT_WHOLE} 0 -1"),
        },
    ),
    (
        probing.ring_scores,
        {"activation": MAPS, "own_red": MAPS[0] > 0.5, "other_red": MAPS[0] > 0.5},
        {
            "activation": ("", f"{NOT_NUMBERS} a_NaN_inside None"),
            "own_red": ("red points", "None texts 0 ragged objects"),
            "other_red": ("red points", "None texts 0 ragged objects"),
        },
    ),
    (explorer.describe_network, {"model": DIGIT_NETWORK}, {"model": ("a Keras model is needed", NO_MODEL)}),
    (explorer.dial, {"share": 0.5}, {"share": ("share must be a finite number from 0 to 1", f"{NOT_REAL} -1 1.5")}),
    (
        explorer.stroke_code,
        {"strokes": [[(1, 2), (3, 4)]]},
        {"strokes": ("stroke", f"{NOT_NUMBERS} None -1 {{}} a_number ragged a_NaN_inside")},
    ),
    (
        through(explorer.stroke_code)(lambda point: explorer.stroke_code([[point]])),
        {"point": (1, 2)},
        {"point": ("stroke", "None text 99 [] ragged")},
    ),
    (
        explorer.telling_points,
        {"model": DIGIT_NETWORK, "layer": "dense_2", "images": DIGITS, "labels": np.arange(20) % 10},
        {
            "model": ("a Keras model is needed", NO_MODEL),
            "layer": (KeyError, "text"),
            "images": ("", f"{NOT_NUMBERS} None ragged no_rows"),
            "labels": ("labels must be 20 whole numbers", f"{NOT_NUMBERS} None 0 [] ragged no_rows"),
        },
    ),
    (inspecting.read_class_names, {"path": "names.txt"}, {"path": ("the path of a file of class names", NOT_A_PATH)}),
    (
        inspecting.render_page,
        {"found": FOUND, "colours": "layer", "words": ""},
        {
            "found": ("an Inspection is needed", "None text -1 {} complex a_path"),
            "colours": ("colours must be one of", "None text 0 [] {} complex"),
            "words": ("words must be text", "None -1 [] texts"),
        },
    ),
    (
        inspecting.write_page,
        {"found": FOUND, "target": "page.html", "colours": "layer"},
        {
            "found": ("an Inspection is needed", "None text -1 {} complex a_path"),
            "target": ("the page", f"{NOT_A_PATH} a_network's_name a_path"),
            "colours": ("colours must be one of", "None text []"),
        },
    ),
    (
        through(course.build_folder)(lambda part: course.build_folder("logs", part)),
        {"part": "toy"},
        {"part": ("the name of a folder below build/", f"{NOT_A_PATH} out_of_it")},
    ),
    (
        through(course.setup_report)(lambda name: course.setup_report("shapes", name)),
        {"name": "mnist"},
        {"name": (KeyError, "None [] {} text complex")},
    ),
    (
        through(course.show_setup)(lambda name: course.show_setup("shapes", name)),
        {"name": "mnist"},
        {"name": (KeyError, "None -1 ragged text texts")},
    ),
]


def cases():
    """Yield each row's cases: function, its arguments with one of them wrong, exception, words."""
    for function, right, wrong in ROWS:
        for argument, (words, kinds) in wrong.items():
            kind, words = (CourseError, words) if isinstance(words, str) else (words, "")
            for name in kinds.split():
                name = name.replace("_", " ")
                label = f"{function.__name__}-{argument}={name}"
                yield pytest.param(function, {**right, argument: BAD[name]}, kind, words, id=label)


@pytest.fixture
def place(tmp_path, monkeypatch):
    """An empty folder: where we are, and where the course keeps things."""
    monkeypatch.chdir(tmp_path)
    monkeypatch.setattr(course, "ROOT", tmp_path)
    return tmp_path


@pytest.mark.faults
@pytest.mark.parametrize(("function", "given", "kind", "words"), list(cases()))
def test_bad_input(function, given, kind, words, place):
    with pytest.raises(kind) as refused:
        function(**given)
    assert type(refused.value) is kind
    assert_one_sentence(refused.value.args[0], words)
    assert not list(place.iterdir()) and not plt.get_fignums(), "something was left behind"


NEED_MORE = (  # a file, a set, or a network of digits, which other tests give them; or long
    datasets.cats_vs_dogs,
    datasets.chest_xray,
    datasets.read_image,
    datasets.shapes,
    drawing.draw_set,
    explorer.explorer_page,
    inspecting.read_class_names,
    models.load_model,
    models.pretrained,
)


def test_what_is_right_passes(place):
    """Else the table would show that a function refuses everything."""
    for function, right, _ in ROWS:
        if function not in NEED_MORE:
            function(**right)
            plt.close("all")


MODULES = (
    activations,
    explanations,
    costs,
    course,
    datasets,
    drawing,
    explorer,
    inspecting,
    probing,
    measures,
    models,
    pictures,
    plots,
    training,
)
NO_ROW = {
    course.by_profile: "hands back what it was given, whatever it is",
    training.KeptTraining: "made by kept_training alone; its methods are tried in test_kept_training.py",
}


def public():
    """Yield every public function and class that has arguments; a dataclass only holds what a function returned."""
    homes = tuple(module.__name__ for module in MODULES)
    for thing in (getattr(module, name) for module in MODULES for name in module.__all__):
        thing = inspect.unwrap(thing) if callable(thing) else None
        ours = thing is not None and ".".join(thing.__module__.split(".")[:2]) in homes
        if ours and not dataclasses.is_dataclass(thing) and inspect.signature(thing).parameters:
            yield thing


def untried(things):
    """Name those whose bad inputs nobody tries."""
    tried = {inspect.unwrap(function) for function, *_ in ROWS} | {*NO_ROW}
    return sorted(f"{thing.__module__}.{thing.__name__}" for thing in set(things) - tried)


def test_bad_inputs_of_every_public_function_are_tried():
    assert untried(public()) == [], "give each of these a row"
    assert len(set(public())) > 90 and untried([cases, *public()]) == [f"{__name__}.cases"]
