"""The reference on the site: what each public function of `helpers` does, what it draws in the course, and where."""

import ast
import re
from html import escape

from helpers._shared.files import write_beside
from helpers.course import ROOT
from helpers.workshop.handouts.reading import pictures, short_title
from helpers.workshop.output_pictures import small_jpeg

__all__ = ["reference_pages"]

# In the order in which a notebook meets them.
ROOMS = (
    "activations",
    "plots",
    "pictures",
    "models",
    "datasets",
    "training",
    "explanations",
    "probing",
    "measures",
    "drawing",
    "checks",
    "course",
)
LARGEST = 900  # pixels of a picture's longer side


def reference_pages(notebooks, static):
    """Write a page for each room of the package: every public function, in the order of the alphabet.

    Args:
        notebooks: dict from a notebook's name to the executed notebook (nbformat).
        static: Path of the folder that the pictures are written to; the page finds them in "_static".

    Returns:
        A dict from a page's name to its MyST Markdown.
    """
    pages = {}
    for room in ROOMS:
        about, names = _public(room)
        parts = [_entry(room, name, _uses(room, name, notebooks), static) for name in names]
        pages[f"reference/{room}"] = "\n".join([f"# {room}", "", about, "", *parts])
    return pages


def _public(room):
    """What a room says of itself, and the names of its functions and classes."""
    folder = ROOT / "helpers"
    file = folder / f"{room}.py" if (folder / f"{room}.py").is_file() else folder / room / "__init__.py"
    tree = ast.parse(file.read_text(encoding="utf-8"))
    (listed,) = [each.value for each in tree.body if isinstance(each, ast.Assign) and each.targets[0].id == "__all__"]
    names = [name for name in ast.literal_eval(listed) if not name.isupper()]
    return ast.get_docstring(tree).split("\n\n")[0], sorted(names, key=str.lower)


def _uses(room, name, notebooks):
    """The cells that use a function: (notebook's name, cell)."""
    said = re.compile(rf"\b{room}\.{name}\b|from helpers\.{room} import .*\b{name}\b")
    return [
        (stem, cell)
        for stem, notebook in notebooks.items()
        for cell in notebook.cells
        if cell.cell_type == "code" and said.search(cell.source)
    ]


def _entry(room, name, uses, static):
    """A function's part of a page."""
    kind = "class" if name[0].isupper() else "function"
    lines = [f"## {room}.{name}", "", "```{eval-rst}", f".. auto{kind}:: helpers.{room}.{name}", "```", ""]
    drawn = next(((stem, cell) for stem, cell in uses if pictures(cell)), None)
    if drawn:
        lines += [_figure(*drawn, static), ""]
    stems = dict.fromkeys(stem for stem, _ in uses)
    links = ", ".join(f'<a href="../{stem}.html">{escape(short_title(stem))}</a>' for stem in stems)
    return "\n".join([*lines, f'<p class="used">Used in {links}.</p>' if links else "", ""])


def _figure(stem, cell, static):
    """The first figure of a cell, small, as a link to the cell."""
    content, (width, height) = small_jpeg(pictures(cell)[0].content, largest=LARGEST)
    write_beside(static / f"cell-{cell.id}.jpg", content)
    title = escape(short_title(stem))
    return (
        f'<figure class="made"><a href="../{stem}.html#cell-id={cell.id}"><img src="../_static/cell-{cell.id}.jpg"'
        f' width="{width // 2}" height="{height // 2}" loading="lazy" alt="What this cell of {title} draws"></a>'
        f"<figcaption>In {title}</figcaption></figure>"
    )
