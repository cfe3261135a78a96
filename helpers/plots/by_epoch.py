"""Draw what changes from epoch to epoch: the course of a training; `helpers.plots` offers it too."""

import matplotlib.pyplot as plt
import numpy as np
from matplotlib.ticker import MaxNLocator

from helpers._shared.arguments import as_mapping, brief
from helpers._shared.errors import CourseError
from helpers.plots.canvas import house_figure
from helpers.plots.colours import COLOURS, group_colour
from helpers.plots.grid import WIDTH, wrapped

__all__ = ["plot_curves", "plot_history"]

DASHES = ("-", (0, (5, 1.5)), (0, (1, 1)), (0, (4, 1, 1, 1)))  # groups are told apart in grey, too


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
    numbers = _checked_history(getattr(history, "history", history), chosen)
    figure, every = plt.subplots(1, len(numbers), figsize=(WIDTH, 3.1), squeeze=False, layout="constrained")
    for axes, (metric, curves) in zip(every[0], numbers.items()):
        _draw_curves(axes, metric, curves, chosen)
    every[0, 0].legend(loc="best")
    if title:
        figure.suptitle(title, x=0.01, ha="left", fontsize=11)
    return figure


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
    panels = {
        name: {group: _curves(group, curves) for group, curves in as_mapping(groups, name).items()}
        for name, groups in as_mapping(panels, "panels").items()
    }
    if not panels or not all(panels.values()):
        raise CourseError("at least one panel with a curve is needed: give a dict from name to groups of curves.")
    figure, every = plt.subplots(1, len(panels), figsize=(WIDTH, 3.4), squeeze=False, layout="constrained")
    for axes, (name, groups) in zip(every[0], panels.items()):
        for number, (group, curves) in enumerate(groups.items()):
            _draw_group(axes, group, number, curves)
        for words, value in (reference or {}).get(name, {}).items():
            axes.axhline(
                value, color=COLOURS["article"], linewidth=1.2, linestyle=(0, (2, 2)), label=f"{words} {value:.4g}"
            )
        axes.set(title=wrapped(name, WIDTH / len(panels) - 0.5, 10), xlabel=xlabel, yscale="log" if log else "linear")
        axes.xaxis.set_major_locator(MaxNLocator(integer=True))
        axes.grid(axis="y")
    handles = {label: handle for axes in every[0] for handle, label in zip(*axes.get_legend_handles_labels())}
    figure.legend(handles.values(), handles.keys(), loc="outside lower center", ncols=min(len(handles), 4))
    if title:
        figure.suptitle(wrapped(title, WIDTH - 0.4), x=0.01, ha="left", fontsize=11)
    return figure


def _curves(group, curves):
    """Return the curves of a group as an array (seeds, epochs)."""
    try:
        numbers = np.atleast_2d(np.asarray(curves, np.float64))
    except (TypeError, ValueError):
        numbers = np.empty((0, 0))
    if numbers.ndim != 2 or not numbers.size or not np.isfinite(numbers).all():
        raise CourseError(
            f"group {group!r} needs a curve (epochs,) or curves (seeds, epochs) of finite numbers, and "
            f"{brief(curves)} came: give as many epochs for each seed."
        )
    return numbers


def _draw_group(axes, group, number, curves):
    epochs = np.arange(1, curves.shape[1] + 1)
    style = {"color": group_colour(group, number), "linestyle": DASHES[number % len(DASHES)]}
    for seed, curve in enumerate(curves):
        mark = "o" if epochs.size <= 3 else ""  # few epochs are points, not a line
        axes.plot(epochs, curve, linewidth=1.4, marker=mark, markersize=4, label=group if not seed else None, **style)


def _checked_history(history, chosen):
    """Return {metric: {"training": [...], "validation": [...]}} for accuracy and loss, in this order."""
    found = {}
    as_mapping(history, "the history")
    for metric in ("accuracy", "acc", "binary_accuracy", "categorical_accuracy", "loss"):
        keys = {"training": metric, "validation": f"val_{metric}"}
        curves = {who: np.asarray(history[key], float) for who, key in keys.items() if key in history}
        if curves:
            found["accuracy" if "acc" in metric else metric] = curves
    epochs = {len(curve) for curves in found.values() for curve in curves.values()}
    if not found or len(epochs) != 1 or 0 in epochs:
        raise CourseError(
            "a history with accuracy or loss, one number an epoch each, is needed, and it has "
            f"{', '.join(map(str, history)) or 'nothing'} of lengths {sorted(epochs)}: give what model.fit "
            "returns."
        )
    if chosen is not None and chosen not in range(1, max(epochs) + 1):
        raise CourseError(f"chosen must be an epoch from 1 to {max(epochs)}, not {chosen!r}: count from 1.")
    return found


def _draw_curves(axes, metric, curves, chosen):
    epochs = len(next(iter(curves.values())))
    for who, curve in curves.items():
        mark = "o" if epochs <= 20 else ""  # one epoch is a point, not a line
        dashes = "-" if who == "training" else (0, (4, 1.5))  # told apart in grey too
        axes.plot(range(1, epochs + 1), curve, color=COLOURS[who], linestyle=dashes, marker=mark, label=who)
    who = "validation" if "validation" in curves else "training"
    at = chosen or epochs
    axes.set_title(
        f"{metric}: {who} {curves[who][at - 1]:.3f} at {'chosen ' if chosen else ''}epoch {at}", fontsize=10.5
    )
    if chosen:
        axes.axvline(chosen, color="#808080", linewidth=0.8, zorder=0)
        axes.plot(chosen, curves[who][at - 1], "o", markersize=8, color=COLOURS[who], markeredgecolor="black")
    axes.set(xlabel="epoch", ylabel=metric)
    axes.xaxis.set_major_locator(MaxNLocator(integer=True))
    axes.grid(axis="y")
