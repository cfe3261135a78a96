"""The checks of the notebooks that go deeper, in their order."""

import numpy as np
from keras import Model
from keras.layers import Conv2D
from scipy.stats import binom, mannwhitneyu

from helpers._shared.arguments import as_array, as_choice, as_index, as_number, as_numbers, as_whole_number
from helpers.activations import channel_statistics
from helpers.checks.verdict import alike, check, expect, need, need_keys, need_shape, tried
from helpers.measures import conclude, rebuild, seed_interval
from helpers.probing import common_points, lit

__all__ = [
    "check_best_of_looks",
    "check_comparisons",
    "check_corners",
    "check_marker",
    "check_named_channel",
    "check_rebuilt",
    "check_red_ring",
    "check_same_answers",
    "check_share_rebuilt",
    "check_smaller_network",
    "check_smallest_swap",
    "check_sparsity",
]

GUESS = "my guess: sparser is"
FEWEST = 3  # photos with and without the named thing: with fewer, chance alone often looks like a find
CLEAR = 0.8  # share of pairs that a nameable channel puts in order
CORNER = 30  # pixels a side: what counts as a corner of an image of 150
CLOSE = 0.02  # of an R2: what another choice of penalty may change
CORNERS = ("upper left", "upper right", "lower left", "lower right")


@check
def check_best_of_looks(answer, *, images=90, looks=20, truth=0.93):
    """Check the simulation of what the best of several looks makes of a network.

    Args:
        answer: the mean, over many rounds, of the best accuracy among the looks; a number 0..1.
        images: how many images each look scores.
        looks: how many looks are taken.
        truth: the share of all images that the network truly answers right.

    Returns:
        A Verdict.
    """
    value = as_number(answer, "the answer, the mean over all rounds at the end,")
    # The mean of a count is the sum over k of P(count > k), and the best stays at k or below when all looks do.
    below = binom.cdf(np.arange(images), images, truth) ** looks
    expected = float((1 - below).sum() / images)
    share = f"a share between 0 and 1 was expected, and {value:.4g} came"
    rows = f"draw rounds x {looks} numbers of right answers out of {images}, take the largest of each row"
    mistakes = {
        f"{share}: divide by the number of images.": images * expected,
        f"{share}: divide by 100.": 100 * expected,
        f"{value:.3f} is the mean of all looks: take the best of each round first.": truth,
        f"{value:.3f} is too high: is it the best of all rounds, or of over {looks} looks?": 1,
    }
    otherwise = f"about {expected:.3f} was expected, and {value:.4g} came: {rows}, then the mean."
    expect(value, expected, mistakes, otherwise, near=0.0025)  # in all five times the error of 10,000 rounds
    return f"{value:.3f}; the best of {looks} looks adds {100 * (value - truth):.1f} points to {truth}."


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
        mistakes = {
            f"{value:.3f} is the share of values that are *not* zero for {name!r}: count those that are.": 1 - share,
            f"{value:.1f} for {name!r} are percent, and a share from 0 to 1 was expected: divide by 100.": 100 * share,
            f"{value:.0f} zeros for {name!r} is a count: divide by the number of values.": share * np.size(maps[name]),
        }
        otherwise = f"for {name!r} {share:.3f} was expected, not {value:.3f}: take the mean of == 0 over every value."
        expect(value, share, mistakes, otherwise)
    sparser = max(truth, key=truth.get)
    said = "as you guessed" if guess == sparser else "against your guess"
    shares = ", ".join(f"{name} {share:.2f}" for name, share in truth.items())
    return f"{shares}; sparser is {sparser}, {said}."


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
    need_keys(answer, ("layer", "channel", "name", "fits"))
    fits = as_array(answer["fits"])
    marked = fits.shape == (len(images),) and np.isin(fits, (0, 1)).all()
    need(marked, f'"fits" must be {len(images)} times True or False, one an image, not {answer["fits"]!r}.')
    fits = fits.astype(bool)
    few = f"the name fits {fits.sum()} of {len(fits)} images, and with fewer than {FEWEST} on a side chance decides"
    need(FEWEST <= fits.sum() <= len(fits) - FEWEST, f"{few}: take a name that fits some and not others.")
    layer = as_choice(answer["layer"], "the layer", [each.name for each in network.layers])
    values = channel_statistics(network, images, [layer])[layer]
    channel = as_index(answer["channel"], f"the channel of {layer}", values.shape[1])
    values = values[:, channel]
    test = mannwhitneyu(values[fits], values[~fits], alternative="greater")
    pairs = test.statistic / (fits.sum() * (~fits).sum())
    measured = f"{100 * pairs:.0f} % of the pairs are in order (p = {test.pvalue:.2g})"
    need(pairs >= CLEAR, f"of channel {channel} only {measured}, not {100 * CLEAR:.0f} %: try another name or channel.")
    found = f'channel {channel} of {layer} is higher where "{answer["name"]}" fits: {measured}'
    return f"{found}; {len(fits)} images are few, so try twenty more before you believe it."


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
    hidden = np.array(images)
    hidden[:, CORNER:] = 0
    hidden[:, :, CORNER:-CORNER] = 0
    case = f"called with images {np.shape(images)}"
    said, without = (as_numbers(tried(answer, case, np.array(given)), "labels") for given in (images, hidden))
    labelled = said.shape == (len(images),) and np.isin(said, (0, 1)).all()
    need(labelled, f"{len(images)} labels, 0 or 1, were expected, and shape {said.shape} came: use predict.")
    changed = np.sum(said != without)
    rest = f"with all but the top corners ({CORNER} pixels a side) painted over"
    need(not changed, f"{rest}, {changed} answers change: cut the two corners out before anything else.")
    balanced = np.mean([np.mean(said[labels == label] == label) for label in (0, 1)])
    need(balanced >= fewest, f"a balanced accuracy of {fewest} was expected, and {balanced:.2f} came: fit on train.")
    return f"two corners without any lung reach a balanced accuracy of {balanced:.2f}."


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
    kept = [layer.name for layer in network.layers]
    copied = isinstance(answer, Model) and [layer.name for layer in answer.layers] == kept
    need(copied, "a copy of the network was expected: take keras.models.clone_model and then set_weights.")
    pairs = [(layer, answer.get_layer(layer.name)) for layer in network.layers if isinstance(layer, Conv2D)]
    doubled = [(old, new) for old, new in pairs if alike(new.kernel, 2 * old.kernel, near=1e-5)]
    need(doubled, "no convolution has twice its weights: multiply the kernel of one by 2, and keep the rest.")
    for old, new in doubled:
        said = f"the weights of {old.name} are doubled, its biases are not: ReLU needs both, 2 (w x + b)."
        expect(new.bias, 2 * old.bias, {}, said, near=1e-5)
    gap = np.abs(answer.predict_on_batch(images) - network.predict_on_batch(images)).max()
    advice = "halve the *weights* of the next layer that has some, and leave its biases as they are"
    need(gap <= 1e-3, f"the answers differ by up to {gap:.2g} and must be the same: {advice}.")
    before, after = (float(sum(each.losses)) for each in (network, answer))
    nobody = f"nobody punishes the layer after {doubled[0][0].name}: take the one right below the first dense layer"
    need(after <= 0.999 * before, f"the answers are the same, and so is the penalty, {after:.4f}: {nobody}.")
    names = ", ".join(old.name for old, _ in doubled)
    return f"a penalty of {after:.4f} instead of {before:.4f}: it went into {names}, which nobody punishes."


@check
def check_rebuilt(answer, pairs):
    """Check the R2 that the learner found, and compare it with the guess.

    Args:
        answer: dict of "my guess" and "r2" -> numbers up to 1.
        pairs: three pairs (activation, images): to fit on, to choose by, to rebuild.

    Returns:
        A Verdict.
    """
    need_keys(answer, ("my guess", "r2"))
    guess = as_number(answer["my guess"], "'my guess'", high=1)
    value = as_number(answer["r2"], "'r2', the .r2 of what rebuild returns,", high=1)
    truth = rebuild(*pairs).r2
    right = abs(value - truth) <= CLOSE
    fitted = not right and abs(value - rebuild(pairs[0], pairs[1], pairs[0]).r2) <= CLOSE
    need(not fitted, f"{value:.2f} is the R2 on the digits it was fitted on: rebuild digits it never saw.")
    need(right, f"R2 {truth:.2f} was expected, and {value:.2f} came: give the three pairs in their order.")
    off = guess - truth
    said = "well guessed" if abs(off) < 0.1 else f"your guess was {abs(off):.2f} too {'high' if off > 0 else 'low'}"
    return f"R2 {truth:.2f}; {said}."


@check
def check_share_rebuilt(answer):
    """Check a function that says which share of the pixels' variance is rebuilt.

    Args:
        answer: function of (images, rebuilt images), arrays of one shape ``(images, ...)``; it returns R2.

    Returns:
        A Verdict; right when it is 1 minus the summed squares that are missed, divided by those around the mean image.
    """
    rng = np.random.default_rng(6)
    # Pixels differ in spread, in mean, and in how well they are rebuilt.
    spread, height, blur = rng.random((3, 6, 5, 1))
    images = rng.random((40, 6, 5, 1)) * spread + 2 * height
    rebuilt = images + 0.3 * rng.normal(size=images.shape) * blur
    found = tried(answer, f"for two arrays of shape {images.shape}", images.copy(), rebuilt.copy())
    value = as_number(found, "what it returns")
    missed, around = (images - rebuilt) ** 2, (images - images.mean(axis=0)) ** 2
    truth = 1 - missed.sum() / around.sum()
    wrong_way = f"R2 is {truth:.3f} for two arrays of ours, and {value:.3f} came"
    mistakes = {
        "that is the share that is missed: take it from 1": 1 - truth,
        "divide what is missed by the variance of the images": 1 - missed.mean(),
        "take the mean image, axis=0, not one mean of all pixels": 1 - missed.mean() / images.var(),
        "the variance is that of the images, not of the rebuilt ones": 1 - missed.mean() / rebuilt.var(axis=0).mean(),
        "sum over all pixels first, then divide once": 1 - (missed.sum(axis=0) / around.sum(axis=0)).mean(),
    }
    mistakes = {f"{wrong_way}: {advice}.": number for advice, number in mistakes.items()}
    expect(value, truth, mistakes, f"{wrong_way}: compare your two sums with the formula.")
    return "it is 1 minus the share that is missed, on two arrays of ours."


@check
def check_red_ring(answer, own, others):
    """Check how many points the red-ring rule finds between two groups of images.

    Args:
        answer: the number of points: lit in all of ``own`` and in none of ``others``.
        own: one layer's activation of a few images, ``(images, ...)``.
        others: the same of a few others, ``(images, ...)``.

    Returns:
        A Verdict.
    """
    count = as_whole_number(answer, "the count of red points, `int(red.sum())`,", least=0)
    red, yellow = common_points(own, others)
    mistakes = {
        "this counts the other group's points: the first group goes first.": common_points(others, own)[0].sum(),
        "this counts the yellow points too: take those lit in none of the other group.": (red | yellow).sum(),
        "this counts all that the first group shares: leave out what others light.": lit(own).all(axis=0).sum(),
        "this counts maps, and a map has several points.": red.any(axis=tuple(range(red.ndim - 1))).sum(),
    }
    otherwise = "the rule finds another number: give both groups to `common_points` and count the red points."
    expect(count, red.sum(), mistakes, otherwise)
    said = "unique among six images is not unique to a digit" if count else "other images may give some"
    return f"the rule calls {count} of {red.size:,} points unique to one group: {said}."


@check
def check_smallest_swap(answer, rest, own, other, orders, digit):
    """Check the smallest number of swapped points that turns the answer for one image, for several orders.

    Args:
        answer: dict of an order's name -> whole number: the first so many points of that order, copied from
            ``other`` into ``own``, make the network answer ``digit``, and no smaller number does.
        rest: from `helpers.probing.network_from`.
        own: the layer's activation of one image, ``(1, ...)``.
        other: that of an image of the other digit, ``(1, ...)``.
        orders: dict from a name to the points in their order, places in the flattened layer.
        digit: the answer that counts as flipped.

    Returns:
        A Verdict; it compares the orders.
    """
    need_keys(answer, orders)
    for name, count in answer.items():
        as_whole_number(count, f"the count of points of {name!r}", most=len(orders[name]))
        smallest = _smallest(rest, own, other, orders[name], digit)
        few = f"with {count:,} points of {name!r} the answer is not {digit} yet"
        need(count != smallest - 1, f"{few}: one more would do: count points, not places from 0.")
        need(count > smallest - 1, f"{few}: swap more of them.")
        need(count == smallest, f"a smaller number of {name!r} makes it {digit}: try each from 1, take the first.")
    words = ", ".join(f"{count:,} for {name!r}" for name, count in answer.items())
    return f"{words}: no smaller number makes it {digit}, for this pair of images and these orders."


def _smallest(rest, own, other, points, digit):
    """The smallest number of points that makes the answer ``digit``; one more than there are where none does."""
    mixed = np.repeat(np.reshape(own, (1, -1)), len(points), axis=0)
    for row, point in enumerate(points):
        mixed[row:, point] = np.ravel(other)[point]
    answers = np.asarray(rest.predict_on_batch(mixed.reshape(-1, *np.shape(own)[1:]))).argmax(axis=1)
    return int(np.argmax(np.append(answers, digit) == digit)) + 1


@check
def check_marker(answer, heatmaps):
    """Check in which corner a network looks.

    Args:
        answer: "upper left", "upper right", "lower left" or "lower right".
        heatmaps: array ``(images, height, width)``: where the answers came from.

    Returns:
        A Verdict with the share of images whose highest place lies in that corner's quarter.
    """
    words = str(answer).strip().lower().replace("top", "upper").replace("bottom", "lower")
    corner = as_choice(words, "the corner", CORNERS)
    heatmaps = np.asarray(heatmaps)
    height, width = heatmaps.shape[1:]
    row, column = np.unravel_index(heatmaps.reshape(len(heatmaps), -1).argmax(axis=1), (height, width))
    quarter = 2 * (row >= height / 2) + (column >= width / 2)  # of the highest place, as a place in CORNERS
    most, own = CORNERS[np.bincount(quarter, minlength=4).argmax()], np.mean(quarter == CORNERS.index(corner))
    advice = "take `np.unravel_index(heatmap.argmax(), heatmap.shape)`, row from above and column from the left"
    need(corner == most, f"only {own:.0%} of {len(quarter)} heatmaps have their highest place there: {advice}.")
    return f"of {len(quarter)} heatmaps {own:.0%} have their highest place in the {corner} quarter."


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
    need_keys(answer, pairs)
    for name, word in answer.items():
        as_choice(word, f"the decision on {name}", ("better", "worse", "same", "unknown"))
        expected, low, high = conclude(pairs[name], margin)
        asked = f"Does it hold the zero? Does it lie within {margin} images to either side?"
        need(word == expected, f"{name}: the 95 % interval goes from {low:+.1f} to {high:+.1f} images. {asked}")
    return "an interval without zero decides, a narrow one around it says same, a wide one says nothing."


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
    need_keys(answer, ("parameters", "accuracies"))
    parameters = as_whole_number(answer["parameters"], "the number of parameters, network.count_params(),")
    advice = f"one of each of {seeds} seeds is needed"
    accuracies = need_shape(answer["accuracies"], (seeds,), advice, name="'accuracies'", finite=True)
    need(parameters < largest, f"fewer than {largest:,} parameters are needed, not {parameters:,}: take fewer filters.")
    shares = accuracies.min() >= 0 and accuracies.max() <= 1
    need(shares, f"accuracies are 0..1, and {accuracies.max():.4g} came: right answers divided by all images.")
    low, high = seed_interval(accuracies)
    words = f"{parameters:,} parameters, mean {accuracies.mean():.4f}, 95 % over the seeds {low:.4f} to {high:.4f}"
    need(accuracies.mean() >= mark, f"{words}: {mark} is not reached; take more filters, or train for more epochs.")
    need(low >= mark, f"{words}: the mean reaches {mark}, the lower end does not, so it may be luck; a little larger?")
    return f"{words}: {parameters / largest:.0%} of the largest size allowed reaches {mark}."
