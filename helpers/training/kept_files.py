"""Where finished and interrupted trainings lie, and how they are written and read.

results    data/results/NAME-KEY.json in a full run, build/results/ in a quick one; both are looked up
networks   build/trained/NAME-KEY-WHICH.keras, without optimizer; WHICH is "last" or a selected quantity
state      build/trained/NAME-KEY.state.npz of a training under way: all of it in one file

KEY is the first 12 digits of the training's key. Every file is written beside its place under a name
of its own and renamed into it, so that neither a kill nor a second process leaves half a file.
"""

import json
import math
import os
import re
import secrets
import time
import warnings
from contextlib import contextmanager, suppress

import keras
import numpy as np

from helpers import course
from helpers._shared.arguments import brief
from helpers._shared.errors import CourseError
from helpers._shared.files import disk_errors
from helpers._shared.quiet_keras import without_xla
from helpers.training.kept_key import weights_hash

__all__ = [
    "checked_name",
    "drop_state",
    "file_stem",
    "kept_results",
    "read_network",
    "read_record",
    "read_state",
    "write_network",
    "write_record",
    "write_state",
]

KEY_DIGITS = 12
LEFTOVER_SECONDS = 3600  # a file beside its place that is older was left by a killed process


def file_stem(name, key):
    """Return what the names of a training's files begin with.

    Args:
        name: the training's name.
        key: its key.

    Returns:
        NAME-KEY, with the key's first digits.
    """
    return f"{name}-{key[:KEY_DIGITS]}"


def checked_name(name):
    """Return a training's name, of which the names of its files are made, or say that it is none.

    Args:
        name: what the caller gave.

    Returns:
        The same.

    Raises:
        CourseError: if it is not made of small letters, digits, "_" and "-".
    """
    if not isinstance(name, str) or not re.fullmatch(r"[a-z0-9][a-z0-9_-]*", name):
        raise CourseError(f"name must be made of small letters, digits, _ and -, not {brief(name)}: correct it.")
    return name


@contextmanager
def _beside(target):
    """Give a new name beside the target to write to; what was written there becomes the target."""
    beside = target.with_name(f".{secrets.token_hex(4)}-{os.getpid()}-{target.name}")
    try:
        with disk_errors(target, advice="make room, and start again: what was kept before is still there"):
            target.parent.mkdir(parents=True, exist_ok=True)
            yield beside
            os.replace(beside, target)
    finally:
        with suppress(OSError):
            beside.unlink(missing_ok=True)


def _not_usable(path, why):
    """Warn, in one sentence, that a file is taken as missing."""
    warnings.warn(f"{path.parent.name}/{path.name} {why}: it is taken as missing.", stacklevel=2)


def _results_files(name, key):
    """Where results may lie: the local file first, because the local networks belong to it."""
    file = f"{file_stem(name, key)}.json"
    return course.ROOT / "build" / "results" / file, course.ROOT / "data" / "results" / file


def read_record(name, key):
    """Read the results of a finished training.

    Args:
        name: the training's name.
        key: its whole key; results of any other key are not taken.

    Returns:
        The record as a dict, with NaN where a number was none; None where there is no usable one.
    """
    for path in _results_files(name, key):
        if not path.is_file():
            continue
        try:
            record = _with_nan(json.loads(path.read_text(encoding="utf-8")))
            if record["key"] == key and _complete(record):
                return _also_where_committed(record)
        except Exception:  # a damaged file makes its reader fail in many ways
            pass
        _not_usable(path, "is damaged or holds another training")
    return None


def kept_results(name):
    """Read the results of finished full trainings that come with the course, without any training.

    Args:
        name: the name that ``kept_training`` was given.

    Returns:
        A list of dicts, by seed: "seed", "epochs", "seconds", "history" (one value an epoch), "tests" and more, as
        the files in ``data/results/`` hold them; an empty list where there is none.

    Raises:
        CourseError: if it is no name of a training.

    Example:
        >>> [run["history"]["val_accuracy"][-1] for run in kept_results("mnist_article")]
    """
    found = []
    for path in sorted((course.ROOT / "data" / "results").glob(f"{checked_name(name)}-*.json")):
        try:
            record = _with_nan(json.loads(path.read_text(encoding="utf-8")))
            if record["name"] == name and _complete(record):
                found.append(record)
        except Exception:  # a damaged file makes its reader fail in many ways
            _not_usable(path, "is damaged")
    return sorted(found, key=lambda record: record["seed"])


def _complete(record):
    """Tell whether a record has the parts that are asked of it."""
    tests = [{"sha256", "scores"} <= set(test) for test in record["tests"].values()]
    lists = [len(values) == record["epochs"] for values in record["history"].values()]
    whole = all(isinstance(record[part], dict) for part in ("best", "networks"))
    return whole and all(tests) and all(lists) and record["seconds"] >= 0


def _also_where_committed(record):
    """In a full run, have the results in data/results too, when only a quick run has left them."""
    local, committed = _results_files(record["name"], record["key"])
    if course.profile() == "full" and local.is_file() and not committed.is_file():
        write_record(record)
    return record


def write_record(record):
    """Write the results of a finished training: one line for each part.

    Where the course's own results say the same but for time and machine, they stay: to repeat a training only to have
    its network changes no file of the course.

    Args:
        record: dict of JSON values with "name" and "key"; what is not finite is written as null.
    """
    local, committed = _results_files(record["name"], record["key"])
    full = course.profile() == "full"
    lines = [f"{json.dumps(part)}: {json.dumps(_without_nan(value))}" for part, value in record.items()]
    if not (full and _say_the_same(committed, lines)):
        with _beside(committed if full else local) as beside:
            beside.write_text("{\n" + ",\n".join(lines) + "\n}\n", encoding="utf-8")
    if full:  # older local results would hide these
        local.unlink(missing_ok=True)


def _say_the_same(path, lines):
    """Tell whether a file of results holds these lines, but for those on the circumstances."""
    if not path.is_file():
        return False
    circumstances = tuple(f'"{part}": ' for part in ("seconds", "resumed_after", "versions"))
    there = [line.removesuffix(",") for line in path.read_text(encoding="utf-8", errors="replace").splitlines()[1:-1]]
    return [line for line in there if not line.startswith(circumstances)] == [
        line for line in lines if not line.startswith(circumstances)
    ]


def _without_nan(value):
    """Replace what JSON does not know by None."""
    if isinstance(value, dict):
        return {name: _without_nan(inner) for name, inner in value.items()}
    if isinstance(value, (list, tuple)):
        return [_without_nan(inner) for inner in value]
    return None if isinstance(value, float) and not math.isfinite(value) else value


def _with_nan(record):
    """Bring NaN back into histories and scores."""

    def numbers(value):
        if isinstance(value, dict):
            return {name: numbers(inner) for name, inner in value.items()}
        if isinstance(value, list):
            return [numbers(inner) for inner in value]
        return math.nan if value is None else value

    return {part: numbers(value) if part in ("history", "tests") else value for part, value in record.items()}


def _network_file(name, key, which):
    """Path of one kept network."""
    return course.ROOT / "build" / "trained" / f"{file_stem(name, key)}-{which}.keras"


def write_network(name, key, which, network):
    """Keep a network without its optimizer.

    Args:
        name: the training's name.
        key: its whole key.
        which: "last", or the selected quantity.
        network: a built keras model; it is not changed.

    Returns:
        SHA-256 of its weights.
    """
    bare = type(network).from_config(network.get_config())  # never compiled
    bare.set_weights(network.get_weights())
    with _beside(_network_file(name, key, which)) as beside:
        bare.save(beside)
    return weights_hash(bare)


def read_network(name, key, which, sha256):
    """Load a kept network.

    Args:
        name: the training's name.
        key: its whole key.
        which: "last", or the selected quantity.
        sha256: what its weights must have, as the results say.

    Returns:
        The network, not compiled; None where it is missing or not the one.
    """
    path = _network_file(name, key, which)
    if not path.is_file():
        return None
    try:
        network = keras.models.load_model(path, compile=False)
    except Exception:  # a damaged file makes its reader fail in many ways
        _not_usable(path, "is damaged")
        return None
    if weights_hash(network) != sha256:
        _not_usable(path, "is not the network of these results")
        return None
    return without_xla(network)


def _state_file(name, key):
    """Path of the state of a training under way."""
    return course.ROOT / "build" / "trained" / f"{file_stem(name, key)}.state.npz"


def write_state(name, key, progress, arrays):
    """Keep all of a training under way in one file.

    Args:
        name: the training's name.
        key: its whole key.
        progress: dict of JSON values (NaN allowed).
        arrays: dict of text to list of arrays.
    """
    flat = {f"{group}/{number}": array for group, each in arrays.items() for number, array in enumerate(each)}
    about = {"key": key, "progress": progress, "groups": {group: len(each) for group, each in arrays.items()}}
    flat["about"] = np.frombuffer(json.dumps(about).encode(), dtype=np.uint8)
    with _beside(_state_file(name, key)) as beside:
        np.savez(beside, **flat)


def read_state(name, key):
    """Read what ``write_state`` has kept.

    Args:
        name: the training's name.
        key: its whole key.

    Returns:
        (progress, arrays), or None where there is no usable state.
    """
    path = _state_file(name, key)
    if not path.is_file():
        return None
    try:
        with np.load(path, allow_pickle=False) as flat:
            about = json.loads(flat["about"].tobytes())
            arrays = {
                group: [flat[f"{group}/{number}"] for number in range(count)]
                for group, count in about["groups"].items()
            }
        if about["key"] == key:
            return about["progress"], arrays
    except Exception:  # a damaged file makes its reader fail in many ways
        pass
    _not_usable(path, "is damaged or of another training")
    return None


def drop_state(name, key):
    """Remove the state of a training that is finished, and what killed processes left beside it.

    Args:
        name: the training's name.
        key: its whole key.
    """
    path = _state_file(name, key)
    path.unlink(missing_ok=True)
    for leftover in path.parent.glob(f".*-{file_stem(name, key)}*"):
        try:
            if time.time() - leftover.stat().st_mtime > LEFTOVER_SECONDS:
                leftover.unlink()
        except OSError:  # another process was faster
            continue
