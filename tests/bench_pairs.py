"""Our way and the plain way of everything in tests/pairs.py, timed; run by make bench."""

import subprocess
import sys

import pytest
from pairs import IMPORTS, PAIRS


@pytest.fixture(scope="module")
def made():
    """The pairs that were made ready, by name."""
    return {}


@pytest.mark.parametrize("way", ["ours", "plain"])
@pytest.mark.parametrize("name", PAIRS)
def test_pair(benchmark, made, name, way):
    pair = PAIRS[name]
    if name not in made:
        made.clear()  # one at a time: some of them hold much memory
        made[name] = dict(zip(("ours", "plain"), pair.make()))
    benchmark.group = name
    benchmark.extra_info.update(pair=name, way=way, what=pair.what, plain=pair.plain, target=pair.target)
    benchmark.pedantic(made[name][way], rounds=pair.rounds, warmup_rounds=1)


@pytest.mark.parametrize("module", IMPORTS)
def test_import(benchmark, module):
    """In a fresh process; what Python itself takes is taken off."""
    benchmark.group = "import"
    benchmark.extra_info.update(module=module)
    benchmark.pedantic(lambda: _python(f"import {module}"), rounds=3, warmup_rounds=1)


def test_start_of_python(benchmark):
    benchmark.group = "import"
    benchmark.extra_info.update(module="")
    benchmark.pedantic(lambda: _python("pass"), rounds=3, warmup_rounds=1)


def _python(code):
    subprocess.run([sys.executable, "-c", code], check=True)
