"""Checks: the right answer passes, each plausible wrong one gets its own helpful sentence."""

import keras
import numpy as np
import pytest

from helpers import checks

QUESTIONS = list(checks.SCALE_QUESTIONS)
GOOD_SCALES = dict(zip(QUESTIONS, ("layer", "channel", "raw"), strict=True))
DRAWING = np.ones((1, 28, 28, 3), "float32")
DRAWING[:, 10, 5:20] = 0


def test_expected_best_agrees_with_simulation():
    rounds = np.random.default_rng(0).binomial(90, 0.93, size=(20_000, 20)).max(axis=1) / 90
    assert checks.expected_best(images=90, looks=20, truth=0.93) == pytest.approx(rounds.mean(), abs=0.001)
    assert checks.expected_best(images=90, looks=1, truth=0.93) == pytest.approx(0.93)


@pytest.mark.parametrize(
    "answer, state, words",
    [
        (None, "not answered yet", "replace None"),
        (checks.expected_best(images=90, looks=20, truth=0.93), "right", "points"),
        (np.float32(checks.expected_best(images=90, looks=20, truth=0.93)), "right", "points"),
        (checks.expected_best(images=90, looks=20, truth=0.93) * 90, "wrong", "divide"),
        (0.93, "wrong", "mean of all looks"),
        (1.0, "wrong", "best of all rounds"),
        (0.5, "wrong", "largest of each row"),
        (np.ones(20), "wrong", "shape (20,)"),
        ("0.97", "wrong", "one number"),
    ],
)
def test_check_best_of_looks(answer, state, words):
    verdict = checks.check_best_of_looks(answer)
    assert verdict.state == state and words in verdict


@pytest.mark.parametrize(
    "answer, state, words",
    [
        (None, "not answered yet", ""),
        (dict.fromkeys(QUESTIONS), "not answered yet", ""),
        (GOOD_SCALES, "right", "scale"),
        (GOOD_SCALES | {QUESTIONS[0]: "channel"}, "wrong", "one range for the whole layer"),
        (GOOD_SCALES | {QUESTIONS[1]: "layer"}, "wrong", "faint"),
        (GOOD_SCALES | {QUESTIONS[2]: "standard"}, "wrong", "changed the values"),
        (GOOD_SCALES | {QUESTIONS[2]: "own"}, "wrong", "no scale"),
        ({"a": "raw"}, "wrong", "keep the keys"),
        ("layer", "wrong", "a dict"),
    ],
)
def test_check_scales(answer, state, words):
    verdict = checks.check_scales(answer)
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


MAPS = {"cat": np.array([[0.0, 1, 2, 3]]), "noise": np.array([[0.0, 0, 0, 3]])}
SPARSE = {"my guess: sparser is": "noise", "cat": 0.25, "noise": 0.75}


@pytest.mark.parametrize(
    ("changes", "state", "words"),
    [
        ({}, "right", "sparser is noise, as you guessed"),
        ({"my guess: sparser is": "cat"}, "right", "against your guess"),
        ({"cat": np.float64(0.25)}, "right", "cat 0.25"),
        ({"cat": None}, "not answered yet", "replace None"),
        ({"my guess: sparser is": "dog"}, "wrong", "one of 'cat', 'noise'"),
        ({"cat": 0.75}, "wrong", "*not* zero"),
        ({"noise": 3}, "wrong", "is a count"),
        ({"noise": 0.5}, "wrong", "0.750 was expected"),
        ({"noise": [0.75]}, "wrong", "one number was expected"),
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
        ({"fits": [True] * 8 + [False] * 2}, "wrong", "fewer than 3"),
        ({"layer": "conv9"}, "wrong", "no layer 'conv9'"),
        ({"channel": 2}, "wrong", "channels 0 to 1"),
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
        ("corners", "wrong", "a str came"),
        (lambda images: (images[:, :10, :10].mean(axis=(1, 2, 3)) > 0.75).astype(int), "right", "accuracy of 1.00"),
        (lambda images: (images.mean(axis=(1, 2, 3)) > 0.5).astype(int), "wrong", "answers change"),
        (lambda images: np.zeros(len(images), int), "wrong", "0.50 came"),
        (lambda images: images.mean(axis=(1, 2, 3)), "wrong", "0 or 1"),
        (lambda images: images[:, 200], "wrong", "raised IndexError"),
    ],
)
def test_check_corners(answer, state, words):
    before = XRAYS.copy()
    verdict = checks.check_corners(answer, XRAYS, ILL)
    assert verdict.state == state and words in verdict
    np.testing.assert_array_equal(XRAYS, before)


@pytest.mark.parametrize(
    ("answer", "state", "words"),
    [
        (None, "not answered yet", ""),
        ((-1, 1), "right", "(-1, 1) it is"),
        ([-1.0, 1.0], "right", "(-1, 1) it is"),
        ((0, 255), "wrong", "off by"),
        ((1, -1), "wrong", "black first"),
        (3, "wrong", "(low, high) was expected"),
        (("a", "b"), "wrong", "(low, high) was expected"),
    ],
)
def test_check_range(answer, state, words):
    network = keras.Sequential([keras.Input((4, 4, 1)), keras.layers.Flatten(), keras.layers.Dense(1, activation="sigmoid")])
    reference = network.predict(2 * LIGHT - 1, verbose=0)
    verdict = checks.check_range(answer, network, reference, LIGHT)
    assert verdict.state == state and words in verdict
