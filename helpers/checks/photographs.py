"""The checks of notebook 02, on photographs."""

import numpy as np

from helpers.checks.verdict import Verdict, incomplete, wrong

__all__ = ["check_named_channel", "check_sparsity"]

GUESS = "my guess: sparser is"
FEWEST = 3  # photos with and without the named thing: with fewer, chance alone often looks like a find
CLEAR = 0.8  # share of pairs that a nameable channel puts in order


def check_sparsity(answer, maps):
    """Check the shares of zeros that the learner measured in two activations, and compare with the guess.

    Args:
        answer: dict of "my guess: sparser is" -> one of the names, and each name -> its share of zeros, 0..1.
        maps: dict of name -> the activation that was to be measured.

    Returns:
        A Verdict.
    """
    keys = [GUESS, *maps]
    lacking = incomplete(answer, keys)
    if lacking:
        return lacking
    if answer[GUESS] not in maps:
        return wrong(f"the guess must be one of {', '.join(map(repr, maps))}, not {answer[GUESS]!r}.")
    truth = {name: float(np.mean(np.asarray(values) == 0)) for name, values in maps.items()}
    for name, share in truth.items():
        sentence = _about_share(name, answer[name], share, maps[name])
        if sentence:
            return wrong(sentence)
    sparser = max(truth, key=truth.get)
    said = "as you guessed" if answer[GUESS] == sparser else "against your guess"
    return Verdict(
        "right", f"{', '.join(f'{name} {share:.2f}' for name, share in truth.items())}; sparser is {sparser}, {said}."
    )


def _about_share(name, value, share, activation):
    """A sentence on what is wrong with one share, or None."""
    if np.ndim(value) or not isinstance(value, int | float | np.number):
        return f"one number was expected for {name!r}, not a {type(value).__name__} of shape {np.shape(value)}."
    if abs(value - share) < 1e-4:
        return None
    if abs(value - (1 - share)) < 1e-4:
        return f"{value:.3f} is the share of values that are *not* zero for {name!r}: count those that are."
    if abs(value - 100 * share) < 0.01:
        return f"{value:.1f} for {name!r} are percent, and a share from 0 to 1 was expected: divide by 100."
    if abs(value - share * np.size(activation)) < 0.5:
        return f"{value:.0f} zeros for {name!r} is a count, and a share was expected: divide by the number of values."
    return (
        f"for {name!r} {share:.3f} was expected and {value:.3f} came: "
        "take every value of the layer, == 0, and the mean."
    )


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
    keys = ("layer", "channel", "name", "fits")
    lacking = incomplete(answer, keys)
    if lacking:
        return lacking
    fits = np.asarray(answer["fits"])
    if fits.shape != (len(images),) or not np.isin(fits, (0, 1)).all():
        return wrong(f'"fits" must be {len(images)} times True or False, one an image, not {answer["fits"]!r}.')
    fits = fits.astype(bool)
    if min(fits.sum(), (~fits).sum()) < FEWEST:
        return wrong(
            f"the name fits {fits.sum()} of {len(fits)} images: with fewer than {FEWEST} on either side "
            "chance alone often looks like a find; take a name that fits some and not others."
        )
    return _compare(answer, network, images, fits)


def _compare(answer, network, images, fits):
    from scipy.stats import mannwhitneyu  # late, as is what needs Keras

    from helpers.activations import channel_statistics

    try:
        values = channel_statistics(network, images, [str(answer["layer"])])[str(answer["layer"])]
    except KeyError as error:
        return wrong(f"{error.args[0]} Name one of these.")
    if answer["channel"] not in range(values.shape[1]):
        return wrong(f"{answer['layer']} has channels 0 to {values.shape[1] - 1}, not {answer['channel']!r}.")
    values = values[:, answer["channel"]]
    test = mannwhitneyu(values[fits], values[~fits], alternative="greater")
    pairs = test.statistic / (fits.sum() * (~fits).sum())
    measured = f"{100 * pairs:.0f} % of the pairs are in order (p = {test.pvalue:.2g})"
    if pairs < CLEAR:
        return wrong(
            f"of channel {answer['channel']} only {measured}, and {100 * CLEAR:.0f} % were expected: "
            f'another name than "{answer["name"]}", or another channel?'
        )
    return Verdict(
        "right",
        f'channel {answer["channel"]} of {answer["layer"]} is higher where "{answer["name"]}" fits: {measured}; '
        f"{len(fits)} images are few, so try twenty more before you believe it.",
    )
