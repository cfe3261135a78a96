"""Check this machine for the course: a line per requirement, OK, or FAIL and what to do."""

import shutil
import sys
import tomllib
from importlib.metadata import PackageNotFoundError, version

from helpers import course
from helpers.course import ROOT, data_folder
from helpers.workshop.commands.lock import EXTRAS
from helpers.workshop.notebooks.parallel import free_memory

__all__ = ["add_arguments", "check_package", "required", "run"]

FREE_GB = 1  # for executed notebooks, trained networks and drawn images
MEMORY_GB = 2  # what a notebook may need, with its browser


def add_arguments(parser):
    """Declare the options (there are none).

    Args:
        parser: the command's argparse parser.
    """


def required():
    """Read from pyproject.toml what .venv is to hold.

    Returns:
        A list of requirements, such as "numpy>=2.0,<3": the base list, then the extras that the lock holds.
    """
    with open(ROOT / "pyproject.toml", "rb") as file:
        project = tomllib.load(file)["project"]
    return [*project["dependencies"], *(each for name in EXTRAS for each in project["optional-dependencies"][name])]


def check_package(requirement):
    """Compare one installed package with its range.

    Args:
        requirement: as in pyproject.toml, for example "numpy>=2.0,<3".

    Returns:
        (what was found, None if that is right, else what to do).
    """
    from packaging.requirements import Requirement

    wanted = Requirement(requirement)
    try:
        installed = version(wanted.name)
    except PackageNotFoundError:
        return f"{wanted.name} is missing", "make .venv builds the environment; run this by make check"
    if wanted.specifier.contains(installed, prereleases=True):
        return f"{wanted.name} {installed}", None
    return f"{wanted.name} {installed}", f"needs {wanted.specifier}: python -m helpers environment --fresh"


def _machine_checks():
    python = "{}.{}.{}".format(*sys.version_info[:3])
    yield (
        f"Python {python}",
        None if (3, 11) <= sys.version_info[:2] <= (3, 13) else "install Python 3.11, 3.12 or 3.13",
    )
    free = shutil.disk_usage(ROOT).free / 1e9
    yield (
        f"{free:.0f} GB free on disk",
        None if free >= FREE_GB else f"make room: the course writes up to {FREE_GB} GB",
    )
    memory = free_memory() / 1e9
    yield (
        f"{memory:.1f} GB of memory free",
        None if memory >= MEMORY_GB else f"close programs: up to {MEMORY_GB} GB are used",
    )


def _data_checks():
    """The data sets; an embedded one is no failure."""

    try:
        data_folder()
    except NotADirectoryError as error:
        yield "COURSE_DATA", str(error)
        return
    for name in course.SETS:
        origin = course.origin(name)
        yield (f"data {name}: {origin}" + (" (make data fetches the real set)" if origin == "embedded" else ""), None)


def run(arguments):
    """Print the lines.

    Args:
        arguments: the parsed options.

    Returns:
        0, or 1 if a line says FAIL.
    """
    checks = [*_machine_checks(), *map(check_package, required()), *_data_checks()]
    for words, advice in checks:
        print(f"FAIL  {words}: {advice}" if advice else f"OK    {words}")
    return int(any(advice for _, advice in checks))
