"""Trained networks that come with the course: small files, each with its SHA-256 and how it was made."""

import hashlib
import json
import os
import re
import secrets

from helpers import course
from helpers._shared.arguments import brief
from helpers._shared.errors import CourseError
from helpers.models.loading import load_model

__all__ = ["LARGEST", "pretrained", "ship"]

LARGEST = 1_000_000  # bytes of a network that may come with the course


def pretrained_files(name):
    """Return the paths of a network and of what is known about it.

    Args:
        name: such as "mnist_cnn".

    Returns:
        (path of the ``.keras`` file, path of the ``.json`` file); neither need exist.
    """
    folder = course.ROOT / "data" / "pretrained"
    return folder / f"{name}.keras", folder / f"{name}.json"


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
    file, note = pretrained_files(_checked_name(name))
    if not (file.is_file() and note.is_file()):
        there = sorted(path.stem for path in file.parent.glob("*.keras"))
        raise FileNotFoundError(
            f"no network {name!r} with its note comes with the course; there are {', '.join(there) or 'none'}."
        )
    about = json.loads(note.read_text(encoding="utf-8"))
    if hashlib.sha256(file.read_bytes()).hexdigest() != about["sha256"]:
        raise CourseError(f"data/pretrained/{file.name} is not the file that was shipped: get it anew with git.")
    return load_model(file), about


def ship(run, name, *, which="last"):
    """Let a network of a finished training come with the course, unless it already does.

    Args:
        run: a ``KeptTraining``.
        name: what to call it.
        which: "last", or a selected quantity.

    Returns:
        True when the files were written, False when a network of this very training was there.

    Raises:
        KeyError: if no such network was kept; the sentence lists those there are.
        CourseError: if the file would be larger than ``LARGEST``, the name is none, or run no training.
    """
    file, note = pretrained_files(_checked_name(name))
    if not all(hasattr(run, part) for part in ("key", "network", "about")):
        raise CourseError(f"a finished training is needed, not {brief(run)}: give what kept_training returns.")
    if file.is_file() and note.is_file():
        there = json.loads(note.read_text(encoding="utf-8"))
        if (there["key"], there["which"]) == (run.key, which):
            return False
    network = run.network(which)
    file.parent.mkdir(parents=True, exist_ok=True)
    beside = file.with_name(f".{secrets.token_hex(4)}-{file.name}")
    notes = beside.with_suffix(".json")
    try:
        network.save(beside)
        data = beside.read_bytes()
        if len(data) > LARGEST:
            raise CourseError(f"{name} has {len(data):,} bytes, and {LARGEST:,} at most may come with the course.")
        about = {"sha256": hashlib.sha256(data).hexdigest(), **run.about(which)}
        notes.write_text(json.dumps(about, indent=1) + "\n", encoding="utf-8")
        os.replace(beside, file)
        os.replace(notes, note)
    finally:
        for path in (beside, notes):
            path.unlink(missing_ok=True)
    return True


def _checked_name(name):
    if not isinstance(name, str) or not re.fullmatch(r"[\w.-]{1,100}", name):
        raise CourseError(f'the name of a network such as "mnist_cnn" is needed, not {brief(name)}: correct it.')
    return name
