"""Probes: small classifiers that are fitted on one layer's values, to learn what can be read there."""

import warnings
from dataclasses import dataclass, field

import numpy as np
from threadpoolctl import threadpool_limits  # scikit-learn's own; it cannot do without

from helpers._shared.arguments import CourseError, as_array, as_choice, as_names, as_whole_number
from helpers.probing.arguments import as_activation, as_two_kinds

__all__ = ["PairedErrors", "Probe", "paired_errors", "probe_layer"]

KINDS = ("linear", "pca", "mlp", "shuffled")
SEED = 7


@dataclass(frozen=True)
class Probe:
    """A fitted probe and how it did on the test images.

    Attributes:
        size: how many numbers an image it works with, after `probe_layer` has left out what says nothing.
        penalty: scikit-learn's C or alpha, as chosen.
        scores: ``(images,)`` of the test; above zero the probe says True.
        right: array of bool ``(images,)``: which test images it answers right.
        errors: how many it answers wrong.
        auc: area under the ROC curve on the test images.
    """

    size: int
    penalty: float
    scores: np.ndarray = field(repr=False)
    right: np.ndarray = field(repr=False)
    errors: int
    auc: float
    _score: object = field(repr=False)

    def scores_of(self, activation):
        """Ask the probe about other images.

        Args:
            activation: the same layer's ``(images, ...)``.

        Returns:
            Array ``(images,)``; above zero it says True.
        """
        values = as_activation(activation)
        return self._score(values.reshape(len(values), -1))


@dataclass(frozen=True)
class PairedErrors:
    """Two classifiers on the same images.

    Attributes:
        only_first: images that only the first answers wrong.
        only_second: images that only the second answers wrong.
        both: images that both answer wrong.
        p: of McNemar's exact test, two-sided.
    """

    only_first: int
    only_second: int
    both: int
    p: float


def probe_layer(own, own_is, test, test_is, *, kinds=("linear",), components=100):
    """Fit probes on one layer and test them once.

    The own images are parted in two (seed 7, balanced): each penalty is fitted on the first half, the one with
    the lowest cross-entropy on the second half is taken, and fitted on both. Values are standardised, where the
    deviation counts as a tenth of the layer's mean one at least. Then the layer is turned into the directions in
    which the own images differ, which changes nothing for an L2 penalty and makes 21,632 values as quick as a
    thousand.

    Args:
        own: one layer's ``(images, ...)`` of images that the network did not train on.
        own_is: array of bool ``(images,)``, such as ``labels == 9``.
        test: the same layer of the test images.
        test_is: array of bool for them.
        kinds: what to fit: "linear" (logistic regression), "pca" (the same on the first ``components`` directions,
            so that layers compare at equal size), "mlp" (20 hidden units), "shuffled" (linear, on labels dealt anew:
            half of each kind is called True, so that there is nothing to learn).
        components: directions that "pca" keeps, at most.

    Returns:
        A dict from kind to `Probe`.

    Raises:
        CourseError: if a kind is unknown, the two do not come from one layer, one of the two kinds of images is missing
            in them, or has fewer than two images to fit.
    """
    from sklearn import metrics, model_selection

    components = as_whole_number(components, "components")
    kinds = [as_choice(kind, "each of the kinds", KINDS) for kind in as_names(kinds, "kinds")]
    (own, own_is), (test, test_is) = as_two_kinds(own, own_is), as_two_kinds(test, test_is)
    if own.shape[1:] != test.shape[1:]:
        raise CourseError(f"own and test must be of one layer, not {own.shape} and {test.shape}: read the same one.")
    if min(np.bincount(own_is)) < 2:
        raise CourseError("a probe needs at least two own images of each kind, one for each half: give more images.")
    own, test = own.reshape(len(own), -1), test.reshape(len(test), -1)
    halves = model_selection.train_test_split(np.arange(len(own)), test_size=0.5, stratify=own_is, random_state=SEED)
    probes = {}
    with threadpool_limits(1):  # many small sums: several threads would wait for one another, thirty times as long
        directions, start = _directions(own)
        features = np.float64(own @ directions - start)
        for kind in kinds:
            size = min(components, features.shape[1]) if kind == "pca" else features.shape[1]
            labels = _dealt(own_is, halves) if kind == "shuffled" else own_is
            fitted, penalty = _fitted(kind, features[:, :size], labels, halves)
            score = _scorer(fitted, directions[:, :size], start[:size])
            scores = score(test)
            right, auc = (scores > 0) == test_is, float(metrics.roc_auc_score(test_is, scores))
            probes[kind] = Probe(size, penalty, scores, right, np.count_nonzero(~right), auc, score)
    return probes


def paired_errors(first_right, second_right):
    """Compare two classifiers on the same images by McNemar's exact test.

    Only images on which they differ say anything: were both equally good, each of these would fall to either
    side with equal chance.

    Args:
        first_right: array of bool ``(images,)``.
        second_right: the same of the other.

    Returns:
        `PairedErrors`; its p is 1 where they never differ.

    Raises:
        CourseError: if the two are not answers to the same images.
    """
    from scipy.stats import binomtest

    first, second = as_array(first_right), as_array(second_right)
    if first.shape != second.shape or first.ndim != 1 or {first.dtype, second.dtype} != {np.dtype(bool)}:
        came = f"{first.dtype} {first.shape} and {second.dtype} {second.shape}"
        raise CourseError(f"True or False for each of the same images is needed, not {came}: give answers == labels.")
    only = int((~first & second).sum()), int((first & ~second).sum())
    p = float(binomtest(only[0], sum(only)).pvalue) if sum(only) else 1.0
    return PairedErrors(*only, int((~first & ~second).sum()), p)


def _directions(own):
    """Find the r directions in which the own images differ: the rest is nothing that a probe could learn.

    Returns (directions, start), so that ``values @ directions - start`` is standardised and turned: (values, r), (r,).
    """
    mean, deviation = own.mean(axis=0), own.std(axis=0)
    # What hardly ever differs is not blown up to the size of all others.
    least = 0.1 * np.sqrt(np.mean(deviation**2)) or 1.0
    # An image is as long as 100 values of deviation 1, in the mean.
    factor = (10 / np.sqrt(own.shape[1]) / np.maximum(deviation, least)).astype(own.dtype)
    scaled = (own - mean) * factor
    wide = scaled.shape[1] > scaled.shape[0]
    squares, directions = np.linalg.eigh(np.float64(scaled @ scaled.T if wide else scaled.T @ scaled))
    squares = np.maximum(squares, 1e-30)  # where all images are equal, one direction is left, and says nothing
    kept = np.flatnonzero(squares >= 1e-6 * squares[-1])[::-1]
    directions = directions[:, kept]
    if wide:
        directions = scaled.T @ (directions / np.sqrt(squares[kept])).astype(own.dtype)
    directions = directions.astype(own.dtype)
    directions *= factor[:, np.newaxis]  # so that raw values can be turned, without a standardised copy
    return directions, mean @ directions


def _dealt(own_is, halves):
    """Call half of each kind True, in both halves of the images.

    A plain shuffle would by chance go with the digits or against them, and the digits differ so much that such a
    probe is right, or wrong, nearly always.
    """
    dealt, rng = np.zeros(len(own_is), bool), np.random.default_rng(SEED)
    for half in halves:
        for kind in (True, False):
            members = rng.permutation(half[own_is[half] == kind])
            dealt[members[: (len(members) + kind) // 2]] = True
    return dealt


def _fitted(kind, features, own_is, halves):
    """Choose the penalty on the second half, then fit on both; return (fitted, penalty)."""
    from sklearn import linear_model, model_selection, neural_network

    classifier, penalties = linear_model.LogisticRegression(max_iter=5000), {"C": [0.01, 0.1, 1.0, 10.0, 100.0]}
    if kind == "mlp":
        options = {"batch_size": len(features), "learning_rate_init": 0.01, "max_iter": 5000, "random_state": SEED}
        classifier, penalties = neural_network.MLPClassifier(20, **options), {"alpha": [0.1, 1.0, 10.0]}
    search = model_selection.GridSearchCV(classifier, penalties, scoring="neg_log_loss", cv=[halves])
    with warnings.catch_warnings():
        warnings.filterwarnings("ignore", "Got `batch_size`", UserWarning)  # for a half it is clipped, as it should be
        search.fit(features, own_is)
    return search.best_estimator_, *search.best_params_.values()


def _scorer(fitted, directions, start):
    """Return a function from raw values to scores that keeps weights, not directions: these fill the memory."""
    mlp = hasattr(fitted, "coefs_")
    (weights, bias), *rest = zip(fitted.coefs_, fitted.intercepts_) if mlp else [(fitted.coef_.T, fitted.intercept_)]
    raw, start = directions @ weights.astype(directions.dtype), bias - start @ weights

    def score(values):
        answers = values @ raw + start
        for weights, bias in rest:
            answers = np.maximum(answers, 0) @ weights + bias
        return answers[:, 0]

    return score
