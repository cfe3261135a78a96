"""Time what the course claims to be fast, against the plain way of doing it, and write BENCHMARKS.md.

One table, all in one run on one machine: wants the machine for itself, and takes some minutes; --course runs every
notebook (quick) besides.

examples:
  python -m helpers bench
  python -m helpers bench --course
  python -m helpers bench --only tiling      a few of them, shown and not written
"""

import datetime
import json
import os
import platform
import re
import subprocess
import sys
import tempfile
import textwrap
import time
from importlib.metadata import version
from pathlib import Path

import numpy as np

from helpers._shared.files import write_beside
from helpers.course import ROOT
from helpers.workshop.notebook_names import notebooks_in

__all__ = ["add_arguments", "page", "ratios", "run"]

TITLE = "# How fast"
ABOUT = """What the course claims to be fast, beside the plain way of doing it: medians of one run of `make bench`,
which wrote this page, on {machine}, {date}, with {versions}. Run it again on your machine; the times will differ, the
ratios less. tests/test_bench.py fails where a ratio falls to a third."""
GROWTH = """Reading all layers of a small network (two convolutions with pooling), one thing growing: the cost grows
with this power of it. "Values" is what counting them suggests: twice the side is four times the pixels. Very little
work takes as long as a call takes, and twice the channels are four times the products of the second convolution, so
time bends; memory follows the values."""
TARGET = {"course": 360}  # seconds: what `make course` may take in a warm environment


def add_arguments(parser):
    """Declare the options.

    Args:
        parser: the command's argparse parser.
    """
    parser.add_argument("--only", default="", metavar="NAME", help="part of a name: fewer, not written")
    parser.add_argument("--course", action="store_true", help="run every notebook, too: some minutes more")


def run(arguments):
    """Time everything, show the table, and write it where it is whole.

    Args:
        arguments: the parsed options.

    Returns:
        0, or what pytest or a notebook returned.
    """
    code, measured, seconds = *measure(arguments.only), None
    if arguments.course and not code:
        started = time.perf_counter()
        code = subprocess.run([sys.executable, "-m", "helpers", "course"], cwd=ROOT).returncode
        seconds = time.perf_counter() - started
    text = page(measured, machine(), runs=notebook_seconds(ROOT / "build" / "course"), course=seconds)
    print(text)
    if code or arguments.only:
        print("Nothing was written: " + ("something failed, see above." if code else "this is a part of the table."))
        return code
    write_beside(ROOT / "BENCHMARKS.md", text)
    print("Written: BENCHMARKS.md")
    return 0


def measure(only):
    """Run pytest-benchmark on tests/bench_*.py.

    Args:
        only: part of a benchmark's name; "" for all.

    Returns:
        (pytest's exit code, list of what pytest-benchmark writes of each benchmark).
    """
    files = sorted(str(path.relative_to(ROOT)) for path in (ROOT / "tests").glob("bench_*.py"))
    with tempfile.TemporaryDirectory() as folder:
        report = Path(folder, "found.json")
        words = [sys.executable, "-m", "pytest", "-q", "--benchmark-enable", "--benchmark-only", "--timeout=0"]
        words += ["-p", "no:cacheprovider", f"--benchmark-json={report}", "-k", only, *files]
        environment = {**os.environ, "TF_CPP_MIN_LOG_LEVEL": "3"}
        code = subprocess.run(words, cwd=ROOT, env=environment, stdout=subprocess.DEVNULL).returncode
        text = report.read_text(encoding="utf-8") if report.is_file() else ""
    return code, json.loads(text)["benchmarks"] if text else []


def machine():
    """Say what the times were measured on.

    Returns:
        A few words, without the machine's name.
    """
    model = platform.processor() or platform.machine()
    information = Path("/proc/cpuinfo")
    if information.is_file():
        said = re.search(r"^model name\s*: (.+)$", information.read_text(), re.M)
        model = said[1] if said else model
    return f"{os.cpu_count()} CPU cores ({model}, {platform.system()})"


def notebook_seconds(folder):
    """Read how long the notebooks of `make course` took, from their stamps.

    Args:
        folder: Path of the executed notebooks.

    Returns:
        A dict from name to (seconds, date); {} where there is none.
    """
    files = notebooks_in(folder).items()
    stamps = {name: json.loads(path.read_text(encoding="utf-8"))["metadata"].get("course", {}) for name, path in files}
    return {name: (stamp["seconds"], stamp.get("date", "-")) for name, stamp in stamps.items() if "seconds" in stamp}


def page(measured, where, *, runs, course):
    """Write the table.

    Args:
        measured: list of what pytest-benchmark writes of each benchmark.
        where: the machine, in words.
        runs: dict from a notebook's name to (seconds, date).
        course: how long make course took in this run; None where it did not run.

    Returns:
        The page as Markdown.
    """
    versions = ", ".join(f"{name} {version(name)}" for name in ("keras", "tensorflow", "numpy", "matplotlib"))
    about = ABOUT.format(machine=where, date=datetime.date.today().isoformat(), versions=versions)
    about = textwrap.fill(" ".join(about.split()), 118)
    said = "not measured in this run (`--course`)" if course is None else _time(course)
    parts = [TITLE, about, _pairs(measured), *_growth(measured), _imports(measured)]
    parts.append(f"`make course` in a warm environment, target {TARGET['course']} s: {said}.")
    rows = [(name, _time(seconds), date) for name, (seconds, date) in runs.items()]
    parts += [_table(("notebook, quick, beside others", "took", "in the run of"), rows)] if rows else []
    return "\n\n".join(parts) + "\n"


def _table(head, rows):
    return "\n".join(f"| {' | '.join(row)} |" for row in (head, *rows)).replace("\n", f"\n|{'---|' * len(head)}\n", 1)


def _found(measured, key):
    """What is told of the benchmarks of one kind, with the seconds that each took."""
    return [(each["extra_info"], each["stats"]["median"]) for each in measured if key in each["extra_info"]]


def _pairs(measured):
    """Our way and the plain way of each pair; one of them may have been left out by --only."""
    took, rows = {}, []
    for info, seconds in _found(measured, "pair"):
        took.setdefault(info["pair"], {})[info["way"]] = info, seconds
    for info, ours, plain in [(*ways["ours"], ways["plain"][1]) for ways in took.values() if len(ways) == 2]:
        ratio, target = plain / ours, "-" if info["target"] is None else f"{info['target']:g}"
        times = f"{ratio:.0f}" if ratio >= 9.95 else f"{ratio:.1f}" if ratio >= 1 else f"{ratio:.2f}"
        rows.append((info["what"], _time(ours), info["plain"], _time(plain), times, target))
    return _table(("what", "ours", "the plain way", "takes", "times faster", "target"), rows)


def _growth(measured):
    """How time and memory of reading all layers grow: the slope on logarithmic axes, where 1 is proportional."""
    points, rows = _found(measured, "grows"), []
    for what in dict.fromkeys(info["grows"] for info, _ in points):
        of_one = [(info, seconds) for info, seconds in points if info["grows"] == what]
        amounts, megabytes = ([info[key] for info, _ in of_one] for key in ("amount", "megabytes"))
        seconds = [seconds for _, seconds in of_one]
        slopes = [np.polyfit(np.log(amounts), np.log(costs), 1)[0] for costs in (seconds, megabytes)]
        expected = f"{of_one[0][0]['expected']}"
        rows.append((f"{what}, {amounts[0]} to {amounts[-1]}", expected, *(f"{slope:.2f}" for slope in slopes)))
    return [GROWTH, _table(("what grows", "values", "time", "memory"), rows)] if rows else []


def _imports(measured):
    seconds = {info["module"]: seconds for info, seconds in _found(measured, "module")}
    bare = seconds.pop("", 0.0)
    rows = [(f"`{module}`", _time(max(0, took - bare))) for module, took in seconds.items()]
    return _table(("import in a fresh process", "takes, without Python's own start"), rows)


def _time(seconds):
    if seconds < 0.1:
        return f"{1000 * seconds:.0f} ms" if seconds >= 0.01 else f"{1000 * seconds:.1f} ms"
    return f"{seconds:.2f} s" if seconds < 2 else f"{seconds:.0f} s"


def ratios(text):
    """Read the ratios out of the table.

    Args:
        text: the page as Markdown.

    Returns:
        A dict from what is done to how many times faster our way is.
    """
    rows = re.findall(r"^\| ([^|]+) \| [^|]+ \| [^|]+ \| [^|]+ \| ([0-9.e+]+) \| [^|]+ \|$", text, re.M)
    return {what: float(faster) for what, faster in rows}
