"""Draw answers, confusions and seeds: figures of numbers, which `helpers.plots` offers too."""

from itertools import cycle

import numpy as np
from matplotlib.colors import ListedColormap

from helpers._shared.arguments import as_index, as_indices, as_list, as_numbers
from helpers._shared.errors import CourseError
from helpers.plots.arguments import as_named, as_reference, as_values
from helpers.plots.colours import COLOURS, GAP, group_colour
from helpers.plots.grid import APART, ROOM, WIDTH, Sheet, wrap
from helpers.plots.house import axes_in_a_row, house_figure

__all__ = ["draw_reference", "plot_answers", "plot_confusion", "plot_histogram", "plot_seed_dots"]

MANY = 8  # groups; the names of more are written smaller, in shorter lines, and their means with fewer digits
LABEL_STEP = 0.14  # of the height of the axes, between the names of two lines
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
    shares = as_numbers(probabilities, "probabilities").astype(np.float64)
    shares = shares[0] if shares.ndim == 2 and len(shares) == 1 else shares
    if shares.ndim != 1 or not shares.size or not ((shares >= 0) & (shares <= 1.000001)).all():
        raise CourseError(
            "the answers for one image, (classes,) numbers within 0..1, are needed, and shape "
            f"{shares.shape} came: give model.predict(image[None])[0], with softmax or sigmoid outputs."
        )
    if shares.size == 1:
        shares = np.array([1 - shares[0], shares[0]])  # a sigmoid output is the share of class 1
    labels = [str(label) for label in (range(shares.size) if labels is None else as_list(labels, "labels"))]
    if len(labels) != shares.size:
        raise CourseError(f"{shares.size} labels are needed, one a class, and {len(labels)} came: give one each.")
    true = None if true is None else as_index(true, "true", shares.size)
    answer = int(np.argmax(shares))
    words = f"answer {labels[answer]} with {_share(shares[answer])}"
    words += "" if true is None else f", true class {labels[true]}"
    tall = max(0.26 * shares.size, 0.6 if image is None else SIDE)
    sheet = Sheet(f"{title}: {words}" if title else words[0].upper() + words[1:], tall + 0.42)
    left = 0 if image is None else SIDE + APART
    sheet.image(image, 0, 0, SIDE, tall)
    names = [f"{label} (true)" if place == true else label for place, label in enumerate(labels)]
    left += 0.15 + 0.09 * max(map(len, names))
    axes = sheet.axes(left, 0, min(5.0, ROOM - left - 0.6), tall)
    colours = [COLOURS["ours"] if place == answer else COLOURS["untrained"] for place in range(shares.size)]
    bars = axes.barh(range(shares.size), shares, color=colours, height=0.72)
    axes.bar_label(bars, [_share(share) for share in shares], padding=3, fontsize=9)
    axes.set_yticks(range(shares.size), names)
    if true is not None:
        axes.get_yticklabels()[true].set_fontweight("bold")
    axes.set(xlim=(0, 1), ylim=(shares.size - 0.5, -0.5), xlabel="share of the answer")
    axes.tick_params(axis="y", length=0)
    return sheet.figure


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
    counts, labels = _confusion(true, predicted, labels)
    classes = len(counts)
    mistakes = counts * (1 - np.eye(classes, dtype=int))
    words = f"{np.trace(counts):,} of {counts.sum():,} right"
    if mistakes.any():
        row, column = np.unravel_index(mistakes.argmax(), mistakes.shape)
        times = f"{mistakes.max():,} times" if mistakes.max() > 1 else "once"
        words += f", most often {labels[row]} taken for {labels[column]} ({times})"
    side = min(0.7, 5.0 / classes)
    sheet = Sheet(f"{title}: {words}" if title else words, classes * side + 0.6)
    left = 0.5 + 0.09 * max(map(len, labels))
    axes = sheet.axes(left, 0, classes * side, classes * side)
    axes.imshow(np.eye(classes), cmap=ListedColormap(["white", "#EDEDED"]), aspect="auto")
    shown = np.ma.masked_equal(mistakes, 0)
    axes.imshow(shown, cmap="Oranges", vmin=-0.1 * mistakes.max(), vmax=max(1, mistakes.max()), aspect="auto")
    for row, column in np.ndindex(counts.shape):
        dark = mistakes[row, column] > 0.6 * mistakes.max() > 0
        style = {"color": "white"} if dark else {"weight": "bold"} if row == column else {}
        axes.text(column, row, f"{counts[row, column] or '·'}", ha="center", va="center", fontsize=9, **style)
    for axis in (axes.xaxis, axes.yaxis):
        axis.set_ticks(range(classes), labels)
        axis.set_ticks(np.arange(0.5, classes - 1), minor=True)
    axes.set(xlabel="answer of the network", ylabel="true class")
    axes.grid(which="minor", color=GAP, linewidth=0.6)
    axes.tick_params(which="both", length=0)
    return sheet.figure


@house_figure
def plot_seed_dots(groups, *, reference=None, ylabel="", title=""):
    """Draw every result as a dot: seeds or splits of several groups, their means, and reference values.

    Args:
        groups: dict from a group's name to its values, one a seed or split.
        reference: dict from a name to a value, drawn as a line across, such as the article's.
        ylabel: what the values are, with their unit.
        title: words above all.

    Returns:
        The Figure: one column of dots a group, its mean a short line.

    Raises:
        CourseError: if there is no group, or one is empty or holds what is no finite number.
    """
    groups = _checked_groups(groups)
    reference = as_reference(reference)
    figure, (axes,) = axes_in_a_row(1, 3.6)
    near = np.ptp(np.concatenate([*groups.values(), list(reference.values())])) / 30
    points, least, form = (8, 9, ".3g") if len(groups) > MANY else (9, 12, ".4g")
    names = []
    for place, (name, values) in enumerate(groups.items()):
        _draw_dots(axes, place, values, COLOURS.get(name, COLOURS["ours"]), near=near, form=form)
        names.append(f"{wrap(name, 5.6 / len(groups), points, least)}\n(n = {len(values)})")
    axes.set_xticks(range(len(groups)), names, fontsize=points)
    axes.set(xlim=(-0.6, len(groups) - 0.4), ylabel=ylabel, title=wrap(title, WIDTH - 1))
    axes.set_xlabel("each dot is one of n; the short line is their mean", fontsize=9)
    axes.tick_params(axis="x", length=0)
    axes.grid(axis="y")
    draw_reference(axes, reference)
    return figure


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
    figure, (axes,) = axes_in_a_row(1, 3.2)
    for number, (name, values) in enumerate(groups.items()):
        shares = np.histogram(values, edges)[0] / values.size
        colour = group_colour(name, number)
        axes.stairs(shares, edges, fill=True, alpha=0.35, color=colour, label=f"{name}: mean {values.mean():.3g}")
        axes.stairs(shares, edges, color=colour, linewidth=1.6)
    for style, (name, value) in zip(cycle(("--", ":", "-.")), as_reference(reference).items()):
        axes.axvline(value, color=COLOURS["article"], linestyle=style, linewidth=1.4, label=f"{name}: {value:.3g}")
    axes.set(xlabel=xlabel, ylabel="share", title=wrap(title, WIDTH - 1))
    axes.legend(loc="upper left")
    return figure


def _checked_groups(groups):
    """Return a dict from names to finite numbers, at least one each."""
    return {name: as_values(values, f"group {name!r}") for name, values in as_named(groups, "groups").items()}


def _share(share):
    return "<0.001" if 0 < share < 0.0005 else ">0.999" if 0.9995 <= share < 1 else f"{share:.3f}"


def _confusion(true, predicted, labels):
    """Count how often each true class (rows) got each answer (columns), and name the classes."""
    true, predicted = as_indices(true, "true classes"), as_indices(predicted, "predicted classes, as of argmax(-1),")
    if true.shape != predicted.shape or not true.size:
        raise CourseError(
            f"{true.size} true and {predicted.size} predicted classes came, not one each an image: use argmax."
        )
    classes = int(max(true.max(), predicted.max())) + 1
    labels = [str(label) for label in (range(classes) if labels is None else as_list(labels, "labels"))]
    if len(labels) < classes:
        raise CourseError(f"{len(labels)} labels came, and class {classes - 1} too: give a label each.")
    counts = np.zeros((len(labels), len(labels)), int)
    np.add.at(counts, (true, predicted), 1)
    return counts, labels


def _draw_dots(axes, place, values, colour, *, near, form):
    """Draw each value as a dot; dots nearer than near step aside, so that none hides another."""
    aside, level, last = np.zeros(values.size), 0, -np.inf
    for here in np.argsort(values, kind="stable"):
        level = level + 1 if values[here] - last <= near else 0
        last = values[here]
        aside[here] = (level + 1) // 2 * (1 if level % 2 else -1) * 0.07
    axes.plot(place + aside, values, "o", color=colour, markersize=7, markeredgecolor="white")
    axes.hlines(values.mean(), place - 0.22, place + 0.22, color="#222222", linewidth=1.8)
    paper = {"facecolor": "white", "edgecolor": "none", "pad": 1}
    axes.annotate(f"{values.mean():{form}}", (place + 0.25, values.mean()), va="center", fontsize=9, bbox=paper)


def draw_reference(axes, reference):
    """Draw named lines across, their names at the right, moved apart where they would overlap.

    Args:
        axes: where to draw; its range grows where a line lies outside.
        reference: dict from a name to a value on the upright axis.
    """
    low, high = axes.get_ylim()
    low, high = min([low, *reference.values()]), max([high, *reference.values()])
    axes.set_ylim(low, high)
    names, heights = sorted(reference, key=reference.get), []
    for value in map(reference.get, names):
        axes.axhline(value, color=COLOURS["article"], linewidth=1, linestyle=(0, (4, 2)), zorder=1)
        heights.append(max((value - low) / (high - low), heights[-1] + LABEL_STEP if heights else 0))
    heights = np.array(heights) - max(0, (heights or [0])[-1] - 1)  # back from above the top
    for name, height in zip(names, heights):
        words = f"{name}\n{reference[name]:.4g}"
        axes.annotate(words, (1.01, height), xycoords="axes fraction", va="center", fontsize=9, linespacing=1.0)


def _bin_edges(values):
    """Edges halfway between neighbours where the values are few and discrete, else forty bins."""
    unique = np.unique(values)
    if unique.size > 80:
        return np.histogram_bin_edges(values, 40)
    step = np.diff(unique).min() if unique.size > 1 else 1.0
    count = round((unique[-1] - unique[0]) / step) + 1
    return unique[0] + step * (np.arange(count + 1) - 0.5)
