"""Which notebooks are done already, and how long the others will take: what makes a long run resumable."""

import hashlib
import json
from importlib.metadata import version
from pathlib import Path

from helpers import course
from helpers._shared.files import write_beside
from helpers.workshop.notebook_names import notebook_name
from helpers.workshop.notebooks import runner
from helpers.workshop.reproduction import ExecutedNotebook, read_results

__all__ = ["duration", "expected_seconds", "finished", "remember"]

LIST = ".finished.json"  # beside the executed notebooks: name -> what it was made from
PACKAGES = ("keras", "tensorflow", "numpy", "matplotlib")


def made_from(path):
    """Return what a run is made from, as one SHA-256: the notebook's cells, the package, libraries, data folder.

    Args:
        path: Path of the notebook; its outputs do not count.

    Returns:
        64 hexadecimal digits.
    """
    cells = json.loads(path.read_text(encoding="utf-8"))["cells"]
    own = [[cell["cell_type"], cell["source"], cell["metadata"]] for cell in cells]
    versions = [version(name) for name in PACKAGES]
    parts = [json.dumps([own, str(course.data_folder()), versions], sort_keys=True).encode()]
    parts += [file.read_bytes() for file in _package_files()]
    return hashlib.sha256(b"\0".join(parts)).hexdigest()


def _package_files():
    """What notebooks import: all of the package but its workshop, which only runs them."""
    package = Path(course.__file__).parent
    files = [path for path in package.rglob("*") if path.is_file() and path.suffix in (".py", ".mplstyle")]
    return sorted(path for path in files if "workshop" not in path.relative_to(package).parts)


def _list(target):
    """The list of what is finished; empty where there is none that can be read."""
    try:
        return json.loads((target / LIST).read_text(encoding="utf-8"))
    except (OSError, ValueError):
        return {}


def remember(path, target):
    """Note that a notebook is finished.

    Args:
        path: Path of the notebook that was run.
        target: Path of the folder that holds the executed one.
    """
    write_beside(target / LIST, json.dumps({**_list(target), notebook_name(path): made_from(path)}, indent=1))


def finished(path, target):
    """Find the executed notebook that an earlier run has left, if nothing has changed since.

    Args:
        path: Path of the notebook.
        target: Path of the folder with executed ones.

    Returns:
        A runner.Outcome, or None where it has to be run (again).
    """
    import nbformat

    name = notebook_name(path)
    copy = target / f"{name}.ipynb"
    if not copy.is_file() or _list(target).get(name) != made_from(path):
        return None
    notebook = nbformat.read(copy, as_version=4)
    stamp = notebook.metadata.course
    if any(origin == "own" or course.origin(name) != origin for name, origin in stamp.data.items()):
        return None  # of one's own images nobody knows whether they are the same
    return runner.Outcome(path, notebook, seconds=stamp.seconds)


def expected_seconds(path, root, *, fresh=False):
    """Say how long a full run takes, from what the committed one and its trainings took.

    Args:
        path: Path of the committed notebook.
        root: Path of the repository.
        fresh: True where every training is done anew.

    Returns:
        A pair of seconds: with all trainings kept, and at most, with those whose networks are not here trained
        again; (0, 0) where the notebook was never run.
    """
    notebook = ExecutedNotebook(notebook_name(path), json.loads(path.read_text(encoding="utf-8")))
    seconds, training = notebook.stamp.get("seconds", 0), 0
    for name, _, key in {training for cell in notebook.cells for training in cell.trainings}:
        record = read_results(root / "data" / "results", name, key)
        if record is not None:
            files = [root / "build" / "trained" / f"{name}-{key}-{which}.keras" for which in record["networks"]]
            training += record["seconds"] * (fresh or not all(file.is_file() for file in files))
    return (seconds + training if fresh else seconds), seconds + training


def duration(seconds):
    """Write a time as one says it.

    Args:
        seconds: a number.

    Returns:
        For example "50 s", "4 min" or "4 h 30 min".
    """
    if seconds < 90:
        return f"{seconds:.0f} s"
    hours, minutes = divmod(round(seconds / 60), 60)
    return " ".join(f"{number} {unit}" for number, unit in ((hours, "h"), (minutes, "min")) if number)
