"""Draw how a cost grows with an amount, on logarithmic axes; `helpers.plots` offers it too."""

import numpy as np
from matplotlib.ticker import LogLocator

from helpers._shared.arguments import as_mapping, as_number, brief
from helpers._shared.errors import CourseError
from helpers.measures import growth
from helpers.plots.arguments import as_named, as_pair
from helpers.plots.colours import COLOURS
from helpers.plots.house import house_figure
from helpers.plots.sheet import Sheet

__all__ = ["plot_growth"]

STRAIGHT = "#606060"


@house_figure
def plot_growth(rows, *, slopes=None, title=""):
    """Draw costs against amounts, both logarithmic, with the straight line of proportional growth beside them.

    Args:
        rows: dict from a cost's name, such as "seconds", to a dict from an amount's name, such as "images", to
            (amounts ``(points,)``, costs ``(points,)`` or ``(points, repeats)``), all above 0. Every row has the same
            amounts' names.
        slopes: dict from an amount's name to the slope of its straight line; 1 where there is none. The line goes
            through the median of the largest amount.
        title: words above all.

    Returns:
        The Figure: one row a cost, one panel an amount; every repeat a dot, the medians joined. Above each panel
        stand the fitted slope with its 95 % interval and the one expected.

    Raises:
        CourseError: if there is nothing to draw, or a number is not above 0.
    """
    every_name = [list(as_named(row, f"costs {cost!r}")) for cost, row in as_named(rows, "rows").items()]
    names = every_name[0]
    if any(each != names for each in every_name):
        raise CourseError(f"each cost needs the same amounts, and {brief(rows)} came: measure them all.")
    slopes = {} if slopes is None else as_mapping(slopes, "slopes")
    sheet = Sheet(title)
    every = [sheet.charts(len(names), 2.4) for _ in rows]
    for line, (cost, row) in zip(every, rows.items()):
        for axes, (name, pair) in zip(line, row.items()):
            _draw(axes, *_checked(pair), as_number(slopes.get(name, 1), f"slope {name!r}"))
        line[0].set_ylabel(cost)
    for axes, name in zip(every[-1], names):
        axes.set_xlabel(name)
    sheet.legend([axes for line in every for axes in line])
    return sheet.finish()


def _checked(pair):
    """Return amounts (points,) and costs (points, repeats), or say what does not fit."""
    amounts, costs = as_pair(pair, "amounts with their costs")
    costs = costs[:, np.newaxis] if costs.ndim == 1 else costs
    fits = amounts.ndim == 1 and costs.ndim == 2 and len(amounts) == len(costs) > 1 and costs.size
    if not fits or not (np.isfinite(costs).all() and (costs > 0).all() and (amounts > 0).all()):
        raise CourseError(
            "at least two amounts with one cost or several repeats each, all above 0, are needed, and amounts "
            f"{brief(amounts.tolist())} with costs {brief(costs.tolist())} came: measure larger amounts."
        )
    order = np.argsort(amounts)
    return amounts[order], costs[order]


def _draw(axes, amounts, costs, slope):
    medians = np.median(costs, axis=1)
    straight = medians[-1] * (amounts / amounts[-1]) ** slope
    style = {"color": STRAIGHT, "linestyle": (0, (4, 2)), "linewidth": 1.4}
    axes.loglog(amounts, straight, label="expected", **style)
    axes.loglog(amounts, medians, color=COLOURS["ours"], label="median")
    each = np.repeat(amounts, costs.shape[1])
    axes.loglog(each, costs.ravel(), "o", color=COLOURS["ours"], markersize=4, alpha=0.5, label="each repeat")
    fitted = "slope {:.2f} ({:.2f} to {:.2f}), ".format(*growth(amounts, medians)) if len(amounts) > 2 else ""
    axes.set_title(f"{fitted}expected {slope:g}")
    named = [amounts[-1]]
    for amount in amounts[-2::-1]:  # those that stand far enough from the next
        if named[0] / amount > (amounts[-1] / amounts[0]) ** 0.15:
            named.insert(0, amount)
    axes.set_xticks(named, [f"{amount:g}" for amount in named])
    low, high = axes.get_ylim()
    axes.yaxis.set_major_locator(LogLocator(subs=(1, 2, 5) if high < 300 * low else (1,)))
    axes.yaxis.set_major_formatter("{x:g}")
    axes.minorticks_off()
    axes.grid()
