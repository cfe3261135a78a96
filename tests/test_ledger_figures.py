"""Figures in print quality: what a plot function leaves in a cell that shows an item, and how the files are named."""

import base64
import io
import json

import matplotlib.pyplot as plt
import pytest
from nbformat.v4 import new_code_cell, new_notebook, new_output
from PIL import Image

from helpers.plots.house import CELL, keep
from helpers.workshop.reproduction import figures, judging
from helpers.workshop.reproduction.cells import ExecutedNotebook
from helpers.workshop.reproduction.items import Entry


@pytest.fixture
def cell(tmp_path, monkeypatch):
    """The folder of a cell that shows an item of xray."""
    monkeypatch.setenv("COURSE_FIGURES", str(tmp_path))
    figures.note_cell(
        tmp_path, new_code_cell(id="one", metadata={"tags": ["other", "ledger:xray-03", "ledger:xray-04"]})
    )
    yield tmp_path / "one"
    plt.close("all")


def names(folder):
    return sorted(path.name for path in folder.iterdir())


def plain(width=2):
    return plt.figure(figsize=(width, 1))


def looked(width=2, *, look=None):
    """Its size says the look, its number of texts the resolution at which it was drawn."""
    figure = plt.figure(figsize=(width if look is None else 10 * len(look), 1))
    figure.text(0, 0, f"{plt.rcParams['figure.dpi']:g}")
    return figure


# ------------------------------------------------------------ keep


def test_a_figure_is_kept_as_png_and_pdf(cell):
    keep(plain, (3,), {})
    assert names(cell) == ["1.pdf", "1.png"]
    with Image.open(cell / "1.png") as picture:
        assert picture.size == (900, 300) and picture.info["dpi"] == pytest.approx((300, 300), abs=0.1)
    assert (cell / "1.pdf").read_bytes().startswith(b"%PDF")


def test_further_ones_are_counted_and_the_look_of_the_article_is_drawn_beside(cell):
    keep(plain, (), {})
    keep(looked, (), {"width": 4})
    assert names(cell) == ["1.pdf", "1.png", "2.pdf", "2.png", "2_xray.pdf", "2_xray.png"]
    sizes = [Image.open(cell / name).size for name in ("2.png", "2_xray.png")]
    assert sizes == [(1200, 300), (40 * 300, 300)]


def test_a_look_that_the_call_names_is_the_articles(cell):
    keep(looked, (2,), {"look": "shapes"})
    sizes = [Image.open(cell / name).size for name in ("1.png", "1_xray.png")]
    assert sizes == [(600, 300), (60 * 300, 300)]


def test_it_is_drawn_for_the_resolution_of_print_and_leaves_the_settings(cell):
    seen, before = [], plt.rcParams["figure.dpi"]

    def draw():
        seen.append(plt.rcParams["figure.dpi"])
        return plain()

    keep(draw, (), {})
    assert seen == [150] and plt.rcParams["figure.dpi"] == before


def test_the_same_figure_is_the_same_file(cell):
    keep(plain, (), {})
    keep(plain, (), {})
    for ending in (".png", ".pdf"):
        assert (cell / f"1{ending}").read_bytes() == (cell / f"2{ending}").read_bytes()


@pytest.mark.parametrize("why", ["no variable", "an empty one", "no cell noted", "a cell without a ledger tag"])
def test_elsewhere_nothing_is_drawn_or_kept(cell, monkeypatch, why):
    if why == "no variable":
        monkeypatch.delenv("COURSE_FIGURES")
    if why == "an empty one":
        monkeypatch.setenv("COURSE_FIGURES", "")
        monkeypatch.chdir(cell.parent)  # where there is a note
    if why == "no cell noted":
        (cell.parent / CELL).unlink()
    if why == "a cell without a ledger tag":
        figures.note_cell(cell.parent, new_code_cell(metadata={"tags": ["exercise"]}))
    keep(lambda: pytest.fail("drawn"), (), {})
    assert not cell.exists()


def test_a_file_that_cannot_be_written_is_one_sentence(cell):
    cell.write_text("a file where the folder should be")
    with pytest.raises(OSError, match="cannot be written"):
        keep(plain, (), {})


@pytest.mark.parametrize(
    ("item", "look"),
    [
        ("shapes-11", "shapes"),
        ("cats-01", "cats"),
        ("xray-03", "xray"),
        ("digits-07", "digits"),
        ("mnist-01", "mnist4"),
        ("mnist-09", "mnist4"),
        ("mnist-10", "mnist6"),
        ("mnist-19", "mnist6"),
    ],
)
def test_the_look_follows_from_the_item(item, look):
    assert figures.look_of_item(item) == look


def test_every_item_of_the_ledger_has_a_look(repository):
    looks = pytest.importorskip("helpers.plots.looks").LOOKS
    from helpers.workshop.reproduction import read_ledger

    ids = read_ledger(repository / "notebooks" / "ledger.toml").entries
    assert {figures.look_of_item(name) for name in ids} == set(looks)


# ------------------------------------------------------------ from a cell to an item


def picture(width, kind="PNG"):
    written = io.BytesIO()
    Image.new("RGB", (width, 2), "red").save(written, kind, dpi=(200, 200))
    return written.getvalue()


def shown(*pictures):
    """Outputs that show pictures of these widths."""
    encoded = [base64.b64encode(picture(width)).decode() for width in pictures]
    return [new_output("display_data", {"image/png": one}) for one in encoded]


def finding(**cells):
    """Of the item xray-03, in a notebook of cells: name -> outputs."""
    made = [new_code_cell(id=name, outputs=outputs) for name, outputs in cells.items()]
    notebook = ExecutedNotebook("03_toy", new_notebook(cells=made))
    entry = Entry(id="xray-03", article="xray", notebooks=("03_toy",), seen="a toy")
    return judging.Finding(entry, [("03_toy", cell) for cell in notebook.cells], [], [], [])


def kept(folder, cell, **files):
    (folder / "03_toy" / cell).mkdir(parents=True)
    for name, content in files.items():
        (folder / "03_toy" / cell / name.replace("__", ".").removeprefix("n")).write_bytes(content)


def test_kept_figures_go_before_what_cells_show_and_all_are_numbered(tmp_path):
    both = {"n1__png": picture(30), "n1__pdf": b"one", "n1_xray__png": picture(31), "n1_xray__pdf": b"two"}
    kept(tmp_path / "kept", "b", **both)
    target = tmp_path / "figures"
    figures.write_item(finding(a=shown(3, 4), b=shown(5)), tmp_path / "kept", target)
    assert names(target) == [
        "xray-03-2.png",
        "xray-03-3.pdf",
        "xray-03-3.png",
        "xray-03-3_article.pdf",
        "xray-03-3_article.png",
        "xray-03.png",
    ]
    widths = [Image.open(target / f"xray-03{end}.png").width for end in ("", "-2", "-3", "-3_article")]
    assert widths == [3, 4, 30, 31]


def test_files_of_figures_that_are_gone_are_removed_and_others_stay(tmp_path):
    others = ["xray-03_channel.png", "xray-030.png", "xray-04-2.png"]
    for name in ("xray-03-2.png", "xray-03-2_article.pdf", "xray-03.pdf", *others):
        (tmp_path / name).write_bytes(b"old")
    figures.write_item(finding(a=shown(3)), tmp_path / "kept", tmp_path)
    assert names(tmp_path) == sorted([*others, "xray-03.png"])
    figures.write_item(finding(a=[]), tmp_path / "kept", tmp_path)
    assert names(tmp_path) == sorted([*others, "xray-03.png"]), "no picture, nothing to write anew"


def test_a_plot_that_grew_is_taken_as_it_was_at_last(tmp_path):
    files = {f"n{number}__{kind}": picture(10 * number) for number in range(1, 12) for kind in ("png", "pdf")}
    kept(tmp_path / "kept", "a", **files)
    figures.write_item(finding(a=shown(5)), tmp_path / "kept", tmp_path / "figures")
    assert names(tmp_path / "figures") == ["xray-03.pdf", "xray-03.png"]
    assert Image.open(tmp_path / "figures/xray-03.png").width == 110


def test_a_cell_that_shows_more_than_was_kept_is_taken_as_it_shows(tmp_path):
    kept(tmp_path / "kept", "a", n1__png=picture(30), n1__pdf=b"one")
    figures.write_item(finding(a=shown(5, 6)), tmp_path / "kept", tmp_path / "figures")
    assert [Image.open(tmp_path / "figures" / name).width for name in ("xray-03.png", "xray-03-2.png")] == [5, 6]


def test_jpeg_becomes_png_and_png_stays():
    with Image.open(io.BytesIO(figures.as_png(picture(7, "JPEG")))) as image:
        assert (image.format, image.size) == ("PNG", (7, 2)) and image.info["dpi"] == pytest.approx((200, 200), abs=0.1)
    assert figures.as_png(picture(7)) == picture(7)


def test_files_are_found_in_their_order(tmp_path):
    for name in (
        "xray-03.png",
        "xray-03.pdf",
        "xray-03-10.png",
        "xray-03-2_article.png",
        "xray-03-2.png",
        "xray-03b.png",
    ):
        (tmp_path / name).touch()
    found = figures.item_files(tmp_path, "xray-03")
    assert [sorted(figure) for figure in found] == [[".pdf", ".png"], [".png", "_article.png"], [".png"]]
    assert found[2][".png"].name == "xray-03-10.png"


def test_the_note_names_the_cell_and_its_looks_once(tmp_path):
    tags = ["ledger:mnist-09", "ledger:mnist-10", "ledger:mnist-e1"]
    figures.note_cell(tmp_path, new_code_cell(id="one", metadata={"tags": tags}))
    assert json.loads((tmp_path / CELL).read_text()) == {"name": "one", "looks": ["mnist4", "mnist6"]}
