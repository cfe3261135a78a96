"""The plot and the line that change while a training runs: by their messages, and in Jupyter Lab."""

import base64
import io
import os
import time

import keras
import nbformat
import numpy as np
import pytest
from lab_browser import ROOT, jupyter_lab, open_page, running_lab
from nbclient import NotebookClient
from PIL import Image

from helpers._shared.notebook import in_notebook
from helpers.training import LivePlot, live_plot
from helpers.training.live_plot import ProgressLine
from helpers.workshop.commands import lab

INPUTS, TARGETS = np.ones((8, 4), "float32"), np.zeros(8)


class Messages(list):
    """What is sent to be displayed: pairs of "new" or "update", and the content; and the sizes that go with it."""

    def __init__(self):
        self.sizes = []

    def publish(self, data, metadata=None, *, transient=None, update=False, **_):
        self.append(("update" if update else "new", data))
        self.sizes.append((metadata or {}).get("image/png"))

    @property
    def kinds(self):
        return [kind for kind, _ in self]


@pytest.fixture
def messages(monkeypatch, tmp_path):
    """Displays caught as in a notebook."""
    from IPython.core.interactiveshell import InteractiveShell
    from traitlets.config import Config

    monkeypatch.setenv("IPYTHONDIR", str(tmp_path))  # nothing goes into the home folder
    shell = InteractiveShell.instance(config=Config(HistoryManager={"enabled": False}))
    caught = Messages()
    monkeypatch.setattr(shell, "display_pub", caught, raising=False)
    monkeypatch.setattr(live_plot, "in_notebook", lambda: True)
    yield caught
    InteractiveShell.clear_instance()


@pytest.fixture
def clock(monkeypatch):
    """A clock that the test moves."""

    class Clock:
        now = 100.0

        def monotonic(self):
            return self.now

    clock = Clock()
    monkeypatch.setattr(live_plot, "time", clock)
    return clock


@pytest.fixture
def no_drawing(monkeypatch):
    """Leave out the drawing, which is not what is tested."""
    monkeypatch.setattr(
        LivePlot, "_picture", lambda self: (f"picture of {len(self.history['loss'])} epochs", {"width": 8})
    )


def run_epochs(plot, clock, *, seconds, epochs, first=0):
    """What a fit tells a callback, on a clock of our own."""
    plot.on_train_begin()
    for epoch in range(first, epochs):
        plot.on_epoch_begin(epoch)
        clock.now += seconds
        plot.on_epoch_end(epoch, {"loss": 1 / (epoch + 1), "accuracy": 0.5})
    plot.on_train_end()


@pytest.mark.parametrize(
    ("seconds", "epochs", "drawn"),
    [
        (5.0, 4, [1, 2, 3, 4]),  # slow epochs: each is drawn, and the last not twice
        (0.25, 9, [1, 5, 9]),  # one redraw a second
        (0.25, 8, [1, 5, 8]),  # and the last state in any case
        (0.001, 50, [1, 50]),
        (0.001, 1, [1]),
    ],
)
def test_draws_once_a_second_and_at_the_end(messages, clock, no_drawing, seconds, epochs, drawn):
    run_epochs(LivePlot(), clock, seconds=seconds, epochs=epochs)
    assert messages.kinds == ["new"] + ["update"] * (len(drawn) - 1)
    pictures = [content["image/png"] for _, content in messages]
    assert pictures == [f"picture of {epoch} epochs" for epoch in drawn]
    assert messages.sizes == [{"width": 8}] * len(drawn)


def test_slow_drawing_takes_a_tenth_of_the_time(messages, clock, monkeypatch):
    def draw_slowly(self):
        clock.now += 1.0
        return "picture", {}

    monkeypatch.setattr(LivePlot, "_picture", draw_slowly)
    run_epochs(LivePlot(), clock, seconds=1.0, epochs=40)
    assert 4 <= len(messages) <= 6


def test_each_fit_has_a_figure_of_its_own(messages, clock, no_drawing):
    plot = LivePlot()
    run_epochs(plot, clock, seconds=2, epochs=2)
    run_epochs(plot, clock, seconds=2, epochs=1)
    assert messages.kinds == ["new", "update", "new"]
    assert plot.history["loss"] == [1]


def test_the_picture_is_that_of_plot_history_with_twice_the_pixels(messages):
    from IPython.core.pylabtools import print_figure

    from helpers.plots import plot_history

    plot = LivePlot()
    network = keras.Sequential([keras.Input((4,)), keras.layers.Dense(1, activation="sigmoid")])
    network.compile("sgd", "binary_crossentropy", metrics=["accuracy"], run_eagerly=True)
    history = network.fit(
        INPUTS, TARGETS, epochs=2, verbose=0, callbacks=[plot], validation_data=(INPUTS, TARGETS)
    ).history
    shown = Image.open(io.BytesIO(base64.b64decode(messages[-1][1]["image/png"])))
    expected = Image.open(io.BytesIO(print_figure(plot_history(history), fmt="png", dpi=200)))
    np.testing.assert_array_equal(np.asarray(shown), np.asarray(expected))
    assert messages.sizes[-1] == {"width": shown.width // 2, "height": shown.height // 2}
    assert f"epoch 2: accuracy {history['accuracy'][1]:.4f}, loss" in messages[-1][1]["text/plain"]


def test_outside_a_notebook_nothing_is_drawn(clock, monkeypatch, capfd):
    monkeypatch.setattr(LivePlot, "_picture", None)  # drawing would fail
    assert not in_notebook()
    plot = LivePlot()
    run_epochs(plot, clock, seconds=2, epochs=3)
    assert len(plot.history["loss"]) == 3
    assert capfd.readouterr() == ("", "")


# The line of progress


def test_line_in_a_notebook_is_one_display(messages, capfd):
    line = ProgressLine("tiny", epochs=3, done=1)
    line.advance({"loss": 0.51234, "val_accuracy": 0.75, "learning_rate": 0.1})
    line._bar.refresh()
    line.advance({"loss": 0.4, "val_accuracy": 0.8})
    line.end("tiny: trained now in 2 s")
    assert messages.kinds == ["new"] + ["update"] * (len(messages) - 1)
    texts = [content["text/plain"] for _, content in messages]
    assert "tiny" in texts[0] and "1/3" in texts[0]
    assert any("2/3" in text and "loss=0.512" in text and "val_accuracy=0.750" in text for text in texts)
    assert not any("learning_rate" in text for text in texts)
    assert texts[-1] == "tiny: trained now in 2 s"
    assert capfd.readouterr() == ("", "")


def test_line_elsewhere_is_its_last_sentence(capfd):
    line = ProgressLine("tiny", epochs=2)
    line.advance({"loss": 0.5})
    line.end("tiny: trained now in 2 s")
    assert capfd.readouterr() == ("tiny: trained now in 2 s\n", "")


# In a kernel

SETUP = """
import time
from pathlib import Path
import keras, numpy as np
from helpers import course
from helpers.training.kept import kept_training
from helpers.training import LivePlot

course.ROOT = Path("{root}")
keras.utils.set_random_seed(1)
labels = np.arange(60) % 2
images = (np.random.random((60, 8, 8, 1)) + 0.3 * labels[:, None, None, None]).astype("float32")

def build():
    network = keras.Sequential([keras.Input((8, 8, 1)), keras.layers.Conv2D(4, 3), keras.layers.Flatten(),
                                keras.layers.Dense(1, activation="sigmoid")])
    network.compile("rmsprop", "binary_crossentropy", metrics=["accuracy"])
    return network

class Slow(keras.callbacks.Callback):
    def on_epoch_end(self, epoch, logs=None):
        time.sleep({pause})
"""
FIT = """
plot = LivePlot()
network = build()
history = network.fit(images, labels, validation_split=0.5, epochs=2 * {epochs}, verbose=0, callbacks=[plot, Slow()])
"""
KEEP = """
kept = kept_training(build, (images, labels), name="live", epochs=4, seed=1, validation=(images, labels),
                     callbacks=[LivePlot(), Slow()])
"""


def notebook_of(root, *, pause, epochs):
    """A notebook of three cells: setting up, a fit, a kept training."""
    numbers = {"root": root.as_posix(), "pause": pause, "epochs": epochs}
    cells = [code.format(**numbers).strip() for code in (SETUP, FIT, KEEP)]
    return nbformat.v4.new_notebook(
        cells=[nbformat.v4.new_code_cell(code) for code in cells],
        metadata={"kernelspec": {"name": "python3", "display_name": "Python 3", "language": "python"}},
    )


class Listener(NotebookClient):
    """Runs a notebook and counts each cell's display messages."""

    def __init__(self, *args, **settings):
        super().__init__(*args, **settings)
        self.heard = []

    def process_message(self, msg, cell, cell_index):
        kind = msg["msg_type"]
        if kind in ("display_data", "update_display_data"):
            self.heard.append((cell_index, kind, "image/png" in msg["content"]["data"]))
        return super().process_message(msg, cell, cell_index)


def test_messages_of_a_kernel(tmp_path, monkeypatch):
    monkeypatch.setenv("PYTHONPATH", str(ROOT))
    monkeypatch.setenv("TF_CPP_MIN_LOG_LEVEL", "3")
    notebook = notebook_of(tmp_path, pause=0.1, epochs=3)
    place = {"metadata": {"path": str(tmp_path)}}
    client = Listener(notebook, timeout=300, startup_timeout=600, kernel_name="python3", resources=place)
    client.execute()
    pictures = [kind for cell, kind, picture in client.heard if cell == 1 and picture]
    assert pictures[0] == "display_data" and set(pictures[1:]) == {"update_display_data"}
    assert 2 <= len(pictures) <= 6, "six epochs; the first and the last are always drawn"
    setup, fits, keeping = notebook.cells
    assert len(fits.outputs) == 1 and "image/png" in fits.outputs[0].data
    assert set(fits.outputs[0].metadata["image/png"]) == {"width", "height"}
    assert [set(output.data) for output in keeping.outputs] == [{"text/plain"}, {"image/png", "text/plain"}]
    assert "live: trained now in" in keeping.outputs[0].data["text/plain"]
    assert all(output.output_type == "display_data" for cell in (fits, keeping) for output in cell.outputs)


def look_at_pictures(page, seen):
    """Add the pictures that the page shows now to those seen before, for each figure."""
    sources = page.eval_on_selector_all(".jp-OutputArea-output img", "all => all.map(each => each.src)")
    for figure, source in enumerate(sources):
        seen.setdefault(figure, set()).add(source)


def run_all_cells(page):
    """Choose Run All in Lab's menu, as soon as Lab's status line says that the kernel is there."""
    page.wait_for_selector("text=Python 3 (ipykernel) | Idle", timeout=120_000)
    page.click("li.lm-MenuBar-item:has-text('Run')")
    page.click("li.lm-Menu-item[data-command='runmenu:run-all']")


def watch_until_done(page):
    """Look at the figures until the last cell is done; return all pictures of each."""
    seen, end = {}, time.monotonic() + 240
    done = page.locator("text=/live: trained now in|Error/")
    question = page.locator(".jp-Dialog button.jp-mod-accept")  # Lab may ask for the kernel: its own proposal
    while time.monotonic() < end and not done.count():
        if question.count():
            question.click()
        look_at_pictures(page, seen)
        time.sleep(0.1)
    page.wait_for_timeout(1000)
    look_at_pictures(page, seen)
    return seen


@pytest.mark.browser
@pytest.mark.long
def test_make_lab_opens_on_the_first_notebook(tmp_path, monkeypatch):
    """With its picture on the first screen and the table of contents beside it; nobody is asked about news."""
    monkeypatch.setattr(lab, "build_folder", lambda name: tmp_path)
    monkeypatch.setenv("JUPYTERLAB_SETTINGS_DIR", str(tmp_path / "own"))
    command = lab.lab_command(port=0, browser="none")
    with open_page() as (page, errors), running_lab(tmp_path, command, {}) as (address, token):
        page.set_viewport_size({"width": 1366, "height": 768})
        page.goto(f"{address}?token={token}")
        picture = page.locator(".jp-RenderedMarkdown img").first
        picture.wait_for()
        page.wait_for_timeout(3000)  # what asks about news comes late
        box = picture.bounding_box()
        assert box["y"] > 0 and box["y"] + box["height"] < 768
        assert page.locator(".jp-TableOfContents-content .jp-tocItem").count() > 5
        assert page.locator(".Toastify__toast").count() == 0 and errors == []


@pytest.mark.browser
@pytest.mark.long
def test_grows_in_jupyter_lab(tmp_path):
    (tmp_path / "notebooks").mkdir()
    nbformat.write(notebook_of(tmp_path, pause=0.5, epochs=4), tmp_path / "notebooks" / "live.ipynb")
    screens = ROOT / "build" / "screens"
    screens.mkdir(parents=True, exist_ok=True)
    with open_page() as (page, errors), jupyter_lab(tmp_path) as address:
        page.goto(address.format(name="live.ipynb"))
        run_all_cells(page)
        seen = watch_until_done(page)
        page.screenshot(path=os.fspath(screens / "live_plot.png"))
        assert page.locator(".jp-OutputArea-output img").count() == 2, "of the fit and of the kept training"
        assert page.locator("text=live: trained now in").count() == 1
        assert len(seen[0]) >= 3 and len(seen[1]) >= 2, "the figures have changed"
        assert page.locator(".jp-OutputArea-output[data-mime-type*='stderr']").count() == 0
        assert errors == []
