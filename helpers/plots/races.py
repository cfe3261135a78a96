"""Draw how long trainings took and how many mistakes they left: a figure that `helpers.plots` offers too."""

import numpy as np

from helpers._shared.errors import CourseError
from helpers.plots.arguments import as_named, as_pair, as_reference, as_values
from helpers.plots.charts import draw_reference
from helpers.plots.colours import group_colour
from helpers.plots.house import house_figure
from helpers.plots.sheet import Sheet

__all__ = ["plot_time_to_accuracy"]

MARKS = "osD^vP*X"
TIMES = {each: f"{each:g} s" for each in (0.1, 0.2, 0.5)}  # seconds, and how they are written
for unit, letters in ((1, "s"), (60, "min"), (3600, "h")):
    TIMES |= {unit * each: f"{each} {letters}" for each in (1, 2, 5, 10, 20, 30)}


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
    draw_reference(sheet, axes, reference, 1.2)
    sheet.legend([axes], columns=2)
    return sheet.finish()


def _checked_pair(pair, name):
    """Return seconds and mistakes as two arrays of one length."""
    seconds, mistakes = (as_values(part, name) for part in as_pair(pair, name))
    if seconds.size not in (1, mistakes.size) or not (seconds > 0).all():
        raise CourseError(
            f"{name} needs seconds above 0 and mistakes, one each a training, and {seconds.size} times from "
            f"{seconds.min():g} with {mistakes.size} mistakes came: give two lists."
        )
    return np.broadcast_to(seconds, mistakes.shape), mistakes
