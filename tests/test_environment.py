"""pyproject.toml, requirements.lock and environment.yml agree; the environment command does what it says."""

import argparse
import ast
import re
import subprocess
import sys
import tomllib
from importlib.metadata import packages_distributions

import nbformat
import pytest
from packaging.requirements import Requirement
from packaging.utils import canonicalize_name

from helpers.workshop.commands import check, environment, lock
from helpers.workshop.notebook_names import notebooks_in

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
def project(repository):
    return tomllib.loads((repository / "pyproject.toml").read_text(encoding="utf-8"))["project"]


@pytest.fixture(scope="module")
def ranges():
    """What .venv is to hold: name -> versions."""
    return {Requirement(line).name: Requirement(line).specifier for line in check.required()}


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
    others = ("- conda-forge", "- -e .")
    entries = [
        line.strip()[2:] for line in lines if line.strip().startswith("- ") and not line.strip().startswith(others)
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


def test_this_environment_is_within_the_ranges():
    assert not [what for what, advice in map(check.check_package, check.required()) if advice]


# Who imports what


def names(requirements):
    return {canonicalize_name(Requirement(line).name) for line in requirements}


def packages_imported(*sources):
    """The packages (not modules) that pieces of Python import, at their heads or inside functions."""
    modules = set()
    for node in (node for source in sources for node in ast.walk(ast.parse(source))):
        if isinstance(node, ast.Import):
            modules |= {alias.name.partition(".")[0] for alias in node.names}
        elif isinstance(node, ast.ImportFrom) and not node.level:
            modules.add(node.module.partition(".")[0])
    packages = packages_distributions()
    others = modules - sys.stdlib_module_names - {"helpers"}
    return {canonicalize_name(packages.get(module, [module])[0]) for module in others}


def python_of(path):
    """The code of a notebook, without its magics."""
    cells = [cell.source for cell in nbformat.read(path, as_version=4).cells if cell.cell_type == "code"]
    return "\n".join(re.sub(r"^[%!].*", "", source, flags=re.M) for source in cells)


def test_the_base_list_is_what_notebooks_and_their_helpers_import(project, repository):
    """Who installs nothing but the base list, as on Colab, can run every notebook; and it holds nothing more."""
    modules = [
        path.read_text(encoding="utf-8")
        for path in (repository / "helpers").rglob("*.py")
        if "workshop" not in path.relative_to(repository).parts
    ]
    notebooks = [python_of(path) for path in notebooks_in(repository / "notebooks").values()]
    assert packages_imported(*modules, *notebooks) - {"jax"} == names(project["dependencies"])


def test_no_command_needs_the_tools_of_tests(project, repository):
    modules = [path.read_text(encoding="utf-8") for path in (repository / "helpers").rglob("*.py")]
    tools = names(project["optional-dependencies"]["test"])
    assert not packages_imported(*modules) & tools


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
    "failing, steps, ready",
    [
        ([], ["Making", "Fetching uv", "by uv"], True),
        (["Fetching"], ["Making", "Fetching uv", "Making", "by pip"], True),
        (["by uv"], ["Making", "Fetching uv", "by uv", "Making", "by pip"], True),
        (["by uv", "by pip"], ["Making", "Fetching uv", "by uv", "Making", "by pip"], False),
    ],
)
def test_pip_installs_where_uv_fails(tmp_path, monkeypatch, capsys, failing, steps, ready):
    taken = []

    def step(what, command):
        taken.append(what)
        if any(words in what for words in failing):
            raise OSError("This step failed")

    monkeypatch.setattr(environment, "VENV", tmp_path)
    monkeypatch.setattr(environment, "STAMP", tmp_path / "built-from")
    monkeypatch.setattr(environment, "_step", step)
    monkeypatch.setattr(environment, "uv_words", lambda python: [])
    monkeypatch.setattr(environment.shutil, "rmtree", lambda *arguments, **options: None)
    if ready:
        environment._build()
    else:
        with pytest.raises(OSError, match="This step failed"):
            environment._build()
    assert all(words in what for words, what in zip(steps, taken, strict=True))
    said = capsys.readouterr().out
    assert ("uv could not install" in said) == bool(failing)
    assert (tmp_path / "built-from").exists() == ready


def test_a_step_that_fails_shows_its_last_words(capsys):
    words = "import sys; print('\\n'.join(map(str, range(50)))); sys.exit('no such package')"
    with pytest.raises(OSError, match="This step failed, see above: Fetching it ... Mend the cause"):
        environment._step("Fetching it ...", [sys.executable, "-c", words])
    told = capsys.readouterr()
    assert told.out == "Fetching it ...\n" and "49\nno such package" in told.err and "\n20\n" not in told.err


def test_uv_takes_packages_from_where_pip_does(monkeypatch):
    for name in ("INDEX_URL", "EXTRA_INDEX_URL", "FIND_LINKS", "NO_INDEX", "CERT"):
        monkeypatch.delenv(f"PIP_{name}", raising=False)
    monkeypatch.setenv("PIP_CONFIG_FILE", "/dev/null")
    assert environment.uv_words() == []
    monkeypatch.setenv("PIP_EXTRA_INDEX_URL", "https://c https://d")
    monkeypatch.setenv("PIP_FIND_LINKS", "file:///with%20space")
    monkeypatch.setenv("PIP_NO_INDEX", "1")
    words = "--no-index --index https://c --index https://d --find-links file:///with%20space"
    assert environment.uv_words() == [*words.split(), "--index-strategy", "unsafe-best-match"]


def test_a_setting_for_one_command_counts_before_one_for_all(monkeypatch):
    lines = [
        ":env:.cert='/c.pem'",
        "global.find-links='/a'",
        "global.index-url='https://a'",
        "install.index-url='https://b'",
    ]
    listed = argparse.Namespace(stdout="\n".join(lines))
    monkeypatch.setattr(environment.subprocess, "run", lambda *arguments, **options: listed)
    words = "--system-certs --default-index https://b --find-links /a"
    assert environment.uv_words() == words.split()


def test_the_lock_is_written_without_any_address(tmp_path, monkeypatch):
    """Whatever index it is made from, and with all the extras that .venv holds."""
    ran = []
    monkeypatch.setattr(lock, "ROOT", tmp_path)
    monkeypatch.setattr(
        lock.subprocess, "run", lambda words, cwd: ran.extend(words) or argparse.Namespace(returncode=1)
    )
    monkeypatch.setattr(lock, "uv_words", lambda: ["--default-index", "https://b"])
    with pytest.raises(OSError, match="requirements.lock is as it was"):
        lock.run(argparse.Namespace(upgrade=False))
    assert list(tmp_path.iterdir()) == []
    assert {"--no-emit-index-url", "--no-emit-find-links", "--no-header", "--extra=lab", "--extra=test"} <= set(ran)


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
