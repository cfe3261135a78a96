"""The house style of every figure, and the canvas that writes it as a small PNG file."""

import functools
import io
from pathlib import Path

import matplotlib.pyplot as plt
import numpy as np
from matplotlib import cbook
from matplotlib.backends.backend_agg import FigureCanvasAgg
from PIL import Image

from helpers._shared.arguments import as_text

__all__ = ["LeanCanvas", "house_figure"]

LEAN = 140_000  # bytes: with its coding as text a figure stays below 150 kB in a notebook
STYLE = Path(__file__).with_name("house.mplstyle")
WORDS = {"name", "title", "xlabel", "ylabel"}  # options of the figures that are written as they are


def house_figure(draw):
    """Let a function draw in the house style and return its figure closed, so that a cell shows it once.

    The figure writes small PNG files, see `LeanCanvas`. What is written on it must be text, see `WORDS`.

    Args:
        draw: a function that returns a matplotlib Figure made by pyplot.

    Returns:
        The function, wrapped; matplotlib's own settings are as before when it returns or fails.
    """

    @functools.wraps(draw)
    def drawn(*args, **options):
        for name in WORDS & options.keys():
            as_text(options[name], name)
        plt.draw_if_interactive()  # loads the notebook's backend: its settings would be lost with the style
        before = set(plt.get_fignums())
        try:
            with plt.ioff(), plt.style.context(STYLE):
                figure = draw(*args, **options)
        finally:
            for number in set(plt.get_fignums()) - before:
                plt.close(number)
        LeanCanvas(figure)
        return figure

    return drawn


class LeanCanvas(FigureCanvasAgg):
    """A canvas that writes PNG files with a palette of 256 colours: a third of the size, the same to the eye.

    Photographs in colour keep all of theirs as long as the file stays small.
    """

    def print_png(self, filename_or_obj, **options):
        """Write the figure as PNG.

        Args:
            filename_or_obj: a path or a file open for writing bytes.
            **options: what matplotlib passes to canvases: some it has done itself already, and metadata would make
                files of the same figure differ.
        """
        self.draw()
        image = Image.fromarray(np.asarray(self.buffer_rgba())).convert("RGB")
        pictures = [picture for axes in self.figure.axes for picture in axes.images]
        maps = list({picture.cmap.name: picture.cmap for picture in pictures if picture.get_array().ndim == 2}.values())
        photographs = [_box(picture.axes, image) for picture in pictures if _is_coloured(picture.get_array())]
        for lean in _ever_leaner(image, maps, photographs):
            written = io.BytesIO()
            lean.save(written, "PNG", optimize=True, dpi=(self.figure.dpi, self.figure.dpi))
            if len(written.getvalue()) <= LEAN:
                break
        with cbook.open_file_cm(filename_or_obj, "wb") as file:
            file.write(written.getvalue())


def _is_coloured(array):
    """Whether a picture is no map of values and not grey: a photograph."""
    return array.ndim == 3 and not (array[..., :1] == array[..., :3]).all()


def _box(axes, image):
    """Where axes lie in the image of their figure: (left, top, right, bottom) in pixels."""
    left, bottom, right, top = np.round(axes.get_window_extent().extents).astype(int).tolist()
    return max(left, 0), max(image.height - top, 0), min(right, image.width), min(image.height - bottom, image.height)


def _ever_leaner(image, maps, photographs):
    """Yield an image with ever fewer colours, the best first."""
    if photographs:
        yield image
        for most, colours in ((96, 256), (48, 256), (24, 96), (24, 48)):
            yield _white(_mixed(image, maps, photographs, most, colours))
        return
    lean = image.quantize(palette=_palette(image, maps, 192), dither=Image.Dither.NONE)
    error = np.abs(np.asarray(lean.convert("RGB"), np.int16) - np.asarray(image, np.int16)).max(axis=-1)
    if np.mean(error > 16) >= 0.01:
        yield image
    yield _white(lean)
    yield _white(image.quantize(256, method=Image.Quantize.FASTOCTREE))


def _mixed(image, maps, photographs, most, colours):
    """Few colours, mixed from neighbouring pixels in photographs: plain areas would make posters of them."""
    widths = [right - left for left, _, right, _ in photographs]
    strip = Image.new("RGB", (sum(widths), max(bottom - top for _, top, _, bottom in photographs)), "white")
    for number, box in enumerate(photographs):
        strip.paste(image.crop(box), (sum(widths[:number]), 0))
    palette = _palette(strip, maps, most, colours)
    lean = image.quantize(palette=palette, dither=Image.Dither.NONE)
    for box in photographs:
        lean.paste(image.crop(box).quantize(palette=palette, dither=Image.Dither.FLOYDSTEINBERG), box)
    return lean


def _palette(image, maps, most, colours=256):
    """Choose colours: greys and at most so many of the colour maps, so that bars stay smooth; then the most used."""
    chosen = [each(np.linspace(0, 1, most // len(maps[:4])))[:, :3] for each in maps[:4]]
    chosen = np.uint8(np.round(255 * np.concatenate([np.linspace((0, 0, 0), (1, 1, 1), 16), *chosen])))
    found = image.quantize(colours - len(chosen)).getpalette()[: 3 * (colours - len(chosen))]
    palette = Image.new("P", (1, 1))
    palette.putpalette([*chosen.ravel().tolist(), *found])
    return palette


def _white(image):
    """Make the paper, whose colour is that of the first pixel, quite white again."""
    palette = image.getpalette()
    paper = 3 * image.getpixel((0, 0))
    palette[paper : paper + 3] = [255, 255, 255]
    image.putpalette(palette)
    return image
