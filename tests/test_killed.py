"""Runs killed by SIGKILL at random moments and started again: nothing lost, nothing half-made taken for whole.

A run is killed just before the n-th time that it touches its folders (opens, renames, makes or removes something). How
often it does so is counted once; the n are drawn from that by seed 7. `make test` tries one moment of each command, the
tests marked long try 20.
"""

import io
import json
import os
import random
import shutil
import signal
import subprocess
import sys
import zipfile
from pathlib import Path

import nbformat
import pytest
from fake_source import TOKEN, FakeSource
from nbformat.v4 import new_code_cell, new_markdown_cell, new_notebook
from PIL import Image

from helpers.course import ROOT

pytest.importorskip("resource", reason="SIGKILL is POSIX")
pytestmark = pytest.mark.faults

SEED, SHORT, LONG = 7, 1, 20
# Python runs a sitecustomize at its start: this one counts, and kills the command, but not the kernels that it starts.
KILLER = """
import atexit, os, signal, sys
EVENTS = {"open", "os.rename", "os.mkdir", "os.remove", "os.rmdir", "shutil.rmtree", "shutil.copytree", "os.link"}
folder, kill_at, seen = os.environ["KILL_IN"], int(os.environ["KILL_AT"]), 0
def count(event, arguments):
    global seen
    if event in EVENTS and any(folder in str(argument) for argument in arguments[:2]):
        seen += 1
        if seen == kill_at:
            os.kill(os.getpid(), signal.SIGKILL)
if "helpers" in sys.orig_argv:
    sys.addaudithook(count)
    atexit.register(lambda: open(os.environ["KILL_COUNT"], "w").write(str(seen)))
"""
# What stands in for Sphinx, which would take most of the time and works in a temporary folder of its own.
SPHINX = """
import pathlib, sys
pages, out = map(pathlib.Path, sys.argv[-2:])
out.mkdir(parents=True, exist_ok=True)
for page in pages.iterdir():
    if page.suffix in (".md", ".ipynb"):
        (out / page.with_suffix(".html").name).write_text("<html>" + page.read_text(encoding="utf-8") + "</html>")
"""
LEDGER = """
[article.toy]
title = "Toys"
[[item]]
id = "toy-01"
article = "toy"
notebook = "01_draws"
seen = "a picture"
rule = "picture"
[[erratum]]
id = "toy-e1"
article = "toy"
notebook = "01_draws"
seen = "a mistake"
right = "none"
"""
DRAW = "from PIL import Image\nfrom IPython.display import display\ndisplay(Image.new('RGB', (30, 20), 'red'))"
NEEDED = (
    "pyproject.toml",
    "README.md",
    "LICENSE",
    "Makefile",
    "requirements.lock",
    "environment.yml",
    "REPRODUCTION.md",
)


class Command:
    """A command of the course in a copy of the repository that a test may spoil.

    Attributes:
        root: the copy.
        watched: the folder in it whose touches are counted.
        words: the command line after ``python -m helpers``.
    """

    def __init__(self, root, watched, *words):
        self.root, self.watched, self.words = root, watched, words
        beside = root.parent / "beside"
        (beside / "sphinx").mkdir(parents=True, exist_ok=True)
        (beside / "sitecustomize.py").write_text(KILLER)
        (beside / "sphinx" / "__main__.py").write_text(SPHINX)
        (beside / "sphinx" / "__init__.py").touch()
        (beside / "data").mkdir(exist_ok=True)
        self.beside = beside

    def run(self, kill_at=0, **environment):
        """Run it; returns (exit code, what it printed, how often it touched the folder)."""
        count, folder = self.beside / "count", str(self.root / self.watched)
        paths = [str(self.beside), str(self.root), str(ROOT), *filter(None, [os.environ.get("PYTHONPATH")])]
        environment = {
            **os.environ,
            "KILL_IN": folder,
            "KILL_AT": str(kill_at),
            "KILL_COUNT": str(count),
            "MPLBACKEND": "agg",
            "PYTHONPATH": os.pathsep.join(paths),
            "COURSE_DATA": str(self.beside / "data"),
            **environment,
        }
        command = [sys.executable, "-m", "helpers", *self.words]
        done = subprocess.run(command, cwd=self.root, env=environment, capture_output=True, text=True, timeout=580)
        return done.returncode, done.stdout + done.stderr, int(count.read_text()) if not kill_at else None


def copy_of_the_course(folder):
    """The package and the small files, without notebooks and data."""
    for name in NEEDED:
        shutil.copy(ROOT / name, folder)
    shutil.copytree(ROOT / "helpers", folder / "helpers", ignore=shutil.ignore_patterns(".*"))
    (folder / "notebooks").mkdir()


def whole_files(folder):
    """{relative path: bytes} of all that does not begin with a dot, each tried: a half file of its kind is an error."""
    found = {}
    for path in sorted(Path(folder).rglob("*")):
        if path.is_file() and not any(part.startswith(".") for part in path.relative_to(folder).parts):
            found[path.relative_to(folder).as_posix()] = content = path.read_bytes()
            if path.suffix == ".ipynb":
                nbformat.validate(nbformat.reads(content.decode(), 4))
            elif path.suffix == ".zip":
                assert zipfile.ZipFile(io.BytesIO(content)).testzip() is None, path
            elif path.suffix == ".png":
                Image.open(io.BytesIO(content)).load()
            elif path.suffix == ".html" and "helpers" not in path.parts:  # the package has pieces of pages
                assert content.endswith(b"</html>") or b"</html>" in content[-20:], path
    return found


def leftovers(folder):
    """What a run writes beside its places and has not taken away."""
    return [path.name for path in Path(folder).rglob(".*") if path.name != ".finished.json"]


def moments(total, count):
    """So many different numbers of 1 to nearly total, by seed: a run may touch its folder a few times less."""
    total = int(0.95 * total)
    return random.Random(SEED).sample(range(1, total + 1), count)


SHARES = [*range(SHORT), *(pytest.param(number, marks=pytest.mark.long) for number in range(SHORT, LONG))]
each_moment = pytest.mark.parametrize("number", SHARES)


# make reproduce


def without_times(files):
    """Executed notebooks without what differs from run to run."""
    texts = {}
    for name, content in files.items():
        if name.endswith(".ipynb"):
            notebook = json.loads(content)
            for key in ("seconds", "megabytes"):
                notebook["metadata"]["course"].pop(key, None)
            content = json.dumps(notebook).encode()
        if name.startswith(("reproduce/0", "figures/", "trained/")):  # logs, report and site hold times
            texts[name] = content
    return texts


@pytest.fixture(scope="module")
def undisturbed(tmp_path_factory):
    """A course of two toy notebooks before any run, what an undisturbed run makes, and how often it touches build/."""
    root = tmp_path_factory.mktemp("reproduce") / "course"
    root.mkdir()
    copy_of_the_course(root)
    (root / "notebooks" / "ledger.toml").write_text(LEDGER)
    tagged = new_code_cell(DRAW, id="draws", metadata={"tags": ["ledger:toy-01", "ledger:toy-e1"]})
    counting = new_code_cell("print(sum(range(9)))", id="counts")
    for name, cell in {"01_draws": tagged, "02_counts": counting}.items():
        notebook = new_notebook(cells=[new_markdown_cell("# Toy?", id="title"), cell])
        nbformat.write(notebook, root / "notebooks" / f"{name}.ipynb")
    (root / "build" / "trained").mkdir(parents=True)
    (root / "build" / "trained" / "kept.keras").write_bytes(b"hours of training")
    before = root.with_name("before")
    shutil.copytree(root, before)
    command = Command(root, "build", "reproduce")
    code, said, count = command.run()
    assert code == 0, said
    return before, without_times(whole_files(root / "build")), count


@each_moment
def test_reproduce_killed_and_started_again(undisturbed, tmp_path, number):
    before, made, count = undisturbed
    root = tmp_path / "course"
    shutil.copytree(before, root)
    command = Command(root, "build", "reproduce")
    code, said, _ = command.run(moments(count, LONG)[number])
    assert code == -signal.SIGKILL, said
    there = without_times(whole_files(root / "build"))
    assert there["trained/kept.keras"] == b"hours of training"
    assert all(made[name] == content for name, content in there.items()), "something half-made lies in its place"
    list_file = root / "build" / "reproduce" / ".finished.json"
    done = json.loads(list_file.read_text()) if list_file.exists() else {}
    code, said, _ = command.run()
    assert code == 0, said
    assert said.count("done before, and nothing changed") == len(done)
    assert without_times(whole_files(root / "build")) == made
    assert not leftovers(root / "build"), "what the killed run left is still there"


# make handouts


@pytest.fixture(scope="module")
def handed_out(tmp_path_factory):
    """A course with the smallest real notebook, its handouts from an undisturbed run, and how often it touches them."""
    root = tmp_path_factory.mktemp("handouts") / "course"
    root.mkdir()
    copy_of_the_course(root)
    shutil.copy(min((ROOT / "notebooks").glob("0*.ipynb"), key=lambda path: path.stat().st_size), root / "notebooks")
    shutil.copytree(ROOT / "notebooks" / "figures", root / "notebooks" / "figures")
    shutil.copy(ROOT / "notebooks" / "ledger.toml", root / "notebooks")
    (root / "data").mkdir()
    shutil.copy(ROOT / "data" / "README.md", root / "data")
    command = Command(root, "build/handouts", "handouts")
    code, said, count = command.run()
    assert code == 0, said
    return root, whole_files(root / "build"), count


@each_moment
def test_handouts_killed_and_started_again(handed_out, tmp_path, number):
    """It writes over the handouts of an earlier run: at any moment each is the whole old or the whole new one."""
    first, made, count = handed_out
    root = tmp_path / "course"
    shutil.copytree(first, root)
    command = Command(root, "build/handouts", "handouts")
    code, said, _ = command.run(moments(count, LONG)[number])
    assert code == -signal.SIGKILL, said
    there = whole_files(root / "build")
    for top in {name.split("/")[1] for name in there}:  # a folder or a ZIP: there in whole, or not at all
        expected = {name: content for name, content in made.items() if name.split("/")[1] == top}
        assert {name: content for name, content in there.items() if name.split("/")[1] == top} == expected, top
    code, said, _ = command.run()
    assert code == 0, said
    assert whole_files(root / "build") == made
    assert not leftovers(root / "build" / "handouts"), "what the killed run left is still there"


# make data


@pytest.fixture(scope="module")
def fetched(tmp_path_factory):
    """How often an undisturbed run touches its folder."""
    from test_data_command import whole_sets

    with FakeSource() as source:
        folder = tmp_path_factory.mktemp("data")
        code, said, count = fetch(source, folder)
    assert code == 0, said
    assert whole_files(folder / "sets") == flat(whole_sets())
    return count


def flat(sets):
    return {f"{name}/{place}": content for name, files in sets.items() for place, content in files.items()}


def fetch(source, folder, kill_at=0):
    """Run the command against the fake source, into folder/sets."""
    entries = folder / "sources.json"
    entries.write_text(json.dumps(source.play_all()))
    command = Command(folder, "sets", "data", "--to", str(folder / "sets"))
    (folder / "home").mkdir(exist_ok=True)
    proxy = dict.fromkeys(("HTTP_PROXY", "http_proxy"), source.address) | dict.fromkeys(("NO_PROXY", "no_proxy"), "")
    kaggle = {"KAGGLE_API_ENVIRONMENT": "LOCALHOST", "KAGGLE_API_TOKEN": TOKEN, "HOME": str(folder / "home")}
    return command.run(kill_at, COURSE_SOURCES=str(entries), **proxy, **kaggle)


@each_moment
def test_data_killed_and_started_again(fetched, tmp_path, number):
    from test_data_command import whole_sets

    expected = flat(whole_sets())
    with FakeSource() as source:
        code, said, _ = fetch(source, tmp_path, moments(fetched, LONG)[number])
        assert code == -signal.SIGKILL, said
        there = whole_files(tmp_path / "sets") if (tmp_path / "sets").exists() else {}
        for top in {name.split("/")[0] for name in there}:
            wanted = {name for name in expected if name.startswith(f"{top}/")}
            assert {name for name in there if name.startswith(f"{top}/")} == wanted, f"{top} is there in part"
        assert all(expected[name] == content for name, content in there.items())
        code, said, _ = fetch(source, tmp_path)
    assert code == 0, said
    assert whole_files(tmp_path / "sets") == expected and not leftovers(tmp_path / "sets")
