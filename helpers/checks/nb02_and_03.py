"""The checks of notebooks 02 and 03: augmentation, the receptive field, a preparation, silence."""

import keras
import numpy as np
from keras.losses import binary_crossentropy

from helpers._shared.arguments import as_choice, as_number
from helpers.activations import read_activations
from helpers.checks.verdict import alike, check, expect, need, need_shape, tried, tried_all

__all__ = ["check_augmentation", "check_preparation", "check_receptive_field", "check_silent_counts"]

# Notebook 02

NEAR = 1e-4  # pixels this near to each other are the same


@check
def check_augmentation(answer):
    """Check layers that mirror photographs left to right and change their brightness, at random.

    Args:
        answer: a Keras model or layer, or a function of (images, training).

    Returns:
        A Verdict; right when shape and range stay, images change in training, each in its own way, and only then, and
        none stands upside down.
    """
    down, across = np.meshgrid(np.linspace(0.1, 0.5, 20), np.linspace(0.1, 0.5, 24), indexing="ij")
    photo = np.stack([down + across / 2, across + down / 2, (down + across) / 2], axis=-1)  # bright below and right
    # So many copies at once that the chance of no mirrored one is 1 in 17 million: (24, 20, 24, 3).
    photos = np.repeat(photo[np.newaxis], 24, axis=0).astype("float32")
    found = []
    for training in (True, True, False):
        out = tried(answer, f"called with (images, training={training})", photos, training=training)
        found.append(need_shape(out, photos.shape, "a network needs that shape", name="what comes out", finite=True))
    first, second, idle = found
    low, high = first.min(), first.max()
    inside = low >= -NEAR and high <= 1 + NEAR
    need(inside, f"values 0..1 come out as {low:.3g} to {high:.3g}: tell the layer their range, value_range=(0, 1).")
    need(alike(idle, photos), "it changes images with training=False, too: at prediction a photo must stay.")
    need(not alike(first, second), "two calls give the same images: augmentation is to be random, anew for each call.")
    need(np.ptp(first, axis=0).max() > NEAR, "all images are changed alike: let each one have its own change.")
    made = np.concatenate([first, second])
    turned = np.sum(made[:, :10].mean(axis=(1, 2, 3)) > made[:, 10:].mean(axis=(1, 2, 3)))  # of a photo bright below
    need(not turned, f"{turned} of {len(made)} photos stand upside down: mirror them left to right only.")
    mirrored = made[:, :, :12].mean(axis=(1, 2, 3)) > made[:, :, 12:].mean(axis=(1, 2, 3))  # and bright at the right
    need(mirrored.any(), "no photo is mirrored: add a layer that flips them left to right.")
    need(np.ptp(made.mean(axis=(1, 2, 3))) >= 0.01, "all photos stay as bright as they were: add a layer for that.")
    return f"{mirrored.sum()} of {len(made)} photos are mirrored, each has its own brightness, all within 0..1."


@check
def check_receptive_field(answer):
    """Check a function that says how many pixels a value of a layer depends on, by changing pixels.

    Args:
        answer: function of (network, name of a layer): the side of the receptive field, in pixels.

    Returns:
        A Verdict; right when it is the number that a forward pass through networks of ours shows.
    """
    networks = _networks()
    for network in networks:
        names, sides = [layer.name for layer in network.layers], _seen(network)
        cases = [f"for the layers {', '.join(names[:count])}" for count in range(1, len(names) + 1)]
        returned = tried_all(answer, [(case, (network, name)) for case, name in zip(cases, names)])
        found = np.array([as_number(side, "the side of the field") for side in returned])
        kernels = [getattr(layer, "kernel_size", getattr(layer, "pool_size", (1,)))[0] for layer in network.layers]
        grown, strides = np.array(kernels) - 1, [getattr(layer, "strides", (1,))[0] for layer in network.layers]
        place = np.argmax(found != sides)
        said = f"{cases[place]} it returns {found[place]:g}, and a value there sees {sides[place]} pixels a side"
        mistakes = {
            f"{said}: stop at the layer that was asked for.": np.full_like(sides, sides[-1]),
            f"{said}: begin with 1, the pixel itself.": sides - 1,
            f"{said}: the side is asked for, not the area.": sides**2,
            f"{said}: what it returns is the side of the map.": [layer.output.shape[1] for layer in network.layers],
            f"{said}: multiply each k - 1 by the strides of the layers before.": 1 + np.cumsum(grown),
            f"{said}: a layer's own stride counts only for those above it.": 1 + np.cumsum(grown * np.cumprod(strides)),
        }
        expect(found, sides, mistakes, f"{said}.")
    count = sum(len(network.layers) for network in networks)
    return f"in {count} layers of ours, pixels inside the field change the value, and pixels outside do not."


def _networks():
    """Two small networks whose layers have sides, strides and paddings of all kinds."""
    layers = keras.layers
    first = [layers.Conv2D(1, 5, name="conv_5"), layers.MaxPooling2D(3, strides=2, name="pool_3_stride_2")]
    first += [layers.Dropout(0.5, name="dropout"), layers.Conv2D(1, 3, padding="same", name="conv_3_same")]
    first += [layers.AveragePooling2D(2, name="pool_2"), layers.Conv2D(1, 2, name="conv_2")]
    second = [layers.Conv2D(1, 4, strides=2, name="conv_4_stride_2"), layers.ReLU(name="relu")]
    second += [layers.Conv2D(1, 3, strides=3, name="conv_3_stride_3")]
    second += [layers.MaxPooling2D(2, strides=1, name="pool_2_stride_1"), layers.Conv2D(1, 1, name="conv_1")]
    return [keras.Sequential([keras.Input((61, 61, 1)), *stack]) for stack in (first, second)]


def _seen(network):
    """For each layer, count the rows of the image that change the value in the middle: one row is lit at a time."""
    for layer in network.layers:  # all weights 1, so that whatever is lit below can be seen above
        layer.set_weights([np.full_like(weights, weights.ndim > 1) for weights in layer.get_weights()])
    rows = network.input_shape[1]
    images = np.repeat(np.eye(rows, dtype="float32")[..., np.newaxis, np.newaxis], rows, axis=2)
    maps = read_activations(network, images).values()  # each (rows, height, width, 1)
    return np.array([np.sum(each[:, each.shape[1] // 2, each.shape[2] // 2] > 0) for each in maps])


# Notebook 03

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
    said, highest = [], []
    for name in RANGES:
        network, prepared, labels = _network_for(name)
        losses = {each: float(binary_crossentropy(labels, network(images)[:, 0])) for each, images in prepared.items()}
        highest.append(max(losses, key=losses.get))
        found = tried(answer, "on a network of ours", network, prepared, labels)
        said.append(as_choice(found, "what it returns", prepared))
    need(said != highest, "this is the preparation with the highest cross-entropy: the lowest one fits best.")
    advice = "accuracy does not tell, and to be sure is no merit: compare cross-entropies (and keep ln away from 0)"
    need(len(set(said)) > 1, f"it says {said[0]} for each of three networks, which want three: {advice}.")
    for name, other in zip(RANGES, said):
        need(other == name, f"a network of ours wants {name}, not {other}: is it the mean of -ln p of the label?")
    return "three networks of ours, each for another range; with any of them their accuracy is the same."


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
        found = need_shape(found, (2,), "two numbers are needed, for the first image and for all")
        silent, below = (values == 0).all(axis=(1, 2)), (values <= 0).all(axis=(1, 2))  # (images, channels)
        first, every, channels = silent[0].sum(), silent.all(axis=0).sum(), silent.shape[1]
        somewhere = (values == 0).any(axis=(1, 2))
        mistakes = {
            "these are the right numbers in the wrong order: the first image comes first.": (every, first),
            "this counts channels that answer: count those that are silent.": (channels - first, channels - every),
            "the second number counts what is silent for *some* image: for all.": (first, silent.any(axis=0).sum()),
            "the second number must look at every image, not at the first alone.": (first, first),
            "the first number must look at the first image alone.": (every, every),
            f"in {name} some channels are below zero: they are not silent.": (below[0].sum(), below.all(axis=0).sum()),
            "a zero somewhere is not enough.": (somewhere[0].sum(), somewhere.all(axis=0).sum()),
        }
        otherwise = f"of {channels} channels of {name} {first} and {every} are silent, and {found.tolist()} came."
        expect(found, (first, every), mistakes, otherwise)
    return "a layer with ReLU, and one without it, whose negative values are no silence."


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
