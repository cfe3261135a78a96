"""What the figures show: axes, tiles, titles, colour ranges; that they are closed, and change nothing."""

import dataclasses
from itertools import pairwise

import keras
import matplotlib
import matplotlib.pyplot as plt
import nbclient
import nbformat
import numpy as np
import pytest
from keras import layers
from matplotlib.colors import to_hex
from PIL import Image

from helpers import pictures, plots
from helpers._shared.errors import CourseError
from helpers.course import ROOT
from helpers.explanations import BestInputs
from helpers.plots.colours import COLOURS, NOT_FINITE, SILENT
from helpers.plots.grid import Sheet

RANDOM = np.random.default_rng(2)
MAPS = RANDOM.random((1, 6, 5, 11), dtype=np.float32)
MAPS[..., [2, 10]] = 0
IMAGE = RANDOM.random((8, 8, 1), dtype=np.float32)


@pytest.fixture(autouse=True)
def every_figure_is_closed_and_settings_are_as_before():
    before = dict(matplotlib.rcParams)
    yield
    assert plt.get_fignums() == []
    assert dict(matplotlib.rcParams) == before


def pictures_of(figure):
    """Return the axes that show a picture, but for colour bars."""
    return [axes for axes in figure.axes if axes.images and axes.get_label() != "<colorbar>"]


def bars_of(figure):
    return [axes for axes in figure.axes if axes.get_label() == "<colorbar>"]


def words_of(figure):
    return " ".join(text.get_text() for text in figure.findobj(matplotlib.text.Text)).replace("\n", " ")


def tile(axes, channel, shape, columns):
    """Cut one channel's tile out of the picture that axes show."""
    picture = axes.images[0].get_array().filled(np.nan)
    top, left = shape[0] * (channel // columns), shape[1] * (channel % columns)
    return picture[top : top + shape[0], left : left + shape[1]]


def painted(axes, colour):
    """Return the corners of the tiles that are painted over in a colour."""
    found = [each for each in axes.collections if len(each.get_facecolor())]
    return [
        tuple(path.vertices.min(axis=0))
        for each in found
        if to_hex(each.get_facecolor()[0]) == colour.lower()
        for path in each.get_paths()
    ]


@pytest.mark.parametrize(
    ("scale", "words", "limits", "expected"),
    [
        ("layer", "one range for the layer", (0, 1), lambda v, every: v / every.max()),
        ("channel", "each channel its own range", (0, 1), lambda v, every: (v - v.min()) / np.ptp(v)),
        ("standard", "standardised per channel", (0, 255), lambda v, every: 128 + 64 * (v - v.mean()) / v.std()),
        ("raw", "raw values", (0, MAPS.max()), lambda v, every: v),
    ],
)
def test_plot_layer_shows_channel_k_at_its_place(scale, words, limits, expected):
    figure = plots.plot_layer(MAPS, name="conv1", columns=4, scale=scale)
    (axes,), (bar,) = pictures_of(figure), bars_of(figure)
    for channel in (0, 5, 9):
        wanted = np.clip(expected(MAPS[0, ..., channel], MAPS), 0, 255)
        np.testing.assert_allclose(tile(axes, channel, (6, 5), 4), wanted, atol=1e-4)
    assert axes.images[0].get_clim() == pytest.approx(limits)
    assert words in words_of(figure) and "conv1: 11 channels, 2 of 11 silent" in words_of(figure)
    assert [text.get_text() for text in axes.get_yticklabels()] == ["0", "4", "8"]
    assert bar.get_ylim() == pytest.approx(limits)


def test_silent_channels_are_dark_empty_places_white_and_lines_thin():
    (axes,) = pictures_of(plots.plot_layer(MAPS, columns=4))
    assert painted(axes, SILENT) == [(2, 0), (2, 2)]
    assert painted(axes, "#ffffff") == [(3, 2)]
    lines = [each for each in axes.collections if isinstance(each, matplotlib.collections.LineCollection)]
    assert len(lines[0].get_segments()) == 3 + 2 and lines[0].get_linewidth()[0] < 1


def test_what_is_not_finite_is_counted_and_orange():
    maps = MAPS.copy()
    maps[0, 0, :3, 1] = np.nan, np.inf, -np.inf
    figure = plots.plot_layer(maps)
    (axes,) = pictures_of(figure)
    assert "3 values not finite" in words_of(figure)
    assert to_hex(axes.images[0].cmap.get_bad()) == NOT_FINITE.lower()
    assert np.isnan(axes.images[0].get_array().filled(np.nan)).sum() == 3


def test_the_input_image_stands_left_of_the_grid():
    figure = plots.plot_layer(MAPS, image=IMAGE)
    first, second = sorted(pictures_of(figure), key=lambda axes: axes.get_position().x0)
    np.testing.assert_allclose(first.images[0].get_array(), IMAGE[..., 0])
    assert first.get_position().x1 < second.get_position().x0
    assert first.get_position().y1 == pytest.approx(second.get_position().y1)
    assert first.images[0].cmap.name == "gray"


@pytest.mark.parametrize(
    ("activation", "kind", "shape"),
    [
        (np.float32([[0.7]]), "1 unit", (1, 1)),
        (RANDOM.random(100), "100 units", (13, 8)),
        (RANDOM.random((1, 1, 64)), "64 channels", (8, 8)),
        (RANDOM.random((5, 5, 30)), "30 channels", (20, 40)),
    ],
)
def test_layers_of_every_form(activation, kind, shape):
    figure = plots.plot_layer(activation, name="layer", columns=8)
    assert f"layer: {kind}, 0 of" in words_of(figure)
    assert pictures_of(figure)[0].images[0].get_array().shape == shape


def pixel_shape(axes):
    """Return width by height of one pixel of the picture, as drawn."""
    box, (rows, columns) = axes.get_window_extent(), axes.images[0].get_array().shape[:2]
    return (box.width / columns) / (box.height / rows)


@pytest.mark.parametrize("shape", [(3, 3, 128), (12, 30, 7), (148, 148, 32), (1, 1, 64), (40, 4, 3)])
def test_pixels_are_square_and_the_figure_fits(shape):
    figure = plots.plot_layer(np.ones(shape), image=IMAGE)
    assert figure.get_size_inches()[0] == 8 and figure.get_size_inches()[1] < 11
    for axes in pictures_of(figure):
        assert pixel_shape(axes) == pytest.approx(1, rel=1e-3)


@pytest.mark.parametrize("scale", ["channel", "standard"])
def test_a_dense_layer_is_scaled_over_the_layer_and_says_so(scale):
    units = np.float32([0, 1, 2, 4])
    figure = plots.plot_layer(units, scale=scale)
    assert "one range for the layer (one value a channel)" in words_of(figure)
    np.testing.assert_allclose(pictures_of(figure)[0].images[0].get_array(), [[0, 0.25, 0.5, 1]])


def network():
    keras.utils.set_random_seed(1)
    return keras.Sequential(
        [
            keras.Input((8, 8, 1)),
            layers.Conv2D(5, 3, activation="relu", name="conv"),
            layers.MaxPooling2D(name="pool"),
            layers.Flatten(name="flat"),
            layers.Dense(3, name="dense"),
        ],
        name="small",
    )


def test_plot_layers_has_one_panel_a_layer():
    model = network()
    figure = plots.plot_layers(model, IMAGE[np.newaxis], columns=4)
    assert len(pictures_of(figure)) == 1 + 4 and len(bars_of(figure)) == 4
    assert "small: 4 layers for one image, one range for the layer" in words_of(figure)
    for words in ("conv 5 channels", "pool 5 channels", "flat 45 units", "dense 3 units"):
        assert words in words_of(figure)
    conv = keras.ops.convert_to_numpy(model.get_layer("conv")(IMAGE[np.newaxis]))[0]
    np.testing.assert_allclose(tile(pictures_of(figure)[1], 3, (6, 6), 4), conv[..., 3] / conv.max(), atol=1e-5)


def test_plot_layers_of_some_layers_and_its_errors():
    model = network()
    assert len(pictures_of(plots.plot_layers(model, IMAGE[np.newaxis], ["pool"]))) == 2
    with pytest.raises(KeyError, match="conv, pool, flat, dense"):
        plots.plot_layers(model, IMAGE[np.newaxis], ["conv9"])
    with pytest.raises(ValueError, match="2 came"):
        plots.plot_layers(model, np.zeros((2, 8, 8, 1)))
    with pytest.raises(ValueError, match="batch axis"):
        plots.plot_layers(model, IMAGE)


@pytest.mark.parametrize(("scale", "limits"), [("channel", "own range"), ("layer", "one range for the layer")])
def test_plot_channel(scale, limits):
    figure = plots.plot_channel(MAPS, 3, image=IMAGE, name="conv1", scale=scale)
    _, axes = sorted(pictures_of(figure), key=lambda axes: axes.get_position().x0)
    own = MAPS[0, ..., 3]
    wanted = (own - own.min()) / np.ptp(own) if scale == "channel" else own / MAPS.max()
    np.testing.assert_allclose(axes.images[0].get_array(), wanted, atol=1e-5)
    assert "conv1: channel 3 of 11 (index from 0)" in words_of(figure) and limits in words_of(figure)


@pytest.mark.parametrize("channel", [11, -1, 1.5, "3"])
def test_a_channel_that_does_not_exist(channel):
    with pytest.raises(ValueError, match="0 to 10"):
        plots.plot_channel(MAPS, channel)


def test_eight_layers_stand_in_two_rows_of_four():
    every = {f"layer{k}": RANDOM.random((1, 12 - k, 12 - k, 4 + k)) for k in range(8)}
    every["layer6"][..., 3] = 0
    figure = plots.plot_channel_across_layers(every, 3)
    found = pictures_of(figure)
    assert len(found) == 8
    assert len({round(axes.get_position().x0, 6) for axes in found}) == 4
    assert len({round(axes.get_position().y1, 6) for axes in found}) == 2
    assert "silent in 1" in words_of(figure) and all(name in words_of(figure) for name in every)
    np.testing.assert_allclose(
        found[2].images[0].get_array(), pictures.scale_channels(every["layer2"], scale="channel")[0, ..., 3]
    )
    with pytest.raises(ValueError, match="layer 'layer0' must be a whole number from 0 to 3"):
        plots.plot_channel_across_layers(every, 4)
    with pytest.raises(ValueError, match="at least one of the activations"):
        plots.plot_channel_across_layers({}, 0)


def test_plot_images():
    figure = plots.plot_images(RANDOM.random((7, 8, 8, 3)), titles=list("abcdefg"), columns=3, title="Seven")
    assert len(figure.axes) == 7 and [axes.get_title(loc="left") for axes in figure.axes] == list("abcdefg")
    assert len({round(axes.get_position().y1, 6) for axes in figure.axes}) == 3
    with pytest.raises(ValueError, match="7 images came with 2 titles"):
        plots.plot_images(np.zeros((7, 8, 8, 3)), titles=["a", "b"])
    with pytest.raises(ValueError, match="0 images"):
        plots.plot_images([])


@pytest.mark.parametrize(
    ("shape", "options", "picture"),
    [
        ((5, 5, 1, 30), {}, (25, 30)),
        ((3, 3, 3, 8), {"columns": 4}, (6, 12, 3)),
        ((3, 3, 3, 8), {"input_channel": 1}, (6, 18)),
        ((1, 1, 4, 3), {"input_channel": 0}, (1, 3)),
    ],
)
def test_plot_filters(shape, options, picture):
    weights = RANDOM.normal(size=shape)
    figure = plots.plot_filters(weights, name="conv1", **options)
    (axes,) = pictures_of(figure)
    assert axes.images[0].get_array().shape == picture
    assert f"conv1: {shape[-1]} filters of {shape[0]} x {shape[1]}" in words_of(figure)
    if len(picture) == 2:
        assert axes.images[0].cmap.name == "RdBu_r"
        assert axes.images[0].get_clim() == pytest.approx((-abs(weights).max(), abs(weights).max()))
        first = weights[:, :, options.get("input_channel", 0), 0]
        np.testing.assert_allclose(tile(axes, 0, shape[:2], 6), first, rtol=1e-6)
    else:
        expected = 0.5 + weights[..., 5] / (2 * abs(weights).max())
        np.testing.assert_allclose(axes.images[0].get_array()[3:6, 3:6], expected, atol=1e-6)


@pytest.mark.parametrize(
    ("weights", "options", "sentence"),
    [
        (np.zeros((5, 5)), {}, "get_weights"),
        (np.zeros((3, 3, 30, 15)), {}, "input_channel=0 to 29"),
        (np.zeros((3, 3, 30, 15)), {"input_channel": 30}, "0 to 29, not 30"),
    ],
)
def test_filters_that_cannot_be_drawn(weights, options, sentence):
    with pytest.raises(ValueError, match=sentence):
        plots.plot_filters(weights, **options)


@pytest.mark.parametrize("scale", ["layer", "raw", "channel", "standard"])
def test_side_by_side_shares_one_range(scale):
    every = {"trained": MAPS, "untrained": 0.5 * MAPS}
    figure = plots.plot_side_by_side(every, images=[IMAGE, IMAGE], columns=4, scale=scale, title="conv1")
    grids = [axes for axes in pictures_of(figure) if axes.images[0].get_array().shape == (18, 20)]
    assert len(grids) == 2 and len(bars_of(figure)) == 1 and len(pictures_of(figure)) == 4
    assert grids[0].images[0].get_clim() == grids[1].images[0].get_clim()
    joined = pictures.scale_channels(np.stack(list(every.values())), scale=scale)
    for axes, values in zip(grids, joined):
        np.testing.assert_allclose(tile(axes, 5, (6, 5), 4), values[0, ..., 5], atol=1e-4)
    assert words_of(figure).count("conv1: ") == 1 and "untrained: 11 channels" in words_of(figure)


def test_side_by_side_of_pictures_and_its_errors():
    figure = plots.plot_side_by_side({"a": np.eye(5), "b": 2 * np.eye(5), "c": np.zeros((4, 4, 2))})
    assert [axes.images[0].get_array().max() for axes in pictures_of(figure)] == [0.5, 1.0, 0.0]
    for given, options, sentence in [
        ({}, {}, "at least one"),
        ({"a": MAPS}, {"images": []}, "0 came for 1"),
        ({"a": MAPS, "b": np.eye(5)}, {"scale": "channel"}, "same number of channels"),
        ({"a": MAPS}, {"scale": "bright"}, "scale must be"),
    ]:
        with pytest.raises(ValueError, match=sentence):
            plots.plot_side_by_side(given, **options)


HISTORY = {"accuracy": [0.5, 0.6, 0.7], "val_accuracy": [0.4, 0.6, 0.5], "loss": [3, 2, 1], "val_loss": [3, 1.5, 2]}


@pytest.mark.parametrize("as_object", [False, True])
def test_plot_history(as_object):
    given = HISTORY | {"learning_rate": [0.1, 0.1, 0.1]}
    if as_object:
        given = type("History", (), {"history": given})()
    figure = plots.plot_history(given, chosen=2, title="Shapes")
    accuracy, loss = figure.axes
    assert [axes.get_ylabel() for axes in figure.axes] == ["accuracy", "loss"]
    assert accuracy.get_title(loc="left") == "accuracy: validation 0.600 at chosen epoch 2"
    assert loss.get_title(loc="left") == "loss: validation 1.500 at chosen epoch 2"
    curves = {line.get_label(): line for line in accuracy.lines}
    assert list(curves["training"].get_ydata()) == HISTORY["accuracy"]
    assert list(curves["validation"].get_xdata()) == [1, 2, 3]
    assert curves["training"].get_color() == COLOURS["training"]
    assert curves["validation"].get_color() == COLOURS["validation"]
    assert curves["training"].get_linestyle() != curves["validation"].get_linestyle()


@pytest.mark.parametrize(
    ("history", "chosen", "sentence"),
    [
        ({}, None, "nothing"),
        ({"loss": []}, None, "one number an epoch"),
        ({"loss": [1, 2], "val_loss": [1]}, None, "lengths"),
        ({"learning_rate": [1]}, None, "learning_rate"),
        (HISTORY, 4, "1 to 3, not 4"),
        (HISTORY, 0, "1 to 3, not 0"),
    ],
)
def test_no_history(history, chosen, sentence):
    with pytest.raises(ValueError, match=sentence):
        plots.plot_history(history, chosen=chosen)


def test_plot_history_of_one_epoch_without_validation():
    (axes,) = plots.plot_history({"loss": [0.25]}).axes
    assert axes.get_title(loc="left") == "loss: training 0.250 at epoch 1" and axes.lines[0].get_marker() == "o"


def test_plot_answers():
    figure = plots.plot_answers([[0.2, 0.7996, 0.0004]], labels=["circle", "square", "triangle"], true=0, image=IMAGE)
    axes = [axes for axes in figure.axes if not axes.images][0]
    assert [bar.get_width() for bar in axes.patches] == [0.2, 0.7996, 0.0004]
    assert to_hex(axes.patches[1].get_facecolor()) == COLOURS["ours"].lower()
    assert [text.get_text() for text in axes.get_yticklabels()] == ["circle (true)", "square", "triangle"]
    assert "Answer square with 0.800, true class circle" in words_of(figure) and "<0.001" in words_of(figure)


def test_one_sigmoid_output_stands_for_two_classes():
    figure = plots.plot_answers([0.9], labels=["cat", "dog"])
    np.testing.assert_allclose([bar.get_width() for bar in figure.axes[0].patches], [0.1, 0.9])


@pytest.mark.parametrize(
    ("probabilities", "options", "sentence"),
    [
        (np.zeros((2, 3)), {}, "one image"),
        ([0.5, -1.0], {}, "within 0..1"),
        ([0.5, np.nan], {}, "within 0..1"),
        ([0.5, 0.5], {"labels": ["a"]}, "1 came"),
        ([0.5, 0.5], {"true": 2}, "0 to 1, not 2"),
    ],
)
def test_no_answers(probabilities, options, sentence):
    with pytest.raises(ValueError, match=sentence):
        plots.plot_answers(probabilities, **options)


def test_plot_confusion_counts_rows_by_truth():
    figure = plots.plot_confusion([0, 0, 1, 2, 2, 2], np.array([0, 1, 1, 2, 0, 0]), labels=["a", "b", "c"], title="Net")
    (axes,) = figure.axes
    counts = [text.get_text() for text in axes.texts]
    assert counts == ["1", "1", "·", "·", "1", "·", "2", "·", "1"]
    assert "Net: 3 of 6 right, most often c taken for a (2 times)" in words_of(figure)
    assert (axes.get_xlabel(), axes.get_ylabel()) == ("answer of the network", "true class")
    assert "4 of 4 right" in words_of(plots.plot_confusion([0, 1, 2, 2], [0, 1, 2, 2]))


@pytest.mark.parametrize(
    ("true", "predicted", "options", "sentence"),
    [
        ([0, 1], [0], {}, "argmax"),
        ([0, 1], [0.0, 1.0], {}, "argmax"),
        ([], [], {}, "one each an image"),
        ([0, -1], [0, 1], {}, "0 or more"),
        ([0, 2], [0, 1], {"labels": ["a", "b"]}, "2 labels came"),
    ],
)
def test_no_confusion(true, predicted, options, sentence):
    with pytest.raises(ValueError, match=sentence):
        plots.plot_confusion(true, predicted, **options)


@pytest.mark.parametrize("count", [2, 8, 9, 12])
def test_names_of_many_groups_stand_apart(count):
    figure = plots.plot_seed_dots({f"{number} moved to the end": [1.0, 2.0] for number in range(count)})
    figure.draw_without_rendering()
    boxes = [label.get_window_extent() for label in figure.axes[0].get_xticklabels()]
    assert all(one.x1 < other.x0 for one, other in pairwise(boxes))


def test_plot_seed_dots():
    groups = {"trained": [0.9, 0.9, 0.95], "untrained": [0.5], "other": np.array([0.7, 0.8])}
    figure = plots.plot_seed_dots(groups, reference={"article": 0.9556, "chance": 0.33}, ylabel="accuracy", title="T")
    (axes,) = figure.axes
    dots = [line for line in axes.lines if line.get_marker() == "o"]
    assert [sorted(line.get_ydata()) for line in dots] == [sorted(values) for values in groups.values()]
    assert [line.get_color() for line in dots[:2]] == [COLOURS["trained"], COLOURS["untrained"]]
    places = list(zip(dots[0].get_xdata(), dots[0].get_ydata()))
    assert len(set(places)) == 3  # equal values step aside
    means = [each.get_segments()[0][0][1] for each in axes.collections]
    np.testing.assert_allclose(means, [np.mean(values) for values in groups.values()])
    lines = [line.get_ydata()[0] for line in axes.lines if line.get_linestyle() == "--"]
    assert sorted(lines) == [0.33, 0.9556]
    assert "article 0.9556" in words_of(figure) and "(n = 3)" in words_of(figure)
    assert (axes.get_ylabel(), axes.get_title(loc="left")) == ("accuracy", "T")


@pytest.mark.parametrize("groups", [{}, {"a": []}, {"a": [np.nan]}, {"a": [[1, 2]]}])
def test_no_dots(groups):
    with pytest.raises(ValueError, match="at least one"):
        plots.plot_seed_dots(groups)


RACE = {"ours": (np.array([50.0, 52, 55]), np.array([44, 50, 47])), "article, as we measure it": (1100, [52, 61])}


def test_plot_time_to_accuracy():
    """Each training is a dot at its seconds and its mistakes; one time may stand for a whole group."""
    (axes,) = plots.plot_time_to_accuracy(RACE, reference={"article": 56}, ylabel="wrong", title="T").axes
    dots = [line for line in axes.lines if line.get_marker() == "o"]
    assert [(list(each.get_xdata()), list(each.get_ydata())) for each in dots] == [
        ([50, 52, 55], [44, 50, 47]),
        ([1100, 1100], [52, 61]),
    ]
    assert dots[0].get_color() == COLOURS["ours"] and axes.get_xscale() == "log"
    marks = [text.get_text() for text in axes.get_xticklabels()]
    assert marks[0] == "30 s" and "1 min" in marks and marks[-1] == "30 min"
    assert axes.get_xlim()[0] < 50 and axes.get_xlim()[1] > 1100 and axes.get_ylim()[0] == 0
    words = [text.get_text() for text in axes.texts]
    assert any("n = 3, mean 47" in each for each in words) and any("article\n56" in each for each in words)


@pytest.mark.parametrize(
    "groups",
    [
        {},
        {"a": [1, 2, 3]},
        {"a": ([1, 2], [3])},
        {"a": ([0], [3])},
        {"a": ([], [])},
        {"a": ([1], [np.nan])},
        {"a": "ab"},
    ],
)
def test_no_time_to_accuracy(groups):
    with pytest.raises(ValueError, match="group"):
        plots.plot_time_to_accuracy(groups)


BEST = BestInputs(
    channels=np.arange(4, 24),
    images=RANDOM.random((20, 8, 6, 1), dtype=np.float32),
    value=RANDOM.random(20) * np.arange(20),
    largest=RANDOM.random(20),
    value_before=RANDOM.normal(size=20),
    values_of_starts=RANDOM.random((20, 2)),
    woken=np.arange(20) > 0,
)
GROWN = ([10, 20, 40], np.array([[1.0, 1.1], [2, 2.1], [4, 4.2]]))
CALLS = {
    "plot_answers": ([RANDOM.random(10) / 10], {"image": IMAGE}),
    "plot_best_inputs": ([BEST], {"title": "conv"}),
    "plot_channel": ([MAPS, 2], {"image": IMAGE}),
    "plot_channel_across_layers": ([{"a": MAPS, "b": MAPS}, 1], {"image": IMAGE}),
    "plot_confusion": ([RANDOM.integers(0, 10, 99), RANDOM.integers(0, 10, 99)], {}),
    "plot_curves": (
        [{"x": {"a": RANDOM.random((3, 9)), "b": RANDOM.random(9)}}],
        {"reference": {"x": {"article": 0.5}}},
    ),
    "plot_filter_at": ([IMAGE, RANDOM.normal(size=(3, 3, 1)), RANDOM.random((6, 6)), (2, 3)], {"bias": 0.1}),
    "plot_filters": ([RANDOM.normal(size=(5, 5, 1, 30))], {}),
    "plot_flip": ([[0, 10], {"a": RANDOM.random((3, 2, 3)), "b": RANDOM.random((2, 3))}], {"title": "Flip"}),
    "plot_growth": ([{"s": {"n": GROWN, "m": GROWN}}], {"slopes": {"m": 2}, "title": "Cost"}),
    "plot_heatmaps": ([RANDOM.random((3, 8, 8, 3)), RANDOM.normal(size=(3, 4, 4))], {"titles": ["a", "b", "c"]}),
    "plot_histogram": ([{"a": RANDOM.random(50), "b": RANDOM.random(50)}], {"reference": {"article": 0.5}}),
    "plot_history": ([{name: np.array(values) for name, values in HISTORY.items()}], {}),
    "plot_images": ([RANDOM.random((10, 8, 8, 3))], {}),
    "plot_layer": ([MAPS], {"image": IMAGE}),
    "plot_layers": ([None, IMAGE[np.newaxis]], {}),
    "plot_over_layers": ([{"x": {"a": RANDOM.random((3, 2)), "b": RANDOM.random(2)}}, ["conv", "pool"]], {}),
    "plot_parts": ([RANDOM.normal(size=(6, 6, 12)), RANDOM.random((6, 6))], {"bias": 0.1}),
    "plot_pooling_at": ([RANDOM.random((7, 9)), RANDOM.random((3, 4)), (2, 3)], {}),
    "plot_ringed": ([{"a": MAPS, "b": MAPS}, MAPS[0] > 0.9, MAPS[0] < 0.1], {"images": [IMAGE, IMAGE]}),
    "plot_seed_dots": ([{"a": RANDOM.random(5), "b": RANDOM.random(5)}], {"reference": {"article": 0.5}}),
    "plot_shares": ([{"conv": {"a": 1, "b": 2}, "pool": {"a": 2, "b": 0}}], {}),
    "plot_side_by_side": ([{"a": MAPS, "b": MAPS}], {"images": [IMAGE, IMAGE]}),
    "plot_time_to_accuracy": ([RACE], {"reference": {"article": 56}, "ylabel": "wrong"}),
}


def arrays_in(value):
    if isinstance(value, np.ndarray):
        return [value]
    values = value.values() if isinstance(value, dict) else value if isinstance(value, (list, tuple)) else []
    return [array for each in values for array in arrays_in(each)]


@pytest.mark.parametrize("name", plots.__all__)
def test_every_figure_is_readable_and_leaves_its_input_alone(name, tmp_path):
    given, options = CALLS[name]
    given = [network(), *given[1:]] if name == "plot_layers" else given
    before = [array.copy() for array in arrays_in([given, options])]
    figure = getattr(plots, name)(*given, **options)
    assert isinstance(figure, matplotlib.figure.Figure)
    for old, new in zip(before, arrays_in([given, options]), strict=True):
        np.testing.assert_array_equal(old, new)
    figure.savefig(tmp_path / "figure.png")
    with Image.open(tmp_path / "figure.png") as image:
        assert image.width == 800 and image.convert("RGB").getpixel((0, 0)) == (255, 255, 255)
        assert np.asarray(image.convert("L")).std() > 5  # something is drawn
    for text in figure.findobj(matplotlib.text.Text):
        assert not text.get_text() or text.get_fontsize() >= 9
    drawn = figure.get_tightbbox()  # inches
    assert drawn.x0 >= -0.03 and drawn.x1 <= 8.03 and drawn.y0 >= -0.03, drawn


def test_a_figure_can_be_written_in_other_formats(tmp_path):
    figure = plots.plot_layer(MAPS)
    figure.savefig(tmp_path / "figure.svg")
    figure.savefig(tmp_path / "tight.png", bbox_inches="tight")
    assert (tmp_path / "figure.svg").stat().st_size and (tmp_path / "tight.png").stat().st_size


def test_a_notebook_shows_each_figure_once_and_the_readers_own_too():
    cells = [
        "import numpy as np; from helpers import plots; plots.plot_images([np.eye(4)])",  # the first of all
        "import matplotlib.pyplot as plt; plt.plot([1, 2]); plots.plot_images([np.eye(4)])",
        "figure = plots.plot_images([np.eye(4)])",
    ]
    notebook = nbformat.v4.new_notebook(cells=[nbformat.v4.new_code_cell(cell) for cell in cells])
    nbclient.NotebookClient(
        notebook, timeout=120, startup_timeout=600, resources={"metadata": {"path": str(ROOT)}}
    ).execute()
    shown = [sum("image/png" in output.get("data", {}) for output in cell.outputs) for cell in notebook.cells]
    assert shown == [1, 2, 0]


def test_a_failing_plot_leaves_no_figure_open(monkeypatch):
    monkeypatch.setattr(Sheet, "grid", lambda *args, **options: 1 / 0)
    with pytest.raises(ZeroDivisionError):
        plots.plot_layer(MAPS)


def test_house_colours_differ_where_they_are_compared():
    pairs = [("training", "validation", "test"), ("trained", "untrained"), ("four", "nine"), ("article", "ours")]
    for pair in pairs:
        assert len({COLOURS[name] for name in pair}) == len(pair)


def test_histogram_shows_shares_means_and_references():
    groups = {"one look": np.array([1, 2, 2, 3]) / 4, "best": np.array([3, 3, 4, 4]) / 4}
    figure = plots.plot_histogram(groups, reference={"truth": 0.5}, xlabel="accuracy", title="Looks")
    (axes,) = figure.axes
    words = [text.get_text() for text in axes.get_legend().get_texts()]
    assert words == ["one look: mean 0.5", "best: mean 0.875", "truth: 0.5"]
    first = axes.patches[0].get_data()
    np.testing.assert_allclose(first.values, [0.25, 0.5, 0.25, 0])
    np.testing.assert_allclose(first.edges, np.arange(5) / 4 + 0.125)  # halfway between the values that can come
    assert axes.get_xlabel() == "accuracy" and plt.get_fignums() == []


@pytest.mark.parametrize("groups", [{}, {"a": []}, {"a": [np.nan]}])
def test_histogram_of_nothing_is_one_sentence(groups):
    with pytest.raises(ValueError, match="needed|needs"):
        plots.plot_histogram(groups)


def test_over_layers_draws_means_and_every_seed():
    panels = {"left": {"trained": [[1, 2, 3], [3, 4, 5]]}, "right": {"cat": [0, 1, 0]}}
    figure = plots.plot_over_layers(panels, ["a", "b", "c"], reference={"guessing": 0.5}, ylabel="share", title="Zeros")
    left, right = figure.axes
    mean, guessing, seeds = (line.get_ydata() for line in (left.lines[0], left.lines[2], left.lines[1]))
    np.testing.assert_allclose(mean, [2, 3, 4])
    np.testing.assert_allclose(seeds, [1, 2, 3, 3, 4, 5])
    assert set(guessing) == {0.5}
    assert left.lines[0].get_color() == COLOURS["trained"]
    assert right.lines[0].get_color().upper() in {
        colour.upper() for colour in COLOURS.values()
    }  # never matplotlib's own
    assert [label.get_text() for label in left.get_xticklabels()] == ["a", "b", "c"]
    assert (left.get_title(loc="left"), right.get_title(loc="left")) == ("left", "right")
    assert left.get_ylim() == right.get_ylim()


def test_shares_are_bars_of_one_length_with_their_counts():
    figure = plots.plot_shares({"conv": {"active": 3, "dead": 1}, "pool": {"active": 0, "dead": 8}}, xlabel="share")
    (axes,) = figure.axes
    bars = [(round(bar.get_x(), 9), round(bar.get_width(), 9)) for bar in axes.patches]
    assert bars == [(0, 0.75), (0, 0), (0.75, 0.25), (0, 1)]
    assert [text.get_text() for text in axes.texts if text.get_text()] == ["3", "1", "8"]  # none for a part of nothing


@pytest.mark.parametrize(
    ("call", "words"),
    [
        (lambda: plots.plot_over_layers({}, ["a"]), "at least one of the panels"),
        (lambda: plots.plot_over_layers({"x": {}}, ["a"]), "at least one of the groups of panel 'x'"),
        (lambda: plots.plot_over_layers({"x": {"g": [1, 2]}}, ["a"]), "one value for each of the 1 layers"),
        (lambda: plots.plot_shares({}), "at least one of the counts"),
        (lambda: plots.plot_shares({"a": {"x": 1}, "b": {"y": 1}}), "same parts"),
        (lambda: plots.plot_shares({"a": {"x": -1, "y": 2}}), "0 or more"),
        (lambda: plots.plot_shares({"a": {"x": 0, "y": 0}}), "not all 0"),
    ],
)
def test_numbers_by_layer_that_do_not_fit_are_one_sentence(call, words):
    with pytest.raises(ValueError, match=words):
        call()


def test_filter_at_shows_the_sum_behind_one_value():
    image, weights = np.arange(20.0).reshape(4, 5), np.array([[1.0, -1], [0, 2]])
    feature_map = np.full((3, 4), 7.0)
    figure = plots.plot_filter_at(image[..., None], weights[..., None], feature_map, (1, 2), bias=0.5)
    planes = [np.asarray(axes.images[0].get_array()) for axes in figure.axes]
    np.testing.assert_allclose(planes[1], [[7, 8], [12, 13]])
    np.testing.assert_allclose(planes[3], [[7, -8], [0, 26]])
    assert "sum 25.000" in words_of(figure) and "is 25.500, shown 7.000" in words_of(figure)
    frames = [(patch.get_x(), patch.get_y(), patch.get_width()) for axes in figure.axes for patch in axes.patches]
    assert frames == [(1.5, 0.5, 2), (1.5, 0.5, 1)]


@pytest.mark.parametrize(("shape", "place"), [((3, 3), (1, 2)), ((3, 4), (3, 0)), ((3, 4, 2), (0, 0))])
def test_filter_at_says_what_does_not_fit(shape, place):
    with pytest.raises(ValueError, match="one channel of each|the place must be"):
        plots.plot_filter_at(np.zeros((4, 5)), np.zeros((2, 2)), np.zeros(shape), place)


def test_pooling_at_shows_the_window_and_frames_the_value_it_keeps():
    feature_map = np.arange(35.0).reshape(5, 7)
    pooled = feature_map[:4, :6].reshape(2, 2, 3, 2).max(axis=(1, 3))
    figure = plots.plot_pooling_at(feature_map, pooled, (1, 2))
    np.testing.assert_allclose(figure.axes[1].images[0].get_array(), [[18, 19], [25, 26]])
    assert [text.get_text() for text in figure.axes[1].texts] == ["18.00", "19.00", "25.00", "26.00"]
    assert "26.000" in words_of(figure)
    frames = [(patch.get_x(), patch.get_y(), patch.get_width()) for axes in figure.axes for patch in axes.patches]
    assert frames == [(3.5, 1.5, 2), (1.5, 0.5, 1)]


@pytest.mark.parametrize(
    ("before", "after", "place"), [((4, 4), (2, 2), (2, 0)), ((4, 4), (2, 1), (0, 0)), ((4, 4, 2), (2, 2), (0, 0))]
)
def test_pooling_at_says_what_does_not_fit(before, after, place):
    with pytest.raises(ValueError, match="one channel of each|the place must be"):
        plots.plot_pooling_at(np.zeros(before), np.zeros(after), place)


def test_parts_are_drawn_beside_their_sum_and_the_map():
    parts = np.stack([np.full((2, 2), 3.0), np.full((2, 2), -1.0), np.eye(2)], axis=-1)
    figure = plots.plot_parts(parts, np.maximum(parts.sum(axis=-1) + 0.5, 0), bias=0.5)
    tiles, total, feature_map = (np.asarray(axes.images[0].get_array()) for axes in figure.axes)
    np.testing.assert_allclose(tiles[:, :2], 3)
    np.testing.assert_allclose(total, [[3.5, 2.5], [2.5, 3.5]])
    np.testing.assert_allclose(feature_map, total)
    assert figure.axes[0].images[0].get_clim() == (-3, 3) and "3 parts, -1.00 to 3.00" in words_of(figure)
    with pytest.raises(ValueError, match="all parts of one channel"):
        plots.plot_parts(parts, np.zeros((3, 2)))


def test_curves_are_drawn_one_a_seed_and_named_once():
    figure = plots.plot_curves(
        {"norm": {"with L2": [[1.0, 2], [2, 3]], "without": [3.0, 4]}, "loss": {"without": [1.0, 2]}},
        reference={"norm": {"article": 2.5}},
        log=True,
    )
    left, right = figure.axes
    assert [line.get_ydata().tolist() for line in left.lines[:3]] == [[1, 2], [2, 3], [3, 4]]
    assert left.lines[0].get_xdata().tolist() == [1, 2] and left.get_yscale() == "log"
    assert [text.get_text() for text in figure.legends[0].get_texts()] == ["with L2", "without", "article 2.5"]
    assert left.get_title(loc="left") == "norm" and len(right.lines) == 1


@pytest.mark.parametrize(
    "panels", [{}, {"a": {}}, {"a": {"b": []}}, {"a": {"b": [1, np.nan]}}, {"a": {"b": [[[1.0]]]}}]
)
def test_curves_say_what_is_needed(panels):
    with pytest.raises(ValueError, match="give|must be finite"):
        plots.plot_curves(panels)


def rings_of(axes):
    """Return name -> places (x, y) of the rings drawn in axes."""
    return {
        each.get_label(): each.get_offsets().tolist()
        for each in axes.collections
        if each.get_label() in ("red", "yellow")
    }


def test_rings_lie_on_their_points_in_every_grid():
    maps = np.zeros((2, 4, 5))  # height, width, channels
    maps[1, 3, 4] = maps[0, 0, 1] = 2
    red, yellow = maps == 2, np.zeros_like(maps, bool)
    yellow[0, 2, 2] = True
    figure = plots.plot_ringed({"one": maps, "two": 2 * maps[np.newaxis]}, red, yellow, columns=3, title="Layer")
    assert "Layer: 2 points ringed red and 1 point ringed yellow, one range for all" in words_of(figure)
    for axes in pictures_of(figure):
        # channel 1 is column 1 of row 0; channel 4 is column 1 of row 1; a map is 4 points wide and 2 high
        assert sorted(rings_of(axes)["red"]) == [[1 + 0.5 / 4, 0.25], [1 + 3.5 / 4, 1.75]]
        assert rings_of(axes)["yellow"] == [[2 + 2.5 / 4, 0.25]]
        assert axes.images[0].get_clim() == (0, 4)
    assert pixel_shape(pictures_of(figure)[0]) == pytest.approx(1)


def test_ringed_units_and_a_scale_from_elsewhere():
    figure = plots.plot_ringed({"a": np.arange(100.0), "b": np.zeros((1, 100))}, np.arange(100) == 17, largest=200)
    first, second = pictures_of(figure)
    assert first.images[0].get_array().shape == (13, 8) and second.images[0].get_clim() == (0, 200)
    assert rings_of(first) == {"red": [[1.5, 2.5]]} and "1 point ringed red, one range" in words_of(figure)
    assert not any(map(rings_of, pictures_of(plots.plot_ringed({"a": MAPS}))))


@pytest.mark.parametrize(
    ("given", "options", "sentence"),
    [
        ([{}], {}, "at least one"),
        ([{"a": MAPS, "b": MAPS[:, :3]}], {}, "one layer for all"),
        ([{"a": MAPS}, MAPS[0, :2] > 0], {}, "rings of its shape"),
        ([{"a": MAPS}], {"images": []}, "0 came for 1"),
    ],
)
def test_rings_that_do_not_fit(given, options, sentence):
    with pytest.raises(ValueError, match=sentence):
        plots.plot_ringed(*given, **options)


def test_flip_stacks_mean_shares_and_shows_each_run():
    runs = np.array([[[10, 0, 0], [2, 2, 6]], [[10, 0, 0], [6, 0, 4]]])
    figure = plots.plot_flip([0, 1000], {"telling": runs, "matched": [[10, 0, 0], [9, 1, 0]]}, title="Swapped")
    telling, matched = figure.axes
    heights = [[bar.get_height() for bar in part] for part in telling.containers]
    np.testing.assert_allclose(heights, [[1, 0.4], [0, 0.1], [0, 0.5]])
    np.testing.assert_allclose([bar.get_y() for bar in telling.containers[2]], [1, 0.5])
    np.testing.assert_allclose([line.get_ydata() for line in telling.lines], [[1, 0.4], [1, 0.6]])
    assert not matched.lines and "telling (2 times, each a dot)" in words_of(figure) and "50%" in words_of(figure)
    assert [text.get_text() for text in matched.get_xticklabels()] == ["0", "1,000"]
    colours = [to_hex(part[0].get_facecolor()) for part in telling.containers]
    assert colours[0] == COLOURS["four"].lower() and colours[2] == COLOURS["nine"].lower()


@pytest.mark.parametrize(
    ("panels", "sentence"),
    [
        ({}, "at least one of the panels"),
        ({"a": np.ones((2, 2))}, "three counts for each of the 2 steps"),
        ({"a": np.ones((3, 3))}, "three counts for each of the 2 steps"),
        ({"a": [[1, 0, 0], [0, 0, 0]]}, "not all 0"),
    ],
)
def test_flips_that_cannot_be_drawn(panels, sentence):
    with pytest.raises(ValueError, match=sentence):
        plots.plot_flip([0, 5], panels)


def test_a_heatmap_stands_beside_its_image_and_lies_over_it():
    images, heatmaps = RANDOM.random((3, 8, 6)), np.zeros((3, 2, 3))
    heatmaps[0, 1, 2], heatmaps[1, 0, 0] = 4, 2
    figure = plots.plot_heatmaps(images, heatmaps, titles=["a", "b", "c"], columns=2, title="Net")
    found = pictures_of(figure)
    assert len(found) == 9 and len(bars_of(figure)) == 1
    assert "Net: heatmaps of 2 x 3 places, one range for all, 0 to 4; enlarged" in words_of(figure)
    assert "1 of 3 blank" in words_of(figure) and all(f" {name} " in f" {words_of(figure)} " for name in "abc")
    for number in range(3):
        image, both, own = found[3 * number : 3 * number + 3]  # in the order they are drawn
        np.testing.assert_allclose(image.images[0].get_array(), images[number], atol=1e-6)
        np.testing.assert_allclose(own.images[0].get_array(), heatmaps[number])
        below, above = both.images
        np.testing.assert_allclose(below.get_array(), images[number], atol=1e-6)
        np.testing.assert_allclose(above.get_array(), heatmaps[number])
        assert above.get_extent() == [-0.5, 5.5, 7.5, -0.5] and above.get_interpolation() == "bilinear"
        assert own.images[0].get_clim() == above.get_clim() == (0, 4) and own.images[0].cmap.name == "viridis"
        assert own.get_position().x0 == pytest.approx((image.get_position().x0 + both.get_position().x0) / 2)
        assert own.get_position().height == pytest.approx(image.get_position().height)


def test_a_heatmap_lies_where_its_places_look():
    figure = plots.plot_heatmaps(np.zeros((1, 28, 28)), np.eye(11)[np.newaxis], stride=2)
    both = pictures_of(figure)[1]
    assert both.images[1].get_extent() == [2.5, 24.5, 24.5, 2.5]
    assert both.get_xlim() == (-0.5, 27.5) and both.get_ylim() == (27.5, -0.5)


def test_heatmaps_below_zero_have_white_at_zero():
    figure = plots.plot_heatmaps(np.zeros((1, 4, 4)), [[[-1.0, 0.5]]])
    own = pictures_of(figure)[2].images[0]
    assert own.cmap.name == "RdBu_r" and own.get_clim() == (-1, 1)
    blank = plots.plot_heatmaps(np.zeros((1, 4, 4)), np.zeros((1, 2, 2)))
    assert pictures_of(blank)[2].images[0].get_clim() == (0, 1) and "1 of 1 blank" in words_of(blank)


def test_best_inputs_stand_in_rows_with_their_values():
    figure = plots.plot_best_inputs(BEST, columns=8, title="conv")
    rows = pictures_of(figure)
    assert len(rows) == 3
    np.testing.assert_allclose(rows[1].images[0].get_array()[:, :6], BEST.images[8, ..., 0])
    words = words_of(figure)
    assert "conv: 20 made images" in words and "1 of 20 channels asleep" in words
    assert words.count("asleep") == 2 and f"{BEST.value[19]:.2g}" in words and " 12 " in words  # second row's first
    large = words_of(plots.plot_best_inputs(dataclasses.replace(BEST, value=np.full(20, 137.6))))
    assert "140" in large and "e+02" not in large


def test_beside_a_best_input_stand_the_images_that_its_channel_answers_most_to():
    real = RANDOM.random((20, 4, *BEST.images.shape[1:]))
    figure = plots.plot_best_inputs(BEST, beside=real, words=[f"real {number}" for number in range(20)], columns=9)
    rows = pictures_of(figure)
    assert len(rows) == 5  # four pairs in a row
    shown, (height, width) = rows[1].images[0].get_array(), BEST.images.shape[1:3]
    np.testing.assert_allclose(shown[: 2 * height : 2, : 2 * width : 2], BEST.images[4, ..., 0])  # the fifth, enlarged
    gap = (shown.shape[1] - 16 * width) // 7  # between the eight tiles of the row
    square = shown[:, 2 * width + gap : 4 * width + gap]
    np.testing.assert_allclose(square[height:, width:], real[4, 3, ..., 0])
    words = words_of(figure)
    assert "real 19" in words and f"{BEST.value[19]:.2g}" in words and " 16 " in words


@pytest.mark.parametrize(
    "options",
    [
        {"beside": np.zeros((20, 5, 8, 6, 1))},
        {"beside": np.zeros((3, 4, 8, 6, 1))},
        {"beside": np.zeros((20, 4, 8, 6, 1)), "words": ["a"]},
    ],
)
def test_what_stands_beside_must_fit(options):
    with pytest.raises(ValueError, match="a square number of images"):
        plots.plot_best_inputs(BEST, **options)


@pytest.mark.parametrize(
    ("heatmaps", "options"),
    [
        (np.zeros((2, 3, 3)), {}),
        (np.zeros((1, 3)), {}),
        (np.full((1, 3, 3), np.nan), {}),
        (np.zeros((1, 3, 3)), {"titles": []}),
    ],
)
def test_heatmaps_that_do_not_fit_are_one_sentence(heatmaps, options):
    with pytest.raises(ValueError, match="1 images came with|must be finite"):
        plots.plot_heatmaps(np.zeros((1, 4, 4)), heatmaps, **options)


@pytest.mark.parametrize("scale", ["raw", "layer", "channel", "standard"])
def test_a_unit_is_drawn_on_the_range_that_its_bar_and_title_say(scale):
    """One value a channel has no range of its own: the layer's is taken, and said."""
    figure = plots.plot_channel(np.array([0.0, 1, 2, 4]), 2, name="dense", scale=scale)
    picture, bar = figure.axes[0].images[0], figure.axes[1]
    value, ends = picture.get_array()[0, 0], [label.get_text() for label in bar.get_yticklabels()]
    assert (value, picture.get_clim()) == ((2.0, (0, 4)) if scale == "raw" else (0.5, (0, 1)))
    assert (ends[0], ends[-1]) == ("0", "4")
    words = figure.texts[0].get_text()
    assert ("raw values" if scale == "raw" else "one range for the layer") in words and "own range" not in words


def test_a_diverged_training_is_drawn_and_words_are_no_history():
    assert plots.plot_history({"loss": [1.0, np.nan]}).axes
    with pytest.raises(CourseError, match="loss must be an array of numbers"):
        plots.plot_history({"loss": ["a"]})


def test_a_reference_of_a_panel_is_a_dict():
    with pytest.raises(CourseError, match="reference must be a dict from names to values, not 0.3"):
        plots.plot_curves({"loss": {"ours": [1, 2]}}, reference={"loss": 0.3})
