"""What does not fit, function by function: the promised exception, one sentence, and nothing left behind.

A row names a function, one of its arguments, words that the sentence must hold, and what is put in the argument's place
while all others are as they should be. Other test files have rows of this kind beside what they test; here stands what
they leave out. Files and disks that fail are in tests/test_bad_files.py.
"""

from pathlib import Path

import keras
import matplotlib.pyplot as plt
import numpy as np
import pytest
from keras import layers
from sentences import assert_one_sentence

from helpers import (
    activations,
    causes,
    datasets,
    drawing,
    explorer,
    inspecting,
    look_alikes,
    measures,
    models,
    pictures,
    plots,
    training,
)

pytestmark = pytest.mark.faults

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
}


def network():
    """A small classifier with one convolution."""
    keras.utils.set_random_seed(1)
    stack = [layers.Conv2D(4, 3, activation="relu", name="conv"), layers.Flatten(name="flat")]
    return keras.Sequential([keras.Input((8, 8, 3)), *stack, layers.Dense(2, activation="softmax", name="dense")])


NETWORK = network()
NOT_NUMBERS = "text objects complex"
NOT_WHOLE = "None text 1.5 NaN True []"
NOT_REAL = "None text NaN True [] complex"
NOT_LISTED = "-1 NaN a_path"
READING = {"model": NETWORK, "images": IMAGES, "layers": ["conv"], "batch_size": 2}
ROWS = [  # function, what is right, {argument: (words, what is wrong)}
    (activations.read_activations, READING, {
        "layers": ("layers must be", "-1 1.5 an_object complex ragged"),
        "batch_size": ("batch_size must be a whole number of at least 1", f"{NOT_WHOLE} -1 texts"),
        "images": ("", "None an_object dates a_number"),
    }),
    (activations.class_means, READING | {"labels": LABELS}, {
        "layers": ("layers must be", "True a_path"),
        "labels": ("labels must be 5 whole numbers", "None text NaN texts objects complex no_rows"),
        "batch_size": ("batch_size must be a whole number", "None 0 NaN"),
    }),
    (activations.channel_statistics, READING | {"statistic": "mean"}, {
        "statistic": ("statistic must be", "None -1 True complex ragged text"),
        "batch_size": ("batch_size must be a whole number", "None text 0"),
    }),
    (activations.activation_model, {"model": NETWORK, "layers": ["conv"]}, {
        "layers": ("layers must be", "0 NaN ragged objects"),
        "model": ("a Keras model is needed", "None -1 {} complex"),
    }),
    (pictures.tile_channels, {"activation": MAPS[0], "columns": 2, "scale": "layer", "gap": 1}, {
        "activation": ("", "texts objects complex dates ragged no_rows an_object"),
        "columns": ("columns must be a whole number of at least 1", f"{NOT_WHOLE} complex"),
        "gap": ("gap must be a whole number of at least 0", "None text -1 1.5"),
        "scale": ("scale must be one of raw, layer, channel, standard", "None 0 [] {} complex"),
    }),
    (pictures.silent_channels, {"activation": MAPS[0], "tolerance": 0.0}, {
        "tolerance": ("tolerance must be a number of at least 0", f"{NOT_REAL} -1"),
        "activation": ("array of numbers", "texts objects complex"),
    }),
    (pictures.strongest_patches, {"activation": MAPS, "images": IMAGES, "channel": 1, "stride": 1, "side": 3}, {
        "activation": ("", f"{NOT_NUMBERS} no_rows None"),
        "images": ("", NOT_NUMBERS),
        "channel": ("channel", f"{NOT_WHOLE} -1 99"),
        "stride": ("stride must be a whole number of at least 1", f"{NOT_WHOLE} 0"),
        "side": ("side", f"{NOT_WHOLE} 0 99"),
    }),
    (pictures.image_picture, {"image": IMAGES[0]}, {"image": ("", "texts objects ragged None")}),
    (measures.share_of_zeros, {"activation": MAPS}, {"activation": ("", f"{NOT_NUMBERS} None no_rows dates")}),
    (measures.image_kept, {"activation": MAPS, "images": IMAGES, "stride": 1, "places": 10}, {
        "activation": ("", f"{NOT_NUMBERS} a_NaN_inside no_rows"),
        "images": ("", f"{NOT_NUMBERS} a_NaN_inside"),
        "stride": ("stride must be a whole number", f"{NOT_WHOLE} 0 -1"),
        "places": ("places must be a whole number of at least 2", f"{NOT_WHOLE} 0"),
    }),
    (measures.rebuild, {"train": (MAPS, IMAGES), "validation": (MAPS, IMAGES), "test": (MAPS, IMAGES),
                        "penalties": (1.0,)}, {
        "train": ("", "None text -1 [] {} complex an_object"),
        "test": ("three pairs (activation, images) are needed", "None -1"),
        "penalties": ("penalt", "None 0 [] NaN texts objects text"),
    }),
    (measures.share_interval, {"right": 3, "count": 5}, {
        "right": ("right must be a whole number of at least 0", f"{NOT_WHOLE} infinity -1"),
        "count": ("count must be a whole number of at least 1", f"{NOT_WHOLE} 0"),
    }),
    (lambda score, labels, groups, rounds: measures.bootstrap_interval(score, labels, groups=groups, rounds=rounds),
     {"score": np.mean, "labels": LABELS, "groups": LABELS, "rounds": 9}, {
        "score": ("a function and the arrays that it scores are needed", "None text 0 an_object"),
        "labels": ("one row an image", "None 1.5 [] {} no_rows"),
        "groups": ("one row an image", "text 0 complex []"),
        "rounds": ("rounds must be a whole number of at least 1", f"{NOT_WHOLE} 0"),
    }),
    (measures.conclude, {"differences": [1.0, 2.0, 3.0], "margin": 1.0}, {
        "differences": ("", "text {} texts objects complex a_path None"),
        "margin": ("margin must be a finite number of at least 0", f"{NOT_REAL} infinity -1"),
    }),
    (measures.simple_views, {"images": RANDOM.random((2, 20, 20, 3))}, {
        "images": ("", f"{NOT_NUMBERS} None no_rows"),
    }),
    (plots.plot_layer, {"activation": MAPS[0], "scale": "layer"}, {
        "activation": ("", "texts objects ragged None"), "scale": ("scale must be one of", "[] {} None"),
    }),
    (plots.plot_channel, {"activation": MAPS[0], "channel": 1}, {
        "channel": ("channel must be 0 to 3", f"{NOT_WHOLE} texts complex -1"),
    }),
    (plots.plot_channel_across_layers, {"activations": {"a": MAPS[0]}, "channel": 1}, {
        "activations": ("activations must be a dict", "text -1 complex ragged None"),
        "channel": ("channel must be 0 to 3", "None True complex"),
    }),
    (plots.plot_images, {"images": IMAGES[:2], "titles": ["a", "b"]}, {
        "images": ("", "None -1 text a_path texts {}"), "titles": ("titles", "-1 NaN text {}"),
    }),
    (plots.plot_filters, {"weights": RANDOM.random((3, 3, 4, 5)), "input_channel": 1}, {
        "weights": ("", f"{NOT_NUMBERS} None no_rows"),
        "input_channel": ("input_channel", "None text 1.5 True [] -1"),
    }),
    (plots.plot_side_by_side, {"activations": {"a": MAPS[0], "b": MAPS[1]}, "images": None, "scale": "layer"}, {
        "activations": ("activation", "None text {} complex"), "images": ("images must be a list", "-1 text"),
        "scale": ("scale must be one of", "None [] {}"),
    }),
    (plots.plot_curves, {"panels": {"loss": {"a": [1.0, 2.0]}}}, {
        "panels": ("panel", "None text {} []"),
    }),
    (lambda group: plots.plot_curves({"loss": {"a": group}}), {"group": [1.0]}, {
        "group": ("group 'a' needs a curve", "None text texts objects ragged NaN []"),
    }),
    (plots.plot_history, {"history": {"loss": [1.0, 0.5]}}, {"history": ("history", "None text -1 []")}),
    (plots.plot_filter_at, {"image": PLANES[0], "weights": np.ones((3, 3)), "feature_map": np.ones((4, 4)),
                            "place": (1, 1), "bias": 0.0}, {
        "place": ("the place must be", "None text 1.5 -1 [] texts"),
        "weights": ("", f"{NOT_NUMBERS} None"), "bias": ("bias must be a finite number", NOT_REAL),
    }),
    (plots.plot_pooling_at, {"feature_map": PLANES[0], "pooled": np.ones((3, 3)), "place": (1, 1)}, {
        "feature_map": ("", f"{NOT_NUMBERS} None"), "place": ("the place must be", "None text -1"),
    }),
    (plots.plot_parts, {"parts": MAPS[0], "feature_map": PLANES[0], "columns": 2}, {
        "parts": ("", f"{NOT_NUMBERS} None"), "columns": ("columns must be a whole number", "None 0 1.5"),
    }),
    (plots.plot_over_layers, {"panels": {"p": {"a": [1.0, 2.0]}}, "layers": ["x", "y"]}, {
        "panels": ("panel", "None text {}"), "layers": ("layers must be a list", "None -1 text"),
    }),
    (plots.plot_shares, {"counts": {"a": {"x": 1, "y": 2}}}, {"counts": ("", "None text {} -1")}),
    (plots.plot_answers, {"probabilities": [0.2, 0.8], "labels": ["a", "b"], "true": 1}, {
        "probabilities": ("", f"{NOT_NUMBERS} None NaN"), "labels": ("label", "-1 text NaN"),
        "true": ("true must be a class index 0 to 1", "text 1.5 True [] complex"),
    }),
    (plots.plot_histogram, {"groups": {"a": [1.0, 2.0]}}, {"groups": ("group", "None text {} []")}),
    (lambda values: plots.plot_seed_dots({"a": values}), {"values": [1.0]}, {
        "values": ("group 'a'", "None text texts complex ragged NaN infinity [] {}"),
    }),
    (plots.plot_heatmaps, {"images": IMAGES[:2], "heatmaps": PLANES[:2]}, {
        "images": ("", "None -1 text"), "heatmaps": ("heatmap", "None -1 texts objects ragged"),
    }),
    (plots.plot_flip, {"moved": [0, 1], "panels": {"p": [[1, 0, 0], [0, 1, 0]]}},
     {"panels": ("panel", "None text {}")}),
    (plots.plot_ringed, {"activations": {"a": MAPS[0]}, "largest": 1.0}, {
        "activations": ("activation", "None text {}"),
        "largest": ("largest must be a finite number", "text 0 -1 NaN True"),
    }),
    (models.load_model, {"path": "nowhere.keras"}, {"path": (TypeError, "None -1 [] {} objects")}),
    (models.rescaled, {"model": NETWORK, "low": 0, "high": 1}, {
        "model": ("a Keras model is needed", "None text {} complex a_path"),
        "low": ("low must be a finite number", f"{NOT_REAL} infinity"),
        "high": ("high must be a finite number", NOT_REAL),
    }),
    (models.pretrained, {"name": "mnist_cnn"}, {"name": ("the name of a network", "None -1 a_path complex")}),
    (models.mnist_cnn, {"convolutions": ((2, 3, "relu"),), "poolings": (), "dense": ((2, "softmax"),)}, {
        "convolutions": ("", "None -1 text texts"), "poolings": ("poolings must be a list", "None 1.5 text"),
        "dense": ("", "None NaN {} text"), "convolution_names": ("1 names for its Conv2D", "-1 True text complex"),
        "regularizer": ("regularizer must be None", "[] {} texts 0"),
    }),
    (training.learning_rate_schedule, {"kind": "power", "initial": 0.1, "decay_steps": 1, "decay_rate": 0.1}, {
        "kind": ("the kind of schedule must be one of", "None [] complex texts"),
        "initial": ("the initial learning rate", "None text 0 NaN infinity True complex"),
        "decay_steps": ("decay_steps must be", "None 0 complex"),
        "decay_rate": ("decay_rate must be", "None -1 complex"),
    }),
    (training.make_optimizer, {"name": "sgd", "learning_rate": 0.1, "momentum": 0.1}, {
        "name": ("the optimizer must be one of", "None [] complex"),
        "momentum": ("momentum must be", "None 1.5 NaN complex"),
    }),
    (training.LearningRateLog, {"verbose": "silent"}, {"verbose": ("verbose must be one of", "None 0 [] complex")}),
    (datasets.origin, {"name": "mnist"}, {"name": (KeyError, "None [] {} text complex")}),
    (datasets.shapes, {"split": 0, "size": 8}, {
        "split": ("split must be a whole number from 0 to 4", "None text 1.5 NaN True complex 99 -1"),
        "size": ("a size is a number of pixels", "None text 1.5 0 True [] complex"),
    }),
    (datasets.read_image, {"path": "nowhere.png", "size": 4, "colour": "rgb"}, {
        "path": ("the path of an image file is needed", "None -1 [] complex"),
        "size": ("a size is a number of pixels", "text 1.5 True complex"),
        "colour": ('colour must be "rgb" or "grey"', "None [] {} complex"),
    }),
    (drawing.pen_strokes, {"strokes": [[(4, 4), (20, 20)]], "side": 28, "wobble": 0.1, "seed": 1}, {
        "strokes": ("stroke", "None -1 {} texts"), "side": ("side must be a whole number", "None complex"),
        "wobble": ("wobble must be a number", "None NaN complex"),
        "seed": ("seed must be a whole number", "1.5 complex"),
    }),
    (drawing.phantom, {"kind": "NORMAL", "seed": 1, "side": 32}, {
        "kind": ("kind must be one of", "None [] complex"), "seed": ("seed must be", "None complex"),
    }),
    (look_alikes.clearest, {"logits": np.eye(2)[[0, 0, 1, 1]], "labels": np.array([0, 0, 1, 1]),
                            "numbers": np.arange(4), "digit": 0, "count": 2}, {
        "logits": ("", "None text objects texts {} a_NaN_inside"), "labels": ("", "None texts objects"),
        "numbers": ("", "None objects"), "digit": ("", "text 1.5 True texts complex 99"),
        "count": ("count must be a whole number of at least 1", f"{NOT_WHOLE} 0 -1"),
    }),
    (look_alikes.lit, {"activation": MAPS}, {"activation": ("", f"{NOT_NUMBERS} a_NaN_inside None a_number")}),
    (look_alikes.common_points, {"own": MAPS, "others": MAPS}, {
        "own": ("own must be", f"{NOT_NUMBERS} a_NaN_inside ragged"), "others": ("", "None texts a_NaN_inside"),
    }),
    (look_alikes.separation, {"activation": MAPS, "is_digit": IS_NINE}, {
        "activation": ("", f"{NOT_NUMBERS} a_NaN_inside None"), "is_digit": ("True or False", "None texts 0 no_rows"),
    }),
    (look_alikes.paired_errors, {"first_right": IS_NINE, "second_right": IS_NINE}, {
        "first_right": ("True or False", "None text 1.5 objects no_rows"),
    }),
    (look_alikes.probe_layer,
     {"own": MAPS, "own_is": IS_NINE, "test": MAPS, "test_is": IS_NINE, "kinds": ("linear",)}, {
        "own": ("", f"{NOT_NUMBERS} a_NaN_inside None no_rows"), "test": ("", "None texts a_NaN_inside"),
        "own_is": ("True or False", "None 0 texts"), "kinds": ("", "None -1 [] complex text"),
        "components": ("components must be a whole number", "None text 0 1.5"),
    }),
    (look_alikes.answer_counts, {"answers": np.eye(10), "own": 4, "other": 9}, {
        "answers": ("", f"{NOT_NUMBERS} None"), "own": ("two of the classes are needed", "None True [] complex 99"),
    }),
    (look_alikes.blends, {"own": IMAGES, "other": IMAGES, "shares": [0, 1]}, {
        "own": ("", NOT_NUMBERS), "shares": ("share", "None text texts -1 NaN complex"),
    }),
    (look_alikes.matched_points, {"points": [1], "sizes": np.arange(9.0), "draws": 2, "seed": 1}, {
        "points": ("points must be", "None text 1.5 -1 99 NaN texts"),
        "sizes": ("sizes must be", "text objects a_NaN_inside"),
        "draws": ("draws must be a whole number", f"{NOT_WHOLE} 0"),
        "seed": ("seed must be a whole number", "None -1 1.5"),
    }),
    (look_alikes.with_points, {"activation": MAPS, "values": 0, "points": [1]}, {
        "activation": ("", f"{NOT_NUMBERS} None no_rows a_number"), "values": ("", "None text objects complex"),
        "points": ("points must be", "None text 1.5 -1 NaN"),
    }),
    (look_alikes.network_from, {"model": NETWORK, "layer": "conv"}, {"layer": ("", "-1 ragged")}),
    (causes.grad_cam, {"model": NETWORK, "images": IMAGES, "layer": "conv", "batch_size": 2}, {
        "layer": (KeyError, "-1 texts complex True"), "batch_size": ("batch_size must be", "None 0 1.5"),
        "class_index": ("class_index must be", "text 1.5 complex 99"),
    }),
    (causes.occlusion, {"model": NETWORK, "images": IMAGES[:1], "patch": 4, "stride": 4}, {
        "background": ("background must be", "text texts complex NaN"), "patch": ("patch", "text 0 99"),
        "batch_size": ("batch_size must be", "text 0 1.5"),
    }),
    (causes.best_input, {"model": NETWORK, "layer": "conv", "channels": [0], "starts": 1, "steps": 1}, {
        "channels": ("channels", "text 1.5 99 [] complex"), "starts": ("starts must be", "None 0 1.5"),
        "ink": ("ink must be", "text 0 NaN"), "seed": ("seed must be", "None -1 text"),
    }),
    (causes.channel_states, {"model": NETWORK, "layer": "conv", "images": IMAGES}, {
        "steps": ("steps must be", "None -1 1.5"), "batch_size": ("batch_size must be", "None 0"),
    }),
    (causes.enlarge, {"heatmaps": PLANES, "size": 12, "stride": 2}, {
        "heatmaps": ("heatmaps", f"{NOT_NUMBERS} None a_NaN_inside"),
        "size": ("size must be", "None text 0 {} complex"),
        "stride": ("stride must be", "text 0 1.5"),
    }),
    (causes.pointing_game, {"heatmaps": PLANES, "masks": PLANES > 0.5}, {
        "heatmaps": ("heatmaps", "None a_NaN_inside texts"), "masks": ("masks", "None texts 0 no_rows"),
    }),
    (causes.random_maps, {"count": 2, "size": 4, "seed": 1}, {
        "count": ("count must be", "None 0 1.5"), "seed": ("seed must be", "None -1 text"),
    }),
    (causes.randomised, {"model": NETWORK, "layers": ["conv"], "seed": 1}, {
        "layers": ("layers must be", "None -1 complex ragged"), "seed": ("seed must be", "None -1 text"),
    }),
    (causes.similarity, {"first": PLANES, "second": PLANES}, {"first": ("heatmaps", "None texts a_NaN_inside")}),
    (inspecting.inspect_network, {"model": NETWORK, "source": IMAGES[:1], "seconds": 0}, {
        "model": ("a Keras model or the path of its file is needed", "None -1 complex"),
        "source": ("images", f"None -1 {NOT_NUMBERS.replace('text ', '')} a_NaN_inside no_rows"),
        "layers": ("layers must be", "-1 complex"), "classes": ("classes must be", "-1 complex {}"),
        "scale": ("the scale must be one of", "text 0 []"), "size": ("a size is a number of pixels", "text 1.5 []"),
        "most": ("most must be a whole number", "None 0"), "seconds": ("seconds must be", "None text -1 NaN"),
    }),
    (explorer.explorer_page, {"model": NETWORK}, {"model": ("a Keras model is needed", "None text complex {}")}),
]  # fmt: skip


def cases():
    """Yield each row's cases: function, its arguments with one of them wrong, exception, words."""
    for function, right, wrong in ROWS:
        for argument, (words, kinds) in wrong.items():
            kind, words = (ValueError, words) if isinstance(words, str) else (words, "")
            for name in kinds.split():
                name = name.replace("_", " ")
                label = f"{next(iter(wrong)) if '<' in function.__name__ else function.__name__}-{argument}={name}"
                yield pytest.param(function, {**right, argument: BAD[name]}, kind, words, id=label)


@pytest.mark.parametrize(("function", "given", "kind", "words"), list(cases()))
def test_bad_input(function, given, kind, words, tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    with pytest.raises(kind) as refused:
        function(**given)
    assert type(refused.value) is kind
    assert_one_sentence(refused.value.args[0], words)
    assert not list(tmp_path.iterdir()) and not plt.get_fignums(), "something was left behind"


def test_what_is_right_passes():
    """Else the table would show that a function refuses everything."""
    for function, right, _ in ROWS:
        if function in (datasets.read_image, datasets.shapes, models.load_model, explorer.explorer_page):
            continue  # need a file, or a network of digits; other tests give them
        function(**right)
        plt.close("all")
