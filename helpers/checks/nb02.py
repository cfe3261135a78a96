"""The checks of notebook 02: an augmentation pipeline, and the receptive field of a layer."""

import keras
import numpy as np

from helpers._shared.arguments import as_function, as_number
from helpers.checks.verdict import NotAnswered, check, right, tried, wrong

__all__ = ["check_augmentation", "check_receptive_field"]

PHOTOS = 24  # copies that are augmented at once: that none of them is mirrored has a chance of 1 in 17 million
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
    photos = np.repeat(photo[np.newaxis], PHOTOS, axis=0).astype("float32")  # (24, 20, 24, 3)
    first, second, idle = (
        np.asarray(tried(answer, f"called with (images, training={training})", photos, training=training))
        for training in (True, True, False)
    )
    if first.shape != photos.shape:
        return wrong(f"images {photos.shape} come out as {first.shape}: a network needs the shape that it knows.")
    if first.min() < -NEAR or first.max() > 1 + NEAR:
        return wrong(
            f"values 0..1 come out as {first.min():.3g} to {first.max():.3g}: tell the layer the range of its images, "
            "value_range=(0, 1)."
        )
    if not np.allclose(idle, photos, atol=NEAR):
        return wrong("it changes images with training=False, too: at prediction a photo must stay as it is.")
    if np.allclose(first, second, atol=NEAR):
        return wrong("two calls give the same images: augmentation is to be random, anew for each call.")
    if np.allclose(first[0], first[1:], atol=NEAR):
        return wrong("all images of a batch are changed alike: let each one have its own change.")
    return _about_photos(np.concatenate([first, second]))


def _about_photos(made):
    """Say what mirroring and brightness did to a photo that is bright below and at the right."""
    half_down, half_across = made.shape[1] // 2, made.shape[2] // 2
    upside_down = made[:, :half_down].mean(axis=(1, 2, 3)) > made[:, half_down:].mean(axis=(1, 2, 3))
    mirrored = made[:, :, :half_across].mean(axis=(1, 2, 3)) > made[:, :, half_across:].mean(axis=(1, 2, 3))
    if upside_down.any():
        return wrong(f"{upside_down.sum()} of {len(made)} photos stand upside down: mirror them left to right only.")
    if not mirrored.any():
        return wrong(f"none of {len(made)} photos is mirrored: add a layer that flips them left to right.")
    if np.ptp(made.mean(axis=(1, 2, 3))) < 0.01:
        return wrong("all photos stay as bright as they were: add a layer that changes their brightness.")
    return right(f"{mirrored.sum()} of {len(made)} photos are mirrored, each has its own brightness, all within 0..1.")


@check
def check_receptive_field(answer):
    """Check a function that says how many pixels a value of a layer depends on, by changing pixels.

    Args:
        answer: function of (network, name of a layer): the side of the receptive field, in pixels.

    Returns:
        A Verdict; right when it is the number that a forward pass through networks of ours shows.
    """
    function, count = as_function(answer, "the answer"), 0
    for network in _networks():
        sides = _seen(network)
        for place, expected in enumerate(sides):
            below = network.layers[: place + 1]
            words = f"for the layers {', '.join(layer.name for layer in below)}"
            try:
                found = as_number(tried(function, words, network, below[-1].name), "the side of the field")
            except NotAnswered:
                if count:
                    return wrong(f"{words} it returns None: does every way through it return?")
                raise
            if found != expected:
                why = _about_field(found, expected, below, sides[-1])
                return wrong(f"{words} it returns {found:g}, and a value there sees {expected} pixels a side{why}.")
            count += 1
    return right(f"in {count} layers of ours, pixels inside the field change the value, and pixels outside do not.")


def _about_field(found, expected, below, last):
    """Name the mistake behind a wrong side, where it is a known one."""
    sizes = [getattr(layer, "kernel_size", getattr(layer, "pool_size", (1,)))[0] for layer in below]
    strides = np.array([getattr(layer, "strides", (1,))[0] for layer in below])
    own_steps = np.cumprod(strides)  # with the stride of the layer itself
    known = {
        last: ": stop at the layer that was asked for",
        expected - 1: ": begin with 1, the pixel itself",
        expected**2: ": the side is asked for, not the area",
        below[-1].output.shape[1]: ": what it returns is the side of the map",
        1 + sum(size - 1 for size in sizes): ": multiply each k - 1 by the strides of the layers before",
        1 + sum((size - 1) * step for size, step in zip(sizes, own_steps)): (
            ": a layer's own stride counts only for the layers above it"
        ),
    }
    return known.get(found, "")


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
    value, sides = np.repeat(np.eye(rows, dtype="float32")[..., np.newaxis, np.newaxis], rows, axis=2), []
    for layer in network.layers:
        value = np.asarray(layer(value))  # (rows, height, width, 1)
        sides.append(int(np.sum(value[:, value.shape[1] // 2, value.shape[2] // 2, 0] > 0)))
    return sides
