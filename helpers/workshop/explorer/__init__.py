"""The explorer: one HTML page on which one draws a digit and watches a network read it.

`page` puts it together. `network` describes a Keras model so that plain JavaScript can run it, `digits` draws the
digits that come with the page, `point_ranking` ranks the points that tell two digits apart. What runs in the browser
lies in the folder ``web``: an HTML template, a style sheet and a few small files of JavaScript, made to be read.
"""

from helpers.workshop.explorer.digits import Digit, dial, digits, stroke_code
from helpers.workshop.explorer.network import describe_network
from helpers.workshop.explorer.page import LARGEST, explorer_page
from helpers.workshop.explorer.point_ranking import TellingPoints, telling_points

__all__ = [
    "LARGEST",
    "Digit",
    "TellingPoints",
    "describe_network",
    "dial",
    "digits",
    "explorer_page",
    "stroke_code",
    "telling_points",
]
