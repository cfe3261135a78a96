"""Tables that pandas wrote into a notebook, read back."""

import re
from html.parser import HTMLParser

__all__ = ["read_column"]


class _Rows(HTMLParser):
    """The rows of one HTML table: lists of (is heading, words, rows it spans, columns it spans)."""

    def __init__(self, html):
        super().__init__()
        self.head, self.body, self._rows, self._words = [], [], None, None
        self.feed(html)

    def handle_starttag(self, tag, attributes):
        given = dict(attributes)
        if tag in ("thead", "tbody"):
            self._rows = self.head if tag == "thead" else self.body
        elif tag == "tr" and self._rows is not None:
            self._rows.append([])
        elif tag in ("th", "td"):
            self._words, self._spans = [], [int(given.get(name, 1)) for name in ("rowspan", "colspan")]

    def handle_data(self, data):
        if self._words is not None:
            self._words.append(data)

    def handle_endtag(self, tag):
        if tag in ("th", "td") and self._words is not None:
            self._rows[-1].append((tag == "th", "".join(self._words).strip(), *self._spans))
            self._words = None


def _grid(rows):
    """Repeat each cell over the rows and columns that it spans; return rows of (is heading, words)."""
    filled, hanging = [], {}  # column -> [rows left, cell] of cells that reach down from above
    for row in rows:
        line, waiting = [], iter(row)
        while True:
            if hanging.get(len(line), (0,))[0] > 0:
                left, cell = hanging[len(line)]
                hanging[len(line)] = (left - 1, cell)
                line.append(cell)
                continue
            heading, words, down, across = next(waiting, (None, "", 1, 1))
            if heading is None:
                break
            for _ in range(across):
                hanging[len(line)] = (down - 1, (heading, words))
                line.append((heading, words))
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
    table = _Rows(html)
    head, body = _grid(table.head), _grid(table.body)
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
