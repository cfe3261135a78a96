"""Tables that pandas wrote into a notebook, read back."""

import re

from bs4 import BeautifulSoup

__all__ = ["read_column"]


def _grid(rows):
    """Repeat each cell over the rows and columns that it spans; return a list of (is heading, words) for each row."""
    filled, hanging = [], {}  # column -> [rows left, cell] of cells that reach down from above
    for row in rows:
        line, waiting = [], iter(row.find_all(["th", "td"]))
        while True:
            if hanging.get(len(line), (0,))[0] > 0:
                left, cell = hanging[len(line)]
                hanging[len(line)] = (left - 1, cell)
                line.append(cell)
                continue
            tag = next(waiting, None)
            if tag is None:
                break
            cell = tag.name == "th", tag.get_text().strip()
            for _ in range(int(tag.get("colspan", 1))):
                hanging[len(line)] = (int(tag.get("rowspan", 1)) - 1, cell)
                line.append(cell)
        filled.append(line)
    return filled


def read_column(html, column, rows=".*"):
    """Read one column of a table that pandas wrote.

    Args:
        html: the table; headings of several levels are joined by a blank, and so are names of rows.
        column: the column's heading.
        rows: regular expression that a row's whole name must match; where rows are only numbered, the
            first cell is the name.

    Returns:
        A list of (match, words): the match of the row's name, and what the cell says; [] where the table
        has no such column.
    """
    table = BeautifulSoup(html, "html.parser")
    head, body = (_grid(table.select(f"{part} tr")) for part in ("thead", "tbody"))
    headings = [" ".join(filter(None, levels)) for levels in zip(*([words for _, words in line] for line in head))]
    if column not in headings:
        return []
    place, cells = headings.index(column), []
    for line in body:
        names = [words for heading, words in line if heading]
        numbered = len(names) == 1 and names[0].isdigit()
        match = re.fullmatch(rows, line[1][1] if numbered else " ".join(names))
        if match:
            cells.append((match, line[place][1]))
    return cells
