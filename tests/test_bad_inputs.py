"""What does not fit, function by function: the promised exception, one sentence, and nothing left behind.

A row has a function, arguments that are right, and for each argument what is put in its place while all others stay
right: names from BAD, for which the sentence names the argument (or one of several: "a label must"); or a pair, the
words that it holds instead (or another exception) and these names. Files and disks that fail are in
tests/test_bad_files.py. A public function that stands in no row fails the last test.
"""

import dataclasses
import functools
import inspect

import keras
import matplotlib.pyplot as plt
import numpy as np
import pytest
from keras import layers
from sentences import assert_one_sentence

from helpers import (
    activations,
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
from helpers._shared import arguments
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
    "-1": -1,
    "0": 0,
    "1.5": 1.5,
    "99": 99,
    "NaN": float("nan"),
    "infinity": float("inf"),
    "[]": [],
    "{}": {},
    "texts": np.array(["a", "b"]),
    "ragged": [[1], [1, 2]],
    "no_rows": np.zeros((0, 6, 6, 4)),
    "a_NaN_inside": HOLED,
    "a_number": np.array(3.0),
    "out_of_it": "../nowhere",
    "network.keras": "network.keras",
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
    return datasets.Part(LABELS, ("a", "b"), np.arange(5), pixels=np.uint8(255 * IMAGES))


def through(function):
    """Let a row reach what it could not by names alone: an array within a dict, a method, a star's arguments."""
    return functools.wraps(function)


NETWORK = network()
DIGITS = RANDOM.random((20, 28, 28, 1), dtype=np.float32)
DIGIT_NETWORK = models.digits_cnn()
FOUND = inspecting.inspect_network(NETWORK, IMAGES[:1], seconds=0)
MADE = explanations.best_input(NETWORK, "conv", [0, 1], starts=1, steps=0)
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
}
READING = {"model": NETWORK, "images": IMAGES, "layers": ["conv"], "batch_size": 2}
ROWS = [  # function, what is right, {argument: what is wrong}
    # course
    (course.origin, {"name": "mnist"}, {"name": (KeyError, "None [] text")}),
    (
        through(course.build_folder)(lambda part: course.build_folder("logs", part)),
        {"part": "toy"},
        {"part": ("a folder's name below build/", "None -1 out_of_it")},
    ),
    (
        through(course.show_setup)(lambda name: course.show_setup("shapes", name)),
        {"name": "mnist"},
        {"name": (KeyError, "None -1 text")},
    ),
    # activations
    (
        activations.read_activations,
        READING,
        {"layers": "-1 1.5 ragged", "batch_size": "None text 1.5 -1", "images": "None a_number"},
    ),
    (
        activations.class_means,
        READING | {"labels": LABELS},
        {"layers": ("layers must be", "-1"), "labels": "None text NaN no_rows", "batch_size": "None 0 NaN"},
    ),
    (
        activations.channel_statistics,
        READING | {"statistic": "mean"},
        {"statistic": "None -1 ragged text", "batch_size": "None text 0"},
    ),
    (
        activations.activation_model,
        {"model": NETWORK, "layers": ["conv"]},
        {"layers": "0 NaN ragged", "model": "None -1 {}"},
    ),
    (activations.layer_names, {"model": NETWORK}, {"model": "None text"}),
    (activations.untrained, {"model": NETWORK}, {"model": "None text"}),
    # pictures
    (training.is_finished, {"folder": "nowhere"}, {"folder": "None -1 []"}),
    (
        training.folder_for,
        {"name": "a_row", "network": compiled(), "data": IMAGES, "epochs": 1},
        {"name": "None -1 []", "network": "None text", "data": "None", "epochs": "None text 1.5 0"},
    ),
    (
        pictures.tile_channels,
        {"activation": MAPS[0], "columns": 2, "scale": "layer", "gap": 1},
        {
            "activation": "texts ragged no_rows",
            "columns": "None text 1.5",
            "gap": "None text -1 1.5",
            "scale": "None 0 []",
        },
    ),
    (
        pictures.silent_channels,
        {"activation": MAPS[0], "tolerance": 0.0},
        {"tolerance": "None text NaN -1", "activation": "texts"},
    ),
    (
        pictures.resize_maps,
        {"maps": MAPS[0], "height": 2, "width": 3},
        {"maps": "text ragged no_rows None", "height": "None text 1.5 0", "width": "None text 1.5 0"},
    ),
    (
        pictures.strongest_patches,
        {"activation": MAPS, "images": IMAGES, "channel": 1, "stride": 1, "side": 3},
        {
            "activation": "text no_rows None",
            "images": "text",
            "channel": "None text 1.5 -1 99",
            "stride": "None text 1.5 0",
            "side": "None text 1.5 0 99",
        },
    ),
    (pictures.image_picture, {"image": IMAGES[0]}, {"image": "texts ragged None"}),
    (pictures.as_maps, {"activation": MAPS[0]}, {"activation": "text None ragged no_rows a_NaN_inside a_number"}),
    (
        pictures.scale_channels,
        {"activation": MAPS, "scale": "layer"},
        {"activation": "text None ragged no_rows a_number", "scale": "None 0 [] text"},
    ),
    (pictures.finite_range, {"values": MAPS}, {"values": ("array of numbers", "text None ragged no_rows")}),
    # measures
    (
        measures.image_kept,
        {"activation": MAPS, "images": IMAGES, "stride": 1, "places": 10},
        {
            "activation": "text a_NaN_inside no_rows",
            "images": "text a_NaN_inside",
            "stride": "None text 1.5 0 -1",
            "places": "None text 1.5 0",
        },
    ),
    (
        measures.rebuild,
        {"train": (MAPS, IMAGES), "validation": (MAPS, IMAGES), "test": (MAPS, IMAGES), "penalties": (1.0,)},
        {
            "train": ("", "None text -1 [] {}"),
            "test": ("the activation and the images of a part", "None -1"),
            "penalties": ("penalt", "None 0 NaN text"),
        },
    ),
    (
        measures.share_interval,
        {"right": 3, "count": 5},
        {"right": "None text 1.5 infinity -1", "count": "None text 1.5 0"},
    ),
    (
        through(measures.bootstrap_interval)(
            lambda score, labels, groups, rounds: measures.bootstrap_interval(
                score, labels, groups=groups, rounds=rounds
            )
        ),
        {"score": np.mean, "labels": LABELS, "groups": LABELS, "rounds": 9},
        {
            "score": "None text 0",
            "labels": ("one row an image", "None 1.5 [] {} no_rows"),
            "groups": "text 0 []",
            "rounds": "None text 1.5 0",
        },
    ),
    (
        measures.conclude,
        {"differences": [1.0, 2.0, 3.0], "margin": 1.0},
        {"differences": ("", "text {} None"), "margin": "None text NaN infinity -1"},
    ),
    (measures.simple_views, {"images": RANDOM.random((2, 20, 20, 3))}, {"images": "text None no_rows"}),
    (measures.seed_interval, {"values": [1, 2]}, {"values": "text None 99 [] NaN a_NaN_inside ragged no_rows"}),
    # plots
    (
        plots.plot_layer,
        {"activation": MAPS[0], "scale": "layer"},
        {"activation": "texts ragged None", "scale": "[] None"},
    ),
    (plots.plot_channel, {"activation": MAPS[0], "channel": 1}, {"channel": "None text 1.5 -1"}),
    (
        plots.plot_channel_across_layers,
        {"activations": {"a": MAPS[0]}, "channel": 1},
        {"activations": "text -1 ragged None", "channel": "None"},
    ),
    (
        plots.plot_images,
        {"images": IMAGES[:2], "titles": ["a", "b"]},
        {"images": "None -1 text {}", "titles": "-1 NaN text {}"},
    ),
    (
        plots.plot_filters,
        {"weights": RANDOM.random((3, 3, 4, 5)), "input_channel": 1},
        {"weights": "text None no_rows", "input_channel": "None text 1.5 [] -1"},
    ),
    (
        plots.plot_side_by_side,
        {"activations": {"a": MAPS[0], "b": MAPS[1]}, "images": None, "scale": "layer"},
        {"activations": "None text {}", "images": "-1 text", "scale": "None []"},
    ),
    (plots.plot_curves, {"panels": {"loss": {"a": [1.0, 2.0]}}}, {"panels": "None text {} []"}),
    (
        through(plots.plot_curves)(lambda group: plots.plot_curves({"loss": {"a": group}})),
        {"group": [1.0]},
        {"group": "None text ragged NaN []"},
    ),
    (plots.plot_history, {"history": {"loss": [1.0, 0.5]}}, {"history": "None text -1 []"}),
    (
        plots.plot_filter_at,
        {"image": PLANES[0], "weights": np.ones((3, 3)), "feature_map": np.ones((4, 4)), "place": (1, 1), "bias": 0.0},
        {"place": "None text 1.5 -1 []", "weights": ("", "text None"), "bias": "None text NaN"},
    ),
    (
        plots.plot_pooling_at,
        {"feature_map": PLANES[0], "pooled": np.ones((3, 3)), "place": (1, 1)},
        {"feature_map": ("", "text None"), "place": "None text -1"},
    ),
    (
        plots.plot_parts,
        {"parts": MAPS[0], "feature_map": PLANES[0], "columns": 2},
        {"parts": "text None", "columns": "None 0 1.5"},
    ),
    (
        plots.plot_over_layers,
        {"panels": {"p": {"a": [1.0, 2.0]}}, "layers": ["x", "y"]},
        {"panels": "None text {}", "layers": "None -1 text"},
    ),
    (plots.plot_shares, {"counts": {"a": {"x": 1, "y": 2}}}, {"counts": "None text {} -1"}),
    (
        plots.plot_answers,
        {"probabilities": [0.2, 0.8], "labels": ["a", "b"], "true": 1},
        {"probabilities": ("", "text None NaN"), "labels": "-1 text NaN", "true": "text 1.5 []"},
    ),
    (plots.plot_histogram, {"groups": {"a": [1.0, 2.0]}}, {"groups": "None text {} []"}),
    (
        through(plots.plot_seed_dots)(lambda values: plots.plot_seed_dots({"a": values})),
        {"values": [1.0]},
        {"values": ("group 'a'", "None text ragged NaN infinity [] {}")},
    ),
    (
        plots.plot_heatmaps,
        {"images": IMAGES[:2], "heatmaps": PLANES[:2]},
        {"images": "None -1 text", "heatmaps": "None -1 texts ragged"},
    ),
    (plots.plot_flip, {"moved": [0, 1], "panels": {"p": [[1, 0, 0], [0, 1, 0]]}}, {"panels": "None text {}"}),
    (
        plots.plot_ringed,
        {"activations": {"a": MAPS[0]}, "largest": 1.0},
        {"activations": "None text {}", "largest": "text 0 -1 NaN"},
    ),
    (
        plots.plot_layers,
        {"model": NETWORK, "images": IMAGES[:1], "layers": ["conv"], "columns": 2, "scale": "layer", "look": "xray"},
        {
            "model": "None text",
            "images": "text None ragged no_rows",
            "layers": "-1 1.5",
            "columns": "text 1.5 0",
            "scale": "None 0 []",
            "look": "text 0 []",
        },
    ),
    (
        plots.plot_best_inputs,
        {"best": MADE, "beside": np.zeros((2, 4, 8, 8, 3)), "words": ["a", "b"], "columns": 2, "title": ""},
        {
            "best": "None text",
            "beside": ("", "text ragged 0 no_rows"),
            "words": "text -1 [] {}",
            "columns": "text 1.5 0",
            "title": "None -1 []",
        },
    ),
    (
        plots.plot_confusion,
        {"true": [0, 1], "predicted": [0, 1], "labels": ["a", "b"], "title": ""},
        {
            "true": "text None 1.5 [] ragged a_NaN_inside",
            "predicted": "text None NaN {} ragged no_rows",
            "labels": "text -1 [] {} a_number",
            "title": "None 0 texts",
        },
    ),
    (
        plots.plot_time_to_accuracy,
        {"groups": {"a": ([1.0], [2.0])}, "reference": {"x": 1.0}, "ylabel": ""},
        {"groups": "None text -1 [] {}", "reference": "text -1 []", "ylabel": "None -1 texts"},
    ),
    (
        through(plots.plot_time_to_accuracy)(
            lambda seconds, mistakes, line: plots.plot_time_to_accuracy(
                {"a": (seconds, mistakes)}, reference={"x": line}
            )
        ),
        {"seconds": [1.0], "mistakes": [2.0], "line": 1.0},
        {
            "seconds": ("group 'a'", "text None 0 [] NaN infinity ragged a_NaN_inside"),
            "mistakes": ("group 'a'", "text None [] NaN infinity ragged"),
            "line": ("reference 'x' must be a finite number", "None text NaN infinity ragged"),
        },
    ),
    # models
    (models.load_model, {"path": "nowhere.keras"}, {"path": "None -1 [] {}"}),
    (models.pretrained, {"name": "mnist_cnn"}, {"name": "None -1"}),
    (
        models.mnist_cnn,
        {"convolutions": ((2, 3, "relu"),), "poolings": (), "dense": ((2, "softmax"),)},
        {
            "convolutions": "None -1 text",
            "poolings": "None 1.5 text",
            "dense": "None NaN {} text",
            "regularizer": "[] 0",
        },
    ),
    # datasets
    (datasets.shapes, {"split": 0, "size": 8}, {"split": "None text 1.5 NaN 99 -1", "size": "None text 1.5 0 []"}),
    (
        datasets.read_image,
        {"path": "nowhere.png", "size": 4, "colour": "rgb"},
        {"path": "None -1 []", "size": "text 1.5", "colour": "None [] {}"},
    ),
    (datasets.cats_vs_dogs, {"size": 8}, {"size": "None text 1.5 0 []"}),
    (datasets.chest_xray, {"size": 8}, {"size": "None text 1.5 -1 []"}),
    (datasets.own_images, {"folder": None, "size": 8}, {"folder": "-1 []", "size": "None text 1.5 0 []"}),
    (datasets.own_image, {"path": "nowhere.png", "size": 8}, {"path": "None -1 []", "size": "None text 1.5 0 []"}),
    (datasets.proposed_groups, {"files": ["a/b_1.png"]}, {"files": ("files must be", "None -1 []")}),
    (
        through(datasets.Part.subset)(lambda count: part().subset(count)),
        {"count": 2},
        {"count": "None text 1.5 0 -1 99"},
    ),
    # drawing
    (
        drawing.pen_strokes,
        {"strokes": [[(4, 4), (20, 20)]], "wobble": 0.1, "seed": 1},
        {"strokes": "None -1 {} texts", "wobble": "None NaN", "seed": "1.5"},
    ),
    (
        drawing.phantom,
        {"kind": "NORMAL", "seed": 1, "side": 32, "patient": 1},
        {"kind": "None []", "seed": "None text -1", "side": "None text 1.5 0", "patient": "text -1 1.5"},
    ),
    (
        drawing.marker_for,
        {"labels": [0, 1], "agreement": 0.9, "seed": 1},
        {
            "labels": "None text 99 a_number ragged a_NaN_inside {}",
            "agreement": "None text NaN -1 1.5",
            "seed": "None text -1 1.5",
        },
    ),
    (drawing.draw_set, {"name": "shapes", "folder": "made"}, {"name": "None text []", "folder": "None -1"}),
    # training
    (
        training.learning_rate_schedule,
        {"kind": "power", "initial": 0.1, "decay_steps": 1, "decay_rate": 0.1},
        {"kind": "None []", "initial": "None text 0 NaN infinity", "decay_steps": "None 0", "decay_rate": "None -1"},
    ),
    (
        training.make_optimizer,
        {"name": "sgd", "learning_rate": 0.1, "momentum": 0.1},
        {"name": ("the optimizer must be one of", "None []"), "momentum": "None 1.5 NaN"},
    ),
    (
        training.InTurn,
        {"turns": [print], "epochs": 2},
        {"turns": "None text -1 [] {} a_number ragged", "epochs": "None text 1.5 0 -1 infinity"},
    ),
    (
        training.OneCycle,
        {"peak": 0.1, "steps": 3, "rise": 0.3},
        {
            "peak": "None text NaN 0 infinity",
            "steps": "None text NaN 0 infinity",
            "rise": "None text NaN 0 1.5 infinity",
        },
    ),
    (
        training.moved,
        {"images": IMAGES, "seed": [1, 2], "shift": 1, "turn": 1, "zoom": 0.1},
        {
            "images": "text None ragged a_number",
            "seed": "None text 1.5 -1 {}",
            "shift": "None text NaN -1 1.5 infinity",
            "turn": "None text NaN -1 infinity",
            "zoom": "None text NaN -1 99",
        },
    ),
    (training.kept_results, {"name": "toy"}, {"name": "None -1 out_of_it"}),
    (
        training.kept_training,
        TRAINING,
        {
            "build": "None text -1 [] {}",
            "data": "None text -1 [] ragged a_NaN_inside",
            "name": "None -1 [] out_of_it",
            "epochs": "None text 1.5 0",
            "seed": "None text 1.5 -1",
            "batch_size": "None text 1.5 0",
            "steps_per_epoch": "text 1.5 0 []",
            "validation": "text -1 []",
            "tests": "text -1 []",
            "select": "None -1 {} ragged text",
            "callbacks": "None text -1 {}",
            "details": "NaN texts",
        },
    ),
    # probing
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
            "logits": "None text {} a_NaN_inside",
            "labels": "None texts",
            "numbers": "None",
            "digit": ("", "text 1.5 99"),
            "count": "None text 1.5 0 -1",
        },
    ),
    (probing.lit, {"activation": MAPS}, {"activation": "text a_NaN_inside None a_number"}),
    (
        probing.common_points,
        {"own": MAPS, "others": MAPS},
        {"own": "text a_NaN_inside ragged", "others": "None texts a_NaN_inside"},
    ),
    (
        probing.separation,
        {"activation": MAPS, "is_digit": IS_NINE},
        {"activation": "text a_NaN_inside None", "is_digit": ("True or False", "None texts 0 no_rows")},
    ),
    (
        probing.paired_errors,
        {"first_right": IS_NINE, "second_right": IS_NINE},
        {"first_right": ("True or False", "None text 1.5 no_rows")},
    ),
    (
        probing.probe_layer,
        {"own": MAPS, "own_is": IS_NINE, "test": MAPS, "test_is": IS_NINE, "kinds": ("linear",)},
        {
            "own": ("", "text a_NaN_inside None no_rows"),
            "test": ("", "None texts a_NaN_inside"),
            "own_is": ("True or False", "None 0 texts"),
            "kinds": "None -1 text",
            "components": "None text 0 1.5",
        },
    ),
    (
        probing.answer_counts,
        {"answers": np.eye(10), "own": 4, "other": 9},
        {"answers": "text None", "own": "None [] 99"},
    ),
    (
        probing.blends,
        {"own": IMAGES, "other": IMAGES, "shares": [0, 1]},
        {"own": ("", "text"), "shares": "None text -1 NaN"},
    ),
    (
        probing.matched_points,
        {"points": [1], "sizes": np.arange(9.0), "draws": 2, "seed": 1},
        {
            "points": "None text 1.5 -1 99 NaN",
            "sizes": "text a_NaN_inside",
            "draws": "None text 1.5 0",
            "seed": "None -1 1.5",
        },
    ),
    (
        probing.with_points,
        {"activation": MAPS, "values": 0, "points": [1]},
        {"activation": "text None no_rows a_number", "values": "None text", "points": "None text 1.5 -1 NaN"},
    ),
    (probing.network_from, {"model": NETWORK, "layer": "conv"}, {"layer": "-1 ragged"}),
    (
        probing.balanced_accuracy,
        {"shining": MAPS > 0.5, "is_digit": IS_NINE},
        {"shining": ("", "text None no_rows a_number"), "is_digit": ("True or False", "None texts 0 ragged")},
    ),
    (
        probing.ranked_points,
        {"activation": MAPS, "is_digit": IS_NINE},
        {"activation": "text a_NaN_inside None", "is_digit": ("True or False", "None texts 0 ragged")},
    ),
    (
        probing.greedy_points,
        {"activation": MAPS, "is_digit": IS_NINE, "counts": [1]},
        {
            "activation": "text a_NaN_inside None",
            "is_digit": ("True or False", "None texts 0 ragged"),
            "counts": "None text 1.5 ragged {}",
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
            "logits": "text None {} a_NaN_inside",
            "labels": "None texts ragged",
            "numbers": "None ragged",
            "digit": ("", "text 1.5 99 ragged"),
            "other": ("", "None text 1.5 99 0 ragged"),
            "count": "None text 1.5 0 -1",
        },
    ),
    (
        probing.ring_scores,
        {"activation": MAPS, "own_red": MAPS[0] > 0.5, "other_red": MAPS[0] > 0.5},
        {"activation": "text a_NaN_inside None", "own_red": "None texts 0 ragged", "other_red": "None texts 0 ragged"},
    ),
    # explanations
    (
        explanations.grad_cam,
        {"model": NETWORK, "images": IMAGES, "layer": "conv", "batch_size": 2},
        {"layer": (KeyError, "-1 texts"), "batch_size": "None 0 1.5", "class_index": "text 1.5 99"},
    ),
    (
        explanations.occlusion,
        {"model": NETWORK, "images": IMAGES[:1], "patch": 4, "stride": 4},
        {"background": "text NaN", "patch": "text 0 99"},
    ),
    (
        explanations.best_input,
        {"model": NETWORK, "layer": "conv", "channels": [0], "starts": 1, "steps": 1},
        {"channels": "text 1.5 99 []", "starts": "None 0 1.5", "ink": "text 0 NaN", "seed": "None -1 text"},
    ),
    (
        explanations.channel_states,
        {"model": NETWORK, "layer": "conv", "images": IMAGES},
        {"steps": "None -1 1.5", "batch_size": "None 0"},
    ),
    (
        explanations.enlarge,
        {"heatmaps": PLANES, "size": 12, "stride": 2},
        {"heatmaps": "text None a_NaN_inside", "size": "None text 0 {}", "stride": "text 0 1.5"},
    ),
    (
        explanations.pointing_game,
        {"heatmaps": PLANES, "masks": PLANES > 0.5},
        {"heatmaps": "None a_NaN_inside texts", "masks": "None texts 0 no_rows"},
    ),
    (explanations.random_maps, {"count": 2, "size": 4, "seed": 1}, {"count": "None 0 1.5", "seed": "None -1 text"}),
    (
        explanations.randomised,
        {"model": NETWORK, "layers": ["conv"], "seed": 1},
        {"layers": "None -1 ragged", "seed": "None -1 text"},
    ),
    (explanations.similarity, {"first": PLANES, "second": PLANES}, {"first": ("heatmaps", "None texts a_NaN_inside")}),
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
            "model": "None text",
            "layer": (KeyError, "None text -1"),
            "channels": "text None -1 99 1.5 NaN ragged",
            "images": "text None ragged no_rows a_NaN_inside",
            "steps": "None text 1.5 -1",
            "batch_size": "None text 1.5 0",
            "seed": "None text 1.5 -1",
            "seconds": "text -1 NaN []",
        },
    ),
    (
        explanations.logits,
        {"model": NETWORK, "images": IMAGES, "batch_size": 5},
        {"model": "None text", "images": "text None ragged no_rows", "batch_size": "None text 1.5 0"},
    ),
    (explanations.centre_guess, {"size": 4}, {"size": "None text 1.5 0 -1 {} ragged"}),
    (explanations.is_blank, {"heatmaps": PLANES}, {"heatmaps": "text None ragged a_NaN_inside no_rows a_number"}),
    (
        explanations.overlap,
        {"heatmaps": PLANES, "masks": PLANES > 0.5},
        {"heatmaps": "text None a_NaN_inside no_rows", "masks": "text None a_NaN_inside no_rows 0"},
    ),
    (
        explanations.rank_correlation,
        {"first": PLANES, "second": PLANES},
        {"first": ("heatmaps", "text None a_NaN_inside no_rows"), "second": ("heatmaps", "None text ragged 99")},
    ),
    # explorer
    (explorer.explorer_page, {"model": NETWORK}, {"model": "None text"}),
    (explorer.export_network, {"model": NETWORK}, {"model": "None text"}),
    (
        explorer.image_page,
        {"model": NETWORK, "name": "mine"},
        {"model": "None text", "name": "None 99", "classes": "0 a_number", "samples": ("folder", "99")},
    ),
    (explorer.dial, {"share": 0.5}, {"share": "None text NaN -1 1.5"}),
    (
        explorer.stroke_code,
        {"strokes": [[(1, 2), (3, 4)]]},
        {"strokes": "text None -1 {} a_number ragged a_NaN_inside"},
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
            "model": "None text",
            "layer": (KeyError, "text"),
            "images": "text None ragged no_rows",
            "labels": "text None 0 [] ragged no_rows",
        },
    ),
    # inspecting
    (
        inspecting.inspect_network,
        {"model": NETWORK, "source": IMAGES[:1], "seconds": 0},
        {
            "model": "None -1",
            "source": ("images", "None -1 a_NaN_inside no_rows"),
            "layers": "-1",
            "classes": "-1 {}",
            "scale": "text 0 []",
            "size": "text 1.5 []",
            "most": "None 0",
            "seconds": "None text -1 NaN",
        },
    ),
    (inspecting.read_class_names, {"path": "names.txt"}, {"path": "None -1"}),
    (
        inspecting.render_page,
        {"inspection": FOUND, "colours": "layer", "words": ""},
        {
            "inspection": ("an Inspection is needed", "None text -1"),
            "colours": "None text 0 []",
            "words": "None -1 [] texts",
        },
    ),
    (
        inspecting.write_page,
        {"inspection": FOUND, "target": "page.html", "colours": "layer"},
        {
            "inspection": ("an Inspection is needed", "None text -1"),
            "target": ("the page", "None -1 network.keras"),
            "colours": "None text []",
        },
    ),
]


def cases():
    """Yield each row's cases: function, its arguments with one of them wrong, exception, words."""
    for function, right, wrong in ROWS:
        for argument, faults in wrong.items():
            words, faults = faults if isinstance(faults, tuple) else (argument.removesuffix("s"), faults)
            kind, words = (CourseError, words) if isinstance(words, str) else (words, "")
            for name in faults.split():
                label = f"{function.__name__}-{argument}={name}"
                yield pytest.param(function, {**right, argument: BAD[name]}, kind, words, id=label)


@pytest.mark.faults
@pytest.mark.parametrize(
    ("check", "value", "limits", "sentence"),
    [
        ("as_whole_number", 0, {}, "it must be a whole number of at least 1, not 0: correct it."),
        ("as_whole_number", 5, {"least": 0, "most": 4}, "it must be a whole number from 0 to 4, not 5: correct it."),
        ("as_whole_number", 2.0, {}, "it must be a whole number of at least 1, not 2.0: correct it."),
        ("as_number", -1, {"low": 0}, "it must be a finite number of at least 0, not -1: correct it."),
        ("as_number", 1.5, {"low": 0, "high": 1}, "it must be a finite number from 0 to 1, not 1.5: correct it."),
        ("as_number", 0, {"above": 0}, "it must be a finite number above 0, not 0: correct it."),
        ("as_number", np.inf, {}, "it must be a finite number, not inf: correct it."),
        ("as_choice", "c", {"choices": ["a", "b"]}, "it must be one of a, b, not 'c': choose one of them."),
    ],
)
def test_limits_are_said(check, value, limits, sentence):
    """The table's rows leave them to these checks, which all functions share."""
    with pytest.raises(CourseError) as refused:
        getattr(arguments, check)(value, "it", **limits)
    assert refused.value.args[0] == sentence


@pytest.fixture
def place(empty_folder, monkeypatch):
    """An empty folder: where we are, and where the course keeps things and looks for data."""
    monkeypatch.chdir(empty_folder)
    monkeypatch.setattr(course, "ROOT", empty_folder)
    return empty_folder


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
    datasets.own_image,
    datasets.own_images,
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
