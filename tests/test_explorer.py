"""The drawing page without a browser: networks taken or refused, digits drawn, points ranked, the page written."""

import base64
import json
import re

import keras
import numpy as np
import pytest
from keras import layers

from helpers import course, datasets, models, probing
from helpers.activations import read_activations
from helpers.workshop import commands, explorer
from helpers.workshop.explorer import drawing_page
from helpers.workshop.explorer.network_export import ENGINE


@pytest.fixture(scope="module")
def network():
    """A fresh network of the course's form."""
    keras.utils.set_random_seed(1)
    return models.mnist_cnn()


@pytest.fixture(scope="module")
def text(network):
    """The page of that network."""
    return explorer.explorer_page(network, about="A <fresh> network.", classes=explorer.DIGITS)


def decode(code):
    """Read strokes from the text in an address, by the words of stroke_code's docstring."""
    data = base64.urlsafe_b64decode(code + "=" * (-len(code) % 4))
    assert data[0] == 1
    strokes, place = [], 1
    while place < len(data):
        count = int.from_bytes(data[place : place + 2], "big")
        points = data[place + 2 : place + 2 + 2 * count]
        strokes.append([list(points[at : at + 2]) for at in range(0, 2 * count, 2)])
        place += 2 + 2 * count
    return strokes


# Networks that one draws for


def grey(*middle, side=28, answers=4, colours=1):
    return keras.Sequential([keras.Input((side, side, colours)), *middle, layers.Flatten(), layers.Dense(answers)])


def data_of(text):
    """What Python put into the page."""
    return json.loads(re.search(r'id="course-data">([^<]*)<', text)[1])


def test_a_network_of_ten_digits_has_a_dial_and_points_to_swap(text):
    data = data_of(text)
    assert data["answers"][0]["names"] == list("0123456789") and len(data["dial"]) == 2
    assert data["network"]["nodes"][data["swap"]["place"]]["name"] == "Conv2D_3"


@pytest.mark.parametrize(
    ("model", "classes"),
    [
        (lambda: grey(layers.Conv2D(2, 3, padding="same"), layers.BatchNormalization(), side=32), None),
        (lambda: grey(layers.Conv2D(2, 3, strides=2, activation="gelu"), answers=3), ("one", "two", "three")),
        (lambda: grey(answers=10), tuple("abcdefghij")),
        (lambda: grey(answers=10), None),
    ],
)
def test_any_small_grey_network_can_be_drawn_for(model, classes):
    text = explorer.explorer_page(model(), classes=classes)
    data = data_of(text)
    assert data["dial"] is None and data["swap"] is None, "those are for digits"
    assert "a digit, and watch" not in text and tuple(data["answers"][0]["names"])[: len(classes or [])] == (
        classes or ()
    )


@pytest.mark.parametrize(
    ("model", "words"),
    [
        (lambda: grey(colours=3), "takes rgb images of 28 x 28: leave out --draw"),
        (lambda: grey(side=100), "takes grey images of 100 x 100"),
        (lambda: keras.Sequential([keras.Input((28, 28, 1)), layers.Conv2D(1, 3)]), "to a list of answers"),
        (lambda: grey(layers.Lambda(abs, name="own")), "cannot run layer own"),
    ],
)
def test_what_one_cannot_draw_for_is_one_sentence(model, words):
    with pytest.raises(ValueError, match=words):
        explorer.explorer_page(model())


def test_a_network_without_convolutions_has_no_points_to_swap():
    model = keras.Sequential([keras.Input((784,)), layers.Dense(10, "softmax")])
    data = data_of(explorer.explorer_page(model, classes=explorer.DIGITS))
    assert data["dial"] and data["swap"] is None and data["takes"]["shape"] == [784]


# Digits


def test_digits_come_in_order_with_unclear_ones():
    found = explorer.digits()
    assert [each.digit for each in found[:10]] == list(range(10))
    unclear = found[10:]
    assert len(unclear) >= 6 and all(each.digit is None and each.title.endswith("?") for each in unclear)
    for each in found:
        points = np.concatenate([np.array(stroke) for stroke in each.strokes])
        assert points.dtype.kind == "i" and points.min() >= 20 and points.max() <= 235, "on the paper, with a margin"


def test_codes_hold_the_strokes():
    for each in explorer.digits():
        code = explorer.stroke_code(each.strokes)
        assert re.fullmatch(r"[\w-]+", code) and decode(code) == each.strokes


def test_the_dial_turns_point_by_point():
    turned = [explorer.dial(share) for share in np.linspace(0, 1, 5)]
    assert {tuple(len(stroke) for stroke in strokes) for strokes in turned} == {(24, 24)}
    places = np.array(turned, float)  # (steps, strokes, points, 2)
    np.testing.assert_allclose(places[2], (places[0] + places[4]) / 2, atol=1.01)
    assert np.abs(np.diff(places, axis=0)).max() < 40, "no point jumps"


# Points


def test_points_are_ranked_as_in_look_alikes(network):
    part = datasets.mnist().validation
    found = explorer.telling_points(network, "Conv2D_3", part.images, part.labels)
    assert found.shape == (45, 1152)
    both = np.isin(part.labels, [4, 9])
    values = read_activations(network, part.images[both], ["Conv2D_3"])["Conv2D_3"]
    expected = probing.ranked_points(values, part.labels[both] == 9)
    pairs = [(one, two) for one in range(10) for two in range(one + 1, 10)]
    np.testing.assert_array_equal(found[pairs.index((4, 9))], expected)


# The page


def test_page_is_one_small_file_that_asks_for_nothing(text):
    assert len(text.encode()) <= explorer.LARGEST
    assert "A &lt;fresh&gt; network." in text
    assert "://" not in text, "no address of another place"
    assert set(re.findall(r'(?:src|href)="([^"]*)"', text)) <= {"data:,"}
    assert "default-src 'none'" in text
    assert not re.search(r"^import |import\(|fetch\(|XMLHttpRequest", text, re.M)


def test_every_source_is_in_the_page(text):
    for name in ("drawing_web", "shared_web"):
        for path in (ENGINE.parent / name).iterdir():
            lines = path.read_text(encoding="utf-8").splitlines()
            assert max(map(len, lines)) <= 120 and lines[-1] in text, path.name


def test_a_page_that_would_be_too_large_is_one_sentence(network, monkeypatch):
    monkeypatch.setattr(drawing_page, "LARGEST", 500_000)
    with pytest.raises(ValueError, match=r"500,000 at most .* fewer weights than 208,982"):
        explorer.explorer_page(network, classes=explorer.DIGITS)


# The command


def test_command_writes_the_page(network, tmp_path, capsys):
    saved, target = tmp_path / "own.keras", tmp_path / "new folder" / "page.html"
    network.save(saved)
    assert commands.main(["explorer", str(saved), "--draw", "--out", str(target)]) == 0
    assert "The network is own.keras." in target.read_text(encoding="utf-8")
    assert [path.name for path in target.parent.iterdir()] == ["page.html"], "nothing is left beside it"
    assert f"{target}: 0." in capsys.readouterr().out


def test_command_without_the_shipped_network_says_what_to_do(tmp_path, monkeypatch, capsys):
    monkeypatch.setattr(course, "ROOT", tmp_path)
    assert commands.main(["explorer", "--out", str(tmp_path / "page.html")]) == 1
    said = capsys.readouterr().err.strip()
    assert "data/pretrained/mnist_cnn.keras" in said and "explorer MODEL" in said and "\n" not in said
    assert not (tmp_path / "page.html").exists()


def test_command_refuses_a_folder_before_it_loads_anything(tmp_path, capsys):
    assert commands.main(["explorer", "--out", str(tmp_path)]) == 1
    said = capsys.readouterr()
    assert "is a folder" in said.err and not said.out
