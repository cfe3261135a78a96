"""Run notebooks from outside: execute one in a fresh kernel, make its pictures small, stamp it, write it."""

import datetime
import hashlib
import os
import re
import tempfile
import threading
import time
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from pathlib import Path

from helpers._shared.errors import CourseError
from helpers._shared.files import take_place, write_beside
from helpers.course import ROOT, build_folder
from helpers.workshop.notebook_names import DEEPER, notebook_name, notebooks_in, short_name
from helpers.workshop.notebooks.small_outputs import shrink_pictures
from helpers.workshop.reproduction.cells import setup_of
from helpers.workshop.reproduction.figures import note_cell

__all__ = ["Kernels", "Outcome", "code_sha256", "execute", "notebook_files", "setup_of", "write_notebook"]

CELL_SECONDS = 3 * 3600  # a cell that trains in full may take hours; a hung kernel must still end


@dataclass
class Outcome:
    """What came of running one notebook.

    Attributes:
        path: the notebook that was run.
        notebook: the executed notebook (nbformat), as far as it came.
        seconds: how long it took.
        megabytes: the kernel's largest resident memory seen, in MB.
        error: None, or one line that says which cell failed and how.
    """

    path: Path
    notebook: object
    seconds: float = 0.0
    megabytes: float = 0.0
    error: str | None = None

    @property
    def name(self):
        """The notebook's name, such as "deeper/09_faster_and_further"."""
        return notebook_name(self.path)

    @property
    def setup(self):
        """What the notebook's first output reported (profile, data, versions, ...); {} where there is none."""
        return setup_of(self.notebook)


def notebook_files(wanted=(), *, deeper=False):
    """Find notebooks by number or name.

    Args:
        wanted: strings such as "01" or "shapes_cnn", "d09" or "deeper/09_faster_and_further" for a deeper notebook;
            empty for all.
        deeper: whether all means the deeper ones, too.

    Returns:
        A sorted list of Paths in ``notebooks/``: the core, then the deeper ones.

    Raises:
        CourseError: if one of the strings fits no notebook.
    """
    every = notebooks_in(ROOT / "notebooks")
    chosen = set() if wanted else {path for name, path in every.items() if deeper or not name.startswith(DEEPER)}
    for word in wanted:
        fitting = [path for name, path in every.items() if _fits(word, name)]
        if not fitting:
            raise CourseError(f"No notebook fits {word!r}: choose from {', '.join(map(short_name, every))}.")
        chosen.update(fitting)
    return sorted(chosen)


def _fits(word, name):
    """Whether a word means a notebook: how its name begins, in full or short, or all of it but the number; 4 is 04."""
    word = re.sub(r"^(d?)(\d)$", r"\g<1>0\2", word)
    return name.startswith(word) or short_name(name).startswith(word) or name.partition("_")[2] == word


def code_sha256(notebook):
    """Return the SHA-256 of a notebook's code: the joined sources of its code cells, in order.

    Args:
        notebook: a notebook as nbformat or json reads it.

    Returns:
        64 hexadecimal digits.
    """
    sources = [cell["source"] for cell in notebook["cells"] if cell["cell_type"] == "code"]
    joined = "\n".join(source if isinstance(source, str) else "".join(source) for source in sources)
    return hashlib.sha256(joined.encode()).hexdigest()


class Kernels:
    """The kernels of one run, which end together when it is stopped.

    Attributes:
        stopped: True once the run is to end: who waits for a kernel gets a KeyboardInterrupt, and writes nothing.
    """

    def __init__(self):
        self.stopped, self._pids = False, set()

    @contextmanager
    def running(self, pid):
        """Count a process as one of them while the block runs."""
        self._pids.add(pid)
        try:
            yield
        finally:
            self._pids.discard(pid)

    def stop(self):
        """End them all, in the middle of a cell, too."""
        import psutil

        self.stopped = True
        for pid in list(self._pids):
            with suppress(psutil.Error):
                psutil.Process(pid).kill()

    def check(self):
        """Raise a KeyboardInterrupt if the run is to end."""
        if self.stopped:
            raise KeyboardInterrupt


@contextmanager
def _kernel_home():
    """A folder for one kernel: its temporary files, and where the system can, the files it is talked to by.

    Files instead of ports, so that no two runs meet on one; a temporary folder of its own, so that what a kernel has
    left behind goes with it.
    """
    from traitlets.config import Config

    # The system's temporary folder, because a socket's whole path must stay under 100 characters.
    with tempfile.TemporaryDirectory(prefix="course-", ignore_cleanup_errors=True) as folder:
        sockets = {"transport": "ipc", "connection_file": str(Path(folder, "kernel.json"))}
        config = Config() if os.name == "nt" else Config(ConnectionFileMixin=sockets)
        yield config, dict.fromkeys(("TMPDIR", "TEMP", "TMP"), folder)


@contextmanager
def _watched_memory(pid, outcome):
    """Note the largest resident memory of a process while the block runs."""
    import psutil

    done = threading.Event()

    def watch():
        process = psutil.Process(pid)
        while not done.wait(0.2):
            try:
                outcome.megabytes = max(outcome.megabytes, process.memory_info().rss / 1e6)
            except psutil.Error:
                return

    watcher = threading.Thread(target=watch, daemon=True)
    watcher.start()
    try:
        yield
    finally:
        done.set()
        watcher.join()


def _run_cells(client, notebook, progress, kernels, drawn):
    """Execute cell by cell, figures kept in `drawn`, if any; return None, or one line about the cell that failed."""
    from nbclient.exceptions import CellExecutionError, CellTimeoutError, DeadKernelError

    for index, cell in enumerate(notebook.cells):
        kernels.check()
        if drawn:
            note_cell(drawn, cell)
        try:
            client.execute_cell(cell, index)
        except CellExecutionError as error:
            return f"cell {index + 1}: {error.ename}: {error.evalue.splitlines()[0] if error.evalue else ''}"
        except (CellTimeoutError, DeadKernelError) as error:
            kernels.check()
            return f"cell {index + 1}: {str(error).splitlines()[0]}"
        if cell.cell_type == "code":
            cell.outputs = _joined(cell.outputs)
        progress.update()
    return None


def _joined(outputs):
    """Join neighbouring pieces of one stream: what a slow cell prints arrives in as many pieces as it takes time."""
    joined = []
    for output in outputs:
        if joined and output.output_type == "stream" and output.get("name") == joined[-1].get("name"):
            joined[-1].text += output.text
        else:
            joined.append(output)
    return joined


def execute(path, *, profile, environment=(), kernels=None, figures=None):
    """Run a notebook from top to bottom in a fresh kernel, with a progress bar.

    Args:
        path: the notebook's Path; the file itself is not changed.
        profile: "quick" or "full".
        environment: dict of what the kernel's environment has beside this process's own.
        kernels: the Kernels that it shall end with, when several run at a time.
        figures: None, or Path of a folder: what plot functions draw in cells that show an item of the articles is kept
            there in print quality, see `helpers.plots.house`, once the whole notebook has run.

    Returns:
        An Outcome; a cell that fails ends the run and is named in ``error``.
    """
    import nbformat
    from nbclient import NotebookClient
    from tqdm.auto import tqdm

    kernels = kernels or Kernels()
    notebook = nbformat.read(path, as_version=4)
    for cell in notebook.cells:
        if cell.cell_type == "code":
            cell.outputs, cell.execution_count = [], None
    outcome = Outcome(path, notebook)
    # TensorFlow's start-up remarks are no output of the lesson.
    environment = {**os.environ, **dict(environment), "COURSE_PROFILE": profile, "TF_CPP_MIN_LOG_LEVEL": "3"}
    started = time.perf_counter()
    bar = tqdm(total=len(notebook.cells), desc=outcome.name, unit="cell", leave=False, disable=None)  # none in a log
    with bar, _kernel_home() as (config, folders):
        drawn = Path(folders["TMPDIR"], "figures") if figures else None
        if drawn:
            drawn.mkdir()
            folders["COURSE_FIGURES"] = str(drawn)
        client = NotebookClient(
            notebook,
            timeout=CELL_SECONDS,
            startup_timeout=600,  # a busy machine may need more than the 60 s that are usual
            kernel_name="python3",
            record_timing=False,
            shutdown_kernel="immediate",  # all is written by then; Python takes seconds to take TensorFlow apart
            config=config,
            resources={"metadata": {"path": str(path.parent)}},
        )
        # What libraries write below Python's own streams goes to a log, not among the progress bars.
        with open(build_folder("logs") / f"{short_name(outcome.name)}.log", "wb") as log:
            with (
                client.setup_kernel(env=environment | folders, stdout=log, stderr=log),
                kernels.running(client.km.provisioner.pid),
                _watched_memory(client.km.provisioner.pid, outcome),
            ):
                outcome.error = _run_cells(client, notebook, bar, kernels, drawn)
        if drawn and not outcome.error:
            take_place(drawn, figures, leave_out=[".*"])
    outcome.seconds = time.perf_counter() - started
    shrink_pictures(notebook)
    _stamp(outcome, profile)
    return outcome


def _stamp(outcome, profile):
    """Write into the notebook what made its outputs; drop what only this run knows."""
    notebook, setup = outcome.notebook, outcome.setup
    for cell in notebook.cells:
        cell.metadata.pop("execution", None)
    notebook.metadata = {
        "kernelspec": {"display_name": "Python 3", "language": "python", "name": "python3"},
        "language_info": {"name": "python"},
        "course": {
            "profile": profile,
            "data": setup.get("data", {}),
            "versions": setup.get("versions", {}),
            "date": datetime.date.today().isoformat(),
            "seconds": round(outcome.seconds),
            "megabytes": round(outcome.megabytes),
            "code_sha256": code_sha256(notebook),
        },
    }


def write_notebook(notebook, target):
    """Write a notebook file whole or not at all.

    Args:
        notebook: the notebook (nbformat).
        target: Path of the file.
    """
    import nbformat

    write_beside(target, nbformat.writes(notebook) + "\n")
