"""Reading every layer of the MNIST network over 6,000 images: class means against what one may do instead."""

import numpy as np
import pytest

from helpers.activations import activation_model, class_means
from helpers.models import mnist_cnn
from helpers.xla import without_xla

COUNT, BATCH = 6000, 32
WAYS = ("bare forward pass", "all layers, thrown away", "class means")


@pytest.fixture(scope="module")
def network():
    """The MNIST network with fresh weights: its speed does not depend on what it learned."""
    return without_xla(mnist_cnn())


@pytest.fixture(scope="module")
def digits():
    """As many random images, and labels 0 to 9."""
    random = np.random.default_rng(0)
    return random.random((COUNT, 28, 28, 1), dtype=np.float32), np.arange(COUNT) % 10


@pytest.mark.parametrize("way", WAYS)
def test_reading_all_layers(benchmark, network, digits, way):
    images, labels = digits
    reader = without_xla(activation_model(network))

    def forward(model):
        for start in range(0, COUNT, BATCH):
            model.predict_on_batch(images[start : start + BATCH])

    def means():
        return class_means(network, images, labels, batch_size=BATCH)

    work = {WAYS[0]: lambda: forward(network), WAYS[1]: lambda: forward(reader), WAYS[2]: means}[way]
    benchmark.group = f"all layers of {COUNT:,} images"
    benchmark.pedantic(work, rounds=3, warmup_rounds=1)
