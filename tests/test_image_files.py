"""Reading image files and checking folders of them: every kind of file there is, and every kind of damage."""

import io
import os
import struct
import warnings
import zlib

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from PIL import Image

from helpers import course
from helpers._shared.errors import CourseError
from helpers.datasets import image_files
from helpers.datasets.image_files import check_folder, natural_order, read_image

RED, BLUE = (200, 40, 20), (20, 40, 200)


@pytest.fixture(autouse=True)
def own_build_folder(tmp_path_factory, monkeypatch):
    """Finished checks are remembered in a folder of the test's own."""
    root = tmp_path_factory.mktemp("root")
    monkeypatch.setattr(course, "ROOT", root)
    return root


def flat(mode, value, side=8):
    return Image.new(mode, (side, side), value)


def sixteen(value):
    return Image.fromarray(np.full((8, 8), value, np.uint16))


def noise(height, width, seed=1):
    return np.random.default_rng(seed).integers(0, 256, (height, width, 3), dtype=np.uint8)


def encoded(image, kind, **options):
    file = io.BytesIO()
    image.save(file, kind, **options)
    return file.getvalue()


def palette_with_hole():
    image = Image.new("P", (8, 8), 1)
    image.putpalette([0, 0, 0, *RED])
    return encoded(image, "PNG", transparency=1)


def animated(kind):
    frames = [flat("RGB", RED), flat("RGB", BLUE)]
    return encoded(frames[0], kind, save_all=True, append_images=frames[1:])


def png_of_size(width, height, *, pixels=b""):
    """The bytes of a PNG whose header claims any size."""

    def chunk(name, body):
        return struct.pack(">I", len(body)) + name + body + struct.pack(">I", zlib.crc32(name + body))

    header = struct.pack(">IIBBBBB", width, height, 8, 2, 0, 0, 0)
    chunks = chunk(b"IHDR", header), chunk(b"IDAT", zlib.compress(pixels)), chunk(b"IEND", b"")
    return b"\x89PNG\r\n\x1a\n" + b"".join(chunks)


PLAIN = encoded(flat("RGB", RED), "PNG")
JPEG = encoded(Image.fromarray(noise(64, 64)), "JPEG")

KINDS = {  # name: bytes, expected colour 0..255, allowed difference, words in the note
    "plain.png": (PLAIN, RED, 0, ""),
    "photo.jpg": (encoded(flat("RGB", RED), "JPEG", quality=95), RED, 3, ""),
    "lossless.webp": (encoded(flat("RGB", RED), "WEBP", lossless=True), RED, 0, ""),
    "plain.bmp": (encoded(flat("RGB", RED), "BMP"), RED, 0, ""),
    "plain.ppm": (encoded(flat("RGB", RED), "PPM"), RED, 0, ""),
    "cmyk.jpg": (encoded(flat("CMYK", (0, 255, 255, 0)), "JPEG"), (255, 0, 0), 4, "(CMYK)"),
    "grey.png": (encoded(flat("L", 77), "PNG"), (77,) * 3, 0, "(L)"),
    "bits.png": (encoded(flat("1", 1), "PNG"), (255,) * 3, 0, "(1)"),
    "sixteen.png": (encoded(sixteen(32896), "PNG"), (128,) * 3, 0.01, "(I;16"),
    "sixteen_dark.png": (encoded(sixteen(300), "PNG"), (300 / 257,) * 3, 0.01, "(I;16"),
    "sixteen.tif": (encoded(sixteen(65535), "TIFF"), (255,) * 3, 0, "(I;16"),
    "sixteen.pgm": (encoded(sixteen(32896), "PPM"), (128,) * 3, 0.01, "(I)"),
    "palette.png": (encoded(flat("RGB", RED).quantize(), "PNG"), RED, 0, "(P)"),
    "hole.png": (palette_with_hole(), (255,) * 3, 0, "(P)"),
    "half.png": (encoded(flat("RGBA", (0, 0, 0, 51)), "PNG"), (204,) * 3, 1, "(RGBA)"),
    "clear.png": (encoded(flat("LA", (0, 0)), "PNG"), (255,) * 3, 0, "(LA)"),
    "colour_key.png": (encoded(flat("RGB", RED), "PNG", transparency=RED), (255,) * 3, 0, ""),
    "moving.gif": (animated("GIF"), RED, 0, "(P)"),
    "moving.png": (animated("PNG"), RED, 0, ""),
    "pages.tif": (animated("TIFF"), RED, 0, ""),
}


@pytest.mark.parametrize("name", KINDS)
def test_every_kind_of_file_is_read_in_its_own_colours(tmp_path, name):
    content, colour, allowed, _ = KINDS[name]
    path = tmp_path / name
    path.write_bytes(content)
    image = read_image(path)
    assert image.shape == (8, 8, 3) and image.dtype == np.float32
    np.testing.assert_allclose(image * 255, np.broadcast_to(colour, (8, 8, 3)), atol=allowed + 1e-3)
    grey = read_image(str(path), size=(5, 3), colour="grey")
    assert grey.shape == (5, 3, 1) and grey.dtype == np.float32
    assert np.allclose(grey * 255, np.dot(colour, [0.299, 0.587, 0.114]), atol=allowed + 1)


@pytest.mark.parametrize("name", KINDS)
def test_what_was_converted_is_named_and_nothing_else(tmp_path, name):
    content, _, _, words = KINDS[name]
    (tmp_path / name).write_bytes(content)
    _, notes = check_folder(tmp_path, name="set/class")
    if not words:
        assert notes == []
    else:
        assert len(notes) == 1 and notes[0].startswith("set/class: converted to plain 8-bit RGB: ")
        assert words in notes[0] and name in notes[0]


UPRIGHT = {  # EXIF orientation -> what to do with the stored pixels, by the EXIF standard
    1: lambda stored: stored,
    2: lambda stored: stored[:, ::-1],
    3: lambda stored: stored[::-1, ::-1],
    4: lambda stored: stored[::-1],
    5: lambda stored: stored.transpose(1, 0, 2),
    6: lambda stored: np.rot90(stored, -1),
    7: lambda stored: stored[::-1, ::-1].transpose(1, 0, 2),
    8: lambda stored: np.rot90(stored),
}


@pytest.mark.parametrize("kind", ["PNG", "TIFF", "WEBP"])
@pytest.mark.parametrize("orientation", UPRIGHT)
def test_images_are_turned_upright(tmp_path, orientation, kind):
    stored = noise(4, 6)
    exif = Image.Exif()
    exif[0x0112] = orientation
    path = tmp_path / f"turned.{kind.lower()}"
    options = {"lossless": True} if kind == "WEBP" else {}
    Image.fromarray(stored).save(path, kind, exif=exif, **options)
    np.testing.assert_allclose(read_image(path) * 255, UPRIGHT[orientation](stored), atol=1e-3)


def test_a_turned_photograph_is_upright_at_a_small_size_too(tmp_path):
    stored = np.zeros((400, 200, 3), np.uint8)
    stored[:100] = 255  # the top of what is stored is the right side of what was seen
    exif = Image.Exif()
    exif[0x0112] = 6
    Image.fromarray(stored).save(tmp_path / "phone.jpg", exif=exif)
    image = read_image(tmp_path / "phone.jpg", size=(20, 40))
    assert image[:, 32:].min() > 0.95 and image[:, :28].max() < 0.05


def test_damaged_metadata_does_not_cost_the_picture(tmp_path):
    exif = b"Exif\x00\x00II*\x00\xff\xff\xff\xff" + b"\x07" * 30
    Image.fromarray(noise(9, 9)).save(tmp_path / "photo.jpg", exif=exif)
    Image.fromarray(noise(9, 9)).save(tmp_path / "other.png", exif=b"Exif\x00\x00no EXIF at all")
    with warnings.catch_warnings():
        warnings.simplefilter("error")  # a remark of Pillow's would be stderr output in a notebook
        assert read_image(tmp_path / "photo.jpg").shape == (9, 9, 3)
        contents, notes = check_folder(tmp_path, name="x")
    assert len(contents) == 2 and notes == []


@pytest.mark.parametrize(
    "size, shape",
    [(None, (30, 50, 3)), (7, (7, 7, 3)), ((4, 9), (4, 9, 3)), ([60, 80], (60, 80, 3)), (np.int8(5), (5, 5, 3))],
)
def test_sizes(tmp_path, size, shape):
    Image.fromarray(noise(30, 50)).save(tmp_path / "a.png")
    image = read_image(tmp_path / "a.png", size=size)
    assert image.shape == shape and 0 <= image.min() <= image.max() <= 1


@pytest.mark.parametrize("bits", [8, 16])
def test_making_smaller_averages_and_does_not_pick(tmp_path, bits):
    board = np.indices((64, 64)).sum(axis=0) % 2
    pixels = (board * 255).astype(np.uint8) if bits == 8 else (board * 65535).astype(np.uint16)
    Image.fromarray(pixels).save(tmp_path / "board.png")
    image = read_image(tmp_path / "board.png", size=8)
    assert abs(image[2:6, 2:6] - 0.5).max() < 0.02
    assert image.min() >= 0 and image.max() <= 1


def test_a_large_jpeg_decoded_small_is_within_two_steps_of_the_whole(tmp_path):
    smooth = Image.fromarray(noise(40, 50)).resize((1000, 800), Image.Resampling.BICUBIC)
    smooth.save(tmp_path / "large.jpg", quality=92)
    with Image.open(tmp_path / "large.jpg") as whole:
        exact = np.asarray(whole.resize((28, 28), Image.Resampling.LANCZOS), np.float32)
    assert abs(read_image(tmp_path / "large.jpg", size=28) * 255 - exact).max() <= 2


DAMAGED = {
    "empty.png": b"",
    "text.png": b"these are words\n" * 9,
    "cut.jpg": JPEG[: len(JPEG) // 2],
    "cut.png": encoded(Image.fromarray(noise(64, 64)), "PNG")[:3000],
    "cut.gif": encoded(Image.fromarray(noise(64, 64)), "GIF")[:2000],
    "head_only.jpg": JPEG[:30],
    "bomb.png": png_of_size(60_000, 60_000),
    "large.png": png_of_size(12_000, 9_000),
    "lies.png": png_of_size(8, 8, pixels=b"\x00" * 10),
    "program.png": b"%!PS-Adobe-3.0 EPSF-3.0\n%%BoundingBox: 0 0 10 10\n(x) print\n",
    "floats.tif": encoded(Image.fromarray(np.ones((4, 4), np.float32)), "TIFF"),
    "long_numbers.tif": encoded(Image.fromarray(np.full((4, 4), 10**6, np.int32)), "TIFF"),
}


def assert_one_sentence(error, *words):
    text = str(error.value)
    assert "\n" not in text and text.endswith(".") and len(text) < 400, text
    for word in words:
        assert word in text, text
    assert error.value.__cause__ is None and error.value.__suppress_context__ == bool(error.value.__context__)


@pytest.mark.parametrize("name", DAMAGED)
def test_damaged_files_are_an_error_of_one_sentence(tmp_path, name):
    (tmp_path / name).write_bytes(DAMAGED[name])
    with warnings.catch_warnings(), pytest.raises(ValueError) as error:
        warnings.simplefilter("error")
        read_image(tmp_path / name)
    assert error.type is CourseError
    assert_one_sentence(error, name)


def test_missing_file_and_folder_are_errors_of_one_sentence(tmp_path):
    with pytest.raises(FileNotFoundError) as error:
        read_image(tmp_path / "none.png")
    assert_one_sentence(error, "none.png")
    with pytest.raises(ValueError) as error:
        read_image(tmp_path)
    assert_one_sentence(error, "directory")


@pytest.mark.parametrize(
    "arguments",
    [
        {"size": 0},
        {"size": -3},
        {"size": (5,)},
        {"size": (5, 0)},
        {"size": "28"},
        {"size": 2.5},
        {"size": (1, 2, 3)},
        {"colour": "RGB"},
        {"colour": None},
    ],
)
def test_wrong_arguments_are_errors_of_one_sentence(tmp_path, arguments):
    (tmp_path / "a.png").write_bytes(PLAIN)
    with pytest.raises(ValueError) as error:
        read_image(tmp_path / "a.png", **arguments)
    assert_one_sentence(error, repr(next(iter(arguments.values()))))


SPECIMENS = [
    JPEG,
    encoded(Image.fromarray(noise(9, 9)), "PNG"),
    animated("GIF"),
    KINDS["sixteen.tif"][0],
    encoded(Image.fromarray(noise(9, 9)), "WEBP"),
    KINDS["plain.bmp"][0],
]


@settings(max_examples=150, derandomize=True, deadline=None, database=None)
@given(
    specimen=st.sampled_from(SPECIMENS),
    places=st.lists(st.floats(0, 0.999), min_size=1, max_size=8),
    value=st.integers(0, 255),
    cut=st.floats(0.1, 1),
)
def test_random_damage_gives_an_image_or_a_value_error(tmp_path_factory, specimen, places, value, cut):
    broken = bytearray(specimen[: max(1, int(cut * len(specimen)))])
    for place in places:
        broken[int(place * len(broken))] = value
    path = tmp_path_factory.mktemp("damage") / "a.png"
    path.write_bytes(broken)
    try:
        image = read_image(path, size=6)
    except ValueError as error:
        assert type(error) is CourseError and str(path) in str(error)
    else:
        assert image.shape == (6, 6, 3) and np.isfinite(image).all() and 0 <= image.min() <= image.max() <= 1


def test_natural_order():
    names = ["drawing(10).png", "drawing(2).png", "b.png", "2.png", "10.png", "drawing(1).png", "x²3.png"]
    expected = ["2.png", "10.png", "b.png", "drawing(1).png", "drawing(2).png", "drawing(10).png", "x²3.png"]
    assert sorted(names, key=natural_order) == expected


def test_a_folder_with_every_kind_of_trouble(tmp_path):
    good = dict.fromkeys(["a2.png", "a10.png"], PLAIN)
    unread = {".hidden.png": PLAIN, **dict.fromkeys([".DS_Store", "Thumbs.db", "notes.txt"], b"x")}
    for name, content in {**DAMAGED, **good, **unread}.items():
        (tmp_path / name).write_bytes(content)
    (tmp_path / "deeper.png").mkdir()
    (tmp_path / "gone.png").symlink_to(tmp_path / "nowhere.png")
    contents, notes = check_folder(tmp_path, name="set/class")
    assert [path.name for path in contents] == ["a2.png", "a10.png"]
    text = "\n".join(notes)
    for name in DAMAGED:
        assert f"set/class/{name} cannot be read as an image and is left out: " in text
    assert "not read: .DS_Store, .hidden.png, Thumbs.db and 3 more." in text
    assert len(notes) == len(DAMAGED) + 1 and str(tmp_path) not in text


def test_many_converted_files_are_one_sentence_with_three_names_and_a_count(tmp_path):
    for number in range(12):
        (tmp_path / f"{number}.png").write_bytes(KINDS["grey.png"][0])
    _, notes = check_folder(tmp_path, name="x")
    assert notes == ["x: converted to plain 8-bit RGB: 0.png (L), 1.png (L), 2.png (L) and 9 more."]


def test_contents_are_equal_where_pixels_are(tmp_path):
    grey = Image.fromarray(np.repeat(noise(5, 5)[..., :1], 3, axis=2))
    grey.save(tmp_path / "1.png")
    grey.save(tmp_path / "2.bmp")
    grey.convert("L").save(tmp_path / "3.png")
    Image.fromarray(np.asarray(grey.convert("L")).astype(np.uint16) * 257).save(tmp_path / "4.png")
    grey.transpose(Image.Transpose.ROTATE_90).save(tmp_path / "5.png")
    grey.crop((0, 0, 5, 4)).save(tmp_path / "6.png")
    contents = list(check_folder(tmp_path, name="x")[0].values())
    assert len(set(contents[:4])) == 1 and len(set(contents)) == 3


@pytest.fixture
def decoded(monkeypatch):
    """The names of the files that are decoded, as they are."""
    names, decode = [], image_files._decode
    monkeypatch.setattr(image_files, "_decode", lambda path: names.append(path.name) or decode(path))
    return names


def test_a_finished_check_is_remembered_until_a_file_changes(tmp_path, decoded, own_build_folder):
    for name in ("a.png", "b.png"):
        (tmp_path / name).write_bytes(PLAIN)
    (tmp_path / "c.png").write_bytes(b"no image")
    first = check_folder(tmp_path, name="x")
    assert decoded == ["a.png", "b.png", "c.png"]
    assert check_folder(tmp_path, name="x") == first and len(decoded) == 3
    (tmp_path / "b.png").write_bytes(KINDS["grey.png"][0])
    os.utime(tmp_path / "b.png", ns=(1, 1))
    (tmp_path / "a.png").unlink()
    assert [path.name for path in check_folder(tmp_path, name="x")[0]] == ["b.png"]
    assert decoded[3:] == ["b.png"]
    assert len(list((own_build_folder / "build" / "checks").iterdir())) == 1


@pytest.mark.parametrize(
    "content",
    [
        b"",
        b"{",
        b"\xff\xfe",
        b'{"form": 1, "files": {}}',
        b'{"a.png": {"stamp": [1, %s], "problem": null, "converted": [], "content": "of an older form"}}',
    ],
)
def test_a_damaged_memory_is_ignored_and_made_anew(tmp_path, decoded, own_build_folder, content):
    (tmp_path / "a.png").write_bytes(PLAIN)
    first = check_folder(tmp_path, name="x")
    memory = next((own_build_folder / "build" / "checks").iterdir())
    good, status = memory.read_bytes(), (tmp_path / "a.png").stat()
    memory.write_bytes(content.replace(b"%s", b"%d, %d" % (status.st_size, status.st_mtime_ns)))
    assert check_folder(tmp_path, name="x") == first
    assert decoded == ["a.png", "a.png"] and memory.read_bytes() == good
