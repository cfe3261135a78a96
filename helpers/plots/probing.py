"""Draw what two digits share and what flips one into the other; `helpers.plots` offers these too."""

import dataclasses
import math

import numpy as np
from matplotlib.patheffects import withStroke

from helpers._shared.arguments import CourseError, as_number
from helpers.plots.arguments import as_named, as_shares
from helpers.plots.colours import COLOURS
from helpers.plots.grid import shared_grids
from helpers.plots.house import house_figure
from helpers.plots.images import draw_grids
from helpers.plots.looks import HOUSE
from helpers.plots.sheet import ROOM, SMALL, Sheet, name_ticks, pixels

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
        title: words above all; the numbers of rings are added.

    Returns:
        The Figure: up to three grids of maps in a row, or four of units, and one colour bar.

    Raises:
        CourseError: if nothing is given, the activations or rings differ in shape, or the images do not match.
    """
    grids = shared_grids(activations, columns, scale="raw")
    rings = {name: np.asarray(mask, bool) for name, mask in (("red", red), ("yellow", yellow)) if mask is not None}
    shapes = {grid.maps.shape for grid in grids.values()}
    sizes = {name: mask.size for name, mask in rings.items()}
    if len(shapes) > 1 or set(sizes.values()) - {math.prod(shape) for shape in shapes}:
        raise CourseError(
            f"one layer for all images and rings of its shape are needed, and {sorted(shapes)} with {sizes} rings "
            "came: read the same layer."
        )
    brightest = max(each.max() for each in map(np.asarray, activations.values()))
    top = brightest if largest is None else as_number(largest, "largest", low=1e-12)
    marks = {0: "0", 0.5: f"{top / 2:.3g}", 1: f"{top:.3g}"}
    counts = {name: int(mask.sum()) for name, mask in rings.items()}
    counted = " and ".join(f"{count:,} ringed {name}" for name, count in counts.items() if count)
    scaled = {}
    for (name, grid), activation in zip(grids.items(), activations.values()):
        maps = np.asarray(activation, np.float32).reshape(grid.maps.shape) / np.float32(top or 1)
        scaled[name] = dataclasses.replace(grid, maps=maps, marks=marks, words="one range for all")
    sheet = Sheet(f"{title}: {counted}" if title and counted else title or counted)
    across = 4 if next(iter(grids.values())).units else 3
    places, tiles = draw_grids(sheet, scaled, images, across)
    for place, tile, grid in zip(places, tiles, scaled.values()):
        _draw_rings(sheet, grid, rings, place, tile)
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
        for share, part, colour in zip(means.T, parts, PART_COLOURS):
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


def _draw_rings(sheet, grid, rings, place, tile):
    """Draw each ring in the middle of its point, a little wider than it."""
    height, width, channels = grid.maps.shape
    pitch = [(side + HOUSE.line_width(tile)) / pixels(1) for side in tile]  # inches from a map to the next
    size = [side / pixels(1) for side in tile]
    axes = sheet.marks(*place, grid.columns * pitch[1], grid.rows * pitch[0])
    for name, mask in rings.items():
        rows, across, numbers = np.nonzero(mask.reshape(height, width, channels))
        x = numbers % grid.columns * pitch[1] + (across + 0.5) / width * size[1]
        y = numbers // grid.columns * pitch[0] + (rows + 0.5) / height * size[0]
        point = 72 * min(size[1] / width, size[0] / height)  # in points of type
        style = {"facecolors": "none", "edgecolors": RINGS[name][0], "linewidths": 1.6, "clip_on": False}
        around = [withStroke(linewidth=2.8, foreground=RINGS[name][1])]
        axes.scatter(x, y, s=(min(1.25 * point, point + 3) + 1) ** 2, path_effects=around, label=name, **style)
