"""Networks of old: each returns its configuration, weights and images, in the words of a Keras version."""

import numpy as np
import old_files as old

RANDOM = np.random.default_rng(7)


def images(*shape, count=3):
    return RANDOM.random((count, *shape), dtype="float32")


def stack(version):
    """A Sequential with the layers of the course, BatchNormalization and LeakyReLU."""
    entries = [
        old.conv(version, "conv2d_1", 4, 3, padding="same", activation="relu", shape=(10, 10, 3)),
        old.norm(version, "batch_normalization_1"),
        old.pool(version, "max_pooling2d_1"),
        old.conv(version, "conv2d_2", 5, 2),
        old.simple(version, "LeakyReLU", "leaky_re_lu_1"),
        old.simple(version, "Dropout", "dropout_1"),
        old.simple(version, "Flatten", "flatten_1"),
        old.dense(version, "dense_1", 3, activation="softmax"),
    ]
    make = old.Weights()
    weights = {entry["config"]["name"]: [] for entry in entries}
    weights["conv2d_1"] = make.kernel("conv2d_1", 3, 3, 3, 4)
    weights["batch_normalization_1"] = make.norm("batch_normalization_1", 4)
    weights["conv2d_2"] = make.kernel("conv2d_2", 2, 2, 4, 5)
    weights["dense_1"] = make.kernel("dense_1", 80, 3)
    return old.sequential(version, "sequential_1", entries), weights, images(10, 10, 3)


def branches(version):
    """Two inputs, a shared convolution called twice, two outputs in another order than made."""
    entries = [
        (old.input_layer(version, "left", (8, 8, 2)), []),
        (old.input_layer(version, "right", (8, 8, 2)), []),
        (old.conv(version, "shared", 4, 3, activation="relu"), [[("left", 0)], [("right", 0)]]),
        (old.norm(version, "norm"), [[("shared", 1)]]),
        (old.simple(version, "Add", "add"), [[("shared", 0), ("norm", 0)]]),
        (old.simple(version, "Concatenate", "both"), [[("norm", 0), ("shared", 0)]]),
        (old.simple(version, "GlobalAveragePooling2D", "mean"), [[("add", 0)], [("both", 0)]]),
        (old.dense(version, "first", 3, activation="softmax"), [[("mean", 0)]]),
        (old.dense(version, "second", 2), [[("mean", 1)]]),
    ]
    make = old.Weights()
    weights = {entry["config"]["name"]: [] for entry, _ in entries}
    weights["shared"] = make.kernel("shared", 3, 3, 2, 4)
    weights["norm"] = make.norm("norm", 4)
    weights["first"], weights["second"] = make.kernel("first", 4, 3), make.kernel("second", 8, 2)
    network = old.functional(version, "branches", entries, ["left", "right"], ["second", "first"])
    return network, weights, [images(8, 8, 2), images(8, 8, 2)]


def base(version, trainable=True):
    """A Functional network to be nested, with a residual way around a layer."""
    entries = [
        (old.input_layer(version, "base_input", (8, 8, 3)), []),
        (old.conv(version, "base_conv_1", 4, 3, trainable=trainable), [[("base_input", 0)]]),
        (old.norm(version, "base_norm_1", trainable=trainable), [[("base_conv_1", 0)]]),
        (old.conv(version, "base_conv_2", 4, 1, activation="relu", trainable=trainable), [[("base_norm_1", 0)]]),
        (old.simple(version, "Add", "base_add"), [[("base_norm_1", 0), ("base_conv_2", 0)]]),
        (old.norm(version, "base_norm_2", trainable=trainable), [[("base_add", 0)]]),
    ]
    return old.functional(version, "base", entries, ["base_input"], ["base_norm_2"])


def base_weights(make, trainable=True):
    """One list, as Keras wrote a nested network: trained arrays, then the rest; frozen: layer by layer."""
    layers = [
        make.kernel("base_conv_1", 3, 3, 3, 4),
        make.norm("base_norm_1", 4),
        make.kernel("base_conv_2", 1, 1, 4, 4),
        make.norm("base_norm_2", 4),
    ]
    flat = [array for layer in layers for array in layer]
    moving = [array for array in flat if "moving" in array[0]]
    return [array for array in flat if "moving" not in array[0]] + moving if trainable else flat


def nested_first(version, trainable=True):
    """A Sequential that begins with a Functional network, as transfer learning makes it."""
    entries = [
        base(version, trainable),
        old.simple(version, "Flatten", "flatten_1"),
        old.dense(version, "dense_1", 2, activation="sigmoid"),
    ]
    make = old.Weights()
    weights = {"base": base_weights(make, trainable), "flatten_1": [], "dense_1": make.kernel("dense_1", 144, 2)}
    return old.sequential(version, "sequential_1", entries), weights, images(8, 8, 3)


def nested_frozen(version):
    return nested_first(version, trainable=False)


def nested_in_the_middle(version):
    """A Functional network that calls a nested one and a nested Sequential twice each."""
    tail = [
        old.conv(version, "tail_conv", 2, 3, shape=(6, 6, 4)),
        old.norm(version, "tail_norm"),
        old.simple(version, "Flatten", "tail_flatten"),
    ]
    entries = [
        (old.input_layer(version, "one", (8, 8, 3)), []),
        (old.input_layer(version, "two", (8, 8, 3)), []),
        (old.named(base(version), "base"), [[("one", 0)], [("two", 0)]]),
        (old.named(old.sequential(version, "tail", tail), "tail"), [[("base", 1)], [("base", 2)]]),
        (old.simple(version, "Concatenate", "both"), [[("tail", 2), ("tail", 1)]]),
        (old.dense(version, "out", 3, activation="softmax"), [[("both", 0)]]),
    ]
    make = old.Weights()
    weights = {"one": [], "two": [], "base": base_weights(make)}
    conv, norm = make.kernel("tail_conv", 3, 3, 4, 2), make.norm("tail_norm", 2)
    weights["tail"] = conv + norm
    weights |= {"both": [], "out": make.kernel("out", 64, 3)}
    network = old.functional(version, "outer", entries, ["one", "two"], ["out"])
    return network, weights, [images(8, 8, 3), images(8, 8, 3)]


def nested_without_name(version):
    """A Sequential in a Sequential: the list style of Keras 2.1 gives the inner one no name."""
    inner = [old.conv(version, "inner_conv", 3, 3, shape=(8, 8, 3)), old.norm(version, "inner_norm")]
    entries = [
        old.sequential(version, "sequential_1", inner),
        old.simple(version, "Flatten", "flatten_1"),
        old.dense(version, "dense_1", 2),
    ]
    make = old.Weights()
    weights = {
        "sequential_1": make.kernel("inner_conv", 3, 3, 3, 3) + make.norm("inner_norm", 3),
        "flatten_1": [],
        "dense_1": make.kernel("dense_1", 108, 2),
    }
    return old.sequential(version, "sequential_2", entries), weights, images(8, 8, 3)


def old_sigmoid(version):
    """The hard sigmoid of Keras 2 has slope 0.2, that of Keras 3 has 1/6: Keras' own loader swaps them."""
    entries = [
        old.conv(version, "conv2d_1", 3, 3, activation="hard_sigmoid", shape=(5, 5, 1)),
        old.simple(version, "Flatten", "flatten_1"),
        old.dense(version, "dense_1", 4, activation="hard_sigmoid"),
        old.simple(version, "Activation", "activation_1", activation="hard_sigmoid"),
    ]
    make = old.Weights()
    weights = {
        "conv2d_1": make.kernel("conv2d_1", 3, 3, 1, 3),
        "flatten_1": [],
        "dense_1": make.kernel("dense_1", 27, 4),
        "activation_1": [],
    }
    return old.sequential(version, "sequential_1", entries), weights, images(5, 5, 1)
