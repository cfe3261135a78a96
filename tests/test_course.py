"""Profile, data folder, set-up report, and the entry point to the commands."""

import logging

import pytest

from helpers import course
from helpers.workshop import commands


@pytest.mark.parametrize("value, expected", [(None, "quick"), ("", "quick"), ("quick", "quick"), ("full", "full")])
def test_profile(monkeypatch, value, expected):
    monkeypatch.delenv("COURSE_PROFILE")
    if value is not None:
        monkeypatch.setenv("COURSE_PROFILE", value)
    assert course.profile() == expected
    assert course.by_profile(quick=1, full=2) == {"quick": 1, "full": 2}[expected]


def test_unknown_profile_is_one_sentence(monkeypatch):
    monkeypatch.setenv("COURSE_PROFILE", "fast")
    with pytest.raises(ValueError, match="COURSE_PROFILE must be one of quick, full, not 'fast'"):
        course.by_profile(quick=1, full=2)


@pytest.mark.parametrize(
    "value, expected", [(None, "data"), ("", "data"), ("sets", "sets"), ("./sets/../sets", "sets/../sets")]
)
def test_data_folder_counts_from_the_root(monkeypatch, tmp_path, value, expected):
    (tmp_path / "sets").mkdir()
    elsewhere = tmp_path / "elsewhere"
    elsewhere.mkdir()
    monkeypatch.setattr(course, "ROOT", tmp_path)
    monkeypatch.chdir(elsewhere)
    monkeypatch.delenv("COURSE_DATA")
    if value is not None:
        monkeypatch.setenv("COURSE_DATA", value)
    assert course.data_folder() == tmp_path / expected


@pytest.mark.parametrize("make_file", ["no file", "a file"])
def test_data_folder_that_is_none_is_an_error(monkeypatch, tmp_path, make_file):
    if make_file == "a file":
        (tmp_path / "sets").write_text("")
    monkeypatch.setenv("COURSE_DATA", str(tmp_path / "sets"))
    with pytest.raises(NotADirectoryError, match="which is no folder: correct it or unset it"):
        course.data_folder()


def test_setup_report_is_text_and_data():
    bundle = course.show_setup("shapes", "mnist")._repr_mimebundle_()
    report = bundle[course.SETUP_MIME]
    assert report["profile"] == "quick" and report["data"] == {"shapes": "embedded", "mnist": "embedded"}
    assert {"python", "tensorflow", "keras"} <= set(report["versions"])
    for words in ("quick", "shapes: embedded", "CPU cores", report["date"], report["versions"]["keras"]):
        assert words in bundle["text/plain"]


@pytest.mark.parametrize(
    "words, code, said",
    [
        ([], 0, "usage"),
        (["--help"], 0, "commands:"),
        (["nonsense"], 2, "There is no command 'nonsense'; the course has bench, "),
        (["inspec"], 2, "There is no command 'inspec'; did you mean inspect? The course has bench, "),
        (["course", "--nonsense"], 2, "unrecognized arguments"),
        (["lab", "--help"], 0, "--port"),
    ],
)
def test_the_entry_point(words, code, said, capsys):
    with pytest.raises(SystemExit) as end:
        commands.main(words)
    assert end.value.code == code
    captured = capsys.readouterr()
    assert said in captured.out + captured.err


def test_every_command_has_its_help_line():
    for name in commands.command_names():
        first = commands._module_docstring(name).splitlines()[0]
        assert first.endswith(".") and len(first) <= 110


def test_a_foreseeable_error_is_one_line(monkeypatch, capsys):
    monkeypatch.setenv("COURSE_DATA", "no such folder")
    assert commands.main(["course"]) == 1
    assert capsys.readouterr().err.count("\n") == 1


def test_lab_stays_on_this_machine():
    from helpers.workshop.commands.lab import lab_command

    words = lab_command(port=9000, browser="none")
    assert {"--ip=127.0.0.1", "--port=9000", "--no-browser"} <= set(words)
    assert not [word for word in words if "token" in word or "password" in word], "Jupyter's own token stays on"


def test_clean_keeps_trained_networks_and_data(monkeypatch, tmp_path):
    from helpers.workshop.commands import clean

    for name in ("build/trained/a.keras", "build/course/a.html", "data/shapes/a.png", ".venv/pyvenv.cfg"):
        (tmp_path / name).parent.mkdir(parents=True)
        (tmp_path / name).write_text("")
    monkeypatch.setattr(clean, "ROOT", tmp_path)
    assert commands.main(["clean"]) == 0
    left = sorted(str(path.relative_to(tmp_path)) for path in tmp_path.rglob("*") if path.is_file())
    assert left == [".venv/pyvenv.cfg", "build/trained/a.keras", "data/shapes/a.png"]
    assert commands.main(["clean", "--all"]) == 0
    assert [path.name for path in tmp_path.rglob("*") if path.is_file()] == ["a.png"]


@pytest.mark.parametrize(
    ("logger", "message", "shown"),
    [
        ("absl", "You are saving your model as an HDF5 file via `model.save()`", False),
        ("tensorflow", "5 out of the last 5 calls triggered tf.function retracing", False),
        ("absl", "anything else", True),
    ],
)
def test_show_setup_silences_what_the_course_does_on_purpose(logger, message, shown, caplog):
    course.show_setup()
    with caplog.at_level("WARNING", logger=logger):
        logging.getLogger(logger).addHandler(caplog.handler)
        logging.getLogger(logger).warning(message)
        logging.getLogger(logger).removeHandler(caplog.handler)
    assert (message in caplog.text) == shown
