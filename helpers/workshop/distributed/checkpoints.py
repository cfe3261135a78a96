"""Where an interrupted distributed training goes on: after its last whole epoch.

Two files, written by worker 0 alone, each beside its place and renamed into it:

build/distributed/N-processes-KEY.json   loss and accuracy at every step so far
build/distributed/N-processes-KEY.keras  network and optimizer after an epoch, as Keras saves them

KEY is the beginning of the training's key: two trainings that differ do not meet.

The numbers are written first. So they reach at least as far as the network, which counts its own steps: whenever
a worker is killed, the network says where the training goes on, and surplus numbers are dropped.
"""

import json

from helpers._shared.files import beside, write_beside
from helpers.course import build_folder

__all__ = ["files", "forget", "read", "write"]

KEY_DIGITS = 12


def files(processes, key):
    """Return where a training is kept.

    Args:
        processes: how many workers share it.
        key: of the training, see `Task.key`.

    Returns:
        Paths of the numbers and of the network.
    """
    stem = f"{processes}-processes-{key[:KEY_DIGITS]}"
    folder = build_folder("distributed")
    return folder / f"{stem}.json", folder / f"{stem}.keras"


def forget(processes, key):
    """Remove what a training has kept, and what killed workers left beside it.

    Args:
        processes: how many workers shared it.
        key: of the training.
    """
    numbers, network = files(processes, key)
    for leftover in (network, numbers, *numbers.parent.glob(f".{numbers.stem}.*")):
        leftover.unlink(missing_ok=True)


def write(network, processes, key, rows):
    """Keep a training after an epoch.

    Args:
        network: the compiled network, one that no other process shares.
        processes: how many workers share the training.
        key: of the training.
        rows: [loss, accuracy] at each step since the beginning.
    """
    numbers, target = files(processes, key)
    write_beside(numbers, json.dumps(rows))
    with beside(target) as temporary:
        network.save(temporary)


def read(processes, key):
    """Read what a training has kept.

    Args:
        processes: how many workers share the training.
        key: of the training.

    Returns:
        The compiled network, and [loss, accuracy] at each step that it has made (means since the epoch's
        beginning); or None where nothing of this very training is kept that can be read.
    """
    import keras  # late: who starts the workers needs none

    numbers, target = files(processes, key)
    try:
        rows, network = json.loads(numbers.read_text(encoding="utf-8")), keras.models.load_model(target)
        steps = int(network.optimizer.iterations)
    except Exception:  # nothing is kept, or a damaged file, which makes its reader fail in many ways
        return None
    return (network, rows[:steps]) if len(rows) >= steps else None
