"""What all figures share: the house style, that a cell shows each once, and that those of the ledger are kept.

A figure of a cell that shows an item of the articles is kept in print quality, as PNG and PDF.
"""

import functools
import inspect
import json
import os
from pathlib import Path

import matplotlib.pyplot as plt

from helpers._shared.arguments import as_text
from helpers._shared.files import beside
from helpers._shared.notebook import draw_crisp

__all__ = ["CELL", "house_figure", "keep"]

STYLE = Path(__file__).with_name("house.mplstyle")
WORDS = {"name", "title", "xlabel", "ylabel"}  # options of the figures that are written as they are
CELL = ".cell.json"  # in the folder: the cell that is running, as the runner of notebooks notes it
PRINTED = 300  # pixels of an inch on paper


def house_figure(draw):
    """Let a function draw in the house style.

    What is written on the figure must be text, see `WORDS`.

    Args:
        draw: a function that returns a matplotlib Figure, which pyplot does not know of: so a cell shows it once.

    Returns:
        The function, wrapped; matplotlib's own settings are as before when it returns or fails.
    """

    @functools.wraps(draw)
    def drawn(*args, **options):
        for name in WORDS & options.keys():
            as_text(options[name], name)
        draw_crisp()
        plt.draw_if_interactive()  # loads the notebook's backend: its settings would be lost with the style
        with plt.style.context(STYLE):
            figure = draw(*args, **options)
            keep(draw, args, options)
            return figure

    return drawn


def keep(draw, args, options):
    """Keep the figure that a plot function has drawn, in print quality and in the article's look.

    Nothing happens unless the environment variable COURSE_FIGURES names a folder whose CELL file says which cell runs.
    Then the n-th figure of the cell becomes ``FOLDER/NAME/n.png`` and ``n.pdf``, where NAME is the cell's; and
    ``n_LOOK.png`` and ``n_LOOK.pdf`` for each look of the cell, where the function takes one. A look that the call
    names is the article's.

    Args:
        draw: the function that draws, without wrapper; the house style is on.
        args: what it was given.
        options: what it was given by name.

    Raises:
        OSError: if a file cannot be written; one sentence says why.
    """
    folder = os.environ.get("COURSE_FIGURES")
    if not folder or not Path(folder, CELL).is_file():
        return
    cell = json.loads(Path(folder, CELL).read_text(encoding="utf-8"))
    folder = Path(folder, cell["name"])
    number = 1 + sum(path.stem.isdigit() for path in folder.glob("*.pdf"))
    own = {name: value for name, value in options.items() if name != "look"}
    versions = {str(number): own}
    if "look" in inspect.signature(draw).parameters:
        for look in cell["looks"]:
            # The digits article has six or five in a row, as the calls do; the others have the look's own number.
            kept = {name: value for name, value in own.items() if name != "columns" or look == "digits"}
            versions[f"{number}_{look}"] = kept | {"look": options.get("look") or look}
    # Drawn anew, because a sheet composes its picture of two pixels for each one of the figure's own.
    with plt.rc_context({"figure.dpi": PRINTED / 2}):
        for stem, chosen in versions.items():
            figure = draw(*args, **chosen)
            for ending, said in ((".png", None), (".pdf", {"CreationDate": None})):  # the same file for the same figure
                with beside(folder / (stem + ending)) as temporary:
                    figure.savefig(temporary, dpi=PRINTED, metadata=said)
