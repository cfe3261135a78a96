"""Time what the course claims to be fast, against the plain way of doing it."""

import subprocess
import sys

from helpers.course import ROOT

__all__ = ["add_arguments", "run"]


def add_arguments(parser):
    """Declare the options.

    Args:
        parser: the command's argparse parser.
    """
    parser.add_argument("--only", default="", help="part of a benchmark's name, to run fewer")


def run(arguments):
    """Run pytest-benchmark on tests/bench_*.py and show its table.

    Args:
        arguments: the parsed options.

    Returns:
        pytest's exit code.
    """
    files = sorted(str(path.relative_to(ROOT)) for path in (ROOT / "tests").glob("bench_*.py"))
    words = [
        sys.executable,
        "-m",
        "pytest",
        "-q",
        "--benchmark-enable",
        "--benchmark-only",
        "-k",
        arguments.only,
    ]
    columns = ["--benchmark-columns=min,median,rounds", "--benchmark-sort=name", "--benchmark-group-by=group"]
    return subprocess.run([*words, *columns, *files], cwd=ROOT).returncode
