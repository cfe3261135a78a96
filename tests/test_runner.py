"""The runner of notebooks, and the commands that use it, on toy notebooks."""

import json
import shutil
import time
from concurrent.futures import Future
from pathlib import Path

import nbformat
import pytest
from lab_browser import open_page
from nbformat.v4 import new_code_cell, new_markdown_cell, new_notebook
from PIL import Image

from helpers import course as settings
from helpers._shared.files import write_beside
from helpers.course import SETUP_MIME
from helpers.workshop.commands import course, main, reproduce
from helpers.workshop.notebooks import parallel, resume, runner

REPORT = (
    "from IPython.display import display\n"
    "display({'text/plain': 'setup', '%s': {'data': {'shapes': '%s'}, 'versions': {'keras': '3'}}}, raw=True)"
)


@pytest.fixture
def folder(tmp_path, monkeypatch):
    """A repository with an umlaut and a space in its name and two notebooks; the first one fails."""
    root = tmp_path / "Kurs für alle"
    (root / "notebooks").mkdir(parents=True)
    monkeypatch.setattr(runner, "ROOT", root)
    for module in (course, reproduce):
        monkeypatch.setattr(module, "ROOT", root)
        monkeypatch.setattr(module, "build_folder", lambda *parts: root.joinpath("build", *parts))
    write(root, "01_fails", "1 / 0", "print('never')")
    write(root, "02_works", REPORT % (SETUP_MIME, "real"), "import os\nprint(os.environ['COURSE_PROFILE'])")
    return root


@pytest.fixture
def no_site(monkeypatch):
    """Leave out the pages to read, which take Sphinx seconds; tests that look at them do without this."""
    monkeypatch.setattr(reproduce, "write_site", lambda target: None)


def write(root, name, *sources):
    cells = [new_markdown_cell("# Toy")] + [new_code_cell(source) for source in sources]
    nbformat.write(new_notebook(cells=cells), root / "notebooks" / f"{name}.ipynb")


def test_course_runs_every_notebook_and_names_the_one_that_failed(folder, capsys):
    assert main(["course"]) == 1
    said = capsys.readouterr().out
    assert "cell 2: ZeroDivisionError: division by zero" in said
    assert "shapes real" in said and "build/course/site/index.html" in said
    made = folder / "build/course"
    assert sorted(path.name for path in made.iterdir()) == ["01_fails.ipynb", "02_works.ipynb", "site"]
    assert "quick" in (made / "site/02_works.html").read_text(encoding="utf-8")
    assert "ZeroDivisionError" in (made / "site/01_fails.html").read_text(encoding="utf-8")


def test_one_notebook_by_number_and_a_site_without_notebooks_that_are_gone(folder, capsys):
    write(folder, "03_gone", "1")
    (folder / "build/course").mkdir(parents=True)
    shutil.move(folder / "notebooks/03_gone.ipynb", course.build_folder("course") / "03_gone.ipynb")
    assert main(["course", "02"]) == 0
    assert "01_fails" not in capsys.readouterr().out
    pages = {path.name for path in (folder / "build/course/site").glob("0*.html")}
    assert pages == {"02_works.html"}


def test_two_at_a_time_meet_and_are_told_in_order(folder):
    """Each waits for what the other leaves: one after the other they would wait in vain."""
    for own, other in ("ab", "ba"):
        wait = (
            f"import os, pathlib, time\npathlib.Path('{own}').touch()\n"
            f"while not pathlib.Path('{other}').exists():\n    time.sleep(0.05)\n"
            "print(os.environ['OMP_NUM_THREADS'])"
        )
        write(folder, f"0{'ab'.index(own) + 5}_meets", wait)
    files = runner.notebook_files(["05", "06"])
    with pytest.MonkeyPatch.context() as patch:
        patch.delenv("OMP_NUM_THREADS", raising=False)
        patch.setattr(parallel, "cores", lambda: 6)
        outcomes = course.run_all(files, folder / "build", profile="quick", at_a_time=2)
    assert [outcome.path for outcome in outcomes] == files and not any(outcome.error for outcome in outcomes)
    assert outcomes[0].notebook.cells[1].outputs[0].text == "3\n"


def test_stopped_it_ends_at_once_and_writes_nothing(folder, monkeypatch):
    """The notebooks would sleep for a minute each; what was written before stays."""
    for name in ("05_sleeps", "06_sleeps", "07_sleeps"):
        write(folder, name, "import pathlib, time\npathlib.Path('asleep').touch()\ntime.sleep(60)")
    files, made = runner.notebook_files(["05", "06", "07"]), folder / "build"
    made.mkdir()
    (made / "05_sleeps.ipynb").write_text("before")

    def interrupted(waiting):
        while not (folder / "notebooks/asleep").exists():
            time.sleep(0.05)
        raise KeyboardInterrupt

    monkeypatch.setattr(Future, "result", interrupted)
    start = time.monotonic()
    with pytest.raises(KeyboardInterrupt):
        course.run_all(files, made, profile="quick", at_a_time=2)
    assert time.monotonic() - start < 30
    assert [path.name for path in made.iterdir()] == ["05_sleeps.ipynb"]
    assert (made / "05_sleeps.ipynb").read_text() == "before"


def test_unknown_notebook_is_one_sentence(folder, capsys):
    assert main(["course", "17"]) == 1
    assert capsys.readouterr().err == "No notebook fits '17': choose from 01_fails, 02_works.\n"


WANTED = {
    "01": ["01_twin"],
    "d01": ["deeper/01_twin"],
    "1": ["01_twin"],
    "d1": ["deeper/01_twin"],
    "01_twin": ["01_twin"],
    "deeper/01_twin": ["deeper/01_twin"],
    "twin": ["01_twin", "deeper/01_twin"],
    "d02": ["deeper/02_own"],
    "own": ["deeper/02_own"],
    "d": ["deeper/01_twin", "deeper/02_own"],
    "": ["01_twin"],
}


@pytest.fixture
def two_tiers(folder):
    """A core notebook, and two deeper ones, of which one has its file name; each says where it runs."""
    for path in (folder / "notebooks").glob("*.ipynb"):
        path.unlink()
    (folder / "notebooks/deeper").mkdir()
    for name in ("01_twin", "deeper/01_twin", "deeper/02_own"):
        write(folder, name, REPORT % (SETUP_MIME, "real"), f"import os\nprint(os.getcwd(), '{name}')")
    return folder


@pytest.mark.parametrize(("word", "names"), WANTED.items())
def test_a_number_or_name_says_its_tier(two_tiers, word, names):
    files = runner.notebook_files(word.split())
    assert [runner.Outcome(path, None).name for path in files] == names
    assert files == [two_tiers / f"notebooks/{name}.ipynb" for name in names]


def test_there_are_more_with_the_deeper_ones_and_a_core_number_never_means_one_of_them(two_tiers):
    assert [path.parent.name for path in runner.notebook_files(deeper=True)] == ["notebooks", "deeper", "deeper"]
    with pytest.raises(ValueError, match="fits '02': choose from 01_twin, d01_twin, d02_own."):
        runner.notebook_files(["02"])


def made_in(folder):
    return sorted(path.relative_to(folder).as_posix() for path in folder.rglob("*.ipynb"))


def test_course_runs_the_core_and_on_demand_the_deeper_ones(two_tiers, monkeypatch, capsys):
    monkeypatch.setattr(course, "write_site", lambda target: None)
    monkeypatch.setenv("DEEPER", "0")
    assert main(["course"]) == 0
    assert made_in(two_tiers / "build/course") == ["01_twin.ipynb"]
    monkeypatch.setenv("DEEPER", "1")
    assert main(["course"]) == 0
    assert made_in(two_tiers / "build/course") == ["01_twin.ipynb", "deeper/01_twin.ipynb", "deeper/02_own.ipynb"]
    assert "[3/3] deeper/02_own ..." in capsys.readouterr().out


def test_the_site_of_a_course_in_two_tiers(two_tiers):
    assert main(["course", "01", "d01"]) == 0
    site = two_tiers / "build/course/site"
    assert sorted(path.relative_to(site).as_posix() for path in site.rglob("0*.html")) == [
        "01_twin.html",
        "deeper/01_twin.html",
    ]
    home = (site / "index.html").read_text(encoding="utf-8")
    assert home.index('href="01_twin.html"') < home.index('href="deeper/01_twin.html"')


def test_a_course_of_a_deeper_notebook_alone(two_tiers, capsys):
    assert main(["course", "d02"]) == 0
    page = (two_tiers / "build/course/site/deeper/02_own.html").read_text(encoding="utf-8")
    assert f"{two_tiers}/notebooks/deeper deeper/02_own" in page, "it runs in its own folder"
    assert "deeper/02_own " in capsys.readouterr().out


def test_reproduce_commits_each_tier_to_its_folder(two_tiers, no_site, monkeypatch, capsys):
    monkeypatch.setattr(settings, "origin", lambda name: "real")
    assert main(["reproduce", "--commit"]) == 0
    for name in ("01_twin", "deeper/01_twin", "deeper/02_own"):
        committed = nbformat.read(two_tiers / f"notebooks/{name}.ipynb", as_version=4)
        assert committed.cells[2].outputs[0].text.endswith(f" {name}\n")
    assert json.loads((two_tiers / "build/reproduce/.finished.json").read_text()).keys() == {
        "01_twin",
        "deeper/01_twin",
        "deeper/02_own",
    }
    assert "deeper/01_twin: replaced" in capsys.readouterr().out
    assert main(["reproduce", "d01"]) == 0
    assert "[1/1] deeper/01_twin: done before" in capsys.readouterr().out


def test_reproduce_stamps_and_commits_only_what_is_whole_and_real(folder, no_site, capsys):
    write(folder, "03_embedded", REPORT % (SETUP_MIME, "embedded"))
    write(folder, "04_complains", REPORT % (SETUP_MIME, "real"), "import sys\nprint('oh', file=sys.stderr)")
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
    assert stamp.code_sha256 == runner.code_sha256(committed)
    assert [cell.execution_count for cell in committed.cells[1:]] == [1, 2]
    assert committed.cells[2].outputs[0].text == "full\n"


SHOW = {
    "png": "from PIL import Image\nfrom IPython.display import display\ndisplay(Image.new('RGB', (3, 2), 'red'))",
    "jpeg": (
        "import io\nfrom PIL import Image\nfrom IPython.display import Image as Shown\nwritten = io.BytesIO()\n"
        "Image.new('RGB', (3, 2), 'red').save(written, 'JPEG')\nShown(written.getvalue())"
    ),
}


@pytest.mark.parametrize("draw", SHOW.values(), ids=SHOW)
def test_the_readme_picture_is_the_one_that_the_run_made(folder, no_site, draw):
    cells = [new_code_cell(REPORT % (SETUP_MIME, "real")), new_code_cell(draw, metadata={"tags": ["readme-picture"]})]
    nbformat.write(new_notebook(cells=cells), folder / "notebooks" / "06_draws.ipynb")
    assert main(["reproduce", "06", "--commit"]) == 0
    with Image.open(folder / "notebooks/figures/channel_grid.png") as picture:
        assert (picture.format, picture.size) == ("PNG", (3, 2))


LEDGER = """
[article.toy]
title = "Toys"
[[item]]
id = "toy-01"
article = "toy"
notebook = ["02_works", "03_draws"]
seen = "two pictures"
rule = "picture"
[[item]]
id = "toy-02"
article = "toy"
notebook = "01_fails"
seen = "nothing"
rule = "picture"
[[erratum]]
id = "toy-e1"
article = "toy"
notebook = "03_draws"
seen = "a mistake"
right = "none"
"""
DRAW = "from PIL import Image\nfrom IPython.display import display\ndisplay(Image.new('RGB', (%d, 2), 'red'))"


@pytest.fixture
def drawing(folder, monkeypatch):
    """The two notebooks and a third one that draws, a ledger, and a data set that counts as real."""
    (folder / "notebooks/ledger.toml").write_text(LEDGER, encoding="utf-8")
    tags = {"tags": ["ledger:toy-01", "ledger:toy-e1"]}
    cells = [new_code_cell(REPORT % (SETUP_MIME, "real"))]
    cells += [new_code_cell(DRAW % width, metadata=tags) for width in (3, 4)]
    nbformat.write(new_notebook(cells=cells), folder / "notebooks/03_draws.ipynb")
    monkeypatch.setattr(settings, "origin", lambda name: "real")
    monkeypatch.delenv("COMMIT", raising=False)
    monkeypatch.delenv("AGAIN", raising=False)
    return folder


def test_reproduce_writes_the_pictures_of_the_ledger_and_what_they_stand_beside(drawing, capsys):
    (drawing / "build/figures").mkdir(parents=True)
    (drawing / "build/figures/toy-01-3.png").write_bytes(b"a third picture that an earlier run had")
    assert main(["reproduce", "03"]) == 0
    said = capsys.readouterr().out
    assert "Reported beside measured: build/reproduce/REPRODUCTION.md" in said in said
    assert "build/figures/ (2 PNG, 0 PDF, of them 0 in the article's look)" in said
    figures = drawing / "build/figures"
    assert sorted(path.name for path in figures.iterdir()) == ["toy-01-2.png", "toy-01.png"]
    sizes = [Image.open(figures / name).size for name in ("toy-01.png", "toy-01-2.png")]
    assert sizes == [(3, 2), (4, 2)]
    page = (drawing / "build/reproduce/REPRODUCTION.md").read_text(encoding="utf-8")
    assert (
        "### toy-01\n\n**Picture.** Two pictures." in page
        and "(site/03_draws.html#cell-id=" in page
        and "toy-02" not in page
    )
    assert not (drawing / "REPRODUCTION.md").exists()
    cell = page.partition("#")[2].partition("cell-id=")[2].partition(")")[0]
    assert f'id="cell-id={cell}"' in (drawing / "build/reproduce/site/03_draws.html").read_text(encoding="utf-8")


# What a plot function of the course does, without one: its figure is kept, and shown once.
PLOTS = (
    """
import matplotlib.pyplot as plt
from helpers.plots.house import keep
def draw(width, look=None):
    return plt.figure(figsize=(width + (look == "toy"), 1))
keep(draw, (%d,), {})
"""
    + DRAW % 1
)


def test_what_plot_functions_draw_is_there_in_print_quality_and_in_both_looks(drawing, no_site, capsys):
    tags = {"tags": ["ledger:toy-01"]}
    cells = [new_code_cell(REPORT % (SETUP_MIME, "real")), new_code_cell(PLOTS % 9)]  # of no item
    cells += [new_code_cell(PLOTS % 2, metadata=tags), new_code_cell(DRAW % 4, metadata=tags)]
    cells += [new_markdown_cell("words", metadata=tags), new_code_cell(PLOTS % 3, metadata=tags)]
    nbformat.write(new_notebook(cells=cells), drawing / "notebooks/03_draws.ipynb")
    assert main(["reproduce", "03"]) == 0
    assert "build/figures/ (5 PNG, 4 PDF, of them 4 in the article's look)" in capsys.readouterr().out
    figures = drawing / "build/figures"
    widths = {path.name: Image.open(path).width for path in figures.glob("*.png")}
    assert widths == {
        "toy-01.png": 600,
        "toy-01_article.png": 900,
        "toy-01-2.png": 4,  # a picture that no plot function has drawn
        "toy-01-3.png": 900,
        "toy-01-3_article.png": 1200,
    }
    assert sorted(path.name for path in figures.glob("*.pdf")) == sorted(
        name.replace(".png", ".pdf") for name in widths if "-2" not in name
    )
    assert not list((drawing / "build").rglob(".cell.json"))
    first = {path.name: path.read_bytes() for path in figures.iterdir()}
    assert main(["reproduce", "03", "--again"]) == 0
    assert {path.name: path.read_bytes() for path in figures.iterdir()} == first, "numbering starts anew"


def test_a_notebook_that_fails_leaves_the_figures_as_they_were(drawing, no_site):
    cells = [new_code_cell(DRAW % 4, metadata={"tags": ["ledger:toy-02"]}), new_code_cell("1 / 0")]
    nbformat.write(new_notebook(cells=cells), drawing / "notebooks/01_fails.ipynb")
    (drawing / "build/figures").mkdir(parents=True)
    (drawing / "build/figures/toy-02.png").write_bytes(b"as before")
    assert main(["reproduce", "01"]) == 1
    assert (drawing / "build/figures/toy-02.png").read_bytes() == b"as before"
    assert not (drawing / "build/reproduce/figures").exists()


def test_without_being_asked_the_runner_keeps_no_figures(folder, monkeypatch):
    monkeypatch.delenv("COURSE_FIGURES", raising=False)
    write(folder, "03_asks", "import os\nprint(os.environ.get('COURSE_FIGURES'))")
    outcome = runner.execute(folder / "notebooks/03_asks.ipynb", profile="quick")
    assert outcome.notebook.cells[1].outputs[0].text == "None\n"


# ------------------------------------------------------------ beside the articles' pictures


@pytest.fixture
def articles(drawing):
    """A folder with pictures of the articles, and one of ours."""
    (drawing / "articles").mkdir()
    for name in ("toy-01_channel_10.png", "toy-01_channel_2.png", "toy-02.jpg", "toy-011.png", "other.png"):
        Image.new("RGB", (5, 4), "blue").save(drawing / "articles" / name)
    (drawing / "build/figures").mkdir(parents=True)
    Image.new("RGB", (8, 6), "red").save(drawing / "build/figures/toy-01.png")
    return drawing / "articles"


def test_pictures_of_a_folder_stand_beside_ours_without_a_run(drawing, articles, ran, capsys):
    assert main(["reproduce", "--beside", str(articles)]) == 0
    assert ran == [] and capsys.readouterr().out == "The articles' pictures beside ours: build/figures/beside.html\n"
    page = (drawing / "build/figures/beside.html").read_text(encoding="utf-8")
    words = ("toy-01_channel_2.png", 'src="toy-01.png"', "toy-01_channel_10.png", "toy-02.jpg")
    assert [page.index(word) for word in words] == sorted(page.index(word) for word in words)
    assert "two pictures" in page and "nothing" in page, "what the reader sees"
    assert "not drawn yet: run <code>make reproduce NB=01</code>" in page
    assert "toy-011" not in page and "other.png" not in page


def test_with_a_notebook_it_runs_first(drawing, articles, no_site):
    assert main(["reproduce", "03", "--beside", str(articles)]) == 0
    page = (drawing / "build/figures/beside.html").read_text(encoding="utf-8")
    assert 'src="toy-01.png"' in page and 'width="3"' in page and 'src="toy-01-2.png"' in page


@pytest.mark.parametrize(
    ("why", "sentence"),
    [
        ("no folder", "There is no folder {}: name the one that holds the articles' pictures."),
        ("no picture of an item", "{} has no picture that is named by an item, such as toy-01.png: name them so."),
        (
            "no picture of ours",
            "build/figures/ has no picture of ours yet: run make reproduce, or make reproduce NB=03",
        ),
        ("a broken picture", "{}/toy-02.jpg cannot be read as a picture: get it anew, or take it away."),
        ("no ledger", "notebooks/ledger.toml is needed and is not here"),
    ],
)
def test_what_cannot_be_put_beside_is_one_sentence(drawing, articles, ran, capsys, why, sentence):
    notebooks = ["02"] if why in ("no folder", "no picture of an item") else []  # said before hours of training
    if why == "no folder":
        shutil.rmtree(articles)
    if why == "no picture of an item":
        for path in articles.glob("toy-0?[_.]*"):
            path.unlink()
    if why == "no picture of ours":
        (drawing / "build/figures/toy-01.png").unlink()
    if why == "a broken picture":
        (articles / "toy-02.jpg").write_bytes(b"no picture")
    if why == "no ledger":
        (drawing / "notebooks/ledger.toml").unlink()
    assert main(["reproduce", *notebooks, "--beside", str(articles)]) == 1
    said = capsys.readouterr().err
    assert sentence.format(articles) in said and said.count("\n") == 1
    assert ran == [] and not (drawing / "build/figures/beside.html").exists()


def test_the_page_asks_for_nothing_but_our_figures_and_fits_a_phone(drawing, articles):
    """Its addresses are files beside it or the page itself; at 390 and 1440 pixels nothing is cut off."""
    assert main(["reproduce", "--beside", str(articles)]) == 0
    file = drawing / "build/figures/beside.html"
    with open_page() as (page, errors):
        asked = []
        page.on("request", lambda request: asked.append(request.url))
        for width in (390, 1440):
            for scheme in ("light", "dark"):
                page.set_viewport_size({"width": width, "height": 800})
                page.emulate_media(color_scheme=scheme)
                page.goto(file.as_uri())
                assert page.evaluate("document.documentElement.scrollWidth") <= width
                page.wait_for_function("[...document.images].every(image => image.complete && image.naturalWidth)")
    near = {url.rpartition("/")[2] for url in asked if not url.startswith("data:")}
    assert near == {"beside.html", "toy-01.png"} and errors == []


def test_commit_writes_the_report_too_and_the_looks_of_this_notebook_alone(drawing, no_site):
    figures = drawing / "build/figures"
    figures.mkdir(parents=True)
    for item in ("toy-01-3", "toy-02"):  # toy-02 is of another notebook
        Image.new("L", (9, 9)).save(figures / f"{item}_article.png")
    notebook = nbformat.read(drawing / "notebooks/03_draws.ipynb", as_version=4)
    reproduce.write_pictures(notebook, "03_draws", drawing / "notebooks/figures")
    assert [path.name for path in (drawing / "notebooks/figures/article").iterdir()] == ["toy-01-3.jpg"]
    assert main(["reproduce", "03", "--commit"]) == 0
    page = (drawing / "REPRODUCTION.md").read_text(encoding="utf-8")
    assert "(notebooks/03_draws.ipynb#cell-id=" in page and "toy-02" in page


@pytest.fixture
def ran(drawing, no_site, monkeypatch):
    """The names of the notebooks that are run, in a list; to run one here is to stamp it."""
    names = []

    def stamp_only(path, target, *, profile, figures):
        names.append(path.stem)
        if path.stem == "04_stops":
            raise KeyboardInterrupt
        notebook = nbformat.read(path, as_version=4)
        notebook.metadata.course = {"profile": profile, "data": {"shapes": "real"}, "seconds": 1}
        runner.write_notebook(notebook, target / path.name)
        return runner.Outcome(path, notebook, error="it failed" if "fails" in path.stem else None)

    monkeypatch.setattr(reproduce, "run_one", stamp_only)
    return names


def test_reproduce_goes_on_where_it_was_stopped(drawing, ran, capsys):
    """What is done is left alone; what failed or was stopped is run."""
    write(drawing, "04_stops")
    write(drawing, "05_waits")
    assert main(["reproduce"]) == 130
    assert ran == ["01_fails", "02_works", "03_draws", "04_stops"]
    (drawing / "notebooks/04_stops.ipynb").unlink()
    ran.clear()
    assert main(["reproduce"]) == 1
    assert ran == ["01_fails", "05_waits"]
    assert "[2/4] 02_works: done before, and nothing changed" in capsys.readouterr().out


@pytest.mark.parametrize("change", ["nothing", "words", "data", "libraries", "--again", "FRESH", "AGAIN", "copy"])
def test_what_makes_a_finished_notebook_run_again(drawing, ran, monkeypatch, change):
    main(["reproduce", "02"])
    path = drawing / "notebooks/02_works.ipynb"
    if change == "words":
        path.write_text(path.read_text().replace("# Toy", "# Other words"))
    if change == "data":
        monkeypatch.setattr(settings, "origin", lambda name: "embedded")
    if change == "libraries":
        monkeypatch.setattr(resume, "version", lambda name: "99")
    if change.isupper():
        monkeypatch.setenv(change, "1")
    if change == "copy":
        (drawing / "build/reproduce/02_works.ipynb").unlink()
    main(["reproduce", "02", *(["--again"] if change == "--again" else [])])
    assert ran == ["02_works"] * (1 if change == "nothing" else 2)


@pytest.mark.parametrize(
    ("changed", "again"),
    [
        ("plots/layers.py", True),
        ("plots/house.mplstyle", True),
        ("course.py", True),
        ("datasets/new.py", True),
        ("workshop/notebooks/runner.py", False),
        ("workshop/new/deep.py", False),
        ("README.md", False),
    ],
)
def test_what_notebooks_import_makes_them_run_again_and_the_workshop_does_not(folder, monkeypatch, changed, again):
    package = folder / "helpers"
    for name in ("course.py", "plots/layers.py", "plots/house.mplstyle", "workshop/notebooks/runner.py"):
        (package / name).parent.mkdir(parents=True, exist_ok=True)
        (package / name).write_text("old")
    monkeypatch.setattr(settings, "__file__", str(package / "course.py"))
    notebook = folder / "notebooks/02_works.ipynb"
    before = resume.made_from(notebook)
    (package / changed).parent.mkdir(parents=True, exist_ok=True)
    (package / changed).write_text("new")
    assert (resume.made_from(notebook) != before) == again


def test_expected_time_counts_the_trainings_whose_networks_are_not_here(tmp_path):
    key = "0123456789ab"
    said = nbformat.v4.new_output("display_data", {"text/plain": f"toy: trained now in 9 s (seed 1, key {key})"})
    notebook = new_notebook(cells=[new_code_cell(outputs=[said])], metadata={"course": {"seconds": 100}})
    path = tmp_path / "01_toy.ipynb"
    nbformat.write(notebook, path)
    assert resume.expected_seconds(path, tmp_path) == (100, 100)
    (tmp_path / "data/results").mkdir(parents=True)
    record = {"name": "toy", "key": key + 52 * "0", "seconds": 900.0, "networks": {"last": "x"}}
    (tmp_path / "data/results/toy.json").write_text(json.dumps([record]))
    assert resume.expected_seconds(path, tmp_path) == (100, 1000)
    assert resume.expected_seconds(path, tmp_path, fresh=True) == (1000, 1000)
    (tmp_path / "build/trained").mkdir(parents=True)
    (tmp_path / f"build/trained/toy-{key}-last.keras").write_bytes(b"")
    assert resume.expected_seconds(path, tmp_path) == (100, 100)


@pytest.mark.parametrize(
    ("seconds", "words"), [(14, "14 s"), (100, "2 min"), (3599, "1 h"), (3600, "1 h"), (15720, "4 h 22 min")]
)
def test_times_as_one_says_them(seconds, words):
    assert resume.duration(seconds) == words


def test_hash_follows_the_code_and_nothing_else():
    notebook = new_notebook(cells=[new_code_cell("a = 1"), new_markdown_cell("b")])
    first = runner.code_sha256(notebook)
    notebook.cells[1].source = "c"
    assert runner.code_sha256(notebook) == first
    notebook.cells[0].source = "a = 2"
    assert runner.code_sha256(notebook) != first


def test_a_dead_kernel_is_said_and_the_next_notebook_runs(folder):
    write(folder, "01_fails", "import os\nos._exit(1)")
    outcomes = course.run_all(runner.notebook_files(), folder / "build", profile="quick")
    assert "died" in outcomes[0].error.lower() and outcomes[1].error is None


def test_memory_is_watched(folder):
    write(folder, "05_big", "block = bytearray(200_000_000)\nimport time; time.sleep(0.6)")
    outcome = runner.execute(folder / "notebooks/05_big.ipynb", profile="quick")
    assert outcome.error is None and outcome.megabytes > 200


def test_an_ended_kernel_is_not_waited_for_and_its_temporary_files_go_with_it(folder):
    linger = "import atexit, tempfile, time\natexit.register(time.sleep, 20)\nprint(tempfile.mkstemp()[1])"
    write(folder, "05_lingers", linger)
    start = time.monotonic()
    outcome = runner.execute(folder / "notebooks/05_lingers.ipynb", profile="quick")
    left = Path(outcome.notebook.cells[1].outputs[0].text.strip())
    assert outcome.error is None and not left.exists() and not left.parent.exists()
    assert time.monotonic() - start < 20


def test_what_a_slow_cell_prints_is_one_output(folder):
    slow = "import time\nfor word in 'ab':\n    print(word, flush=True); time.sleep(0.5)\ndisplay(1)\nprint('c')"
    write(folder, "05_slow", slow)
    outcome = runner.execute(folder / "notebooks/05_slow.ipynb", profile="quick")
    outputs = outcome.notebook.cells[1].outputs
    assert [output.get("text") for output in outputs] == ["a\nb\n", None, "c\n"]


def test_what_could_not_be_written_leaves_nothing(tmp_path, monkeypatch):
    def full(*_):
        raise OSError(28, "No space left on device")

    (tmp_path / "page.html").write_text("before")
    monkeypatch.setattr("os.replace", full)
    with pytest.raises(OSError, match="No space"):
        write_beside(tmp_path / "page.html", "after")
    assert [path.read_text() for path in tmp_path.iterdir()] == ["before"]
