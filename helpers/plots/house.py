"""What all figures share: the house style, and that a cell shows each once."""

import functools
from pathlib import Path

import matplotlib.pyplot as plt

from helpers._shared.arguments import as_text
from helpers._shared.notebook import draw_crisp
from helpers.plots.ledger_figures import keep

__all__ = ["house_figure"]

STYLE = Path(__file__).with_name("house.mplstyle")
WORDS = {"name", "title", "xlabel", "ylabel"}  # options of the figures that are written as they are


def house_figure(draw):
    """Let a function draw in the house style and return its figure closed, so that a cell shows it once.

    What is written on the figure must be text, see `WORDS`.

    Args:
        draw: a function that returns a matplotlib Figure made by pyplot.

    Returns:
        The function, wrapped; matplotlib's own settings are as before when it returns or fails.
    """

    @functools.wraps(draw)
    def drawn(*args, **options):
        for name in WORDS & options.keys():
            as_text(options[name], name)
        draw_crisp()
        plt.draw_if_interactive()  # loads the notebook's backend: its settings would be lost with the style
        before = set(plt.get_fignums())
        try:
            with plt.ioff(), plt.style.context(STYLE):
                figure = draw(*args, **options)
                keep(draw, args, options)
                return figure
        finally:
            for number in set(plt.get_fignums()) - before:
                plt.close(number)

    return drawn
