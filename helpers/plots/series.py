"""Draw numbers in order: of epochs, layers or steps, and trainings by their time; `helpers.plots` offers these too."""

import numpy as np

from helpers._shared.arguments import CourseError, as_list, as_mapping, as_numbers, as_whole_number
from helpers.plots.arguments import as_named, as_reference, as_rows, as_shares, as_values
from helpers.plots.charts import spans_decades
from helpers.plots.colours import COLOURS, GAP, MARKS, SILENT, group_colour
from helpers.plots.house import house_figure
from helpers.plots.sheet import ROOM, SMALL, Sheet, name_ticks, text_width

__all__ = ["plot_curves", "plot_flip", "plot_history", "plot_over_layers", "plot_shares", "plot_time_to_accuracy"]

DASHES = ("-", (0, (5, 1.5)), (0, (1, 1)), (0, (4, 1, 1, 1)))  # groups are told apart in grey, too
FLIPPED = (COLOURS["four"], "#D9D9D9", COLOURS["nine"])  # bottom, middle, top of a bar
SHADES = (COLOURS["four"], GAP, "#8C8C8C", SILENT)  # the darker, the more silent
TIMES = {0.1: "0.1 s", 0.3: "0.3 s"}  # seconds, and how they are written
for unit, letters in ((1, "s"), (60, "min"), (3600, "h")):
    TIMES |= {unit * each: f"{each} {letters}" for each in (1, 3, 10, 30)}


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
    return sheet.finish()


def _set_axes(axes, xlabel, **options):
    axes.set(xlabel=xlabel, **options)
    axes.locator_params(axis="x", integer=True)
    axes.grid(axis="y")


@house_figure
def plot_over_layers(panels, layers, *, reference=None, xlabel="", ylabel="", title=""):
    """Draw how a number changes from layer to layer, for several groups, in panels on one axis.

    Args:
        panels: dict from a panel's name to its groups, each a dict from a group's name to its values:
            ``(layers,)``, or ``(seeds, layers)``, where every seed is a dot and the line goes through the mean.
        layers: names of the layers, in model order.
        reference: dict from a name to a value, drawn as a line across each panel.
        xlabel: what the names are, where they are no layers.
        ylabel: what the values are, with their unit.
        title: words above all.

    Returns:
        The Figure: one panel each, all on one vertical axis.

    Raises:
        CourseError: if there is nothing to draw, or a group has not one value for each layer.
    """
    layers, reference = as_list(layers, "layers"), as_reference(reference)
    sheet = Sheet(title)
    every = sheet.charts(len(as_named(panels, "panels")), 3.7, share_y=True)
    for axes, (panel, groups) in zip(every, panels.items()):
        for number, (group, values) in enumerate(as_named(groups, f"groups of panel {panel!r}").items()):
            values = as_rows(values, f"group {group!r}", len(layers), "layers")
            colour, mark = group_colour(group, number), MARKS[number % len(MARKS)]
            axes.plot(values.mean(axis=0), color=colour, marker=mark, label=group)
            if len(values) > 1:
                axes.plot(values.T, mark, color=colour, markersize=4, alpha=0.5)
        axes.set(title=panel, xlabel=xlabel)
        name_ticks(axes, layers, (ROOM / len(panels) - 0.9) / len(layers))
        axes.grid(axis="y")
        sheet.reference(axes, reference, named=axes is every[-1])
    drawn = [line.get_ydata() for axes in every for line in axes.lines]
    if spans_decades(np.concatenate(drawn)):
        every[0].set_yscale("log")
    every[0].set_ylabel(ylabel)
    return sheet.finish()


@house_figure
def plot_shares(counts, *, xlabel="", title=""):
    """Draw what wholes are made of: one bar a whole, its parts one after the other with their counts.

    Args:
        counts: dict from a whole's name, such as a layer, to a dict from a part's name to its count, 0 or
            more; the parts have the same names everywhere.
        xlabel: what is counted.
        title: words above all.

    Returns:
        The Figure: bars of equal length, the first on top.

    Raises:
        CourseError: if there is nothing to draw, the parts differ, or a count is negative.
    """
    rows = [as_mapping(row, f"bar {bar!r}") for bar, row in as_named(counts, "counts").items()]
    parts = list(rows[0])
    if not parts or any(list(row) != parts for row in rows):
        raise CourseError(f"every bar needs the same parts, in the same order, and {counts} came: count them all.")
    table = np.array([list(row.values()) for row in rows])
    shares = as_shares(table, "the parts of a bar")
    starts = shares.cumsum(axis=1) - shares
    sheet = Sheet(title)
    (axes,) = sheet.charts(1, 0.5 + 0.32 * len(counts))
    for number, part in enumerate(parts):
        colour, share = SHADES[number % len(SHADES)], shares[:, number]
        style = {"color": colour, "edgecolor": "white", "height": 0.78}
        bars = axes.barh(range(len(counts)), share, left=starts[:, number], label=part, **style)
        words = [f"{count:g}" for count in table[:, number]]
        words = [each if 4.5 * wide > text_width(each, 9) else "" for each, wide in zip(words, share)]
        written = "white" if colour == SILENT else "#222222"
        axes.bar_label(bars, words, label_type="center", fontsize=9, color=written)
    name_ticks(axes, counts, 0.32, axis="y")
    axes.set(xlim=(0, 1), ylim=(len(counts) - 0.45, -0.55), xlabel=xlabel)
    axes.tick_params(axis="y", length=0)
    return sheet.finish()


@house_figure
def plot_flip(moved, panels, *, parts=("4", "neither", "9"), xlabel="points moved", title=""):
    """Draw how answers flip, step by step: bars of three parts, the first at the bottom, the last on top.

    Args:
        moved: how many points were moved at each step, ``(steps,)``.
        panels: dict from a panel's name to counts or shares, ``(steps, 3)`` or ``(runs, steps, 3)``, in the order of
            ``parts``; the bars are means over runs, and each run is a dot at the lower edge of its last part.
        parts: what the three are called.
        xlabel: what is counted along the axis.
        title: words above all.

    Returns:
        The Figure: one panel each, side by side on one axis, the last part's share written on it.

    Raises:
        CourseError: if there is nothing to draw, or a panel has not three counts for each step.
    """
    panels = {name: as_shares(each, f"panel {name!r}") for name, each in as_named(panels, "panels").items()}
    sheet = Sheet(title)
    every = sheet.charts(len(panels), 3.8, share_y=True)
    for axes, (name, shares) in zip(every, panels.items()):
        shares = shares[np.newaxis] if shares.ndim == 2 else shares
        if shares.shape[1:] != (len(moved), 3):
            asked = f"panel {name!r} needs three counts for each of the {len(moved)} steps, in (runs, steps, 3)"
            raise CourseError(f"{asked}, and shape {shares.shape} came: count all answers.")
        means, bottom = shares.mean(axis=0), np.zeros(len(moved))
        for share, part, colour in zip(means.T, parts, FLIPPED):
            bars = axes.bar(range(len(moved)), share, bottom=bottom, width=0.86, color=colour, label=part)
            bottom += share
        pitch = (ROOM / len(panels) - 0.9) / len(moved)
        if pitch > 0.33:  # inches of "100%"
            axes.bar_label(bars, [f"{each:.0%}" for each in means[:, 2]], fontsize=SMALL, padding=1)
        if len(shares) > 1:
            for run, offset in zip(shares, np.linspace(-0.25, 0.25, len(shares))):
                axes.plot(np.arange(len(moved)) + offset, 1 - run[:, 2], ".", color="#222222", markersize=3)
        runs = f" ({len(shares)} times, each a dot)" if len(shares) > 1 else ""
        axes.set_title(name + runs)
        name_ticks(axes, [f"{count:,}" for count in moved], pitch)
        axes.set(ylim=(0, 1.08), xlim=(-0.6, len(moved) - 0.4), xlabel=xlabel)
        axes.tick_params(axis="x", length=0)
    every[0].set_ylabel("share of the answers")
    return sheet.finish()


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
    axes.set(xscale="log", xlim=(low, high), ylim=(0, max([*mistakes, *reference.values()]) * 1.1 + 1))
    axes.set_xticks(marks, [TIMES[mark] for mark in marks])
    axes.minorticks_off()
    axes.set(xlabel="time of the training (logarithmic axis)", ylabel=ylabel)
    axes.grid()
    sheet.reference(axes, reference)
    return sheet.finish()


def _checked_pair(pair, name):
    """Return seconds and mistakes as two arrays of one length."""
    seconds, mistakes = (as_values(part, name) for part in as_list(pair, f"lists of {name}", 2))
    if seconds.size not in (1, mistakes.size) or not (seconds > 0).all():
        asked = f"{name} needs seconds above 0 and mistakes, one each a training"
        came = f"{seconds.size} times from {seconds.min():g} with {mistakes.size} mistakes"
        raise CourseError(f"{asked}, and {came} came: give two lists.")
    return np.broadcast_to(seconds, mistakes.shape), mistakes
