"""What all figures share: the house style, axes side by side, the words above and the legend below."""

import functools
from pathlib import Path

import matplotlib.pyplot as plt

from helpers._shared.arguments import as_text
from helpers.plots.grid import WIDTH, wrap

__all__ = ["axes_in_a_row", "finish", "house_figure"]

STYLE = Path(__file__).with_name("house.mplstyle")
WORDS = {"name", "title", "xlabel", "ylabel"}  # options of the figures that are written as they are


def house_figure(draw):
    """Let a function draw in the house style and return its figure closed, so that a cell shows it once.

    What is written on the figure must be text, see `WORDS`.

    Args:
        draw: a function that returns a matplotlib Figure made by pyplot.

    Returns:
        The function, wrap; matplotlib's own settings are as before when it returns or fails.
    """

    @functools.wraps(draw)
    def drawn(*args, **options):
        for name in WORDS & options.keys():
            as_text(options[name], name)
        plt.draw_if_interactive()  # loads the notebook's backend: its settings would be lost with the style
        before = set(plt.get_fignums())
        try:
            with plt.ioff(), plt.style.context(STYLE):
                return draw(*args, **options)
        finally:
            for number in set(plt.get_fignums()) - before:
                plt.close(number)

    return drawn


def axes_in_a_row(count, height, **options):
    """Make a figure with axes side by side, whose words find room by themselves.

    Args:
        count: how many axes.
        height: inches of the figure.
        **options: what ``plt.subplots`` takes.

    Returns:
        The Figure and its axes, as an array ``(count,)``.
    """
    figure, axes = plt.subplots(1, count, figsize=(WIDTH, height), squeeze=False, layout="constrained", **options)
    return figure, axes[0]


def finish(figure, title, *, columns=4):
    """Write the title above all axes, if there is one, and one legend for all of them below.

    Args:
        figure: a figure of `axes_in_a_row`; what has the same label in several axes is named once.
        title: words above all.
        columns: names in a row of the legend, at most.

    Returns:
        The Figure.
    """
    handles = {label: handle for axes in figure.axes for handle, label in zip(*axes.get_legend_handles_labels())}
    figure.legend(handles.values(), handles.keys(), loc="outside lower center", ncols=min(len(handles), columns))
    if title:
        figure.suptitle(wrap(title, WIDTH - 0.4), x=0.01, ha="left", fontsize=11)
    return figure
