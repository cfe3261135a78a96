"""Handwritten digits as arrays: Kaggle's CSV, MNIST's archive, and the digits that come with scikit-learn."""

import csv
from pathlib import Path

import numpy as np
from PIL import Image

from helpers._shared.errors import CourseError

__all__ = ["embedded_digits", "read_digit_csv", "read_mnist"]

SIDE = 28  # pixels
BOX = 20  # pixels: MNIST's digits fill a box of this side
MIDDLE = 14  # MNIST's centre of mass, in pixels from the top and from the left
COLUMNS = ("label", *(f"pixel{place}" for place in range(SIDE * SIDE)))
ROWS_AT_ONCE = 5000  # a whole table of 64-bit numbers would take 260 MB
WHAT_TO_DO = "run python -m helpers data, or take its folder away"
DIGITS = frozenset("0123456789")
PLAIN_VALUES = frozenset(map(str, range(256)))
MNIST_ARRAYS = ("x_train", "y_train", "x_test", "y_test")


def read_digit_csv(path):
    """Read digits in the format of Kaggle's competition "digit-recognizer".

    Args:
        path: a CSV file with the columns label, pixel0 ... pixel783; a digit a row, values 0 to 255.

    Returns:
        Images, uint8 (n, 28, 28, 1), and labels, int64 (n,).

    Raises:
        FileNotFoundError: if there is no such file.
        CourseError: if it is of another form; the sentence names the line and column.
    """
    path = Path(path)
    if not path.is_file():
        raise FileNotFoundError(f"there is no file {path}: {WHAT_TO_DO}.")
    try:
        with np.errstate(invalid="ignore"):  # pandas tries to make a whole number of 1e300, and then refuses it
            table = _read_table(path)
    except Exception:  # pandas raises many kinds, and none of them names line and column
        wrong = _what_is_wrong(path) or "is not in the format of digit-recognizer"
        raise CourseError(f"{path} {wrong}: get the file anew.") from None
    return table[:, 1:].reshape(-1, SIDE, SIDE, 1), table[:, 0].astype(np.int64)


def _read_table(path):
    """All rows as uint8 (n, 785); any error says only that something is wrong."""
    import pandas as pd  # late: half a second that picture sets do not need

    chunks = pd.read_csv(path, dtype="int64", chunksize=ROWS_AT_ONCE, encoding="utf-8-sig")
    rows = []
    for chunk in chunks:
        values = chunk.to_numpy()
        good = tuple(chunk.columns) == COLUMNS and isinstance(chunk.index, pd.RangeIndex)
        if not (good and values.min() >= 0 and values.max() <= 255 and values[:, 0].max() <= 9):
            raise CourseError("not in the format of digit-recognizer")
        rows.append(values.astype(np.uint8))
    return np.concatenate(rows)


def _what_is_wrong(path):
    """The first fault of a CSV file in words, or None; slow, so asked only once reading has failed."""
    try:
        with path.open(encoding="utf-8-sig", newline="") as file:
            lines = csv.reader(file)
            wrong = _wrong_header(next(lines, []))
            rows = 0
            for row in lines if not wrong else ():
                rows += bool(row)
                wrong = _wrong_row(row, lines.line_num) if row else None
                if wrong:
                    break
            return wrong or ("has a header but no rows" if not rows else None)
    except (UnicodeDecodeError, csv.Error):
        return "is no text file of comma-separated values"
    except OSError as error:
        return f"cannot be read ({error.strerror})"


def _wrong_header(header):
    if not header:
        return "is empty; its first line must be label,pixel0,...,pixel783"
    if all(_is_number(cell) for cell in header):
        return "has no header in line 1; it must be label,pixel0,...,pixel783"
    missing = [column for column in COLUMNS if column not in header]
    if missing:
        return f"lacks the column {missing[0]} in line 1"
    if tuple(header) != COLUMNS:
        return "has other columns in line 1 than label,pixel0,...,pixel783 in this order"
    return None


def _wrong_row(row, line):
    if len(row) == len(COLUMNS) and row[0] in DIGITS and PLAIN_VALUES.issuperset(row):
        return None  # nearly every row: 42,000 of them cell by cell would take ten seconds
    if len(row) != len(COLUMNS):
        return f"has {len(row)} values in line {line} instead of {len(COLUMNS)}"
    for column, cell in zip(COLUMNS, row, strict=True):
        highest = 9 if column == "label" else 255
        if not (_is_number(cell) and int(cell) <= highest):
            return f"has {cell[:20]!r} in line {line}, column {column}, instead of 0 to {highest}"
    return None


def _is_number(cell):
    cell = cell.strip(" \t")  # what int() takes around a number; strip() alone takes more
    return cell.isascii() and cell.isdigit() and len(cell) < 20


def read_mnist(path):
    """Read MNIST in keras' format.

    Args:
        path: an .npz file with x_train, y_train, x_test and y_test.

    Returns:
        Dict of "x_train" and "x_test", uint8 (n, 28, 28), "y_train" and "y_test", int64 (n,).

    Raises:
        FileNotFoundError: if there is no such file.
        CourseError: if it cannot be read or holds something else.
    """
    path = Path(path)
    if not path.is_file():
        raise FileNotFoundError(f"there is no file {path}: {WHAT_TO_DO}.")
    try:
        with np.load(path, allow_pickle=False) as archive:
            missing = [name for name in MNIST_ARRAYS if name not in archive.files]
            arrays = {} if missing else {name: archive[name] for name in MNIST_ARRAYS}
    except Exception:  # for damaged bytes NumPy, zipfile and zlib raise many kinds
        raise CourseError(f"{path} is damaged or no archive of arrays: get the file anew.") from None
    wrong = f"lacks the array {missing[0]}" if missing else _wrong_arrays(arrays)
    if wrong:
        raise CourseError(f"{path} {wrong}: get the file anew.")
    return {name: array if name[0] == "x" else array.astype(np.int64) for name, array in arrays.items()}


def _wrong_arrays(arrays):
    for part in ("train", "test"):
        images, labels = arrays[f"x_{part}"], arrays[f"y_{part}"]
        if images.dtype != np.uint8 or images.shape[1:] != (SIDE, SIDE) or not images.size:
            return f"has x_{part} as {images.dtype} {images.shape} instead of uint8 (n, {SIDE}, {SIDE})"
        if labels.dtype.kind not in "iu" or labels.shape != images.shape[:1]:
            return f"has y_{part} as {labels.dtype} {labels.shape} instead of whole numbers ({len(images)},)"
        if labels.min() < 0 or labels.max() > 9:
            return f"has labels from {labels.min()} to {labels.max()} in y_{part} instead of 0 to 9"
    return None


def embedded_digits():
    """Bring scikit-learn's 1797 handwritten digits, 8x8 pixels each, to MNIST's form.

    The ink's box is enlarged so that its larger side (nearly always the height) is 20 pixels, and placed so
    that the centre of mass lies in the middle of 28x28 pixels, as in LeCun et al. 1998, "Gradient-based
    learning applied to document recognition".

    Returns:
        Images, uint8 (1797, 28, 28, 1), and labels, int64 (1797,).
    """
    from sklearn.datasets import load_digits  # late: it loads much of scikit-learn

    digits = load_digits()
    images = np.stack([_to_mnist_form(image) for image in digits.images])
    return images[..., np.newaxis], digits.target.astype(np.int64)


def _to_mnist_form(image):
    """One digit of (8, 8), values 0..16, as uint8 (28, 28)."""
    rows, columns = np.flatnonzero(image.any(axis=1)), np.flatnonzero(image.any(axis=0))
    ink = image[rows[0] : rows[-1] + 1, columns[0] : columns[-1] + 1].astype(np.float32)
    height, width = (max(1, round(side * BOX / max(ink.shape))) for side in ink.shape)
    ink = np.asarray(Image.fromarray(ink).resize((width, height), Image.Resampling.LANCZOS)).clip(0)
    ink = ink / ink.max()  # MNIST's strokes are black in their middle
    top, left = (_start(ink.sum(axis=axis)) for axis in (1, 0))
    placed = np.zeros((SIDE, SIDE), np.float32)
    placed[top : top + height, left : left + width] = ink
    return np.rint(placed * 255).astype(np.uint8)


def _start(profile):
    """Where a profile of ink begins so that its centre of mass lies in the middle, and all of it inside."""
    centre = (np.arange(len(profile)) * profile).sum() / profile.sum()
    return int(np.clip(round(MIDDLE - centre), 0, SIDE - len(profile)))
