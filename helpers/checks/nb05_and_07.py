"""The checks of notebooks 05 and 07: networks from lists, a learning rate that warms up, points and swaps."""

import keras
import numpy as np

from helpers._shared.arguments import CourseError, brief
from helpers.checks.verdict import check, expect, need, need_shape, tried, tried_all
from helpers.models import mnist_cnn
from helpers.probing import with_points

__all__ = ["check_network_from_lists", "check_ring", "check_swap", "check_warm_up"]

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
        need(isinstance(found, keras.Model), f"a network is needed, and {brief(found)} came: return the network.")
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
            need(count == len(part), each)
        advice = "do units, filters and sides come from the lists, and is each pooling behind its convolution?"
        raise CourseError(f"{asked}, arrays of weights have the shapes {sizes} instead of {wanted}: {advice}")
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
        steps = np.array([0, warm_up // 2, warm_up, 3 * warm_up, 40 * warm_up])
        schedule, given = answer, (peak, warm_up, decay)
        if isinstance(answer, type):
            schedule, given = tried(answer, f"made of {given}", *given), ()
        returned = tried_all(schedule, [(f"called with step {step}", (step, *given)) for step in steps.tolist()])
        rates = [need_shape(each, (), "return one number", name="the rate", finite=True) for each in returned]
        found, climb = np.array(rates, float) / peak, steps / warm_up
        falls, falls_early = 1 / (1 + decay * (steps - warm_up).clip(0)), 1 / (1 + decay * steps)
        expected = np.minimum(climb, falls)
        near = 1.01 * max(1 / warm_up, decay)  # one step more or less
        need(found[0] <= near, f"the rate is {rates[0]:.3g} at step 0: a warm-up begins near 0 and climbs to the peak.")
        place = np.argmax(np.abs(found - expected) > near)
        said = f"at step {steps[place]}, with a warm-up of {warm_up} steps, the rate is {rates[place]:.3g}"
        jumped = f"{said}: count the fall from the end of the warm-up, by step - warm_up."
        mistakes = {
            f"{said}, still the peak: after the warm-up it has to fall.": climb.clip(0, 1),
            f"{said}, above the peak {peak}: after the warm-up it has to fall.": climb,
            jumped: np.where(steps < warm_up, climb, falls_early),
        }
        advice = "a warm-up is a straight line, and then power divides by 1 + decay * (step - warm_up)"
        expect(found, expected, mistakes, f"{said} and not {peak * expected[place]:.3g}: {advice}.", near=near)
    return "it climbs to the peak and falls from there, on steps that you had not seen."


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
        kept = np.array_equal(a, before[0]) and np.array_equal(b, before[1])
        need(kept, f"{case} it changes its inputs: copy a first, and write into the copy.")
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
