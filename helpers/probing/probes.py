"""Probes: small classifiers that are fitted on one layer's values, to learn what can be read there."""

from dataclasses import dataclass, field

import numpy as np
from threadpoolctl import threadpool_limits  # scikit-learn's own; it cannot do without

from helpers._shared.arguments import as_array, as_names, as_numbers, as_whole_number
from helpers._shared.errors import CourseError

__all__ = ["PairedErrors", "Probe", "paired_errors", "probe_layer"]

KINDS = ("linear", "pca", "mlp", "shuffled")
LENGTH = 10.0  # of an image's values after scaling, in the mean: as long as 100 values of deviation 1
FLOOR = 0.1  # of the layer's mean deviation: what hardly ever differs is not blown up to the size of all others
INVERSE_PENALTIES = (0.01, 0.1, 1.0, 10.0, 100.0)  # of the logistic regression, scikit-learn's C
WEIGHT_DECAYS = (0.1, 1.0, 10.0)  # of the MLP, scikit-learn's alpha
UNITS = 20  # of the MLP's one hidden layer
COMPONENTS = 100  # of PCA
SEED = 7


@dataclass(frozen=True)
class Probe:
    """A fitted probe and how it did on the test images.

    Attributes:
        kind: "linear", "pca", "mlp" or "shuffled".
        size: how many numbers an image it works with, after `probe_layer` has left out what says nothing.
        penalty: scikit-learn's C or alpha, as chosen.
        scores: ``(images,)`` of the test; above zero the probe says True.
        right: array of bool ``(images,)``: which test images it answers right.
        errors: how many it answers wrong.
        auc: area under the ROC curve on the test images.
    """

    kind: str
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
        return self._score(_flat(activation))


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


def probe_layer(own, own_is, test, test_is, *, kinds=("linear",), components=COMPONENTS):
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
        CourseError: if a kind is unknown, the two do not come from one layer, or a half would lack one of the two.
    """
    kinds, components = as_names(kinds, "kinds"), as_whole_number(components, "components")
    unknown = [kind for kind in kinds if kind not in KINDS]
    if unknown or not kinds:
        raise CourseError(f"a probe is one of {', '.join(KINDS)}, not {(unknown or [kinds])[0]!r}: choose of these.")
    own, own_is, test, test_is = _checked(own, own_is, test, test_is)
    found, halves = {}, _halves(own_is)
    with threadpool_limits(1):  # many small sums: several threads would wait for one another, thirty times as long
        turning = _turning(own)
        features = np.float64(turning.of(own))
        for kind in kinds:
            fitted, penalty, size = _fitted(kind, features, own_is, halves, components)
            found[kind] = _tested(kind, size, penalty, _scorer(fitted, turning, size), test, test_is)
    return found


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
        raise CourseError(
            f"True or False for each of the same images is needed, and {first.dtype} {first.shape} and {second.dtype} "
            f"{second.shape} came: give answers == labels of both."
        )
    only = int((~first & second).sum()), int((first & ~second).sum())
    p = float(binomtest(only[0], sum(only)).pvalue) if sum(only) else 1.0
    return PairedErrors(*only, int((~first & ~second).sum()), p)


def _checked(own, own_is, test, test_is):
    own, test = _flat(own), _flat(test)
    own_is, test_is = as_array(own_is), as_array(test_is)
    fits = own.shape[1] == test.shape[1] and own_is.shape == (len(own),) and test_is.shape == (len(test),)
    if not fits or own_is.dtype != bool or test_is.dtype != bool:
        raise CourseError(
            "one layer for both parts and True or False for each image are needed, and "
            f"{own.shape} with {own_is.dtype} {own_is.shape}, {test.shape} with {test_is.dtype} {test_is.shape} came: "
            "read the same layer, and use labels == 9."
        )
    counts = [int(found) for each in (own_is, test_is) for found in (each.sum(), (~each).sum())]
    if min(counts[:2]) < 2 or not min(counts[2:]):
        raise CourseError(
            f"each kind of image is needed twice to fit and once to test, and {counts[:2]} and {counts[2:]} came: "
            "give more images."
        )
    return own, own_is, test, test_is


def _flat(activation):
    values = as_numbers(activation, "the activation", finite=True)
    if values.ndim < 2 or not values.size:
        raise CourseError(f"one layer's (images, ...) is needed, and shape {values.shape} came: keep the batch axis.")
    return values.reshape(len(values), -1)


@dataclass(frozen=True)
class _Turning:
    """What standardises and turns values: ``values @ directions - start``."""

    directions: np.ndarray  # (values, r)
    start: np.ndarray  # (r,)

    def of(self, values):
        return values @ self.directions - self.start


def _turning(own):
    """Find the r directions in which the own images differ: the rest is nothing that a probe could learn."""
    mean, deviation = own.mean(axis=0), own.std(axis=0)
    least = FLOOR * np.sqrt(np.mean(deviation**2)) or 1.0
    factor = (LENGTH / np.sqrt(own.shape[1]) / np.maximum(deviation, least)).astype(own.dtype)
    scaled = (own - mean) * factor
    wide = scaled.shape[1] > scaled.shape[0]
    squares, directions = np.linalg.eigh(np.float64(scaled @ scaled.T if wide else scaled.T @ scaled))
    squares = np.maximum(squares, 1e-30)  # where all images are equal, one direction is left, and says nothing
    kept = np.flatnonzero(squares >= 1e-6 * squares[-1])[::-1]
    if wide:
        directions = scaled.T @ (directions[:, kept] / np.sqrt(squares[kept])).astype(own.dtype)
    else:
        directions = directions[:, kept].astype(own.dtype)
    directions *= factor[:, np.newaxis]  # so that raw values can be turned, without a standardised copy
    return _Turning(directions, mean @ directions)


def _halves(own_is):
    from sklearn.model_selection import train_test_split

    return train_test_split(np.arange(len(own_is)), test_size=0.5, stratify=own_is, random_state=SEED)


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


def _fitted(kind, features, own_is, halves, components):
    """Choose the penalty on the second half, then fit on both; return (fitted, penalty, size)."""
    from sklearn.metrics import log_loss

    size = min(components, features.shape[1]) if kind == "pca" else features.shape[1]
    features, (fit, choose) = features[:, :size], halves
    if kind == "shuffled":
        own_is = _dealt(own_is, halves)
    best = None
    for penalty in WEIGHT_DECAYS if kind == "mlp" else INVERSE_PENALTIES:
        tried = _classifier(kind, penalty, len(fit)).fit(features[fit], own_is[fit])
        loss = log_loss(own_is[choose], tried.predict_proba(features[choose])[:, 1], labels=[False, True])
        if best is None or loss < best[0]:
            best = loss, penalty
    return _classifier(kind, best[1], len(own_is)).fit(features, own_is), best[1], size


def _classifier(kind, penalty, images):
    if kind == "mlp":
        from sklearn.neural_network import MLPClassifier

        return MLPClassifier(
            UNITS, alpha=penalty, batch_size=images, learning_rate_init=0.01, max_iter=5000, random_state=SEED
        )
    from sklearn.linear_model import LogisticRegression

    return LogisticRegression(C=penalty, max_iter=5000)


def _scorer(fitted, turning, size):
    """Return a function from raw values to scores that keeps weights, not directions: these fill the memory."""
    hidden = hasattr(fitted, "coefs_")
    weights, biases = (fitted.coefs_[0], fitted.intercepts_[0]) if hidden else (fitted.coef_.T, fitted.intercept_)
    raw = turning.directions[:, :size] @ weights.astype(turning.directions.dtype)
    biases = biases - turning.start[:size] @ weights
    if not hidden:
        return lambda values: (values @ raw + biases)[:, 0]
    last, bias = fitted.coefs_[1], fitted.intercepts_[1]
    return lambda values: (np.maximum(values @ raw + biases, 0) @ last + bias)[:, 0]


def _tested(kind, size, penalty, score, test, test_is):
    from sklearn.metrics import roc_auc_score

    scores = score(test)
    right = (scores > 0) == test_is
    auc = float(roc_auc_score(test_is, scores))
    return Probe(kind, size, penalty, scores, right, int((~right).sum()), auc, score)
