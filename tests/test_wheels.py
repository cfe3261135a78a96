"""The wheelhouse: what each kind of machine needs, and installing from it without network."""

import subprocess
import sys
import zipfile

import pytest
from packaging.requirements import Requirement

from helpers.workshop.commands import environment, main
from helpers.workshop.handouts import wheels

LOCK = [
    "a==1",
    "b==1 ; sys_platform == 'win32'",
    "b==2 ; sys_platform != 'win32'",
    "c==1 ; platform_machine == 'arm64'",
    "d==1 ; python_full_version < '3.11.5'",
    "d==2 ; python_full_version >= '3.11.5'",
]


@pytest.mark.parametrize(
    "place, python, first, other_patch",
    [
        ("linux", "3.11", ["a==1", "b==2", "d==1"], ["d==2"]),
        ("linux", "3.12", ["a==1", "b==2", "d==2"], []),
        ("macos", "3.12", ["a==1", "b==2", "c==1", "d==2"], []),
        ("windows", "3.13", ["a==1", "b==1", "d==2"], []),
    ],
)
def test_markers_are_judged_for_the_other_machine(place, python, first, other_patch):
    assert wheels.pinned(LOCK, wheels.PLACES[place], python) == [first, other_patch]


@pytest.mark.parametrize("python", wheels.PYTHONS)
@pytest.mark.parametrize("place", wheels.PLACES)
def test_the_real_lock_pins_each_package_once(place, python, repository):
    lines = (repository / "requirements.lock").read_text(encoding="utf-8").splitlines()
    first, _ = wheels.pinned(lines, wheels.PLACES[place], python)
    names = [Requirement(line).name for line in first]
    assert len(names) == len(set(names)) and {"tensorflow", "keras", "sphinx", "setuptools"} <= set(names)


def write_wheel(folder, name, version="1.0"):
    """A package of one module, as small as one can be."""
    about = f"{name}-{version}.dist-info"
    files = {
        f"{name}.py": "HERE = True\n",
        f"{about}/METADATA": f"Metadata-Version: 2.1\nName: {name}\nVersion: {version}\n",
        f"{about}/WHEEL": "Wheel-Version: 1.0\nGenerator: test\nRoot-Is-Purelib: true\nTag: py3-none-any\n",
    }
    folder.mkdir(exist_ok=True)
    with zipfile.ZipFile(folder / f"{name}-{version}-py3-none-any.whl", "w") as wheel:
        for path, text in files.items():
            wheel.writestr(path, text)
        wheel.writestr(f"{about}/RECORD", "".join(f"{path},,\n" for path in [*files, f"{about}/RECORD"]))


@pytest.fixture
def without_index(monkeypatch):
    """pip without the settings of this machine, and with an index that nobody answers at."""
    for name in ("PIP_FIND_LINKS", "PIP_EXTRA_INDEX_URL"):
        monkeypatch.delenv(name, raising=False)
    monkeypatch.setenv("PIP_CONFIG_FILE", "/dev/null")
    monkeypatch.setenv("PIP_INDEX_URL", "http://127.0.0.1:9/")


def test_installing_takes_the_folder_and_no_network(tmp_path, without_index, monkeypatch):
    write_wheel(tmp_path / "wheels", "inside_toy")
    for name in ("PIP_NO_INDEX", "PIP_FIND_LINKS"):
        monkeypatch.setenv(name, "")  # both are as before afterwards
    words = [sys.executable, *environment.pip_words(tmp_path / "wheels")[1:]]
    subprocess.run([*map(str, words), "--quiet", "--target", tmp_path / "there", "inside_toy==1.0"], check=True)
    assert (tmp_path / "there" / "inside_toy.py").is_file()


def test_a_folder_without_wheels_is_one_sentence(tmp_path):
    with pytest.raises(NotADirectoryError, match="is no folder with wheels: make wheelhouse fills one"):
        environment.pip_words(tmp_path)


def test_the_command_tells_what_it_has_and_what_it_lacks(tmp_path, monkeypatch, capsys, without_index):
    write_wheel(tmp_path / "source", "inside_toy")
    (tmp_path / "requirements.lock").write_text("inside_toy==1.0\nnowhere==2 ; sys_platform == 'win32'\n")
    for name, value in (("PIP_FIND_LINKS", str(tmp_path / "source")), ("PIP_NO_INDEX", "1")):
        monkeypatch.setenv(name, value)
    monkeypatch.setattr(wheels, "ROOT", tmp_path)
    folder = tmp_path / "stick"
    assert main(["wheelhouse", "--systems", "linux", "windows", "--pythons", "3.12", "--to", str(folder)]) == 1
    said = capsys.readouterr().out
    assert (
        "linux, Python 3.12 ...\n  1 packages" in said
        and "FAIL windows, Python 3.12: " in said
        and "nowhere==2" in said
    )
    assert {path.name for path in folder.iterdir()} == {"INSTALL.txt", "inside_toy-1.0-py3-none-any.whl"}
    assert f"environment --wheels {folder}" in said
