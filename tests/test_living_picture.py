"""The living picture of the home page: small, alone, and it reads what is drawn, in headless Chromium."""

import io
import re

import numpy as np
import pytest
from accessible import complaints
from PIL import Image
from test_explorer_page import settle

from helpers.models.shipped import pretrained_files
from helpers.workshop import explorer

LARGEST = 180_000  # bytes
SEEN = """() => {
  const find = (name) => document.querySelector(`.living-cnn ${name}`);
  return { said: find(".living-answers p").textContent, best: find(".best .name").textContent,
    turned: Number(find("input").value), maps: find(".living-maps canvas").toDataURL() };
}"""


@pytest.fixture(scope="module")
def fragment():
    if not pretrained_files("mnist_cnn")[0].is_file():
        pytest.skip("data/pretrained/mnist_cnn.keras is not in this copy")
    return explorer.living_picture()


def test_it_is_small_and_asks_for_nothing(fragment):
    assert len(fragment.encode()) <= LARGEST
    assert "://" not in fragment and set(re.findall(r'\bid="([^"]*)"', fragment)) == {"course-data"}


@pytest.fixture(scope="module")
def home(fragment, tmp_path_factory):
    """The address of a page with the picture, which has its theme as the site has it."""
    file = tmp_path_factory.mktemp("home") / "index.html"
    theme = "document.documentElement.dataset.theme = matchMedia('(prefers-color-scheme: dark)').matches ? 'dark' : ''"
    head = f"<title>Home</title><style>html[data-theme=dark] {{ background: #121212 }}</style><script>{theme}</script>"
    file.write_text(
        f'<!DOCTYPE html><html lang="en">{head}<main><h1 hidden>Home</h1>{fragment}</main>', encoding="utf-8"
    )
    return file.as_uri()


@pytest.fixture
def living(browser_page):
    page, errors = browser_page
    errors.clear()
    yield page
    assert errors == []


@pytest.mark.browser
def test_it_turns_a_4_into_a_9_and_stands_still_where_motion_is_not_wanted(living, home):
    living.emulate_media(reduced_motion="reduce")
    living.goto(home)
    living.locator(".living-cnn .best").wait_for()
    four = living.evaluate(SEEN)
    living.wait_for_timeout(600)
    assert living.evaluate(SEEN) == four and four["best"] == "4" and four["turned"] == 0
    living.locator(".living-cnn input").focus()
    living.keyboard.press("End")
    settle(living)
    nine = living.evaluate(SEEN)
    assert nine["best"] == "9" and "says 9" in nine["said"] and nine["maps"] != four["maps"]
    living.emulate_media(reduced_motion="no-preference")
    living.goto(home)
    living.wait_for_function("document.querySelector('.living-cnn input').value > 5")
    living.mouse.move(5, 5)
    living.locator(".living-cnn input").focus()
    living.keyboard.press("Home")
    settle(living)
    living.wait_for_timeout(300)
    assert living.evaluate(SEEN)["turned"] == 0, "a touch ends the turning"


@pytest.mark.browser
def test_it_reads_what_is_drawn_and_shows_sixteen_maps(living, home):
    living.emulate_media(reduced_motion="reduce")
    living.goto(home)
    living.locator(".living-cnn button").click()
    box = living.locator(".living-paper canvas").bounding_box()
    seven = np.array([(0.25, 0.2), (0.75, 0.18), (0.45, 0.85)]) * box["width"] + (box["x"], box["y"])
    living.mouse.move(*seven[0])
    living.mouse.down()
    for place in seven[1:]:
        living.mouse.move(*place, steps=8)
    living.mouse.up()
    settle(living)
    assert living.evaluate(SEEN)["best"] == "7"
    with Image.open(io.BytesIO(living.locator(".living-maps canvas").screenshot())) as picture:
        width, height = picture.width / 4, picture.height / 4
        places = [(place % 4 * width, place // 4 * height) for place in range(16)]
        tiles = {picture.crop((x + 4, y + 4, x + width - 4, y + height - 4)).tobytes() for x, y in places}
    assert len(tiles) == 16


@pytest.mark.browser
def test_it_is_accessible(living, home):
    def wait(page):
        page.locator(".living-cnn .best").wait_for()

    assert [each for each in complaints(living, home, wait) if "living-cnn" in each or "canvas" in each] == []
