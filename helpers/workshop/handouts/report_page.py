"""The site's page of what the articles report beside what was measured, with each item's pictures in both looks."""

import re
from html import escape

from helpers._shared.files import write_beside
from helpers.course import ROOT
from helpers.workshop.output_pictures import small_jpeg
from helpers.workshop.reproduction import read_ledger, read_notebooks

__all__ = ["report_page"]

LINK = re.compile(
    r"\[((?:[^\[\]]|\[[^\]]*\])+)\]"  # words, which may hold a pair of brackets: "In [3]"
    r"\((?:notebooks/|site/)?((?:deeper/)?\d\d_\w+)\.(?:ipynb|html)(#[^)]*)?\)"
)
LARGEST = 800  # pixels of a picture's longer side


def report_page(source, static):
    """Read REPRODUCTION.md, let its links lead to pages, and put each item's pictures below what the reader sees.

    Args:
        source: Path of the folder of executed notebooks, whose REPRODUCTION.md comes before the repository's.
        static: Path of the folder that the pictures are written to; the page finds them in "_static".

    Returns:
        A dict from the page's name to its Markdown; {} where there is no such file.
    """
    file = source / "REPRODUCTION.md"
    file = file if file.is_file() else ROOT / "REPRODUCTION.md"
    if not file.is_file():
        return {}
    text = LINK.sub(r'<a href="\2.html\3">\1</a>', file.read_text(encoding="utf-8"))
    ledger, notebooks = ROOT / "notebooks" / "ledger.toml", read_notebooks(source)
    for item in read_ledger(ledger).items if ledger.is_file() else ():
        cells = [cell for name in item.notebooks if name in notebooks for cell in notebooks[name].tagged(item.tag)]
        pictures = [picture for cell in cells for picture in cell.pictures]
        shown = "".join(_both_looks(item, number, picture, static) for number, picture in enumerate(pictures, start=1))
        if shown:
            heading, found, rest = text.partition(f"\n### {item.id}\n\n")
            seen, _, below = rest.partition("\n")
            text = f'{heading}{found}{seen}\n\n<div class="looks">{shown}</div>\n{below}' if found else text
    return {"REPRODUCTION": text}


def _both_looks(item, number, picture, static):
    """One picture of an item in the course's look and, where there is one, in the article's."""
    stem = item.id if number == 1 else f"{item.id}-{number}"
    article, shown = ROOT / "notebooks" / "figures" / "article" / f"{stem}.jpg", ""
    looks = {"course": picture} | ({"article": article} if article.is_file() else {})
    for look, content in looks.items():
        small, (width, height) = small_jpeg(content, largest=LARGEST)
        write_beside(static / f"{stem}_{look}.jpg", small)
        about = escape(f"{item.seen}; in the {look}'s look")
        shown += f'<img src="_static/{stem}_{look}.jpg" width="{width}" height="{height}" loading="lazy" alt="{about}">'
    return shown
