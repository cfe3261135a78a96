"""Fetch the real data sets, each on its own; what is already there stays as it is.

examples:
  python -m helpers data                      all six sets, into data/ (or the folder COURSE_DATA names)
  python -m helpers data shapes mnist         two of them
  python -m helpers data --to /media/usb      into another folder; then COURSE_DATA=/media/usb make course
  python -m helpers data --public             without Kaggle wherever a set has a public source

shapes and chest_xray come from Kaggle and want its token; cats_vs_dogs and digit_recognizer have a public
source too, mnist and hand_drawn_shapes have nothing else. Type the same command again after a failure: only
what is missing is fetched. data/README.md tells where each set comes from, under which licence, and how to
make a token.
"""

import argparse
import sys
from pathlib import Path

from helpers._shared.errors import CourseError
from helpers.course import data_folder
from helpers.workshop.fetching.sources import SOURCES, data_sets, fetch, is_there, route

__all__ = ["add_arguments", "run"]


def add_arguments(parser):
    """Declare the options.

    Args:
        parser: the command's argparse parser.
    """
    names = ", ".join(SOURCES)
    parser.add_argument("sets", nargs="*", type=_set_name, metavar="SET", help=f"of {names}; all when none")
    parser.add_argument("--to", metavar="FOLDER", help="where to put them (default: COURSE_DATA, else data/)")
    parser.add_argument("--public", action="store_true", help="no Kaggle where there is a public source")
    longest = "give up after so long without a byte (default: 30)"
    parser.add_argument("--timeout", type=_seconds, default=30.0, metavar="SECONDS", help=longest)


def _set_name(word):
    if word not in SOURCES:
        raise argparse.ArgumentTypeError(f"there is no set {word!r}; the course has {', '.join(SOURCES)}")
    return word


def _seconds(word):
    try:
        seconds = float(word)
    except ValueError:
        seconds = 0.0
    if not 0 < seconds < float("inf"):
        raise argparse.ArgumentTypeError(f"a number of seconds above 0 is needed, not {word!r}")
    return seconds


def run(arguments):
    """Fetch the sets one after the other; one that fails does not stop the others.

    Args:
        arguments: the parsed options.

    Returns:
        0 when all are there, 1 when one is not.

    Raises:
        NotADirectoryError: if the folder named by --to is a file.
    """
    folder = Path(arguments.to).expanduser() if arguments.to else data_folder()
    if folder.exists() and not folder.is_dir():
        raise NotADirectoryError(f"{folder} is a file, and the data need a folder: name another one by --to.")
    rows = [
        (dataset.name, *_fetch_one(dataset, folder, arguments))
        for dataset in _wanted(arguments.sets, folder, public=arguments.public)
    ]
    _print_table(rows)
    return 1 if any(result == "FAILED" for _, result, _ in rows) else 0


def _wanted(names, folder, *, public):
    """The rows asked for, in the table's order; mnist comes along where digit_recognizer is made from it."""
    table = data_sets()
    wanted = set(names or table)
    digits = table["digit_recognizer"]
    is_missing = digits.name in wanted and not (folder / digits.name).exists()
    if is_missing and route(digits, public=public) == "mnist":
        wanted.add("mnist")
    return [dataset for name, dataset in table.items() if name in wanted]


def _fetch_one(dataset, folder, arguments):
    """Fetch one set and tell how it went.

    Returns:
        The result and the place, as the table shows them.
    """
    try:
        if not is_there(dataset, folder):
            _tell(f"{dataset.name}: fetching {dataset.holds} ...")
        result = fetch(dataset, folder, public=arguments.public, timeout=arguments.timeout, tell=_tell)
    except (OSError, CourseError) as error:
        print(f"{dataset.name}: {error}", file=sys.stderr, flush=True)
        return "FAILED", "told above"
    return result, str(folder / dataset.name)


def _tell(line):
    print(line, flush=True)


def _print_table(rows):
    rows = [("set", "result", "where"), *rows]
    widths = [max(len(row[column]) for row in rows) for column in range(2)]
    print()
    for name, result, where in rows:
        print(f"{name:<{widths[0]}}  {result:<{widths[1]}}  {where}", flush=True)
