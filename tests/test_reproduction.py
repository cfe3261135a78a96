"""The ledger: nothing of the articles is left out, and REPRODUCTION.md says what the notebooks say."""

import base64
import copy
import json
from collections import Counter

import pytest
from nbformat.v4 import new_code_cell, new_markdown_cell, new_notebook, new_output

from helpers.workshop import reproduction
from helpers.workshop.commands import main, report
from helpers.workshop.reproduction import tables
from helpers.workshop.reproduction.cells import ExecutedNotebook
from helpers.workshop.reproduction.items import Value
from helpers.workshop.reproduction.measuring import Measured, verdict

NAMES = [
    "01_shapes_cnn",
    "02_cats_vs_dogs",
    "03_chest_xray_saved_model",
    "04_digits_filters_and_maps",
    "05_mnist_l2_and_learning_rate",
    "06_mnist_activation_grids",
    "07_mnist_dense_layer_4_or_9",
    "08_what_excites_a_map",
    "deeper/01_how_lucky_is_a_best_epoch",
    "deeper/02_what_did_training_add",
    "deeper/04_the_authors_own_training",
    "deeper/05_reproducing_99_44",
    "deeper/07_read_or_used",
    "deeper/08_is_a_heatmap_right",
]
COMING = []  # those that may be missing still
ITEMS = {"shapes": 11, "cats-vs-dogs": 8, "xray": 8, "digits": 11, "mnist": 19}
ERRATA = {"shapes": 6, "cats-vs-dogs": 1, "xray": 1, "digits": 3, "mnist": 5}


# ------------------------------------------------------------ the ledger of the course


@pytest.fixture(scope="module")
def course_ledger(repository):
    return reproduction.read_ledger(repository / "notebooks" / "ledger.toml")


@pytest.fixture(scope="module")
def notebooks(repository):
    return reproduction.read_notebooks(repository / "notebooks")


def test_every_item_and_every_erratum_is_listed(course_ledger):
    assert Counter(item.article for item in course_ledger.items) == ITEMS
    assert Counter(erratum.article for erratum in course_ledger.errata) == ERRATA
    short = {"cats-vs-dogs": "cats"}
    for entries, wanted, form in ((course_ledger.items, ITEMS, "{}-{:02}"), (course_ledger.errata, ERRATA, "{}-e{}")):
        ids = [form.format(short.get(name, name), n) for name, many in wanted.items() for n in range(1, many + 1)]
        assert [entry.id for entry in entries] == ids
    assert {name for entry in course_ledger.entries.values() for name in entry.notebooks} == set(NAMES)


def test_no_notebook_got_lost(notebooks):
    """Items of a notebook that is not there are no problem, so it must not vanish unnoticed."""
    assert set(NAMES) - set(notebooks) <= set(COMING)


def test_every_item_is_shown_and_obeys_its_rule(repository, course_ledger, notebooks):
    """An item without a cell, a cell without output, a figure that is missing or out of its rule: each is named."""
    assert reproduction.problems(course_ledger, notebooks, repository / "data" / "results") == []


def test_the_page_is_what_the_notebooks_say(repository):
    page, _ = report.page_of(repository, repository / "notebooks")
    there = (repository / "REPRODUCTION.md").read_text(encoding="utf-8")
    assert there == page, "make report writes it anew"


def test_the_page_names_every_item_and_links_to_cells_that_are_there(repository, course_ledger, notebooks):
    page = (repository / "REPRODUCTION.md").read_text(encoding="utf-8")
    for entry in course_ledger.entries.values():
        assert f"\n### {entry.id}\n" in page or f"\n- **{entry.id}**: " in page
    ids = {name: {cell.id for cell in notebook.cells} for name, notebook in notebooks.items()}
    links = [link.partition(")")[0] for link in page.split("](notebooks/")[1:]]
    assert len(links) > 57
    for link in links:
        name, _, cell = link.partition("#cell-id=")
        assert not cell or cell in ids[name.removesuffix(".ipynb")]


@pytest.mark.parametrize("name", NAMES)
def test_a_tag_that_gets_lost_is_noticed(repository, course_ledger, notebooks, name):
    """Take the tags of one notebook away: each of its entries is named."""
    if name not in notebooks:
        pytest.skip("not there yet")
    bare = copy.deepcopy(notebooks[name])
    bare.cells = []
    said = "\n".join(reproduction.problems(course_ledger, notebooks | {name: bare}, repository / "data" / "results"))
    for entry in course_ledger.entries.values():
        assert (f"{entry.id}: {name} has no cell" in said) == (name in entry.notebooks)


def test_every_figure_is_really_read(repository, course_ledger, notebooks):
    """Without what its cells say, no figure is found: none is typed, and none comes from elsewhere."""
    mute = copy.deepcopy(notebooks)
    for notebook in mute.values():
        notebook.cells = [
            type(cell)(cell.id, cell.kind, cell.label, cell.tags, ({"output_type": "stream", "text": "-"},))
            for cell in notebook.cells
        ]
    for item in course_ledger.items:
        found = reproduction.judge(item, course_ledger, mute, repository / "data" / "results")
        if not found.missing:
            assert found.problems and len(found.problems) >= len(item.values)


# ------------------------------------------------------------ a toy ledger, and everything that may be wrong with it

HEAD = '[article.toy]\ntitle = "Toys"\nsource = "A. Maker, 2018, [toys](https://toys)"\n'
ITEM = '[[item]]\nid = "toy-01"\narticle = "toy"\nnotebook = "01_toy"\nseen = "a toy"\n'
NUMBER = ITEM + 'rule = "equal"\n[[item.value]]\nname = "toys"\nreported = 3\ntext = \'(\\d+) toys\'\n'
PICTURE = ITEM + 'rule = "picture"\n'
ERRATUM = '[[erratum]]\nid = "toy-e1"\narticle = "toy"\nnotebook = "01_toy"\nseen = "no toy"\nright = "a toy"\n'
PNG = base64.b64encode(b"a picture").decode()


def make(folder, entries, *cells, name="01_toy"):
    """A repository with a ledger and one notebook; cells are (tags, outputs), or text."""
    written = []
    for cell in cells:
        made = new_markdown_cell(cell[1]) if isinstance(cell[1], str) else new_code_cell(outputs=cell[1])
        made.metadata.tags = [f"ledger:{tag}" for tag in cell[0]]
        written.append(made)
    (folder / "notebooks" / "deeper").mkdir(parents=True, exist_ok=True)
    (folder / "notebooks" / "ledger.toml").write_text(HEAD + entries + ERRATUM, encoding="utf-8")
    (folder / "notebooks" / f"{name}.ipynb").write_text(json.dumps(new_notebook(cells=written)), encoding="utf-8")
    return report.page_of(folder, folder / "notebooks")


def test_an_item_may_be_shown_in_both_tiers_under_one_file_name(tmp_path):
    both = PICTURE.replace('"01_toy"', '["01_toy", "deeper/01_toy"]')
    make(tmp_path, both, (["toy-01"], shows(PNG)), NOTE)
    _, complaints = make(tmp_path, both, (["toy-01"], shows(PNG, PNG)), name="deeper/01_toy")
    assert complaints == []
    notebooks = reproduction.read_notebooks(tmp_path / "notebooks")
    assert [notebook.name for notebook in notebooks.values()] == list(notebooks) == ["01_toy", "deeper/01_toy"]
    page, _ = report.page_of(tmp_path, tmp_path / "notebooks")
    assert (
        "- [deeper/01_toy](notebooks/deeper/01_toy.ipynb): no data; -\n" in page
        and "\n### toy-01\n\n**Picture.**" in page
    )
    assert "](notebooks/deeper/01_toy.ipynb#cell-id=" in page and "](notebooks/01_toy.ipynb#cell-id=" in page


def says(text):
    return [new_output("stream", text=text)]


def shows(*pictures, kind="image/png"):
    return [new_output("display_data", {kind: picture, "text/plain": "<Figure>"}) for picture in pictures]


NOTE = (["toy-e1"], "The article has no toy.")
WRONG = [
    ("all is well", NUMBER, [(["toy-01"], says("3 toys\n"))], []),
    (
        "a thousand is a number",
        NUMBER.replace("= 3", "= 3000").replace("(\\d+)", "([\\d,]+)"),
        [(["toy-01"], says("3,000 toys\n"))],
        [],
    ),
    ("no cell", NUMBER, [], ["toy-01: 01_toy has no cell with the tag ledger:toy-01"]),
    ("no output", NUMBER, [(["toy-01"], [])], ["toy-01: 01_toy, In [0]: no output"]),
    (
        "words alone show no item",
        NUMBER,
        [(["toy-01"], "3 toys")],
        ["toy-01: toys: its text says nothing of '(\\\\d+) toys'"],
    ),
    ("another figure", NUMBER, [(["toy-01"], says("4 toys\n"))], ["toy-01: toys: 4.0 instead of 3.0"]),
    (
        "nothing found",
        NUMBER,
        [(["toy-01"], says("toys\n"))],
        ["toy-01: toys: its text says nothing of '(\\\\d+) toys'"],
    ),
    ("not as often", NUMBER + "count = 2\n", [(["toy-01"], says("3 toys\n"))], ["toy-01: toys: 1 values instead of 2"]),
    (
        "no number",
        NUMBER.replace("(\\d+)", "(\\w+)"),
        [(["toy-01"], says("nan toys"))],
        ["toy-01: toys: (nan,) holds what is no number"],
    ),
    ("no picture", PICTURE, [(["toy-01"], says("3 toys\n"))], ["toy-01: 0 pictures instead of 1"]),
    (
        "too few pictures",
        PICTURE + "pictures = 3\n",
        [(["toy-01"], shows(PNG)), (["toy-01"], shows(PNG))],
        ["toy-01: 2 pictures instead of 3"],
    ),
    (
        "a photograph is a picture, too",
        PICTURE + "pictures = 2\n",
        [(["toy-01"], shows(PNG) + shows(PNG, kind="image/jpeg"))],
        [],
    ),
    (
        "a stray tag",
        PICTURE,
        [(["toy-01", "toy-77"], shows(PNG))],
        ["01_toy has the tag ledger:toy-77, which stands for no entry of the ledger"],
    ),
]


@pytest.mark.parametrize(("what", "entries", "cells", "expected"), WRONG, ids=[row[0] for row in WRONG])
def test_what_is_wrong_is_said(tmp_path, what, entries, cells, expected):
    page, found = make(tmp_path, entries, NOTE, *cells)
    assert found == expected
    assert ("## Not as it should be" in page) == bool(expected) and all(f"- {sentence}\n" in page for sentence in found)


def test_a_notebook_that_is_not_there_yet_is_no_problem(tmp_path):
    page, found = make(
        tmp_path,
        PICTURE + NUMBER.replace("toy-01", "toy-02").replace("01_toy", "05_toy"),
        NOTE,
        (["toy-01"], shows(PNG)),
    )
    assert found == []
    assert "Not there yet: 05_toy.\n" in page
    assert "### toy-02\n\n**Notebook not there yet.** A toy.\n\nSee 05_toy, tag `ledger:toy-02`.\n" in page


def test_a_tag_in_the_wrong_notebook_is_said(tmp_path):
    make(tmp_path, PICTURE, (["toy-01"], shows(PNG)), name="02_other")
    _, found = make(tmp_path, PICTURE, NOTE, (["toy-01"], shows(PNG)))
    assert found == ["02_other has the tag ledger:toy-01, whose notebook is 01_toy"]


def sentence(name, seed, key):
    return f"{name}: taken from kept results (seed {seed}, key {key * 12})\n"


def trained(folder, values):
    """Kept results of a training for each value, by the seeds 1, 2 ...; return what a cell says of them."""
    (folder / "data" / "results").mkdir(parents=True)
    said, records = "", []
    for seed, value in enumerate(values, start=1):
        learned = {"history": {"accuracy": [0.1, value]}, "seconds": 30.0, "epochs": 2}
        records.append({"name": "toy", "key": str(seed) * 64, "seed": seed} | learned)
        said += sentence("toy", seed, str(seed))
    (folder / "data" / "results" / "toy.json").write_text(json.dumps(records))
    return said


TRAINING = (
    ITEM + 'rule = "{}"\n{}\n[[item.value]]\nname = "right"\nreported = 0.90\n{}\n'
    'training = {{ name = "toy", field = "history.accuracy.-1" }}\n'
)


@pytest.mark.parametrize(
    ("rule", "more", "values", "row", "breaks"),
    [
        ("at least", "", [0.95, 0.97], "0.90 | 0.960 (0.950 to 0.970; seeds 1, 2) | better by 0.060", ""),
        ("at least", "", [0.85, 0.97], "0.90 | 0.910 (0.850 to 0.970; seeds 1, 2) | same, within the spread", ""),
        ("at least", "bound = 0.8", [0.85, 0.83], "0.90 | 0.840 (0.830 to 0.850; seeds 1, 2) | lower by 0.060", ""),
        ("at least", "", [0.85], "0.90 | 0.850 (seed 1) | out of its rule", "0.85 is below 0.90"),
        ("within", "by = 0.01", [0.904], "0.90 | 0.904 (seed 1) | same |", ""),
        ("within", "by = 0.01", [0.95], "out of its rule", "0.95 is not within 0.01 of 0.90"),
        ("within", 'by = 0.1\nbetter = "lower"', [0.95], "| higher by 0.050", ""),
        ("within", 'by = 0.1\nbetter = "lower"', [0.85], "| better by 0.050", ""),
    ],
)
def test_kept_trainings_are_read_by_their_key(tmp_path, rule, more, values, row, breaks):
    said = trained(tmp_path, values)
    page, found = make(tmp_path, TRAINING.format(rule, "", more), NOTE, (["toy-01"], says(said)))
    assert row in page
    assert found == ([f"toy-01: right: {breaks}"] if breaks else [])


SPREAD = """table = { rows = "mine", column = "right" }
spread = { name = "toy", field = "history.accuracy.-1" }
"""


@pytest.mark.parametrize(
    ("reported", "seeds", "row", "heading"),
    [
        ("0.90", [0.91, 0.95], "0.90 | 0.930 (spread of seeds 0.040) | same, as far as one seed can tell", "The same"),
        ("0.90", [0.91, 0.92], "0.90 | 0.930 (spread of seeds 0.010) | better by 0.030", "Better than reported"),
        ("0.97", [0.91, 0.92], "0.97 | 0.930 (spread of seeds 0.010) | lower by 0.040", "Not as good as reported"),
        ("0.97", [], "0.97 | 0.930 | lower by 0.040", "Not as good as reported"),
        ('"others: 0.97"', [], "others: 0.97 | 0.93 | ours", "Ours alone"),
    ],
)
def test_a_single_training_is_judged_by_what_lies_between_seeds(tmp_path, reported, seeds, row, heading):
    said = trained(tmp_path, seeds)
    head, body = "<tr><th></th><th>right</th></tr>", "<tr><th>mine</th><td>0.93</td></tr>"
    table = f"<table><thead>{head}</thead><tbody>{body}</tbody></table>"
    item = ITEM + f'rule = "at least"\n[[item.value]]\nname = "right"\nreported = {reported}\nbound = 0.5\n{SPREAD}'
    outputs = says(said) + [new_output("display_data", {"text/html": table})]
    page, found = make(tmp_path, item, NOTE, (["toy-01"], outputs))
    assert found == [] and f"| {row} |" in page and f"**{heading}" in page


def test_results_that_are_not_there_are_said(tmp_path):
    said = trained(tmp_path, [0.95]) + sentence("toy", 2, "b")
    _, found = make(tmp_path, TRAINING.format("at least", "", ""), NOTE, (["toy-01"], says(said)))
    assert found == ["toy-01: right: the results of toy-bbbbbbbbbbbb are not in results/"]


@pytest.mark.parametrize(
    ("value", "values", "expected"),
    [
        (Value(name="a", rule="equal", reported=3), (3.0,), "same"),
        (Value(name="a", rule="equal", wanted="True"), ("True",), "same"),
        (Value(name="a", rule="equal", reported=5, wanted=3), (3.0,), "corrected"),
        (Value(name="a", rule="equal", reported="as the maker says", wanted="True"), ("True",), "corrected"),
        (Value(name="a", rule="shown"), (3.0,), "shown"),
        (Value(name="a", rule="shown", reported="4 on another machine"), (3.0,), "shown"),
        (Value(name="a", rule="reading", reported="sees edges", bound=0.5), (0.5,), "same"),
        (Value(name="a", rule="reading", reported="sees edges", bound=0.5), (0.4,), "fails"),
        (Value(name="a", rule="at least", bound=2), (3.0,), "shown"),
        (Value(name="a", rule="within", reported=37, by=20, better="lower"), (37.4,), "same"),
        (Value(name="a", rule="within", reported=37, by=20, better="lower"), (38.0,), "worse"),
    ],
)
def test_verdicts(value, values, expected):
    assert verdict(value, Measured(values))[0] == expected


@pytest.mark.parametrize(
    ("entries", "words"),
    [
        (NUMBER.replace('"equal"', '"like"'), "has the rule 'like'; the rules are equal, within"),
        (NUMBER.replace('"equal"', '"reading"'), "lacks what the rule 'reading' compares with"),
        (NUMBER.replace('"equal"', '"at least"').replace("= 3", "= 'many'"), "lacks what the rule 'at least'"),
        (NUMBER.replace("text", "txet"), "got an unexpected keyword argument 'txet': correct its keys"),
        (NUMBER + "table = { column = 'a' }\n", "needs exactly one of text, table, training"),
        (NUMBER.replace("reported = 3\n", ""), "lacks what the rule 'equal' compares with"),
        (NUMBER.replace('"equal"', '"within"'), "lacks what the rule 'within' compares with"),
        (NUMBER.replace('"equal"', '"picture"'), "must have values, or the rule 'picture'"),
        (NUMBER + 'better = "more"\n', "may have better"),
        (NUMBER + 'cell = "toy-99"\n', "is read from 'toy-99', which is no entry"),
        (NUMBER + PICTURE, "has toy-01 twice"),
        (NUMBER.replace('"toy"', '"doll"'), "needs a known article and a notebook"),
        (NUMBER + "= 3\n", "cannot be read as TOML"),
    ],
)
def test_a_ledger_that_nobody_can_check_is_one_sentence(tmp_path, entries, words):
    with pytest.raises(ValueError, match="ledger") as error:
        make(tmp_path, entries, NOTE)
    assert words in str(error.value) and "\n" not in str(error.value)


# ------------------------------------------------------------ reading notebooks

PLAIN = """<div><style>th { color: red }</style><table border="1" class="dataframe"><thead><tr><th></th><th>layer</th>
<th>parameters</th></tr></thead><tbody><tr><th>0</th><td>conv2d_1</td><td>896</td></tr><tr><th>1</th><td>dense_1</td>
<td>1,539</td></tr></tbody></table></div>"""
LEVELS = """<table><thead><tr><th></th><th></th><th colspan="2">trained</th></tr><tr><th></th><th></th><th>cat</th>
<th>dog</th></tr></thead><tbody><tr><th rowspan="2">plain</th><th>1</th><td>4</td><td>8</td></tr>
<tr><th>2</th><td>5</td><td>9</td></tr><tr><th>moved</th><th>1</th><td>6</td><td>7</td></tr></tbody></table>"""


@pytest.mark.parametrize(
    ("html", "column", "rows", "expected"),
    [
        (PLAIN, "parameters", ".*", ["896", "1,539"]),
        (PLAIN, "parameters", "conv.*", ["896"]),
        (PLAIN, "height", ".*", []),
        (LEVELS, "trained dog", ".*", ["8", "9", "7"]),
        (LEVELS, "trained cat", r"plain \d", ["4", "5"]),
        (LEVELS, "trained cat", "moved 1", ["6"]),
    ],
)
def test_tables_are_read_back(html, column, rows, expected):
    assert [words for _, words in tables.read_column(html, column, rows)] == expected


def test_a_table_that_pandas_writes_is_read_back():
    import pandas as pd

    index = pd.MultiIndex.from_tuples([("plain", 1), ("plain", 2), ("moved", 1)])
    columns = pd.MultiIndex.from_tuples([("trained", "cat"), ("trained", "dog"), ("untrained", "cat")])
    frame = pd.DataFrame([[1, 2, 3], [4, 5, 6], [7, 8, 9]], index, columns)
    for number, (who, what) in enumerate(columns):
        read = tables.read_column(frame.to_html(), f"{who} {what}", r"(?P<kind>\w+) (?P<seed>\d)")
        assert [(match["kind"], match["seed"], words) for match, words in read] == [
            (kind, str(seed), str(row[number])) for (kind, seed), row in zip(index, frame.to_numpy())
        ]


def test_a_cell_is_named_by_its_number_and_its_trainings_by_their_keys():
    code = new_code_cell(outputs=says("two: trained now in 3 s (seed 4, key 0123456789ab)\nthree: nothing"))
    code.execution_count = 7
    read = ExecutedNotebook("01_toy", new_notebook(cells=[code, new_markdown_cell("b")]))
    assert [cell.label for cell in read.cells] == ["In [7]", "text after In [7]"]
    assert read.cells[0].trainings == [("two", 4, "0123456789ab")] and read.setup == {} and read.data_notes == []


def test_what_a_notebook_says_of_its_data_is_not_what_it_says_of_a_training():
    said = (
        "toys: 1 of 3 is broken\ntoys/test: none\ntoys: trains now (for the first time)\ntoys: trained before, 3 epochs"
    )
    notebook = new_notebook(cells=[new_code_cell(outputs=says(said))], metadata={"course": {"data": {"toys": "real"}}})
    assert ExecutedNotebook("01_toy", notebook).data_notes == ["toys: 1 of 3 is broken", "toys/test: none"]


# ------------------------------------------------------------ the command


def test_without_a_ledger_the_page_stays_as_it_is(tmp_path, monkeypatch, capsys):
    """In a course that was handed out, whose notebooks have no outputs yet."""
    monkeypatch.setattr(report, "ROOT", tmp_path)
    (tmp_path / "REPRODUCTION.md").write_text("as handed out")
    assert main(["report"]) == 1
    assert "ledger.toml is needed and is not here: a handed-out copy" in capsys.readouterr().err
    assert (tmp_path / "REPRODUCTION.md").read_text() == "as handed out"


def test_the_command_writes_checks_and_complains(tmp_path, monkeypatch, capsys):
    monkeypatch.setattr(report, "ROOT", tmp_path)
    make(tmp_path, NUMBER, NOTE, (["toy-01"], says("3 toys")))
    assert main(["report", "--check"]) == 1
    assert "REPRODUCTION.md is not what the notebooks say: make report" in capsys.readouterr().err
    assert main(["report"]) == 0 and main(["report", "--check"]) == 0
    written = (tmp_path / "REPRODUCTION.md").read_text(encoding="utf-8")
    heading = '## toy: "Toys"\n\nBy A. Maker, 2018, [toys](https://toys).\n\n### toy-01\n\n'
    shown = heading + "**The same as reported.** A toy.\n\n| figure | reported | measured | verdict |\n"
    row = "| toys | 3 | 3 | same |\n\nSee 01_toy: [In\N{NO-BREAK SPACE}[0]](notebooks/01_toy.ipynb#cell-id="
    assert shown in written
    assert row in written
    make(tmp_path, NUMBER, NOTE, (["toy-01"], says("4 toys")))
    assert main(["report", "--check"]) == 1
    assert (tmp_path / "REPRODUCTION.md").read_text(encoding="utf-8") == written, "--check writes nothing"
    assert main(["report"]) == 1
    assert "toy-01: toys: 4.0 instead of 3.0" in capsys.readouterr().err
