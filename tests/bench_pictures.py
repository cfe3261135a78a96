"""Tiling a 148 x 148 x 128 layer against the double loop of the articles; run by make bench."""

import numpy as np
import pytest

from helpers.pictures import tile_channels

COLUMNS, GAP = 16, 1


def double_loop(maps, scale):
    """Place one channel after the other, scaled as it comes, as the articles do."""
    height, width, channels = maps.shape
    rows = -(-channels // COLUMNS)
    picture = np.full((rows * (height + GAP) - GAP, COLUMNS * (width + GAP) - GAP), np.nan, np.float32)
    low, spread = maps.min(), np.ptp(maps)
    for row in range(rows):
        for column in range(COLUMNS):
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


@pytest.fixture(scope="module")
def maps():
    """Return a layer of the size of the cats and dogs network's first one with 128 channels, after ReLU."""
    normal = np.random.default_rng(0).normal(size=(148, 148, 128))
    return np.maximum(normal, 0).astype(np.float32)


@pytest.mark.parametrize("way", ["tile_channels", "double loop"])
@pytest.mark.parametrize("scale", ["raw", "layer", "channel", "standard"])
def test_tiling(benchmark, maps, scale, way):
    benchmark.group = f"148 x 148 x 128, {scale}"
    if way == "double loop":
        picture = benchmark(double_loop, maps, scale)
    else:
        picture = benchmark(tile_channels, maps, COLUMNS, scale=scale, gap=GAP)
    np.testing.assert_allclose(picture, double_loop(maps, scale), rtol=0, atol=1e-3)
