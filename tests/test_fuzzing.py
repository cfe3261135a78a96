"""Changed bytes of saved networks and of the table of digits: refused in one sentence, or read; nothing else.

The cases that fuzzing found in the past are below; `make test-long` looks for new ones (tests/fuzzing.py says how), ten
minutes a target, or COURSE_FUZZ_SECONDS.
"""

import importlib.util
import os
import re
import subprocess
import sys
import zipfile
from pathlib import Path

import fuzzing
import h5py
import numpy as np
import pytest

from helpers.course import ROOT
from helpers.models import saved_files

pytestmark = pytest.mark.faults

SECONDS = int(os.environ.get("COURSE_FUZZ_SECONDS", 600))
# Without atheris this passes by being skipped, unless it is asked for.
NO_ATHERIS = importlib.util.find_spec("atheris") is None and not os.environ.get("COURSE_REQUIRE_ATHERIS")
TARGETS = ("h5", "keras", "csv")


@pytest.mark.long
@pytest.mark.skipif(NO_ATHERIS, reason="atheris (Linux on x86-64) is an extra: pip install -e .[fuzz]")
@pytest.mark.timeout(SECONDS + 1800)
@pytest.mark.parametrize("target", TARGETS)
def test_fuzzing_finds_nothing(target, tmp_path):
    found = str(ROOT / "build" / "fuzzing")
    words = [sys.executable, fuzzing.__file__, target, "--seconds", str(SECONDS), "--found", found]
    # By a small process between: a started process takes over how large the one that starts it has ever been, and
    # libFuzzer would count what other tests needed as too much memory.
    words = [sys.executable, "-c", "import subprocess, sys; sys.exit(subprocess.call(sys.argv[1:]))", *words]
    folders = os.pathsep.join([str(ROOT), str(ROOT / "tests"), os.environ.get("PYTHONPATH", "")])
    environment = {**os.environ, "PYTHONPATH": folders}
    done = subprocess.run(words, cwd=tmp_path, env=environment, capture_output=True, text=True)
    assert done.returncode == 0, f"exit code {done.returncode}; the bytes are in build/fuzzing\n{done.stderr[-3000:]}"
    tried = int(re.search(r"stat::number_of_executed_units: (\d+)", done.stderr)[1])
    print(f"{target}: {tried:,} inputs in {SECONDS} s")
    assert tried > 10


def test_the_target_tells_right_from_wrong(tmp_path, monkeypatch):
    """Else the fuzzing could not find anything."""
    from helpers.datasets import digit_files

    assert fuzzing.read("csv", fuzzing.small_table(), tmp_path) is None
    assert "line 1 must be" in fuzzing.read("csv", b"label,pixel0\n1,2\n", tmp_path)
    for wrong in (TypeError("raw"), ValueError("no full stop"), ValueError("not its name.")):
        monkeypatch.setattr(digit_files, "read_digit_csv", lambda path, wrong=wrong: (_ for _ in ()).throw(wrong))
        with pytest.raises(AssertionError):
            fuzzing.read("csv", b"", tmp_path)


@pytest.mark.parametrize("seed", range(30))
@pytest.mark.parametrize("target", TARGETS)
def test_random_changes(target, seed, tmp_path, originals):
    """A few seconds of what the long test does for minutes, the same each time."""
    rng = np.random.default_rng(seed)
    data = bytearray(originals[target][seed % len(originals[target])])
    for _ in range(rng.integers(1, 9)):
        at, length = rng.integers(len(data)), int(rng.integers(1, 5))
        change = rng.choice(["put", "cut", "twice"])
        new = {"put": rng.bytes(length), "cut": b"", "twice": bytes(data[at : at + length]) * 2}[change]
        data[at : at + length] = new
    fuzzing.read(target, bytes(data), tmp_path)


@pytest.fixture(scope="module")
def originals():
    """The bytes that the changes begin with."""
    return {target: fuzzing.seeds(target) for target in TARGETS}


# More weights than the file holds: a few digits of the configuration, and hundreds of gigabytes


def with_config(path, data, change):
    """Write a network's file with its configuration changed, all else as it was."""
    path.write_bytes(data)
    if path.suffix == ".h5":
        with h5py.File(path, "a") as file:
            text = file.attrs["model_config"]
            file.attrs["model_config"] = change(text.decode() if isinstance(text, bytes) else text)
        return
    with zipfile.ZipFile(path) as archive:
        parts = {name: archive.read(name) for name in archive.namelist()}
    parts["config.json"] = change(parts["config.json"].decode()).encode()
    with zipfile.ZipFile(path, "w") as archive:
        for name, content in parts.items():
            archive.writestr(name, content)


@pytest.mark.parametrize("setting", ["units", "filters"])
@pytest.mark.parametrize(("target", "place"), [("keras", 0), ("h5", 0), ("h5", 1)])
def test_more_weights_than_the_file_holds(target, place, setting, tmp_path, originals):
    from helpers.models import load_model

    path = tmp_path / f"net.{target}"
    pattern = rf'"{setting}": \d+'
    with_config(path, originals[target][place], lambda text: re.sub(pattern, f'"{setting}": 999999999', text))
    with pytest.raises(ValueError, match=r"net\.\w+ cannot be loaded: its configuration asks for [\d,]+ weights"):
        load_model(path)


def test_counting_weights_changes_nothing_else(tmp_path, originals):
    """Neither the random numbers that follow nor the networks of others."""
    import random

    import keras

    from helpers.models import load_model
    from helpers.models.saved_files import check_room

    path = tmp_path / "net.keras"
    path.write_bytes(originals["keras"][0])
    random.seed(1)
    keras.models.load_model(path, compile=False)
    expected = random.random()
    random.seed(1)
    load_model(path)
    assert random.random() == expected
    check_room(fuzzing.small_network, 10**6)
    with keras.StatelessScope():
        pass  # at its end Keras gives values to what has none
    assert np.isfinite(keras.Sequential([keras.Input((2,)), keras.layers.Dense(1)]).get_weights()[0]).all()


# What fuzzing found


FOUND = sorted((Path(__file__).parent / "found").glob("*.*"))


@pytest.mark.parametrize("path", FOUND, ids=[path.name for path in FOUND])
def test_what_was_found_stays_mended(path, tmp_path, monkeypatch):
    monkeypatch.setattr(saved_files, "LIMIT", 5)
    fuzzing.read(path.suffix[1:], path.read_bytes(), tmp_path)


@pytest.mark.parametrize(
    "walk, words", [("while True: pass", "does not come to its end"), ("import os; os.abort()", "breaks down")]
)
def test_what_hdf5_does_not_survive_is_refused(walk, words, tmp_path, monkeypatch, originals):
    monkeypatch.setattr(saved_files, "LIMIT", 3)
    monkeypatch.setattr(saved_files, "WALK", walk)
    assert f"it is damaged, and HDF5 {words}" in fuzzing.read("h5", originals["h5"][0], tmp_path)
