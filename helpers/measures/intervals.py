"""Intervals and tests: how sure a score is, and what a comparison may conclude."""

import numpy as np

from helpers._shared.arguments import CourseError, as_function, as_number, as_numbers, as_whole_number, brief

__all__ = ["bootstrap_interval", "conclude", "seed_interval", "share_interval"]


def share_interval(right, count):
    """Give the 95 % Wilson interval of a share, such as an accuracy.

    Args:
        right: how many of them, 0 to ``count``.
        count: how many in all, at least 1; they are taken as independent.

    Returns:
        (low, high), both 0..1.

    Raises:
        CourseError: if the numbers are out of range.
    """
    from scipy.stats import binomtest

    count = as_whole_number(count, "count")
    right = as_whole_number(right, "right", least=0, most=count)
    low, high = binomtest(right, count).proportion_ci(method="wilson")
    return float(low), float(high)


def seed_interval(values):
    """Give the 95 % t interval of the mean over trainings that differ by their seed alone.

    It says where the mean of very many such trainings would lie, not where the next training will.

    Args:
        values: ``(trainings,)``, at least 2 finite numbers, such as an accuracy each.

    Returns:
        (low, high), in the unit of the values.

    Raises:
        CourseError: if there are not two finite values.
    """
    from scipy import stats  # late, as it takes a second

    values = as_numbers(values, "values", finite=True).astype(float)
    if values.ndim != 1 or values.size < 2:
        raise CourseError(f"two values or more, one a seed, are needed, not {brief(values)}: train more seeds.")
    reach = stats.t.ppf(0.975, values.size - 1) * stats.sem(values)
    return float(values.mean() - reach), float(values.mean() + reach)


def bootstrap_interval(score, *arrays, groups=None, rounds=2000):
    """Give the 95 % bootstrap interval of a score, drawing whole groups where images belong together.

    Args:
        score: function of the arrays that returns one number, or NaN where a draw does not allow it.
        *arrays: arrays ``(n, ...)`` with one row an image, such as labels and answers.
        groups: whose each image is ``(n,)``, such as the patient; None where each stands for itself.
        rounds: how many draws.

    Returns:
        (low, high): the 2.5 and the 97.5 percentile of the score over the draws (seed 7).

    Raises:
        CourseError: if the arrays differ in length or are empty, or there are none, or the score is no function.
    """
    as_function(score, "score")
    rounds, arrays = as_whole_number(rounds, "rounds"), [np.asarray(array) for array in arrays]
    rows = len(arrays[0]) if arrays and arrays[0].ndim else 0
    groups = np.arange(rows) if groups is None else np.asarray(groups)
    if {array.shape[:1] for array in arrays} != {groups.shape} or groups.ndim != 1 or not groups.size:
        came = [array.shape for array in (*arrays, groups)]
        raise CourseError(f"arrays and groups need one row an image each, not shapes {came}: give the same images.")
    names, place = np.unique(groups, return_inverse=True)
    members = np.split(np.argsort(place, kind="stable"), np.cumsum(np.bincount(place))[:-1])
    rng, scores = np.random.default_rng(7), []
    for _ in range(rounds):
        rows = np.concatenate([members[name] for name in rng.integers(len(names), size=len(names))])
        scores.append(score(*(array[rows] for array in arrays)))
    return tuple(float(bound) for bound in np.nanpercentile(scores, [2.5, 97.5]))


def conclude(differences, margin):
    """Conclude what paired differences allow to say: the second is better, worse, the same, or nobody knows.

    Args:
        differences: ``(pairs,)``, at least 2, such as one a seed: by how much the second of each pair is ahead.
        margin: 0 or more, in units of the differences: up to which a difference counts as none.

    Returns:
        (word, low, high): "better" or "worse" where the 95 % t interval (low, high) of the mean holds no zero, "same"
        where it holds zero and lies within the margin, else "unknown".

    Raises:
        CourseError: if there are not two finite differences, or the margin is below 0.
    """
    margin = as_number(margin, "margin", low=0)
    low, high = seed_interval(differences)
    if low > 0 or high < 0:
        return ("better" if low > 0 else "worse"), low, high
    return ("same" if max(-low, high) <= margin else "unknown"), low, high
