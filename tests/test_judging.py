"""Scores of heatmaps: against masks and against each other, where the right number is known beforehand."""

import random

import keras
import numpy as np
import pytest
from keras import layers

from helpers import explanations

RANDOM = np.random.default_rng(3)


def maps(*rows):
    """One heatmap of a few numbers."""
    return np.array([rows], float)


MASK = np.array([[[False, True, True], [False, False, False]]])


@pytest.mark.parametrize(
    ("heatmap", "hit", "common"),
    [
        (maps([0, 5, 4], [1, 2, 3]), 1, 1),  # the two hottest are the mask
        (maps([0, 5, 1], [4, 2, 3]), 1, 1 / 3),  # one of the two: 1 of 3 places in the union
        (maps([5, 0, 0], [4, 0, 0]), 0, 0),
        (maps([5, 5, 0], [0, 0, 0]), 0.5, 1 / 3),  # two places are highest, one of them within
        (maps([0, 9, 0], [0, 0, 0]), 1, (1 + 1 / 5) / (4 - 1 - 1 / 5)),  # the second place is one of five zeros
        (maps([0, 0, 0], [0, 0, 0]), 0, (2 / 3) / (4 - 2 / 3)),  # blank: a miss, and as many in common as by chance
        (maps([-3, -1, -1.5], [-9, -9, -9]), 1, 1),  # occlusion may be negative
    ],
)
def test_heatmap_against_mask(heatmap, hit, common):
    assert explanations.pointing_game(heatmap, MASK).tolist() == pytest.approx([hit])
    assert explanations.overlap(heatmap, MASK).tolist() == pytest.approx([common])


def test_scores_are_one_an_image_and_chance_is_the_share_of_the_mask():
    masks = np.zeros((4000, 8, 8), bool)
    masks[:, 2:4, 1:5] = True  # an eighth
    guesses = explanations.random_maps(4000, 8, seed=1)
    assert explanations.pointing_game(guesses, masks).shape == (4000,)
    assert explanations.pointing_game(guesses, masks).mean() == pytest.approx(1 / 8, abs=0.02)
    assert explanations.overlap(guesses, masks).mean() == pytest.approx(0.07, abs=0.01)


def test_blank_heatmaps_are_told_apart():
    heatmaps = np.stack([np.zeros((3, 3)), np.full((3, 3), 2.0), np.eye(3)])
    assert explanations.is_blank(heatmaps).tolist() == [True, True, False]


def test_enlarging_keeps_places_and_values():
    heatmap = np.zeros((2, 3, 3), np.float32)
    heatmap[0, 0, 2] = heatmap[1, 1, 1] = 4
    large = explanations.enlarge(heatmap, (9, 12))
    assert large.shape == (2, 9, 12) and large.dtype == np.float32 and large.max() <= 4
    assert large[0, 0, 11] == 4 and large[0, 8, 0] == 0
    assert np.unravel_index(large[1].argmax(), (9, 12))[0] == 4  # the middle row
    np.testing.assert_allclose(large[1], large[1, ::-1, ::-1], atol=1e-6)
    np.testing.assert_allclose(explanations.enlarge(heatmap, 3), heatmap)


def test_places_can_be_put_where_they_look():
    heatmap = np.zeros((1, 11, 11))
    heatmap[0, 0, 10] = heatmap[0, 5, 5] = 1
    large = explanations.enlarge(heatmap, 28, stride=2)  # the first place of Conv2D_2 sees pixels 0 to 7
    assert large.shape == (1, 28, 28) and (large[0, :5, 24:] > 0.5).all() and large[0, 5:8, :20].max() == 0
    np.testing.assert_allclose(large, large.transpose(0, 2, 1)[:, ::-1, ::-1], atol=1e-6)
    assert large[0, 13:15, 13:15].min() == large.max() * large[0, 13, 13]
    stretched = explanations.enlarge(heatmap, 28)
    assert stretched[0, 4, 23] == 0 and stretched[0, 1, 26] > 0.8 > large[0, 4, 23] > 0.5
    np.testing.assert_allclose(
        explanations.enlarge(heatmap[:, :7, :7], 28, stride=4), explanations.enlarge(heatmap[:, :7, :7], 28)
    )


def test_the_centre_guess_falls_from_the_centre():
    (guess,) = explanations.centre_guess((5, 7))
    assert guess.argmax() == 2 * 7 + 3 and guess[2, 3] == 1 and guess[0, 0] == pytest.approx(0, abs=1e-6)
    np.testing.assert_allclose(guess, guess[::-1, ::-1])
    assert (np.diff(guess[2, 3:]) < 0).all() and explanations.centre_guess(1).tolist() == [[[1]]]


def test_random_maps_follow_their_seed():
    first, again, other = (explanations.random_maps(2, (3, 4), seed) for seed in (1, 1, 2))
    assert first.shape == (2, 3, 4) and (first == again).all() and (first != other).any()


def test_rank_correlation_sees_the_order_only():
    first = RANDOM.random((4, 5, 6))
    second = np.stack([first[0] ** 3 + 2, -first[1], np.zeros((5, 6)), RANDOM.random((5, 6))])
    found = explanations.rank_correlation(first, second)
    assert found[:2] == pytest.approx([1, -1]) and np.isnan(found[2]) and abs(found[3]) < 0.5


def test_similarity_is_wangs_formula():
    first, second = RANDOM.random((2, 1, 11, 11))
    assert explanations.similarity(first, first) == pytest.approx([1]) == explanations.similarity(first, 7 * first)
    found = explanations.similarity(first, second)
    assert found == explanations.similarity(second, first) and -1 < found[0] < 0.5
    assert np.isnan(explanations.similarity(first, np.zeros((1, 11, 11)))).all()
    assert found[0] == pytest.approx(ssim_by_hand(first[0] / first.max(), second[0] / second.max()), abs=1e-9)


def ssim_by_hand(first, second):
    """Place by place, with the window written out: a Gaussian of deviation 1.5 on 11 x 11 places."""
    line = np.exp(-0.5 * (np.arange(-5, 6) / 1.5) ** 2)
    window = np.outer(line, line) / line.sum() ** 2
    padded = [np.pad(each, 5, mode="symmetric") for each in (first, second)]
    places = []
    for row, column in np.ndindex(first.shape):
        one, other = (each[row : row + 11, column : column + 11] for each in padded)
        means = [(window * each).sum() for each in (one, other)]
        spreads = [(window * (each - mean) ** 2).sum() for each, mean in zip((one, other), means)]
        together = (window * (one - means[0]) * (other - means[1])).sum()
        light = (2 * means[0] * means[1] + 1e-4) / (means[0] ** 2 + means[1] ** 2 + 1e-4)
        places.append(light * (2 * together + 9e-4) / (sum(spreads) + 9e-4))
    return np.mean(places)


def test_similarity_falls_as_noise_grows():
    first = explanations.enlarge(RANDOM.random((3, 4, 4)), 12)
    noise = RANDOM.normal(size=first.shape)
    values = [explanations.similarity(first, first + strength * noise).mean() for strength in (0, 0.05, 0.2, 1)]
    assert (np.diff(values) < -0.05).all()


def network():
    image = keras.Input((6, 6, 1))
    inner = keras.Sequential([keras.Input((6, 6, 1)), layers.Conv2D(2, 3, name="conv")], name="inner")
    normed = layers.BatchNormalization(name="norm")(inner(image))
    model = keras.Model(image, layers.Dense(2, name="end")(layers.Flatten(name="flat")(normed)))
    model.set_weights([weight + 1 for weight in model.get_weights()])  # as if trained
    return model


WEIGHTS_OF = {"inner/conv": [4, 5], "norm": [0, 1, 6, 7], "end": [2, 3]}


@pytest.mark.parametrize("names", [["end"], ["end", "norm"], ["end", "norm", "inner/conv"], "inner/conv"])
def test_randomised_changes_these_layers_and_no_others(names):
    model = network()
    old = {id(weight): weight.numpy() for weight in model.weights}
    paths = [weight.path for weight in model.weights]
    copy = explanations.randomised(model, names, seed=4)
    for weight in model.weights:  # the model itself is as before
        np.testing.assert_array_equal(weight.numpy(), old[id(weight)])
    chosen = [names] if isinstance(names, str) else names
    for path, before, after in zip(paths, model.get_weights(), copy.get_weights(), strict=True):
        touched = any(name.split("/")[-1] + "/" in path for name in chosen)
        assert np.array_equal(before, after) != touched, path
        assert not np.shares_memory(before, after)


def test_randomised_follows_its_seed_and_leaves_others_numbers_alone():
    model = network()
    state = random.getstate()
    copies = [explanations.randomised(model, "end", seed=seed) for seed in (1, 1, 2)]
    one, same, other = (copy.get_layer("end").get_weights()[0] for copy in copies)
    assert np.array_equal(one, same) and not np.array_equal(one, other)
    both = explanations.randomised(
        model, ["end", "inner/conv"], seed=1
    )  # in the cascade a layer keeps what it was given
    np.testing.assert_array_equal(both.get_layer("end").get_weights()[0], one)
    assert random.getstate() == state


def test_fresh_weights_are_not_those_that_the_network_began_with():
    """Else a training with seed 1 and a test with seed 1 would share what the test is to take away."""
    keras.utils.set_random_seed(1)
    model = keras.Sequential([keras.Input((3,)), layers.Dense(2, name="first"), layers.Dense(2, name="end")])
    fresh = explanations.randomised(model, ["first", "end"], seed=1)
    for name in ("first", "end"):
        assert not np.allclose(fresh.get_layer(name).get_weights()[0], model.get_layer(name).get_weights()[0])


TWO = np.zeros((2, 3, 3))


@pytest.mark.parametrize(
    ("call", "error", "words"),
    [
        (
            lambda: explanations.pointing_game(TWO, TWO[:1]),
            ValueError,
            r"masks of one shape .*\(2, 3, 3\) and \(1, 3, 3\) came",
        ),
        (lambda: explanations.pointing_game(TWO, TWO), ValueError, "2 of 2 have none"),
        (lambda: explanations.overlap(TWO[0], TWO[0]), ValueError, r"shape \(images, height, width\), not \(3, 3\)"),
        (lambda: explanations.rank_correlation(TWO, TWO[:, :2]), ValueError, "of one shape"),
        (lambda: explanations.similarity(TWO, TWO[:1]), ValueError, "of one shape"),
        (lambda: explanations.is_blank([]), ValueError, "must have the shape \\(images, height, width\\)"),
        (lambda: explanations.enlarge(TWO, 0), ValueError, "a size is a number of pixels or"),
        (lambda: explanations.enlarge(TWO, (1, 2, 3)), ValueError, "a size is a number of pixels or"),
        (
            lambda: explanations.enlarge(TWO, 8, stride=3),
            ValueError,
            r"places of 3 pixels fill \[9, 9\] pixels, and \(8, 8\) came",
        ),
        (lambda: explanations.random_maps(0, 3, 1), ValueError, "count must be"),
        (lambda: explanations.randomised(network(), ["flat"], seed=1), ValueError, "'flat' has none"),
        (lambda: explanations.randomised(network(), ["conv"], seed=1), KeyError, "this model has inner/conv, norm"),
    ],
)
def test_what_cannot_be_judged_is_one_sentence(call, error, words):
    with pytest.raises(error, match=words):
        call()
