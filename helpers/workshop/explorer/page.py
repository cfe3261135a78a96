"""Put the explorer together: one HTML file with the network, its weights and all that draws it inside."""

import base64
import json
from pathlib import Path
from string import Template

import numpy as np

from helpers import datasets
from helpers._shared.errors import CourseError
from helpers.activations import read_activations
from helpers.pictures import SCALES
from helpers.plots.colours import DIVERGING, SEQUENTIAL
from helpers.workshop.explorer.digits import dial, digits, stroke_code
from helpers.workshop.explorer.network import describe_network
from helpers.workshop.explorer.point_ranking import telling_points

__all__ = ["LARGEST", "as_base64", "as_html", "as_json", "explorer_page", "fill", "palette"]

LARGEST = 2_000_000  # bytes of the page
PER_DIGIT = 200  # images of each digit on which points are ranked
RANGES_FROM = 20  # images of each digit from which the fixed range of a layer is taken
SOURCES = Path(__file__).with_name("web")
# In the order in which one reads them; they share one scope.
SCRIPTS = (
    "data",
    "network",
    "mnist_form",
    "address",
    "scales",
    "grids",
    "sums",
    "sum_panel",
    "answers",
    "drawing",
    "dial",
    "swap",
    "main",
)


def explorer_page(model, *, about=""):
    """Put the explorer page together.

    Points are ranked on, and the fixed ranges taken from, the validation part of `helpers.datasets.mnist`.

    Args:
        model: a Keras model that `describe_network` can describe.
        about: a phrase about the network for the foot of the page.

    Returns:
        The HTML of the page as text: one file that needs nothing else, at most ``LARGEST`` bytes.

    Raises:
        CourseError: if the network has layers that the page cannot run, or the page would be too large.
    """
    layers, weights = describe_network(model)
    data = {
        "layers": layers,
        "weights": as_base64(weights),
        "digits": [{"code": stroke_code(each.strokes), "digit": each.digit, "title": each.title} for each in digits()],
        "dial": [stroke_code(dial(share)) for share in (0, 1)],
        "palettes": {name: palette(name) for name in (SEQUENTIAL, DIVERGING)},
        "scales": SCALES,
        **_measured(model, layers),
    }
    page = fill(
        SOURCES / "index.html", style=_source("style.css"), scripts=_scripts(), data=as_json(data), about=as_html(about)
    )
    size = len(page.encode())
    if size > LARGEST:
        raise CourseError(
            f"the page would have {size:,} bytes, and {LARGEST:,} at most open quickly everywhere: take a network of "
            f"fewer weights than {weights.size:,}."
        )
    return page


def _measured(model, layers):
    """What the page must know from many images: telling points and each layer's usual range."""
    mnist = datasets.mnist()
    part = mnist.validation
    chosen = _balanced(part.labels, PER_DIGIT)
    last_maps = [layer["name"] for layer in layers if layer["kind"] == "convolution"][-1]
    telling = telling_points(model, last_maps, part.images[chosen], part.labels[chosen])
    few = part.images[_balanced(part.labels, RANGES_FROM)]
    read = read_activations(model, few, [layer["name"] for layer in layers])
    return {
        "swap": {
            "layer": last_maps,
            "orders": as_base64(telling.orders.astype("<u2")),
            "images": telling.images,
            "origin": mnist.origin,
        },
        "ranges": [[float(read[layer["name"]].min()), float(read[layer["name"]].max())] for layer in layers],
        "rangesFrom": len(few),
    }


def _balanced(labels, count):
    """Places of the first ``count`` images of each digit, in their order."""
    return np.sort(np.concatenate([np.flatnonzero(labels == digit)[:count] for digit in range(10)]))


def palette(name):
    """Return the 256 colours of a palette of matplotlib as hexadecimal digits, six a colour.

    Args:
        name: of the palette, such as "viridis".

    Returns:
        A text of 1,536 digits.
    """
    import matplotlib as mpl

    colours = np.rint(mpl.colormaps[name](np.arange(256))[:, :3] * 255).astype(np.uint8)
    return colours.tobytes().hex()


def as_base64(array):
    """Return the bytes of an array as text.

    Args:
        array: of any shape and type.

    Returns:
        Its bytes in base64.
    """
    return base64.b64encode(array.tobytes()).decode()


def as_json(data):
    """Return data as JSON that may stand inside a script element.

    Args:
        data: JSON values.

    Returns:
        A text without "<".
    """
    return json.dumps(data, separators=(",", ":")).replace("<", "\\u003c")


def as_html(words):
    """Return words as they must be written in HTML.

    Args:
        words: a text.

    Returns:
        The text, with &, < and > escaped.
    """
    return words.replace("&", "&amp;").replace("<", "&lt;").replace(">", "&gt;")


def _source(name):
    return (SOURCES / name).read_text(encoding="utf-8")


def _scripts():
    return "\n".join(_source(f"{name}.js") for name in SCRIPTS)


def fill(template, **parts):
    """Return the text of a template, a Path, with its places filled.

    Args:
        template: Path of a file with $places.
        **parts: the text for each place.

    Returns:
        The text; a place without a part is a KeyError.
    """
    return Template(template.read_text(encoding="utf-8")).substitute(parts)
