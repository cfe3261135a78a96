"""Networks that come with the course: written once, found again, never taken for another."""

import json

import keras
import numpy as np
import pytest

from helpers import course, datasets, models
from helpers.models.shipped import pretrained_files, unpacked
from helpers.workshop import shipping
from helpers.workshop.shipping import packed, ship_network, ship_packed


def tiny_network():
    keras.utils.set_random_seed(1)
    return keras.Sequential([keras.Input((3,)), keras.layers.Dense(2, name="answer")])


@pytest.fixture
def home(tmp_path, monkeypatch):
    monkeypatch.setattr(course, "ROOT", tmp_path)
    return tmp_path / "data" / "pretrained"


def test_a_shipped_network_is_found_again_with_its_note(home):
    ship_network(tiny_network(), "tiny", {"seed": 1})
    assert sorted(path.name for path in home.iterdir()) == ["tiny.json", "tiny.keras"]
    network, about = models.pretrained("tiny")
    images = np.ones((2, 3), "float32")
    np.testing.assert_array_equal(network.predict_on_batch(images), tiny_network().predict_on_batch(images))
    assert about["seed"] == 1 and len(about["sha256"]) == 64


def test_what_is_missing_or_changed_is_said(home):
    ship_network(tiny_network(), "tiny", {"seed": 1})
    with pytest.raises(FileNotFoundError, match="no network 'other'.*there are tiny[.]"):
        models.pretrained("other")
    (home / "tiny.keras").write_bytes(b"another file")
    with pytest.raises(ValueError, match="not the file that was shipped"):
        models.pretrained("tiny")


def test_a_large_network_does_not_come_along_and_leaves_nothing(home, monkeypatch):
    monkeypatch.setattr(shipping, "LARGEST", 100)
    with pytest.raises(ValueError, match="100 at most"):
        ship_network(tiny_network(), "tiny", {"seed": 1})
    assert not home.exists()


def test_every_network_of_the_course_is_the_one_its_note_describes():
    notes = sorted((course.ROOT / "data" / "pretrained").glob("*.json"))
    if not notes:
        pytest.skip("no network comes with the course yet")
    for note in notes:
        network, about = models.pretrained(note.stem)
        made_by = {"training", "key"} if "key" in about else {"notebook", "data", "epoch"}
        assert network.count_params() and made_by | {"seed", "tests", "versions"} <= set(about)
        file, _ = pretrained_files(note.stem)
        assert file.stat().st_size <= (shipping.LARGEST_PACKED if file.suffix == ".npz" else shipping.LARGEST)
        assert json.loads(note.read_text()) == about
        if file.suffix == ".npz":
            agreement = about["agreement"]
            assert agreement["images"] == 200 and agreement["same answer"] >= 198
    assert sum(path.stat().st_size for path in notes[0].parent.iterdir()) < 20_000_000


def wide_network():
    keras.utils.set_random_seed(2)
    convolution = keras.layers.Conv2D(4, 3, activation="relu", name="map")
    flat, dense = keras.layers.Flatten(), keras.layers.Dense(300, activation="relu", name="wide")
    return keras.Sequential([keras.Input((12, 12, 3)), convolution, flat, dense, keras.layers.Dense(3, "softmax")])


def test_a_packed_network_is_small_and_answers_nearly_the_same():
    network, images = wide_network(), np.random.default_rng(2).random((50, 12, 12, 3), dtype="float32")
    before = [weights.copy() for weights in network.get_weights()]
    data = packed(network)
    assert len(data) < 1.2 * network.count_params() and data == packed(network)
    again = unpacked(data)
    assert [layer.name for layer in again.layers] == [layer.name for layer in network.layers]
    for ours, theirs, was in zip(network.get_weights(), again.get_weights(), before, strict=True):
        np.testing.assert_array_equal(ours, was)
        assert theirs.dtype == "float32" and np.abs(ours - theirs).max() <= np.abs(ours).max() / 253
    np.testing.assert_allclose(network.predict(images, verbose=0), again.predict(images, verbose=0), atol=0.01)


def test_a_packed_network_comes_along_with_what_it_costs(home):
    images = np.random.default_rng(2).random((50, 12, 12, 3), dtype="float32")
    ship_packed(wide_network(), "wide", {"seed": 2}, images)
    assert sorted(path.name for path in home.iterdir()) == ["wide.json", "wide.npz"]
    network, about = models.pretrained("wide")
    assert network.count_params() == wide_network().count_params()
    assert about["agreement"]["images"] == 50 and about["agreement"]["largest difference"] < 0.01
    (home / "wide.npz").write_bytes(b"another file")
    with pytest.raises(ValueError, match="not the file that was shipped"):
        models.pretrained("wide")


@pytest.mark.parametrize("origin", ["embedded", "real"])
def test_the_network_of_notebook_01_reads_drawings(origin):
    """In a quick run its layers are read, so it has to know the drawings at hand, and here those that are embedded."""
    network, about = models.pretrained(f"shapes_cnn_{origin}")
    assert about["data"] == {"shapes": origin} and network.name == "shapes_network"
    drawings = datasets.shapes().test
    right = np.mean(network.predict(drawings.images, verbose=0).argmax(axis=1) == drawings.labels)
    assert right > (0.9 if origin == course.origin("shapes") else 0.5)
