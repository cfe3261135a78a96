"""python -m helpers COMMAND: what becomes one line on the terminal, and what shows its traceback."""

import pytest

from helpers._shared.errors import CourseError
from helpers.workshop.commands import clean, main

NO_FILE = FileNotFoundError(2, "No such file or directory", "photo.jpg")
NO_ACCESS = PermissionError(13, "Permission denied", "photo.jpg")
TOLD = (CourseError("a photo is needed."), NO_FILE, NO_ACCESS, OSError("the disk is full: make room there."))
BUGS = (ValueError("wrong shape"), KeyError("layer"), TypeError("None"), OSError(9, "Bad file descriptor"))


def raising(error):
    def run(arguments):
        raise error

    return run


@pytest.mark.parametrize("error", TOLD, ids=repr)
def test_bad_input_and_unreadable_files_are_one_line(monkeypatch, capsys, error):
    monkeypatch.setattr(clean, "run", raising(error))
    assert main(["clean"]) == 1
    assert capsys.readouterr().err == f"{error}\n"


@pytest.mark.parametrize("error", BUGS, ids=repr)
def test_a_bug_shows_its_traceback(monkeypatch, error):
    monkeypatch.setattr(clean, "run", raising(error))
    with pytest.raises(type(error)) as raised:
        main(["clean"])
    assert raised.value is error


@pytest.mark.parametrize("error", TOLD, ids=repr)
def test_a_told_error_shows_its_traceback_when_asked(monkeypatch, error):
    monkeypatch.setattr(clean, "run", raising(error))
    monkeypatch.setenv("COURSE_TRACEBACK", "1")
    with pytest.raises(type(error)):
        main(["clean"])


def test_a_course_error_is_a_value_error():
    assert issubclass(CourseError, ValueError)
