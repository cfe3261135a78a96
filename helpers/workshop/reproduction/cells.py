"""What an executed notebook says: its cells by tag, their words, tables, pictures, and the trainings they name."""

import json
import re
from dataclasses import dataclass

from helpers.course import SETUP_MIME
from helpers.workshop.notebook_names import notebooks_in
from helpers.workshop.output_pictures import pictures_of
from helpers.workshop.reproduction.items import TAG

__all__ = ["Cell", "ExecutedNotebook", "read_notebooks", "setup_of"]

# What a kept training leaves in the notebook: its name, its seed and the first digits of its key.
TRAINING = re.compile(r"^([a-z0-9_-]+): .*\(seed (\d+), key ([0-9a-f]{12})\)$", re.M)


@dataclass(frozen=True)
class Cell:
    """One cell of an executed notebook.

    Attributes:
        id: its id in the file.
        kind: "code" or "markdown".
        label: what a reader finds it by, for example "In [9]".
        tags: tuple of its tags.
        outputs: its outputs as the file has them.
    """

    id: str
    kind: str
    label: str
    tags: tuple
    outputs: tuple

    def _data(self, kind):
        contents = (output.get("data", {}).get(kind) for output in self.outputs)
        return [content if isinstance(content, str) else "".join(content) for content in contents if content]

    @property
    def text(self):
        """What it says in plain words: printed lines and results, but for tables."""
        said = []
        for output in self.outputs:
            data = output.get("data", {})
            if "text/html" not in data:
                said.append("".join(output.get("text") or data.get("text/plain", "")).rstrip("\n"))
        return "\n".join(filter(None, said))

    @property
    def tables(self):
        """Its tables, as HTML."""
        return self._data("text/html")

    @property
    def pictures(self):
        """Its pictures, as bytes of PNG or JPEG files; `output_pictures.picture_suffix` tells which."""
        return [picture.content for picture in pictures_of(self.outputs)]

    @property
    def trainings(self):
        """The trainings that it names: tuples of name, seed and the key's first digits."""
        return [(name, int(seed), key) for name, seed, key in TRAINING.findall(self.text)]


class ExecutedNotebook:
    """An executed notebook, asked by tags.

    Attributes:
        name: its name, such as "01_shapes_cnn" or "deeper/09_faster_and_further".
        cells: list of Cell.
        stamp: dict of what made its outputs (profile, data, versions, seconds ...); {} where it has none.
        setup: what its first output reported, see `setup_of`.
    """

    def __init__(self, name, notebook):
        self.name, self.stamp = name, notebook["metadata"].get("course", {})
        self.setup, self.cells, last = setup_of(notebook), [], 0
        for cell in notebook["cells"]:
            last = cell.get("execution_count") or last
            label = f"In [{last}]" if cell["cell_type"] == "code" else f"text after In [{last}]"
            tags = tuple(cell["metadata"].get("tags", ()))
            self.cells.append(Cell(cell["id"], cell["cell_type"], label, tags, tuple(cell.get("outputs", ()))))

    @property
    def data_notes(self):
        """What it said of its data: lines that begin with the name of one of its sets."""
        names = "|".join(map(re.escape, self.stamp.get("data", {})))
        said = "\n".join(cell.text for cell in self.cells)
        return re.findall(rf"^(?:{names})[:/](?! trains now| trained before).*$", said, re.M) if names else []

    def tagged(self, tag):
        """Return its cells that carry a tag, in order."""
        return [cell for cell in self.cells if tag in cell.tags]

    @property
    def ledger_ids(self):
        """The ids that its cells' tags name, as a set."""
        return {tag.removeprefix(TAG) for cell in self.cells for tag in cell.tags if tag.startswith(TAG)}


def setup_of(notebook):
    """Return what a notebook's first output reported.

    Args:
        notebook: the executed notebook, as nbformat or json reads it.

    Returns:
        The dict of ``course.show_setup``: profile, data, versions, device, date; {} where there is none.
    """
    outputs = (output for cell in notebook["cells"] for output in cell.get("outputs", []))
    reports = (output["data"][SETUP_MIME] for output in outputs if SETUP_MIME in output.get("data", {}))
    return next(reports, {})


def read_notebooks(folder):
    """Read every notebook of a folder, in both tiers.

    Args:
        folder: Path of a folder with executed notebooks.

    Returns:
        A dict of name -> ExecutedNotebook, sorted by name.
    """
    texts = {name: path.read_text(encoding="utf-8") for name, path in notebooks_in(folder).items()}
    return {name: ExecutedNotebook(name, json.loads(text)) for name, text in texts.items()}
