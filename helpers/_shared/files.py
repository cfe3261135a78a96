"""Write files and folders beside their place and rename them into it, so that nothing is ever half-written."""

import errno
import glob
import os
import re
import shutil
from contextlib import contextmanager, suppress

ADVICE = "make room there, or mend the folder's permissions"


@contextmanager
def beside(target, *, advice=ADVICE):
    """Have a file written beside its place, and rename it into it when it is whole.

    Args:
        target: Path of the file; its folder is made when it is missing.
        advice: what to do where it cannot be written.

    Returns:
        A context manager; its block gets the Path to write to, which ends as the target does.

    Raises:
        OSError: if it cannot be written; one sentence says why, and what was there before is still there.
    """
    temporary = target.with_name(f".{target.name}.{os.getpid()}{target.suffix}")
    try:
        with disk_errors(target, advice=advice):
            target.parent.mkdir(parents=True, exist_ok=True)
            clear_stale(target)
            yield temporary
            os.replace(temporary, target)
    finally:  # after a full disk, say, nothing half-written stays
        with suppress(OSError):
            temporary.unlink(missing_ok=True)


def write_beside(target, content, *, advice=ADVICE):
    """Write a file beside its place and rename it into it.

    Args:
        target: Path of the file; its folder is made when it is missing.
        content: bytes, or text to be written as UTF-8.
        advice: what to do where it cannot be written.

    Raises:
        OSError: if it cannot be written; one sentence says why, and what was there before is still there.
    """
    with beside(target, advice=advice) as temporary:
        temporary.write_bytes(content if isinstance(content, bytes) else content.encode())


def take_place(made, target, *, leave_out=()):
    """Put a finished folder where the old one was, which stays until the new one is whole.

    Args:
        made: Path of the finished folder, on any disk.
        target: Path of its place.
        leave_out: patterns of names that stay behind.
    """
    new, old = (target.with_name(f".{target.name}.{word}{os.getpid()}") for word in ("", "old."))
    target.parent.mkdir(parents=True, exist_ok=True)
    clear_stale(target)
    try:
        for place in (new, old):  # of this process' number, but not of this process
            shutil.rmtree(place, ignore_errors=True)
        shutil.copytree(made, new, ignore=shutil.ignore_patterns(*leave_out))
        if target.exists():  # set aside, not removed file by file: nobody ever sees half of it
            os.replace(target, old)
        try:
            os.replace(new, target)
        except OSError:  # nothing is lost: the old one goes back
            if old.exists():
                os.replace(old, target)
            raise
    finally:
        for place in (new, old):
            shutil.rmtree(place, ignore_errors=True)


@contextmanager
def disk_errors(target, *, advice=ADVICE):
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
        target: Path of the file or folder; what is written beside it is named ``.NAME.PID`` or ``.NAME.PID.SUFFIX``.
    """
    import psutil

    for path in target.parent.glob(f".{glob.escape(target.name)}.*"):
        pid = re.search(r"\.(\d+)(\.\w+)?$", path.name)
        if pid and not psutil.pid_exists(int(pid[1])):
            if path.is_dir():
                shutil.rmtree(path, ignore_errors=True)
            else:
                path.unlink(missing_ok=True)
