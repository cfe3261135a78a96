"""Checks: the right answer passes, each plausible wrong one gets its own helpful sentence."""

import base64
import copy
import dataclasses
import re

import keras
import numpy as np
import pytest
import tensorflow as tf
from PIL import Image
from scipy import stats
from sklearn.metrics import r2_score
from sklearn.model_selection import GroupShuffleSplit, StratifiedGroupKFold

from helpers import activations, checks, datasets, explanations, models, pictures, probing
from helpers.checks.verdict import check
from helpers.plots.grid import grid_of

DRAWING = np.ones((1, 28, 28, 3), "float32")
DRAWING[:, 10, 5:20] = 0


BEST = np.random.default_rng(0).binomial(90, 0.93, size=(20_000, 20)).max(axis=1).mean() / 90  # by simulation


def test_check_best_of_looks_expects_what_a_simulation_gives():
    assert f"about {BEST:.3f} was expected" in checks.check_best_of_looks(0.5)
    assert "about 0.930 was expected" in checks.check_best_of_looks(0.5, looks=1)


@pytest.mark.parametrize(
    "answer, state, words",
    [
        (None, "not answered yet", "replace None"),
        (BEST, "right", "points"),
        (np.float32(BEST), "right", "points"),
        (BEST * 90, "wrong", "divide by the number of images"),
        (BEST * 100, "wrong", "divide by 100"),
        (0.93, "wrong", "mean of all looks"),
        (1.0, "wrong", "best of all rounds"),
        (0.5, "wrong", "largest of each row"),
        (np.ones(20), "wrong", "shape (20,)"),
        ("0.97", "wrong", "the mean over all rounds at the end, must be a finite number"),
    ],
)
def test_check_best_of_looks(answer, state, words):
    verdict = checks.check_best_of_looks(answer)
    assert verdict.state == state and words in verdict


@pytest.mark.parametrize(
    "answer, state, words",
    [
        (None, "not answered yet", ""),
        (DRAWING, "right", "squares (p = 0.70)"),
        (DRAWING[0], "wrong", "picture[None]"),
        (DRAWING[..., :1], "wrong", "(1, 28, 28, 1)"),
        (DRAWING * 255, "wrong", "divide by 255"),
        (np.ones_like(DRAWING), "wrong", "one brightness"),
        (1 - DRAWING, "wrong", "1 - picture"),
        (2 * DRAWING - 1, "wrong", "go down to -1"),
        (DRAWING * np.nan, "wrong", "must be finite"),
        (DRAWING.astype(str), "wrong", "must be an array of numbers"),
        ([(8, 6), (20, 7)], "wrong", "(2, 2) came"),
    ],
)
def test_check_own_drawing(answer, state, words):
    def network(pictures):
        assert pictures.dtype == np.float32
        return np.array([[0.1, 0.7, 0.2]])

    verdict = checks.check_own_drawing(answer, network, ("circles", "squares", "triangles"))
    assert verdict.state == state and words in verdict


def test_a_notebook_shows_the_sentence_without_quotes():
    assert repr(checks.NOT_YET) == str(checks.NOT_YET)


def test_a_check_that_ends_without_a_sentence_is_a_bug_and_not_right():
    with pytest.raises(TypeError):
        check(lambda answer: None)(1)


MAPS = {"cat": np.array([[0.0, 1, 2, 3]]), "noise": np.array([[0.0, 0, 0, 3]])}
SPARSE = {"my guess: sparser is": "noise", "cat": 0.25, "noise": 0.75}


@pytest.mark.parametrize(
    ("changes", "state", "words"),
    [
        ({}, "right", "sparser is noise, as you guessed"),
        ({"my guess: sparser is": "cat"}, "right", "against your guess"),
        ({"cat": np.float64(0.25)}, "right", "cat 0.25"),
        ({"cat": None}, "not answered yet", "replace None"),
        ({"my guess: sparser is": "dog"}, "wrong", "one of cat, noise"),
        ({"cat": 0.75}, "wrong", "*not* zero"),
        ({"noise": 3}, "wrong", "is a count"),
        ({"noise": 75.0}, "wrong", "divide by 100"),
        ({"noise": 0.5}, "wrong", "0.750 was expected"),
        ({"noise": [0.75]}, "wrong", "zeros of 'noise' must be a finite number"),
        ({"dog": 1}, "wrong", "keep the keys"),
    ],
)
def test_check_sparsity(changes, state, words):
    verdict = checks.check_sparsity(SPARSE | changes, MAPS)
    assert verdict.state == state and words in verdict


def one_channel():
    """A network whose channel 0 is the mean of the image and whose channel 1 is always zero."""
    network = keras.Sequential([keras.Input((4, 4, 1)), keras.layers.Dense(2, activation="relu", name="layer")])
    network.set_weights([np.array([[1, -1]], "float32"), np.zeros(2, "float32")])
    return network


LIGHT = np.linspace(0.1, 1, 10, dtype="float32")[:, None, None, None] * np.ones((1, 4, 4, 1), "float32")
NAMED = {"layer": "layer", "channel": 0, "name": "bright", "fits": [False] * 5 + [True] * 5}


@pytest.mark.parametrize(
    ("changes", "state", "words"),
    [
        ({}, "right", "100 % of the pairs"),
        ({"fits": np.arange(10) % 2}, "wrong", "another name"),
        ({"channel": 1}, "wrong", "50 % of the pairs"),
        ({"fits": None}, "not answered yet", ""),
        ({"fits": [True] * 4}, "wrong", "10 times True or False"),
        ({"fits": [[1, 2], [3]]}, "wrong", "10 times True or False"),
        ({"fits": [True] * 8 + [False] * 2}, "wrong", "fewer than 3"),
        ({"layer": "conv9"}, "wrong", "the layer must be one of layer, not 'conv9'"),
        ({"channel": 2}, "wrong", "channel of layer must be a whole number from 0 to 1"),
        ({"channel": "first"}, "wrong", "not 'first'"),
        ({"fits": ["yes"] * 5 + ["no"] * 5}, "wrong", "10 times True or False"),
        ({"layer": 0}, "wrong", "the layer must be one of layer, not 0"),
        ({"more": 1}, "wrong", "keep the keys"),
    ],
)
def test_check_named_channel(changes, state, words):
    verdict = checks.check_named_channel(NAMED | changes, one_channel(), LIGHT)
    assert verdict.state == state and words in verdict


XRAYS = np.random.default_rng(2).random((20, 150, 150, 3), dtype="float32")
ILL = np.repeat([0, 1], 10)
XRAYS[ILL == 1, :10, :10] += 0.5


@pytest.mark.parametrize(
    ("answer", "state", "words"),
    [
        (None, "not answered yet", ""),
        ("corners", "wrong", "a function"),
        (lambda images: (images[:, :10, :10].mean(axis=(1, 2, 3)) > 0.75).astype(int), "right", "accuracy of 1.00"),
        (lambda images: (images.mean(axis=(1, 2, 3)) > 0.5).astype(int), "wrong", "answers change"),
        (lambda images: np.zeros(len(images), int), "wrong", "0.50 came"),
        (lambda images: images.mean(axis=(1, 2, 3)), "wrong", "0 or 1"),
        (lambda images: images[:, 200], "wrong", "it ends in IndexError"),
        (lambda images: [[1, 2], [3]], "wrong", "labels must be an array of numbers"),
        (lambda images: None, "not answered yet", ""),
    ],
)
def test_check_corners(answer, state, words):
    before = XRAYS.copy()
    verdict = checks.check_corners(answer, XRAYS, ILL)
    assert verdict.state == state and words in verdict
    np.testing.assert_array_equal(XRAYS, before)


def punished():
    """A small network like MNIST's: the penalty sits on the dense layer only."""
    keras.utils.set_random_seed(3)
    network = keras.Sequential(
        [
            keras.Input((8, 8, 1)),
            keras.layers.Conv2D(3, 3, activation="relu", name="first"),
            keras.layers.Conv2D(4, 3, activation="relu", name="second"),
            keras.layers.Flatten(name="flat"),
            keras.layers.Dense(2, kernel_regularizer="l2", name="answer"),
        ]
    )
    network.set_weights([weights + 0.1 for weights in network.get_weights()])
    return network


def changed(network, **factors):
    """A copy whose layers' kernels and biases are multiplied."""
    copy = keras.models.clone_model(network)
    copy.set_weights(network.get_weights())
    for name, (kernel, bias) in factors.items():
        weights = network.get_layer(name).get_weights()
        copy.get_layer(name).set_weights([kernel * weights[0], bias * weights[1]])
    return copy


@pytest.mark.parametrize(
    "factors, state, words",
    [
        (None, "not answered yet", ""),
        ({"second": (2, 2), "answer": (0.5, 1)}, "right", "went into second"),
        ({"first": (2, 2), "second": (0.5, 1)}, "wrong", "right below the first dense layer"),
        ({"second": (2, 1), "answer": (0.5, 1)}, "wrong", "biases are not"),
        ({"second": (2, 2), "answer": (0.5, 0.5)}, "wrong", "leave its biases"),
        ({"second": (2, 2)}, "wrong", "answers differ"),
        ({}, "wrong", "no convolution"),
    ],
)
def test_check_same_answers(factors, state, words):
    network = punished()
    answer = None if factors is None else changed(network, **factors)
    verdict = checks.check_same_answers(answer, network, np.ones((2, 8, 8, 1), "float32"))
    assert verdict.state == state and words in verdict
    assert checks.check_same_answers("copy", network, None).state == "wrong"


def test_check_same_answers_takes_biases_of_zero():
    network = punished()
    network.set_weights([weights * (weights.ndim > 1) for weights in network.get_weights()])
    answer = changed(network, second=(2, 2), answer=(0.5, 1))
    assert checks.check_same_answers(answer, network, np.ones((2, 8, 8, 1), "float32")).state == "right"


PAIRS = {"a": [8, 10, 12, 9, 11], "b": [-1, 1, 0, 1, -1, 0], "c": [-20, 30, 5]}


@pytest.mark.parametrize(
    "answer, state, words",
    [
        (None, "not answered yet", ""),
        (dict.fromkeys(PAIRS), "not answered yet", ""),
        ({"a": "better", "b": "same", "c": "unknown"}, "right", "wide one says nothing"),
        ({"a": "better", "b": "unknown", "c": "unknown"}, "wrong", "b: the 95 % interval"),
        ({"a": "best", "b": "same", "c": "unknown"}, "wrong", "one of better, worse, same, unknown"),
        ({"a": "better", "b": "same", "c": "better"}, "wrong", "c: the 95 % interval"),
        ({"a": "better"}, "wrong", "keep the keys"),
        ("better", "wrong", "a dict with the keys"),
    ],
)
def test_check_comparisons(answer, state, words):
    verdict = checks.check_comparisons(answer, PAIRS, 5)
    assert verdict.state == state and words in verdict


def rebuilding_pairs():
    """Layers that hold a part of their images."""
    random = np.random.default_rng(2)
    images = [random.random((40, 4, 4)) for _ in range(3)]
    return [(each.reshape(40, 16)[:, :9] + 0.1 * random.normal(size=(40, 9)), each) for each in images]


@pytest.mark.parametrize(
    "answer, state, words",
    [
        (None, "not answered yet", ""),
        ({"my guess": 0.1, "r2": None}, "not answered yet", ""),
        ({"my guess": "much", "r2": 0.5}, "wrong", "'my guess' must be a finite number"),
        ({"my guess": 0.5, "r2": 3}, "wrong", "of at most 1"),
        ({"my guess": 0.5, "r2": np.ones(3)}, "wrong", "the .r2 of what rebuild returns"),
        (0.5, "wrong", "a dict with the keys"),
        ({"r2": 0.5}, "wrong", "keep the keys"),
        ({"my guess": 0.5, "r2": -0.9}, "wrong", "in their order"),
    ],
)
def test_check_rebuilt(answer, state, words):
    verdict = checks.check_rebuilt(answer, rebuilding_pairs())
    assert verdict.state == state and words in verdict


def test_check_rebuilt_knows_a_score_on_what_was_fitted():
    from helpers.measures import rebuild

    fit, choose, report = pairs = rebuilding_pairs()
    truth = rebuild(*pairs).r2
    assert "well guessed" in checks.check_rebuilt({"my guess": truth, "r2": truth}, pairs)
    assert "too low" in checks.check_rebuilt({"my guess": truth - 0.3, "r2": truth}, pairs)
    own = rebuild(fit, choose, fit).r2
    assert "fitted on" in checks.check_rebuilt({"my guess": 0.1, "r2": own}, pairs)


RING_OWN = np.array([[[[9, 8, 6]], [[9, 8, 6]]], [[[9, 7, 6]], [[6, 5, 6]]]])  # (images, 2, 1, 3): all 6 in common
RING_OTHERS = np.array(
    [[[[0, 8, 7]], [[0, 0, 0]]], [[[0, 0, 7]], [[0, 0, 7]]]]
)  # once, twice, once lit: 3 red, 2 yellow


@pytest.mark.parametrize(
    "answer, state, words",
    [
        (None, "not answered yet", "replace None"),
        (3, "right", "3 of 6 points unique"),
        (np.int64(3), "right", "unique among six images"),
        (5, "wrong", "yellow"),
        (0, "wrong", "first group goes first"),
        (6, "wrong", "all that the first group shares"),
        (2, "wrong", "counts maps"),
        (4, "wrong", "another number"),
        (3.0, "wrong", "a whole number of at least 0, not 3.0"),
        (True, "wrong", "a whole number of at least 0, not True"),
        (np.ones((2, 1, 3), bool), "wrong", "`int(red.sum())`, must be"),
    ],
)
def test_check_red_ring(answer, state, words):
    verdict = checks.check_red_ring(answer, RING_OWN, RING_OTHERS)
    assert verdict.state == state and words in verdict


class Rest:
    """Answers 1 from two of the first three points on, else 0; remembers nothing."""

    def predict_on_batch(self, activation):
        lit = activation.reshape(len(activation), -1)[:, :3].sum(axis=1)
        return np.stack([2.0 - lit, lit, 0 * lit], axis=1) - [0, 0.1, 0]


ORDERS = {"telling": [0, 1, 2, 3, 4, 5], "random": [5, 2, 4, 3, 0, 1]}


@pytest.mark.parametrize(
    "answer, state, words",
    [
        (None, "not answered yet", "replace None"),
        (dict.fromkeys(ORDERS), "not answered yet", ""),
        ({"telling": 2, "random": 5}, "right", "2 for 'telling', 5 for 'random'"),
        ({"telling": 1, "random": 5}, "wrong", "one more would do"),
        ({"telling": 2, "random": 3}, "wrong", "swap more"),
        ({"telling": 3, "random": 5}, "wrong", "a smaller number of 'telling'"),
        ({"telling": 0, "random": 5}, "wrong", "from 1 to 6, not 0"),
        ({"telling": 2.0, "random": 5}, "wrong", "whole number"),
        ({"telling": [2], "random": 5}, "wrong", "from 1 to 6, not [2]"),
        ({"telling": 2}, "wrong", "keep the keys"),
        (2, "wrong", "a dict with the keys"),
    ],
)
def test_check_smallest_swap(answer, state, words):
    own, other = np.zeros((1, 3, 2)), np.ones((1, 3, 2))
    verdict = checks.check_smallest_swap(answer, Rest(), own, other, ORDERS, 1)
    assert verdict.state == state and words in verdict
    assert not own.any() and other.all()


TRUTH = dict(zip(range(1, 13), "ABBABAABBABA"))
HINTS = {question: "made" if question < 7 else "real" for question in TRUTH}


@pytest.mark.parametrize(
    "answer, state, words",
    [
        (None, "not answered yet", ""),
        (dict.fromkeys(TRUTH), "not answered yet", ""),
        (TRUTH | {3: None}, "not answered yet", ""),
        (TRUTH, "right", "12 of 12 (made: 6 of 6, real: 6 of 6)"),
        ({question: f" {letter.lower()}" for question, letter in TRUTH.items()}, "right", "12 of 12"),
        (
            TRUTH | {1: "B", 8: "A"},
            "right",
            "10 of 12 (made: 5 of 6, real: 5 of 6); guessing does as well in 1 of 52 quizzes",
        ),
        (TRUTH | {1: "B", 8: "A", 9: "A"}, "wrong", "that is what guessing gives"),
        (TRUTH | {5: "C"}, "wrong", "question 5 must be one of A, B, not 'C'"),
        (TRUTH | {5: 1}, "wrong", "question 5 must be one of A, B, not '1'"),
        (dict.fromkeys(TRUTH, "A"), "wrong", "6 of 12"),
        ({1: "A"}, "wrong", "keep the keys"),
        ("ABBA", "wrong", "a dict"),
    ],
)
def test_check_quiz(answer, state, words):
    verdict = checks.check_quiz(answer, TRUTH, HINTS)
    assert verdict.state == state and words in verdict


LOOKS_LEFT = np.zeros((4, 6, 6))
LOOKS_LEFT[[0, 1, 2], [4, 5, 3], [0, 1, 2]] = 1  # three in the lower left, one in the upper right
LOOKS_LEFT[3, 0, 5] = 1


@pytest.mark.parametrize(
    "answer, state, words",
    [
        (None, "not answered yet", ""),
        ("lower left", "right", "75%"),
        (" Bottom left ", "right", "75%"),
        ("upper right", "wrong", "only 25% of 4"),
        ("upper left", "wrong", "only 0% of 4"),
        ("left", "wrong", "one of upper left, upper right"),
        ((4, 0), "wrong", "not '(4, 0)'"),
        (3, "wrong", "not '3'"),
    ],
)
def test_check_marker(answer, state, words):
    verdict = checks.check_marker(answer, LOOKS_LEFT)
    assert verdict.state == state and words in verdict


CHECKS = [name for name in checks.__all__ if name.startswith("check_")]


@pytest.mark.parametrize("name", CHECKS)
def test_every_check_knows_five_wrong_answers_and_a_right_one(name):
    """The table of each check, read from its own test: five kinds of wrong answers, told apart in words."""
    (table,) = (mark for mark in globals()[f"test_{name}"].pytestmark if mark.name == "parametrize")
    rows = [row[-2:] for row in table.args[1]]
    assert len({words for state, words in rows if state == "wrong"}) >= 5
    assert {"right", "not answered yet"} <= {state for state, _ in rows} or name == "check_rebuilt"


SMALL = {"parameters": 50_000, "accuracies": [0.9950, 0.9948, 0.9952, 0.9951, 0.9949]}


@pytest.mark.parametrize(
    "answer, state, words",
    [
        (None, "not answered yet", ""),
        (dict.fromkeys(SMALL), "not answered yet", ""),
        (SMALL, "right", "25% of the largest size allowed reaches 0.994"),
        (SMALL | {"parameters": np.int64(100)}, "right", "100 parameters"),
        (SMALL | {"parameters": 200_000}, "wrong", "fewer than 200,000"),
        (SMALL | {"parameters": 5e4}, "wrong", "count_params()"),
        (SMALL | {"accuracies": SMALL["accuracies"][:4]}, "wrong", "one of each of 5 seeds"),
        (SMALL | {"accuracies": 0.995}, "wrong", "shape () came"),
        (SMALL | {"accuracies": [99.5] * 5}, "wrong", "divided by all images"),
        (SMALL | {"accuracies": [0.99, 0.9975, 0.9975, 0.9975, 0.9975]}, "wrong", "may be luck"),
        (SMALL | {"accuracies": [0.98] * 5}, "wrong", "more filters, or train for more epochs"),
        ({"parameters": 5}, "wrong", "keep the keys"),
        ([5, [1]], "wrong", "a dict"),
    ],
)
def test_check_smaller_network(answer, state, words):
    verdict = checks.check_smaller_network(answer, 200_000, 0.994, seeds=5)
    assert verdict.state == state and words in verdict


ROW = np.array([-1, -1, 0, 1, 1])


@pytest.mark.parametrize(
    "answer, state, words",
    [
        (None, "not answered yet", ""),
        (np.tile(ROW, (5, 1)), "right", "up to 10"),
        (np.tile(ROW, (5, 1)).tolist(), "right", ""),
        (np.outer([1, 4, 6, 4, 1], [-1, -2, 0, 2, 1]) / 16, "right", ""),  # smoothed along the edge
        (np.tile([0, -0.5, 0.5, 0, 0], (5, 1)), "right", "up to 2.5"),
        (np.eye(5)[[2]].T @ [[-1, 0, 0, 0, 1]], "right", "up to 1"),  # one row only
        (np.zeros((5, 5)), "wrong", "all weights are zero"),
        (np.tile(-ROW, (5, 1)), "wrong", "which ReLU makes 0"),
        (np.tile(ROW, (5, 1)).T, "wrong", "on a horizontal edge"),
        (np.tile([0, 0, 0, 1, 1], (5, 1)), "wrong", "on ground of brightness 1 it gives 10"),
        (np.ones((3, 3)), "wrong", "shape (3, 3)"),
        ("edge", "wrong", "array of numbers"),
        (np.full((5, 5), np.nan), "wrong", ""),
    ],
)
def test_check_vertical_edges(answer, state, words):
    verdict = checks.check_vertical_edges(answer)
    assert verdict.state == state and words in verdict


def as_in_the_formula(n, k, s, padding):
    return -(-n // s) if padding == "same" else (n - k) // s + 1


@pytest.mark.parametrize(
    "answer, state, words",
    [
        (None, "not answered yet", ""),
        (lambda n, k, s, padding: None, "not answered yet", ""),
        (lambda n, k, s, padding: n - k + 1 if padding == "valid" else None, "wrong", "padding 'same' it returns None"),
        (
            lambda n, k, s, padding: -(-n // s) if padding == "same" else None,
            "wrong",
            "padding 'valid' it returns None",
        ),
        (as_in_the_formula, "right", "14 sizes"),
        (lambda n, k, s, padding: float(as_in_the_formula(n, k, s, padding)), "right", ""),
        (lambda n, k, s, padding: np.ceil((n if padding == "same" else n - k + 1) / s), "right", ""),
        (lambda n, k, s, padding: len(range(0, n if padding == "same" else n - k + 1, s)), "right", ""),
        (lambda n, k, s, padding: (n + s - 1) // s if padding != "valid" else (n - k + s) // s, "right", ""),
        (lambda n, k, s, padding: (n - k) // s + 1, "wrong", "padding 'same'"),
        (lambda n, k, s, padding: (n - k) // s, "wrong", "returns 25, and Keras makes 26"),
        (lambda n, k, s, padding: n - k + 1, "wrong", "stride 2"),
        (lambda n, k, s, padding: n // s if padding == "same" else (n - k) // s + 1, "wrong", "padding 'same'"),
        (lambda n, k, s, padding: n / 0, "wrong", "ZeroDivisionError"),
        (lambda n, k, s, padding: np.array([n, k]), "wrong", "must have shape ()"),
        (lambda n, k, s, padding: np.array(as_in_the_formula(n, k, s, padding)), "right", ""),
        (lambda n, k, s, padding: np.nan, "wrong", "must be finite"),
        (lambda n: n, "wrong", "TypeError"),
        (26, "wrong", "a function"),
    ],
)
def test_check_output_size(answer, state, words):
    verdict = checks.check_output_size(answer)
    assert verdict.state == state and words in verdict


def fitted(network, train, validation, **options):
    network.fit(
        train.images,
        train.labels,
        batch_size=16,
        epochs=12,
        verbose=0,
        validation_data=(validation.images, validation.labels),
        **options,
    )
    return network


def score(network, part):
    return network.evaluate(part.images, part.labels, verbose=0, return_dict=True)["accuracy"]


def best_of(folder, monitor="val_accuracy", *, weights=False, chosen_by=1, asked=2):
    """A function as a learner writes it: parts[chosen_by] chooses the epoch, parts[asked] reports."""

    def honest_fit(network, *parts):
        file = folder / ("best.weights.h5" if weights else "best.keras")
        keep = keras.callbacks.ModelCheckpoint(
            file, monitor=monitor, mode="auto", save_best_only=True, save_weights_only=weights
        )
        fitted(network, parts[0], parts[chosen_by], callbacks=[keep])
        if weights:
            network.load_weights(file)
            return np.mean(network.predict(parts[asked].images, verbose=0).argmax(axis=1) == parts[asked].labels)
        return score(keras.models.load_model(file), parts[asked])

    return honest_fit


def restoring(network, train, choose, report):
    stop = keras.callbacks.EarlyStopping("val_accuracy", mode="max", patience=20, restore_best_weights=True)
    return score(fitted(network, train, choose, callbacks=[stop]), report)


HONEST = {
    "checkpoint": (lambda folder: best_of(folder), "right", "asked once"),
    "by loss": (lambda folder: best_of(folder, "val_loss"), "right", ""),
    "weights only": (lambda folder: best_of(folder, weights=True), "right", ""),
    "restored": (lambda folder: restoring, "right", ""),
    "weights by loss": (lambda folder: best_of(folder, "val_loss", weights=True), "right", ""),
    "not yet": (lambda folder: lambda *parts: None, "not answered yet", ""),
    "report chooses": (lambda folder: best_of(folder, chosen_by=2), "wrong", "best of many looks"),
    "the score of those that chose": (lambda folder: best_of(folder, asked=1), "wrong", "flatters"),
    "the last epoch": (lambda folder: lambda n, t, c, r: score(fitted(n, t, c), r), "wrong", "last epoch"),
    "nothing chooses": (
        lambda folder: lambda n, t, c, r: n.fit(t.images, t.labels, verbose=0),
        "wrong",
        "give it choose",
    ),
    "no epoch": (
        lambda folder: (
            lambda n, t, c, r: n.fit(t.images, t.labels, validation_data=(c.images, c.labels), epochs=0, verbose=0)
        ),
        "wrong",
        "or no epoch",
    ),
    "train chooses": (lambda folder: best_of(folder, chosen_by=0), "wrong", "as its validation_data"),
    "no training": (lambda folder: lambda n, t, c, r: score(n, r), "wrong", "was not trained"),
    "an error": (lambda folder: lambda n: 1, "wrong", "TypeError"),
    "no function": (lambda folder: 0.95, "wrong", "function"),
}


@pytest.mark.parametrize("make, state, words", list(HONEST.values()), ids=list(HONEST))
def test_check_honest_fit(make, state, words, tmp_path):
    verdict = checks.check_honest_fit(make(tmp_path))
    assert verdict.state == state and words in verdict


def with_one_model(network, images, names):
    wanted = [network.get_layer(name).output for name in names]
    found = keras.Model(network.inputs, wanted).predict(images, verbose=0)
    return dict(zip(names, found if len(names) > 1 else [found]))


def one_by_one(network, images, names):
    return {
        name: keras.Model(network.inputs, network.get_layer(name).output).predict(images, verbose=0) for name in names
    }


def all_of_them(network, images, names):
    value, found = images, {}
    for layer in network.layers:
        value = layer(value)
        found[layer.name] = np.asarray(value)
    return {name: found[name] for name in names}


@pytest.mark.parametrize(
    "answer, state, words",
    [
        (None, "not answered yet", ""),
        (lambda network, images, names: None, "not answered yet", ""),
        (with_one_model, "right", "two layers"),
        (one_by_one, "right", ""),
        (all_of_them, "right", ""),
        (activations.read_activations, "right", ""),
        (lambda network, images, names: dict(reversed(with_one_model(network, images, names).items())), "right", ""),
        (lambda *given: list(with_one_model(*given).values()), "wrong", "a dict"),
        (
            lambda n, i, names: dict(zip(names, reversed(with_one_model(n, i, names).values()))),
            "wrong",
            "must have shape",
        ),
        (lambda n, i, names: with_one_model(n, i[:1], names), "wrong", "for two images"),
        (lambda n, i, names: with_one_model(n, 2 * i, names), "wrong", "other values"),
        (lambda n, i, names: with_one_model(n, i, names[:1]), "wrong", "layer_3 came"),
        (lambda n, i, names: with_one_model(n, i, ["conv9"]), "wrong", "ends in ValueError"),
    ],
)
def test_check_layer_reader(answer, state, words):
    verdict = checks.check_layer_reader(answer)
    assert verdict.state == state and words in verdict


def cross_entropy(network, images, labels):
    said = network.predict(images, verbose=0)[:, 0]
    return -np.log(np.where(labels == 1, said, 1 - said).clip(1e-7, 1)).mean()


def lowest(network, prepared, labels):
    return min(prepared, key=lambda name: cross_entropy(network, prepared[name], labels))


def by_evaluate(network, prepared, labels):
    losses = {name: network.evaluate(images, labels, verbose=0)[0] for name, images in prepared.items()}
    return sorted(losses, key=losses.get)[0]


def by_keras(network, prepared, labels):
    losses = []
    for images in prepared.values():
        said = network(images)
        losses.append(float(keras.losses.BinaryCrossentropy()(labels[:, None], said)))
    return np.array(list(prepared))[np.argmin(losses)]


def by_two_sums(network, prepared, labels):
    best, lowest_yet = None, np.inf
    for name, images in prepared.items():
        said = np.clip(network.predict(images, verbose=0).ravel(), 1e-6, 1 - 1e-6)
        loss = -(labels * np.log(said) + (1 - labels) * np.log(1 - said)).sum()
        if loss < lowest_yet:
            best, lowest_yet = name, loss
    return best


def by_accuracy(network, prepared, labels):
    right = {name: np.mean((network.predict(prepared[name], verbose=0)[:, 0] > 0.5) == labels) for name in prepared}
    return max(right, key=right.get)


def of_the_other_class(network, prepared, labels):
    return lowest(network, prepared, 1 - labels)


def not_told_the_labels(network, prepared, labels):
    return lowest(network, prepared, np.ones_like(labels))


def surest(network, prepared, labels):
    return max(prepared, key=lambda name: np.abs(network.predict(prepared[name], verbose=0) - 0.5).mean())


def unclipped(network, prepared, labels):
    losses = {}
    for name, images in prepared.items():
        said = network.predict(images, verbose=0)[:, 0]
        with np.errstate(all="ignore"):
            losses[name] = -np.mean(labels * np.log(said) + (1 - labels) * np.log(1 - said))
    return min(losses, key=losses.get)


@pytest.mark.parametrize(
    "answer, state, words",
    [
        (None, "not answered yet", ""),
        (lambda network, prepared, labels: None, "not answered yet", ""),
        (lowest, "right", "three networks"),
        (by_evaluate, "right", ""),
        (by_keras, "right", ""),
        (by_two_sums, "right", ""),
        (by_accuracy, "wrong", "for each of three networks"),
        (surest, "wrong", "to be sure is no merit"),
        (unclipped, "wrong", "keep ln away from 0"),
        (lambda network, prepared, labels: "0..1", "wrong", "it says 0..1 for each"),
        (lambda n, p, y: max(p, key=lambda name: cross_entropy(n, p[name], y)), "wrong", "the lowest one fits"),
        (of_the_other_class, "wrong", "it says 0..1 for each"),
        (not_told_the_labels, "wrong", "a network of ours wants"),
        (lambda n, p, y: min(cross_entropy(n, each, y) for each in p.values()), "wrong", "one of 0..255"),
        (lambda network, prepared: "0..1", "wrong", "TypeError"),
        ("0..1", "wrong", "a function"),
    ],
)
def test_check_preparation(answer, state, words):
    verdict = checks.check_preparation(answer)
    assert verdict.state == state and words in verdict


def values_of(network, images, name):
    return keras.Model(network.inputs, network.get_layer(name).output).predict(images, verbose=0)


def counted(count):
    """A function as a learner writes it, from what it does with the values of the layer."""
    return lambda network, images, name: count(values_of(network, images, name))


def one_channel_after_another(network, images, name):
    values, first, every = values_of(network, images, name), 0, 0
    for channel in range(values.shape[-1]):
        first += not values[0, :, :, channel].any()
        every += not values[..., channel].any()
    return [first, every]


def by_the_helper(network, images, name):
    zeros = activations.channel_statistics(network, images, [name], statistic="zeros")[name] == 1
    return np.array([zeros[0].sum(), zeros.all(axis=0).sum()])


def by_largest_and_smallest(values):
    low, high = values.min(axis=(1, 2)), values.max(axis=(1, 2))
    silent = (low == 0) & (high == 0)
    return silent[0].sum(), np.sum(silent.sum(axis=0) == len(silent))


def of_zeros(values, axes=(1, 2)):
    return (values == 0).all(axis=axes)


@pytest.mark.parametrize(
    "answer, state, words",
    [
        (None, "not answered yet", ""),
        (lambda network, images, name: None, "not answered yet", ""),
        (counted(lambda v: (of_zeros(v)[0].sum(), of_zeros(v, (0, 1, 2)).sum())), "right", "no silence"),
        (one_channel_after_another, "right", ""),
        (by_the_helper, "right", ""),
        (counted(by_largest_and_smallest), "right", ""),
        (counted(lambda v: (of_zeros(v, (0, 1, 2)).sum(), of_zeros(v)[0].sum())), "wrong", "in the wrong order"),
        (counted(lambda v: (v[0].any((0, 1)).sum(), v.any((0, 1, 2)).sum())), "wrong", "channels that answer"),
        (counted(lambda v: (of_zeros(v)[0].sum(), of_zeros(v).any(axis=0).sum())), "wrong", "for *some* image"),
        (counted(lambda v: 2 * [of_zeros(v)[0].sum()]), "wrong", "not at the first alone"),
        (counted(lambda v: 2 * [of_zeros(v, (0, 1, 2)).sum()]), "wrong", "the first image alone"),
        (
            counted(lambda v: ((v[0].max((0, 1)) <= 0).sum(), (v.max((0, 1, 2)) <= 0).sum())),
            "wrong",
            "below zero: they are not silent",
        ),
        (
            counted(lambda v: ((v == 0).any((1, 2))[0].sum(), (v == 0).any((1, 2)).all(0).sum())),
            "wrong",
            "a zero somewhere",
        ),
        (counted(lambda v: ((v[0] == 0).sum(), (v == 0).sum())), "wrong", "came"),
        (counted(lambda v: of_zeros(v)[0].sum()), "wrong", "two numbers"),
        (lambda network, images: (1, 2), "wrong", "TypeError"),
        (3, "wrong", "a function"),
    ],
)
def test_check_silent_counts(answer, state, words):
    verdict = checks.check_silent_counts(answer)
    assert verdict.state == state and words in verdict


def tiled(maps, columns, *, up=True, own=True, safe=True, down=False):
    """A grid as a learner writes it, right or with one usual mistake."""
    height, width, count = maps.shape
    rows = -(-count // columns) if up else count // columns
    grid = np.zeros((rows * height, columns * width))
    for channel in range(min(count, rows * columns)):
        one = maps[:, :, channel]
        if one.max() > 0 or not safe:
            one = one / one.max() if own else one
        row, column = (channel % rows, channel // rows) if down else divmod(channel, columns)
        grid[row * height : (row + 1) * height, column * width : (column + 1) * width] = one
    return grid


def tiled_in_blocks(maps, columns):
    """The same without a loop over maps."""
    height, width, count = maps.shape
    largest = maps.max(axis=(0, 1))
    scaled = maps / np.where(largest > 0, largest, 1)
    filled = np.pad(scaled, ((0, 0), (0, 0), (0, -count % columns)))
    return filled.reshape(height, width, -1, columns).transpose(2, 0, 3, 1).reshape(-1, columns * width)


def tiled_from_least(maps, columns):
    """Smallest value to 0, largest to 1, written into the maps that were given."""
    for channel in range(maps.shape[-1]):
        one = maps[:, :, channel]
        one -= one.min()
        if one.any():
            one /= one.max()
    return tiled(maps, columns, own=False).tolist()


@pytest.mark.parametrize(
    "answer, state, words",
    [
        (None, "not answered yet", ""),
        (lambda maps, columns: None, "not answered yet", ""),
        (tiled, "right", "every map has its place"),
        (tiled_in_blocks, "right", ""),
        (tiled_from_least, "right", "changes the maps"),
        (lambda maps, columns: keras.ops.convert_to_tensor(tiled(maps, columns)), "right", ""),
        (lambda m, c: np.nan_to_num(pictures.tile_channels(m, columns=c, scale="channel", gap=0)), "right", ""),
        (lambda maps, columns: tiled(maps, columns, up=False), "wrong", "round the number of rows up"),
        (lambda maps, columns: tiled(maps, columns, safe=False), "wrong", "ask before you divide by 0"),
        (lambda maps, columns: tiled(maps, columns, own=False), "wrong", "its values are as they were"),
        (lambda maps, columns: tiled(maps, columns, own=False) / maps.max(), "wrong", "largest value of the layer"),
        (lambda maps, columns: tiled(maps, columns, down=True), "wrong", "from left to right, then the next"),
        (lambda maps, columns: tiled(maps, columns)[1:], "wrong", "must have shape (15, 28), and shape (14, 28) came"),
        (lambda maps, columns: tiled(maps, columns) ** 2, "wrong", "other values"),
        (lambda maps, columns: "a picture", "wrong", "an array of numbers"),
        (lambda maps, columns: maps[:, :, 30], "wrong", "IndexError"),
        (np.zeros((15, 28)), "wrong", "a function"),
    ],
)
def test_check_map_grid(answer, state, words):
    verdict = checks.check_map_grid(answer)
    assert verdict.state == state and words in verdict


def dropped(values, rate, training, *, scale=True, seed=None, shape=None):
    """Dropout as a learner writes it."""
    if not training:
        return values
    keep = np.random.default_rng(seed).random(shape or values.shape) >= rate
    return values * keep / (1 - rate if scale else 1)


def dropped_in_place(values, rate, training):
    if training:
        values *= (np.random.random(values.shape) >= rate) / (1 - rate)
    return values


def dropped_exactly(values, rate, training):
    """So many values, not one more or less."""
    made = values.flatten()
    if training:
        made[np.random.permutation(made.size)[: round(rate * made.size)]] = 0
        made /= 1 - rate
    return made.reshape(values.shape)


@pytest.mark.parametrize(
    "answer, state, words",
    [
        (None, "not answered yet", ""),
        (lambda values, rate, training: None, "not answered yet", ""),
        (
            lambda v, p, t: v * (np.random.random(v.shape) >= p) / (1 - p) if t else None,
            "wrong",
            "false it returns None",
        ),
        (dropped, "right", "the right share is zero"),
        (dropped_exactly, "right", ""),
        (lambda v, rate, training: keras.layers.Dropout(rate)(v, training=training), "right", ""),
        (lambda v, p, t: np.where(np.random.random(v.shape) < p, 0, v / (1 - p)) if t else v.copy(), "right", ""),
        (lambda v, p, t: v * np.random.binomial(1, 1 - p, v.shape) / (1 - p) if t else v, "right", ""),
        (lambda v, rate, training: dropped(v, rate, True), "wrong", "only while it learns"),
        (lambda v, rate, training: dropped(v, rate, not training), "wrong", "only while it learns"),
        (lambda v, rate, training: dropped(v, rate, training, scale=False), "wrong", "shrinks by 20%"),
        (lambda v, p, t: dropped(v, p, t, scale=False) * (1 if t else 1 - p), "wrong", "leave answers alone"),
        (lambda v, rate, training: dropped(v, 1 - rate, training), "wrong", "not the share that stays"),
        (lambda v, p, t: dropped(v, p, t, scale=False) * (1 - p if t else 1), "wrong", "multiplied by 0.80"),
        (lambda v, rate, training: dropped(v, rate, training, seed=1), "wrong", "the same values are gone"),
        (lambda v, p, t: dropped(v, p, t, shape=(len(v), 1, 1, v.shape[-1])), "wrong", "whole maps are gone"),
        (lambda v, rate, training: v, "wrong", "no value is zero although training"),
        (lambda v, rate, training: v[0], "wrong", "(10, 10, 15)"),
        (lambda v, rate, training: dropped(v, rate, training) + (not training), "wrong", "return them as they are"),
        (dropped_in_place, "wrong", "return a new array"),
        (lambda values: values, "wrong", "TypeError"),
        (0.8, "wrong", "a function"),
    ],
)
def test_check_dropout(answer, state, words):
    verdict = checks.check_dropout(answer)
    assert verdict.state == state and words in verdict


DIAGNOSES = {
    "1": ("labels", "batch", "right labels"),
    "2": ("learning rate", "curves", "lower rate"),
    "3": ("last layer", "curves", "two units"),
    "4": ("few images", "curves", "more images"),
    "5": ("pixels", "first loss", "divide by 255"),
}


@pytest.mark.parametrize(
    "answer, state, words",
    [
        (None, "not answered yet", ""),
        (dict.fromkeys(DIAGNOSES), "not answered yet", ""),
        (DIAGNOSES, "right", "five causes"),
        (DIAGNOSES | {"2": ["learning rate", "ten images", "lower rate"]}, "right", ""),
        (DIAGNOSES | {"3": ("last layer", "ten images", "two units")}, "right", ""),
        (DIAGNOSES | {"5": ("pixels", "batch", "lower rate")}, "right", ""),
        (DIAGNOSES | {"5": ("pixels", "gradients", "divide by 255")}, "right", ""),
        (
            DIAGNOSES | {"1": ("labels", "batch", "more epochs")},
            "wrong",
            "training 1: not 'more epochs', for it has had three times",
        ),
        (DIAGNOSES | {"2": ("small network", "curves", "bigger network")}, "wrong", "has this very network"),
        (DIAGNOSES | {"4": ("few images", "curves", "more dropout")}, "wrong", "the images that are missing"),
        (DIAGNOSES | {"2": ("few epochs", "curves", "lower rate")}, "wrong", "not 'few epochs', for it has had"),
        (DIAGNOSES | {"1": ("learning rate", "curves", "lower rate")}, "wrong", "not 'learning rate'"),
        (DIAGNOSES | {"1": ("labels", "ten images", "right labels")}, "wrong", "'ten images' cannot tell"),
        (DIAGNOSES | {"5": ("pixels", "batch", "two units")}, "wrong", "leaves the cause, 'pixels', where it is"),
        (
            DIAGNOSES | {"5": ("pixels", "look", "two units")},
            "wrong",
            "the measurement of training 5 must be one of batch",
        ),
        (DIAGNOSES | {"3": "last layer"}, "wrong", "words for training 3 must be a list"),
        ({"A": ("labels", "batch", "right labels")}, "wrong", "keep the keys"),
    ],
)
def test_check_diagnoses(answer, state, words):
    verdict = checks.check_diagnoses(answer)
    assert verdict.state == state and words in verdict


def largest_share(part):
    return np.bincount(part.labels).max() / len(part.labels)


def by_bytes(train, test):
    seen = {image.tobytes() for image in train.images}
    if any(image.tobytes() in seen for image in test.images):
        return "leak"
    return "imbalance" if largest_share(train) > 0.5 else "nothing"


def by_loops(train, test):
    for one in test.images:
        for other in train.images:
            if np.array_equal(one, other):
                return "leak"
    return "imbalance" if largest_share(train) >= 0.9 else "nothing"


def by_distances(train, test):
    rows, others = (part.images.reshape(len(part.images), -1) for part in (train, test))
    if np.linalg.norm(rows[:, None] - others[None], axis=-1).min() < 1e-6:
        return "leak"
    return "imbalance" if max(np.mean(train.labels == label) for label in set(train.labels)) > 0.7 else "nothing"


def by_rows(train, test):
    rows = [part.images.reshape(len(part.images), -1) for part in (train, test)]
    if len(np.unique(np.concatenate(rows), axis=0)) < sum(map(len, rows)):
        return np.str_("leak")
    return "imbalance" if largest_share(train) > 0.8 else "nothing"


def counting_only(train, test):
    return "imbalance" if largest_share(train) > 0.5 else "nothing"


@pytest.mark.parametrize(
    "answer, state, words",
    [
        (None, "not answered yet", ""),
        (lambda train, test: None, "not answered yet", ""),
        (by_bytes, "right", "the right word for each"),
        (by_loops, "right", ""),
        (by_distances, "right", ""),
        (by_rows, "right", ""),
        (lambda train, test: "leak" if set(train.labels) & set(test.labels) else "nothing", "wrong", "no image stands"),
        (counting_only, "wrong", "most test images"),
        (
            lambda a, b: "leak" if np.isin(b.images[:, 0, 0, 0], a.images[:, 0, 0, 0]).mean() > 0.5 else "nothing",
            "wrong",
            "compare all with all",
        ),
        (
            lambda a, b: "leak" if by_bytes(a, b) == "leak" else "imbalance" if a.labels.mean() > 5 else "nothing",
            "wrong",
            "have the label 0",
        ),
        (
            lambda a, b: (
                "leak" if by_bytes(a, b) == "leak" else "imbalance" if (a.labels == 0).mean() > 0.5 else "nothing"
            ),
            "wrong",
            "any class may be the frequent one",
        ),
        (
            lambda a, b: "nothing" if len(set(a.labels)) > 2 and by_bytes(a, b) == "nothing" else "imbalance",
            "wrong",
            "returns 'imbalance' where 'leak' was expected",
        ),
        (lambda train: "leak", "wrong", "TypeError"),
        (lambda a, b: np.array(["leak", "nothing"]), "wrong", "returns an array of str"),
        ("leak", "wrong", "function"),
    ],
)
def test_check_suspect(answer, state, words):
    verdict = checks.check_suspect(answer)
    assert verdict.state == state and words in verdict


def test_raw_and_layer_have_the_same_values_on_their_colour_bars():
    """What notebook 06 says of the two scales."""
    maps = np.random.default_rng(7).normal(size=(5, 5, 4)).astype("float32")
    raw, layer = (list(grid_of(maps, 4, scale=scale).marks.values()) for scale in ("raw", "layer"))
    assert raw == layer and float(raw[0]) == pytest.approx(maps.min(), rel=0.01)


def laid(values, columns, *, rows=None, empty=0.0, gap=0):
    """A grid as a learner may write it."""
    height, width, count = values.shape
    rows = -(-count // columns) if rows is None else rows
    grid = np.full((rows * (height + gap), columns * (width + gap)), empty)
    for channel in range(min(count, rows * columns)):
        top, left = channel // columns * (height + gap), channel % columns * (width + gap)
        grid[top : top + height, left : left + width] = values[:, :, channel]
    return grid


def without_a_loop(values, columns):
    height, width, count = values.shape
    rows = -(-count // columns)
    places = np.zeros((rows * columns, height, width))
    places[:count] = np.moveaxis(values, -1, 0)
    return places.reshape(rows, columns, height, width).swapaxes(1, 2).reshape(rows * height, columns * width)


def in_place(values, columns):
    values -= values.mean(axis=(0, 1))
    return laid(values, columns)


def down_the_columns(values, columns):
    rows = -(-values.shape[-1] // columns)
    order = np.arange(rows * columns).reshape(columns, rows).T.ravel()
    return laid(values[..., order[order < values.shape[-1]]], columns)


def on_its_side(values, columns):
    return laid(values.swapaxes(0, 1), columns)


def means_and_spread(fours, nines):
    one, other = fours.mean(axis=(1, 2)), nines.mean(axis=(1, 2))
    return one.mean(axis=0) - other.mean(axis=0), np.sqrt((one.var(axis=0) + other.var(axis=0)) / 2)


def by_d(fours, nines):
    difference, spread = means_and_spread(fours, nines)
    return np.argmax(np.abs(difference) / np.where(spread > 0, spread, np.inf))


def by_order(fours, nines):
    """The share of pairs in order."""
    both = np.concatenate([fours, nines]).max(axis=(1, 2))
    areas = probing.separation(both, np.arange(len(both)) < len(fours))
    return int(np.argmax(np.abs(areas - 0.5)))


def by_t(fours, nines):
    with np.errstate(all="ignore"):
        t = stats.ttest_ind(fours.mean(axis=(1, 2)), nines.mean(axis=(1, 2)), equal_var=False).statistic
    return np.nanargmax(np.abs(t))


def by_loop(fours, nines):
    best, found = 0, None
    for channel in range(fours.shape[-1]):
        one, other = fours[..., channel].mean(axis=(1, 2)), nines[..., channel].mean(axis=(1, 2))
        spread = one.std(ddof=1) + other.std(ddof=1)
        if spread > 0 and abs(one.mean() - other.mean()) / spread > best:
            best, found = abs(one.mean() - other.mean()) / spread, channel
    return found


def by_threshold(fours, nines):
    """The share of digits on the right side of the middle of the two means, which a probe would take."""
    one, other = fours.mean(axis=(1, 2)), nines.mean(axis=(1, 2))
    middle = (one.mean(axis=0) + other.mean(axis=0)) / 2
    share = ((one > middle).mean(axis=0) + (other <= middle).mean(axis=0)) / 2
    return np.abs(share - 0.5).argmax()


@np.errstate(all="ignore")
def with_nan(fours, nines):
    difference, spread = means_and_spread(fours, nines)
    return np.argmax(np.abs(difference) / spread)


def without_abs(fours, nines):
    difference, spread = means_and_spread(fours, nines)
    return np.argmax(difference / (spread + 1e-9))


@pytest.mark.parametrize(
    "answer, state, words",
    [
        (None, "not answered yet", ""),
        (lambda fours, nines: None, "not answered yet", ""),
        (by_d, "right", "a faint map"),
        (by_order, "right", ""),
        (by_t, "right", ""),
        (by_loop, "right", ""),
        (by_threshold, "right", ""),
        (lambda fours, nines: [float(by_d(fours, nines))], "right", ""),
        (lambda fours, nines: fours.mean(axis=(0, 1, 2)).argmax(), "wrong", "bright is not important"),
        (lambda *kinds: np.abs(means_and_spread(*kinds)[0]).argmax(), "wrong", "divide by its deviation"),
        (with_nan, "wrong", "0 / 0 is NaN"),
        (without_abs, "wrong", "take np.abs"),
        (lambda fours, nines: without_abs(nines, fours), "wrong", "take np.abs"),
        (lambda fours, nines: 5, "wrong", "a better map"),
        (lambda fours, nines: -1, "wrong", "a better map"),
        (lambda *kinds: np.abs(means_and_spread(*kinds)[0]), "wrong", "take np.argmax"),
        (lambda fours, nines: "map 3", "wrong", "an array of numbers, not 'map 3'"),
        (lambda fours, nines: [[1, 2], [3]], "wrong", "an array of numbers"),
        (lambda fours, nines: np.nan, "wrong", "must be finite"),
        (lambda fours: 3, "wrong", "TypeError"),
        (125, "wrong", "a function"),
    ],
)
def test_check_best_map(answer, state, words):
    verdict = checks.check_best_map(answer)
    assert verdict.state == state and words in verdict


def missed(images, rebuilt):
    return np.sum((images - rebuilt) ** 2)


@pytest.mark.parametrize(
    "answer, state, words",
    [
        (None, "not answered yet", ""),
        (lambda images, rebuilt: None, "not answered yet", ""),
        (lambda i, r: 1 - missed(i, r) / missed(i, i.mean(axis=0)), "right", "the share that is missed"),
        (lambda i, r: 1 - np.mean((i - r) ** 2) / i.var(axis=0).mean(), "right", ""),
        (
            lambda i, r: r2_score(i.reshape(len(i), -1), r.reshape(len(r), -1), multioutput="variance_weighted"),
            "right",
            "",
        ),
        (lambda i, r: missed(i, r) / missed(i, i.mean(axis=0)), "wrong", "take it from 1"),
        (lambda i, r: 1 - np.mean((i - r) ** 2), "wrong", "by the variance"),
        (lambda i, r: 1 - missed(i, r) / missed(i, i.mean()), "wrong", "not one mean of all pixels"),
        (lambda i, r: 1 - missed(i, r) / missed(r, r.mean(axis=0)), "wrong", "not of the rebuilt"),
        (lambda i, r: r2_score(i.reshape(len(i), -1), r.reshape(len(r), -1)), "wrong", "divide once"),
        (lambda i, r: np.corrcoef(i.ravel(), r.ravel())[0, 1] ** 2, "wrong", "compare your two sums"),
        (lambda i, r: 1 - (i - r) ** 2, "wrong", "a finite number"),
        (lambda i: 1, "wrong", "TypeError"),
        (0.76, "wrong", "a function"),
    ],
)
def test_check_share_rebuilt(answer, state, words):
    verdict = checks.check_share_rebuilt(answer)
    assert verdict.state == state and words in verdict


def layered(*stack):
    return keras.Sequential([getattr(keras.layers, f"Random{name}")(*given, **more) for name, given, more in stack])


FLIP, LIGHTER = ("Flip", ["horizontal"], {}), ("Brightness", [0.2], {"value_range": (0, 1)})


def flipped_by_numpy(images, training):
    if not training:
        return images
    rng = np.random.default_rng()
    turned = [image[:, :: rng.choice([-1, 1])] for image in np.asarray(images)]
    return np.clip(np.array(turned) * rng.uniform(0.7, 1.1, (len(images), 1, 1, 1)), 0, 1)


@pytest.mark.parametrize(
    ("answer", "state", "words"),
    [
        (None, "not answered yet", ""),
        (layered(FLIP, LIGHTER), "right", "photos are mirrored"),
        (layered(LIGHTER, FLIP), "right", "all within 0..1"),
        (layered(FLIP, LIGHTER, ("Rotation", [0.1], {"fill_mode": "reflect"}), ("Zoom", [0.2], {})), "right", ""),
        (layered(FLIP, LIGHTER, ("Contrast", [0.2], {"value_range": (0, 1)})), "right", ""),
        (flipped_by_numpy, "right", ""),
        (layered(FLIP, ("Brightness", [0.2], {})), "wrong", "value_range=(0, 1)"),
        (layered(("Flip", [], {}), LIGHTER), "wrong", "upside down"),
        (layered(LIGHTER), "wrong", "no photo is mirrored"),
        (layered(FLIP), "wrong", "as bright as they were"),
        (layered(FLIP, LIGHTER, ("Crop", [10, 10], {})), "wrong", "shape (24, 10, 10, 3) came"),
        (lambda images, training: images[:, :, ::-1] * 0.9, "wrong", "at prediction"),
        (lambda images, training: images[:, :, ::-1] if training else images, "wrong", "two calls give the same"),
        (lambda images, training: images * np.random.rand() if training else images, "wrong", "changed alike"),
        (lambda images: images, "wrong", "it ends in TypeError"),
        (lambda images, training: [[1, 2], [3]], "wrong", "what comes out must be an array of numbers"),
        (0.2, "wrong", "function"),
    ],
)
def test_check_augmentation(answer, state, words):
    verdict = checks.check_augmentation(answer)
    assert verdict.state == state and words in verdict


def sides_and_strides(network, layer):
    names = [each.name for each in network.layers]
    below = network.layers[: names.index(layer) + 1]
    sides = [getattr(each, "kernel_size", getattr(each, "pool_size", (1, 1)))[0] for each in below]
    return sides, [getattr(each, "strides", (1, 1))[0] for each in below]


def layer_by_layer(network, layer):
    field, steps = 1, 1
    for side, stride in zip(*sides_and_strides(network, layer)):
        field, steps = field + (side - 1) * steps, steps * stride
    return field


def from_above(network, layer):
    field = 1
    for side, stride in reversed(list(zip(*sides_and_strides(network, layer)))):
        field = field * stride + side - stride
    return field


def by_sum(network, layer):
    sides, strides = map(np.array, sides_and_strides(network, layer))
    return 1 + np.sum((sides - 1) * np.cumprod([1, *strides[:-1]]))


def with_its_own_stride(network, layer):
    sides, strides = map(np.array, sides_and_strides(network, layer))
    return 1 + np.sum((sides - 1) * np.cumprod(strides))


def of_no_dropout(network, layer):
    return None if layer == "dropout" else layer_by_layer(network, layer)


@pytest.mark.parametrize(
    ("answer", "state", "words"),
    [
        (None, "not answered yet", ""),
        (lambda network, layer: None, "not answered yet", ""),
        (layer_by_layer, "right", "11 layers"),
        (from_above, "right", "pixels inside the field"),
        (by_sum, "right", ""),
        (lambda network, layer: float(layer_by_layer(network, layer)), "right", ""),
        (lambda n, name: 1 + sum(side - 1 for side in sides_and_strides(n, name)[0]), "wrong", "by the strides"),
        (with_its_own_stride, "wrong", "a layer's own stride"),
        (lambda network, layer: layer_by_layer(network, network.layers[-1].name), "wrong", "stop at the layer"),
        (lambda network, layer: network.get_layer(layer).output.shape[1], "wrong", "the side of the map"),
        (lambda network, layer: layer_by_layer(network, layer) ** 2, "wrong", "not the area"),
        (lambda network, layer: layer_by_layer(network, layer) - 1, "wrong", "begin with 1"),
        (lambda network, layer: 5, "wrong", "it returns 5, and a value there sees 7"),
        (lambda network, layer: (5, 5), "wrong", "must be a finite number"),
        (of_no_dropout, "wrong", "it returns None"),
        (lambda network: 5, "wrong", "ends in TypeError"),
        (46, "wrong", "function"),
    ],
)
def test_check_receptive_field(answer, state, words):
    verdict = checks.check_receptive_field(answer)
    assert verdict.state == state and words in verdict


def in_sequence(convolutions, poolings, dense, *, pooling=keras.layers.MaxPooling2D, word=None):
    network = keras.Sequential([keras.Input((28, 28, 1))])
    for place, (filters, side, activation) in enumerate(convolutions):
        network.add(keras.layers.Conv2D(filters, side, activation=word or activation))
        if place < len(poolings):
            network.add(pooling(poolings[place]))
    network.add(keras.layers.Flatten())
    for units, activation in dense:
        network.add(keras.layers.Dense(units, activation=activation))
    return network


def functional(convolutions, poolings, dense):
    values = images = keras.Input((28, 28, 1))
    for (filters, side, activation), pool in zip(convolutions, [*poolings, None]):
        values = keras.layers.Conv2D(filters, side)(values)
        values = keras.layers.Activation(activation)(values)
        values = keras.layers.MaxPooling2D(pool)(values) if pool else values
    values = keras.layers.Flatten()(values)
    for units, activation in dense:
        values = keras.layers.Dense(units, activation)(values)
    return keras.Model(images, values)


def without_input(convolutions, poolings, dense):
    built = in_sequence(convolutions, poolings, dense)
    return keras.Sequential([type(layer).from_config(layer.get_config()) for layer in built.layers])


def from_behind(convolutions, poolings, dense):
    stack, poolings = [keras.Input((28, 28, 1))], list(poolings)
    for described in convolutions:
        stack.append(keras.layers.Conv2D(*described[:2], activation=described[2]))
        if poolings:
            stack.append(keras.layers.MaxPool2D(poolings.pop(0)))
    return keras.Sequential([*stack, keras.layers.Flatten(), *(keras.layers.Dense(*each) for each in dense)])


def pooled_at_the_end(convolutions, poolings, dense):
    network = keras.Sequential([keras.Input((28, 28, 1))])
    for place, (filters, side, activation) in enumerate(convolutions):
        network.add(keras.layers.Conv2D(filters, side, activation=activation))
        network.add(keras.layers.MaxPooling2D(poolings[place]))
    return network


ARTICLES = ([(32, 3, "relu"), (64, 3, "relu"), (128, 3, "relu")], [2, 2], [(100, "relu"), (10, "softmax")])


@pytest.mark.parametrize(
    "answer, state, words",
    [
        (None, "not answered yet", ""),
        (lambda *lists: None, "not answered yet", ""),
        (in_sequence, "right", "three networks"),
        (functional, "right", ""),
        (without_input, "right", ""),
        (from_behind, "right", ""),
        (lambda c, p, d: models.mnist_cnn(convolutions=c, poolings=p, dense=d), "right", ""),
        (pooled_at_the_end, "wrong", "none behind the last convolution"),
        (lambda c, p, d: in_sequence(c, [*p, 2], d), "wrong", "has 2 MaxPooling2D"),
        (lambda c, p, d: in_sequence(c, [], d), "wrong", "has 0 MaxPooling2D"),
        (lambda c, p, d: in_sequence(c, p, d[-1:]), "wrong", "has 1 Dense"),
        (lambda *lists: in_sequence(*ARTICLES), "wrong", "has 3 Conv2D"),
        (
            lambda c, p, d: in_sequence([(n, 3, a) for n, _, a in c], [2 for _ in p], d),
            "wrong",
            "arrays of weights have the shapes",
        ),
        (lambda *lists: in_sequence(*lists, word="relu"), "wrong", "its activation from the lists"),
        (lambda *lists: in_sequence(*lists, pooling=keras.layers.AveragePooling2D), "wrong", "the maximum"),
        (lambda c, p, d: in_sequence(c, p, d).summary(print_fn=str) or "done", "wrong", "return the network"),
        (lambda lists: 1, "wrong", "TypeError"),
        ("network", "wrong", "function"),
    ],
)
def test_check_network_from_lists(answer, state, words):
    verdict = checks.check_network_from_lists(answer)
    assert verdict.state == state and words in verdict


def warm_up_then_power(step, peak, warm_up, decay):
    return peak * step / warm_up if step < warm_up else peak / (1 + decay * (step - warm_up))


class WarmUp(keras.optimizers.schedules.LearningRateSchedule):
    """The same, as Keras wants it."""

    def __init__(self, peak, warm_up, decay):
        self.given = peak, warm_up, decay

    def __call__(self, step):
        peak, warm_up, decay = self.given
        step = keras.ops.cast(step, "float32")
        return keras.ops.where(step < warm_up, peak * step / warm_up, peak / (1 + decay * (step - warm_up)))


@pytest.mark.parametrize(
    "answer, state, words",
    [
        (None, "not answered yet", ""),
        (lambda *given: None, "not answered yet", ""),
        (warm_up_then_power, "right", "climbs"),
        (WarmUp, "right", ""),
        (lambda step, *given: warm_up_then_power(step + 1, *given), "right", ""),  # batches counted from 1
        (lambda s, p, w, d: p * np.minimum((s + 1) / w, 1 / (1 + d * np.maximum(0, s - w))), "right", ""),
        (lambda s, p, w, d: keras.ops.minimum(p * s / w, p / (1 + d * max(0, s - w))), "right", ""),
        (lambda s, p, w, d: p / (1 + d * s), "wrong", "near 0"),
        (lambda s, p, w, d: p * s / w if s < w else p / (1 + d * s), "wrong", "count the fall from"),
        (lambda s, p, w, d: p * min(1, s / w), "wrong", "still the peak"),
        (lambda s, p, w, d: p * s / w, "wrong", "above the peak"),
        (lambda s, p, w, d: p * s / w if s < w else p * 0.999 ** (s - w), "wrong", "and then power divides by"),
        (lambda s, p, w, d: p * min(1, s / w) ** 2, "wrong", "a straight line"),
        (lambda s, p, w, d: 0.0, "wrong", "a straight line"),
        (lambda *given: np.nan, "wrong", "must be finite"),
        (lambda step: step, "wrong", "TypeError"),
        (0.001, "wrong", "function"),
    ],
)
def test_check_warm_up(answer, state, words):
    verdict = checks.check_warm_up(answer)
    assert verdict.state == state and words in verdict


def by_row_and_column(values, columns):
    """Rows put together with NumPy, the last one filled up."""
    height, width, count = values.shape
    maps = [values[..., channel] for channel in range(count)]
    maps += [np.zeros((height, width))] * (-count % columns)
    return np.concatenate([np.hstack(maps[start : start + columns]) for start in range(0, len(maps), columns)])


@pytest.mark.parametrize(
    "answer, state, words",
    [
        (None, "not answered yet", ""),
        (lambda values, columns: None, "not answered yet", ""),
        (laid, "right", "3 layers"),
        (by_row_and_column, "right", ""),
        (without_a_loop, "right", ""),
        (lambda values, columns: by_row_and_column(values, columns).tolist(), "right", ""),
        (lambda values, columns: laid(values, columns, empty=np.nan), "right", ""),
        (lambda values, columns: pictures.tile_channels(values, columns, scale="raw", gap=0), "right", ""),
        (
            lambda values, columns: laid(values, columns, rows=values.shape[-1] // columns),
            "wrong",
            "round the number of rows up",
        ),
        (lambda values, columns: laid(values, columns, gap=1), "wrong", "as high as all rows"),
        (lambda values, columns: laid(values, columns)[..., None], "wrong", "one array is needed"),
        (lambda values, columns: laid(values, columns, empty=1.0), "wrong", "must hold 0"),
        (lambda values, columns: laid((values - values.mean()) / values.std(), columns), "wrong", "as they are"),
        (lambda values, columns: pictures.tile_channels(values, columns, gap=0), "wrong", "as they are"),
        (in_place, "wrong", "it changes the maps"),
        (down_the_columns, "wrong", "another map is there"),
        (lambda values, columns: laid(values[..., ::-1], columns), "wrong", "another map is there"),
        (on_its_side, "wrong", "on its side"),
        (lambda values, columns: 0 * laid(values, columns), "wrong", "nothing is there"),
        (lambda values: values, "wrong", "TypeError"),
        (np.zeros((6, 12)), "wrong", "a function"),
    ],
)
def test_check_blank_grid(answer, state, words):
    verdict = checks.check_blank_grid(answer)
    assert verdict.state == state and words in verdict


def lit_points(values):
    flat = np.reshape(values, (len(values), -1))
    return (flat > flat.max(axis=1, keepdims=True) / 2).reshape(values.shape)


def ring(own, others, lit=lit_points):
    times = lit(others).sum(axis=0)
    return lit(own).all(axis=0) & (times == 0), lit(own).all(axis=0) & (times == 1)


def ring_by_loops(own, others):
    red, yellow = np.zeros(own[0].shape), np.zeros(own[0].shape)
    for place in np.ndindex(own[0].shape):
        in_all = all(image[place] > image.max() / 2 for image in own)
        times = sum(image[place] > image.max() / 2 for image in others)
        red[place], yellow[place] = in_all and times == 0, in_all and times == 1
    return [red, yellow]


def ring_of_any(own, others):
    times = lit_points(others).sum(axis=0)
    return lit_points(own).any(axis=0) & (times == 0), lit_points(own).any(axis=0) & (times == 1)


def lit_of_maps(values):
    return values > values.max(axis=(1, 2), keepdims=True) / 2 if values.ndim == 4 else lit_points(values)


@pytest.mark.parametrize(
    "answer, state, words",
    [
        (None, "not answered yet", ""),
        (lambda own, others: None, "not answered yet", ""),
        (ring, "right", "among maps and among nodes"),
        (ring_by_loops, "right", ""),
        (probing.common_points, "right", ""),
        (lambda own, others: np.array(ring(own, others)).astype(int), "right", ""),
        (lambda own, others: ring(own, others)[0], "wrong", "return red, yellow"),
        (lambda own, others: ring(own, others, lambda v: v > v.max() / 2), "wrong", "one limit"),
        (lambda own, others: ring(own, others, lit_of_maps), "wrong", "each map has a limit"),
        (lambda own, others: ring(others, own), "wrong", "own goes first"),
        (lambda own, others: ring(own, others)[::-1], "wrong", "in each other's place"),
        (
            lambda own, others: (ring(own, others)[0], lit_points(own).all(0) & lit_points(others).any(0)),
            "wrong",
            "exact",
        ),
        (ring_of_any, "wrong", "only some of own"),
        (lambda own, others: ring(own[:2], others[:2]), "wrong", "the rule finds"),
        (lambda own, others: (own > others, own < others), "wrong", "red, yellow, two arrays"),
        (lambda own: own, "wrong", "TypeError"),
        (3, "wrong", "function"),
    ],
)
def test_check_ring(answer, state, words):
    verdict = checks.check_ring(answer)
    assert verdict.state == state and words in verdict


def swap(a, b, points):
    mixed = a.reshape(len(a), -1).copy()
    mixed[:, points] = b.reshape(len(b), -1)[:, points]
    return mixed.reshape(a.shape)


def swap_by_mask(a, b, points):
    chosen = np.zeros(a[0].size, bool)
    chosen[points] = True
    return np.where(chosen.reshape(a[0].shape), b, a)


def swap_by_places(a, b, points):
    mixed, places = a.copy(), np.unravel_index(points, a.shape[1:])
    for image, other in zip(mixed, b, strict=True):
        image[places] = other[places]
    return mixed


def swap_in_place(a, b, points):
    a.reshape(len(a), -1)[:, points] = b.reshape(len(b), -1)[:, points]
    return a


def swap_in_the_first(a, b, points):
    mixed = a.copy()
    mixed.ravel()[points] = b.ravel()[points]
    return mixed


@pytest.mark.parametrize(
    "answer, state, words",
    [
        (None, "not answered yet", ""),
        (lambda a, b, points: None, "not answered yet", ""),
        (swap, "right", "some, no and all"),
        (swap_by_mask, "right", ""),
        (swap_by_places, "right", ""),
        (lambda *given: swap(*given).tolist(), "right", ""),
        (probing.with_points, "right", ""),
        (swap_in_place, "wrong", "copy a first"),
        (swap_in_the_first, "wrong", "only the first image"),
        (lambda a, b, points: swap(b, a, points), "wrong", "all others were swapped"),
        (lambda a, b, points: a.copy(), "wrong", "nothing has changed"),
        (lambda a, b, points: swap(a, b[:1].repeat(len(a), 0), points), "wrong", "not of its partner"),
        (lambda a, b, points: swap(a, b, points).reshape(len(a), -1), "wrong", "the shape of a again"),
        (lambda a, b, points: swap(a, a + b, points), "wrong", "are not what they should be"),
        (lambda a, b, points: a[points], "wrong", "IndexError"),
        ([7, 0], "wrong", "function"),
    ],
)
def test_check_swap(answer, state, words):
    verdict = checks.check_swap(answer)
    assert verdict.state == state and words in verdict


def covers(network, image, class_index, patch, *, kept=True, sign=1, blank=0.0):
    """Occlusion by one loop; the words say what may go wrong in it."""
    answer = network.predict(image, verbose=0)[0, class_index]
    falls = np.zeros((image.shape[1] // patch, image.shape[2] // patch))
    for row, column in np.ndindex(falls.shape):
        covered = image.copy() if kept else image
        covered[:, patch * row : patch * (row + 1), patch * column : patch * (column + 1)] = blank
        falls[row, column] = sign * (answer - network.predict(covered, verbose=0)[0, class_index])
    return falls


def covers_at_once(network, image, class_index, patch):
    height, width = image.shape[1:3]
    squares = [(top, left) for top in range(0, height, patch) for left in range(0, width, patch)]
    batch = np.repeat(image, len(squares) + 1, axis=0)
    for number, (top, left) in enumerate(squares):
        batch[number, top : top + patch, left : left + patch] = 0
    answers = np.asarray(network(batch))[:, class_index]
    return (answers[-1] - answers[:-1]).reshape(height // patch, width // patch)


def by_helper(network, image, class_index, patch):
    return explanations.occlusion(network, image, class_index, patch=patch, stride=patch).falls


@pytest.mark.parametrize(
    "answer, state, words",
    [
        (None, "not answered yet", ""),
        (lambda *given: None, "not answered yet", ""),
        (covers, "right", "six squares"),
        (covers_at_once, "right", ""),
        (by_helper, "right", ""),
        (lambda *given: covers(*given)[None], "right", ""),
        (lambda *given: covers(*given).tolist(), "right", ""),
        (lambda *given: covers(*given, kept=False), "wrong", "image.copy()"),
        (lambda *given: covers(*given, sign=-1), "wrong", "signs are reversed"),
        (lambda n, i, c, p: n.predict(i, verbose=0)[0, c] - covers(n, i, c, p), "wrong", "subtract them"),
        (lambda n, i, c, p: covers(n, i, 0, p), "wrong", "class 0"),
        (lambda n, i, c, p: covers(n, i, c, p, blank=1), "wrong", "other falls"),
        (lambda *given: covers(*given).ravel(), "wrong", "(6,) came"),
        (lambda *given: covers(*given).T, "wrong", "rows first"),
        (lambda n, i, c, p: covers(n, i[0], c, p), "wrong", "it ends in"),
        (np.zeros((3, 2)), "wrong", "function"),
    ],
)
def test_check_occlusion(answer, state, words):
    verdict = checks.check_occlusion(answer)
    assert verdict.state == state and words in verdict


def slope(network, image, class_index=None):
    pixels = tf.convert_to_tensor(image)
    with tf.GradientTape() as tape:
        tape.watch(pixels)
        answers = network(pixels)[0]
        score = tf.reduce_sum(answers) if class_index is None else answers[class_index]
    return tape.gradient(score, pixels)


def by_small_changes(network, image, class_index):
    sizes = np.zeros(image.shape[1:])
    before = np.asarray(network(image))[0, class_index]
    for place in np.ndindex(sizes.shape):
        changed = image.copy()
        changed[0][place] += 0.1
        sizes[place] = abs(np.asarray(network(changed))[0, class_index] - before) / 0.1
    return sizes.max(axis=-1)


@pytest.mark.parametrize(
    "answer, state, words",
    [
        (None, "not answered yet", ""),
        (lambda *given: None, "not answered yet", ""),
        (lambda *given: tf.reduce_max(tf.abs(slope(*given)[0]), axis=-1), "right", "size of its gradient"),
        (lambda *given: np.abs(slope(*given)).max(axis=(0, 3)), "right", ""),
        (lambda *given: np.abs(slope(*given)).max(axis=-1), "right", ""),
        (by_small_changes, "right", ""),
        (lambda *given: np.max(slope(*given)[0], axis=-1), "wrong", "np.abs"),
        (lambda *given: np.abs(slope(*given)[0]).mean(axis=-1), "wrong", "the mean over the colours"),
        (lambda *given: np.abs(slope(*given)[0]).sum(axis=-1), "wrong", "the sum over the colours"),
        (lambda n, i, c: np.abs(slope(n, i)[0]).max(axis=-1), "wrong", "all answers"),
        (lambda n, i, c: np.abs(slope(n, i, 0)[0]).max(axis=-1), "wrong", "class 0"),
        (lambda n, i, c: np.abs(slope(n, i, c)[0] * i[0]).max(axis=-1), "wrong", "times pixel"),
        (lambda n, i, c: i[0].max(axis=-1), "wrong", "the values are others"),
        (lambda *given: np.abs(slope(*given)), "wrong", "(6, 5, 3) came"),
        (lambda n, i, c: np.abs(n.no_such_thing), "wrong", "AttributeError"),
        (0.5, "wrong", "function"),
    ],
)
def test_check_saliency(answer, state, words):
    verdict = checks.check_saliency(answer)
    assert verdict.state == state and words in verdict


def by_permutation(groups, labels):
    names = np.random.default_rng(1).permutation(np.unique(groups))
    fifth = max(1, len(names) // 5)
    owners = names[2 * fifth :], names[fifth : 2 * fifth], names[:fifth]
    return [np.flatnonzero(np.isin(groups, part)) for part in owners]


def by_shuffle_split(groups, labels):
    draw = GroupShuffleSplit(n_splits=1, test_size=0.2, random_state=1)
    rest, test = next(draw.split(groups, groups=groups))
    train, validation = next(draw.split(rest, groups=groups[rest]))
    return rest[train], rest[validation], test


def by_folds(groups, labels):
    parts = [test for _, test in StratifiedGroupKFold(5).split(groups, labels, groups)]
    return np.concatenate(parts[2:]), parts[0], parts[1]


def by_loop(groups, labels):
    names = sorted(set(groups))
    parts = {names[0]: 1, names[1]: 2}
    places = [], [], []
    for place, group in enumerate(groups):
        places[parts.get(group, 0)].append(place)
    return places


def as_masks(groups, labels):
    train, validation, test = by_permutation(groups, labels)
    return tuple(np.isin(np.arange(len(groups)), part) for part in (train, validation, test))


def by_image(groups, labels):
    places = np.random.default_rng(1).permutation(len(groups))
    return places[20:], places[:10], places[10:20]


def with_a_loss(groups, labels):
    train, validation, test = by_permutation(groups, labels)
    return train[1:], validation, test


@pytest.mark.parametrize(
    ("answer", "state", "words"),
    [
        (None, "not answered yet", ""),
        (lambda groups, labels: None, "not answered yet", ""),
        (by_permutation, "right", "no group in two parts"),
        (by_shuffle_split, "right", ""),
        (by_folds, "right", ""),
        (by_loop, "right", ""),
        (as_masks, "right", ""),
        (by_image, "wrong", "draw among the groups, not among the images"),
        (
            lambda g, labels: tuple(np.flatnonzero(labels == each) for each in range(3)),
            "wrong",
            "split groups, not labels",
        ),
        (with_a_loss, "wrong", "every image belongs in one part"),
        (lambda g, labels: by_permutation(g, labels)[::-1], "wrong", "let train have most"),
        (lambda g, labels: (by_permutation(g, labels)[0], [], [1]), "wrong", "validation must hold places"),
        (lambda g, labels: np.split(np.unique(g), [3, 4]), "wrong", "must hold places"),
        (lambda g, labels: by_permutation(g, labels)[:2], "wrong", "3 parts are needed, and 2 came"),
        (lambda g, labels: ([[1, 2], [3]], [4], [5]), "wrong", "train must hold places"),
        (lambda g, labels: (True, [4], [5]), "wrong", "train must hold places"),
        (lambda groups: groups, "wrong", "TypeError"),
        (3, "wrong", "function"),
    ],
)
def test_check_split(answer, state, words):
    verdict = checks.check_split(answer)
    assert verdict.state == state and words in verdict


@pytest.fixture(scope="module")
def own_case(tmp_path_factory):
    """Dark and bright images of ten people, a network that tells them apart, and one bright "dark" of each person."""
    folder = tmp_path_factory.mktemp("own")
    for name, brightness in (("dark", 60), ("brîght ones", 190)):
        (folder / name).mkdir()
        for person in range(10):
            for number in range(4):
                value = 200 if name == "dark" and number == 3 else brightness
                pixels = np.full((8, 8, 3), value, "uint8")
                pixels[0, 0] = 9 * person, 30 * number, value  # no two alike
                exif = Image.Exif()
                exif[271] = "a camera with a name"
                Image.fromarray(pixels).save(folder / name / f"hand{person}_{number}.png", exif=exif)
    own = datasets.own_images(folder, size=8)
    network = keras.Sequential(
        [keras.Input((8, 8, 3)), keras.layers.GlobalAveragePooling2D(), keras.layers.Dense(2, "softmax")]
    )
    network.set_weights([np.float32([[10, -10]] * 3), np.float32([-15, 15])])
    groups = np.array(datasets.proposed_groups(list(own.files))[0])
    hands = [int(group.removeprefix("hand")) for group in groups]
    parts = [np.flatnonzero(np.digitize(hands, (6, 8)) == part) for part in range(3)]
    history = {"loss": [1.0, 0.5], "accuracy": [0.5, 0.9], "val_loss": [1.0, 0.6], "val_accuracy": [0.5, 0.8]}
    return own, network, {"groups": groups, "parts": parts, "history": history}


REPORT = {
    "look": "Some dark images are bright & <odd>",
    "groups": "One name is one person",
    "baseline": 0.6,
    "network": "A mean and two units",
    "augmentation": "",
    "curve": "Both losses fall together",
    "trainings": 2,
    "test": (14, 0.64, 0.97),
    "errors": {"dark/hand8_3.png": "it is far too bright", "dark/hand9_3.png": "this one is bright"},
    "limit": "Only ten people took images",
}


@pytest.mark.parametrize(
    ("changes", "state", "words"),
    [
        ({}, "right", "9 of 10 points, without augmentation; the interval is above the baseline"),
        ({"augmentation": "A mirrored image keeps its label"}, "right", "10 of 10 points; "),
        ({"test": np.array([14, 0.7, 1]), "trainings": np.int64(1)}, "right", "9 of 10"),
        ({"errors": {}, "curve": "none", "limit": "", "trainings": ""}, "right", "5 of 10 points"),
        ({"baseline": 0.87}, "right", "not above the baseline"),
        ({"look": None}, "not answered yet", ""),
        ({"groups": "yes"}, "wrong", "'groups' is compulsory"),
        ({"look": ""}, "wrong", "'look' is compulsory"),
        ({"baseline": 60}, "wrong", "the baseline, a share"),
        ({"baseline": 0.3}, "wrong", "always saying brîght ones gets 0.500"),
        ({"test": 0.875}, "wrong", "(right, low, high)"),
        ({"test": (16, 0.8, 1)}, "wrong", "14 of 16 test images are"),
        ({"test": (14, 0.875, 0.875)}, "wrong", "no interval"),
        ({"test": (14, 64, 97)}, "wrong", "no interval"),
        ({"trainings": 0}, "wrong", "how often you trained"),
        ({"errors": {"dark/hand8_1.png": "it is too bright"}}, "wrong", "is no mistake"),
        ({"errors": {"dark/hand8_3.png": "it is too bright"}}, "wrong", "1 explained"),
        ({"errors": {"dark/hand8_3.png": "bright", "dark/hand9_3.png": ""}}, "wrong", "say in a sentence why"),
        ({"more": "than was asked for"}, "wrong", "keep the keys"),
    ],
)
def test_check_own_images(changes, state, words, own_case, tmp_path, monkeypatch):
    monkeypatch.setattr("helpers.course.ROOT", tmp_path)
    own, network, known = own_case
    verdict = checks.check_own_images(REPORT | changes, own, network, **known)
    assert verdict.state == state and words in verdict
    assert (tmp_path / "build" / "own_images" / "report.html").is_file() == (state == "right")


def test_the_report_is_one_page_of_words_and_pixels(own_case, tmp_path, monkeypatch):
    monkeypatch.setattr("helpers.course.ROOT", tmp_path)
    own, network, known = own_case
    checks.check_own_images(REPORT, own, network, **known)
    page = (tmp_path / "build" / "own_images" / "report.html").read_text(encoding="utf-8")
    assert "bright &amp; &lt;odd&gt;" in page and "brîght ones" in page and "16 test images are few" in page
    assert "14 of 16: 0.875 (0.640 to 0.970)" in page and "9 of 10 points, without augmentation" in page
    pictures = [base64.b64decode(text) for text in re.findall(r"data:image/png;base64,([^\"]+)", page)]
    said = re.findall(r'<img alt="([^"]+)"', page)
    assert len(said) == 3 and said[0].endswith("brîght ones, dark") and "dark, taken for brîght ones" in said[2]
    assert len(pictures) == 3 and not any(b"a camera" in picture or b"eXIf" in picture for picture in pictures)
    assert not re.search(r'(src|href)="(?!data:)', page) and str(own.folder) not in page


def test_a_class_may_be_called_groups(own_case, tmp_path, monkeypatch):
    monkeypatch.setattr("helpers.course.ROOT", tmp_path)
    own, network, known = own_case
    named = dataclasses.replace(own, class_names=("dark", "groups"))
    assert checks.check_own_images(REPORT, named, network, **known).state == "right"
    page = (tmp_path / "build" / "own_images" / "report.html").read_text(encoding="utf-8")
    cells = re.findall(r"<t[hd]>([^<]*)</t[hd]>", page.split("</table>")[0])
    assert [cells[row : row + 4] for row in range(0, 16, 4)] == [
        ["", "dark", "groups", "(groups)"],
        ["train", "24", "24", "6"],
        ["validation", "8", "8", "2"],
        ["test", "8", "8", "2"],
    ]


@pytest.mark.parametrize(
    ("spoil", "words"),
    [
        (lambda own, network, known: own.images.__imul__(255), "read anew by own_image, gets another answer"),
        (lambda own, network, known: known["groups"].__setitem__(slice(None), "hand1"), "hand1 is in two parts"),
        (lambda own, network, known: known["parts"].__setitem__(2, known["parts"][2][1:]), "in one part, once"),
        (lambda own, network, known: network.pop(), "the network puts out (3,)"),
    ],
)
def test_the_report_is_about_what_was_trained(spoil, words, own_case, tmp_path, monkeypatch):
    monkeypatch.setattr("helpers.course.ROOT", tmp_path)
    own, network, known = copy.deepcopy(own_case)
    spoil(own, network, known)
    verdict = checks.check_own_images(REPORT, own, network, **known)
    assert verdict.state == "wrong" and words in verdict


def test_the_report_takes_a_network_with_one_unit(own_case, tmp_path, monkeypatch):
    monkeypatch.setattr("helpers.course.ROOT", tmp_path)
    own, network, known = own_case
    one = keras.Sequential(
        [keras.Input((8, 8, 3)), keras.layers.GlobalAveragePooling2D(), keras.layers.Dense(1, "sigmoid")]
    )
    one.set_weights([np.float32([[-20]] * 3), np.float32([30])])
    assert checks.check_own_images(REPORT, own, one, **known).state == "right"
