"""Let a trained network come with the course: data/pretrained, which notebooks read by `helpers.models.pretrained`."""

import hashlib
import io
import json
import tempfile
from pathlib import Path

import numpy as np

from helpers._shared.errors import CourseError
from helpers._shared.files import write_beside
from helpers.models.shipped import pretrained_files, unpacked

__all__ = ["LARGEST", "LARGEST_PACKED", "packed", "ship_network", "ship_packed"]

LARGEST = 1_000_000  # bytes of a network that may come with the course
LARGEST_PACKED = 4_000_000  # and of one with a large dense layer, in eight bits a weight
LARGE = 100_000  # weights of a dense layer that are worth eight bits each


def ship_network(network, name, about):
    """Let a trained network come with the course.

    Args:
        network: the keras.Model; it is saved without its training's state.
        name: what to call it.
        about: dict of what is known of its training; the file's SHA-256 is added.

    Raises:
        CourseError: if the file would be larger than ``LARGEST``, or the name is none.
    """
    file, note = pretrained_files(name)
    with tempfile.TemporaryDirectory() as folder:
        saved = Path(folder, file.name)
        bare = type(network).from_config(network.get_config())  # not compiled: the optimizer's numbers stay out
        bare.set_weights(network.get_weights())
        bare.save(saved)
        data = saved.read_bytes()
    if len(data) > LARGEST:
        raise CourseError(f"{name} has {len(data):,} bytes, and {LARGEST:,} at most may come with the course.")
    write_beside(file, data)
    write_beside(note, json.dumps({"sha256": hashlib.sha256(data).hexdigest(), **about}, indent=1) + "\n")


def packed(network):
    """Write a network in few bytes: weights in half precision, those of large dense layers in eight bits.

    Args:
        network: the built keras.Model; it is not changed.

    Returns:
        The bytes of an ``.npz`` file: ``config`` (JSON), and for each array of weights its number as float16, or,
        for a matrix of more than 100,000 weights, as int8 from -127 to 127 with a float32 ``NUMBER_scale`` per unit.
    """
    arrays = {"config": np.array(network.to_json())}
    for number, weights in enumerate(network.get_weights()):
        if weights.ndim == 2 and weights.size > LARGE:
            scale = np.abs(weights).max(axis=0).clip(1e-12) / 127  # one per unit
            arrays |= {f"{number}": np.rint(weights / scale).astype("int8"), f"{number}_scale": scale}
        else:
            arrays[f"{number}"] = weights.astype("float16")
    file = io.BytesIO()
    np.savez_compressed(file, **arrays)
    return file.getvalue()


def ship_packed(network, name, about, images):
    """Let a network that is too large for full precision come with the course in half precision and eight bits.

    Args:
        network: the keras.Model.
        name: what to call it.
        about: dict of what is known of its training; the file's SHA-256 is added, and ``agreement``: of how many
            images the packed network gives the same answer, and the largest difference of a probability.
        images: array (n, ...): unseen images that the two are compared on.

    Raises:
        CourseError: if the file would be larger than ``LARGEST_PACKED``, or the name is none.
    """
    data = packed(network)
    if len(data) > LARGEST_PACKED:
        raise CourseError(f"{name} has {len(data):,} bytes packed, and {LARGEST_PACKED:,} at most may come along.")
    ours, theirs = (each.predict(images, verbose=0) for each in (network, unpacked(data)))
    same = _answers(ours) == _answers(theirs)
    agreement = {"images": len(images), "same answer": int(same.sum())}
    agreement["largest difference"] = round(float(np.abs(ours - theirs).max()), 4)
    file, note = pretrained_files(name)
    write_beside(file.with_suffix(".npz"), data)
    about = {"sha256": hashlib.sha256(data).hexdigest(), **about, "agreement": agreement}
    write_beside(note, json.dumps(about, indent=1) + "\n")


def _answers(probabilities):
    """The class that each row of probabilities names, of one output or of several."""
    return probabilities[:, 0] > 0.5 if probabilities.shape[1] == 1 else probabilities.argmax(axis=1)
