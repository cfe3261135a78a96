"""Trainings that are kept: taken again, gone on with, and never taken for another."""

import json
import math
import os
import random
import signal
import subprocess
import sys
import time
from itertools import pairwise
from pathlib import Path
from types import SimpleNamespace

import keras
import numpy as np
import pytest
from keras import layers

from helpers import course
from helpers._shared.errors import CourseError
from helpers.training import kept, kept_files, kept_key, learning_rate_schedule, make_optimizer
from helpers.training.batches import Batches
from helpers.training.kept import kept_training

RANDOM = np.random.default_rng(5)
LABELS = np.arange(20) % 2
IMAGES = (RANDOM.random((20, 8, 8, 1)) * 0.5 + 0.5 * LABELS[:, None, None, None]).astype("float32")
PART = (IMAGES, LABELS)
SMALL_PART = (IMAGES[:4], LABELS[:4])  # so few that accuracy is tied


def network_of(*middle, optimizer="sgd", loss="sparse_categorical_crossentropy", units=2, compiled="yes"):
    """A tiny compiled network for 8x8 images; eager, because tracing takes longer than these trainings."""
    answer = layers.Dense(units, activation="softmax", name="answer")
    network = keras.Sequential([keras.Input((8, 8, 1)), *middle, layers.Flatten(), answer])
    if compiled == "yes":
        network.compile(optimizer, loss, metrics=["accuracy"], run_eagerly=True)
    return network


def plain():
    """Momentum and a falling learning rate, whose states must survive an interruption."""
    rate = learning_rate_schedule("power", 0.05, 1, 0.1)
    return network_of(layers.Conv2D(2, 3, name="maps"), optimizer=make_optimizer("sgd", rate, momentum=0.9))


def with_dropout():
    """All that draws or counts while training: Dropout, a random layer, BatchNormalization, Nadam."""
    return network_of(
        layers.RandomTranslation(0.2, 0.2),
        layers.Conv2D(2, 3),
        layers.BatchNormalization(),
        layers.Dropout(0.5),
        optimizer="nadam",
    )


class Unknown(layers.Layer):
    """A layer class of one's own that Keras cannot load."""

    def call(self, inputs):
        return inputs


def train(build=plain, data=PART, **changes):
    """A kept training of three epochs, with changes."""
    settings = {"name": "tiny", "epochs": 3, "seed": 1, "batch_size": 8} | changes
    return kept_training(build, data, **settings)


def same_weights(one, other):
    """Whether two networks have the same weights, bit by bit."""
    return kept_key.array_hash(*one.get_weights()) == kept_key.array_hash(*other.get_weights())


@pytest.fixture(autouse=True)
def root(tmp_path, monkeypatch):
    """A repository root for each test; the state is kept after every epoch, so that tests can count on it."""
    monkeypatch.setattr(course, "ROOT", tmp_path)
    monkeypatch.setattr(kept, "STATE_SECONDS", 0)
    return tmp_path


def files_of(root, pattern="*"):
    """Names of all files below build/ and data/, hidden ones too, but for locks, which are empty."""
    files = [path for path in root.rglob(pattern) if path.is_file() and path.suffix != ".lock"]
    return sorted(path.relative_to(root).as_posix() for path in files)


def results_in(folder):
    """All records of these trainings in a folder of results."""
    file = folder / "results" / "tiny.json"
    return json.loads(file.read_text(encoding="utf-8")) if file.is_file() else []


# Taken again


def test_second_call_takes_what_the_first_has_kept(root, capfd):
    wanted = {"validation": SMALL_PART, "tests": {"part": PART}, "select": ("val_loss",)}
    first = train(**wanted)
    second = train(**wanted)
    assert (first.fresh, second.fresh) == (True, False)
    assert second.history == first.history
    assert second.scores == first.scores
    assert second.best == first.best
    assert second.seconds == first.seconds
    stem = f"tiny-{first.key[:12]}"
    assert files_of(root) == [
        "build/results/tiny.json",
        f"build/trained/{stem}-last.keras",
        f"build/trained/{stem}-val_loss.keras",
    ]
    shown = capfd.readouterr()
    assert shown.out.splitlines() == [
        f"tiny: trained now in {first.seconds:.0f} s (seed 1, key {first.key[:12]})",
        f"tiny: taken from kept results (seed 1, key {first.key[:12]})",
    ]
    assert "tiny" not in shown.err
    assert [first.sentence, second.sentence] == shown.out.splitlines()


def test_history_scores_and_networks_belong_together():
    tests = {"part": PART, "four": SMALL_PART}
    trained = train(validation=SMALL_PART, tests=tests, select=("val_loss", "val_accuracy"))
    reported = {"loss", "accuracy", "val_loss", "val_accuracy"}
    assert set(trained.history) == reported | {"learning_rate", "iterations"}
    assert {len(values) for values in trained.history.values()} == {3}
    assert trained.history["iterations"] == [3, 6, 9]  # 20 images in batches of 8
    assert trained.history["learning_rate"] == pytest.approx([0.05 / (1 + 0.1 * n) for n in (3, 6, 9)])
    for which in ("last", "val_loss", "val_accuracy"):
        network = trained.network(which)
        assert [layer.name for layer in network.layers[:1]] == ["maps"]
        network.compile(loss="sparse_categorical_crossentropy", metrics=["accuracy"])
        for test, data in tests.items():
            scores = network.evaluate(*data, verbose=0, return_dict=True)
            assert trained.scores[test][which] == pytest.approx(scores, abs=1e-6)
    lowest = min(trained.history["val_loss"])
    assert trained.history["val_loss"][trained.best["val_loss"] - 1] == lowest
    assert trained.scores["four"]["val_loss"]["loss"] == pytest.approx(lowest, abs=1e-6)


def test_unknown_network_is_named():
    with pytest.raises(KeyError, match="no network 'val_loss' is kept; there are last"):
        train(epochs=1).network("val_loss")
    for which in (None, ["last"]):
        with pytest.raises(KeyError, match="is kept; there are last"):
            train(epochs=1).network(which)


@pytest.mark.parametrize("what", ["data", "validation", "tests"])
def test_images_of_another_size_are_found_before_the_training(what, root):
    small = (np.zeros((4, 5, 5, 1), np.float32), np.zeros(4, int))
    with pytest.raises(ValueError, match="takes images of shape .* \\(4, 5, 5, 1\\) came: resize"):
        train(epochs=1, **{what: {"small": small} if what == "tests" else small})
    assert not [path for path in root.rglob("*") if path.is_file()]


def test_record_is_plain_and_tells_no_path(root):
    trained = train(details={"rotation": 0.1}, tests={"part": PART})
    text = (root / "build/results/tiny.json").read_text(encoding="utf-8")
    (record,) = json.loads(text)
    assert {
        "name",
        "key",
        "seed",
        "epochs",
        "parameters",
        "history",
        "tests",
        "best",
        "seconds",
        "versions",
        "networks",
    } <= set(record)
    assert record["key"] == trained.key and len(trained.key) == 64
    assert record["parameters"]["details"] == {"rotation": 0.1}
    assert record["networks"]["last"] == kept_key.array_hash(*trained.network().get_weights())
    assert record["weights"] == 20 + 146
    for private in (str(root), str(Path.home()), os.sep + "tmp"):
        assert private not in text


def test_networks_are_kept_without_optimizer(root):
    trained = train(build=with_dropout, epochs=1)
    network = keras.models.load_model(root / "build/trained" / f"tiny-{trained.key[:12]}-last.keras")
    assert not network.compiled and getattr(network, "optimizer", None) is None


def test_missing_network_is_trained_anew_and_said(root, capfd):
    first = train()
    (root / "build/trained" / f"tiny-{first.key[:12]}-last.keras").unlink()
    taken = train()
    assert not taken.fresh
    network = taken.network()
    assert taken.fresh
    assert "its network was not here, trained now" in taken.sentence
    assert capfd.readouterr().out.splitlines()[-1] == taken.sentence
    assert same_weights(network, train().network())


def test_fresh_trains_anew(monkeypatch):
    train(epochs=1)
    monkeypatch.setenv("FRESH", "1")
    assert train(epochs=1).fresh
    monkeypatch.setenv("FRESH", "0")
    assert not train(epochs=1).fresh


def test_what_follows_does_not_depend_on_whether_it_trained():
    train(build=with_dropout, epochs=1)
    after_training = np.random.random(3), keras.random.uniform((3,))
    train(build=with_dropout, epochs=1)
    after_taking = np.random.random(3), keras.random.uniform((3,))
    np.testing.assert_array_equal(after_training, after_taking)


def test_full_runs_keep_results_where_they_are_committed(root, monkeypatch):
    train(epochs=1)
    monkeypatch.setenv("COURSE_PROFILE", "full")
    assert not train(epochs=1).fresh, "a quick run's results are taken in a full one"
    assert not results_in(root / "data")
    train(epochs=2)
    assert len(results_in(root / "data")) == 1
    monkeypatch.setenv("COURSE_PROFILE", "quick")
    assert not train(epochs=2).fresh, "a full run's results are taken in a quick one"
    train(epochs=2).network()
    assert len(results_in(root / "build")) == 1


@pytest.mark.parametrize(
    "old, new, stays", [('"seconds": ', '"seconds": 9', True), ('"epochs": 1', '"epochs": 2', False)]
)
def test_repeated_training_leaves_the_courses_results_as_they_are(root, monkeypatch, old, new, stays):
    """To have its network a learner trains anew; the clone must not look changed for the time that this took."""
    monkeypatch.setenv("COURSE_PROFILE", "full")
    train(epochs=1)
    file = root / "data/results/tiny.json"
    file.write_text(file.read_text(encoding="utf-8").replace(old, new, 1), encoding="utf-8")
    before = file.read_bytes()
    monkeypatch.setenv("FRESH", "1")
    train(epochs=1)
    assert (file.read_bytes() == before) == stays


def test_one_more_test_needs_no_training(root, monkeypatch):
    first = train(tests={"part": PART}, select=("loss",))
    with monkeypatch.context() as patch:
        patch.setattr(kept, "_train", None)  # any training would fail
        more = train(tests={"part": PART, "four": SMALL_PART}, select=("loss",))
        again = train(tests={"four": SMALL_PART}, select=("loss",))
        changed = train(tests={"part": SMALL_PART}, select=("loss",))
    assert more.scores["part"] == first.scores["part"]
    assert set(again.scores) == {"four"}
    assert changed.scores["part"] == again.scores["four"] == more.scores["four"] != first.scores["part"]
    (root / "build/trained" / f"tiny-{first.key[:12]}-loss.keras").unlink()
    assert train(tests={"new": SMALL_PART}, select=("loss",)).fresh


# The key


def key_of(build=plain, data=PART, **changes):
    """The key that a training would have."""
    given = {"name": "tiny", "epochs": 3, "seed": 1, "batch_size": 8, "steps_per_epoch": None}
    left_out = {"validation": None, "tests": None, "select": (), "details": None}
    return kept._Plan(build, data, **given | left_out | changes).key


def loaded():
    """A network that begins with weights that no seed has drawn."""
    network = plain()
    network.set_weights([np.full_like(weights, 0.25) for weights in network.get_weights()])
    return network


def test_key_does_not_count_how_often_keras_has_named():
    assert key_of(with_dropout) == key_of(with_dropout)


CHANGED = IMAGES.copy()
CHANGED[7, 3, 3, 0] += 1e-3
DIFFERENT = {
    "epochs": {"epochs": 4},
    "seed": {"seed": 2},
    "batch size": {"batch_size": 4},
    "steps": {"steps_per_epoch": 3},
    "select": {"select": ("loss",)},
    "details": {"details": "flipped"},
    "validation": {"validation": PART},
    "one pixel": {"data": (CHANGED, LABELS)},
    "one label": {"data": (IMAGES, LABELS[::-1])},
    "label type": {"data": (IMAGES, LABELS.astype("uint8"))},
    "shape": {"data": (IMAGES, LABELS[:, np.newaxis])},
    "layer": {"build": lambda: network_of(layers.Conv2D(3, 3, name="maps"))},
    "layer's name": {"build": lambda: network_of(layers.Conv2D(2, 3, name="other"))},
    "given name": {"build": lambda: network_of(layers.Conv2D(2, 3))},
    "optimizer": {"build": lambda: network_of(layers.Conv2D(2, 3, name="maps"), optimizer="adam")},
    "loaded weights": {"build": loaded},
}


def test_every_change_is_another_training():
    keys = {"unchanged": key_of()} | {what: key_of(**change) for what, change in DIFFERENT.items()}
    assert len(set(keys.values())) == len(keys), keys


@pytest.mark.parametrize(
    "same",
    [{"name": "other"}, {"tests": {"part": PART}}, {"data": SimpleNamespace(images=IMAGES, labels=LABELS)}],
    ids=lambda change: next(iter(change)),
)
def test_what_is_no_part_of_the_key(same):
    assert key_of(**same) == key_of()


def test_order_of_select_does_not_matter():
    assert key_of(select=("loss", "accuracy")) == key_of(select=("accuracy", "loss"))


# The data of an epoch


def indices(*, count, batch_size, steps, epochs, seed=3):
    """Which images come, batch by batch, epoch after epoch."""
    numbers = np.arange(count)
    feeds = [
        Batches(numbers, numbers, batch_size=batch_size, seed=seed, epoch=epoch, steps=steps)
        for epoch in range(1, epochs + 1)
    ]
    return [[feed[index][0].tolist() for index in range(len(feed))] for feed in feeds]


def test_an_epoch_without_steps_is_each_image_once():
    epochs = indices(count=10, batch_size=4, steps=None, epochs=3)
    for batches in epochs:
        assert [len(batch) for batch in batches] == [4, 4, 2]
        assert sorted(sum(batches, [])) == list(range(10))
    assert epochs[0] != epochs[1] != epochs[2]


@pytest.mark.parametrize(
    ("count", "batch_size", "steps"), [(165, 16, 100), (10, 4, 3), (10, 4, 1), (3, 8, 2), (4, 2, 2)]
)
def test_with_steps_the_images_repeat_in_whole_rounds(count, batch_size, steps):
    epochs = indices(count=count, batch_size=batch_size, steps=steps, epochs=4)
    assert all([len(batch) for batch in batches] == [batch_size] * steps for batches in epochs)
    flat = [number for batches in epochs for batch in batches for number in batch]
    rounds = [flat[first : first + count] for first in range(0, len(flat) - count + 1, count)]
    assert all(sorted(each) == list(range(count)) for each in rounds)
    assert count < 10 or all(one != other for one, other in pairwise(rounds))  # few may repeat by chance


def test_batches_follow_from_the_seed():
    one, same, other = (indices(count=10, batch_size=4, steps=3, epochs=2, seed=seed) for seed in (3, 3, 4))
    assert one == same != other


def test_steps_are_all_done():
    assert train(steps_per_epoch=5).history["iterations"] == [5, 10, 15]  # one round has only 3 batches


def test_labels_and_images_stay_together():
    numbers = np.arange(9)
    for images, labels in Batches(numbers, numbers * 10, batch_size=2, seed=1, epoch=2):
        assert (images * 10 == labels).all()


def noisy(seed, epoch):
    """A data function: other noise at each epoch."""
    noise = np.random.default_rng([seed, epoch]).normal(0, 0.1, IMAGES.shape)
    return (IMAGES + noise).astype("float32"), LABELS


def endless(seed, epoch):
    """A data function that returns a pipeline."""
    import tensorflow as tf

    return tf.data.Dataset.from_tensor_slices(noisy(seed, epoch)).shuffle(20).batch(8).repeat()


@pytest.mark.parametrize(("data", "steps"), [(noisy, None), (endless, 4)], ids=["arrays", "pipeline"])
def test_data_functions(data, steps):
    wanted = {"details": "noise 0.1", "validation": SMALL_PART, "tests": {"part": PART}, "steps_per_epoch": steps}
    first, second = (train(data=data, **wanted) for _ in range(2))
    assert (first.fresh, second.fresh) == (True, False)
    assert len(first.history["val_loss"]) == 3 and first.history["iterations"][0] == (steps or 3)
    assert first.scores == second.scores


def test_data_that_may_be_endless_need_steps():
    with pytest.raises(ValueError, match="may never end: give steps_per_epoch"):
        train(data=endless, details="all")


def test_data_that_end_early_are_an_error():
    def short(seed, epoch):
        return endless(seed, epoch).take(2)

    with pytest.warns(UserWarning), pytest.raises(ValueError, match="epoch 1 ended before 5 updates"):
        train(data=short, details="all", steps_per_epoch=5)


# Choosing the best epoch


def test_selected_networks_are_those_of_model_checkpoint(tmp_path):
    checkpoints = {
        name: keras.callbacks.ModelCheckpoint(tmp_path / f"{name}.keras", monitor=name, mode=mode, save_best_only=True)
        for name, mode in {"val_accuracy": "max", "val_loss": "min", "accuracy": "max"}.items()
    }
    names, callbacks = tuple(checkpoints), checkpoints.values()
    trained = train(epochs=6, validation=SMALL_PART, select=names, callbacks=callbacks)
    accuracies = trained.history["val_accuracy"]
    assert accuracies.count(max(accuracies)) > 1, "this test is about a tie"
    assert trained.best["val_accuracy"] == 1 + accuracies.index(max(accuracies))
    for name in checkpoints:
        assert same_weights(trained.network(name), keras.models.load_model(tmp_path / f"{name}.keras")), name


def best_epochs(values, name="val_loss"):
    """The best epoch by the loop's rule, for made-up values."""
    record = {"best": {}}
    plan = SimpleNamespace(select=[name], network=SimpleNamespace(get_weights=list))
    for epoch, value in enumerate(values, 1):
        kept._note_best(plan, record, {}, epoch, {name: value})
    return record["best"][name][0] if name in record["best"] else None


@pytest.mark.parametrize(
    ("values", "name", "best"),
    [
        ([3, 1, 1, 2], "val_loss", 2),
        ([3, 1, 1, 2], "val_accuracy", 1),
        ([math.nan, 2, math.nan, 1], "val_loss", 4),
        ([2, math.nan, 3], "loss", 1),
        ([math.nan, math.nan], "loss", None),
        ([0.5, 0.7, 0.7], "binary_accuracy", 2),
        ([0.5, 0.4, 0.4], "val_cross_entropy", 2),
    ],
)
def test_first_best_epoch(values, name, best):
    assert best_epochs(values, name) == best


# Refusals

GROWTH = []


def growing():
    """One layer more at each call."""
    GROWTH.append("one more")
    return [layers.Dense(2) for _ in GROWTH]


@pytest.mark.parametrize(
    ("changes", "words"),
    [
        ({"build": None}, "build must be a function"),
        ({"build": lambda: "network"}, "compiled keras network, not str"),
        ({"build": lambda: network_of(compiled="no")}, "compiled keras network, not Sequential: compile it"),
        ({"build": lambda kept_one=plain(): kept_one}, "a new network at each call"),  # noqa: B008 (once is the point)
        ({"build": lambda: network_of(layers.Lambda(abs, name="twist"))}, "cannot be made again .*instead of Lambda"),
        ({"build": lambda: network_of(Unknown())}, "cannot be made again from its configuration"),
        ({"build": lambda: network_of(*growing())}, "build() must make the same"),
        ({"data": IMAGES}, "data must be .* not ndarray"),
        ({"data": (IMAGES, LABELS[:3])}, r"data must hold as many labels as images.*\(3,\)"),
        ({"data": (IMAGES[:0], LABELS[:0])}, "at least one"),
        ({"data": (IMAGES, ["cat"] * 20)}, "an array of numbers"),
        ({"validation": (IMAGES,)}, "validation must be"),
        ({"tests": {"mine": 3}}, r"tests\['mine'\] must be"),
        ({"data": noisy}, "need details"),
        ({"details": {1, 2}}, "details must be made of"),
        ({"details": math.nan}, "details must be made of"),
        ({"name": "Tiny run"}, "name must be made of small letters.*not 'Tiny run'"),
        ({"name": "../tiny"}, "small letters"),
        ({"epochs": 0}, "epochs must be a whole number of at least 1, not 0"),
        ({"epochs": 2.5}, "not 2.5"),
        ({"batch_size": True}, "batch_size must be a whole number"),
        ({"steps_per_epoch": 0}, "steps_per_epoch must be"),
        ({"seed": -1}, "seed must be a whole number from 0 to 4000000, not -1"),
        ({"validation": noisy}, "validation must be .* not function"),
        ({"select": "val_loss"}, "select names 'val_loss', but an epoch tells accuracy, loss"),
        ({"select": ("elegance",)}, "losses or accuracies, not 'elegance': name val_loss"),
    ],
)
def test_refusals(changes, words, root):
    with pytest.raises(ValueError, match=words.replace("build()", r"build\(\)")):
        train(**changes)
    assert files_of(root) == []


def test_unknown_quantity_lists_what_there_is():
    with pytest.raises(ValueError, match="names 'val_top_accuracy', but an epoch tells accuracy, loss, val_accuracy"):
        train(validation=SMALL_PART, select=("val_top_accuracy",))


def test_a_callback_must_not_stop_the_training():
    class Stop(keras.callbacks.Callback):
        def on_epoch_end(self, epoch, logs=None):
            self.model.stop_training = epoch == 1

    with pytest.raises(ValueError, match="stopped the training in epoch 2 of 3"):
        train(callbacks=[Stop()])


# Callbacks


class Diary(keras.callbacks.Callback):
    """Writes down what it is told."""

    def __init__(self):
        super().__init__()
        self.told = []

    def on_train_begin(self, logs=None):
        self.told.append("begin")

    def on_epoch_begin(self, epoch, logs=None):
        self.told.append(epoch)

    def on_train_end(self, logs=None):
        self.told.append("end")

    def continue_from(self, history):
        self.told.append(f"after {len(history.get('loss', []))}")


def test_for_callbacks_it_is_one_training():
    diary = Diary()
    train(callbacks=[diary])
    assert diary.told == ["after 0", "begin", 0, 1, 2, "end"]


# Damage


def cut(path):
    """Cut a file in half."""
    path.write_bytes(path.read_bytes()[: path.stat().st_size // 2])


def empty(path):
    """Leave nothing in a file."""
    path.write_bytes(b"")


def flip(path):
    """Turn a byte over here and there, so that some of them belong to weights."""
    content = bytearray(path.read_bytes())
    content[100::50] = bytes(byte ^ 0xFF for byte in content[100::50])
    path.write_bytes(content)


@pytest.mark.parametrize("damage", [cut, empty], ids=lambda damage: damage.__name__)
def test_damaged_results_are_an_error_before_the_training(root, damage):
    train(epochs=1)
    file = root / "build/results/tiny.json"
    damage(file)
    with pytest.raises(CourseError, match="tiny.json is damaged"):
        train(epochs=2)
    file.unlink()
    assert train(epochs=1).fresh


@pytest.mark.parametrize("damage", [cut, empty, flip], ids=lambda damage: damage.__name__)
def test_damaged_networks_are_taken_as_missing(root, damage):
    first = train(epochs=1)
    before = first.network()
    damage(root / "build/trained" / f"tiny-{first.key[:12]}-last.keras")
    with pytest.warns(UserWarning, match="trained/tiny-.*it is taken as missing"):
        assert same_weights(first.network(), before)
    assert first.fresh


def test_another_training_s_network_is_not_taken(root):
    first, other = train(epochs=1), train(epochs=1, seed=2)
    stems = [root / "build/trained" / f"tiny-{each.key[:12]}-last.keras" for each in (first, other)]
    before = first.network()
    os.replace(stems[1], stems[0])
    with pytest.warns(UserWarning, match="is damaged or of another training"):
        assert same_weights(first.network(), before)


def test_what_a_killed_training_was_writing_is_swept_away(root):
    folder, gone = root / "build/trained", subprocess.Popen([sys.executable, "-c", ""])
    gone.wait()
    folder.mkdir(parents=True)
    state = f"tiny-{key_of(epochs=1)[:12]}.state.npz"
    stale, alive = (folder / f".{state}.{pid}.npz" for pid in (gone.pid, os.getppid()))
    for leftover in (stale, alive):
        leftover.write_bytes(b"half")
    train(epochs=1)
    assert (stale.exists(), alive.exists()) == (False, True)


# Interruptions


class Interrupt(keras.callbacks.Callback):
    """Stands for Ctrl-C in the middle of an epoch."""

    def __init__(self, epoch):
        super().__init__()
        self.epoch, self.now = epoch, 0

    def on_epoch_begin(self, epoch, logs=None):
        self.now = epoch + 1

    def on_train_batch_end(self, batch, logs=None):
        if self.now == self.epoch and batch == 1:
            raise KeyboardInterrupt


def interrupted(epoch, **wanted):
    """Begin a training and interrupt it."""
    with pytest.raises(KeyboardInterrupt):
        train(callbacks=[Interrupt(epoch)], **wanted)


def careless(seed, epoch):
    """A data function that draws from NumPy's own generator."""
    return (IMAGES + np.random.normal(0, 0.1, IMAGES.shape)).astype("float32"), LABELS


@pytest.mark.parametrize(("build", "data", "steps"), [(plain, careless, None), (with_dropout, PART, 4)])
def test_goes_on_to_the_same_weights(root, build, data, steps, capfd):
    wanted = {
        "build": build,
        "data": data,
        "epochs": 4,
        "steps_per_epoch": steps,
        "validation": SMALL_PART,
        "select": ("val_loss", "loss"),
        "tests": {"part": PART},
        "details": "noise",
    }
    undisturbed = train(name="calm", **wanted)
    for epoch in (2, 4):
        interrupted(epoch, **wanted)
    resumed = train(**wanted)
    assert "went on after epoch 3, trained in" in resumed.sentence
    assert capfd.readouterr().out.splitlines()[-1] == resumed.sentence
    assert resumed.history == undisturbed.history
    assert resumed.scores == undisturbed.scores
    assert resumed.best == undisturbed.best
    for which in ("last", "val_loss", "loss"):
        assert same_weights(resumed.network(which), undisturbed.network(which)), which
    (record,) = [each for each in results_in(root / "build") if each["name"] == "tiny"]
    assert record["resumed_after"] == [1, 3]
    assert not files_of(root, "*.npz")


def test_callbacks_learn_of_the_epochs_before():
    interrupted(3)
    diary = Diary()
    train(callbacks=[diary])
    assert diary.told == ["after 2", "begin", 2, "end"]


def test_fresh_does_not_go_on(monkeypatch):
    interrupted(2, epochs=2)
    monkeypatch.setenv("FRESH", "1")
    assert "trained now" in train(epochs=2).sentence


@pytest.mark.parametrize("damage", [cut, empty, flip], ids=lambda damage: damage.__name__)
def test_damaged_state_is_taken_as_missing(root, damage):
    interrupted(2, epochs=2)
    (state,) = root.glob("build/trained/*.npz")
    damage(state)
    with pytest.warns(UserWarning, match="state.npz is damaged or of another training"):
        assert "trained now" in train(epochs=2).sentence


def test_a_crash_while_writing_leaves_the_state_before(root, monkeypatch):
    undisturbed = train(name="calm", epochs=4)
    really_save, saved = np.savez, []

    def half_a_file(path, **arrays):
        really_save(path, **arrays)
        saved.append(path)
        if len(saved) == 3:
            cut(path)
            raise KeyboardInterrupt

    monkeypatch.setattr(np, "savez", half_a_file)
    with pytest.raises(KeyboardInterrupt):
        train(epochs=4)
    resumed = train(epochs=4)
    assert "went on after epoch 2" in resumed.sentence
    assert same_weights(resumed.network(), undisturbed.network())


def test_a_crash_between_networks_and_results_goes_on(root, monkeypatch):
    with monkeypatch.context() as patch:
        patch.setattr(kept_files, "write_record", lambda record: (_ for _ in ()).throw(KeyboardInterrupt))
        with pytest.raises(KeyboardInterrupt):
            train()
    assert "went on after epoch 3" in train().sentence


def test_state_is_kept_seldom_enough(root, monkeypatch):
    monkeypatch.setattr(kept, "STATE_SECONDS", 1000)
    written = []
    monkeypatch.setattr(kept_files, "write_state", lambda record, *_: written.append(len(record["history"]["loss"])))
    train(epochs=8)
    assert written == [1, 8], "the first and the last epoch"


# Killed


CHILD = """
import sys
from pathlib import Path
from helpers import course
course.ROOT = Path(sys.argv[1])
sys.path.insert(0, sys.argv[2])
import keras
from test_kept_training import killed_training

class Tell(keras.callbacks.Callback):
    def on_epoch_begin(self, epoch, logs=None):
        print("epoch", flush=True)

print(killed_training(int(sys.argv[3]), [Tell()]).sentence, flush=True)
"""


def killed_training(epochs, callbacks=()):
    """The training that is killed: compiled, as a notebook's is, with Dropout."""

    def build():
        network = with_dropout()
        network.compile("nadam", "sparse_categorical_crossentropy", metrics=["accuracy"])
        return network

    return kept_training(
        build,
        PART,
        name="killed",
        epochs=epochs,
        seed=2,
        batch_size=8,
        steps_per_epoch=4,
        validation=SMALL_PART,
        select=("val_loss",),
        tests={"part": PART},
        callbacks=callbacks,
    )


def start_child(root, epochs):
    """Start a process that trains."""
    tests = Path(__file__).resolve().parent
    environment = os.environ | {"PYTHONPATH": str(tests.parent), "TF_CPP_MIN_LOG_LEVEL": "3"}
    return subprocess.Popen(
        [sys.executable, "-c", CHILD, str(root), str(tests), str(epochs)],
        env=environment,
        stdout=subprocess.PIPE,
        stderr=subprocess.DEVNULL,
        text=True,
    )


def kill_after(root, pause, *, begun, epochs):
    """Start a training of some epochs; when so many have begun, wait a moment more and kill it with SIGKILL."""
    child = start_child(root, epochs)
    assert [child.stdout.readline() for _ in range(begun)] == ["epoch\n"] * begun
    time.sleep(pause)
    child.kill()
    child.wait()
    child.stdout.close()
    return child.returncode


def killed_and_compared(root, pauses, *, begun, epochs):
    """Kill a training several times, finish it in two processes at once, compare with an undisturbed one."""
    for pause in pauses:
        assert kill_after(root, pause, begun=begun, epochs=epochs) == -signal.SIGKILL, "finished before it was killed"
    children = [start_child(root, epochs), start_child(root, epochs)]
    sentences = [child.communicate(timeout=300)[0].splitlines()[-1] for child in children]
    assert all("went on after epoch" in each or "taken from kept" in each for each in sentences), sentences
    finished = killed_training(epochs)
    assert not finished.fresh
    networks = {which: finished.network(which) for which in ("last", "val_loss")}
    course.ROOT = root / "undisturbed"
    undisturbed = killed_training(epochs)
    assert undisturbed.fresh
    assert finished.history == undisturbed.history
    assert finished.scores == undisturbed.scores
    for which, network in networks.items():
        assert same_weights(network, undisturbed.network(which)), which


@pytest.mark.skipif(not hasattr(signal, "SIGKILL"), reason="this system knows no SIGKILL")
def test_killed_it_ends_with_the_same_weights(root):
    killed_and_compared(root, [0.1], begun=3, epochs=20)


@pytest.mark.long
@pytest.mark.skipif(not hasattr(signal, "SIGKILL"), reason="this system knows no SIGKILL")
def test_killed_ten_times_it_ends_with_the_same_weights(root):
    moments = random.Random(8)
    killed_and_compared(root, [moments.uniform(0.0, 0.05) for _ in range(10)], begun=2, epochs=40)
