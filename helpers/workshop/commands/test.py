"""Run the tests: lint, pytest on tests/, then every notebook (quick): checked outputs, and solutions once more.

examples:
  python -m helpers test                                    what every change must pass
  python -m helpers test --workers 1                        one test after the other, which needs less memory
  python -m helpers test --lint                             form, imports and declared packages only: seconds
  python -m helpers test --long                             the tests that take longer
  COURSE_DATA=~/sets python -m helpers test --real-data     the notebooks and a few tests on the real sets
"""

import os
import re
import subprocess
import sys
import sysconfig
import time
from pathlib import Path

from helpers.course import ROOT, data_folder
from helpers.workshop.notebook_names import notebooks_in
from helpers.workshop.notebooks import parallel

__all__ = ["add_arguments", "run"]

NBVAL = ["--nbval-lax", "--nbval-current-env", "--nbval-cell-timeout=300", "--timeout=0"]
NBVAL += ["-p", "helpers.workshop.notebooks.solutions_again"]
NBVAL += ["--nbval-kernel-startup-timeout=600"]  # a busy machine may need more than the 60 s that are usual
# Each command of lint, and what to do where it fails.
LINT = {
    "ruff check --quiet .": ".venv/bin/ruff check --fix . mends most of it.",
    "ruff format --check .": ".venv/bin/ruff format . mends it.",
    "lint-imports --no-cache --no-logo": "a room imports what it may not; helpers/README.md has the rules.",
    "deptry --no-ansi .": "pyproject.toml is to declare every package that is imported, and no other; then make lock.",
}


def add_arguments(parser):
    """Declare the options.

    Args:
        parser: the command's argparse parser.
    """
    group = parser.add_mutually_exclusive_group()
    group.add_argument("--lint", action="store_true", help="only the form, the imports and the declared packages")
    group.add_argument(
        "--long", action="store_true", help="only the tests marked long, one after the other: some measure time"
    )
    group.add_argument("--real-data", action="store_true", help="the tests marked real_data, and the notebooks")
    parallel.add_option(parser, "test files, then notebooks,")


def said_seconds(notebook):
    """Read from a notebook how long it says that a quick run takes.

    Args:
        notebook: its Path; the text is searched as it is, so that one that cannot be read fails in its own test.

    Returns:
        Seconds; a minute where it says nothing.
    """
    said = re.search(r"\*Time: quick [^;]*?(\d+) (s|min);", notebook.read_text(encoding="utf-8"))
    return int(said[1]) * {"s": 1, "min": 60}[said[2]] if said else 60


def slowest_first():
    """Put the notebooks of both tiers into the order in which several workers are done soonest.

    Returns:
        Their names below the repository, such as "notebooks/01_shapes_cnn.ipynb".
    """
    notebooks = notebooks_in(ROOT / "notebooks").values()
    return [path.relative_to(ROOT).as_posix() for path in sorted(notebooks, key=said_seconds, reverse=True)]


def lint():
    """Run every command of LINT; one that fails does not stop the others.

    Returns:
        0, or 1 if one failed.
    """
    failed = 0
    for command, advice in LINT.items():
        tool, *options = command.split()
        if subprocess.run([Path(sysconfig.get_path("scripts"), tool), *options], cwd=ROOT).returncode:
            print(f"FAILED {command}: {advice}", flush=True)
            failed = 1
    return failed


def command_lines(*, which, at_a_time):
    """Return the command lines to run, in order.

    Args:
        which: "short", "long" or "real data".
        at_a_time: how many files run at a time.

    Returns:
        A dict: name of the part -> list of words.
    """
    pytest = [sys.executable, "-m", "pytest", "-q"]
    if which == "long":
        return {"long tests": [*pytest, "-m", "long", "--timeout=7200", "tests"]}
    # Whole files, because their tests share what is costly to make, and the cells of a notebook share a kernel.
    if at_a_time > 1:
        pytest += [f"--numprocesses={at_a_time}", "--dist=loadfile", "--no-loadscope-reorder"]
    notebooks = [*pytest, *NBVAL, *slowest_first()]
    if which == "real data":
        return {"tests on real data": [*pytest, "-m", "real_data", "tests"], "notebooks on real data": notebooks}
    only_lint = [sys.executable, "-m", "helpers", "test", "--lint"]
    return {"lint": only_lint, "unit tests": [*pytest, "tests"], "notebooks": notebooks}


def worker_environment(at_a_time):
    """Return the environment in which tests run: quick, quiet, and with the cores shared out.

    Args:
        at_a_time: how many processes run at a time.

    Returns:
        A dict; what the user has set of the threads is left as it is.
    """
    shared = parallel.shared_cores(at_a_time)
    return {**shared, **os.environ, "TF_CPP_MIN_LOG_LEVEL": "3", "COURSE_PROFILE": "quick", "OWN_IMAGES": ""}


def timed(words, environment):
    """Run a command in the repository.

    Args:
        words: the command line.
        environment: its environment.

    Returns:
        A pair: exit code, seconds.
    """
    started = time.perf_counter()
    code = subprocess.run(words, cwd=ROOT, env=environment).returncode
    return code, time.perf_counter() - started


def print_times(parts):
    """Print a line per part: name, minutes and seconds, result.

    Args:
        parts: a dict, name -> (exit code, seconds).
    """
    print(f"\n{'part':<26}{'min:s':>6}  result")
    for name, (code, seconds) in parts.items():
        print(f"{name:<26}{_clock(seconds):>6}  {'FAILED' if code else 'passed'}")
    if len(parts) > 1:
        print(f"{'in all':<26}{_clock(sum(seconds for _, seconds in parts.values())):>6}")


def _clock(seconds):
    minutes, rest = divmod(round(seconds), 60)
    return f"{minutes}:{rest:02}"


def run(arguments):
    """Run the parts, each even when an earlier one failed. At the end stands how long each took.

    Args:
        arguments: the parsed options.

    Returns:
        0, or 1 if a part failed.
    """
    if arguments.lint:
        return lint()
    data_folder()
    which = "long" if arguments.long else "real data" if arguments.real_data else "short"
    at_a_time = 1 if arguments.long else arguments.workers or parallel.default_workers()
    environment = worker_environment(at_a_time)
    runs = command_lines(which=which, at_a_time=at_a_time)
    parts = {name: timed(words, environment) for name, words in runs.items()}
    print_times(parts)
    return int(any(code for code, _ in parts.values()))
