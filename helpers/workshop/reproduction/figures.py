"""The figures of the articles' items as files: what a run has kept in print quality, or what the cells show."""

import io
import json
import re

from PIL import Image

from helpers._shared.files import write_beside
from helpers.workshop.reproduction.items import TAG

__all__ = ["as_png", "item_files", "look_of_item", "note_cell", "write_item"]

PART_FOUR = "mnist-09"  # the last item of the MNIST article's part IV; the others are of part VI
ARTICLE = "_article"


def look_of_item(name):
    """Return the look in which the article draws an item.

    Args:
        name: the item's id, for example "xray-03".

    Returns:
        A name of `helpers.plots.looks`, for example "xray".
    """
    article = name.partition("-")[0]
    if article == "mnist":
        return "mnist4" if name <= PART_FOUR else "mnist6"
    return article


def note_cell(folder, cell):
    """Note which cell runs next, so that plot functions keep the figures of one that shows an item.

    Args:
        folder: Path of the folder that COURSE_FIGURES names.
        cell: the cell (nbformat).
    """
    from helpers.plots.house import CELL  # here, because it loads matplotlib

    ids = [tag.removeprefix(TAG) for tag in cell.metadata.get("tags", []) if tag.startswith(TAG)]
    if ids:
        looks = list(dict.fromkeys(map(look_of_item, ids)))
        write_beside(folder / CELL, json.dumps({"name": cell.id, "looks": looks}))
    else:
        (folder / CELL).unlink(missing_ok=True)


def as_png(picture):
    """Write a picture as PNG.

    Args:
        picture: bytes of a PNG or JPEG file.

    Returns:
        Bytes of a PNG file; those that came where it is one.
    """
    written = io.BytesIO()
    with Image.open(io.BytesIO(picture)) as image:
        if image.format == "PNG":
            return picture
        image.save(written, "PNG", dpi=image.info.get("dpi"))
    return written.getvalue()


def item_files(folder, name):
    """Find the files of an item's figures.

    Args:
        folder: Path of the folder where `write_item` has put them.
        name: the item's id.

    Returns:
        A list of dicts, one a figure: ending, such as ".png" or "_article.pdf" -> Path.
    """
    figures = {}
    for path in folder.glob(f"{name}*"):
        match = re.fullmatch(rf"{re.escape(name)}(?:-(\d+))?((?:{ARTICLE})?\.(?:png|pdf))", path.name)
        if match:
            figures.setdefault(int(match[1] or 1), {})[match[2]] = path
    return [figures[number] for number in sorted(figures)]


def write_item(finding, kept, target):
    """Write the figures of an item, ID.png, the next one ID-2.png and so on; remove files of figures that are gone.

    A figure that a plot function has drawn is there in print quality, as ID.png and ID.pdf, and in the article's look,
    where it has one, as ID_article.png and ID_article.pdf. Any other is the picture that the cell shows.

    Args:
        finding: `judging.Finding`, what the executed notebooks say of the item.
        kept: Path of the folder with the figures that the runs have kept, a folder a notebook.
        target: Path of the folder to write to; it stays as it is where the item has no picture.
    """
    name, written = finding.entry.id, set()
    figures = [figure for notebook, cell in finding.cells for figure in _figures(cell, kept / notebook / cell.id, name)]
    for number, figure in enumerate(figures, start=1):
        for ending, content in figure.items():
            path = target / f"{name}{'' if number == 1 else f'-{number}'}{ending}"
            write_beside(path, content)
            written.add(path)
    for figure in item_files(target, name) if figures else ():
        for path in set(figure.values()) - written:
            path.unlink()


def _figures(cell, kept, name):
    """The figures of a cell: dicts of ending -> bytes."""
    numbers = sorted(int(path.stem) for path in kept.glob("*.pdf") if path.stem.isdigit())
    shown = cell.pictures
    if len(numbers) < len(shown):  # one of them no plot function has drawn, and nobody knows which
        return [{".png": as_png(picture)} for picture in shown]
    figures = []
    # A plot that grows while a network trains was drawn many times, and stands there once, as it was at last.
    for number in numbers[len(numbers) - len(shown) :]:
        stems = {"": f"{number}", ARTICLE: f"{number}_{look_of_item(name)}"}
        files = {end + kind: kept / f"{stem}{kind}" for end, stem in stems.items() for kind in (".png", ".pdf")}
        figures.append({ending: path.read_bytes() for ending, path in files.items() if path.is_file()})
    return figures
