"""The triangular learning rate, moved images, the pipeline of an epoch, averaged weights in kept trainings."""

import gc
import shutil
import weakref

import keras
import numpy as np
import pytest

from helpers import course
from helpers._shared.errors import CourseError
from helpers.training import InTurn, OneCycle, kept_results, kept_training, moved
from helpers.training.batches import Batches, on_all_cores

RANDOM = np.random.default_rng(4)
IMAGES = RANDOM.random((40, 8, 8, 1), dtype=np.float32)
LABELS = RANDOM.integers(0, 3, 40)


@pytest.fixture
def home(tmp_path, monkeypatch):
    """A repository root of the test's own."""
    monkeypatch.setattr(course, "ROOT", tmp_path)
    monkeypatch.setenv("COURSE_PROFILE", "quick")
    monkeypatch.delenv("FRESH", raising=False)
    return tmp_path


@pytest.mark.parametrize(
    ("step", "expected"), [(0, 0.01), (1, 0.03), (4, 0.09), (5, 0.09), (7, 0.05), (9, 0.01), (10, 0), (99, 0)]
)
def test_one_cycle_rises_and_falls(step, expected):
    assert float(OneCycle(0.1, steps=10, rise=0.5)(step)) == pytest.approx(expected, abs=1e-7)


def test_one_cycle_is_a_keras_schedule_that_can_be_saved():
    rate = OneCycle(0.2, 100, rise=0.2)
    optimizer = keras.optimizers.SGD(rate)
    again = keras.optimizers.deserialize(keras.optimizers.serialize(optimizer))
    first, second = (keras.ops.convert_to_numpy(each(np.arange(120))) for each in (rate, again._learning_rate))
    np.testing.assert_array_equal(first, second)
    assert first.argmax() in (19, 20) and first.max() == pytest.approx(0.2, rel=0.03) and (first[:100] > 0).all()


@pytest.mark.parametrize(
    ("arguments", "words"),
    [
        ((0, 10), "peak of the learning rate must be a finite number above 0, not 0"),
        ((True, 10), "not True"),
        ((0.1, 0), "steps must be"),
        ((0.1, "10"), "steps must be a finite number above 0, not '10'"),
        ((0.1, 10, 0), "above 0 and below 1, not 0"),
        ((0.1, 10, 1), "above 0 and below 1, not 1"),
        ((0.1, 10, float("nan")), "not nan"),
    ],
)
def test_one_cycle_refuses(arguments, words):
    with pytest.raises(ValueError, match=words):
        OneCycle(*arguments)


@pytest.mark.parametrize("size", [(8, 8, 1), (7, 10, 3)])
def test_shifts_are_whole_pixels(size):
    """Each image is found again, whole and unchanged, in one of the 25 places; all places come."""
    images = RANDOM.random((300, *size), dtype=np.float32)
    before, found = images.copy(), set()
    for image, shifted in zip(images, moved(images, 1, shift=2), strict=True):
        padded = np.pad(image, ((2, 2), (2, 2), (0, 0)))
        fits = [
            (down, across)
            for down in range(5)
            for across in range(5)
            if np.array_equal(padded[down : down + size[0], across : across + size[1]], shifted)
        ]
        assert len(fits) == 1
        found.add(fits[0])
    assert len(found) == 25
    np.testing.assert_array_equal(images, before)


def test_moves_follow_from_the_seed_alone():
    first = moved(IMAGES, [1, 2], shift=1, turn=10, zoom=0.1)
    assert first.dtype == np.float32 and first.shape == IMAGES.shape
    np.testing.assert_array_equal(first, moved(IMAGES, [1, 2], shift=1, turn=10, zoom=0.1))
    assert not np.array_equal(first, moved(IMAGES, [1, 3], shift=1, turn=10, zoom=0.1))
    np.testing.assert_array_equal(moved(IMAGES, 5), IMAGES)  # asked for nothing, it does nothing
    assert moved(np.full((2, 4, 4, 1), 255, np.uint8), 1).max() == 255


def test_what_is_shifted_out_of_its_frame_is_gone_and_costs_no_memory():
    far = moved(IMAGES, 1, shift=10**9)
    assert far.shape == IMAGES.shape and not far.any()


@pytest.mark.parametrize("labels", [LABELS, np.eye(3, dtype=np.float32)[LABELS]], ids=["numbers", "one-hot"])
def test_a_pipeline_brings_the_same_batches_and_does_not_tune_itself(labels):
    batches = Batches(IMAGES, labels, batch_size=12, seed=1, epoch=2)
    pipeline = on_all_cores(batches)
    assert len(pipeline) == len(batches) == 4 and pipeline.options().autotune.enabled is False
    for found, wanted in zip(pipeline.as_numpy_iterator(), (batches[index] for index in range(4)), strict=True):
        for one, other in zip(found, wanted, strict=True):
            np.testing.assert_array_equal(one, other, strict=True)


def test_the_images_of_an_epoch_are_let_go_with_its_pipeline():
    images, network = IMAGES.copy(), build(use_ema=False, ema_momentum=0.9)
    alive = weakref.ref(images)
    pipeline = on_all_cores(Batches(images, LABELS, batch_size=12, seed=1, epoch=1))
    network.fit(pipeline, verbose=0, shuffle=False)
    del images, pipeline
    gc.collect()
    assert alive() is None


def test_other_backends_take_the_batches_themselves(monkeypatch):
    monkeypatch.setattr(keras.backend, "backend", lambda: "jax")
    batches = Batches(IMAGES, LABELS, batch_size=12, seed=1, epoch=1)
    assert on_all_cores(batches) is batches


def blob(width, height):
    """A bright ellipse in the middle of 41 x 41 pixels, (1, 41, 41, 1)."""
    down, across = np.mgrid[-20:21, -20:21]
    return np.exp(-((across / width) ** 2) - (down / height) ** 2).astype(np.float32)[np.newaxis, ..., np.newaxis]


def spread(images):
    """Middle and covariance of each image's brightness: (n, 2) and (n, 2, 2), across before down."""
    down, across = np.mgrid[-20:21, -20:21]
    places = np.stack([across, down]).reshape(2, -1)
    weights = images.reshape(len(images), -1) / images.sum(axis=(1, 2, 3))[:, np.newaxis]
    middle = weights @ places.T
    return middle, np.einsum("np,ip,jp->nij", weights, places, places) - middle[:, :, None] * middle[:, None]


def test_a_turn_turns_about_the_middle_and_keeps_the_size():
    middle, covariance = spread(moved(np.repeat(blob(8, 3), 200, axis=0), 1, turn=30))
    angle = np.degrees(0.5 * np.arctan2(2 * covariance[:, 0, 1], covariance[:, 0, 0] - covariance[:, 1, 1]))
    assert np.abs(middle).max() < 0.05
    assert 27 < angle.max() < 31 and -31 < angle.min() < -27 and 15 < angle.std() < 20  # uniform: 17.3
    _, plain = spread(blob(8, 3))
    np.testing.assert_allclose(
        np.linalg.det(covariance), np.repeat(np.linalg.det(plain), 200), rtol=0.06
    )  # interpolation blurs


def test_a_zoom_enlarges_and_shrinks_by_its_share():
    middle, covariance = spread(moved(np.repeat(blob(5, 5), 200, axis=0), 1, zoom=0.2))
    size = np.sqrt(np.linalg.det(covariance) / np.linalg.det(spread(blob(5, 5))[1])) ** 0.5
    assert np.abs(middle).max() < 0.05 and 1.15 < size.max() < 1.21 and 0.79 < size.min() < 0.85


@pytest.mark.parametrize(
    ("images", "options", "words"),
    [
        (IMAGES[0], {}, r"shape \(images, height, width, channels\), not \(8, 8, 1\)"),
        (IMAGES.astype(str), {}, "images must be an array of numbers"),
        (IMAGES[:0], {}, "not \\(0, 8, 8, 1\\)"),
        (IMAGES, {"shift": -1}, "shift, in pixels, must be a whole number of at least 0, not -1"),
        (IMAGES, {"shift": 1.5}, "not 1.5"),
        (IMAGES, {"shift": True}, "not True"),
        (IMAGES, {"turn": 181}, "from 0 to 180, not 181"),
        (IMAGES, {"turn": float("nan")}, "nan"),
        (IMAGES, {"zoom": 1}, "below 1"),
        (IMAGES, {"zoom": "0.1"}, "'0.1'"),
    ],
)
def test_moved_refuses(images, options, words):
    with pytest.raises(ValueError, match=words):
        moved(images, 1, **options)


def build(use_ema=True, ema_momentum=0.5):
    """A tiny network whose optimizer averages the weights."""
    network = keras.Sequential([keras.Input((8, 8, 1)), keras.layers.Flatten(), keras.layers.Dense(3, "softmax")])
    optimizer = keras.optimizers.SGD(0.5, momentum=0.9, use_ema=use_ema, ema_momentum=ema_momentum)
    network.compile(optimizer, "sparse_categorical_crossentropy", metrics=["accuracy"])
    return network


class Watch(keras.callbacks.Callback):
    """Takes down the network's weights after each batch and at each epoch's end."""

    def __init__(self):
        super().__init__()
        self.weights, self.epochs = [], []

    def on_train_batch_end(self, batch, logs=None):
        self.weights.append(self.model.get_weights()[0])

    def on_epoch_end(self, epoch, logs=None):
        self.epochs.append(self.model.get_weights()[0])


def train(epochs=3, **options):
    return kept_training(
        build,
        (IMAGES, LABELS),
        name="averaged",
        epochs=epochs,
        seed=1,
        batch_size=8,
        validation=(IMAGES[:20], LABELS[:20]),
        **options,
    )


def test_an_average_is_kept_and_the_training_goes_on_without_it(home):
    """By hand: the average over all batches of three epochs, and the weights that no average ever entered."""
    watch = Watch()
    run = train(callbacks=[watch], select="val_loss")
    average, averages = watch.weights[0], []
    for weights in watch.weights[1:]:
        average = 0.5 * average + 0.5 * weights
        averages.append(average)
    np.testing.assert_allclose(run.network().get_weights()[0], average, atol=1e-6)
    np.testing.assert_array_equal(watch.epochs[0], watch.weights[4])  # the epoch ends with the network's own
    best = run.best["val_loss"]
    np.testing.assert_allclose(run.network("val_loss").get_weights()[0], averages[5 * best - 2], atol=1e-6)
    scored = run.network("val_loss")
    scored.compile(loss="sparse_categorical_crossentropy")
    loss = scored.evaluate(IMAGES[:20], LABELS[:20], verbose=0)
    assert loss == pytest.approx(run.history["val_loss"][best - 1], abs=1e-5)  # validation saw the average, too


def test_the_average_changes_no_step(home):
    watches = []
    for use_ema in (True, False):
        watches.append(Watch())
        kept_training(
            lambda use_ema=use_ema: build(use_ema),
            (IMAGES, LABELS),
            name=f"with_{use_ema}".lower(),
            epochs=3,
            seed=1,
            batch_size=8,
            callbacks=[watches[-1]],
        )
    np.testing.assert_allclose(watches[0].weights, watches[1].weights, atol=1e-6)


class Stop(keras.callbacks.Callback):
    """An interruption in the second epoch."""

    def on_epoch_begin(self, epoch, logs=None):
        if epoch == 1:
            raise KeyboardInterrupt


def test_an_interrupted_average_ends_like_an_undisturbed_one(home):
    with pytest.raises(KeyboardInterrupt):
        train(callbacks=[Stop()])
    resumed = train()
    assert "went on after epoch 1" in resumed.sentence
    again, history = resumed.network().get_weights(), resumed.history
    shutil.rmtree(home / "build")
    undisturbed = train()
    assert undisturbed.history == history
    for first, second in zip(undisturbed.network().get_weights(), again, strict=True):
        np.testing.assert_array_equal(first, second)


def test_others_have_their_turn_and_their_time_does_not_count(home, monkeypatch):
    """Another training within a training changes nothing, and a kept training gives nobody a turn."""
    clock, taken = [0.0], []

    def turn():
        clock[0] += 1000
        taken.append(train(epochs=1))

    alone = Watch()
    train(callbacks=[alone])
    monkeypatch.setenv("FRESH", "1")
    monkeypatch.setattr("helpers.training.kept.time.monotonic", lambda: clock[0])
    watch = Watch()
    run = train(callbacks=[watch, InTurn([turn, turn], 3)])
    assert [each.fresh for each in taken] == [True, True] and run.seconds == 0
    np.testing.assert_array_equal(watch.weights, alone.weights)
    monkeypatch.delenv("FRESH")
    train(callbacks=[InTurn([turn], 3)])
    assert len(taken) == 2


@pytest.mark.parametrize(
    ("count", "epochs", "after"), [(5, 80, [16, 32, 48, 64, 80]), (2, 3, [1, 3]), (1, 4, [4]), (3, 3, [1, 2, 3])]
)
def test_turns_are_spread_evenly(count, epochs, after):
    taken, now = [], []
    in_turn = InTurn([lambda: taken.append(now[-1])] * count, epochs)
    for epoch in range(1, epochs + 1):
        now.append(epoch)
        in_turn.between_epochs(epoch)
    assert taken == after


@pytest.mark.parametrize(("turns", "epochs"), [([], 3), ([print] * 4, 3)])
def test_turns_must_fit(turns, epochs):
    with pytest.raises(ValueError, match="turns fit into 3 epochs"):
        InTurn(turns, epochs)


def test_results_can_be_read_without_training(home, monkeypatch):
    assert kept_results("averaged") == []
    train(epochs=1)  # a quick run, which leaves nothing that comes with the course
    assert kept_results("averaged") == []
    monkeypatch.setenv("COURSE_PROFILE", "full")
    run = train(epochs=2)
    kept_training(build, (IMAGES, LABELS), name="averaged-too", epochs=1, seed=1)
    (found,) = kept_results("averaged")
    assert found["history"] == run.history and (found["seed"], found["key"]) == (1, run.key)
    (home / "data" / "results" / "averaged.json").write_text("{", encoding="utf-8")
    with pytest.raises(CourseError, match="averaged.json is damaged"):
        kept_results("averaged")
