"""The explorer: one HTML page in which a network runs while one looks into it.

Two pages: `page` puts together the one on which one draws a digit, `image_page` the one for any network of images.

For any network: `network_export` describes it, the folder ``engine`` runs it in plain JavaScript, one short function
for each type of layer, and the folder ``image_web`` draws it; `modules` joins their modules into one script.
For digits: `network` describes a chain of layers, `digits` draws the digits that come with the page, `point_ranking`
ranks the points that tell two digits apart, and the folder ``web`` holds what runs in the browser.
"""

from helpers.workshop.explorer.digits import Digit, dial, digits, stroke_code
from helpers.workshop.explorer.image_page import image_page
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
    "image_page",
    "stroke_code",
    "telling_points",
]
