"""A training is done once: what is loaded was finished, and is that of this network, these arguments and these data."""

import os
import signal
import subprocess
import sys
import textwrap

import keras
import numpy as np
import pytest
from keras import layers

from helpers import training
from helpers._shared.errors import CourseError
from helpers.course import ROOT
from helpers.training import once

IMAGES = np.random.default_rng(1).random((12, 4), dtype=np.float32)
LABELS = np.arange(12) % 2


@pytest.fixture(autouse=True)
def own_folder(tmp_path, monkeypatch):
    def build_folder(*parts):
        folder = tmp_path.joinpath(*parts)
        folder.mkdir(parents=True, exist_ok=True)
        return folder

    monkeypatch.setattr(once, "build_folder", build_folder)


def compiled(units=3, seed=1, rate=0.1):
    keras.utils.set_random_seed(seed)
    network = keras.Sequential([keras.Input((4,)), layers.Dense(units, name="a"), layers.Dense(2, "softmax", name="b")])
    network.compile(keras.optimizers.SGD(rate), "sparse_categorical_crossentropy", metrics=["accuracy"])
    return network


def train(capsys, network=None, data=(IMAGES, LABELS), epochs=2, *, done=None, **fit):
    """Train as a notebook does; return what was said, and whether it was trained."""
    network = network or compiled()
    folder = training.folder_for("toy", network, list(data), epochs=epochs, **fit)
    new = not training.is_finished(folder)
    if new:
        stop = keras.callbacks.CSVLogger(folder / "history.csv")
        saved = keras.callbacks.ModelCheckpoint(folder / "best.keras")
        network.fit(IMAGES, LABELS, epochs=epochs if done is None else done, verbose=0, callbacks=[saved, stop])
    return capsys.readouterr().out, new


def test_the_second_time_it_is_loaded(capsys):
    said, new = train(capsys)
    assert new and said == "toy: trains now (for the first time)\n"
    said, new = train(capsys)
    assert not new and said.startswith("toy: trained before, 2 epochs") and said.count("\n") == 1
    folder = training.folder_for("toy", compiled(), [IMAGES, LABELS], epochs=2)
    loaded = keras.models.load_model(folder / "best.keras")
    assert not np.allclose(loaded.get_weights()[0], compiled().get_weights()[0])  # trained, not as it began


@pytest.mark.parametrize(
    ("changed", "words"),
    [
        ({"network": lambda: compiled(units=4)}, "the network"),
        ({"network": lambda: compiled(seed=2)}, "the network"),
        ({"network": lambda: compiled(rate=0.2)}, "what compile is told"),
        ({"batch_size": 4}, "what fit is told"),
        ({"epochs": 3}, "epochs"),
        ({"data": (IMAGES, 1 - LABELS)}, "the data"),
        ({"data": (IMAGES[:11], LABELS[:11])}, "the data"),
    ],
)
def test_what_changed_is_said_and_trained_again(capsys, changed, words):
    train(capsys)

    def again():
        return train(capsys, **{name: value() if callable(value) else value for name, value in changed.items()})

    said, new = again()
    assert new and said == f"toy: trains now (different from last time: {words})\n"
    assert not again()[1]
    assert not train(capsys)[1]  # and the one before stays: a quick run does not cost the full one


def test_an_interrupted_training_begins_anew(capsys):
    train(capsys, epochs=3, done=2)
    said, new = train(capsys, epochs=3)
    assert new and said.startswith("toy: trains now (the last time it was interrupted") and said.count("\n") == 1
    assert not train(capsys, epochs=3)[1]


@pytest.mark.long
def test_a_killed_training_is_never_taken_for_finished(tmp_path):
    program = f"""
        import sys, time
        sys.path.insert(0, {str(ROOT / "tests")!r})
        import keras, numpy as np
        from helpers import training
        from helpers.training import once
        from pathlib import Path
        once.build_folder = lambda *parts: (lambda folder: (folder.mkdir(parents=True, exist_ok=True), folder)[1])(
            Path({str(tmp_path)!r}).joinpath(*parts))
        keras.utils.set_random_seed(1)
        network = keras.Sequential([keras.Input((4,)), keras.layers.Dense(2, "softmax")])
        network.compile("sgd", "sparse_categorical_crossentropy")
        images, labels = np.ones((8, 4), "float32"), np.zeros(8, int)
        folder = training.folder_for("killed", network, [images, labels], epochs=500)

        class Slow(keras.callbacks.Callback):
            def on_epoch_end(self, epoch, logs=None):
                print(epoch, flush=True)
                time.sleep(0.05)

        if not training.is_finished(folder):
            network.fit(images, labels, epochs=500, verbose=0,
                        callbacks=[keras.callbacks.CSVLogger(folder / "history.csv"), Slow()])
        """
    environment = {**os.environ, "PYTHONPATH": str(ROOT)}
    words = [sys.executable, "-c", textwrap.dedent(program)]
    for reason in ("for the first time", "the last time it was interrupted"):
        process = subprocess.Popen(words, stdout=subprocess.PIPE, text=True, env=environment)
        lines = iter(process.stdout.readline, "")
        assert reason in next(line for line in lines if "killed" in line)
        assert next(line for line in lines if line.strip().isdigit())
        process.send_signal(signal.SIGKILL)
        process.wait()


def test_a_changed_data_folder_is_noticed(capsys, tmp_path):
    (tmp_path / "data/cats").mkdir(parents=True)
    (tmp_path / "data/cats/1.png").write_bytes(b"one")
    train(capsys, data=[tmp_path / "data"])
    assert not train(capsys, data=[tmp_path / "data"])[1]
    (tmp_path / "data/cats/1.png").write_bytes(b"two")
    assert "the data" in train(capsys, data=[tmp_path / "data"])[0]
    (tmp_path / "data/cats/1.png").rename(tmp_path / "data/cats/2.png")
    assert "the data" in train(capsys, data=[tmp_path / "data"])[0]


@pytest.mark.parametrize(
    ("given", "sentence"),
    [
        ({"network": keras.Sequential([keras.Input((4,)), layers.Dense(2)])}, "call network.compile"),
        ({"network": None}, "a compiled keras.Model is needed"),
        ({"data": object()}, "the data of a training must be an array of numbers"),
        ({"data": ROOT / "nowhere"}, "there is no"),
        ({"epochs": 0}, "epochs must be a whole number"),
        ({"name": None}, "name must be text"),
    ],
)
def test_what_cannot_be_kept_is_one_sentence(given, sentence):
    options = {"name": "toy", "network": compiled(), "data": IMAGES, "epochs": 1} | given
    with pytest.raises(CourseError, match=sentence):
        training.folder_for(options.pop("name"), options.pop("network"), options.pop("data"), **options)
