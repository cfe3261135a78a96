"""Checks: the right answer passes, each plausible wrong one gets its own helpful sentence."""

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
