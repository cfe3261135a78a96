"""A core notebook stays within its limits: what a pupil reads, types over, looks at and builds in 90 minutes."""

import ast
import re

import pytest
from test_notebooks import CORE, code_cells, outputs, read, source, tags

from helpers.workshop.output_pictures import pictures_of

APART = {"exercise", "solution", "expected", "settings"}  # code that is not counted as the lesson's
KNOWN = ("checks.", "datasets.", "by_profile", "origin", "show_setup", "build_folder", "data_folder")
COMPREHENSIONS = (ast.ListComp, ast.SetComp, ast.DictComp, ast.GeneratorExp)
MINUTES = {"10_your_own_images": 180}  # two slots

each_core = pytest.mark.parametrize("path", CORE, ids=lambda path: path.stem)


def lesson(notebook):
    return [cell for cell in code_cells(notebook) if source(cell).strip() and not tags(cell) & APART]


def texts(notebook):
    return [source(cell) for cell in notebook["cells"] if cell["cell_type"] == "markdown"]


def nested(tree):
    """Whether a comprehension stands in another, has two loops, or is a dict that filters."""
    for node in ast.walk(tree):
        if isinstance(node, COMPREHENSIONS):
            inner = sum(isinstance(each, COMPREHENSIONS) for each in ast.walk(node)) > 1
            filters = isinstance(node, ast.DictComp) and any(each.ifs for each in node.generators)
            if inner or len(node.generators) > 1 or filters:
                return True
    return False


def helpers_met(notebook):
    """The package's functions that a notebook uses, but for checks, loaders and the set-up."""
    shown = [cell for cell in code_cells(notebook) if not tags(cell) & (APART - {"settings"})]
    trees = [ast.parse(source(cell)) for cell in shown]
    nodes = [node for tree in trees for node in ast.walk(tree)]
    imports = [node for node in nodes if isinstance(node, ast.ImportFrom)]
    modules = {name.name for node in imports if node.module == "helpers" for name in node.names}
    met = {name.name for node in imports if (node.module or "").startswith("helpers.") for name in node.names}
    for node in nodes:
        if isinstance(node, ast.Attribute) and isinstance(node.value, ast.Name) and node.value.id in modules:
            met.add(f"{node.value.id}.{node.attr}")
    return {name for name in met if not name.startswith(KNOWN)}


@each_core
def test_what_there_is_to_read_and_to_do(path):
    notebook = read(path)
    sources = [source(cell) for cell in lesson(notebook)]
    lines = [line for text in sources for line in text.splitlines()]
    exercises = [cell for cell in code_cells(notebook) if "exercise" in tags(cell) and "optional" not in tags(cell)]
    pictures = pictures_of([output for cell in lesson(notebook) for output in cell["outputs"]])
    words = sum(len(text.split()) for text in texts(notebook))
    minutes = words / 150 + len(lines) / 3 + 2 * len(pictures) + 15 * len(exercises)
    assert minutes <= MINUTES.get(path.stem, 100), minutes
    assert len(sources) <= 25 and len(lines) <= 110 and len(exercises) == 2


@each_core
def test_code_can_be_read(path):
    for cell in code_cells(read(path)):
        lines = source(cell).splitlines()
        assert len(lines) <= 15 and max(map(len, lines), default=0) <= 96, lines[0]
        assert not nested(ast.parse(source(cell))), source(cell)
    first, *others = code_cells(read(path))
    assert "settings" in tags(first) and not any("settings" in tags(cell) for cell in others)
    assert len(re.findall(r"^[A-Z_]+ = ", source(first), re.M)) <= 6


def test_few_functions_are_new_in_each():
    known = set()
    for path in CORE:
        met = helpers_met(read(path))
        assert len(met - known) <= 8, met - known
        known |= met


@each_core
def test_it_opens_with_a_question_a_picture_and_its_ideas(path):
    title, warm_up = texts(read(path))[:2]
    assert re.match(r"# .+\?\n", title) and f"](figures/{path.stem[:2]}.png)" in title
    assert (path.parent / "figures" / f"{path.stem[:2]}.png").is_file()
    assert 5 <= len(re.findall(r"^- ", title, re.M)) <= 7 and "The ideas" in title
    assert "*Time: " in title and "no GPU" in title
    assert warm_up.startswith("## Warm-up") and warm_up.count("<details>") >= 2


@each_core
def test_it_asks_before_it_shows_and_ends_in_short(path):
    every = texts(read(path))
    whole = "\n".join(every)
    assert len(re.findall(r"<b>Checkpoint</b>", whole)) >= 2
    assert whole.count("**What you should see**") >= 3 and len(re.findall(r"\*[A-Z][^*]+\?\*", whole)) >= 3
    last = every[-1]
    assert "## In short" in last and "**Words**" in last and "Read on:" in last and "## Do this to your own" in whole
    read_on = last.split("Read on:")[1]
    assert len(re.findall(r"^- ", read_on, re.M)) == 3
    for part in re.split(r"^### Exercise", whole, flags=re.M)[1:]:
        assert "*Hint: " in part


def said_by(notebook):
    """All words that the code of a notebook has put out."""
    words = []
    for output in outputs(notebook):
        words.append("".join(output.get("text", "")) + "".join(output.get("data", {}).get("text/plain", "")))
    return "\n".join(words)


@each_core
def test_what_one_should_see_is_in_the_outputs(path):
    """At least two numbers of each such text are measured: they stand in an output, whole."""
    notebook = read(path)
    said = set(re.findall(r"\d+(?:\.\d+)?", said_by(notebook)))
    for text in texts(notebook):
        for part in text.split("**What you should see**")[1:]:
            told, quick = part.split("\n\n")[1], re.findall(r"^Quick run: ", part, re.M)
            numbers = set(re.findall(r"(?<![\w.])\d+(?:\.\d+)?(?![\w])", re.sub(r"`[^`]*`", "", told)))
            assert len(numbers & said) >= 2 and all("." not in each or each in said for each in numbers), told
            assert len(quick) == 1, told


@each_core
def test_exercises_come_with_a_solution_that_is_checked(path):
    kinds = [kind for cell in code_cells(read(path)) for kind in ("exercise", "solution") if kind in tags(cell)]
    assert kinds == ["exercise", "solution"] * (len(kinds) // 2)
    for cell in code_cells(read(path)):
        if tags(cell) & {"exercise", "solution"}:
            assert re.match(r"checks\.check_\w+\(", source(cell).splitlines()[-1])
        if "solution" in tags(cell):
            assert cell["metadata"]["jupyter"]["source_hidden"] is True
            assert not re.search(r"\b(plots|activations|training|explanations|probing)\.", source(cell))


@each_core
def test_checked_lines_come_true(path):
    """A technique in plain lines and Keras, or the helper, agree: the output says so."""
    said = [repr(output.get("data", {}).get("text/plain", "")) for output in outputs(read(path))]
    assert any("True" in each for each in said) and not any("False" in each for each in said)
