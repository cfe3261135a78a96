"""Words for those who do not see a figure: taken from the ledger, the call that draws it, and the caption below it."""

import ast
import inspect
import re

from helpers.course import ROOT
from helpers.workshop.handouts.reading import pictures, tags
from helpers.workshop.output_pictures import pictures_of
from helpers.workshop.reproduction import read_ledger

__all__ = ["alternative_text", "seen_by_tag"]

CAPTION = "**What you should see**"
VALUE = "\N{HORIZONTAL ELLIPSIS}"  # stands for what is put into a title at run time, and is not known here


def seen_by_tag(path=ROOT / "notebooks" / "ledger.toml"):
    """Read what the reader sees at each tagged cell, where the ledger is there.

    Args:
        path: Path of the ledger.

    Returns:
        A dict from tag to words; {} without a ledger.
    """
    return {entry.tag: entry.seen for entry in read_ledger(path).items} if path.is_file() else {}


def alternative_text(cells, place, heading, seen):
    """Say in words what the figures of a cell show.

    Args:
        cells: the notebook's cells.
        place: index of the cell that put out the figures.
        heading: the heading that the cell stands under.
        seen: dict from a cell's tag to what the ledger says is seen there.

    Returns:
        One line of text without Markdown, never empty; "" where the cell has no figure.
    """
    cell = cells[place]
    if not pictures(cell):
        return ""
    said = [seen[tag] for tag in sorted(tags(cell)) if tag in seen] or _drawn(cell) or [f"A figure on: {heading}."]
    below = cells[place + 1].source if place + 1 < len(cells) else ""
    if CAPTION in below:
        bullet = re.search(r"^- (.+?)(?=\n- |\n\n|\Z)", below, re.M | re.S)
        said += [f"What you should see: {bullet.group(1)}"] if bullet else []
    return _plain(" ".join(map(_sentence, said)))


def _sentence(text):
    """Words as a sentence of their own, so that several may follow one another."""
    text = text.strip()
    return text[0].upper() + text[1:] + ("" if text[-1] in ".?!" else ".")


def _plain(text):
    """Text without the signs of Markdown, on one line."""
    return re.sub(r"[*`]|(?<!\w)_|_(?!\w)", "", " ".join(text.split()))


def _drawn(cell):
    """A sentence for each call of a plot function: its title, and what the function's docstring says that it draws."""
    from helpers import plots

    said = []
    for node in ast.walk(ast.parse(cell.source)):
        name = node.func.attr if isinstance(node, ast.Call) and isinstance(node.func, ast.Attribute) else ""
        if name.startswith("plot_") and hasattr(plots, name):
            kind = inspect.getdoc(getattr(plots, name)).splitlines()[0].removeprefix("Draw ")
            title = next((_words(each.value) for each in node.keywords if each.arg in ("title", "name")), "")
            said.append(f"{_sentence(title)} Drawn: {kind}" if title else kind)
    plain = [output["data"].get("text/plain", "") for output in cell.outputs if pictures_of([output])]
    return said or [f"Curves of a training; {text}." for text in plain if text and not text.startswith("<")]


def _words(node):
    """The words of a string in the code, without what is put in at run time."""
    if isinstance(node, ast.Constant) and isinstance(node.value, str):
        return node.value
    if isinstance(node, ast.JoinedStr):
        return _without_values("".join(part.value if isinstance(part, ast.Constant) else VALUE for part in node.values))
    return ""


def _without_values(title):
    """A title that still names the thing: of "Conv2D_2, map 7" it keeps "Conv2D_2", of "3 draws" "some draws"."""
    first, *others = re.split(r"(?<=[,:;]) ", title)
    first = re.sub(rf"{VALUE}(?= \w)", "some", first).replace(VALUE, "").strip()
    kept = [first, *(clause for clause in others if VALUE not in clause)]
    return " ".join(clause for clause in kept if re.search(r"\w", clause)).strip(" ,:;")
