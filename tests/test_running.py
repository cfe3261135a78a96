"""The runner of notebooks, and the commands that use it, on toy notebooks."""

import nbformat
import pytest
from nbformat.v4 import new_code_cell, new_markdown_cell, new_notebook
from PIL import Image

from helpers import running
from helpers.commands import course, main, reproduce

REPORT = (
    "from IPython.display import display\n"
    "display({'text/plain': 'setup', '%s': {'data': {'shapes': '%s'}, 'versions': {'keras': '3'}}}, raw=True)"
)


@pytest.fixture
def folder(tmp_path, monkeypatch):
    """A repository with an umlaut and a space in its name and two notebooks; the first one fails."""
    root = tmp_path / "Kurs für alle"
    (root / "notebooks").mkdir(parents=True)
    monkeypatch.setattr(running, "ROOT", root)
    for module in (course, reproduce):
        monkeypatch.setattr(module, "ROOT", root)
        monkeypatch.setattr(module, "build_folder", lambda *parts: root.joinpath("build", *parts))
    write(root, "01_fails", "1 / 0", "print('never')")
    write(
        root,
        "02_works",
        REPORT % (running.SETUP_MIME, "real"),
        "import os\nprint(os.environ['COURSE_PROFILE'])",
    )
    return root


def write(root, name, *sources):
    cells = [new_markdown_cell("# Toy")] + [new_code_cell(source) for source in sources]
    nbformat.write(new_notebook(cells=cells), root / "notebooks" / f"{name}.ipynb")


def test_course_runs_every_notebook_and_names_the_one_that_failed(folder, capsys):
    assert main(["course"]) == 1
    said = capsys.readouterr().out
    assert "cell 2: ZeroDivisionError: division by zero" in said
    assert "shapes real" in said and "build/course/01_fails.html" in said
    assert sorted(path.name for path in (folder / "build/course").iterdir()) == [
        "01_fails.html",
        "01_fails.ipynb",
        "02_works.html",
        "02_works.ipynb",
    ]
    page = (folder / "build/course/02_works.html").read_text(encoding="utf-8")
    assert "quick" in page and "https://cdn" not in page


def test_one_notebook_by_number(folder, capsys):
    assert main(["course", "02"]) == 0
    assert "01_fails" not in capsys.readouterr().out


def test_unknown_notebook_is_one_sentence(folder, capsys):
    assert main(["course", "17"]) == 1
    assert capsys.readouterr().err == "No notebook fits '17': choose from 01_fails, 02_works.\n"


def test_reproduce_stamps_and_commits_only_what_is_whole_and_real(folder, capsys):
    write(folder, "03_embedded", REPORT % (running.SETUP_MIME, "embedded"))
    write(
        folder,
        "04_complains",
        REPORT % (running.SETUP_MIME, "real"),
        "import sys\nprint('oh', file=sys.stderr)",
    )
    before = (folder / "notebooks/01_fails.ipynb").read_text()
    assert main(["reproduce", "--commit"]) == 1
    said = capsys.readouterr().out
    for words in (
        "01_fails: not replaced: it failed",
        "02_works: replaced",
        "03_embedded: not replaced: it ran on embedded",
        "04_complains: not replaced: it wrote to stderr",
    ):
        assert words in said
    assert (folder / "notebooks/01_fails.ipynb").read_text() == before
    committed = nbformat.read(folder / "notebooks/02_works.ipynb", as_version=4)
    stamp = committed.metadata.course
    assert (stamp.profile, dict(stamp.data)) == ("full", {"shapes": "real"})
    assert stamp.code_sha256 == running.code_sha256(committed)
    assert [cell.execution_count for cell in committed.cells[1:]] == [1, 2]
    assert committed.cells[2].outputs[0].text == "full\n"


def test_the_readme_picture_is_the_one_that_the_run_made(folder):
    draw = (
        "from PIL import Image\nfrom IPython.display import display\ndisplay(Image.new('RGB', (3, 2), 'red'))"
    )
    cells = [
        new_code_cell(REPORT % (running.SETUP_MIME, "real")),
        new_code_cell(draw, metadata={"tags": ["readme-picture"]}),
    ]
    nbformat.write(new_notebook(cells=cells), folder / "notebooks" / "06_draws.ipynb")
    assert main(["reproduce", "06", "--commit"]) == 0
    with Image.open(folder / "notebooks/figures/channel_grid.png") as picture:
        assert picture.size == (3, 2)


def test_hash_follows_the_code_and_nothing_else():
    notebook = new_notebook(cells=[new_code_cell("a = 1"), new_markdown_cell("b")])
    first = running.code_sha256(notebook)
    notebook.cells[1].source = "c"
    assert running.code_sha256(notebook) == first
    notebook.cells[0].source = "a = 2"
    assert running.code_sha256(notebook) != first


def test_a_dead_kernel_is_said_and_the_next_notebook_runs(folder):
    write(folder, "01_fails", "import os\nos._exit(1)")
    outcomes = course.run_all(running.notebook_files(), folder / "build", profile="quick")
    assert "died" in outcomes[0].error.lower() and outcomes[1].error is None


def test_memory_is_watched(folder):
    write(folder, "05_big", "block = bytearray(200_000_000)\nimport time; time.sleep(0.6)")
    outcome = running.execute(folder / "notebooks/05_big.ipynb", profile="quick")
    assert outcome.error is None and outcome.megabytes > 200
