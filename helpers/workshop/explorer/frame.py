"""The frame of the explorer's pages: one HTML file with the network, its weights and all that draws it inside."""

import base64
import json
from pathlib import Path
from string import Template

import numpy as np

from helpers.pictures import SCALES
from helpers.plots.colours import DIVERGING, SEQUENTIAL
from helpers.workshop.explorer.modules import join_modules

__all__ = ["as_html", "as_json", "fill", "looks", "page_of", "read"]

SHARED = Path(__file__).with_name("shared_web")


def page_of(folder, *, title, data, weights, **words):
    """Put a page together.

    Args:
        folder: Path of the folder with its index.html (what stands in the body), style.css and main.js; $strip and $sum
            in it stand for the parts that both pages have.
        title: what the page is about.
        data: dict of JSON values, which the scripts find as ``course``; palettes and scales are added.
        weights: bytes of the network's weights.
        **words: HTML for the places in index.html; one that is missing is a KeyError.

    Returns:
        The HTML of the page as text.
    """
    return fill(
        SHARED / "frame.html",
        title=as_html(title),
        style=read(SHARED / "base.css") + "\n" + read(folder / "style.css"),
        body=fill(folder / "index.html", strip=read(SHARED / "strip.html"), sum=read(SHARED / "sum.html"), **words),
        weights=base64.b64encode(weights).decode(),
        data=as_json(data | looks()),
        script=join_modules(folder, "main"),
    )


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


def looks():
    """Return what scripts need to draw maps.

    Returns:
        A dict: "scales", their words, and "palettes", 256 colours each, as hexadecimal digits, six a colour.
    """
    return {"scales": SCALES, "palettes": {"values": _palette(SEQUENTIAL), "weights": _palette(DIVERGING)}}


def _palette(name):
    import matplotlib as mpl

    colours = np.rint(mpl.colormaps[name](np.arange(256))[:, :3] * 255).astype(np.uint8)
    return colours.tobytes().hex()


def fill(template, **parts):
    """Return the text of a template with its places filled.

    Args:
        template: Path of a file with $places.
        **parts: the text for each place; one that is missing is a KeyError.

    Returns:
        The text.
    """
    return Template(read(template)).substitute(parts)


def read(file):
    """Return the text of a file.

    Args:
        file: its Path.

    Returns:
        The text.
    """
    return file.read_text(encoding="utf-8")
