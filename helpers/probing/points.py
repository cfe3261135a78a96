"""Single values of a layer, called points: which are lit, which tell two digits apart, and how well."""

import warnings

import numpy as np

from helpers._shared.arguments import CourseError, as_list, as_numbers, as_whole_number
from helpers.probing.arguments import as_activation, as_two_kinds

__all__ = ["balanced_accuracy", "common_points", "greedy_points", "lit", "ranked_points", "ring_scores", "separation"]


def lit(activation):
    """Say which points of each image are lit: above half of that image's largest value.

    Args:
        activation: one layer's ``(images, ...)``, the images first.

    Returns:
        Array of bool of the same shape; all False for an image whose values are all zero.

    Raises:
        CourseError: if there is no image, or no point.
    """
    values = as_activation(activation)
    return values > values.max(axis=tuple(range(1, values.ndim)), keepdims=True) / 2


def common_points(own, others):
    """Find the points that images of one digit have in common, as the article ringed them by hand.

    Args:
        own: one layer's activation of a few images of a digit, ``(images, ...)``.
        others: the same of a few images of the other digit.

    Returns:
        (red, yellow), arrays of bool, each of the shape of one image: lit in all of ``own`` and, red, in none
        of ``others``, or, yellow, in exactly one of them.

    Raises:
        CourseError: if the two do not come from one layer.
    """
    own, others = lit(as_activation(own, "own")), lit(as_activation(others, "others"))
    if own.shape[1:] != others.shape[1:]:
        raise CourseError(f"own and others must be of one layer, not {own.shape} and {others.shape}: read it for both.")
    in_all, times = own.all(axis=0), others.sum(axis=0)
    return in_all & (times == 0), in_all & (times == 1)


def ring_scores(activation, own_red, other_red):
    """Let the ringed points vote: which share of each digit's red points is lit?

    Args:
        activation: one layer's ``(images, ...)``.
        own_red: array of bool, the shape of one image: the red points of one digit.
        other_red: the same of the other digit.

    Returns:
        Array ``(images,)``, -1..1: the share of ``other_red`` that is lit less the share of ``own_red``. Above
        zero it is a vote for the other digit, at zero there is no answer. A digit without a red point has
        share 0.

    Raises:
        CourseError: if the red points are not those of this layer.
    """
    shining = lit(activation)
    shares = []
    for name, points in (("other_red", other_red), ("own_red", own_red)):
        red = as_numbers(points, name).astype(bool)
        if red.shape != shining.shape[1:]:
            raise CourseError(f"{name} must be of shape {shining.shape[1:]}, not {red.shape}: ring it in this layer.")
        shares.append(shining[:, red].mean(axis=1) if red.any() else np.zeros(len(shining)))
    return shares[0] - shares[1]


def balanced_accuracy(shining, is_digit):
    """Say how well each point does as a rule on its own: lit means the digit, dark means the other one.

    Args:
        shining: array of bool ``(images, ...)``, as from `lit`.
        is_digit: array of bool ``(images,)``: which images are the digit.

    Returns:
        Array of the shape of one image, 0..1: the mean of two shares, the digit's images where the point is lit,
        and the others' where it is dark. 0.5 is chance.

    Raises:
        CourseError: if labels do not match, or one of the two kinds of images is missing.
    """
    shining, is_digit = as_two_kinds(shining, is_digit)
    return (shining[is_digit].mean(axis=0) + 1 - shining[~is_digit].mean(axis=0)) / 2


def separation(activation, is_digit):
    """Say how well each point alone puts the images of two kinds in order: the area under the ROC curve.

    Args:
        activation: one layer's ``(images, ...)``.
        is_digit: array of bool ``(images,)``.

    Returns:
        Array of the shape of one image, 0..1: the chance that the point is higher for an image of the digit than
        for one of the others, a tie counted half. 0.5 tells nothing, 0 and 1 tell all.

    Raises:
        CourseError: if labels do not match, or one of the two kinds of images is missing.

    Example:
        >>> separation([[1, 5], [2, 5], [3, 5]], [False, True, True])
        array([1. , 0.5])
    """
    from scipy.stats import rankdata

    values, is_digit = as_two_kinds(activation, is_digit)
    count, rest = is_digit.sum(), (~is_digit).sum()
    flat = values.reshape(len(values), -1)
    # In blocks of 2,000 points: the ranks of a whole layer of maps would fill the memory.
    blocks = np.array_split(flat, range(2000, flat.shape[1], 2000), axis=1)
    ranks = np.concatenate([rankdata(block, axis=0)[is_digit].sum(axis=0) for block in blocks])
    return ((ranks - count * (count + 1) / 2) / (count * rest)).reshape(values.shape[1:])


def ranked_points(activation, is_digit):
    """Order the points of a layer by how much each tells about two kinds of images.

    Args:
        activation: one layer's ``(images, ...)``, of images that are not used for the test.
        is_digit: array of bool ``(images,)``.

    Returns:
        Places in the flattened layer, ``(points,)``, the largest distance of `separation` from 0.5 first; ties
        by lower place.

    Raises:
        CourseError: if labels do not match, or one of the two kinds of images is missing.
    """
    return np.argsort(-np.abs(separation(activation, is_digit).ravel() - 0.5), kind="stable")


def greedy_points(activation, is_digit, counts):
    """Choose points one after the other, each for what it adds to those chosen before.

    Orthogonal matching pursuit (Pati and others 1993), scikit-learn's, towards the two kinds as two numbers.

    Args:
        activation: one layer's ``(images, ...)``, of images that are not used for the test.
        is_digit: array of bool ``(images,)``.
        counts: numbers of points.

    Returns:
        List of arrays, one for each count: places in the flattened layer. Fewer than asked for where no further
        point says anything that those before it have not said.

    Raises:
        CourseError: if labels do not match, one of the two kinds of images is missing, or a count is not from 1 to
            the number of points.
    """
    from sklearn import linear_model, preprocessing

    values, is_digit = as_two_kinds(activation, is_digit)
    even = preprocessing.scale(np.float64(values.reshape(len(values), -1)))
    counts = [as_whole_number(count, "a count", most=even.shape[1]) for count in as_list(counts, "counts")]
    with warnings.catch_warnings():
        warnings.filterwarnings("ignore", "Orthogonal matching pursuit ended prematurely", RuntimeWarning)
        towards = is_digit - is_digit.mean()
        weights = [linear_model.orthogonal_mp(even, towards, n_nonzero_coefs=count) for count in counts]
    return [np.flatnonzero(row) for row in weights]
