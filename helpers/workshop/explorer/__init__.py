"""The explorer: one HTML page on which one draws a digit and watches a network read it.

`page` puts it together. `network` describes a Keras model so that plain JavaScript can run it, `digits` draws the
digits that come with the page, `point_ranking` ranks the points that tell two digits apart. What runs in the browser
lies in the folder ``web``: an HTML template, a style sheet and a few small files of JavaScript, made to be read.

For any network of images: `network_export` describes it, and the folder ``engine`` runs it in plain JavaScript, one
short function for each type of layer; `modules` joins such modules into one script.
"""

from helpers.workshop.explorer.digits import Digit, dial, digits, stroke_code
from helpers.workshop.explorer.network import describe_network
from helpers.workshop.explorer.network_export import export_network
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
    "export_network",
    "stroke_code",
    "telling_points",
]
