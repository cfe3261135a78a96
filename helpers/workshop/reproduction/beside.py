"""One page that puts pictures of the articles, from a folder, beside ours of the same item."""

import base64
import mimetypes
import re
from itertools import zip_longest
from pathlib import Path

import jinja2
from PIL import Image

from helpers._shared.errors import CourseError
from helpers.datasets.image_files import natural_order
from helpers.workshop.notebook_names import short_name
from helpers.workshop.reproduction.figures import item_files

__all__ = ["beside_page", "pictures_by_item"]

ENDINGS = (".png", ".jpg", ".jpeg", ".gif", ".webp")


def pictures_by_item(folder, ledger):
    """Find the pictures of a folder that are named by an item: its id, and what one likes behind it.

    Args:
        folder: Path of the folder, with pictures such as ``xray-04.png`` and ``xray-03_channel_30.png``.
        ledger: items.Ledger; None where there is none.

    Returns:
        A dict of id -> list of Paths, in the order of the ledger; the numbers in names count as numbers.

    Raises:
        FileNotFoundError: if there is no such folder, or no ledger.
        CourseError: if none of its pictures has the name of an item.
    """
    if not ledger:
        raise FileNotFoundError("notebooks/ledger.toml is needed and is not here: work in the course's repository.")
    if not folder.is_dir():
        raise FileNotFoundError(f"There is no folder {folder}: name the one that holds the articles' pictures.")
    files = [path for path in folder.iterdir() if path.suffix.lower() in ENDINGS]
    files.sort(key=lambda path: natural_order(path.stem))  # channel_3 before channel_30, and item before item_2
    found = {}
    for item in ledger.items:
        own = [path for path in files if re.fullmatch(rf"{re.escape(item.id)}(?![0-9A-Za-z]).*", path.stem)]
        if own:
            found[item.id] = own
    if not found:
        raise CourseError(
            f"{folder} has no picture that is named by an item, such as {ledger.items[0].id}.png: name them so."
        )
    return found


def beside_page(ledger, theirs, figures):
    """Write the page.

    Args:
        ledger: items.Ledger.
        theirs: dict of id -> Paths of pictures, from `pictures_by_item`; they are put into the page.
        figures: Path of the folder of our figures, where the page will lie: it names them by their file names.

    Returns:
        The page as HTML; nothing but these figures is loaded.

    Raises:
        CourseError: if one of the pictures cannot be read.
    """
    environment = jinja2.Environment(
        loader=jinja2.FileSystemLoader(Path(__file__).parent),
        autoescape=True,
        undefined=jinja2.StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
    )
    items = []
    for name, pictures in theirs.items():
        entry, ours = ledger.entries[name], item_files(figures, name)
        # The n-th of theirs beside our n-th; what one side has more stands alone.
        rows = [
            {
                "theirs": _embedded(path) if path else None,
                "ours": _linked(files, ""),
                "article": _linked(files, "_article"),
            }
            for path, files in zip_longest(pictures, ours, fillvalue={})
        ]
        numbers = " ".join(short_name(name).partition("_")[0] for name in entry.notebooks)
        items.append({"entry": entry, "rows": rows, "drawn": bool(ours), "numbers": numbers})
    return environment.get_template("beside.html.jinja").render(items=items)


def _embedded(path):
    """A picture of the articles, which the page holds itself."""
    kind = mimetypes.guess_type(path.name)[0] or "image/png"
    return _shown(path, f"data:{kind};base64,{base64.b64encode(path.read_bytes()).decode()}")


def _linked(files, look):
    """One of our figures, beside the page; None where it was not drawn in that look."""
    path, pdf = files.get(f"{look}.png"), files.get(f"{look}.pdf")
    return _shown(path, path.name, pdf and pdf.name) if path else None


def _shown(path, source, pdf=None):
    """What the page says of a picture."""
    try:
        with Image.open(path) as image:
            width, height = image.size
    except OSError:
        raise CourseError(f"{path} cannot be read as a picture: get it anew, or take it away.") from None
    return {"name": path.name, "source": source, "pdf": pdf, "width": width, "height": height}
