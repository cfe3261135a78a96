"""Download all wheels into build/wheelhouse/, for Linux, macOS and Windows: a folder for a USB stick.

examples:
  python -m helpers wheelhouse                                 three systems, Python 3.11 to 3.13
  python -m helpers wheelhouse --systems linux --pythons 3.12
  python -m helpers wheelhouse --to /media/usb/wheelhouse

Needs a network now, so that nobody in the room needs one. On a machine there, in the folder of the course:
  python3 -m helpers environment --wheels /media/usb/wheelhouse
"""

from pathlib import Path

from helpers._shared.files import write_beside
from helpers.course import build_folder
from helpers.workshop.handouts.wheels import PLACES, PYTHONS, download

__all__ = ["add_arguments", "run"]

HOW = """\
These are all packages of the course "Inside a CNN". In the course's folder (unpack student.zip), without any network:

    python3 -m helpers environment --wheels FOLDER

where FOLDER is the one that holds this file; on Windows: py -m helpers environment --wheels FOLDER
"""


def add_arguments(parser):
    """Declare the options.

    Args:
        parser: the command's argparse parser.
    """
    for name, known, word in (("systems", PLACES, "SYSTEM"), ("pythons", PYTHONS, "VERSION")):
        about = f"of {', '.join(known)} (default: all)"
        parser.add_argument(f"--{name}", nargs="+", choices=known, default=list(known), metavar=word, help=about)
    parser.add_argument("--to", metavar="FOLDER", help="where to put them (default: build/wheelhouse/)")


def run(arguments):
    """Download place after place; one that fails does not stop the others, and a second call fetches what is missing.

    Args:
        arguments: the parsed options.

    Returns:
        0, or 1 if a wheel could not be had.
    """
    folder = Path(arguments.to).expanduser() if arguments.to else build_folder("wheelhouse")
    write_beside(folder / "INSTALL.txt", HOW)
    places = [(system, python) for system in arguments.systems for python in arguments.pythons]
    failed = False
    for number, (system, python) in enumerate(places, start=1):
        print(f"[{number}/{len(places)}] {system}, Python {python} ...", flush=True)
        try:
            count = download(system, python, folder)
            print(f"  {count} packages; the folder holds {_gigabytes(folder):.1f} GB", flush=True)
        except OSError as error:
            failed = True
            print(f"  FAIL {error}", flush=True)
    print(f"Install from it, without network: python3 -m helpers environment --wheels {folder}")
    return int(failed)


def _gigabytes(folder):
    return sum(file.stat().st_size for file in folder.glob("*.whl")) / 1e9
