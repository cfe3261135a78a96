"""Distributed training: what is asked for, who feeds what, how workers end, and the real thing on JAX."""

import contextlib
import importlib.util
import json
import os
import re
import shutil
import subprocess
import sys
import time

import keras
import numpy as np
import psutil
import pytest

from helpers import course
from helpers.course import ROOT
from helpers.training.batches import Batches
from helpers.workshop import commands
from helpers.workshop.commands import distributed
from helpers.workshop.distributed import Share


@pytest.fixture
def build(tmp_path, monkeypatch):
    """A build folder of our own."""
    monkeypatch.setattr(course, "ROOT", tmp_path)
    return tmp_path / "build"


@pytest.mark.parametrize("processes", [1, 2, 4])
def test_shares_of_all_workers_are_the_batch(processes):
    whole = Batches(np.arange(24), np.arange(24) % 3, batch_size=12, seed=1, epoch=1)
    shares = [Share(whole, worker, processes) for worker in range(processes)]
    for step in range(2):
        parts = [share[step] for share in shares]
        assert {len(images) for images, _ in parts} == {12 // processes}
        for place in range(2):
            np.testing.assert_array_equal(np.concatenate([part[place] for part in parts]), whole[step][place])


@pytest.mark.parametrize(
    ("words", "sentence"),
    [
        ("--processes 0", "--processes must be a whole number of at least 2, not 0"),
        ("--processes 1", "--processes must be a whole number of at least 2, not 1"),
        ("--epochs 0", "--epochs must be a whole number of at least 1"),
        ("--images -5", "--images must be a whole number of at least 1, not -5"),
        ("--batch 0", "--batch must be a whole number of at least 1"),
        ("--seed -1", "--seed must be a whole number of at least 0"),
        ("--batch 33", "cannot share a batch of 33 images equally: give --batch 32"),
        ("--processes 7 --batch 3", "give --batch 7, or another multiple of 7"),
        ("--coordinator host:1", "--coordinator goes with --worker"),
        ("--worker 2 --coordinator host:1", "--worker must be a whole number from 0 to 1, not 2"),
        ("--worker -1 --coordinator host:1", "--worker must be a whole number from 0 to 1, not -1"),
        ("--worker 1", "finds the others at --coordinator HOST:PORT, not ''"),
        ("--worker 1 --coordinator somewhere", "HOST:PORT, not 'somewhere'"),
        ("--worker 1 --coordinator host:70000", "HOST:PORT, not 'host:70000'"),
    ],
)
def test_what_cannot_be_typed_is_one_sentence(words, sentence, capsys):
    assert commands.main(["distributed", *words.split()]) == 1
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
    assert "--coordinator 192.168.0.10:12345 --worker 1" in said and "jax[cuda12]" in said


def alive(pid):
    with contextlib.suppress(psutil.NoSuchProcess):
        return psutil.Process(pid).status() != psutil.STATUS_ZOMBIE
    return False


@pytest.mark.parametrize(
    ("ending", "said"),
    [
        ("os.kill(os.getpid(), 9)", r"\(counted from 0\) was ended by SIGKILL, and the others were ended too\."),
        ("sys.exit('no digits.')", r"ended with exit code 1 \(no digits\), and the others were ended too\."),
        ("sys.exit(3)", r"ended with exit code 3, and the others were ended too\."),
    ],
)
def test_a_worker_that_ends_takes_the_others_along(build, tmp_path, ending, said):
    pid = tmp_path / "pid"  # workers that need no Keras: what each does is a few lines of Python
    waiting = f"import os, time; open({str(pid)!r}, 'w').write(str(os.getpid())); time.sleep(600)"
    dying = f"import os, sys, time\nwhile not os.path.exists({str(pid)!r}): time.sleep(0.05)\ntime.sleep(0.2)\n{ending}"
    with pytest.raises(OSError, match=f"Worker 1 of 2 .*{said}"):
        distributed._run_workers([[sys.executable, "-c", source] for source in (waiting, dying)])
    assert not alive(int(pid.read_text()))


@pytest.mark.parametrize("codes", [[-6, 0, -9, 1], [1, 1, -15, -6], [None, None, -9, None]])
def test_who_ends_by_a_signal_from_outside_is_named_first(codes, tmp_path):
    logs = [tmp_path / str(number) for number in range(4)]
    for log in logs:
        log.write_text("lost its peer\n")
    assert distributed._who_ended(codes, logs).startswith("Worker 2 of 4 (counted from 0) was ended by SIG")


def test_losses_that_differ_are_a_failure(monkeypatch, capsys):
    def trained(arguments, processes):
        losses = [2.0, 1.0 + 0.01 * (processes > 1)]
        return {"steps": 2, "images": 9, "notes": ["digits: drawn."], "losses": losses}

    monkeypatch.setattr(importlib.util, "find_spec", lambda name: True)
    monkeypatch.setattr(distributed, "_train", trained)
    assert commands.main(["distributed", "--epochs", "1"]) == 1
    said = capsys.readouterr().out
    assert "digits: drawn." in said and "    1      1.000000      1.010000    0.010000" in said
    assert "losses NOT equal to 0.001: the largest difference is 0.010000" in said


# CI installs JAX and asks for these tests; without it they would pass by being skipped.
NO_JAX = importlib.util.find_spec("jax") is None and not os.environ.get("COURSE_REQUIRE_JAX")
needs_jax = pytest.mark.skipif(NO_JAX, reason="JAX is an extra: pip install -e .[jax]")
WORDS = [sys.executable, "-m", "helpers", "distributed", "--images", "128", "--batch", "32"]


@pytest.fixture
def copy(tmp_path):
    """A copy of the package, whose build folder is its own: the workers are processes, which no patch reaches."""
    shutil.copytree(ROOT / "helpers", tmp_path / "helpers", ignore=shutil.ignore_patterns("__pycache__"))
    (tmp_path / "pyproject.toml").touch()
    environment = {name: value for name, value in os.environ.items() if name != "COURSE_DATA"}
    paths = [str(tmp_path), *filter(None, [os.environ.get("PYTHONPATH")])]
    return {"cwd": tmp_path, "env": {**environment, "PYTHONPATH": os.pathsep.join(paths)}, "text": True}


@needs_jax
def test_two_processes_train_like_one_on_jax(copy):
    done = subprocess.run([*WORDS, "--epochs", "2"], capture_output=True, **copy)
    assert done.returncode == 0, done.stdout + done.stderr[-2000:]
    assert "128 digits in batches of 32: each of 2 workers feeds 16 of a batch" in done.stdout
    apart = float(re.search(r"8 steps, losses equal to 0.001: the largest difference is (\S+)", done.stdout)[1])
    assert apart <= 1e-3
    folder = copy["cwd"] / "build" / "distributed"
    assert {path.name for path in folder.iterdir()} == {"1-processes.json", "2-processes.json", "mnist_cnn.keras"}
    losses = json.loads((folder / "2-processes.json").read_text())["losses"]
    assert keras.models.load_model(folder / "mnist_cnn.keras").count_params() == 208_982 and len(losses) == 8


@needs_jax
def test_a_killed_worker_ends_all_with_a_sentence_on_jax(copy):
    log = copy["cwd"] / "build" / "logs" / "distributed-worker-0.log"
    command = subprocess.Popen([*WORDS, "--epochs", "99"], stdout=subprocess.PIPE, stderr=subprocess.PIPE, **copy)
    begun = time.monotonic()
    while not (log.is_file() and "epoch 1 of 99" in log.read_text(errors="replace")):
        assert time.monotonic() - begun < 300 and command.poll() is None
        time.sleep(0.05)
    workers = psutil.Process(command.pid).children()
    (second,) = [worker for worker in workers if "--worker 1" in " ".join(worker.cmdline())]
    second.kill()
    _, said = command.communicate(timeout=60)
    assert command.returncode == 1 and said.count("\n") == 1
    assert re.search(r"Worker 1 of 2 .* was ended by SIGKILL, and the others were ended too", said), said
    assert not [worker for worker in workers if alive(worker.pid)]
