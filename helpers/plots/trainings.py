"""Draw trainings: epoch by epoch, and how long they took for how many mistakes; `helpers.plots` offers these too."""

import numpy as np

from helpers._shared.arguments import CourseError, as_list, as_mapping, as_numbers, as_whole_number
from helpers.plots.arguments import as_named, as_reference, as_rows, as_values
from helpers.plots.colours import COLOURS, MARKS, group_colour
from helpers.plots.house import house_figure
from helpers.plots.sheet import ROOM, Sheet

__all__ = ["plot_curves", "plot_history", "plot_time_to_accuracy"]

DASHES = ("-", (0, (5, 1.5)), (0, (1, 1)), (0, (4, 1, 1, 1)))  # groups are told apart in grey, too
TIMES = {each: f"{each:g} s" for each in (0.1, 0.2, 0.5)}  # seconds, and how they are written
for unit, letters in ((1, "s"), (60, "min"), (3600, "h")):
    TIMES |= {unit * each: f"{each} {letters}" for each in (1, 2, 5, 10, 20, 30)}


@house_figure
def plot_history(history, *, chosen=None, title=""):
    """Draw accuracy and loss of a training, epoch by epoch.

    Args:
        history: what ``model.fit`` returns, or its dict from name to one number an epoch: ``accuracy``,
            ``val_accuracy``, ``loss``, ``val_loss``; other names are left out.
        chosen: the epoch that was kept, counted from 1; it is marked.
        title: words above all.

    Returns:
        The Figure, one panel for accuracy (if there is one) and one for loss.

    Raises:
        CourseError: if there is no epoch, no loss or accuracy, or the chosen epoch does not exist.
    """
    history = as_mapping(getattr(history, "history", history), "the history")
    numbers = {}
    for metric in ("accuracy", "acc", "binary_accuracy", "categorical_accuracy", "loss"):
        keys = {"training": metric, "validation": f"val_{metric}"}
        curves = {who: as_numbers(history[key], key).astype(float) for who, key in keys.items() if key in history}
        if curves:
            numbers["accuracy" if "acc" in metric else metric] = curves
    lengths = {len(curve) for curves in numbers.values() for curve in curves.values()}
    if len(lengths) != 1 or 0 in lengths:
        came = f"{', '.join(map(str, history)) or 'nothing'} of lengths {sorted(lengths)}"
        raise CourseError(f"accuracy or loss, one number an epoch, is needed, not {came}: give what model.fit returns.")
    epochs = lengths.pop()
    at = epochs if chosen is None else as_whole_number(chosen, "chosen", most=epochs)
    sheet = Sheet(title)
    every = sheet.charts(len(numbers), 3.2)
    for axes, (metric, curves) in zip(every, numbers.items()):
        for who, curve in curves.items():
            mark = "o" if epochs <= 20 else ""  # one epoch is a point, not a line
            dashes = "-" if who == "training" else (0, (4, 1.5))  # told apart in grey too
            axes.plot(range(1, epochs + 1), curve, color=COLOURS[who], linestyle=dashes, marker=mark, label=who)
        who, curve = list(curves.items())[-1]  # the validation, where there is one
        words = f"{metric}: {who} {curve[at - 1]:.3f} at {'' if chosen is None else 'chosen '}epoch {at}"
        axes.set_title(words)
        if chosen is not None:
            axes.axvline(chosen, color="#808080", linewidth=0.8, zorder=0)
            axes.plot(chosen, curve[at - 1], "o", markersize=8, color=COLOURS[who], markeredgecolor="black")
        _set_axes(axes, "epoch", ylabel=metric)
    sheet.legend(every)
    return sheet.finish()


@house_figure
def plot_curves(panels, *, xlabel="epoch", reference=None, log=False, title=""):
    """Draw how numbers change over the epochs, every seed a line, in panels with an axis of their own each.

    Args:
        panels: dict from a panel's name to its groups, each a dict from a group's name to its curve
            ``(epochs,)``, or one curve a seed, ``(seeds, epochs)``; the first value belongs to epoch 1.
        xlabel: what the curves run over.
        reference: dict from a panel's name to a dict from a name to a value, drawn as a line across.
        log: whether the values are drawn on a logarithmic axis.
        title: words above all.

    Returns:
        The Figure: one panel each, side by side, with one legend.

    Raises:
        CourseError: if there is nothing to draw, or a curve has not at least one finite number.
    """
    sheet = Sheet(title)
    every = sheet.charts(len(as_named(panels, "panels")), 3.3)
    for axes, (panel, groups) in zip(every, panels.items()):
        for number, (group, curves) in enumerate(as_named(groups, f"groups of panel {panel!r}").items()):
            curves = as_rows(curves, f"group {group!r}", None, "the epochs", finite=True)
            epochs = range(1, curves.shape[1] + 1)
            style = {"color": group_colour(group, number), "linestyle": DASHES[number % len(DASHES)], "linewidth": 1.4}
            mark = "o" if len(epochs) <= 3 else ""  # few epochs are points, not a line
            lines = axes.plot(epochs, curves.T, marker=mark, markersize=4, **style)
            lines[0].set_label(group)
        _set_axes(axes, xlabel, yscale="log" if log else "linear")
        axes.set_title(panel)
        lines = as_reference(as_mapping(reference or {}, "reference").get(panel))
        sheet.reference(axes, lines, ROOM / len(panels) / 3)
    sheet.legend(every)
    return sheet.finish()


def _set_axes(axes, xlabel, **options):
    axes.set(xlabel=xlabel, **options)
    axes.locator_params(axis="x", integer=True)
    axes.grid(axis="y")


@house_figure
def plot_time_to_accuracy(groups, *, reference=None, ylabel="", title=""):
    """Draw every training as a dot: how long it took, on a scale of factors, and how many mistakes it left.

    Args:
        groups: dict from a recipe's name to (seconds ``(n,)`` above 0, mistakes ``(n,)``), one training each; a
            single number of seconds stands for all of the group. What stands before a comma chooses the colour:
            "ours, fast" and "ours, slow" have that of "ours".
        reference: dict from a name to a number of mistakes, drawn as a line across, such as the article's.
        ylabel: what the mistakes are, such as "wrong of 10,000 test images".
        title: words above all.

    Returns:
        The Figure: left is fast, low is good; each group's name and mean below.

    Raises:
        CourseError: if there is no group, the two of a group are not as many, or a number is not finite, or a time
            not above 0.
    """
    groups = {name: _checked_pair(pair, f"group {name!r}") for name, pair in as_named(groups, "groups").items()}
    reference = as_reference(reference)
    sheet = Sheet(title)
    (axes,) = sheet.charts(1, 3.6)
    for number, (name, (seconds, mistakes)) in enumerate(groups.items()):
        colour = group_colour(name.partition(",")[0], number)  # "ours, fast" has the colour of "ours"
        words = f"{name} (n = {len(seconds)}, mean {mistakes.mean():.4g})"
        style = {"color": colour, "markersize": 7, "markeredgecolor": "white", "label": words}
        axes.plot(seconds, mistakes, MARKS[number % len(MARKS)], **style)
    times, mistakes = (np.concatenate(all_of_them) for all_of_them in zip(*groups.values()))
    low, high = times.min() / 2.2, times.max() * 2.2
    marks = [mark for mark in TIMES if low <= mark <= high]
    if len(marks) > 9:  # a second, ten, a minute ...
        marks = [mark for mark in marks if TIMES[mark].split()[0] in ("1", "10")]
    axes.set(xscale="log", xlim=(low, high), ylim=(0, max([*mistakes, *reference.values()]) * 1.1 + 1))
    axes.set_xticks(marks, [TIMES[mark] for mark in marks])
    axes.minorticks_off()
    axes.set(xlabel="time of the training (logarithmic axis)", ylabel=ylabel)
    axes.grid()
    sheet.reference(axes, reference)
    sheet.legend([axes], columns=2)
    return sheet.finish()


def _checked_pair(pair, name):
    """Return seconds and mistakes as two arrays of one length."""
    seconds, mistakes = (as_values(part, name) for part in as_list(pair, f"lists of {name}", 2))
    if seconds.size not in (1, mistakes.size) or not (seconds > 0).all():
        asked = f"{name} needs seconds above 0 and mistakes, one each a training"
        came = f"{seconds.size} times from {seconds.min():g} with {mistakes.size} mistakes"
        raise CourseError(f"{asked}, and {came} came: give two lists.")
    return np.broadcast_to(seconds, mistakes.shape), mistakes
