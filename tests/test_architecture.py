"""What may import what, and how large the package may be: the rules of helpers/README.md and CONTRIBUTING.md."""

import ast
import io
import os
import re
import shutil
import subprocess
import sys
import tokenize

import pytest

from helpers.course import ROOT

# Code lines: of helpers, and of helpers outside its workshop.
LARGEST, LARGEST_OUTSIDE = 11_810, 6_800
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
        ("pictures", "from helpers.workshop import commands", "Nothing but the entry point imports the workshop"),
        ("pictures", "def late():\n    from helpers.workshop import commands", "Nothing but the entry point"),
        ("plots/colours", "from ..workshop.commands import main", "Nothing but the entry point"),
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


def code_lines(text):
    """Count the lines of a module that are code: no blank lines, comments or docstrings."""
    held = set()
    for node in ast.walk(ast.parse(text)):
        documented = isinstance(node, (ast.Module, ast.ClassDef, ast.FunctionDef, ast.AsyncFunctionDef))
        if documented and ast.get_docstring(node, clean=False) is not None:
            held.update(range(node.body[0].lineno, node.body[0].end_lineno + 1))
    silent = (tokenize.COMMENT, tokenize.NL, tokenize.NEWLINE, tokenize.INDENT, tokenize.DEDENT, tokenize.ENDMARKER)
    lines = set()
    for token in tokenize.generate_tokens(io.StringIO(text).readline):
        if token.type not in silent:
            lines.update(range(token.start[0], token.end[0] + 1))
    return len(lines - held)


def test_code_lines_are_counted_as_said():
    head = '"""Head."""\n\nimport os  # a comment\n\n\n'
    text = head + 'def one():\n    """Two\n    lines."""\n    # why\n    return """a\nb"""\n'
    assert code_lines(text) == 4


def test_the_package_stays_small():
    """A budget, see CONTRIBUTING.md."""
    workshop = outside = 0
    for path in (ROOT / "helpers").rglob("*.py"):
        lines = code_lines(path.read_text(encoding="utf-8"))
        if "workshop" in path.relative_to(ROOT).parts:
            workshop += lines
        else:
            outside += lines
    assert outside <= LARGEST_OUTSIDE and outside + workshop <= LARGEST, (outside, outside + workshop)


def test_what_is_read_first_can_be_read_in_an_evening():
    listed = re.findall(r"^\d\. \[`(.+?)\.py`\]", (ROOT / "helpers/README.md").read_text(encoding="utf-8"), re.M)
    assert tuple(listed) == READ_FIRST
    lines = {name: (ROOT / f"helpers/{name}.py").read_text(encoding="utf-8").count("\n") for name in listed}
    assert sum(lines.values()) <= 1800, lines


def test_nothing_is_kept_from_the_formatter_without_a_reason():
    skipped = re.compile(r"#\s*fmt: (skip|off)\s*$", re.M)
    files = [*(ROOT / "helpers").rglob("*.py"), *(ROOT / "tests").glob("*.py")]
    assert [path.name for path in files if skipped.search(path.read_text(encoding="utf-8"))] == []
