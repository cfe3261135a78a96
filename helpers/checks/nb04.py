"""The checks of notebook 04: a grid with a place for every map, and dropout by hand."""

import numpy as np

from helpers.checks.verdict import check, right, tried, wrong

__all__ = ["check_dropout", "check_map_grid"]


@check
def check_map_grid(answer):
    """Check a function that lays the maps of a layer into a grid, each on its own range.

    Args:
        answer: function of (maps, columns), maps ``(height, width, count)``; it returns an array
            ``(rows * height, columns * width)``.

    Returns:
        A Verdict; right when every map has its place, its brightest place is 1, and a silent map and what is left of
        the last row are 0.
    """
    rng = np.random.default_rng(4)
    for count, columns in ((30, 7), (15, 7), (12, 4), (9, 2)):
        maps = np.maximum(rng.normal(size=(3, 4, count)), 0) * rng.uniform(0.2, 9, count)
        maps[:, :, [1, count // 2]] = 0
        maps[0, 0, :] = 0  # so that every map begins at 0, with and without its smallest value taken away
        before, case = maps.copy(), f"with {count} maps in {columns} columns"
        sentence = _about_grid(tried(answer, case, maps, columns), before, columns)
        if sentence:
            return wrong(f"{case} {sentence}")
    said = "four layers of ours: every map has its place, the silent ones and a short last row, too."
    if not np.array_equal(maps, before):
        return right(f"{said} (But it changes the maps that it is given: write one = one / one.max(), not one /= ...)")
    return right(said)


def _about_grid(found, maps, columns):
    """A sentence on what is wrong with a grid, or None."""
    height, width, count = maps.shape
    rows = -(-count // columns)
    expected, raw = np.zeros((2, rows, height, columns, width))
    for channel in range(count):
        one, place = maps[:, :, channel], (channel // columns, slice(None), channel % columns)
        raw[place], expected[place] = one, one / (one.max() or 1)
    expected, raw, shape = (each.reshape(rows * height, columns * width) for each in (expected, raw, raw))
    kind, found = type(found).__name__, np.asarray(found)
    if found.dtype.kind not in "biuf":
        return f"it returns {kind}, and an array of numbers is needed: return the grid."
    if found.shape == (count // columns * height, columns * width) != shape.shape:
        return f"the last {count % columns} are lost: round the number of rows up, -(-count // columns)."
    if found.shape != shape.shape:
        return f"the grid has shape {found.shape} instead of {shape.shape}: rows times height, columns times width."
    if not np.isfinite(found).all():
        return "some values are no numbers: a silent map has the largest value 0, so ask before you divide."
    if np.allclose(found, expected, atol=1e-5):
        return None
    if np.allclose(found, raw):
        return "the values are as they were: divide each map by its own largest value."
    if np.allclose(found, raw / raw.max()):
        return "all maps are divided by the largest value of the layer: take each map's own."
    if np.allclose(np.sort(found, axis=None), np.sort(expected, axis=None), atol=1e-5):
        return "the maps lie in other places: they follow each other along a row, then down."
    return "the grid holds other values: each map divided by its own largest value, a silent one 0."


@check
def check_dropout(answer):
    """Check dropout by hand, over many draws.

    Args:
        answer: function of (values, rate, training) that returns an array of the same shape.

    Returns:
        A Verdict; right when about the right share is zero while training, another one at each call, the others are
        divided by 1 - rate, and nothing changes otherwise.
    """
    values = np.random.default_rng(4).uniform(0.5, 1.5, (2, 10, 10, 15))
    before = values.copy()
    for rate in (0.2, 0.7):
        draws = [tried(answer, "on values of ours", values, rate, True) for _ in range(20)]
        answered = tried(answer, "on values of ours", values, rate, False)
        shapes = {np.shape(made) for made in (*draws, answered)}
        if shapes != {values.shape}:
            return wrong(f"an array of shape {values.shape} is needed each time, and {shapes - {values.shape}} came.")
        if not np.array_equal(values, before):
            return wrong("it changes the values that it is given: return a new array.")
        sentence = _about_answering(np.asarray(answered), values, rate) or _about_learning(draws, values, rate)
        if sentence:
            return wrong(sentence)
    return right("over 40 draws the right share is zero, the mean stays, and an answer is left alone.")


def _about_answering(answered, values, rate):
    """A sentence on what is wrong when the network answers, or None."""
    if np.allclose(answered, values):
        return None
    if np.any(answered == 0):
        return "values are zero although training is false: dropout works only while the network learns."
    if np.allclose(answered, values * (1 - rate)):
        return "answers are scaled: divide while learning instead, as Keras does, and leave answers alone."
    return "training is false, and the values come back changed: return them as they are."


def _about_learning(draws, values, rate):
    """A sentence on what is wrong while the network learns, or None."""
    draws = np.stack(draws)
    gone = draws == 0
    share, factors = gone.mean(), (draws / values)[~gone]
    if not gone.any():
        return "no value is zero although training is true: compare a random number for each value with rate."
    if abs(share - rate) > 0.03:
        kept = "rate is the share that goes, not the share that stays" if abs(share - 1 + rate) <= 0.03 else "compare"
        return f"with rate {rate}, a share of {share:.2f} is zero: {kept}."
    if (gone == gone[0]).all():
        return "the same values are gone at every call: draw anew each time, without a seed."
    if np.isin(gone.mean(axis=(2, 3)), (0, 1)).all():
        return "whole maps are gone: draw a number for each value, random(values.shape)."
    if np.allclose(factors, 1):
        return f"the others keep their size, so the sum shrinks by {rate:.0%}: divide them by 1 - rate."
    wanted = 1 / (1 - rate)
    if not np.allclose(factors, wanted):
        return f"the others are multiplied by {np.median(factors):.2f} instead of 1 / (1 - {rate}) = {wanted:.2f}."
    return None
