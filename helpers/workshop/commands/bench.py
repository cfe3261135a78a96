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
    return main_page(only=arguments.only, course=arguments.course)


def main_page(*, only, course):
    """Time, show and write.

    Args:
        only: part of a benchmark's name; "" for all.
        course: whether every notebook is run.

    Returns:
        The exit code.
    """
    code, measured = measure(only)
    seconds = None
    if course and not code:
        code, seconds = _time_course()
    text = page(measured, machine(), runs=notebook_seconds(ROOT / "build" / "course"), course=seconds)
    print(text)
    if code or only:
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
    runs = {}
    for name, path in notebooks_in(folder).items():
        stamp = json.loads(path.read_text(encoding="utf-8"))["metadata"].get("course", {})
        if "seconds" in stamp:
            runs[name] = (stamp["seconds"], stamp.get("date", "-"))
    return runs


def _time_course():
    """Run make course in this environment: (exit code, seconds)."""
    started = time.perf_counter()
    code = subprocess.run([sys.executable, "-m", "helpers", "course"], cwd=ROOT).returncode
    return code, time.perf_counter() - started


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
    head = f"{TITLE}\n\n{textwrap.fill(' '.join(about.split()), 118)}\n\n"
    return (
        head + _pair_table(measured) + _growth_table(measured) + _import_table(measured) + _course_table(runs, course)
    )


def _pair_table(measured):
    about = {each["extra_info"]["pair"]: each["extra_info"] for each in measured if "pair" in each["extra_info"]}
    named = [(each["extra_info"], each["stats"]["median"]) for each in measured]
    took = {(info.get("pair"), info.get("way")): seconds for info, seconds in named}
    rows = ["| what | ours | the plain way | takes | times faster | target |", "|---|---|---|---|---|---|"]
    for name, info in about.items():
        ours, plain = (took.get((name, way)) for way in ("ours", "plain"))
        if ours and plain:  # one of them may have been left out by --only
            target = "-" if info["target"] is None else f"{info['target']:g}"
            cells = (info["what"], _time(ours), info["plain"], _time(plain), _times(plain / ours), target)
            rows.append(f"| {' | '.join(cells)} |")
    return "\n".join(rows) + "\n\n"


def _times(ratio):
    return f"{ratio:.0f}" if ratio >= 9.95 else f"{ratio:.1f}" if ratio >= 1 else f"{ratio:.2f}"


def _growth_table(measured):
    """How time and memory of reading all layers grow: the slope on logarithmic axes, where 1 is proportional."""
    rows = [f"{GROWTH}\n", "| what grows | values | time | memory |", "|---|---|---|---|"]
    points = [(each["extra_info"], each["stats"]["median"]) for each in measured if "grows" in each["extra_info"]]
    for what in dict.fromkeys(info["grows"] for info, _ in points):
        of_one = [(info, seconds) for info, seconds in points if info["grows"] == what]
        amounts, megabytes = ([info[key] for info, _ in of_one] for key in ("amount", "megabytes"))
        slopes = [_slope(amounts, costs) for costs in ([seconds for _, seconds in of_one], megabytes)]
        grown = f"{what}, {amounts[0]} to {amounts[-1]}"
        rows.append(f"| {grown} | {of_one[0][0]['expected']} | {slopes[0]:.2f} | {slopes[1]:.2f} |")
    return "\n".join(rows) + "\n\n" if points else ""


def _slope(amounts, costs):
    return np.polyfit(np.log(amounts), np.log(costs), 1)[0]


def _import_table(measured):
    imports = [each for each in measured if "module" in each["extra_info"]]
    seconds = {each["extra_info"]["module"]: each["stats"]["median"] for each in imports}
    bare = seconds.pop("", 0.0)
    rows = ["| import in a fresh process | takes, without Python's own start |", "|---|---|"]
    rows += [f"| `{module}` | {_time(max(0, took - bare))} |" for module, took in seconds.items()]
    return "\n".join(rows) + "\n\n"


def _course_table(runs, course):
    words = "not measured in this run (`--course`)" if course is None else _time(course)
    rows = [f"`make course` in a warm environment, target {TARGET['course']} s: {words}.\n"]
    if runs:
        rows += ["| notebook, quick, beside others | took | in the run of |", "|---|---|---|"]
        rows += [f"| {name} | {_time(seconds)} | {date} |" for name, (seconds, date) in runs.items()]
    return "\n".join(rows) + "\n"


def _time(seconds):
    if seconds < 0.1:
        return f"{1000 * seconds:.2g} ms" if seconds >= 0.01 else f"{1000 * seconds:.1f} ms"
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
