"""Open the notebooks in Jupyter Lab, reachable from this machine only and with its token on."""

import hashlib
import os
import subprocess
import sys
from pathlib import Path

from helpers._shared.files import write_beside
from helpers.course import ROOT, build_folder
from helpers.workshop.commands.course import write_explorer
from helpers.workshop.notebook_names import notebooks_in

__all__ = ["add_arguments", "lab_command", "run"]

SETTINGS = Path(__file__).parents[1] / "notebooks" / "lab"  # overrides.json and workspace.json
WORKSPACE = "course"


def add_arguments(parser):
    """Declare the options.

    Args:
        parser: the command's argparse parser.
    """
    parser.add_argument("--port", type=int, default=8888, help="first port to try (default 8888)")
    parser.add_argument("--no-browser", action="store_true", help="print the address instead of opening it")


def lab_command(*, port, browser):
    """Return the command line that starts Jupyter Lab on the first notebook, with the table of contents beside it.

    What the reader arranges anew is kept in build/lab/, and their own settings come before ours.

    Args:
        port: first port to try.
        browser: "open", or "none" to print the address only.

    Returns:
        A list of words.
    """
    first, place = next(iter(notebooks_in(ROOT / "notebooks").values())), build_folder("lab")
    write_beside(place / "overrides.json", (SETTINGS / "overrides.json").read_bytes())
    mark = hashlib.sha256(WORKSPACE.encode()).hexdigest()[:4]  # Lab's own name for the file of a workspace
    arranged = place / "workspaces" / f"{WORKSPACE}-{mark}.jupyterlab-workspace"
    if not arranged.is_file():
        write_beside(arranged, (SETTINGS / "workspace.json").read_bytes())
    words = [sys.executable, "-m", "jupyter", "lab", "--ip=127.0.0.1", f"--port={port}", f"--notebook-dir={ROOT}"]
    words += [f"--LabApp.app_settings_dir={place}", f"--LabApp.workspaces_dir={place / 'workspaces'}"]
    opened = first.relative_to(ROOT).as_posix()
    words.append(f"--LabApp.default_url=/lab/workspaces/{WORKSPACE}/tree/{opened}")
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
    write_explorer()
    environment = {**os.environ, "TF_CPP_MIN_LOG_LEVEL": "3"}  # TensorFlow's remarks frighten learners
    words = lab_command(port=arguments.port, browser="none" if arguments.no_browser else "open")
    return subprocess.run(words, cwd=ROOT, env=environment).returncode
