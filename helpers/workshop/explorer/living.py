"""The living picture of the site's home page: a small paper, a network that reads it, and what its first layer sees."""

import base64
import re
import zlib
from pathlib import Path

from helpers import models
from helpers.workshop.explorer.drawing_page import DIGITS, describe_drawing
from helpers.workshop.explorer.frame import as_json, fill, looks, read
from helpers.workshop.explorer.modules import join_modules

__all__ = ["living_picture"]

SOURCES = Path(__file__).with_name("living_web")
SHORTER = re.compile(r"^\s*//.*\n|^\s+", re.M)  # comments on lines of their own, empty lines, indentation


def living_picture():
    """Write the living picture: paper, sixteen maps of the first layer, ten answers, a dial from 4 to 9.

    Its network is the course's ``mnist_cnn`` in eight bits a weight, its scripts are the explorer's. It turns the 4
    into a 9 and back once, in 4.5 s; with prefers-reduced-motion it stands still. Its colours follow
    ``html[data-theme="dark"]``.

    Returns:
        HTML as text, of some 180,000 bytes: one element of the class ``living-cnn`` with its style and script inside.
        It needs nothing else; its one id is ``course-data``.

    Raises:
        FileNotFoundError: if the network is not in this copy of the course.
    """
    model, _ = models.pretrained("mnist_cnn")
    data, weights, _ = describe_drawing(model, classes=DIGITS, precision="byte")
    del data["drawings"]
    first = next(place for place, node in enumerate(data["network"]["nodes"]) if node["type"] == "Conv2D")
    data |= looks() | {"first": first, "weights": base64.b64encode(zlib.compress(weights, 9)).decode()}
    style, script = read(SOURCES / "style.css"), SHORTER.sub("", join_modules(SOURCES, "main"))
    return fill(SOURCES / "index.html", style=SHORTER.sub("", style), data=as_json(data), script=script)
