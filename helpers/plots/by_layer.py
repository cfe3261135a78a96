"""Draw numbers that each layer has one of, side by side in model order; `helpers.plots` offers them too."""

import numpy as np

from helpers._shared.arguments import CourseError, as_list, as_mapping
from helpers.plots.arguments import as_named, as_reference, as_rows, as_shares
from helpers.plots.charts import draw_reference, spans_decades
from helpers.plots.colours import COLOURS, GAP, MARKS, SILENT, group_colour
from helpers.plots.house import house_figure
from helpers.plots.sheet import ROOM, Sheet, name_ticks, text_width

__all__ = ["plot_over_layers", "plot_shares"]

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
        draw_reference(sheet, axes, reference, 1.2, named=axes is every[-1])
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
