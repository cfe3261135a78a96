"""Write requirements.lock anew from the ranges in pyproject.toml (needs uv on the path).

One file for Linux, macOS and Windows and for Python 3.11 to 3.13: where they differ, a line carries a marker.
"""

import os
import shutil
import subprocess

from helpers.course import ROOT

__all__ = ["add_arguments", "run"]


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
        0, or uv's exit code.

    Raises:
        OSError: if uv is not installed.
    """
    if not shutil.which("uv"):
        raise OSError("uv writes the lock and is not installed here: pip install uv, then type the command again.")
    target, beside = ROOT / "requirements.lock", ROOT / ".requirements.lock.new"
    if target.exists() and not arguments.upgrade:
        shutil.copy(target, beside)  # uv keeps the versions it finds there
    words = ["uv", "pip", "compile", "--universal", "--python-version", "3.11", "--quiet", "pyproject.toml"]
    # No address of any package index may get into the file, whoever runs this.
    plain = ["--no-header", "--no-annotate", "--no-emit-index-url", "--no-emit-find-links"]
    code = subprocess.run([*words, *plain, "--output-file", str(beside)], cwd=ROOT).returncode
    if code == 0:
        os.replace(beside, target)
    return code
