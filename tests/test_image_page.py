"""The page for any network of images, in headless Chromium: images come in, layers are drawn, answers are listed."""

import base64
import io
import re
from pathlib import Path

import keras
import numpy as np
import pytest
from keras import layers
from lab_browser import open_page
from PIL import Image

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


@pytest.fixture(scope="module")
def browser_page():
    with open_page() as (tab, errors):
        tab.on("console", lambda message: message.type in ("error", "warning") and errors.append(message.text))
        yield tab, errors


@pytest.fixture
def tab(browser_page, page_file):
    """The page, fresh, with its first sample seen; nothing may go wrong in it."""
    page, errors = browser_page
    errors.clear()
    page.set_viewport_size({"width": 1366, "height": 768})
    page.goto(page_file.as_uri())
    wait_for(page, "one")
    yield page
    assert errors == []


def wait_for(page, name):
    page.locator("#state", has_text=f"{name}: ").wait_for()


def answers_of(page):
    names = page.locator("#answers .answer b").all_inner_texts()
    shares = [float(re.sub("[^0-9.]", "", text)) / 100 for text in page.locator("#answers .value").all_inner_texts()]
    return dict(zip(names, shares, strict=True))


def test_page_asks_for_nothing_and_holds_its_weights(page_file):
    text = page_file.read_text(encoding="utf-8")
    assert "default-src 'none'" in text and "://" not in text.replace("http-equiv", "")
    assert not re.search(r"^(import|export) ", text, re.M) and "a \\u003cdog>" in text
    assert len(text) < 3 * 4 * colour_network().count_params() + 100_000


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
    assert tab.locator("#layers button").all_inner_texts() == ["bytes", "edges", "smaller", "parts", "answer"]
    tab.locator("#layers button").first.focus()
    tab.keyboard.press("ArrowRight")
    tab.keyboard.press("Enter")
    assert tab.locator("#chosen-title").inner_text() == "edges"
    assert "22 x 30 x 20" in tab.locator("#chosen-about").inner_text()
    tab.locator("#grid").focus()
    tab.keyboard.press("ArrowRight")
    assert tab.locator("#grid-said").inner_text().startswith("Channel 1 of 0 to 19: ")
    assert tab.locator("#strongest").is_visible(), "a ring marks where the map is strongest"
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
