"""Train on two processes and on one, and compare their losses: Keras' own distribution on JAX.

Two workers start on this machine and meet over loopback. Each feeds its own half of every batch, JAX sums the
gradients, and the losses must be those of one process with the whole batch, to 0.001. Digits of MNIST, or those at
hand. A worker that is killed ends all of them, and a sentence says which one it was. It needs JAX, which is an extra:
.venv/bin/python -m pip install --constraint requirements.lock --editable ".[jax]"

examples:
  python -m helpers distributed
  python -m helpers distributed --processes 4 --epochs 5 --images 55000 --batch 256

on hosts of your own, the same line on each but for the number of the worker (0 is the machine at the address):
  python -m helpers distributed --processes 2 --coordinator 192.168.0.10:12345 --worker 0
  python -m helpers distributed --processes 2 --coordinator 192.168.0.10:12345 --worker 1

What to change there: open that port between the hosts, start one worker on each, with the same data on all; only
worker 0 writes files, into its own build/distributed/. For GPUs install JAX's CUDA build, pip install "jax[cuda12]";
each batch must then divide by the number of all GPUs, and nothing else changes. Nobody watches those workers from
outside: JAX ends the others when one has been silent for 100 seconds. (Tried for this course: processes over loopback.
Not tried, for want of them: several hosts, several GPUs.)
"""

import importlib.util
import json
import os
import signal
import socket
import subprocess
import sys
import time

from helpers._shared.arguments import CourseError, as_whole_number
from helpers.course import ROOT, build_folder

__all__ = ["add_arguments", "run"]

CLOSE = 1e-3  # how far the losses of the two trainings may be apart
NUMBERS = {  # option: default, least, what it is
    "processes": (2, 1, "workers"),
    "epochs": (3, 1, "rounds"),
    "images": (6000, 1, "digits to train on, at most"),
    "batch": (128, 1, "images of a batch, over all workers"),
    "seed": (1, 0, "of weights and order"),
}
NO_JAX = (
    "JAX is not installed here, and distributed training runs on it: type "
    '.venv/bin/python -m pip install --constraint requirements.lock --editable ".[jax]" and the command again.'
)


def add_arguments(parser):
    """Declare the options.

    Args:
        parser: the command's argparse parser.
    """
    for name, (default, _, what) in NUMBERS.items():
        parser.add_argument(f"--{name}", type=int, default=default, metavar="N", help=f"{what} (default: {default})")
    own = "be this one worker, counted from 0, of workers that are started one by one"
    parser.add_argument("--worker", type=int, metavar="K", help=own)
    parser.add_argument("--coordinator", default="", metavar="HOST:PORT", help="where worker 0 waits for the others")


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
    _check(arguments, alone)
    if importlib.util.find_spec("jax") is None:
        raise OSError(NO_JAX)
    if alone:
        return _compare(arguments)
    os.environ["KERAS_BACKEND"] = "jax"
    sys.modules.setdefault("tensorflow", None)  # Keras would load it for its seed: 300 MB for nothing
    from helpers.workshop import distributed  # only now: it loads Keras on JAX

    distributed.train(arguments)
    return 0


def _check(arguments, alone):
    """Raise a CourseError for what cannot be trained."""
    for name, (_, least, _) in NUMBERS.items():
        as_whole_number(getattr(arguments, name), f"--{name}", least=2 if name == "processes" and alone else least)
    processes, batch = arguments.processes, arguments.batch
    if batch % processes:
        fits = f"--batch {batch // processes * processes or processes}, or another multiple of {processes}"
        raise CourseError(f"{processes} processes cannot share a batch of {batch} images equally: give {fits}.")
    if alone and arguments.coordinator:
        raise CourseError("--coordinator goes with --worker, for workers started one by one: give both or none.")
    if not alone:
        as_whole_number(arguments.worker, "--worker", least=0, most=processes - 1)
        host, _, port = arguments.coordinator.rpartition(":")
        if processes > 1 and not (host and port.isdigit() and int(port) < 65536):
            came = f"not {arguments.coordinator!r}"
            raise CourseError(f"a worker finds the others at --coordinator HOST:PORT, {came}: see --help.")


def _compare(arguments):
    """Train on several processes and on one, and show both."""
    print(f"Training on {arguments.processes} processes, then on one ...", flush=True)
    several, one = _train(arguments, arguments.processes), _train(arguments, 1)
    print(*several["notes"], sep="\n", end="\n" if several["notes"] else "")
    part = arguments.batch // arguments.processes
    print(f"{one['images']:,} digits in batches of {arguments.batch}:", end=" ")
    print(f"each of {arguments.processes} workers feeds {part} of a batch")
    name = f"{arguments.processes} processes"
    print(f"epoch     1 process  {name:>12}  difference   (loss, mean of the epoch)")
    for epoch in range(1, arguments.epochs + 1):
        last = epoch * one["steps"] - 1  # Keras tells the mean since the epoch's beginning
        first, second = one["losses"][last], several["losses"][last]
        print(f"{epoch:>5}  {first:>12.6f}  {second:>12.6f}  {abs(first - second):>10.6f}")
    apart = max(abs(first - second) for first, second in zip(one["losses"], several["losses"], strict=True))
    equal = apart <= CLOSE  # not so where one is NaN
    verdict = "equal to 0.001" if equal else "NOT equal to 0.001"
    print(f"{len(one['losses']):,} steps, losses {verdict}: the largest difference is {apart:.6f}")
    print("The network of the several processes: build/distributed/mnist_cnn.keras")
    return 0 if equal else 1


def _train(arguments, processes):
    """Train on workers of this machine; return what worker 0 has written."""
    with socket.socket() as listener:
        listener.bind(("127.0.0.1", 0))
        address = f"127.0.0.1:{listener.getsockname()[1]}"
    commands = []
    for worker in range(processes):
        words = [sys.executable, "-m", "helpers", "distributed", "--worker", worker, "--coordinator", address]
        for name in NUMBERS:
            words += [f"--{name}", processes if name == "processes" else getattr(arguments, name)]
        commands.append([str(word) for word in words])
    _run_workers(commands)
    return json.loads((build_folder("distributed") / f"{processes}-processes.json").read_text(encoding="utf-8"))


def _run_workers(commands):
    """Run workers to their end; when one fails, all are ended, and an OSError says which one and how."""
    environment = os.environ | {"KERAS_BACKEND": "jax", "JAX_PLATFORMS": "cpu", "TF_CPP_MIN_LOG_LEVEL": "3"}
    workers, logs = [], []
    try:
        for number, words in enumerate(commands):
            logs.append(build_folder("logs") / f"distributed-worker-{number}.log")
            with open(logs[-1], "wb") as log:
                shown = None if number == 0 and sys.stdout.isatty() else log  # its epochs are the progress
                workers.append(subprocess.Popen(words, cwd=ROOT, env=environment, stdout=shown, stderr=log))
        codes = [None]
        while None in codes and not any(codes):
            time.sleep(0.1)
            codes = [worker.poll() for worker in workers]
    finally:
        for worker in workers:
            worker.kill()
            worker.wait()
    if any(codes):
        raise OSError(_who_ended(codes, logs))


def _who_ended(codes, logs):
    """Say which worker ended first: those that miss it end too, but not by a signal from outside."""
    number = min(
        (number for number, code in enumerate(codes) if code), key=lambda each: codes[each] in (1, -signal.SIGABRT)
    )
    code, lines = codes[number], logs[number].read_text(encoding="utf-8", errors="replace").split("\n")
    how = f"was ended by {signal.Signals(-code).name}" if code < 0 else f"ended with exit code {code}"
    said = [line.strip() for line in lines if line.strip()]
    if code > 0 and said:
        how += f" ({said[-1][:300].rstrip('.')})"
    others = ", and the others were ended too" if len(codes) > 1 else ""
    return f"Worker {number} of {len(codes)} (counted from 0) {how}{others}."
