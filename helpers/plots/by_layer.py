"""Draw numbers that each layer has one of, side by side in model order; `helpers.plots` offers them too."""

import numpy as np

from helpers._shared.arguments import as_list, as_mapping
from helpers._shared.errors import CourseError
from helpers.plots.arguments import as_named, as_reference, as_rows
from helpers.plots.colours import COLOURS, GAP, SILENT, group_colour
from helpers.plots.house import axes_in_a_row, finish, house_figure

__all__ = ["plot_over_layers", "plot_shares"]

MARKS = "osD^vP*X"
SHADES = (COLOURS["four"], GAP, "#8C8C8C", SILENT)  # the darker, the more silent


@house_figure
def plot_over_layers(panels, layers, *, reference=None, ylabel="", title=""):
    """Draw how a number changes from layer to layer, for several groups, in panels on one axis.

    Args:
        panels: dict from a panel's name to its groups, each a dict from a group's name to its values:
            ``(layers,)``, or ``(seeds, layers)``, where every seed is a dot and the line goes through the mean.
        layers: names of the layers, in model order.
        reference: dict from a name to a value, drawn as a line across each panel.
        ylabel: what the values are, with their unit.
        title: words above all.

    Returns:
        The Figure: one panel each, all on one vertical axis.

    Raises:
        CourseError: if there is nothing to draw, or a group has not one value for each layer.
    """
    layers, reference = as_list(layers, "layers"), as_reference(reference)
    figure, every = axes_in_a_row(len(as_named(panels, "panels")), 3.7, sharey=True)
    for axes, (panel, groups) in zip(every, panels.items()):
        for number, (group, values) in enumerate(as_named(groups, f"groups of panel {panel!r}").items()):
            values = as_rows(values, f"group {group!r}", len(layers), "layers")
            colour, mark = group_colour(group, number), MARKS[number % len(MARKS)]
            axes.plot(values.mean(axis=0), color=colour, marker=mark, label=group)
            if len(values) > 1:
                places = np.tile(range(len(layers)), len(values))
                axes.plot(places, values.ravel(), mark, color=colour, markersize=4, alpha=0.5)
        for line, value in reference.items():
            axes.axhline(value, color=COLOURS["article"], linewidth=1, linestyle=(0, (4, 2)), zorder=0)
            place = {"xycoords": ("axes fraction", "data"), "ha": "right", "va": "bottom"}
            axes.annotate(f"{line} {value:.3g}", (1, value), fontsize=9, **place)
        axes.set_title(panel, fontsize=10.5)
        axes.set_xticks(range(len(layers)), layers, rotation=40, ha="right", rotation_mode="anchor")
        axes.grid(axis="y")
    every[0].set_ylabel(ylabel)
    return finish(figure, title, columns=5)


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
    table, parts = _checked_counts(counts)
    shares = table / table.sum(axis=1, keepdims=True)
    starts = shares.cumsum(axis=1) - shares
    figure, (axes,) = axes_in_a_row(1, 0.9 + 0.32 * len(counts))
    for number, part in enumerate(parts):
        colour, share = SHADES[number % len(SHADES)], shares[:, number]
        style = {"color": colour, "edgecolor": "white", "height": 0.78}
        bars = axes.barh(range(len(counts)), share, left=starts[:, number], label=part, **style)
        words = [f"{count:g}" if wide > 0.025 else "" for count, wide in zip(table[:, number], share)]
        written = "white" if colour == SILENT else "#222222"
        axes.bar_label(bars, words, label_type="center", fontsize=9, color=written)
    axes.set_yticks(range(len(counts)), counts)
    axes.set(xlim=(0, 1), ylim=(len(counts) - 0.45, -0.55), xlabel=xlabel)
    axes.tick_params(axis="y", length=0)
    return finish(figure, title, columns=len(parts))


def _checked_counts(counts):
    """Return the counts (wholes, parts) and the parts' names, or say what does not fit."""
    rows = [as_mapping(row, f"bar {bar!r}") for bar, row in as_named(counts, "counts").items()]
    parts = list(rows[0])
    if not parts or any(list(row) != parts for row in rows):
        raise CourseError(f"every bar needs the same parts, in the same order, and {counts} came: count them all.")
    table = np.array([[row[part] for part in parts] for row in rows], float)
    if not (table >= 0).all() or not table.sum(axis=1).all():
        raise CourseError(f"counts must be 0 or more, and not all 0 in a bar, and {table.tolist()} came: count again.")
    return table, parts
