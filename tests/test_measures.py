"""Numbers about layers and answers, against cases whose result is known."""

import numpy as np
import pytest

from helpers import measures
from helpers.measures.layers import PENALTIES

RANDOM = np.random.default_rng(4)
IMAGES = RANDOM.random((20, 18, 18, 3))


def blocks(stride):
    """The pixels below each place, as a layer that forgets nothing would hold them."""
    inner = IMAGES[:, 1:17, 1:17]
    side = 16 // stride
    return inner.reshape(20, side, stride, side, stride, 3).transpose(0, 1, 3, 2, 4, 5).reshape(20, side, side, -1)


@pytest.mark.parametrize(
    ("activation", "stride", "low", "high"),
    [
        (blocks(1), 1, 0.99, 1),  # every pixel is there
        (blocks(2)[..., ::-1] * 5 - 1, 2, 0.99, 1),  # also in another order and on another scale
        (blocks(2)[..., :6], 2, 0.4, 0.6),  # half of them, and they are independent
        (RANDOM.random((20, 8, 8, 12)), 2, -0.2, 0.05),  # nothing of them
        (np.zeros((20, 8, 8, 12)), 2, -0.1, 0.0),  # silent
    ],
)
def test_image_kept_is_the_share_that_a_linear_map_rebuilds(activation, stride, low, high):
    assert low <= measures.image_kept(activation, IMAGES, stride=stride) <= high


def test_a_channel_that_wakes_after_the_fit_does_not_spoil_what_the_others_tell():
    activation = np.concatenate([blocks(1), np.zeros((*blocks(1).shape[:-1], 1))], axis=-1)
    activation[0, 0, 0, -1], activation[-3:, ..., -1] = 1e-6, 1  # nearly silent on all images that are fitted on
    assert measures.image_kept(activation, IMAGES, stride=1) > 0.95


@pytest.mark.parametrize(
    ("activation", "images", "stride"),
    [(blocks(1), IMAGES[:5], 1), (blocks(1), IMAGES, 2), (blocks(1)[:1], IMAGES[:1], 1), (blocks(1)[0], IMAGES, 1)],
)
def test_image_kept_says_what_does_not_fit(activation, images, stride):
    with pytest.raises(ValueError, match="read the layer for these images|activation must have the shape"):
        measures.image_kept(activation, images, stride=stride)


@pytest.mark.parametrize(
    "differences, word",
    [([8, 10, 12], "better"), ([-8, -10, -12], "worse"), ([1, -1, 0], "same"), ([9, -8, 1], "unknown")],
)
def test_conclude_says_what_an_interval_allows(differences, word):
    found, low, high = measures.conclude(differences, 5)
    assert found == word and low < np.mean(differences) < high


def test_conclude_gives_the_t_interval():
    _, low, high = measures.conclude([8, 10, 12], 5)
    assert (low, high) == pytest.approx((10 - 4.303 * 2 / 3**0.5, 10 + 4.303 * 2 / 3**0.5), abs=1e-3)


@pytest.mark.parametrize(
    "differences, margin", [([1], 5), ([1, np.nan], 5), ([[1, 2]], 5), ([1, 2], -1), ([1, 2], np.nan)]
)
def test_conclude_needs_pairs(differences, margin):
    with pytest.raises(ValueError, match="two values or more|must be finite|margin must be"):
        measures.conclude(differences, margin)


def test_conclude_of_equal_differences():
    assert measures.conclude([7, 7, 7], 5) == ("better", 7, 7) and measures.conclude([0, 0], 5) == ("same", 0, 0)


def test_seed_interval_covers_the_mean_in_95_of_100_cases():
    draws = np.random.default_rng(7).normal(3, 2, size=(400, 5))
    covered = np.mean([low <= 3 <= high for low, high in map(measures.seed_interval, draws)])
    assert 0.92 < covered < 0.98
    assert measures.seed_interval([0.99, 0.99]) == (0.99, 0.99)


def test_share_interval_is_wilsons():
    low, high = measures.share_interval(86, 90)
    assert (round(low, 4), round(high, 4)) == (0.8912, 0.9826)
    assert measures.share_interval(0, 10)[0] == 0 and measures.share_interval(10, 10)[1] == 1


@pytest.mark.parametrize("numbers", [(-1, 3), (4, 3), (0, 0)])
def test_share_interval_of_no_share_is_one_sentence(numbers):
    with pytest.raises(ValueError, match="must be a whole number"):
        measures.share_interval(*numbers)


def test_bootstrap_interval_agrees_with_the_normal_one_and_widens_with_groups():
    values = np.random.default_rng(1).normal(size=400)
    low, high = measures.bootstrap_interval(np.mean, values)
    error = values.std() / 20
    assert abs((high - low) / (2 * 1.96 * error) - 1) < 0.1
    copies, patients = (np.repeat(values[:40], 10), np.repeat(np.arange(40), 10))  # ten images a patient, all alike
    apart = measures.bootstrap_interval(np.mean, copies, groups=patients)
    careless = measures.bootstrap_interval(np.mean, copies)
    assert np.ptp(apart) > 2.5 * np.ptp(careless)


def test_bootstrap_interval_keeps_rows_together_and_repeats():
    one = np.arange(30)
    assert measures.bootstrap_interval(lambda a, b: np.mean(a == b), one, one.copy(), rounds=20) == (1, 1)
    twice = [measures.bootstrap_interval(np.mean, one, rounds=50) for _ in range(2)]
    assert twice[0] == twice[1]
    with pytest.raises(ValueError, match="one row an image"):
        measures.bootstrap_interval(np.mean, one, groups=one[:-1])


def test_simple_views_are_means_of_blocks_in_their_places():
    images = np.zeros((2, 34, 33, 3))  # 16 blocks of 2 pixels, and a pixel more on some sides
    images[0, 1, 0] = images[0, 2, 1] = 1  # the block at the top left, half of it
    images[1, 1:3, 30:32] = 1  # the block at the top right
    views = measures.simple_views(images)
    assert {name: view.shape for name, view in views.items()} == {
        "thumbnail": (2, 256),
        "border": (2, 60),
        "corners": (2, 18),
    }
    np.testing.assert_allclose(views["thumbnail"].sum(axis=1), [0.5, 1])
    assert views["thumbnail"][0, 0] == 0.5 and views["thumbnail"][1, 15] == 1
    assert views["border"][0, 0] == 0.5 and views["corners"][0, 0] == 0.5 and views["corners"][1, 11] == 1
    with pytest.raises(ValueError, match="at least 16 pixels"):
        measures.simple_views(images[:, :10])


def linear_layer(count, seed, noise=0.0):
    """Images (count, 3, 2), and a layer of 8 values that is a linear map of them."""
    random = np.random.default_rng(seed)
    images = random.random((count, 3, 2)) @ np.array([[1.0, 0.3], [0.2, 1]])
    layer = images.reshape(count, 6) @ np.random.default_rng(0).normal(size=(6, 8)) + 5
    return (layer + noise * random.normal(size=layer.shape)).reshape(count, 2, 4), images


def test_rebuild_finds_the_linear_map_and_the_images():
    parts = [linear_layer(200, seed) for seed in (1, 2, 3)]
    found = measures.rebuild(*parts)
    assert found.r2 > 0.999 and found.penalty == min(PENALTIES)
    assert found.images.shape == parts[2][1].shape
    np.testing.assert_allclose(found.images, parts[2][1], atol=0.02)


def test_rebuild_chooses_its_penalty_on_validation_and_finds_nothing_in_noise():
    parts = [linear_layer(30, seed, noise=1.0) for seed in (1, 2, 3)]
    scores = {penalty: measures.rebuild(*parts[:2], parts[1], penalties=[penalty]).r2 for penalty in PENALTIES}
    assert measures.rebuild(*parts).penalty == max(scores, key=scores.get) > min(PENALTIES)
    nothing = [
        (np.random.default_rng(seed).normal(size=(80, 4)), images)
        for seed, (_, images) in enumerate(linear_layer(80, seed) for seed in (1, 2, 3))
    ]
    assert measures.rebuild(*nothing).r2 < 0.1


@pytest.mark.parametrize("values", [3, 40])  # fewer and more than there are images
def test_rebuild_is_scikit_learns_ridge(values):
    from sklearn.linear_model import Ridge

    random = np.random.default_rng(4)
    activation, images = random.normal(2, 3, (20, values)), random.random((20, 5))
    found = measures.rebuild(*[(activation, images)] * 3, penalties=[0.1])
    scaled = activation / np.sqrt(activation.var(axis=0).mean())
    np.testing.assert_allclose(found.images, Ridge(alpha=0.1 * 20).fit(scaled, images).predict(scaled), atol=1e-6)


def test_rebuild_does_not_depend_on_the_units_of_a_layer_and_takes_a_constant_one():
    parts = [linear_layer(60, seed, noise=0.3) for seed in (1, 2, 3)]
    larger = [(1000 * layer, images) for layer, images in parts]
    assert measures.rebuild(*larger).r2 == pytest.approx(measures.rebuild(*parts).r2, abs=1e-3)
    constant = [(np.ones_like(layer), images) for layer, images in parts]
    assert measures.rebuild(*constant).r2 == pytest.approx(0, abs=0.1)


@pytest.mark.parametrize("change", [lambda x: x[1:], lambda x: x[:, :1], lambda x: x[:0]])
def test_rebuild_says_what_does_not_fit(change):
    parts = [linear_layer(9, seed) for seed in (1, 2, 3)]
    parts[1] = (change(parts[1][0]), parts[1][1])
    with pytest.raises(ValueError, match="read the layer for these very images"):
        measures.rebuild(*parts)
