"""Remove what was built under build/, except trained networks; --all removes them and .venv too.

Data sets and committed files are never touched.
"""

import shutil

from helpers.course import ROOT

__all__ = ["add_arguments", "run"]

KEPT = ("trained", "results")  # finished trainings cost hours


def add_arguments(parser):
    """Declare the options.

    Args:
        parser: the command's argparse parser.
    """
    parser.add_argument("--all", action="store_true", help="also the trained networks and .venv")


def run(arguments):
    """Remove the folders and say which.

    Args:
        arguments: the parsed options.

    Returns:
        0. What cannot be removed raises OSError.
    """
    inside = sorted((ROOT / "build").glob("*"))
    doomed = [path for path in inside if arguments.all or path.name not in KEPT]
    doomed += [ROOT / "build", ROOT / ".venv"] if arguments.all else []
    for path in doomed:
        if path.is_dir():
            shutil.rmtree(path)
        else:
            path.unlink(missing_ok=True)
    print(f"Removed {len(doomed)} entries." if doomed else "There was nothing to remove.")
    return 0
