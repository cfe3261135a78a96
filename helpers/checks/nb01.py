"""The checks of notebook 01: an honest fit, a reader of chosen layers, and a drawing."""

from types import SimpleNamespace

import keras
import numpy as np

from helpers._shared.arguments import as_numbers
from helpers.checks.verdict import check, right, tried, wrong

__all__ = ["check_honest_fit", "check_layer_reader", "check_own_drawing"]


@keras.saving.register_keras_serializable(package="inside_a_cnn_checks")
class Watched(keras.Sequential):
    """A network that notes what it is trained on, and its weights after each epoch."""

    fits, epochs = [], []  # of the class: the network that is loaded back is another object

    def fit(self, x=None, y=None, *, validation_data=None, callbacks=(), **options):
        """Train, and note with what."""
        Watched.fits.append((x, validation_data))
        note = keras.callbacks.LambdaCallback(
            on_epoch_end=lambda epoch, logs: Watched.epochs.append((dict(logs), self.get_weights()))
        )
        return super().fit(x, y, validation_data=validation_data, callbacks=[*callbacks, note], **options)


@check
def check_honest_fit(answer):
    """Check a function that trains a network, lets a validation set choose the epoch, and a test set report.

    Args:
        answer: function of (network, train, choose, report), three parts with ``images`` and ``labels``; it returns the
            accuracy on ``report``.

    Returns:
        A Verdict; right when only ``choose`` chose, by accuracy or by loss, and ``report`` was asked about that epoch.
    """
    network, train, choose, report = _toys()
    Watched.fits, Watched.epochs = [], []
    found = tried(answer, "on a small network of ours", network, train, choose, report)
    if not Watched.fits:
        return wrong("the network was not trained: call network.fit(...) in your function.")
    trained, checked = Watched.fits[-1]
    if checked is None:
        return wrong("fit got no validation_data, so nothing could choose the epoch: give it choose.")
    if _same(checked[0], report):
        return wrong("report chose the epoch and reports, too: that is the best of many looks. Let choose choose.")
    if not _same(checked[0], choose) or not _same(trained, train):
        return wrong("fit is to train on train, with choose as its validation_data: look at what it is given.")
    return _about_score(float(found), network, choose, report)


def _about_score(found, network, choose, report):
    """Compare a score with that of the chosen epoch, and with those that are mistaken for it."""
    logs = [each for each, _ in Watched.epochs]
    by_accuracy = max(each["val_accuracy"] for each in logs)
    chosen = [place for place, each in enumerate(logs) if each["val_accuracy"] == by_accuracy]
    chosen.append(int(np.argmin([each["val_loss"] for each in logs])))
    scores = []
    for _, weights in Watched.epochs:
        network.set_weights(weights)
        scores.append(float(np.mean(network.predict(report.images, verbose=0).argmax(axis=1) == report.labels)))
    if any(np.isclose(found, scores[place]) for place in chosen):
        return right("choose chose the epoch, and report was asked once, after that.")
    if np.isclose(found, by_accuracy):
        return wrong("this is the accuracy on those images that chose, which flatters: ask report.")
    if np.isclose(found, scores[-1]):
        return wrong("this is the last epoch's score: load the weights of the best epoch before you ask report.")
    return wrong(f"it returns {found:.3f}, and the chosen epoch has {scores[chosen[0]]:.3f} on report: return that.")


def _same(images, part):
    return np.shape(images) == part.images.shape and np.array_equal(images, part.images)


def _toys():
    """A small network, and three parts of noisy points of three classes, on which epochs differ."""
    keras.utils.set_random_seed(5)
    rng, parts = np.random.default_rng(5), []
    for count in (60, 30, 53):  # so that no share of one part is one of another
        labels = rng.integers(0, 3, count)
        images = rng.normal(size=(count, 2)) + np.array([[0, 1.2], [1, -0.6], [-1, -0.6]])[labels]
        parts.append(SimpleNamespace(images=images.astype(np.float32), labels=labels))
    network = Watched([keras.Input((2,)), keras.layers.Dense(8, "relu"), keras.layers.Dense(3, "softmax")])
    network.compile(keras.optimizers.SGD(0.9, 0.9), "sparse_categorical_crossentropy", metrics=["accuracy"])
    return network, *parts


@check
def check_layer_reader(answer):
    """Check a function that reads chosen layers of a network.

    Args:
        answer: function of (network, images, names); it returns a dict from name to what this layer puts out.

    Returns:
        A Verdict; right when all that was asked for is there and equals what the layers put out one by one.
    """
    keras.utils.set_random_seed(3)
    network = keras.Sequential([keras.Input((9, 8, 2))])
    for number, filters in enumerate((4, 3, 5), start=1):
        network.add(keras.layers.Conv2D(filters, 2, activation="relu", name=f"layer_{number}"))
    images = np.random.default_rng(3).random((2, 9, 8, 2), dtype=np.float32)
    expected, value = {}, images
    for layer in network.layers:
        value = np.asarray(layer(value))
        expected[layer.name] = value
    names = ["layer_3", "layer_1"]
    found = tried(answer, f"asked for {names} of a network of ours", network, images, names)
    if not isinstance(found, dict) or set(found) != set(names):
        came = ", ".join(map(str, found)) if isinstance(found, dict) else type(found).__name__
        return wrong(f"a dict with the keys {' and '.join(names)} is needed, and {came or 'an empty one'} came.")
    for name in names:
        if np.shape(found[name]) != expected[name].shape:
            return wrong(
                f"{name} puts out shape {expected[name].shape} for two images, and {np.shape(found[name])} came."
            )
        if not np.allclose(found[name], expected[name], atol=1e-5):
            return wrong(f"{name} has other values: are the names and the outputs in the same order?")
    return right("two layers of a network of ours, in an order of their own, for two images at a time.")


@check
def check_own_drawing(answer, network, class_names):
    """Check a drawing that the learner made for the shapes network, and say what the network answers.

    Args:
        answer: the drawing, (1, 28, 28, 3), values 0..1, dark lines on white.
        network: the trained network.
        class_names: the names of its classes, in order.

    Returns:
        A Verdict.
    """
    picture = as_numbers(answer, "the drawing", finite=True).astype("float32")
    if picture.shape != (1, 28, 28, 3):
        advice = "take picture[None]" if picture.shape == (28, 28, 3) else "draw on 28x28 pixels with 3 colours"
        return wrong(f"an array of shape (1, 28, 28, 3) was expected, and {picture.shape} came: {advice}.")
    if picture.min() < -0.001:
        return wrong(f"values 0..1 were expected, and they go down to {picture.min():.2g}: 0 is black and 1 is white.")
    if picture.max() > 1.001:
        return wrong(f"values 0..1 were expected, and they go up to {picture.max():.0f}: divide by 255.")
    if np.ptp(picture) < 0.2:
        return wrong("the drawing is all of one brightness: did a stroke miss the picture?")
    if np.median(picture) < 0.5:
        return wrong("dark lines on white were expected, and most of this is dark: take 1 - picture.")
    probabilities = np.asarray(network(picture))[0]
    best = int(probabilities.argmax())
    return right(f"the network takes your drawing for one of the {class_names[best]} (p = {probabilities[best]:.2f}).")
