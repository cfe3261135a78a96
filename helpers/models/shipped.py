"""Trained networks that come with the course: small files, each with its SHA-256 and how it was made."""

import hashlib
import io
import json

import keras
import numpy as np

from helpers import course
from helpers._shared.arguments import CourseError, as_file_name
from helpers._shared.quiet_keras import without_xla
from helpers.models.loading import load_model

__all__ = ["pretrained", "pretrained_files", "unpacked"]


def pretrained_files(name):
    """Return the paths of a network and of what is known about it.

    Args:
        name: such as "mnist_cnn".

    Returns:
        (path of the ``.keras`` or ``.npz`` file, path of the ``.json`` file); neither need exist.

    Raises:
        CourseError: if the name is none.
    """
    name, folder = as_file_name(name, "the name of a network"), course.ROOT / "data" / "pretrained"
    small = folder / f"{name}.npz"
    return small if small.is_file() else folder / f"{name}.keras", folder / f"{name}.json"


def pretrained(name):
    """Load a network that comes with the course.

    Args:
        name: such as "mnist_cnn".

    Returns:
        The uncompiled keras.Model, and a dict that says how it was made: "training", "key", "seed", "epochs",
        "which", "validation" and "tests" (scores), "sha256" of the file, "versions".

    Raises:
        FileNotFoundError: if there is no such network; the sentence lists those there are.
        CourseError: if the file is not the one that was shipped, or the name is none.
    """
    file, note = pretrained_files(name)
    if not (file.is_file() and note.is_file()):
        there = sorted(path.stem for path in file.parent.glob("*.json"))
        raise FileNotFoundError(
            f"no network {name!r} with its note comes with the course; there are {', '.join(there) or 'none'}."
        )
    about = json.loads(note.read_text(encoding="utf-8"))
    data = file.read_bytes()
    if hashlib.sha256(data).hexdigest() != about["sha256"]:
        raise CourseError(f"data/pretrained/{file.name} is not the file that was shipped: get it anew with git.")
    return unpacked(data) if file.suffix == ".npz" else load_model(file), about


def unpacked(data):
    """Build the network that `helpers.workshop.shipping.packed` has written.

    Args:
        data: the bytes of the ``.npz`` file.

    Returns:
        The keras.Model, not compiled; its weights are float32 again.
    """
    with np.load(io.BytesIO(data), allow_pickle=False) as arrays:
        network = keras.models.model_from_json(arrays["config"].item())
        weights = []
        for number in range(len(network.weights)):
            values = arrays[f"{number}"].astype("float32")
            weights.append(values * arrays[f"{number}_scale"] if f"{number}_scale" in arrays else values)
    network.set_weights(weights)
    return without_xla(network)
