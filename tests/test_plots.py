"""What the figures show, read from the pixels that are painted; that they are closed, and change nothing.

Where words stand, and that they are inside the figure and large enough, is tried in test_layout.
"""

import dataclasses
import io

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
from test_layout import CASES

from helpers import pictures, plots
from helpers._shared.errors import CourseError
from helpers.course import ROOT
from helpers.explanations import BestInputs
from helpers.plots.charts import spans_decades
from helpers.plots.colours import COLOURS, GAP, NOT_FINITE, SILENT
from helpers.plots.sheet import Sheet, text_width, wrap

RANDOM = np.random.default_rng(2)
MAPS = RANDOM.random((1, 6, 5, 11), dtype=np.float32)
MAPS[..., [2, 10]] = 0
IMAGE = RANDOM.random((8, 8, 1), dtype=np.float32)
START = np.random.default_rng(8).bit_generator.state  # every test begins with it, in whatever order they run
WHITE = 0xFFFFFF


@pytest.fixture(autouse=True)
def every_figure_is_closed_and_settings_are_as_before():
    before = dict(matplotlib.rcParams)
    RANDOM.bit_generator.state = START
    yield
    assert plt.get_fignums() == []
    assert dict(matplotlib.rcParams) == before


def drawn(figure, scale=2, **options):
    """Draw a figure with two pixels for each of the page; return them as numbers 0xRRGGBB, (height, width)."""
    stream = io.BytesIO()
    figure.savefig(stream, dpi=scale * figure.dpi, pil_kwargs={"compress_level": 0}, **options)
    with Image.open(stream) as image:
        return np.asarray(image.convert("RGB")).astype(int) @ [1 << 16, 1 << 8, 1]


def shades(values, colours="viridis"):
    """Return the colours of shares 0..1 as in `drawn`; integers number the 256 colours themselves."""
    values = values if colours is None else np.asarray(matplotlib.colormaps[colours](values))[..., :3]
    return np.rint(255 * values).astype(int) @ [1 << 16, 1 << 8, 1]


def levels(shares):
    """Return which of 256 colours shares of a range have in a grid."""
    return np.rint(255 * np.clip(shares, 0, 1)).astype(int)


def rgb(paper):
    return np.stack([paper >> 16, paper >> 8 & 255, paper & 255], axis=-1).astype(float)


def code(colour):
    return int(colour[1:], 16)


def find(paper, tile, frame=0):
    """Find a tile of colours, each of its pixels enlarged to a square.

    Its first row is not all alike, and its first colour is not that of what is around it.

    Args:
        paper: a drawn figure.
        tile: (height, width).
        frame: how many pixels at the edge of the painted tile may have another colour.

    Returns:
        (side, (row, column)) for each place where it stands: the side of the squares, and their upper left corner.
    """
    alike, found, count = np.pad(paper == tile[0, 0], 1), [], np.argmax(tile[0] != tile[0, 0])
    inside = alike[1:-1, :-2] & alike[:-2, 1:-1]  # where the left and the above are alike, too, none begins
    assert count
    for row, column in np.argwhere(alike[1:-1, 1:-1] & ~inside).tolist():
        side = int(np.argmin(alike[row + 1, column + 1 :]) + frame) // count
        place, middle = (row - frame, column - frame), side // 2
        seen = part(paper, place, side * np.array(tile.shape))
        if side and np.array_equal(seen[middle::side, middle::side], tile):
            inner = slice(frame, -frame or None), slice(frame, -frame or None)
            if np.array_equal(seen[inner], enlarged(tile, side)[inner]):
                found.append((side, place))
    return found


def enlarged(tile, side):
    return tile.repeat(side, axis=0).repeat(side, axis=1)


def image_on(paper, image, colours="gray"):
    """Find an image (height, width, colours), which has a thin frame."""
    return find(paper, shades(image, None) if image.shape[-1] == 3 else shades(image[..., 0], colours), frame=1)


def part(paper, place, size):
    return paper[place[0] : place[0] + size[0], place[1] : place[1] + size[1]]


def colours_in(paper, place, size):
    return set(part(paper, place, size).ravel().tolist())


def grid_on(paper, shares, columns, colours="viridis"):
    """Find all channels that vary: channel k in row k // columns, column k % columns, thin lines between them.

    Args:
        paper: a drawn figure.
        shares: (height, width, channels), 0..1.
        columns: channels in a row.
        colours: a colour map of matplotlib.

    Returns:
        A function from a channel to its place on paper, the size of a map there, and the width of the lines.
    """
    tiles = {k: shades(levels(shares[..., k]), colours) for k in range(shares.shape[-1])}
    first = next(k for k, tile in tiles.items() if (tile[0] != tile[0, 0]).any())
    ((side, (top, left)),) = find(paper, tiles[first])
    size = height, width = side * shares.shape[0], side * shares.shape[1]

    def place(k):
        down, right = k // columns - first // columns, k % columns - first % columns
        return top + down * (height + line), left + right * (width + line)

    varied = [k for k, tile in tiles.items() if (tile != tile[0, 0]).any()]
    for line in range(10):
        if all(np.array_equal(part(paper, place(k), size), enlarged(tiles[k], side)) for k in varied):
            return place, size, line
    raise AssertionError(f"not all of {varied} are in their places")


def even_maps(paper):
    """Return the widths of the even maps in the first row, and the heights of those in the first column."""
    alike = paper == shades(0)
    top, left = np.argwhere(alike)[0]
    lines = alike[top].astype(int), alike[:, left].astype(int)
    steps = [np.flatnonzero(np.diff(np.r_[0, line, 0])) for line in lines]
    return [(ends[1::2] - ends[::2]).tolist() for ends in steps]


def table_of(places):
    """Return the (row, column) of each place in the table that the places make."""
    rows, columns = (np.unique(axis, return_inverse=True)[1].tolist() for axis in np.transpose(places))
    return list(zip(rows, columns))


def box_of(artist, figure):
    """Return the upper left corner and the size of something on the figure, in pixels as `drawn`."""
    box = artist.get_window_extent()
    corner = np.array([figure.bbox.height - box.y1, box.x0])
    return 2 * corner, 2 * np.array([box.height, box.width])


def charts_of(figure):
    return [axes for axes in figure.axes if axes.get_label().startswith("chart")]


def title_of(axes):
    return axes.get_title(loc="left").replace("\n", " ")


def texts_of(figure):
    every = dict.fromkeys([*figure.texts, *figure.findobj(matplotlib.text.Text)])  # the title is the first
    return [text.get_text() for text in every if text.get_text()]


def words_of(figure):
    return " ".join(texts_of(figure)).replace("\n", " ")


SCALED = {
    "layer": lambda maps: maps / maps.max(),
    "raw": lambda maps: maps / maps.max(),
    "channel": lambda maps: (maps - maps.min(axis=(0, 1))) / np.maximum(np.ptp(maps, axis=(0, 1)), 1e-9),
    "standard": lambda maps: (
        (128 + 64 * (maps - maps.mean(axis=(0, 1))) / np.maximum(maps.std(axis=(0, 1)), 1e-9)) / 255
    ),
}
HIGHEST = f"{MAPS.max():.3g}"


@pytest.mark.parametrize(
    ("scale", "words", "marks"),
    [
        ("layer", "one range for the layer", ["0", f"{MAPS.max() / 2:.3g}", HIGHEST]),
        ("channel", "each channel its own range", ["lowest", "highest"]),
        ("standard", "standardised per channel", ["-2 dev.", "-1 dev.", "mean", "+1 dev.", "+2 dev."]),
        ("raw", "raw values", ["0", f"{MAPS.max() / 2:.3g}", HIGHEST]),
    ],
)
def test_plot_layer_shows_channel_k_at_its_place(scale, words, marks):
    figure = plots.plot_layer(MAPS, name="conv1", columns=4, scale=scale)
    paper = drawn(figure)
    grid_on(paper, SCALED[scale](MAPS[0]), 4)
    title, *numbers = texts_of(figure)
    assert title == f"conv1: 11 channels, 2 silent, {words}" and sorted(numbers) == sorted(["0", "4", "8", *marks])
    left, top = np.argwhere((paper == shades(255)).T)[-1]  # of the colour bar: its top
    bar = paper[top:, left][: np.argmin(np.isin(paper[top:, left], shades(np.arange(256))))]
    assert bar[-1] == shades(0) and len(set(bar)) > 150


def test_silent_channels_are_dark_empty_places_white_and_lines_thin():
    paper = drawn(plots.plot_layer(MAPS, columns=4))
    place, size, line = grid_on(paper, SCALED["layer"](MAPS[0]), 4)
    assert [colours_in(paper, place(k), size) for k in (2, 10, 11)] == [{code(SILENT)}, {code(SILENT)}, {WHITE}]
    assert colours_in(paper, np.array(place(11)) - (0, line), size) == {WHITE}  # no line before it
    top, left = place(5)
    assert line == 2  # one pixel of the page
    assert colours_in(paper, (top - 2, left), (2, size[1])) == colours_in(paper, (top, left - 2), (size[0], 2))
    assert colours_in(paper, (top - 2, left), (2, size[1])) == {code(GAP)}


def test_what_is_not_finite_is_counted_and_orange():
    maps = MAPS.copy()
    maps[0, 0, :3, 1] = np.nan, np.inf, -np.inf
    figure = plots.plot_layer(maps)
    tile = shades(levels(MAPS[0, ..., 1] / MAPS.max()))
    tile[0, :3] = code(NOT_FINITE)
    ((side, _),) = find(drawn(figure), tile)
    assert (drawn(figure) == code(NOT_FINITE)).sum() == 3 * side**2
    assert "3 values not finite (orange)" in words_of(figure)


def test_the_input_image_stands_left_of_the_grid_in_grey():
    figure = plots.plot_layer(MAPS, image=IMAGE)
    paper = drawn(figure)
    ((side, (top, left)),) = image_on(paper, IMAGE)
    place, *_ = grid_on(paper, SCALED["layer"](MAPS[0]), 11)
    assert left + 8 * side < place(0)[1] and abs(top - place(0)[0]) < 60
    assert colours_in(paper, (top, left), (1, 8 * side)) == {code(GAP)}  # a frame
    assert "input image" in words_of(figure)


@pytest.mark.parametrize(
    ("activation", "kind", "across", "down"),
    [
        (np.float32([[0.7]]), "1 unit, one", 1, 1),
        (np.ones(100), "100 units, 0 silent", 8, 13),
        (np.ones((1, 1, 64)), "64 channels", 8, 8),
        (np.ones((5, 5, 30)), "30 channels", 8, 4),
        (np.ones((1, 5, 5, 3)), "3 channels", 3, 1),
    ],
)
def test_layers_of_every_form(activation, kind, across, down):
    figure = plots.plot_layer(activation, name="layer", columns=8)
    assert f"layer: {kind}" in words_of(figure)
    assert [len(sides) for sides in even_maps(drawn(figure))] == [across, down]


@pytest.mark.parametrize("shape", [(3, 3, 128), (12, 30, 7), (148, 148, 32), (1, 1, 64), (40, 4, 3), (5, 5, 512)])
def test_pixels_are_square_and_whole_and_the_figure_fits(shape):
    figure = plots.plot_layer(np.ones(shape), image=IMAGE)
    assert figure.get_size_inches()[0] == 8 and figure.get_size_inches()[1] < 11
    (width, *widths), (height, *heights) = even_maps(drawn(figure))
    assert {width, *widths} == {width} and {height, *heights} == {height}
    assert height == pytest.approx(width * shape[0] / shape[1], abs=1)
    if width >= 3 * shape[1]:  # room for three pixels each
        assert width % shape[1] == height % shape[0] == 0


@pytest.mark.parametrize(
    ("size", "columns", "across"), [(64, None, 16), (65, None, 8), (150, None, 8), (150, 16, 16), (65, 5, 5)]
)
def test_large_maps_stand_eight_in_a_row_and_are_large_enough(size, columns, across):
    model = keras.Sequential([keras.Input((size, size, 1)), layers.Conv2D(17, 1, kernel_initializer="ones")])
    one = np.ones((size, size, 17))
    for figure in (
        plots.plot_layer(one, columns=columns),
        plots.plot_layer(one, image=IMAGE, columns=columns),
        plots.plot_layers(model, one[np.newaxis, ..., :1] / 2, columns=columns),
    ):
        widths, _ = even_maps(drawn(figure))
        assert len(widths) == across
        assert across > 8 or min(widths) >= 96  # 48 on the page


@pytest.mark.parametrize("scale", ["channel", "standard"])
def test_a_dense_layer_is_scaled_over_the_layer_and_says_so(scale):
    units = np.arange(1, 12.0)
    figure = plots.plot_layer(units, scale=scale, columns=4)
    assert "one range for the layer (one value a channel)" in words_of(figure)
    paper = drawn(figure)
    ((width, *_), (height, *_)), (top, left) = even_maps(paper), np.argwhere(paper == shades(0))[0]
    middles = [
        paper[top + k // 4 * (height + 2) + height // 2, left + k % 4 * (width + 2) + width // 2] for k in range(11)
    ]
    assert middles == shades(levels((units - 1) / 10)).tolist()


LOOKS = [
    ("shapes", "standard", 16, "viridis", "#440154", "gray"),
    ("cats", "standard", 16, "viridis", "#440154", "gray"),
    ("xray", "channel", 4, "viridis", "#ffffff", "gray"),
    ("digits", "channel", 6, "gray", "#ffffff", "gray"),
    ("mnist4", "raw", 8, "magma", "#dddddd", "binary"),
    ("mnist6", "raw", 8, "jet", "#dddddd", "jet"),
]


@pytest.mark.parametrize(("look", "scale", "columns", "colours", "lines", "grey"), LOOKS)
def test_a_look_is_that_of_the_articles_figure(look, scale, columns, colours, lines, grey):
    figure = plots.plot_layer(MAPS, name="conv1", image=IMAGE, scale="layer", look=look)
    paper = drawn(figure)
    place, size, line = grid_on(paper, SCALED[scale](MAPS[0]), min(columns, 11), colours)
    for k in (2, 10):  # silent channels are not set off
        assert colours_in(paper, place(k), size) == {int(shades(0, colours))}
    top, left = place(1)
    assert 2 <= line <= 8 and colours_in(paper, (top, left - line), (size[0], line)) == {code(lines)}
    assert len(image_on(paper, IMAGE, grey)) == 1
    said = [words for words in texts_of(figure) if not words.isdigit()]
    assert sorted(said) == ["conv1, in the article's look", "input image"]
    assert ("2" in texts_of(figure)) == (look == "xray")  # it numbers pixels
    grid_on(drawn(plots.plot_layer(MAPS, look=look, columns=5)), SCALED[scale](MAPS[0]), 5, colours)


def test_every_figure_of_a_layer_takes_a_look_and_says_so():
    filters = RANDOM.normal(size=(5, 5, 1, 7))
    own = SCALED["channel"](MAPS[0])[..., 3:4]
    for figure, shares, columns in [
        (plots.plot_layers(network(), IMAGE[np.newaxis], ["conv"], look="digits"), None, 6),
        (plots.plot_channel(MAPS, 3, look="digits", name="conv"), own, 1),
        (plots.plot_channel_across_layers({"conv": MAPS}, 3, look="digits"), own, 1),
        (plots.plot_filters(filters, look="digits", columns=4), SCALED["channel"](filters[:, :, 0]), 4),
    ]:
        assert "in the article's look" in words_of(figure) and "range" not in words_of(figure)
        if shares is not None:
            grid_on(drawn(figure), shares, columns, "gray")


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
    paper = drawn(figure)
    conv = keras.ops.convert_to_numpy(model.get_layer("conv")(IMAGE[np.newaxis]))[0]
    pool = conv.reshape(3, 2, 3, 2, 5).max(axis=(1, 3))
    assert "small: 4 layers for one image, one range for each layer" in words_of(figure)
    ((_, (top, _)),) = image_on(paper, IMAGE)
    tops = [top] + [grid_on(paper, (maps - maps.min()) / np.ptp(maps), 4)[0](0)[0] for maps in (conv, pool)]
    assert tops == sorted(tops)
    names = {text.get_text().split("\n")[0]: text for text in figure.texts if "silent" in text.get_text()}
    assert list(names) == ["conv", "pool", "flat", "dense"] and "45 units" in names["flat"].get_text()
    assert [abs(box_of(names[name], figure)[0][0] - top) < 20 for name, top in zip(names, tops[1:])] == [True, True]


def test_plot_layers_of_some_layers_and_its_errors():
    model = network()
    assert "conv" not in words_of(plots.plot_layers(model, IMAGE[np.newaxis], ["pool"]))
    with pytest.raises(KeyError, match="conv, pool, flat, dense"):
        plots.plot_layers(model, IMAGE[np.newaxis], ["conv9"])
    with pytest.raises(ValueError, match="activation of one image"):
        plots.plot_layers(model, np.zeros((2, 8, 8, 1)))
    with pytest.raises(ValueError, match="batch axis"):
        plots.plot_layers(model, IMAGE)


@pytest.mark.parametrize(("scale", "words"), [("channel", "the channel's own range"), ("layer", "range for the layer")])
def test_plot_channel(scale, words):
    figure = plots.plot_channel(MAPS, 3, image=IMAGE, name="conv1", scale=scale)
    paper, own = drawn(figure), MAPS[0, ..., 3]
    place, *_ = grid_on(paper, SCALED[scale](MAPS[0])[..., 3:4], 1)
    assert image_on(paper, IMAGE)[0][1] < place(0)
    said = f"conv1: channel 3 of 11 (index from 0), {own.min():.2g} to {own.max():.2g}, "
    assert said in words_of(figure) and words in words_of(figure)
    nearly = np.where(np.arange(11) == 3, 1e-5 + MAPS - MAPS.min(axis=(0, 1, 2)), MAPS)
    assert f"about 0 to {nearly[0, ..., 3].max():.2g}, " in words_of(plots.plot_channel(nearly, 3, scale=scale))


def test_eight_layers_stand_in_two_rows_of_four():
    every = {f"layer{k}": RANDOM.random((1, 12 - k, 12 - k, 4 + k)) for k in range(8)}
    every["layer6"][..., 3] = 0
    figure = plots.plot_channel_across_layers(every, 3)
    paper, places = drawn(figure), {}
    for k, maps in enumerate(every.values()):
        if k != 6:
            places[k] = grid_on(paper, SCALED["channel"](maps[0])[..., 3:4], 1)[0](0)
    assert table_of(list(places.values())) == [(k // 4, k % 4) for k in places]
    assert colours_in(paper, (places[7][0], places[2][1]), (99, 99)) == {code(SILENT)}
    assert "silent in 1" in words_of(figure) and "layer6 6 x 6, silent" in words_of(figure)


@pytest.mark.parametrize("scale", ["raw", "layer", "channel", "standard"])
def test_a_unit_is_drawn_on_the_range_that_its_bar_and_title_say(scale):
    """One value a channel has no range of its own: the layer's is taken, and said."""
    figure = plots.plot_channel(np.array([0.0, 1, 2, 4]), 2, name="dense", scale=scale)
    assert (drawn(figure) == shades(levels(0.5))).sum() > 10_000
    title, *numbers = texts_of(figure)
    assert numbers == ["0", "2", "4"] and "own range" not in title
    assert ("raw values" if scale == "raw" else "one range for the layer") in title


@pytest.mark.parametrize("colours", [1, 3])
def test_plot_images(colours):
    images = RANDOM.random((7, 8, 8, colours), dtype=np.float32)
    figure = plots.plot_images(images, titles=list("abcdefg"), columns=3, title="Seven")
    paper = drawn(figure)
    sides, places = zip(*[each for image in images for each in image_on(paper, image)])
    assert len(set(sides)) == 1 and table_of(places) == [(k // 3, k % 3) for k in range(7)]
    assert texts_of(figure) == ["Seven", *"abcdefg"]


@pytest.mark.parametrize(
    ("shape", "options", "columns"),
    [
        ((5, 5, 1, 30), {}, 6),
        ((3, 3, 3, 8), {"columns": 4}, 4),
        ((3, 3, 3, 8), {"input_channel": 1}, 6),
        ((3, 2, 4, 3), {"input_channel": 0}, 3),
    ],
)
def test_plot_filters(shape, options, columns):
    weights = RANDOM.normal(size=shape)
    figure = plots.plot_filters(weights, name="conv1", **options)
    paper, shares = drawn(figure), 0.5 + weights / (2 * abs(weights).max())
    assert f"conv1: {shape[-1]} filters of {shape[0]} x {shape[1]}" in words_of(figure)
    if shape[2] != 3 or "input_channel" in options:
        grid_on(paper, shares[:, :, options.get("input_channel", 0)], columns, "RdBu_r")
        assert {f"{-abs(weights).max():.2g}", f"{abs(weights).max():.2g}"} < set(texts_of(figure))
    else:
        places = [place for k in range(shape[-1]) for _, place in find(paper, shades(shares[..., k], None))]
        assert table_of(places) == [(k // columns, k % columns) for k in range(shape[-1])]


@pytest.mark.parametrize("scale", ["layer", "raw", "channel", "standard"])
def test_side_by_side_shares_one_range(scale):
    every = {"trained": MAPS, "untrained": 0.5 * MAPS}
    figure = plots.plot_side_by_side(every, images=[IMAGE, IMAGE], columns=4, scale=scale, title="conv1")
    paper = drawn(figure)
    shares = SCALED[scale](np.concatenate([each[0] for each in every.values()]))
    left, right = (grid_on(paper, half, 4)[0](0) for half in np.split(shares, 2))
    assert left[0] == right[0] and left[1] < right[1]
    assert [place[0] < left[0] for _, place in image_on(paper, IMAGE)] == [True, True]
    texts = texts_of(figure)
    assert texts[0] == "conv1" and {f"{name}: 11 channels, 2 silent" for name in every} < set(texts)
    below = {"layer": "one range for all", "raw": "raw values, one range for all"}
    assert below.get(scale, f"{pictures.SCALES[scale]}, shared by all") in words_of(figure)


def test_side_by_side_of_pictures():
    paper = drawn(plots.plot_side_by_side({"a": np.eye(5), "b": 2 * np.eye(5), "c": np.zeros((5, 5, 2))}))
    assert [len(find(paper, shades(levels(share * np.eye(5))))) for share in (0.5, 1)] == [1, 1]
    assert code(SILENT) in paper


def test_side_by_side_pixels_are_square_and_whole_where_shapes_differ():
    every = {"wide": RANDOM.random((2, 6)), "tall": RANDOM.random((6, 2)), "large": RANDOM.random((7, 7))}
    lowest, highest = min(each.min() for each in every.values()), max(each.max() for each in every.values())
    paper = drawn(plots.plot_side_by_side(every))
    for each in every.values():
        assert len(find(paper, shades(levels((each - lowest) / (highest - lowest))))) == 1


HISTORY = {"accuracy": [0.5, 0.6, 0.7], "val_accuracy": [0.4, 0.6, 0.5], "loss": [3, 2, 1], "val_loss": [3, 1.5, 2]}


@pytest.mark.parametrize("as_object", [False, True])
def test_plot_history(as_object):
    given = HISTORY | {"learning_rate": [0.1, 0.1, 0.1]}
    if as_object:
        given = type("History", (), {"history": given})()
    figure = plots.plot_history(given, chosen=2, title="Shapes")
    accuracy, loss = charts_of(figure)
    assert [axes.get_ylabel() for axes in (accuracy, loss)] == ["accuracy", "loss"]
    assert title_of(accuracy) == "accuracy: validation 0.600 at chosen epoch 2"
    assert title_of(loss) == "loss: validation 1.500 at chosen epoch 2"
    curves = {line.get_label(): line for line in accuracy.lines}
    assert list(curves["training"].get_ydata()) == HISTORY["accuracy"]
    assert list(curves["validation"].get_xdata()) == [1, 2, 3]
    assert curves["training"].get_color() == COLOURS["training"]
    assert curves["validation"].get_color() == COLOURS["validation"]
    assert curves["training"].get_linestyle() != curves["validation"].get_linestyle()
    assert legend_of(figure) == ["training", "validation"]


def legend_of(figure):
    """Return the words of the one legend, which stands below all charts."""
    (legend,) = figure.legends
    figure.draw_without_rendering()
    assert legend.get_window_extent().y1 <= min(axes.get_tightbbox().y0 for axes in charts_of(figure))
    return [text.get_text() for text in legend.get_texts()]


def test_plot_history_of_one_epoch_and_of_a_diverged_training():
    (axes,) = charts_of(plots.plot_history({"loss": [0.25]}))
    assert title_of(axes) == "loss: training 0.250 at epoch 1" and axes.lines[0].get_marker() == "o"
    assert charts_of(plots.plot_history({"loss": [1.0, np.nan]}))


def test_plot_answers():
    figure = plots.plot_answers([[0.2, 0.7996, 0.0004]], labels=["circle", "square", "triangle"], true=0, image=IMAGE)
    (axes,) = charts_of(figure)
    assert [bar.get_width() for bar in axes.patches] == [0.2, 0.7996, 0.0004]
    assert to_hex(axes.patches[1].get_facecolor()) == COLOURS["ours"].lower()
    assert [text.get_text() for text in axes.get_yticklabels()] == ["circle (true)", "square", "triangle"]
    assert "Answer square with 0.800, true class circle" in words_of(figure) and "<0.001" in words_of(figure)
    ((side, (_, left)),) = image_on(drawn(figure), IMAGE)
    assert left + 8 * side < box_of(axes, figure)[0][1]


def test_one_sigmoid_output_stands_for_two_classes():
    (axes,) = charts_of(plots.plot_answers([0.9], labels=["cat", "dog"]))
    np.testing.assert_allclose([bar.get_width() for bar in axes.patches], [0.1, 0.9])


def test_plot_confusion_counts_rows_by_truth():
    figure = plots.plot_confusion([0, 0, 1, 2, 2, 2], np.array([0, 1, 1, 2, 0, 0]), labels=["a", "b", "c"], title="Net")
    (axes,) = charts_of(figure)
    counts = [text.get_text() for text in axes.texts]
    assert counts == ["1", "1", "·", "·", "1", "·", "2", "·", "1"]
    assert "Net: 3 of 6 right; most common mistake: c taken for a (2 times)" in words_of(figure)
    assert (axes.get_xlabel(), axes.get_ylabel()) == ("answer of the network", "true class")
    assert "4 of 4 right" in words_of(plots.plot_confusion([0, 1, 2, 2], [0, 1, 2, 2]))
    two = words_of(plots.plot_confusion([0, 1, 1, 0], [1, 0, 1, 0]))
    assert "most common mistakes: 0 taken for 1 and 1 taken for 0 (once each)" in two
    assert "0 taken for 1 and 2 others (once each)" in words_of(plots.plot_confusion([0, 1, 2], [1, 0, 0]))


def dots_of(axes):
    """Return the places (x, y) of each group's marks, and each group's mark."""
    lines = [line for line in axes.lines if line.get_marker() in "oD"]
    return [list(zip(*line.get_data())) for line in lines], "".join(line.get_marker() for line in lines)


def test_plot_seed_dots():
    groups = {"trained": [0.9, 0.9, 0.95], "untrained": [0.5], "other": np.array([0.7, 0.8]), "same": [0.6] * 9}
    figure = plots.plot_seed_dots(groups, reference={"article": 0.9556}, ylabel="accuracy", title="T")
    (axes,) = charts_of(figure)
    places, marks = dots_of(axes)
    assert [sorted(x for x, _ in each) for each in places] == [[0.9, 0.9, 0.95], [0.5], [0.7, 0.8], [0.6]]
    assert marks == "oooD" and len(set(places[0])) == 3  # equal values step aside; where there are no other, one mark
    heights = [np.mean([y for _, y in each]) for each in places]
    assert heights == sorted(heights) and axes.yaxis_inverted()  # the first group is above
    assert [line.get_color() for line in axes.lines[:2]] == [COLOURS["trained"], COLOURS["untrained"]]
    means = [each.get_segments()[0][0][0] for each in axes.collections]
    np.testing.assert_allclose(means, [2.75 / 3, 0.75])
    written = [text.get_text().split() for text in axes.texts[:4]]
    assert [words[:-1] for words in written] == [["mean"], [], ["mean"], ["mean"]]
    np.testing.assert_allclose([float(words[-1]) for words in written], [2.75 / 3, 0.5, 0.75, 0.6], atol=0.01)
    names = [label.get_text() for label in axes.get_yticklabels()]
    assert names == ["trained (n = 3)", "untrained", "other (n = 2)", "same (n = 9)"]
    assert axes.get_xlabel() == "accuracy" and texts_of(figure)[0] == "T"


@pytest.mark.parametrize(
    ("groups", "words"),
    [
        ([[0] * 11 + [-1], [3, 4]], ["-0.1", "3.5"]),  # whole numbers: a mean has one decimal
        ([[0] * 99 + [-1], [1, 0]], ["0.0", "0.5"]),  # never -0.0
        ([[3], [1200]], ["3", "1,200"]),
        ([[0.0]], ["0"]),
        ([[0.993], [0.9948]], None),
        ([[0.5, 0.7], [0.81]], None),
        ([[-1e-9], [5.5], [0.25, -0.25]], None),
        ([[1234.5], [99999.5]], None),
        ([[1e-7, 2e-7], [0.3]], None),
        ([[0.25]], None),
    ],
)
def test_means_have_as_many_decimals_as_the_values_need_and_all_the_same(groups, words):
    (axes,) = charts_of(plots.plot_seed_dots(dict(zip("abc", groups))))
    written = [text.get_text().removeprefix("mean ") for text in axes.texts[: len(groups)]]
    assert words in (None, written)
    (decimals,) = {len(each.partition(".")[2]) for each in written}
    together = np.concatenate(groups)
    if words is None:  # two digits, or three, of the spread
        unit, spread = 10.0**-decimals, np.ptp(together)
        assert unit <= max(0.01, spread / 10) and (decimals == 0 or unit > (spread or 1) / 2000)
    for mean, each in zip(map(np.mean, groups), written):
        assert float(each.replace(",", "")) == pytest.approx(mean, abs=0.51 * 10.0**-decimals)
        assert not (each.startswith("-") and float(each) == 0)


REFERENCES = {
    "seed dots": lambda r: plots.plot_seed_dots({"a": [0.2, 0.4]}, reference=r),
    "over layers": lambda r: plots.plot_over_layers({"x": {"a": [0.2, 0.4]}}, ["c", "p"], reference=r),
    "curves": lambda r: plots.plot_curves({"x": {"a": [0.2, 0.4]}}, reference={"x": r}),
    "time": lambda r: plots.plot_time_to_accuracy({"a": ([1, 2], [0.2, 0.4])}, reference=r),
    "histogram": lambda r: plots.plot_histogram({"a": [0.2, 0.4]}, reference=r),
}


@pytest.mark.parametrize("draw", REFERENCES.values(), ids=REFERENCES)
def test_references_are_black_lines_within_the_chart_with_their_names(draw):
    figure = draw({"article": 0.3, "far away": 0.912})
    (axes,) = charts_of(figure)
    lines = [line for line in axes.lines if to_hex(line.get_color()) == "#000000" and line.get_linestyle() != "-"]
    ends = [(set(line.get_xdata()), axes.get_xlim()) for line in lines if len(set(line.get_xdata())) == 1]
    ends += [(set(line.get_ydata()), axes.get_ylim()) for line in lines if len(set(line.get_ydata())) == 1]
    assert [value for value, _ in ends] == [{0.3}, {0.912}] and min(line.get_linewidth() for line in lines) >= 1.2
    assert all(low <= max(value) <= high for value, (low, high) in ends)
    assert "article 0.3" in words_of(figure).replace(":", "") and "far away 0.912" in words_of(figure).replace(":", "")


@pytest.mark.parametrize(
    ("values", "logarithmic"),
    [
        ([1, 100], True),
        ([1, 99], False),
        ([0, 1, 1000], False),
        ([-1, 100], False),
        ([1e-9, 1, np.nan], True),
        ([np.nan], False),
        ([], False),
    ],
)
def test_what_spans_decades_has_a_logarithmic_axis(values, logarithmic):
    assert spans_decades(values) is logarithmic
    if values and np.isfinite(values).all():
        (dots,) = charts_of(plots.plot_seed_dots({"a": values}))
        (over,) = charts_of(plots.plot_over_layers({"x": {"a": values}}, list(map(str, values))))
        assert dots.get_xscale() == over.get_yscale() == ("log" if logarithmic else "linear")


RACE = {"ours": (np.array([50.0, 52, 55]), np.array([44, 50, 47])), "article, as we measure it": (1100, [52, 61])}


def test_plot_time_to_accuracy():
    """Each training is a dot at its seconds and its mistakes; one time may stand for a whole group."""
    figure = plots.plot_time_to_accuracy(RACE, reference={"article": 56}, ylabel="wrong", title="T")
    (axes,) = charts_of(figure)
    dots = [line for line in axes.lines if line.get_linestyle() == "None"]
    assert [(list(each.get_xdata()), list(each.get_ydata())) for each in dots] == [
        ([50, 52, 55], [44, 50, 47]),
        ([1100, 1100], [52, 61]),
    ]
    assert dots[0].get_color() == COLOURS["ours"] and dots[0].get_marker() != dots[1].get_marker()
    marks = [text.get_text() for text in axes.get_xticklabels()]
    assert axes.get_xscale() == "log" and marks[0] == "30 s" and "1 min" in marks and marks[-1] == "30 min"
    assert axes.get_xlim()[0] < 50 and axes.get_xlim()[1] > 1100 and axes.get_ylim()[0] == 0
    assert legend_of(figure)[0] == "ours (n = 3, mean 47)"


BEST = BestInputs(
    channels=np.arange(4, 24),
    images=RANDOM.random((20, 8, 6, 1), dtype=np.float32),
    value=RANDOM.random(20) * np.arange(20),
    largest=RANDOM.random(20),
    value_before=RANDOM.normal(size=20),
    values_of_starts=RANDOM.random((20, 2)),
    woken=np.arange(20) > 0,
)


def keeping(draw):
    """Let a function draw, and see that its arguments are as before."""

    def drawing(*given, **options):
        before = [array.copy() for array in arrays_in([given, options])]
        figure = draw(*given, **options)
        for old, new in zip(before, arrays_in([given, options]), strict=True):
            np.testing.assert_array_equal(old, new)
        return figure

    return drawing


def arrays_in(value):
    if isinstance(value, np.ndarray):
        return [value]
    values = value.values() if isinstance(value, dict) else value if isinstance(value, (list, tuple)) else []
    return [array for each in values for array in arrays_in(each)]


@pytest.mark.parametrize("name", plots.__all__)
def test_every_figure_has_one_width_and_leaves_its_input_alone(name):
    figure = CASES[name]["ordinary"](keeping(getattr(plots, name)))
    assert isinstance(figure, matplotlib.figure.Figure)
    paper = drawn(figure, 1)
    assert paper.shape[1] == 800 and paper[0, 0] == WHITE
    assert paper.std() > 1000  # something is drawn


def test_a_figure_can_be_written_at_other_sizes_and_in_other_formats(tmp_path):
    figure, tile = plots.plot_layer(MAPS, columns=4), shades(levels(MAPS[0, ..., 0] / MAPS.max()))
    ((side, place),) = find(drawn(figure), tile)
    assert find(drawn(figure, bbox_inches="tight"), tile)[0][0] == side
    middles = [start + side * (np.arange(count) + 0.5) for start, count in zip(place, tile.shape)]
    for scale in (1, 1.3, 3):
        rows, columns = (np.round(each * scale / 2).astype(int) for each in middles)
        np.testing.assert_array_equal(drawn(figure, scale)[np.ix_(rows, columns)], tile)
    figure.savefig(tmp_path / "figure.svg")
    assert "<image" in (tmp_path / "figure.svg").read_text()


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
    monkeypatch.setattr(Sheet, "paint", lambda *args, **options: 1 / 0)
    with pytest.raises(ZeroDivisionError):
        plots.plot_layer(MAPS)


def test_house_colours_differ_where_they_are_compared():
    pairs = [("training", "validation", "test"), ("trained", "untrained"), ("four", "nine"), ("article", "ours")]
    for pair in pairs:
        assert len({COLOURS[name] for name in pair}) == len(pair)


def test_histogram_shows_shares_means_and_references():
    groups = {"one look": np.array([1, 2, 2, 3]) / 4, "best": np.array([3, 3, 4, 4]) / 4}
    figure = plots.plot_histogram(groups, reference={"truth": 0.5}, xlabel="accuracy", title="Looks")
    (axes,) = charts_of(figure)
    assert legend_of(figure) == ["one look: mean 0.5", "best: mean 0.875", "truth: 0.5"]
    first = axes.patches[0].get_data()
    np.testing.assert_allclose(first.values, [0.25, 0.5, 0.25, 0])
    np.testing.assert_allclose(first.edges, np.arange(5) / 4 + 0.125)  # halfway between the values that can come
    assert axes.get_xlabel() == "accuracy"


@pytest.mark.parametrize(
    ("values", "least", "most"),
    [
        ([3.0], 1, 1),
        ([0, 0, 1], 2, 2),
        (np.arange(80) / 80, 80, 80),  # few and discrete
        (np.arange(81) / 81, 8, 40),
        (RANDOM.normal(size=40), 8, 20),  # no needles
        (RANDOM.normal(size=5000), 20, 40),
        ([0, 1e-6, 1], 2, 20),
        ([0, 0.1, 0.25], 3, 4),  # not evenly spaced
        ([0.02, 0.53, 0.87], 3, 4),
        ([0.1, 0.4, 1.15, 1.15], 3, 5),
    ],
)
def test_every_value_is_in_one_of_a_few_bins(values, least, most):
    (axes,) = charts_of(plots.plot_histogram({"a": values}))
    shares = axes.patches[0].get_data().values
    assert least <= len(shares) <= most and sum(shares) == pytest.approx(1)


def test_over_layers_draws_means_and_every_seed():
    panels = {"left": {"trained": [[1, 2, 3], [3, 4, 5]]}, "right": {"cat": [0, 1, 0]}}
    words = {"xlabel": "letter", "ylabel": "share", "title": "Zeros"}
    figure = plots.plot_over_layers(panels, ["a", "b", "c"], reference={"guessing": 0.5}, **words)
    left, right = charts_of(figure)
    assert left.get_xlabel() == right.get_xlabel() == "letter"
    mean, *seeds, guessing = (line.get_ydata() for line in left.lines)
    np.testing.assert_allclose(mean, [2, 3, 4])
    np.testing.assert_allclose(seeds, [[1, 2, 3], [3, 4, 5]])
    assert set(guessing) == {0.5}
    assert left.lines[0].get_color() == COLOURS["trained"]
    ours = {colour.upper() for colour in COLOURS.values()}
    assert right.lines[0].get_color().upper() in ours  # never matplotlib's own
    assert [label.get_text() for label in left.get_xticklabels()] == ["a", "b", "c"]
    assert (title_of(left), title_of(right)) == ("left", "right") and left.get_ylim() == right.get_ylim()
    assert legend_of(figure) == ["trained", "cat"]


def test_shares_are_bars_of_one_length_with_their_counts():
    figure = plots.plot_shares({"conv": {"active": 3, "dead": 1}, "pool": {"active": 0, "dead": 8}}, xlabel="share")
    (axes,) = charts_of(figure)
    bars = [(round(bar.get_x(), 9), round(bar.get_width(), 9)) for bar in axes.patches]
    assert bars == [(0, 0.75), (0, 0), (0.75, 0.25), (0, 1)]
    assert [text.get_text() for text in axes.texts if text.get_text()] == ["3", "1", "8"]  # none for a part of nothing
    assert legend_of(figure) == ["active", "dead"]


def framed(figure, paper, tile):
    """Find the first columns of a plane, and return which of its pixels are framed: (row, column, rows, columns)."""
    side, (column, row) = find(paper.T, tile.T, frame=1)[0]
    frames = [box_of(patch, figure) for axes in figure.axes for patch in axes.patches]
    inside = [(corner - (row, column), size) for corner, size in frames]
    return [tuple(np.round(np.concatenate(each) / side, 1).tolist()) for each in inside]


def test_filter_at_shows_the_sum_behind_one_value():
    image, weights = np.arange(20.0).reshape(4, 5), np.array([[1.0, -1], [0, 2]])
    feature_map = np.arange(5.0, 17).reshape(3, 4)
    figure = plots.plot_filter_at(image[..., None], weights[..., None], feature_map, (1, 2), bias=0.5)
    paper, product = drawn(figure), np.array([[7, -8], [0, 26]])
    for tile in (
        shades(np.array([[7, 8], [12, 13]]) / 19, "gray"),
        shades(weights / 4 + 0.5, "RdBu_r"),
        shades(np.clip(product / 4 + 0.5, 0, 1), "RdBu_r"),
    ):
        assert find(paper, tile, frame=1)
    words = words_of(figure)
    assert "sum 25" in words and "map, here 11 (sum + bias 25.5)" in words and "blue < 0, red > 0" in words
    # What lies under no frame tells where the image and the map are.
    assert (1, 2, 2, 2) in framed(figure, paper, shades(image[:, :1] / 19, "gray"))
    assert (1, 2, 1, 1) in framed(figure, paper, shades(feature_map[:, :1] / 16))


def test_pooling_at_shows_the_window_and_frames_the_value_it_keeps():
    feature_map = np.arange(35.0).reshape(5, 7)
    pooled = feature_map[:4, :6].reshape(2, 2, 3, 2).max(axis=(1, 3))
    figure = plots.plot_pooling_at(feature_map, pooled, (1, 2))
    paper = drawn(figure)
    numbers = [text for axes in figure.axes for text in axes.texts]
    assert [text.get_text() for text in numbers] == ["18", "19", "25", "26"]
    for text in numbers:  # on the colour of its value
        (row, column), (height, width) = box_of(text, figure)
        beside = paper[round(row + height / 2), [round(column - 9), round(column + width + 9)]]
        assert beside.tolist() == [shades(int(text.get_text()) / 34)] * 2
    assert "after pooling, 2 x 3, here 26" in words_of(figure)
    assert (2, 4, 2, 2) in framed(figure, paper, shades(feature_map[:, :3] / 34))
    assert (1, 2, 1, 1) in framed(figure, paper, shades(pooled[:, :1] / 34))


def test_parts_are_drawn_beside_their_sum_and_the_map():
    parts = np.stack([np.full((2, 2), 3.0), np.full((2, 2), -1.0), np.eye(2)], axis=-1)
    total = parts.sum(axis=-1) + 0.5
    figure = plots.plot_parts(parts, total, bias=0.5)
    paper, gap = drawn(figure), np.full((2, 1), WHITE)
    one, two, three = (shades(parts[..., k] / 6 + 0.5, "RdBu_r") for k in range(3))
    for tile in (
        np.concatenate([one, gap, two, gap, three], axis=1),
        shades(total / 7 + 0.5, "RdBu_r"),
        shades(total / 3.5),
    ):
        assert len(find(paper, tile, frame=1)) == 1
    words = words_of(figure)
    assert "what maps 0 to 2 add, 3 in a row -1 to 3" in words and "sum + bias 0.5 2.5 to 3.5" in words


def test_curves_are_drawn_one_a_seed_and_named_once():
    figure = plots.plot_curves(
        {"norm": {"with L2": [[1.0, 2], [2, 3]], "without": [3.0, 4]}, "loss": {"without": [1.0, 2]}},
        reference={"norm": {"article": 2.5}},
        log=True,
    )
    left, right = charts_of(figure)
    assert [line.get_ydata().tolist() for line in left.lines[:3]] == [[1, 2], [2, 3], [3, 4]]
    assert left.lines[0].get_xdata().tolist() == [1, 2] and left.get_yscale() == "log"
    assert left.lines[0].get_linestyle() != left.lines[2].get_linestyle()  # told apart in grey, too
    assert legend_of(figure) == ["with L2", "without"]
    assert title_of(left) == "norm" and len(right.lines) == 1


def rings_of(figure):
    """Return name -> places (row, column) of the rings' middles in pixels, as `drawn`."""
    rings = {}
    for axes in figure.axes:
        for each in axes.collections:
            x, y = each.get_offset_transform().transform(each.get_offsets()).T
            rings.setdefault(each.get_label(), []).extend(2 * np.stack([figure.bbox.height - y, x], axis=1))
    return {name: sorted(map(tuple, places)) for name, places in rings.items() if len(places)}


def test_rings_lie_on_their_points_in_every_grid():
    maps = np.arange(1, 41.0).reshape(2, 4, 5)  # height, width, channels
    red, yellow = np.zeros_like(maps, bool), np.zeros_like(maps, bool)
    red[1, 3, 4] = red[0, 0, 1] = yellow[0, 2, 2] = True
    every = {"one": maps, "two": 2 * maps[np.newaxis]}
    figure, bare = plots.plot_ringed(every, red, yellow, columns=3, title="Layer"), plots.plot_ringed(every, columns=3)
    assert "Layer: 2 ringed red and 1 ringed yellow" in words_of(figure) and not rings_of(bare)
    paper, rings = drawn(plots.plot_ringed(every, columns=3, title="Layer")), {"red": [], "yellow": []}
    for values in (maps / 80, maps / 40):  # one range for both
        place, size, _ = grid_on(paper, values, 3)
        for name, row, column, channel in [("red", 1, 3, 4), ("red", 0, 0, 1), ("yellow", 0, 2, 2)]:
            (top, left), side = place(channel), size[1] / 4
            rings[name].append((top + (row + 0.5) * side, left + (column + 0.5) * side))
    for name, places in rings.items():
        np.testing.assert_allclose(rings_of(figure)[name], sorted(places), atol=1)
    assert "one range for all" in words_of(figure)


def test_ringed_units_and_a_scale_from_elsewhere():
    figure = plots.plot_ringed({"a": np.arange(1, 101.0), "b": np.ones((1, 100))}, np.arange(100) == 17, largest=200)
    bare = plots.plot_ringed({"a": np.arange(1, 101.0), "b": np.ones((1, 100))}, largest=200, title="1 ringed")
    (row, column), (_, other) = rings_of(figure)["red"]
    assert drawn(bare)[round(row), [round(column), round(other)]].tolist() == [
        shades(levels(np.float32(18) / 200)),
        shades(levels(np.float32(1) / 200)),
    ]
    assert "1 ringed red" in words_of(figure) and "200" in texts_of(figure)


def test_flip_stacks_mean_shares_and_shows_each_run():
    runs = np.array([[[10, 0, 0], [2, 2, 6]], [[10, 0, 0], [6, 0, 4]]])
    figure = plots.plot_flip([0, 1000], {"telling": runs, "matched": [[10, 0, 0], [9, 1, 0]]}, title="Swapped")
    telling, matched = charts_of(figure)
    heights = [[bar.get_height() for bar in part] for part in telling.containers]
    np.testing.assert_allclose(heights, [[1, 0.4], [0, 0.1], [0, 0.5]])
    np.testing.assert_allclose([bar.get_y() for bar in telling.containers[2]], [1, 0.5])
    np.testing.assert_allclose([line.get_ydata() for line in telling.lines], [[1, 0.4], [1, 0.6]])
    assert not matched.lines and "telling (2 times, each a dot)" in words_of(figure) and "50%" in words_of(figure)
    assert [text.get_text() for text in matched.get_xticklabels()] == ["0", "1,000"]
    colours = [to_hex(part[0].get_facecolor()) for part in telling.containers]
    assert colours[0] == COLOURS["four"].lower() and colours[2] == COLOURS["nine"].lower()
    assert legend_of(figure) == ["4", "neither", "9"]


def test_a_heatmap_stands_beside_its_image_and_lies_over_it():
    images, heatmaps = RANDOM.random((3, 8, 6, 1), dtype=np.float32), np.zeros((3, 4, 3))
    heatmaps[0, 0, 2], heatmaps[1, 0, 0] = 4, 2
    figure = plots.plot_heatmaps(images, heatmaps, titles=["a", "b", "c"], columns=2, title="Net")
    paper, places, heat = drawn(figure), [], shades(np.array([0, 0.5, 1]))
    for image, heatmap in zip(images[:2], heatmaps):
        ((side, plain),), ((twice, own),) = image_on(paper, image), find(paper, shades(heatmap / 4))
        assert twice == 2 * side and plain[0] == own[0]
        size, both = (8 * side, 6 * side), (plain[0], 2 * own[1] - plain[1])
        under, over, colours = (rgb(each) for each in (part(paper, plain, size), part(paper, both, size), heat))
        places.append(own)
        # The same share of the image is seen through all of the heatmap: where it is lowest, and in its corner.
        low, rest = colours[0] - under[5 * side :], (over - under)[5 * side :]
        veil = (low * rest).sum() / (low * low).sum()
        assert 0.3 < veil < 0.8
        np.testing.assert_allclose(rest, veil * low, atol=1)
        corner, value = ((3, -3), 2) if heatmap[0, 2] else ((3, 3), 1)
        np.testing.assert_allclose(over[corner], (1 - veil) * under[corner] + veil * colours[value], atol=2)
    assert table_of(places) == [(0, 0), (0, 1)]  # two in a row
    assert {"Net (1 of 3 blank)", "a", "b", "c", "0", "2", "4", "4 x 3 places"} == set(texts_of(figure))


def extent(mask):
    """Return the first and last row and column of what is true."""
    return [end for axis in np.nonzero(mask) for end in (int(axis.min()), int(axis.max()))]


def test_a_heatmap_lies_where_its_places_look():
    paper = drawn(plots.plot_heatmaps(np.zeros((1, 28, 28)), np.ones((1, 11, 11)), stride=2))
    top, bottom, left, right = extent((paper == shades(1.0))[:, :1180])  # the colour bar is further right
    side = (bottom + 1 - top) // 28
    over = paper[top : bottom + 1, right + 1 : 1180]
    first, last, left, right = extent(~np.isin(over, [0, WHITE, code(GAP)]))  # beside it the black image is seen
    assert [first, last + 1, right + 1 - left] == [3 * side, 25 * side, 22 * side]


def test_heatmaps_below_zero_have_white_at_zero():
    figure = plots.plot_heatmaps(np.zeros((1, 4, 12)), [[[-1.0, 0, 0.25]]])
    assert len(find(drawn(figure), shades(np.array([[0, 0.5, 0.625]]), "RdBu_r"))) == 1
    assert {"-1", "1"} < set(texts_of(figure))
    blank = plots.plot_heatmaps(np.zeros((1, 4, 4)), np.zeros((1, 2, 2)))
    assert "1 of 1 blank" in words_of(blank) and (drawn(blank) == shades(0)).sum() > 10_000


def test_best_inputs_stand_in_rows_with_their_values():
    figure = plots.plot_best_inputs(BEST, title="conv")
    paper = drawn(figure)
    sides, places = zip(*[each for image in BEST.images for each in image_on(paper, image)])
    assert len(set(sides)) == 1 and table_of(places) == [(k // 8, k % 8) for k in range(20)]
    texts = texts_of(figure)
    assert texts[0] == "conv: 20 made images, 1 asleep" and texts.count("asleep") == 1
    awake = dataclasses.replace(BEST, woken=np.ones(20, bool))
    assert "asleep" in texts[-1] and "asleep" not in words_of(plots.plot_best_inputs(awake))
    assert {"4", "12", "20", f"{float(f'{BEST.value[19]:.2g}'):g}"} < set(texts)  # each row's first channel; a value
    large = words_of(plots.plot_best_inputs(dataclasses.replace(BEST, value=np.full(20, 137.6))))
    assert "140" in large and "e+02" not in large


@pytest.mark.parametrize(("columns", "pairs"), [(None, 8), (9, 4)])
def test_beside_a_best_input_stand_the_images_that_its_channel_answers_most_to(columns, pairs):
    real = RANDOM.random((20, 4, *BEST.images.shape[1:]), dtype=np.float32)
    words = [f"real {number}" for number in range(20)]
    figure = plots.plot_best_inputs(BEST, beside=real, words=words, columns=columns)
    paper, places = drawn(figure), []
    for made, four in zip(BEST.images, real):
        ((large, left),), ((small, right),) = (
            image_on(paper, made),
            image_on(paper, np.concatenate([np.concatenate(pair, axis=1) for pair in (four[:2], four[2:])])),
        )
        assert large == 2 * small
        places += [left, right]
    assert table_of(places) == [(k // (2 * pairs), k % (2 * pairs)) for k in range(40)]
    assert "real 19" in words_of(figure) and f"{4 + pairs}" in texts_of(figure)


SENTENCE = "A title says what is drawn, on which of the images, with how many seeds, and why one should look at it."


@pytest.mark.parametrize("inches", [0.8, 1.5, 3, 7.8])
@pytest.mark.parametrize(
    "words", [SENTENCE, "separable_convolution_2d_" * 9, "a " + "W" * 60, "a\n" + SENTENCE, "", "a"]
)
def test_wrapped_lines_fit_are_few_and_of_one_length(words, inches):
    wrapped = wrap(words, inches, 11)
    lines = wrapped.split("\n")
    assert "".join(wrapped.split()) == "".join(words.split())
    widest = max(text_width(line, 11) for line in lines)
    assert widest <= inches
    if "\n" not in words and len(lines) > 1:  # in a width that is any narrower there would be more lines
        assert wrap(words, widest - 0.1, 11).count("\n") > wrapped.count("\n")
        assert len(lines) <= np.ceil(2 * text_width(words, 11) / inches)
    if max(text_width(word, 11) for word in words.split() or [""]) <= inches:
        assert wrapped.split() == words.split()  # no word is broken that need not be


def test_long_names_of_places_keep_their_ends():
    (axes,) = charts_of(plots.plot_shares({"conv": {"x": 1}, "block13_separable_convolution_of_a_network": {"x": 1}}))
    assert [label.get_text() for label in axes.get_yticklabels()] == [
        "conv",
        "block13_separab\N{HORIZONTAL ELLIPSIS}of_a_network",
    ]


REFUSED = [
    (lambda: plots.plot_channel(MAPS, 11), "0 to 10"),
    (lambda: plots.plot_channel(MAPS, -1), "0 to 10"),
    (lambda: plots.plot_channel(MAPS, 1.5), "0 to 10"),
    (lambda: plots.plot_channel(MAPS, "3"), "0 to 10"),
    (lambda: plots.plot_channel_across_layers({"conv": MAPS}, 11), "layer 'conv' must be a whole number from 0 to 10"),
    (lambda: plots.plot_channel_across_layers({}, 0), "at least one of the activations"),
    (lambda: plots.plot_layer(MAPS, look="house"), "look must be .*shapes, cats, xray, digits, mnist4, mnist6"),
    (lambda: plots.plot_filters(MAPS, look="house"), "look must be .*shapes, cats, xray, digits, mnist4, mnist6"),
    (lambda: plots.plot_images(np.zeros((7, 8, 8, 3)), titles=["a", "b"]), "7 titles are needed, and 2 came"),
    (lambda: plots.plot_images([]), "at least one image"),
    (lambda: plots.plot_filters(np.zeros((5, 5))), "get_weights"),
    (lambda: plots.plot_filters(np.zeros((3, 3, 30, 15))), "input_channel=0 to 29"),
    (lambda: plots.plot_filters(np.zeros((3, 3, 30, 15)), input_channel=30), "0 to 29, not 30"),
    (lambda: plots.plot_side_by_side({}), "at least one"),
    (lambda: plots.plot_side_by_side({"a": MAPS}, images=[]), "1 images are needed, and 0 came"),
    (lambda: plots.plot_side_by_side({"a": MAPS, "b": np.eye(5)}, scale="channel"), "same number of channels"),
    (lambda: plots.plot_side_by_side({"a": MAPS}, scale="bright"), "scale must be"),
    (lambda: plots.plot_history({}), "nothing"),
    (lambda: plots.plot_history({"loss": []}), "one number an epoch"),
    (lambda: plots.plot_history({"loss": [1, 2], "val_loss": [1]}), "lengths"),
    (lambda: plots.plot_history({"learning_rate": [1]}), "learning_rate"),
    (lambda: plots.plot_history({"loss": ["a"]}), "loss must be an array of numbers"),
    (lambda: plots.plot_history(HISTORY, chosen=4), "1 to 3, not 4"),
    (lambda: plots.plot_history(HISTORY, chosen=0), "1 to 3, not 0"),
    (lambda: plots.plot_answers(np.zeros((2, 3))), "one image"),
    (lambda: plots.plot_answers([0.5, -1.0]), "within 0..1"),
    (lambda: plots.plot_answers([0.5, np.nan]), "within 0..1"),
    (lambda: plots.plot_answers([0.5, 0.5], labels=["a"]), "1 came"),
    (lambda: plots.plot_answers([0.5, 0.5], true=2), "0 to 1, not 2"),
    (lambda: plots.plot_confusion([0, 1], [0]), "argmax"),
    (lambda: plots.plot_confusion([0, 1], [0.0, 1.0]), "argmax"),
    (lambda: plots.plot_confusion([], []), "one each an image"),
    (lambda: plots.plot_confusion([0, -1], [0, 1]), "0 or more"),
    (lambda: plots.plot_confusion([0, 2], [0, 1], labels=["a", "b"]), "2 labels came"),
    (lambda: plots.plot_seed_dots({}), "at least one"),
    (lambda: plots.plot_seed_dots({"a": []}), "at least one"),
    (lambda: plots.plot_seed_dots({"a": [np.nan]}), "at least one"),
    (lambda: plots.plot_seed_dots({"a": [[1, 2]]}), "at least one"),
    (lambda: plots.plot_histogram({}), "needed"),
    (lambda: plots.plot_histogram({"a": []}), "needs"),
    (lambda: plots.plot_histogram({"a": [np.nan]}), "needs"),
    (lambda: plots.plot_time_to_accuracy({}), "group"),
    (lambda: plots.plot_time_to_accuracy({"a": [1, 2, 3]}), "group"),
    (lambda: plots.plot_time_to_accuracy({"a": ([1, 2], [3])}), "group"),
    (lambda: plots.plot_time_to_accuracy({"a": ([0], [3])}), "group"),
    (lambda: plots.plot_time_to_accuracy({"a": ([], [])}), "group"),
    (lambda: plots.plot_time_to_accuracy({"a": ([1], [np.nan])}), "group"),
    (lambda: plots.plot_time_to_accuracy({"a": "ab"}), "group"),
    (lambda: plots.plot_over_layers({}, ["a"]), "at least one of the panels"),
    (lambda: plots.plot_over_layers({"x": {}}, ["a"]), "at least one of the groups of panel 'x'"),
    (lambda: plots.plot_over_layers({"x": {"g": [1, 2]}}, ["a"]), "one value for each of the 1 layers"),
    (lambda: plots.plot_shares({}), "at least one of the counts"),
    (lambda: plots.plot_shares({"a": {"x": 1}, "b": {"y": 1}}), "same parts"),
    (lambda: plots.plot_shares({"a": {"x": -1, "y": 2}}), "0 or more"),
    (lambda: plots.plot_shares({"a": {"x": 0, "y": 0}}), "not all 0"),
    (lambda: plots.plot_curves({}), "give"),
    (lambda: plots.plot_curves({"a": {}}), "give"),
    (lambda: plots.plot_curves({"a": {"b": []}}), "give"),
    (lambda: plots.plot_curves({"a": {"b": [1, np.nan]}}), "must be finite"),
    (lambda: plots.plot_curves({"a": {"b": [[[1.0]]]}}), "give"),
    (lambda: plots.plot_curves({"a": {"b": [1, 2]}}, reference={"a": 0.3}), "reference must be a dict .*, not 0.3"),
    (lambda: plots.plot_filter_at(np.eye(4), np.eye(2), np.eye(2), (1, 1)), "one channel of each"),
    (lambda: plots.plot_filter_at(np.eye(4), np.eye(2), np.eye(3), (3, 0)), "the place must be"),
    (lambda: plots.plot_filter_at(np.eye(4), np.eye(2), np.ones((3, 3, 2)), (0, 0)), "one channel of each"),
    (lambda: plots.plot_pooling_at(np.eye(4), np.eye(2), (2, 0)), "the place must be"),
    (lambda: plots.plot_pooling_at(np.eye(4), np.ones((2, 1)), (0, 0)), "one channel of each"),
    (lambda: plots.plot_pooling_at(np.ones((4, 4, 2)), np.eye(2), (0, 0)), "one channel of each"),
    (lambda: plots.plot_parts(np.ones((2, 2, 3)), np.zeros((3, 2))), "all parts of one channel"),
    (lambda: plots.plot_ringed({}), "at least one"),
    (lambda: plots.plot_ringed({"a": MAPS, "b": MAPS[:, :3]}), "one layer for all"),
    (lambda: plots.plot_ringed({"a": MAPS}, MAPS[0, :2] > 0), "rings of its shape"),
    (lambda: plots.plot_ringed({"a": MAPS}, images=[]), "1 images are needed, and 0 came"),
    (lambda: plots.plot_flip([0, 5], {}), "at least one of the panels"),
    (lambda: plots.plot_flip([0, 5], {"a": np.ones((2, 2))}), "three counts for each of the 2 steps"),
    (lambda: plots.plot_flip([0, 5], {"a": np.ones((3, 3))}), "three counts for each of the 2 steps"),
    (lambda: plots.plot_flip([0, 5], {"a": [[1, 0, 0], [0, 0, 0]]}), "not all 0"),
    (lambda: plots.plot_heatmaps(np.zeros((1, 4, 4)), np.zeros((2, 3, 3))), "1 heatmaps are needed, and 2 came"),
    (lambda: plots.plot_heatmaps(np.zeros((1, 4, 4)), np.zeros((1, 3))), "a heatmap must have the shape"),
    (lambda: plots.plot_heatmaps(np.zeros((1, 4, 4)), np.full((1, 3, 3), np.nan)), "must be finite"),
    (
        lambda: plots.plot_heatmaps(np.zeros((1, 4, 4)), np.zeros((1, 3, 3)), titles=[]),
        "1 titles are needed, and 0 came",
    ),
    (lambda: plots.plot_best_inputs(BEST, beside=np.zeros((20, 5, 8, 6, 1))), "a square number of images"),
    (lambda: plots.plot_best_inputs(BEST, beside=np.zeros((3, 4, 8, 6, 1))), "a square number of images"),
    (
        lambda: plots.plot_best_inputs(BEST, beside=np.zeros((20, 4, 8, 6, 1)), words=["a"]),
        "20 words are needed, and 1 came",
    ),
]


@pytest.mark.parametrize(("draw", "sentence"), REFUSED)
def test_what_cannot_be_drawn_is_one_sentence(draw, sentence):
    with pytest.raises(CourseError, match=sentence):
        draw()
