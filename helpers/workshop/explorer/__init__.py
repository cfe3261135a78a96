"""The explorer: one HTML page in which a network runs while one looks into it.

Two pages: `drawing_page` puts together the one on which one draws, `image_page` the one for images; `living` writes the
small one for the site's home page; `frame` is what they share. `network_export` describes a network, the folder
``engine`` runs it in plain JavaScript, one short function for each type of layer; ``drawing_web``, ``image_web``,
``living_web`` and ``shared_web`` hold what shows it, and `modules` joins their modules into one script. `digits` draws
the digits that come with the page, `point_ranking` ranks the points that tell two digits apart.
"""

from helpers.workshop.explorer.digits import Digit, dial, digits, stroke_code
from helpers.workshop.explorer.drawing_page import DIGITS, LARGEST, explorer_page
from helpers.workshop.explorer.image_page import image_page
from helpers.workshop.explorer.living import living_picture
from helpers.workshop.explorer.network_export import export_network
from helpers.workshop.explorer.point_ranking import telling_points

__all__ = [
    "DIGITS",
    "LARGEST",
    "Digit",
    "dial",
    "digits",
    "explorer_page",
    "export_network",
    "image_page",
    "living_picture",
    "stroke_code",
    "telling_points",
]
