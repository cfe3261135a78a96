"""Student, teacher and Colab copies of a notebook, made by nbconvert's preprocessors from the cells' tags."""

import re
from copy import deepcopy

from nbconvert.preprocessors import ClearOutputPreprocessor, TagRemovePreprocessor

from helpers.workshop.handouts.reading import tags

__all__ = ["colab_copy", "setup_cell", "student_copy", "teacher_copy"]

# What follows a prediction: the caption with its points, and what a quick run shows instead.
SEEN = re.compile(
    r"^\*\*(What you should see)\*\*\n\n((?:(?!\n#|\n<details>).)+?\n\nQuick run: .+?|- .+?)(?=\n\n(?!- )|\Z)",
    re.M | re.S,
)
FOLDED = "<details><summary><b>\\1</b>: unfold when you have run the cell and looked</summary>\n\n\\2\n\n</details>"
COLAB = "colab"  # the tag of the one cell that the Colab edition has more
# Run from the clone, because the kept results and the small trained networks lie in it and not in the package.
SET_UP = """\
# On Colab only: fetch the course at {tag} and install it, some two minutes. Restart the session if Colab asks for it.
!test -d course || git clone --quiet --depth 1 --branch {tag} {address} course
%cd -q course
%pip install --quiet ."""


class ClearAllButExpected(ClearOutputPreprocessor):
    """Clear the outputs of every cell but those that show what an exercise is to look like."""

    def preprocess_cell(self, cell, resources, cell_index):
        """Clear one cell.

        Args:
            cell: the cell (nbformat), changed in place.
            resources: what nbconvert hands from one step to the next.
            cell_index: the cell's place.

        Returns:
            The cell and the resources.
        """
        if "expected" not in tags(cell):
            return super().preprocess_cell(cell, resources, cell_index)
        cell.execution_count = None
        for output in cell.outputs:
            if "execution_count" in output:
                output.execution_count = None
        return cell, resources


def _without(notebook, tag):
    """A copy of a notebook without the cells that carry a tag."""
    copy, _ = TagRemovePreprocessor(remove_cell_tags={tag}, enabled=True).preprocess(deepcopy(notebook), {})
    return copy


def student_copy(notebook):
    """Make the copy for learners: no solutions, no outputs, but the expected pictures; what one should see is folded.

    Args:
        notebook: the executed notebook (nbformat); it is not changed.

    Returns:
        A notebook.
    """
    copy, _ = ClearAllButExpected(enabled=True).preprocess(_without(notebook, "solution"), {})
    for cell in copy.cells:
        if cell.cell_type == "markdown":
            cell.source = SEEN.sub(FOLDED, cell.source)
    copy.metadata.course = {"edition": "student"}
    return copy


def teacher_copy(notebook):
    """Make the copy for teachers: executed, with the solutions in view and without the stubs.

    Args:
        notebook: the executed notebook (nbformat); it is not changed.

    Returns:
        A notebook.
    """
    copy = _without(notebook, "exercise")
    for cell in copy.cells:
        if "solution" in tags(cell):
            cell.metadata.pop("jupyter", None)  # which folds the source away
    copy.metadata.course = {**notebook.metadata.get("course", {}), "edition": "teacher"}
    return copy


def setup_cell(address, tag):
    """Make the cell that installs the course on Colab.

    Args:
        address: of the repository, as git takes it.
        tag: the version to install, a tag of the repository.

    Returns:
        A code cell (nbformat), tagged "colab".
    """
    from nbformat.v4 import new_code_cell

    return new_code_cell(SET_UP.format(address=address, tag=tag), metadata={"tags": [COLAB]}, id="install-on-colab")


def colab_copy(notebook, *, address, tag):
    """Make the copy for Colab: the student's, with one more cell at the top.

    Args:
        notebook: the executed notebook (nbformat); it is not changed.
        address: of the repository, as git takes it.
        tag: the version to install, a tag of the repository.

    Returns:
        A notebook.
    """
    copy = student_copy(notebook)
    copy.cells.insert(0, setup_cell(address, tag))
    return copy
