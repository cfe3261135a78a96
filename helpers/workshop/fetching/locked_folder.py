"""Write beside the place, then rename into it: a folder for unfinished things, for one run at a time."""

import contextlib
import errno
import os
import shutil
import time

from helpers.workshop.fetching.downloads import DISK_IS_FULL

try:
    import fcntl
except ImportError:  # Windows
    fcntl = None
    import msvcrt

__all__ = ["clear_leftovers", "put_in_place", "workplace"]

UNFINISHED = ".fetching"
REFUSED = (errno.EACCES, errno.EPERM, errno.EROFS)
MB = 1_000_000


@contextlib.contextmanager
def workplace(folder, name, *, room=0, tell=lambda line: None):
    """Open an empty folder beside the place of ``folder/name``, and remove it however the block ends.

    The lock on it is the system's and ends with the process, even one that is killed. So whoever holds it
    knows that what lies here is left over from a killed run, and removes it.

    Args:
        folder: the folder that will hold the finished thing; made when it is missing.
        name: the thing's name.
        room: bytes that must be free on the disk.
        tell: called with one line when another run has to be waited for.

    Yields:
        The folder's Path, on the same disk as ``folder``.

    Raises:
        OSError: if the disk is full or the folder may not be written to; one sentence says what to do.
    """
    work, lock = _places(folder, name)
    with _disk_trouble_in_one_sentence(folder, name, room):
        with _take_lock(lock, lambda: tell(f"{name}: another run is fetching it; waiting for that one.")):
            try:
                _empty(work)
                if shutil.disk_usage(work).free < room:  # better now than after two gigabytes
                    raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))
                yield work
            finally:
                _remove(work, lock)


def put_in_place(finished, place):
    """Rename a finished folder into its place, in one step that a reader sees before or after, never between.

    Args:
        finished: the finished folder.
        place: its place; nothing, or an empty folder, may be there.

    Raises:
        OSError: if something is there; it is left as it is.
    """
    if place.is_dir():
        place.rmdir()  # fails unless it is empty
    os.replace(finished, place)


def clear_leftovers(folder, name):
    """Remove what a run left that was killed after it put its set in place; leave one that is at work alone.

    Args:
        folder: the folder that holds the finished thing.
        name: the thing's name.
    """
    work, lock = _places(folder, name)
    if not work.exists():
        return
    with contextlib.suppress(OSError), open(lock, "a+b") as handle:  # what cannot be removed does no harm
        if _is_ours(handle, lock):
            _remove(work, lock)


def _places(folder, name):
    """Where the unfinished thing lies, and its lock."""
    return folder / UNFINISHED / name, folder / UNFINISHED / f"{name}.lock"


def _remove(work, lock):
    """Only for the holder of the lock."""
    shutil.rmtree(work, ignore_errors=True)
    with contextlib.suppress(OSError):  # another set's lies there too; or Windows, which keeps open files
        lock.unlink()
        lock.parent.rmdir()


def _empty(folder):
    if folder.exists():
        shutil.rmtree(folder)
    folder.mkdir()


def _take_lock(path, tell_waiting):
    """Wait for a lock file until it is ours and still there under its name: its last holder removes it.

    Returns:
        The open file; closing it frees the lock.
    """
    waited = False
    while True:
        path.parent.mkdir(parents=True, exist_ok=True)
        with contextlib.suppress(FileNotFoundError):  # removed between these lines: begin again
            handle = open(path, "a+b")
            if _is_ours(handle, path):
                return handle
            handle.close()
        if not waited:
            tell_waiting()
        waited = True
        time.sleep(0.2)


def _is_ours(handle, path):
    """Try for the lock; only what means "not free" or "just removed" is caught."""
    try:
        if fcntl:
            fcntl.flock(handle, fcntl.LOCK_EX | fcntl.LOCK_NB)
        else:
            msvcrt.locking(handle.fileno(), msvcrt.LK_NBLCK, 1)
        return os.path.samestat(os.fstat(handle.fileno()), os.stat(path))
    except (BlockingIOError, PermissionError, FileNotFoundError):
        return False


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
