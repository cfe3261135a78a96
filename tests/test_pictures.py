"""Scaling and tiling: against a double loop, one value at a time, in exact fractions."""

import math
from fractions import Fraction

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.extra import numpy as hnp

from helpers.pictures import (
    as_maps,
    finite_range,
    image_picture,
    resize_maps,
    scale_channels,
    silent_channels,
    strongest_patches,
    tile_channels,
)

SCALES = ["raw", "layer", "channel", "standard"]
pytestmark = pytest.mark.filterwarnings("error")


def plain_scaled(values):
    """Map finite numbers to 0..1 in exact fractions; what is not finite is NaN, no spread is 0."""
    finite = [Fraction(value) for value in values if math.isfinite(value)]
    if not finite:
        return [math.nan] * len(values)
    low, spread = min(finite), max(finite) - min(finite)
    return [
        math.nan if not math.isfinite(value) else float((Fraction(value) - low) / spread) if spread else 0.0
        for value in values
    ]


def plain_standard(values):
    unit = plain_scaled(values)
    finite = [value for value in unit if not math.isnan(value)]
    if not finite or max(finite) == 0:
        return unit
    mean = math.fsum(finite) / len(finite)
    deviation = math.sqrt(math.fsum((value - mean) ** 2 for value in finite) / len(finite))
    return [v if math.isnan(v) else min(255.0, max(0.0, 128 + 64 * (v - mean) / deviation)) for v in unit]


def plain_raw(values):
    with np.errstate(over="ignore"):
        return [float(np.float32(value)) if np.isfinite(np.float32(value)) else math.nan for value in values]


def plain_tiles(maps, columns, scale, gap):
    """The double loop: for each place of the grid, one channel."""
    height, width, channels = maps.shape
    values = [[value.item() for value in maps[..., channel].ravel()] for channel in range(channels)]
    if scale == "layer":
        flat = plain_scaled(sum(values, []))
        done = [flat[start : start + height * width] for start in range(0, len(flat), height * width)]
    else:
        rule = {"raw": plain_raw, "channel": plain_scaled, "standard": plain_standard}[scale]
        done = [rule(one) for one in values]
    across = min(columns, channels)
    down = math.ceil(channels / across)
    picture = np.full((down * (height + gap) - gap, across * (width + gap) - gap), np.nan)
    for row in range(down):
        for column in range(across):
            channel = row * across + column
            if channel < channels:
                top, left = row * (height + gap), column * (width + gap)
                picture[top : top + height, left : left + width] = np.reshape(done[channel], (height, width))
    return picture


ELEMENTS = {
    "float16": st.floats(width=16, allow_nan=True, allow_infinity=True),
    "float32": st.floats(width=32, allow_nan=True, allow_infinity=True),
    "float64": st.floats(-8e307, 8e307) | st.sampled_from([math.nan, math.inf, -math.inf]),
    "int8": st.integers(-128, 127),
    "uint8": st.integers(0, 255),
    "int64": st.integers(-(2**53), 2**53),
    "bool": st.booleans(),
}


@st.composite
def activations(draw):
    dtype = draw(st.sampled_from(sorted(ELEMENTS)))
    shape = tuple(draw(st.integers(1, most)) for most in (4, 4, 7))
    few = st.sampled_from(draw(st.lists(ELEMENTS[dtype], min_size=1, max_size=3)))  # so that channels are constant
    return draw(hnp.arrays(dtype, shape, elements=draw(st.sampled_from([ELEMENTS[dtype], few]))))


@settings(max_examples=300, deadline=None, derandomize=True)
@given(activations(), st.integers(1, 9), st.sampled_from(SCALES), st.integers(0, 3))
def test_tiling_equals_the_double_loop(maps, columns, scale, gap):
    before = maps.copy()
    maps.flags.writeable = False
    picture = tile_channels(maps, columns, scale=scale, gap=gap)
    assert picture.dtype == np.float32
    expected = plain_tiles(maps, columns, scale, gap)
    assert picture.shape == expected.shape
    tolerance = {"raw": 0, "standard": 2e-3}.get(scale, 1e-6)
    np.testing.assert_allclose(picture, expected, rtol=0, atol=tolerance, equal_nan=True)
    np.testing.assert_array_equal(maps, before)


@pytest.mark.parametrize(
    ("given_shape", "columns", "gap", "shape"),
    [
        ((26, 26, 30), 6, 1, (134, 161)),
        ((26, 26, 30), 16, 1, (53, 431)),
        ((1, 26, 26, 32), 8, 1, (107, 215)),
        ((3, 5, 2), 16, 1, (3, 11)),
        ((3, 5, 1), 1, 4, (3, 5)),
        ((100,), 8, 1, (25, 15)),
        ((1, 100), 8, 0, (13, 8)),
        ((1,), 16, 1, (1, 1)),
        ((1, 1, 1, 64), 16, 2, (10, 46)),
    ],
)
def test_shape_of_the_picture(given_shape, columns, gap, shape):
    assert tile_channels(np.zeros(given_shape), columns, gap=gap).shape == shape


def test_every_channel_is_shown_and_the_last_row_may_be_short():
    maps = np.broadcast_to(np.arange(10, dtype="int16"), (2, 2, 10))
    picture = tile_channels(maps, 4, scale="raw")
    assert [picture[3 * (k // 4), 3 * (k % 4)] for k in range(10)] == list(range(10))
    assert np.isnan(picture[6:, 6:]).all() and np.isnan(picture[2]).all() and np.isnan(picture[:, 2]).all()


@pytest.mark.parametrize(
    ("scale", "expected"),
    [
        ("raw", [[0, 0, 0], [-1, 3, 1], [7, 7, 7]]),
        ("layer", [[0.125, 0.125, 0.125], [0, 0.5, 0.25], [1, 1, 1]]),
        ("channel", [[0, 0, 0], [0, 1, 0.5], [0, 0, 0]]),
        ("standard", [[0, 0, 0], [128 - 64 * 1.5**0.5, 128 + 64 * 1.5**0.5, 128], [0, 0, 0]]),
    ],
)
def test_scales_on_a_silent_a_varied_and_a_constant_channel(scale, expected):
    values = np.array([[0, 0, 0], [-1, 3, 1], [7, 7, 7]], "float32").T  # (pixels, channels)
    np.testing.assert_allclose(scale_channels(values, scale=scale).T, expected, atol=1e-4)


@pytest.mark.parametrize("scale", ["layer", "channel", "standard"])
def test_a_layer_without_spread_becomes_zero(scale):
    assert not scale_channels(np.full((3, 3, 2), 5.0), scale=scale).any()


@pytest.mark.parametrize("scale", SCALES)
def test_several_images_share_their_range(scale):
    values = np.random.default_rng(0).normal(size=(5, 4, 3, 6))
    flat = scale_channels(values.reshape(-1, 6), scale=scale)
    np.testing.assert_allclose(scale_channels(values, scale=scale).reshape(-1, 6), flat, atol=1e-4)
    assert scale_channels(values[0, 0, 0], scale=scale).shape == (6,)


@pytest.mark.parametrize(
    ("activation", "options", "sentence"),
    [
        (np.zeros((2, 4, 4, 3)), {}, "shape \\(2, 4, 4, 3\\) came: choose one"),
        (np.zeros((2, 5)), {}, "activation of one image"),
        (np.zeros((0, 4, 3)), {}, "shape \\(0, 4, 3\\)"),
        (np.zeros((1, 1, 2, 2, 3)), {}, "shape \\(1, 1, 2, 2, 3\\)"),
        (np.float32(3), {}, "shape \\(\\)"),
        (np.array(["a"]), {}, "array of numbers"),
        (np.array([1j]), {}, "complex128"),
        (np.zeros(4), {"scale": "bright"}, "raw, layer, channel, standard"),
        (np.zeros(4), {"columns": 0}, "columns"),
        (np.zeros(4), {"columns": 2.5}, "columns"),
        (np.zeros(4), {"columns": True}, "columns"),
        (np.zeros(4), {"gap": -1}, "gap"),
    ],
)
def test_what_cannot_be_tiled_is_said_in_a_sentence(activation, options, sentence):
    with pytest.raises(ValueError, match=sentence):
        tile_channels(activation, **options)


def test_half_precision_of_keras_is_understood():
    bfloat16 = pytest.importorskip("ml_dtypes").bfloat16
    assert tile_channels(np.array([0, 1, 2], bfloat16)).tolist()[0][::2] == [0, 0.5, 1]


@pytest.mark.parametrize(
    ("shape", "maps"), [((4, 5, 3), (4, 5, 3)), ((1, 4, 5, 3), (4, 5, 3)), ((7,), (1, 1, 7)), ((1, 7), (1, 1, 7))]
)
def test_as_maps_is_a_view(shape, maps):
    array = np.zeros(shape)
    assert as_maps(array).shape == maps and np.shares_memory(as_maps(array), array)


@pytest.mark.parametrize("shape", [(4, 4, 5), (2, 4, 4, 5), (5,), (3, 5)])
def test_silent_channels_wherever_the_channel_is_last(shape):
    activation = np.ones(shape, "float32")
    activation[..., [1, 4]] = 0
    assert silent_channels(activation).tolist() == [1, 4]


@pytest.mark.parametrize(
    ("values", "tolerance", "silent"),
    [
        ([0.0, 0.1, -0.1], 0.1, [0, 1, 2]),
        ([0.0, -0.1, 0.2], 0.15, [0, 1]),
        ([np.nan, np.inf, 0.0], 1.0, [2]),
        (np.array([0, 1, -128], "int8"), 0.0, [0]),
        (np.array([0, 200], "uint8"), 0.0, [0]),
    ],
)
def test_silent_means_no_larger_than_the_tolerance(values, tolerance, silent):
    assert silent_channels(np.asarray(values), tolerance=tolerance).tolist() == silent


@pytest.mark.parametrize(
    ("find", "activation", "tolerance", "sentence"),
    [
        (silent_channels, np.zeros((0, 3)), 0.0, "array of numbers"),
        (silent_channels, np.zeros(3), -1.0, "tolerance"),
        (silent_channels, np.zeros(3), np.nan, "tolerance"),
    ],
)
def test_what_cannot_be_counted_is_said_in_a_sentence(find, activation, tolerance, sentence):
    with pytest.raises(ValueError, match=sentence):
        find(activation, tolerance=tolerance)


@pytest.mark.parametrize(
    ("image", "shape", "middle"),
    [
        (np.full((4, 5), 0.25), (4, 5), 0.25),
        (np.full((4, 5, 1), 51, "uint8"), (4, 5), 0.2),
        (np.full((1, 4, 5, 3), 51.0), (4, 5, 3), 0.2),
        (np.full((4, 5, 3), 1, "uint8"), (4, 5, 3), 1 / 255),
        (np.linspace(-2, 2, 20).reshape(4, 5), (4, 5), None),
    ],
)
def test_image_picture_is_0_to_1(image, shape, middle):
    picture = image_picture(image)
    assert picture.shape == shape and picture.dtype == np.float32
    assert picture.min() >= 0 and picture.max() <= 1
    if middle is not None:
        np.testing.assert_allclose(picture, middle, rtol=1e-6)


def overlap(old, new, count_old, count_new):
    """How much of an old pixel lies in a new one, both of a line of length 1."""
    ends = min(Fraction(old + 1, count_old), Fraction(new + 1, count_new))
    return max(0, ends - max(Fraction(old, count_old), Fraction(new, count_new)))


def plain_resized(plane, height, width):
    """Each new pixel in exact fractions: the mean of what it covers; NaN where that is not finite."""
    rows, places = plane.shape
    made = np.empty((height, width))
    for down, across in np.ndindex(made.shape):
        areas = {
            (row, place): overlap(row, down, rows, height) * overlap(place, across, places, width)
            for row, place in np.ndindex(plane.shape)
        }
        seen = {at: area for at, area in areas.items() if area}
        finite = all(math.isfinite(plane[at]) for at in seen)
        made[down, across] = (
            sum(area * Fraction(plane[at].item()) for at, area in seen.items()) * height * width if finite else math.nan
        )
    return made


@pytest.mark.parametrize("old", [(1, 1), (2, 3), (4, 4), (5, 7)])
@pytest.mark.parametrize("new", [(1, 1), (2, 2), (3, 5), (4, 6), (8, 12), (11, 9)])
@pytest.mark.parametrize("hole", [None, math.nan, -math.inf])
def test_resized_maps_lose_nothing(old, new, hole):
    maps = np.random.default_rng(3).normal(size=(*old, 2)).astype(np.float32)
    if hole is not None:
        maps[-1, 0, 1] = hole
    before, made = maps.copy(), resize_maps(maps, *new)
    expected = np.stack([plain_resized(maps[..., k], *new) for k in range(2)], axis=-1)
    finite = np.isfinite(made)
    assert made.dtype == np.float32 and made.shape == (*new, 2)
    np.testing.assert_allclose(np.where(finite, made, np.nan), expected, atol=1e-5, equal_nan=True)
    np.testing.assert_allclose(made[..., 0].mean(), maps[..., 0].mean(), atol=1e-6)  # so the sum is that of the area
    np.testing.assert_array_equal(maps, before)


def test_maps_enlarged_by_a_whole_number_are_repeated_exactly():
    maps = np.random.default_rng(3).normal(size=(3, 2, 4)).astype(np.float32)
    np.testing.assert_array_equal(resize_maps(maps, 9, 10), maps.repeat(3, axis=0).repeat(5, axis=1))
    np.testing.assert_array_equal(resize_maps(maps, 3, 2), maps)


def test_one_bright_pixel_of_a_large_map_is_still_seen_when_it_is_reduced():
    maps = np.zeros((148, 148, 1))
    maps[77, 31] = 1
    made = resize_maps(maps, 37, 37)
    assert made.max() == pytest.approx(1 / 16) and made.sum() == pytest.approx(1 / 16)
    maps[77, 31] = np.nan
    assert np.argwhere(np.isnan(resize_maps(maps, 37, 37))).tolist() == [[19, 7, 0]]


@pytest.mark.parametrize("shape", [(2, 4, 5, 3), (4, 5, 2), (4,), (0, 4)])
def test_no_single_image(shape):
    with pytest.raises(ValueError, match="one image"):
        image_picture(np.zeros(shape))


def test_a_range_leaves_out_what_is_not_finite():
    values = np.array([np.nan, np.inf, -np.inf, 2.0, -1.0])
    assert finite_range(values) == (-1.0, 2.0)
    assert np.isnan(finite_range(values[:3])).all()


def test_strongest_patches_come_from_where_the_channel_is_largest():
    images = np.zeros((3, 20, 20, 3))
    maps = np.zeros((3, 9, 9, 2))  # stride 2: place p lies over pixels 1 + 2p and 2 + 2p
    for number, (strength, row, column) in enumerate([(1, 4, 5), (3, 0, 0), (2, 8, 3)]):
        maps[number, row, column, 1] = strength
        images[number, 2 + 2 * row, 2 + 2 * column] = number + 1
    patches, strengths, numbers = strongest_patches(maps, images, 1, stride=2, side=5)
    assert patches.shape == (3, 5, 5, 3)
    assert strengths.tolist() == [3, 2, 1] and numbers.tolist() == [1, 2, 0]
    assert [patch.max() for patch in patches] == [2, 3, 1]  # each holds the lit pixel of its own image
    assert patches[2, 2, 2, 0] == 1  # in the middle, unless the edge is near


@pytest.mark.parametrize(
    ("maps", "images", "channel", "sentence"),
    [
        ((2, 5, 5, 4), (3, 9, 9, 3), 0, "read the layer for these"),
        ((2, 5, 5, 4), (2, 9, 9, 3), 4, "channel must be a whole number from 0 to 3, not 4"),
        ((2, 5, 5, 4), (2, 4, 4, 3), 0, "side must be a whole number from 1 to 4, not 5"),
        ((5, 4), (2, 9, 9, 3), 0, "activation must have the shape"),
    ],
)
def test_strongest_patches_say_what_does_not_fit(maps, images, channel, sentence):
    with pytest.raises(ValueError, match=sentence):
        strongest_patches(np.zeros(maps), np.zeros(images), channel, side=5)
