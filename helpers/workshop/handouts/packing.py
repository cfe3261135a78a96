"""Folders to hand out and their ZIPs: a whole course for learners or teachers, the Colab edition, the kit, the site."""

import shutil
import tempfile
import tomllib
import zipfile
from pathlib import Path

from helpers import __version__
from helpers._shared.errors import CourseError
from helpers._shared.files import beside, disk_errors, take_place
from helpers.course import ROOT
from helpers.workshop.handouts.editions import colab_copy, student_copy, teacher_copy
from helpers.workshop.handouts.kit import write_kit
from helpers.workshop.handouts.reading import executed_notebooks
from helpers.workshop.handouts.site import build_site
from helpers.workshop.notebooks.runner import write_notebook

__all__ = ["LARGEST_ZIP", "pack", "repository_address", "write_handouts"]

LARGEST_ZIP = 60_000_000  # bytes, trained networks of nearly 20 MB among them: what a school's server still takes
COURSE_FOLDER = "inside-a-cnn"  # what a ZIP unpacks into
# What a copy of the course needs to run, besides its notebooks; and the explorer, which its notebooks link to.
NEEDED = (
    "build/explorer.html",
    "helpers",
    "CHANGELOG.md",
    "CITATION.cff",
    "CONTRIBUTING.md",
    "data/README.md",
    "data/pretrained",
    "data/results",
    "notebooks/figures",
    "environment.yml",
    "LICENSE",
    "Makefile",
    "pyproject.toml",
    "README.md",
    "BENCHMARKS.md",
    "REPRODUCTION.md",
    "requirements.lock",
)
LEFT_OUT = shutil.ignore_patterns("__pycache__", ".*", "*.pyc")


def repository_address(root=ROOT):
    """Return the one setting that links to Binder and Colab are made from.

    Args:
        root: the repository's folder.

    Returns:
        ``repository`` in the table ``tool.inside-a-cnn`` of pyproject.toml; "" where it is not set.
    """
    with open(root / "pyproject.toml", "rb") as file:
        return tomllib.load(file).get("tool", {}).get("inside-a-cnn", {}).get("repository", "")


def write_handouts(source, target, *, repository="", tag=None):
    """Write every handout, each folder with its ZIP.

    Args:
        source: Path of a folder with executed notebooks.
        target: Path of the handouts' folder.
        repository: the repository's address; without one there is no Colab edition, and no link to Binder.
        tag: the version that the Colab edition installs; that of the package when None.

    Yields:
        Paths of the ZIPs, each as soon as it is written.

    Raises:
        CourseError: if a notebook is not there, was not run to its end, or is itself a copy that lacks cells.
        OSError: if a folder or ZIP cannot be written; the sentence says why.
    """
    notebooks = executed_notebooks(source)
    for stem, notebook in notebooks.items():
        _check_whole(stem, notebook)
    makers = {
        "student": lambda folder: _write_course(notebooks, folder, student_copy),
        "teacher": lambda folder: _write_course(notebooks, folder, teacher_copy),
        "colab": lambda folder: _write_colab(notebooks, folder, repository, tag or f"v{__version__}"),
        "workshop": lambda folder: write_kit(notebooks, folder),
        "site": lambda folder: build_site(source, folder, only={*notebooks}, repository=repository),
    }
    for name, make in makers.items():
        if name == "colab" and not repository:
            shutil.rmtree(target / name, ignore_errors=True)
            (target / f"{name}.zip").unlink(missing_ok=True)
            continue
        with disk_errors(target / name), tempfile.TemporaryDirectory(prefix="course-") as folder:
            make(Path(folder, name))
            take_place(Path(folder, name), target / name)
        yield pack(target / name, COURSE_FOLDER if name in ("student", "teacher") else f"{COURSE_FOLDER}-{name}")


def _check_whole(stem, notebook):
    """Raise a CourseError for a notebook that no whole handout can be made from."""
    edition = notebook.metadata.get("course", {}).get("edition")
    if edition:
        raise CourseError(f"{stem} is a {edition} copy, which lacks cells: make handouts in the folder of the course.")
    if any(cell.cell_type == "code" and cell.execution_count is None for cell in notebook.cells):
        raise CourseError(f"{stem} was not run to its end: run make course, and then make handouts from build/course.")


def _write_course(notebooks, folder, copy):
    """A course that runs on a fresh machine: everything but data sets and tests, with copies of the notebooks."""
    for name in NEEDED:
        here, there = ROOT / name, folder / name
        there.parent.mkdir(parents=True, exist_ok=True)
        if here.is_dir():
            shutil.copytree(here, there, ignore=LEFT_OUT)
        elif here.is_file():
            shutil.copy(here, there)
    for stem, notebook in notebooks.items():
        write_notebook(copy(notebook), folder / "notebooks" / f"{stem}.ipynb")


def _write_colab(notebooks, folder, repository, tag):
    for stem, notebook in notebooks.items():
        write_notebook(colab_copy(notebook, address=repository, tag=tag), folder / f"{stem}.ipynb")


def pack(folder, inside):
    """Write a folder as a ZIP beside it, byte for byte the same whenever its files are the same.

    Args:
        folder: Path of the folder.
        inside: name of the one folder that the ZIP unpacks into.

    Returns:
        The Path of the ZIP.
    """
    target = folder.with_name(f"{folder.name}.zip")
    with beside(target) as temporary, zipfile.ZipFile(temporary, "w", zipfile.ZIP_DEFLATED, compresslevel=9) as archive:
        for path in sorted(path for path in folder.rglob("*") if path.is_file()):
            # Dated 1980, so that no time of one run is in it.
            entry = zipfile.ZipInfo(f"{inside}/{path.relative_to(folder).as_posix()}")
            entry.compress_type, entry.external_attr = zipfile.ZIP_DEFLATED, 0o644 << 16
            archive.writestr(entry, path.read_bytes())
    return target
