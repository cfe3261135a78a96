"""Pictures of executed notebooks are small, and look as they did."""

import base64
import io

import nbformat
import numpy as np
import pytest
from nbformat.v4 import new_code_cell, new_notebook, new_output
from PIL import Image

from helpers import plots
from helpers.workshop.notebooks import runner, small_outputs
from helpers.workshop.notebooks.small_outputs import LARGEST, shrink_pictures, small_picture
from helpers.workshop.output_pictures import picture_suffix, pictures_of

RANDOM = np.random.default_rng(3)
MAPS = RANDOM.random((12, 12, 24)) ** 3


def photograph(side, noise=0.08):
    """Colours that go over into each other in all directions, with noise."""
    ramp = np.linspace(0, 1, side)
    picture = np.stack([np.tile(ramp, (side, 1)), np.tile(ramp[:, None], (1, side)), np.full((side, side), 0.4)], -1)
    return np.clip(picture + RANDOM.normal(0, noise, picture.shape), 0, 1)


def png_of(figure, dpi=200):
    written = io.BytesIO()
    figure.savefig(written, format="png", dpi=dpi)
    return written.getvalue()


def encoded(picture):
    written = io.BytesIO()
    picture.save(written, "PNG")
    return written.getvalue()


def pixels(content):
    return np.asarray(Image.open(io.BytesIO(content)).convert("RGB"), int)


def worst_block(before, after):
    """The largest mean difference in a square of 16 pixels."""
    error = np.abs(pixels(before) - pixels(after)).max(axis=-1)
    high, wide = (side // 16 for side in error.shape)
    return error[: 16 * high, : 16 * wide].reshape(high, 16, wide, 16).mean(axis=(1, 3)).max()


@pytest.mark.parametrize(
    "draw",
    [
        lambda: plots.plot_layer(MAPS, image=MAPS[..., 0]),
        lambda: plots.plot_curves({"loss": {f"group {number}": RANDOM.random((5, 30)) for number in range(3)}}),
        lambda: plots.plot_images(np.round(MAPS[..., :8].transpose(2, 0, 1), 2)),
    ],
)
def test_charts_maps_and_grey_images_get_a_palette_and_look_the_same(draw):
    figure = png_of(draw())
    small = small_picture(figure)
    assert Image.open(io.BytesIO(small)).mode == "P" and len(small) < 0.7 * len(figure)
    assert worst_block(figure, small) <= 3
    assert (pixels(small)[0, 0] == 255).all(), "the paper stays white"
    assert small_picture(figure) == small


def test_photographs_become_a_jpeg_without_speckles_and_the_paper_stays_white():
    figure = png_of(plots.plot_images([photograph(120, noise=0.02) for _ in range(5)]))
    small = small_picture(figure)
    picture = Image.open(io.BytesIO(small))
    assert picture.format == "JPEG" and len(small) < 0.5 * len(figure)
    assert picture.size == Image.open(io.BytesIO(figure)).size
    assert picture.layer[0][1:3] == picture.layer[1][1:3], "colours have as many pixels as brightness"
    assert np.abs(pixels(figure) - pixels(small)).mean() < 2 and (pixels(small)[0, 0] == 255).all()


def test_colours_are_never_mixed_from_dots_of_others():
    """A ramp of more colours than a palette has: where it goes up, its small form does not go down."""
    ramp = np.arange(600) / 700 * 255 + RANDOM.integers(0, 30, 200)[:, np.newaxis]
    figure = encoded(Image.fromarray(np.stack([ramp, 0.6 * ramp, 255 - ramp / 2], axis=-1).astype(np.uint8)))
    picture = Image.open(io.BytesIO(small_picture(figure)))
    assert picture.mode == "P" and (np.diff(np.asarray(picture.convert("RGB"), int)[..., 0], axis=1) >= 0).all()


def test_a_thin_line_beside_a_photograph_keeps_its_colour():
    picture = np.uint8(255 * photograph(300, noise=0.02))
    picture[4:6, 10:60] = 0, 255, 0
    small = pixels(small_picture(encoded(Image.fromarray(picture))))
    assert np.abs(small[4:6, 12:58] - (0, 255, 0)).mean() < 16


@pytest.mark.parametrize("largest", [40_000, 25_000])
def test_what_is_too_large_becomes_a_jpeg_of_less_quality(largest):
    figure = encoded(Image.fromarray(np.uint8(255 * photograph(260))))
    best, small = small_picture(figure), small_picture(figure, largest=largest)
    assert picture_suffix(small) == ".jpg" and len(small) < len(best)
    grey = encoded(Image.fromarray(np.uint8(255 * photograph(400)[..., 0])))
    assert (
        picture_suffix(small_picture(grey)) == ".png" and picture_suffix(small_picture(grey, largest=largest)) == ".jpg"
    )


def test_transparent_pixels_stay():
    clear = encoded(Image.new("RGBA", (40, 40), (255, 0, 0, 60)))
    assert small_picture(clear) == clear


def notebook_with(*pictures):
    """A notebook with outputs of (PNG bytes, size)."""
    outputs = [
        new_output(
            "display_data",
            {"image/png": base64.b64encode(png).decode(), "text/plain": "<Figure>"},
            metadata={"image/png": size} if size else {},
        )
        for png, size in pictures
    ]
    return new_notebook(cells=[new_code_cell(outputs=[*outputs, new_output("stream", text="words")])])


def test_the_size_on_the_page_goes_with_the_picture_to_its_new_kind():
    size = {"width": 150, "height": 75}
    photo = Image.fromarray(np.uint8(255 * photograph(301)[:151]))
    notebook = notebook_with(
        (encoded(photo), size), (encoded(Image.new("L", (301, 151))), size), (encoded(photo), None)
    )
    shrink_pictures(notebook)
    photo, grey, sizeless, words = notebook.cells[0].outputs
    assert set(photo.data) == {"image/jpeg", "text/plain"} and photo.metadata == {"image/jpeg": size}
    assert set(grey.data) == {"image/png", "text/plain"} and grey.metadata == {"image/png": size}
    assert sizeless.metadata == {} and words.text == "words"
    found = pictures_of(notebook.cells[0].outputs)
    assert [Image.open(io.BytesIO(picture.content)).size for picture in found] == [(300, 150), (300, 150), (301, 151)]
    assert [(picture.suffix, picture.width) for picture in found] == [(".jpg", 150), (".png", 150), (".jpg", None)]


def test_many_large_pictures_are_made_smaller_until_all_fit(monkeypatch):
    photos = [(encoded(Image.fromarray(np.uint8(255 * photograph(300)))), None) for _ in range(3)]
    sizes = []
    for whole in (10_000_000, 150_000):
        monkeypatch.setattr(small_outputs, "WHOLE", whole)
        monkeypatch.setattr(small_outputs, "LARGEST", (LARGEST[0], 45_000))
        notebook = notebook_with(*photos)
        shrink_pictures(notebook)
        sizes.append(sum(len(picture.content) for picture in pictures_of(notebook.cells[0].outputs)))
    assert sizes[1] <= 150_000 < sizes[0]


def test_the_runner_leaves_small_crisp_pictures(tmp_path, monkeypatch):
    (tmp_path / "notebooks").mkdir()
    monkeypatch.setattr(runner, "build_folder", lambda *parts: tmp_path)
    draw = "import numpy as np\nfrom helpers import course, plots\nnumbers = np.random.default_rng(1)\n"
    maps = "course.show_setup()\nplots.plot_layer(numbers.random((9, 9, 8)))"
    ramp = "ramp = np.linspace(0, 1, 150)\nimages = np.stack(np.broadcast_arrays(ramp, ramp[:, None], 0.5), axis=-1)\n"
    photos = ramp + "plots.plot_images(np.clip(images + numbers.normal(0, 0.02, (3, *images.shape)), 0, 1))"
    path = tmp_path / "notebooks/01_draws.ipynb"
    nbformat.write(new_notebook(cells=[new_code_cell(draw + maps), new_code_cell(photos)]), path)
    outcome = runner.execute(path, profile="quick", environment={"PYTHONPATH": str(runner.ROOT)})
    assert outcome.error is None
    kinds = []
    for cell in outcome.notebook.cells:
        (picture,) = pictures_of(cell.outputs)
        image = Image.open(io.BytesIO(picture.content))
        assert image.width == 2 * picture.width
        kinds.append((image.format, image.mode))
    assert kinds == [("PNG", "P"), ("JPEG", "RGB")]
