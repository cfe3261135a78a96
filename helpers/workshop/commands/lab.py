"""Open the notebooks in Jupyter Lab, reachable from this machine only and with its token on."""

import os
import subprocess
import sys

from helpers.course import ROOT

__all__ = ["add_arguments", "run"]


def add_arguments(parser):
    """Declare the options.

    Args:
        parser: the command's argparse parser.
    """
    parser.add_argument("--port", type=int, default=8888, help="first port to try (default 8888)")
    parser.add_argument("--no-browser", action="store_true", help="print the address instead of opening it")


def lab_command(*, port, browser):
    """Return the command line that starts Jupyter Lab.

    Args:
        port: first port to try.
        browser: "open", or "none" to print the address only.

    Returns:
        A list of words.
    """
    words = [sys.executable, "-m", "jupyter", "lab", "--ip=127.0.0.1", f"--port={port}", "--notebook-dir=notebooks"]
    if browser == "none":
        words.append("--no-browser")
    if hasattr(os, "geteuid") and os.geteuid() == 0:
        words.append("--allow-root")  # as in most containers; the address and the token still keep others out
    return words


def run(arguments):
    """Start Jupyter Lab and wait for its end.

    Args:
        arguments: the parsed options.

    Returns:
        Jupyter's exit code.
    """
    environment = {**os.environ, "TF_CPP_MIN_LOG_LEVEL": "3"}  # TensorFlow's remarks frighten learners
    words = lab_command(port=arguments.port, browser="none" if arguments.no_browser else "open")
    return subprocess.run(words, cwd=ROOT, env=environment).returncode
