"""Train on two processes and on one, and compare their losses: Keras' own distribution on JAX.

Two workers start on this machine and meet over loopback. Each feeds its own half of every batch, JAX sums the
gradients, and the losses must be those of one process with the whole batch, to 0.001. Digits of MNIST, or those at
hand. A worker that is killed ends all of them; the same command then goes on after the last whole epoch. It needs
JAX, which is an extra: .venv/bin/python -m pip install --constraint requirements.lock --editable ".[jax]"

examples:
  python -m helpers distributed
  python -m helpers distributed --processes 4 --epochs 5 --images 55000 --batch 256
  python -m helpers distributed --fresh             from the beginning, whatever was interrupted

on hosts of your own, the same line on each but for the number of the worker (0 is the machine at the address):
  python -m helpers distributed --processes 2 --coordinator 192.168.0.10:12345 --worker 0
  python -m helpers distributed --processes 2 --coordinator 192.168.0.10:12345 --worker 1

What to change there: open that port between the hosts, start one worker on each, with the same data on all; only
worker 0 writes files, into its own build/distributed/. For GPUs install JAX's CUDA build, pip install "jax[cuda12]";
each batch must then divide by the number of all GPUs, and nothing else changes. Nobody watches those workers from
outside: JAX ends the others when one has been silent for 100 seconds, and the same lines go on after the last whole
epoch. (Tried for this course: processes over loopback. Not tried, for want of them: several hosts, several GPUs.)
"""

import argparse
import dataclasses
import importlib.util
import json
import os
import sys
import threading

from helpers._shared.errors import CourseError
from helpers.workshop.distributed.task import Task

__all__ = ["add_arguments", "run"]

CLOSE = 1e-3  # how far the losses of the two trainings may be apart
NO_JAX = (
    "JAX is not installed here, and distributed training runs on it: type "
    '.venv/bin/python -m pip install --constraint requirements.lock --editable ".[jax]" and the command again.'
)


def add_arguments(parser):
    """Declare the options.

    Args:
        parser: the command's argparse parser.
    """
    usual = Task()
    parser.add_argument("--processes", type=int, default=usual.processes, metavar="N", help="workers (default: 2)")
    parser.add_argument("--epochs", type=int, default=usual.epochs, metavar="N", help="rounds (default: 3)")
    most = f"digits to train on, at most (default: {usual.images})"
    parser.add_argument("--images", type=int, default=usual.images, metavar="N", help=most)
    batch = f"images of a batch, over all workers (default: {usual.batch_size})"
    parser.add_argument("--batch", type=int, default=usual.batch_size, metavar="N", help=batch)
    parser.add_argument("--seed", type=int, default=usual.seed, metavar="N", help="of weights and order (default: 1)")
    parser.add_argument("--fresh", action="store_true", help="begin anew, also where a training was interrupted")
    own = "be this one worker, counted from 0, of workers that are started one by one"
    parser.add_argument("--worker", type=int, metavar="K", help=own)
    parser.add_argument("--coordinator", default="", metavar="HOST:PORT", help="where worker 0 waits for the others")
    parser.add_argument("--lines", choices=("words", "json"), default="words", help=argparse.SUPPRESS)


def run(arguments):
    """Train twice and compare; or be one worker.

    Args:
        arguments: the parsed options.

    Returns:
        0, or 1 where the losses differ by more than 0.001.

    Raises:
        OSError: if JAX is missing, or a worker ended before its time.
        CourseError: if a number is out of its range.
    """
    alone = arguments.worker is None
    task = Task(
        processes=arguments.processes,
        epochs=arguments.epochs,
        images=arguments.images,
        batch_size=arguments.batch,
        seed=arguments.seed,
        worker=arguments.worker or 0,
        coordinator=arguments.coordinator,
        fresh=arguments.fresh,
    )
    if alone and (task.processes < 2 or task.coordinator):
        raise CourseError(
            "two processes or more are needed to compare with one, and --coordinator goes with --worker: "
            "leave --processes out for two."
        )
    if not alone and task.processes > 1 and not task.coordinator:
        raise CourseError("a worker needs to know where the others are: give --coordinator HOST:PORT, see --help.")
    if importlib.util.find_spec("jax") is None:
        raise OSError(NO_JAX)
    return _compare(task) if alone else _work(task, arguments.lines)


def _work(task, lines):
    """Be one worker, in this process."""
    os.environ["KERAS_BACKEND"] = "jax"
    # For its random seed Keras would load TensorFlow, too: seconds and 300 MB for nothing.
    sys.modules.setdefault("tensorflow", None)
    report = _in_words
    if lines == "json":
        threading.Thread(target=_end_with_the_starter, daemon=True).start()
        report = _Reports()
    from helpers.workshop.distributed import worker  # only now: it loads Keras on JAX

    worker.train(task, report)
    return 0


def _end_with_the_starter():
    """Wait until whoever started us closes our standard input, which also its death does."""
    while os.read(0, 1024):  # not sys.stdin, whose lock a thread may not hold at the end
        pass
    os._exit(1)


class _Reports:
    """Reports to the process that started us, one JSON line each, and nothing else: libraries write there, too."""

    def __init__(self):
        self._stream = os.fdopen(os.dup(1), "w", encoding="utf-8")
        os.dup2(2, 1)  # from here on standard output is standard error

    def __call__(self, what, **numbers):
        print(json.dumps({"what": what, **numbers}), file=self._stream, flush=True)


def _in_words(what, **numbers):
    """Report to a reader."""
    if what == "begin":
        print(*numbers["notes"], sep="\n", end="\n" if numbers["notes"] else "")
        after = f", going on after epoch {numbers['done']}" if numbers["done"] else ""
        print(f"{numbers['images']:,} digits, {numbers['steps']} steps an epoch{after}", flush=True)
    elif what == "epoch":
        print("epoch {epoch}: loss {loss:.4f}, accuracy {accuracy:.4f}".format(**numbers), flush=True)
    elif what == "end":
        print(f"The network is kept in build/distributed/{numbers['network']}; --fresh trains anew.")


class _Watched:
    """What worker 0 of a training reports, as a bar that vanishes and what is kept of it."""

    def __init__(self, task):
        self.task, self.name = task, _in_numbers(task.processes)
        self.begin, self.rows, self.done, self.bar = {}, [], 0, None

    def take(self, event):
        """Take one report."""
        if event["what"] == "begin":
            self._begin(event)
        elif event["what"] == "step":
            self.bar.update(event["step"] - self.bar.n)
        elif event["what"] == "epoch":
            self.done = event["epoch"]
            self.bar.set_postfix(epoch=event["epoch"], loss=f"{event['loss']:.3f}")
        elif event["what"] == "end":
            self.rows = event["rows"]

    def _begin(self, event):
        from tqdm import tqdm

        self.begin, self.done, steps = event, event["done"], event["steps"]
        if self.done:
            print(f"{self.name}: going on after epoch {self.done} of {self.task.epochs}", flush=True)
        # None: no bar where the output goes to a file
        self.bar = tqdm(
            desc=self.name,
            total=steps * self.task.epochs,
            initial=steps * self.done,
            unit="step",
            leave=False,
            disable=None,
            file=sys.stdout,
        )

    def close(self):
        """Take the bar away."""
        if self.bar is not None:
            self.bar.close()


def _in_numbers(processes):
    return f"{processes} processes" if processes > 1 else "1 process"


def _train(task):
    """Train on workers of this machine; return what was watched."""
    from helpers.workshop.distributed import launching

    address = launching.free_address() if task.processes > 1 else ""
    each = [dataclasses.replace(task, worker=worker, coordinator=address) for worker in range(task.processes)]
    watched = _Watched(task)
    try:
        launching.run_workers([launching.worker_command(one) for one in each], watched.take)
    except launching.WorkerEnded as error:
        after = f"goes on after epoch {watched.done} of {task.epochs}" if watched.done else "trains this part anew"
        raise OSError(f"{error} The same command {after}." if error.killed else str(error)) from None
    finally:
        watched.close()
    return watched


def _compare(task):
    """Train on several processes and on one, and show both."""
    from helpers.workshop.distributed import checkpoints

    print(f"Training on {_in_numbers(task.processes)}, then on one ...", flush=True)
    several = _train(task)
    one = _train(dataclasses.replace(task, processes=1))
    apart = max(abs(two[0] - whole[0]) for two, whole in zip(several.rows, one.rows, strict=True))
    print("\n".join(_table(task, several, one, apart)))
    close = apart <= CLOSE  # not so where one is NaN
    if close:
        network = checkpoints.files(task.processes, several.begin["key"])[1]
        os.replace(network, network.with_name("mnist_cnn.keras"))
        print("The network of the several processes: build/distributed/mnist_cnn.keras")
    for watched in (several, one):
        checkpoints.forget(watched.task.processes, watched.begin["key"])
    return 0 if close else 1


def _table(task, several, one, apart):
    """The losses side by side, as lines."""
    steps, images = several.begin["steps"], several.begin["images"]
    yield from several.begin["notes"]
    part = task.batch_size // task.processes
    yield f"{images:,} digits in batches of {task.batch_size}: each of {task.processes} workers feeds {part} of a batch"
    yield f"epoch  {one.name:>12}  {several.name:>12}  difference   (loss, mean of the epoch)"
    for epoch in range(1, task.epochs + 1):
        first, second = one.rows[epoch * steps - 1][0], several.rows[epoch * steps - 1][0]
        yield f"{epoch:>5}  {first:>12.6f}  {second:>12.6f}  {abs(first - second):>10.6f}"
    verdict = "equal to 0.001" if apart <= CLOSE else "NOT equal to 0.001"
    yield f"{len(one.rows):,} steps, losses {verdict}: the largest difference is {apart:.6f}"
