"""The checks of notebook 03: the preparation that fits a network, and a count of silent channels."""

import keras
import numpy as np

from helpers._shared.arguments import brief
from helpers.checks.verdict import check, right, tried, wrong

__all__ = ["check_preparation", "check_silent_counts"]

RANGES = {"0..255": (0, 255), "0..1": (0, 1), "-1..1": (-1, 1)}  # what stands for black and for white
WIDE, TALL = 6, 5  # pixels of the toy images


@check
def check_preparation(answer):
    """Check a function that finds out how images have to be prepared for a network.

    The networks of this check reach the same accuracy with every preparation, so only how sure they are can tell.

    Args:
        answer: function of (network, prepared, labels), where prepared is a dict from a name to images that are
            prepared so; it returns a name.

    Returns:
        A Verdict; right when it names the right preparation for each of three networks.
    """
    said, highest = {}, {}
    for name in RANGES:
        network, prepared, labels = _network_for(name)
        losses = {each: _cross_entropy(network, images, labels) for each, images in prepared.items()}
        highest[name] = max(losses, key=losses.get)
        found = tried(answer, "on a network of ours", network, prepared, labels)
        if not isinstance(found, str) or found not in prepared:
            return wrong(f"one of the names {', '.join(prepared)} is needed, and {brief(found)} came.")
        said[name] = str(found)
    if said == {name: name for name in RANGES}:
        return right("three networks of ours, each for another range; with any of them their accuracy is the same.")
    if said == highest:
        return wrong("this is the preparation with the highest cross-entropy: the lowest one fits best.")
    if len(set(said.values())) == 1:
        return wrong(
            f"it says {said['0..1']} for each of three networks, and each wants another range. Their accuracy is the "
            "same with every range, and to be sure is no merit: compare cross-entropies (and keep ln away from 0)."
        )
    name = next(each for each in RANGES if said[each] != each)
    return wrong(f"a network of ours wants {name}, and it says {said[name]}: is it the mean of -ln p, p of the label?")


def _network_for(name):
    """A network that wants a range, images in every range, and labels drawn from its own probabilities."""
    rng = np.random.default_rng(3)
    images = rng.random((400, TALL, WIDE, 3), dtype=np.float32)
    side = np.repeat([30.0, -30.0], WIDE // 2) / images[0].size * 2  # left half against right half: no range shifts it
    low, high = RANGES[name]
    network = keras.Sequential([keras.Input((TALL, WIDE, 3)), keras.layers.Flatten(), keras.layers.Dense(1, "sigmoid")])
    network.layers[-1].set_weights([np.tile(np.repeat(side, 3), TALL)[:, None] / (high - low), np.zeros(1)])
    network.compile("sgd", "binary_crossentropy", metrics=["accuracy"])  # some ask by evaluate
    prepared = {each: low + (high - low) * images for each, (low, high) in RANGES.items()}
    labels = (rng.random(len(images)) < np.asarray(network(prepared[name]))[:, 0]).astype(int)
    return network, prepared, labels


def _cross_entropy(network, images, labels):
    said = np.asarray(network(images))[:, 0]
    return -np.log(np.where(labels == 1, said, 1 - said).clip(1e-7)).mean()


@check
def check_silent_counts(answer):
    """Check a function that counts the channels of a layer that are silent for one image, and for all images.

    Args:
        answer: function of (network, images, name of a layer); it returns two numbers: the channels that are zero
            everywhere for the first image, and those that are so for every image.

    Returns:
        A Verdict; right when both are right, for a layer with ReLU and for one with values below zero.
    """
    network, images = _network_with_silence()
    for name in ("sums", "maps"):
        values = np.asarray(keras.Model(network.inputs[0], network.get_layer(name).output)(images))
        found = tried(answer, "on a network of ours", network, images, name)
        if not isinstance(found, (tuple, list, np.ndarray)) or np.shape(found) != (2,):
            return wrong(f"two numbers are needed, for the first image and for all, and {brief(found)} came.")
        sentence = _about_counts([float(each) for each in found], values, name)
        if sentence:
            return wrong(sentence)
    return right("a layer with ReLU, and one without it, whose negative values are no silence.")


def _about_counts(found, values, name):
    """Say what is wrong with two counts, or nothing."""
    silent = (values == 0).all(axis=(1, 2))  # (images, channels)
    first, every = int(silent[0].sum()), int(silent.all(axis=0).sum())
    if found == [first, every]:
        return ""
    channels = silent.shape[1]
    below, somewhere = (values <= 0).all(axis=(1, 2)), (values == 0).any(axis=(1, 2))
    mistaken = {
        (every, first): "these are the right numbers in the wrong order: the first image comes first.",
        (channels - first, channels - every): "this counts the channels that answer: count those that are silent.",
        (first, int(silent.any(axis=0).sum())): "the second number counts what is silent for *some* image: for all.",
        (first, first): "the second number must look at every image, not at the first alone.",
        (every, every): "the first number must look at the first image alone.",
        (below[0].sum(), below.all(axis=0).sum()): f"in {name} some channels are below zero: they are not silent.",
        (somewhere[0].sum(), somewhere.all(axis=0).sum()): "a zero somewhere, or a largest value of 0, is not enough.",
    }
    said = mistaken.get(tuple(map(int, found)))
    return said or f"of {channels} channels of {name} {first} and {every} are silent, and {found} came."


def _network_with_silence():
    """Two layers of ten channels that are silent for all images, for some, or for none; and three images."""
    network = keras.Sequential([keras.Input((TALL, WIDE, 1))])
    network.add(keras.layers.Conv2D(10, 2, activation="relu", name="maps"))
    network.add(keras.layers.Conv2D(10, 2, name="sums"))
    weights = np.linspace(-1, 1, 40).reshape(2, 2, 1, 10)
    network.layers[0].set_weights([weights, np.linspace(-2.5, 0.1, 10)])
    network.layers[1].set_weights([-np.ones((2, 2, 1, 1)) * np.eye(10), np.zeros(10)])
    light = np.array([0.8, 0.4, 2.4], np.float32)  # the darker an image, the more channels are silent
    return network, light[:, None, None, None] * np.random.default_rng(3).random((3, TALL, WIDE, 1), dtype=np.float32)
