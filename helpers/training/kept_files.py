"""Where finished and interrupted trainings lie, and how they are written and read.

results    data/results/SET.json in a full run, build/results/ in a quick one; both are looked up
networks   build/trained/NAME-KEY-WHICH.keras, without optimizer; WHICH is "last" or a selected quantity
state      build/trained/NAME-KEY.state.npz of a training under way: all of it in one file

SET is the first word of the training's name (before "_" or "-"), so that the results of a data set are one file: a
list of records, by name, seed and key, each of one line for each part. KEY is the first 12 digits of the training's
key. Every file is written beside its place and renamed into it, so that a kill leaves no half file; records are
written under a lock, so that trainings that end at the same time all have theirs in the file. What is damaged is taken
as missing, with a warning.
"""

import json
import math
import os
import re
import time
import warnings

import keras
import numpy as np
from filelock import FileLock

from helpers import course
from helpers._shared.arguments import as_file_name
from helpers._shared.files import beside, disk_errors, write_beside
from helpers._shared.quiet_keras import without_xla
from helpers.training.kept_key import weights_hash

__all__ = ["kept_results", "read_network", "read_record", "read_state", "write_network", "write_record", "write_state"]

KEY_DIGITS = 12
PARTS = {"best", "epochs", "history", "networks", "seconds", "tests", "versions"}  # of a record, asked for later
CIRCUMSTANCES = ("seconds", "resumed_after", "versions")  # of a record: how it was trained, not what came out
ADVICE = "make room, and start again: what was kept before is still there"


def _not_usable(path, why, then="it is taken as missing"):
    """Warn, in one sentence, that a file is not what it should be."""
    warnings.warn(f"{path.parent.name}/{path.name} {why}: {then}.", stacklevel=2)


def _replaced(value, when, by):
    """A JSON value, with ``by`` for each of the values in it of which ``when`` is true."""
    if isinstance(value, dict):
        return {name: _replaced(inner, when, by) for name, inner in value.items()}
    if isinstance(value, (list, tuple)):
        return [_replaced(inner, when, by) for inner in value]
    return by if when(value) else value


# Results


def _results_files(name):
    """Paths of the results of a training's data set: the local one, and the one that comes with the course."""
    file = f"results/{re.split('[_-]', name)[0]}.json"
    return course.ROOT / "build" / file, course.ROOT / "data" / file


def _order(record):
    """What records are sorted by, and what tells them apart."""
    return record["name"], record["seed"], record["key"]


def _records(path, *, set_aside=False):
    """All records of a file; none where it is missing, or damaged: then it warns, and moves it away if asked to."""
    try:
        return sorted(json.loads(path.read_text(encoding="utf-8")), key=_order) if path.is_file() else []
    except Exception:  # a damaged file makes its reader fail in many ways
        then = "it is taken as missing"
        if set_aside:
            aside = path.with_name(f"{path.name}.damaged-{time.time_ns()}")
            os.replace(path, aside)
            then = f"it now lies beside as {aside.name}, with all that was in it"
        _not_usable(path, "is damaged", then)
        return []


def _usable(path, name, key=None):
    """The whole records of a name, or of one key, with NaN where a number was none."""
    usable = []
    for record in _records(path):
        if record["name"] == name and key in (None, record["key"]):
            if set(record) >= PARTS:
                numbers = {part: record[part] for part in ("history", "tests")}
                usable.append(record | _replaced(numbers, lambda value: value is None, math.nan))
            else:
                _not_usable(path, f"lacks parts of {name} (seed {record['seed']}, key {record['key'][:KEY_DIGITS]})")
    return usable


def read_record(name, key):
    """Read the results of a finished training. A full run takes over into data/results what only a quick run has left.

    Args:
        name: the training's name.
        key: its whole key; results of any other key are not taken.

    Returns:
        The record as a dict, with NaN where a number was none; None where there is no usable one.
    """
    local, committed = (_usable(path, name, key) for path in _results_files(name))
    if local and not committed and course.profile() == "full":
        write_record(local[0])
    return next(iter(local + committed), None)  # the local one first, because the local networks belong to it


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
    return _usable(_results_files(as_file_name(name, "name"))[1], name)


def write_record(record):
    """Write the results of a finished training into the file of its data set, and remove its state.

    The other records in the file stay; a file that is damaged is moved away first, and a sentence says so. Where the
    course's own results say the same but for time and machine, they stay: to repeat a training only to have its network
    changes no file of the course.

    Args:
        record: dict of JSON values with "name", "seed" and "key"; what is not finite is written as null.

    Raises:
        OSError: if it cannot be written; one sentence says why.
    """
    record = _replaced(record, lambda value: isinstance(value, float) and not math.isfinite(value), None)
    full = course.profile() == "full"
    local, committed = _results_files(record["name"])
    with disk_errors(local, advice=ADVICE), FileLock(course.build_folder("results") / f".{local.stem}.lock"):
        target = committed if full else local
        records = _records(target, set_aside=True)
        if not full or _learned(record) not in map(_learned, records):
            _write_records(target, [*_others(records, record), record])
        if full and local.is_file():  # older local results would hide these
            _write_records(local, _others(_records(local, set_aside=True), record))
    _trained_file(record, ".state.npz").unlink(missing_ok=True)


def _others(records, record):
    """The records of other trainings than that of a record."""
    return [each for each in records if _order(each) != _order(record)]


def _learned(record):
    """A record without the circumstances of its training."""
    return {part: value for part, value in record.items() if part not in CIRCUMSTANCES}


def _write_records(path, records):
    """Write a file of results; the same records always make the same bytes."""
    texts = []
    for record in sorted(records, key=_order):
        lines = [f"{json.dumps(part)}: {json.dumps(value)}" for part, value in record.items()]
        texts.append("{\n" + ",\n".join(lines) + "\n}")
    write_beside(path, "[\n" + ",\n".join(texts) + "\n]\n", advice=ADVICE)


# Networks and states


def _trained_file(record, ending):
    """Path of a network or a state, which are not committed."""
    return course.ROOT / "build" / "trained" / f"{record['name']}-{record['key'][:KEY_DIGITS]}{ending}"


def write_network(record, which, network):
    """Keep a network without its optimizer, and note the SHA-256 of its weights in the record.

    Args:
        record: dict with "name", "key" and "networks".
        which: "last", or the selected quantity.
        network: a built keras model; it is not changed.
    """
    bare = type(network).from_config(network.get_config())  # never compiled
    bare.set_weights(network.get_weights())
    with beside(_trained_file(record, f"-{which}.keras"), advice=ADVICE) as file:
        bare.save(file)
    record["networks"][which] = weights_hash(bare)


def read_network(record, which):
    """Load a kept network.

    Args:
        record: dict with "name", "key" and "networks", which says what weights it must have.
        which: "last", or the selected quantity.

    Returns:
        The network, not compiled; None where it is missing or not the one.
    """
    path = _trained_file(record, f"-{which}.keras")
    if not path.is_file():
        return None
    try:
        network = keras.models.load_model(path, compile=False)
        if weights_hash(network) == record["networks"][which]:
            return without_xla(network)
        _not_usable(path, "is not the network of these results")
    except Exception:  # a damaged file makes its reader fail in many ways
        _not_usable(path, "is damaged")
    return None


def write_state(record, variables, best_weights):
    """Keep all of a training under way in one file.

    Args:
        record: dict of JSON values (NaN allowed) with "name" and "key": the results so far.
        variables: list of arrays: all that changes in the training.
        best_weights: dict of selected quantity -> list of arrays: its best network so far.
    """
    arrays = {}
    for group, each in {"variables": variables, **best_weights}.items():
        arrays |= {f"{group}/{number}": array for number, array in enumerate(each)}
    with beside(_trained_file(record, ".state.npz"), advice=ADVICE) as file:
        np.savez(file, record=json.dumps(record), **arrays)


def read_state(record, *, shapes):
    """Read what ``write_state`` has kept of a training.

    Args:
        record: dict with "name" and "key".
        shapes: list of tuples: the shapes of what changes in the training.

    Returns:
        The record, variables and best_weights that were written; None where there is no usable state.
    """
    path = _trained_file(record, ".state.npz")
    if not path.is_file():
        return None
    arrays = {}
    try:
        with np.load(path, allow_pickle=False) as flat:
            kept = json.loads(flat["record"].item())
            for part in flat.files[1:]:  # in the order in which they were written
                arrays.setdefault(part.rpartition("/")[0], []).append(flat[part])
        variables = arrays.pop("variables")
        if kept["key"] == record["key"] and [array.shape for array in variables] == shapes:
            return kept, variables, arrays
    except Exception:  # a damaged file makes its reader fail in many ways
        pass
    _not_usable(path, "is damaged or of another training")
    return None
