"""Clear and unclear images, points, probes and swaps, on data small enough to count by hand."""

import keras
import numpy as np
import pytest
from keras import layers

from helpers import probing

LOGITS = np.array(
    [
        [0, 9, 1.0],  # 1, gap 8
        [0, 5, 4.0],  # 1, gap 1
        [3, 0, 9.0],  # a 1 answered 2
        [0, 9, 1.0],  # 1, gap 8, lower number
        [9, 2, 0.0],  # 0, gap 7
    ]
)
LABELS = np.array([1, 1, 1, 1, 0])
NUMBERS = np.array([40, 10, 20, 30, 50])


@pytest.mark.parametrize(("count", "expected"), [(1, [3]), (2, [3, 0]), (5, [3, 0, 1])])
def test_the_clearest_have_the_largest_gap_and_ties_go_by_number(count, expected):
    assert probing.clearest(LOGITS, LABELS, NUMBERS, 1, count=count).tolist() == expected


@pytest.mark.parametrize(("other", "expected"), [(2, [1, 3]), (0, [1, 3])])
def test_the_least_clear_are_right_and_nearest_to_the_other(other, expected):
    assert probing.least_clear(LOGITS, LABELS, NUMBERS, 1, other).tolist() == expected


def test_least_clear_sees_what_float32_probabilities_hide():
    logits = np.array([[200.0, 60, 0], [200, 50, 0], [200, 70, 0]])  # p of the others is 0 in float32
    assert probing.least_clear(logits, np.zeros(3, int), np.arange(3), 0, 1).tolist() == [2, 0]


@pytest.mark.parametrize(
    ("arguments", "options", "sentence"),
    [
        ((LOGITS, LABELS, NUMBERS, 2), {}, "no image of a 2 among 5"),
        ((LOGITS, LABELS, NUMBERS, 3), {}, "digit must be .* from 0 to 2, not 3"),
        ((LOGITS, LABELS[:3], NUMBERS, 1), {}, r"each of 5 images .*\(3,\) and \(5,\)"),
        ((LOGITS[0], LABELS, NUMBERS, 1), {}, "logits"),
        ((LOGITS, LABELS, NUMBERS, 2, 1), {}, "no image of a 2 among 5"),
        ((LOGITS, LABELS, NUMBERS, 1, 1), {}, "1 came twice"),
    ],
)
def test_images_that_are_not_there(arguments, options, sentence):
    choose = probing.least_clear if len(arguments) == 5 else probing.clearest
    with pytest.raises(ValueError, match=sentence):
        choose(*arguments, **options)


FOURS = np.array([[4, 3, 0, 1.0], [8, 5, 0, 0]])
NINES = np.array([[0, 2, 2, 0.0], [0, 0, 9, 0]])


@pytest.mark.parametrize(
    ("activation", "expected"),
    [
        (FOURS, [[1, 1, 0, 0], [1, 1, 0, 0]]),
        (NINES, [[0, 1, 1, 0], [0, 0, 1, 0]]),
        (np.zeros((1, 3)), [[0, 0, 0]]),
        (np.array([[2.0, 1.0]]), [[1, 0]]),  # half is not above half
        (np.arange(4.0).reshape(1, 2, 2), [[[0, 0], [1, 1]]]),
    ],
)
def test_lit_is_above_half_of_the_images_largest(activation, expected):
    np.testing.assert_array_equal(probing.lit(activation), np.array(expected, bool))


def test_common_points_are_red_or_yellow():
    red, yellow = probing.common_points(FOURS, NINES)
    assert red.tolist() == [True, False, False, False] and yellow.tolist() == [False, True, False, False]
    red, yellow = probing.common_points(NINES, FOURS)
    assert red.tolist() == [False, False, True, False] and not yellow.any()


def test_rings_vote():
    scores = probing.ring_scores(np.concatenate([FOURS, NINES]), [1, 1, 0, 0], [0, 0, 1, 0])
    assert scores.tolist() == [-1, -1, 0.5, 1]
    assert probing.ring_scores(FOURS, [1, 0, 0, 0], [0, 0, 0, 0]).tolist() == [-1, -1]  # no red point: share 0


IS_FOUR = np.array([True, True, False, False])
BOTH = np.concatenate([FOURS, NINES])  # columns: 4 8 0 0; 3 5 2 0; 0 0 2 9; 1 0 0 0


def test_single_points_by_hand():
    accuracy = probing.balanced_accuracy(probing.lit(BOTH), IS_FOUR)
    assert accuracy.tolist() == [1, 0.75, 0, 0.5]
    assert probing.separation(BOTH, IS_FOUR).tolist() == [1, 1, 0, 0.75]
    assert probing.ranked_points(BOTH, IS_FOUR).tolist() == [0, 1, 2, 3]
    assert probing.ranked_points(BOTH[:, ::-1], IS_FOUR).tolist() == [1, 2, 3, 0]


def test_greedy_points_take_what_adds_to_those_before():
    rng = np.random.default_rng(0)
    is_digit = np.arange(40) % 2 == 0
    first, second = rng.normal(size=(2, 40))
    first[is_digit] += 3  # tells most
    second[is_digit] += 1
    values = np.stack([rng.normal(size=40), first, first, second], axis=1).reshape(40, 2, 2)
    one, two = probing.greedy_points(values, is_digit, [1, 2])
    assert one.tolist() == [1] and two.tolist() == [1, 3]  # not the copy of the first, though it ranks higher


def test_greedy_points_end_where_nothing_is_left_to_say(recwarn):
    is_digit = np.array([True, False, True, False])
    values = np.repeat(is_digit[:, np.newaxis] * 1.0, 5, axis=1)
    (points,) = probing.greedy_points(values, is_digit, [3])
    assert points.tolist() == [0] and not recwarn.list
    with pytest.raises(ValueError, match="a count must be a whole number from 1 to 5, not 6"):
        probing.greedy_points(values, is_digit, [6])
    with pytest.raises(ValueError, match="a count must be a whole number from 1 to 5, not 1.5"):
        probing.greedy_points(values, is_digit, [1.5])


def test_separation_agrees_with_scikit_learn_across_blocks():
    from sklearn.metrics import roc_auc_score

    random = np.random.default_rng(1)
    values, kind = random.integers(0, 4, (30, 7, 350, 2)), random.random(30) > 0.6
    expected = [roc_auc_score(kind, column) for column in values.reshape(30, -1)[:, ::99].T]
    np.testing.assert_allclose(probing.separation(values, kind).ravel()[::99], expected)


@pytest.mark.parametrize(
    ("call", "sentence"),
    [
        (lambda: probing.lit(np.zeros(3)), "batch axis"),
        (lambda: probing.common_points(FOURS, NINES[:, :3]), r"\(2, 4\) and \(2, 3\)"),
        (lambda: probing.ring_scores(FOURS, [1, 0, 0], [0, 0, 1]), r"other_red must be of shape \(4,\)"),
        (lambda: probing.separation(BOTH, IS_FOUR.astype(int)), "labels == 9"),
        (lambda: probing.separation(BOTH, np.ones(4, bool)), "both at least once"),
        (lambda: probing.balanced_accuracy(BOTH > 1, IS_FOUR[:3]), r"each of 4 images, .* bool \(3,\)"),
    ],
)
def test_points_of_the_wrong_form(call, sentence):
    with pytest.raises(ValueError, match=sentence):
        call()


def two_kinds(count, seed, points=300):
    """Images that differ in one direction of many; more points than images, as in maps."""
    random = np.random.default_rng(seed)
    kind = np.arange(count) % 2 == 1
    values = random.normal(size=(count, points)).astype(np.float32)
    values[:, :30] += np.where(kind, 0.6, -0.6)[:, None]
    values[:, 40] = 7  # says nothing
    values[:, 41] = 1e-6 * values[:, 41]  # nearly nothing
    return values.reshape(count, 10, 10, -1), kind


@pytest.fixture(scope="module")
def probes():
    own, test = two_kinds(120, 1), two_kinds(200, 2)
    return probing.probe_layer(*own, *test, kinds=("linear", "pca", "mlp", "shuffled"), components=20)


def test_probes_read_what_is_there_and_nothing_else(probes):
    for kind in ("linear", "pca", "mlp"):
        assert probes[kind].errors < 30 and probes[kind].auc > 0.9, kind
    assert 60 < probes["shuffled"].errors < 140
    assert probes["pca"].size == 20 and probes["linear"].size == 119  # 120 images differ in 119 directions


def test_a_probe_counts_its_errors_and_answers_again(probes):
    from sklearn.metrics import roc_auc_score

    values, kind = two_kinds(200, 2)
    for name, probe in probes.items():
        assert probe.errors == (~probe.right).sum() == ((probe.scores > 0) != kind).sum()
        assert probe.auc == pytest.approx(roc_auc_score(kind, probe.scores)), name
        np.testing.assert_allclose(probe.scores_of(values[:7]), probe.scores[:7], rtol=1e-4, atol=1e-4)


@pytest.mark.parametrize("points", [1, 80])
def test_values_that_are_all_the_same_are_read_by_chance(points):
    kind = np.arange(40) % 2 == 0
    probes = probing.probe_layer(
        np.full((40, points), 3.0), kind, np.full((20, points), 3.0), kind[:20], kinds=("linear", "pca", "mlp")
    )
    assert all(probe.errors == 10 and probe.auc == 0.5 for probe in probes.values())


@pytest.mark.parametrize("points", [8, 300])
def test_a_linear_probe_is_scikit_learns_own_on_standardised_values(points):
    from sklearn.linear_model import LogisticRegression
    from sklearn.preprocessing import StandardScaler

    (own, own_is), (test, test_is) = two_kinds(60, 3), two_kinds(40, 4)
    own, test = (part.reshape(len(part), -1)[:, :points].astype(float) for part in (own, test))
    own[:, 41:42] = test[:, 41:42] = 0  # scikit-learn's scaler would blow it up
    probe = probing.probe_layer(own, own_is, test, test_is)["linear"]
    scaler = StandardScaler().fit(own)
    plain = LogisticRegression(C=probe.penalty * 100 / points, max_iter=5000)
    plain.fit(scaler.transform(own), own_is)
    expected = plain.decision_function(scaler.transform(test))
    np.testing.assert_allclose(probe.scores, expected, atol=0.02 * np.abs(expected).max())


def test_the_penalty_is_not_chosen_by_the_test_images():
    own, (test, test_is) = two_kinds(60, 3), two_kinds(40, 4)
    one = probing.probe_layer(*own, test, test_is)["linear"]
    other = probing.probe_layer(*own, test, ~test_is)["linear"]
    assert one.penalty == other.penalty and one.errors == 40 - other.errors
    np.testing.assert_array_equal(one.scores, other.scores)


@pytest.mark.parametrize(
    ("change", "sentence"),
    [
        ({"kinds": ("forest",)}, "not 'forest'"),
        ({"own_is": np.ones(8, bool)}, "8 True"),
        ({"own_is": np.arange(8)}, "labels == 9"),
        ({"own_is": np.arange(8) > 6}, "at least two own images of each kind"),
        ({"test": np.zeros((4, 5))}, r"one layer, not \(8, 8\) and \(4, 5\)"),
        ({"test_is": np.zeros(4, bool)}, "0 True"),
    ],
)
def test_probes_that_cannot_be_fitted(change, sentence):
    given = {"own": np.eye(8), "own_is": np.arange(8) > 3, "test": np.eye(4, 8), "test_is": np.arange(4) > 1}
    with pytest.raises(ValueError, match=sentence):
        probing.probe_layer(**given | change)


@pytest.mark.parametrize(
    ("first", "second", "expected"),
    [
        ([1, 1, 1, 0], [1, 1, 1, 0], (0, 0, 1, 1.0)),
        ([0, 0, 0, 0, 0, 1], [1, 1, 1, 1, 1, 1], (5, 0, 0, 2 / 2**5)),
        ([0, 0, 0, 1], [1, 1, 1, 0], (3, 1, 0, 2 * (1 + 4) / 2**4)),
    ],
)
def test_mcnemar_by_hand(first, second, expected):
    found = probing.paired_errors(np.array(first, bool), np.array(second, bool))
    assert (found.only_first, found.only_second, found.both, pytest.approx(found.p)) == expected
    with pytest.raises(ValueError, match="same images"):
        probing.paired_errors(np.array(first, bool), np.ones(9, bool))


def tiny(kind="sequential"):
    keras.utils.set_random_seed(1)
    inputs = keras.Input((6, 6, 1))
    maps = layers.Conv2D(3, 3, activation="relu", name="conv")(inputs)
    flat = layers.Flatten(name="flat")(maps)
    if kind == "around":
        flat = layers.Concatenate(name="both")([flat, layers.Flatten(name="pixels")(inputs)])
    answers = layers.Dense(4, activation="softmax", name="dense")(flat)
    model = keras.Model(inputs, answers)
    return model if kind != "sequential" else keras.Sequential([inputs, *model.layers[1:]])


@pytest.mark.parametrize("kind", ["sequential", "functional"])
def test_the_rest_of_a_network_answers_like_the_whole(kind):
    from helpers.activations import read_activations

    model, images = tiny(kind), np.random.default_rng(1).random((5, 6, 6, 1), dtype=np.float32)
    rest = probing.network_from(model, "conv")
    answers = rest.predict(read_activations(model, images, ["conv"])["conv"], verbose=0)
    np.testing.assert_allclose(answers, model.predict(images, verbose=0), atol=1e-6)
    assert not model.compiled and len(model.layers) == len(tiny(kind).layers)


@pytest.mark.parametrize(
    ("kind", "layer", "error", "sentence"),
    [
        ("sequential", "dense", ValueError, "an earlier one"),
        ("sequential", "conv9", KeyError, "conv, flat, dense"),
        ("around", "conv", ValueError, "still needs something from before"),
    ],
)
def test_a_rest_that_does_not_exist(kind, layer, error, sentence):
    with pytest.raises(error, match=sentence):
        probing.network_from(tiny(kind), layer)


ONES = np.ones((2, 2, 2))


@pytest.mark.parametrize(
    ("values", "expected"),
    [
        (0, [[[0, 1], [1, 0]]] * 2),
        (np.array([[5, 6], [7, 8]]), [[[5, 1], [1, 8]]] * 2),
        (np.arange(8).reshape(2, 2, 2), [[[0, 1], [1, 3]], [[4, 1], [1, 7]]]),
    ],
)
def test_with_points_puts_values_in_and_leaves_the_rest(values, expected):
    np.testing.assert_array_equal(probing.with_points(ONES, values, [0, 3]), expected)
    assert (ONES == 1).all()
    np.testing.assert_array_equal(probing.with_points(ONES, values, []), ONES)


def test_matched_points_are_alike_apart_and_drawn_anew():
    sizes = np.repeat(np.arange(10.0), 13)  # thirteen points of each size
    points = np.array([0, 13, 14, 129])  # sizes 0, 1, 1, 9
    drawn = probing.matched_points(points, sizes.reshape(2, 65), draws=30)
    assert drawn.shape == (30, 4) and not np.isin(drawn, points).any()
    assert all(len(set(row)) == 4 for row in drawn) and len({tuple(row) for row in drawn}) > 20
    np.testing.assert_array_equal(sizes[drawn], np.tile(sizes[points], (30, 1)))
    np.testing.assert_array_equal(drawn, probing.matched_points(points, sizes, draws=30))


def test_answers_are_counted():
    answers = np.eye(4)[[0, 1, 1, 3, 3, 3]]
    assert probing.answer_counts(answers, 0, 1).tolist() == [1, 3, 2]
    assert probing.answer_counts(answers, 3, 2).tolist() == [3, 3, 0]


def test_blends_go_from_one_to_the_other():
    blended = probing.blends(np.zeros((3, 2, 2, 1)), np.ones((3, 2, 2, 1)), [0, 0.25, 1])
    assert blended.shape == (3, 3, 2, 2, 1)
    np.testing.assert_allclose(blended[:, 1, 0, 0, 0], [0, 0.25, 1])


@pytest.mark.parametrize(
    ("call", "sentence"),
    [
        (lambda: probing.with_points(ONES, np.ones(3), [0]), r"\(2, 2, 2\) or \(2, 2\)"),
        (lambda: probing.with_points(ONES, 0, [4]), "from 0 to 3, not"),
        (lambda: probing.with_points(ONES, 0, [-1]), "from 0 to 3, not"),
        (lambda: probing.matched_points([0, 1, 2], np.ones(5)), "at most half of all 5"),
        (lambda: probing.answer_counts(np.eye(4), 4, 9), "own must be .* from 0 to 3, not 4"),
        (lambda: probing.answer_counts(np.eye(4), 1, 1), "two of the classes"),
        (lambda: probing.blends(ONES, ONES[:1], [0.5]), "as many of both"),
        (lambda: probing.blends(ONES, ONES, [1.5]), "from 0 to 1"),
    ],
)
def test_swaps_that_cannot_be_done(call, sentence):
    with pytest.raises(ValueError, match=sentence):
        call()
