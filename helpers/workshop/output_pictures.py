"""The pictures among the outputs of an executed notebook, whatever kind of file they are."""

import io
from base64 import b64decode
from dataclasses import dataclass, field

__all__ = ["KINDS", "Picture", "picture_suffix", "pictures_of", "small_jpeg"]

KINDS = ("image/png", "image/jpeg")


@dataclass(frozen=True)
class Picture:
    """A picture that a cell put out.

    Attributes:
        content: bytes of the file, PNG or JPEG.
        width: how wide it is shown, in pixels of the page; None where the output does not say it.
    """

    content: bytes = field(repr=False)
    width: int | None

    @property
    def suffix(self):
        """The ending of its file's name, ".png" or ".jpg"."""
        return picture_suffix(self.content)


def picture_suffix(content):
    """Tell from a picture's first bytes how the name of its file ends.

    Args:
        content: bytes of a PNG or JPEG file.

    Returns:
        ".jpg" or ".png".
    """
    return ".jpg" if content.startswith(b"\xff\xd8") else ".png"


def pictures_of(outputs):
    """Find the pictures among outputs.

    Args:
        outputs: a cell's outputs, as nbformat or json reads them.

    Returns:
        A list of Picture, in order.
    """
    found = []
    for output in outputs:
        kind = next((kind for kind in KINDS if kind in output.get("data", {})), None)  # Pillow's have both: one picture
        if kind:
            text = "".join(output["data"][kind])
            found.append(Picture(b64decode(text), output.get("metadata", {}).get(kind, {}).get("width")))
    return found


def small_jpeg(picture, *, largest):
    """Make a small copy of a picture.

    Args:
        picture: bytes of a PNG or JPEG file, or the file's Path.
        largest: pixels of the copy's longer side, at most.

    Returns:
        A pair: bytes of a JPEG file, and its size (width, height).
    """
    from PIL import Image  # here, because it takes a while, and most that look for pictures need none

    written = io.BytesIO()
    with Image.open(io.BytesIO(picture) if isinstance(picture, bytes) else picture) as image:
        copy = image.convert("RGB")
    copy.thumbnail((largest, largest))
    copy.save(written, "JPEG", quality=80, optimize=True)
    return written.getvalue(), copy.size
