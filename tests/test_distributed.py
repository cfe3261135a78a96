"""Distributed training: what is asked for, who feeds what, how workers end, and the real thing on JAX."""

import contextlib
import importlib.util
import io
import json
import os
import re
import shutil
import signal
import subprocess
import sys
import time
import zipfile

import numpy as np
import psutil
import pytest

from helpers import course
from helpers.course import ROOT
from helpers.workshop import commands
from helpers.workshop.commands import distributed
from helpers.workshop.distributed import checkpoints, launching
from helpers.workshop.distributed.task import Task, share


@pytest.fixture
def build(tmp_path, monkeypatch):
    """A build folder of our own."""
    monkeypatch.setattr(course, "ROOT", tmp_path)
    return tmp_path / "build"


@pytest.mark.parametrize(
    ("asked", "sentence"),
    [
        ({"processes": 0}, "processes must be at least 1, not 0"),
        ({"epochs": 0}, "epochs must be at least 1"),
        ({"images": -5}, "images must be at least 1, not -5"),
        ({"batch_size": 0}, "batch size must be at least 1"),
        ({"seed": -1}, "seed must be at least 0"),
        ({"processes": 3}, "3 processes cannot share a batch of 128 images equally: give --batch 126"),
        ({"processes": 7, "batch_size": 3}, "give --batch 7"),
        ({"worker": 2}, "numbered 0 to 1, and worker 2 came"),
        ({"worker": -1}, "and worker -1 came"),
        ({"coordinator": "somewhere"}, "a host and a port, such as .*, not 'somewhere'"),
        ({"coordinator": "host:70000"}, "not 'host:70000'"),
    ],
)
def test_a_task_that_cannot_be_is_refused(asked, sentence):
    with pytest.raises(ValueError, match=sentence):
        Task(**asked)


@pytest.mark.parametrize("processes", [1, 2, 4])
def test_shares_of_all_workers_are_the_batch(processes):
    batch = np.arange(12)
    parts = [batch[share(12, worker, processes)] for worker in range(processes)]
    assert len({len(part) for part in parts}) == 1
    np.testing.assert_array_equal(np.concatenate(parts), batch)


def test_the_key_is_of_the_training_and_not_of_who_does_it():
    key = Task().key(data="a")
    same = [Task(processes=4, worker=3, coordinator="host:1"), Task(fresh=True)]
    other = [Task(epochs=4), Task(images=99), Task(batch_size=64), Task(seed=2)]
    assert {task.key(data="a") for task in same} == {key}
    assert len({key, Task().key(data="b"), *(task.key(data="a") for task in other)}) == 2 + len(other)


@pytest.mark.parametrize(
    ("words", "sentence"),
    [
        (["--processes", "1"], "two processes or more are needed"),
        (["--coordinator", "host:1"], "--coordinator goes with --worker"),
        (["--worker", "1"], "give --coordinator HOST:PORT"),
        (["--batch", "33"], "cannot share a batch of 33 images equally: give --batch 32"),
    ],
)
def test_what_cannot_be_typed_is_one_sentence(words, sentence, capsys):
    assert commands.main(["distributed", *words]) == 1
    said = capsys.readouterr().err
    assert sentence in said and said.count("\n") == 1


def test_without_jax_a_sentence_says_how_to_get_it(monkeypatch, capsys):
    monkeypatch.setattr(importlib.util, "find_spec", lambda name: None)
    assert commands.main(["distributed"]) == 1
    said = capsys.readouterr().err
    assert "JAX is not installed here" in said and '--editable ".[jax]"' in said and said.count("\n") == 1


def test_help_tells_of_hosts_and_gpus(capsys):
    with pytest.raises(SystemExit):
        commands.main(["distributed", "--help"])
    said = capsys.readouterr().out
    assert "--coordinator 192.168.0.10:12345 --worker 1" in said and "jax[cuda12]" in said and "--lines" not in said


def test_a_worker_is_started_by_what_one_types():
    task = Task(processes=4, epochs=2, images=9, batch_size=8, seed=3, worker=2, coordinator="host:1", fresh=True)
    words = launching.worker_command(task)
    assert words[:4] == [sys.executable, "-m", "helpers", "distributed"]
    asked = "--worker 2 --processes 4 --epochs 2 --images 9 --batch 8 --seed 3 --coordinator host:1".split()
    assert set(asked) | {"--fresh"} <= set(words)
    assert all(words[words.index(name) + 1] == value for name, value in zip(asked[::2], asked[1::2]))


def test_an_address_is_free():
    host, _, port = launching.free_address().rpartition(":")
    assert host == "127.0.0.1" and 0 < int(port) < 65536


# Workers that need no Keras: what each does is a few lines of Python.
TELL = "import json, os, sys, time; print(json.dumps({'what': 'step', 'step': 1}), flush=True); "
NAME = "open('{pid}', 'w').write(str(os.getpid())); "


def started(*sources):
    return [[sys.executable, "-c", source] for source in sources]


def alive(pid):
    with contextlib.suppress(psutil.NoSuchProcess):
        return psutil.Process(pid).status() != psutil.STATUS_ZOMBIE
    return False


def until(true, seconds):
    """Wait until something is true; a failure where that takes longer."""
    begun = time.monotonic()
    while not true():
        assert time.monotonic() - begun < seconds, "it took too long"
        time.sleep(0.05)


def test_what_worker_0_reports_is_handed_on(build):
    seen = []
    launching.run_workers(started(TELL + "print(json.dumps({'what': 'end'}))", "print('not heard')"), seen.append)
    assert seen == [{"what": "step", "step": 1}, {"what": "end"}]


@pytest.mark.parametrize(
    ("ending", "said", "killed"),
    [
        ("os.kill(os.getpid(), 9)", r"\(counted from 0\) was ended by SIGKILL, and the others were ended too\.", True),
        ("sys.exit('no digits.')", r"ended with exit code 1 \(no digits\), and the others were ended too\.", False),
        ("sys.exit(3)", r"ended with exit code 3, and the others were ended too\.", False),
    ],
)
def test_a_worker_that_ends_takes_the_others_along(build, tmp_path, monkeypatch, ending, said, killed):
    monkeypatch.setattr(launching, "PATIENCE", 0.5)
    pid = tmp_path / "pid"
    stubborn = TELL + NAME.format(pid=pid) + "time.sleep(600)"  # does not hear, and has to be killed
    dying = f"import os, sys, time\nwhile not os.path.exists({str(pid)!r}): time.sleep(0.05)\n{ending}"
    with pytest.raises(launching.WorkerEnded, match=f"Worker 1 of 2 .*{said}") as error:
        launching.run_workers(started(stubborn, dying), lambda event: None)
    assert error.value.killed == killed
    assert not alive(int(pid.read_text()))


def test_who_ends_by_a_signal_from_outside_is_named_first():
    workers = [launching._Worker(number, None, io.BytesIO(b"lost its peer\n")) for number in range(4)]
    for codes in ([-signal.SIGABRT, 0, -signal.SIGKILL, 1], [1, 1, -signal.SIGTERM, -signal.SIGABRT]):
        error = launching._ended(workers, codes)
        assert error.killed and str(error).startswith("Worker 2 of 4 (counted from 0) was ended by SIG")


@pytest.fixture
def copy(tmp_path):
    """A copy of the package, whose build folder is its own: the workers are processes, which no patch reaches."""
    shutil.copytree(ROOT / "helpers", tmp_path / "helpers", ignore=shutil.ignore_patterns("__pycache__"))
    (tmp_path / "pyproject.toml").touch()
    environment = {name: value for name, value in os.environ.items() if name != "COURSE_DATA"}
    paths = [str(tmp_path), *filter(None, [os.environ.get("PYTHONPATH")])]
    return {"cwd": tmp_path, "env": {**environment, "PYTHONPATH": os.pathsep.join(paths)}, "text": True}


def test_workers_end_when_their_starter_is_killed(tmp_path, copy):
    pid = tmp_path / "pid"
    listening = TELL + NAME.format(pid=pid) + "sys.stdin.read()"  # the end of the pipe is the end of the starter
    (tmp_path / "start.py").write_text(
        "import sys\nfrom helpers.workshop.distributed import launching\n"
        f"launching.run_workers([[sys.executable, '-c', {listening!r}]], print)\n"
    )
    starter = subprocess.Popen([sys.executable, tmp_path / "start.py"], **copy)
    try:
        until(lambda: pid.is_file() and pid.read_text(), 120)
    finally:
        starter.kill()
        starter.wait()
    until(lambda: not alive(int(pid.read_text())), 60)


@pytest.fixture(scope="module")
def trained():
    """A network after two steps."""
    import keras  # late, as most tests here need none

    from helpers.models import mnist_cnn

    keras.utils.set_random_seed(1)
    network = mnist_cnn(convolutions=((2, 3, "relu"),), poolings=(), dense=((10, "softmax"),))
    network.compile("adam", "sparse_categorical_crossentropy", metrics=["accuracy"])
    network.fit(np.zeros((4, 28, 28, 1)), np.arange(4), batch_size=2, verbose=0)
    return network


def test_a_training_goes_on_with_network_optimizer_and_numbers(build, trained):
    checkpoints.write(trained, 2, "key", [[2.0, 0.1], [1.0, 0.2]])
    checkpoints.write(trained, 4, "key", [])
    network, rows = checkpoints.read(2, "key")
    before, after = ([*each.variables, *each.optimizer.variables] for each in (trained, network))
    for old, new in zip(before, after, strict=True):
        np.testing.assert_array_equal(old, new)
    assert rows == [[2.0, 0.1], [1.0, 0.2]] and len(list((build / "distributed").iterdir())) == 4
    checkpoints.forget(2, "key")
    assert checkpoints.read(2, "key") is None and len(list((build / "distributed").iterdir())) == 2


@pytest.mark.parametrize(
    ("what", "kept"),
    [("numbers of the next epoch", True), ("too few numbers", False), ("no numbers", False), ("half a network", False)],
)
def test_whenever_a_worker_is_killed_the_files_tell_how_far_it_came(build, trained, what, kept):
    checkpoints.write(trained, 2, "key", [[2.0, 0.1], [1.0, 0.2]])
    numbers, target = checkpoints.files(2, "key")
    if what == "half a network":  # renaming never leaves one, a failing disk may
        target.write_bytes(target.read_bytes()[:999])
    rows = {"numbers of the next epoch": [[2.0, 0.1], [1.0, 0.2], [0.5, 0.5]], "too few numbers": [[2.0, 0.1]]}
    if what in rows:
        numbers.write_text(json.dumps(rows[what]))
    elif what == "no numbers":
        numbers.unlink()
    found = checkpoints.read(2, "key")
    assert (found is not None) == kept
    assert not kept or found[1] == [[2.0, 0.1], [1.0, 0.2]]


def test_losses_that_differ_are_a_failure(build, monkeypatch, capsys):
    class Trained:
        def __init__(self, task):
            self.task, self.name = task, f"{task.processes} at once"
            self.begin = {"steps": 2, "images": 9, "notes": ["digits: drawn."], "key": "key"}
            self.rows = [[2.0, 0.1], [1.0 + 0.01 * (task.processes > 1), 0.2]]

    monkeypatch.setattr(importlib.util, "find_spec", lambda name: True)
    monkeypatch.setattr(distributed, "_train", Trained)
    assert commands.main(["distributed", "--epochs", "1"]) == 1
    said = capsys.readouterr().out
    assert "digits: drawn." in said and "    1      1.000000      1.010000    0.010000" in said
    assert "losses NOT equal to 0.001: the largest difference is 0.010000" in said


# CI installs JAX and asks for these tests; without it they would pass by being skipped.
NO_JAX = importlib.util.find_spec("jax") is None and not os.environ.get("COURSE_REQUIRE_JAX")
needs_jax = pytest.mark.skipif(NO_JAX, reason="JAX is an extra: pip install -e .[jax]")
WORDS = [sys.executable, "-m", "helpers", "distributed", "--images", "128", "--batch", "32"]


@needs_jax
def test_two_processes_train_like_one_on_jax(copy):
    done = subprocess.run([*WORDS, "--epochs", "2"], capture_output=True, **copy)
    assert done.returncode == 0, done.stdout + done.stderr[-2000:]
    assert "128 digits in batches of 32: each of 2 workers feeds 16 of a batch" in done.stdout
    apart = float(re.search(r"8 steps, losses equal to 0.001: the largest difference is (\S+)", done.stdout)[1])
    assert apart <= 1e-3
    (network,) = (copy["cwd"] / "build" / "distributed").iterdir()  # nothing else is left
    assert network.name == "mnist_cnn.keras"
    with zipfile.ZipFile(network) as saved:  # as Keras saves: whole, with its optimizer
        assert {"config.json", "model.weights.h5"} <= set(saved.namelist()) and saved.testzip() is None


@needs_jax
def test_a_killed_worker_ends_all_and_the_next_start_goes_on_on_jax(copy):
    words, folder = [*WORDS, "--epochs", "6"], copy["cwd"] / "build" / "distributed"
    first = subprocess.Popen(words, stdout=subprocess.PIPE, stderr=subprocess.PIPE, **copy)
    until(lambda: list(folder.glob("2-processes-*.keras")), 300)
    workers = psutil.Process(first.pid).children()
    (second,) = [worker for worker in workers if "--worker 1" in " ".join(worker.cmdline())]
    second.kill()
    _, said = first.communicate(timeout=60)
    assert first.returncode == 1 and said.count("\n") == 1
    after = re.search(r"Worker 1 of 2 .* was ended by SIGKILL, .* goes on after epoch ([1-5]) of 6", said)
    assert after, said
    assert not [worker for worker in workers if alive(worker.pid)]
    again = subprocess.run(words, capture_output=True, **copy)
    assert again.returncode == 0, again.stdout + again.stderr[-2000:]
    assert f"2 processes: going on after epoch {after[1]} of 6" in again.stdout
    assert "24 steps, losses equal to 0.001" in again.stdout  # with those of one process that nobody disturbed
