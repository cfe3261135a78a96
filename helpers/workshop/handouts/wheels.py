"""All wheels that the course needs, for other machines than this one: a folder for a USB stick."""

import subprocess
import sys
from dataclasses import dataclass

from helpers.course import ROOT

__all__ = ["PLACES", "PYTHONS", "Place", "download", "pinned"]

PYTHONS = ("3.11", "3.12", "3.13")
# The first and the last patch of a Python: where the lock tells them apart, both wheels go along.
PATCHES = ("0", "99")


@dataclass(frozen=True)
class Place:
    """A kind of machine, as the markers of a requirement and the names of wheels know it.

    Attributes:
        markers: dict of the marker variables that depend on the system.
        tags: platform tags of wheels that run there, as pip takes them.
    """

    markers: dict
    tags: tuple


def _place(sys_platform, platform_system, machine, os_name, *tags):
    markers = {"sys_platform": sys_platform, "platform_system": platform_system, "platform_machine": machine}
    return Place(markers | {"os_name": os_name}, tags)


MANYLINUX = tuple(f"manylinux_2_{minor}_x86_64" for minor in range(35, 4, -1))
PLACES = {
    "linux": _place("linux", "Linux", "x86_64", "posix", *MANYLINUX, "manylinux2014_x86_64", "linux_x86_64"),
    "macos": _place("darwin", "Darwin", "arm64", "posix", "macosx_15_0_arm64"),  # pip adds the older ones
    "windows": _place("win32", "Windows", "AMD64", "nt", "win_amd64"),
}


def pinned(lines, place, python):
    """Choose from the lock what one kind of machine needs.

    Args:
        lines: the lines of requirements.lock.
        place: a Place.
        python: such as "3.12".

    Returns:
        A list of lists of requirements without markers, "name==version"; each list names a package once. The second
        one holds what another patch of the same Python needs instead, and is often empty.
    """
    from packaging.requirements import Requirement

    requirements = [Requirement(line) for line in lines if line.strip()]
    cpython = {"implementation_name": "cpython", "platform_python_implementation": "CPython", "extra": ""}
    chosen = []
    for patch in PATCHES:
        versions = {"python_version": python, "python_full_version": f"{python}.{patch}"}
        where = {**place.markers, **cpython, **versions}
        wanted = [each for each in requirements if each.marker is None or each.marker.evaluate(where)]
        chosen.append([f"{each.name}{each.specifier}" for each in wanted])
    first, last = chosen
    return [first, [each for each in last if each not in first]]


def download(place, python, folder):
    """Download the wheels for one kind of machine; those that are there stay.

    Args:
        place: a name in PLACES.
        python: such as "3.12".
        folder: Path of the wheels' folder.

    Returns:
        How many packages this kind of machine needs.

    Raises:
        OSError: if a wheel cannot be had; the sentence holds pip's last words.
    """
    lines = (ROOT / "requirements.lock").read_text(encoding="utf-8").splitlines()
    lists = pinned(lines, PLACES[place], python)
    words = [sys.executable, "-m", "pip", "download", "--disable-pip-version-check", "--quiet", "--no-deps"]
    words += ["--only-binary=:all:", "--implementation", "cp", "--dest", str(folder)]
    for tag in PLACES[place].tags:
        words += ["--platform", tag]
    for patch, names in zip(PATCHES, lists):
        exact = ["--python-version", f"{python}.{patch}", *names]
        done = names and subprocess.run([*words, *exact], capture_output=True, text=True, errors="replace")
        if done and done.returncode:
            said = [line for line in done.stderr.splitlines() if line.startswith("ERROR")] or ["pip failed."]
            raise OSError(f"{place}, Python {python}: {said[-1].removeprefix('ERROR: ')} Mend it and type it again.")
    return len(lists[0])
