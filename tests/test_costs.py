"""Time and memory against amounts: what is measured, how growth is fitted, what the figure shows."""

import sys

import numpy as np
import pytest

from helpers import costs, measures, plots

AMOUNTS = np.array([1, 2, 4, 8])


@pytest.mark.parametrize("slope", [0, 1, 2, 0.5])
def test_growth_is_the_slope_of_a_power(slope):
    found = measures.growth(AMOUNTS, 3.0 * AMOUNTS**slope)
    np.testing.assert_allclose(found, [slope] * 3, atol=1e-9)


def test_growth_is_as_unsure_as_the_points_are_off_the_line():
    slope, low, high = measures.growth(AMOUNTS, [1, 2.4, 3.6, 8.5])
    assert low < 1 < high and low < slope < high and high - low > 0.2


@pytest.mark.parametrize(
    ("amounts", "seconds"),
    [
        ([1, 2], [1, 2]),
        ([1, 1, 1], [1, 2, 3]),
        ([1, 2, 3], [1, 0, 3]),
        ([1, 2, 3], [1, 2, np.nan]),
        ([1, 2, 3], [1, 2]),
    ],
)
def test_growth_needs_three_points_above_zero(amounts, seconds):
    with pytest.raises(ValueError, match="at least three different amounts .* measure more"):
        measures.growth(amounts, seconds)


@pytest.mark.parametrize("ask", [costs.peak_memory, "sampled"])
def test_the_peak_of_memory_counts_what_is_held_for_a_while(ask, monkeypatch, tmp_path):
    if ask == "sampled":  # as on a system without a peak of its own
        monkeypatch.setattr(costs, "RESET", tmp_path / "no folder" / "file")
    megabytes = costs.peak_memory(lambda: np.ones(4_000_000)) / 1e6  # 32 MB
    assert 31 < megabytes < 40
    assert costs.peak_memory(lambda: None) < 2e6


@pytest.mark.skipif(not sys.platform.startswith("linux"), reason="elsewhere a short peak may be missed")
def test_a_short_peak_counts_too():
    assert costs.peak_memory(lambda: np.ones(4_000_000).sum()) > 31e6


def test_amounts_are_measured_in_turn_after_a_round_that_does_not_count():
    done = []
    found = costs.measure(lambda amount: lambda: done.append(amount), [4, 2, 2], repeats=3)
    assert done == [2, 4] + 3 * [2, 2, 4, 4]  # each once for time, once for memory
    assert found.amounts.tolist() == [2, 4]
    assert found.seconds.shape == found.megabytes.shape == (2, 3) and (found.seconds > 0).all()


@pytest.mark.parametrize(("amounts", "repeats"), [([3], 2), ([0, 3], 2), ([3, 4], 0)])
def test_too_little_to_measure_is_refused(amounts, repeats):
    with pytest.raises(ValueError, match="at least two amounts above 0|repeats must be a whole number of at least 1"):
        costs.measure(lambda amount: lambda: None, amounts, repeats=repeats)


def test_reading_reads_all_layers_of_the_size_asked_for():
    read = costs.reading(images=33, side=12, channels=3)()
    shapes = {name: array.shape for name, array in read.items()}
    assert shapes == {
        "conv2d_1": (33, 10, 10, 3),
        "max_pooling2d_1": (33, 5, 5, 3),
        "conv2d_2": (33, 3, 3, 3),
        "max_pooling2d_2": (33, 1, 1, 3),
    }


def test_memory_of_reading_grows_with_what_is_read():
    found = costs.measure(lambda images: costs.reading(images=images, channels=64), [64, 512], repeats=1)
    values = 26 * 26 * 64 + 13 * 13 * 64 + 11 * 11 * 64 + 5 * 5 * 64
    more = 448 * values * 4 / 1e6  # MB of float32 in the larger result
    assert np.diff(found.megabytes[:, 0]) == pytest.approx(more, rel=0.2)


def test_the_figure_shows_dots_medians_and_the_straight_line():
    side = (AMOUNTS, np.stack([AMOUNTS**2, 3 * AMOUNTS**2, 2 * AMOUNTS**2], axis=1))
    figure = plots.plot_growth(
        {"seconds": {"images": (AMOUNTS[::-1], AMOUNTS[::-1]), "side": side}}, slopes={"side": 2}, title="Reading"
    )
    first, second = [axes for axes in figure.axes if axes.lines]
    straight, medians, dots = second.lines
    np.testing.assert_allclose(straight.get_ydata(), 2 * AMOUNTS**2)
    np.testing.assert_allclose(medians.get_ydata(), 2 * AMOUNTS**2)
    assert sorted(zip(*dots.get_data())) == sorted((n, k * n**2) for n in AMOUNTS for k in (1, 2, 3))
    assert [axes.get_title(loc="left").replace("\n", " ") for axes in (first, second)] == [
        "slope 1.00 (1.00 to 1.00), expected 1",
        "slope 2.00 (2.00 to 2.00), expected 2",
    ]
    assert (first.get_xlabel(), second.get_xlabel(), first.get_ylabel()) == ("images", "side", "seconds")
    assert {scale for axes in (first, second) for scale in (axes.get_xscale(), axes.get_yscale())} == {"log"}
    assert first.lines[1].get_xdata().tolist() == AMOUNTS.tolist()  # from small to large, however they came


@pytest.mark.parametrize(
    ("rows", "sentence"),
    [
        ({}, "at least one of the rows"),
        ({"s": {}}, "at least one of the costs"),
        ({"s": {"n": ([1, 2], [1, 2])}, "MB": {"m": ([1, 2], [1, 2])}}, "needs the same amounts"),
        ({"s": {"n": ([1, 2], [1, 0])}}, "all above 0"),
        ({"s": {"n": ([1], [1])}}, "at least two amounts"),
        ({"s": {"n": ([1, 2], [1, 2, 3])}}, "at least two amounts"),
    ],
)
def test_what_cannot_be_drawn_is_refused(rows, sentence):
    with pytest.raises(ValueError, match=sentence):
        plots.plot_growth(rows)
