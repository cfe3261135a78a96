"""Write files and folders beside their place and rename them into it, so that nothing is ever half-written."""

import errno
import glob
import os
import re
import shutil
from contextlib import contextmanager, suppress

__all__ = ["clear_stale", "disk_errors", "write_beside"]


def write_beside(target, content, *, advice="make room there, or mend the folder's permissions"):
    """Write a file beside its place and rename it into it.

    Args:
        target: Path of the file; its folder is made when it is missing.
        content: bytes, or text to be written as UTF-8.
        advice: what to do where it cannot be written.

    Raises:
        OSError: if it cannot be written; one sentence says why, and what was there before is still there.
    """
    temporary = target.with_name(f".{target.name}.{os.getpid()}")
    try:
        with disk_errors(target, advice=advice):
            target.parent.mkdir(parents=True, exist_ok=True)
            temporary.write_bytes(content if isinstance(content, bytes) else content.encode())
            os.replace(temporary, target)
        clear_stale(target)
    finally:  # after a full disk, say, nothing half-written stays
        with suppress(OSError):
            temporary.unlink(missing_ok=True)


@contextmanager
def disk_errors(target, *, advice="make room there, or mend the folder's permissions"):
    """Say in one sentence what the system refuses while a file or folder is written.

    Args:
        target: Path of what is written.
        advice: what to do then.

    Returns:
        A context manager for the block that writes.

    Raises:
        OSError: where the block raises one with a number of the system, such as that of a full disk.
    """
    try:
        yield
    except OSError as error:
        number = error.errno
        if isinstance(error, shutil.Error):  # of a whole folder: the first of its files tells why
            number = next(map(int, re.findall(r"\[Errno (\d+)\]", str(error))), errno.EIO)
        if number is None:  # a sentence already
            raise
        raise OSError(f"{target} cannot be written ({os.strerror(number)}): {advice}.") from None


def clear_stale(target):
    """Remove what a killed run has left beside a file or folder: never what a run that still goes on is writing.

    Args:
        target: Path of the file or folder; what is written beside it is named ``.NAME.PID``.
    """
    import psutil

    for path in target.parent.glob(f".{glob.escape(target.name)}.*"):
        pid = path.suffix[1:]
        if pid.isdigit() and not psutil.pid_exists(int(pid)):
            if path.is_dir():
                shutil.rmtree(path, ignore_errors=True)
            else:
                path.unlink(missing_ok=True)
