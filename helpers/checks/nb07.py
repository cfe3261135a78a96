"""The checks of notebook 07: points in common as a rule, and a swap of a layer's values."""

import numpy as np

from helpers.checks.verdict import check, right, tried, wrong
from helpers.probing import with_points

__all__ = ["check_ring", "check_swap"]


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
        if not isinstance(found, (tuple, list, np.ndarray)) or [np.shape(each) for each in found] != [shape, shape]:
            return wrong(f"{case} two arrays of shape {shape} are needed, red and yellow: return red, yellow.")
        sentence = _about_rings(np.array(found, bool), own, others)
        if sentence:
            return wrong(f"{case} {sentence}")
    return right("both kinds of points, among maps and among nodes that you have not seen.")


def _lit(values, *, across=None):
    """Which points exceed half of the largest value of their image, or of all that lie across these axes."""
    return values > values.max(axis=tuple(range(1, values.ndim)) if across is None else across, keepdims=True) / 2


def _rings(own, others, every=np.all):
    """Red and yellow, from what is lit."""
    times = others.sum(axis=0)
    return np.array([every(own, axis=0) & (times == 0), every(own, axis=0) & (times == 1)])


def _about_rings(found, own, others):
    """A sentence on what is wrong with the points, or None."""
    lit = _lit(own), _lit(others)
    expected, everywhere, in_a_map = _rings(*lit), tuple(range(own.ndim)), tuple(range(1, own.ndim - 1))
    for_all, for_map = (_rings(_lit(own, across=axes), _lit(others, across=axes)) for axes in (everywhere, in_a_map))
    several = np.array([expected[0], lit[0].all(axis=0) & ~expected[0]])
    mistakes = {
        None: expected,
        "one limit holds for all images, and half of each image's own largest value is needed.": for_all,
        "each map has a limit of its own, and the largest value of the whole image counts.": for_map,
        "points of the second group came: own goes first.": _rings(*lit[::-1]),
        "points came that only some of own light: all of them must.": _rings(*lit, np.any),
        "red and yellow stand in each other's place.": expected[::-1],
        "yellow counts points that several of the others light: exactly one must.": several,
    }
    for sentence, points in mistakes.items():
        if np.array_equal(found, points):
            return sentence
    colour = int(np.array_equal(found[0], expected[0]))
    name = ("red", "yellow")[colour]
    return f"{found[colour].sum()} points are {name}, and the rule finds {expected[colour].sum()} or others."


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
            return wrong(f"{case} it changes its inputs: copy a first, and write into the copy.")
        if np.shape(found) != shape:
            return wrong(f"{case} shape {np.shape(found)} came back: give the result the shape of a again.")
        sentence = _about_swap(np.asarray(found), a, b, points)
        if sentence:
            return wrong(f"{case} {sentence}")
    return right("some, no and all points, in every image, and a and b stay as they were.")


def _about_swap(found, a, b, points):
    """A sentence on what is wrong with swapped values, or None."""
    first = a.copy()
    first.ravel()[points] = b.ravel()[points]
    others, of_first = with_points(b, a, points), with_points(a, b[0], points)
    mistakes = {
        None: with_points(a, b, points),
        "only the first image is changed: take the points of every image, [:, points].": first,
        "the points have stayed and all others were swapped: it is the points that come from b.": others,
        "nothing has changed: [:, points] of the copy gets the values of b.": a,
        "every image got the values of b's first one: each gets those of its own partner.": of_first,
    }
    for sentence, values in mistakes.items():
        if np.allclose(found, values):
            return sentence
    return f"{(~np.isclose(found, mistakes[None])).sum()} of {a.size} values are not what they should be."
