"""Make the pictures of an executed notebook small: a palette of colours looks the same at a third of the size."""

import base64
import io

import numpy as np
from PIL import Image

__all__ = ["shrink_pictures", "small_png"]

LARGEST = 140_000  # bytes of a picture: no figure of a committed notebook may have more than 150,000


def shrink_pictures(notebook):
    """Replace each PNG picture in a notebook's outputs by its small form.

    Args:
        notebook: the executed notebook (nbformat); it is changed.
    """
    for cell in notebook.cells:
        for output in cell.get("outputs", []):
            data = output.get("data", {})
            if "image/png" in data:
                small = small_png(base64.b64decode(data["image/png"]))
                data["image/png"] = base64.b64encode(small).decode("ascii")


def small_png(png):
    """Write a picture with a palette of 256 colours, if 99 % of its pixels stay within 16 of 255 of their own.

    One with more colours than that keeps them all as long as it is no larger than LARGEST; then it gets a palette, too,
    and if need be one of fewer colours.

    Args:
        png: the picture's bytes (PNG).

    Returns:
        The bytes of the small picture (PNG), the same for the same picture; never more than came.
    """
    image = Image.open(io.BytesIO(png))
    if image.convert("RGBA").getextrema()[3] != (255, 255):
        return png  # transparent pixels
    colours = image.convert("RGB")
    for count in (256, 128, 64):
        small = colours.quantize(count, kmeans=1)  # without the means, a thin line beside a photograph loses its colour
        error = np.abs(np.asarray(small.convert("RGB"), np.int16) - np.asarray(colours, np.int16)).max(axis=-1)
        if np.mean(error > 16) >= 0.01 and len(png) <= LARGEST:
            return png
        written = io.BytesIO()
        small.save(written, "PNG", optimize=True, dpi=image.info.get("dpi"))
        if len(written.getvalue()) <= LARGEST:
            break
    return min(png, written.getvalue(), key=len)
