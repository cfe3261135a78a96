"""Write requirements.lock anew from the ranges in pyproject.toml.

One file for Linux, macOS and Windows and for Python 3.11 to 3.13: where they differ, a line carries a marker.
"""

import shutil
import subprocess
import sys

from helpers._shared.files import beside
from helpers.course import ROOT
from helpers.workshop.commands.environment import uv_words

__all__ = ["EXTRAS", "add_arguments", "run"]

EXTRAS = ("lab", "data", "site", "test")  # what .venv holds beside the base list


def add_arguments(parser):
    """Declare the options.

    Args:
        parser: the command's argparse parser.
    """
    parser.add_argument("--upgrade", action="store_true", help="take the newest versions that the ranges allow")


def run(arguments):
    """Compile the lock beside its place and rename it into it.

    Args:
        arguments: the parsed options.

    Returns:
        0.

    Raises:
        OSError: if uv fails; the lock is as it was.
    """
    target = ROOT / "requirements.lock"
    words = [sys.executable, "-m", "uv", "pip", "compile", "--universal", "--python-version", "3.11", "--quiet"]
    words += [f"--extra={extra}" for extra in EXTRAS] + uv_words()
    # No address of any package index may get into the file, whoever runs this.
    words += ["--no-header", "--no-annotate", "--no-emit-index-url", "--no-emit-find-links"]
    with beside(target) as lock:
        if target.exists() and not arguments.upgrade:
            shutil.copy(target, lock)  # uv keeps the versions it finds there
        if subprocess.run([*words, "--output-file", lock, "pyproject.toml"], cwd=ROOT).returncode:
            raise OSError("uv could not write the lock, see above: requirements.lock is as it was.")
    return 0
