"""What holds for every test: embedded data, no network, no leftovers in the repository."""

import os

import pytest

from helpers import course

os.environ.setdefault("TF_CPP_MIN_LOG_LEVEL", "3")
REAL_DATA = os.environ.get("COURSE_DATA")
# The files that take longest, longest first: begun last, one of them would keep one worker busy and the others idle.
LONGEST = (
    "test_kept_training", "test_live_plot", "test_drawing", "test_datasets", "test_explorer_page", "test_site",
    "test_running", "test_load_model", "test_causes", "test_data_command", "test_activations", "test_handouts",
)  # fmt: skip


def pytest_collection_modifyitems(config, items):
    """Skip what needs the real sets where COURSE_DATA names none; begin with long files where several run at a time."""
    skip = pytest.mark.skip(reason="needs the real sets: COURSE_DATA names them")
    for item in items:
        if "real_data" in item.keywords and not REAL_DATA:
            item.add_marker(skip)
    if hasattr(config, "workerinput"):
        items.sort(key=lambda item: LONGEST.index(item.path.stem) if item.path.stem in LONGEST else len(LONGEST))


@pytest.fixture(autouse=True)
def embedded_data(request, tmp_path_factory, monkeypatch):
    """Give every test an empty data folder, so that it sees the embedded sets; real_data tests see the real ones."""
    if "real_data" not in request.keywords:
        monkeypatch.setenv("COURSE_DATA", str(tmp_path_factory.mktemp("no_data")))
    monkeypatch.delenv("FRESH", raising=False)
    monkeypatch.setenv("COURSE_PROFILE", "quick")


@pytest.fixture(scope="session")
def repository():
    """The repository's root folder."""
    return course.ROOT
