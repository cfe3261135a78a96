"""What is looked at before an HDF5 file is read: whether HDF5 gets to its end, and whether all of it lies in the file.

Some damaged files keep HDF5 busy for ever, or kill the process that reads.
"""

import subprocess
import sys

import h5py

from helpers.models.model_files import Refused

__all__ = ["check_links", "check_whole"]

LIMIT = 30  # seconds; a network of hundreds of layers takes a fraction of one
WALK = """
import sys, h5py
with h5py.File(sys.argv[1], "r") as file:
    dict(file.attrs)
    file.visititems(lambda name, part: dict(part.attrs) and None)
"""


def check_whole(path):
    """Let a process of its own read all names and attributes of an HDF5 file, so that only that one is lost.

    The HDF5 library does not survive every damaged file (HDFGroup/hdf5, issue 1707; so up to 2.0). An error that it
    does report is left to the reader, who meets it again and says it better.

    Args:
        path: the file.

    Raises:
        Refused: if HDF5 does not come to an end, or breaks down.
    """
    try:
        done = subprocess.run([sys.executable, "-P", "-c", WALK, str(path)], timeout=LIMIT, capture_output=True)
    except subprocess.TimeoutExpired:
        raise Refused("it is damaged, and HDF5 does not come to its end; fetch or save it again") from None
    if done.returncode < 0 or done.returncode > 2:  # killed by a signal; Windows has large numbers for it
        raise Refused("it is damaged, and HDF5 breaks down on it; fetch or save it again")


def check_links(file):
    """Look for what leads out of a file: such a part would be read from another file of this machine.

    Args:
        file: an open h5py.File.

    Raises:
        Refused: with the name of the part.
    """

    def look(name, link):
        part = file[name] if isinstance(link, h5py.HardLink) else None
        if part is None or isinstance(part, h5py.Dataset) and (part.external or part.is_virtual):
            raise Refused(f"its part {name} leads out of the file; fetch or save it again")

    file.visititems_links(look)
