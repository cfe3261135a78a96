"""The four networks, row by row as the articles print them, and what mnist_cnn refuses."""

import functools

import keras
import numpy as np
import pytest
from keras import layers

from helpers import models
from helpers.activations import untrained

NETWORKS = {
    "shapes": models.shapes_cnn,
    "cats": models.cats_vs_dogs_cnn,
    "digits": models.digits_cnn,
    "mnist": models.mnist_cnn,
}
# name, class, output shape without the batch, parameters: one row of the article's summary
ROWS = {
    "shapes": [
        ("conv2d_1", "Conv2D", (28, 28, 32), 896),
        ("conv2d_2", "Conv2D", (26, 26, 32), 9248),
        ("max_pooling2d_1", "MaxPooling2D", (13, 13, 32), 0),
        ("dropout_1", "Dropout", (13, 13, 32), 0),
        ("conv2d_3", "Conv2D", (13, 13, 64), 18496),
        ("conv2d_4", "Conv2D", (11, 11, 64), 36928),
        ("max_pooling2d_2", "MaxPooling2D", (5, 5, 64), 0),
        ("dropout_2", "Dropout", (5, 5, 64), 0),
        ("conv2d_5", "Conv2D", (5, 5, 64), 36928),
        ("conv2d_6", "Conv2D", (3, 3, 64), 36928),
        ("max_pooling2d_3", "MaxPooling2D", (1, 1, 64), 0),
        ("dropout_3", "Dropout", (1, 1, 64), 0),
        ("flatten_1", "Flatten", (64,), 0),
        ("dense_1", "Dense", (512,), 33280),
        ("dropout_4", "Dropout", (512,), 0),
        ("dense_2", "Dense", (3,), 1539),
    ],
    "cats": [
        ("conv2d_1", "Conv2D", (148, 148, 32), 896),
        ("max_pooling2d_1", "MaxPooling2D", (74, 74, 32), 0),
        ("conv2d_2", "Conv2D", (72, 72, 64), 18496),
        ("max_pooling2d_2", "MaxPooling2D", (36, 36, 64), 0),
        ("conv2d_3", "Conv2D", (34, 34, 128), 73856),
        ("max_pooling2d_3", "MaxPooling2D", (17, 17, 128), 0),
        ("conv2d_4", "Conv2D", (15, 15, 128), 147584),
        ("max_pooling2d_4", "MaxPooling2D", (7, 7, 128), 0),
        ("flatten_1", "Flatten", (6272,), 0),
        ("dense_1", "Dense", (512,), 3211776),
        ("dense_2", "Dense", (1,), 513),
    ],
    "digits": [
        ("conv2d_1", "Conv2D", (24, 24, 30), 780),
        ("max_pooling2d_1", "MaxPooling2D", (12, 12, 30), 0),
        ("conv2d_2", "Conv2D", (10, 10, 15), 4065),
        ("dropout_1", "Dropout", (10, 10, 15), 0),
        ("flatten_1", "Flatten", (1500,), 0),
        ("dense_1", "Dense", (128,), 192128),
        ("dense_2", "Dense", (50,), 6450),
        ("dense_3", "Dense", (10,), 510),
    ],
    "mnist": [
        ("Conv2D_1", "Conv2D", (26, 26, 32), 320),
        ("Max_Pool_1", "MaxPooling2D", (13, 13, 32), 0),
        ("Conv2D_2", "Conv2D", (11, 11, 64), 18496),
        ("Max_Pool_2", "MaxPooling2D", (5, 5, 64), 0),
        ("Conv2D_3", "Conv2D", (3, 3, 128), 73856),
        ("Flatten", "Flatten", (1152,), 0),
        ("Dense_1", "Dense", (100,), 115300),
        ("Dense_2", "Dense", (10,), 1010),
    ],
}
TABLE = [(network, place, row) for network, rows in ROWS.items() for place, row in enumerate(rows)]


@functools.cache
def network(name):
    return NETWORKS[name]()


@pytest.mark.parametrize(("name", "place", "row"), TABLE, ids=[f"{n}-{row[0]}" for n, _, row in TABLE])
def test_row_of_the_summary(name, place, row):
    layer = network(name).layers[place]
    assert (layer.name, type(layer).__name__, layer.output.shape[1:], layer.count_params()) == row


@pytest.mark.parametrize(
    ("name", "input_shape", "parameters"),
    [
        ("shapes", (28, 28, 3), 174_243),
        ("cats", (150, 150, 3), 3_453_121),
        ("digits", (28, 28, 1), 203_933),
        ("mnist", (28, 28, 1), 208_982),
    ],
)
def test_whole_network(name, input_shape, parameters):
    built = network(name)
    assert built.inputs[0].shape == (None, *input_shape)
    assert built.count_params() == parameters
    assert len(built.layers) == len(ROWS[name])  # so no scaling layer either
    assert not built.compiled
    assert all(weight.trainable for weight in built.weights)


@pytest.mark.parametrize(
    ("name", "activations"),
    [
        ("shapes", ["relu"] * 7 + ["softmax"]),
        ("cats", ["relu"] * 5 + ["sigmoid"]),
        ("digits", ["relu"] * 4 + ["softmax"]),
        ("mnist", ["relu"] * 4 + ["softmax"]),
    ],
)
def test_activations(name, activations):
    assert [layer.activation.__name__ for layer in network(name).layers if layer.weights] == activations


@pytest.mark.parametrize(("name", "rates"), [("shapes", [0.5] * 4), ("digits", [0.2]), ("cats", []), ("mnist", [])])
def test_dropout(name, rates):
    assert [layer.rate for layer in network(name).layers if isinstance(layer, keras.layers.Dropout)] == rates


def test_padding_of_shapes():
    """The first of each pair of convolutions keeps the size, the second does not."""
    paddings = [layer.padding for layer in network("shapes").layers if isinstance(layer, keras.layers.Conv2D)]
    assert paddings == ["same", "valid"] * 3


def test_two_calls_give_two_networks():
    first, second = models.digits_cnn(), models.digits_cnn()
    assert [layer.name for layer in first.layers] == [layer.name for layer in second.layers]
    first.layers[0].bias.assign(np.ones(30))
    assert float(np.max(second.layers[0].bias)) == 0


@pytest.mark.parametrize(
    ("given", "kind", "strength"), [({"regularizer": "l2"}, "L2", 0.001), ({"regularizer": "l1"}, "L1", 0.01)]
)
def test_regularizer_acts_on_all_dense_kernels(given, kind, strength):
    built = models.mnist_cnn(**given)
    for layer in built.layers:
        penalty = getattr(layer, "kernel_regularizer", None)
        if isinstance(layer, keras.layers.Dense):
            assert type(penalty).__name__ == kind
            assert float(getattr(penalty, kind.lower())) == pytest.approx(strength)
        else:
            assert penalty is None


def test_penalty_is_the_sum_over_dense_kernels():
    built = models.mnist_cnn(regularizer="l2")
    kernels = [layer.kernel.numpy() for layer in built.layers if isinstance(layer, keras.layers.Dense)]
    expected = 0.001 * sum(float((kernel**2).sum()) for kernel in kernels)
    assert float(sum(built.losses)) == pytest.approx(expected, rel=1e-5)


def test_lists_describe_another_network():
    built = models.mnist_cnn(
        convolutions=[[4, (3, 5), "tanh"], [6, 3, "sigmoid"]],
        poolings=[(2, 3)],
        dense=[(7, "tanh"), (5, "relu"), (2, "sigmoid")],
    )
    names = ["Conv2D_1", "Max_Pool_1", "Conv2D_2", "Flatten", "Dense_1", "Dense_2", "Dense_3"]
    assert [layer.name for layer in built.layers] == names
    assert [layer.output.shape[1:] for layer in built.layers[:3]] == [(26, 24, 4), (13, 8, 4), (11, 6, 6)]
    assert built.predict(np.zeros((2, 28, 28, 1)), verbose=0).shape == (2, 2)


@pytest.mark.parametrize(
    ("given", "words"),
    [
        ({"poolings": (2,)}, "one pooling layer fewer than convolutions and at least one dense layer, not 3, 1 and 2"),
        ({"poolings": (2, 2, 2)}, "not 3, 3 and 2"),
        ({"convolutions": (), "poolings": ()}, "at least one convolution"),
        ({"dense": ()}, "one dense layer, not 3, 2 and 0"),
        ({"convolutions": ((32, 3, "rely"),), "poolings": ()}, "activation) = (32, 3, 'rely') (ValueError: Could not"),
        ({"dense": ((10, "rely"),)}, "cannot add 'Dense_1' with (units, activation) = (10, 'rely')"),
        ({"convolutions": ((32, 3),), "poolings": ()}, "(filters, kernel_size, activation) = (32, 3)"),
        ({"dense": (10,)}, "'Dense_1' with (units, activation) = 10"),
        ({"convolutions": ((0, 3, "relu"),), "poolings": ()}, "'Conv2D_1' with (filters, kernel_size, activation)"),
        ({"convolutions": ((8, 2.5, "relu"),), "poolings": ()}, "`kernel_size` argument must be a tuple of 2 integers"),
        ({"convolutions": ((8, (3, 3, 3), "relu"),), "poolings": ()}, "must be a tuple of 2 integers"),
        ({"dense": ((-1, "softmax"),)}, "expected a positive integer"),
        ({"poolings": (2, 0)}, "'Max_Pool_2' with (pool_size) = [0]"),
        ({"poolings": (2, 5)}, "'Conv2D_3' with (filters, kernel_size, activation) = (128, 3, 'relu')"),
        ({"poolings": (2, 12)}, "'Max_Pool_2' with (pool_size) = [12]"),
        ({"convolutions": ((8, 29, "relu"),), "poolings": ()}, "mind that the images have 28x28 pixels"),
        ({"regularizer": "l3"}, "regularizer must be one of l1, l2, not 'l3'"),
    ],
)
def test_lists_that_do_not_fit(given, words):
    with pytest.raises(ValueError, match=r"[.]$") as refused:
        models.mnist_cnn(**given)
    assert words in str(refused.value)
    assert "\n" not in str(refused.value)


def test_named_in_all():
    assert sorted(models.__all__) == models.__all__
    assert all(callable(getattr(models, name)) for name in models.__all__)


def test_networks_that_were_not_compiled_run_without_xla(tmp_path):
    if keras.backend.backend() != "tensorflow":
        pytest.skip("only TensorFlow hands uncompiled networks to XLA")
    model = keras.Sequential([keras.Input((8, 8, 3)), layers.Flatten(), layers.Dense(2)])
    model.save(tmp_path / "model.keras")
    for network in (models.load_model(tmp_path / "model.keras"), untrained(model)):
        assert network.jit_compile is False and not network.compiled
