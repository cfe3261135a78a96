"""How long a section takes with a class: a stated rule over what it holds."""

import math
import re

from helpers.workshop.handouts.reading import pictures, sections, tags

__all__ = ["RULE", "minutes_of", "section_minutes", "tables"]

WORDS = 130  # a minute, read aloud or said in one's own words
PICTURE = 1.5  # minutes to predict, to look, and to say what one sees
CODE = 0.4  # minutes to say what a cell does while it runs
CHECKPOINT = 1.5  # minutes to think, and to compare
EXERCISE = 8  # minutes with a neighbour
RULE = (
    f"Minutes are reckoned: {WORDS} words of text a minute, {PICTURE:g} minutes for each figure or table "
    f"(predict, look, say), {CHECKPOINT:g} for a checkpoint, {CODE:g} for a code cell, {EXERCISE} for an exercise."
)


def section_minutes(section):
    """Reckon the minutes that a section takes with a class.

    Args:
        section: a reading.Section.

    Returns:
        Whole minutes, at least 1.
    """
    text = "\n".join(cell.source for cell in section.cells if cell.cell_type == "markdown")
    code = [cell for cell in section.cells if cell.cell_type == "code" and "solution" not in tags(cell)]
    minutes = len(re.sub(r"<[^>]+>", " ", text).split()) / WORDS
    minutes += PICTURE * sum(len(pictures(cell)) + tables(cell) for cell in code)
    minutes += CHECKPOINT * text.count("<details>")
    minutes += EXERCISE * sum("exercise" in tags(cell) for cell in code)
    minutes += CODE * len(code)
    return max(1, math.ceil(minutes))


def tables(cell):
    """Count the tables that a cell put out.

    Args:
        cell: a cell (nbformat).

    Returns:
        A number.
    """
    return sum("text/html" in output.get("data", {}) for output in cell.get("outputs", []))


def minutes_of(notebook):
    """Reckon the minutes of every section of a notebook.

    Args:
        notebook: the executed notebook (nbformat).

    Returns:
        A dict from heading to whole minutes, in order.
    """
    return {section.heading: section_minutes(section) for section in sections(notebook)}
