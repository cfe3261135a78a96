"""The site: executed notebooks as pages that open from disk, made by Sphinx with myst-nb. Nothing is run."""

import os
import shutil
import subprocess
import sys
import tempfile
from pathlib import Path

from helpers import __version__
from helpers._shared.files import take_place, write_beside
from helpers.course import ROOT
from helpers.workshop.handouts import formulas
from helpers.workshop.handouts.captions import seen_by_tag
from helpers.workshop.handouts.front_pages import PAGES, channel_grid, home, run_page, thumbnail
from helpers.workshop.handouts.glossary import glossary_page
from helpers.workshop.handouts.notebook_page import as_page
from helpers.workshop.handouts.reading import executed_notebooks
from helpers.workshop.handouts.report_page import report_page
from helpers.workshop.notebooks.runner import write_notebook

__all__ = ["build_site"]

EXPLORER = """
## Draw a digit yourself

<p><a href="explorer.html"><b>The explorer</b></a> shows every layer of a trained network while you draw.</p>
"""
# What Sphinx is told; it becomes conf.py.
SETTINGS = {
    "project": "Inside a CNN",
    "html_title": "Inside a CNN",
    "language": "en",
    "extensions": ["myst_nb", formulas.__name__],
    "myst_enable_extensions": ["dollarmath"],
    "myst_heading_anchors": 3,  # the report links to its items
    "myst_dmath_allow_space": False,  # "5 $ and 6 $" are prices, and so are
    "myst_dmath_allow_digits": False,  # "$5 to $6"
    "html_math_renderer": "mathml",
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


def build_site(source, target, *, only=None, repository=""):
    """Build the site from a folder of executed notebooks.

    Args:
        source: Path of the folder with the notebooks; only what is there gets a page.
        target: Path of the site's folder; it is put together beside it and then takes its place.
        only: names of notebooks to keep; None for all.
        repository: the address that links to Binder and Colab are made from; "" for none.

    Returns:
        A list of what Sphinx complained about, one line each.

    Raises:
        CourseError: if the folder holds no notebook.
        OSError: if Sphinx fails.
    """
    notebooks = executed_notebooks(source, only)
    with tempfile.TemporaryDirectory(prefix="course-site-") as folder:
        pages, out = Path(folder, "pages"), Path(folder, "out")
        _write_pages(pages, notebooks, repository, source)
        complaints = _run_sphinx(pages, out)
        take_place(out, target, leave_out=(".buildinfo*", ".doctrees", "_sources"))
    return complaints


def _run_sphinx(pages, out):
    """Run Sphinx in a process of its own; return its warnings without the folder's name."""
    words = [sys.executable, "-m", "sphinx", "--builder", "html", "--quiet", "--no-color", pages, out]
    done = subprocess.run(list(map(str, words)), capture_output=True, text=True, errors="replace", cwd=pages)
    said = [line.replace(f"{pages}{os.sep}", "") for line in done.stderr.splitlines() if line.strip()]
    if done.returncode:
        raise OSError("Sphinx could not build the site: " + " ".join(said[-3:]))
    return [line for line in said if "WARNING" in line or "ERROR" in line]


def _write_pages(pages, notebooks, repository, source):
    """Write what Sphinx reads."""
    static, seen = pages / "_static", seen_by_tag()
    static.mkdir(parents=True)
    for stem, notebook in notebooks.items():
        write_notebook(as_page(stem, notebook, set(notebooks), seen), pages / f"{stem}.ipynb")
        write_beside(static / f"{stem}.jpg", thumbnail(notebook))
    pictures = ROOT / "notebooks" / "figures"  # those that notebooks open with
    if pictures.is_dir():
        shutil.copytree(pictures, pages / "figures")
    grid = channel_grid(notebooks)
    (static / f"channel_grid{grid.suffix}").write_bytes(grid.content)
    shutil.copy(PAGES / "course.css", static)
    settings, explorer = SETTINGS | {"release": __version__}, ROOT / "build" / "explorer.html"
    if explorer.is_file():
        shutil.copy(explorer, pages)
        settings |= {"html_extra_path": ["explorer.html"]}
    texts = {"glossary": glossary_page(notebooks), "run": run_page(notebooks, repository)}
    texts |= report_page(source, static)
    texts["index"] = home(notebooks, list(texts), explorer=EXPLORER if explorer.is_file() else "")
    for name, text in texts.items():
        (pages / f"{name}.md").write_text(text, encoding="utf-8")
    lines = [f"{name} = {value!r}\n" for name, value in settings.items()]
    (pages / "conf.py").write_text("".join(lines), encoding="utf-8")
    (pages / "docutils.conf").write_text(formulas.DOCUTILS_SETTINGS, encoding="utf-8")
