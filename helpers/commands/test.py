"""Run the tests: pytest on tests/, then every notebook (quick) with its checked outputs compared.

examples:
  python -m helpers test                                    what every change must pass
  python -m helpers test --long                             the tests that take longer
  COURSE_DATA=~/sets python -m helpers test --real-data     the notebooks and a few tests on the real sets
"""

import os
import subprocess
import sys

from helpers.course import ROOT, data_folder

__all__ = ["add_arguments", "run"]

NBVAL = ["--nbval-lax", "--nbval-current-env", "--nbval-cell-timeout=300", "--timeout=0", "notebooks"]


def add_arguments(parser):
    """Declare the options.

    Args:
        parser: the command's argparse parser.
    """
    group = parser.add_mutually_exclusive_group()
    group.add_argument("--long", action="store_true", help="only the tests marked long")
    group.add_argument(
        "--real-data", action="store_true", help="the tests marked real_data, and the notebooks"
    )


def pytest_runs(*, which):
    """Return the pytest command lines to run, in order.

    Args:
        which: "short", "long" or "real data".

    Returns:
        A list of lists of words.
    """
    pytest = [sys.executable, "-m", "pytest", "-q"]
    return {
        "short": [[*pytest, "tests"], [*pytest, *NBVAL]],
        "long": [[*pytest, "-m", "long", "--timeout=7200", "tests"]],
        "real data": [[*pytest, "-m", "real_data", "tests"], [*pytest, *NBVAL]],
    }[which]


def run(arguments):
    """Run pytest; every part runs even when an earlier one failed.

    Args:
        arguments: the parsed options.

    Returns:
        0, or 1 if a part failed.
    """
    data_folder()
    which = "long" if arguments.long else "real data" if arguments.real_data else "short"
    environment = {**os.environ, "TF_CPP_MIN_LOG_LEVEL": "3", "COURSE_PROFILE": "quick"}
    codes = [
        subprocess.run(words, cwd=ROOT, env=environment).returncode for words in pytest_runs(which=which)
    ]
    return int(any(codes))
