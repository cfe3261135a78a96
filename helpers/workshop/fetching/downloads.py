"""Bring one file here, over plain HTTPS or through Kaggle's own client; a failure is told in one sentence."""

import contextlib
import errno
import inspect
import io
import os
import sys
from pathlib import Path
from urllib.parse import urlsplit

from helpers._shared.errors import CourseError

__all__ = ["DISK_IS_FULL", "download", "download_from_kaggle", "has_kaggle_token", "kaggle_page"]

DISK_IS_FULL = (errno.ENOSPC, errno.EDQUOT, errno.EFBIG)
TOKEN_PAGE = "https://www.kaggle.com/settings/api"
TOKEN_FILES = ("~/.kaggle/access_token", "~/.kaggle/access_token.txt", "~/.kaggle/credentials.json")
BY_STATUS = {
    401: f"{{server}} does not accept your token (401): make a new one at {TOKEN_PAGE}, put it where the old "
    "one was, and type the command again.",
    403: "{server} refuses the download (403): {remedy}, and type the command again.",
    404: "{server} no longer has this file (404): see data/README.md for other ways to it.",
    429: "{server} has had too many requests (429): type the command again in a quarter of an hour.",
}


def has_kaggle_token():
    """Say whether there is a Kaggle token of any kind, good or bad, where Kaggle's client looks for one.

    Returns:
        True or False.
    """
    if os.environ.get("KAGGLE_API_TOKEN") or {"KAGGLE_USERNAME", "KAGGLE_KEY"} <= os.environ.keys():
        return True
    settings = os.environ.get("XDG_CONFIG_HOME") or "~/.config"
    folders = (os.environ.get("KAGGLE_CONFIG_DIR") or "~/.kaggle", "~/.kaggle", f"{settings}/kaggle")
    files = [*TOKEN_FILES, *(f"{folder}/kaggle.json" for folder in folders)]
    return any(os.path.isfile(os.path.expanduser(file)) for file in files)


def kaggle_page(source):
    """Return the page where a browser finds a Kaggle source.

    Args:
        source: "datasets/OWNER/NAME" or "competitions/NAME".

    Returns:
        The address.
    """
    return f"https://www.kaggle.com/{source}"


def download(address, path, *, sha256="", size=0, timeout=30.0):
    """Fetch one file over HTTP or HTTPS, and refuse it where it is not the one expected.

    Args:
        address: where it is.
        path: the file to write; its folder holds the unfinished download meanwhile.
        sha256: what the file must hash to, 64 hexadecimal digits; empty where none is published.
        size: how many bytes it must have; 0 where none is published.
        timeout: seconds without a byte after which to give up.

    Raises:
        ConnectionError: if the network or the server fails, in one sentence that says what to do.
        CourseError: if other bytes came than expected.
        OSError: if the disk fails.
    """
    import pooch  # here, so that --help does not wait for it
    from tqdm import tqdm

    pooch.get_logger().setLevel("CRITICAL")  # what it logs is in our sentences
    bar = tqdm(total=size or 1, desc=path.name, unit="B", unit_scale=True, leave=False, disable=None)
    downloader = pooch.HTTPDownloader(progressbar=bar, chunk_size=1 << 16, timeout=timeout)
    with bar, _in_one_sentence(urlsplit(address).netloc, f"open {address} in a browser to see why", timeout):
        pooch.retrieve(address, None, fname=path.name, path=path.parent, downloader=downloader)
    came = path.stat().st_size
    if (size and came != size) or (sha256 and pooch.file_hash(str(path)) != sha256):
        path.unlink()
        raise CourseError(
            f"{address} gave other bytes than published ({came:,} of them), and they were thrown away: type "
            "the command again, and if it stays so, see whether a login page of your network answers instead."
        )


def download_from_kaggle(source, folder, *, timeout=30.0, retries=3):
    """Fetch all files of a Kaggle data set or competition as one archive, through Kaggle's own client.

    Args:
        source: "datasets/OWNER/NAME" or "competitions/NAME".
        folder: an empty folder to write to.
        timeout: seconds without a byte after which to give up.
        retries: how often a broken connection is taken up again, after 2, 4, 8 ... seconds.

    Returns:
        The archive's path.

    Raises:
        PermissionError: if there is no token.
        ConnectionError: if the token is not accepted, the rules are not, or the network or the server fails.
        OSError: if the disk fails.
    """
    page = kaggle_page(source)
    if not has_kaggle_token():
        raise PermissionError(
            f"It comes from {page}, which wants a token: make one at {TOKEN_PAGE} (the account is free), "
            "save it as .kaggle/access_token in your home folder, and type the command again."
        )
    kind, _, name = source.partition("/")
    rules = f"accept the rules at {page}/rules with the account that the token belongs to"
    remedy = rules if kind == "competitions" else f"open {page} with the account of the token to see why"
    quietly = contextlib.redirect_stdout(io.StringIO())
    with _in_one_sentence("Kaggle", remedy, timeout), _patience(timeout), quietly:
        client = _kaggle_client(retries)
        client.authenticate()
        fetch = client.competition_download_files if kind == "competitions" else client.dataset_download_files
        fetch(name, path=str(folder), force=True, quiet=not sys.stderr.isatty())
    return max(Path(folder).iterdir(), key=lambda path: path.stat().st_size)  # named as the client likes


def _kaggle_client(retries):
    """Kaggle's client, imported here because the import itself reads the token and asks Kaggle about it."""
    from kaggle.api.kaggle_api_extended import KaggleApi

    class Client(KaggleApi):
        def download_file(self, *arguments, **options):
            known = inspect.signature(super().download_file).parameters  # old clients do not retry
            options |= {"max_retries": retries} if "max_retries" in known else {}
            return super().download_file(*arguments, **options)

    return Client()


@contextlib.contextmanager
def _patience(seconds):
    """Give every request in this block a timeout: Kaggle's client names none, and would wait for ever."""
    from requests.adapters import HTTPAdapter

    send = HTTPAdapter.send
    HTTPAdapter.send = lambda *arguments, **options: send(*arguments, **{**options, "timeout": seconds})
    try:
        yield
    finally:
        HTTPAdapter.send = send


@contextlib.contextmanager
def _in_one_sentence(server, remedy, timeout):
    """Turn whatever a client raises (Kaggle's even ends the process) into one sentence."""
    try:
        yield
    except (Exception, SystemExit) as error:
        if getattr(error, "errno", None) in DISK_IS_FULL:
            raise
        raise ConnectionError(_sentence(error, server, remedy, timeout)) from error


def _sentence(error, server, remedy, timeout):
    """What to tell about a failed download."""
    from urllib3 import exceptions as http

    status = getattr(getattr(error, "response", None), "status_code", 0)
    if isinstance(error, SystemExit):  # Kaggle's client found the token to be a bad one
        status = 401
    if status in BY_STATUS:
        return BY_STATUS[status].format(server=server, remedy=remedy)
    if status >= 500:
        return f"{server} has a fault of its own ({status}): type the command again later."
    again = "type the command again"
    if _made_of(error, http.NewConnectionError, http.ConnectTimeoutError, http.ProxyError):
        return f"There is no connection to {server}: check the network (and its proxy), and {again}."
    if _made_of(error, http.ReadTimeoutError):
        return f"{server} sent nothing for {timeout:g} seconds: {again}, or with --timeout 120."
    if _made_of(error, http.ProtocolError, ConnectionError):
        return f"The connection to {server} broke before the end: {again}."
    reason = str(error).strip().partition("\n")[0] or "no reason given"
    return f"{server} could not be used ({type(error).__name__}: {reason}): mend that, and {again}."


def _made_of(error, *kinds):
    """Whether an error wraps one of these kinds: requests wraps urllib3's, which wrap the system's."""
    seen = []
    while isinstance(error, BaseException) and error not in seen:
        if isinstance(error, kinds):
            return True
        seen.append(error)
        inner = [thing for thing in error.args if isinstance(thing, BaseException)]
        beneath = inner[0] if inner else error.__cause__ or error.__context__
        error = getattr(error, "reason", None) or beneath
    return False
