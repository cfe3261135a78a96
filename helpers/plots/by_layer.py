"""Draw numbers that each layer has one of, side by side in model order; `helpers.plots` offers them too."""

import matplotlib.pyplot as plt
import numpy as np

from helpers._shared.arguments import as_list, as_mapping, as_numbers
from helpers._shared.errors import CourseError
from helpers.plots.canvas import house_figure
from helpers.plots.colours import COLOURS, GAP, SILENT, group_colour
from helpers.plots.grid import WIDTH, wrapped

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
    layers = as_list(layers, "layers")
    panels = {name: _checked_groups(name, groups, layers) for name, groups in as_mapping(panels, "panels").items()}
    if not panels:
        raise CourseError("at least one panel is needed, and none came: give a dict from name to groups.")
    figure, every = plt.subplots(1, len(panels), figsize=(WIDTH, 3.7), sharey=True, squeeze=False, layout="constrained")
    for axes, (name, groups) in zip(every[0], panels.items()):
        _draw_groups(axes, groups)
        for line, value in (reference or {}).items():
            axes.axhline(value, color=COLOURS["article"], linewidth=1, linestyle=(0, (4, 2)), zorder=0)
            axes.annotate(
                f"{line} {value:.3g}",
                (1, value),
                xycoords=("axes fraction", "data"),
                fontsize=9,
                ha="right",
                va="bottom",
            )
        axes.set_title(name, fontsize=10.5)
        axes.set_xticks(range(len(layers)), layers, rotation=40, ha="right", rotation_mode="anchor")
        axes.grid(axis="y")
    every[0, 0].set_ylabel(ylabel)
    handles = {label: handle for axes in every[0] for handle, label in zip(*axes.get_legend_handles_labels())}
    figure.legend(handles.values(), handles.keys(), loc="outside lower center", ncols=min(len(handles), 5))
    if title:
        figure.suptitle(wrapped(title, WIDTH - 0.4), x=0.01, ha="left", fontsize=11)
    return figure


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
    ends = shares.cumsum(axis=1)
    figure, axes = plt.subplots(figsize=(WIDTH, 0.9 + 0.32 * len(counts)), layout="constrained")
    for number, part in enumerate(parts):
        colour = SHADES[number % len(SHADES)]
        axes.barh(
            range(len(counts)),
            shares[:, number],
            left=ends[:, number] - shares[:, number],
            color=colour,
            edgecolor="white",
            height=0.78,
            label=part,
        )
        for row in np.flatnonzero(shares[:, number] > 0.025):
            middle = ends[row, number] - shares[row, number] / 2
            axes.text(
                middle,
                row,
                f"{table[row, number]:g}",
                ha="center",
                va="center",
                fontsize=9,
                color="white" if colour == SILENT else "#222222",
            )
    axes.set_yticks(range(len(counts)), counts)
    axes.set(xlim=(0, 1), ylim=(len(counts) - 0.45, -0.55), xlabel=xlabel)
    axes.tick_params(axis="y", length=0)
    figure.legend(*axes.get_legend_handles_labels(), loc="outside lower center", ncols=len(parts))
    if title:
        figure.suptitle(wrapped(title, WIDTH - 0.4), x=0.01, ha="left", fontsize=11)
    return figure


def _checked_groups(name, groups, layers):
    """Return group -> (seeds, layers), or say what does not fit."""
    groups = as_mapping(groups, name).items()
    found = {group: np.atleast_2d(as_numbers(values, f"group {group!r}").astype(float)) for group, values in groups}
    shapes = {group: values.shape for group, values in found.items()}
    if not found or any(len(shape) != 2 or shape[1] != len(layers) for shape in shapes.values()):
        raise CourseError(
            f"each group of {name!r} needs one value for each of the {len(layers)} layers, or (seeds, layers), and "
            f"{shapes} came: read every layer."
        )
    return found


def _draw_groups(axes, groups):
    for number, (group, values) in enumerate(groups.items()):
        colour, mark = group_colour(group, number), MARKS[number % len(MARKS)]
        axes.plot(values.mean(axis=0), color=colour, marker=mark, label=group)
        if len(values) > 1:
            places = np.tile(np.arange(values.shape[1]), len(values))
            axes.plot(places, values.ravel(), mark, color=colour, markersize=4, alpha=0.5)


def _checked_counts(counts):
    """Return the counts (wholes, parts) and the parts' names, or say what does not fit."""
    for bar, row in as_mapping(counts, "counts").items():
        as_mapping(row, f"bar {bar!r}")
    parts = list(next(iter(counts.values()), ()))
    if not parts or any(list(row) != parts for row in counts.values()):
        raise CourseError(f"every bar needs the same parts, in the same order, and {counts} came: count them all.")
    table = np.array([[row[part] for part in parts] for row in counts.values()], float)
    if not (table >= 0).all() or not table.sum(axis=1).all():
        raise CourseError(f"counts must be 0 or more, and not all 0 in a bar, and {table.tolist()} came: count again.")
    return table, parts
