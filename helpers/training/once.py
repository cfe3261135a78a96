"""Train only once: a folder for a training, which says whether that very training was finished in it before."""

import csv
import hashlib
import json
import re
import shutil
from pathlib import Path

import numpy as np

from helpers._shared.arguments import as_text, as_whole_number, brief
from helpers._shared.errors import CourseError
from helpers._shared.files import write_beside
from helpers.course import build_folder

__all__ = ["folder_for", "is_finished"]

HISTORY = "history.csv"  # what keras.callbacks.CSVLogger is told to write
SETTINGS = "settings.json"  # what the training in the folder depends on


def folder_for(name, network, data, *, epochs, **fit):
    """Return the folder of a training, and say in a line whether it was finished there before.

    It was, if the network (its layers and first weights), what ``compile`` and ``fit`` are told and the data are those
    of then, and the last epoch stands in its ``history.csv``. Anything else in the folder is removed, and the line
    says why the training begins anew: nothing that was interrupted is taken for finished.

    Args:
        name: what to call the training, such as "shapes"; the folder is ``build/trainings/NAME``.
        network: the compiled keras.Model, before its training.
        data: what it is trained on and checked with: arrays, folders of images (Path), objects with ``images`` and
            ``labels``, and lists of these.
        epochs: how many epochs the training has.
        **fit: what else ``fit`` is told that changes the result, such as ``batch_size``.

    Returns:
        The folder as a Path: empty but for a note, or with the files of the finished training.

    Raises:
        CourseError: if the network is not compiled, or the data cannot be told apart.

    Example:
        >>> folder = folder_for("shapes", network, [train, check], epochs=20, batch_size=16)
        >>> if not is_finished(folder):
        ...     network.fit(..., callbacks=[ModelCheckpoint(folder / "best.keras"), CSVLogger(folder / "history.csv")])
    """
    if not getattr(network, "compiled", False):
        raise CourseError(f"a compiled keras.Model is needed, not {brief(network)}: call network.compile(...) first.")
    settings = {
        "the network": _digest([_without_numbers(_as_json(network.get_config())), network.get_weights()]),
        "what compile is told": _digest(_without_numbers(_as_json(network.get_compile_config()))),
        "what fit is told": _digest(_as_json(fit)),
        "the data": _digest(data),
        "epochs": as_whole_number(epochs, "epochs"),
    }
    folder = build_folder("trainings", as_text(name, "name"))
    changed = _what_changed(folder, settings)
    if not changed:
        print(f"{name}: trained before, {epochs} epochs; delete {folder.name}/ in build/trainings/ to train again")
        return folder
    shutil.rmtree(folder)
    folder.mkdir()
    write_beside(folder / SETTINGS, json.dumps(settings, indent=1))
    print(f"{name}: trains now ({changed})")
    return folder


def is_finished(folder):
    """Tell whether the training of a folder was finished: its last epoch stands in ``history.csv``.

    Args:
        folder: what `folder_for` returned.

    Returns:
        True or False.

    Raises:
        CourseError: if it is no folder.
    """
    if not isinstance(folder, (str, Path)):
        raise CourseError(f"the folder that folder_for returned is needed, not {brief(folder)}: give it.")
    folder = Path(folder)
    if not (folder / HISTORY).is_file() or not (folder / SETTINGS).is_file():
        return False
    with open(folder / HISTORY, newline="", encoding="utf-8") as file:
        rows = list(csv.DictReader(file))
    return len(rows) >= json.loads((folder / SETTINGS).read_text(encoding="utf-8"))["epochs"]


def _what_changed(folder, settings):
    """Say in words why the training of a folder is not the one asked for; "" where it is."""
    if not (folder / SETTINGS).is_file():
        return "for the first time"
    try:
        before = dict(json.loads((folder / SETTINGS).read_text(encoding="utf-8")))
        different = [what for what, digest in settings.items() if before.get(what) != digest]
        if different:
            return f"different from last time: {', '.join(different)}"
        return "" if is_finished(folder) else "the last time it was interrupted"
    except (ValueError, TypeError, KeyError, OSError):
        return "the files of the last time are damaged"


def _as_json(settings):
    return json.dumps(settings, sort_keys=True, default=str)


def _without_numbers(text):
    """Leave out the numbers by which Keras tells things of one kind apart: they grow with every one that is made."""
    return re.sub(r'_\d+"', '"', text)


def _digest(data):
    """Return a fingerprint of data: of every number and of every file's content, whatever they are kept in."""
    fingerprint = hashlib.sha256()
    _take(data, fingerprint)
    return fingerprint.hexdigest()


def _take(data, fingerprint):
    if isinstance(data, str):
        fingerprint.update(data.encode())
    elif isinstance(data, Path):
        if not data.exists():
            raise CourseError(f"there is no {data} to train on: check its name.")
        for path in sorted(data.rglob("*")) if data.is_dir() else [data]:
            if path.is_file():
                fingerprint.update(path.relative_to(data).as_posix().encode() + path.read_bytes())
    elif hasattr(data, "images") and hasattr(data, "labels"):
        _take([data.images, data.labels], fingerprint)
    elif isinstance(data, (list, tuple)):
        for part in data:
            _take(part, fingerprint)
    else:
        array = np.ascontiguousarray(data)
        if array.dtype == object:
            raise CourseError(f"arrays or a folder of images are needed to tell data apart, not {brief(data)}.")
        fingerprint.update(f"{array.dtype}{array.shape}".encode() + array.tobytes())
