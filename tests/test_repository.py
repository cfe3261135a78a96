"""The small files around the course: workflows, citation, changelog. The workflows cannot run here."""

import re
import subprocess
import sys
import tomllib

import pytest

from helpers import __version__
from helpers.course import ROOT

SCHEMAS = {
    "github-workflows": [".github/workflows/test.yml"],
    "citation-file-format": ["CITATION.cff"],
}  # as check-jsonschema brings them along


@pytest.mark.parametrize("schema", SCHEMAS)
def test_files_for_other_programs_keep_their_schema(schema):
    words = [sys.executable, "-m", "check_jsonschema", "--builtin-schema", f"vendor.{schema}", *SCHEMAS[schema]]
    run = subprocess.run(words, cwd=ROOT, capture_output=True, text=True)
    assert run.returncode == 0, run.stdout + run.stderr


def test_a_workflow_with_a_mistake_is_refused(tmp_path):
    text = (ROOT / SCHEMAS["github-workflows"][0]).read_text(encoding="utf-8").replace("runs-on:", "runs_on:", 1)
    (tmp_path / "wrong.yml").write_text(text, encoding="utf-8")
    words = [sys.executable, "-m", "check_jsonschema", "--builtin-schema", "vendor.github-workflows", "wrong.yml"]
    assert subprocess.run(words, cwd=tmp_path, capture_output=True).returncode == 1


def test_every_workflow_is_checked():
    assert sorted(path.relative_to(ROOT).as_posix() for path in ROOT.glob(".github/workflows/*")) == sorted(
        SCHEMAS["github-workflows"]
    )


def test_what_workflows_call_is_there():
    text = (ROOT / ".github/workflows/test.yml").read_text(encoding="utf-8")
    text += (ROOT / ".ci/run").read_text(encoding="utf-8")
    makefile = (ROOT / "Makefile").read_text(encoding="utf-8")
    assert all(re.search(rf"^{re.escape(target)}:", makefile, re.M) for target in re.findall(r"make ([\w.-]+)", text))
    assert all((ROOT / file).is_file() for file in re.findall(r"tests/\w+\.py", text))
    commands = re.findall(r"-m helpers (\w+)", text)
    assert commands and all((ROOT / f"helpers/workshop/commands/{name}.py").is_file() for name in commands)
    supported = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["project"]["requires-python"]
    assert supported == ">=3.11,<3.14" and '["3.11", "3.12", "3.13"]' in text


def test_the_version_is_one():
    project = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["project"]
    citation = (ROOT / "CITATION.cff").read_text(encoding="utf-8")
    changelog = (ROOT / "CHANGELOG.md").read_text(encoding="utf-8")
    assert project["version"] == __version__ == re.search(r"^version: (.+)$", citation, re.M)[1]
    assert re.search(r"^## (\d\S+)$", changelog, re.M)[1] == __version__
