"""Image files: where a set of them lies, and each as an array, upright, in the colours asked for, and checked first."""

import hashlib
import json
import os
import re
import warnings
from contextlib import suppress
from pathlib import Path

import numpy as np
from PIL import Image, ImageOps, UnidentifiedImageError
from tqdm import tqdm

from helpers import course
from helpers._shared.arguments import CourseError, as_choice, as_path, as_size
from helpers._shared.files import write_beside

__all__ = ["check_folder", "name_first", "natural_order", "read_fitted", "read_image", "set_folder", "with_progress"]

FORMATS = ("JPEG", "PNG", "GIF", "BMP", "TIFF", "WEBP", "PPM")  # EPS would start another program
SUFFIXES = frozenset([".jpg", ".jpeg", ".jfif", ".png", ".gif", ".bmp", ".tif", ".tiff", ".webp", ".pgm", ".ppm"])


def read_image(path, *, size=None, colour="rgb"):
    """Read one image file, upright, with values from 0 to 1.

    CMYK, palette and 16-bit files are converted (16 bits by their full range), transparent places become
    white unless the opacity is asked for, and of an animation the first frame is read.

    Args:
        path: the file: JPEG, PNG, GIF, BMP, TIFF, WebP or PPM.
        size: side of a square or (height, width), in pixels; None keeps the file's own size. The aspect
            ratio is not kept, as in the articles.
        colour: "rgb", "grey", or "rgba" with the opacity as a fourth channel.

    Returns:
        float32 array (height, width, 3), (height, width, 1) for grey, (height, width, 4) for rgba, values 0..1.

    Raises:
        FileNotFoundError: if there is no such file.
        CourseError: if it cannot be read as an image, or an argument is wrong.
    """
    as_choice(colour, "colour", ("rgb", "grey", "rgba"))
    size = None if size is None else as_size(size)
    return _to_array(_decode_or_say(path, size, opacity=colour == "rgba")[0], size, colour)


def read_fitted(path, side):
    """Read one image file, upright, fitted whole into a square; the rest gets the mean colour of its border.

    Args:
        path: the file.
        side: side of the square, in pixels.

    Returns:
        float32 array (side, side, 3), values 0..1, and (height, width) of the file in pixels.

    Raises:
        FileNotFoundError: if there is no such file.
        CourseError: if it cannot be read as an image.
    """
    image, shape = _decode_or_say(path, (side, side))
    height, width = (max(1, round(length * side / max(shape))) for length in shape)
    small = _to_array(image, (height, width), "rgb")
    border = np.concatenate([small[0], small[-1], small[:, 0], small[:, -1]])
    square = np.full((side, side, 3), border.mean(axis=0), np.float32)
    top, left = (side - height) // 2, (side - width) // 2
    square[top : top + height, left : left + width] = small
    return square, shape


def natural_order(name):
    """Return a sorting key that puts ``drawing(2)`` before ``drawing(10)``, the same on every machine.

    Args:
        name: a file name.

    Returns:
        A list of text and numbers in turn.
    """
    return [int(piece) if piece.isdecimal() and piece.isascii() else piece for piece in re.split(r"([0-9]+)", name)]


def _decode_or_say(path, size, *, opacity=False):
    """One file as an image, and its (height, width); what is wrong with it in one sentence."""
    path = as_path(path, "an image file")
    try:
        image, _, shape = _decode(path, size=size, opacity=opacity)
        return image, shape
    except CourseError as error:
        raise CourseError(f"{path} cannot be read as an image: {error}; name another file.") from None


def _decode(path, *, size=None, opacity=False):
    """One file as an image (RGB, RGBA with opacity, or F with 0..255 for 16 bits), its own mode, and (height, width).

    Errors are a CourseError with the bare reason, or FileNotFoundError.
    """
    try:
        with path.open("rb") as file, warnings.catch_warnings():
            warnings.simplefilter("ignore")  # Pillow's remarks on odd metadata; what matters is an error here
            warnings.simplefilter("error", Image.DecompressionBombWarning)  # a small file can claim to fill the memory
            return _open_upright(file, size, opacity)
    except FileNotFoundError:
        raise FileNotFoundError(f"there is no image file {path}: check its name and folder.") from None
    except UnidentifiedImageError:
        raise CourseError(f"its content is none of {', '.join(FORMATS)}") from None
    except Exception as error:  # for damaged bytes Pillow raises nearly every kind there is
        reason = getattr(error, "strerror", None) or str(error).strip(". ") or type(error).__name__
        raise CourseError(reason) from None


def _open_upright(file, size, opacity):
    image = Image.open(file, formats=FORMATS)
    mode, shape = image.mode, (image.height, image.width)
    if size is not None:
        # a large JPEG is decoded at 3 times the side wanted or more: off by 1/255, up to 4 times faster
        image.draft(None, (3 * max(size),) * 2)
    image.load()  # a TIFF turns itself, its size even before
    upright = image
    with suppress(Exception):  # damaged metadata, whole picture: read it as it lies
        upright = ImageOps.exif_transpose(image)
    if upright.size != image.size:
        shape = shape[::-1]
    return _to_plain(upright, opacity), mode, shape


def _to_plain(image, opacity):
    if image.mode.startswith("I"):
        return _from_16_bits(image)
    if image.mode == "F":
        raise CourseError("its values are 32-bit floats of unknown range")
    if opacity:
        return image.convert("RGBA")
    if image.has_transparency_data:
        image = Image.alpha_composite(Image.new("RGBA", image.size, "white"), image.convert("RGBA"))
    return image.convert("RGB")


def _from_16_bits(image):
    values = np.asarray(image).astype(np.float32)
    if values.max() > 65535 or values.min() < 0:
        raise CourseError("its values are 32-bit numbers of unknown range")
    transparent = image.info.get("transparency")
    if isinstance(transparent, int):
        values[values == transparent] = 65535  # white
    return Image.fromarray(values / np.float32(257))  # 65535 becomes 255


def _to_array(image, size, colour):
    if colour == "grey" and image.mode == "RGB":
        image = image.convert("L")
    if size is not None and (image.height, image.width) != size:
        image = image.resize(size[::-1], Image.Resampling.LANCZOS)
    values = np.atleast_3d(np.asarray(image, np.float32) / np.float32(255)).clip(0, 1)  # in floats Lanczos overshoots
    if colour == "grey" or values.shape[2] > 1:
        return values
    opacity = [np.ones_like(values)] if colour == "rgba" else []
    return np.concatenate([values, values, values, *opacity], axis=2)  # of 16 bits, all of it there


def check_folder(folder, *, name):
    """Decode every image file of a folder once, and say what was found.

    A file that cannot be read is left out and named in a note; one whose mode is not RGB is converted
    and counted in a note, with Pillow's name of its mode; hidden files, folders and other files are
    named as not read. Finished
    checks are remembered under ``build/checks`` by file name, size and time of last change.

    Args:
        folder: the folder of one class.
        name: what the sentences call it, such as "shapes/circles".

    Returns:
        Dict of the readable images in natural order (2 before 10), path to a text that is equal where the decoded
        pixels are; and a list of sentences on what was left out, converted or not read.
    """
    images, others = [], []
    for path in sorted(Path(folder).iterdir(), key=lambda path: natural_order(path.name)):
        is_image = path.suffix.lower() in SUFFIXES and not path.name.startswith(".") and path.is_file()
        (images if is_image else others).append(path)
    digest = hashlib.sha256(os.fsencode(Path(folder).resolve())).hexdigest()
    memory = course.build_folder("checks") / f"{digest[:12]}.json"
    known = {}
    with suppress(OSError, ValueError):  # there is none yet, or it is damaged
        known = json.loads(memory.read_text(encoding="utf-8"))
    checked = {}
    for path in with_progress(images, "checking"):
        # the first number is to be raised when what is remembered changes
        stamp = [3, path.stat().st_size, path.stat().st_mtime_ns]
        entry = known.get(path.name)
        checked[path.name] = entry if entry and entry["stamp"] == stamp else {"stamp": stamp, **_check_file(path)}
    if checked != known:
        with suppress(OSError):  # where there is no room to remember it, the folder is checked again next time
            write_beside(memory, json.dumps(checked))
    contents = {path: checked[path.name]["content"] for path in images if checked[path.name]["content"]}
    return contents, list(_notes(name, checked, others))


def _check_file(path):
    try:
        image, mode, _ = _decode(path)
    except CourseError as error:
        return {"problem": str(error), "mode": "RGB", "content": None}
    if image.mode == "F":
        image = Image.fromarray(np.rint(np.asarray(image)).astype(np.uint8)).convert("RGB")
    content = hashlib.sha256(f"{image.size}".encode() + image.tobytes()).hexdigest()
    return {"problem": None, "mode": mode, "content": content}


def _notes(name, checked, others):
    for file, entry in checked.items():
        if entry["problem"]:
            yield f"{name}/{file} cannot be read as an image and is left out: {entry['problem']}."
    converted = [f"{file} ({entry['mode']})" for file, entry in checked.items() if entry["mode"] != "RGB"]
    if converted:
        yield f"{name}: converted to plain 8-bit RGB: {name_first(converted)}."
    if others:
        yield f"{name}: no image file, so not read: {name_first([path.name for path in others])}."


def name_first(names):
    """Return "a, b, c and 4 more": the first names of a list, and the count of the rest.

    Args:
        names: a list of str.

    Returns:
        A str.
    """
    more = len(names) - 3
    return ", ".join(names[:3]) + (f" and {more} more" if more > 0 else "")


def with_progress(files, word):
    """Go through files; of many, show how far in a terminal, so that no notebook keeps a bar in its output.

    Args:
        files: a list of paths.
        word: what is done with each.

    Returns:
        An iterator over the files.
    """
    return tqdm(files, desc=word, unit="file", leave=False, disable=None if len(files) > 500 else True)


def set_folder(name):
    """Find a set of files; embedded ones are drawn on first use, and anew when the code that draws changes.

    Args:
        name: the set's name, such as "shapes".

    Returns:
        The folder as a Path.
    """
    if course.origin(name) == "real":
        return course.data_folder() / name
    folder = course.build_folder("embedded", _drawing_version()) / name
    if not folder.is_dir():
        from helpers.drawing import draw_set  # late: most readers have a real set, or a drawn one already

        try:
            draw_set(name, folder)
        except OSError:
            if not folder.is_dir():  # else another process was faster: its folder holds the same images
                raise
    return folder


def _drawing_version():
    """Eight letters that change with the code that draws."""
    sources = sorted((Path(__file__).parents[1] / "drawing").rglob("*.py"))
    code = b"".join(source.read_bytes().replace(b"\r\n", b"\n") for source in sources)
    return hashlib.sha256(code).hexdigest()[:8]
