"""The articles' four networks."""

import keras
from keras import layers

from helpers._shared.arguments import CourseError, as_choice, as_list, brief, short_reason

__all__ = ["cats_vs_dogs_cnn", "digits_cnn", "mnist_cnn", "shapes_cnn"]

PENALTIES = {"l1": (keras.regularizers.L1, 0.01), "l2": (keras.regularizers.L2, 0.001)}  # the article's strengths


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
    regularizer=None,
):
    """Build the network of the MNIST articles from lists; as it stands, their own of 208,982 parameters.

    Every convolution but the last is followed by a pooling layer; then come Flatten and the dense layers.

    Args:
        convolutions: one (filters, kernel side in pixels or (height, width), activation) per layer.
        poolings: one side in pixels, or (height, width), per pooling layer: one fewer than convolutions.
        dense: one (units, activation) per layer; the last one gives the answers.
        regularizer: None, "l1" or "l2", with the articles' strengths 0.01 and 0.001; it acts on the kernels of all
            dense layers, the last included.

    Returns:
        An uncompiled keras.Sequential: images (count, 28, 28, 1), values 0..1, to (count, units of the last
        dense layer). Its layers are named Conv2D_1, Max_Pool_1, Dense_1 and so on.

    Raises:
        CourseError: if the lists do not fit each other or the 28x28 images, or Keras takes a value for no layer.

    Source:
        "A simple CNN for the MNIST dataset", parts III, IV and VI.
    """
    convolutions, poolings = as_list(convolutions, "convolutions"), as_list(poolings, "poolings")
    dense = as_list(dense, "dense")
    if not convolutions or not dense or len(poolings) != len(convolutions) - 1:
        raise CourseError(
            "mnist_cnn needs at least one convolution, one pooling layer fewer than convolutions and at least one dense"
            f" layer, not {len(convolutions)}, {len(poolings)} and {len(dense)}: give as many."
        )
    penalty = None
    if regularizer is not None:
        kind, strength = PENALTIES[as_choice(regularizer, "regularizer", PENALTIES)]
        penalty = kind(strength)
    network = keras.Sequential([keras.Input((28, 28, 1))], name="mnist_cnn")
    for number, described in enumerate(convolutions, start=1):
        _add(network, layers.Conv2D, f"Conv2D_{number}", ("filters", "kernel_size", "activation"), described)
        if number < len(convolutions):
            _add(network, layers.MaxPooling2D, f"Max_Pool_{number}", ("pool_size",), [poolings[number - 1]])
    network.add(layers.Flatten(name="Flatten"))
    for number, described in enumerate(dense, start=1):
        name, settings = f"Dense_{number}", ("units", "activation")
        _add(network, layers.Dense, name, settings, described, kernel_regularizer=penalty)
    return network


def _add(network, kind, name, settings, values, **more):
    """Add a layer with a value for each setting; what Keras says against it becomes part of one sentence."""
    try:
        network.add(kind(**dict(zip(settings, values, strict=True)), **more, name=name))
    except (TypeError, ValueError) as error:
        raise CourseError(
            f"mnist_cnn cannot add {name!r} with ({', '.join(settings)}) = {brief(values)} ({short_reason(error)}): "
            "correct it, and mind that the images have 28x28 pixels."
        ) from None
