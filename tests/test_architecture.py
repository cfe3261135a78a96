"""What may import what, and how large the package may be: the rules of helpers/README.md."""

import os
import shutil
import subprocess
import sys

import pytest

from helpers.course import ROOT

READ_FIRST = ("course", "activations", "pictures", "plots/grid", "plots/layers", "plots/images")


def lint_imports(folder):
    """Run import-linter with the contracts of pyproject.toml; return its exit code and what it says."""
    code = "import sys; from importlinter.cli import lint_imports; sys.exit(lint_imports(no_cache=True))"
    run = subprocess.run(
        [sys.executable, "-c", code],
        cwd=folder,
        env={**os.environ, "PYTHONPATH": str(folder), "COLUMNS": "200"},
        capture_output=True,
        text=True,
    )
    return run.returncode, run.stdout + run.stderr


def test_imports_keep_their_contracts():
    code, said = lint_imports(ROOT)
    assert code == 0 and "4 kept, 0 broken" in said, said


@pytest.mark.parametrize(
    ("module", "line", "contract"),
    [
        ("pictures", "from helpers.workshop import commands", "Nothing but the door imports the workshop"),
        ("pictures", "def late():\n    from helpers.workshop import commands", "Nothing but the door"),
        ("plots/colours", "from ..workshop.commands import main", "Nothing but the door"),
        ("models/networks", "from helpers import datasets", "Each room imports only those below it"),
        ("plots/colours", "def late():\n    import keras", "Drawing needs no Keras"),
        ("plots/colours", "from helpers.plots import grid", "No circles"),
        ("a_new_room", "", "Each room imports only those below it"),
    ],
)
def test_a_forbidden_import_breaks_its_contract(tmp_path, module, line, contract):
    shutil.copytree(ROOT / "helpers", tmp_path / "helpers", ignore=shutil.ignore_patterns("__pycache__"))
    shutil.copy(ROOT / "pyproject.toml", tmp_path)
    path = tmp_path / "helpers" / f"{module}.py"
    path.write_text((path.read_text(encoding="utf-8") if path.is_file() else "") + f"\n{line}\n", encoding="utf-8")
    code, said = lint_imports(tmp_path)
    broken = [words for words in said.splitlines() if " BROKEN" in words]
    assert code == 1 and any(words.startswith(contract) for words in broken), said
