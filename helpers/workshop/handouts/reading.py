"""What a notebook says of itself: question, time, data, sections, pictures. Nothing of it is listed anywhere else."""

import re
from dataclasses import dataclass, field

from helpers._shared.errors import CourseError
from helpers.course import ROOT
from helpers.workshop.notebook_names import notebooks_in
from helpers.workshop.notebooks.runner import setup_of
from helpers.workshop.output_pictures import pictures_of

__all__ = [
    "About",
    "Section",
    "about",
    "executed_notebooks",
    "first_picture",
    "pictures",
    "sections",
    "short_title",
    "tags",
]

TIMES = re.compile(r"\*Time: quick (?P<quick>[^;]+); full (?P<full>[^;,(]+?)(?: when | since |[;,(])")
README_PICTURE = "readme-picture"  # the tag of the picture that stands for the course


@dataclass(frozen=True)
class Section:
    """A part of a notebook under one heading of the second level.

    Attributes:
        heading: its words, without the signs before them; "Opening" for what stands before the first.
        cells: the cells (nbformat).
    """

    heading: str
    cells: list = field(repr=False)


@dataclass(frozen=True)
class About:
    """What the first cells and the first output of a notebook say.

    Attributes:
        stem: the notebook's name, for example "01_shapes_cnn" or "deeper/09_faster_and_further".
        title: a short name with its number, for example "01 Shapes".
        question: the title cell's heading.
        aim: the paragraph below it, on one line.
        verbs: what the reader can do afterwards, or the ideas of the notebook, on one line each, as Markdown.
        quick, full: how long a run takes in each profile, in the notebook's own words.
        data: dict of data set -> "real" or "embedded", as the executed notebook reported it.
        profile: "quick" or "full", as it was run; "" where it was not noted.
        megabytes: the memory that its kernel needed in that run, or None where it was not noted.
    """

    stem: str
    title: str
    question: str
    aim: str
    verbs: tuple
    quick: str
    full: str
    data: dict
    profile: str
    megabytes: int | None


def executed_notebooks(folder, only=None):
    """Read the notebooks of a folder, in both tiers.

    Args:
        folder: Path of a folder with notebooks, such as ``notebooks/``.
        only: names of notebooks to keep; None for all.

    Returns:
        A dict from name to notebook (nbformat): the core in order, then the deeper ones.

    Raises:
        CourseError: if there is none.
    """
    import nbformat

    paths = {name: path for name, path in notebooks_in(folder).items() if only is None or name in only}
    if not paths:
        raise CourseError(
            f"There is no notebook to hand out in {folder}: run make course, or take the folder notebooks."
        )
    return {name: nbformat.read(path, as_version=4) for name, path in paths.items()}


def tags(cell):
    """Return the tags of a cell.

    Args:
        cell: a cell (nbformat).

    Returns:
        A set of strings.
    """
    return set(cell.metadata.get("tags", []))


def short_title(stem):
    """Find the short name by which README.md calls a notebook.

    Args:
        stem: the notebook's name.

    Returns:
        For example "02 Cats and dogs"; the file's own name in words where README.md does not link to it.
    """
    readme = ROOT / "README.md"
    text = readme.read_text(encoding="utf-8") if readme.is_file() else ""
    link = re.search(rf"\[(\d\d [^\]]+)\]\(notebooks/{stem}\.ipynb\)", text)
    return link.group(1) if link else stem.rpartition("/")[2].replace("_", " ")


def about(stem, notebook):
    """Read what a notebook says of itself.

    Args:
        stem: the notebook's name.
        notebook: the notebook (nbformat), executed or not.

    Returns:
        An About; what the notebook does not say is empty.
    """
    first = next((cell.source for cell in notebook.cells if cell.cell_type == "markdown"), "")
    paragraphs = [" ".join(part.split()) for part in first.split("\n\n") if not part.startswith("![")]
    question = paragraphs[0].removeprefix("# ") if first.startswith("# ") else short_title(stem)
    times = TIMES.search(" ".join(first.split()))
    stamp = notebook.metadata.get("course", {})
    bullets = re.findall(r"^- (.+?)(?=\n- |\n\n|\Z)", first, re.M | re.S)
    return About(
        stem=stem,
        title=short_title(stem),
        question=question,
        aim=paragraphs[1] if len(paragraphs) > 1 else "",
        verbs=tuple(" ".join(bullet.split()).rstrip(",.") for bullet in bullets),
        quick=times["quick"] if times else "",
        full=times["full"] if times else "",
        data=setup_of(notebook).get("data", {}),
        profile=stamp.get("profile", ""),
        megabytes=stamp.get("megabytes"),
    )


def sections(notebook):
    """Part a notebook at its headings of the second level.

    Args:
        notebook: the notebook (nbformat).

    Returns:
        A list of Section, in order.
    """
    parts = [Section("Opening", [])]
    for cell in notebook.cells:
        heading = re.search(r"^## (.+)$", cell.source, re.M) if cell.cell_type == "markdown" else None
        if heading:
            parts.append(Section(heading.group(1).strip(), []))
        parts[-1].cells.append(cell)
    return parts


def pictures(cell):
    """Return the pictures that a cell put out.

    Args:
        cell: a cell (nbformat).

    Returns:
        A list of `output_pictures.Picture`, in order.
    """
    return pictures_of(cell.get("outputs", []))


def first_picture(notebook, *, tag=None, call=""):
    """Find a picture that a run of the notebook made.

    Args:
        notebook: the executed notebook (nbformat).
        tag: only from a cell with this tag.
        call: only from a cell whose source holds these words.

    Returns:
        An `output_pictures.Picture`, or None.
    """
    for cell in notebook.cells:
        if (tag is None or tag in tags(cell)) and call in cell.source and pictures(cell):
            return pictures(cell)[0]
    return None
