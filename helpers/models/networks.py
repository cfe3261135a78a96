"""The articles' four networks."""

import math

import keras
from keras import layers

from helpers._shared.arguments import as_list, as_whole_number, brief
from helpers._shared.errors import CourseError

__all__ = ["cats_vs_dogs_cnn", "digits_cnn", "mnist_cnn", "shapes_cnn"]

MNIST_SIDE = 28  # pixels, height and width
ACTIVATIONS = ("elu", "gelu", "leaky_relu", "linear", "relu", "selu", "sigmoid", "silu", "softmax", "softplus", "tanh")
REGULARIZERS = {"l1": (keras.regularizers.L1, 0.01), "l2": (keras.regularizers.L2, 0.001)}  # article's strengths


def shapes_cnn():
    """Build the network of the shapes article: circles, squares and triangles.

    Three blocks of two 3x3 convolutions (the first keeps the size, the second does not), pooling and
    dropout, with 32, 64 and 64 filters; then 512 units and 3 answers; 174,243 parameters.

    Returns:
        An uncompiled keras.Sequential: images (count, 28, 28, 3), values 0..1, to (count, 3) probabilities.

    Source:
        "Visualizing intermediate activation in Convolutional Neural Networks with Keras".
    """
    stack = [keras.Input((28, 28, 3))]
    for block, filters in enumerate((32, 64, 64), start=1):
        stack += [
            layers.Conv2D(filters, 3, padding="same", activation="relu", name=f"conv2d_{2 * block - 1}"),
            layers.Conv2D(filters, 3, activation="relu", name=f"conv2d_{2 * block}"),
            layers.MaxPooling2D(2, name=f"max_pooling2d_{block}"),
            layers.Dropout(0.5, name=f"dropout_{block}"),
        ]
    stack += [
        layers.Flatten(name="flatten_1"),
        layers.Dense(512, activation="relu", name="dense_1"),
        layers.Dropout(0.5, name="dropout_4"),
        layers.Dense(3, activation="softmax", name="dense_2"),
    ]
    return keras.Sequential(stack, name="shapes_cnn")


def cats_vs_dogs_cnn():
    """Build the network of the cats-and-dogs article, which the chest X-ray article uses too.

    Four times a 3x3 convolution and pooling with 32, 64, 128 and 128 filters; then 512 units and one
    answer; 3,453,121 parameters.

    Returns:
        An uncompiled keras.Sequential: images (count, 150, 150, 3), values 0..1, to (count, 1) probabilities
        of the second class.

    Source:
        "Visualizing representations of Outputs/Activations of each CNN layer".
    """
    stack = [keras.Input((150, 150, 3))]
    for number, filters in enumerate((32, 64, 128, 128), start=1):
        stack += [
            layers.Conv2D(filters, 3, activation="relu", name=f"conv2d_{number}"),
            layers.MaxPooling2D(2, name=f"max_pooling2d_{number}"),
        ]
    stack += [
        layers.Flatten(name="flatten_1"),
        layers.Dense(512, activation="relu", name="dense_1"),
        layers.Dense(1, activation="sigmoid", name="dense_2"),
    ]
    return keras.Sequential(stack, name="cats_vs_dogs_cnn")


def digits_cnn():
    """Build the network of the digits article; 203,933 parameters.

    The article's code lost its Dropout and Flatten layers; its printed summary has them, and so do we.

    Returns:
        An uncompiled keras.Sequential: images (count, 28, 28, 1), values 0..1, to (count, 10) probabilities.

    Source:
        "Visualize a Convolutional Neural Network".
    """
    stack = [
        keras.Input((28, 28, 1)),
        layers.Conv2D(30, 5, activation="relu", name="conv2d_1"),
        layers.MaxPooling2D(2, name="max_pooling2d_1"),
        layers.Conv2D(15, 3, activation="relu", name="conv2d_2"),
        layers.Dropout(0.2, name="dropout_1"),
        layers.Flatten(name="flatten_1"),
        layers.Dense(128, activation="relu", name="dense_1"),
        layers.Dense(50, activation="relu", name="dense_2"),
        layers.Dense(10, activation="softmax", name="dense_3"),
    ]
    return keras.Sequential(stack, name="digits_cnn")


def mnist_cnn(
    *,
    convolutions=((32, 3, "relu"), (64, 3, "relu"), (128, 3, "relu")),
    poolings=(2, 2),
    dense=((100, "relu"), (10, "softmax")),
    convolution_names=None,
    pooling_names=None,
    dense_names=None,
    regularizer=None,
    strength=None,
):
    """Build the network of the MNIST articles from lists; as it stands, their own of 208,982 parameters.

    Every convolution but the last is followed by a pooling layer; then come Flatten and the dense layers.

    Args:
        convolutions: one (filters, kernel side in pixels or (height, width), activation) per layer.
        poolings: one side in pixels, or (height, width), per pooling layer: one fewer than convolutions.
        dense: one (units, activation) per layer; the last one gives the answers.
        convolution_names: one name per convolution; None = Conv2D_1, Conv2D_2 ...
        pooling_names: one name per pooling layer; None = Max_Pool_1, Max_Pool_2 ...
        dense_names: one name per dense layer; None = Dense_1, Dense_2 ...
        regularizer: None, "l1" or "l2"; it acts on the kernels of all dense layers, the last included.
        strength: factor of the penalty, 0 or more; None = the articles' own (l1 0.01, l2 0.001).

    Returns:
        An uncompiled keras.Sequential: images (count, 28, 28, 1), values 0..1, to (count, units of the last
        dense layer).

    Raises:
        CourseError: if the lists do not fit each other or the 28x28 images, or a value is not known.

    Source:
        "A simple CNN for the MNIST dataset", parts III, IV and VI.
    """
    convolutions, poolings = as_list(convolutions, "convolutions"), as_list(poolings, "poolings")
    dense = as_list(dense, "dense")
    _check_counts(convolutions, poolings, dense)
    conv_names = _names(convolution_names, "Conv2D", convolutions)
    pool_names = _names(pooling_names, "Max_Pool", poolings)
    unit_names = _names(dense_names, "Dense", dense)
    _check_unique([*conv_names, *pool_names, "Flatten", *unit_names])
    penalty = _penalty(regularizer, strength)
    stack = _convolution_part(convolutions, poolings, conv_names, pool_names)
    _check_depth(stack)
    stack.append(layers.Flatten(name="Flatten"))
    for name, described in zip(unit_names, dense, strict=True):
        units, activation = _described(name, described, ("units", "activation"))
        as_whole_number(units, f"units of {name}")
        _check_activation(activation, name)
        stack.append(layers.Dense(units, activation=activation, kernel_regularizer=penalty(), name=name))
    return keras.Sequential([keras.Input((MNIST_SIDE, MNIST_SIDE, 1)), *stack], name="mnist_cnn")


def _check_counts(convolutions, poolings, dense):
    if not convolutions or not dense:
        raise CourseError("mnist_cnn needs at least one convolution and one dense layer: add what is missing.")
    if len(poolings) != len(convolutions) - 1:
        raise CourseError(
            f"mnist_cnn needs one pooling layer fewer than convolutions, not {len(poolings)} for "
            f"{len(convolutions)}: give {len(convolutions) - 1}."
        )


def _names(given, prefix, described):
    if given is None:
        return [f"{prefix}_{number}" for number in range(1, len(described) + 1)]
    if not isinstance(given, list | tuple) or len(given) != len(described):
        raise CourseError(
            f"mnist_cnn needs {len(described)} names for its {prefix} layers, not {brief(given)}: give one each."
        )
    return list(given)


def _check_unique(names):
    for name in names:
        if not isinstance(name, str) or not name or "/" in name:
            raise CourseError(f"a layer's name must be text without '/', not {name!r}: give another name.")
        if names.count(name) > 1:
            raise CourseError(f"each layer needs a name of its own, but {name!r} comes twice: rename one.")


def _penalty(regularizer, strength):
    """Return a function that makes a layer's regularizer (each layer gets its own)."""
    if regularizer is None:
        if strength is not None:
            raise CourseError(f'strength {strength!r} needs a regularizer: give regularizer="l1" or "l2".')
        return lambda: None
    if not isinstance(regularizer, str) or regularizer not in REGULARIZERS:
        raise CourseError(f'regularizer must be None, "l1" or "l2", not {brief(regularizer)}: choose one of them.')
    kind, usual = REGULARIZERS[regularizer]
    strength = usual if strength is None else strength
    number = isinstance(strength, int | float) and not isinstance(strength, bool)
    if not number or not math.isfinite(strength) or strength < 0:
        raise CourseError(f"strength must be a number of 0 or more, not {brief(strength)}: give one such as {usual}.")
    return lambda: kind(strength)


def _convolution_part(convolutions, poolings, conv_names, pool_names):
    stack = []
    for place, (name, described) in enumerate(zip(conv_names, convolutions, strict=True)):
        filters, kernel, activation = _described(name, described, ("filters", "kernel", "activation"))
        as_whole_number(filters, f"filters of {name}")
        _check_activation(activation, name)
        kernel = _pair(kernel, f"kernel of {name}")
        stack.append(layers.Conv2D(filters, kernel, activation=activation, name=name))
        if place < len(poolings):
            size = _pair(poolings[place], f"size of {pool_names[place]}")
            stack.append(layers.MaxPooling2D(size, name=pool_names[place]))
    return stack


def _check_depth(stack):
    """Follow height and width through the layers: each needs at least one full window of its input."""
    shape = (MNIST_SIDE, MNIST_SIDE)
    for layer in stack:
        pools = isinstance(layer, layers.MaxPooling2D)
        window = layer.pool_size if pools else layer.kernel_size
        if window[0] > shape[0] or window[1] > shape[1]:
            raise CourseError(
                f"the network is too deep for images of {MNIST_SIDE}x{MNIST_SIDE}: {layer.name} needs "
                f"{window[0]}x{window[1]} points and gets {shape[0]}x{shape[1]}; leave layers out or take "
                "smaller windows."
            )
        shape = tuple(s // w if pools else s - w + 1 for s, w in zip(shape, window, strict=True))


def _described(name, described, parts):
    if not isinstance(described, list | tuple) or len(described) != len(parts):
        raise CourseError(f"{name} needs ({', '.join(parts)}), not {described!r}: give all {len(parts)}.")
    return described


def _pair(value, what):
    pair = tuple(value) if isinstance(value, list | tuple) else (value, value)
    if len(pair) != 2:
        raise CourseError(f"{what} must be one number or (height, width), not {value!r}: correct it.")
    for side in pair:
        as_whole_number(side, what)
    return pair


def _check_activation(activation, name):
    if activation not in ACTIVATIONS:
        raise CourseError(f"{name} needs one of the activations {', '.join(ACTIVATIONS)}, not {activation!r}.")
