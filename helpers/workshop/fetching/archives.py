"""Unpack a zip archive that came from elsewhere: only what was chosen, and never outside its folder."""

import lzma
import re
import shutil
import stat
import zipfile
import zlib
from pathlib import Path, PurePosixPath

from tqdm import tqdm

from helpers._shared.errors import CourseError

__all__ = ["unpack"]

# How zipfile reports a file that is no archive, is damaged, or is packed in a way unknown to it.
BROKEN = (zipfile.BadZipFile, zlib.error, lzma.LZMAError, EOFError, NotImplementedError, RuntimeError)
ORDINARY = (0, stat.S_IFREG, stat.S_IFDIR)  # 0: packed on a system that notes no kind


def unpack(archive, folder, choose, *, most):
    """Unpack the chosen members of a zip archive; every member is checked before the first byte is written.

    Args:
        archive: the archive's path.
        folder: where to unpack to; made when it is missing.
        choose: a function that takes a member's path (a PurePosixPath) and returns where the member goes,
            relative to ``folder``, or None to leave it out. Of two members for one place at different depths
            the less deeply nested one is taken (some archives hold a whole copy of themselves).
        most: the most bytes that all members may have unpacked.

    Returns:
        How many files were written.

    Raises:
        CourseError: if the archive is damaged or no zip archive, is larger than ``most`` when unpacked, or
            holds a member that leaves the folder, is a link or a device, is encrypted or is there twice.
    """
    archive, folder = Path(archive), Path(folder)
    try:
        with zipfile.ZipFile(archive) as opened:
            members = opened.infolist()
            _check_members(archive.name, members, most)
            chosen = _chosen(archive.name, members, choose)
            for place, member in tqdm(chosen.items(), "unpacking", unit="file", leave=False, disable=None):
                _write(opened, member, folder / place)
    except BROKEN as error:
        raise CourseError(
            f"{archive.name} is damaged or no zip archive ({error}): fetch it again, and if it stays so, "
            "its source has changed."
        ) from error
    return len(chosen)


def _check_members(name, members, most):
    """Refuse the whole archive for one bad member: whoever packed that one packed the others too."""
    seen = set()
    for member in members:
        fault = _fault(member) or ("is there twice" if member.filename.casefold() in seen else "")
        if fault:
            raise CourseError(f"{name} is refused, for its member {member.orig_filename[:80]!r} {fault}.")
        seen.add(member.filename.casefold())
    unpacked = sum(member.file_size for member in members)
    if unpacked > most:
        raise CourseError(
            f"{name} is refused, for unpacked it would fill {unpacked / 1e6:,.0f} MB, and at most "
            f"{most / 1e6:,.0f} MB are expected."
        )


def _fault(member):
    """What is wrong with one member, as the end of a sentence; empty when nothing is."""
    name = member.orig_filename  # as packed: zipfile mends some of what we want to see
    parts = re.split(r"[\\/]", name)
    if "\\" in name or ":" in name or name.startswith("/") or ".." in parts:
        return "leaves the folder"
    if re.search(r"[\x00-\x1f]", name):
        return "has a control character in its name"
    if stat.S_IFMT(member.external_attr >> 16) not in ORDINARY:
        return "is a link or a device"
    if member.flag_bits & 0x1:
        return "is encrypted"
    return ""


def _chosen(name, members, choose):
    """Where to put which member: {place: member}."""
    chosen = {}  # keyed without case: two names that differ in case alone are one file on some disks
    for member in members:
        place = None if member.is_dir() else choose(PurePosixPath(member.filename))
        if place is None:
            continue
        key = place.casefold()
        if key in chosen:
            place, member = _less_nested(name, (place, member), chosen[key])
        chosen[key] = (place, member)
    return dict(chosen.values())


def _less_nested(name, one, other):
    """The one of two (place, member) pairs that lies higher up in the archive."""
    names = one[1].filename, other[1].filename
    depths = [path.count("/") for path in names]
    if depths[0] == depths[1]:
        raise CourseError(f"{name} is refused, for {names[0]!r} and {names[1]!r} want the same place.")
    return one if depths[0] < depths[1] else other


def _write(opened, member, path):
    """Write one member; zipfile reads no more than the size declared and compares the checksum at the end."""
    path.parent.mkdir(parents=True, exist_ok=True)
    with opened.open(member) as source, open(path, "xb") as sink:
        shutil.copyfileobj(source, sink, 1 << 20)
