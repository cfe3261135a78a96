"""One notebook as a page of the site: what is folded, what is said of each figure, where links lead."""

import posixpath
import re
from copy import deepcopy
from html import escape

from helpers.course import SETUP_MIME
from helpers.workshop.handouts import captions, reading
from helpers.workshop.handouts.reading import tags
from helpers.workshop.output_pictures import KINDS
from helpers.workshop.reproduction.items import TAG

__all__ = ["as_page", "living_links"]


def as_page(stem, notebook, there, seen):
    """Make the copy of a notebook that becomes a page: solutions folded, words for every figure, living links.

    Args:
        stem: the notebook's name.
        notebook: the executed notebook (nbformat); it is not changed.
        there: names of the notebooks that have a page.
        seen: dict from a cell's tag to what the ledger says is seen there.

    Returns:
        A notebook.
    """
    copy = deepcopy(notebook)
    for section in reading.sections(copy):
        for cell in section.cells:
            cell.metadata["heading"] = section.heading
    cells = []
    for place, cell in enumerate(copy.cells):
        heading = cell.metadata.pop("heading")
        cells += _anchors(cell)
        if cell.cell_type == "markdown":
            cell.source = living_links(cell.source, there, stem)
        else:
            _fold(cell)
            text = captions.alternative_text(copy.cells, place, heading, seen)
            if text:
                cell.metadata.setdefault("mystnb", {})["image"] = {"alt": text}
            cell.outputs = _joined(cell.outputs)
        cells.append(cell)
    copy.cells = cells
    return copy


def living_links(text, there, stem):
    """Turn links to notebooks that have no page into plain words.

    Args:
        text: Markdown.
        there: names of the notebooks that have one.
        stem: name of the notebook that the text is of: links count from its folder.

    Returns:
        Markdown.
    """

    def keep(link):
        target = posixpath.normpath(posixpath.join(posixpath.dirname(stem), link.group(2)))
        return link.group(0) if target in there else link.group(1)

    return re.sub(r"\[([^\]]+)\]\(((?:\.\./|deeper/)?\d\d_\w+)\.ipynb\)", keep, text)


def _anchors(cell):
    """A place to link to where the cell shows an item of the ledger, of the name that REPRODUCTION.md gives it."""
    from nbformat.v4 import new_markdown_cell

    shown = any(tag.startswith(TAG) for tag in tags(cell))
    if not shown:
        return []
    # An id of its own would be drawn anew each time, and the site be another one.
    return [new_markdown_cell(f'<span class="anchor" id="cell-id={escape(cell.id)}"></span>', id=f"to-{cell.id}"[:64])]


def _fold(cell):
    """Fold a solution, and the code of an expected picture; the reader opens them."""
    mine = tags(cell)
    if "solution" in mine:
        fold, words = "hide-cell", "Show the solution"
    elif "expected" in mine:
        fold, words = "hide-input", "Show the code of the expected output"
    else:
        return
    cell.metadata["tags"] = sorted({*mine, fold})
    cell.metadata["mystnb"] = {"code_prompt_show": words, "code_prompt_hide": words.replace("Show", "Hide")}


def _joined(outputs):
    """Outputs without the runner's own kind, and with lines that were displayed one by one as one block.

    A picture keeps its width and loses its height: where a narrow screen makes it smaller, the height has to follow.
    """
    joined = []
    for output in outputs:
        output.get("data", {}).pop(SETUP_MIME, None)
        for kind in KINDS:
            output.get("metadata", {}).get(kind, {}).pop("height", None)
        if joined and _is_line(output) and _is_line(joined[-1]):
            joined[-1]["data"]["text/plain"] += "\n" + output["data"]["text/plain"]
        else:
            joined.append(output)
    return joined


def _is_line(output):
    return output["output_type"] == "display_data" and set(output["data"]) == {"text/plain"}
