"""What a distributed training is asked for; the same words for every worker but its number."""

import hashlib
import json
from dataclasses import asdict, dataclass

from helpers._shared.errors import CourseError

__all__ = ["Task", "share"]

NOT_IN_KEY = ("processes", "worker", "coordinator", "fresh")  # by whom it is trained does not change what is trained


@dataclass(frozen=True)
class Task:
    """A training, and this process' part in it.

    Attributes:
        processes: how many workers share each batch.
        epochs: how many rounds.
        images: how many digits to train on, at most.
        batch_size: images of a batch, over all workers.
        seed: integer from 0: decides initial weights and the order of the images.
        worker: number of this one, counted from 0; only worker 0 reports, and writes files.
        coordinator: "host:port" at which worker 0 waits for the others; "" for a worker that is alone.
        fresh: whether what an interrupted training left is thrown away.

    Raises:
        CourseError: if a number is out of its range, or the workers cannot share a batch equally.
    """

    processes: int = 2
    epochs: int = 3
    images: int = 6000
    batch_size: int = 128
    seed: int = 1
    worker: int = 0
    coordinator: str = ""
    fresh: bool = False

    def __post_init__(self):
        for name, lowest in (("processes", 1), ("epochs", 1), ("images", 1), ("batch_size", 1), ("seed", 0)):
            if getattr(self, name) < lowest:
                what = name.replace("_", " ")
                raise CourseError(f"{what} must be at least {lowest}, not {getattr(self, name)}: correct it.")
        if self.batch_size % self.processes:
            lower = self.batch_size // self.processes * self.processes
            raise CourseError(
                f"{self.processes} processes cannot share a batch of {self.batch_size} images equally: give "
                f"--batch {lower or self.processes}, or another multiple of {self.processes}."
            )
        if not 0 <= self.worker < self.processes:
            raise CourseError(
                f"the workers of {self.processes} processes are numbered 0 to {self.processes - 1}, and worker "
                f"{self.worker} came: give --worker one of these."
            )
        if self.processes > 1 and self.coordinator and not _is_address(self.coordinator):
            raise CourseError(
                f"the coordinator is a host and a port, such as 192.168.0.10:12345, not {self.coordinator!r}: give "
                "the address of worker 0's machine."
            )

    def key(self, **more):
        """Return what makes two trainings the same, as one SHA-256.

        Args:
            **more: what only the worker knows, as JSON values, such as a hash of the data.

        Returns:
            64 hexadecimal digits; the number of processes is not part of it, as it does not change the result.
        """
        wanted = {name: value for name, value in asdict(self).items() if name not in NOT_IN_KEY}
        return hashlib.sha256(json.dumps({**wanted, **more}, sort_keys=True).encode()).hexdigest()


def _is_address(text):
    host, _, port = text.rpartition(":")
    return bool(host) and port.isdigit() and 0 < int(port) < 65536


def share(count, worker, processes):
    """Return which images of a batch a worker feeds: neighbours, as many for each worker.

    Args:
        count: images in the batch, a multiple of ``processes``.
        worker: number of the worker, counted from 0.
        processes: how many there are.

    Returns:
        A slice; those of all workers, in order, are the whole batch.

    Example:
        >>> share(128, 1, 2)
        slice(64, 128, None)
    """
    each = count // processes
    return slice(worker * each, (worker + 1) * each)
