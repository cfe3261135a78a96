"""Image files to arrays: upright, in the colours asked for, and checked before a training meets them."""

import hashlib
import json
import re
import warnings
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from PIL import Image, ImageOps, UnidentifiedImageError
from tqdm import tqdm

from helpers import course
from helpers._shared.arguments import as_path, as_size, brief
from helpers._shared.errors import CourseError
from helpers._shared.files import write_beside

__all__ = ["FolderCheck", "check_folder", "name_first", "natural_order", "read_image", "read_images"]

FORMATS = ("JPEG", "PNG", "GIF", "BMP", "TIFF", "WEBP", "PPM")  # EPS would start another program
SUFFIXES = frozenset([".jpg", ".jpeg", ".jfif", ".png", ".gif", ".bmp", ".tif", ".tiff", ".webp", ".pgm", ".ppm"])
LARGEST = 100_000_000  # pixels; a file of a few kilobytes can claim more and fill the memory
ORIENTATION = 0x0112  # the EXIF entry that says how the camera was held
DRAFT = 3  # a large JPEG is decoded at 3 times the side wanted or more: off by 1/255, up to 4 times faster
MANY_FILES = 500  # from here on a progress bar is shown (in a terminal only)
MEMORY_FORM = 1  # raise it when what a check remembers changes
NAMED_FIRST = 3  # names given in a sentence before it goes on with a count


@dataclass(frozen=True)
class FolderCheck:
    """What the check of one folder found: the readable images, their contents, and what to tell the reader.

    Args:
        files: tuple of paths, in natural order (2 before 10).
        contents: tuple of str, one per file: equal where the decoded pixels are equal.
        notes: tuple of sentences on what was left out, converted or not read.
    """

    files: tuple
    contents: tuple
    notes: tuple


def read_image(path, *, size=None, colour="rgb"):
    """Read one image file, upright, with values from 0 to 1.

    CMYK, palette and 16-bit files are converted (16 bits by their full range), transparent places become
    white, and of an animation the first frame is read.

    Args:
        path: the file: JPEG, PNG, GIF, BMP, TIFF, WebP or PPM.
        size: side of a square or (height, width), in pixels; None keeps the file's own size. The aspect
            ratio is not kept, as in the articles.
        colour: "rgb" or "grey".

    Returns:
        float32 array (height, width, 3), or (height, width, 1) for grey, values 0..1.

    Raises:
        FileNotFoundError: if there is no such file.
        CourseError: if it cannot be read as an image, or an argument is wrong.
    """
    if not isinstance(colour, str) or colour not in ("rgb", "grey"):
        raise CourseError(f'colour must be "rgb" or "grey", not {brief(colour)}.')
    path = as_path(path, "an image file")
    size = None if size is None else as_size(size)
    try:
        image, _ = _decode(path, size=size)
    except FileNotFoundError:
        raise FileNotFoundError(f"there is no image file {path}: check its name and folder.") from None
    except ValueError as error:
        raise CourseError(f"{path} cannot be read as an image: {error}; name another file.") from None
    return _to_array(image, size, colour)


def read_images(files, *, size, colour="rgb"):
    """Read image files into one array, see ``read_image``.

    Args:
        files: paths of image files.
        size: side of a square or (height, width), in pixels.
        colour: "rgb" or "grey".

    Returns:
        float32 array (n, height, width, 3 or 1), values 0..1.

    Raises:
        FileNotFoundError: if a file is missing.
        CourseError: if a file cannot be read.
    """
    images = np.empty((len(files), *as_size(size), 3 if colour == "rgb" else 1), np.float32)
    for place, path in enumerate(_with_progress(files, "reading")):
        images[place] = read_image(path, size=size, colour=colour)
    return images


def natural_order(name):
    """Return a sorting key that puts ``drawing(2)`` before ``drawing(10)``, the same on every machine.

    Args:
        name: a file name.

    Returns:
        A list of text and numbers in turn.
    """
    return [int(piece) if piece.isdecimal() and piece.isascii() else piece for piece in re.split(r"([0-9]+)", name)]


def _decode(path, *, size=None):
    """One file as (image of mode RGB, or F with 0..255 for 16-bit grey; list of what was converted).

    Errors are a CourseError with the bare reason, or FileNotFoundError.
    """
    if path.is_dir():
        raise CourseError("it is a folder")
    try:
        with path.open("rb") as file, warnings.catch_warnings():
            warnings.simplefilter("ignore")  # Pillow's remarks on odd metadata; what matters is an error here
            if not file.read(1):
                raise CourseError("it is empty (zero bytes)")
            file.seek(0)
            return _open_upright(file, size)
    except FileNotFoundError:
        raise
    except UnidentifiedImageError:
        raise CourseError(f"its content is none of {', '.join(FORMATS)}") from None
    except Image.DecompressionBombError:
        raise CourseError(f"it has more than {LARGEST // 10**6} million pixels") from None
    except Exception as error:  # for damaged bytes Pillow raises nearly every kind there is
        reason = getattr(error, "strerror", None) or str(error).strip(". ") or type(error).__name__
        raise CourseError(reason) from None


def _open_upright(file, size):
    image = Image.open(file, formats=FORMATS)
    if image.width * image.height > LARGEST:
        raise CourseError(f"it has more than {LARGEST // 10**6} million pixels")
    converted = _what_is_special(image)
    if size is not None:
        image.draft(None, (DRAFT * max(size),) * 2)
    try:
        turned = image.getexif().get(ORIENTATION, 1) in range(2, 9)
    except Exception:  # damaged metadata, whole picture: read it as it lies, and say so
        turned = False
        converted.append("damaged EXIF")
    image.load()  # a TIFF turns itself here, and what follows leaves it so
    if turned:
        image = ImageOps.exif_transpose(image)
        converted.append("turned upright")
    return _to_plain(image), converted


def _what_is_special(image):
    """In which ways a file just opened is not plain 8-bit RGB: a list of words."""
    frames = image.format in ("GIF", "PNG", "WEBP", "TIFF") and getattr(image, "n_frames", 1) > 1
    sixteen = image.mode.startswith("I") or ";16" in str([tile[3] for tile in image.tile])
    words = {
        "CMYK": image.mode == "CMYK",
        "16-bit": sixteen,
        "transparent": image.has_transparency_data,
        "palette": image.mode in ("P", "PA"),
        "black and white": image.mode == "1",
        "greyscale": image.mode in ("L", "LA") or image.mode.startswith("I"),
        "first frame of several": frames,
    }
    return [word for word, holds in words.items() if holds]


def _to_plain(image):
    if image.mode.startswith("I"):
        return _from_16_bits(image)
    if image.mode == "F":
        raise CourseError("its values are 32-bit floats of unknown range")
    if image.has_transparency_data:
        image = image.convert("RGBA")
        white = Image.new("RGBA", image.size, "white")
        image = Image.alpha_composite(white, image)
    return image if image.mode == "RGB" else image.convert("RGB")


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
    values = np.asarray(image, dtype=np.float32) / np.float32(255)
    if image.mode == "F":
        values = values.clip(0, 1)  # in floats Lanczos overshoots at edges
    if values.ndim == 2:
        values = values[..., np.newaxis]
    return np.repeat(values, 3, axis=2) if colour == "rgb" and values.shape[2] == 1 else values


def check_folder(folder, *, name):
    """Decode every image file of a folder once, and say what was found.

    A file that cannot be read is left out and named in a note; one that has to be converted to plain 8-bit
    RGB stays and is counted in a note; hidden files, folders and other files are named as not read. Finished
    checks are remembered under ``build/checks`` by file name, size and time of last change.

    Args:
        folder: the folder of one class.
        name: what the sentences call it, such as "shapes/circles".

    Returns:
        A FolderCheck.
    """
    images, others = _list_folder(Path(folder))
    memory = course.build_folder("checks") / f"{_short_hash(str(Path(folder).resolve()))}.json"
    known, found = _recall(memory), {}
    for path in _with_progress(images, "checking"):
        stamp, before = _stamp(path), known.get(path.name)
        unchanged = stamp is not None and _is_entry(before) and before["stamp"] == stamp
        found[path.name] = before if unchanged else {"stamp": stamp, **_check_file(path)}
    if found != known:
        _remember(memory, found)
    good = [path for path in images if found[path.name]["problem"] is None]
    contents = tuple(found[path.name]["content"] for path in good)
    return FolderCheck(tuple(good), contents, tuple(_notes(name, found, others)))


def _list_folder(folder):
    """Paths of the image files in natural order, and the names of all else."""
    paths = sorted(folder.iterdir(), key=lambda path: natural_order(path.name))
    images = [
        path
        for path in paths
        if not path.name.startswith(".") and path.suffix.lower() in SUFFIXES and not path.is_dir()
    ]
    taken = set(images)
    return images, [path.name for path in paths if path not in taken]


def _check_file(path):
    try:
        image, converted = _decode(path)
    except (ValueError, FileNotFoundError) as error:
        reason = "it is a link to nothing" if isinstance(error, FileNotFoundError) else str(error)
        return {"problem": reason, "converted": [], "content": None}
    if image.mode == "F":
        image = Image.fromarray(np.rint(np.asarray(image)).astype(np.uint8)).convert("RGB")
    content = hashlib.sha256(f"{image.size}".encode() + image.tobytes()).hexdigest()
    return {"problem": None, "converted": converted, "content": content}


def _notes(name, found, others):
    for file, entry in found.items():
        if entry["problem"]:
            yield f"{name}/{file} cannot be read as an image and is left out: {entry['problem']}."
    converted = [f"{file} ({', '.join(entry['converted'])})" for file, entry in found.items() if entry["converted"]]
    if converted:
        yield f"{name}: converted to plain 8-bit RGB: {name_first(converted)}."
    if others:
        yield f"{name}: no image file by name, so not read: {name_first(others)}."


def name_first(names):
    """Return "a, b, c and 4 more": the first names of a list, and the count of the rest.

    Args:
        names: a list of str.

    Returns:
        A str.
    """
    more = len(names) - NAMED_FIRST
    return ", ".join(names[:NAMED_FIRST]) + (f" and {more} more" if more > 0 else "")


def _stamp(path):
    try:
        status = path.stat()
    except OSError:
        return None
    return [status.st_size, status.st_mtime_ns]


def _is_entry(entry):
    """Whether a remembered entry has the form that this version writes."""
    if not isinstance(entry, dict) or set(entry) != {"stamp", "problem", "converted", "content"}:
        return False
    texts = all(entry[key] is None or isinstance(entry[key], str) for key in ("problem", "content"))
    words = isinstance(entry["converted"], list) and all(isinstance(word, str) for word in entry["converted"])
    return texts and words and (entry["problem"] is None) != (entry["content"] is None)


def _recall(memory):
    """What an earlier check remembered; nothing where that is missing, damaged or of another form."""
    try:
        kept = json.loads(memory.read_text(encoding="utf-8"))
    except (OSError, ValueError, RecursionError):
        return {}
    good = isinstance(kept, dict) and kept.get("form") == MEMORY_FORM and isinstance(kept.get("files"), dict)
    return kept["files"] if good else {}


def _remember(memory, found):
    with suppress(OSError):  # where there is no room to remember it, the folder is checked again next time
        write_beside(memory, json.dumps({"form": MEMORY_FORM, "files": found}))


def _short_hash(text):
    return hashlib.sha256(text.encode("utf-8", "surrogateescape")).hexdigest()[:12]


def _with_progress(files, word):
    # disable=None: a bar in a terminal only, so that no notebook keeps one in its output
    return tqdm(files, desc=word, unit="file", leave=False, disable=None if len(files) > MANY_FILES else True)
