"""Start the workers of a training on this machine, watch them, and end all as soon as one ends."""

import json
import os
import queue
import signal
import socket
import subprocess
import sys
import threading
import time
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass

from helpers.course import ROOT, build_folder

__all__ = ["WorkerEnded", "free_address", "run_workers", "worker_command"]

LOOK = 0.1  # seconds between two looks at the workers
PATIENCE = 5.0  # seconds that a worker has to end by itself
QUIET = {"KERAS_BACKEND": "jax", "JAX_PLATFORMS": "cpu", "TF_CPP_MIN_LOG_LEVEL": "3"}


class WorkerEnded(OSError):
    """A worker ended before its work was done; the sentence says which, and how.

    Attributes:
        killed: whether a signal ended it, so that the same training may well succeed the next time.
    """

    def __init__(self, sentence, *, killed):
        super().__init__(sentence)
        self.killed = killed


@dataclass
class _Worker:
    """One process, and what its standard error goes to."""

    number: int
    process: subprocess.Popen
    log: object


def free_address():
    """Find a port on this machine that nobody uses.

    Returns:
        "127.0.0.1:port".
    """
    with socket.socket() as listener:
        listener.bind(("127.0.0.1", 0))
        return f"127.0.0.1:{listener.getsockname()[1]}"


def worker_command(task):
    """Return the command line that starts one worker; on real hosts one types the same.

    Args:
        task: its Task.

    Returns:
        A list of words.
    """
    words = [sys.executable, "-m", "helpers", "distributed", "--worker", task.worker, "--lines", "json"]
    words += ["--processes", task.processes, "--epochs", task.epochs, "--images", task.images]
    words += ["--batch", task.batch_size, "--seed", task.seed]
    words += ["--coordinator", task.coordinator] if task.coordinator else []
    return [str(word) for word in (*words, *(["--fresh"] if task.fresh else []))]


def run_workers(commands, take):
    """Run workers to their end, and hand on what the first reports; when one fails, all are ended.

    A worker also ends when this process does, whatever ends it: it reads a pipe that only we hold open.

    Args:
        commands: command line of each worker, in order.
        take: function that gets each line that worker 0 writes, as a dict.

    Raises:
        WorkerEnded: if a worker ends with anything but 0.
    """
    lines = queue.SimpleQueue()
    with ExitStack() as stack:
        workers = [stack.enter_context(_running(words, number)) for number, words in enumerate(commands)]
        reader = threading.Thread(target=_read, args=(workers[0].process.stdout, lines), daemon=True)
        reader.start()
        codes = [None]
        while None in codes:
            time.sleep(LOOK)
            codes = [worker.process.poll() for worker in workers]
            _hand_on(lines, take)
            if any(codes):
                raise _ended(workers, codes)
        reader.join()
        _hand_on(lines, take)


@contextmanager
def _running(words, number):
    """A worker while the block runs; afterwards it is ended, if it has not ended by itself."""
    path = build_folder("logs") / f"distributed-worker-{number}.log"
    environment = {**os.environ, **QUIET}
    with open(path, "w+b") as log:
        output = subprocess.PIPE if number == 0 else subprocess.DEVNULL
        process = subprocess.Popen(words, cwd=ROOT, env=environment, stdin=subprocess.PIPE, stdout=output, stderr=log)
        try:
            yield _Worker(number, process, log)
        finally:
            process.stdin.close()  # the worker sees it, and ends
            try:
                process.wait(PATIENCE)
            except subprocess.TimeoutExpired:
                process.kill()
                process.wait()


def _read(stream, lines):
    """Put what a worker writes into a queue, until it ends."""
    with stream:
        for line in stream:
            lines.put(json.loads(line))


def _hand_on(lines, take):
    while not lines.empty():
        take(lines.get())


def _ended(workers, codes):
    """Say which worker ended first: those that miss it end too, but not by a signal from outside."""
    failed = [(worker, code) for worker, code in zip(workers, codes) if code]
    worker, code = min(failed, key=lambda pair: pair[1] in (1, -signal.SIGABRT))
    how = f"was ended by {_signal_name(-code)}" if code < 0 else f"ended with exit code {code}{_last_words(worker)}"
    others = ", and the others were ended too" if len(workers) > 1 else ""
    sentence = f"Worker {worker.number} of {len(workers)} (counted from 0) {how}{others}."
    return WorkerEnded(sentence, killed=code < 0)


def _signal_name(number):
    try:
        return signal.Signals(number).name
    except ValueError:
        return f"signal {number}"


def _last_words(worker):
    """What a worker that failed said last."""
    worker.log.seek(0)
    lines = [line.strip() for line in worker.log.read().decode(errors="replace").splitlines() if line.strip()]
    return f" ({lines[-1][:300].rstrip('.')})" if lines else ""
