"""The command that runs the tests: what it runs at a time, and that what fails is seen."""

import os
import shutil
import subprocess
import sys

import conftest
import psutil
import pytest
from nbformat import write
from nbformat.v4 import new_code_cell, new_notebook, new_output

from helpers.course import ROOT
from helpers.workshop.commands import main
from helpers.workshop.commands import test as command
from helpers.workshop.handouts import reading
from helpers.workshop.notebooks import parallel, runner

SHARED_OUT = {"--dist=loadfile", "--no-loadscope-reorder"}


def test_files_that_come_first_exist():
    assert not [name for name in conftest.LONGEST if not (ROOT / "tests" / f"{name}.py").is_file()]


@pytest.mark.parametrize(
    ("which", "at_a_time", "parts", "options"),
    [
        ("short", 1, ["lint", "unit tests", "notebooks"], set()),
        ("short", 3, ["lint", "unit tests", "notebooks"], SHARED_OUT | {"--numprocesses=3"}),
        ("real data", 2, ["tests on real data", "notebooks on real data"], SHARED_OUT | {"--numprocesses=2"}),
        ("long", 4, ["long tests"], set()),
    ],
)
def test_what_is_run(which, at_a_time, parts, options):
    runs = command.command_lines(which=which, at_a_time=at_a_time)
    assert list(runs) == parts
    runs.pop("lint", None)
    for words in runs.values():
        assert {word for word in words if word.startswith(("--num", "--dist", "--no-load"))} == options
    if which != "long":
        names = [word for word in runs[parts[-1]] if word.endswith(".ipynb")]
        assert sorted(names) == sorted(
            f"notebooks/{name}.ipynb" for name in reading.executed_notebooks(ROOT / "notebooks")
        )
        assert "notebooks/deeper/09_faster_and_further.ipynb" in names


def test_notebooks_that_say_they_take_longest_come_first(tmp_path, monkeypatch):
    times = {
        "01_a": "about 20 s",
        "02_b": "under 2 min",
        "deeper/02_b": "about 80 s",
        "04_d": None,
        "05_e": "about 1 min",
    }
    (tmp_path / "notebooks" / "deeper").mkdir(parents=True)
    for stem, said in times.items():
        text = f"# A?\n\n*Time: quick {said}; full about 1 min; no GPU.*" if said else "not a notebook"
        (tmp_path / "notebooks" / f"{stem}.ipynb").write_text(text)
    monkeypatch.setattr(command, "ROOT", tmp_path)
    assert command.slowest_first() == [
        f"notebooks/{stem}.ipynb" for stem in ("02_b", "deeper/02_b", "04_d", "05_e", "01_a")
    ]


def test_the_time_that_a_notebook_says_is_found():
    for stem, notebook in reading.executed_notebooks(ROOT / "notebooks").items():
        number, unit = reading.about(stem, notebook).quick.split()[-2:]
        assert command.said_seconds(ROOT / "notebooks" / f"{stem}.ipynb") == int(number) * (60 if unit == "min" else 1)


@pytest.mark.parametrize(
    ("cores", "gigabytes", "limits", "fitting"),
    [
        (2, 20, {}, 2),
        (1, 20, {}, 1),
        (16, 64, {}, 4),
        (8, 5.9, {}, 2),
        (2, 0.5, {}, 1),
        (8, 64, {"memory.max": "5000000000", "memory.current": "900000000"}, 2),
        (8, 64, {"memory.max": "2000000000", "memory.current": "2100000000"}, 1),
        (2, 64, {"memory.max": "max", "memory.current": "900000000"}, 2),
        (8, 64, {"memory/memory.limit_in_bytes": "6100000000", "memory/memory.usage_in_bytes": "0"}, 3),
    ],
)
def test_as_many_workers_as_there_is_room_for(tmp_path, monkeypatch, cores, gigabytes, limits, fitting):
    for name, text in limits.items():
        (tmp_path / name).parent.mkdir(exist_ok=True)
        (tmp_path / name).write_text(text + "\n")
    monkeypatch.setattr(parallel, "CGROUP", tmp_path)
    monkeypatch.setattr(parallel, "cores", lambda: cores)
    memory = psutil.virtual_memory()._replace(available=gigabytes * 1e9)
    monkeypatch.setattr(psutil, "virtual_memory", lambda: memory)
    assert parallel.default_workers() == fitting


@pytest.mark.parametrize(("at_a_time", "cores", "threads"), [(2, 2, "1"), (2, 8, "4"), (4, 2, "1"), (1, 2, None)])
def test_workers_share_the_cores(monkeypatch, at_a_time, cores, threads):
    monkeypatch.setattr(parallel, "cores", lambda: cores)
    monkeypatch.delenv("OMP_NUM_THREADS", raising=False)
    monkeypatch.setenv("TF_NUM_INTRAOP_THREADS", "7")
    environment = command.worker_environment(at_a_time)
    assert environment.get("OMP_NUM_THREADS") == threads
    assert environment["TF_NUM_INTRAOP_THREADS"] == "7", "what the user has set stays"
    assert environment["COURSE_PROFILE"] == "quick"


@pytest.mark.parametrize("words", ["0", "-1", "two", "1.5", ""])
def test_a_number_of_workers_that_is_none_is_one_sentence(words, capsys):
    with pytest.raises(SystemExit) as end:
        main(["test", "--workers", words])
    assert end.value.code == 2 and f"from 1 upwards is needed, not {words!r}" in capsys.readouterr().err


@pytest.mark.parametrize(("codes", "code"), [((0, 0, 0), 0), ((1, 0, 0), 1), ((0, 2, 0), 1), ((0, 0, -9), 1)])
def test_every_part_runs_and_its_time_is_said(monkeypatch, capsys, codes, code):
    left = list(codes)
    monkeypatch.setattr(command, "timed", lambda words, environment: (left.pop(0), 65.2))
    assert main(["test", "--workers", "2"]) == code and not left
    rows = [line.split() for line in capsys.readouterr().out.strip().splitlines()]
    assert [row[-2:] for row in rows[1:4]] == [["1:05", "FAILED" if each else "passed"] for each in codes]
    assert rows[4] == ["in", "all", "3:16"]


def test_every_fault_of_form_is_named(tmp_path, monkeypatch, capfd):
    shutil.copy(ROOT / "pyproject.toml", tmp_path)
    (tmp_path / "helpers").mkdir()
    (tmp_path / "helpers" / "__init__.py").write_text("import os, undeclared\nfrom  . import a\n")
    (tmp_path / "helpers" / "a.py").write_text("from . import b")
    monkeypatch.setattr(command, "ROOT", tmp_path)
    assert main(["test", "--lint"]) == 1
    said = "".join(capfd.readouterr())
    assert [line.split(":")[0] for line in said.splitlines() if line.startswith("FAILED")] == [
        f"FAILED {each}" for each in command.LINT
    ]
    assert "E401" in said and "helpers/__init__.py" in said and "DEP001 'undeclared'" in said


# Toy notebooks, really run


def toy_notebook(path, *, said):
    """A notebook whose second cell needs its first, with an output that is compared."""
    output = new_output("stream", name="stdout", text=said)
    tags = {"tags": ["nbval-check-output"]}
    checked = new_code_cell("print(a + 1)", outputs=[output], execution_count=2, metadata=tags)
    write(new_notebook(cells=[new_code_cell("a = 1", execution_count=1), checked]), path)


def test_the_notebook_that_fails_is_named(tmp_path, monkeypatch, capfd):
    """Two workers, each with the whole notebook: a cell that came without those before it would fail."""
    (tmp_path / "notebooks" / "deeper").mkdir(parents=True)
    toy_notebook(tmp_path / "notebooks" / "01_twin.ipynb", said="2\n")
    toy_notebook(tmp_path / "notebooks" / "deeper" / "01_twin.ipynb", said="3\n")
    monkeypatch.setattr(command, "ROOT", tmp_path)
    words = command.command_lines(which="short", at_a_time=2)["notebooks"]
    code, seconds = command.timed(words, command.worker_environment(2))
    said = capfd.readouterr().out
    assert code == 1 and seconds > 0
    assert "FAILED notebooks/deeper/01_twin.ipynb::Cell 1" in said and "1 failed, 3 passed" in said


def test_a_solution_that_fails_after_run_all_is_named(tmp_path, monkeypatch, capfd):
    """The first one needs a name that the last cell binds anew; the second one does not."""
    (tmp_path / "notebooks").mkdir()
    start = new_code_cell("from helpers import checks\nsize = 3", execution_count=1)
    cells, ends = [start], ("checks.Verdict('right', str(size / 3))", "checks.Verdict('right', 'always')")
    for number, end in enumerate(ends, start=2):
        cells.append(new_code_cell(f"answer = 1\n{end}", execution_count=number, metadata={"tags": ["solution"]}))
    cells.append(new_code_cell("size = None", execution_count=4))
    write(new_notebook(cells=cells), tmp_path / "notebooks" / "01_twin.ipynb")
    monkeypatch.setattr(command, "ROOT", tmp_path)
    words = command.command_lines(which="short", at_a_time=1)["notebooks"]
    code, _ = command.timed(words, command.worker_environment(1))
    said = capfd.readouterr().out
    assert code == 1 and "1 failed, 5 passed" in said
    assert "FAILED notebooks/01_twin.ipynb::Cell 1, the solution again" in said


@pytest.fixture
def slow_kernels(tmp_path, monkeypatch):
    """Kernels that start in 65 s, as they may on a machine that is busy; nbval and nbclient would give up after 60."""
    startup = tmp_path / "ipython/profile_default/startup"
    startup.mkdir(parents=True)
    (startup / "slow.py").write_text("import time\ntime.sleep(65)")
    monkeypatch.setenv("IPYTHONDIR", str(tmp_path / "ipython"))


@pytest.mark.long
def test_notebooks_are_tested_when_kernels_start_slowly(slow_kernels, tmp_path, monkeypatch, capfd):
    (tmp_path / "notebooks").mkdir()
    toy_notebook(tmp_path / "notebooks" / "01_good.ipynb", said="2\n")
    monkeypatch.setattr(command, "ROOT", tmp_path)
    code, seconds = command.timed(command.command_lines(which="short", at_a_time=1)["notebooks"], dict(os.environ))
    assert code == 0 and seconds > 60, capfd.readouterr().out


@pytest.mark.long
def test_notebooks_run_when_kernels_start_slowly(slow_kernels, tmp_path):
    toy_notebook(tmp_path / "01_good.ipynb", said="2\n")
    outcome = runner.execute(tmp_path / "01_good.ipynb", profile="quick")
    assert outcome.error is None and outcome.seconds > 60


@pytest.mark.parametrize("options", [[], ["--numprocesses=2"]], ids=["one process", "two"])
def test_the_faults_that_were_tried_are_counted(tmp_path, options):
    shutil.copy(conftest.__file__, tmp_path / "conftest.py")
    fault = "import pytest\ndef test_fault():\n    with pytest.raises(ValueError):\n        int('x')\n"
    (tmp_path / "test_toy.py").write_text(fault + "def test_other():\n    pass\n")
    words = [sys.executable, "-m", "pytest", "-q", *options, "test_toy.py"]
    said = subprocess.run(words, cwd=tmp_path, capture_output=True, text=True).stdout
    assert "full disks): 1 survived\n" in said and "2 passed" in said
