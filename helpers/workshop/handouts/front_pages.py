"""The pages around the notebooks: home, and how to run them."""

import io
import re
from html import escape
from pathlib import Path
from urllib.parse import quote

from helpers import __version__
from helpers.course import ROOT
from helpers.workshop.handouts import reading
from helpers.workshop.handouts.reading import about, first_picture
from helpers.workshop.notebook_names import DEEPER
from helpers.workshop.output_pictures import Picture

__all__ = ["PAGES", "channel_grid", "home", "launch_links", "run_page", "thumbnail"]

PAGES = Path(__file__).with_name("pages")
TITLE = 36  # pixels of the page that a figure's title takes
SHARP = 1000  # pixels of a card's width that a screen shows, at most
CARD = 2.4  # width of a card by the height of its picture, on a phone: the narrowest
# The deeper notebooks on the home page.
DOORS = """## Go deeper

Side doors: each takes one question of the path further, and assumes the notebook that leads to it.

<ol class="path doors">
{deeper_cards}
</ol>

```{toctree}
:hidden:
:caption: Go deeper

{deeper_notebooks}
```
"""


def channel_grid(notebooks):
    """Find the picture that stands for the course, in the first notebook that has one.

    Args:
        notebooks: dict from a notebook's name to the executed notebook (nbformat).

    Returns:
        An `output_pictures.Picture`.
    """
    candidates = (first_picture(notebook, tag=reading.README_PICTURE) for notebook in notebooks.values())
    return next(filter(None, candidates), None) or Picture(thumbnail(next(iter(notebooks.values()))), width=None)


def thumbnail(notebook):
    """Find a picture of a notebook: the images it is about where it draws some, else its first one.

    Args:
        notebook: the executed notebook (nbformat).

    Returns:
        The picture's bytes (JPEG), without the title above it; a white one where the notebook has none.
    """
    from PIL import Image, ImageOps

    calls = ("plot_images(", "plot_layer(", "")
    found = next(filter(None, (first_picture(notebook, call=call) for call in calls)), None)
    picture = Image.open(io.BytesIO(found.content)).convert("RGB") if found else Image.new("RGB", (800, 400), "white")
    title = TITLE * picture.width // (found.width or picture.width) if found else TITLE
    picture = picture.crop((0, min(title, picture.height // 4), *picture.size))
    high = max(picture.height, round(picture.width / CARD))  # a strip gets margins: cards cut off what is too wide
    picture = ImageOps.pad(picture, (picture.width, high), color="white")
    picture.thumbnail((SHARP, SHARP))
    written = io.BytesIO()
    picture.save(written, "JPEG", quality=88, subsampling=0, optimize=True)
    return written.getvalue()


def _introduction():
    """What README.md says before its first heading, without the picture."""
    readme = ROOT / "README.md"
    text = readme.read_text(encoding="utf-8") if readme.is_file() else "# Inside a CNN\n"
    opening = re.split(r"^## ", text, maxsplit=1, flags=re.M)[0]
    return re.sub(r"<img [^>]*>\n*", "", opening).strip()


def home(notebooks, more, *, explorer):
    """Write the home page.

    Args:
        notebooks: dict from a notebook's name to the executed notebook (nbformat).
        more: names of the pages besides.
        explorer: Markdown that leads to the explorer page; "" where there is none.

    Returns:
        MyST Markdown.
    """
    facts = [about(stem, notebook) for stem, notebook in notebooks.items()]
    deeper = [one for one in facts if one.stem.startswith(DEEPER)]
    core, grid = facts[: len(facts) - len(deeper)], channel_grid(notebooks)
    parts = {
        "introduction": _introduction(),
        "grid": f"channel_grid{grid.suffix}",
        "grid_width": f'width="{grid.width}"' if grid.width else "",
        "first": facts[0].stem,
        "cards": "\n".join(map(_card, core)),
        "doors": DOORS if deeper else "",
        "deeper_cards": "\n".join(map(_card, deeper)),
        "explorer": explorer,
        "notebooks": "\n".join(f"{one.title} <{one.stem}>" for one in core),
        "deeper_notebooks": "\n".join(f"{one.title} <{one.stem}>" for one in deeper),
        "more": "\n".join(more),
    }
    text = (PAGES / "home.md").read_text(encoding="utf-8")
    for name, words in parts.items():
        text = text.replace(f"{{{name}}}", words)
    return text


def _card(facts):
    """A notebook on the home page."""
    data = ", ".join(f"{name.replace('_', ' ')} ({origin})" for name, origin in facts.data.items())
    times = f"{facts.quick} to run; in full {facts.full}" if facts.quick else ""
    lines = "<br>".join(escape(words) for words in (times, f"data: {data}" if data else "") if words)
    return (
        f'<li><a href="{facts.stem}.html"><img src="_static/{facts.stem}.jpg" alt="">'
        f'<span class="words"><span class="name">{escape(facts.title)}</span>'
        f'<span class="question">{escape(facts.question)}</span><span class="facts">{lines}</span></span></a></li>'
    )


def launch_links(stem, repository, *, tag=None):
    """Return the addresses at which a notebook opens in the browser.

    Args:
        stem: the notebook's name.
        repository: the repository's address, such as "https://github.com/OWNER/NAME"; "" for none.
        tag: the version that Binder builds; that of the package when None.

    Returns:
        A dict from service to address; {} without a repository, and no Colab outside of GitHub. Colab reads the
        Colab edition from the repository's branch "colab".
    """
    tag = tag or f"v{__version__}"
    if not repository:
        return {}
    place = f"{tag}?urlpath={quote(f'lab/tree/notebooks/{stem}.ipynb', safe='')}"
    if not repository.startswith("https://github.com/"):
        return {"Binder": f"https://mybinder.org/v2/git/{quote(repository, safe='')}/{place}"}
    name = repository.removeprefix("https://github.com/").removesuffix("/").removesuffix(".git")
    return {
        "Binder": f"https://mybinder.org/v2/gh/{name}/{place}",
        "Colab": f"https://colab.research.google.com/github/{name}/blob/colab/{stem}.ipynb",
    }


def run_page(notebooks, repository):
    """Write how to run the notebooks.

    Args:
        notebooks: dict from a notebook's name to the executed notebook (nbformat).
        repository: the repository's address, from which links to Binder and Colab are made; "" for none.

    Returns:
        MyST Markdown.
    """
    rows = []
    for stem, notebook in notebooks.items():
        links = [f"[{name}]({address})" for name, address in launch_links(stem, repository).items()]
        rows += [f"| {about(stem, notebook).title} | {' · '.join(links)} |"] if links else []
    table = ["", "| notebook | open it in |", "|---|---|", *rows] if rows else []
    return (PAGES / "run.md").read_text(encoding="utf-8").replace("{links}", "\n".join(table))
