"""What the course claims to be fast, each beside the plain way of doing the same; `make bench` times all of it.

A pair is a function that returns (our way, the plain way), two functions without arguments that do the same work.

    python tests/pairs.py NAME ROUNDS        prints how many times faster ours is
"""

import io
import sys
import time
from dataclasses import dataclass

import matplotlib.pyplot as plt
import numpy as np

from helpers import course, pictures

COLUMNS, GAP, WIDE = 16, 1, 8  # maps in a row, pixels between them, inches of a figure
COUNT, BATCH = 6000, 32  # images of a pass, and in one step
LAYER = "Conv2D_2"


@dataclass(frozen=True)
class Pair:
    """Two ways of doing the same.

    Attributes:
        what: what is done, for the table.
        plain: how the plain way does it.
        make: function that returns (our way, the plain way).
        target: how many times faster ours has to be; None where nobody has said so.
        rounds: how often each is timed.
    """

    what: str
    plain: str
    make: object
    target: float | None = None
    rounds: int = 5


def digit():
    """One image of 28x28 pixels with values 0..1, with its batch axis."""
    return np.random.default_rng(7).random((1, 28, 28, 1), dtype=np.float32)


def photograph():
    """One image of 150x150 pixels in colour, as smooth as a photograph, with its batch axis."""
    from helpers.drawing.cats_and_dogs import cat_or_dog

    return cat_or_dog("cats", seed=1)[np.newaxis] / np.float32(255)


def network_file():
    """The course's own trained MNIST network, which comes with it."""
    return course.ROOT / "data" / "pretrained" / "mnist_cnn.keras"


def double_loop(maps, scale="layer"):
    """Place one channel after the other, scaled as it comes, as the articles do."""
    height, width, channels = maps.shape
    rows = -(-channels // COLUMNS)
    picture = np.full((rows * (height + GAP) - GAP, COLUMNS * (width + GAP) - GAP), np.nan, np.float32)
    low, spread = maps.min(), np.ptp(maps)
    for row in range(rows):
        for column in range(min(COLUMNS, channels - row * COLUMNS)):
            one = maps[:, :, row * COLUMNS + column]
            if scale == "layer":
                one = (one - low) / spread
            elif scale == "channel":
                least, most = one.min(), one.max()
                one = (one - least) / (most - least) if most > least else 0
            elif scale == "standard":
                deviation = one.std()
                one = np.clip(128 + 64 * (one - one.mean()) / deviation, 0, 255) if deviation > 0 else 0
            top, left = row * (height + GAP), column * (width + GAP)
            picture[top : top + height, left : left + width] = one
    return picture


def reading():
    """One layer of one image as a picture: the articles load the network anew, build a part of it, call predict."""
    import keras

    from helpers.activations import read_activations
    from helpers.models import load_model

    image, network = digit(), load_model(network_file())

    def ours():
        return pictures.tile_channels(read_activations(network, image, [LAYER])[LAYER], COLUMNS, gap=GAP)

    def plain():
        loaded = keras.models.load_model(network_file(), compile=False)
        part = keras.Model(loaded.inputs, loaded.get_layer(LAYER).output)
        return double_loop(part.predict(image, verbose=0)[0])

    return ours, plain


def drawing(kind):
    """All layers of one image as a PNG at 2x, 1,600 pixels wide: the articles make one axes for each channel."""
    from helpers.activations import read_activations
    from helpers.models import cats_vs_dogs_cnn, load_model
    from helpers.plots import plot_layers

    if kind == "digits":
        image, network = digit(), load_model(network_file())
    else:  # fresh weights: its speed does not depend on what it learned
        image, network = photograph(), cats_vs_dogs_cnn()
    names = [layer.name for layer in network.layers if len(layer.output.shape) == 4]

    def ours():
        return _png(plot_layers(network, image, names))

    def plain():
        sizes = []
        for activation in read_activations(network, image, names).values():
            channels = activation.shape[-1]
            size = (WIDE, WIDE * channels / COLUMNS**2)
            figure, every = plt.subplots(-(-channels // COLUMNS), COLUMNS, figsize=size)
            for channel, axes in enumerate(every.ravel()):
                axes.imshow(activation[0, :, :, channel], cmap="viridis")
                axes.axis("off")
            sizes.append(_png(figure))
            plt.close(figure)
        return sizes

    return ours, plain


def _png(figure):
    file = io.BytesIO()
    figure.savefig(file, format="png", dpi=200)
    return len(file.getvalue())


def tiling(scale):
    """A layer of the size of the cats-and-dogs network's first one, with 128 channels after ReLU."""
    normal = np.random.default_rng(0).normal(size=(148, 148, 128))
    maps = np.maximum(normal, 0).astype(np.float32)
    return lambda: pictures.tile_channels(maps, COLUMNS, scale=scale, gap=GAP), lambda: double_loop(maps, scale)


def class_means(count=COUNT, *, bare=False):
    """Every layer's mean for each class, against a pass that returns all layers (thrown away), or a bare one."""
    from helpers import activations
    from helpers._shared.quiet_keras import without_xla
    from helpers.models import mnist_cnn

    network = without_xla(mnist_cnn())  # fresh weights: its speed does not depend on what it learned
    reader = network if bare else without_xla(activations.activation_model(network))
    images = np.random.default_rng(0).random((count, 28, 28, 1), dtype=np.float32)
    labels = np.arange(count) % 10

    def passing():
        for start in range(0, count, BATCH):
            reader.predict_on_batch(images[start : start + BATCH])

    return lambda: activations.class_means(network, images, labels, batch_size=BATCH), passing


PAIRS = {
    "reading": Pair("one layer of one image, as a picture", "load, part, predict, double loop", reading, 25, 20),
    "drawing": Pair("all layers of a digit, drawn", "one axes for each channel", lambda: drawing("digits"), 8, 2),
    "drawing large": Pair("all layers of a photograph", "one axes for each channel", lambda: drawing("cats"), 8, 2),
    "tiling raw": Pair("148 x 148 x 128 values tiled as they are", "double loop", lambda: tiling("raw"), rounds=10),
    "tiling layer": Pair("... one range for the layer", "double loop", lambda: tiling("layer"), rounds=10),
    "tiling channel": Pair("... each channel its own range", "double loop", lambda: tiling("channel"), rounds=10),
    "tiling standard": Pair("... standardised per channel", "double loop", lambda: tiling("standard"), rounds=10),
    "means": Pair(f"class means of all layers, {COUNT:,} images", "a pass that returns them", class_means, 0.5, 2),
    "means, bare": Pair("the same", "a bare forward pass", lambda: class_means(bare=True), rounds=2),
}
IMPORTS = ("helpers", "helpers.pictures", "helpers.plots", "helpers.activations")
FEW = {**PAIRS, "means": Pair("", "", lambda: class_means(640))}  # enough for a ratio


def ratio(ours, plain, rounds):
    """How many times faster ours is: the best of several rounds of each, in turn, so that a busy moment hits both."""
    best = {ours: float("inf"), plain: float("inf")}
    for _ in range(rounds + 1):  # the first round also warms up
        for way in best:
            started = time.perf_counter()
            way()
            best[way] = min(best[way], time.perf_counter() - started)
    return best[plain] / best[ours]


if __name__ == "__main__":
    print(ratio(*FEW[sys.argv[1]].make(), rounds=int(sys.argv[2])))
