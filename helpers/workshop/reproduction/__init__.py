"""Reported beside measured: the articles' items, the cells that show them, and the page that compares both.

``notebooks/ledger.toml`` lists the items; a cell shows one by carrying the tag ``ledger:ID``. Figures are read
from what the cells put out and from the kept results of the trainings that they name, never typed.
"""

from helpers.workshop.reproduction.cells import ExecutedNotebook, read_notebooks
from helpers.workshop.reproduction.figures import as_png, write_item
from helpers.workshop.reproduction.items import read_ledger
from helpers.workshop.reproduction.judging import judge, problems
from helpers.workshop.reproduction.measuring import read_results
from helpers.workshop.reproduction.page import reproduction_page

__all__ = [
    "ExecutedNotebook",
    "as_png",
    "judge",
    "problems",
    "read_ledger",
    "read_notebooks",
    "read_results",
    "reproduction_page",
    "write_item",
]
