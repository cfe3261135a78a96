"""The explorer without a browser: the network described, the digits drawn, the points ranked, the page written."""

import base64
import re

import keras
import numpy as np
import pytest
from keras import layers

from helpers import course, datasets, models, probing
from helpers.activations import read_activations
from helpers.workshop import commands, explorer
from helpers.workshop.explorer import page as page_module


@pytest.fixture(scope="module")
def network():
    """A fresh network of the course's form."""
    keras.utils.set_random_seed(1)
    return models.mnist_cnn()


@pytest.fixture(scope="module")
def text(network):
    """The page of that network."""
    return explorer.explorer_page(network, about="A <fresh> network.")


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


# The network in words and bytes

SHAPES = {
    "mnist_cnn": [
        [26, 26, 32],
        [13, 13, 32],
        [11, 11, 64],
        [5, 5, 64],
        [3, 3, 128],
        [1, 1, 1152],
        [1, 1, 100],
        [1, 1, 10],
    ],
    "digits_cnn": [[24, 24, 30], [12, 12, 30], [10, 10, 15], [1, 1, 1500], [1, 1, 128], [1, 1, 50], [1, 1, 10]],
}


@pytest.mark.parametrize("name", SHAPES)
def test_network_is_described_layer_by_layer(name):
    model = getattr(models, name)()
    described, weights = explorer.describe_network(model)
    assert [layer["shape"] for layer in described] == SHAPES[name]
    assert [layer["inputShape"] for layer in described] == [[28, 28, 1], *SHAPES[name][:-1]]
    assert not any(layer["name"].startswith("dropout") for layer in described), "dropout does nothing here"
    assert weights.dtype == "<f4" and weights.size == model.count_params()
    for layer in described:
        for key, expected in zip(("weights", "bias"), model.get_layer(layer["name"]).get_weights(), strict=False):
            np.testing.assert_array_equal(weights[slice(*layer[key])], expected.ravel())


def test_a_missing_bias_is_zero():
    model = keras.Sequential([keras.Input((28, 28, 1)), layers.Flatten(), layers.Dense(10, use_bias=False)])
    described, weights = explorer.describe_network(model)
    np.testing.assert_array_equal(weights[slice(*described[-1]["bias"])], np.zeros(10))


def test_a_functional_chain_is_a_chain():
    start = keras.Input((28, 28, 1))
    values = layers.Dense(10)(layers.Flatten()(layers.Conv2D(2, 3)(start)))
    assert [layer["kind"] for layer in explorer.describe_network(keras.Model(start, values))[0]] == [
        "convolution",
        "flatten",
        "dense",
    ]


def branched():
    start = keras.Input((28, 28, 1))
    one, two = (layers.Conv2D(2, 3, name=name)(start) for name in ("one", "two"))
    return keras.Model(start, layers.Dense(10)(layers.Flatten()(layers.Add()([one, two]))))


def chain(*middle, side=28, answers=10):
    return keras.Sequential([keras.Input((side, side, 1)), *middle, layers.Flatten(), layers.Dense(answers)])


UNFIT = {
    "other images": (lambda: chain(side=20), r"28, 28, 1.* and .*20, 20, 1"),
    "other answers": (lambda: chain(answers=3), r"10 answers"),
    "branches": (branched, "two takes something else"),
    "strides": (lambda: chain(layers.Conv2D(2, 3, strides=2, name="wide")), "wide is a Conv2D of another kind"),
    "padding": (lambda: chain(layers.Conv2D(2, 3, padding="same", name="kept")), "kept is a Conv2D"),
    "overlap": (lambda: chain(layers.MaxPooling2D(3, strides=1, name="over")), "over is a MaxPooling2D"),
    "layer": (lambda: chain(layers.BatchNormalization(name="norm")), "norm is a BatchNormalization"),
    "activation": (lambda: chain(layers.Conv2D(2, 3, activation="gelu", name="soft")), "soft has gelu"),
}


@pytest.mark.parametrize("what", UNFIT)
def test_a_network_that_the_page_cannot_run_is_one_sentence(what):
    build, words = UNFIT[what]
    with pytest.raises(ValueError, match=words) as error:
        explorer.describe_network(build())
    assert "\n" not in str(error.value)


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
    assert found.orders.shape == (45, 1152) and found.images == len(part.labels)
    both = np.isin(part.labels, [4, 9])
    values = read_activations(network, part.images[both], ["Conv2D_3"])["Conv2D_3"]
    expected = probing.ranked_points(values, part.labels[both] == 9)
    pairs = [(one, two) for one in range(10) for two in range(one + 1, 10)]
    np.testing.assert_array_equal(found.orders[pairs.index((4, 9))], expected)


# The page


def test_page_is_one_small_file_that_asks_for_nothing(text):
    assert len(text.encode()) <= explorer.LARGEST
    assert "A &lt;fresh&gt; network." in text
    assert "://" not in text, "no address of another place"
    assert set(re.findall(r'(?:src|href)="([^"]*)"', text)) <= {"data:,"}
    assert "default-src 'none'" in text
    assert not re.search(r"^import |import\(|fetch\(|XMLHttpRequest", text, re.M)


def test_forward_pass_is_short_enough_to_be_read():
    lines = (page_module.SOURCES / "network.js").read_text(encoding="utf-8").splitlines()
    code = [line for line in lines if line.strip() and not line.strip().startswith("//")]
    assert len(code) <= 80 and max(map(len, lines)) <= 120


def test_every_source_is_in_the_page(text):
    names = {path.name for path in page_module.SOURCES.iterdir()}
    assert names == {"index.html", "style.css", *(f"{name}.js" for name in page_module.SCRIPTS)}
    for path in page_module.SOURCES.glob("*.js"):
        assert path.read_text(encoding="utf-8").splitlines()[0] in text


def test_a_page_that_would_be_too_large_is_one_sentence(network, monkeypatch):
    monkeypatch.setattr(page_module, "LARGEST", 1_000_000)
    with pytest.raises(ValueError, match=r"1,000,000 at most .* fewer weights than 208,982"):
        explorer.explorer_page(network)


# The command


def test_command_writes_the_page(network, tmp_path, capsys):
    saved, target = tmp_path / "own.keras", tmp_path / "new folder" / "page.html"
    network.save(saved)
    assert commands.main(["explorer", str(saved), "--draw", "--out", str(target)]) == 0
    assert "The network is own.keras." in target.read_text(encoding="utf-8")
    assert [path.name for path in target.parent.iterdir()] == ["page.html"], "nothing is left beside it"
    assert f"{target}: 1." in capsys.readouterr().out


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
