"""How fast networks run in the page, whether it answers meanwhile, and what it weighs: on a machine to itself."""

import keras
import pytest
from lab_browser import open_page
from test_image_page import picture_file, wait_for

from helpers import models
from helpers.workshop.explorer import image_page

pytestmark = [pytest.mark.long, pytest.mark.browser]

TIMES = 5  # an image is looked at so often, and the fastest counts
LONGEST_PAUSE = 0.2  # seconds in which the page does not answer
# Notes the longest time between two turns of a clock that ought to tick every 5 milliseconds.
CLOCK = """() => {
  let last = performance.now();
  window.longestPause = 0;
  setInterval(() => {
    const now = performance.now();
    [window.longestPause, last] = [Math.max(window.longestPause, now - last), now];
  }, 5);
}"""

NETWORKS = {
    "cats and dogs": (lambda: models.pretrained("cats_cnn_real")[0], 1.0),
    "MobileNetV2": (lambda: keras.applications.MobileNetV2((224, 224, 3), weights=None), 2.5),
}


@pytest.mark.parametrize("name", NETWORKS)
def test_an_image_is_answered_in_time_and_the_page_answers_meanwhile(name, tmp_path):
    build, most_seconds = NETWORKS[name]
    model = build()
    (tmp_path / "samples").mkdir()
    bare = len(image_page(model, name=name).encode())
    assert bare <= 3 * model.count_params() + 600_000
    picture_file(tmp_path / "samples", "one.png", (400, 500, 3))
    file = tmp_path / "page.html"
    file.write_text(image_page(model, name=name, samples=tmp_path / "samples"), encoding="utf-8")
    seconds = []
    with open_page() as (page, errors):
        page.goto(file.as_uri())
        wait_for(page, "one")
        page.evaluate(CLOCK)
        for _ in range(TIMES):
            page.locator("#samples button").click()
            page.locator("#state", has_text="Looking at").wait_for()
            wait_for(page, "one")
            seconds.append(float(page.locator("#state").inner_text().split(" in ")[1].split()[0]))
        pause = page.evaluate("window.longestPause") / 1000
    said = f"{name}: {min(seconds)} to {max(seconds)} s an image, longest pause {pause:.3f} s, {bare / 1e6:.2f} MB"
    print(f"{said}, {bare / model.count_params():.2f} bytes a weight")
    assert min(seconds) <= most_seconds and pause <= LONGEST_PAUSE and errors == []
