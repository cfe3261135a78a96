"""The checks of notebooks 05 and 09, on penalties, on comparing trainings and on small networks."""

import numpy as np

from helpers._shared.arguments import as_choice, as_numbers, as_whole_number, brief
from helpers.checks.verdict import check, need_keys, right, wrong

__all__ = ["check_comparisons", "check_same_answers", "check_smaller_network"]


@check
def check_same_answers(answer, network, images):
    """Check a copy of a network whose convolution is twice as large, and which gives the same answers.

    Args:
        answer: the copy; its layers have the names of the network's.
        network: the network, with a penalty on its dense layers.
        images: array ``(images, height, width, channels)`` to compare answers on.

    Returns:
        A Verdict; right when the answers agree and the penalty is smaller.
    """
    from keras import Model  # late: checks of other notebooks need no Keras
    from keras.layers import Conv2D

    if not isinstance(answer, Model) or [each.name for each in answer.layers] != [each.name for each in network.layers]:
        return wrong("a copy of the network was expected: take keras.models.clone_model and then set_weights.")
    pairs = [(layer, answer.get_layer(layer.name)) for layer in network.layers if isinstance(layer, Conv2D)]
    doubled = [(old, new) for old, new in pairs if _is_doubled(new.kernel, old.kernel)]
    if not doubled:
        return wrong("no convolution has twice its weights: multiply the kernel of one by 2, and keep the rest.")
    for old, new in doubled:
        if not _is_doubled(new.bias, old.bias):
            return wrong(f"the weights of {old.name} are doubled, its biases are not: ReLU needs both, 2 (w x + b).")
    gap = np.abs(answer.predict_on_batch(images) - network.predict_on_batch(images)).max()
    if gap > 1e-3:
        return wrong(
            f"the answers differ by up to {gap:.2g} and must be the same: halve the *weights* of the next layer that "
            "has some, and leave its biases as they are."
        )
    before, after = (float(sum(each.losses)) for each in (network, answer))
    if after > 0.999 * before:
        return wrong(
            f"the answers are the same, and so is the penalty, {after:.4f}: nobody punishes the layer after "
            f"{doubled[0][0].name}. Take the convolution right below the first dense layer."
        )
    names = ", ".join(old.name for old, _ in doubled)
    return right(f"a penalty of {after:.4f} instead of {before:.4f}: it went into {names}, which nobody punishes.")


def _is_doubled(one, other):
    """Whether an array is twice the other; zero is twice zero, as biases that were never trained are."""
    return np.allclose(np.asarray(one), 2 * np.asarray(other), rtol=1e-5, atol=1e-7)


@check
def check_comparisons(answer, pairs, margin):
    """Check what was concluded from pairs of trainings.

    Args:
        answer: dict of a comparison's name -> "better", "worse", "same" or "unknown".
        pairs: dict of the same names -> differences, one a seed: images won by the new recipe; lost is "worse".
        margin: images up to which a difference counts as none.

    Returns:
        A Verdict.
    """
    from helpers.measures import conclude

    need_keys(answer, pairs)
    for name, word in answer.items():
        as_choice(word, f"the decision on {name}", ("better", "worse", "same", "unknown"))
        expected, low, high = conclude(pairs[name], margin)
        if word != expected:
            return wrong(
                f"{name}: the 95 % interval goes from {low:+.1f} to {high:+.1f} images. Does it hold the zero? Does it "
                f"lie within {margin} images to either side?"
            )
    return right("an interval without zero decides, a narrow one around it says same, a wide one says nothing.")


@check
def check_smaller_network(answer, largest, mark, *, seeds):
    """Check a network that is to be smaller and as good, by several seeds.

    Args:
        answer: dict of "parameters" -> whole number, and "accuracies" -> one a seed, 0..1.
        largest: parameters that it must stay below.
        mark: the accuracy that the lower end of the 95 % t interval over the seeds must reach.
        seeds: how many trainings are asked for.

    Returns:
        A Verdict with the interval.
    """
    from helpers.measures import seed_interval

    need_keys(answer, ("parameters", "accuracies"))
    parameters = as_whole_number(answer["parameters"], "the number of parameters, network.count_params(),")
    accuracies = as_numbers(answer["accuracies"], "the accuracies", finite=True)
    if parameters >= largest:
        return wrong(f"fewer than {largest:,} parameters were expected, and {parameters:,} came: take fewer filters.")
    if accuracies.shape != (seeds,):
        return wrong(f"{seeds} accuracies were expected, one a seed, and {brief(answer['accuracies'])} came.")
    if accuracies.min() < 0 or accuracies.max() > 1:
        return wrong(f"accuracies are 0..1, and {accuracies.max():.4g} came: right answers divided by all images.")
    low, high = seed_interval(accuracies)
    words = f"{parameters:,} parameters, mean {accuracies.mean():.4f}, 95 % over the seeds {low:.4f} to {high:.4f}"
    if low < mark <= accuracies.mean():
        return wrong(f"{words}: the mean reaches {mark}, the lower end does not, so it may be luck; a little larger?")
    if low < mark:
        return wrong(f"{words}: {mark} is not reached; take more filters, or train for more epochs.")
    return right(f"{words}: {parameters / largest:.0%} of the largest size allowed reaches {mark}.")
