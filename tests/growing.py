"""What reading all layers costs, in seconds and in memory, while the amount of it grows; make bench tells."""

import ctypes
import gc
import threading
from contextlib import suppress
from pathlib import Path

import keras
import numpy as np
from keras import layers

from helpers.activations import read_activations

GROWING = {  # what grows, and the slope that counting values suggests: twice the side is four times the pixels
    "images": ([50, 100, 200, 400, 800, 1600], 1),
    "side": ([16, 32, 48, 64, 96, 128], 2),
    "channels": ([8, 16, 32, 64, 128], 1),
}

STATUS, RESET = Path("/proc/self/status"), Path("/proc/self/clear_refs")


def reading(*, images=100, side=28, channels=32):
    """Prepare reading all layers of a small network: two convolutions of as many channels, each with pooling.

    Args:
        images: how many images are read, in batches of 32.
        side: their side in pixels, at least 10.
        channels: filters of each convolution.

    Returns:
        A function without arguments that reads, and returns what `activations.read_activations` does.
    """
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
    """
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
