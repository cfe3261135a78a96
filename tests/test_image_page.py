"""The page for any network of images, in headless Chromium: images come in, layers are drawn, answers are listed."""

import base64
import io
import re
from pathlib import Path

import keras
import numpy as np
import pytest
from accessible import complaints
from keras import layers
from PIL import Image

from helpers.activations import read_activations
from helpers.datasets.image_files import read_image
from helpers.workshop import commands
from helpers.workshop.explorer import image_page

RANDOM = np.random.default_rng(7)
NAMES = ("a cat", "a <dog>", "a horse")


def colour_network(units=3, activation="softmax"):
    keras.utils.set_random_seed(3)
    stack = [
        keras.Input((24, 32, 3)),
        layers.Rescaling(1 / 255, name="bytes"),
        layers.Conv2D(20, 3, activation="relu", name="edges"),
        layers.MaxPooling2D(name="smaller"),
        layers.Conv2D(6, 3, name="parts"),
        layers.Flatten(),
        layers.Dense(units, activation, name="answer"),
    ]
    return keras.Sequential(stack, name="colours")


def picture_file(folder, name="stripes.png", size=(40, 60, 3)):
    file = folder / name
    Image.fromarray(RANDOM.integers(0, 256, size).astype(np.uint8)).save(file)
    return file


@pytest.fixture(scope="module")
def page_file(tmp_path_factory):
    """The page of a small network, with two samples."""
    folder = tmp_path_factory.mktemp("page")
    (folder / "samples").mkdir()
    for name in ("one.png", "two.png"):
        picture_file(folder / "samples", name, (24, 32, 3))
    file = folder / "page.html"
    page = image_page(colour_network(), name="colours.keras", classes=NAMES, samples=folder / "samples", exact=True)
    file.write_text(page, encoding="utf-8")
    return file


@pytest.fixture
def tab(browser_page, page_file):
    """The page, fresh, with its first sample seen; nothing may go wrong in it."""
    page, errors = browser_page
    errors.clear()
    page.set_viewport_size({"width": 1366, "height": 768})
    page.emulate_media(color_scheme="light")
    page.goto(page_file.as_uri())
    wait_for(page, "one")
    yield page
    assert errors == []


def wait_for(page, name):
    page.locator("#state", has_text=f"{name}: ").wait_for()


def until(page, condition):
    """Wait until JavaScript is true; playwright's own way would need a page that may run text as a script."""
    for _ in range(600):
        if page.evaluate(condition):
            return
        page.wait_for_timeout(50)
    raise AssertionError(f"after 30 seconds still not: {condition}")


def answers_of(page):
    names = page.locator("#answers .answer b").all_inner_texts()
    shares = [float(re.sub("[^0-9.]", "", text)) / 100 for text in page.locator("#answers .value").all_inner_texts()]
    return dict(zip(names, shares, strict=True))


def test_page_asks_for_nothing_and_holds_its_weights(page_file):
    text = page_file.read_text(encoding="utf-8")
    assert "default-src 'none'" in text and "://" not in text.replace("http-equiv", "")
    assert not re.search(r"^(import|export) ", text, re.M) and "a \\u003cdog>" in text
    assert len(text) < 3 * 4 * colour_network().count_params() + 160_000


@pytest.mark.browser
def test_a_sample_is_answered_as_keras_answers_it(tab, page_file):
    model = colour_network()
    with Image.open(
        io.BytesIO(base64.b64decode(tab.locator("#samples img").first.get_attribute("src").split(",")[1]))
    ) as image:
        expected = model(np.asarray(image, np.float32)[None]).numpy()[0]
    found = answers_of(tab)
    assert list(found) == [NAMES[place] for place in np.argsort(-expected)], "the highest first"
    np.testing.assert_allclose([found[name] for name in NAMES], expected, atol=0.005)


@pytest.mark.browser
def test_chosen_dropped_and_pasted_images_are_looked_at(tab, tmp_path):
    file = picture_file(tmp_path)
    tab.locator("#file").set_input_files(file)
    wait_for(tab, "stripes.png")
    received = 255 * read_image(file, size=(24, 32))
    expected = colour_network()(received[None]).numpy()[0]
    np.testing.assert_allclose([answers_of(tab)[name] for name in NAMES], expected, atol=0.005)
    for kind in ("drop", "paste"):
        before = tab.locator("#state").inner_text()
        give(tab, kind, picture_file(tmp_path, f"{kind}.png", (30, 30, 3)))
        wait_for(tab, f"{kind}.png")
        assert tab.locator("#state").inner_text() != before
    wrong = tmp_path / "words.txt"
    wrong.write_text("no image")
    give(tab, "drop", wrong, "text/plain")
    tab.locator("#state", has_text="cannot be read as an image").wait_for()
    assert answers_of(tab), "what was there stays"


def give(page, kind, file, mime="image/png"):
    """Drop or paste a file."""
    page.evaluate(
        """([kind, name, text, type]) => {
          const bytes = Uint8Array.from(atob(text), (letter) => letter.charCodeAt(0));
          const transfer = new DataTransfer();
          transfer.items.add(new File([bytes], name, { type }));
          const event = kind === "drop" ? new DragEvent("drop", { dataTransfer: transfer, bubbles: true })
            : new ClipboardEvent("paste", { clipboardData: transfer, bubbles: true });
          document.body.dispatchEvent(event);
        }""",
        [kind, file.name, base64.b64encode(file.read_bytes()).decode(), mime],
    )


@pytest.mark.browser
def test_a_layer_is_chosen_and_its_maps_read_with_the_keyboard(tab):
    assert tab.locator("#strip-layers button").all_inner_texts() == ["bytes", "edges", "smaller", "parts", "answer"]
    tab.locator("#strip-layers button").first.focus()
    tab.keyboard.press("ArrowRight")
    tab.keyboard.press("Enter")
    assert tab.locator("#chosen-title").inner_text() == "edges"
    assert "22 x 30 x 20" in tab.locator("#chosen-about").inner_text()
    tab.locator("#grid").focus()
    tab.keyboard.press("ArrowRight")
    tab.locator("#grid-said", has_text="Channel 1 of 0 to 19: ").wait_for()
    for scale in ("raw", "channel", "standard", "layer"):
        tab.locator("#map-scale").select_option(scale)
        assert tab.evaluate("document.getElementById('grid').width") > 200


@pytest.mark.browser
def test_another_preparation_gives_another_answer(tab):
    assert tab.locator("#scale-choice").input_value() == "0..255"
    before = answers_of(tab)
    tab.locator("#invert").check()
    wait_for(tab, "one")
    inverted = answers_of(tab)
    tab.locator("#scale-choice").select_option("0..1")
    wait_for(tab, "one")
    assert before != inverted != answers_of(tab)


@pytest.mark.browser
@pytest.mark.parametrize("width", [390, 860, 1440])
def test_nothing_is_wider_than_the_page(tab, width):
    tab.set_viewport_size({"width": width, "height": 800})
    assert tab.evaluate("document.documentElement.scrollWidth - innerWidth") <= 0
    sizes = tab.evaluate(
        "[...document.querySelectorAll('body *:not(script)')].filter((e) => e.innerText && e.checkVisibility())"
        ".map((e) => parseFloat(getComputedStyle(e).fontSize))"
    )
    assert min(sizes) >= 12


def layer_values(page, name):
    """What Keras gives for a layer, for the image that the page's network received."""
    pixels = page.evaluate(
        "() => [...document.getElementById('paper').getContext('2d').getImageData(0, 0, 32, 24).data]"
    )
    image = np.reshape(pixels, (24, 32, 4))[..., :3].astype("float32")
    return read_activations(colour_network(), image[None], [name])[name][0]


def choose_layer(page, name):
    page.locator("#layer-choice").select_option(label=name)
    assert page.locator("#chosen-title").inner_text() == name


def as_number(text):
    return float(re.sub(r"[\s%]", "", text).replace("\u2212", "-"))


def pinned(page):
    """The lines of the sum of what is pinned, and the shares of the maps by their number, in order."""
    page.locator("#pin-title").wait_for()
    lines = dict(zip(*[page.locator(f"#pin-lines {tag}").all_inner_texts() for tag in ("span", "b")], strict=True))
    names = page.locator("#pin-shares button > span:nth-child(2)").all_inner_texts()
    shares = page.locator("#pin-shares b").all_inner_texts()
    numbers = {words: as_number(text) for words, text in lines.items()}
    return numbers, {int(name.split()[1]): as_number(share) for name, share in zip(names, shares, strict=True)}


@pytest.mark.browser
def test_a_pinned_value_is_the_sum_of_what_its_window_holds(tab):
    choose_layer(tab, "parts")
    before, values = (layer_values(tab, name) for name in ("smaller", "parts"))
    kernel, bias = colour_network().get_layer("parts").get_weights()
    tab.locator("#grid").focus()
    tab.keyboard.press("ArrowRight")
    tab.keyboard.press("Enter")
    tab.locator("#pin-title", has_text="parts: map 1, row").wait_for()
    y, x = np.unravel_index(values[..., 1].argmax(), values.shape[:2])
    assert f"map 1, row {y}, column {x}" in tab.locator("#pin-title").inner_text(), "Enter pins the largest value"
    lines, shares = pinned(tab)
    expected = (before[y : y + 3, x : x + 3] * kernel[..., 1]).sum((0, 1))
    assert len(shares) == 20 and (np.diff(np.abs(expected[list(shares)])) <= 1e-6).all(), "the largest share first"
    np.testing.assert_allclose(list(shares.values()), expected[list(shares)], rtol=0.01, atol=1e-5)
    assert lines["sum"] == pytest.approx(values[y, x, 1], rel=0.01) == expected.sum() + bias[1]
    frame = tab.evaluate(
        "(({ left, top, width, height }) => [left, top, width, height].map(parseFloat))"
        "(document.getElementById('pin-window').style)"
    )
    height, width = before.shape[:2]
    expected = [100 * x / width, 100 * y / height, 300 / width, 300 / height]
    np.testing.assert_allclose(frame, expected, rtol=1e-3), "the window lies on the map before"


@pytest.mark.browser
def test_a_click_pins_the_value_under_it_and_arrows_go_on(tab):
    choose_layer(tab, "edges")
    tab.locator("#grid").click(position={"x": 5, "y": 5})
    tab.locator("#pin-title", has_text="map 0, row").wait_for()
    found = re.search(r"row (\d+), column (\d+)", tab.locator("#pin-title").inner_text())
    y, x = int(found[1]), int(found[2])
    tab.keyboard.press("ArrowDown")
    tab.locator("#pin-title", has_text=f"row {y + 1}, column {x}").wait_for()
    lines, shares = pinned(tab)
    value = layer_values(tab, "edges")[y + 1, x, 0]
    assert list(lines.values())[-1] == pytest.approx(value, abs=0.005) and len(shares) == 3
    assert sum(shares.values()) == pytest.approx(lines["27 products from 3 maps"], rel=0.01, abs=0.003)
    patch, weights, products = (
        np.array([as_number(text) for text in table.locator("td").all_inner_texts()])
        for table in tab.locator("#pin-tables table").all()
    )
    np.testing.assert_allclose(patch * weights, products, rtol=0.02, atol=1e-4)
    tab.keyboard.press("Escape")
    assert tab.locator("#pin").is_hidden() and tab.evaluate("document.activeElement.id") == "grid"


@pytest.mark.browser
def test_the_window_slides_over_the_map_until_it_is_stopped(tab):
    choose_layer(tab, "parts")
    tab.locator("#grid").click(position={"x": 5, "y": 5})
    tab.locator("#pin-play").click()
    assert tab.locator("#pin-play").inner_text() == "Stop"
    row_of = "() => Number(document.getElementById('pin-title').textContent.match(/row (\\d+)/)[1])"
    until(tab, f"({row_of})() === 1")
    filled = "() => document.getElementById('pin-to').getContext('2d').getImageData(0, 0, 13, 9).data"
    there = tab.evaluate(f"({filled})().filter((value, at) => at % 4 === 3 && value).length")
    assert 13 <= there <= 40, "the map fills up as far as the window has come"
    until(tab, f"({row_of})() > 1")
    tab.locator("#pin-play").click()
    title = tab.locator("#pin-title").inner_text()
    tab.wait_for_timeout(400)
    assert tab.locator("#pin-title").inner_text() == title and "Play" in tab.locator("#pin-play").inner_text()


@pytest.mark.browser
@pytest.mark.parametrize(
    ("layer", "title", "words"),
    [("smaller", "smaller: map 1, row", "the largest of 4 values"), ("answer", "The answer a <dog>", "sum")],
)
def test_pooling_and_dense_layers_are_pinned_too(tab, layer, title, words):
    choose_layer(tab, layer)
    tab.locator("#grid").focus()
    tab.keyboard.press("ArrowRight")
    tab.keyboard.press("Enter")
    tab.locator("#pin-title", has_text=title).wait_for()
    lines, shares = pinned(tab)
    values = layer_values(tab, layer)
    share = 100 if layer == "answer" else 1  # softmax is said in percent
    assert list(lines.values())[-1] == pytest.approx(share * values[..., 1].max(), abs=0.005 * share)
    assert tab.locator("#pin-products").is_visible() == (layer == "answer")
    assert words in lines and len(shares) == (6 if layer == "answer" else 1)


@pytest.mark.browser
def test_a_layer_that_adds_nothing_up_says_what_it_was_given(browser_page, tmp_path):
    page, _ = browser_page
    stack = [keras.Input((9, 9, 1)), layers.Conv2D(3, 2, name="sums"), layers.ReLU(name="bent"), layers.Flatten()]
    (tmp_path / "samples").mkdir()
    picture_file(tmp_path / "samples", "one.png")
    file = tmp_path / "page.html"
    model = keras.Sequential([*stack, layers.Dense(2, name="two")])
    file.write_text(image_page(model, name="bent", samples=tmp_path / "samples"), encoding="utf-8")
    page.goto(file.as_uri())
    wait_for(page, "one")
    choose_layer(page, "bent")
    page.locator("#grid").click(position={"x": 5, "y": 5})
    page.locator("#pin-plain", has_text="ReLU adds nothing up in a window: it makes ").wait_for()
    assert "in sums." in page.locator("#pin-plain").inner_text() and page.locator("#pin-shares").is_hidden()


@pytest.mark.browser
def test_where_a_channel_is_strongest_is_marked_on_the_image(tab):
    choose_layer(tab, "parts")
    values = layer_values(tab, "parts")[..., 0]
    tab.locator("#grid").hover(position={"x": 5, "y": 5})
    tab.locator("#paper-marks .spot.first").wait_for()
    y, x = np.unravel_index(values.argmax(), values.shape)
    said = tab.locator("#grid-said").inner_text()
    assert f"at row {y}, column {x}; that value looks at rows {2 * y} to {2 * y + 7}" in said
    assert 1 < tab.locator("#paper-marks .spot").count() <= 5, "the places behind it too"
    left = tab.evaluate("parseFloat(document.querySelector('#paper-marks .spot.first').style.left)")
    assert left == pytest.approx(100 * (2 * x + 4) / 32)


def paint(page, start, end):
    """Draw with the mouse over the image; places as shares of it."""
    page.locator("#paper").scroll_into_view_if_needed()
    box = page.locator("#paper").bounding_box()
    places = [(box["x"] + x * box["width"], box["y"] + y * box["height"]) for x, y in (start, end)]
    page.mouse.move(*places[0])
    page.mouse.down()
    page.mouse.move(*places[1], steps=5)
    page.mouse.up()
    wait_for(page, "one")


@pytest.mark.browser
def test_covering_parts_changes_the_answer_and_undo_brings_it_back(tab):
    before = answers_of(tab)
    for kind, number in (("black", 0), ("grey", 1), ("blur", 2)):
        tab.locator("#cover-kind").select_option(kind)
        paint(tab, (0.2 + 0.2 * number, 0.2), (0.3 + 0.2 * number, 0.8))
    tab.locator("#cover-said", has_text=" % covered: a ").wait_for()
    pixels = tab.evaluate("[...document.getElementById('paper').getContext('2d').getImageData(0, 0, 32, 24).data]")
    image = np.reshape(pixels, (24, 32, 4))[..., :3].astype("float32")
    assert (image[12, 8] == 0).all() and (image[12, 14] == 128).all()
    expected = colour_network()(image[None]).numpy()[0]
    rows = tab.locator("#answers .answer").all()
    found = {row.locator("b").inner_text(): row.locator(".value").all_inner_texts() for row in rows}
    shares = {name: [float(re.sub("[^0-9.]", "", each)) / 100 for each in texts] for name, texts in found.items()}
    np.testing.assert_allclose([shares[name][0] for name in NAMES], expected, atol=0.005)
    np.testing.assert_allclose([shares[name][1] for name in NAMES], [before[name] for name in NAMES], atol=1e-6)
    tab.locator("#cover-undo").click()
    tab.locator("#cover-none").click()
    until(tab, "!document.getElementById('cover-said').textContent")
    assert answers_of(tab) == before and tab.locator("#cover-undo").is_disabled()


@pytest.mark.browser
def test_an_image_is_kept_beside_the_next(tab):
    first = answers_of(tab)
    tab.locator("#keep").click()
    tab.locator("#samples button").nth(1).click()
    wait_for(tab, "two")
    row = tab.locator("#answers .answer", has_text=NAMES[0])
    assert row.locator(".title").all_inner_texts() == ["now", "kept"]
    now, kept = (float(re.sub("[^0-9.]", "", text)) / 100 for text in row.locator(".value").all_inner_texts())
    assert kept == first[NAMES[0]] != now
    assert tab.locator("#grid-kept").is_visible() and tab.locator("#kept-title").inner_text() == "kept: one"
    tab.locator("#keep").click()
    assert tab.locator("#grid-kept").is_hidden() and tab.locator("#kept-figure").is_hidden()
    assert tab.locator("#answers .answer .title:not(:empty)").count() == 0


@pytest.mark.browser
def test_fresh_weights_are_drawn_in_the_page_and_let_go(tab):
    learned = answers_of(tab)
    picture = "document.getElementById('grid').toDataURL()"
    maps = tab.evaluate(picture)
    tab.locator("#fresh").check()
    tab.locator("#state", has_text="nothing is learned").wait_for()
    assert tab.locator("#answers .answer", has_text=NAMES[0]).locator(".title").all_inner_texts() == [
        "fresh",
        "learned",
    ]
    assert "just drawn" in tab.locator("#fresh-said").inner_text() and tab.evaluate(picture) != maps
    tab.locator("#fresh").uncheck()
    until(tab, "!document.getElementById('fresh-said').textContent")
    assert answers_of(tab) == learned and tab.evaluate(picture) == maps


@pytest.mark.browser
def test_the_camera_gives_frame_after_frame_until_another_image_comes(tab):
    tab.locator("#camera").click()
    wait_for(tab, "the camera")
    picture = "document.getElementById('paper').toDataURL()"
    first = tab.evaluate(picture)
    until(tab, f"{picture} !== {first!r}")
    assert tab.locator("#camera").inner_text() == "Stop the camera"
    tab.locator("#samples button").first.click()
    wait_for(tab, "one")
    assert tab.locator("#camera").inner_text() == "Camera"


@pytest.mark.browser
@pytest.mark.parametrize(
    ("error", "words"), [("NotFoundError", "There is no camera here"), ("NotAllowedError", "allow it")]
)
def test_without_a_camera_one_sentence_says_so(tab, error, words):
    refuse = f"() => Promise.reject(new DOMException('', '{error}'))"
    tab.evaluate(f"() => {{ navigator.mediaDevices.getUserMedia = {refuse}; }}")
    tab.locator("#camera").click()
    tab.locator("#state", has_text=words).wait_for()
    assert "drop, paste or choose an image" in tab.locator("#state").inner_text() and answers_of(tab)


@pytest.mark.browser
def test_the_page_is_accessible_with_all_that_can_be_opened(tab, page_file):
    def open_all(page):
        wait_for(page, "one")
        choose_layer(page, "parts")
        page.locator("#keep").click()
        page.locator("#samples button").nth(1).click()
        wait_for(page, "two")
        page.locator("#grid").click(position={"x": 5, "y": 5})
        page.locator("#pin-title").wait_for()

    assert complaints(tab, page_file.as_uri(), open_all) == []


@pytest.mark.browser
def test_a_visit_with_the_keyboard_alone(tab):
    """Sample, layer, map, value, brush, fresh weights: each reached by Tab, and used by keys."""

    def go_to(selector):
        for _ in range(60):
            tab.keyboard.press("Tab")
            if tab.evaluate(f"document.activeElement.matches({selector!r})"):
                return
        raise AssertionError(f"Tab does not lead to {selector}")

    go_to("#strip-layers button")
    tab.keyboard.press("ArrowRight")
    tab.keyboard.press("Enter")
    go_to("#samples button")
    tab.keyboard.press("Tab")
    tab.keyboard.press("Enter")
    wait_for(tab, "two")
    go_to("#paper")
    tab.keyboard.press("ArrowLeft")
    tab.keyboard.press("Enter")
    tab.locator("#cover-said", has_text="covered").wait_for()
    go_to("#cover-undo")
    tab.keyboard.press("Space")
    until(tab, "!document.getElementById('cover-said').textContent")
    go_to("#fresh")
    tab.keyboard.press("Space")
    tab.locator("#state", has_text="nothing is learned").wait_for()
    go_to("#grid")
    tab.keyboard.press("ArrowRight")
    tab.keyboard.press("Enter")
    tab.locator("#pin-title").wait_for()
    go_to("#pin-shares button")
    tab.keyboard.press("Escape")
    assert tab.locator("#pin").is_hidden()


def test_networks_that_take_no_image_are_refused_in_one_sentence():
    model = keras.Sequential([keras.Input((5, 5, 7)), layers.Flatten(), layers.Dense(2)])
    with pytest.raises(ValueError, match="1, 3 or 4 colours"):
        image_page(model, name="other")


@pytest.mark.browser
@pytest.mark.parametrize("size", [(None, None, 1), (784,)])
def test_outputs_that_are_images_and_several_outputs_are_shown(browser_page, tmp_path, size):
    page, errors = browser_page
    start = keras.Input(size)
    values = layers.Reshape((28, 28, 1))(start) if size == (784,) else start
    values = layers.Conv2D(1, 3, padding="same", name="same")(values)
    model = keras.Model(start, [values, layers.Dense(4, name="four")(layers.GlobalAveragePooling2D()(values))])
    (tmp_path / "samples").mkdir()
    picture_file(tmp_path / "samples", "one.png")
    file = tmp_path / "page.html"
    file.write_text(image_page(model, name="two", samples=tmp_path / "samples"), encoding="utf-8")
    page.goto(file.as_uri())
    wait_for(page, "one")
    assert page.locator("#answers canvas").count() == 1 and page.locator("#answers .answer").count() == 4
    assert ("any size" in page.locator("header p").inner_text()) == (size == (None, None, 1))
    assert errors == []


def test_command_writes_the_page(tmp_path, capsys):
    saved, target, names = tmp_path / "own.keras", tmp_path / "page.html", tmp_path / "names.txt"
    colour_network().save(saved)
    names.write_text("\n".join(NAMES))
    assert commands.main(["explorer", str(saved), "--classes", str(names), "--out", str(target)]) == 0
    assert "Look into own.keras" in target.read_text(encoding="utf-8") and "MB; open it" in capsys.readouterr().out
    assert commands.main(["explorer", str(tmp_path / "none.keras")]) == 1
    assert "no network" in capsys.readouterr().err


def test_samples_are_not_for_the_page_on_which_one_draws(tmp_path, monkeypatch, capsys):
    monkeypatch.chdir(tmp_path)
    assert commands.main(["explorer", "--out", "page.html", "--samples", "."]) == 1
    said = capsys.readouterr().err
    assert "go with a MODEL, and without --draw" in said and said.count("\n") == 1 and not Path("page.html").exists()
