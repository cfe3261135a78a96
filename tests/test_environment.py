"""pyproject.toml, requirements.lock and environment.yml agree; the environment command does what it says."""

import re
import subprocess
import sys
import tomllib

import pytest
from packaging.requirements import Requirement

from helpers.workshop.commands import check, environment

# Every place the lock must serve: operating system and Python.
PLACES = [
    {
        "sys_platform": system,
        "platform_system": name,
        "platform_machine": machine,
        "os_name": "posix",
        "python_version": python,
        "python_full_version": python + ".1",
        "implementation_name": "cpython",
        "platform_python_implementation": "CPython",
    }
    for system, name, machine in (
        ("linux", "Linux", "x86_64"),
        ("linux", "Linux", "aarch64"),
        ("darwin", "Darwin", "arm64"),
    )
    for python in ("3.11", "3.12", "3.13")
]


@pytest.fixture(scope="module")
def ranges(repository):
    text = (repository / "pyproject.toml").read_text(encoding="utf-8")
    return {
        Requirement(line).name: Requirement(line).specifier for line in tomllib.loads(text)["project"]["dependencies"]
    }


@pytest.fixture(scope="module")
def lock_lines(repository):
    return (repository / "requirements.lock").read_text(encoding="utf-8").splitlines()


def locked_versions(lines, place):
    pinned = {}
    for requirement in map(Requirement, lines):
        if requirement.marker is None or requirement.marker.evaluate({**place, "extra": ""}):
            assert requirement.name not in pinned, f"{requirement.name} twice"
            pinned[requirement.name] = re.fullmatch(r"==([^,]+)", str(requirement.specifier)).group(1)
    return pinned


def test_lock_has_no_option_lines(lock_lines):
    assert lock_lines
    assert not [line for line in lock_lines if line.startswith("--") or "://" in line]


@pytest.mark.parametrize(
    "place", PLACES, ids=lambda place: f"{place['sys_platform']}-{place['platform_machine']}-{place['python_version']}"
)
def test_lock_pins_every_requirement_within_its_range(ranges, lock_lines, place):
    pinned = locked_versions(lock_lines, place)
    outside = {
        name: pinned.get(name)
        for name, allowed in ranges.items()
        if not (name in pinned and allowed.contains(pinned[name]))
    }
    assert not outside


def test_environment_yml_has_the_same_ranges(ranges, repository):
    lines = (repository / "environment.yml").read_text(encoding="utf-8").splitlines()
    entries = [
        line.strip()[2:] for line in lines if line.startswith("  - ") and not line.strip().startswith("- conda-forge")
    ]
    assert all("  # " in entry for entry in entries if entry != "pip:"), "one comment a line"
    listed = {
        Requirement(entry.split("  #")[0]).name: Requirement(entry.split("  #")[0]).specifier
        for entry in entries
        if entry != "pip:"
    }
    assert str(listed.pop("python")) == "<3.14,>=3.11"
    listed.pop("pip")
    assert listed == ranges
    assert any(line.strip().startswith("- -e .") for line in lines), "it installs the project"


def test_this_environment_is_within_the_ranges(repository):
    dependencies = tomllib.loads((repository / "pyproject.toml").read_text())["project"]["dependencies"]
    assert not [found for found, advice in map(check.check_package, dependencies) if advice]


@pytest.mark.parametrize(
    "requirement, found, advice",
    [("numpy>=99", "numpy", "needs >=99"), ("no-such-package>=1", "no-such-package is missing", "make .venv")],
)
def test_check_says_what_to_do(requirement, found, advice):
    what, to_do = check.check_package(requirement)
    assert found in what and advice in to_do


def test_fingerprint_follows_the_lock_and_the_place(tmp_path, monkeypatch):
    for name in ("requirements.lock", "pyproject.toml"):
        (tmp_path / name).write_text("a")
    monkeypatch.setattr(environment, "ROOT", tmp_path)
    first = environment.fingerprint()
    (tmp_path / "requirements.lock").write_text("b")
    second = environment.fingerprint()
    moved = tmp_path / "moved ü"
    moved.mkdir()
    for name in ("requirements.lock", "pyproject.toml"):
        (moved / name).write_text((tmp_path / name).read_text())
    monkeypatch.setattr(environment, "ROOT", moved)
    assert len({first, second, environment.fingerprint()}) == 3


def test_missing_venv_module_is_one_sentence(tmp_path, monkeypatch):
    monkeypatch.setattr(environment.sys, "executable", "/bin/false")
    monkeypatch.setattr(environment, "VENV", tmp_path / "venv")
    with pytest.raises(OSError, match="python3-venv"):
        environment._build()


@pytest.mark.parametrize(
    "version, refused", [((3, 10), True), ((2, 7), True), ((3, 14), True), ((3, 11), False), ((3, 13), False)]
)
def test_wrong_python_is_one_sentence(version, refused, monkeypatch):
    from helpers import __main__ as door

    monkeypatch.setattr(door.sys, "version_info", (*version, 0))
    if not refused:
        return door.refuse_wrong_python()
    with pytest.raises(SystemExit, match="needs Python 3.11, 3.12 or 3.13, and this is Python {}.{}".format(*version)):
        door.refuse_wrong_python()


def test_overview_needs_no_library(repository):
    """The overview and the environment command run on a bare Python: no site-packages at all."""
    result = subprocess.run(
        [sys.executable, "-S", "-E", "-m", "helpers", "--help"], cwd=repository, capture_output=True, text=True
    )
    assert result.returncode == 0
    assert "environment" in result.stdout and "course" in result.stdout
