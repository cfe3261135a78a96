"""Draw what two digits share and what flips one into the other; `helpers.plots` offers these too."""

import dataclasses
import math

import numpy as np
from matplotlib.patheffects import withStroke

from helpers._shared.arguments import as_number, as_numbers
from helpers._shared.errors import CourseError
from helpers.plots.arguments import as_named
from helpers.plots.colours import COLOURS
from helpers.plots.grid import WIDTH, shared_grids, wrap
from helpers.plots.house import axes_in_a_row, finish, house_figure
from helpers.plots.images import draw_grids

__all__ = ["plot_flip", "plot_ringed"]

RINGS = {"red": ("#FF3B30", "white"), "yellow": ("#FFE066", "black")}  # the article's, and what sets them off
PART_COLOURS = (COLOURS["four"], "#D9D9D9", COLOURS["nine"])  # bottom, middle, top of a bar


@house_figure
def plot_ringed(activations, red=None, yellow=None, *, images=None, columns=8, largest=None, title=""):
    """Draw one layer for several images on one scale, with the same points ringed in each.

    Args:
        activations: dict from a name to one image's activation, ``(height, width, channels)`` or ``(units,)``, with
            or without a batch axis of 1; the same layer for all, values 0 or more.
        red: array of bool of that shape: points ringed red; none if left out.
        yellow: the same for yellow.
        images: the input images, one for each activation, drawn above its grid.
        columns: channels in a row of each grid.
        largest: the value of the brightest colour, so that two figures share one scale; the largest value there
            is, if left out.
        title: words above all; the numbers of rings and the scale are added.

    Returns:
        The Figure: up to three grids of maps in a row, or four of units, and one colour bar.

    Raises:
        CourseError: if nothing is given, the activations or rings differ in shape, or the images do not match.
    """
    grids = shared_grids(activations, columns, scale="raw")
    rings = {name: np.asarray(mask, bool) for name, mask in (("red", red), ("yellow", yellow)) if mask is not None}
    shapes = {(*grid.shape, grid.channels) for grid in grids.values()}
    sizes = {name: mask.size for name, mask in rings.items()}
    if len(shapes) > 1 or set(sizes.values()) - {math.prod(shape) for shape in shapes}:
        raise CourseError(
            f"one layer for all images and rings of its shape are needed, and {sorted(shapes)} with {sizes} rings "
            "came: read the same layer."
        )
    top = max(grid.limits[1] for grid in grids.values())
    top = top if largest is None else as_number(largest, "largest", low=1e-12)
    marks = {place: f"{place:.3g}" for place in (0, top / 2, top)}
    counts = {name: int(mask.sum()) for name, mask in rings.items()}
    counted = [f"{count:,} point{'' if count == 1 else 's'} ringed {name}" for name, count in counts.items()]
    words = f"{' and '.join(counted)}, one range for all" if rings else "one range for all"
    grids = {name: dataclasses.replace(grid, limits=(0, top), marks=marks) for name, grid in grids.items()}
    across = 4 if next(iter(grids.values())).units else 3
    sheet, every, tile = draw_grids(grids, images, f"{title}: {words}" if title else words, across)
    for axes, grid in zip(every, grids.values()):
        _draw_rings(axes, grid, rings, tile)
    return sheet.figure


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
    panels = {name: _checked_shares(name, each, moved, parts) for name, each in as_named(panels, "panels").items()}
    figure, every = axes_in_a_row(len(panels), 3.8, sharey=True)
    for axes, (name, shares) in zip(every, panels.items()):
        means, bottom = shares.mean(axis=0), np.zeros(len(moved))
        for share, part, colour in zip(means.T, parts, PART_COLOURS):
            bars = axes.bar(range(len(moved)), share, bottom=bottom, width=0.86, color=colour, label=part)
            bottom += share
        words = [f"{each:.0%}" if each > 0.06 else "" for each in means[:, 2]]
        axes.bar_label(bars, words, label_type="center", fontsize=9)
        if len(shares) > 1:
            for run, offset in zip(shares, np.linspace(-0.25, 0.25, len(shares))):
                axes.plot(np.arange(len(moved)) + offset, 1 - run[:, 2], ".", color="#222222", markersize=3)
        runs = f" ({len(shares)} times, each a dot)" if len(shares) > 1 else ""
        axes.set_title(wrap(name + runs, WIDTH / len(panels) - 0.4, 10.5), fontsize=10.5)
        axes.set_xticks(range(len(moved)), [f"{count:,}" for count in moved])
        axes.set(ylim=(0, 1.02), xlim=(-0.6, len(moved) - 0.4), xlabel=xlabel)
        axes.tick_params(axis="x", length=0)
    every[0].set_ylabel("share of the answers")
    return finish(figure, title)


def _draw_rings(axes, grid, rings, tile):
    """Draw each ring in the middle of its point, a little wider than it."""
    height, width = grid.shape
    side = 72 * min(tile[0] / width, tile[1] / height)  # of a point, in points of type
    for name, mask in rings.items():
        rows, places, channels = np.nonzero(mask.reshape(height, width, grid.channels))
        across = channels % grid.columns + (places + 0.5) / width
        down = channels // grid.columns + (rows + 0.5) / height
        style = {"facecolors": "none", "edgecolors": RINGS[name][0], "linewidths": 1.6, "clip_on": False}
        around = [withStroke(linewidth=2.8, foreground=RINGS[name][1])]
        axes.scatter(across, down, s=(1.25 * side + 1) ** 2, path_effects=around, label=name, **style)


def _checked_shares(name, shares, moved, parts):
    """Return shares (runs, steps, 3), or say what does not fit."""
    shares = as_numbers(shares, f"panel {name!r}").astype(float)
    shares = shares[np.newaxis] if shares.ndim == 2 else shares
    totals = shares.sum(axis=-1, keepdims=True)
    if shares.shape[1:] != (len(moved), 3) or len(parts) != 3 or not (shares >= 0).all() or not totals.all():
        raise CourseError(
            f"panel {name!r} needs three counts for each of the {len(moved)} steps, in (runs, steps, 3), not all 0, "
            f"and shape {shares.shape} came: count all answers."
        )
    return shares / totals
