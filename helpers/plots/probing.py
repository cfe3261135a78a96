"""Draw what two digits share and what flips one into the other; `helpers.plots` offers these too."""

import dataclasses
import math

import matplotlib.pyplot as plt
import numpy as np
from matplotlib.patheffects import withStroke

from helpers._shared.arguments import as_list, as_mapping, as_number, as_numbers
from helpers._shared.errors import CourseError
from helpers.plots.canvas import house_figure
from helpers.plots.colours import COLOURS
from helpers.plots.grid import BAR, EDGE, INDEX, LINE, WIDTH, Sheet, shared_grids, wrapped

__all__ = ["plot_flip", "plot_ringed"]

RINGS = {"red": ("#FF3B30", "white"), "yellow": ("#FFE066", "black")}  # the article's, and what sets them off
TALLEST = 4.6  # inches of a grid
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
    rings = {name: mask for name, mask in (("red", red), ("yellow", yellow)) if mask is not None}
    grids, rings = _checked_rings(activations, rings, columns)
    images = [None] * len(grids) if images is None else as_list(images, "images")
    if len(images) != len(grids):
        raise CourseError(
            f"an input image for each activation is needed, and {len(images)} came for {len(grids)}: "
            "give one each, or none."
        )
    top = max(grid.limits[1] for grid in grids.values())
    top = top if largest is None else as_number(largest, "largest", low=1e-12)
    marks = {place: f"{place:.3g}" for place in (0, top / 2, top)}
    grids = {name: dataclasses.replace(grid, limits=(0, top), marks=marks) for name, grid in grids.items()}
    counted = " and ".join(f"{_points(int(mask.sum()))} ringed {name}" for name, mask in rings.items())
    words = ", ".join(each for each in (counted, "one range for all") if each)
    return _ringed_figure(grids, rings, images, f"{title}: {words}" if title else words)


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
    found = {name: _checked_shares(name, shares, moved, parts) for name, shares in as_mapping(panels, "panels").items()}
    if not found:
        raise CourseError("at least one panel is needed, and none came: give a dict from name to counts.")
    figure, every = plt.subplots(1, len(found), figsize=(WIDTH, 3.8), sharey=True, squeeze=False, layout="constrained")
    for axes, (name, shares) in zip(every[0], found.items()):
        _draw_flip(axes, shares, moved, parts)
        runs = f" ({len(shares)} times, each a dot)" if len(shares) > 1 else ""
        axes.set_title(wrapped(name + runs, WIDTH / len(found) - 0.4, 10.5), fontsize=10.5)
        axes.set_xlabel(xlabel)
    every[0, 0].set_ylabel("share of the answers")
    handles = {label: handle for handle, label in zip(*every[0, 0].get_legend_handles_labels())}
    figure.legend(handles.values(), handles.keys(), loc="outside lower center", ncols=3)
    if title:
        figure.suptitle(wrapped(title, WIDTH - 0.4), x=0.01, ha="left", fontsize=11)
    return figure


def _points(count):
    return "1 point" if count == 1 else f"{count:,} points"


def _checked_rings(activations, rings, columns):
    """Return the grids and the rings as masks of maps, or say what does not fit."""
    grids = shared_grids(activations, columns, scale="raw")
    shapes = {(*grid.shape, grid.channels) for grid in grids.values()}
    sizes = {name: np.asarray(mask).size for name, mask in rings.items()}
    if len(shapes) > 1 or set(sizes.values()) - {math.prod(next(iter(shapes)))}:
        raise CourseError(
            f"one layer for all images and rings of its shape are needed, and {sorted(shapes)} with {sizes} rings "
            "came: read the same layer."
        )
    return grids, {name: np.asarray(mask, bool).reshape(next(iter(shapes))) for name, mask in rings.items()}


def _ringed_figure(grids, rings, images, title):
    first = next(iter(grids.values()))
    across = min(len(grids), 4 if first.units else 3)
    wide = (WIDTH - 2 * EDGE - BAR - (across - 1) * 0.1) / across
    tile = _tile(first, wide - INDEX)
    labels = [wrapped(name, wide - INDEX, 9.5) for name in grids]
    label = 0.08 + LINE * max(words.count("\n") + 1 for words in labels)
    shown = 0.0 if images[0] is None else min(0.9, wide / 2) + 0.1
    height = label + shown + first.rows * tile[1] + 0.15
    title = wrapped(title, WIDTH - 2 * EDGE)
    top = EDGE + LINE * (1.3 + title.count("\n"))
    sheet = Sheet(top + math.ceil(len(grids) / across) * height + EDGE)
    sheet.text(EDGE, EDGE, title, fontsize=11)
    for number, (words, grid, image) in enumerate(zip(labels, grids.values(), images)):
        left = EDGE + INDEX + number % across * (wide + 0.1)
        above = top + number // across * height
        sheet.text(left, above, words, fontsize=9.5)
        if image is not None:
            sheet.image(image, left, above + label, shown - 0.1, shown - 0.1)
        axes = sheet.grid(grid, left, above + label + shown, tile)
        _draw_rings(axes, grid, rings, tile)
    sheet.bar(axes, WIDTH - EDGE - BAR + 0.1, top + label + shown, min(2.2, first.rows * tile[1]), first.marks)
    return sheet.figure


def _tile(grid, width):
    """Return (width, height) in inches of one tile: square pixels for maps, flat rectangles for units."""
    wide = min(0.5, width / grid.columns)
    tall = 0.6 * wide if grid.units else wide * grid.shape[0] / grid.shape[1]
    shrink = 1 if grid.units else min(1, TALLEST / (grid.rows * tall))
    return wide * shrink, tall * shrink


def _draw_rings(axes, grid, rings, tile):
    """Draw each ring in the middle of its point, a little wider than it."""
    height, width = grid.shape
    side = 72 * min(tile[0] / width, tile[1] / height)  # of a point, in points of type
    for name, mask in rings.items():
        rows, places, channels = np.nonzero(mask)
        axes.scatter(
            channels % grid.columns + (places + 0.5) / width,
            channels // grid.columns + (rows + 0.5) / height,
            s=(1.25 * side + 1) ** 2,
            facecolors="none",
            edgecolors=RINGS[name][0],
            linewidths=1.6,
            path_effects=[withStroke(linewidth=2.8, foreground=RINGS[name][1])],
            clip_on=False,
            label=name,
        )


def _checked_shares(name, shares, moved, parts):
    """Return shares (runs, steps, 3), or say what does not fit."""
    shares = as_numbers(shares, f"panel {name!r}").astype(float)
    shares = shares[np.newaxis] if shares.ndim == 2 else shares
    if shares.shape[1:] != (len(moved), 3) or len(parts) != 3 or not shares.size or not (shares >= 0).all():
        raise CourseError(
            f"panel {name!r} needs three counts for each of the {len(moved)} steps, in (runs, steps, 3), and shape "
            f"{shares.shape} came: count all answers."
        )
    totals = shares.sum(axis=-1, keepdims=True)
    if not totals.all():
        raise CourseError(f"panel {name!r} has a step without any answer: count all answers.")
    return shares / totals


def _draw_flip(axes, shares, moved, parts):
    means, bottom = shares.mean(axis=0), np.zeros(len(moved))
    for number, part in enumerate(parts):
        axes.bar(range(len(moved)), means[:, number], bottom=bottom, width=0.86, color=PART_COLOURS[number], label=part)
        bottom += means[:, number]
    for place, share in enumerate(means[:, 2]):
        if share > 0.06:
            axes.text(place, 1 - share / 2, f"{share:.0%}", ha="center", va="center", fontsize=9)
    if len(shares) > 1:
        aside = np.linspace(-0.25, 0.25, len(shares))
        for run, offset in zip(shares, aside):
            axes.plot(np.arange(len(moved)) + offset, 1 - run[:, 2], ".", color="#222222", markersize=3)
    axes.set_xticks(range(len(moved)), [f"{count:,}" for count in moved])
    axes.set(ylim=(0, 1.02), xlim=(-0.6, len(moved) - 0.4))
    axes.tick_params(axis="x", length=0)
