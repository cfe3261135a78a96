"""The checks of notebook 06: a grid from nothing, and the map that tells 4 from 9."""

import numpy as np

from helpers._shared.arguments import as_number, as_numbers
from helpers.checks.verdict import check, right, tried, wrong

__all__ = ["check_best_map", "check_blank_grid"]

GRIDS = [((3, 3, 7), 4), ((2, 5, 6), 3), ((4, 3, 2), 5)]  # (height, width, maps) and columns
BRIGHTEST, WIDE, SILENT, BEST, ONE_SIGN = range(5)  # the maps on which a rule is tried


@check
def check_blank_grid(answer):
    """Check a function that lays all maps of a layer side by side, row by row.

    Args:
        answer: function of (maps ``(height, width, count)``, columns); it returns one array
            ``(rows * height, columns * width)``. Places without a map may hold 0 or NaN, or be left out where the
            maps do not fill a single row.

    Returns:
        A Verdict; right when every map is in its place, with its own values, and the maps given are as before.
    """
    for shape, columns in GRIDS:
        maps = np.random.default_rng(6).normal(size=shape)
        maps[..., 1] = 0  # a silent one
        given = maps.copy()
        case = f"for {shape[2]} maps of {shape[0]} x {shape[1]} and {columns} columns"
        found = tried(answer, case, given, columns)
        if not np.array_equal(given, maps):
            return wrong("it changes the maps that it is given: write into an array of your own.")
        complaint = _about_grid(as_numbers(found, "the grid"), maps, columns)
        if complaint:
            return wrong(f"{case} {complaint}")
    return right(f"all maps of {len(GRIDS)} layers of ours are in their places, those of a short last row, too.")


def _about_grid(found, maps, columns):
    """Say what is wrong with a grid; an empty text for nothing."""
    height, width, count = maps.shape
    rows = -(-count // columns)
    wanted, trimmed = (rows * height, columns * width), (rows * height, min(count, columns) * width)
    if found.shape not in (wanted, trimmed):
        advice = "look at its height and its width"
        if found.shape == (count // columns * height, columns * width):
            advice = "the last row may be short, but it counts: round the number of rows up"
        elif found.ndim != 2:
            advice = "one array of rows and columns, without further axes"
        return f"the shape {wanted} was expected, and {found.shape} came: {advice}."
    for channel in range(count):
        top, left = channel // columns * height, channel % columns * width
        there, own = found[top : top + height, left : left + width], maps[..., channel]
        if np.allclose(there, own, atol=1e-5):
            continue
        place = f"map {channel} belongs in row {channel // columns}, column {channel % columns}"
        if not there.any():
            return f"{place}, and nothing is there."
        if there.shape == own.T.shape and np.allclose(there, own.T, atol=1e-5):
            return f"{place}, and it lies there on its side: rows and columns are exchanged."
        if any(there.shape == own.shape and np.allclose(there, maps[..., other]) for other in range(count)):
            return f"{place}, and another map is there: fill a row from left to right, then the next."
        return f"{place}, and other values are there: leave the values as they are."
    empty = [
        found[place // columns * height :, place % columns * width :][:height, :width]
        for place in range(count, rows * columns)
    ]
    return "places without a map must hold 0." if any(np.nan_to_num(each).any() for each in empty) else ""


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
    for first, second, order in ((fours, nines, 1), (nines[..., ::-1], fours[..., ::-1], -1)):
        found = tried(answer, "on maps of ours", first.copy(), second.copy())
        if np.size(found) != 1:
            return wrong(f"one index of a map was expected, and shape {np.shape(found)} came: take np.argmax of it.")
        place = as_number(np.ravel(found)[0], "the index of the map")
        channel = place if order == 1 else first.shape[-1] - 1 - place
        if channel != BEST:
            return wrong(f"on maps of ours {_about_map(channel)}.")
    return right("it finds a faint map among brighter ones, whichever digit it is brighter for.")


def _about_map(channel):
    """Say how one comes to choose a map that is not the best."""
    return {
        BRIGHTEST: "it chooses the brightest map, which is as bright for 9s as for 4s: bright is not important",
        WIDE: "it chooses the largest difference of the means, but that map varies even more: divide by its deviation",
        SILENT: "it chooses a map that is silent for all: 0 / 0 is NaN, and np.argmax takes that for the largest",
        ONE_SIGN: "it chooses only among the maps that are brighter for one of the digits: a darker one tells as much, "
        "take np.abs",
    }.get(channel, f"there is a better map than the one it chooses ({channel:g}): compare d of all maps")


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
