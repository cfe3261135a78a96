"""The site: opens from disk, asks for nothing else, finds words, reads and prints well; seen by a real browser."""

import base64
import functools
import gzip
import http.server
import io
import posixpath
import re
import threading
from pathlib import Path
from urllib.parse import unquote, urlsplit

import nbformat
import pytest
from accessible import complaints
from bs4 import BeautifulSoup
from lab_browser import open_page
from nbformat.v4 import new_code_cell, new_markdown_cell, new_notebook, new_output
from PIL import Image
from test_handouts import said

from helpers.course import ROOT, build_folder
from helpers.workshop.commands import course
from helpers.workshop.handouts import front_pages, kit, reading, reference, report_page, site
from helpers.workshop.handouts.notebook_page import living_links

NOTEBOOKS = reading.executed_notebooks(ROOT / "notebooks")
CORE = [stem for stem in NOTEBOOKS if "/" not in stem]
TAGGED = [stem for stem in CORE if any("ledger:" in str(cell.metadata) for cell in NOTEBOOKS[stem].cells)]
SMALLEST = min(TAGGED, key=lambda stem: NOTEBOOKS[stem].metadata.course.seconds)
SHORT = ["index", SMALLEST]  # what make test opens in the browser
WIDTHS = {390: 844, 1280: 900}  # a phone and a laptop, pixels
PAPER = 190 / 25.4 * 96  # pixels between the margins of A4


@pytest.fixture(scope="module")
def pages(tmp_path_factory):
    """The site of the committed notebooks, and what Sphinx complained about."""
    course.write_explorer()
    folder = tmp_path_factory.mktemp("Kurs für alle") / "site"
    return folder, site.build_site(ROOT / "notebooks", folder)


def page_names(folder):
    """Every page of Sphinx, without its ending."""
    files = [*folder.glob("*.html"), *folder.glob("deeper/*.html"), *folder.glob("reference/*.html")]
    names = [path.relative_to(folder).with_suffix("").as_posix() for path in files]
    return sorted(name for name in names if name != "explorer")


@pytest.fixture(scope="module")
def soups(pages):
    """Every page, taken apart."""
    files = [f"{name}.html" for name in page_names(pages[0])]
    return {name: BeautifulSoup((pages[0] / name).read_text(encoding="utf-8"), "html.parser") for name in files}


def test_sphinx_has_nothing_to_complain_about(pages):
    assert pages[1] == []


def test_every_notebook_has_a_page_and_a_card(pages, soups):
    home = soups["index.html"]
    cards = {card["href"]: card.get_text(" ") for card in home.select(".path a")}
    assert list(cards) == [f"{stem}.html" for stem in NOTEBOOKS]
    assert [card["href"] for card in home.select(".doors a")] == [page for page in cards if page.startswith("deeper/")]
    for stem, notebook in NOTEBOOKS.items():
        facts = reading.about(stem, notebook)
        said = (facts.question, facts.quick, facts.full, front_pages.findings()[stem]["line"])
        assert facts.quick and all(words in cards[f"{stem}.html"] for words in said)


def test_home_begins_with_the_living_picture_and_one_button(soups):
    home = soups["index.html"]
    living, path = home.select_one(".bd-article .living-cnn"), home.select_one(".path")
    assert len(str(living).encode()) <= 180_000 and path in living.find_all_next("ol")
    assert [link["href"] for link in home.select("a.button")] == ["explorer.html"]


def test_every_page_leads_to_the_explorer(soups):
    for name, soup in soups.items():
        (link,) = soup.select("nav[aria-label='The explorer'] a")
        assert link["href"] == "../" * name.count("/") + "explorer.html"


@pytest.mark.parametrize("stem", NOTEBOOKS)
def test_a_finding_has_a_figure_and_no_number_that_its_notebook_does_not_say(stem):
    finding = front_pages.findings()[stem]
    (cell,) = [each for each in NOTEBOOKS[stem].cells if each.id == finding["cell"]]
    numbers = set(re.findall(r"\d+(?:\.\d+)?", finding["line"].replace(",", "")))
    assert reading.pictures(cell) and numbers <= set(re.findall(r"\d+(?:\.\d+)?", said(NOTEBOOKS[stem])))


def test_no_page_asks_for_anything_outside(soups):
    for name, soup in soups.items():
        asked = [each.get("src") or each.get("href") for each in soup.select("[src], link[href]:not([rel=canonical])")]
        asked += [each["content"] for each in soup.select("meta[property='og:image']")]
        assert not [address for address in asked if re.match(r"(https?:)?//", address)], name


def test_every_internal_link_leads_somewhere(pages, soups):
    for name, soup in soups.items():
        for link in soup.select("a[href], img[src], script[src], link[href]"):
            address = urlsplit(link.get("href") or link.get("src"))
            if address.scheme or address.netloc:
                continue
            linked = posixpath.join(posixpath.dirname(name), unquote(address.path))
            target = posixpath.normpath(linked) if address.path else name
            assert (pages[0] / target).is_file(), f"{name}: {target}"
            if address.fragment and target in soups:
                assert soups[target].find(id=unquote(address.fragment)), f"{name}: #{address.fragment}"


def test_the_core_path_does_not_run_through_deeper_notebooks(soups):
    core = [f"{stem}.html" for stem in CORE]
    for name, before, after in zip(core, ["index.html", *core], [*core[1:], None]):
        assert soups[name].select_one("a.left-prev")["href"] == before
        assert after is None or soups[name].select_one("a.right-next")["href"] == after


def test_pages_are_called_by_their_short_names(soups):
    for stem in NOTEBOOKS:
        assert soups[f"{stem}.html"].title.get_text().startswith(reading.short_title(stem))
    names = [part.get_text() for part in soups[f"{CORE[1]}.html"].select(".prev-next-title")]
    assert names == [reading.short_title(CORE[0]), reading.short_title(CORE[2])]


def test_no_header_is_empty_and_no_page_loads_the_theme_s_icons(pages, soups):
    for name, soup in soups.items():
        assert [header for header in soup.select("th") if not header.get_text(strip=True)] == [], name
        assert not [script for script in soup.select("script[src]") if "fontawesome" in script["src"]], name
    assert not list(pages[0].rglob("*fontawesome*"))


def test_the_reference_has_every_function_with_figure_and_uses(soups):
    entries = 0
    for room in reference.ROOMS:
        page = soups[f"reference/{room}.html"]
        entries += len(page.select("dt[id^=helpers]"))
        assert all(len(entry.get_text()) > 20 for entry in page.select("dl.py > dd")), room
    assert entries > 150
    part = soups["reference/plots.html"].find(id="helpers.plots.plot_filter_at").parent
    assert part.select_one("figure.made a")["href"].startswith("../00_a_filter_by_hand.html#cell-id=")
    assert "00 A filter by hand" in part.select_one(".used").get_text()


def test_tiers_lead_to_each_other(soups):
    door = "deeper/09_faster_and_further.html"
    for name, link in (("09_why_does_it_not_learn.html", door), (door, "../05_mnist_l2_and_learning_rate.html")):
        assert link in [each["href"] for each in soups[name].select(".bd-article a[href]")]


def test_every_figure_has_words(soups):
    for name, soup in soups.items():
        figures = soup.select(".bd-article .cell_output img, img.channel-grid")
        assert all(len(figure.get("alt", "")) > 15 and not figure["alt"].endswith(".png") for figure in figures), name
        assert figures or name not in [f"{stem}.html" for stem in NOTEBOOKS]


def test_headings_are_in_order(soups):
    for name, soup in soups.items():
        levels = [int(heading.name[1]) for heading in soup.select(".bd-article :is(h1, h2, h3, h4, h5)")]
        if name != "search.html":
            assert levels[0] == 1 and levels.count(1) == 1, name
        assert all(after <= before + 1 for before, after in zip(levels, levels[1:])), (name, levels)


def test_solutions_are_folded_and_stubs_are_not(soups):
    for stem, notebook in NOTEBOOKS.items():
        folded = soups[f"{stem}.html"].select("details.hide")
        count = {tag: sum(tag in reading.tags(cell) for cell in notebook.cells) for tag in ("solution", "expected")}
        assert sum("Show the solution" in each.get_text() for each in folded) == count["solution"]
        assert len(folded) == count["solution"] + count["expected"]


def test_nothing_of_this_machine_or_day_is_in_the_pages(pages):
    for path in [path for path in pages[0].rglob("*.*") if path.is_file()]:
        assert str(ROOT) not in path.read_text(encoding="utf-8", errors="replace")


@pytest.mark.parametrize(
    "text, page",
    [
        ("[02 Cats](02_cats.ipynb) and [09 Fast](09_fast.ipynb)", "[02 Cats](02_cats.ipynb) and 09 Fast"),
        ("[Deep](deeper/02_deep.ipynb) and [cats](deeper/02_cats.ipynb)", "[Deep](deeper/02_deep.ipynb) and cats"),
        ("[a site](https://example.org)", "[a site](https://example.org)"),
    ],
)
def test_links_to_what_is_not_there_are_words(text, page):
    assert living_links(text, {"02_cats", "deeper/02_deep"}, "01_a") == page


def test_links_to_the_explorer_keep_their_drawing():
    text = "In [the explorer](../build/explorer.html#draw=AQ-_b) you draw."
    assert living_links(text, {}, "01_a") == "In the explorer you draw."
    drawn = 'In <a href="../explorer.html#draw=AQ-_b">the explorer</a> you draw.'
    assert living_links(text, {}, "deeper/01_a", "../explorer.html") == drawn


def test_links_count_from_the_folder_of_their_notebook():
    text = "[02](../02_cats.ipynb) [03](../03_no.ipynb) [d02](02_deep.ipynb) [05](05_no.ipynb)"
    page = "[02](../02_cats.ipynb) 03 [d02](02_deep.ipynb) 05"
    assert living_links(text, {"02_cats", "deeper/02_deep", "05_no"}, "deeper/01_a") == page


def test_a_site_shows_what_is_there(tmp_path, monkeypatch):
    """One notebook, which names no other; and the report and the explorer page, which the repository need not have."""
    (tmp_path / "build").mkdir()
    (tmp_path / "build/explorer.html").write_text("<p>draw</p>")
    tagged = next(
        each for each in NOTEBOOKS[SMALLEST].cells if any(tag.startswith("ledger:") for tag in reading.tags(each))
    )
    link = f"[In [6]](notebooks/{SMALLEST}.ipynb#cell-id={tagged.id})"
    (tmp_path / "REPRODUCTION.md").write_text(f"# Reported\n\n{link}", encoding="utf-8")
    monkeypatch.setattr(site, "ROOT", tmp_path)
    monkeypatch.setattr(report_page, "ROOT", tmp_path)
    site.build_site(ROOT / "notebooks", tmp_path / "site", only={SMALLEST})
    home = (tmp_path / "site/index.html").read_text(encoding="utf-8")
    assert 'href="explorer.html"' in home and (tmp_path / "site/explorer.html").read_text() == "<p>draw</p>"
    report = (tmp_path / "site/REPRODUCTION.html").read_text(encoding="utf-8")
    assert f'<a href="{SMALLEST}.html#cell-id={tagged.id}">In [6]</a>' in report
    page = (tmp_path / "site" / f"{SMALLEST}.html").read_text(encoding="utf-8")
    assert f'id="cell-id={tagged.id}"' in page
    assert not [stem for stem in NOTEBOOKS if stem != SMALLEST and stem in page]


@pytest.fixture(scope="module")
def own_run(tmp_path_factory):
    """A site of a quick run of one's own, beside the committed one."""
    folder = tmp_path_factory.mktemp("own")
    quick = nbformat.reads(nbformat.writes(NOTEBOOKS[SMALLEST]), 4)
    quick.metadata.course["profile"] = "quick"
    nbformat.write(quick, folder / f"{SMALLEST}.ipynb")
    nbformat.write(quick, folder / "99_toy.ipynb")
    return folder / "site", site.build_site(folder, folder / "site", only={SMALLEST, "99_toy"})


def test_the_committed_run_comes_first_and_the_readers_own_says_that_it_is_quick(own_run):
    folder, complaints = own_run
    pages = {}
    for name in (SMALLEST, f"your_run/{SMALLEST}", "99_toy"):
        soup = BeautifulSoup((folder / f"{name}.html").read_text(encoding="utf-8"), "html.parser")
        links = {link.get_text(): link.get("href") for link in soup.select("nav.runs a")}
        below = soup.select("h1 + .quick, h1 + .runs + .quick")
        pages[name] = (list(links.values()), len(soup.select(".quick")), len(below))
    assert complaints == []
    assert pages == {
        SMALLEST: ([None, f"your_run/{SMALLEST}.html"], 0, 0),
        f"your_run/{SMALLEST}": ([f"../{SMALLEST}.html", None], 1, 1),
        "99_toy": ([], 1, 1),
    }
    assert f"your_run/{SMALLEST}" in (folder / "_static/texts.js").read_text(encoding="utf-8"), "the search finds it"
    titles = [f"{reading.short_title(SMALLEST)}{words}" for words in ("", ", your run")]
    assert all(f'"{title}"' in (folder / "searchindex.js").read_text(encoding="utf-8") for title in titles)


TOY = """[article.toy]
title = "Toys"
[[item]]
id = "toy-01"
article = "toy"
notebook = "01_toy"
seen = "a toy"
rule = "picture"
[[erratum]]
id = "toy-e1"
article = "toy"
notebook = "01_toy"
seen = "no toy"
right = "a toy"
"""


def test_the_report_shows_each_item_in_both_looks(tmp_path, monkeypatch):
    monkeypatch.setattr(report_page, "ROOT", tmp_path)
    picture = io.BytesIO()
    Image.new("RGB", (1000, 500), "blue").save(picture, "PNG")
    output = new_output("display_data", {"image/png": base64.b64encode(picture.getvalue()).decode()})
    cell = new_code_cell(outputs=[output, output], metadata={"tags": ["ledger:toy-01"]})
    (tmp_path / "notebooks/figures/article").mkdir(parents=True)
    Image.new("RGB", (30, 60), "red").save(tmp_path / "notebooks/figures/article/toy-01-2.jpg")
    (tmp_path / "notebooks/ledger.toml").write_text(TOY)
    (tmp_path / "notebooks/01_toy.ipynb").write_text(nbformat.writes(new_notebook(cells=[cell])))
    (tmp_path / "REPRODUCTION.md").write_text("# Reported\n\n### toy-01\n\n**Picture.** A toy.\n\nIn 01_toy.\n")
    text = report_page.report_page(tmp_path / "notebooks", tmp_path)["REPRODUCTION"]
    assert text.startswith('# Reported\n\n### toy-01\n\n**Picture.** A toy.\n\n<div class="looks"><img ')
    assert text.endswith("</div>\n\nIn 01_toy.\n")
    shown = re.findall(r'src="_static/(\S+)" width="(\d+)" height="(\d+)" loading="lazy" alt="([^"]+)"', text)
    assert shown == [
        ("toy-01_course.jpg", "800", "400", "a toy; in the course&#x27;s look"),
        ("toy-01-2_course.jpg", "800", "400", "a toy; in the course&#x27;s look"),
        ("toy-01-2_article.jpg", "30", "60", "a toy; in the article&#x27;s look"),
    ]
    assert Image.open(tmp_path / "toy-01_course.jpg").size == (800, 400)


FORMULAS = r"""# A toy?

The rate $\eta$ falls, and it costs \$5, or $6 to $7, or 8 $ and 9 $.

The string `"$x$"` is code.

$$
L(\mathbf{w}) = \frac{1}{N} \sum_{i=1}^{N} -\log \frac{\exp(z_{i, y_i})}{\sum_{k=1}^{K} \exp(z_{i, k})}
  + \lambda \left\lVert \mathbf{w} \right\rVert^2, \qquad \vec{a} \cdot \vec{b} \le \sqrt{\frac{p (1 - p)}{n}}
$$

$$
\begin{aligned} v &\leftarrow \mu v - \eta \nabla L \\ w &\leftarrow w + v \end{aligned}
$$
"""


def toy_site(folder, *texts):
    """A site of one notebook of these texts, and what Sphinx complained about."""
    nbformat.write(new_notebook(cells=list(map(new_markdown_cell, texts))), folder / "01_toy.ipynb")
    return folder / "site", site.build_site(folder, folder / "site")


@pytest.fixture(scope="module")
def formulas(tmp_path_factory):
    """A site of one notebook with formulas."""
    return toy_site(tmp_path_factory.mktemp("formulas"), FORMULAS)


def test_formulas_are_mathml_and_prices_are_not(formulas):
    folder, complaints = formulas
    page = BeautifulSoup((folder / "01_toy.html").read_text(encoding="utf-8"), "html.parser")
    assert complaints == []
    assert [formula.get("display") for formula in page.select("math")] == [None, "block", "block"]
    assert page.math.get_text().strip() == "η" and len(page.select("mfrac")) == 3 and len(page.select("mtr")) == 2
    assert not [script for script in page.select("script") if "mathjax" in str(script).lower()]
    for element in page.select("math"):
        element.replace_with("FORMULA")
    words = " ".join(page.select_one(".bd-article").get_text().split())
    assert 'FORMULA falls, and it costs $5, or $6 to $7, or 8 $ and 9 $. The string "$x$" is code.' in words
    assert "\\" not in words


@pytest.mark.parametrize("formula, words", [(r"\nosuch{x}", "nosuch"), (r"\frac{1}", "incomplete")])
def test_a_wrong_formula_is_complained_about(tmp_path, formula, words):
    (complaint,) = toy_site(tmp_path, "# A toy?", f"Here $x$, there ${formula}$.")[1]
    assert "01_toy.ipynb" in complaint and words in complaint


def test_no_formula_of_a_notebook_is_left_as_latex(soups):
    for name, soup in soups.items():
        found = soup.find_all(string=re.compile(r"\$\S[^$]*\$|\\[A-Za-z]+\b"))
        assert not [text for text in found if not text.find_parent(("code", "pre", "script", "style"))], name


@pytest.fixture(scope="module")
def crisp(tmp_path_factory):
    """A site of one notebook whose pictures, PNG and JPEG, have two pixels for each one of the page."""
    folder, outputs = tmp_path_factory.mktemp("crisp"), []
    for kind, colour in (("PNG", "red"), ("JPEG", "blue")):
        written, name = io.BytesIO(), f"image/{kind.lower()}"
        Image.new("RGB", (1600, 600), colour).save(written, kind)
        data = {name: base64.b64encode(written.getvalue()).decode(), "text/plain": "<Figure>"}
        outputs.append(new_output("display_data", data, metadata={name: {"width": 800, "height": 300}}))
    cell = new_code_cell("draw()", outputs=outputs, execution_count=1)
    nbformat.write(new_notebook(cells=[cell]), folder / "01_draws.ipynb")
    site.build_site(folder, folder / "site")
    return folder / "site"


def test_pictures_are_as_wide_as_their_outputs_say(crisp):
    page, home = (
        BeautifulSoup((crisp / f"{name}.html").read_text(encoding="utf-8"), "html.parser")
        for name in ("01_draws", "index")
    )
    shown = page.select(".cell_output img")
    sizes = [(image["width"], image["height"], image.get("style"), image["loading"]) for image in shown]
    assert sizes == [("800", "300", None, "lazy")] * 2
    assert [image["src"].rpartition(".")[2] for image in shown] == ["png", "jpg"]
    assert home.select_one("meta[name=description]")["content"] and home.select_one("link[rel=icon]")["href"]


def test_a_card_has_the_picture_of_a_cell_without_its_title(crisp):
    with Image.open(crisp / "_static/01_draws.webp") as picture:
        assert picture.size == (560, 288)
        red = [picture.convert("RGB").getpixel((280, y))[1] < 100 for y in range(picture.height)]
    assert abs(sum(red) - (600 - 2 * 36) * 560 / 1600) <= 4
    blue = Image.open(io.BytesIO(front_pages.thumbnail(two_figures(), "second"))).convert("RGB").getpixel((280, 144))
    assert blue[2] > 200 > blue[0]


def two_figures():
    """A notebook of two cells, one with a red figure and one with a blue one."""
    cells = []
    for name, colour in (("first", "red"), ("second", "blue")):
        written = io.BytesIO()
        Image.new("RGB", (800, 400), colour).save(written, "PNG")
        output = new_output("display_data", {"image/png": base64.b64encode(written.getvalue()).decode()})
        cells.append(new_code_cell("draw()", outputs=[output], id=name))
    return new_notebook(cells=cells)


# In a real browser


@pytest.mark.browser
def test_pictures_have_two_pixels_for_each_one_of_the_page(crisp):
    """And on a phone they keep their shape."""
    size = "all => all.map(i => { const s = getComputedStyle(i); return [parseFloat(s.width), parseFloat(s.height)] })"
    with open_page() as (page, _):
        for wide, shown in ((1400, 800), (390, None)):
            page.set_viewport_size({"width": wide, "height": 900})
            page.goto((crisp / "01_draws.html").as_uri())
            for width, height in page.eval_on_selector_all(".cell_output img", size):
                assert width == pytest.approx(shown or 345, abs=0.1 if shown else 25)
                assert height == pytest.approx(width * 3 / 8, abs=1)


@pytest.mark.browser
def test_a_figure_opens_at_its_full_size(crisp):
    with open_page() as (page, errors):
        page.set_viewport_size({"width": 390, "height": 844})
        page.goto((crisp / "01_draws.html").as_uri())
        page.locator("a.figure").first.focus()
        page.keyboard.press("Enter")
        assert page.locator("dialog.enlarged img").evaluate("image => image.getBoundingClientRect().width") == 1600
        page.keyboard.press("Escape")
        assert page.locator("dialog[open]").count() == 0 and errors == []


@pytest.mark.browser
def test_formulas_are_drawn_in_every_light_and_width(formulas):
    """A formula is as high as it should be, has the colour of the words around it, and scrolls within itself."""
    look = """all => all.map(m => [m.getBoundingClientRect().height, getComputedStyle(m).color,
        getComputedStyle(m.parentElement).color, m.parentElement.getBoundingClientRect().right])"""
    with open_page() as (page, errors):
        watch = Watch(page, errors)
        look_at(page, "01_toy", formulas[0])
        for mode in ("light", "dark"):
            page.emulate_media(color_scheme=mode)
            for width, height in WIDTHS.items():
                page.set_viewport_size({"width": width, "height": height})
                page.goto((formulas[0] / "01_toy.html").as_uri())
                seen = page.eval_on_selector_all(".bd-article math", look)
                inline, display, lines = [row[0] for row in seen]
                assert 5 < inline < 30 < display < 120 and 35 < lines < 120
                assert all(colour == around and right <= width for _, colour, around, right in seen)
                edges = "all => all.map(sign => sign.getBoundingClientRect().left)"
                first, second = page.eval_on_selector_all("mtd:nth-child(2) > mo:first-child", edges)
                assert first == pytest.approx(second, abs=1), "the lines of aligned are aligned"
        look_at_paper(page, "01_toy", formulas[0])
        watch.check()


class Watch:
    """Everything that a page asks for, and everything it complains about."""

    def __init__(self, page, errors):
        self.requests, self.errors = [], errors
        page.on("request", lambda request: self.requests.append(request.url))
        page.on("console", lambda message: message.type == "error" and errors.append(message.text))
        page.on("requestfailed", self.failed)

    def failed(self, request):
        if request.failure != "net::ERR_ABORTED":  # the page was left before its icon had come
            self.errors.append(request.url)

    def check(self):
        assert self.errors == []
        assert not [address for address in self.requests if not address.startswith(("file:", "data:"))]


NOT_LOADED = "() => [...document.images].filter(i => { i.loading = 'eager'; return !i.naturalWidth }).length"


def look_at(page, name, folder):
    """Open a page at both widths, light and dark; save what is seen; nothing may stick out or be missing."""
    screens = build_folder("screens", "site")
    for mode in ("light", "dark"):
        page.emulate_media(color_scheme=mode, media="screen")
        for width, height in WIDTHS.items():
            page.set_viewport_size({"width": width, "height": height})
            page.goto((folder / f"{name}.html").as_uri())
            page.wait_for_function(f"({NOT_LOADED})() === 0")
            assert page.evaluate("document.documentElement.scrollWidth") <= width, "the page scrolls sideways"
            assert page.evaluate("document.documentElement.dataset.theme") == mode
            paper = "all => all.every(i => getComputedStyle(i).backgroundColor === 'rgb(255, 255, 255)')"
            assert page.eval_on_selector_all(".cell_output img", paper), (
                "a frame of another colour around white figures"
            )
            page.screenshot(path=screens / f"{name}_{width}_{mode}.png")


def look_at_paper(page, name, folder):
    """A printed page: no figure is higher than a sheet or may be cut, no line of code sticks out."""
    page.emulate_media(media="print", color_scheme="light")
    page.set_viewport_size({"width": round(PAPER), "height": 1000})
    page.goto((folder / f"{name}.html").as_uri())
    figures = page.eval_on_selector_all(
        ".bd-article img", "all => all.map(i => [i.getBoundingClientRect().height, getComputedStyle(i).breakInside])"
    )
    assert all(height <= 23 / 2.54 * 96 + 1 and inside == "avoid" for height, inside in figures)
    wide = "all => all.filter(e => e.offsetParent && e.scrollWidth > e.clientWidth + 1).length"
    assert page.eval_on_selector_all(".bd-article pre", wide) == 0
    assert page.evaluate("document.documentElement.scrollWidth") <= PAPER + 1


def browse(folder, names):
    with open_page() as (page, errors):
        watch = Watch(page, errors)
        for name in names:
            look_at(page, name, folder)
            look_at_paper(page, name, folder)
        watch.check()


@pytest.mark.browser
def test_home_and_a_notebook_open_from_disk(pages):
    browse(pages[0], SHORT)


@pytest.mark.browser
@pytest.mark.long
def test_all_pages_open_from_disk(pages):
    browse(pages[0], sorted(set(page_names(pages[0])) - set(SHORT)))


@pytest.mark.browser
@pytest.mark.long
def test_the_report_shows_its_verdicts_without_scrolling(pages):
    """On a laptop and on a phone."""
    with open_page() as (page, _):
        for width in (1280, 390):
            page.set_viewport_size({"width": width, "height": 800})
            page.goto((pages[0] / "REPRODUCTION.html").as_uri())
            edges = page.eval_on_selector_all(
                ".bd-article table", "all => all.map(t => t.getBoundingClientRect().right)"
            )
            assert edges and max(edges) <= width


# One page of each kind: home, a notebook of words, code, tables and figures, the report, the reference, search.
KINDS = ["index", "07_mnist_dense_layer_4_or_9", "REPRODUCTION", "reference/pictures", "search"]


@pytest.mark.browser
@pytest.mark.parametrize("name", KINDS)
def test_a_page_of_each_kind_is_accessible(pages, name):
    with open_page() as (page, _):
        assert complaints(page, (pages[0] / f"{name}.html").as_uri()) == []


@pytest.mark.browser
@pytest.mark.long
@pytest.mark.timeout(3600)
def test_every_page_is_accessible(pages, own_run):
    files = [pages[0] / f"{name}.html" for name in page_names(pages[0]) if name not in KINDS]
    with open_page() as (page, _):
        found = {file.name: complaints(page, file.as_uri()) for file in [*files, own_run[0] / f"{SMALLEST}.html"]}
    assert {name: said for name, said in found.items() if said} == {}


WEIGHT, PAINT = 600_000, 2000  # bytes, milliseconds
SLOW = {"offline": False, "latency": 40, "downloadThroughput": 1.6e6 / 8, "uploadThroughput": 0.75e6 / 8}


class Packed(http.server.SimpleHTTPRequestHandler):
    """Serves files as a web server does: all but pictures gzipped."""

    def log_message(self, *words):
        """No line for each request."""

    def do_GET(self):
        path = Path(self.translate_path(self.path))
        content, kind = path.read_bytes(), self.guess_type(path)
        packed = kind == "image/svg+xml" or not kind.startswith("image/")
        self.send_response(200)
        self.send_header("Content-Type", kind)
        if packed:
            self.send_header("Content-Encoding", "gzip")
        self.end_headers()
        self.wfile.write(gzip.compress(content) if packed else content)


@pytest.mark.browser
@pytest.mark.long
def test_home_is_light_and_soon_there(pages):
    """At 1.6 Mbit/s; the first paint by the best of three, since a busy machine is slow by itself."""
    serve = functools.partial(Packed, directory=pages[0])
    with open_page() as (page, _), http.server.ThreadingHTTPServer(("127.0.0.1", 0), serve) as server:
        threading.Thread(target=server.serve_forever, daemon=True).start()
        sizes, paints, session = [], [], page.context.new_cdp_session(page)
        session.send("Network.enable")
        session.send("Network.setCacheDisabled", {"cacheDisabled": True})
        session.send("Network.emulateNetworkConditions", SLOW)
        session.on("Network.loadingFinished", lambda event: sizes.append(event["encodedDataLength"]))
        for _ in range(3):
            sizes.clear()
            page.goto(f"http://127.0.0.1:{server.server_port}/index.html")
            page.wait_for_load_state("networkidle")
            paints.append(page.evaluate("performance.getEntriesByName('first-contentful-paint')[0].startTime"))
        server.shutdown()
    assert sum(sizes) <= WEIGHT and min(paints) <= PAINT, (sum(sizes), paints)


@pytest.mark.browser
def test_search_finds_dropout(pages):
    with open_page() as (page, errors):
        watch = Watch(page, errors)
        page.goto((pages[0] / "index.html").as_uri())
        page.keyboard.press("Control+k")
        page.keyboard.type("dropout")
        page.keyboard.press("Enter")
        page.wait_for_selector("#search-results li a")
        found = page.eval_on_selector_all("#search-results li a", "all => all.map(a => a.getAttribute('href'))")
        assert {"04_digits_filters_and_maps.html", "glossary.html"} <= {re.split("[#?]", each)[0] for each in found}
        page.wait_for_selector("#search-results p.context")
        said = page.eval_on_selector_all("#search-results p.context", "all => all.map(p => p.textContent)")
        assert sum("dropout" in words.lower() for words in said) >= 3, "the words around, from disk too"
        page.screenshot(path=build_folder("screens", "site") / "search.png")
        page.click("#search-results li a")
        page.wait_for_url(lambda address: "search.html" not in address)  # a click does not wait for it
        page.wait_for_selector(".bd-article h1")
        assert page.locator(".bd-article h1").count() == 1
        watch.check()


DARK = "document.documentElement.dataset.theme === 'dark'"


@pytest.mark.browser
def test_the_reader_can_switch_to_dark(pages):
    with open_page() as (page, _):
        page.emulate_media(color_scheme="light")
        page.goto((pages[0] / "index.html").as_uri())
        page.locator(".theme-switch-button:visible").click()
        page.get_by_text("Dark", exact=True).locator("visible=true").click()
        page.wait_for_function(DARK)
        # By a link, as a reader does: an address of its own may get another process, which need not know it yet.
        page.click(f".path a[href='{SMALLEST}.html']")
        page.wait_for_url(f"**/{SMALLEST}.html")
        page.wait_for_function(DARK)


@pytest.mark.browser
def test_a_page_of_the_kit_is_one_sheet(tmp_path):
    kit.write_kit(NOTEBOOKS, tmp_path)
    with open_page() as (page, errors):
        watch = Watch(page, errors)
        with_notes = [stem for stem in NOTEBOOKS if (tmp_path / f"{stem}.html").is_file()]
        assert set(with_notes) >= {stem for stem in NOTEBOOKS if "/" not in stem}
        for stem in [*with_notes, "on_a_page"]:
            page.goto((tmp_path / f"{stem}.html").as_uri())
            page.screenshot(path=build_folder("screens", "workshop") / f"{stem}.png", full_page=True)
            assert len(re.findall(rb"/Type\s*/Page\b", page.pdf(prefer_css_page_size=True))) == 1, stem
        page.goto((tmp_path / "index.html").as_uri())
        printed = page.pdf(prefer_css_page_size=True)
        assert len(re.findall(rb"/Type\s*/Page\b", printed)) == 4, "half a day, a day, evenings, and before the day"
        for address in ("index", SMALLEST):
            assert complaints(page, (tmp_path / f"{address}.html").as_uri()) == []
            assert page.evaluate("document.documentElement.scrollWidth") <= 1440
        watch.check()
