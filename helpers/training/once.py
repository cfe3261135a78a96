"""Train only once: a folder for a training, which says whether that very training was finished in it before."""

import json
import re
import shutil
from hashlib import sha256
from pathlib import Path

from helpers._shared.arguments import CourseError, as_numbers, as_path, as_text, as_whole_number, brief
from helpers._shared.files import write_beside
from helpers.course import build_folder
from helpers.training.kept_key import array_hash

__all__ = ["folder_for", "is_finished"]

HISTORY = "history.csv"  # what keras.callbacks.CSVLogger is told to write
SETTINGS = "settings.json"  # what the training in the folder depends on


def folder_for(name, network, data, *, epochs, **fit):
    """Return the folder of a training, and say in a line whether it was finished there before.

    It was, if the network (its layers and first weights), what ``compile`` and ``fit`` are told and the data are those
    of then, and the last epoch stands in its ``history.csv``. Else the line says why the training begins anew, and
    what an interrupted one has left is removed. Trainings with other arguments or data have folders of their own.

    Args:
        name: what to call the training, such as "shapes"; the folder is ``build/trainings/NAME-KEY``.
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
    as_text(name, "name")
    if not getattr(network, "compiled", False):
        raise CourseError(f"a compiled keras.Model is needed, not {brief(network)}: call network.compile(...) first.")
    settings = {
        "the network": _digest([_without_numbers(network.get_config()), network.get_weights()]),
        "what compile is told": _digest(_without_numbers(network.get_compile_config())),
        "what fit is told": _digest(json.dumps(fit, sort_keys=True, default=str)),
        "the data": _digest(data),
        "epochs": as_whole_number(epochs, "epochs"),
    }
    key = _digest(json.dumps(settings))[:8]
    others = build_folder("trainings").glob(f"{name}-????????/{SETTINGS}")
    before = sorted(others, key=lambda other: other.stat().st_mtime)
    folder = build_folder("trainings", f"{name}-{key}")
    if is_finished(folder):
        print(f"{name}: trained before, {epochs} epochs; delete build/trainings/{folder.name} to train again")
        return folder
    changed = _what_changed(before, folder, settings)
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
    settings, history = (as_path(folder, "the folder of a training") / name for name in (SETTINGS, HISTORY))
    if not settings.is_file() or not history.is_file():
        return False
    lines = history.read_text(encoding="utf-8").splitlines()  # a header, and one for each epoch
    return len(lines) > json.loads(settings.read_text(encoding="utf-8"))["epochs"]


def _what_changed(before, folder, settings):
    """Say in words what sets a training apart from the last one of its name."""
    if folder / SETTINGS in before:
        return "the last time it was interrupted"
    if not before:
        return "for the first time"
    last = json.loads(before[-1].read_text(encoding="utf-8"))
    return f"different from last time: {', '.join(what for what, value in settings.items() if last.get(what) != value)}"


def _without_numbers(settings):
    """Leave out the numbers by which Keras tells things of one kind apart: they grow with every one that is made."""
    return re.sub(r'_\d+"', '"', json.dumps(settings, sort_keys=True, default=str))


def _digest(data):
    """Return a fingerprint of data: of every number and of every file's content, whatever they are kept in."""
    if isinstance(data, str):
        return sha256(data.encode()).hexdigest()
    if isinstance(data, Path):
        files = [data] if data.is_file() else sorted(path for path in data.rglob("*") if path.is_file())
        if not files:
            raise CourseError(f"there is no file in {data} to train on: check its name.")
        return _digest([path.relative_to(data).as_posix() + sha256(path.read_bytes()).hexdigest() for path in files])
    if hasattr(data, "images") and hasattr(data, "labels"):
        return _digest([data.images, data.labels])
    if isinstance(data, (list, tuple)):
        return _digest("".join(map(_digest, data)))
    return array_hash(as_numbers(data, "the data of a training"))
