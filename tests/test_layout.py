"""Where the words of a figure stand: apart from each other, on nothing that is drawn, inside the figure, large enough.

Every figure is drawn on ordinary and on awkward data. A box is the rectangle of a text, turned as the text is, or that
of a whole legend. What lies below it is read from the figure drawn without texts and legends: there must be white
paper, at most with grid lines. Only a number may stand inside a bar or a cell, on one colour.
"""

import re
from itertools import combinations

import keras
import numpy as np
import pytest
from keras import layers
from matplotlib.backends.backend_agg import FigureCanvasAgg
from matplotlib.figure import Figure
from matplotlib.legend import Legend
from matplotlib.text import Text

from helpers import plots
from helpers.explanations import BestInputs

NEAR = 1  # pixels that a box may reach over another, or over the figure's edge
LIGHT = 0xE0  # grid lines are as light as this, or lighter
MOST = 30  # faults that are told of one figure
LEAST = 8  # points of the smallest type, in a figure of 8 inches
NUMBER = re.compile(r"[-−+\d.,%·e]+")  # what may stand in a bar or a cell
CODE = re.compile(r"\[\s*[-\d.]|array\(|object at 0x|np\.float|dtype")  # Python, where a reader expects words

RANDOM = np.random.default_rng(7)
TITLE = (
    "A long title that says what is drawn, on which of the images, with how many seeds, and why one should look at " * 2
)
TITLE = TITLE[:120]
LINES = "first line of three\nsecond line of three\nthe third line"
NAMES = [f"group {n:02} with augmentation and dropout a" for n in range(15)]  # 40 characters each
LAYERS = [f"block{n:02}_separable_convolution_2d_with_relu"[:40] for n in range(15)]


def photos(count, size=150, colours=3):
    """Return smooth images without white, (count, size, size, colours)."""
    down, right = np.mgrid[:size, :size] / size
    turns = RANDOM.uniform(1, 9, (2, count, 1, 1, colours))
    return 0.45 + 0.4 * np.sin(turns[0] * down[..., np.newaxis] + turns[1] * right[..., np.newaxis])


def maps(size, channels, silent=0):
    values = np.maximum(photos(1, size, channels)[0] - 0.3, 0)
    values[..., :silent] = 0
    return values


def holed(values):
    values = values.copy()
    values[:3, :3] = np.nan
    return values


def network(names, size, colours):
    keras.utils.set_random_seed(1)
    *first, mean, dense, last = names
    convolutions = [layers.Conv2D(8, 3, activation="relu", name=name) for name in first]
    convolutions[0] = layers.Conv2D(32, 3, activation="relu", name=first[0])
    ends = [layers.GlobalAveragePooling2D(name=mean), layers.Dense(1152, name=dense), layers.Dense(100, name=last)]
    return keras.Sequential([keras.Input((size, size, colours)), *convolutions, *ends])


def best(count, size=28, colours=1, largest=20.0):
    values = RANDOM.random(count) * largest
    woken = np.arange(count) % 5 != 1
    starts = RANDOM.random((count, 2))
    return BestInputs(np.arange(count) + 100, photos(count, size, colours), values, values, values, starts, woken)


def classes(count, images=10_000):
    true = RANDOM.integers(0, count, images)
    return true, np.where(RANDOM.random(images) < 0.6, true, RANDOM.integers(0, count, images))


def curves(seeds, epochs, start=0.3):
    return 0.97 - start * np.exp(-np.arange(epochs) / 5) + RANDOM.normal(0, 0.01, (seeds, epochs))


def over(seeds, count, level=0.5):
    return level + 0.3 * np.sin(np.arange(count)) + RANDOM.normal(0, 0.05, (seeds, count))


def race(*places):
    return {
        name: (RANDOM.uniform(0.95, 1.05, 5) * seconds, mistakes + RANDOM.integers(0, 6, 5))
        for name, (seconds, mistakes) in zip(NAMES, places)
    }


def pooled(values, side):
    """Return the arguments of plot_pooling_at."""
    height, width = (length // side for length in values.shape)
    cut = values[: height * side, : width * side].reshape(height, side, width, side)
    return values, cut.max(axis=(1, 3)), (height // 2, width // 3)


def convolved(size, factor=1.0):
    """Return the arguments of plot_filter_at; whether the map is right does not matter to it."""
    return (
        photos(1, size, 1)[0],
        factor * RANDOM.normal(size=(3, 3)),
        factor * maps(size - 2, 1)[..., 0],
        (size // 2, 3),
    )


def runs(count, steps):
    return RANDOM.integers(1, 40, (count, steps, 3))


CLOSE = {"article": 0.9556, "article, second run": 0.9561, "chance": 0.953, "majority class": 0.9548, "human": 0.96}
SEEDS = {name: RANDOM.normal(0.95, 0.01, 8) for name in NAMES}
FEW = {"trained": RANDOM.normal(0.95, 0.01, 10), "untrained": RANDOM.normal(0.91, 0.02, 10), "no dropout": [0.93, 0.94]}
EDGES = {"all right": [1, 1, 1], "all wrong": [0, 0, 0], "both": [0, 1]}
TWO = {"trained": over(5, 8), "untrained": over(5, 8, 0.2)}
EIGHT = ["conv1", "pool1", "conv2", "pool2", "conv3", "pool3", "dense", "output"]
THREE = {f"panel {n} of {NAMES[n]}": {NAMES[0]: over(3, 15), NAMES[1]: over(3, 15, 0.3)} for n in range(3)}
ACROSS = {"conv1": maps(26, 8), "pool1": maps(13, 8, 3), "conv2": maps(11, 8), "pool2": maps(5, 8)}
MANY = {name: maps(148 // (n + 1), 8, n % 3) for n, name in enumerate(LAYERS)}
UNITS = RANDOM.random(1152)
HISTORY = {"accuracy": curves(1, 12)[0], "val_accuracy": curves(1, 12, 0.5)[0], "loss": 1 - curves(1, 12)[0]}
HISTORY["val_loss"] = 1 - curves(1, 12, 0.5)[0]
LOST = {"loss": [2.0, 1.0, np.nan, np.nan], "val_loss": [2.0, np.nan, np.nan, np.nan]}
RACE = {"ours": ([50, 52, 55], [44, 50, 47]), "article, as we measure it": (1100, [52, 61])}
KINDS = ["active", "silent for some images", "silent for this class", "silent for every image"]

# Of each function first what is ordinary; there the title has at most two lines. Then what is awkward.
CASES = {
    "plot_answers": {
        "ordinary": lambda p: p([0.1, 0.85, 0.05], labels=["circle", "square", "star"], true=1, image=photos(1, 28)[0]),
        "two classes": lambda p: p([0.0, 1.0], labels=NAMES[:2], true=0, image=photos(1)[0], title=TITLE),
        "15 classes": lambda p: p(np.eye(15)[3], labels=NAMES, true=4, image=photos(1, 28, 1)[0], title=TITLE),
        "all equal": lambda p: p([1 / 15] * 15, labels=LAYERS),
        "one class": lambda p: p([0.5], title=TITLE),
    },
    "plot_best_inputs": {
        "ordinary": lambda p: p(best(32), title="conv2"),
        "large values": lambda p: p(best(40, largest=1e7), title=TITLE),
        "tiny values": lambda p: p(best(40, largest=1e-9)),
        "beside": lambda p: p(best(7), beside=photos(63).reshape(7, 9, 150, 150, 3)[:, :, :28, :28, :1], columns=8),
        "words": lambda p: p(best(7), beside=np.zeros((7, 4, 28, 28, 1)), words=NAMES[:7], columns=8),
        "one": lambda p: p(best(1, 150, 3), title=TITLE),
    },
    "plot_channel": {
        "ordinary": lambda p: p(maps(24, 8), 3, image=photos(1, 28, 1)[0], name="conv1"),
        "photograph": lambda p: p(maps(148, 32), 3, image=photos(1)[0], name=LAYERS[0], scale="standard"),
        "unit": lambda p: p(UNITS, 1000, image=photos(1)[0], name=LAYERS[0], scale="raw"),
        "NaN": lambda p: p(holed(maps(24, 8)), 3, image=photos(1)[0]),
        "all equal": lambda p: p(np.full((24, 24, 2), 1e-7), 1, name=LAYERS[0]),
    },
    "plot_channel_across_layers": {
        "ordinary": lambda p: p(ACROSS, 2, image=photos(1, 28, 1)[0]),
        "15 layers": lambda p: p(MANY, 2, image=photos(1)[0], scale="raw"),
        "15 in rows of 8": lambda p: p(MANY, 2, image=photos(1)[0], columns=8),
        "standard": lambda p: p(MANY, 2, image=photos(1)[0], scale="standard", columns=3),
        "units and NaN": lambda p: p({LAYERS[0]: holed(maps(9, 4)), LAYERS[1]: UNITS, LAYERS[2]: UNITS[:100]}, 3),
        "one layer": lambda p: p({"conv": np.ones((5, 5, 1))}, 0, image=photos(1)[0]),
    },
    "plot_confusion": {
        "ordinary": lambda p: p(*classes(10), title="CNN"),
        "two classes": lambda p: p(*classes(2), labels=NAMES[:2], title=TITLE),
        "15 classes": lambda p: p(*classes(15, 100_000), labels=NAMES, title=TITLE),
        "one class": lambda p: p([0], [0], labels=NAMES[:1]),
    },
    "plot_curves": {
        "ordinary": lambda p: p({"loss": {"with L2": curves(3, 20), "without": curves(3, 20)}}, title="Norms"),
        "three panels": lambda p: p(
            {f"{n} {NAMES[n]}": {NAMES[0]: curves(5, 30), NAMES[1]: curves(5, 30)} for n in range(3)},
            reference={f"1 {NAMES[1]}": CLOSE},
            title=TITLE,
        ),
        "13 groups": lambda p: p({"loss": {name: curves(1, 9) for name in NAMES[:13]}}, log=True, title=TITLE),
        "one epoch": lambda p: p({"loss": {"ours": [1.0]}}, reference={"loss": {"article": 1.0}}),
        "all equal": lambda p: p({"loss": {"ours": [0.0] * 9}, "accuracy": {"ours": [1.0] * 9}}),
    },
    "plot_filter_at": {
        "ordinary": lambda p: p(*convolved(28), bias=0.1),
        "large numbers": lambda p: p(*convolved(150, -12345.0), bias=-123456.789),
        "all equal": lambda p: p(np.zeros((3, 3)), np.zeros((3, 3)), np.zeros((1, 1)), (0, 0)),
    },
    "plot_filters": {
        "ordinary": lambda p: p(RANDOM.normal(size=(5, 5, 1, 30)), name="conv1"),
        "in colour": lambda p: p(RANDOM.normal(size=(3, 3, 3, 32)), name=LAYERS[0]),
        "small": lambda p: p(1e-5 * RANDOM.normal(size=(1, 1, 4, 250)), name=LAYERS[0], input_channel=3, columns=16),
        "one": lambda p: p(np.zeros((3, 3, 1, 1)), name=LAYERS[0]),
    },
    "plot_flip": {
        "ordinary": lambda p: p([0, 10, 100, 1000], {"telling": runs(1, 4)[0], "matched": runs(1, 4)[0]}, title="Swap"),
        "runs": lambda p: p([0, 10, 100, 1000], {"telling": runs(9, 4), "random": runs(9, 4)}, xlabel=NAMES[0]),
        "many steps": lambda p: p(
            range(0, 1_300_000, 100_000), dict(zip(NAMES, runs(3, 13))), parts=NAMES[:3], title=TITLE
        ),
        "one step": lambda p: p([0], {NAMES[0]: [[0, 0, 1]], NAMES[1]: [[1, 0, 0]]}, title=TITLE),
    },
    "plot_heatmaps": {
        "ordinary": lambda p: p(photos(4, 28), RANDOM.random((4, 7, 7)), titles=list("abcd"), title="conv2"),
        "three lines": lambda p: p(photos(7), RANDOM.normal(size=(7, 7, 7)), titles=[LINES] * 7, title=TITLE),
        "one": lambda p: p(photos(1), RANDOM.random((1, 7, 7)) * 1e6, titles=NAMES[:1], stride=8),
        "rows of five": lambda p: p(photos(10, 28), np.zeros((10, 2, 2)), titles=NAMES[:10], columns=5),
    },
    "plot_histogram": {
        "ordinary": lambda p: p({"trained": RANDOM.normal(5, 1, 500), "untrained": RANDOM.normal(8, 2, 500)}),
        "high at the left": lambda p: p({"best": RANDOM.exponential(1, 500), "one": RANDOM.exponential(2, 500)}),
        "13 groups": lambda p: p({name: RANDOM.normal(n, 3, 200) for n, name in enumerate(NAMES[:13])}, title=TITLE),
        "near references": lambda p: p(FEW, reference=CLOSE, xlabel="accuracy", title=TITLE),
        "edges": lambda p: p(EDGES, reference={"left": 0, "right": 1}),
        "one value": lambda p: p({NAMES[0]: [3.0]}, reference={NAMES[1]: 3.0}),
    },
    "plot_history": {
        "ordinary": lambda p: p(HISTORY, chosen=9, title="Shapes"),
        "one epoch": lambda p: p({"accuracy": [1.0], "val_accuracy": [0.0], "loss": [0.0]}, chosen=1, title=TITLE),
        "all equal": lambda p: p({"accuracy": [1.0] * 40, "val_accuracy": [1.0] * 40, "loss": [0.0] * 40}, chosen=40),
        "diverged": lambda p: p(LOST, chosen=3, title=TITLE),
    },
    "plot_images": {
        "ordinary": lambda p: p(photos(7, 28, 1), titles=[f"class {n}" for n in range(7)], title="Seven"),
        "one": lambda p: p(photos(1), titles=NAMES[:1], title=TITLE),
        "three lines": lambda p: p(photos(20), titles=[LINES] * 20, title=TITLE),
        "ten in a row": lambda p: p(photos(20, 28), titles=NAMES[:10] + LAYERS[:10], columns=10),
    },
    "plot_layer": {
        "ordinary": lambda p: p(maps(24, 32, 3), image=photos(1, 28, 1)[0], name="conv1"),
        "photograph": lambda p: p(maps(148, 32), image=photos(1)[0], name=LAYERS[0], scale="standard"),
        "100 units": lambda p: p(UNITS[:100], image=photos(1)[0], name=LAYERS[0], scale="channel"),
        "1152 units": lambda p: p(UNITS, image=photos(1)[0], name=LAYERS[0], columns=64),
        "small maps": lambda p: p(maps(3, 512), image=photos(1)[0], name=LAYERS[0], columns=16, scale="raw"),
        "NaN": lambda p: p(holed(maps(24, 32)), image=photos(1)[0], name=LAYERS[0]),
        "one unit": lambda p: p([0.7], image=photos(1)[0], name=LAYERS[0], scale="raw"),
    },
    "plot_layers": {
        "ordinary": lambda p: p(network(["conv1", "conv2", "mean", "dense", "output"], 12, 1), photos(1, 12, 1)),
        "photograph": lambda p: p(network(LAYERS[:5], 150, 3), photos(1), scale="standard"),
        "15 layers": lambda p: p(network(LAYERS, 28, 1), photos(1, 28, 1)),
    },
    "plot_over_layers": {
        "ordinary": lambda p: p({"all images": TWO}, EIGHT, ylabel="share", title="Silent channels"),
        "reference": lambda p: p({"a": TWO, "b": TWO}, EIGHT, reference={"guessing": 0.5}, ylabel="accuracy"),
        "three panels": lambda p: p(THREE, LAYERS, reference={"guessing": 0.3}, ylabel=NAMES[0], title=TITLE),
        "near references": lambda p: p({"a": TWO}, EIGHT, reference=CLOSE, title=TITLE),
        "13 groups": lambda p: p({"a": {name: over(1, 15) for name in NAMES[:13]}}, LAYERS, title=TITLE),
        "NaN": lambda p: p({"a": {"x": [0, np.nan, 1]}}, EIGHT[:3], reference={"top": 1, "bottom": 0}),
        "one layer": lambda p: p({"a": {"x": [[1.0], [1.0]]}}, LAYERS[:1], reference={NAMES[0]: 1.0}),
    },
    "plot_parts": {
        "ordinary": lambda p: p(RANDOM.normal(size=(11, 11, 32)), maps(11, 1)[..., 0], bias=0.1),
        "photograph": lambda p: p(1e4 * RANDOM.normal(size=(148, 148, 32)), maps(148, 1)[..., 0], bias=-123456.789),
        "one": lambda p: p(np.zeros((5, 5, 1)), np.zeros((5, 5))),
        "128": lambda p: p(RANDOM.normal(size=(5, 5, 128)), maps(5, 1)[..., 0], columns=32),
    },
    "plot_pooling_at": {
        "ordinary": lambda p: p(*pooled(maps(24, 1)[..., 0], 2)),
        "photograph": lambda p: p(*pooled(1e4 * maps(148, 1)[..., 0], 4)),
        "all equal": lambda p: p(*pooled(np.zeros((2, 2)), 2)),
    },
    "plot_ringed": {
        "ordinary": lambda p: p(dict(zip("ab", maps(9, 16)[np.newaxis].repeat(2, 0))), maps(9, 16) > 0.5, title="conv"),
        "long": lambda p: p(
            {name: maps(11, 30) for name in NAMES[:5]},
            maps(11, 30) > 0.54,
            maps(11, 30) == 0.5,
            images=photos(5),
            title=TITLE,
        ),
        "units": lambda p: p(dict.fromkeys(LAYERS[:5], UNITS), UNITS > 0.9, images=photos(5), title=TITLE),
        "one": lambda p: p({NAMES[0]: np.ones((1, 1, 1))}, np.ones((1, 1, 1)), largest=1e5),
    },
    "plot_seed_dots": {
        "ordinary": lambda p: p(FEW, reference={"article": 0.9556, "chance": 0.9}, ylabel="accuracy", title="Seeds"),
        "13 groups": lambda p: p(dict(list(SEEDS.items())[:13]), reference={NAMES[0]: 0.95}, title=TITLE),
        "near references": lambda p: p(FEW, reference=CLOSE, ylabel=NAMES[0], title=TITLE),
        "edges": lambda p: p(EDGES, reference={"bottom": 0, "top": 1}),
        "one value": lambda p: p({NAMES[0]: [1.0]}, reference={NAMES[1]: 1.0}),
        "all equal": lambda p: p({"a": [0.5] * 20, "b": [0.5] * 20, "c": [12345.678]}),
    },
    "plot_shares": {
        "ordinary": lambda p: p(
            {name: dict(zip(KINDS[:2], (9 + n, n))) for n, name in enumerate(EIGHT)}, xlabel="share"
        ),
        "15 layers": lambda p: p(
            {name: dict(zip(NAMES, (10**n, 12345, 100, 1234, 0))) for n, name in enumerate(LAYERS[:6] + NAMES[:9])},
            title=TITLE,
            xlabel=TITLE,
        ),
        "one": lambda p: p({"conv": dict(zip(KINDS, (1, 0, 0, 0)))}, title=TITLE),
    },
    "plot_side_by_side": {
        "ordinary": lambda p: p(
            {"trained": maps(9, 16), "untrained": maps(9, 16)}, images=photos(2, 28, 1), title="conv"
        ),
        "long": lambda p: p(
            {name: maps(11, 30) for name in NAMES[:5]}, images=photos(5), scale="standard", title=TITLE
        ),
        "units": lambda p: p({LAYERS[0]: UNITS, LAYERS[1]: UNITS[:100]}, scale="raw", title=TITLE),
        "photographs": lambda p: p({NAMES[0]: maps(148, 32), NAMES[1]: holed(maps(148, 32))}, images=photos(2)),
        "pictures": lambda p: p({"a": np.eye(5), LAYERS[0]: np.zeros((9, 9)), NAMES[0]: np.ones((2, 3))}),
    },
    "plot_time_to_accuracy": {
        "ordinary": lambda p: p(RACE, reference={"article": 56}, ylabel="wrong of 10,000 test images", title="Race"),
        "near groups": lambda p: p(race((60, 40), (70, 44), (80, 42), (65, 41)), reference=CLOSE, title=TITLE),
        "13 groups": lambda p: p(race(*[(40 * 1.4**n, 40 + n % 4) for n in range(13)]), ylabel=NAMES[0], title=TITLE),
        "edges": lambda p: p({NAMES[0]: (0.11, [0, 0]), "slow": (86400, [0])}, reference={"none": 0, "one": 1}),
        "all equal": lambda p: p({"a": (60, [50] * 5), "b": (60, [50])}, reference={"article": 50}),
    },
}
START = RANDOM.bit_generator.state  # every case begins with it, in whatever order they run
EVERY = [(name, words) for name, cases in CASES.items() for words in cases]


class Box:
    """The rectangle of a text, turned as the text is, or of a legend, in pixels from the figure's lower left."""

    def __init__(self, artist, renderer):
        self.artist, self.is_text = artist, isinstance(artist, Text)
        kind = Text if self.is_text else Legend  # not Annotation, whose extent has its arrow too
        self.around = kind.get_window_extent(artist, renderer)
        self.centre, self.size, angle = (self.around.p0 + self.around.p1) / 2, self.around.size, 0
        if self.is_text and artist.get_rotation():
            angle = artist.get_rotation()
            artist.set_rotation(0)
            self.size = kind.get_window_extent(artist, renderer).size
            artist.set_rotation(angle)
        turn = np.radians(angle)
        self.ways = np.array([[np.cos(turn), np.sin(turn)], [-np.sin(turn), np.cos(turn)]])  # along and up
        words = artist.get_text() if self.is_text else ", ".join(text.get_text() for text in artist.get_texts())
        self.name = f"{'' if self.is_text else 'legend '}{words[:60]!r} at ({self.around.x0:.0f}, {self.around.y0:.0f})"

    def overlaps(self, other):
        """Whether no line can be drawn between the two."""
        for way in (*self.ways, *other.ways):
            reach = sum((abs(box.ways @ way) * box.size).sum() / 2 for box in (self, other))
            if abs((self.centre - other.centre) @ way) >= reach - 2 * NEAR:
                return False
        return True

    def pixels_of(self, paper):
        """Return the pixels (n, 3) of a picture of the figure that lie in the box."""
        (left, bottom), (right, top) = np.floor(self.around.p0).astype(int), np.ceil(self.around.p1).astype(int)
        top, bottom = (np.clip(len(paper) - y, 0, len(paper)) for y in (top, bottom))
        part = paper[top:bottom, max(left, 0) : right]
        rows, columns = np.indices(part.shape[:2])
        places = np.stack([columns + max(left, 0) + 0.5, len(paper) - rows - top - 0.5], axis=-1) - self.centre
        inside = (abs(places @ self.ways.T) < self.size / 2 - NEAR).all(axis=-1)
        return part[inside].astype(int)


def drawn(figure, monkeypatch):
    """Draw a figure; return the box of each text and legend that is seen, and its pixels without them."""
    canvas, seen = FigureCanvasAgg(figure), {}

    def noting(draw):
        def draw_and_note(artist, renderer):
            seen[artist] = artist.get_visible() and (isinstance(artist, Legend) or artist.get_text().strip())
            return draw(artist, renderer)

        return draw_and_note

    with monkeypatch.context() as patch:
        for kind in (Text, Legend):
            patch.setattr(kind, "draw", noting(kind.draw))
        figure.draw_without_rendering()
    boxes = [Box(artist, canvas.get_renderer()) for artist, is_seen in seen.items() if is_seen]
    with monkeypatch.context() as patch:
        for kind in (Text, Legend):
            patch.setattr(kind, "draw", lambda artist, renderer: None)
        canvas.draw()
    return boxes, np.asarray(canvas.buffer_rgba())[..., :3]


def faults_of(figure, boxes, paper):
    """Return a sentence for each box that stands where, or as, it should not."""
    faults = []
    in_legend = {id(text) for box in boxes if not box.is_text for text in box.artist.get_texts()}
    apart = [box for box in boxes if id(box.artist) not in in_legend]  # a legend is one box
    for one, other in combinations(apart, 2):
        if one.around.overlaps(other.around) and one.overlaps(other):
            faults.append(f"{one.name} overlaps {other.name}")
    for box in apart:
        pixels = box.pixels_of(paper)
        blank = (pixels.min(axis=1) >= LIGHT) & (np.ptp(pixels, axis=1) <= 3)
        one_colour = (abs(pixels - pixels[:1]) <= 4).all()
        in_cell = one_colour and box.is_text and NUMBER.fullmatch(box.artist.get_text())
        if not in_cell and not blank.all():
            colours, counts = np.unique(pixels[~blank], axis=0, return_counts=True)
            colour = "#{:02x}{:02x}{:02x}".format(*colours[counts.argmax()])
            faults.append(f"{box.name} lies on {(~blank).sum()} of {len(blank)} pixels drawn, mostly {colour}")
    (width, height), inches = figure.bbox.size, figure.get_size_inches()[0]
    for box in boxes:
        if min(*box.around.p0, width - box.around.x1, height - box.around.y1) < -NEAR:
            faults.append(f"{box.name} reaches out of the figure ({box.around.x1:.0f} of {width:.0f} pixels)")
        if box.is_text and (points := box.artist.get_fontsize() * min(1, 8 / inches)) < LEAST:
            faults.append(f"{box.name} is written in {points:.1f} points")
        if box.is_text and CODE.search(box.artist.get_text()):
            faults.append(f"{box.name} is Python")
    return faults


@pytest.mark.parametrize(("name", "words"), EVERY)
def test_words_stand_apart_on_white_paper_inside_the_figure(name, words, monkeypatch):
    RANDOM.bit_generator.state = START
    figure = CASES[name][words](getattr(plots, name))
    boxes, paper = drawn(figure, monkeypatch)
    faults = faults_of(figure, boxes, paper)
    title = max(boxes, key=lambda box: box.around.y1)
    if words == "ordinary" and title.is_text and title.artist.get_text().count("\n") > 1:
        faults.append(f"the title {title.name} has more than two lines")
    if faults:
        pytest.fail("\n".join([f"{name}, {words}: {len(faults)} faults", *faults[:MOST]]), pytrace=False)


def test_every_figure_is_tried():
    assert sorted(CASES) == sorted(plots.__all__)


def sentences(draw, monkeypatch):
    """Return the faults of a figure that draw writes on, in axes from 0 to 1."""
    figure = Figure((8, 3))
    axes = figure.add_axes((0, 0, 1, 1), xlim=(0, 1), ylim=(0, 1))
    axes.set_axis_off()
    draw(axes)
    return faults_of(figure, *drawn(figure, monkeypatch))


RIGHT = {
    "two lines": lambda a: [a.text(0.5, 0.5, "word"), a.text(0.5, 0.56, "word")],
    "turned": lambda a: [a.text(x, 0.5, "a long name", rotation=45, rotation_mode="anchor") for x in (0.4, 0.43)],
    "on a grid line": lambda a: [a.axhline(0.5, color="#E4E4E4"), a.text(0.5, 0.5, "word", va="center")],
    "number in a bar": lambda a: [a.bar(0.5, 1, 0.4), a.text(0.5, 0.5, "12.5%")],
    "below a turned name": lambda a: [a.plot(0.45, 0.5, "o"), a.text(0.4, 0.3, "a long name " * 2, rotation=45)],
    "hidden": lambda a: [a.axhline(0.5), a.text(0.5, 0.5, "word", visible=False)],
    "legend": lambda a: [a.plot([0, 0.1], [0, 0.1], label="a"), a.legend(loc="upper right")],
}
WRONG = {
    "overlaps": lambda a: [a.text(0.5, 0.5, "word"), a.text(0.52, 0.51, "other")],
    "overlaps 'turned": lambda a: [a.text(x, 0.5, "turned name", rotation=45) for x in (0.4, 0.41)],
    "overlaps legend": lambda a: [a.plot(0.1, 0.1, label="name"), a.legend(loc="center"), a.text(0.5, 0.5, "word")],
    "lies on": lambda a: [a.axhline(0.53), a.text(0.5, 0.5, "word")],
    "drawn, mostly #1f77b4": lambda a: [a.axhline(0.53), a.text(0.5, 0.5, "word", bbox={"facecolor": "white"})],
    "'word' at": lambda a: [a.bar(0.5, 1, 0.4), a.text(0.5, 0.5, "word")],
    "'12' at": lambda a: [a.bar(0.5, 1, 0.4), a.text(0.697, 0.5, "12")],
    "'0.5' at": lambda a: [a.imshow(np.eye(2), extent=(0, 1, 0, 1)), a.text(0.49, 0.2, "0.5")],
    "legend 'line'": lambda a: [a.plot([0, 1], [0, 1], label="line"), a.legend(loc="center")],
    "out of the figure": lambda a: a.text(0.99, 0.5, "a word"),
    "written in 7.5 points": lambda a: a.text(0.5, 0.5, "word", fontsize=7.5),
    "is Python": lambda a: a.text(0.5, 0.5, "from [0.5 1. ]"),
}


@pytest.mark.parametrize("words", RIGHT)
def test_what_stands_well_is_no_fault(words, monkeypatch):
    assert sentences(RIGHT[words], monkeypatch) == []


@pytest.mark.parametrize("words", WRONG)
def test_a_fault_is_seen_and_told(words, monkeypatch):
    (fault,) = sentences(WRONG[words], monkeypatch)
    assert words in fault
