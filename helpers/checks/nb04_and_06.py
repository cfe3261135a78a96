"""The checks of notebooks 04 and 06: maps that are laid into a grid, values that drop out, the map that tells most."""

import numpy as np

from helpers._shared.arguments import as_numbers
from helpers.checks.verdict import alike, check, expect, need, need_shape, tried, tried_all

__all__ = ["check_best_map", "check_blank_grid", "check_dropout", "check_map_grid"]

# Both notebooks: a grid with a place for every map


def _need_grid(found, maps, columns, mistakes, advice):
    """Ask for a grid in which maps follow each other along a row, then down; places without a map hold 0 or NaN.

    Args:
        found: what a learner's function returned.
        maps: array ``(height, width, count)``, as they must be in the grid.
        columns: maps in a row.
        mistakes: dict from what is said of other maps to these, arrays like ``maps``.
        advice: what is to be done with the values of a map.

    Raises:
        CourseError: if it is no such grid.
    """
    height, width, count = maps.shape
    rows = -(-count // columns)
    size = "one array is needed, as high as all rows and as wide as all columns; round the number of rows up"
    found = need_shape(found, (rows * height, columns * width), size, name="the grid")
    places = found.reshape(rows, height, columns, width).swapaxes(1, 2).reshape(-1, height, width)
    for place, there in enumerate(places[:count]):
        said = f"map {place} belongs in row {place // columns}, column {place % columns}, and"
        need(np.isfinite(there).all(), f"{said} some values there are no numbers: ask before you divide by 0.")
        wrong = {f"{said} nothing is there.": np.zeros((height, width))}
        wrong |= {f"{said} {words}.": others[..., place] for words, others in mistakes.items()}
        elsewhere = any(alike(there, other) for other in np.moveaxis(maps, -1, 0))
        another = "another map is there: fill a row from left to right, then the next"
        otherwise = another if elsewhere else f"other values are there: {advice}"
        expect(there, maps[..., place], wrong, f"{said} {otherwise}.")
    need(not np.nan_to_num(places[count:]).any(), "places without a map must hold 0.")


# Notebook 04


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
        before, largest = maps.copy(), maps.max(axis=(0, 1))
        found = tried(answer, f"with {count} maps in {columns} columns", maps, columns)
        mistakes = {
            "its values are as they were: divide each map by its own largest value": before,
            "it is divided by the largest value of the layer: take the map's own": before / largest.max(),
        }
        expected = before / np.where(largest > 0, largest, 1)
        _need_grid(found, expected, columns, mistakes, "divide each map by its own largest value; a silent one stays 0")
    said = "four layers of ours: every map has its place, the silent ones and a short last row, too."
    if not np.array_equal(maps, before):
        return f"{said} (But it changes the maps that it is given: write one = one / one.max(), not one /= ...)"
    return said


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
        cases = [("while training is true", (values, rate, True))] * 20
        returned = tried_all(answer, [*cases, ("while training is false", (values, rate, False))])
        made = [need_shape(each, values.shape, "return as many values", name="what it returns") for each in returned]
        draws, answered = np.stack(made[:-1]), made[-1]
        expect(values, before, {}, "it changes the values that it is given: return a new array.")
        need(answered.all(), "values are zero although training is false: dropout works only while it learns.")
        scaled = "answers are scaled: divide while learning instead, as Keras does, and leave answers alone."
        otherwise = "training is false, and the values come back changed: return them as they are."
        expect(answered, values, {scaled: values * (1 - rate)}, otherwise)
        gone = draws == 0
        share, of_maps = gone.mean(), gone.mean(axis=(2, 3))
        need(share > 0, "no value is zero although training is true: compare a random number for each with rate.")
        need(not np.isin(of_maps, (0, 1)).all(), "whole maps are gone: draw for each value, random(values.shape).")
        advice = "rate is the share that goes, not the share that stays"
        need(abs(share - rate) <= 0.03, f"with rate {rate}, a share of {share:.2f} is zero: {advice}.")
        need((gone != gone[0]).any(), "the same values are gone at every call: draw anew each time, without a seed.")
        factors, wanted = (draws / values)[~gone], 1 / (1 - rate)
        shrunk = f"the others keep their size, so the sum shrinks by {rate:.0%}: divide them by 1 - rate."
        otherwise = f"the others are multiplied by {np.median(factors):.2f} instead of 1 / (1 - {rate}) = {wanted:.2f}."
        expect(factors, np.full_like(factors, wanted), {shrunk: np.ones_like(factors)}, otherwise)
    return "over 40 draws the right share is zero, the mean stays, and an answer is left alone."


# Notebook 06

GRIDS = [((3, 3, 7), 4), ((2, 5, 6), 3), ((4, 3, 5), 5)]  # (height, width, maps) and columns
BRIGHTEST, WIDE, SILENT, BEST, ONE_SIGN = range(5)  # the maps on which a rule is tried


@check
def check_blank_grid(answer):
    """Check a function that lays all maps of a layer side by side, row by row.

    Args:
        answer: function of (maps ``(height, width, count)``, columns); it returns one array
            ``(rows * height, columns * width)``. Places without a map may hold 0 or NaN.

    Returns:
        A Verdict; right when every map is in its place, with its own values, and the maps given are as before.
    """
    for shape, columns in GRIDS:
        maps = np.random.default_rng(6).normal(size=shape)
        maps[..., 1] = 0  # a silent one
        given = maps.copy()
        case = f"for {shape[2]} maps of {shape[0]} x {shape[1]} and {columns} columns"
        found = tried(answer, case, given, columns)
        expect(given, maps, {}, "it changes the maps that it is given: write into an array of your own.")
        mistakes = {"it lies there on its side: rows and columns are exchanged": maps.swapaxes(0, 1)}
        _need_grid(found, maps, columns, mistakes, "leave the values as they are")
    return f"all maps of {len(GRIDS)} layers of ours are in their places, those of a short last row, too."


@check
def check_best_map(answer):
    """Check a function that finds the map which tells 4s from 9s best.

    Args:
        answer: function of (activation of 4s, activation of 9s), each ``(images, height, width, maps)``; it returns
            the index of a map. On the maps tried here every sensible measure of separation has the same winner.

    Returns:
        A Verdict; right when it finds that map, also where it is the darker one for 4s, and beside a silent map.
    """
    fours, nines = _two_kinds()
    mistakes = {
        "it chooses the brightest map, as bright for 9s as for 4s: bright is not important.": BRIGHTEST,
        "it chooses the largest difference of means, but that map varies more: divide by its deviation.": WIDE,
        "it chooses a map that is silent for all: 0 / 0 is NaN, and np.argmax takes that for the largest.": SILENT,
        "it chooses only among maps brighter for one digit: a darker one tells as much, take np.abs.": ONE_SIGN,
    }
    for first, second, turned in ((fours, nines, False), (nines[..., ::-1], fours[..., ::-1], True)):
        found = as_numbers(tried(answer, "on maps of ours", first.copy(), second.copy()), "the index of the map")
        place = need_shape(found.squeeze(), (), "take np.argmax of it", name="the index of the map", finite=True)
        found = first.shape[-1] - 1 - place if turned else place
        expect(found, BEST, mistakes, f"there is a better map than the one it chooses, {place:g}: compare d of all.")
    return "it finds a faint map among brighter ones, whichever digit it is brighter for."


def _two_kinds():
    """Activations of 60 fours and of 50 nines: six maps, one for each mistake, and a best one."""
    rng = np.random.default_rng(6)
    means = np.array([[50, 20, 0, 1, 6, 3], [48, 40, 0, 4, 3.5, 3]])
    spreads = np.array([20, 12, 0, 0.3, 1, 1])
    kinds = []
    for mean, count in zip(means, (60, 50)):
        of_image = mean + spreads * np.clip(rng.normal(size=(count, 6)), -2.2, 2.2)
        places = 1 + 0.1 * rng.uniform(-1, 1, size=(count, 2, 2, 6))
        kinds.append(np.maximum(of_image[:, None, None, :] * places, 0))
    return kinds
