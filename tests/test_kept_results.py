"""The files of results: every one that comes with the course, many writers at once, a writer killed, a file damaged."""

import json
import math
import os
import signal
import subprocess
import sys
from collections import Counter
from pathlib import Path

import pytest

from helpers import course
from helpers._shared.errors import CourseError
from helpers.training import kept_files, kept_results
from helpers.workshop.reproduction import read_notebooks, read_results

ROOT = Path(__file__).resolve().parents[1]
COMMITTED = sorted((ROOT / "data" / "results").glob("*.json"))
# What the notebooks ask for, by name: how many seeds or recipes of it come with the course.
ONCE = ["cats_small", "mnist_article_momentum_00", "mnist_article_momentum_05", "mnist_article_race"]
ONCE += [f"shapes_{way}_{split}" for way in ("article", "moved") for split in range(5)]
THRICE = [f"mnist_{part}" for part in ("all", "article", "no_l2", "no_momentum", "no_schedule", "ours")]
THRICE += [f"{name}_{way}" for name in ("cats", "digits") for way in ("article", "moved")]
THRICE += ["phantoms", "phantoms_marked", "xray_moved", "xray_plain", *(f"shapes_{split}" for split in range(5))]
MANY = {"mnist_far": 5, "mnist_fast_part": 39, "mnist_fast_race": 5, "mnist_small": 20, "mnist_tried": 8}
COUNTS = dict.fromkeys(ONCE, 1) | dict.fromkeys(THRICE, 3) | MANY


def record_of(name="toy", seed=1, **changes):
    """A small complete record."""
    learned = {"best": {}, "networks": {"last": "0" * 64}, "tests": {}, "history": {"loss": [0.5, seed / 3]}}
    about = {"name": name, "key": f"{seed:064x}", "seed": seed, "epochs": 2, "seconds": 1.5, "versions": {}}
    return about | learned | changes


@pytest.fixture
def home(tmp_path, monkeypatch):
    """A repository root of the test's own."""
    monkeypatch.setattr(course, "ROOT", tmp_path)
    return tmp_path


# What comes with the course


@pytest.mark.parametrize("path", COMMITTED, ids=lambda path: path.name)
def test_every_committed_result_is_read_by_its_key(path, home):
    records = json.loads(path.read_text(encoding="utf-8"))
    assert {record["name"].split("_")[0] for record in records} == {path.stem}
    assert [(each["name"], each["seed"]) for each in records] == sorted(
        (each["name"], each["seed"]) for each in records
    )
    copy = home / "data" / "results" / path.name
    copy.parent.mkdir(parents=True)
    copy.write_bytes(path.read_bytes())
    for record in records:
        assert kept_files.read_record(record["name"], record["key"]) == record
    kept_files._write_records(copy, kept_files._records(copy))
    assert copy.read_bytes() == path.read_bytes(), "the same records make the same bytes"


def test_keys_are_unique_and_no_training_has_gone(monkeypatch):
    records = [record for path in COMMITTED for record in json.loads(path.read_text(encoding="utf-8"))]
    assert len({record["key"] for record in records}) == len(records)
    there = Counter(record["name"] for record in records)
    assert {name: there[name] for name in COUNTS} == COUNTS
    monkeypatch.setattr(course, "ROOT", ROOT)
    assert [len(kept_results(name)) for name in ("mnist_article", "mnist_all", "mnist_ours")] == [3, 3, 3]


def test_every_training_that_a_notebook_shows_is_there():
    notebooks = read_notebooks(ROOT / "notebooks").values()
    shown = {training for notebook in notebooks for cell in notebook.cells for training in cell.trainings}
    for name, seed, key in shown:
        record = read_results(ROOT / "data" / "results", name, key)
        assert record is not None and record["seed"] == seed, f"{name} (seed {seed}, key {key})"


# Written


def test_one_line_for_each_part_and_the_others_stay(home):
    first, second = record_of("toy_b"), record_of("toy-a", seed=2)
    kept_files.write_record(first)
    kept_files.write_record(second)
    lines = (home / "build" / "results" / "toy.json").read_text(encoding="utf-8").splitlines()
    assert lines[:3] == ["[", "{", '"name": "toy-a",'] and lines[-3:] == [
        '"history": {"loss": [0.5, 0.3333333333333333]}',
        "}",
        "]",
    ]
    assert len(lines) == 2 + 2 * (2 + len(first)) and lines.count("},") == 1
    kept_files.write_record(second | {"epochs": 3})
    assert kept_files.read_record("toy_b", first["key"]) == first
    assert kept_files.read_record("toy-a", second["key"])["epochs"] == 3
    assert kept_files.read_record("toy_c", first["key"]) is None


WRITER = """
import sys
from pathlib import Path
from helpers import course
course.ROOT = Path(sys.argv[1])
sys.path.insert(0, sys.argv[2])
from test_kept_results import kept_files, record_of

for seed in range(int(sys.argv[3]), int(sys.argv[4])):
    kept_files.write_record(record_of(seed=seed, more=list(range(2_000))))
    print(seed, flush=True)
"""


def start_writer(home, first, after):
    """Start a process that writes records of these seeds, and says each that it has written."""
    words = [sys.executable, "-c", WRITER, str(home), str(ROOT / "tests"), str(first), str(after)]
    environment = os.environ | {"PYTHONPATH": str(ROOT), "TF_CPP_MIN_LOG_LEVEL": "3"}
    return subprocess.Popen(words, env=environment, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, text=True)


@pytest.mark.faults
@pytest.mark.skipif(not hasattr(signal, "SIGKILL"), reason="this system knows no SIGKILL")
def test_writers_at_the_same_time_lose_nothing_and_a_killed_one_leaves_no_half_file(home):
    others, doomed = [start_writer(home, 100, 110), start_writer(home, 200, 210)], start_writer(home, 300, 10_000)
    written = [int(doomed.stdout.readline()) for _ in range(5)]
    doomed.kill()
    written += [int(line) for line in doomed.stdout.read().split()]
    for each in (doomed, *others):
        each.wait(timeout=300)
        each.stdout.close()
    seeds = {record["seed"] for record in json.loads((home / "build" / "results" / "toy.json").read_text())}
    wanted = {*range(100, 110), *range(200, 210), *written}
    assert wanted <= seeds <= {*wanted, max(written) + 1}, "the last may be written and not said"
    kept_files.write_record(record_of())
    assert sorted(path.name for path in (home / "build" / "results").iterdir()) == [".toy.lock", "toy.json"]


# Damaged

DAMAGES = {
    "empty": b"",
    "cut": b'[\n{\n"name": "toy", "key": "00',
    "no list": b'{"name": "toy", "key": "0", "seed": 1}',
    "no records": b"[1, 2]",
    "no text": b"\xff\xfe\x00",
    "marks of a merge": b"[\n<<<<<<< HEAD\n{},\n=======\n]",
}


@pytest.mark.parametrize("damage", DAMAGES)
def test_a_damaged_file_is_an_error_and_never_written_over(home, damage):
    path = home / "build" / "results" / "toy.json"
    path.parent.mkdir(parents=True)
    path.write_bytes(DAMAGES[damage])
    for use in (lambda: kept_files.read_record("toy", "0"), lambda: kept_files.write_record(record_of())):
        with pytest.raises(CourseError, match="toy.json is damaged, and no list of results .*: put an older version"):
            use()
    assert path.read_bytes() == DAMAGES[damage]


def test_what_is_no_number_comes_back(home):
    kept_files.write_record(record_of(history={"loss": [math.nan, math.inf]}))
    loss = kept_files.read_record("toy", record_of()["key"])["history"]["loss"]
    assert math.isnan(loss[0]) and loss[1] == math.inf
