"""A folder for unfinished things, beside the place of the finished one, for one run at a time."""

import contextlib
import errno
import hashlib
import os
import shutil

from filelock import FileLock, Timeout

from helpers._shared.files import clear_stale
from helpers.course import build_folder
from helpers.workshop.fetching.downloads import DISK_IS_FULL

__all__ = ["workplace"]

REFUSED = (errno.EACCES, errno.EPERM, errno.EROFS)
MB = 1_000_000


@contextlib.contextmanager
def workplace(folder, name, *, room=0, tell=lambda line: None):
    """Open an empty folder beside the place of ``folder/name``, and remove it however the block ends.

    The lock is the system's and ends with the process, even one that is killed, whose folder the next run removes.

    Args:
        folder: Path of the folder that will hold the finished thing; made when it is missing.
        name: the thing's name.
        room: bytes that must be free on the disk.
        tell: called with one line when another run has to be waited for.

    Yields:
        The folder's Path, on the same disk as ``folder``.

    Raises:
        OSError: if the disk is full or the folder may not be written to; one sentence says what to do.
    """
    key = hashlib.sha256(os.fsencode(folder.resolve())).hexdigest()[:12]
    lock = FileLock(build_folder("locks") / f"{name}-{key}.lock", thread_local=False)
    try:
        held = lock.acquire(timeout=0)
    except Timeout:
        tell(f"{name}: another run is fetching it; waiting for that one.")
        held = lock.acquire()
    work = folder / f".{name}.{os.getpid()}"
    with held, _disk_trouble_in_one_sentence(folder, name, room):
        try:
            folder.mkdir(parents=True, exist_ok=True)
            clear_stale(folder / name)
            if work.exists():  # of a killed run of this number
                shutil.rmtree(work)
            work.mkdir()
            if shutil.disk_usage(work).free < room:  # better now than after two gigabytes
                raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))
            yield work
        finally:
            shutil.rmtree(work, ignore_errors=True)


@contextlib.contextmanager
def _disk_trouble_in_one_sentence(folder, name, room):
    """Say what to do about a disk; errors without a number are sentences already."""
    try:
        yield
    except OSError as error:
        if error.errno in DISK_IS_FULL:
            raise OSError(
                f"There is not room enough in {folder}: {name} takes about {room / MB:,.0f} MB while it is "
                "fetched; make room, or name a folder on another disk by --to, and type the command again."
            ) from error
        if error.errno in REFUSED:
            raise PermissionError(
                f"{folder} may not be written to: change its permissions, or name another folder by --to."
            ) from error
        if error.errno:
            raise OSError(f"{folder} is no use ({error}): mend it, or name another one by --to.") from error
        raise
