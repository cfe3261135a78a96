"""Build .venv, the environment of the course, when it is missing or requirements.lock changed.

Needs nothing but Python 3.11 to 3.13 with its venv module, and the Python package index, or a folder of wheels
(make wheelhouse fills one). The second call finds the environment ready and returns at once. Packages are installed by
uv, which comes from the same place, and by pip where uv fails.

examples:
  python3 -m helpers environment
  python3 -m helpers environment --wheels /media/usb/wheelhouse     without any network
"""

import ast
import hashlib
import os
import shutil
import subprocess
import sys
import threading
import time
from pathlib import Path

__all__ = ["add_arguments", "pip_words", "run", "uv_words"]

ROOT = Path(__file__).resolve().parents[3]
VENV = ROOT / ".venv"
STAMP = VENV / "built-from"
EVERYTHING = ["--requirement", "requirements.lock", "--editable", "."]
ABOUT = "First the environment is built in .venv, once: one to three minutes with a fast network, and 3 GB on disk."
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
    """Run one step, showing on a terminal what it is at; what fails shows its last lines and is said in a sentence."""
    print(what, flush=True)
    started, said = time.monotonic(), []
    words = [str(word) for word in command]
    pipes = {"stdin": subprocess.DEVNULL, "stdout": subprocess.PIPE, "stderr": subprocess.STDOUT}
    in_order = {**os.environ, "PYTHONUNBUFFERED": "1"}  # else an error may stand above what was said before it
    with subprocess.Popen(words, cwd=ROOT, env=in_order, text=True, errors="replace", **pipes) as process:

        def read():
            for line in process.stdout:
                said.append(line)

        reader = threading.Thread(target=read, daemon=True)
        reader.start()
        while reader.is_alive():
            reader.join(1)
            _show(f"  {time.monotonic() - started:.0f} s  {_latest(said)}")
    _show("")
    if process.returncode:
        print("".join(said[-20:]), file=sys.stderr)
        raise OSError(f"This step failed, see above: {what} Mend the cause (network? disk?) and type it again.")


def _latest(said):
    """What an installer is at: the last line, or with uv, which loads many at a time, what is not yet there."""
    there = {line.split()[1] for line in said if line.startswith(" Downloaded ")}
    waiting = [line for line in said if line.startswith("Downloading ") and line.split()[1] not in there]
    return "".join((waiting or said)[-1:]).strip()


def _show(line):
    """Show a line in place of the one before, on a terminal only: a log wants no thousand lines."""
    if sys.stdout.isatty():
        print(f"\r{line[:78]:<78}", end="" if line else "\r", flush=True)


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


def uv_words(python=sys.executable):
    """Return what to add to a command of uv, which does not read pip's settings, to take packages from where pip does.

    Args:
        python: the interpreter whose pip is asked.

    Returns:
        A list of words; empty where pip has no settings of its own.
    """
    listed = subprocess.run([python, "-m", "pip", "config", "list"], capture_output=True, text=True).stdout
    lines = [line.partition("=") for line in listed.splitlines()]
    settings = {}
    for section in ("global.", "install.", ":env:."):  # the later one counts
        here = {
            name.removeprefix(section): ast.literal_eval(value) for name, _, value in lines if name.startswith(section)
        }
        settings.update(here)
    words = []
    if settings.get("no-index", "0").lower() not in ("0", "false", "no", "off"):
        words += ["--no-index"]
    if settings.get("cert"):
        words += ["--system-certs"]
    for name, option in (
        ("index-url", "--default-index"),
        ("extra-index-url", "--index"),
        ("find-links", "--find-links"),
    ):
        for address in settings.get(name, "").split():
            words += [option, address]
    return words + ["--index-strategy", "unsafe-best-match"] if "--index" in words else words


def _build(wheels=None):
    """Make the environment. The stamp comes last, so that a half-built one is never taken for ready."""
    pip, python = pip_words(wheels), venv_python()
    if subprocess.run([sys.executable, "-c", "import ensurepip, venv"], capture_output=True).returncode:
        raise OSError(NO_VENV)
    print(ABOUT, flush=True)
    _make_venv()
    try:
        _step("Fetching uv ...", [*pip, "--constraint", "requirements.lock", "uv"])
        uv = [python, "-m", "uv", "pip", "install", "--python", python, *uv_words(python)]
        _step("Installing by uv what requirements.lock names ...", [*uv, *EVERYTHING])
    except OSError:
        print("uv could not install the packages, so pip does it: that takes some three times as long.", flush=True)
        _make_venv()
        _step("Installing by pip what requirements.lock names ...", [*pip, "--progress-bar", "off", *EVERYTHING])
    _quiet_kernels()
    STAMP.write_text(fingerprint())


def _make_venv():
    """An empty environment in the place of whatever is there."""
    if VENV.exists():
        print("Removing the .venv that was there ...", flush=True)
        shutil.rmtree(VENV, ignore_errors=True)
    _step("Making .venv ...", [sys.executable, "-m", "venv", VENV])


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
