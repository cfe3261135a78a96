"""A plugin of pytest, beside nbval: exercises must still pass after "Run all".

After the last cell of a notebook each of its solutions runs again, last to first, in the same kernel. A solution ends
in a check, whose verdict must be "right"; what a later cell has bound anew under a name that it needs shows here.
"""

import copy
from itertools import groupby

__all__ = ["pytest_collection_modifyitems"]


def pytest_collection_modifyitems(items):
    """Put the solutions of each notebook behind its cells.

    Args:
        items: pytest's list of tests, which is changed in place.
    """
    again = []
    for notebook, cells in groupby(items, lambda item: item.parent):
        cells = list(cells)
        solutions = [cell for cell in cells if "solution" in _tags(cell)]
        again += cells + [_once_more(notebook, cell) for cell in reversed(solutions)]
    items[:] = again


def _tags(item):
    """The tags of a notebook's cell; none for any other test."""
    return getattr(item, "cell", {}).get("metadata", {}).get("tags", [])


def _once_more(notebook, item):
    """A test that runs a solution again and asks for its verdict, whatever its output was the first time."""
    cell = copy.deepcopy(item.cell)
    *lines, check = cell.source.splitlines()
    cell.source = "\n".join([*lines, f"assert ({check}).state == 'right'"])
    name, options = f"{item.name}, the solution again", item.options | {"check": False}
    return type(item).from_parent(notebook, name=name, cell_num=item.cell_num, cell=cell, options=options)
