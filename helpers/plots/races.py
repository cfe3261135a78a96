"""Draw how long trainings took and how many mistakes they left: a figure that `helpers.plots` offers too."""

import matplotlib.pyplot as plt
import numpy as np
from matplotlib.ticker import NullLocator

from helpers._shared.arguments import as_mapping, as_number, as_numbers, brief
from helpers._shared.errors import CourseError
from helpers.plots.canvas import house_figure
from helpers.plots.charts import draw_reference
from helpers.plots.colours import group_colour
from helpers.plots.grid import WIDTH, wrapped

__all__ = ["plot_time_to_accuracy"]

PAPER = {"facecolor": "white", "edgecolor": "none", "pad": 1}  # below words that stand on a line
UNITS = ((3600, "h"), (60, "min"), (1, "s"))  # seconds, and how they are written


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
        The Figure: left is fast, low is good; each group's name beside its dots.

    Raises:
        CourseError: if there is no group, the two of a group are not as many, or a number is not finite, or a time
            not above 0.
    """
    groups = {name: _checked_pair(name, pair) for name, pair in as_mapping(groups, "groups").items()}
    reference = {} if reference is None else as_mapping(reference, "reference")
    reference = {name: as_number(value, f"reference {name!r}") for name, value in reference.items()}
    if not groups:
        raise CourseError("at least one group is needed, and none came: give a dict from name to (seconds, mistakes).")
    figure, axes = plt.subplots(figsize=(WIDTH, 3.8), layout="constrained")
    for number, (name, (seconds, mistakes)) in enumerate(groups.items()):
        colour = group_colour(name.partition(",")[0], number)  # "ours, fast" has the colour of "ours"
        axes.plot(seconds, mistakes, "o", color=colour, markersize=7, markeredgecolor="white", label=name)
        words = f"{wrapped(name, 1.7, 9)}\n(n = {len(seconds)}, mean {mistakes.mean():.4g})"
        place = (np.exp(np.log(seconds).mean()), mistakes.max())
        axes.annotate(
            words, place, (0, 7), textcoords="offset points", ha="center", fontsize=9, color=colour, bbox=PAPER
        )
    _set_axes(axes, np.concatenate([seconds for seconds, _ in groups.values()]))
    every = np.concatenate([mistakes for _, mistakes in groups.values()])
    axes.set_ylim(0, max([*every, *reference.values()]) * 1.25 + 3)  # room for names above the dots
    axes.set(xlabel="time of the training (logarithmic axis)", ylabel=ylabel)
    axes.set_title(wrapped(title, WIDTH - 1) if title else "")
    axes.grid()
    draw_reference(axes, reference)
    return figure


def _checked_pair(name, pair):
    """(seconds, mistakes) as two arrays of one length."""
    parts = list(pair) if isinstance(pair, (tuple, list)) else []
    if len(parts) != 2:
        raise CourseError(f"group {name!r} needs (seconds, mistakes), and {brief(pair)} came: give two lists.")
    seconds, mistakes = (np.atleast_1d(as_numbers(part, f"group {name!r}")).astype(float) for part in parts)
    seconds = np.repeat(seconds, mistakes.size) if seconds.size == 1 else seconds
    finite = np.isfinite(seconds).all() and np.isfinite(mistakes).all() and mistakes.size
    if seconds.shape != mistakes.shape or mistakes.ndim != 1 or not finite or not (seconds > 0).all():
        raise CourseError(
            f"group {name!r} needs seconds above 0 and mistakes, finite and one each a training, and "
            f"{brief(seconds.tolist())} and {brief(mistakes.tolist())} came: give two lists."
        )
    return seconds, mistakes


def _set_axes(axes, seconds):
    """A scale of factors, marked 1, 2 and 5, in seconds, minutes or hours."""
    axes.set_xscale("log")
    low, high = seconds.min() / 2.2, seconds.max() * 2.2
    axes.set_xlim(low, high)
    marks = [mark for mark in _marks() if low <= mark <= high]
    axes.set_xticks(marks, [_in_words(mark) for mark in marks])
    axes.xaxis.set_minor_locator(NullLocator())


def _marks():
    """Times that read well: 1, 2, 5, 10, 20, 30 of each unit."""
    for unit, _ in reversed(UNITS):
        yield from (unit * each for each in (0.1, 0.2, 0.5) if unit == 1)
        yield from (unit * each for each in (1, 2, 5, 10, 20, 30))


def _in_words(seconds):
    unit, name = next(each for each in (*UNITS, (0, "s")) if seconds >= each[0])
    return f"{seconds / (unit or 1):g} {name}"
