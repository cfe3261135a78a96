"""What holds for every test: embedded data, no network, no leftovers in the repository."""

import functools
import inspect
import os
import tempfile
from pathlib import Path

import pytest

from helpers import course

os.environ.setdefault("TF_CPP_MIN_LOG_LEVEL", "3")
FAULT = ("fault", True)  # a user property, which reports keep on their way from another process
STATES = {"passed": "survived", "failed": "not survived", "skipped": "not tried here"}
REAL_DATA = os.environ.get("COURSE_DATA")
# The files that take longest, longest first: begun last, one of them would keep one worker busy and the others idle.
LONGEST = (
    "test_kept_training",
    "test_load_model",
    "test_killed",
    "test_data_command",
    "test_live_plot",
    "test_drawing",
    "test_site",
    "test_datasets",
    "test_runner",
    "test_explanations",
    "test_bench",
    "test_explorer_page",
    "test_engine",
    "test_test_command",
    "test_inspecting",
    "test_fast_training",
    "test_activations",
    "test_plots",
    "test_imports",
)


def pytest_collection_modifyitems(config, items):
    """Skip what needs the real sets where COURSE_DATA names none; begin with long files where several run at a time."""
    skip = pytest.mark.skip(reason="needs the real sets: COURSE_DATA names them")
    for item in items:
        if "real_data" in item.keywords and not REAL_DATA:
            item.add_marker(skip)
    if hasattr(config, "workerinput"):
        items.sort(key=lambda item: LONGEST.index(item.path.stem) if item.path.stem in LONGEST else len(LONGEST))


@functools.cache
def expects_an_exception(function):
    """Whether a test function holds a pytest.raises; asked once for all its cases."""
    return "pytest.raises(" in inspect.getsource(function)


def is_fault(item):
    """Whether a test tries a fault: it is marked so, or it expects an exception."""
    function = getattr(item, "function", None)
    return "faults" in item.keywords or (function is not None and expects_an_exception(function))


def pytest_collection_finish(session):
    """Note on each test whether it tries a fault: its report carries that to the process that counts."""
    for item in session.items:
        if is_fault(item):
            item.user_properties.append(FAULT)


def pytest_terminal_summary(terminalreporter):
    """Print how many faults were tried and survived: bad input, runs killed, disks that are full."""
    counts = {
        state: sum(FAULT in getattr(report, "user_properties", ()) for report in terminalreporter.stats.get(state, ()))
        for state in STATES
    }
    if any(counts.values()):
        words = ", ".join(f"{count} {STATES[state]}" for state, count in counts.items() if count)
        terminalreporter.write_line(f"Faults tried (bad input, killed runs, full disks): {words}")


@pytest.fixture
def empty_folder():
    """A folder for this test alone; tmp_path's name tells the test, but to number it pytest reads all names so far."""
    with tempfile.TemporaryDirectory(ignore_cleanup_errors=True) as folder:
        yield Path(folder)


@pytest.fixture(autouse=True)
def embedded_data(request, monkeypatch):
    """Give every test an empty data folder, so that it sees the embedded sets; real_data tests see the real ones."""
    if "real_data" not in request.keywords:
        monkeypatch.setenv("COURSE_DATA", str(request.getfixturevalue("empty_folder")))
    monkeypatch.delenv("FRESH", raising=False)
    monkeypatch.delenv("OWN_IMAGES", raising=False)
    monkeypatch.setenv("COURSE_PROFILE", "quick")


@pytest.fixture(scope="session")
def repository():
    """The repository's root folder."""
    return course.ROOT


@pytest.fixture(scope="module")
def browser_page():
    """One tab for all tests of a module, with everything it asked for (`tab.requests`) and complained of."""
    from lab_browser import open_page

    with open_page() as (tab, errors):
        tab.requests = []
        tab.on("request", lambda request: tab.requests.append(request.url))
        tab.on("console", lambda message: message.type in ("error", "warning") and errors.append(message.text))
        yield tab, errors
