"""In a notebook every figure has two pixels for each one that it takes on the page, and says its size."""

import base64
import io
import subprocess
import sys

import pytest
from nbclient import NotebookClient
from nbformat.v4 import new_code_cell, new_notebook
from PIL import Image

from helpers.course import ROOT

SET_UP = "from helpers import course\ncourse.show_setup()"
CRISP = "from helpers._shared.notebook import draw_crisp\ndraw_crisp()"
OURS = "import numpy as np\nfrom helpers import plots\nplots.plot_layer(np.random.default_rng(1).random((9, 9, 8)))"
PLAIN = "import matplotlib.pyplot as plt\nplt.plot([1, 2]);"
CHOOSE = "%config InlineBackend.figure_formats = ['FORMAT']"


def run(monkeypatch, *sources):
    """Run cells in a kernel; return for each its outputs' data and metadata."""
    monkeypatch.setenv("PYTHONPATH", str(ROOT))
    monkeypatch.setenv("TF_CPP_MIN_LOG_LEVEL", "3")
    notebook = new_notebook(cells=[new_code_cell(source) for source in sources])
    NotebookClient(notebook, timeout=300, startup_timeout=600, kernel_name="python3").execute()
    return [[output for output in cell.outputs if "data" in output] for cell in notebook.cells]


def enlargement(output):
    """How many pixels of the picture are one of the page; None where the output does not say its size."""
    with Image.open(io.BytesIO(base64.b64decode(output.data["image/png"]))) as picture:
        size = output.metadata.get("image/png")
        return size and (round(picture.width / size["width"], 1), round(picture.height / size["height"], 1))


@pytest.mark.parametrize("sources", [(SET_UP, OURS, PLAIN), (SET_UP, PLAIN, OURS), (PLAIN, CRISP, OURS, PLAIN)])
def test_ours_and_a_readers_own_are_crisp_whichever_comes_first(monkeypatch, sources):
    cells = run(monkeypatch, *sources)
    after = 1 + next(place for place, source in enumerate(sources) if source in (SET_UP, CRISP))
    assert [enlargement(*outputs) for outputs in cells[after:]] == [(2, 2)] * (len(sources) - after)
    assert [enlargement(*outputs) for outputs in cells[: after - 1]] == [None] * (after - 1)


@pytest.mark.parametrize("before", [(), (PLAIN,)])
def test_a_format_that_the_reader_has_chosen_stays(monkeypatch, before):
    *_, (svg,) = run(monkeypatch, *before, PLAIN, CHOOSE.replace("FORMAT", "svg"), CRISP, PLAIN)
    assert "image/svg+xml" in svg.data and "image/png" not in svg.data


def test_plain_png_chosen_afterwards_stays_too(monkeypatch):
    *_, (plain,) = run(monkeypatch, CRISP, PLAIN, CHOOSE.replace("FORMAT", "png"), CRISP, PLAIN)
    assert enlargement(plain) is None


def test_outside_a_notebook_nothing_is_loaded():
    code = f"{CRISP}\nimport sys\nprint([name for name in ('matplotlib', 'matplotlib_inline') if name in sys.modules])"
    said = subprocess.run([sys.executable, "-c", code], cwd=ROOT, capture_output=True, text=True, check=True).stdout
    assert said == "[]\n"
