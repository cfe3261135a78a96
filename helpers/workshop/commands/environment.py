"""Build .venv, the environment of the course, when it is missing or requirements.lock changed.

Needs nothing but Python 3.11 to 3.13 with its venv module, and the Python package index, or a folder of wheels
(make wheelhouse fills one). The second call finds the environment ready and returns at once.

examples:
  python3 -m helpers environment
  python3 -m helpers environment --wheels /media/usb/wheelhouse     without any network
"""

import hashlib
import os
import shutil
import subprocess
import sys
from pathlib import Path

__all__ = ["add_arguments", "run"]

ROOT = Path(__file__).resolve().parents[3]
VENV = ROOT / ".venv"
STAMP = VENV / "built-from"
NO_VENV = (
    "Python's venv module is missing here, and the course builds its environment with it: install it "
    "(Debian, Ubuntu: sudo apt install python3-venv) and type the command again."
)


def add_arguments(parser):
    """Declare the options.

    Args:
        parser: the command's argparse parser.
    """
    parser.add_argument("--fresh", action="store_true", help="build it anew even where it is ready")
    from_folder = "take every package from this folder, and nothing from a network"
    parser.add_argument("--wheels", metavar="FOLDER", help=from_folder)


def venv_python(venv=VENV):
    """Return the environment's interpreter.

    Args:
        venv: the environment's folder.

    Returns:
        The Path of its python (which may not exist yet).
    """
    return venv / ("Scripts/python.exe" if os.name == "nt" else "bin/python")


def fingerprint():
    """Return what the environment is built from, as one SHA-256: lock, package metadata, place, Python.

    Returns:
        64 hexadecimal digits. The place counts because an environment does not survive being moved.
    """
    parts = [(ROOT / name).read_bytes() for name in ("requirements.lock", "pyproject.toml")]
    parts += [str(ROOT).encode(), repr(sys.version_info[:2]).encode()]
    return hashlib.sha256(b"\0".join(parts)).hexdigest()


def is_ready():
    """Say whether the environment there was built from today's lock, in this place.

    Returns:
        True or False.
    """
    return STAMP.is_file() and STAMP.read_text() == fingerprint() and venv_python().exists()


def _step(what, command):
    """Run one step, counting the packages as pip names them; what fails is said in a sentence."""
    print(what, flush=True)
    words = [str(word) for word in command]
    with subprocess.Popen(words, cwd=ROOT, stdout=subprocess.PIPE, text=True, errors="replace") as process:
        _show_progress(process.stdout)
    if process.returncode:
        raise OSError(f"This step failed, see above: {what} Mend the cause (network? disk?) and type it again.")


def _show_progress(lines):
    """One line that counts on a terminal, silence elsewhere (a log wants no thousand lines)."""
    packages = sum(1 for line in (ROOT / "requirements.lock").read_text().splitlines() if "==" in line)
    seen = 0
    for line in lines:
        seen += line.startswith("Collecting ")
        if sys.stdout.isatty():
            phase = "unpacking" if line.startswith("Installing collected") else f"package {seen} of about {packages}"
            print(f"\r  {phase:<40}", end="", flush=True)
    if sys.stdout.isatty():
        print("\r" + " " * 44, end="\r", flush=True)


def pip_words(wheels=None, venv=VENV):
    """Return the command line by which packages are installed, up to their names.

    Args:
        wheels: folder of wheels to take every package from; None for the Python package index.
        venv: the environment's folder.

    Returns:
        A list of words; with wheels, this process and those that it starts install from nowhere else.

    Raises:
        NotADirectoryError: if the folder is none, or holds no wheel.
    """
    words = [venv_python(venv), "-m", "pip", "--disable-pip-version-check", "--no-input", "install"]
    if wheels is None:
        return words
    folder = Path(wheels).expanduser().resolve()
    if not any(folder.glob("*.whl")):
        raise NotADirectoryError(f"{wheels} is no folder with wheels: make wheelhouse fills one, build/wheelhouse/.")
    # pip reads its options here too; as a URL, since it would part a path at its spaces.
    os.environ.update(PIP_NO_INDEX="1", PIP_FIND_LINKS=folder.as_uri())
    return words


def _build(wheels=None):
    """Make the environment. The stamp comes last, so that a half-built one is never taken for ready."""
    pip = pip_words(wheels)
    if subprocess.run([sys.executable, "-c", "import ensurepip, venv"], capture_output=True).returncode:
        raise OSError(NO_VENV)
    shutil.rmtree(VENV, ignore_errors=True)
    _step("Making .venv ...", [sys.executable, "-m", "venv", VENV])
    lock = [*pip, "--progress-bar", "off", "--requirement", "requirements.lock"]
    _step("Installing what requirements.lock names (3 GB on disk, one to five minutes) ...", lock)
    _step("Installing the course's own package ...", [*pip, "--no-deps", "--editable", "."])
    _quiet_kernels()
    STAMP.write_text(fingerprint())


def _quiet_kernels():
    """TensorFlow's start-up remarks, which no setting of its own stops, go to the terminal, not into notebooks."""
    folder = VENV / "etc" / "ipython"
    folder.mkdir(parents=True, exist_ok=True)
    setting = "c = get_config()  # noqa: F821\nc.IPKernelApp.capture_fd_output = False\n"
    (folder / "ipython_kernel_config.py").write_text(setting)


def run(arguments):
    """Build the environment unless it is ready.

    Args:
        arguments: the parsed options.

    Returns:
        0. What fails raises OSError with one sentence.
    """
    if arguments.fresh or not is_ready():
        _build(arguments.wheels)
        print("The environment is ready: .venv")
    return 0
