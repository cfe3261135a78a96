"""The reference on the site: what each public function of `helpers` does, what it draws in the course, and where."""

import re
from html import escape

from helpers._shared.files import write_beside
from helpers.workshop.handouts.reading import pictures, short_title
from helpers.workshop.output_pictures import small_jpeg

__all__ = ["ROOMS", "in_the_course", "reference_pages"]

# In the order in which a notebook meets them.
ROOMS = (
    "activations plots pictures models datasets training explanations probing measures drawing checks course"
).split()
LARGEST = 900  # pixels of a picture's longer side
PAGE = "# {room}\n\n```{eval-rst}\n.. automodule:: helpers.{room}\n   :members:\n   :exclude-members: get_config\n```\n"


def reference_pages():
    """Write a page for each room of the package, which Sphinx fills with the docstrings of what it offers.

    Returns:
        A dict from a page's name to its MyST Markdown.
    """
    return {f"reference/{room}": PAGE.replace("{room}", room) for room in ROOMS}


def in_the_course(notebooks, static):
    """Say of each function that notebooks call which figure it makes first, and where it is used.

    Args:
        notebooks: dict from a notebook's name to the executed notebook (nbformat).
        static: Path of the folder that the pictures are written to; the page finds them in "_static".

    Returns:
        A dict from a function's full name, such as "helpers.plots.plot_layer", to HTML.
    """
    uses = {}
    for stem, notebook in notebooks.items():
        for cell in notebook.cells:
            for name in _called(cell.source) if cell.cell_type == "code" else ():
                uses.setdefault(name, []).append((stem, cell))
    return {name: _words(cells, static) for name, cells in uses.items()}


def _called(source):
    """Full names of what a cell takes from the package's rooms."""
    found = re.findall(rf"\b({'|'.join(ROOMS)})\.(\w+)", source)
    for room, names in re.findall(r"^from helpers\.(\w+) import (.+)", source, re.M):
        found += [(room, name) for name in re.findall(r"\w+", names)]
    return {f"helpers.{room}.{name}" for room, name in found}


def _words(uses, static):
    """The figure of the first cell that has one, as a link to the cell, and links to all notebooks."""
    drawn = next(((stem, cell) for stem, cell in uses if pictures(cell)), None)
    stems = dict.fromkeys(stem for stem, _ in uses)
    links = ", ".join(f'<a href="../{stem}.html">{escape(short_title(stem))}</a>' for stem in stems)
    return (_figure(*drawn, static) if drawn else "") + f'<p class="used">Used in {links}.</p>'


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
