"""Draw numbers of layers or of steps side by side, in their order; `helpers.plots` offers these too."""

import numpy as np

from helpers._shared.arguments import CourseError, as_list, as_mapping
from helpers.plots.arguments import as_named, as_reference, as_rows, as_shares
from helpers.plots.charts import spans_decades
from helpers.plots.colours import COLOURS, GAP, MARKS, SILENT, group_colour
from helpers.plots.house import house_figure
from helpers.plots.sheet import ROOM, SMALL, Sheet, name_ticks, text_width

__all__ = ["plot_flip", "plot_over_layers", "plot_shares"]

FLIPPED = (COLOURS["four"], "#D9D9D9", COLOURS["nine"])  # bottom, middle, top of a bar
SHADES = (COLOURS["four"], GAP, "#8C8C8C", SILENT)  # the darker, the more silent


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
                places = np.tile(range(len(layers)), len(values))
                axes.plot(places, values.ravel(), mark, color=colour, markersize=4, alpha=0.5)
        axes.set(title=panel, xlabel=xlabel)
        name_ticks(axes, layers, (ROOM / len(panels) - 0.9) / len(layers))
        axes.grid(axis="y")
        sheet.reference(axes, reference, named=axes is every[-1])
    drawn = [line.get_ydata() for axes in every for line in axes.lines]
    if spans_decades(np.concatenate(drawn)):
        every[0].set_yscale("log")
    every[0].set_ylabel(ylabel)
    sheet.legend(every)
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
    sheet.legend([axes])
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
    sheet.legend(every)
    return sheet.finish()
