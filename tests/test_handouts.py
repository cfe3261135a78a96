"""Handouts: copies hold what they should and nothing else, run as they are; every fact is read from the notebooks."""

import ast
import re
import shutil
import subprocess
import zipfile

import nbformat
import pytest
from nbformat.v4 import new_code_cell, new_markdown_cell, new_notebook, new_output

from helpers._shared.files import write_beside
from helpers.course import ROOT, SETUP_MIME
from helpers.workshop.handouts import captions, editions, front_pages, glossary, kit, minutes, packing, reading
from helpers.workshop.notebook_names import notebook_name, notebooks_in
from helpers.workshop.notebooks import runner

NOTEBOOKS = reading.executed_notebooks(ROOT / "notebooks")
COPIES = {"student": (editions.student_copy, "solution"), "teacher": (editions.teacher_copy, "exercise")}
WITH_NOTES = [stem for stem in NOTEBOOKS if "/" not in stem or kit.kit_notes(stem)]  # deeper ones need none
SECTION = "## {}\n\nWords."

each_notebook = pytest.mark.parametrize("stem", NOTEBOOKS)
each_copy = pytest.mark.parametrize("edition", COPIES)


def by_id(notebook):
    return {cell.id: cell for cell in notebook.cells}


# Copies


@each_copy
@each_notebook
def test_a_copy_leaves_out_one_tag_and_nothing_else(stem, edition):
    make, left_out = COPIES[edition]
    whole, before = NOTEBOOKS[stem], nbformat.writes(NOTEBOOKS[stem])
    copy = make(whole)
    kept = [cell for cell in whole.cells if left_out not in reading.tags(cell)]
    assert len(kept) < len(whole.cells)
    assert [cell.id for cell in copy.cells] == [cell.id for cell in kept]
    texts = zip(copy.cells, kept)
    assert all(mine.source == whole.source or captions.CAPTION in whole.source for mine, whole in texts)
    assert [reading.tags(cell) for cell in copy.cells] == [reading.tags(cell) for cell in kept]
    assert nbformat.writes(whole) == before, "the original is untouched"
    nbformat.validate(copy)


@each_notebook
def test_student_copy_keeps_the_expected_pictures_alone(stem):
    whole = by_id(NOTEBOOKS[stem])
    shown = [cell for cell in editions.student_copy(NOTEBOOKS[stem]).cells if cell.get("outputs")]
    expected = [cell for cell in whole.values() if "expected" in reading.tags(cell)]
    assert len(shown) == len(expected) and all("expected" in reading.tags(cell) for cell in shown)
    for cell in shown:
        assert [each.get("data") for each in cell.outputs] == [each.get("data") for each in whole[cell.id].outputs]
        assert cell.execution_count is None


@each_notebook
def test_student_copy_folds_what_follows_a_prediction(stem):
    """Nothing is lost, and what stands behind it stays in view."""
    for cell in editions.student_copy(NOTEBOOKS[stem]).cells:
        whole = by_id(NOTEBOOKS[stem])[cell.id].source
        if cell.cell_type == "markdown" and captions.CAPTION in whole:
            folded = re.findall(r"<b>What you should see</b>.+?</summary>\n\n(- .+?)\n\n</details>", cell.source, re.S)
            assert len(folded) == whole.count(captions.CAPTION) and captions.CAPTION not in cell.source
            assert all(text in whole and "<details>" not in text for text in folded)
            quick = sum("\nQuick run: " in text for text in folded)
            assert quick == len(re.findall("^Quick run: ", whole, re.M))


@each_notebook
def test_teacher_copy_is_executed_and_shows_its_solutions(stem):
    whole = by_id(NOTEBOOKS[stem])
    for cell in editions.teacher_copy(NOTEBOOKS[stem]).cells:
        assert cell.get("outputs") == whole[cell.id].get("outputs")
        assert "solution" not in reading.tags(cell) or "source_hidden" not in cell.metadata.get("jupyter", {})


def names(cell, kind):
    """Names that a cell's code loads, or binds outside of functions of its own."""
    tree = ast.parse(cell.source)
    found = {node.id for node in ast.walk(tree) if isinstance(node, ast.Name) and isinstance(node.ctx, kind)}
    if kind is ast.Store:
        found |= {node.name for node in ast.walk(tree) if isinstance(node, ast.FunctionDef)}
        found |= {node.arg for node in ast.walk(tree) if isinstance(node, ast.arg)}
        found |= {(node.asname or node.name).split(".")[0] for node in ast.walk(tree) if isinstance(node, ast.alias)}
    return found


def lost_names(notebook, left_out):
    """Names that a kept cell needs and that only left-out cells bind before it."""
    lost, bound, gone = set(), set(), set()
    for cell in notebook.cells:
        if cell.cell_type != "code":
            continue
        if left_out in reading.tags(cell):
            gone |= names(cell, ast.Store)
            continue
        bound |= names(cell, ast.Store)
        lost |= (names(cell, ast.Load) & gone) - bound
    return lost


@each_copy
@each_notebook
def test_no_cell_needs_what_a_copy_leaves_out(stem, edition):
    assert lost_names(NOTEBOOKS[stem], COPIES[edition][1]) == set()


def test_that_test_can_fail():
    cells = [new_code_cell("b = 1", metadata={"tags": ["solution"]}), new_code_cell("a = 2\nprint(a, b)")]
    assert lost_names(new_notebook(cells=cells), "solution") == {"b"}


def verdicts(notebook, tag):
    cells = [cell for cell in notebook.cells if tag in reading.tags(cell)]
    return ["".join(output.get("data", {}).get("text/plain", "") for output in cell.outputs) for cell in cells]


def run_copy(notebook, edition, folder):
    make, left_out = COPIES[edition]
    runner.write_notebook(make(notebook), folder / "copy.ipynb")
    outcome = runner.execute(folder / "copy.ipynb", profile="quick")
    assert outcome.error is None, outcome.error
    assert outcome.megabytes < kit.QUICK_MEGABYTES, "the kit promises a seat that this will do"
    kept, state = ("exercise", "not answered yet") if left_out == "solution" else ("solution", "right")
    said = verdicts(outcome.notebook, kept)
    assert said and all(each.startswith(state) for each in said), said


@each_copy
def test_a_toy_s_copy_runs_as_it_is(edition, tmp_path):
    """The course's own copies run in test-long; in every make test their cells do, as the notebooks themselves."""
    check = "display({'text/plain': 'right' if answer == total else 'not answered yet'}, raw=True)"
    answers = {"exercise": "answer = None", "solution": "answer = 2"}
    cells = [new_code_cell("from IPython.display import display\ntotal = 1 + 1")]
    cells += [new_code_cell(f"{answer}\n{check}", metadata={"tags": [tag]}) for tag, answer in answers.items()]
    run_copy(new_notebook(cells=cells), edition, tmp_path)


@pytest.mark.long
@each_copy
@each_notebook
def test_every_copy_runs(stem, edition, tmp_path):
    run_copy(NOTEBOOKS[stem], edition, tmp_path)


# The Colab edition


@each_notebook
def test_colab_copy_is_the_students_with_one_cell_more(stem):
    address = "https://example.org/course"
    copy = editions.colab_copy(NOTEBOOKS[stem], address=address, tag="v7")
    first, *others = copy.cells
    assert others == editions.student_copy(NOTEBOOKS[stem]).cells
    assert reading.tags(first) == {"colab"} and address in first.source and "--branch v7 " in first.source
    assert copy.metadata == editions.student_copy(NOTEBOOKS[stem]).metadata
    nbformat.validate(copy)


@pytest.mark.skipif(not (ROOT / ".git").exists() or not shutil.which("git"), reason="needs a clone, and git")
def test_the_colab_cell_installs_the_course_at_its_tag(tmp_path, monkeypatch):
    """The very cell, in a kernel, with a repository on disk; packages are not fetched anew."""
    subprocess.run(["git", "clone", "--quiet", "--bare", ROOT, tmp_path / "origin"], check=True)
    subprocess.run(["git", "-C", tmp_path / "origin", "tag", "v7"], check=True)
    # To pip, a NO_BUILD_ISOLATION of 0 means none.
    for name, value in (("PIP_NO_DEPS", "1"), ("PIP_NO_INDEX", "1"), ("PIP_NO_BUILD_ISOLATION", "0")):
        monkeypatch.setenv(name, value)
    monkeypatch.setenv("PIP_TARGET", str(tmp_path / "packages"))
    monkeypatch.delenv("PYTHONPATH", raising=False)
    cell = editions.setup_cell((tmp_path / "origin").as_uri(), "v7")
    where = new_code_cell("import helpers.course\nprint(helpers.course.ROOT)")
    nbformat.write(new_notebook(cells=[cell, where]), tmp_path / "colab.ipynb")
    outcome = runner.execute(tmp_path / "colab.ipynb", profile="quick")
    assert outcome.error is None, outcome.error
    assert outcome.notebook.cells[1].outputs[0].text.strip() == str(tmp_path / "course")
    assert (tmp_path / "packages" / "helpers/workshop/handouts/glossary.md").is_file(), "package data come along"


# What a notebook says of itself


@each_notebook
def test_every_fact_is_found(stem):
    facts = reading.about(stem, NOTEBOOKS[stem])
    assert facts.question.endswith("?") and facts.aim and "](" not in facts.aim and 3 <= len(facts.verbs) <= 7
    assert re.search(r"\d (s|min)$", facts.quick) and re.search(r"\d (s|min)$", facts.full)
    assert set(facts.data.values()) <= {"real"} and facts.title.startswith(
        stem.replace("deeper/", "d").partition("_")[0]
    )


def test_a_notebook_that_says_nothing_of_itself():
    facts = reading.about("11_own_notes", new_notebook(cells=[new_markdown_cell("Just words.")]))
    assert (facts.question, facts.quick, facts.data, facts.megabytes) == ("11 own notes", "", {}, None)


def test_two_notebooks_of_one_file_name_keep_their_titles_apart(tmp_path, monkeypatch):
    (tmp_path / "README.md").write_text("[01 Deep](notebooks/deeper/01_a.ipynb), [01 First](notebooks/01_a.ipynb)")
    monkeypatch.setattr(reading, "ROOT", tmp_path)
    names = ("01_a", "deeper/01_a", "deeper/02_b_c")
    assert [reading.short_title(name) for name in names] == ["01 First", "d01 Deep", "d02 b c"]


def test_a_folder_without_notebooks_is_one_sentence(tmp_path):
    with pytest.raises(ValueError, match="no notebook to hand out in .*: run make course"):
        reading.executed_notebooks(tmp_path)


PNG = "iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAYAAAAfFcSJAAAADUlEQVR42mNk+M9QDwADhgGAWjR9awAAAABJRU5ErkJggg=="
FIGURE = new_output("execute_result", data={"image/png": PNG, "text/plain": "<Figure>"}, execution_count=1)
JPEG = "/9j/" + PNG  # begins as every JPEG does
PHOTOGRAPH = new_output(
    "display_data", {"image/jpeg": JPEG, "text/plain": "loss 1"}, metadata={"image/jpeg": {"width": 8}}
)
SEEN = new_markdown_cell("**What you should see**\n\n- Only `edges`,\n  of *one* direction.\n- More.")


SEEN_THERE = {"cats-05": "channel 6 of the first layer", "cats-06": "eight names"}


@pytest.mark.parametrize(
    "source, tags, below, words",
    [
        ("plots.plot_images(x, title='Cats')", [], "", "Cats. Drawn: images side by side, as a contact sheet."),
        ("plots.plot_layer(x, name=f'image {n}')", [], "", "Image. Drawn: every channel of one layer"),
        ("plots.plot_layer(x, title=f'Conv2D_2, map {n}')", [], "", "Conv2D_2. Drawn: every"),
        ("plots.plot_layer(x, title=f'{n:,} draws: {m} of them, dashed: more')", [], "", "Some draws: dashed: more. D"),
        ("plots.plot_layer(x, title=f'{title}, every seed a dot')", [], "", "Every seed a dot. Drawn: every"),
        ("plots.plot_layer(x, title=f'{n}')", [], "", "Every channel of one layer"),
        ("plots.plot_layer(x, title='Who turns?')", [], "", "Who turns? Drawn: every"),
        ("plots.plot_images(x)", [], SEEN.source, "contact sheet. What you should see: Only edges, of one direction."),
        ("own_figure()", [], "", "A figure on: The network."),
        ("own_figure()", ["cats-05"], "", "Channel 6 of the first layer."),
        ("own_figure()", ["cats-05", "cats-06"], SEEN.source, "layer. Eight names. What you should see: Only"),
    ],
)
def test_alternative_text(source, tags, below, words):
    cells = [new_code_cell(source, outputs=[FIGURE], metadata={"tags": tags}), new_markdown_cell(below)]
    text = captions.alternative_text(cells, 0, "The network", SEEN_THERE)
    assert words in text and "`" not in text


@each_notebook
def test_no_alternative_text_names_what_it_does_not_know(stem):
    cells, seen = NOTEBOOKS[stem].cells, captions.seen_by_tag()
    texts = [captions.alternative_text(cells, place, "The network", seen) for place in range(len(cells))]
    assert len(list(filter(None, texts))) >= 4
    assert not [words for words in filter(None, texts) if captions.VALUE in words or not re.search(r"[.?!]$", words)]


def test_photographs_are_found_as_charts_are():
    cell = new_code_cell("own_figure()", outputs=[FIGURE, PHOTOGRAPH])
    assert [(picture.suffix, picture.width) for picture in reading.pictures(cell)] == [(".png", None), (".jpg", 8)]
    found = reading.first_picture(new_notebook(cells=[new_code_cell("1"), new_code_cell(outputs=[PHOTOGRAPH])]))
    assert found.suffix == ".jpg"
    cells = [new_code_cell("fit()", outputs=[PHOTOGRAPH])]
    assert captions.alternative_text(cells, 0, "The network", {}) == "Curves of a training; loss 1."


def test_no_figure_no_words():
    assert captions.alternative_text([new_code_cell("1 + 1")], 0, "A", {}) == ""


def test_the_ledger_gives_words(tmp_path):
    seen = captions.seen_by_tag()
    assert seen["ledger:cats-05"].startswith("first activation's shape") and len(seen) == 57
    assert captions.seen_by_tag(tmp_path / "none.toml") == {}


# The glossary


def test_glossary_holds_the_words_of_the_readme():
    readme = (ROOT / "README.md").read_text(encoding="utf-8").split("## Words")[1].split("\n## ")[0]
    rows = re.findall(r"^\| ([a-z][^|]*) \|", readme, re.M)[1:]
    wanted = {word.strip() for row in rows for word in row.split(",")}
    assert len(wanted) >= 10 and wanted <= {word.term for word in glossary.read_words()}


def test_glossary_is_in_order_and_short():
    terms = [word.term for word in glossary.read_words()]
    assert terms == sorted(terms, key=str.lower) and len(terms) == len(set(terms))
    assert not [word.term for word in glossary.read_words() if len(word.meaning.split()) > 40]


def test_glossary_shows_the_words_that_notebooks_use():
    notebook = new_notebook(cells=[new_markdown_cell("Two batches, and DROPOUT.")])
    page = glossary.glossary_page({"05_new": notebook, "deeper/05_new": notebook})
    links = re.escape("([05](05_new.ipynb), [d05](deeper/05_new.ipynb))")
    assert re.findall(rf"^(\w+)\n  .+{links}$", page, re.M) == ["batch", "dropout"]


def test_the_notebooks_use_most_words():
    used = [word for word in glossary.read_words() if glossary.used_in(word, NOTEBOOKS)]
    assert len(used) >= 0.8 * len(glossary.read_words())


# The workshop kit


@pytest.mark.parametrize("stem", WITH_NOTES)
def test_the_kit_has_notes_on_every_notebook(stem):
    """Where this fails for a new notebook: write handouts/kit_pages/NAME.md after reading the notebook."""
    ask, wrong, late = re.split(r"^## .+\n", kit.kit_notes(stem), flags=re.M)[1:]
    assert re.findall(r"^## (.+)", kit.kit_notes(stem), re.M) == ["Ask", "Three usual wrong answers", "When late"]
    assert len(re.findall(r"^\d\. ", ask, re.M)) == 2
    assert len(re.findall(r'^- \*\*".+?"\*\*', wrong, re.M | re.S)) == 3 and late.count("\n- ") >= 1
    named = set(re.findall(r"\*\*([^*]+)\*\*", " ".join((ask + late).split())))
    assert named <= {section.heading for section in reading.sections(NOTEBOOKS[stem])}


def said(notebook):
    """All that a notebook's cells hold and put out in words, without the commas and underscores of its numbers."""
    texts = [cell.source for cell in notebook.cells]
    outputs = [output for cell in notebook.cells for output in cell.get("outputs", [])]
    texts += [output.get("text", "") + output.get("data", {}).get("text/plain", "") for output in outputs]
    return re.sub(r"(?<=\d)[,_](?=\d)", "", "\n".join(texts))


@pytest.mark.parametrize("stem", WITH_NOTES)
def test_the_kit_types_no_number_that_its_notebook_does_not_say(stem):
    notes = re.sub(r"^\d\. |exercise \d", "", kit.kit_notes(stem), flags=re.M | re.I)
    numbers = re.findall(r"\d+(?:[.,]\d+)*", notes)
    there = set(re.findall(r"\d+(?:\.\d+)?", said(NOTEBOOKS[stem])))
    assert {number.replace(",", "") for number in numbers} <= there


def test_memory_is_said_as_the_stamps_have_it():
    toys = {}
    for stem, profile, megabytes in (("01_a", "full", 2953), ("02_b", "full", None), ("03_c", "quick", 900)):
        stamp = {"profile": profile} | ({"megabytes": megabytes} if megabytes else {})
        toys[stem] = reading.about(stem, new_notebook(metadata={"course": stamp}))
    assert [kit._memory(facts).endswith("it took 2,953 MB.") for facts in toys.values()] == [True, False, False]
    assert all("under 1.7 GB in the quick run" in kit._memory(facts) for facts in toys.values())
    assert kit._memory_of_all(toys.values()).endswith("01 a took 2,953 MB: run that on a machine with 4 GB free.")
    assert "In full" not in kit._memory_of_all([toys["02_b"], toys["03_c"]])


def test_every_text_asks_for_the_same_machine():
    texts = [ROOT / "README.md", kit.WORKSHOP / "before.md", front_pages.PAGES / "run.md"]
    found = [re.findall(r"(\d) GB of (disk|memory|free memory)", path.read_text(encoding="utf-8")) for path in texts]
    assert all(found) and {size for each in found for size, what in each if what == "disk"} == {"4"}
    assert {size for each in found for size, what in each if what != "disk"} == {"2"}


@pytest.mark.parametrize("path", sorted(kit.WORKSHOP.rglob("[0-9]*.md")), ids=notebook_name)
def test_notes_have_one_form_even_before_their_notebook_is_there(path):
    text = path.read_text(encoding="utf-8")
    assert re.findall(r"^## (.+)", text, re.M) == ["Ask", "Three usual wrong answers", "When late"]
    assert max(map(len, text.splitlines())) <= 120


def test_the_kit_is_that_of_the_core_and_of_deeper_notebooks_with_notes(tmp_path, monkeypatch):
    monkeypatch.setattr(kit, "kit_notes", lambda stem: "## Ask" if stem.startswith("deeper/11") else "")
    toy = new_notebook(cells=[new_markdown_cell("# A?")])
    names = ("11_toy", "12_toy", "deeper/11_toy", "deeper/12_toy")
    assert kit.write_kit(dict.fromkeys(names, toy), tmp_path) == ["11_toy", "12_toy"]
    pages = {path.relative_to(tmp_path).as_posix() for path in tmp_path.rglob("*.html")}
    there = {"index.html", "11_toy.html", "12_toy.html", "deeper/11_toy.html", "on_a_page.html"}
    assert pages - {"explorer.html"} == there
    links = re.findall(r'href="([^"]+)"', (tmp_path / "index.html").read_text(encoding="utf-8"))
    assert links[:4] == ["11_toy.html", "12_toy.html", "deeper/11_toy.html", "on_a_page.html"]
    page = (tmp_path / "on_a_page.html").read_text(encoding="utf-8")
    headings = ["It does not learn: why?", "Ways to read a layer", "Questions to ask a number"]
    assert re.findall(r"<h2[^>]*>([^<]+)</h2>", page) == headings


def test_routes_fit_into_their_hours():
    for route in kit.planned_routes(NOTEBOOKS):
        assert 0.6 * 60 * route["hours"] <= route["minutes"] <= 60 * route["hours"], route["name"]


ROUTE = '[[route]]\nname = "n"\nhours = 1\npromise = "p"\n[[route.part]]\n'


def test_a_route_leaves_out_what_is_not_there_and_names_a_wrong_section():
    toy = {"03_toy": new_notebook(cells=[new_markdown_cell("# A?"), new_markdown_cell(SECTION.format("One"))])}
    (route,) = kit.planned_routes(toy, ROUTE + 'notebook = "04"\n[[route.part]]\nnotebook = "03"')
    assert [headings for _, headings in route["parts"]] == [{"Opening": 1, "One": 1}]
    with pytest.raises(ValueError, match="names 'Two', and 03_toy has Opening, One"):
        kit.planned_routes(toy, ROUTE + 'notebook = "03"\nsections = ["Two"]')


def test_minutes_follow_the_rule():
    stub = new_code_cell("check_it(answer)", metadata={"tags": ["exercise"]})
    cells = [new_markdown_cell("word " * 260), new_code_cell("plot()", outputs=[FIGURE]), stub]
    section = reading.Section("A", cells)
    assert minutes.section_minutes(section) == 13  # 2 for the words, 1.5 for the figure, 2 * 0.4, 8: rounded up
    cells.append(new_markdown_cell("<details>Why?</details>"))
    assert minutes.section_minutes(section) == 14


# Folders and ZIPs


@pytest.fixture(scope="module")
def packed(tmp_path_factory):
    """All handouts but the site, which has tests of its own."""
    target = tmp_path_factory.mktemp("handouts")
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(packing, "build_site", lambda source, folder, **_: write_beside(folder / "index.html", "."))
        zips = list(packing.write_handouts(ROOT / "notebooks", target, repository="https://github.com/OWNER/NAME"))
    return target, zips


def test_one_zip_of_each_small_enough(packed):
    target, zips = packed
    assert [file.name for file in zips] == ["student.zip", "teacher.zip", "colab.zip", "workshop.zip", "site.zip"]
    assert all(file.stat().st_size <= packing.LARGEST_ZIP for file in zips)
    for file in zips:
        with zipfile.ZipFile(file) as archive:
            inside = {name.partition("/")[2] for name in archive.namelist()}
            assert {name.partition("/")[0] for name in archive.namelist()} <= {
                "inside-a-cnn",
                f"inside-a-cnn-{file.stem}",
            }
        assert inside == {
            path.relative_to(target / file.stem).as_posix()
            for path in (target / file.stem).rglob("*")
            if path.is_file()
        }


@each_copy
def test_a_handed_out_course_is_whole(packed, edition):
    folder = packed[0] / edition
    there = notebooks_in(folder / "notebooks")
    assert list(there) == list(NOTEBOOKS)
    for path in there.values():
        texts = [cell.source for cell in nbformat.read(path, 4).cells if cell.cell_type == "markdown"]
        links = re.findall(r"\]\(([^):#]+)\)", "\n".join(texts))
        assert not [link for link in links if not (path.parent / link).is_file()], path
    for target in re.findall(r"\]\(([^)]+)\)", (folder / "README.md").read_text(encoding="utf-8")):
        assert target.startswith("http") or (folder / target).exists(), target
    assert not [path for path in folder.rglob("*") if path.name == "__pycache__" or path.name.startswith(".")]
    overview = subprocess.run(
        ["python3", "-S", "-m", "helpers"], cwd=folder, capture_output=True, text=True, check=True
    )
    assert "wheelhouse" in overview.stdout


def test_no_solution_in_what_students_get(packed):
    for name in ("student", "colab"):
        for path in (packed[0] / name).rglob("*.ipynb"):
            assert not [cell for cell in nbformat.read(path, 4).cells if "solution" in reading.tags(cell)]


def test_the_same_files_make_the_same_zip(tmp_path):
    (tmp_path / "a").mkdir()
    (tmp_path / "a" / "b.txt").write_text("b")
    first = packing.pack(tmp_path / "a", "top").read_bytes()
    (tmp_path / "a" / "b.txt").touch()
    assert packing.pack(tmp_path / "a", "top").read_bytes() == first


def test_a_zip_that_cannot_be_written_leaves_the_old_one_and_no_other(tmp_path, monkeypatch):
    (tmp_path / "a").mkdir()
    (tmp_path / "a" / "b.txt").write_text("b")
    before = packing.pack(tmp_path / "a", "top").read_bytes()

    def full_disk(*_):
        raise OSError("no space left")

    monkeypatch.setattr(zipfile.ZipFile, "writestr", full_disk)
    with pytest.raises(OSError, match="no space left"):
        packing.pack(tmp_path / "a", "top")
    assert sorted(path.name for path in tmp_path.iterdir()) == ["a", "a.zip"]
    assert (tmp_path / "a.zip").read_bytes() == before


@pytest.mark.parametrize(
    "metadata, number, words",
    [
        ({"course": {"edition": "teacher"}}, 1, "01_toy is a teacher copy, which lacks cells: make handouts in"),
        ({"course": {"profile": "quick"}}, None, "01_toy was not run to its end: run make course"),
    ],
)
def test_handouts_are_made_from_whole_notebooks(tmp_path, metadata, number, words):
    """In the unpacked student or teacher course, for example, the notebooks lack cells or outputs."""
    cells = [new_markdown_cell("# A?"), new_code_cell("1", execution_count=number)]
    nbformat.write(new_notebook(cells=cells, metadata=metadata), tmp_path / "01_toy.ipynb")
    with pytest.raises(ValueError, match=words):
        list(packing.write_handouts(tmp_path, tmp_path / "out"))
    assert not (tmp_path / "out").exists()


def test_without_a_repository_there_is_no_colab_edition(tmp_path, monkeypatch):
    monkeypatch.setattr(packing, "build_site", lambda source, folder, **_: folder.mkdir())
    (tmp_path / "colab").mkdir()
    made = [file.stem for file in packing.write_handouts(ROOT / "notebooks", tmp_path)]
    assert "colab" not in made and not (tmp_path / "colab").exists()


@pytest.mark.parametrize(
    "repository, links",
    [
        ("", {}),
        (
            "https://github.com/OWNER/NAME",
            {
                "Binder": "https://mybinder.org/v2/gh/OWNER/NAME/v1?urlpath=lab%2Ftree%2Fnotebooks%2F01_a.ipynb",
                "Colab": "https://colab.research.google.com/github/OWNER/NAME/blob/colab/01_a.ipynb",
            },
        ),
        (
            "https://git.example.org/a/b",
            {
                "Binder": "https://mybinder.org/v2/git/https%3A%2F%2Fgit.example.org%2Fa%2Fb/v1"
                "?urlpath=lab%2Ftree%2Fnotebooks%2F01_a.ipynb"
            },
        ),
    ],
)
def test_links_come_from_one_setting(repository, links):
    assert front_pages.launch_links("01_a", repository, tag="v1") == links


def test_the_setting_is_in_pyproject(tmp_path):
    assert isinstance(packing.repository_address(), str)
    (tmp_path / "pyproject.toml").write_text('[tool.inside-a-cnn]\nrepository = "https://github.com/a/b"')
    assert packing.repository_address(tmp_path) == "https://github.com/a/b"
    (tmp_path / "pyproject.toml").write_text("")
    assert packing.repository_address(tmp_path) == ""


def test_setup_mime_is_known():
    assert all(runner.setup_of(notebook) for notebook in NOTEBOOKS.values()) and SETUP_MIME.endswith("+json")
