"""The table of data sets, fetching over plain HTTP from a loopback server, unpacking, and checking."""

import dataclasses
import importlib.util
import io
import json
import os
import stat
import struct
import tarfile
import threading
import zipfile
from pathlib import Path

import pytest
from fake_source import (
    SMALL,
    FakeSource,
    drawing_files,
    drawings,
    drawings_zip,
    image_bytes,
    mnist_bytes,
    photograph_files,
    public_cats,
    shapes_files,
    xray_files,
    zip_bytes,
)

from helpers.workshop.fetching import downloads, locked_folder
from helpers.workshop.fetching.archives import unpack
from helpers.workshop.fetching.sources import SOURCES, data_sets, fetch, is_there, route, verify


@pytest.fixture
def source():
    """A server that plays the sources."""
    with FakeSource() as server:
        yield server


@pytest.fixture(autouse=True)
def no_token(monkeypatch, tmp_path):
    """Without the tokens of whoever runs the tests."""
    for name in [name for name in os.environ if name.startswith(("KAGGLE_", "COURSE_SOURCES", "XDG_CONFIG"))]:
        monkeypatch.delenv(name)
    monkeypatch.setenv("HOME", str(tmp_path / "home"))


def small(name, **changes):
    """A row of the table with fewer pieces."""
    return dataclasses.replace(SOURCES[name], **{"room": 1000, **SMALL[name], **changes})


def from_server(source, name, content, **changes):
    """A small row whose address is the server's."""
    source.pages["/a/file.zip"] = content
    address = f"{source.address}/a/file.zip"
    return small(name, kaggle="", address=address, **{"size": 0, "sha256": "", **changes})


def files_below(folder):
    """{relative path: bytes} of all files."""
    return {str(p.relative_to(folder)): p.read_bytes() for p in Path(folder).rglob("*") if p.is_file()}


# The table --------------------------------------------------------------------------------------------------


def test_every_row_is_complete():
    for name, row in SOURCES.items():
        assert row.name == name and row.licence and row.holds and (row.kaggle or row.address), name
    assert sum(SOURCES["chest_xray"].parts.values()) == 5840
    assert sum(SOURCES["cats_vs_dogs"].parts.values()) == 3000
    assert set(SOURCES["shapes"].parts.values()) == {100}
    assert set(SOURCES["hand_drawn_shapes"].parts.values()) == {12 * 25}


def test_mnist_is_what_keras_fetches():
    """Address and hash stand in the source of the installed Keras (read, not imported)."""
    keras = Path(importlib.util.find_spec("keras").origin).parent / "src" / "datasets" / "mnist.py"
    text = keras.read_text(encoding="utf-8")
    folder, _, file = SOURCES["mnist"].address.rpartition("/")
    assert SOURCES["mnist"].sha256 in text and f"{folder}/" in text and file in text


@pytest.mark.parametrize(
    ("name", "token", "public", "way"),
    [
        ("shapes", False, False, "kaggle"),
        ("shapes", True, True, "kaggle"),
        ("cats_vs_dogs", True, False, "kaggle"),
        ("cats_vs_dogs", False, False, "address"),
        ("cats_vs_dogs", True, True, "address"),
        ("mnist", True, False, "address"),
        ("digit_recognizer", True, False, "kaggle"),
        ("digit_recognizer", False, False, "mnist"),
        ("digit_recognizer", True, True, "mnist"),
        ("hand_drawn_shapes", True, False, "address"),
    ],
)
def test_route(monkeypatch, name, token, public, way):
    if token:
        monkeypatch.setenv("KAGGLE_API_TOKEN", "some-token")
    assert route(SOURCES[name], public=public) == way


@pytest.mark.parametrize(
    "place", [".kaggle/access_token", ".kaggle/kaggle.json", ".config/kaggle/kaggle.json", ".kaggle/credentials.json"]
)
def test_a_token_file_is_found(tmp_path, place):
    assert not downloads.has_kaggle_token()
    (tmp_path / "home" / place).parent.mkdir(parents=True)
    (tmp_path / "home" / place).write_text("x")
    assert downloads.has_kaggle_token()


def test_a_user_without_a_key_is_no_token(monkeypatch):
    monkeypatch.setenv("KAGGLE_USERNAME", "pupil")
    assert not downloads.has_kaggle_token()
    monkeypatch.setenv("KAGGLE_KEY", "key")
    assert downloads.has_kaggle_token()


def test_entries_can_be_changed_by_a_file(monkeypatch, tmp_path):
    changed = tmp_path / "sources.json"
    changed.write_text(json.dumps({"mnist": {"address": "http://192.168.0.2/mnist.npz"}}))
    monkeypatch.setenv("COURSE_SOURCES", str(changed))
    assert data_sets()["mnist"].address == "http://192.168.0.2/mnist.npz"
    assert data_sets()["mnist"].sha256 == SOURCES["mnist"].sha256
    assert data_sets()["shapes"] is not None and list(data_sets()) == list(SOURCES)


@pytest.mark.parametrize("text", ["", "[1]", '{"minst": {}}', '{"mnist": {"adress": ""}}', '{"mnist": 3}'])
def test_a_file_of_changes_that_does_not_serve(monkeypatch, tmp_path, text):
    changed = tmp_path / "sources.json"
    changed.write_text(text)
    monkeypatch.setenv("COURSE_SOURCES", str(changed))
    with pytest.raises(ValueError, match="COURSE_SOURCES"):
        data_sets()


# Over HTTP --------------------------------------------------------------------------------------------------


def mnist_on(source, **changes):
    source.pages["/mnist.npz"] = mnist_bytes()
    entries = source.play_all()["mnist"] | changes
    return dataclasses.replace(SOURCES["mnist"], room=1000, **entries)


def test_right_bytes_arrive_and_are_not_fetched_again(source, tmp_path):
    row = mnist_on(source)
    assert fetch(row, tmp_path) == f"from {source.address.partition('//')[2]}"
    assert files_below(tmp_path) == {"mnist/mnist.npz": source.pages["/mnist.npz"]}
    assert fetch(row, tmp_path) == "already there"
    assert source.asked == ["/mnist.npz"]
    assert [path.name for path in tmp_path.iterdir()] == ["mnist"]


@pytest.mark.parametrize(
    ("fault", "kind", "sentence"),
    [
        (404, OSError, r"no longer has this file \(404\)"),
        (403, OSError, r"refuses the download \(403\): open http"),
        (401, OSError, r"\(401\)"),
        (429, OSError, "too many requests"),
        (500, OSError, r"fault of its own \(500\)"),
        (503, OSError, r"fault of its own \(503\)"),
        ("stall", OSError, "sent nothing for 0.4 seconds"),
        ("reset", OSError, "broke before the end"),
        ("cut", OSError, "broke before the end"),
        ("wrong", ValueError, "other bytes than published"),
    ],
)
def test_a_fault_is_told_in_one_sentence_and_leaves_nothing(source, tmp_path, fault, kind, sentence):
    row = mnist_on(source)
    source.faults["/mnist.npz"] = fault
    with pytest.raises(kind, match=sentence) as told:
        fetch(row, tmp_path, timeout=0.4 if fault == "stall" else 30)
    assert "again" in str(told.value) or "data/README.md" in str(told.value)
    assert "\n" not in str(told.value) and str(told.value).endswith(".")
    assert list(tmp_path.iterdir()) == []
    source.faults.clear()
    fetch(row, tmp_path)
    assert files_below(tmp_path) == {"mnist/mnist.npz": source.pages["/mnist.npz"]}


@pytest.mark.parametrize("address", ["http://127.0.0.1:9", "http://no-such-host.invalid"])
def test_no_network(tmp_path, monkeypatch, address):
    monkeypatch.setenv("NO_PROXY", "*")
    row = small("mnist", address=f"{address}/mnist.npz", sha256="", size=0)
    with pytest.raises(OSError, match="no connection to .*: check the network"):
        fetch(row, tmp_path, timeout=2)
    assert list(tmp_path.iterdir()) == []


def test_a_wrong_size_is_refused_where_no_hash_is_published(source, tmp_path):
    row = from_server(source, "cats_vs_dogs", public_cats(), size=len(public_cats()) + 1)
    with pytest.raises(ValueError, match="other bytes than published"):
        fetch(row, tmp_path)
    assert list(tmp_path.iterdir()) == []


def test_wrong_arrays_of_the_right_hash_are_refused(source, tmp_path):
    row = mnist_on(source, parts={"train": 61, "test": 20})
    with pytest.raises(ValueError, match="not mnist as published .*60 instead of 61 train images.* was thrown away"):
        fetch(row, tmp_path)
    assert list(tmp_path.iterdir()) == []


# Layouts ----------------------------------------------------------------------------------------------------


def nested(files, prefix):
    return {prefix + name: content for name, content in files.items()}


SHAPES = shapes_files()
LAYOUTS = {
    "Kaggle's": nested(SHAPES, "shapes/"),
    "flat": SHAPES,
    "deep": nested(SHAPES, "a/b/shapes/"),
    "an archive within": {"shapes.zip": zip_bytes(nested(SHAPES, "shapes/"))},
    "class folders in capitals": {name.title().replace(".Png", ".png"): SHAPES[name] for name in SHAPES},
    "with a copy of itself": {**nested(SHAPES, "shapes/"), **nested(SHAPES, "shapes/shapes/")},
    "the copy first": {**nested(SHAPES, "shapes/shapes/"), **nested(SHAPES, "shapes/")},
    "with a Mac's leavings": {**SHAPES, **nested(SHAPES, "__MACOSX/"), "circles/._drawing(1).png": b"no"},
    "with other files": {**SHAPES, "README.txt": b"read", "circles/notes.txt": b"me", "stars/1.png": b"no"},
}


@pytest.mark.parametrize("layout", LAYOUTS)
def test_layouts_of_shapes(source, tmp_path, layout):
    row = from_server(source, "shapes", zip_bytes(LAYOUTS[layout]))
    fetch(row, tmp_path)
    found = {name.lower(): content for name, content in files_below(tmp_path / "shapes").items()}
    assert found == SHAPES
    assert {path.name for path in (tmp_path / "shapes").iterdir()} == {"circles", "squares", "triangles"}


def test_photographs_are_placed_by_their_numbers(source, tmp_path):
    """Kaggle's flat archive, with numbers that are not asked for, becomes the public subset's layout."""
    flat = {f"train/{place.rpartition('/')[2]}": content for place, content in photograph_files().items()}
    flat |= {f"train/dog.{number}.jpg": b"not asked for" for number in (20, 1999, 2010, 12499)}
    fetch(from_server(source, "cats_vs_dogs", zip_bytes(flat)), tmp_path / "flat")
    fetch(from_server(source, "cats_vs_dogs", public_cats()), tmp_path / "public")
    assert files_below(tmp_path / "flat/cats_vs_dogs") == photograph_files()
    assert files_below(tmp_path / "public/cats_vs_dogs") == photograph_files()


def test_the_official_validation_folder_of_the_xrays_is_left_out(source, tmp_path):
    content = nested(xray_files(), "chest_xray/") | {"chest_xray/val/NORMAL/a.jpeg": image_bytes(1)}
    fetch(from_server(source, "chest_xray", zip_bytes(content)), tmp_path)
    assert files_below(tmp_path / "chest_xray") == xray_files()


def test_drawings_are_of_the_first_twelve_people_who_drew_enough(source, tmp_path):
    fetch(from_server(source, "hand_drawn_shapes", drawings_zip()), tmp_path)
    assert files_below(tmp_path / "hand_drawn_shapes") == drawing_files()
    assert len(drawing_files()) == 12 * 3 * 2 and len(set(drawing_files().values())) == 72


def test_where_one_did_not_draw_enough_the_next_takes_the_place(source, tmp_path):
    without_kim = {name: content for name, content in drawings().items() if "user.kim" not in name}
    fetch(from_server(source, "hand_drawn_shapes", zip_bytes(without_kim)), tmp_path)
    found, before = files_below(tmp_path / "hand_drawn_shapes"), drawing_files()
    assert found.keys() == before.keys() and found["ellipse/person01_00.png"] == before["ellipse/person01_00.png"]
    assert set(found.values()) - set(before.values()), "zoe's, who is the thirteenth"


@pytest.mark.parametrize(
    ("content", "sentence"),
    [
        ({name: content for name, content in drawings().items() if ".zoe." not in name}, None),
        ({name: content for name, content in drawings().items() if "0040" not in name}, "ellipse holds 0 instead of"),
        ({"other.txt": b"x"}, "ellipse holds 0 instead of 24"),
        (None, "hand_drawn_shapes.zip is damaged or no zip archive"),
    ],
    ids=["twelve are enough", "nobody drew 40", "another archive", "damaged"],
)
def test_other_archives_of_drawings(source, tmp_path, content, sentence):
    source.pages["/drawings/main"] = zip_bytes(content) if content else drawings_zip()[:-500]
    row = small("hand_drawn_shapes", address=f"{source.address}/drawings/main")
    if sentence is None:
        fetch(row, tmp_path)
        assert files_below(tmp_path / "hand_drawn_shapes") == drawing_files()
        return
    with pytest.raises(ValueError, match=sentence):
        fetch(row, tmp_path)
    assert list(tmp_path.iterdir()) == []


def without(files, name):
    return {place: content for place, content in files.items() if place != name}


FIRST = "circles/drawing(1).png"


@pytest.mark.parametrize(
    ("content", "sentence"),
    [
        (without(SHAPES, FIRST), "circles holds 11 instead of 12 .png files"),
        (SHAPES | {"circles/one more.png": image_bytes(5, "PNG")}, "circles holds 13 instead of 12"),
        ({"other/thing.png": image_bytes(5, "PNG")}, "circles holds 0 instead of 12"),
        (SHAPES | {FIRST: b"text named .png"}, r"drawing\(1\).png cannot be read as an image"),
        (SHAPES | {FIRST: b""}, r"drawing\(1\).png cannot be read as an image"),
        (SHAPES | {FIRST: SHAPES[FIRST][:-300]}, r"drawing\(1\).png cannot be read as an image"),
    ],
)
def test_what_is_not_the_set_is_not_kept(source, tmp_path, content, sentence):
    row = from_server(source, "shapes", zip_bytes(content))
    with pytest.raises(ValueError, match=f"not shapes as published .{sentence}.* thrown away"):
        fetch(row, tmp_path)
    assert list(tmp_path.iterdir()) == []


def test_a_cut_jpeg_is_not_kept(source, tmp_path):
    place, content = next(iter(xray_files().items()))
    row = from_server(source, "chest_xray", zip_bytes(xray_files() | {place: content[: len(content) // 2]}))
    with pytest.raises(ValueError, match="cannot be read as an image"):
        fetch(row, tmp_path)
    assert list(tmp_path.iterdir()) == []


# Digits from MNIST ------------------------------------------------------------------------------------------


def test_digits_are_written_from_mnist_in_kaggles_form(tmp_path):
    (tmp_path / "mnist").mkdir()
    (tmp_path / "mnist" / "mnist.npz").write_bytes(mnist_bytes())
    row = small("digit_recognizer")
    assert fetch(row, tmp_path) == "written from mnist"
    lines = (tmp_path / "digit_recognizer" / "train.csv").read_text().splitlines()
    assert lines[0].startswith("label,pixel0,pixel1,") and lines[0].endswith(",pixel783") and len(lines) == 43
    import numpy as np

    arrays = np.load(io.BytesIO(mnist_bytes()))
    values = np.array([line.split(",") for line in lines[1:]], dtype=int)
    assert (values[:, 0] == arrays["y_train"][:42]).all()
    assert (values[:, 1:].reshape(-1, 28, 28) == arrays["x_train"][:42]).all()


def test_digits_want_mnist_first(tmp_path):
    with pytest.raises(FileNotFoundError, match="fetch mnist first"):
        fetch(small("digit_recognizer"), tmp_path)
    assert list(tmp_path.iterdir()) == []


def test_mnist_that_is_too_short_for_the_digits(tmp_path):
    (tmp_path / "mnist").mkdir()
    (tmp_path / "mnist" / "mnist.npz").write_bytes(mnist_bytes(train=30))
    with pytest.raises(ValueError, match="30 instead of 42 rows"):
        fetch(small("digit_recognizer"), tmp_path)
    assert [path.name for path in tmp_path.iterdir()] == ["mnist"]


HEAD = "label," + ",".join(f"pixel{number}" for number in range(784)) + "\n"
ROW = "3" + ",0" * 784 + "\n"


@pytest.mark.parametrize(
    ("text", "sentence"),
    [
        (HEAD + ROW * 41, "41 instead of 42 rows"),
        (HEAD.replace("label", "class") + ROW * 42, "line 1 must be label"),
        (HEAD + ROW * 41 + "3" + ",300" * 784 + "\n", "line 1 must be label"),
        (HEAD + ROW * 41 + "3" + ",-1" * 784 + "\n", "line 1 must be label"),
        (HEAD + ROW * 41 + "3" + ",a" * 784 + "\n", "line 1 must be label"),
        (HEAD + ROW * 41 + "3,0,0\n", "line 1 must be label"),
        (HEAD + ROW * 41 + ROW.replace("3", "11"), "line 1 must be label"),
        ("", "line 1 must be label"),
    ],
)
def test_a_table_that_is_not_kaggles(tmp_path, text, sentence):
    (tmp_path / "train.csv").write_text(text)
    with pytest.raises(ValueError, match=sentence):
        verify(small("digit_recognizer"), tmp_path)


def test_the_table_itself_is_accepted(tmp_path):
    (tmp_path / "train.csv").write_text(HEAD + ROW * 42)
    verify(small("digit_recognizer"), tmp_path)


@pytest.mark.parametrize("content", [b"", b"no archive", mnist_bytes()[:-100]])
def test_an_archive_of_arrays_that_cannot_be_read(tmp_path, content):
    (tmp_path / "mnist.npz").write_bytes(content)
    with pytest.raises(ValueError, match="mnist.npz is damaged"):
        verify(small("mnist"), tmp_path)


# What is in the way -----------------------------------------------------------------------------------------


def test_what_is_in_a_sets_place_is_never_touched(source, tmp_path):
    row = from_server(source, "shapes", zip_bytes(SHAPES))
    fetch(row, tmp_path)
    (tmp_path / "shapes" / "circles" / "drawing(7).png").unlink()
    before = files_below(tmp_path)
    with pytest.raises(ValueError, match="circles holds 11 instead of 12 .*move it away"):
        fetch(row, tmp_path)
    assert files_below(tmp_path) == before


def test_a_file_or_a_broken_link_in_a_sets_place(source, tmp_path):
    row = from_server(source, "shapes", zip_bytes(SHAPES))
    (tmp_path / "shapes").symlink_to(tmp_path / "nowhere")
    with pytest.raises(ValueError, match="move it away"):
        fetch(row, tmp_path)
    (tmp_path / "shapes").unlink()
    (tmp_path / "shapes").write_text("mine")
    with pytest.raises(ValueError, match="move it away"):
        fetch(row, tmp_path)
    assert (tmp_path / "shapes").read_text() == "mine"


def test_an_empty_folder_counts_as_nothing(source, tmp_path):
    row = from_server(source, "shapes", zip_bytes(SHAPES))
    (tmp_path / "shapes").mkdir()
    assert not is_there(row, tmp_path)
    fetch(row, tmp_path)
    assert is_there(row, tmp_path)


def test_too_little_room_is_told_before_the_download(source, tmp_path):
    row = from_server(source, "shapes", zip_bytes(SHAPES), room=10**18)
    with pytest.raises(OSError, match="not room enough .*shapes takes about 1,000,000,000,000 MB"):
        fetch(row, tmp_path)
    assert source.asked == [] and list(tmp_path.iterdir()) == []


def test_one_workplace_at_a_time(tmp_path):
    """Many threads at one place: never two inside, and nothing is left."""
    inside, most, told = [], [], []

    def work():
        with locked_folder.workplace(tmp_path, "thing", tell=told.append) as folder:
            inside.append(1)
            most.append(len(inside))
            (folder / "half").write_text("x")
            threading.Event().wait(0.01)
            inside.pop()

    threads = [threading.Thread(target=work) for _ in range(6)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert most == [1] * 6 and list(tmp_path.iterdir()) == []
    assert told and "another run" in told[0]


# Archives ---------------------------------------------------------------------------------------------------


def everything(path):
    return str(path)


def write_zip(path, members):
    """Members are (name or ZipInfo, bytes)."""
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, content in members:
            archive.writestr(name, content)
    return path


def with_kind(name, kind):
    info = zipfile.ZipInfo(name)
    info.create_system, info.external_attr = 3, (kind | 0o777) << 16
    return info


BAD_MEMBERS = {
    "parent": ("../evil.png", "leaves the folder"),
    "parent in the middle": ("circles/../../evil.png", "leaves the folder"),
    "parent, the Windows way": ("circles\\..\\..\\evil.png", "leaves the folder"),
    "absolute": ("/tmp/evil.png", "leaves the folder"),
    "absolute, the Windows way": ("\\evil.png", "leaves the folder"),
    "drive": ("C:/evil.png", "leaves the folder"),
    "drive without a slash": ("C:evil.png", "leaves the folder"),
    "backslash": ("circles\\evil.png", "leaves the folder"),
    "control character": ("circles/evil\n.png", "control character"),
    "symbolic link": (with_kind("circles/link.png", stat.S_IFLNK), "link or a device"),
    "device": (with_kind("circles/zero", stat.S_IFCHR), "link or a device"),
    "pipe": (with_kind("circles/pipe", stat.S_IFIFO), "link or a device"),
    "the same name twice": ("circles/good.png", "is there twice"),
    "the same name in capitals": ("circles/GOOD.png", "is there twice"),
}


@pytest.mark.filterwarnings("ignore:Duplicate name")
@pytest.mark.parametrize("case", BAD_MEMBERS)
def test_a_bad_member_condemns_the_archive(tmp_path, case):
    """Also where it is not among the chosen ones, and whether it comes first or last."""
    member, sentence = BAD_MEMBERS[case]
    good = ("circles/good.png", b"good")
    for order in ([(member, b"../../../etc/passwd"), good], [good, (member, b"../../../etc/passwd")]):
        archive = write_zip(tmp_path / "archive.zip", order)
        for choose in (everything, lambda path: "good.png" if path.name == "good.png" else None):
            with pytest.raises(ValueError, match=f"archive.zip is refused.*{sentence}"):
                unpack(archive, tmp_path / "into", choose, most=1000)
    assert not (tmp_path / "into").exists() and not (tmp_path / "evil.png").exists()


def test_a_bad_member_leaves_nothing_of_the_set(source, tmp_path):
    row = from_server(source, "shapes", zip_bytes(SHAPES | {"../../evil.png": b"evil"}))
    with pytest.raises(ValueError, match="file.zip is refused, for its member .*leaves the folder"):
        fetch(row, tmp_path / "data")
    assert files_below(tmp_path) == {} and list((tmp_path / "data").iterdir()) == []


def test_an_archive_that_declares_too_much(tmp_path):
    archive = write_zip(tmp_path / "bomb.zip", [("a", bytes(10_000_000))])
    assert archive.stat().st_size < 20_000
    with pytest.raises(ValueError, match="would fill 10 MB, and at most 5 MB"):
        unpack(archive, tmp_path / "into", everything, most=5_000_000)
    assert not (tmp_path / "into").exists()


def test_an_archive_that_declares_too_little(tmp_path):
    """A million bytes behind a declared ten: no more than ten are written, and the checksum betrays it."""
    archive = write_zip(tmp_path / "liar.zip", [("a", bytes(1_000_000))])
    content = archive.read_bytes().replace(struct.pack("<I", 1_000_000), struct.pack("<I", 10))
    archive.write_bytes(content)
    with pytest.raises(ValueError, match="damaged or no zip archive"):
        unpack(archive, tmp_path / "into", everything, most=100)
    assert sum(path.stat().st_size for path in (tmp_path / "into").iterdir()) <= 10


def test_encrypted_members_are_refused(tmp_path):
    archive = write_zip(tmp_path / "secret.zip", [("a", b"abc")])
    content = bytearray(archive.read_bytes())
    content[content.index(b"PK\x01\x02") + 8] |= 1
    archive.write_bytes(content)
    with pytest.raises(ValueError, match="is encrypted"):
        unpack(archive, tmp_path / "into", everything, most=100)


def tar_with_links():
    file = io.BytesIO()
    with tarfile.open(fileobj=file, mode="w") as archive:
        for name, kind in (("hard", tarfile.LNKTYPE), ("soft", tarfile.SYMTYPE)):
            info = tarfile.TarInfo(name)
            info.type, info.linkname = kind, "/etc/passwd"
            archive.addfile(info)
    return file.getvalue()


def spoiled():
    """One byte of the packed data changed: only the checksum can tell."""
    content = bytearray(zip_bytes({"circles/a.png": bytes(range(256)) * 20}))
    content[70] ^= 0xFF
    return bytes(content)


@pytest.mark.parametrize(
    "content",
    [b"", b"<html>Log in</html>", tar_with_links(), zip_bytes(SHAPES)[:-1000], spoiled()],
    ids=["empty", "a login page", "a tar with links", "cut", "one byte changed"],
)
def test_what_is_no_whole_zip_archive(source, tmp_path, content):
    (tmp_path / "archive.zip").write_bytes(content)
    with pytest.raises(ValueError, match="archive.zip is damaged or no zip archive"):
        unpack(tmp_path / "archive.zip", tmp_path / "into", everything, most=10**7)
    row = from_server(source, "shapes", content)
    with pytest.raises(ValueError, match="damaged or no zip archive"):
        fetch(row, tmp_path / "data")
    assert list((tmp_path / "data").iterdir()) == []


def test_two_members_for_one_place(tmp_path):
    archive = write_zip(tmp_path / "two.zip", [("a/x.png", b"1"), ("b/x.png", b"2")])
    with pytest.raises(ValueError, match="want the same place"):
        unpack(archive, tmp_path / "into", lambda path: path.name, most=100)


def test_unpack_counts_what_it_wrote(tmp_path):
    members = [("a/", b""), ("a/x.png", b"1"), ("a/b/y.png", b"22"), ("z", b"")]
    archive = write_zip(tmp_path / "ok.zip", members)
    assert unpack(archive, tmp_path / "into", lambda p: p.name if p.suffix else None, most=100) == 2
    assert files_below(tmp_path / "into") == {"x.png": b"1", "y.png": b"22"}


def test_verify_wants_a_known_word(tmp_path):
    with pytest.raises(ValueError, match='"counted" or "decoded"'):
        verify(SOURCES["shapes"], tmp_path, images="maybe")
