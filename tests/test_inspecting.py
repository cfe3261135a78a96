"""Inspecting a network: what it takes, what it answers, the table, the grids, the page and the command."""

import base64
import io
import re
import shutil
from contextlib import nullcontext
from html.parser import HTMLParser

import keras
import numpy as np
import old_files as old
import pytest
from accessible import complaints
from keras import layers
from lab_browser import open_page
from old_networks import nested_first, stack
from PIL import Image

from helpers.activations import layer_names, read_activations
from helpers.models.input_format import image_to_network, what_it_takes
from helpers.workshop.commands import main
from helpers.workshop.inspecting import inspect_network, page, page_pictures, write_page
from helpers.workshop.inspecting import layers as table_of_layers
from helpers.workshop.inspecting.answers import as_share, read_answers

RANDOM = np.random.default_rng(7)
keras.utils.set_random_seed(7)


def grey():
    """Softmax over three classes; the wide layer has more than 512 units."""
    return keras.Sequential(
        [
            keras.Input((8, 8, 1)),
            layers.Conv2D(4, 3, activation="relu", name="conv"),
            layers.MaxPooling2D(2, name="pool"),
            layers.Flatten(name="flat"),
            layers.Dense(600, activation="relu", name="wide"),
            layers.Dense(3, activation="softmax", name="end"),
        ],
        name="grey",
    )


def merged():
    """Colour, one sigmoid, batch normalisation, activations of their own, an addition and a concatenation."""
    image = keras.Input((9, 7, 3))
    conv = layers.BatchNormalization(name="norm")(layers.Conv2D(5, 3, padding="same", name="conv")(image))
    both = layers.Add(name="add")([layers.ReLU(name="relu")(conv), layers.Activation("tanh", name="tanh")(conv)])
    both = layers.Concatenate(name="joined")([both, image])
    pooled = layers.GlobalAveragePooling2D(name="pooled")(both)
    return keras.Model(image, layers.Dense(1, activation="sigmoid", name="end")(pooled), name="merged")


def nested():
    inner = keras.Sequential(
        [keras.Input((8, 8, 3)), layers.Conv2D(520, 3, activation="relu", name="conv")], name="inner"
    )
    ends = [layers.GlobalMaxPooling2D(name="pooled"), layers.Dense(2, name="end")]
    return keras.Sequential([keras.Input((8, 8, 3)), layers.Rescaling(1 / 255, name="scaled"), inner, *ends])


def dense_only():
    return keras.Sequential([keras.Input((64,)), layers.Dense(3, activation="softmax", name="end")])


def any_size():
    ends = [layers.GlobalAveragePooling2D(name="pooled"), layers.Dense(4, activation="softmax", name="end")]
    return keras.Sequential([keras.Input((None, None, 3)), layers.Conv2D(3, 3, name="conv"), *ends])


NETWORKS = [grey, merged, nested, dense_only, any_size]


@pytest.fixture
def photo(tmp_path):
    """A photograph of noise, larger than any network takes, and not square."""
    path = tmp_path / "photo.png"
    Image.fromarray(RANDOM.integers(0, 256, (20, 30, 3), np.uint8)).save(path)
    return path


@pytest.fixture
def folder(tmp_path):
    """Two classes of four dark and four light images, and a file that is none."""
    for name, light in (("dark", 0), ("light", 155)):
        (tmp_path / "photos" / name).mkdir(parents=True)
        for number in range(4):
            pixels = RANDOM.integers(light, light + 100, (8, 8, 3), np.uint8)
            Image.fromarray(pixels).save(tmp_path / "photos" / name / f"{number}.png")
    (tmp_path / "photos" / "dark" / "broken.png").write_bytes(b"no image")
    return tmp_path / "photos"


class Outline(HTMLParser):
    """What a test asks of a page: its headings, pictures, addresses and ids."""

    def __init__(self, text):
        super().__init__()
        self.headings, self.images, self.ids, self.links = [], [], [], []
        self.feed(text)

    def handle_starttag(self, tag, attributes):
        given = dict(attributes)
        if re.fullmatch("h[1-6]", tag):
            self.headings.append(int(tag[1]))
        if tag == "img":
            self.images.append(given)
        self.ids += [given["id"]] if "id" in given else []
        self.links += [given[key] for key in ("src", "href", "srcset", "data", "poster", "action") if key in given]


@pytest.mark.parametrize("network", NETWORKS)
def test_every_layer_is_in_the_table_the_figures_and_the_page(network, photo):
    model = network()
    before = [weight.copy() for weight in model.get_weights()]
    found = inspect_network(model, photo)
    assert list(found.table.index) == layer_names(model)
    assert set(layer_names(model)) <= set(found.figures)
    assert found.figures[layer_names(model)[0]].axes
    assert all(np.array_equal(*pair) for pair in zip(before, model.get_weights()))
    assert not model.compiled
    text = page.render_page(found)
    for name in layer_names(model):
        assert f"<h3>{name}</h3>" in text
    assert (not found.heatmaps) == (network is dense_only)
    assert ("no Grad-CAM" in text) == (network is dense_only)


@pytest.mark.parametrize("network", NETWORKS)
def test_the_page_is_whole_and_can_be_read_aloud(network, photo):
    text = page.render_page(inspect_network(network(), photo))
    outline = Outline(text)
    assert outline.headings[0] == 1 and outline.headings.count(1) == 1
    steps = np.diff(outline.headings)
    assert steps.max() <= 1, "a heading level is left out"
    assert all(image["alt"] and image["src"].startswith("data:image/") for image in outline.images)
    inside = [link for link in outline.links if not link.startswith(("#", "data:"))]
    assert inside == [] and "://" not in re.sub(r"data:[^\"]*", "", text)
    assert {link[1:] for link in outline.links if link.startswith("#")} <= set(outline.ids)
    assert len(outline.ids) == len(set(outline.ids))
    assert "default-src 'none'" in text and 'name="viewport"' in text and "prefers-color-scheme: dark" in text


def test_the_table_says_what_the_layer_says(photo):
    model = merged()
    found = inspect_network(model, photo)
    activations = read_activations(model, found.given.images)
    for name, values in activations.items():
        row = found.table.loc[name]
        assert row["output"] == values.shape[1:] and row["channels"] == values.shape[-1]
        assert row["zeros"] == np.mean(values == 0)
        assert row["lowest"] == values.min() and row["highest"] == values.max()
    assert found.table["parameters"].sum() == model.count_params()
    assert list(found.table.index[found.table["after ReLU"]]) == ["relu"]


def test_chosen_layers_only(photo):
    found = inspect_network(nested(), photo, layers=["inner/conv", "end"])
    assert list(found.table.index) == list(found.activations) == ["inner/conv", "end"]
    assert "2 of its layers" in page.render_page(found)


def test_a_layer_that_hands_zeros_on_rests_at_zero_too(photo):
    assert list(inspect_network(grey(), photo).table["after ReLU"]) == [True, True, True, True, False]


@pytest.mark.parametrize(
    ("layer", "rectified"),
    [
        (lambda: layers.Conv2D(2, 3, activation="relu"), True),
        (lambda: layers.Dense(2, activation="relu6"), True),
        (lambda: layers.Activation("relu"), True),
        (lambda: layers.ReLU(6.0), True),
        (lambda: layers.ReLU(negative_slope=0.1), False),
        (lambda: layers.LeakyReLU(), False),
        (lambda: layers.Conv2D(2, 3), False),
        (lambda: layers.MaxPooling2D(), False),
    ],
)
def test_what_ends_in_a_relu(layer, rectified):
    assert table_of_layers._is_rectified(layer()) is rectified


def test_values_that_are_not_finite_are_counted(photo):
    model = merged()
    kernel, bias = model.get_layer("conv").get_weights()
    model.get_layer("conv").set_weights([kernel, np.array([np.nan, 0, 0, 0, 0], "float32")])
    found = inspect_network(model, photo)
    assert found.table.loc["conv", "not finite"] == 9 * 7
    assert "63 values not finite" in page.render_page(found)
    assert not found.heatmaps and found.notes[-1].startswith("There is no Grad-CAM: for this image")


# ---- what a network takes


def scaled(*first, name="net"):
    return keras.Sequential([keras.Input((8, 8, 3)), *first, layers.Conv2D(2, 3, name="conv")], name=name)


def divided(divisor, shift):
    image = keras.Input((8, 8, 3))
    return keras.Model(image, layers.Conv2D(2, 3, name="conv")(image / divisor - shift))


def averaged(mean):
    model = scaled(layers.BatchNormalization(name="norm"))
    model.get_layer("norm").set_weights([np.full(3, value, "float32") for value in (1, 0, mean, 60)])
    return model


@pytest.mark.parametrize(
    ("model", "scale", "words"),
    [
        (lambda: scaled(), None, "no scaling layer"),
        (lambda: scaled(layers.Rescaling(1 / 255)), "0..255", "makes 0 to 1 of 0 to 255"),
        (lambda: scaled(layers.Rescaling(1 / 127.5, -1)), "0..255", "makes -1 to 1 of 0 to 255"),
        (lambda: scaled(layers.Rescaling(2, -1)), "0..1", "makes -1 to 1 of 0 to 1"),
        (lambda: scaled(layers.RandomFlip(), layers.Rescaling(1 / 255)), "0..255", "layer rescaling"),
        (lambda: scaled(layers.Normalization(mean=120, variance=3600)), "0..255", "makes -2 to 2.25"),
        (lambda: scaled(layers.Normalization(mean=0.5, variance=0.06)), "0..1", "of 0 to 1"),
        (lambda: scaled(layers.Rescaling(1 / 255), layers.Normalization(mean=0.5, variance=0.06)), "0..255", "layers"),
        (lambda: divided(255, 0.5), "0..255", "makes -0.5 to 0.5"),
        (lambda: averaged(110), "0..255", "norm has stored 110"),
        (lambda: averaged(0.1), None, "no scaling layer"),
        (nested, "0..255", "its layer scaled"),
        (lambda: scaled(name="resnet50"), None, "no family of Keras"),
    ],
)
def test_the_scale_is_found_in_the_network(model, scale, words):
    takes = what_it_takes(model())
    assert takes.scale == scale and words in takes.reason


def test_a_layer_behind_the_first_weights_says_nothing_of_the_image():
    model = keras.Sequential([keras.Input((8, 8, 3)), layers.Conv2D(2, 3), layers.Rescaling(1 / 255)])
    assert what_it_takes(model).scale is None


@pytest.mark.parametrize(
    ("scale", "low", "high"), [("0..1", 0, 1), ("-1..1", -1, 1), ("0..255", 0, 255), ("caffe", -123.68, 151.061)]
)
def test_the_chosen_scale_is_what_the_network_gets(scale, low, high):
    takes = what_it_takes(scaled(), scale=scale)
    black, white = (image_to_network(np.full((8, 8, 3), value, np.float32), takes) for value in (0, 1))
    np.testing.assert_allclose([black.min(), white.max()], [low, high], rtol=1e-5)
    turned = image_to_network(np.zeros((8, 8, 3), np.float32), takes, invert=True)
    np.testing.assert_array_equal(turned, white)


@pytest.mark.parametrize("network", [grey, any_size])
def test_where_the_preparation_is_a_guess_the_answers_stand_side_by_side(network, photo, tmp_path, monkeypatch, capsys):
    model = network()
    found = inspect_network(model, photo)
    assert found.takes.scale is None and found.takes.guess == "0..1"
    for row, scale in enumerate(found.takes.plausible):
        chosen = inspect_network(model, photo, scale=scale)
        np.testing.assert_allclose(found.compared.values[row], chosen.answers.values[0], atol=1e-4)
        assert chosen.compared is None and "is a guess" not in page.render_page(chosen)
    text = page.render_page(found)
    assert text.index("How the images are prepared is a guess: compare.") < text.index('id="image"')
    assert all(f">{scale}</th>" in text or f">{scale}, here</th>" in text for scale in found.takes.plausible)
    monkeypatch.chdir(tmp_path)
    model.save("mine.keras")
    assert command("mine.keras", photo) == 0
    said = capsys.readouterr().out
    assert "is a guess: compare" in said and all(f"  {scale}: class " in said for scale in found.takes.plausible)


@pytest.mark.parametrize(
    ("first", "highest", "words"),
    [
        (
            (),
            255,
            "The highest value of these images is 255, and this network takes 0 to 1, as far as we can guess: divide",
        ),
        ((layers.Rescaling(2, -1),), 255, "this network takes 0 to 1: divide them by 255"),
        (
            (layers.Rescaling(1 / 255),),
            1,
            "highest value of these images is 1, and this network takes 0 to 255: multiply",
        ),
        ((layers.Rescaling(1 / 255),), 255, ""),
        ((), 1, ""),
    ],
)
def test_values_in_another_range_than_the_network_takes_are_noticed(first, highest, words):
    images = np.linspace(0, highest, 2 * 8 * 8 * 3, dtype=np.float32).reshape(2, 8, 8, 3)
    with pytest.warns(UserWarning, match=words) if words else nullcontext():
        found = inspect_network(scaled(*first), images, seconds=0)
    assert words in found.given.doubt and bool(words) == bool(found.given.doubt)
    assert ("Do these images fit the network?" in page.render_page(found)) == bool(words)


def test_an_image_that_is_not_finite_is_named():
    images = np.zeros((3, 8, 8, 1), np.float32)
    images[2, 3, 3] = np.nan
    with pytest.raises(ValueError, match=r"1 of 192 values are not, the first in images\[2\]: leave"):
        inspect_network(grey(), images)


def test_four_channels_are_colour_and_opacity(tmp_path):
    pixels = RANDOM.integers(0, 256, (8, 8, 4), np.uint8)
    Image.fromarray(pixels).save(tmp_path / "clear.png")
    Image.fromarray(pixels[..., :3]).save(tmp_path / "full.png")
    model = keras.Sequential([keras.Input((8, 8, 4)), layers.Conv2D(2, 3), layers.Flatten(), layers.Dense(2)])
    found = inspect_network(model, tmp_path, seconds=0)
    np.testing.assert_allclose(found.given.images[0], pixels / 255, atol=1e-6)
    np.testing.assert_array_equal(found.given.images[1, ..., 3], 1)
    assert found.given.originals.shape == (2, 8, 8, 3) and found.compared.values.shape == (3, 2)
    assert "opacity as a fourth channel" in page.render_page(found) and found.heatmaps
    assert found.figures["input"].axes and found.figures["grad_cam"].axes and found.figures["filters"].axes


@pytest.mark.parametrize("shape", [(784,), (28, 28)])
def test_images_without_a_channel_axis(shape, photo):
    stack = [layers.Reshape((28, 28, 1)), layers.Conv2D(2, 3, activation="relu"), layers.Flatten(), layers.Dense(3)]
    found = inspect_network(keras.Sequential([keras.Input(shape), *stack]), photo)
    assert found.given.images.shape == (1, *shape) and found.heatmaps
    assert page.render_page(found)


# ---- what it answers


@pytest.mark.parametrize(
    ("activation", "units", "outputs", "kind", "top"),
    [
        ("softmax", 3, [0.1, 0.7, 0.2], "softmax", [(1, "b", 0.7), (2, "c", 0.2), (0, "a", 0.1)]),
        ("sigmoid", 1, [0.25], "sigmoid", [(0, "a", 0.75), (1, "b", 0.25)]),
        ("sigmoid", 2, [0.5, 0.75], "labels", [(1, "b", 0.75), (0, "a", 0.5)]),
        ("linear", 2, [-3.0, 8.0], "values", [(1, "b", 8.0), (0, "a", -3.0)]),
    ],
)
def test_answers_have_their_meaning(activation, units, outputs, kind, top):
    model = keras.Sequential([keras.Input((4,)), layers.Dense(units, activation=activation)])
    answers = read_answers(model, [outputs], tuple("abc"[: len(top)]))
    assert answers.kind == kind
    found = answers.top()
    assert [row[:2] for row in found] == [row[:2] for row in top]
    np.testing.assert_allclose([row[2] for row in found], [row[2] for row in top], rtol=1e-6)


@pytest.mark.parametrize(
    ("value", "words"),
    [
        (0, "0 %"),
        (1, "100 %"),
        (0.5, "50 %"),
        (0.9999, "99.99 %"),
        (0.999999, "> 99.99 %"),
        (1e-6, "< 0.01 %"),
        (0.004, "0.4 %"),
        (np.nan, "not a number"),
    ],
)
def test_shares_are_never_rounded_to_certainty(value, words):
    assert as_share(value) == words


def two_outputs():
    image = keras.Input((8, 8, 3))
    maps = layers.Conv2D(3, 3, name="conv")(image)
    flat = layers.Flatten()(layers.Conv2D(2, 3, name="late")(maps))
    ends = [layers.Dense(1, name="age")(flat), layers.Dense(2, activation="softmax", name="kind")(flat), maps]
    return keras.Model(image, ends)


def test_several_outputs_are_all_listed_and_one_is_asked_where_from(photo, tmp_path, monkeypatch, capsys):
    model = two_outputs()
    found = {name: inspect_network(model, photo, output=name) for name in ("age", "kind")}
    age, kind, _ = model.predict(found["age"].given.images, verbose=0)
    np.testing.assert_allclose(found["age"].answers.values, age, atol=1e-6)
    np.testing.assert_allclose(found["age"].others["kind"].values, kind, atol=1e-6)
    assert (found["kind"].answers.kind, found["age"].answers.kind) == ("softmax", "values")
    asked = "the highest answer"
    assert not np.allclose(found["age"].heatmaps[asked], found["kind"].heatmaps[asked])
    assert found["age"].heatmap_layer == "late" and found["age"].made["conv"].shape == (6, 6, 3)
    by_number = inspect_network(model, photo, output=1)
    np.testing.assert_array_equal(by_number.heatmaps[asked], found["kind"].heatmaps[asked])
    with pytest.raises(ValueError, match="output must be one of age, kind, conv, not 'size'"):
        inspect_network(model, photo, output="size")
    monkeypatch.chdir(tmp_path)
    model.save("mine.keras")
    assert command("mine.keras", photo, "--output", "1", "--out", "report.html") == 0
    assert "age: the one answer " in capsys.readouterr().out
    text = (tmp_path / "report.html").read_text(encoding="utf-8")
    assert text.index("<h3>kind</h3>") < text.index("<h3>age</h3>") and "It asks about kind" in text


# ---- a folder


def sleepy():
    """Channel 1 is dead, channel 2 answers to patches lighter than any in the images, the others to what there is."""
    model = grey()
    kernel = np.zeros((3, 3, 1, 4), "float32")
    kernel[1, 1], kernel[..., 2] = 1, 1
    model.get_layer("conv").set_weights([kernel, np.array([0, -1e6, -8.3, 0.1], "float32")])
    return model


def test_a_folder_tells_dead_from_not_asked(folder):
    found = inspect_network(sleepy(), folder, layers=["conv", "pool"])
    states = {state: list(channels) for state, channels in found.states["conv"].items()}
    assert states == {"dead": [1], "not asked": [2], "not tried": []}
    assert found.table.loc["conv", "silent in all"] == 2
    assert list(found.states) == ["conv"], "pooling has no ReLU of its own"
    text = page.render_page(found)
    assert "<strong>dead</strong>: 1 (1)" in text and "broken.png cannot be read" in text


def test_without_time_nothing_is_called_dead(folder):
    states = inspect_network(sleepy(), folder, layers=["conv"], seconds=0).states["conv"]
    assert not len(states["dead"]) and 1 in states["not tried"]


def test_subfolders_are_classes(folder):
    model = merged()
    found = inspect_network(model, folder)
    assert found.given.class_names == ("dark", "light") == found.answers.class_names
    assert list(found.given.labels) == [0] * 4 + [1] * 4
    for name, values in read_activations(model, found.given.images).items():
        expected = [values[found.given.labels == label].mean(axis=0) for label in (0, 1)]
        np.testing.assert_allclose(found.means[name], expected, atol=1e-5)
    assert found.figures["class means of conv"].axes
    text = page.render_page(found)
    assert text.count("<summary>Class means: dark, light</summary>") == len(layer_names(model))
    right = int((found.answers.values.argmax(1) == found.given.labels).sum())
    assert f"{right} of 8 answers are the name of the folder" in text


def test_where_class_means_would_be_too_many_channels_get_a_row_a_class(folder, monkeypatch):
    monkeypatch.setattr("helpers.workshop.inspecting.MEANS_PICTURES", 4)
    found = inspect_network(grey(), folder, seconds=0)
    assert list(found.means) == ["wide", "end"]
    assert page.render_page(found).count("the rows are dark, light.") == 3


def test_of_many_images_as_many_of_each_class_are_drawn(folder):
    found = inspect_network(grey(), folder, most=4, seconds=0)
    assert list(found.given.labels) == [0, 0, 1, 1] and found.given.found == 8
    assert found.given.names == inspect_network(grey(), folder, most=4, seconds=0).given.names
    assert "4 images of 8" in page.render_page(found)


def test_a_folder_without_classes_has_no_class_means(folder):
    found = inspect_network(grey(), folder / "light", seconds=0)
    assert found.given.labels is None and not found.means and len(found.given.images) == 4


@pytest.mark.parametrize(
    ("names", "read"), [(("train", "val"), "val"), (("Training", "test"), "test"), (("train",), "train")]
)
def test_of_a_folder_that_holds_the_parts_of_a_set_one_is_read(names, read, folder, tmp_path):
    for name in names:
        shutil.copytree(folder, tmp_path / "set" / name)
    found = inspect_network(grey(), tmp_path / "set", seconds=0)
    assert found.given.class_names == ("dark", "light") and len(found.given.images) == 8
    assert f"set holds {' and '.join(sorted(names))}: {read} is read" in page.render_page(found)


def test_constant_images_do_not_make_channels_dead():
    states = inspect_network(sleepy(), np.zeros((2, 8, 8, 1), np.float32), layers=["conv"]).states["conv"]
    assert [list(states[state]) for state in ("dead", "not asked")] == [[1], [0, 2]]


def test_arrays_are_taken_as_they_are():
    images = RANDOM.normal(size=(3, 8, 8, 1)).astype("float32")
    found = inspect_network(grey(), images, seconds=0)
    np.testing.assert_array_equal(found.given.images, images)
    assert "3 images" in page.render_page(found)


# ---- pictures


def colours_of(uri):
    return np.asarray(Image.open(io.BytesIO(base64.b64decode(uri.split(",")[1]))).convert("RGBA"), int)


def test_the_tile_of_a_channel_shows_that_channel():
    maps = RANDOM.random((40, 40, 18)).astype("float32")
    maps[..., 5], maps[3, 4, 17] = 0, np.nan
    tiles = page_pictures.embed_grid(maps)
    pixels = colours_of(tiles.uri)
    assert pixels.shape == (2 * 41 - 1, 16 * 41 - 1, 4) and tiles.tile == tiles.places == (40, 40)
    seventeen = pixels[41:, 41 : 41 + 40]
    order = np.argsort(maps[..., 16].ravel())
    first = pixels[41:, :40].reshape(-1, 4)[order]
    assert (np.diff(first[:, 1]) >= -2).all(), "the green of viridis rises with the value"
    assert tuple(seventeen[3, 4][:3]) == (213, 94, 0), "what is no number is orange"
    assert (pixels[:40, 5 * 41 : 5 * 41 + 40, :3] == 11).all(), "a silent channel is black"
    assert (pixels[40, :, 3] == 0).all() and (pixels[41:, 2 * 41 :, 3] == 0).all(), "gaps are clear"


@pytest.mark.parametrize(
    ("shape", "most", "columns", "places"),
    [
        ((224, 224, 64), 400_000, 16, (75, 75)),
        ((7, 7, 2048), 400_000, 64, (7, 7)),
        ((5, 9, 3), 400_000, 3, (5, 9)),
        ((4096,), 400_000, 64, (1, 1)),
        ((67_712,), 400_000, 256, (1, 1)),
        ((30, 31, 600), 60_000, 32, (8, 8)),
    ],
)
def test_large_maps_are_reduced_and_wide_layers_get_longer_rows(shape, most, columns, places):
    values = RANDOM.random(shape).astype("float32")
    tiles = page_pictures.embed_grid(values, most_pixels=most)
    assert (tiles.columns, tiles.places) == (columns, places)
    assert max(tiles.width, tiles.height) < 3000


def test_reducing_takes_means():
    maps = np.arange(25, dtype=np.float32).reshape(5, 5, 1)
    reduced = page_pictures._reduced(maps, 2)[..., 0]
    np.testing.assert_allclose(reduced, [[3, 5, 6.5], [13, 15, 16.5], [20.5, 22.5, 24]])


def test_a_nearly_silent_channel_is_not_called_silent():
    maps = np.zeros((100, 100, 2), np.float32)
    maps[3, 4, 0] = 0.5
    assert page._statistics(maps) == [[0, 0.5, 0.999], [0, 0, 1]]


@pytest.mark.parametrize(
    ("height", "width", "shown"), [(28, 28, 224), (374, 500, 471), (600, 300, 176), (15, 15, 224), (2, 20, 224)]
)
def test_images_are_shown_large_enough_and_not_too_tall(height, width, shown):
    assert page._picture(np.zeros((height, width, 3), np.float32)).shown == shown


def test_what_large_images_and_maps_have_is_drawn_with_two_pixels_for_each_one_of_the_page():
    ramp = np.linspace(0, 1, 2000, dtype=np.float32)
    photo = np.stack(np.broadcast_arrays(ramp, ramp[:1400, np.newaxis], np.float32(0.5)), axis=-1)
    shown = page._picture(photo)
    assert shown.width >= 2 * shown.shown and shown.shown <= 640
    thumbnail = page._picture(photo, largest=page.THUMBNAIL)
    assert (thumbnail.width, thumbnail.height) == (240, 168)
    steps = np.diff(colours_of(thumbnail.uri)[80, :, 0])
    assert (abs(steps) <= 4).all(), "it is reduced by means: no pixel sticks out"


def test_small_maps_are_enlarged_so_that_all_their_pixels_are_as_large():
    for side in (7, 34, 50):
        tiles = page_pictures.embed_grid(RANDOM.random((side, side, 32)).astype("float32"))
        shown = page._shown(tiles)
        assert shown.sharp and 2 * shown.shown % tiles.width == 0 and shown.shown <= page.WIDEST


# ---- the command


OWN = """
import keras
class Doubled(keras.layers.Layer):
    def call(self, inputs):
        return 2 * inputs
"""


def command(*words):
    return main(["inspect", *map(str, words)])


@pytest.mark.parametrize("network", [stack, nested_first])
def test_files_of_keras_2(network, tmp_path, photo, capsys):
    entry, weights, _ = network("2.2.4")
    path = old.write_file(tmp_path / "net.h5", "2.2.4", entry, weights)
    assert command(path, photo, "--out", tmp_path / "report.html") == 0
    assert (tmp_path / "report.html").read_text(encoding="utf-8").startswith("<!DOCTYPE html>")
    assert "report.html" in capsys.readouterr().out


def test_the_command_writes_beside_where_it_is_typed(tmp_path, photo, monkeypatch, capsys):
    merged().save(tmp_path / "mine.keras")
    (tmp_path / "names.txt").write_text("cat\nd<b>og\n\n", encoding="utf-8")
    monkeypatch.chdir(tmp_path)
    assert command("mine.keras", photo, "--classes", "names.txt", "--scale", "-1..1", "--colours", "channel") == 0
    text = (tmp_path / "mine_photo.html").read_text(encoding="utf-8")
    assert "d&lt;b&gt;og" in text and "<b>og" not in text, "names are text, not code"
    assert "Scaled to -1 to 1" in text and "each channel its own range" in text
    assert "cat" in capsys.readouterr().out


def test_own_layers(tmp_path, photo, monkeypatch):
    (tmp_path / "own_layers_of_a_test.py").write_text(OWN)
    monkeypatch.chdir(tmp_path)
    monkeypatch.syspath_prepend(tmp_path)
    from own_layers_of_a_test import Doubled

    conv = [keras.Input((8, 8, 3)), Doubled(), layers.Conv2D(2, 3), layers.Flatten(), layers.Dense(2)]
    keras.Sequential(conv).save("own.keras")
    assert command("own.keras", photo) == 1
    assert command("own.keras", photo, "--custom", "own_layers_of_a_test:Doubled") == 0
    assert "There is no Grad-CAM" not in (tmp_path / "own_photo.html").read_text(encoding="utf-8")


def test_what_a_lambda_of_keras_2_computes_can_be_given(tmp_path, photo, monkeypatch, capsys):
    (tmp_path / "own_functions_of_a_test.py").write_text("def double(image):\n    return image * 2\n")
    monkeypatch.chdir(tmp_path)
    monkeypatch.syspath_prepend(tmp_path)
    code = {"function": ["4wEAAAA=", None, None], "function_type": "lambda", "arguments": {}}
    entries = [old.layer("2.9.0", "Lambda", "lambda", shape=(8, 8, 3), **code), old.conv("2.9.0", "conv", 2, 3)]
    entries += [old.simple("2.9.0", "Flatten", "flat"), old.dense("2.9.0", "dense", 2)]
    make = old.Weights()
    weights = {"lambda": [], "conv": make.kernel("conv", 3, 3, 3, 2), "flat": [], "dense": make.kernel("dense", 72, 2)}
    old.write_file(tmp_path / "own.h5", "2.9.0", old.sequential("2.9.0", "net", entries), weights)
    assert command("own.h5", photo) == 1
    assert "inspect --custom lambda=module:function" in capsys.readouterr().err
    assert command("own.h5", photo, "--custom", "lambda=own_functions_of_a_test:double") == 0


def test_code_in_a_file_is_run_only_when_it_is_trusted(tmp_path, photo, capsys):
    doubled = layers.Lambda(lambda image: image * 2, output_shape=(8, 8, 3), name="doubled")
    ends = [layers.Conv2D(2, 3), layers.Flatten(), layers.Dense(2)]
    keras.Sequential([keras.Input((8, 8, 3)), doubled, *ends]).save(tmp_path / "code.keras")
    out = tmp_path / "report.html"
    assert command(tmp_path / "code.keras", photo, "--out", out) == 1
    assert "run only if you trust it" in capsys.readouterr().err and not out.exists()
    assert command(tmp_path / "code.keras", photo, "--out", out, "--trust") == 0
    assert "There is no Grad-CAM" not in out.read_text(encoding="utf-8")


def text_file(folder):
    (folder / "text.jpg").write_text("no image")
    return folder / "text.jpg"


def empty_folder(folder):
    (folder / "empty").mkdir()
    return folder / "empty"


@pytest.mark.parametrize(
    ("words", "code", "sentence"),
    [
        (["none.keras", "photo.png"], 1, "there is no network"),
        (["grey.keras", "none.png"], 1, "there is no image file or folder"),
        (["photo.png", "photo.png"], 1, "neither a .keras archive nor an HDF5 file"),
        (["grey.keras", "text.jpg"], 1, "cannot be read as an image"),
        (["grey.keras", "empty"], 1, "holds no image that can be read"),
        (["grey.keras", "photo.png", "--out", "no/report.html"], 1, "there is no folder no"),
        (["grey.keras", "photo.png", "--out", "photo.png"], 2, "ends in .html"),
        (["grey.keras", "photo.png", "--layers", "conv9"], 1, "no layer 'conv9': this model has conv, pool"),
        (["grey.keras", "photo.png", "--classes", "none.txt"], 1, "there is no file of class names"),
        (["grey.keras", "photo.png", "--classes", "two.txt"], 1, "3 classes is needed, and 2 came"),
        (["grey.keras", "photo.png", "--classes", "photo.png"], 1, "must be a text with a name on each line"),
        (["grey.keras", "photo.png", "--classes", "empty.txt"], 1, "must be a text with a name on each line"),
        (["grey.keras", "photo.png", "--scale", "0..2"], 2, "invalid choice"),
        (["grey.keras", "photo.png", "--scale", "caffe"], 1, "the scale must be one of 0..1, -1..1, 0..255, not"),
        (["grey.keras", "photo.png", "--size", "large"], 2, "HEIGHTxWIDTH"),
        (["grey.keras", "photo.png", "--size", "9"], 1, "takes 8 x 8 x 1 and no other size"),
        (["grey.keras", "photo.png", "--most", "0"], 1, "at least 1"),
        (["grey.keras", "photo.png", "--wake", "soon"], 2, "invalid float value"),
        (["grey.keras", "photo.png", "--custom", "keras"], 2, "module:Name"),
        (["grey.keras", "photo.png", "--custom", "no_such_module:A"], 1, "no module 'no_such_module'"),
        (["grey.keras", "photo.png", "--custom", "json:A"], 1, "has no 'A'"),
        (["two.keras", "photo.png"], 1, "has 2 inputs"),
        (["words.keras", "photo.png"], 1, "takes (7, 5, 2)"),
    ],
)
def test_a_bad_input_is_one_sentence(words, code, sentence, tmp_path, photo, monkeypatch, capsys, saved):
    for name, content in saved.items():
        (tmp_path / name).write_bytes(content)
    text_file(tmp_path), empty_folder(tmp_path)
    (tmp_path / "two.txt").write_text("a\nb\n")
    (tmp_path / "empty.txt").write_text("")
    monkeypatch.chdir(tmp_path)
    before = {path.name for path in tmp_path.iterdir()}
    try:
        found = command(*words)
    except SystemExit as ended:
        found = ended.code
    error = capsys.readouterr().err
    assert found == code and sentence in error and "Traceback" not in error
    assert len(error.strip().splitlines()) == 1 or code == 2
    assert {path.name for path in tmp_path.iterdir()} == before, "nothing is written"


@pytest.fixture(scope="module")
def saved(tmp_path_factory):
    """The files of three networks, of which two take no single image."""
    folder = tmp_path_factory.mktemp("networks")
    grey().save(folder / "grey.keras")
    first, second = keras.Input((8, 8, 1)), keras.Input((8, 8, 1))
    keras.Model([first, second], layers.Add()([first, second])).save(folder / "two.keras")
    keras.Sequential([keras.Input((7, 5, 2)), layers.Flatten()]).save(folder / "words.keras")
    return {path.name: path.read_bytes() for path in folder.iterdir()}


def test_a_page_that_cannot_be_written_leaves_nothing(tmp_path, photo, monkeypatch):
    found = inspect_network(dense_only(), photo)
    target = tmp_path / "report.html"
    write_page(found, target)
    before = target.read_bytes()

    def full(*_):
        raise OSError(28, "No space left on device")

    monkeypatch.setattr("os.replace", full)
    with pytest.raises(OSError, match=r"report\.html cannot be written \(No space left on device\): name another"):
        write_page(found, target)
    assert target.read_bytes() == before and list(tmp_path.glob(".*")) == []


@pytest.mark.browser
@pytest.mark.parametrize("width", [390, 1280])
def test_the_page_in_a_browser(width, tmp_path, photo):
    write_page(inspect_network(grey(), photo), tmp_path / "report.html")
    with open_page() as (browser, errors):
        asked = []
        browser.on("request", lambda request: asked.append(request.url.split(":")[0]))
        browser.on("console", lambda message: errors.append(message.text) if message.type == "error" else None)
        browser.set_viewport_size({"width": width, "height": 900})
        browser.goto((tmp_path / "report.html").as_uri())
        assert browser.evaluate("document.documentElement.scrollWidth") <= width, "no scrolling sideways"
        broken = "[...document.images].filter(image => !image.complete || !image.naturalWidth).length"
        assert browser.evaluate(broken) == 0
        grid = browser.locator("figure.grid").first
        grid.focus()
        for key in ("ArrowRight", "ArrowRight", "ArrowLeft", "ArrowRight"):
            browser.keyboard.press(key)
        assert grid.locator(".readout").inner_text().startswith("channel 1 of 4 (from 0): ")
        picture = grid.locator("img")
        box = picture.bounding_box()
        picture.click(position={"x": box["width"] * 0.9, "y": box["height"] / 2})
        assert grid.locator(".readout").inner_text().startswith("channel 3 of 4 (from 0): ")
        assert set(asked) <= {"file", "data"} and errors == []


def deep():
    """Three blocks of three layers, named as families of networks name theirs."""
    parts = [keras.Input((8, 8, 1))]
    for number in (1, 2, 3):
        parts += [layers.Conv2D(4, 3, padding="same", name=f"block_{number}_conv")]
        parts += [layers.ReLU(name=f"block_{number}_relu"), layers.MaxPooling2D(2, name=f"block_{number}_pool")]
    return keras.Sequential([*parts, layers.Flatten(name="flat"), layers.Dense(3, activation="softmax", name="end")])


@pytest.mark.browser
def test_a_large_network_is_drawn_block_by_block(tmp_path, photo, monkeypatch):
    monkeypatch.setattr(page, "LARGE", 8)
    write_page(inspect_network(deep(), photo), tmp_path / "report.html")
    with open_page() as (browser, errors):
        browser.goto((tmp_path / "report.html").as_uri())
        names = browser.locator("details.block > summary").all_inner_texts()
        assert names[:2] == ["block_1: 3 layers, 8 × 8 × 4 to 4 × 4 × 4", "block_2: 3 layers, 4 × 4 × 4 to 2 × 2 × 4"]
        assert browser.locator("figure.grid").count() == 0
        browser.locator("summary", has_text="block_1").click()
        assert browser.locator("figure.grid").count() == 3
        browser.locator("#layers a", has_text="block_3_conv").click()
        browser.wait_for_function("document.querySelectorAll('figure.grid').length === 6")
        browser.locator("figure.grid").last.focus()
        browser.keyboard.press("ArrowRight")
        assert browser.locator(".readout").last.inner_text().startswith("channel 0 of 4 (from 0): ")
        assert browser.locator(".row-on-top").bounding_box()["y"] == 0 and errors == []


def test_blocks_of_layers_without_telling_names_are_those_of_a_size(monkeypatch):
    monkeypatch.setattr(page, "LARGE", 3)
    sizes = ["8 × 8", "8 × 8", "4 × 4", "4 × 4", "units"]
    found = page._blocks([{"name": f"part{letter}", "places": size} for letter, size in zip("abcde", sizes)])
    assert [(name, len(group)) for name, group in found] == [("8 × 8", 2), ("4 × 4", 2), ("units", 1)]


@pytest.mark.browser
def test_pages_are_accessible(tmp_path, photo, folder, monkeypatch):
    write_page(inspect_network(merged(), photo), tmp_path / "image.html", live="live.html")
    monkeypatch.setattr(page, "LARGE", 3)
    write_page(inspect_network(merged(), folder), tmp_path / "folder.html")
    with open_page() as (browser, _):
        for name in ("image", "folder"):
            assert complaints(browser, (tmp_path / f"{name}.html").as_uri()) == []


def test_a_folder_is_titled_as_a_folder(folder):
    assert "<h1>merged looks at photos, 8 images</h1>" in page.render_page(inspect_network(merged(), folder))


@pytest.mark.parametrize(("ground", "invert", "noticed"), [(1, False, True), (1, True, False), (0, False, False)])
def test_ink_on_paper_is_noticed(ground, invert, noticed, tmp_path):
    drawn = np.full((28, 28), 255 * ground, np.uint8)
    drawn[6:22, 12:16] = 255 * (1 - ground)
    Image.fromarray(drawn).save(tmp_path / "digit.png")
    found = inspect_network(grey(), tmp_path / "digit.png", invert=invert)
    assert ("--invert" in found.given.doubt) == noticed
    assert (page.render_page(found).partition("</header>")[0].count("--invert") == 1) == noticed


def test_the_live_page_lies_beside_and_is_linked(tmp_path, photo, capsys):
    merged().save(tmp_path / "mine.keras")
    assert command(tmp_path / "mine.keras", photo, "--live", "--out", tmp_path / "report.html") == 0
    assert (tmp_path / "report_live.html").read_text(encoding="utf-8").startswith("<!DOCTYPE html>")
    assert '<a href="report_live.html">The same network, live</a>' in (tmp_path / "report.html").read_text("utf-8")


@pytest.mark.long
def test_the_page_of_a_large_network_stays_light(photo):
    model = keras.applications.MobileNetV2(weights=None)
    assert len(page.render_page(inspect_network(model, photo))) < 4_000_000
