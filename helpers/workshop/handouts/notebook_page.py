"""One notebook as a page of the site: what is folded, what is said of each figure, where links lead."""

import posixpath
import re
from copy import deepcopy
from html import escape

from helpers.course import SETUP_MIME
from helpers.workshop.handouts import captions, reading
from helpers.workshop.handouts.reading import tags
from helpers.workshop.reproduction.items import TAG

__all__ = ["OWN_RUN", "as_page", "living_links", "run_bar"]

OWN_RUN = "your_run"  # the folder of the pages that show the reader's own run, beside those of the committed one
QUICK = (
    "<b>A quick run</b>, on few images and for few epochs: its numbers and pictures need not agree with the text, "
    "which speaks of a full run on the real data."
)


def as_page(stem, notebook, there, seen, *, bar="", explorer="", own=False):
    """Make the copy of a notebook that becomes a page: solutions folded, words for every figure, living links.

    Args:
        stem: the notebook's name.
        notebook: the executed notebook (nbformat); it is not changed.
        there: names of the notebooks that have a page.
        seen: dict from a cell's tag to what the ledger says is seen there.
        bar: HTML that stands under the title.
        explorer: address of the explorer page; "" where there is none.
        own: whether the page shows a reader's own run, beside the one of the course; its title says so.

    Returns:
        A notebook.
    """
    from nbformat.v4 import new_markdown_cell

    copy, facts = deepcopy(notebook), reading.about(stem, notebook)
    copy.metadata["myst"] = {"html_meta": {"description": facts.question}}
    copy.metadata |= {"orphan": True} if own else {}
    for section in reading.sections(copy):
        for cell in section.cells:
            cell.metadata["heading"] = section.heading
    cells = []
    for place, cell in enumerate(copy.cells):
        heading = cell.metadata.pop("heading")
        cells += _anchors(cell)
        if cell.cell_type == "markdown":
            cell.source = living_links(cell.source, there, stem, explorer).replace("](figures/", "](/figures/")
        else:
            _fold(cell)
            text = captions.alternative_text(copy.cells, place, heading, seen)
            if text:
                cell.metadata.setdefault("mystnb", {})["image"] = {"alt": text}
            cell.outputs = _joined(cell.outputs)
        cells.append(cell)
    title = f"{facts.title}, your run" if own else facts.title
    words = f"```{{title}} {title}\n```\n\n{bar}\n"
    if cells and cells[0].source.startswith("# "):
        head, _, rest = cells[0].source.partition("\n")
        cells[0].source = f"{head}\n\n{words}\n{rest}"
    else:
        cells.insert(0, new_markdown_cell(words, id="title-and-run"))
    copy.cells = cells
    return copy


def run_bar(stamp, *, shown="", other=""):
    """Say under a notebook's title which run the page shows.

    Args:
        stamp: dict of what made its outputs, of the notebook's metadata.
        shown: "committed" or "own" where there is a page of the other run, too; else "".
        other: address of that page.

    Returns:
        HTML; "" where there is nothing to say.
    """
    quick = f'<p class="quick">{QUICK}</p>' if stamp.get("profile") == "quick" else ""
    if not shown:
        return quick
    runs = {"committed": "Full run, on the real data", "own": "Your run"}
    tabs = [
        f'<a href="{other}">{words}</a>' if name != shown else f'<a aria-current="page">{words}</a>'
        for name, words in runs.items()
    ]
    return f'<nav class="runs" aria-label="Runs">{"".join(tabs)}</nav>{quick}'


def living_links(text, there, stem, explorer=""):
    """Turn links to notebooks that have no page into plain words, and those to the explorer into its address.

    Args:
        text: Markdown.
        there: names of the notebooks that have one.
        stem: name of the notebook that the text is of: links count from its folder.
        explorer: address of the explorer page; "" where there is none.

    Returns:
        Markdown.
    """

    def keep(link):
        target = posixpath.normpath(posixpath.join(posixpath.dirname(stem), link.group(2)))
        return link.group(0) if target in there else link.group(1)

    page = rf'<a href="{explorer}\2">\1</a>' if explorer else r"\1"
    text = re.sub(r"\[([^\]]+)\]\((?:\.\./)+build/explorer\.html(#[\w=-]+)?\)", page, text)
    return re.sub(r"\[([^\]]+)\]\(((?:\.\./|deeper/)?\d\d_\w+)\.ipynb\)", keep, text)


def _anchors(cell):
    """A place to link to where the cell shows a figure or an item of the ledger, named as REPRODUCTION.md does."""
    from nbformat.v4 import new_markdown_cell

    if not reading.pictures(cell) and not any(tag.startswith(TAG) for tag in tags(cell)):
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
    """Outputs as a page shows them: without the runner's own kind, lines that were displayed one by one as one block,
    tables with headers that say what they are of."""
    joined = []
    for output in outputs:
        data = output.get("data", {})
        data.pop(SETUP_MIME, None)
        if "text/html" in data:
            data["text/html"] = _headed(data["text/html"])
        if joined and _is_line(output) and _is_line(joined[-1]):
            joined[-1]["data"]["text/plain"] += "\n" + output["data"]["text/plain"]
        else:
            joined.append(output)
    return joined


def _headed(table):
    """A table of pandas whose headers name their column or row; a header without words is none."""
    table = re.sub(r"<th>\s*</th>", "<td></td>", table)
    head, end, body = table.partition("</thead>")
    return head.replace("<th>", '<th scope="col">') + end + body.replace("<th>", '<th scope="row">')


def _is_line(output):
    return output["output_type"] == "display_data" and set(output["data"]) == {"text/plain"}
