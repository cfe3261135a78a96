"""The checks of notebook 05: a network built from lists, and a learning rate that rises first and then falls."""

import keras
import numpy as np

from helpers._shared.arguments import as_function, brief
from helpers.checks.verdict import NOT_YET, check, right, tried, wrong
from helpers.models import mnist_cnn

__all__ = ["check_network_from_lists", "check_warm_up"]

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
    function = as_function(answer, "the answer")
    images = np.random.default_rng(5).random((2, 28, 28, 1), dtype=np.float32)
    for lists in LISTS:
        asked = "for {} convolution(s), {} pooling layer(s) and {} dense layer(s)".format(*map(len, lists))
        try:
            found = function(*(list(part) for part in lists))
            if found is None:
                return NOT_YET
            if not isinstance(found, keras.Model):
                return wrong(f"a Keras network is needed, and {brief(found)} came: return the network.")
            found(images)  # builds it, if that has not been done
        except Exception as error:  # whatever is wrong with the learner's own code
            hint = " Nothing is pooled behind the last convolution." if isinstance(error, IndexError) else ""
            return wrong(f"{asked} it ends in {type(error).__name__}: {error}.{hint}")
        keras.utils.set_random_seed(5)
        named = dict(zip(("convolutions", "poolings", "dense"), lists))
        fault = _difference(found, mnist_cnn(**named), images, lists)
        if fault:
            return wrong(f"{asked}, {fault}")
    return right("three networks that you had not seen compute what their lists say.")


def _difference(found, expected, images, lists):
    """Say how a network differs from what its lists describe, in the words of a usual mistake."""
    sizes, wanted = ([weights.shape for weights in network.get_weights()] for network in (found, expected))
    if sizes != wanted:
        for kind, part in zip(("Conv2D", "MaxPooling2D", "Dense"), lists):
            count = sum(type(layer).__name__ == kind for layer in found.layers)
            if count != len(part):
                return f"the network has {count} {kind} layer(s): one for each entry of the list, and no more."
        place = next((place for place, size in enumerate(sizes) if size != wanted[place]), -1)
        return (
            f"an array of weights has shape {sizes[place]} instead of {wanted[place]}: do units, filters and sides "
            "come from the lists, and is each pooling behind its convolution?"
        )
    found.set_weights(expected.get_weights())
    if not np.allclose(found(images), expected(images), atol=1e-5):
        return (
            "the shapes are right and the answers are not: does each layer take its activation from the lists, and "
            "each pooling the maximum?"
        )
    return None


@check
def check_warm_up(answer):
    """Check a learning rate that rises in a straight line and then falls by the power schedule, on steps of ours.

    Args:
        answer: function of (step, peak, warm_up, decay) that returns a number, or a Keras schedule class that is made
            of (peak, warm_up, decay) and called with a step.

    Returns:
        A Verdict; right when the rates agree, whether a batch is counted from 0 or from 1.
    """
    function = as_function(answer, "the answer")
    for given in ((0.002, 400, 0.001), (0.5, 1000, 0.004)):
        peak, warm_up, decay = given
        steps = (0, warm_up // 2, warm_up, 3 * warm_up, 40 * warm_up)
        near = 1.01 * peak * max(1 / warm_up, decay)  # one step more or less
        for step in steps:
            found = tried(_rate, "called with a step of ours", function, step, given)
            expected = peak * min(step / warm_up, 1 / (1 + decay * max(0, step - warm_up)))
            if abs(found - expected) > near:
                return wrong(_why(step, found, expected, near, given))
    return right("it climbs to the peak and falls from there, on steps that you had not seen.")


def _rate(function, step, given):
    """The rate at a step, of a function or of a schedule class; None where the function returns none."""
    rate = function(*given)(step) if isinstance(function, type) else function(step, *given)
    return None if rate is None else float(rate)


def _why(step, found, expected, near, given):
    """Name the usual mistake behind a rate."""
    peak, warm_up, decay = given
    if step == 0:
        return f"at step 0 the rate is {found:.3g} already: a warm-up begins near 0 and climbs to the peak."
    if found > peak + near:
        return f"at step {step} the rate is {found:.3g}, above the peak {peak}: after {warm_up} steps it has to fall."
    if step >= warm_up and abs(found - peak / (1 + decay * step)) <= near:
        return "the rate jumps down at the end of the warm-up: count the fall from there, by step - warm_up."
    if step > warm_up and abs(found - peak) <= near:
        return f"at step {step} the rate is still the peak: after the warm-up it has to fall."
    if step > warm_up:
        return f"at step {step} the rate is {found:.3g} and not {expected:.3g}: power divides by 1 + decay * steps."
    return f"at step {step} of a warm-up of {warm_up} the rate is {found:.3g} and not {expected:.3g}: a straight line."
