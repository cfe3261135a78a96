"""The pages around the notebooks: home, and how to run them."""

import io
import re
import tomllib
from html import escape
from pathlib import Path
from urllib.parse import quote

from helpers import __version__
from helpers.course import ROOT
from helpers.workshop.handouts import reading
from helpers.workshop.handouts.reading import about, first_picture
from helpers.workshop.notebook_names import DEEPER

__all__ = ["PAGES", "filled", "findings", "home", "launch_links", "run_page", "thumbnail"]

PAGES = Path(__file__).with_name("pages")
TITLE = 36  # pixels of the page that a figure's title takes
CARD = (560, 288)  # pixels of a card's picture, two for each one of the page


def filled(name, **parts):
    """Read a page and fill its places.

    Args:
        name: of the file in the folder "pages".
        **parts: the text for each place, which stands there as its name in braces.

    Returns:
        The text.
    """
    text = (PAGES / name).read_text(encoding="utf-8")
    for place, words in parts.items():
        text = text.replace(f"{{{place}}}", words)
    return text


def findings():
    """Read what each notebook finds.

    Returns:
        A dict from a notebook's name to a dict: "cell", id of the cell whose figure shows it, and "line", a sentence.
    """
    return tomllib.loads((PAGES / "findings.toml").read_text(encoding="utf-8"))


def thumbnail(notebook, cell=None):
    """Make the picture of a notebook's card.

    Args:
        notebook: the executed notebook (nbformat).
        cell: id of the cell whose figure is taken; None, or where it has none, for the first of the notebook.

    Returns:
        The picture's bytes (WebP), without the title above it; a white one where the notebook has none.
    """
    from PIL import Image, ImageOps

    chosen = [picture for each in notebook.cells if each.get("id") == cell for picture in reading.pictures(each)]
    found = chosen[0] if chosen else first_picture(notebook)
    picture = Image.open(io.BytesIO(found.content)).convert("RGB") if found else Image.new("RGB", CARD, "white")
    title = TITLE * picture.width // (found.width or picture.width) if found else TITLE
    picture = picture.crop((0, min(title, picture.height // 4), *picture.size))
    written = io.BytesIO()
    ImageOps.pad(picture, CARD, color="white").save(written, "WEBP", quality=80, method=6)
    return written.getvalue()


def _introduction():
    """What README.md says before its first heading: what the course is, and what one can do afterwards."""
    readme = ROOT / "README.md"
    text = readme.read_text(encoding="utf-8") if readme.is_file() else "# Inside a CNN\n"
    opening = re.split(r"^## ", text, maxsplit=1, flags=re.M)[0]
    _, what, _, *afterwards = [part.strip() for part in opening.split("\n\n")] + [""] * 3
    return what, "\n\n".join(afterwards)


def home(notebooks, more, rooms, *, living, explorer=""):
    """Write the home page.

    Args:
        notebooks: dict from a notebook's name to the executed notebook (nbformat).
        more: names of the pages besides.
        rooms: names of the pages of the reference.
        living: HTML of the picture that the page begins with.
        explorer: address of the explorer page; "" where there is none.

    Returns:
        MyST Markdown.
    """
    facts, found = [about(stem, notebook) for stem, notebook in notebooks.items()], findings()
    deeper = [one for one in facts if one.stem.startswith(DEEPER)]
    core, (opening, introduction) = facts[: len(facts) - len(deeper)], _introduction()
    tiers = {}
    for name, tier in (("", core), ("deeper_", deeper)):
        tiers[f"{name}cards"] = "\n".join(_card(one, found.get(one.stem, {}).get("line", "")) for one in tier)
        tiers[f"{name}notebooks"] = "\n".join(f"{one.title} <{one.stem}>" for one in tier)
    button = f'<a class="button" href="{explorer}">Draw a digit, and see every layer</a>' if explorer else ""
    return filled(
        "home.md",
        living=living,
        opening=opening,
        button=button,
        introduction=introduction,
        first=facts[0].stem,
        doors=(PAGES / "doors.md").read_text(encoding="utf-8") if deeper else "",
        more="\n".join(more),
        rooms="\n".join(rooms),
        **tiers,
    )


def _card(facts, line):
    """A notebook on the home page."""
    times = f"{facts.quick} to run; in full {facts.full}" if facts.quick else ""
    return (
        f'<li><a href="{facts.stem}.html"><img src="_static/{facts.stem}.webp" width="{CARD[0] // 2}"'
        f' height="{CARD[1] // 2}" loading="lazy" alt=""><span class="words"><span class="name">{escape(facts.title)}'
        f'</span><span class="question">{escape(facts.question)}</span><span>{escape(line)}</span>'
        f'<span class="facts">{escape(times)}</span></span></a></li>'
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
    for stem, notebook in notebooks.items() if repository else ():
        links = [f"[{name}]({address})" for name, address in launch_links(stem, repository).items()]
        rows.append(f"| {about(stem, notebook).title} | {' · '.join(links)} |")
    return filled("run.md", browser=filled("browser.md", links="\n".join(rows)) if rows else "")
