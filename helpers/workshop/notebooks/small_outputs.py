"""Make the pictures of an executed notebook small: a palette for charts and maps, JPEG where photographs are shown."""

import base64
import io

import numpy as np
from PIL import Image

from helpers.workshop.output_pictures import picture_suffix

__all__ = ["shrink_pictures", "small_picture"]

WHOLE = 2_100_000  # bytes of all pictures of a notebook: as text they take a third more, and it stays under 3 MB
LARGEST = (400_000, 250_000, 150_000, 100_000)  # bytes of one picture; the first that makes them fit into WHOLE
QUALITIES = (88, 80, 70, 60, 50)  # of JPEG: the first that keeps to LARGEST; the last leaves traces around letters
MANY = 30_000  # colours; only photographs have as many, and to choose a palette for them takes seconds
BLOCK = 16  # pixels: a speckle or a line of another colour fills a good part of such a square
SEEN = 3  # of 255: mean difference in a block; more shows as bands and speckles on a photograph


def shrink_pictures(notebook):
    """Replace each PNG picture in a notebook's outputs by its small form, which may be a JPEG.

    Args:
        notebook: the executed notebook (nbformat); it is changed.
    """
    outputs = [output for cell in notebook.cells for output in cell.get("outputs", [])]
    outputs = [output for output in outputs if "image/png" in output.get("data", {})]
    pictures = [
        (base64.b64decode(output.data.pop("image/png")), output.metadata.pop("image/png", None)) for output in outputs
    ]
    small = [small_picture(png, even=size is not None) for png, size in pictures]
    for largest in LARGEST[1:]:
        if sum(map(len, small)) <= WHOLE:
            break
        for place, (png, size) in enumerate(pictures):
            if len(small[place]) > largest:
                small[place] = small_picture(png, even=size is not None, largest=largest)
    for output, content, (_, size) in zip(outputs, small, pictures):
        kind = "image/jpeg" if picture_suffix(content) == ".jpg" else "image/png"
        output.data[kind] = base64.b64encode(content).decode("ascii")
        if size is not None:
            output.metadata[kind] = size


def small_picture(png, *, even=False, largest=LARGEST[0]):
    """Write a picture with a palette of 256 colours where that looks the same and is small, else as a JPEG.

    Colours are never mixed from dots of others (dithering): neighbouring pixels of a map would get other colours.

    Args:
        png: the picture's bytes (PNG).
        even: whether a last odd row and column go, because two pixels of it make one of the page.
        largest: bytes; a picture that would have more becomes a JPEG, of less quality if need be.

    Returns:
        The bytes of the small picture (PNG or JPEG), the same for the same picture; all its colours in a PNG where no
        other is smaller.
    """
    image = Image.open(io.BytesIO(png))
    if image.convert("RGBA").getextrema()[3] != (255, 255):
        return png  # transparent pixels
    if even and (image.width % 2 or image.height % 2):
        image = image.crop((0, 0, image.width // 2 * 2, image.height // 2 * 2))
        png = _written(image, "PNG")
    colours = image.convert("RGB")
    choices = [png]
    palette = _palette(colours)
    if palette and _looks_like(palette, colours):
        choices.append(_written(palette, "PNG", optimize=True))
        if len(choices[-1]) <= largest:
            return min(choices, key=len)
    for quality in QUALITIES:
        # Without subsampling, so that letters and lines have no coloured fringe.
        choices.append(_written(colours, "JPEG", quality=quality, subsampling=0, optimize=True, progressive=True))
        if len(choices[-1]) <= largest:
            break
    return min(choices, key=len)


def _palette(colours):
    """The picture with 256 colours that lie far apart, so that a rare one, of a thin line, is among them; or None."""
    if colours.getcolors(MANY) is None:
        return None
    return colours.quantize(256, Image.Quantize.MAXCOVERAGE, kmeans=1, dither=Image.Dither.NONE)


def _looks_like(palette, colours):
    """Whether a picture with a palette differs nowhere so much from the picture with all colours that one sees it."""
    error = np.abs(np.asarray(palette.convert("RGB"), np.int16) - np.asarray(colours, np.int16)).max(axis=-1)
    for axis in (0, 1):
        starts = np.arange(0, error.shape[axis], BLOCK)
        error = np.add.reduceat(error, starts, axis=axis) / BLOCK
    return error.max() <= SEEN


def _written(image, kind, **options):
    """The bytes of a picture's file, with the pixels an inch that it had."""
    file = io.BytesIO()
    image.save(file, kind, **options, **{name: image.info[name] for name in ("dpi",) if name in image.info})
    return file.getvalue()
