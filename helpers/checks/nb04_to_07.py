"""The checks of notebooks 04 to 07: grids of maps, dropout, networks from lists, schedules, points and swaps."""

import keras
import numpy as np

from helpers._shared.arguments import as_number, as_numbers, brief
from helpers.checks.verdict import check, expect, need_shape, refuse, tried
from helpers.models import mnist_cnn
from helpers.probing import with_points

__all__ = [
    "check_best_map",
    "check_blank_grid",
    "check_dropout",
    "check_map_grid",
    "check_network_from_lists",
    "check_ring",
    "check_swap",
    "check_warm_up",
]

# What the checks of notebooks 04 and 06 share: a grid with a place for every map


def _need_grid(found, maps, columns, known, advice):
    """Ask for a grid in which maps follow each other along a row, then down.

    Places without a map may hold 0 or NaN, or be left out where the maps do not fill a single row.

    Args:
        found: what a learner's function returned.
        maps: array ``(height, width, count)``, as they must be in the grid.
        columns: maps in a row.
        known: dict from what is said of other maps to these, arrays like ``maps``.
        advice: what is to be done with the values of a map.

    Raises:
        CourseError: if it is no such grid.
    """
    height, width, count = maps.shape
    rows = -(-count // columns)
    found, shape = as_numbers(found, "the grid"), (rows * height, columns * width)
    if found.shape not in (shape, (rows * height, min(count, columns) * width)):
        last = f"the last {count % columns} are lost: round the number of rows up, -(-count // columns)"
        lost = found.shape == (count // columns * height, columns * width)
        size = last if lost else "one array is needed, as high as all rows and as wide as all columns"
        refuse(f"the grid must have shape {shape}, and shape {found.shape} came: {size}.")
    for place in range(rows * columns):
        row, column = divmod(place, columns)
        there = found[row * height : (row + 1) * height, column * width : (column + 1) * width]
        if place >= count:
            if np.nan_to_num(there).any():
                refuse("places without a map must hold 0.")
        elif not np.allclose(there, maps[..., place], atol=1e-5):
            fault = _about_map(there, maps, known, place, advice)
            refuse(f"map {place} belongs in row {row}, column {column}, and {fault}.")


def _about_map(there, maps, known, place, advice):
    """The mistake behind what is in the place of a map."""
    if not there.any():
        return "nothing is there"
    if not np.isfinite(there).all():
        return "some values there are no numbers: a silent map has the largest value 0, so ask before you divide"
    for words, others in known.items():
        if np.shape(there) == np.shape(others[..., place]) and np.allclose(there, others[..., place], atol=1e-5):
            return words
    if any(np.allclose(there, other, atol=1e-5) for other in np.moveaxis(maps, -1, 0)):
        return "another map is there: fill a row from left to right, then the next"
    return f"other values are there: {advice}"


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
        known = {
            "its values are as they were: divide each map by its own largest value": before,
            "it is divided by the largest value of the layer: take the map's own": before / largest.max(),
        }
        expected = before / np.where(largest > 0, largest, 1)
        _need_grid(found, expected, columns, known, "divide each map by its own largest value; a silent one stays 0")
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
        made = []
        for training in [True] * 20 + [False]:
            found = tried(answer, "on values of ours", values, rate, training)
            made.append(need_shape(found, values.shape, "return an array like values", name="what it returns"))
        if not np.array_equal(values, before):
            refuse("it changes the values that it is given: return a new array.")
        _check_answering(made.pop(), values, rate)
        _check_learning(np.stack(made), values, rate)
    return "over 40 draws the right share is zero, the mean stays, and an answer is left alone."


def _check_answering(answered, values, rate):
    """Refuse what is wrong when the network answers."""
    refuse({"values are zero although training is false: dropout works only while it learns.": not answered.all()})
    scaled = "answers are scaled: divide while learning instead, as Keras does, and leave answers alone."
    otherwise = "training is false, and the values come back changed: return them as they are."
    expect(answered, values, {scaled: values * (1 - rate)}, otherwise)


def _check_learning(draws, values, rate):
    """Refuse what is wrong while the network learns."""
    gone = draws == 0
    share, of_maps = gone.mean(), gone.mean(axis=(2, 3))
    advice = "rate is the share that goes, not the share that stays" if abs(share - 1 + rate) <= 0.03 else "compare"
    faults = {
        "no value is zero although training is true: compare a random number for each with rate.": share == 0,
        f"with rate {rate}, a share of {share:.2f} is zero: {advice}.": abs(share - rate) > 0.03,
        "the same values are gone at every call: draw anew each time, without a seed.": (gone == gone[0]).all(),
        "whole maps are gone: draw a number for each value, random(values.shape).": np.isin(of_maps, (0, 1)).all(),
    }
    refuse(faults)
    factors, wanted = (draws / values)[~gone], 1 / (1 - rate)
    shrunk = f"the others keep their size, so the sum shrinks by {rate:.0%}: divide them by 1 - rate."
    otherwise = f"the others are multiplied by {np.median(factors):.2f} instead of 1 / (1 - {rate}) = {wanted:.2f}."
    expect(factors, np.full_like(factors, wanted), {shrunk: np.ones_like(factors)}, otherwise)


# Notebook 05

LISTS = (  # convolutions, poolings, dense
    ([(4, 3, "relu"), (6, 3, "tanh")], [3], [(7, "sigmoid"), (10, "softmax")]),
    ([(3, 5, "tanh")], [], [(10, "softmax")]),
    ([(2, 3, "elu"), (5, 2, "relu"), (3, 4, "relu")], [2, 3], [(9, "relu"), (8, "tanh"), (4, "softmax")]),
)


@check
def check_network_from_lists(answer):
    """Check a function that builds a network from lists, on three that the learner has not seen.

    Args:
        answer: function of (convolutions, poolings, dense); it returns a network for images (28, 28, 1).

    Returns:
        A Verdict; right when each network computes, with the same weights, what the lists say.
    """
    images = np.random.default_rng(5).random((2, 28, 28, 1), dtype=np.float32)
    for lists in LISTS:
        sizes = "{} convolution(s), {} pooling layer(s) (none behind the last convolution) and {} dense layer(s)"
        asked = f"for {sizes.format(*map(len, lists))}"
        found = tried(answer, asked, *(list(part) for part in lists))
        if not isinstance(found, keras.Model):
            refuse(f"a Keras network is needed, and {brief(found)} came: return the network.")
        tried(found, asked, images)  # builds it, if that has not been done
        keras.utils.set_random_seed(5)
        expected = mnist_cnn(**dict(zip(("convolutions", "poolings", "dense"), lists)))
        _compare(found, expected, images, lists, asked)
    return "three networks that you had not seen compute what their lists say."


def _compare(found, expected, images, lists, asked):
    """Refuse a network that differs from what its lists describe, in the words of a usual mistake."""
    sizes, wanted = ([weights.shape for weights in network.get_weights()] for network in (found, expected))
    if sizes != wanted:
        for kind, part in zip(("Conv2D", "MaxPooling2D", "Dense"), lists):
            count = sum(type(layer).__name__ == kind for layer in found.layers)
            each = f"{asked}, the network has {count} {kind} layer(s): one for each entry of the list, and no more."
            refuse({each: count != len(part)})
        place = next((place for place, size in enumerate(sizes) if size != wanted[place]), -1)
        shapes = f"{asked}, an array of weights has shape {sizes[place]} instead of {wanted[place]}"
        advice = "do units, filters and sides come from the lists, and is each pooling behind its convolution?"
        refuse(f"{shapes}: {advice}")
    found.set_weights(expected.get_weights())
    advice = "does each layer take its activation from the lists, and each pooling the maximum?"
    expect(found(images), expected(images), {}, f"{asked}, the shapes are right and the answers are not: {advice}")


@check
def check_warm_up(answer):
    """Check a learning rate that rises in a straight line and then falls by the power schedule, on steps of ours.

    Args:
        answer: function of (step, peak, warm_up, decay) that returns a number, or a Keras schedule class that is made
            of (peak, warm_up, decay) and called with a step.

    Returns:
        A Verdict; right when the rates agree, whether a batch is counted from 0 or from 1.
    """
    for peak, warm_up, decay in ((0.002, 400, 0.001), (0.5, 1000, 0.004)):
        near = 1.01 * peak * max(1 / warm_up, decay)  # one step more or less
        for step in (0, warm_up // 2, warm_up, 3 * warm_up, 40 * warm_up):
            case, given = f"called with step {step}", (peak, warm_up, decay)
            schedule = isinstance(answer, type)
            found = tried(tried(answer, case, *given), case, step) if schedule else tried(answer, case, step, *given)
            found = float(need_shape(found, (), "return one number", name="the rate"))
            expected = peak * min(step / warm_up, 1 / (1 + decay * max(0, step - warm_up)))
            if abs(found - expected) > near:
                _refuse_rate(step, found, expected, near, peak, warm_up, decay)
    return "it climbs to the peak and falls from there, on steps that you had not seen."


def _refuse_rate(step, found, expected, near, peak, warm_up, decay):
    """Name the usual mistake behind a rate."""
    falls, said = step > warm_up, f"at step {step}, with a warm-up of {warm_up} steps, the rate is {found:.3g}"
    jumped = step >= warm_up and abs(found - peak / (1 + decay * step)) <= near
    faults = {
        f"{said} already: a warm-up begins near 0 and climbs to the peak.": step == 0,
        f"{said}, above the peak {peak}: after the warm-up it has to fall.": found > peak + near,
        f"{said}: count the fall from the end of the warm-up, by step - warm_up.": jumped,
        f"{said}, still the peak: after the warm-up it has to fall.": falls and abs(found - peak) <= near,
        f"{said} and not {expected:.3g}: power divides by 1 + decay * steps.": falls,
        f"{said} and not {expected:.3g}: a warm-up is a straight line.": True,
    }
    refuse(faults)


# Notebook 06

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
            refuse("it changes the maps that it is given: write into an array of your own.")
        known = {"it lies there on its side: rows and columns are exchanged": maps.swapaxes(0, 1)}
        _need_grid(found, maps, columns, known, "leave the values as they are")
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
    for first, second, order in ((fours, nines, 1), (nines[..., ::-1], fours[..., ::-1], -1)):
        found = tried(answer, "on maps of ours", first.copy(), second.copy())
        if np.size(found) != 1:
            refuse(f"one index of a map was expected, and shape {np.shape(found)} came: take np.argmax of it.")
        place = as_number(np.ravel(found)[0], "the index of the map")
        channel = place if order == 1 else first.shape[-1] - 1 - place
        expect(channel, BEST, mistakes, f"there is a better map than the one it chooses, {place:g}: compare d of all.")
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


# Notebook 07


@check
def check_ring(answer):
    """Check a function that finds the points which some images have in common and others lack.

    Args:
        answer: function of (own, others), one layer's ``(images, ...)`` each; it returns (red, yellow), arrays of bool
            of the shape of one image.

    Returns:
        A Verdict; right when both are found among maps and among nodes, of any number of images.
    """
    rng = np.random.default_rng(3)
    for count, rest, shape in ((3, 3, (3, 3, 40)), (2, 4, (200,))):
        # Faint images and bright ones: one limit for all of them is none.
        own, others = (rng.random((images, *shape)) for images in (count, rest))
        own[0], others[0] = own[0] / 8, others[0] / 8
        case = f"for {count} and {rest} images of shape {shape}"
        found = tried(answer, case, own.copy(), others.copy())
        advice = "return red, yellow, two arrays of the shape of one image"
        found = need_shape(found, (2, *shape), advice, name="what it returns").astype(bool)
        expected = red, yellow = _rings(own, others)
        of_all, of_map = (_rings(own, others, axes) for axes in (range(own.ndim), range(1, own.ndim - 1)))
        several = np.array([red, _lit(own).all(axis=0) & ~red])
        mistakes = {
            "one limit holds for all images, and half of each image's own largest value is needed.": of_all,
            "each map has a limit of its own, and the largest value of the whole image counts.": of_map,
            "points of the second group came: own goes first.": _rings(others, own),
            "points came that only some of own light: all of them must.": _rings(own, others, every=np.any),
            "red and yellow stand in each other's place.": expected[::-1],
            "yellow counts points that several of the others light: exactly one must.": several,
        }
        expect(found, expected, mistakes, f"{case} the rule finds {red.sum()} red and {yellow.sum()} yellow points.")
    return "both kinds of points, among maps and among nodes that you have not seen."


def _lit(values, axes=None):
    """Which points exceed half of the largest value of their image, or of all that lie across these axes."""
    axes = tuple(range(1, values.ndim) if axes is None else axes)
    return values > values.max(axis=axes, keepdims=True) / 2


def _rings(own, others, axes=None, every=np.all):
    """Red and yellow points."""
    in_all, times = every(_lit(own, axes), axis=0), _lit(others, axes).sum(axis=0)
    return np.array([in_all & (times == 0), in_all & (times == 1)])


@check
def check_swap(answer):
    """Check a function that copies some values of one layer from other images.

    Args:
        answer: function of (a, b, points), ``(images, ...)`` twice and places in the flattened layer; it returns an
            array like ``a``.

    Returns:
        A Verdict; right when some, no and all points are swapped, in every image, and neither a nor b changes.
    """
    rng = np.random.default_rng(4)
    for shape, points in (((4, 3, 3, 5), [7, 0, 31]), ((2, 6), [5, 1]), ((3, 2, 2, 2), []), ((3, 2, 2, 2), range(8))):
        a, b, points = rng.random(shape), rng.random(shape), np.array(points, int)
        before = a.copy(), b.copy()
        case = f"for values of shape {shape} and {len(points)} points"
        found = tried(answer, case, a, b, points)
        if not (np.array_equal(a, before[0]) and np.array_equal(b, before[1])):
            refuse(f"{case} it changes its inputs: copy a first, and write into the copy.")
        found = need_shape(found, shape, "give the result the shape of a again", name="what it returns")
        first, expected = a.copy(), with_points(a, b, points)
        first.ravel()[points] = b.ravel()[points]
        mistakes = {
            "only the first image is changed: take the points of every image, [:, points].": first,
            "the points have stayed, all others were swapped: the points come from b.": with_points(b, a, points),
            "nothing has changed: [:, points] of the copy gets the values of b.": a,
            "every image got the values of b's first one, not of its partner.": with_points(a, b[0], points),
        }
        others = (~np.isclose(found, expected)).sum()
        expect(found, expected, mistakes, f"{case} {others} of {a.size} values are not what they should be.")
    return "some, no and all points, in every image, and a and b stay as they were."
