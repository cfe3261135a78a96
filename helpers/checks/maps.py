"""The checks of notebook 07: how few points of maps flip an answer."""

import numpy as np

from helpers._shared.arguments import as_whole_number
from helpers.checks.verdict import check, need_keys, right, wrong

__all__ = ["check_red_ring", "check_smallest_swap"]

ROWS = 256  # swaps tried at a time


@check
def check_red_ring(answer, own, others):
    """Check how many points the red-ring rule finds between two groups of images.

    Args:
        answer: the number of points: lit in all of ``own`` and in none of ``others``.
        own: one layer's activation of a few images, ``(images, ...)``.
        others: the same of a few others, ``(images, ...)``.

    Returns:
        A Verdict.
    """
    from helpers.probing import common_points, lit

    count = as_whole_number(answer, "the count of red points, `int(red.sum())`,", least=0)
    red, yellow = common_points(own, others)
    if count == red.sum():
        said = "unique among six images is not unique to a digit" if count else "other images may give some"
        return right(f"the rule calls {count} of {red.size:,} points unique to one group: {said}.")
    maps = red.any(axis=tuple(range(red.ndim - 1)))
    mistakes = {
        int(common_points(others, own)[0].sum()): "this counts the other group's points: the first group goes first.",
        int((red | yellow).sum()): "this counts the yellow points too: take those lit in none of the other group.",
        int(lit(own).all(axis=0).sum()): "this counts all that the first group shares: leave out what others light.",
        int(maps.sum()): "this counts maps, and a map has several points: count the points.",
    }
    other_number = "the rule finds another number: give both groups to `common_points` and count the red points."
    return wrong(mistakes.get(count, other_number))


@check
def check_smallest_swap(answer, rest, own, other, orders, digit):
    """Check the smallest number of swapped points that turns the answer for one image, for several orders.

    Args:
        answer: dict of an order's name -> whole number: the first so many points of that order, copied from
            ``other`` into ``own``, make the network answer ``digit``, and no smaller number does.
        rest: from `helpers.probing.network_from`.
        own: the layer's activation of one image, ``(1, ...)``.
        other: that of an image of the other digit, ``(1, ...)``.
        orders: dict from a name to the points in their order, places in the flattened layer.
        digit: the answer that counts as flipped.

    Returns:
        A Verdict; it compares the orders.
    """
    need_keys(answer, orders)
    for name, count in answer.items():
        points = orders[name]
        as_whole_number(count, f"the count of points of {name!r}", most=len(points))
        smallest = _smallest(rest, own, other, points[: count + 1], digit)
        if smallest != count:
            return wrong(_about_swap(name, count, smallest, digit))
    words = ", ".join(f"{count:,} for {name!r}" for name, count in answer.items())
    return right(f"{words}: no smaller number makes it {digit}, for this pair of images and these orders.")


def _smallest(rest, own, other, points, digit):
    """The smallest number of points that makes the answer ``digit``, or None."""
    own, other = np.asarray(own), np.asarray(other).ravel()
    points = np.asarray(points, int)
    for start in range(1, len(points) + 1, ROWS):
        counts = np.arange(start, min(start + ROWS, len(points) + 1))
        tried = np.repeat(own.reshape(1, -1), len(counts), axis=0)
        for row, count in zip(tried, counts):
            row[points[:count]] = other[points[:count]]
        answers = np.asarray(rest.predict_on_batch(tried.reshape(-1, *own.shape[1:]))).argmax(axis=1)
        if (answers == digit).any():
            return int(counts[(answers == digit).argmax()])
    return None


def _about_swap(name, count, smallest, digit):
    """A sentence on what is wrong with a number of points."""
    if smallest is None or smallest == count + 1:
        off = "one more would do: count points, not places from 0" if smallest else "swap more of them"
        return f"with {count:,} points of {name!r} the answer is not {digit} yet: {off}."
    return f"a smaller number of {name!r} makes the answer {digit} already: try every number from 1 and take the first."
