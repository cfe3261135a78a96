"""Change values of a layer and look at the answer: what does the network use?"""

import keras
import numpy as np

from helpers._shared.arguments import CourseError, as_index, as_indices, as_numbers, as_shaped, as_whole_number
from helpers._shared.quiet_keras import without_xla
from helpers.activations import activation_model
from helpers.probing.arguments import as_activation

__all__ = ["answer_counts", "blends", "matched_points", "network_from", "with_points"]


def network_from(model, layer):
    """Build the rest of a network: from a layer's activation to the answers.

    It shares the weights of the given model, which is neither compiled nor changed. Build it once, then ask it often.

    Args:
        model: a Sequential or Functional Keras model with one output.
        layer: name of one of its own layers, not of a nested model's.

    Returns:
        A Keras model from the layer's activation ``(images, ...)`` to the answers ``(images, classes)``.

    Raises:
        KeyError: if the layer is unknown; the sentence lists the names.
        CourseError: if it is the last layer, lies in a nested model, or something goes around it.
    """
    start = activation_model(model, [layer]).outputs[0]
    if layer not in [each.name for each in model.layers[:-1]]:
        raise CourseError(f"layer {layer!r} must be the network's own, with others after it: choose an earlier one.")
    try:
        return without_xla(keras.Model(start, model.outputs[0]))
    except ValueError as error:
        raise CourseError(f"after {layer!r} the rest still needs something from before: choose another.") from error


def with_points(activation, values, points):
    """Copy an activation and put other values at some of its points.

    Args:
        activation: one layer's ``(images, ...)``; it is not changed.
        values: what to put there: the activation of as many other images ``(images, ...)`` (a swap), of one image
            ``(...)`` such as a mean, or a number such as 0.
        points: places in the flattened layer, ``(k,)``.

    Returns:
        An array like ``activation``.

    Raises:
        CourseError: if the values do not fit, or a point does not exist.

    Example:
        >>> with_points(np.zeros((1, 2, 2)), 5, [0, 3])
        array([[[5., 0.],
                [0., 5.]]])
    """
    changed, values = np.array(as_activation(activation)), as_numbers(values, "values")
    if values.shape not in ((), changed.shape, changed.shape[1:]):
        shapes = f"shape {changed.shape} or {changed.shape[1:]}, or one number"
        raise CourseError(f"values must be of {shapes}, not of shape {values.shape}: read the same layer, in pairs.")
    flat = changed.reshape(len(changed), -1)
    points = as_indices(points, "points", flat.shape[1])
    put = np.broadcast_to(values, changed.shape).reshape(flat.shape)
    flat[:, points] = put[:, points]
    return changed


def matched_points(points, sizes, *, draws=20, seed=7):
    """Draw controls: for each point another one of about the same size, and none of the points.

    Each is drawn from the ten of nearest size that are left.

    Args:
        points: places in the flattened layer, ``(k,)``, at most half of all.
        sizes: what is to match, such as each point's mean activation, ``(points,)`` or the shape of one image.
        draws: how many sets.
        seed: of the drawing.

    Returns:
        Array ``(draws, k)`` of places; no place twice in a set. Where k is large, few others are of that size, so
        that the sets overlap and are weaker: compare their mean size with that of the points.

    Raises:
        CourseError: if a point does not exist, there are not enough others, or a number is out of its range.
    """
    sizes = as_numbers(sizes, "sizes", finite=True).astype(float).ravel()
    points = as_indices(points, "points", sizes.size)
    draws, seed = as_whole_number(draws, "draws"), as_whole_number(seed, "seed", least=0)
    if 2 * points.size > sizes.size:
        raise CourseError(f"points must be at most half of all {sizes.size}, not {points.size} of them: take fewer.")
    rng = np.random.default_rng(seed)
    drawn, others = np.empty((draws, points.size), int), np.setdiff1d(np.arange(sizes.size), points)
    for row in drawn:
        left = others
        for turn in rng.permutation(points.size):
            order = np.argsort(np.abs(sizes[left] - sizes[points[turn]]), kind="stable")
            row[turn] = rng.choice(left[order[:10]])
            left = left[left != row[turn]]
    return drawn


def answer_counts(answers, own, other):
    """Count what became of images: still the one digit, neither of the two, or the other.

    Args:
        answers: ``(images, classes)``, probabilities or logits.
        own: the digit that it was.
        other: the digit whose values were put in.

    Returns:
        Array of three counts: ``own``, neither, ``other``; the order of `helpers.plots.plot_flip`.

    Raises:
        CourseError: if the network does not have these classes.
    """
    answers = as_shaped(answers, "answers", "images, classes", finite=True)
    if own == other:
        raise CourseError(f"two of the classes are needed, and {own} came twice: say which digit was put in.")
    own, other = as_index(own, "own", answers.shape[1]), as_index(other, "other", answers.shape[1])
    counts = np.bincount(answers.argmax(axis=1), minlength=answers.shape[1])
    return np.array([counts[own], counts.sum() - counts[own] - counts[other], counts[other]])


def blends(own, other, shares):
    """Blend images of one kind into images of another, pixel by pixel.

    Args:
        own: images ``(pairs, height, width, channels)``.
        other: as many others.
        shares: how much of the other, ``(steps,)``, each 0..1.

    Returns:
        Array ``(steps, pairs, height, width, channels)``: (1 - share) * own + share * other.

    Raises:
        CourseError: if the images are no pairs, or a share is out of range.
    """
    own, other = as_numbers(own, "images"), as_numbers(other, "images")
    shares = as_numbers(shares, "shares", finite=True).astype(np.float32)
    if own.shape != other.shape or shares.ndim != 1 or not ((shares >= 0) & (shares <= 1)).all():
        came = f"{own.shape}, {other.shape} and {shares}"
        raise CourseError(f"pairs of images and shares from 0 to 1 are needed, not {came}: give as many of both.")
    part = shares.reshape(-1, *[1] * own.ndim)
    return (1 - part) * own + part * other
