"""How the cost of reading all layers grows with images, their side and channels; run by make bench."""

import growing
import pytest

POINTS = [(what, amount) for what, (amounts, _) in growing.GROWING.items() for amount in amounts]


@pytest.mark.parametrize("what, amount", POINTS)
def test_growth(benchmark, what, amount):
    work = growing.reading(**{what: amount})
    work()  # compiling does not count
    benchmark.group = f"growth with {what}"
    expected, megabytes = growing.GROWING[what][1], growing.peak_memory(work) / 1e6
    benchmark.extra_info.update(grows=what, amount=amount, expected=expected, megabytes=megabytes)
    benchmark.pedantic(work, rounds=7, warmup_rounds=1)
