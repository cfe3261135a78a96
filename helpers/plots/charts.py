"""Draw answers, confusions and seeds: figures of numbers, which `helpers.plots` offers too."""

import math
from itertools import cycle, pairwise

import numpy as np
from matplotlib.colors import ListedColormap

from helpers._shared.arguments import CourseError, as_index, as_indices, as_list, as_numbers
from helpers.plots.arguments import as_named, as_reference, as_values
from helpers.plots.colours import COLOURS, GAP, group_colour
from helpers.plots.grid import paint_image
from helpers.plots.house import house_figure
from helpers.plots.sheet import APART, LINE_STYLE, ROOM, SMALL, Sheet, line_height, name_ticks, text_width, wrap

__all__ = ["plot_answers", "plot_confusion", "plot_histogram", "plot_seed_dots", "spans_decades"]

FEW = 40  # bins of a histogram at most, where its values are not few and discrete
ROW = 0.42  # inches of a group's row of dots
SIDE = 1.9  # inches of an input image


@house_figure
def plot_answers(probabilities, *, labels=None, true=None, image=None, title=""):
    """Draw the answer of a classifier for one image as bars, one a class.

    Args:
        probabilities: ``(classes,)`` or ``(1, classes)``, 0..1; one sigmoid output stands for two classes.
        labels: names of the classes; their indices if left out.
        true: index of the true class; its name is marked.
        image: the input image, drawn left of the bars: ``(height, width, channels)``, 0..1 or 0..255.
        title: words before the answer in the title.

    Returns:
        The Figure: input image (if given) and bars.

    Raises:
        CourseError: if the probabilities are those of several images or not within 0..1, the labels do not
            match, or the true class does not exist.
    """
    shares = np.atleast_1d(as_numbers(probabilities, "probabilities").astype(np.float64).squeeze())
    if shares.ndim != 1 or not shares.size or not ((shares >= 0) & (shares <= 1.000001)).all():
        asked = "answers for one image, (classes,) numbers within 0..1, are needed"
        raise CourseError(f"{asked}, and shape {shares.shape} came: give model.predict(image[None])[0] after softmax.")
    if shares.size == 1:
        shares = np.array([1 - shares[0], shares[0]])  # a sigmoid output is the share of class 1
    labels = list(map(str, range(shares.size) if labels is None else as_list(labels, "labels", shares.size)))
    true = None if true is None else as_index(true, "true", shares.size)
    answer = int(np.argmax(shares))
    words = f"answer {labels[answer]} with {_share(shares[answer])}"
    words += "" if true is None else f", true class {labels[true]}"
    sheet = Sheet(f"{title}: {words}" if title else words[0].upper() + words[1:])
    names = [f"{label} (true)" if place == true else label for place, label in enumerate(labels)]
    names = [wrap(name, 2.5, SMALL) for name in names]
    lines = sum(name.count("\n") + 1 for name in names)
    left = 0 if image is None else SIDE + APART
    (axes,) = sheet.charts(1, max(0.2 * lines + 0.06 * len(names) + 0.5, 1.0), left=left, right=min(ROOM, left + 6))
    if image is not None:
        sheet.paint(paint_image(image, SIDE, SIDE), 0, 0)
    colours = [COLOURS["ours"] if place == answer else COLOURS["untrained"] for place in range(shares.size)]
    bars = axes.barh(range(shares.size), shares, color=colours, height=0.72)
    axes.bar_label(bars, [_share(share) for share in shares], padding=3, fontsize=SMALL)
    axes.set_yticks(range(shares.size), names)
    if true is not None:
        axes.get_yticklabels()[true].set_fontweight("bold")
    axes.set(xlim=(0, 1), ylim=(shares.size - 0.5, -0.5), xlabel="probability")
    axes.tick_params(axis="y", length=0)
    return sheet.finish()


@house_figure
def plot_confusion(true, predicted, *, labels=None, title=""):
    """Draw how often each class was taken for each other one; mistakes are coloured, the more the darker.

    Args:
        true: class indices ``(images,)``, 0 to n-1.
        predicted: class indices ``(images,)`` that the network answered.
        labels: names of the classes; their indices if left out.
        title: words before the count in the title.

    Returns:
        The Figure: rows are true classes, columns are answers, every count written.

    Raises:
        CourseError: if the two are not of the same length, or the labels do not match.
    """
    true, predicted = as_indices(true, "true classes"), as_indices(predicted, "predicted classes, as of argmax(-1),")
    if true.shape != predicted.shape or not true.size:
        came = f"{true.size} true and {predicted.size} predicted classes"
        raise CourseError(f"{came} came, not one each an image: use argmax.")
    classes = int(max(true.max(), predicted.max())) + 1
    labels = list(map(str, range(classes) if labels is None else as_list(labels, "labels")))
    if len(labels) < classes:
        raise CourseError(f"{len(labels)} labels came, and class {classes - 1} too: give a label each.")
    classes = len(labels)
    counts = np.bincount(true * classes + predicted, minlength=classes**2).reshape(classes, classes)
    mistakes = counts * (1 - np.eye(classes, dtype=int))
    words = f"{np.trace(counts):,} of {counts.sum():,} right"
    if mistakes.any():
        most = [f"{labels[row]} taken for {labels[column]}" for row, column in np.argwhere(mistakes == mistakes.max())]
        times = (f"{mistakes.max():,} times" if mistakes.max() > 1 else "once") + (" each" if len(most) > 1 else "")
        said = " and ".join(most) if len(most) < 3 else f"{most[0]} and {len(most) - 1} others"
        words += f"; most common mistake{'s' if len(most) > 1 else ''}: {said} ({times})"
    side = min(0.9, 5.5 / classes)
    sheet = Sheet(f"{title}: {words}" if title else words[0].upper() + words[1:])
    beside = min(2.4, max(text_width(label, SMALL) for label in labels)) + 0.5
    below = 0.6 if beside < side else 0.3 + 0.8 * beside
    (axes,) = sheet.charts(1, classes * max(0.32, 0.75 * side) + below, right=min(ROOM, classes * side + beside))
    axes.imshow(np.eye(classes), cmap=ListedColormap(["white", "#EDEDED"]), aspect="auto")
    shown = np.ma.masked_equal(mistakes, 0)
    axes.imshow(shown, cmap="Oranges", vmin=-0.1 * mistakes.max(), vmax=max(1, mistakes.max()), aspect="auto")
    for row, column in np.ndindex(counts.shape):
        dark = mistakes[row, column] > 0.6 * mistakes.max() > 0
        style = {"color": "white"} if dark else {"weight": "bold"} if row == column else {}
        style |= {"ha": "center", "va": "center", "fontsize": SMALL if classes <= 12 else 8}
        axes.text(column, row, f"{counts[row, column] or '·'}", **style)
    name_ticks(axes, labels, side)
    name_ticks(axes, labels, side, axis="y")
    for axis in (axes.xaxis, axes.yaxis):
        axis.set_ticks(np.arange(0.5, classes - 1), minor=True)
    axes.set(xlabel="answer of the network", ylabel="true class")
    axes.grid(which="minor", color=GAP, linewidth=0.6)
    axes.tick_params(which="both", length=0)
    return sheet.finish()


@house_figure
def plot_seed_dots(groups, *, reference=None, ylabel="", title=""):
    """Draw every result as a dot: seeds or splits of several groups, their means, and reference values.

    Args:
        groups: dict from a group's name to its values, one a seed or split.
        reference: dict from a name to a value, drawn as a line across, such as the article's.
        ylabel: what the values are, with their unit.
        title: words above all.

    Returns:
        The Figure: one row of dots a group, its mean a short line, written at the right.

    Raises:
        CourseError: if there is no group, or one is empty or holds what is no finite number.
    """
    groups, reference = _checked_groups(groups), as_reference(reference)
    together = np.concatenate([*groups.values(), list(reference.values())])
    means = _means_in_words(groups)
    counts = [f" (n = {len(values)})" if len(values) > 1 else "" for values in groups.values()]
    names = [wrap(f"{name}{count}", 2.4, SMALL) for name, count in zip(groups, counts)]
    heights = [max(ROW, 0.17 * (name.count("\n") + 1) + 0.1) for name in names]
    sheet = Sheet(title)
    (axes,) = sheet.charts(1, sum(heights) + 0.75 + (0.25 + 0.15 * len(reference) if reference else 0))
    places = np.cumsum(heights) - np.array(heights) / 2
    for place, (name, values), mean in zip(places, groups.items(), means):
        _draw_dots(axes, place, values, COLOURS.get(name, COLOURS["ours"]), near=np.ptp(together) / 60)
        style = {"xycoords": ("axes fraction", "data"), "va": "center", "fontsize": SMALL}
        axes.annotate(f"mean {mean}" if len(values) > 1 else mean, (1.02, place), annotation_clip=False, **style)
    axes.set_yticks(places, names)
    axes.set(ylim=(sum(heights), 0), xlabel=ylabel)
    axes.tick_params(axis="y", length=0)
    axes.grid(axis="x")
    if spans_decades(together):
        axes.set_xscale("log")
    lift = 3  # points from the axes to a name, the next above it
    for name, value in reference.items():
        axes.axvline(value, color=COLOURS["article"], linewidth=1.4, linestyle=LINE_STYLE, zorder=1)
        words = wrap(f"{name} {value:.4g}", 1.6, SMALL)
        style = {"xycoords": ("data", "axes fraction"), "textcoords": "offset points", "annotation_clip": False}
        axes.annotate(words, (value, 1), (0, lift), ha="center", fontsize=SMALL, parse_math=False, **style)
        lift += 72 * line_height(SMALL) * (1 + words.count("\n"))
    return sheet.finish()


@house_figure
def plot_histogram(groups, *, reference=None, xlabel="", title=""):
    """Draw how often each value comes, for several groups on one axis, each group named with its mean.

    Args:
        groups: dict from a group's name to its values ``(n,)``, finite numbers.
        reference: dict from a name to a value, drawn as a line upwards, such as the article's.
        xlabel: what the values are, with their unit.
        title: words above all.

    Returns:
        The Figure: one outline a group; the height is the share of the group's values.

    Raises:
        CourseError: if there is no group, or one is empty or holds what is no finite number.
    """
    groups = _checked_groups(groups)
    edges = _bin_edges(np.concatenate(list(groups.values())))
    sheet = Sheet(title)
    (axes,) = sheet.charts(1, 3.0)
    for number, (name, values) in enumerate(groups.items()):
        counts, colour = np.histogram(values, edges)[0], group_colour(name, number)
        axes.stairs(counts / values.size, edges, fill=True, alpha=0.35, color=colour)
        axes.stairs(counts / values.size, edges, color=colour, linewidth=1.6, label=f"{name}: mean {values.mean():.3g}")
    for style, (name, value) in zip(cycle(("--", ":", "-.")), as_reference(reference).items()):
        axes.axvline(value, color=COLOURS["article"], linestyle=style, linewidth=1.6, label=f"{name}: {value:.3g}")
    axes.set(xlabel=xlabel, ylabel="share")
    return sheet.finish()


def _checked_groups(groups):
    """Return a dict from names to finite numbers, at least one each."""
    return {name: as_values(values, f"group {name!r}") for name, values in as_named(groups, "groups").items()}


def _share(share):
    return "<0.001" if 0 < share < 0.0005 else ">0.999" if 0.9995 <= share < 1 else f"{share:.3f}"


def _means_in_words(groups):
    """Write the means with one number of decimals: two digits below the first in which they may differ."""
    together = np.concatenate(list(groups.values()))
    if (together == np.rint(together)).all():
        decimals = 1 if any(len(values) > 1 for values in groups.values()) else 0
    else:
        spread = np.ptp(together) or abs(together[0])
        decimals = min(6, max(0, math.floor(2.5 - math.log10(spread)))) if spread else 2
    return [f"{round(values.mean(), decimals) + 0:,.{decimals}f}" for values in groups.values()]


def _draw_dots(axes, place, values, colour, *, near):
    """Draw each value as a dot, its mean as a line; dots nearer than near step aside, equal ones alone are one mark."""
    if len(values) > 1 and not np.ptp(values):
        axes.plot(values[0], place, "D", color=colour, markersize=7, markeredgecolor="white")
        return
    aside, level = np.zeros(values.size), 0
    for before, here in pairwise(np.argsort(values, kind="stable")):
        level = level + 1 if values[here] - values[before] <= near else 0
        aside[here] = (level + 1) // 2 * (1 if level % 2 else -1) * 0.07
    aside *= 0.15 / max(0.15, np.abs(aside).max())
    axes.plot(values, place + aside, "o", color=colour, markersize=7, markeredgecolor="white")
    if len(values) > 1:
        axes.vlines(values.mean(), place - 0.17, place + 0.17, color="#222222", linewidth=1.8)


def spans_decades(values):
    """Say whether values are better drawn on a logarithmic axis: all above 0, the largest a hundred times the least.

    Args:
        values: array of numbers.

    Returns:
        True or False.
    """
    values = np.asarray(values, float)
    values = values[np.isfinite(values)]
    return bool(values.size and values.min() > 0 and values.max() >= 100 * values.min())


def _bin_edges(values):
    """Edges halfway between neighbours where the values are few and discrete, else bins that hold some each."""
    unique = np.unique(values)
    step = np.diff(unique).min() if unique.size > 1 else 1.0
    steps = (unique - unique[0]) / step
    if steps[-1] < 2 * FEW and np.allclose(steps, np.rint(steps), atol=0.01):
        return unique[0] + step * (np.arange(round(steps[-1]) + 2) - 0.5)
    return np.histogram_bin_edges(values, min(FEW, max(3, 2 * math.isqrt(len(values)))))
