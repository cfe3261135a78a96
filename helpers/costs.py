"""Measure what a piece of work costs, in seconds and in memory, while the amount of it grows."""

import ctypes
import gc
import threading
import timeit
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from helpers._shared.arguments import as_function, as_numbers, as_whole_number, brief
from helpers._shared.errors import CourseError

__all__ = ["Costs", "measure", "peak_memory", "reading"]

STATUS, RESET = Path("/proc/self/status"), Path("/proc/self/clear_refs")


@dataclass(frozen=True)
class Costs:
    """What each amount of work has cost.

    Attributes:
        amounts: ``(points,)``, rising.
        seconds: ``(points, repeats)``.
        megabytes: ``(points, repeats)``: the largest memory during the work beyond that before it; 10**6 bytes.
    """

    amounts: np.ndarray
    seconds: np.ndarray
    megabytes: np.ndarray


def measure(prepare, amounts, *, repeats=5):
    """Measure time and memory of a piece of work for several amounts.

    The amounts are measured in turn, all of them once, then all once more, so that a disturbance of the machine
    does not fall on one alone. What comes first only once (building, compiling) is done before and does not count.

    Args:
        prepare: function of an amount that returns the work, a function without arguments.
        amounts: numbers above 0, at least two.
        repeats: how often each is measured.

    Returns:
        A `Costs`.

    Raises:
        CourseError: if there are fewer than two different amounts above 0, or no repeat, or prepare is no function.

    Example:
        >>> measure(lambda images: reading(images=images), [50, 100, 200]).seconds.shape
        (3, 5)
    """
    as_function(prepare, "prepare")
    amounts = np.unique(as_numbers(amounts, "amounts", finite=True)).tolist()
    repeats = as_whole_number(repeats, "repeats")
    if len(amounts) < 2 or amounts[0] <= 0:
        raise CourseError(f"at least two amounts above 0 are needed, and {brief(amounts)} came: give more.")
    works = [as_function(prepare(amount), "what prepare returns") for amount in amounts]
    for work in works:
        work()
    rounds = [[(timeit.timeit(work, number=1), peak_memory(work) / 1e6) for work in works] for _ in range(repeats)]
    seconds, megabytes = np.array(rounds).T
    return Costs(np.array(amounts), seconds, megabytes)


def reading(*, images=100, side=28, channels=32):
    """Prepare reading all layers of a small network: two convolutions of as many channels, each with pooling.

    Args:
        images: how many images are read, in batches of 32.
        side: their side in pixels, at least 10.
        channels: filters of each convolution.

    Returns:
        A function without arguments that reads, and returns what `activations.read_activations` does.

    Raises:
        CourseError: if a number is no whole one, or too small.
    """
    images, channels = as_whole_number(images, "images"), as_whole_number(channels, "channels")
    side = as_whole_number(side, "side", least=10)
    import keras  # late, so that the other measures load no Keras
    from keras import layers

    from helpers.activations import read_activations

    network = keras.Sequential(
        [
            keras.Input((side, side, 1)),
            layers.Conv2D(channels, 3, activation="relu", name="conv2d_1"),
            layers.MaxPooling2D(name="max_pooling2d_1"),
            layers.Conv2D(channels, 3, activation="relu", name="conv2d_2"),
            layers.MaxPooling2D(name="max_pooling2d_2"),
        ]
    )
    drawn = np.random.default_rng(0).random((images, side, side, 1), dtype=np.float32)
    return lambda: read_activations(network, drawn, batch_size=32)


def peak_memory(work):
    """Measure the memory that a piece of work needs at most, its result included.

    It is the resident memory of the whole process, so that what TensorFlow takes counts, too. On Linux the system's
    own peak is read; elsewhere the memory is looked at every two milliseconds, which may miss a short peak.

    Args:
        work: function without arguments.

    Returns:
        Bytes beyond those that were in use before, 0 or more.

    Raises:
        CourseError: if it is no function.
    """
    as_function(work, "work")
    gc.collect()
    with suppress(AttributeError, TypeError):  # glibc alone can hand freed memory back, so that its new use is seen
        ctypes.CDLL(None).malloc_trim(0)
    try:
        RESET.write_text("5")  # the peak begins anew
        before = _from_status("VmRSS")
    except OSError:  # no Linux, or one that does not allow it
        return _sampled_peak(work)
    work()
    return max(0, _from_status("VmHWM") - before)


def _from_status(name):
    """A number of kilobytes out of the system's report on this process, in bytes."""
    lines = STATUS.read_text().splitlines()
    return 1024 * next(int(line.split()[1]) for line in lines if line.startswith(f"{name}:"))


def _sampled_peak(work):
    """The same, by a look at the memory again and again, in a thread of its own."""
    import psutil

    process, done = psutil.Process(), threading.Event()
    before = highest = process.memory_info().rss

    def look():
        nonlocal highest
        while not done.wait(0.002):
            highest = max(highest, process.memory_info().rss)

    watcher = threading.Thread(target=look, daemon=True)
    watcher.start()
    try:
        result = work()
        highest = max(highest, process.memory_info().rss)  # the result is still there
        del result
    finally:
        done.set()
        watcher.join()
    return highest - before
