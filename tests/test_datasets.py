"""The five sets: which one is taken, how it is split, and what happens where it is damaged."""

import dataclasses
import hashlib
import subprocess
import sys
import threading
from itertools import combinations, count
from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from helpers import course, datasets, drawing
from helpers.course import origin
from helpers.datasets import ImageSet, Part, catalogue, cats_vs_dogs, chest_xray, digits, image_files, mnist, shapes
from helpers.datasets.image_files import read_image
from helpers.datasets.image_folders import go_round
from helpers.drawing.shapes import shape_image

LOADERS = {load.__name__: load for load in (shapes, cats_vs_dogs, chest_xray, digits, mnist)}
ALL_SETS = [*((name, {}) for name in LOADERS), *(("shapes", {"split": split}) for split in range(1, 5))]
SHAPE_CLASSES = ("circles", "squares", "triangles")
_seeds = count()


def picture(path, seed=None):
    """Write a small image, different from every other one unless a seed is given."""
    path.parent.mkdir(parents=True, exist_ok=True)
    rng = np.random.default_rng(next(_seeds) if seed is None else [seed, 1])
    Image.fromarray(rng.integers(0, 256, (4, 4, 3), np.uint8)).save(path, "PNG")


def fill_shapes(folder, counts=(10, 10, 10)):
    for name, number in zip(SHAPE_CLASSES, counts, strict=True):
        for each in range(1, number + 1):
            picture(folder / name / f"drawing({each}).png")


def fill_cats(folder, train=4, validation=6):
    for kind in ("cat", "dog"):
        for each in range(train):
            picture(folder / "train" / f"{kind}s" / f"{kind}.{each}.png")
        for each in range(validation):
            picture(folder / "validation" / f"{kind}s" / f"{kind}.{2000 + each}.png")


def fill_xrays(folder, train=30, test=12):
    for part, number in (("train", train), ("test", test)):
        for each in range(number):
            picture(folder / part / "NORMAL" / f"IM-{each // 2:04}-{each:04}.png")
            germ = "virus" if each % 3 else "bacteria"
            picture(folder / part / "PNEUMONIA" / f"person{each // 3}_{germ}_{each}.png")


def write_csv(path, rows=280):
    path.parent.mkdir(parents=True, exist_ok=True)
    rng = np.random.default_rng(3)
    header = ",".join(["label", *(f"pixel{place}" for place in range(784))])
    lines = [",".join(map(str, [row % 10, *rng.integers(0, 256, 784)])) for row in range(rows)]
    path.write_text("\n".join([header, *lines]) + "\n", encoding="utf-8")


def mnist_arrays(train=240, test=140):
    rng = np.random.default_rng(4)
    arrays = {}
    for part, number in (("train", train), ("test", test)):
        arrays[f"x_{part}"] = rng.integers(0, 256, (number, 28, 28), dtype=np.uint8)
        arrays[f"y_{part}"] = (np.arange(number) % 10).astype(np.uint8)
    return arrays


@pytest.fixture
def data(tmp_path, monkeypatch):
    """An empty data folder, and a build folder of the test's own."""
    (tmp_path / "data").mkdir()
    monkeypatch.setenv("COURSE_DATA", str(tmp_path / "data"))
    monkeypatch.setattr(course, "ROOT", tmp_path)
    return tmp_path / "data"


def sizes(image_set):
    return {name: len(part) for name, part in image_set.parts.items()}


def assert_one_sentence(error, *words):
    text = str(error.value)
    assert "\n" not in text and text.endswith(".") and len(text) < 500, text
    for word in words:
        assert word in text, text


# Parts are apart


def marks(part):
    """What may not be found in another part, by kind; patients of another folder are others."""
    images = part.pixels if part.pixels is not None else (read_image(path, size=part.size) for path in part.files)
    return {
        "file": set(part.files),
        "patient": {(path.parents[1].name, group) for path, group in zip(part.files, part.groups)},
        "content": {hashlib.sha256(np.ascontiguousarray(image)).hexdigest() for image in images},
    }


def overlaps(image_set):
    """Which parts share images, how many, and by what: (part, part, kind, count)."""
    found = {name: marks(part) for name, part in image_set.parts.items()}
    return [
        (one, two, kind, len(of_one[kind] & of_two[kind]))
        for (one, of_one), (two, of_two) in combinations(found.items(), 2)
        for kind in of_one
        if of_one[kind] & of_two[kind]
    ]


def assert_sound(image_set):
    """What holds for every set, real or embedded."""
    assert overlaps(image_set) == []
    for part in image_set.parts.values():
        assert part.class_names == image_set.class_names and min(part.counts.values()) > 0
        assert part.labels.dtype == part.numbers.dtype == np.int64
        assert len(part) == len(part.labels) == len(part.numbers) == sum(part.counts.values())
        assert len(part.files) in (0, len(part)) and len(part.groups) in (0, len(part))
    assert all(note.endswith(".") and "\n" not in note for note in image_set.notes)


@pytest.mark.parametrize("name, arguments", ALL_SETS)
def test_parts_of_embedded_sets_share_nothing(name, arguments):
    image_set = LOADERS[name](**arguments)
    assert_sound(image_set)
    assert (image_set.name, image_set.origin) == (name, "embedded") == (name, origin(name))
    assert len(image_set.notes) == 1 and "stand in" in image_set.notes[0]


@pytest.mark.real_data
@pytest.mark.parametrize("name, arguments", ALL_SETS)
def test_parts_of_real_sets_share_nothing(name, arguments):
    assert_sound(LOADERS[name](**arguments))


EMBEDDED_COUNTS = {
    "shapes": {"train": 165, "validation": 45, "test": 90},
    "cats_vs_dogs": {"train": 600, "validation": 100, "test": 100},
    "chest_xray": {"train": 320, "validation": 80, "look": 80, "test": 80},
    "digits": {"train": 1197, "validation": 200, "test": 400},
    "mnist": {"train": 1197, "validation": 200, "test": 400},
}
SHAPE_OF_IMAGES = {
    "shapes": (28, 28, 3),
    "cats_vs_dogs": (150, 150, 3),
    "chest_xray": (150, 150, 3),
    "digits": (28, 28, 1),
    "mnist": (28, 28, 1),
}


@pytest.mark.parametrize("name", LOADERS)
def test_embedded_sets_have_their_counts_and_shapes(name):
    image_set = LOADERS[name]()
    found = {part: len(images) for part, images in image_set.parts.items()}
    if name == "chest_xray":  # whole patients move, so a few images more or fewer
        assert found.keys() == EMBEDDED_COUNTS[name].keys() and sum(found.values()) == 560
        assert all(abs(found[part] - number) <= 6 for part, number in EMBEDDED_COUNTS[name].items())
    else:
        assert found == EMBEDDED_COUNTS[name]
    for part in image_set.parts.values():
        assert max(part.counts.values()) - min(part.counts.values()) <= 0.1 * len(part)
    images = image_set.validation.images
    assert images.shape == (len(image_set.validation), *SHAPE_OF_IMAGES[name]) and images.dtype == np.float32
    assert 0 <= images.min() <= images.max() <= 1


REAL_COUNTS = {
    "shapes": {"train": 165, "validation": 45, "test": 90},
    "digits": {"train": 34_000, "validation": 3_000, "test": 5_000},
    "mnist": {"train": 55_000, "validation": 5_000, "test": 10_000},
    "cats_vs_dogs": {"train": 2000, "validation": 500, "test": 500},
}


@pytest.mark.real_data
@pytest.mark.parametrize("name", REAL_COUNTS)
def test_real_sets_have_their_counts(name):
    image_set = LOADERS[name]()
    assert image_set.origin == "real"
    assert {part: len(images) for part, images in image_set.parts.items()} == REAL_COUNTS[name]


@pytest.mark.real_data
def test_real_photographs_share_no_number_and_the_articles_xray_is_there():
    names = [path.name for part in cats_vs_dogs().parts.values() for path in part.files]
    assert len(set(names)) == len(names) == 3000
    xrays = chest_xray()
    assert "IM-0115" in xrays.train.groups + xrays.validation.groups
    assert len(xrays.look) + len(xrays.test) == 624 and abs(len(xrays.look) - len(xrays.test)) <= 20


@pytest.mark.real_data
def test_real_drawings_by_hand_are_grouped_by_person():
    own = datasets.own_images()
    assert np.bincount(own.labels).tolist() == [300, 300, 300] and own.origin == "real"
    groups, warnings = datasets.proposed_groups(own.files)
    assert len(set(groups)) == 12 and warnings == ()


def arrays_part(numbers, values, *, folder="s", groups=()):
    pixels = np.array(values, np.uint8)[:, None, None, None] * np.ones((1, 2, 2, 1), np.uint8)
    files = tuple(Path(f"{folder}/a/{number}.png") for number in numbers)
    return Part([0] * len(numbers), ("a",), numbers=numbers, files=files, groups=groups, pixels=pixels)


@pytest.mark.parametrize(
    "other, kinds",
    [
        (arrays_part([3, 4], [8, 9]), []),
        (arrays_part([2, 3], [8, 9]), ["file"]),
        (arrays_part([2, 3], [8, 9], folder="else"), []),
        (arrays_part([3, 4], [8, 1]), ["content"]),
        (arrays_part([1, 2], [0, 1]), ["file", "content"]),
        (arrays_part([3, 4], [8, 9], groups=("Eva", "Ida")), ["patient"]),
        (arrays_part([3, 4], [8, 9], groups=("Eva", "Ida"), folder="else"), []),
    ],
)
def test_overlaps_are_found_by_their_kind(other, kinds):
    one = arrays_part([1, 2], [0, 1], groups=("Ada", "Eva"))
    apart = arrays_part([10], [100], groups=("Uwe",))
    found = overlaps(ImageSet("set", "real", (), ("a",), None, train=one, validation=apart, test=other))
    assert [kind for *_, kind, _ in found] == kinds
    assert all(parts == ["train", "test"] for *parts, _, _ in found)


def test_overlaps_of_files_are_found(tmp_path):
    picture(tmp_path / "a.png", seed=1)
    picture(tmp_path / "b.png", seed=1)
    picture(tmp_path / "c.png", seed=2)
    a, b, c = (Part([0], ("x",), [0], files=(tmp_path / name,), size=(4, 4)) for name in ("a.png", "b.png", "c.png"))
    found = overlaps(ImageSet("set", "real", (), ("x",), None, train=a, validation=c, test=b))
    assert found == [("train", "test", "content", 1)]
    found = overlaps(ImageSet("set", "real", (), ("x",), None, train=a, validation=c, test=a, look=b))
    assert found == [
        ("train", "look", "content", 1),
        ("train", "test", "file", 1),
        ("train", "test", "content", 1),
        ("look", "test", "content", 1),
    ]


# Parts


def labelled(counts):
    labels = np.repeat(np.arange(len(counts)), counts)
    pixels = np.arange(len(labels), dtype=np.uint8)[:, None, None, None]
    return Part(labels, tuple("abcdef"[: len(counts)]), np.arange(len(labels)), pixels=pixels)


@pytest.mark.parametrize("counts", [(20, 20, 20), (1, 9), (30, 5, 11), (4,)])
def test_subsets_are_balanced_and_grow_without_changing(counts):
    part = labelled(counts)
    whole = part.subset(len(part))
    assert sorted(whole.numbers) == sorted(part.numbers)
    for number in range(1, len(part) + 1):
        chosen = part.subset(number)
        np.testing.assert_array_equal(chosen.numbers, whole.numbers[:number])
        np.testing.assert_array_equal(chosen.labels, part.labels[chosen.numbers])
        np.testing.assert_array_equal(chosen.images, part.images[chosen.numbers])
        taken = chosen.counts.values()
        assert all(each >= min(most, max(taken) - 1) for each, most in zip(taken, counts, strict=True))


def test_subsets_are_drawn_not_cut_off():
    numbers = labelled((20, 20, 20)).subset(6).numbers
    assert sorted(numbers % 20) != [0, 0, 1, 1, 2, 2] and len(set(numbers)) == 6


@pytest.mark.parametrize("number", [0, -1, 61, 2.0, "3", None, True])
def test_impossible_subsets_are_an_error(number):
    with pytest.raises(ValueError) as error:
        labelled((20, 20, 20)).subset(number)
    assert_one_sentence(error, "from 1 to 60", repr(number))


def test_parts_are_joined_in_order(data):
    fill_xrays(data / "chest_xray")
    xrays = chest_xray(size=5)
    both = xrays.train + xrays.validation
    assert both.files == xrays.train.files + xrays.validation.files
    assert both.groups == xrays.train.groups + xrays.validation.groups
    np.testing.assert_array_equal(both.labels, [*xrays.train.labels, *xrays.validation.labels])
    np.testing.assert_array_equal(both.numbers, [*xrays.train.numbers, *xrays.validation.numbers])
    np.testing.assert_array_equal(both.images, np.concatenate([xrays.train.images, xrays.validation.images]))
    digit = digits()
    joined = digit.train + digit.validation
    np.testing.assert_array_equal(joined.images[-200:], digit.validation.images)


def test_parts_of_different_sets_are_not_joined(data):
    fill_shapes(data / "shapes")
    small, large = shapes(size=4).train, shapes(size=8).train
    for other in (large, labelled((4, 4, 4))):
        with pytest.raises(ValueError) as error:
            small + other
        assert_one_sentence(error)
    with pytest.raises(TypeError):
        small + small.images


def test_images_are_loaded_once_when_asked_for(data):
    fill_shapes(data / "shapes")
    train = shapes(size=4).train
    few = train.subset(5)
    assert train.images is train.images and few.images.shape == (5, 4, 4, 3)
    for image, path in zip(few.images, few.files, strict=True):
        np.testing.assert_array_equal(image, datasets.read_image(path, size=4))
    for path in train.files:
        path.unlink()
    assert len(train.images) == len(train)
    with pytest.raises(FileNotFoundError):
        len(train.subset(4).images)


def test_parts_cannot_be_changed(data):
    part = digits().validation
    for array in (part.images, part.labels, part.numbers):
        with pytest.raises(ValueError):
            array[0] = 1
    with pytest.raises(dataclasses.FrozenInstanceError):
        part.labels = None
    assert repr(part).startswith("Part of 200 images: 0 20, ")
    assert repr(digits()).startswith("digits (embedded): train 1197, ")


# Which set is taken


def test_importing_loads_neither_keras_nor_other_heavy_libraries():
    code = (
        "import sys; from helpers import datasets; "
        "print(*{'keras', 'tensorflow', 'sklearn', 'pandas', 'scipy', 'matplotlib'} & set(sys.modules))"
    )
    done = subprocess.run(
        [sys.executable, "-c", code], cwd=Path(datasets.__file__).parents[1], capture_output=True, text=True, check=True
    )
    assert done.stdout.strip() == ""


@pytest.mark.parametrize(
    "there, real",
    [
        ([], set()),
        (["shapes"], {"shapes"}),
        (["mnist"], {"mnist", "digits"}),
        (["digit_recognizer"], {"digits"}),
        (["cats_vs_dogs", "chest_xray", "other"], {"cats_vs_dogs", "chest_xray"}),
    ],
)
def test_a_folder_makes_a_set_real(data, there, real):
    for name in there:
        (data / name).mkdir()
    assert {name for name in LOADERS if origin(name) == "real"} == real


def test_an_unknown_set_is_an_error_that_lists_the_sets():
    with pytest.raises(KeyError) as error:
        origin("cats")
    assert all(name in str(error.value) for name in LOADERS)


def test_a_data_folder_that_is_none_is_an_error(monkeypatch, tmp_path):
    monkeypatch.setenv("COURSE_DATA", str(tmp_path / "nowhere"))
    for load in LOADERS.values():
        with pytest.raises(NotADirectoryError):
            load()


@pytest.mark.parametrize("name", LOADERS)
@pytest.mark.parametrize("kind", ["empty folder", "file", "link to nothing"])
def test_a_broken_real_set_is_an_error_and_never_replaced(data, name, kind):
    place = data / course.SETS[name][0]
    if kind == "empty folder":
        place.mkdir()
    elif kind == "file":
        place.write_text("x")
    else:
        place.symlink_to(data / "nowhere")
    with pytest.raises((ValueError, FileNotFoundError)) as error:
        LOADERS[name]()
    assert_one_sentence(error, str(place), "take")


def empty_class(folder):
    for path in (folder / "squares").iterdir():
        path.unlink()


def damaged_class(folder):
    for path in (folder / "squares").iterdir():
        path.write_bytes(b"")


def copied_class(folder):
    for path in (folder / "squares").iterdir():
        picture(path, seed=1)


def one_class(folder):
    for name in ("circles", "triangles"):
        (folder / name).rename(folder.parent / name)


@pytest.mark.parametrize(
    "damage, words",
    [
        (empty_class, "has 0"),
        (damaged_class, "has 0"),
        (copied_class, "has 1"),
        (one_class, "has no circles and no triangles"),
    ],
)
def test_folders_of_shapes_with_too_little_in_them_are_an_error(data, damage, words):
    fill_shapes(data / "shapes")
    damage(data / "shapes")
    with pytest.raises((ValueError, FileNotFoundError)) as error:
        shapes()
    assert_one_sentence(error, words)


def test_what_is_left_out_is_said_in_notes(data):
    fill_shapes(data / "shapes", (11, 10, 12))
    (data / "shapes" / "circles" / "drawing(3).png").write_bytes(b"")
    (data / "shapes" / "triangles" / ".DS_Store").write_bytes(b"x")
    (data / "shapes" / "ovals").mkdir()
    picture(data / "shapes" / "triangles" / "drawing(2).png", seed=5)
    picture(data / "shapes" / "triangles" / "drawing(11).png", seed=5)
    Image.new("L", (4, 4)).save(data / "shapes" / "squares" / "drawing(4).png")
    found = shapes(size=4)
    assert found.notes == (
        "shapes: not read, as none of circles, squares, triangles: ovals.",
        "shapes/circles/drawing(3).png cannot be read as an image and is left out: "
        "its content is none of JPEG, PNG, GIF, BMP, TIFF, WEBP, PPM.",
        "shapes/squares: converted to plain 8-bit RGB: drawing(4).png (L).",
        "shapes/triangles: no image file, so not read: .DS_Store.",
        "shapes: exact copies of images in the same folder are left out: "
        "triangles/drawing(11).png (the same as triangles/drawing(2).png).",
    )
    assert sum(len(part) for part in found.parts.values()) == 10 + 10 + 11
    assert_sound(found)


# Embedded sets are drawn once


@pytest.fixture
def drawn(data, monkeypatch):
    """A quick stand-in for drawing: the list of calls."""
    calls = []

    def draw_set(name, folder):
        calls.append(name)
        fill_shapes(folder)

    monkeypatch.setattr(drawing, "draw_set", draw_set)
    return calls


def test_an_embedded_set_is_drawn_once_and_anew_when_the_drawing_changes(drawn, data, monkeypatch):
    first = shapes(size=4)
    assert drawn == ["shapes"] and shapes(size=4).folder == first.folder and drawn == ["shapes"]
    assert first.folder == data.parent / "build" / "embedded" / image_files._drawing_version() / "shapes"
    monkeypatch.setattr(image_files, "_drawing_version", lambda: "changed")
    assert shapes(size=4).folder.parent.name == "changed" and len(drawn) == 2


def test_the_drawing_version_follows_the_code(tmp_path, monkeypatch):
    monkeypatch.setattr(image_files, "__file__", str(tmp_path / "datasets" / "image_files.py"))
    package = tmp_path / "drawing" / "__init__.py"
    package.parent.mkdir()
    package.write_text("a = 1\n")
    version = image_files._drawing_version()
    assert len(version) == 8
    package.write_bytes(b"a = 1\r\n")  # as git may check it out on Windows
    assert image_files._drawing_version() == version
    (tmp_path / "drawing" / "more.py").write_text("b = 2\n")
    assert image_files._drawing_version() != version


def test_an_interrupted_drawing_leaves_nothing(data, monkeypatch):
    def draw_half(kind, seed):
        if seed == 3:
            raise KeyboardInterrupt
        return shape_image(kind, seed=seed)

    monkeypatch.setattr("helpers.drawing.sets.SHAPES_A_CLASS", 10)
    with monkeypatch.context() as patch:
        patch.setattr("helpers.drawing.sets.shape_image", draw_half)
        with pytest.raises(KeyboardInterrupt):
            shapes(size=4)
    assert [path.name for path in (data.parent / "build" / "embedded").rglob("*")] == [image_files._drawing_version()]
    assert len(shapes(size=4).train) > 0


def test_two_that_draw_at_once_use_one_folder(data, monkeypatch):
    both_here, folders = threading.Barrier(2, timeout=30), []

    def draw_together(kind, seed):
        if (kind, seed) == ("circles", 1):
            both_here.wait()  # both have seen that there is no folder
        return shape_image(kind, seed=seed)

    monkeypatch.setattr("helpers.drawing.sets.SHAPES_A_CLASS", 10)
    monkeypatch.setattr("helpers.drawing.sets.shape_image", draw_together)
    threads = [threading.Thread(target=lambda: folders.append(image_files.set_folder("shapes"))) for _ in range(2)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert len(folders) == 2 and folders[0] == folders[1]
    assert [path.name for path in folders[0].parent.iterdir()] == [folders[0].name]
    assert sum(path.suffix == ".png" for path in folders[0].rglob("*")) == 30


# Shapes


@pytest.mark.parametrize("number", [*range(5, 60), 97, 100, 123, 1000])
def test_the_five_splits_test_every_image_once_or_twice(number):
    tested = np.zeros(number, int)
    for split in range(5):
        parts = go_round(number, split)
        assert sorted(np.concatenate(list(parts.values()))) == list(range(number))
        assert min(len(places) for places in parts.values()) >= 1
        tested[parts["test"]] += 1
    assert set(tested) <= {1, 2}


def test_of_a_hundred_images_the_splits_are_those_of_the_docstring():
    for split in range(5):
        parts = go_round(100, split)
        assert parts["test"].tolist() == [(20 * split + place) % 100 for place in range(30)]
        assert parts["validation"].tolist() == [(20 * split + 30 + place) % 100 for place in range(15)]
        assert len(parts["train"]) == 55


def test_shapes_are_labelled_by_their_folder(data):
    fill_shapes(data / "shapes", (20, 25, 30))
    tested = []
    for split in range(5):
        found = shapes(split=split, size=(6, 4))
        assert found.class_names == SHAPE_CLASSES and found.origin == "real"
        assert found.test.counts == {"circles": 6, "squares": 8, "triangles": 9}
        for part in found.parts.values():
            folders = [path.parent.name for path in part.files]
            assert [SHAPE_CLASSES[label] for label in part.labels] == folders
            assert [f"drawing({number})" for number in part.numbers] == [path.stem for path in part.files]
            assert part.images.shape[1:] == (6, 4, 3)
        tested += found.test.files
    assert len(set(tested)) == 75


def test_the_split_does_not_depend_on_when_files_were_written(data):
    fill_shapes(data / "shapes")
    before = shapes(size=4)
    moved = data / "shapes" / "circles" / "drawing(5).png"
    content = moved.read_bytes()
    moved.unlink()
    moved.write_bytes(content)
    after = shapes(size=4)
    assert {name: part.files for name, part in before.parts.items()} == {
        name: part.files for name, part in after.parts.items()
    }


@pytest.mark.parametrize("arguments", [{"split": 5}, {"split": -1}, {"split": "0"}, {"split": True}, {"size": 0}])
def test_wrong_arguments_of_shapes_are_an_error(drawn, arguments):
    with pytest.raises(ValueError) as error:
        shapes(**arguments)
    assert_one_sentence(error, repr(*arguments.values()))


# Cats and dogs


def test_cats_and_dogs_choose_and_report_from_the_validation_folder(data):
    fill_cats(data / "cats_vs_dogs")
    found = cats_vs_dogs(size=4)
    assert found.class_names == ("cats", "dogs") and found.train.counts == {"cats": 4, "dogs": 4}
    assert found.validation.counts == found.test.counts == {"cats": 3, "dogs": 3}
    assert {path.parents[1].name for path in found.train.files} == {"train"}
    assert {path.parents[1].name for path in found.validation.files + found.test.files} == {"validation"}
    assert found.notes == ()
    assert_sound(found)


def test_a_photograph_in_two_folders_is_kept_in_one(data):
    folder = data / "cats_vs_dogs"
    fill_cats(folder)
    for name in ("train/cats/cat.1.png", "train/cats/cat.2.png", "validation/dogs/dog.2003.png"):
        picture(folder / name, seed=9)
    picture(folder / "validation/cats/cat.2001.png", seed=8)
    picture(folder / "validation/cats/cat.2004.png", seed=8)
    (folder / "test").mkdir()
    found = cats_vs_dogs(size=4)
    assert found.train.counts == {"cats": 2, "dogs": 4}
    assert sum(part.counts["cats"] for part in (found.validation, found.test)) == 5
    assert len(found.notes) == 3 and "none of train, validation: test." in found.notes[0]
    assert "cats/cat.1.png (the same as dogs/dog.2003.png), cats/cat.2.png" in found.notes[1]
    assert "cats/cat.2004.png (the same as cats/cat.2001.png)" in found.notes[2]
    assert_sound(found)


# X-rays


@pytest.mark.parametrize(
    "file, patient",
    [
        ("person123_virus_4.jpeg", "person123"),
        ("person123_bacteria_5.jpeg", "person123"),
        ("IM-0115-0001.jpeg", "IM-0115"),
        ("IM-0115-0001-0002.jpeg", "IM-0115"),
        ("NORMAL2-IM-0027-0001.jpeg", "NORMAL2-IM-0027"),
        ("NORMAL2-IM-0173-0001-0002.jpeg", "NORMAL2-IM-0173"),
        ("my own.jpeg", "my own"),
        ("person12.jpeg", "person12"),
    ],
)
def test_the_name_of_an_xray_tells_its_patient(data, file, patient):
    fill_xrays(data / "chest_xray")
    picture(data / "chest_xray" / "train" / "PNEUMONIA" / file)
    xrays = chest_xray(size=4)
    both = xrays.train + xrays.validation
    assert both.groups[[path.name for path in both.files].index(file)] == patient
    unknown = [note for note in xrays.notes if "tells no patient" in note]
    assert len(unknown) == (patient == Path(file).stem)


def test_xrays_are_split_by_patient(data):
    fill_xrays(data / "chest_xray", train=60, test=24)
    xrays = chest_xray(size=4)
    assert_sound(xrays)
    assert list(xrays.parts) == ["train", "validation", "look", "test"]
    assert len(xrays.train) + len(xrays.validation) == 120 and abs(len(xrays.validation) - 24) <= 4
    assert len(xrays.look) + len(xrays.test) == 48 and abs(len(xrays.look) - len(xrays.test)) <= 6
    for part in xrays.parts.values():
        assert abs(part.counts["NORMAL"] - part.counts["PNEUMONIA"]) <= 6
    folders = {name: {path.parents[1].name for path in part.files} for name, part in xrays.parts.items()}
    assert folders == {"train": {"train"}, "validation": {"train"}, "look": {"test"}, "test": {"test"}}


def test_patients_who_share_an_image_stay_together(data):
    folder = data / "chest_xray"
    fill_xrays(folder, test=16)
    for number in range(1, 8):  # a chain: patients 0 and 1 share an image, 1 and 2 another, and so on
        picture(folder / "test" / "NORMAL" / f"IM-{number - 1:04}-{2 * number - 1:04}.png", seed=100 + number)
        picture(folder / "test" / "NORMAL" / f"IM-{number:04}-{2 * number:04}.png", seed=100 + number)
    for number in range(40, 46):
        picture(folder / "test" / "NORMAL" / f"IM-{number:04}-0001.png")
    xrays = chest_xray(size=4)
    assert_sound(xrays)
    sides = ["IM-0000" in part.groups for part in (xrays.look, xrays.test)]
    assert sorted(sides) == [False, True]
    assert sum(name == "IM-0000" for part in (xrays.look, xrays.test) for name in part.groups) == 16
    notes = "\n".join(xrays.notes)
    assert "share an image count as one: IM-0001 and IM-0000, IM-0002 and IM-0000" in notes
    assert "kept in one part with its original: 7 of 38." in notes


def test_a_training_xray_that_is_in_the_test_part_is_left_out(data):
    folder = data / "chest_xray"
    fill_xrays(folder)
    picture(folder / "train" / "NORMAL" / "IM-0003-0006.png", seed=6)
    picture(folder / "test" / "PNEUMONIA" / "person1_virus_4.png", seed=6)
    xrays = chest_xray(size=4)
    assert len(xrays.train) + len(xrays.validation) == 59 and len(xrays.look) + len(xrays.test) == 24
    assert "NORMAL/IM-0003-0006.png (the same as PNEUMONIA/person1_virus_4.png)" in "\n".join(xrays.notes)
    assert_sound(xrays)


@pytest.mark.filterwarnings("ignore:The least populated class")
@pytest.mark.parametrize("numbers", [{"train": 6}, {"test": 3}])
def test_too_few_patients_are_an_error(data, numbers):
    fill_xrays(data / "chest_xray", **numbers)
    with pytest.raises(ValueError) as error:
        chest_xray()
    assert_one_sentence(error, "patients", *numbers)


# Digits


def test_digits_of_kaggles_kind_are_read_from_their_csv(data):
    write_csv(data / "digit_recognizer" / "train.csv")
    (data / "mnist").mkdir()
    np.savez(data / "mnist" / "mnist.npz", **mnist_arrays())
    found = digits()
    assert_sound(found)
    assert sizes(found) == {"train": 227, "validation": 20, "test": 33}
    assert found.notes == ("digits: 280 digits instead of 42,000, split in proportion.",)
    rows = np.loadtxt(data / "digit_recognizer" / "train.csv", delimiter=",", skiprows=1)
    for part in found.parts.values():
        np.testing.assert_array_equal(part.labels, rows[part.numbers, 0])
        np.testing.assert_allclose(part.images.reshape(-1, 784) * 255, rows[part.numbers, 1:], atol=1e-3)


def test_digits_are_taken_from_mnists_training_images_where_there_is_no_csv(data, monkeypatch):
    (data / "mnist").mkdir()
    arrays = mnist_arrays()
    np.savez_compressed(data / "mnist" / "mnist.npz", **arrays)
    monkeypatch.setattr(catalogue, "KAGGLE_ROWS", 210)
    found = digits()
    assert_sound(found)
    assert sizes(found) == {"train": 170, "validation": 15, "test": 25}
    assert found.notes == (
        "digits: Kaggle's train.csv is not there, so the first 210 training images of MNIST take its place.",
    )
    for part in found.parts.values():
        np.testing.assert_allclose(part.images[..., 0] * 255, arrays["x_train"][part.numbers], atol=1e-3)
        assert part.numbers.max() < 210


def test_mnist_keeps_its_public_numbers(data):
    (data / "mnist").mkdir()
    arrays = mnist_arrays()
    np.savez(data / "mnist" / "mnist.npz", **arrays)
    found = mnist()
    assert_sound(found)
    assert sizes(found) == {"train": 220, "validation": 20, "test": 140}
    assert set(found.validation.counts.values()) == {2}
    for name, part in found.parts.items():
        source = "test" if name == "test" else "train"
        np.testing.assert_allclose(part.images[..., 0] * 255, arrays[f"x_{source}"][part.numbers], atol=1e-3)
        np.testing.assert_array_equal(part.labels, arrays[f"y_{source}"][part.numbers])
    np.testing.assert_array_equal(found.test.numbers, np.arange(140))
    assert found.notes == ("mnist: 240 + 140 images instead of 60,000 + 10,000.",)


def edit_line(number, change):
    """A change of one line (counted from 1) of a CSV file, given as a list of cells."""

    def edit(lines):
        return [*lines[: number - 1], ",".join(change(lines[number - 1].split(","))), *lines[number:]]

    return edit


def put(place, text):
    return lambda cells: [*cells[:place], text, *cells[place + 1 :]]


BAD_CSV = {
    "empty": lambda lines: [],
    "no header": lambda lines: lines[1:],
    "no rows": lambda lines: lines[:1],
    "test.csv": edit_line(1, lambda cells: cells[1:]),
    "missing column": edit_line(1, lambda cells: cells[:500] + cells[501:]),
    "other order": edit_line(1, lambda cells: [*cells[1:], "label"]),
    "semicolons": lambda lines: [line.replace(",", ";") for line in lines],
    "short row": edit_line(7, lambda cells: cells[:-3]),
    "long row": edit_line(7, lambda cells: [*cells, "4"]),
    "all rows long": lambda lines: [lines[0], *(f"{row},4" for row in lines[1:])],
    "cut": lambda lines: [*lines[:40], lines[40][:900]],
    "letter": edit_line(9, put(11, "x")),
    "empty cell": edit_line(9, put(11, "")),
    "fraction": edit_line(9, put(11, "0.5")),
    "300": edit_line(281, put(784, "300")),
    "huge": edit_line(4, put(3, "1" + "0" * 30)),
    "just 65536": edit_line(4, put(3, "65536")),
    "negative": edit_line(4, put(3, "-1")),
    "label 12": edit_line(5, put(0, "12")),
    "after a blank line": lambda lines: [*lines[:3], "", *edit_line(4, put(3, "?"))(lines)[3:]],
}


@pytest.mark.parametrize("damage", BAD_CSV)
def test_a_damaged_csv_is_an_error(data, damage):
    path = data / "digit_recognizer" / "train.csv"
    write_csv(path)
    path.write_text("\n".join(BAD_CSV[damage](path.read_text().splitlines())), encoding="utf-8")
    with pytest.raises(ValueError) as error:
        digits()
    assert_one_sentence(error, str(path), "line 1 must be label,pixel0,...,pixel783")


@pytest.mark.parametrize("content", [b"\x89PNG\r\n\x1a\n\x00\xff\xfe\x80", b"\x00" * 900, b"PK\x03\x04" + b"\xff" * 99])
def test_a_csv_that_is_no_text_is_an_error(data, content):
    path = data / "digit_recognizer" / "train.csv"
    path.parent.mkdir()
    path.write_bytes(content)
    with pytest.raises(ValueError) as error:
        digits()
    assert_one_sentence(error, str(path))


def test_a_csv_with_a_byte_order_mark_windows_line_ends_and_a_blank_last_line_is_read(data):
    path = data / "digit_recognizer" / "train.csv"
    write_csv(path)
    path.write_bytes(b"\xef\xbb\xbf" + path.read_bytes().replace(b"\n", b"\r\n") + b"\r\n")
    assert sum(len(part) for part in digits().parts.values()) == 280


@pytest.mark.parametrize("rows", [20, 130])
def test_a_csv_too_short_to_split_is_an_error(data, rows):
    write_csv(data / "digit_recognizer" / "train.csv", rows)
    with pytest.raises(ValueError) as error:
        digits()
    assert_one_sentence(error, f"needs 14 of each digit, and has {rows // 10} of the rarest")


BAD_ARRAYS = {
    "missing": {"y_test": None},
    "float": {"x_train": np.zeros((240, 28, 28))},
    "flat": {"x_test": np.zeros((140, 784), np.uint8)},
    "number": {"x_test": np.uint8(3)},
    "none": {"x_test": np.zeros((0, 28, 28), np.uint8)},
    "fewer labels": {"y_train": np.zeros(239, np.uint8)},
    "one-hot": {"y_train": np.zeros((240, 10), np.uint8)},
    "label 10": {"y_train": np.full(240, 10, np.uint8)},
    "pickled": {"y_train": np.array([None] * 240)},
    "one class": {"y_test": np.zeros(140, np.uint8)},
}


@pytest.mark.parametrize("damage", BAD_ARRAYS)
def test_an_archive_with_wrong_arrays_is_an_error(data, damage):
    changed = {**mnist_arrays(), **BAD_ARRAYS[damage]}
    arrays = {name: array for name, array in changed.items() if array is not None}
    (data / "mnist").mkdir()
    np.savez(data / "mnist" / "mnist.npz", **arrays)
    with pytest.raises(ValueError) as error:
        mnist()
    assert_one_sentence(error, "mnist", "0 of the rarest" if damage == "one class" else "x_train and x_test must be")


@pytest.mark.parametrize(
    "damage",
    [
        lambda content: b"",
        lambda content: b"text",
        lambda content: content[: len(content) // 2],
        lambda content: content[:5000] + bytes(500) + content[5500:],
        lambda content: b"\x93NUMPY" + content,
    ],
)
def test_a_damaged_archive_is_an_error(data, damage):
    path = data / "mnist" / "mnist.npz"
    path.parent.mkdir()
    np.savez_compressed(path, **mnist_arrays())
    path.write_bytes(damage(path.read_bytes()))
    for load in (mnist, digits):
        with pytest.raises(ValueError) as error:
            load()
        assert_one_sentence(error, str(path), "damaged")


def test_a_plain_array_in_place_of_the_archive_is_an_error(data):
    (data / "mnist").mkdir()
    with (data / "mnist" / "mnist.npz").open("wb") as file:
        np.save(file, np.zeros(3))
    with pytest.raises(ValueError) as error:
        mnist()
    assert_one_sentence(error, "damaged")


def test_embedded_digits_have_mnists_form():
    for part in digits().parts.values():
        ink = part.images[..., 0]
        heights = ink.any(axis=2).sum(axis=1)
        widths = ink.any(axis=1).sum(axis=1)
        assert np.maximum(heights, widths).max() <= 20 and np.median(heights) == 20
        rows = (ink.sum(axis=2) * np.arange(28)).sum(axis=1) / ink.sum(axis=(1, 2))
        columns = (ink.sum(axis=1) * np.arange(28)).sum(axis=1) / ink.sum(axis=(1, 2))
        assert abs(rows - 14).max() <= 0.75 and abs(columns - 14).max() <= 0.75
        assert ink.max(axis=(1, 2)).min() == 1
    for name, part in digits().parts.items():
        np.testing.assert_array_equal(part.images, mnist().parts[name].images)
