"""Handwritten digits as arrays: Kaggle's CSV, MNIST's archive, and the digits that come with scikit-learn."""

import warnings
from contextlib import contextmanager
from pathlib import Path

import numpy as np
from PIL import Image

from helpers._shared.errors import CourseError

__all__ = ["embedded_digits", "read_digit_csv", "read_mnist"]

SIDE = 28  # pixels
COLUMNS = ("label", *(f"pixel{place}" for place in range(SIDE * SIDE)))
WHAT_TO_DO = "run python -m helpers data, or take its folder away"


def read_digit_csv(path):
    """Read digits in the format of Kaggle's competition "digit-recognizer".

    Args:
        path: a CSV file with the columns label, pixel0 ... pixel783; a digit a row, values 0 to 255.

    Returns:
        Images, uint8 (n, 28, 28, 1), and labels, int64 (n,).

    Raises:
        FileNotFoundError: if there is no such file.
        CourseError: if it is of another form.
    """
    others = "the others a label from 0 to 9 and whole numbers from 0 to 255"
    with _reading(path, f"line 1 must be label,pixel0,...,pixel783, {others}") as path, warnings.catch_warnings():
        warnings.simplefilter("error")  # a fraction, which NumPy would round, or no rows
        table = _read_table(path)
        return _as_digits(table[:, 1:].reshape(-1, SIDE, SIDE), table[:, 0])


def _read_table(path):
    """The rows of Kaggle's table; an error of some kind where it is another."""
    with path.open(encoding="utf-8-sig") as file:
        if file.readline().strip() != ",".join(COLUMNS):
            raise ValueError("other columns")
        return np.loadtxt(file, np.uint8, delimiter=",", comments=None, ndmin=2)


@contextmanager
def _reading(path, form):
    """Say in one sentence what is wrong with a file of digits that the block cannot read."""
    path = Path(path)
    if not path.is_file():
        raise FileNotFoundError(f"there is no file {path}: {WHAT_TO_DO}.")
    try:
        yield path
    except Exception:  # for damaged bytes NumPy, zipfile and zlib raise many kinds
        raise CourseError(f"{path} is damaged, or holds no digits: {form}; get the file anew.") from None


def _as_digits(images, labels):
    """Images with an axis for channels, and labels as integers; an error of some kind where they are none."""
    fits = images.dtype == np.uint8 and images.shape == (len(labels), SIDE, SIDE) and labels.ndim == 1
    if not fits or labels.dtype.kind not in "iu" or labels.min() < 0 or labels.max() > 9:
        raise ValueError("no digits")
    return images[..., np.newaxis], labels.astype(int)


def read_mnist(path):
    """Read MNIST in keras' format.

    Args:
        path: an .npz file with x_train, y_train, x_test and y_test.

    Returns:
        Dict of "x_train" and "x_test", uint8 (n, 28, 28, 1), "y_train" and "y_test", int64 (n,).

    Raises:
        FileNotFoundError: if there is no such file.
        CourseError: if it cannot be read or holds something else.
    """
    images, arrays = f"x_train and x_test must be uint8 (n, {SIDE}, {SIDE})", {}
    form = f"{images}, y_train and y_test whole numbers (n,) from 0 to 9"
    with _reading(path, form) as path, np.load(path) as archive:
        for part in ("train", "test"):
            arrays[f"x_{part}"], arrays[f"y_{part}"] = _as_digits(archive[f"x_{part}"], archive[f"y_{part}"])
    return arrays


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
    return np.stack([_to_mnist_form(image) for image in digits.images])[..., np.newaxis], digits.target


def _to_mnist_form(image):
    """One digit of (8, 8), values 0..16, as uint8 (28, 28)."""
    from scipy.ndimage import center_of_mass  # late: other sets do without it

    rows, columns = np.flatnonzero(image.any(axis=1)), np.flatnonzero(image.any(axis=0))
    ink = image[rows[0] : rows[-1] + 1, columns[0] : columns[-1] + 1].astype(np.float32)
    # as MNIST's, a digit fills a box of 20 pixels, and its centre of mass lies 14 pixels from the top and from the left
    height, width = (max(1, round(side * 20 / max(ink.shape))) for side in ink.shape)
    ink = np.asarray(Image.fromarray(ink).resize((width, height), Image.Resampling.LANCZOS)).clip(0)
    ink = ink / ink.max()  # MNIST's strokes are black in their middle
    middles = zip(center_of_mass(ink), ink.shape)
    top, left = (int(np.clip(round(14 - middle), 0, SIDE - side)) for middle, side in middles)
    placed = np.zeros((SIDE, SIDE), np.float32)
    placed[top : top + height, left : left + width] = ink
    return np.rint(placed * 255).astype(np.uint8)
