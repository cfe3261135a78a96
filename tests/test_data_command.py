"""``python -m helpers data`` as a process of its own: Kaggle's real client, killed runs, full disks."""

import io
import json
import os
import shutil
import signal
import subprocess
import sys
import time
from pathlib import Path

import numpy as np
import pytest
from fake_source import (
    KEY,
    TOKEN,
    USER,
    FakeSource,
    digits_csv,
    drawing_files,
    mnist_bytes,
    photograph_files,
    shapes_files,
    xray_files,
)

from helpers.workshop.fetching.sources import SOURCES

resource = pytest.importorskip("resource", reason="killed runs and full disks are played with POSIX means")

COMMAND = [sys.executable, "-m", "helpers", "data"]
WITH_TOKEN = {"KAGGLE_API_TOKEN": TOKEN}
WITH_KEY = {"KAGGLE_USERNAME": USER, "KAGGLE_KEY": KEY}  # one question less to Kaggle than a token

# Python runs a sitecustomize at its start: this one kills the process just before the n-th event of a kind.
KILLER = """
import os, signal, sys
event, part, left = os.environ["KILL_AT"].split("|")
left = int(left)
def count(name, arguments):
    global left
    if name == event and any(part in str(argument) for argument in arguments):
        left -= 1
        if left == 0:
            os.kill(os.getpid(), signal.SIGKILL)
sys.addaudithook(count)
"""


class World:
    """A fake source, an empty home and a data folder, and processes that see nothing else."""

    def __init__(self, source, folder, root):
        self.source, self.folder, self.root = source, folder, root
        self.data = folder / "data"
        self.entries = source.play_all()
        (folder / "home").mkdir()

    def environment(self, **more):
        kept = {name: value for name, value in os.environ.items() if not name.startswith(("KAGGLE_", "XDG_"))}
        changes = self.folder / "sources.json"
        changes.write_text(json.dumps(self.entries))
        to_server = dict.fromkeys(("HTTP_PROXY", "http_proxy"), self.source.address)
        no_way_round = dict.fromkeys(("NO_PROXY", "no_proxy"), "")
        home = {"HOME": str(self.folder / "home"), "USERPROFILE": str(self.folder / "home")}
        kaggle = {"KAGGLE_API_ENVIRONMENT": "LOCALHOST"}
        return {**kept, **to_server, **no_way_round, **home, **kaggle, "COURSE_SOURCES": str(changes), **more}

    def start(self, *words, before=(), preexec_fn=None, **environment):
        return subprocess.Popen(
            [*before, *COMMAND, *words, "--to", str(self.data)],
            cwd=self.root,
            env=self.environment(**environment),
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            text=True,
            preexec_fn=preexec_fn,
        )

    def run(self, *words, **options):
        process = self.start(*words, **options)
        out, error = process.communicate(timeout=60)
        return process.returncode, out, error


@pytest.fixture
def world(tmp_path, repository):
    """What a test of the command needs."""
    with FakeSource() as source:
        yield World(source, tmp_path, repository)


def files_below(folder):
    """{relative path: bytes} of all files."""
    return {str(p.relative_to(folder)): p.read_bytes() for p in Path(folder).rglob("*") if p.is_file()}


def digits_from_mnist():
    """The table that is written where there is no token."""
    arrays = np.load(io.BytesIO(mnist_bytes()))
    lines = [digits_csv(0).decode().strip()]
    for label, image in zip(arrays["y_train"][:42], arrays["x_train"][:42], strict=True):
        lines.append(f"{label}," + ",".join(map(str, image.ravel())))
    return ("\n".join(lines) + "\n").encode()


def whole_sets(*, public=False):
    """{set: {place: bytes}}: what must be there at the end, to the byte."""
    return {
        "shapes": shapes_files(),
        "cats_vs_dogs": photograph_files(),
        "chest_xray": xray_files(),
        "mnist": {"mnist.npz": mnist_bytes()},
        "digit_recognizer": {"train.csv": digits_from_mnist() if public else digits_csv()},
        "hand_drawn_shapes": drawing_files(),
    }


def assert_one_sentence(error, start, *parts):
    """One line on stderr, without a traceback, that says all of this."""
    lines = error.strip().splitlines()
    assert len(lines) == 1 and lines[0].startswith(start) and lines[0].endswith("."), error
    for part in parts:
        assert part in error, error


# All six, and the messages ---------------------------------------------------------------------------------


def test_all_six_with_a_token(world):
    code, out, error = world.run(**WITH_TOKEN)
    assert (code, error) == (0, "")
    assert {name: files_below(world.data / name) for name in SOURCES} == whole_sets()
    assert {path.name for path in world.data.iterdir()} == set(SOURCES)
    table = out.split("\n\n")[-1].splitlines()
    assert table[0].split() == ["set", "result", "where"] and len(table) == 7
    assert "from Kaggle" in table[1] and str(world.data / "shapes") in table[1]
    world.source.asked.clear()
    code, out, error = world.run(**WITH_TOKEN)
    assert (code, error, world.source.asked) == (0, "", [])
    assert out.count("already there") == 6 and "fetching" not in out


def test_all_six_without_a_token(world):
    """Four come from public sources, two are told to want a token; the failures do not stop the others."""
    code, out, error = world.run()
    assert code == 1
    first, second = error.strip().splitlines()
    for line, name in ((first, "shapes"), (second, "chest_xray")):
        assert line.startswith(f"{name}: It comes from https://www.kaggle.com/{SOURCES[name].kaggle}")
        assert "wants a token" in line and "https://www.kaggle.com/settings/api" in line
    expected = whole_sets(public=True)
    public = {"cats_vs_dogs", "mnist", "digit_recognizer", "hand_drawn_shapes"}
    assert {path.name for path in world.data.iterdir()} == public
    for name in public:
        assert files_below(world.data / name) == expected[name]
    assert out.count("FAILED") == 2 and "written from mnist" in out


def test_public_sources_even_with_a_token(world):
    code, out, error = world.run("cats_vs_dogs", "digit_recognizer", "--public", **WITH_TOKEN)
    assert (code, error) == (0, "")
    assert sorted(world.source.asked) == ["/cats.zip", "/mnist.npz"]
    assert files_below(world.data / "digit_recognizer") == whole_sets(public=True)["digit_recognizer"]


@pytest.mark.parametrize("token", [WITH_KEY, "access_token", "kaggle.json"], ids=str)
def test_every_kind_of_token(world, token):
    environment = token if isinstance(token, dict) else {}
    if not environment:
        folder = world.folder / "home" / ".kaggle"
        folder.mkdir()
        content = TOKEN if token == "access_token" else json.dumps({"username": USER, "key": KEY})
        (folder / token).write_text(content)
        (folder / token).chmod(0o600)
    code, _, error = world.run("shapes", **environment)
    assert (code, error) == (0, "")
    assert files_below(world.data / "shapes") == shapes_files()


@pytest.mark.parametrize(
    "token",
    [{"KAGGLE_API_TOKEN": "made-up"}, {"KAGGLE_USERNAME": USER, "KAGGLE_KEY": "wrong"}],
    ids=["unknown token", "wrong key"],
)
@pytest.mark.parametrize("name", ["shapes", "cats_vs_dogs"])
def test_a_bad_token(world, token, name):
    code, _, error = world.run(name, **token)
    assert code == 1
    assert_one_sentence(error, f"{name}: Kaggle does not accept your token (401)", "kaggle.com/settings/api")
    assert list(world.data.iterdir()) == []


@pytest.mark.parametrize(
    ("name", "call", "status", "parts"),
    [
        ("cats_vs_dogs", "DownloadDataFiles", 403, ["accept the rules", "competitions/dogs-vs-cats/rules"]),
        ("digit_recognizer", "DownloadDataFiles", 403, ["competitions/digit-recognizer/rules"]),
        ("shapes", "DownloadDataset", 403, ["(403)", "open https://www.kaggle.com/datasets/cactus3/"]),
        ("shapes", "DownloadDataset", 401, ["does not accept your token (401)"]),
        ("shapes", "DownloadDataset", 404, ["no longer has this file (404)", "data/README.md"]),
        ("shapes", "DownloadDataset", 500, ["a fault of its own (500)"]),
        ("shapes", "IntrospectToken", 500, ["a fault of its own (500)"]),
        ("shapes", "/kaggle/basicshapes.zip", 404, ["no longer has this file (404)"]),
    ],
)
def test_kaggle_refuses(world, name, call, status, parts):
    world.source.faults[call] = status
    code, _, error = world.run(name, **WITH_TOKEN)
    assert code == 1
    assert_one_sentence(error, f"{name}: Kaggle ", *parts)
    assert list(world.data.iterdir()) == []


@pytest.mark.parametrize(
    ("fault", "parts"),
    [
        ("stall", ["Kaggle sent nothing for 0.5 seconds"]),
        ("reset", ["The connection to Kaggle broke before the end"]),
        ("cut", ["The connection to Kaggle broke before the end"]),
        ("wrong", ["basicshapes.zip is damaged or no zip archive"]),
    ],
)
def test_kaggles_download_goes_wrong(world, fault, parts):
    world.entries["shapes"]["retries"] = 0
    world.source.faults["/kaggle/basicshapes.zip"] = fault
    patience = ["--timeout", "0.5"] if fault == "stall" else []
    code, _, error = world.run("shapes", *patience, **WITH_KEY)
    assert code == 1
    assert_one_sentence(error, "shapes: ", *parts)
    assert list(world.data.iterdir()) == []


def test_kaggles_client_takes_up_a_broken_download(world):
    world.entries["shapes"]["retries"] = 1
    world.source.once["/kaggle/basicshapes.zip"] = "cut"
    code, _, error = world.run("shapes", **WITH_TOKEN)
    assert (code, error) == (0, "")
    assert files_below(world.data / "shapes") == shapes_files()
    assert world.source.asked.count("/kaggle/basicshapes.zip") == 2


def test_no_network_to_kaggle(world):
    nowhere = {"HTTP_PROXY": "http://127.0.0.1:9", "http_proxy": "http://127.0.0.1:9"}
    code, _, error = world.run("shapes", "--timeout", "3", **WITH_KEY, **nowhere)
    assert code == 1
    assert_one_sentence(error, "shapes: There is no connection to Kaggle", "check the network")


def test_digits_tell_that_mnist_failed(world):
    world.source.faults["/mnist.npz"] = 500
    code, out, error = world.run("digit_recognizer")
    assert code == 1 and out.count("FAILED") == 2
    assert "mnist: " in error and "fetch mnist first" in error


def test_help_and_wrong_words(world):
    for words, code, part in (
        (["--help"], 0, "python -m helpers data shapes mnist"),
        (["minst"], 2, "there is no set 'minst'; the course has shapes, cats_vs_dogs"),
        (["--timeout", "soon"], 2, "a number of seconds above 0 is needed, not 'soon'"),
    ):
        returned, out, error = world.run(*words)
        assert returned == code and part in out + error


def test_default_folder_is_the_courses(world):
    named = world.folder / "named"
    named.mkdir()
    environment = world.environment(COURSE_DATA=str(named))
    run = subprocess.run([*COMMAND, "mnist"], cwd=world.root, env=environment, capture_output=True, text=True)
    assert (run.returncode, run.stderr) == (0, "")
    assert files_below(named) == {"mnist/mnist.npz": mnist_bytes()}


def test_a_file_in_place_of_the_folder(world):
    world.data.write_text("mine")
    code, _, error = world.run("mnist")
    assert code == 1
    assert_one_sentence(error, f"{world.data} is a file", "--to")


def test_nothing_heavy_is_loaded(world):
    """Neither TensorFlow nor Keras, even when a set is fetched, checked and written anew."""
    script = (
        "import sys; from helpers.workshop.commands import main;"
        "code = main(['data', 'digit_recognizer', '--to', sys.argv[1]]);"
        "print(code, sorted({'tensorflow', 'keras', 'matplotlib', 'sklearn'} & set(sys.modules)))"
    )
    run = subprocess.run(
        [sys.executable, "-c", script, str(world.data)],
        cwd=world.root,
        env=world.environment(),
        capture_output=True,
        text=True,
    )
    assert run.stdout.splitlines()[-1] == "0 []", run.stderr


# Two at once, and stopped runs ------------------------------------------------------------------------------


def test_two_at_once_share_one_download(world):
    world.source.faults["/mnist.npz"] = ("pause", 1000)
    first = world.start("mnist")
    assert world.source.paused.wait(60)
    second = world.start("mnist")
    while "waiting for that one" not in (line := second.stdout.readline()):
        assert line, second.stderr.read()
    world.source.go.set()
    for process in (first, second):
        out, error = process.communicate(timeout=60)
        assert (process.returncode, error) == (0, "")
    assert world.source.asked == ["/mnist.npz"] and "already there" in out
    assert files_below(world.data) == {"mnist/mnist.npz": mnist_bytes()}
    assert [path.name for path in world.data.iterdir()] == ["mnist"]


def test_two_at_once_on_different_sets(world):
    world.source.faults["/mnist.npz"] = ("pause", 1000)
    first = world.start("mnist")
    assert world.source.paused.wait(60)
    code, _, error = world.run("shapes", **WITH_TOKEN)  # does not wait for the other
    assert (code, error) == (0, "")
    world.source.go.set()
    _, error = first.communicate(timeout=60)
    assert (first.returncode, error) == (0, "")
    assert {path.name for path in world.data.iterdir()} == {"mnist", "shapes"}


def test_stopped_by_the_user(world):
    world.source.faults["/mnist.npz"] = ("pause", 1000)
    # Tests that run in the background inherit an ignored SIGINT, and so would the command.
    process = world.start("mnist", preexec_fn=lambda: signal.signal(signal.SIGINT, signal.SIG_DFL))
    assert world.source.paused.wait(60)
    process.send_signal(signal.SIGINT)
    _, error = process.communicate(timeout=60)
    assert process.returncode == 130 and error.strip() == "Stopped."
    assert list(world.data.iterdir()) == []


MOMENTS = {
    # Where the server stops in the middle of a body, and the process is killed from outside ...
    "Kaggle's download, begun": ("pause", "/kaggle/basicshapes.zip", 100),
    "Kaggle's download, almost done": ("pause", "/kaggle/chest-xray-pneumonia.zip", -10),
    "plain download, in the middle": ("pause", "/mnist.npz", 20_000),
    # ... and where it kills itself just before it does something.
    "download done, about to be checked": ("KILL_AT", "open|download/basicshapes.zip|3", ""),
    "unpacking, first file": ("KILL_AT", "open|ready/train/NORMAL|1", ""),
    "unpacking the archive within, in the middle": ("KILL_AT", "open|ready/train/cats|7", ""),
    "checking the images": ("KILL_AT", "open|ready/validation/dogs|15", ""),
    "about to be renamed into place": ("KILL_AT", "os.rename|data/cats_vs_dogs|1", ""),
    "in place, about to clean up": ("KILL_AT", "shutil.rmtree|.shapes.|1", ""),
    "download about to get its name": ("KILL_AT", "os.rename|mnist.npz|1", "--public"),
    "table about to be written": ("KILL_AT", "open|ready/train.csv|1", "--public"),
    "table about to be checked": ("KILL_AT", "open|ready/train.csv|2", "--public"),
}


def kill_at(world, moment):
    """Run the command on all six sets, and have it killed at a moment."""
    kind, where, more = MOMENTS[moment]
    if kind == "pause":
        content = world.source.pages[where]
        world.source.faults[where] = ("pause", more % len(content))
        process = world.start(**WITH_TOKEN)
        assert world.source.paused.wait(60)
        time.sleep(0.05)  # so that the bytes arrive
        process.kill()
    else:
        (world.folder / "killer").mkdir()
        (world.folder / "killer" / "sitecustomize.py").write_text(KILLER)
        words = [more] if more else []
        process = world.start(*words, KILL_AT=where, PYTHONPATH=str(world.folder / "killer"), **WITH_TOKEN)
    process.communicate(timeout=60)
    world.source.go.set()
    world.source.faults.clear()
    assert process.returncode == -signal.SIGKILL


@pytest.mark.parametrize("moment", MOMENTS)
def test_killed_and_started_again(world, moment):
    """Never a half set, never a set lost, never a wrong file: after the kill, and after the next run."""
    kill_at(world, moment)
    public = MOMENTS[moment][2] == "--public"
    expected = whole_sets(public=public)
    every = {path.name for path in world.data.iterdir()}
    there = {name for name in every if not name.startswith(".")}
    for name in there:
        assert files_below(world.data / name) == expected[name], name
    assert every > there, "the kill came too late to matter"
    numbers = {name: (world.data / name).stat().st_ino for name in there}
    code, out, error = world.run(*(["--public"] if public else []), **WITH_TOKEN)
    assert (code, error) == (0, "")
    assert {name: files_below(world.data / name) for name in SOURCES} == expected
    assert out.count("already there") == len(there)
    assert {name: (world.data / name).stat().st_ino for name in there} == numbers
    assert {path.name for path in world.data.iterdir()} == set(SOURCES), "what the killed run left is there"


# Disks ------------------------------------------------------------------------------------------------------


def limit_file_size():
    resource.setrlimit(resource.RLIMIT_FSIZE, (30_000, 30_000))


@pytest.mark.parametrize(("name", "token"), [("mnist", {}), ("cats_vs_dogs", {}), ("chest_xray", WITH_TOKEN)])
def test_a_file_that_grows_over_its_limit(world, name, token):
    """The system refuses to write on, as on a full disk."""
    world.entries[name]["retries"] = 0
    code, _, error = world.run(name, preexec_fn=limit_file_size, **token)
    assert code == 1
    assert_one_sentence(error, f"{name}: There is not room enough in {world.data}", "make room", "--to")
    assert list(world.data.iterdir()) == []


def private_disk(options):
    """Words that run a command with a disk of its own at a folder, list what is left, and keep the code."""
    script = f'mount -t tmpfs -o {options} none "$0" && "$@"; code=$?; find "$0" -mindepth 1; exit $code'
    return ["unshare", "--map-root-user", "--mount", "sh", "-c", script]


def can_mount():
    if not shutil.which("unshare"):
        return False
    return subprocess.run([*private_disk("size=64k"), "/mnt", "true"], capture_output=True).returncode == 0


needs_mount = pytest.mark.skipif(not can_mount(), reason="this machine lets no test mount a disk")


@needs_mount
@pytest.mark.parametrize(("name", "token"), [("mnist", {}), ("cats_vs_dogs", {}), ("shapes", WITH_TOKEN)])
def test_a_disk_that_runs_full(world, name, token):
    """A real one of a few pages: full while the download or the unpacked files are written."""
    world.entries[name] |= {"retries": 0, "room": 0}
    world.data.mkdir()
    size = {"mnist": 40, "cats_vs_dogs": 120, "shapes": 140}[name]
    code, out, error = world.run(name, before=[*private_disk(f"size={size}k"), str(world.data)], **token)
    assert code == 1
    assert_one_sentence(error, f"{name}: There is not room enough in {world.data}", "make room")
    assert str(world.data) not in out.partition("told above")[2], "something was left on the disk"


@needs_mount
def test_a_disk_that_is_too_small_from_the_start(world):
    world.data.mkdir()
    code, _, error = world.run("mnist", before=[*private_disk("size=40k"), str(world.data)])
    assert code == 1 and world.source.asked == []
    assert_one_sentence(error, "mnist: There is not room enough", "make room")


@needs_mount
def test_a_disk_for_reading_only(world):
    world.data.mkdir()
    code, _, error = world.run("mnist", before=[*private_disk("ro"), str(world.data)])
    assert code == 1
    assert_one_sentence(error, f"mnist: {world.data} may not be written to", "permissions", "--to")


@pytest.mark.skipif(os.geteuid() == 0, reason="root may write everywhere")
def test_a_folder_for_reading_only(world):
    world.data.mkdir(mode=0o500)
    code, _, error = world.run("mnist")
    assert code == 1
    assert_one_sentence(error, f"mnist: {world.data} may not be written to", "permissions")
