"""Where finished and interrupted trainings lie, and how they are written and read.

results    data/results/SET.json in a full run, build/results/ in a quick one; both are looked up, its own first
networks   build/trained/NAME-KEY-WHICH.keras, without optimizer; WHICH is "last" or a selected quantity
state      build/trained/NAME-KEY.state.npz of a training under way: all of it in one file

SET is the first word of the training's name (before "_" or "-"), so that the results of a data set are one file: a
list of records, by name, seed and key, each of one line for each part. KEY is the first 12 digits of the training's
key. Every file is written beside its place and renamed into it, so that a kill leaves no half file; records are
written under a lock, so that trainings that end at the same time all have theirs in the file. A damaged network or
state is taken as missing, with a warning; a damaged file of results is an error, because it holds others, too.
"""

import json
import re
import warnings
from contextlib import contextmanager

import keras
import numpy as np
from filelock import FileLock

from helpers import course
from helpers._shared.arguments import CourseError, as_file_name
from helpers._shared.files import beside, disk_errors, write_beside
from helpers._shared.quiet_keras import without_xla
from helpers.training.kept_key import array_hash

__all__ = ["kept_results", "read_network", "read_record", "read_state", "write_network", "write_record", "write_state"]

KEY_DIGITS = 12
CIRCUMSTANCES = ("seconds", "resumed_after", "versions")  # of a record: how it was trained, not what came out
ADVICE = "make room, and start again: what was kept before is still there"


@contextmanager
def _taken_as_missing(path):
    """Warn, in one sentence, of a file that the block cannot read; what follows the block goes on without it."""
    try:
        yield
    except Exception:  # a damaged file makes its reader fail in many ways
        warnings.warn(f"trained/{path.name} is damaged or of another training: it is taken as missing.", stacklevel=3)


def _must_agree(found, wanted):
    if found != wanted:
        raise ValueError("of another training")


# Results


def _results_files(name):
    """Paths of the results of a training's data set: those of full runs, which come with the course, and the others."""
    file = f"results/{re.split('[_-]', name)[0]}.json"
    return course.ROOT / "data" / file, course.ROOT / "build" / file


def _order(record):
    """What records are sorted by, and what tells them apart."""
    return record["name"], record["seed"], record["key"]


def _records(path):
    """All records of a file; none where it is missing."""
    try:
        return sorted(json.loads(path.read_text(encoding="utf-8")), key=_order) if path.is_file() else []
    except (ValueError, TypeError, KeyError):
        advice = "put an older version in its place, or move it away"
        raise CourseError(f"{path} is damaged, and no list of results of trainings: {advice}.") from None


def read_record(name, key):
    """Read the results of a finished training.

    Args:
        name: the training's name.
        key: its whole key; results of any other key are not taken.

    Returns:
        The record as a dict; None where there is none.

    Raises:
        CourseError: if a file of results is damaged.
    """
    full, quick = map(_records, _results_files(name))
    records = full + quick if course.profile() == "full" else quick + full
    return next((record for record in records if (record["name"], record["key"]) == (name, key)), None)


def kept_results(name):
    """Read the results of finished full trainings that come with the course, without any training.

    Args:
        name: the name that ``kept_training`` was given.

    Returns:
        A list of dicts, by seed: "seed", "epochs", "seconds", "history" (one value an epoch), "tests" and more, as
        the files in ``data/results/`` hold them; an empty list where there is none.

    Raises:
        CourseError: if it is no name of a training, or the file is damaged.

    Example:
        >>> [run["history"]["val_accuracy"][-1] for run in kept_results("mnist_article")]
    """
    committed, _ = _results_files(as_file_name(name, "name"))
    return [record for record in _records(committed) if record["name"] == name]


def write_record(record):
    """Write the results of a finished training into the file of its data set, and remove its state.

    The other records in the file stay. Where it says the same but for time and machine, it stays, too: to repeat a
    training only to have its network changes no file of the course.

    Args:
        record: dict of JSON values with "name", "seed" and "key"; NaN and infinity are written as Python does.

    Raises:
        OSError: if it cannot be written; one sentence says why.
        CourseError: if the file is damaged.
    """
    full, quick = _results_files(record["name"])
    path = full if course.profile() == "full" else quick
    with disk_errors(path, advice=ADVICE), FileLock(course.build_folder("results") / f".{path.stem}.lock"):
        records = _records(path)
        if _learned(record) not in map(_learned, records):
            others = [each for each in records if _order(each) != _order(record)]
            _write_records(path, [*others, record])
    _trained_file(record, ".state.npz").unlink(missing_ok=True)


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
    record["networks"][which] = array_hash(*bare.get_weights())


def read_network(record, which):
    """Load a kept network.

    Args:
        record: dict with "name", "key" and "networks", which says what weights it must have.
        which: "last", or the selected quantity.

    Returns:
        The network, not compiled; None where it is missing or not the one.
    """
    path = _trained_file(record, f"-{which}.keras")
    if path.is_file():
        with _taken_as_missing(path):
            network = keras.models.load_model(path, compile=False)
            _must_agree(array_hash(*network.get_weights()), record["networks"][which])
            return without_xla(network)
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
    path, arrays = _trained_file(record, ".state.npz"), {}
    if path.is_file():
        with _taken_as_missing(path), np.load(path, allow_pickle=False) as flat:
            kept = json.loads(flat["record"].item())
            for part in flat.files[1:]:  # in the order in which they were written
                arrays.setdefault(part.rpartition("/")[0], []).append(flat[part])
            variables = arrays.pop("variables")
            _must_agree((kept["key"], [array.shape for array in variables]), (record["key"], shapes))
            return kept, variables, arrays
    return None
