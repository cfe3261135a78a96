"""Files that are missing, damaged or may not be read, folders that may not be written to, disks that are full.

`make data` has tests of its own for its disks, and tests/test_load_model.py many kinds of damaged networks.
"""

import importlib
import json
import os
import shutil
import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest
from sentences import assert_one_sentence

from helpers import course
from helpers._shared.errors import CourseError
from helpers._shared.files import disk_errors, take_place, write_beside
from helpers.course import ROOT

pytestmark = pytest.mark.faults


# Reading


READERS = {  # what is read: (module, its function, ending of the file's name)
    "network .keras": ("helpers.models", "load_model", ".keras"),
    "network .h5": ("helpers.models", "load_model", ".h5"),
    "image": ("helpers.datasets", "read_image", ".png"),
    "table of digits": ("helpers.datasets.digit_files", "read_digit_csv", ".csv"),
    "mnist": ("helpers.datasets.digit_files", "read_mnist", ".npz"),
    "class names": ("helpers.workshop.inspecting", "read_class_names", ".txt"),
    "ledger": ("helpers.workshop.reproduction", "read_ledger", ".toml"),
}
each_reader = pytest.mark.parametrize("what", READERS)
CONTENTS = {
    "zeros": bytes(4096),
    "noise": np.random.default_rng(7).integers(0, 256, 4096, dtype=np.uint8).tobytes(),
    "latin-1": "Stra\xdfe, caf\xe9\n".encode("latin-1") * 9,
    "zip's beginning": b"PK\x03\x04" + bytes(26),
    "HDF5's beginning": b"\x89HDF\r\n\x1a\n" + bytes(88),
    "PNG's beginning": b"\x89PNG\r\n\x1a\n\x00\x00\x00\rIHDR" + bytes(9),
}


def refused(what, path, kind):
    module, name, _ = READERS[what]
    reader = getattr(importlib.import_module(module), name)
    with pytest.raises(kind) as error:
        reader(path)
    assert type(error.value) is kind
    assert_one_sentence(str(error.value), path.name)


@each_reader
def test_missing_file(what, tmp_path):
    refused(what, tmp_path / f"nowhere{READERS[what][-1]}", FileNotFoundError)


@each_reader
def test_missing_folder_and_a_file_in_its_place(what, tmp_path):
    (tmp_path / "file").write_text("mine")
    refused(what, tmp_path / "no folder" / f"it{READERS[what][-1]}", FileNotFoundError)


@each_reader
def test_a_folder_in_place_of_the_file(what, tmp_path):
    path = tmp_path / f"folder{READERS[what][-1]}"
    path.mkdir()
    kind = CourseError if what.startswith(("network", "image", "class")) else FileNotFoundError
    refused(what, path, kind)


@each_reader
def test_an_empty_file(what, tmp_path):
    path = tmp_path / f"empty{READERS[what][-1]}"
    path.touch()
    refused(what, path, CourseError)


@pytest.mark.parametrize("content", CONTENTS)
@each_reader
def test_content_of_another_kind(what, content, tmp_path):
    path = tmp_path / f"other{READERS[what][-1]}"
    path.write_bytes(CONTENTS[content])
    refused(what, path, CourseError)
    assert path.read_bytes() == CONTENTS[content]


@pytest.mark.skipif(os.name != "posix" or os.geteuid() == 0, reason="root may read everything")
@each_reader
def test_a_file_that_may_not_be_read(what, tmp_path):
    path = tmp_path / f"closed{READERS[what][-1]}"
    path.write_text("mine")
    path.chmod(0)
    refused(what, path, CourseError)


@pytest.mark.skipif(not Path("/proc/self/mem").exists(), reason="needs a file whose first byte gives an error")
@each_reader
def test_a_file_whose_reading_fails(what, tmp_path):
    """As on a bad disk: the system says that it is an ordinary file, and every read of it is an I/O error."""
    path = tmp_path / f"bad disk{READERS[what][-1]}"
    path.symlink_to("/proc/self/mem")
    refused(what, path, CourseError)


@pytest.mark.parametrize("name", ["nowhere", "a file"])
def test_course_data_that_names_no_folder(name, tmp_path, monkeypatch):
    (tmp_path / "a file").write_text("mine")
    monkeypatch.setenv("COURSE_DATA", str(tmp_path / name))
    with pytest.raises(NotADirectoryError) as error:
        course.data_folder()
    assert_one_sentence(str(error.value), "correct it or unset it")


# Writing


def writers(folder):
    """{what: function that writes into a folder}; each has put something there before, where it may."""
    from helpers.drawing import draw_set
    from helpers.workshop.handouts.packing import pack

    large = np.random.default_rng(0).integers(0, 256, 300_000, dtype=np.uint8).tobytes()
    made = folder.parent / "made"
    made.mkdir(exist_ok=True)
    (made / "large.bin").write_bytes(large)
    (folder.parent / "in").mkdir(exist_ok=True)
    return {
        "a file": lambda: write_beside(folder / "page.html", large),
        "a file in a new folder": lambda: write_beside(folder / "new" / "page.html", large),
        "a folder": lambda: _told(take_place, folder / "site", made, folder / "site"),
        "a ZIP": lambda: _told(pack, folder / "full.zip", folder / "full", "inside"),
        "a drawn set": lambda: draw_set("shapes", folder / "shapes"),
    }


def _told(function, target, *arguments):
    with disk_errors(target):
        function(*arguments)


KINDS = ("a file", "a file in a new folder", "a folder", "a ZIP", "a drawn set")


def attempts(folder):
    """Try every writer; {what: [exception, its words, what of it is left in the folder]}."""
    before, found = everything(folder), {}
    for what, write in writers(folder).items():
        try:
            write()
            found[what] = ["nothing", "", []]
        except Exception as error:
            found[what] = [type(error).__name__, str(error), sorted(everything(folder).items() ^ before.items())]
    return found


def everything(folder):
    """{relative path: size} of all files and folders, hidden ones too."""
    return {path.relative_to(folder).as_posix(): path.stat().st_size for path in folder.rglob("*") if path.is_file()}


def check_attempt(found, reason):
    kind, sentence, left = found
    assert kind == "OSError"
    assert_one_sentence(sentence, f"cannot be written ({reason}): make room there, or mend the folder's permissions")
    assert left == [], "something half-written was left, or something was lost"


def prepared(folder):
    """What is there before: it must be there afterwards, too."""
    folder.mkdir(exist_ok=True)
    (folder / "page.html").write_text("the page of yesterday")
    (folder / "site").mkdir()
    (folder / "site" / "index.html").write_text("the site of yesterday")
    (folder / "full").mkdir()
    (folder / "full" / "random.bin").write_bytes(np.random.default_rng(1).integers(0, 256, 70_000, np.uint8).tobytes())


def main():
    """Run as a script on a disk of its own: fill it, try the writers, print what came of it."""
    folder, options = Path(sys.argv[1]), sys.argv[2]
    prepared(folder)
    if options == "ro":
        subprocess.run(["mount", "-o", "remount,ro", str(folder)], check=True)
    print(json.dumps(attempts(folder)))


def on_own_disk(folder, options):
    """The attempts on a disk that this process mounts at the folder; skips the test where the machine lets nobody."""
    if not shutil.which("unshare"):
        pytest.skip("this machine has no unshare")
    folder.mkdir()
    size = "4m" if options == "ro" else "120k"
    script = f'mount -t tmpfs -o size={size} none "$0" || exit 77; exec "$@"'
    words = ["unshare", "--map-root-user", "--mount", "sh", "-c", script, str(folder), sys.executable, __file__]
    environment = {**os.environ, "PYTHONPATH": os.pathsep.join([str(ROOT), str(ROOT / "tests")])}
    done = subprocess.run([*words, str(folder), options], capture_output=True, text=True, env=environment)
    if done.returncode == 77 or "unshare" in done.stderr:
        pytest.skip("this machine lets no test mount a disk")
    assert done.returncode == 0, done.stderr[-2000:]
    return json.loads(done.stdout)


@pytest.fixture(scope="module")
def full_disk(tmp_path_factory):
    """What came of writing to a disk with 120 kilobytes."""
    return on_own_disk(tmp_path_factory.mktemp("full") / "disk", "full")


@pytest.fixture(scope="module")
def read_only_disk(tmp_path_factory):
    """What came of writing to a disk that is mounted for reading only."""
    return on_own_disk(tmp_path_factory.mktemp("reading") / "disk", "ro")


@pytest.mark.parametrize("what", KINDS)
def test_a_disk_that_is_full(full_disk, what):
    check_attempt(full_disk[what], "No space left on device")


@pytest.mark.parametrize("what", KINDS)
def test_a_disk_for_reading_only(read_only_disk, what):
    check_attempt(read_only_disk[what], "Read-only file system")


@pytest.mark.skipif(os.name != "posix" or os.geteuid() == 0, reason="root may write everywhere")
@pytest.mark.parametrize("what", KINDS)
def test_a_folder_for_reading_only(tmp_path, what):
    folder = tmp_path / "closed"
    prepared(folder)
    folder.chmod(0o500)
    try:
        check_attempt(attempts(folder)[what], "Permission denied")
    finally:
        folder.chmod(0o700)


# Trainings that are kept


@pytest.fixture
def small_files():
    """No file may grow beyond 2,000 bytes: the system refuses to write on, as on a full disk."""
    resource = pytest.importorskip("resource", reason="the limit is POSIX")
    before = resource.getrlimit(resource.RLIMIT_FSIZE)
    resource.setrlimit(resource.RLIMIT_FSIZE, (2000, before[1]))
    yield
    resource.setrlimit(resource.RLIMIT_FSIZE, before)


@pytest.mark.parametrize("part", ["record", "network", "state"])
def test_a_training_that_cannot_be_kept(part, tmp_path, monkeypatch, request):
    import keras

    from helpers.training import kept_files

    monkeypatch.setattr(course, "ROOT", tmp_path)
    network = keras.Sequential([keras.Input((40,)), keras.layers.Dense(40)])
    key = "0123456789abcdef"
    record = {"name": "toy", "key": key, "seed": 1, "networks": {}, "history": list(range(3000))}
    write = {
        "record": lambda: kept_files.write_record(record),
        "network": lambda: kept_files.write_network(record, "last", network),
        "state": lambda: kept_files.write_state(record, network.get_weights(), {}),
    }[part]
    write()
    before = {path: path.read_bytes() for path in tmp_path.rglob("*") if path.is_file()}
    record["history"].append(1)
    request.getfixturevalue("small_files")
    with pytest.raises(OSError) as error:
        write()
    assert_one_sentence(str(error.value), "make room, and start again: what was kept before is still there")
    assert {path: path.read_bytes() for path in tmp_path.rglob("*") if path.is_file()} == before


# What a killed run has left


@pytest.mark.parametrize("folder", [True, False])
def test_what_a_killed_run_left_is_removed_and_what_another_writes_is_not(tmp_path, folder):
    target, gone = tmp_path / "page[1].html", subprocess.Popen([sys.executable, "-c", ""])
    gone.wait()
    names = (f".page[1].html.{gone.pid}", f".page[1].html.{os.getppid()}", f".page1.html.{gone.pid}")
    stale, alive, others = (tmp_path / name for name in names)
    for path in (stale, alive, others):
        path.mkdir() if folder else path.touch()
    write_beside(target, "new")
    assert {path.name for path in tmp_path.iterdir()} == {target.name, alive.name, others.name}


def test_a_folder_that_cannot_be_renamed_leaves_the_old_one(tmp_path, monkeypatch):

    for name in ("made", "site"):
        (tmp_path / name).mkdir()
        (tmp_path / name / "page.html").write_text(name)
    rename = os.replace

    def refuse_the_new_one(source, target):
        if Path(source).name == f".site.{os.getpid()}":
            raise PermissionError(13, "no")
        rename(source, target)

    monkeypatch.setattr(os, "replace", refuse_the_new_one)
    with pytest.raises(PermissionError):
        take_place(tmp_path / "made", tmp_path / "site")
    assert (tmp_path / "site" / "page.html").read_text() == "site"
    assert sorted(path.name for path in tmp_path.iterdir()) == ["made", "site"]


if __name__ == "__main__":
    main()
