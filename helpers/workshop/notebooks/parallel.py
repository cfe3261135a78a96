"""How many notebooks or test files run at a time, and how they share the processor's cores."""

import argparse
import os
import re
from contextlib import suppress
from pathlib import Path

__all__ = ["add_option", "cores", "default_workers", "free_memory", "shared_cores"]

MOST_WORKERS = 4  # more are not worth their memory: each loads TensorFlow anew
WORKER_BYTES = 2e9  # a notebook may take 1.5 GB
CGROUP = Path("/sys/fs/cgroup")
CONTAINER = {"memory.max": "memory.current", "memory/memory.limit_in_bytes": "memory/memory.usage_in_bytes"}


def add_option(parser, what):
    """Declare the option --workers.

    Args:
        parser: a command's argparse parser.
        what: what runs at a time, such as "notebooks".
    """
    about = f"how many {what} run at a time (default: one a core, {MOST_WORKERS} at most, each with "
    about += f"{WORKER_BYTES / 1e9:.0f} GB of free memory)"
    parser.add_argument("--workers", type=whole_number, metavar="N", help=about)


def whole_number(text):
    """Read a count of workers.

    Args:
        text: what was typed.

    Returns:
        The number, 1 or more.

    Raises:
        ArgumentTypeError: if it is anything else.
    """
    if not re.fullmatch("0*[1-9][0-9]*", text):
        raise argparse.ArgumentTypeError(f"a whole number from 1 upwards is needed, not {text!r}")
    return int(text)


def cores():
    """Count the processor's cores that this process may use.

    Returns:
        A whole number.
    """
    return len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count() or 1


def free_memory():
    """Count the memory that is free for this process: of the machine, and of the container that it runs in.

    Returns:
        Bytes, 0 or more.
    """
    import psutil

    free = [psutil.virtual_memory().available]
    for limit, used in CONTAINER.items():  # of cgroups, version 2 and 1; a limit of "max" is none
        with suppress(OSError, ValueError):
            free.append(int((CGROUP / limit).read_text()) - int((CGROUP / used).read_text()))
    return max(0, min(free))


def default_workers():
    """Say how many processes this machine has room for.

    Returns:
        A whole number from 1 to MOST_WORKERS.
    """
    return max(1, min(cores(), int(free_memory() / WORKER_BYTES), MOST_WORKERS))


def shared_cores(workers):
    """Say how many threads each of several processes may use.

    Args:
        workers: how many processes run at a time.

    Returns:
        A dict of environment variables; {} for one process, and nothing that the user has set.
    """
    threads = str(max(1, cores() // workers))
    names = ("OMP_NUM_THREADS", "TF_NUM_INTRAOP_THREADS") if workers > 1 else ()
    return {name: threads for name in names if name not in os.environ}
