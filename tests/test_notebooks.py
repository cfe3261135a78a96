"""Every committed notebook has the house form, and its pictures were made by the code above them."""

import json
import re
from pathlib import Path

import pytest

from helpers.course import SETUP_MIME
from helpers.workshop.notebook_names import notebook_name, notebooks_in
from helpers.workshop.notebooks import runner
from helpers.workshop.output_pictures import pictures_of

FOLDER = Path(__file__).parents[1] / "notebooks"
NOTEBOOKS = list(notebooks_in(FOLDER).values())
CORE = [path for path in NOTEBOOKS if path.parent == FOLDER]
EXERCISE_TAGS = {"exercise", "expected", "solution"}
LARGEST = 3_000_000  # bytes of a committed notebook
LARGEST_PICTURE = 600_000  # bytes of one figure

DEEPER = [path for path in NOTEBOOKS if path not in CORE]

each_notebook = pytest.mark.parametrize("path", NOTEBOOKS, ids=notebook_name)
each_deeper = pytest.mark.parametrize("path", DEEPER, ids=notebook_name)


def read(path):
    return json.loads(path.read_text(encoding="utf-8"))


def source(cell):
    return "".join(cell["source"])


def tags(cell):
    return set(cell["metadata"].get("tags", []))


def code_cells(notebook):
    return [cell for cell in notebook["cells"] if cell["cell_type"] == "code"]


def outputs(notebook):
    return [output for cell in code_cells(notebook) for output in cell["outputs"]]


def test_every_notebook_belongs_to_a_tier():
    there = {path for path in FOLDER.rglob("*.ipynb") if not path.parent.name.startswith(".")}
    assert there == set(NOTEBOOKS) and there > set(CORE)


@each_deeper
def test_first_cells(path):
    title, imports, numbers = read(path)["cells"][:3]
    assert title["cell_type"] == "markdown" and re.match(r"# .+\?\n", source(title)), "the title is a question"
    assert "quick" in source(title) and "full" in source(title) and "no GPU" in source(title), "both times are said"
    lines = [line for line in source(imports).splitlines() if line and not line.startswith("#")]
    assert all(line.startswith(("import ", "from ")) for line in lines), "the second cell holds imports only"
    assert "set_random_seed(SEED)" in source(numbers) and "show_setup(" in source(numbers)


@each_deeper
def test_cells_are_short_and_introduced(path):
    notebook = read(path)
    lengths = {source(cell).splitlines()[0]: len(source(cell).splitlines()) for cell in code_cells(notebook)}
    assert not {first: length for first, length in lengths.items() if length > 15}
    lesson = [cell for cell in code_cells(notebook) if not tags(cell) & EXERCISE_TAGS]
    assert 12 <= len(lesson) <= 32
    assert not [
        source(cell)
        for cell in code_cells(notebook)
        if re.search(r"^[!%]|pip install|filterwarnings", source(cell), re.M)
    ]
    for before, cell in zip(notebook["cells"][2:], notebook["cells"][3:], strict=False):
        introduced = before["cell_type"] == "markdown" or tags(cell) & EXERCISE_TAGS
        assert cell["cell_type"] == "markdown" or introduced, f"no text before: {source(cell)[:60]}"


@each_deeper
def test_headings(path):
    cells = [source(cell) for cell in read(path)["cells"] if cell["cell_type"] == "markdown"]
    headings = [line for text in cells for line in text.splitlines() if re.match(r"#+ ", line)]
    assert sum(heading.startswith("# ") for heading in headings) == 1
    assert 4 <= sum(heading.startswith("## ") for heading in headings) <= 10
    assert any(heading.startswith("## Do this to your own network") for heading in headings)
    assert "## In short" in cells[-1] and sum(line.startswith("- ") for line in cells[-1].splitlines()) == 3


@each_deeper
def test_questions_checkpoints_and_exercises(path):
    notebook = read(path)
    text = "\n".join(source(cell) for cell in notebook["cells"] if cell["cell_type"] == "markdown")
    assert text.count("<details>") >= 2, "two checkpoints"
    assert text.count("**What you should see**") >= 3
    kinds = [kind for cell in code_cells(notebook) for kind in tags(cell) & EXERCISE_TAGS]
    assert 2 <= kinds.count("exercise") <= 3 and kinds.count("solution") == kinds.count("exercise")
    for cell in code_cells(notebook):
        if tags(cell) & {"exercise", "solution"}:
            assert re.match(r"(checks\.)?check_\w+\(", source(cell).splitlines()[-1]), "it ends in its check"
        if tags(cell) & {"expected", "solution"}:
            assert cell["metadata"]["jupyter"]["source_hidden"] is True


def tasks(path):
    """Heading, task and what follows the task, paragraph by paragraph, of every exercise."""
    texts = [source(cell) for cell in read(path)["cells"] if cell["cell_type"] == "markdown"]
    found = [part for text in texts for part in re.split(r"^### ", text, flags=re.M)[1:]]
    return [part.split("\n\n") for part in found if re.match(r"(Exercise )?\d[.:] ", part)]


@each_deeper
def test_a_task_is_one_sentence_and_a_hint_follows(path):
    exercises = tasks(path)
    assert len(exercises) == sum("exercise" in tags(cell) for cell in code_cells(read(path)))
    for heading, task, *more in exercises:
        # A remark in brackets may follow, and a colon may introduce steps.
        sentence = re.sub(r"\(\*?[A-Z][^()]*(\([^()]*\))?[^()]*\)$", "", task).strip()
        assert re.findall(r'[.?!:]["*]?(?=\s|$)', sentence)[:-1] in ([], [":"]), f"{heading}: {task}"
        assert sentence[-1] in ".?:", f"{heading}: {task}"
        assert more[-1].startswith("*Hint: ") and more[-1].endswith("*"), f"{heading}: a hint stands before the answer"


@each_notebook
def test_every_exercise_answers_as_it_should(path):
    for cell in code_cells(read(path)):
        said = "".join("".join(output.get("data", {}).get("text/plain", "")) for output in cell["outputs"])
        if "exercise" in tags(cell):
            assert said.startswith("not answered yet")
        if "solution" in tags(cell):
            assert said.startswith("right")


@each_notebook
def test_next_notebook_exists(path):
    last = source(read(path)["cells"][-1])
    for target in re.findall(r"\]\(([^)]+\.ipynb)\)", last):
        assert (path.parent / target).is_file()
    if path in CORE[:-1]:
        assert f"({CORE[CORE.index(path) + 1].name})" in last


def test_links_between_notebooks_lead_somewhere_and_core_notebooks_lead_to_the_deeper_ones():
    led = set()
    for path in NOTEBOOKS:
        texts = "\n".join(source(cell) for cell in read(path)["cells"] if cell["cell_type"] == "markdown")
        for target in re.findall(r"\]\(([^):]+\.ipynb)\)", texts):
            assert (path.parent / target).is_file(), f"{notebook_name(path)}: {target}"
            led.add((path.parent / target).resolve())
    assert led >= {path for path in NOTEBOOKS if path not in CORE}


@each_notebook
def test_executed_once_from_top_to_bottom(path):
    notebook = read(path)
    assert [cell["execution_count"] for cell in code_cells(notebook)] == list(range(1, len(code_cells(notebook)) + 1))
    assert not [
        output for output in outputs(notebook) if output["output_type"] == "error" or output.get("name") == "stderr"
    ]
    assert not [cell["metadata"] for cell in notebook["cells"] if set(cell["metadata"]) - {"tags", "jupyter"}]
    assert not re.search(r"/(home|root|Users|tmp|work)/", path.read_text(encoding="utf-8")), "a path of one machine"


@each_notebook
def test_lean(path):
    assert path.stat().st_size < LARGEST
    pictures = pictures_of(outputs(read(path)))
    assert pictures and max(len(picture.content) for picture in pictures) < LARGEST_PICTURE


@each_notebook
def test_stamp(path):
    """A picture in the repository was made by the code above it, in full, on the real data."""
    notebook = read(path)
    stamp = notebook["metadata"]["course"]
    assert stamp["profile"] == "full"
    assert set(stamp["data"].values()) <= {"real"} and (stamp["data"] or path not in CORE)
    assert stamp["code_sha256"] == runner.code_sha256(notebook)
    assert stamp["seconds"] > 0 and "keras" in stamp["versions"]
    assert any(SETUP_MIME in output.get("data", {}) for output in code_cells(notebook)[1]["outputs"])


@each_notebook
def test_the_first_output_says_how_it_was_made(path):
    """Profile, each data set (real or embedded), versions, device, date: as data, and in words for the reader."""
    notebook = read(path)
    first = outputs(notebook)[0]["data"]
    report, words = first[SETUP_MIME], "".join(first["text/plain"])
    assert report["data"] == notebook["metadata"]["course"]["data"]
    said = [report["profile"], report["device"], report["date"]]
    said += [f"{name}: {origin}" for name, origin in report["data"].items()]
    said += [f"{name} {version}" for name, version in report["versions"].items()]
    assert all(said) and not [part for part in said if part not in words]


def test_the_readme_shows_a_picture_of_a_notebook():
    picture = (FOLDER / "figures" / "channel_grid.png").read_bytes()
    assert picture in [made.content for path in NOTEBOOKS for made in pictures_of(outputs(read(path)))]


def test_the_readme_lists_every_notebook(repository):
    text = (repository / "README.md").read_text(encoding="utf-8")
    path, deeper = text.split("### Go deeper")
    listed = [re.findall(r"^\| \[.+?\]\(notebooks/(.+?)\.ipynb\)", part, re.M) for part in (path, deeper)]
    assert listed[0] == [path.stem for path in CORE] and listed[0] + listed[1] == list(notebooks_in(FOLDER))
    for target in re.findall(r"\]\(([^)]+)\)", text):
        assert target.startswith("http") or (repository / target).exists(), target
