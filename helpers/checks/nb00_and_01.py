"""The checks of notebooks 00 and 01: a filter, the size of its map, an honest fit, layers that are read, a drawing."""

from types import SimpleNamespace

import keras
import numpy as np

from helpers._shared.arguments import as_number
from helpers.activations import read_activations
from helpers.checks.verdict import check, expect, need, need_keys, need_shape, tried, tried_all

__all__ = ["check_honest_fit", "check_layer_reader", "check_output_size", "check_own_drawing", "check_vertical_edges"]

# Notebook 00

SIZES = [(28, 3, 1), (28, 5, 2), (7, 7, 1), (150, 3, 3), (11, 4, 2), (32, 1, 5), (9, 2, 4)]  # pixels, filter, stride


@check
def check_vertical_edges(answer):
    """Check a filter for vertical edges, dark left and bright right, on edges and grounds that nobody has seen.

    Args:
        answer: array ``(5, 5)``.

    Returns:
        A Verdict; right when it answers to such an edge at every place, and gives 0 in uniform areas
        and on horizontal edges.
    """
    weights = need_shape(answer, (5, 5), "write five rows of five", name="the filter", finite=True).astype(float)
    near = 1e-6 * np.abs(weights).sum()  # what counts as 0
    need(near > 0, "all weights are zero, so it answers to nothing: make one side negative, the other positive.")
    total = weights.sum()
    need(abs(total) <= near, f"on ground of brightness 1 it gives {total:.3g} instead of 0: let all weights sum to 0.")
    level = max([weights[row:].sum() for row in range(1, 5)], key=abs)  # dark above, bright below
    need(abs(level) <= near, f"on a horizontal edge it gives {level:.3g} instead of 0: let each row add up to 0.")
    edge = max(weights[:, column:].sum() for column in range(1, 5))  # dark left, bright right
    need(edge > near, f"on an edge it gives {edge:.3g}, which ReLU makes 0: put the positive weights at the right.")
    return f"on an edge it gives up to {edge:.3g}, in uniform areas and on horizontal edges 0."


@check
def check_output_size(answer):
    """Check a function that says how many values a row of a map has, by what Keras makes.

    Args:
        answer: function of (pixels, side of the filter, stride, padding "valid" or "same"), a whole number.

    Returns:
        A Verdict; right when it agrees with Keras on all sizes that are tried.
    """
    sizes = [(*size, padding) for padding in ("valid", "same") for size in SIZES]
    cases = ["for {} pixels, a filter of side {}, stride {} and padding {!r}".format(*size) for size in sizes]
    returned = tried_all(answer, list(zip(cases, sizes)))
    for case, (pixels, side, stride, padding), found in zip(cases, sizes, returned):
        layer = keras.layers.Conv2D(1, side, strides=stride, padding=padding)
        expected = layer.compute_output_shape((None, pixels, pixels, 1))[1]
        found = need_shape(found, (), "return one number", name=f"what it returns {case}", finite=True)
        need(found == expected, f"{case} it returns {found:g}, and Keras makes {expected}.")
    return f"it agrees with Keras on {len(sizes)} sizes."


# Notebook 01


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
    fits, epochs = _watched(network)
    found = tried(answer, "on a small network of ours", network, train, choose, report)
    need(fits, "the network was not trained: call network.fit(...) in your function.")
    trained, checked = fits[-1]
    chose = epochs and isinstance(checked, (tuple, list))
    need(chose, "fit had no pair of arrays as validation_data, or no epoch, so nothing could choose: give it choose.")
    flatters = np.array_equal(checked[0], report.images)
    need(not flatters, "report chose the epoch and reports, too: that is the best of many looks. Let choose choose.")
    fair = np.array_equal(checked[0], choose.images) and np.array_equal(trained, train.images)
    need(fair, "fit is to train on train, with choose as its validation_data: look at what it is given.")
    accuracies, losses = ([logs[name] for logs, _ in epochs] for name in ("val_accuracy", "val_loss"))
    scores = []
    for _, weights in epochs:
        network.set_weights(weights)
        scores.append(network.evaluate(report.images, report.labels, verbose=0, return_dict=True)["accuracy"])
    best = [*np.flatnonzero(np.equal(accuracies, max(accuracies))), np.argmin(losses)]  # any of them may be chosen
    found = as_number(found, "what it returns")
    chosen = min((scores[epoch] for epoch in best), key=lambda score: abs(score - found))
    mistakes = {
        "this is the accuracy on those images that chose, which flatters: ask report.": max(accuracies),
        "this is the last epoch's score: load the weights of the best epoch before you ask report.": scores[-1],
    }
    expect(found, chosen, mistakes, f"it returns {found:.3f}, and the chosen epoch has {chosen:.3f}: return that.")
    return "choose chose the epoch, and report was asked once, after that."


def _watched(network):
    """Two lists that grow as a network is trained: what it is trained on, and logs and weights of each epoch."""
    fits, epochs, plain_fit = [], [], network.fit

    def fit(x=None, y=None, *, validation_data=None, callbacks=(), **options):
        fits.append((x, validation_data))
        note = keras.callbacks.LambdaCallback(
            on_epoch_end=lambda epoch, logs: epochs.append((dict(logs), network.get_weights()))
        )
        return plain_fit(x, y, validation_data=validation_data, callbacks=[*callbacks, note], **options)

    network.fit = fit
    return fits, epochs


def _toys():
    """A small network, and three parts of noisy points of three classes, on which epochs differ."""
    keras.utils.set_random_seed(5)
    rng, parts = np.random.default_rng(5), []
    for count in (60, 30, 53):  # so that no share of one part is one of another
        labels = rng.integers(0, 3, count)
        images = rng.normal(size=(count, 2)) + np.array([[0, 1.2], [1, -0.6], [-1, -0.6]])[labels]
        parts.append(SimpleNamespace(images=images.astype(np.float32), labels=labels))
    network = keras.Sequential([keras.Input((2,)), keras.layers.Dense(8, "relu"), keras.layers.Dense(3, "softmax")])
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
    names = ["layer_3", "layer_1"]
    expected = read_activations(network, images, names)
    found = tried(answer, f"asked for {names} of a network of ours", network, images, names)
    need_keys(found, names)
    for name in names:
        array = need_shape(found[name], expected[name].shape, "that is what it puts out for two images", name=name)
        expect(array, expected[name], {}, f"{name} has other values: are the names and the outputs in the same order?")
    return "two layers of a network of ours, in an order of their own, for two images at a time."


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
    advice = "draw on 28 x 28 pixels with 3 colours, and take picture[None]"
    picture = need_shape(answer, (1, 28, 28, 3), advice, name="the drawing", finite=True).astype("float32")
    low, high = picture.min(), picture.max()
    need(low >= -0.001, f"values 0..1 were expected, and they go down to {low:.2g}: 0 is black and 1 is white.")
    need(high <= 1.001, f"values 0..1 were expected, and they go up to {high:.0f}: divide by 255.")
    need(high - low >= 0.2, "the drawing is all of one brightness: did a stroke miss the picture?")
    need(np.median(picture) >= 0.5, "dark lines on white were expected, and most is dark: take 1 - picture.")
    probabilities = np.asarray(network(picture))[0]
    best = int(probabilities.argmax())
    return f"the network takes your drawing for one of the {class_names[best]} (p = {probabilities[best]:.2f})."
