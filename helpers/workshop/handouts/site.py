"""The site: executed notebooks as pages that open from disk, made by Sphinx with myst-nb. Nothing is run."""

import json
import os
import shutil
import subprocess
import sys
import tempfile
from pathlib import Path

from helpers._shared.files import take_place, write_beside
from helpers.course import ROOT
from helpers.workshop.handouts import front_pages
from helpers.workshop.handouts.captions import seen_by_tag
from helpers.workshop.handouts.glossary import glossary_page
from helpers.workshop.handouts.notebook_page import OWN_RUN, as_page, run_bar
from helpers.workshop.handouts.reading import executed_notebooks
from helpers.workshop.handouts.reference import in_the_course, reference_pages
from helpers.workshop.handouts.report_page import report_page
from helpers.workshop.notebook_names import DEEPER, notebooks_in
from helpers.workshop.notebooks.runner import write_notebook
from helpers.workshop.output_pictures import small_jpeg

__all__ = ["build_site"]

PREVIEW = 1200  # pixels of the picture that stands for the course
# What the theme brings and no page asks for: its icons (ours are in course.css), and what only its authors read.
UNUSED = ("fontawesome*", "webfonts", "*.map", "*.LICENSE.txt", ".buildinfo*", ".doctrees", "_sources", "objects.inv")


def build_site(source, target, *, only=None, repository=""):
    """Build the site from a folder of executed notebooks.

    Args:
        source: Path of the folder with the notebooks.
        target: Path of the site's folder; it is put together beside it and then takes its place.
        only: names of the course's notebooks: others are left out, and one that is committed as it was run in full is
            shown so, and its run in the source as "your run"; None for what is in the source, as it is.
        repository: the address that links to Binder and Colab are made from; "" for none.

    Returns:
        A list of what Sphinx complained about, one line each.

    Raises:
        CourseError: if the folder holds no notebook.
        OSError: if Sphinx fails.
    """
    runs = executed_notebooks(source, only)
    with tempfile.TemporaryDirectory(prefix="course-site-") as folder:
        pages, out = Path(folder, "pages"), Path(folder, "out")
        (out / "_static").mkdir(parents=True)
        _write_pages(pages, out, runs, _committed(source, only), source, repository)
        complaints = _run_sphinx(pages, out)
        take_place(out, target, leave_out=UNUSED)
    return complaints


def _run_sphinx(pages, out):
    """Run Sphinx in a process of its own; return its warnings without the folder's name."""
    words = [sys.executable, "-m", "sphinx", "--builder", "html", "--quiet", "--no-color"]
    words += ["--conf-dir", front_pages.PAGES, pages, out]
    done = subprocess.run(list(map(str, words)), capture_output=True, text=True, errors="replace", cwd=pages)
    said = [line.replace(f"{pages}{os.sep}", "") for line in done.stderr.splitlines() if line.strip()]
    if done.returncode:
        raise OSError("Sphinx could not build the site: " + " ".join(said[-3:]))
    return [line for line in said if "WARNING" in line or "ERROR" in line]


def _committed(source, only):
    """The notebooks of the repository that hold a full run; {} where they are the source themselves, or copies."""
    folder = ROOT / "notebooks"
    if source.resolve() == folder.resolve() or not {*notebooks_in(folder)} & {*(only or ())}:
        return {}
    found = executed_notebooks(folder, only)
    return {stem: each for stem, each in found.items() if each.metadata.get("course", {}).get("profile") == "full"}


def _write_pages(pages, out, runs, committed, source, repository):
    """Write what Sphinx reads, and beside its pages the pictures that it does not look at."""
    static, seen, found = out / "_static", seen_by_tag(), front_pages.findings()
    notebooks = dict(sorted((runs | committed).items(), key=lambda pair: (pair[0].startswith(DEEPER), pair[0])))
    own = {stem: run for stem, run in runs.items() if stem in committed}
    explorer = ROOT / "build" / "explorer.html"
    address = explorer.name if explorer.is_file() else ""
    for stem, notebook in notebooks.items():
        up, stamp = "../" * stem.count("/"), notebook.metadata.get("course", {})
        shown = {"shown": "committed", "other": f"{up}{OWN_RUN}/{stem}.html"} if stem in own else {}
        page = as_page(
            stem, notebook, {*notebooks}, seen, bar=run_bar(stamp, **shown), explorer=address and up + address
        )
        write_notebook(page, pages / f"{stem}.ipynb")
        write_beside(static / f"{stem}.webp", front_pages.thumbnail(notebook, found.get(stem, {}).get("cell")))
    for stem, run in own.items():
        up = "../" * (stem.count("/") + 1)
        bar = run_bar(run.metadata.get("course", {}), shown="own", other=f"{up}{stem}.html")
        page = as_page(stem, run, {*own}, seen, bar=bar, explorer=address and up + address, own=True)
        write_notebook(page, pages / OWN_RUN / f"{stem}.ipynb")
    pictures = ROOT / "notebooks" / "figures"  # those that notebooks open with
    if pictures.is_dir():
        shutil.copytree(pictures, pages / "figures")
    if address:
        shutil.copy(explorer, out)
    texts = {"glossary": glossary_page(notebooks), "run": front_pages.run_page(notebooks, repository)}
    texts |= report_page(source, static)
    write_beside(pages / "in_the_course.json", json.dumps(in_the_course(notebooks, static)))
    reference = reference_pages()
    texts["index"] = front_pages.home(
        notebooks, list(texts), reference, living=_living(pages, static), explorer=address
    )
    for name, text in (texts | reference).items():
        write_beside(pages / f"{name}.md", text)


def _living(pages, static):
    """What the home page begins with: the picture that lives, or one where that is not built."""
    living, picture = ROOT / "build" / "living.html", ROOT / "notebooks" / "figures" / "channel_grid.png"
    if not picture.is_file():
        return ""
    content, (width, height) = small_jpeg(picture, largest=PREVIEW)
    write_beside(static / "preview.jpg", content)
    if living.is_file():
        shutil.copy(living, pages)
        return "```{raw} html\n:file: living.html\n```"
    words = "All channels of one layer of a small network, beside the image that it was given"
    return f'<img class="channel-grid" src="_static/preview.jpg" width="{width}" height="{height}" alt="{words}">'
