"""Pictures of executed notebooks are small, and look as they did."""

import base64
import io

import nbformat
import numpy as np
import pytest
from nbformat.v4 import new_code_cell, new_notebook
from PIL import Image

from helpers import plots
from helpers.workshop.notebooks import runner
from helpers.workshop.notebooks.small_outputs import LARGEST, small_png

RANDOM = np.random.default_rng(3)
MAPS = RANDOM.random((12, 12, 24)) ** 3


def photograph(side, noise=0.08):
    """Colours that go over into each other in all directions, with noise."""
    ramp = np.linspace(0, 1, side)
    picture = np.stack([np.tile(ramp, (side, 1)), np.tile(ramp[:, None], (1, side)), np.full((side, side), 0.4)], -1)
    return np.clip(picture + RANDOM.normal(0, noise, picture.shape), 0, 1)


def png_of(figure):
    written = io.BytesIO()
    figure.savefig(written, format="png")
    return written.getvalue()


def pixels(png):
    return np.asarray(Image.open(io.BytesIO(png)).convert("RGB"), int)


@pytest.mark.parametrize(
    "draw",
    [
        lambda: plots.plot_layer(MAPS, image=MAPS[..., 0]),
        lambda: plots.plot_filters(RANDOM.normal(size=(5, 5, 1, 30))),
        lambda: plots.plot_curves({"loss": {f"group {number}": RANDOM.random((5, 30)) for number in range(3)}}),
        lambda: plots.plot_images(np.round(MAPS[..., :8].transpose(2, 0, 1), 2)),
    ],
)
def test_charts_maps_and_grey_images_get_a_palette_and_look_the_same(draw):
    figure = png_of(draw())
    small = small_png(figure)
    assert Image.open(io.BytesIO(small)).mode == "P" and len(small) < 0.6 * len(figure)
    before, after = pixels(figure), pixels(small)
    assert np.mean(np.abs(before - after).max(axis=-1) > 16) < 0.01
    assert (after[0, 0] == 255).all(), "the paper stays white"
    assert small_png(figure) == small


def test_a_small_photograph_keeps_its_colours_and_large_ones_get_a_palette():
    one = png_of(plots.plot_images([photograph(40, noise=0.4)]))
    assert len(one) < LARGEST and small_png(one) == one
    many = png_of(plots.plot_images([photograph(120) for _ in range(5)]))
    small = small_png(many)
    assert len(small) <= LARGEST < len(many)
    assert np.abs(pixels(many) - pixels(small)).mean() < 8


def test_a_thin_line_beside_a_photograph_keeps_its_colour():
    picture = np.uint8(255 * photograph(300))
    picture[4, 10:60] = 0, 255, 0
    written = io.BytesIO()
    Image.fromarray(picture).save(written, "PNG")
    assert len(written.getvalue()) > LARGEST
    assert np.abs(pixels(small_png(written.getvalue()))[4, 10:60] - (0, 255, 0)).max() < 16


def test_transparent_pixels_stay():
    written = io.BytesIO()
    Image.new("RGBA", (40, 40), (255, 0, 0, 60)).save(written, "PNG")
    assert small_png(written.getvalue()) == written.getvalue()


def test_the_runner_leaves_small_pictures(tmp_path, monkeypatch):
    (tmp_path / "notebooks").mkdir()
    monkeypatch.setattr(runner, "build_folder", lambda *parts: tmp_path)
    draw = "import numpy as np\nfrom helpers import plots\nplots.plot_layer(np.random.default_rng(1).random((9, 9, 8)))"
    path = tmp_path / "notebooks/01_draws.ipynb"
    nbformat.write(new_notebook(cells=[new_code_cell(draw)]), path)
    outcome = runner.execute(path, profile="quick", environment={"PYTHONPATH": str(runner.ROOT)})
    (output,) = outcome.notebook.cells[0].outputs
    assert Image.open(io.BytesIO(base64.b64decode(output.data["image/png"]))).mode == "P"
