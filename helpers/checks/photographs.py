"""The checks of notebooks 02 and 03, on photographs and X-rays."""

import numpy as np

from helpers._shared.arguments import as_choice, as_index, as_number
from helpers.checks.verdict import check, need_keys, right, wrong

__all__ = ["check_corners", "check_named_channel", "check_sparsity"]

GUESS = "my guess: sparser is"
FEWEST = 3  # photos with and without the named thing: with fewer, chance alone often looks like a find
CLEAR = 0.8  # share of pairs that a nameable channel puts in order
CORNER = 30  # pixels a side: what counts as a corner of an image of 150


@check
def check_sparsity(answer, maps):
    """Check the shares of zeros that the learner measured in two activations, and compare with the guess.

    Args:
        answer: dict of "my guess: sparser is" -> one of the names, and each name -> its share of zeros, 0..1.
        maps: dict of name -> the activation that was to be measured.

    Returns:
        A Verdict.
    """
    need_keys(answer, [GUESS, *maps])
    guess = as_choice(answer[GUESS], "the guess", list(maps))
    truth = {name: float(np.mean(np.asarray(values) == 0)) for name, values in maps.items()}
    for name, share in truth.items():
        value = as_number(answer[name], f"the share of zeros of {name!r}")
        sentence = _about_share(name, value, share, np.size(maps[name]))
        if sentence:
            return wrong(sentence)
    sparser = max(truth, key=truth.get)
    said = "as you guessed" if guess == sparser else "against your guess"
    shares = ", ".join(f"{name} {share:.2f}" for name, share in truth.items())
    return right(f"{shares}; sparser is {sparser}, {said}.")


def _about_share(name, value, share, size):
    """A sentence on what is wrong with one share, or None."""
    if abs(value - share) < 1e-4:
        return None
    if abs(value - (1 - share)) < 1e-4:
        return f"{value:.3f} is the share of values that are *not* zero for {name!r}: count those that are."
    if abs(value - 100 * share) < 0.01:
        return f"{value:.1f} for {name!r} are percent, and a share from 0 to 1 was expected: divide by 100."
    if abs(value - share * size) < 0.5:
        return f"{value:.0f} zeros for {name!r} is a count, and a share was expected: divide by the number of values."
    return f"for {name!r} {share:.3f} was expected and {value:.3f} came: take the mean of == 0 over every value."


@check
def check_named_channel(answer, network, images):
    """Check whether a channel is higher for the images that a name fits.

    Args:
        answer: dict of "layer" -> its name, "channel" -> its index, "name" -> what it is said to answer to,
            "fits" -> one True or False for each image, written down by looking at the images.
        network: the network that was looked into.
        images: array ``(images, height, width, channels)`` as the network takes them.

    Returns:
        A Verdict; right when the channel's mean puts at least 80 % of all pairs (fits, fits not) in order.
    """
    from scipy.stats import mannwhitneyu  # late, as is what needs Keras

    from helpers.activations import channel_statistics

    need_keys(answer, ("layer", "channel", "name", "fits"))
    fits = np.asarray(answer["fits"])
    if fits.shape != (len(images),) or not np.isin(fits, (0, 1)).all():
        return wrong(f'"fits" must be {len(images)} times True or False, one an image, not {answer["fits"]!r}.')
    fits = fits.astype(bool)
    if min(fits.sum(), (~fits).sum()) < FEWEST:
        return wrong(
            f"the name fits {fits.sum()} of {len(fits)} images: with fewer than {FEWEST} on either side "
            "chance alone often looks like a find; take a name that fits some and not others."
        )
    layer = str(answer["layer"])
    try:
        values = channel_statistics(network, images, [layer])[layer]
    except KeyError as error:
        return wrong(f"{error.args[0]} Name one of these.")
    channel = as_index(answer["channel"], f"the channel of {layer}", values.shape[1])
    values = values[:, channel]
    test = mannwhitneyu(values[fits], values[~fits], alternative="greater")
    pairs = test.statistic / (fits.sum() * (~fits).sum())
    measured = f"{100 * pairs:.0f} % of the pairs are in order (p = {test.pvalue:.2g})"
    if pairs < CLEAR:
        return wrong(
            f"of channel {channel} only {measured}, and {100 * CLEAR:.0f} % were expected: "
            f'another name than "{answer["name"]}", or another channel?'
        )
    return right(
        f'channel {channel} of {layer} is higher where "{answer["name"]}" fits: {measured}; '
        f"{len(fits)} images are few, so try twenty more before you believe it."
    )


@check
def check_corners(answer, images, labels, *, fewest=0.55):
    """Check a classifier that is to look at the two top corners and at nothing else.

    Args:
        answer: function from images ``(n, 150, 150, 3)`` to labels ``(n,)``, 0 or 1.
        images: array of images that it did not learn from, values 0..1.
        labels: their labels ``(n,)``.
        fewest: the balanced accuracy that corners alone reach at least.

    Returns:
        A Verdict.
    """
    if not callable(answer):
        return wrong(f"a function from images to labels was expected, and a {type(answer).__name__} came.")
    hidden = np.array(images)
    hidden[:, CORNER:] = 0
    hidden[:, :, CORNER:-CORNER] = 0
    try:
        labels_said, without = (np.asarray(answer(given)) for given in (np.asarray(images), hidden))
    except Exception as error:  # whatever a learner's function raises is an answer to explain, not a crash
        return wrong(f"your function raised {type(error).__name__} ({error}): it gets images {np.shape(images)}.")
    if labels_said.shape != (len(images),) or not np.isin(labels_said, (0, 1)).all():
        return wrong(f"{len(images)} labels, 0 or 1, were expected, and shape {labels_said.shape} came: use predict.")
    if not np.array_equal(labels_said, without):
        return wrong(
            f"with all but the top corners ({CORNER} pixels a side) painted over, {np.sum(labels_said != without)} "
            "answers change: cut the two corners out before anything else."
        )
    balanced = np.mean([np.mean(labels_said[labels == label] == label) for label in (0, 1)])
    if balanced < fewest:
        return wrong(f"a balanced accuracy of {fewest} or more was expected, and {balanced:.2f} came: fit on train.")
    return right(f"two corners without any lung reach a balanced accuracy of {balanced:.2f}.")
