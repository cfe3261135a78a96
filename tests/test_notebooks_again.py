"""Notebooks run again: twice with the same outputs, and once without any network; both are long.

COURSE_NOTEBOOKS="04 d09" runs these alone; else all, the deeper ones, too.
"""

import io
import os
import re
import shutil
import subprocess
import sys

import nbformat
import numpy as np
import pytest
from PIL import Image

from helpers.course import ROOT, SETUP_MIME
from helpers.workshop.notebook_names import notebook_name
from helpers.workshop.notebooks import runner
from helpers.workshop.output_pictures import pictures_of

pytestmark = pytest.mark.long

FILES = runner.notebook_files(os.environ.get("COURSE_NOTEBOOKS", "").split(), deeper=True)
each_notebook = pytest.mark.parametrize("path", FILES, ids=notebook_name)
# What may differ between two runs, and nothing else: a time with its unit, and the day.
TIMES = re.compile(r"\b\d+(\.\d+)? ?(s|ms|min|seconds|minutes|images (a|per) second)\b|\b\d{4}-\d\d-\d\d\b")
# A cell that measures times says so by this tag; its pictures and numbers are its times.
TIMED = "timed"


def course_in(folder):
    """A copy of what a notebook needs, with a build folder of its own."""
    folder.mkdir()
    shutil.copy(ROOT / "pyproject.toml", folder)
    shutil.copytree(ROOT / "helpers", folder / "helpers", ignore=shutil.ignore_patterns("__pycache__"))
    for name in ("pretrained", "results"):
        shutil.copytree(ROOT / "data" / name, folder / "data" / name)
    shutil.copytree(ROOT / "notebooks", folder / "notebooks")
    (folder / "no data").mkdir()


def run_in(folder, path, before=()):
    """Run a notebook in a copy of the course, trained anew, on embedded data; returns it executed."""
    script = (
        "import sys; from pathlib import Path; from helpers.workshop.notebooks import runner;"
        "path = Path(sys.argv[1]); outcome = runner.execute(path, profile='quick');"
        "runner.write_notebook(outcome.notebook, Path(sys.argv[2])); sys.exit(outcome.error)"
    )
    words = [*before, sys.executable, "-c", script, str(folder / path.relative_to(ROOT)), str(folder / path.name)]
    kept = os.environ.get("PYTHONPATH")
    environment = {
        **os.environ,
        "FRESH": "1",
        "COURSE_DATA": str(folder / "no data"),
        "COURSE_PROFILE": "quick",
        "PYTHONPATH": os.pathsep.join(filter(None, [str(folder), kept])),
    }
    done = subprocess.run(words, cwd=folder, env=environment, capture_output=True, text=True)
    assert done.returncode == 0, done.stderr[-2000:]
    return nbformat.read(folder / path.name, as_version=4)


def said(notebook):
    """Yield (cell, kind, content) of all outputs, texts without times, pictures as pixels."""
    for number, cell in enumerate(notebook.cells, 1):
        if TIMED in cell.metadata.get("tags", ()):
            continue
        for output in cell.get("outputs", ()):
            data = output.get("data", {})
            if SETUP_MIME in data:
                continue
            text = output.get("text") or data.get("text/html") or data.get("text/plain", "")
            yield number, "text", TIMES.sub("TIME", text)
            for made in pictures_of([output]):
                with Image.open(io.BytesIO(made.content)) as picture:
                    yield number, "picture", np.asarray(picture.convert("RGB"))


def warnings_in(notebook):
    """What cells wrote to standard error: Jupyter shows it on red."""
    outputs = (output for cell in notebook.cells for output in cell.get("outputs", ()))
    return [output.text for output in outputs if output.get("name") == "stderr"]


@each_notebook
def test_two_runs_say_and_draw_the_same(path, tmp_path):
    runs = []
    for name in ("first", "second"):
        course_in(tmp_path / name)
        notebook = run_in(tmp_path / name, path)
        assert not warnings_in(notebook), "a reader who trains for the first time sees a warning"
        runs.append(list(said(notebook)))
    first, second = runs
    assert [each[:2] for each in first] == [each[:2] for each in second]
    different = []
    for (number, kind, one), (_, _, other) in zip(first, second):
        same = one == other if kind == "text" else np.array_equal(one, other)
        if not same:
            different.append(f"cell {number}: " + (f"{one[:200]!r} and {other[:200]!r}" if kind == "text" else kind))
    assert not different, "\n".join(different)
    assert len(first) > 3, "this notebook says nothing that could be compared"


def test_only_times_are_taken_out():
    for text, left in [
        ("trained now in 12 s (seed 1", "trained now in TIME (seed 1"),
        ("12.5 ms, 3 min, 2026-01-02", "TIME, TIME, TIME"),
        ("accuracy 0.93 of 5000 images", "accuracy 0.93 of 5000 images"),
        ("28 sides, 5 seeds", "28 sides, 5 seeds"),
    ]:
        assert TIMES.sub("TIME", text) == left


@each_notebook
def test_no_network_is_needed(path, tmp_path):
    """In a network namespace of its own, where there is loopback and nothing else."""
    alone = ["unshare", "--map-root-user", "--net", "sh", "-c", 'ip link set lo up 2>/dev/null; exec "$@"', "sh"]
    probe = "import socket; socket.create_connection(('1.1.1.1', 53), 2)"
    if not shutil.which("unshare") or subprocess.run([*alone, "true"], capture_output=True).returncode:
        pytest.skip("this machine lets no test make a network namespace")
    reached = subprocess.run([*alone, sys.executable, "-c", probe], capture_output=True)
    assert b"unreachable" in reached.stderr, "there is a network in here"
    course_in(tmp_path / "course")
    run_in(tmp_path / "course", path, alone)
