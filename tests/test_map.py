"""helpers/README.md, the map: what it says of rooms, imports and places is so."""

import ast
import re
import subprocess
import tomllib

import pytest

from helpers.course import ROOT

PACKAGE = ROOT / "helpers"
MAP = (PACKAGE / "README.md").read_text(encoding="utf-8")
LISTS = re.findall(r"^### A new (.+?)\n\nAs `(.+?)` did:\n\n(.+?)(?=\n### |\Z)", MAP, re.M | re.S)
MADE = ("REPRODUCTION.md", "BENCHMARKS.md")  # pages that a command writes
FOLLOWED = (".py", ".md", ".toml", ".gitignore", "Makefile")


def rooms():
    """Modules and packages directly in helpers/."""
    packages = {path.parent.name + "/" for path in PACKAGE.glob("*/__init__.py")}
    modules = {path.name for path in PACKAGE.glob("*.py") if not path.name.startswith("__")}
    return packages | modules


def test_the_map_names_every_room_once():
    table = re.findall(r"^\| `(.+?)` \|", MAP, re.M)
    assert sorted([*table, "workshop/"]) == sorted(rooms())
    workshop = {path.parent.name + "/" for path in (PACKAGE / "workshop").glob("*/__init__.py")}
    sentence = re.search(r"^In the workshop: (.+?)\n\n", MAP, re.M | re.S)[1]
    assert set(re.findall(r"`(\w+/)`", sentence)) == workshop


def test_the_import_rule_on_the_map_is_the_contract():
    settings = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["tool"]["importlinter"]
    (contract,) = [each for each in settings["contracts"] if each["type"] == "layers"]
    assert re.search(r"in this list.*?:\n\n(.+?)\n\n", MAP, re.S)[1].split("\n") == [
        f"    {layer}" for layer in contract["layers"]
    ]


def test_links_on_the_map_lead_to_files():
    assert all((PACKAGE / link).is_file() for link in re.findall(r"\]\((.+?)\)", MAP))


def places(bullets, name):
    """The files that a list names, with the example's name put in."""
    heads = re.findall(r"^- (.+?):", bullets, re.M)
    return {path.replace("NAME", name) for head in heads for path in re.findall(r"`(.+?)`", head)}


def mentions(path, name):
    """Whether a file is named so, or says the name: in a Python module outside of docstrings."""
    text = path.read_text(encoding="utf-8", errors="replace")
    if path.stem == name:
        return True
    if path.suffix != ".py":
        return re.search(rf"(?<![\w-]){name}(?![\w-])", text) is not None
    tree = ast.parse(text)
    words = {node.value for node in ast.walk(tree) if isinstance(node, ast.Constant)}
    for node in ast.walk(tree):
        words |= {getattr(node, part, None) for part in ("id", "name", "arg", "attr")}
    return name in words


@pytest.mark.parametrize(("kind", "name", "bullets"), LISTS, ids=[kind for kind, _, _ in LISTS])
def test_a_list_of_places_is_whole(kind, name, bullets):
    """Every place that the list names holds the example, and the example is held nowhere else in the package."""
    listed = places(bullets, name)
    assert len(listed) >= 4 and [path for path in listed if not mentions(ROOT / path, name)] == []
    tracked = subprocess.run(["git", "ls-files", "-co", "--exclude-standard"], cwd=ROOT, capture_output=True, text=True)
    files = [line for line in tracked.stdout.splitlines() if line.endswith(FOLLOWED) and not line.startswith("tests/")]
    others = set(files) - listed - {"helpers/README.md", *MADE}
    assert [file for file in sorted(others) if (ROOT / file).is_file() and mentions(ROOT / file, name)] == []


def test_every_kind_has_its_list():
    assert [kind for kind, _, _ in LISTS] == ["notebook", "data set", "command", "figure"]
