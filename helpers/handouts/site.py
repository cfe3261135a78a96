"""The site: executed notebooks as pages that open from disk, with search, made by Sphinx with myst-nb. Nothing is run."""

import os
import re
import shutil
import subprocess
import sys
import tempfile
from copy import deepcopy
from html import escape
from pathlib import Path
from urllib.parse import quote

from helpers import __version__
from helpers.course import ROOT, SETUP_MIME
from helpers.handouts import captions, reading
from helpers.handouts.glossary import glossary_page
from helpers.handouts.reading import about, executed_notebooks, first_picture, tags

__all__ = ["build_site", "launch_links", "living_links", "take_place"]

PAGES = Path(__file__).with_name("pages")
OWN_TAGS = {"exercise", "expected", "solution", "nbval-check-output", "nbval-ignore-output", reading.README_PICTURE}
TITLE = 36  # pixels that a figure's title takes
EXPLORER = """
## Draw a digit yourself

<p><a href="explorer.html"><b>The explorer</b></a> shows every layer of a trained network while you draw.</p>
"""
# What Sphinx is told; it becomes conf.py.
SETTINGS = {
    "project": "Inside a CNN",
    "html_title": "Inside a CNN",
    "language": "en",
    "extensions": ["myst_nb"],
    "nb_execution_mode": "off",
    "nb_merge_streams": True,
    "nb_number_source_lines": False,
    "html_theme": "sphinx_book_theme",
    "html_static_path": ["_static"],
    "html_css_files": ["course.css"],
    "html_copy_source": False,
    "html_show_sourcelink": False,
    "html_show_copyright": False,
    "html_show_sphinx": False,
    "html_use_index": False,
    "html_show_search_summary": False,  # it would fetch pages, which a browser does not do from disk
    "html_context": {"default_mode": "auto"},
    "html_theme_options": {
        "navbar_persistent": [],
        "footer_content_items": [],
        "use_download_button": False,
        "use_fullscreen_button": False,
        "home_page_in_toc": True,
        "show_navbar_depth": 1,
        "show_toc_level": 2,
    },
}


def build_site(source, target, *, only=None, repository="", grid=None):
    """Build the site from a folder of executed notebooks.

    Args:
        source: Path of the folder with the notebooks; only what is there gets a page.
        target: Path of the site's folder; it is put together beside it and then takes its place.
        only: names of notebook files to keep; None for all.
        repository: the address that links to Binder and Colab are made from; "" for none.
        grid: bytes of the picture on the home page (PNG); taken from the notebooks when None.

    Returns:
        A list of what Sphinx complained about, one line each.

    Raises:
        ValueError: if the folder holds no notebook.
        OSError: if Sphinx fails.
    """
    notebooks = executed_notebooks(source, only)
    with tempfile.TemporaryDirectory(prefix="course-site-") as folder:
        pages, out = Path(folder, "pages"), Path(folder, "out")
        _write_pages(pages, notebooks, repository, grid)
        complaints = _run_sphinx(pages, out)
        take_place(out, target)
    return complaints


def _run_sphinx(pages, out):
    """Run Sphinx in a process of its own; return its warnings without the folder's name."""
    words = [sys.executable, "-m", "sphinx", "--builder", "html", "--quiet", "--no-color", pages, out]
    done = subprocess.run(list(map(str, words)), capture_output=True, text=True, errors="replace", cwd=pages)
    said = [line.replace(f"{pages}{os.sep}", "") for line in done.stderr.splitlines() if line.strip()]
    if done.returncode:
        raise OSError("Sphinx could not build the site: " + " ".join(said[-3:]))
    return [line for line in said if "WARNING" in line or "ERROR" in line]


def take_place(made, target):
    """Put a finished folder where the old one was, which stays until the new one is whole.

    Args:
        made: Path of the finished folder, on any disk.
        target: Path of its place.
    """
    beside = target.with_name(f".{target.name}.{os.getpid()}")
    shutil.rmtree(beside, ignore_errors=True)
    target.parent.mkdir(parents=True, exist_ok=True)
    shutil.copytree(made, beside, ignore=shutil.ignore_patterns(".buildinfo*", ".doctrees", "_sources"))
    shutil.rmtree(target, ignore_errors=True)
    os.replace(beside, target)


def _write_pages(pages, notebooks, repository, grid):
    """Write what Sphinx reads."""
    import nbformat

    static = pages / "_static"
    static.mkdir(parents=True)
    seen = captions.seen_by_tag()
    for stem, notebook in notebooks.items():
        nbformat.write(_as_page(notebook, set(notebooks), seen), pages / f"{stem}.ipynb")
        (static / f"{stem}.png").write_bytes(_thumbnail(notebook))
    grid = grid or _channel_grid(notebooks)
    (static / "channel_grid.png").write_bytes(grid)
    shutil.copy(PAGES / "course.css", static)
    more = {"glossary": glossary_page(notebooks), "run": _run_page(notebooks, repository), **_reports()}
    explorer = ROOT / "build" / "explorer.html"
    settings = dict(SETTINGS)
    if explorer.is_file():
        shutil.copy(explorer, pages)
        settings |= {"html_extra_path": ["explorer.html"]}
    for name, text in more.items():
        (pages / f"{name}.md").write_text(text, encoding="utf-8")
    (pages / "index.md").write_text(_home(notebooks, list(more), explorer.is_file()), encoding="utf-8")
    lines = [f"{name} = {value!r}" for name, value in (settings | {"release": __version__}).items()]
    (pages / "conf.py").write_text("\n".join(lines) + "\n", encoding="utf-8")


# One notebook as a page


def _as_page(notebook, there, seen):
    """A copy of a notebook as the page shows it: folded solutions, words for every figure, links that lead somewhere."""
    copy = deepcopy(notebook)
    for section in reading.sections(copy):
        for cell in section.cells:
            cell.metadata["heading"] = section.heading
    cells = []
    for place, cell in enumerate(copy.cells):
        heading = cell.metadata.pop("heading")
        if cell.cell_type == "markdown":
            cell.source = living_links(cell.source, there)
        else:
            cells += _anchors(cell)
            _fold(cell)
            text = captions.alternative_text(copy.cells, place, heading, seen)
            if text:
                cell.metadata.setdefault("mystnb", {})["image"] = {"alt": text}
            cell.outputs = _joined(cell.outputs)
        cells.append(cell)
    copy.cells = cells
    return copy


def living_links(text, there):
    """Turn links to notebooks that have no page into plain words.

    Args:
        text: Markdown.
        there: names of the notebooks that have one.

    Returns:
        Markdown.
    """

    def keep(link):
        return link.group(0) if link.group(2) in there else link.group(1)

    return re.sub(r"\[([^\]]+)\]\((\d\d_\w+)\.ipynb\)", keep, text)


def _anchors(cell):
    """A place to link to for each tag that names the cell, such as an item of the ledger."""
    from nbformat.v4 import new_markdown_cell

    names = sorted(tags(cell) - OWN_TAGS)
    spans = "".join(f'<span class="anchor" id="{escape(name)}"></span>' for name in names)
    return [new_markdown_cell(spans)] if spans else []


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
    """Outputs without the runner's own kind, and with lines that were displayed one by one as one block."""
    found = []
    for output in outputs:
        output.get("data", {}).pop(SETUP_MIME, None)
        if found and _is_line(output) and _is_line(found[-1]):
            found[-1]["data"]["text/plain"] += "\n" + output["data"]["text/plain"]
        else:
            found.append(output)
    return found


def _is_line(output):
    return output["output_type"] == "display_data" and set(output["data"]) == {"text/plain"}


# The pages around them


def _channel_grid(notebooks):
    """The picture that stands for the course, from the first notebook that has one."""
    found = (first_picture(notebook, tag=reading.README_PICTURE) for notebook in notebooks.values())
    return next(filter(None, found), None) or _thumbnail(next(iter(notebooks.values())))


def _thumbnail(notebook):
    """A picture of a notebook without its title: the images it is about where it draws some, else its first one."""
    import io

    from PIL import Image

    calls = ("plot_images(", "plot_layer(", "")
    found = next(filter(None, (first_picture(notebook, call=call) for call in calls)), None)
    picture = Image.open(io.BytesIO(found)) if found else Image.new("RGB", (800, 400), "white")
    written = io.BytesIO()
    picture.crop((0, min(TITLE, picture.height // 4), *picture.size)).save(written, "PNG")
    return written.getvalue()


def _reports():
    """REPRODUCTION.md, with links that lead to pages, where the repository has it."""
    report = ROOT / "REPRODUCTION.md"
    if not report.is_file():
        return {}
    text = report.read_text(encoding="utf-8")
    to_page = r'<a href="\2.html\3">\1</a>'
    return {"REPRODUCTION": re.sub(r"\[([^\]]+)\]\((?:notebooks/)?(\d\d_\w+)\.ipynb(#[^)]*)?\)", to_page, text)}


def _introduction():
    """What README.md says before its first heading, without the picture."""
    readme = ROOT / "README.md"
    text = readme.read_text(encoding="utf-8") if readme.is_file() else "# Inside a CNN\n"
    opening = re.split(r"^## ", text, maxsplit=1, flags=re.M)[0]
    return re.sub(r"!\[[^\]]*\]\([^)]*\)\n*", "", opening).strip()


def _home(notebooks, more, has_explorer):
    """The home page."""
    title, _, introduction = _introduction().partition("\n\n")
    first = next(iter(notebooks))
    cards = "\n".join(_card(about(stem, notebook)) for stem, notebook in notebooks.items())
    words = "All channels of one layer of a small network, drawn by the first notebook"
    explorer = EXPLORER if has_explorer else ""
    return f"""{title}

{introduction}

<img class="channel-grid" src="_static/channel_grid.png" alt="{words}">

## The path through the course

Each notebook asks one question and stands alone. Start with [the first]({first}.ipynb), or with the one whose question
is yours.

<ol class="path">
{cards}
</ol>
{explorer}
```{{toctree}}
:hidden:
:caption: The path

{chr(10).join(f"{about(stem, notebook).title} <{stem}>" for stem, notebook in notebooks.items())}
```

```{{toctree}}
:hidden:
:caption: More

{chr(10).join(more)}
```
"""


def _card(facts):
    """A notebook on the home page."""
    data = ", ".join(f"{name.replace('_', ' ')} ({origin})" for name, origin in facts.data.items())
    times = f"{facts.quick} to run; in full {facts.full}" if facts.quick else ""
    lines = "<br>".join(escape(words) for words in (times, f"data: {data}" if data else "") if words)
    return (
        f'<li><a href="{facts.stem}.html"><img src="_static/{facts.stem}.png" alt="">'
        f'<span class="words"><span class="name">{escape(facts.title)}</span>'
        f'<span class="question">{escape(facts.question)}</span><span class="facts">{lines}</span></span></a></li>'
    )


def launch_links(stem, repository, *, tag=None):
    """Return the addresses at which a notebook opens in the browser.

    Args:
        stem: the notebook's name without ending.
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


def _run_page(notebooks, repository):
    """How to run the notebooks, with links to Binder and Colab where there is an address to make them from."""
    rows = []
    for stem, notebook in notebooks.items():
        links = [f"[{name}]({address})" for name, address in launch_links(stem, repository).items()]
        rows += [f"| {about(stem, notebook).title} | {' · '.join(links)} |"] if links else []
    table = ["", "| notebook | open it in |", "|---|---|", *rows] if rows else []
    return (PAGES / "run.md").read_text(encoding="utf-8").replace("{links}", "\n".join(table))
