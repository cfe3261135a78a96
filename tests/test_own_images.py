"""Images of one's own: which folder is read, how an image is prepared, what is left out, which groups are proposed."""

import dataclasses
from types import SimpleNamespace

import numpy as np
import pytest
from PIL import Image

from helpers import course
from helpers._shared.errors import CourseError
from helpers.datasets import own_image, own_images, proposed_groups
from helpers.workshop.commands.reproduce import why_not_commit
from helpers.workshop.notebooks import resume


@pytest.fixture(autouse=True)
def place(tmp_path, monkeypatch):
    """An empty data folder, and a build folder of the test's own."""
    (tmp_path / "data").mkdir()
    monkeypatch.setenv("COURSE_DATA", str(tmp_path / "data"))
    monkeypatch.setattr(course, "ROOT", tmp_path)
    return tmp_path


def picture(path, seed, shape=(4, 4), **how):
    path.parent.mkdir(parents=True, exist_ok=True)
    Image.fromarray(np.random.default_rng(seed).integers(0, 256, (*shape, 3), np.uint8)).save(path, **how)


def fill(folder, classes=("ants", "bees"), count=20, name="{}_{:02}.png"):
    """A folder of class folders with so many different images each."""
    for label, class_name in enumerate(classes):
        for number in range(count):
            picture(folder / class_name / name.format(class_name, number), [label, number])
    return folder


def assert_one_sentence(error, *words):
    text = str(error.value)
    assert "\n" not in text and text.endswith(".") and ": " in text and len(text) < 600, text
    for word in words:
        assert word in text, text


# Which folder


def test_without_a_folder_twelve_drawn_hands_stand_in(monkeypatch):
    monkeypatch.setattr("helpers.drawing.sets.SHAPES_A_HAND", 2)
    own = own_images(size=32)
    assert own.origin == "embedded" == course.origin("hand_drawn_shapes")
    assert repr(own) == "72 images (embedded): ellipse 24, rectangle 24, triangle 24"
    assert own.class_names == ("ellipse", "rectangle", "triangle")
    assert own.files[:3] == ("ellipse/person01_00.png", "ellipse/person01_01.png", "ellipse/person02_00.png")
    assert len(own.notes) == 1 and "drawn hands stand in" in own.notes[0]
    assert own.images.shape == (72, 32, 32, 3) and own.images.dtype == np.float32
    assert own.labels.dtype == np.int64 and own.labels.tolist() == [0] * 24 + [1] * 24 + [2] * 24
    assert own.sizes.tolist() == [[70, 70]] * 72
    groups, warnings = proposed_groups(own.files)
    assert sorted(set(groups)) == [f"person{hand:02}" for hand in range(1, 13)] and warnings == ()


def test_the_data_folders_set_is_real_and_a_named_folder_ones_own(place, monkeypatch):
    fill(place / "data/hand_drawn_shapes", ("ellipse", "triangle"))
    assert own_images(size=8).origin == "real" == course.origin("hand_drawn_shapes")
    fill(place / "mine")
    for folder in ("mine", place / "mine"):
        assert own_images(folder, size=8).class_names == ("ants", "bees")
        monkeypatch.setenv("OWN_IMAGES", str(folder))
        own = own_images(size=8)
        assert (own.class_names, own.origin) == (("ants", "bees"), "own")
        assert course.origin("hand_drawn_shapes") == "own" and course.origin("shapes") == "embedded"
    assert "your own images" in str(course.show_setup("hand_drawn_shapes"))
    with pytest.raises(dataclasses.FrozenInstanceError):
        own.origin = "real"


def test_a_run_on_ones_own_images_is_never_taken_for_finished(place, monkeypatch):
    import nbformat

    monkeypatch.setattr(resume, "made_from", lambda path: "the same")
    (place / "done").mkdir()
    for origin, found in (("embedded", True), ("own", False), ("real", False)):
        monkeypatch.setenv("OWN_IMAGES", "mine" if origin == "own" else "")
        notebook = nbformat.v4.new_notebook(metadata={"course": {"data": {"hand_drawn_shapes": origin}, "seconds": 1}})
        nbformat.write(notebook, place / "done/10_a.ipynb")
        resume.remember(place / "10_a.ipynb", place / "done")
        assert (resume.finished(place / "10_a.ipynb", place / "done") is not None) == found


def test_a_run_on_ones_own_images_is_never_committed():
    outcome = SimpleNamespace(error=None, setup={"data": {"hand_drawn_shapes": "own"}})
    assert why_not_commit(outcome) == "it ran on images of your own; unset OWN_IMAGES"


# One image


@pytest.mark.parametrize("shape", [(8, 8), (8, 16), (16, 8), (40, 10), (3, 5), (1, 200), (200, 1)])
def test_an_image_fits_whole_into_the_square(place, shape):
    Image.new("RGB", shape[::-1], (200, 40, 20)).save(place / "a.png")
    image = own_image(place / "a.png", size=16)
    np.testing.assert_allclose(image, np.broadcast_to(np.float32([200, 40, 20]) / 255, (16, 16, 3)), atol=1e-6)


def test_the_rest_of_the_square_has_the_mean_colour_of_the_border(place):
    pixels = np.zeros((4, 8, 3), np.uint8)
    pixels[:, :4] = 255
    Image.fromarray(pixels).save(place / "a.png")
    image = own_image(place / "a.png", size=8)
    np.testing.assert_array_equal(image[2:6], pixels / np.float32(255))
    np.testing.assert_allclose(image[[0, 1, 6, 7]], 0.5)


def test_an_image_lies_upright_and_its_size_is_told_so(place):
    exif = Image.Exif()
    exif[0x0112] = 6  # to be turned by a quarter
    fill(place / "mine")
    for name in ("zz.jpg", "zz.tif"):  # a TIFF is turned by Pillow itself
        picture(place / "mine/ants" / name, ord(name[-1]), (160, 320), exif=exif)
    own = own_images(place / "mine", size=8)
    assert own.sizes[20:22].tolist() == [[320, 160]] * 2 and own.files[20:22] == ("ants/zz.jpg", "ants/zz.tif")
    assert own.notes == ()


def test_one_new_file_is_prepared_as_those_of_a_folder(place):
    fill(place / "mine", name="{}{}.png")
    picture(place / "mine/ants/tall.jpg", 5, (90, 30))
    own = own_images(place / "mine", size=16)
    for file, image in zip(own.files, own.images, strict=True):
        np.testing.assert_array_equal(own_image(place / "mine" / file, size=16), image)


# What is left out


def test_what_is_left_out_is_said(place):
    fill(place / "mine", ("Äpfel & Birnen", "bees"), 21)
    ants, bees = place / "mine/Äpfel & Birnen", place / "mine/bees"
    (bees / "broken.jpg").write_bytes(b"no image")
    (bees / "empty.png").write_bytes(b"")
    (bees / "IMG_1.HEIC").write_bytes(b"x")
    (bees / "copy.png").write_bytes((ants / "Äpfel & Birnen_03.png").read_bytes())
    (place / "mine/__MACOSX").mkdir()
    (place / "mine/.hidden").mkdir()
    (place / "mine/notes.txt").write_text("x")
    Image.new("L", (4, 4)).save(bees / "grey.png")  # read as it is, and not worth a note
    own = own_images(place / "mine", size=8)
    assert own.class_names == ("bees", "Äpfel & Birnen") and np.bincount(own.labels).tolist() == [23, 20]
    assert own.notes == (
        "mine: not read, as none of bees, Äpfel & Birnen: .hidden, __MACOSX, notes.txt.",
        "mine/bees/broken.jpg cannot be read as an image and is left out: "
        "its content is none of JPEG, PNG, GIF, BMP, TIFF, WEBP, PPM.",
        "mine/bees/empty.png cannot be read as an image and is left out: "
        "its content is none of JPEG, PNG, GIF, BMP, TIFF, WEBP, PPM.",
        "mine/bees: no image file, so not read: IMG_1.HEIC.",
        "mine: exact copies of images in the same folder are left out: "
        "Äpfel & Birnen/Äpfel & Birnen_03.png (the same as bees/copy.png).",
    )


@pytest.mark.parametrize(
    ("classes", "count", "words"),
    [
        ((), 0, ["2 to 20 class folders", "holds 0"]),
        (("ants",), 20, ["2 to 20 class folders", "holds 1"]),
        ([f"class {n}" for n in range(21)], 1, ["2 to 20 class folders", "holds 21"]),
        (("ants", "bees"), 19, ["mine/ants needs 20 different readable images and has 19"]),
    ],
)
def test_folders_that_do_not_serve(place, classes, count, words):
    fill(place / "mine", classes, count).mkdir(exist_ok=True)
    with pytest.raises(CourseError) as error:
        own_images(place / "mine")
    assert_one_sentence(error, *words)


def test_a_class_with_too_little_names_a_reason(place):
    fill(place / "mine")
    for path in (place / "mine/bees").iterdir():
        path.rename(path.with_suffix(".heic"))
    with pytest.raises(CourseError) as error:
        own_images(place / "mine")
    assert_one_sentence(error, "mine/bees needs 20", "has 0 (mine/bees: no image file", "bees_00.heic")
    for path in (place / "mine/bees").iterdir():
        path.with_suffix(".png").write_bytes(b"")
    with pytest.raises(CourseError) as error:
        own_images(place / "mine")
    assert_one_sentence(error, "has 0 (", "its content is none of JPEG")


@pytest.mark.parametrize("how", ["argument", "OWN_IMAGES", "data"])
def test_no_folder(place, monkeypatch, how):
    if how == "OWN_IMAGES":
        monkeypatch.setenv("OWN_IMAGES", "nowhere")
    if how == "data":
        (place / "data/hand_drawn_shapes").write_text("x")
    with pytest.raises(NotADirectoryError) as error:
        own_images("nowhere" if how == "argument" else None)
    assert_one_sentence(error, "hand_drawn_shapes" if how == "data" else "nowhere", "is no folder")


def test_a_file_that_is_none(place):
    with pytest.raises(FileNotFoundError):
        own_image(place / "nowhere.png")
    (place / "a.png").write_bytes(b"x")
    with pytest.raises(CourseError) as error:
        own_image(place / "a.png")
    assert_one_sentence(error, "cannot be read as an image")


# Groups


@pytest.mark.parametrize(
    ("name", "group"),
    [
        ("person07_12.png", "person07"),
        ("IM-0115-0001.jpeg", "IM-0115"),
        ("NORMAL2-IM-0027-0001.jpeg", "NORMAL2-IM-0027"),
        ("person123_bacteria_5.jpeg", "person123"),
        ("20231105_101112.jpg", "20231105"),
        ("IMG-20231105-WA0007.jpg", "IMG-20231105"),
        ("anna 3.jpg", "anna"),
        ("anna (3).jpg", "anna"),
        ("Änne-3-left.jpg", "Änne"),
        ("garden.jpg", "garden"),
        ("garden.old.jpg", "garden.old"),
        ("0001.jpg", "a number"),
        ("IMG_0003 (2).jpg", "IMG_0003"),
    ],
)
def test_a_group_is_the_beginning_of_a_name(name, group):
    others = [f"a/one{n}_1.png" for n in range(4)]
    assert proposed_groups([f"a/{name}", *others])[0] == [group, "one0", "one1", "one2", "one3"]


def names(**classes):
    return [f"{name}/{file}" for name, files in classes.items() for file in files]


def numbered(beginning, count, first=1):
    return [f"{beginning}{number}.jpg" for number in range(first, first + count)]


PEOPLE = [f"{name}_{number}.jpg" for name in ("ana", "bea", "cid") for number in range(4)]


@pytest.mark.parametrize(
    ("files", "count", "warnings"),
    [
        (names(cats=PEOPLE, dogs=PEOPLE), 3, []),
        (
            names(cats=numbered("IMG_", 9), dogs=numbered("IMG_", 9, 10)),
            18,
            ["More than half of a class begins with IMG, so"],
        ),
        (names(cats=numbered("", 9), dogs=numbered("", 9)), 18, ["More than half of a class begins with a number, so"]),
        (names(cats=numbered("cat.", 9), dogs=numbered("dog.", 9)), 18, ["begins with cat, dog, so"]),
        (names(cats=numbered("cat.", 9), dogs=PEOPLE), 12, ["begins with cat, so"]),
        (
            names(cats=[*numbered("IMG_", 9), *PEOPLE[:8]], dogs=PEOPLE),
            12,
            ["More than half of a class begins with IMG"],
        ),
        (names(cats=PEOPLE[:8], dogs=PEOPLE), 3, ["Three parts need three groups of each class", "fewer: cats 2."]),
        (
            names(cats=["tim.jpg", "tom.jpg", "max.jpg"], dogs=["a.jpg", "b.jpg", "c.jpg"]),
            6,
            ["No two names begin alike"],
        ),
        (["IMG_1.jpg", "IMG_2.jpg", "IMG_3.jpg"], 3, ["begins with IMG"]),
    ],
)
def test_groups_and_warnings(files, count, warnings):
    groups, said = proposed_groups(files)
    assert len(groups) == len(files) and len(set(groups)) == count
    assert len(said) == min(1, len(warnings)) and all(words in said[0] for words in warnings)
    assert all(sentence.endswith(".") and "\n" not in sentence for sentence in said)


def test_a_warning_of_groups_says_what_to_do():
    assert proposed_groups(["IMG_1.jpg", "IMG_2.jpg", "IMG_3.jpg"]) == (
        ["IMG_1.jpg", "IMG_2.jpg", "IMG_3.jpg"],
        (
            "More than half of a class begins with IMG, so each image of these counts as a group of its own: "
            "where several show one person, thing or place, give them one group by hand.",
        ),
    )
