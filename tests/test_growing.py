"""What reading costs: the peak of memory is found, all layers are read, and memory grows with what is read."""

import sys

import growing
import numpy as np
import pytest


@pytest.mark.parametrize("ask", [growing.peak_memory, "sampled"])
def test_the_peak_of_memory_counts_what_is_held_for_a_while(ask, monkeypatch, tmp_path):
    if ask == "sampled":  # as on a system without a peak of its own
        monkeypatch.setattr(growing, "RESET", tmp_path / "no folder" / "file")
    megabytes = growing.peak_memory(lambda: np.ones(4_000_000)) / 1e6  # 32 MB
    assert 31 < megabytes < 40
    assert growing.peak_memory(lambda: None) < 2e6


@pytest.mark.skipif(not sys.platform.startswith("linux"), reason="elsewhere a short peak may be missed")
def test_a_short_peak_counts_too():
    assert growing.peak_memory(lambda: np.ones(4_000_000).sum()) > 31e6


def test_reading_reads_all_layers_of_the_size_asked_for():
    read = growing.reading(images=33, side=12, channels=3)()
    shapes = {name: array.shape for name, array in read.items()}
    assert shapes == {
        "conv2d_1": (33, 10, 10, 3),
        "max_pooling2d_1": (33, 5, 5, 3),
        "conv2d_2": (33, 3, 3, 3),
        "max_pooling2d_2": (33, 1, 1, 3),
    }


def test_memory_of_reading_grows_with_what_is_read():
    works = [growing.reading(images=images, channels=64) for images in (64, 512)]
    for work in works:
        work()
    megabytes = [growing.peak_memory(work) / 1e6 for work in works]
    values = 26 * 26 * 64 + 13 * 13 * 64 + 11 * 11 * 64 + 5 * 5 * 64
    more = 448 * values * 4 / 1e6  # MB of float32 in the larger result
    assert np.diff(megabytes) == pytest.approx(more, rel=0.2)
