"""Draw the embedded sets as image files, with a contact sheet to look at.

examples:
  python -m helpers drawing                      all four, into build/drawing/
  python -m helpers drawing shapes --to FOLDER   one of them, into FOLDER/shapes

THE X-RAY PHANTOMS ARE NOT MEDICAL IMAGES.
"""

import io
from pathlib import Path

from PIL import Image

from helpers import drawing
from helpers._shared.files import write_beside
from helpers.course import build_folder
from helpers.datasets.image_files import natural_order

__all__ = ["add_arguments", "contact_sheet", "run"]

SETS = ("shapes", "cats_vs_dogs", "chest_xray", "hand_drawn_shapes")
COLUMNS, ROWS = 10, 2  # pictures of each class on a contact sheet
GAP = 2  # pixels between two of them


def add_arguments(parser):
    """Declare the options.

    Args:
        parser: the command's argparse parser.
    """
    parser.add_argument("sets", nargs="*", metavar="SET", help=f"of {', '.join(SETS)}; all when none")
    parser.add_argument("--to", metavar="FOLDER", help="where to put them (default: build/drawing/)")


def run(arguments):
    """Draw the sets that are not there yet, and a contact sheet of each.

    Args:
        arguments: the parsed options.

    Returns:
        0. An unknown set or a folder that is not empty raises an error of one sentence.
    """
    target = Path(arguments.to).expanduser() if arguments.to else build_folder("drawing")
    for name in arguments.sets or SETS:
        folder = drawing.draw_set(name, target / name)
        sheet = target / f"contact_{name}.png"
        picture = io.BytesIO()
        contact_sheet(folder).save(picture, "PNG")
        write_beside(sheet, picture.getvalue())
        print(f"{name}: drawn in {folder}; look at {sheet}")
    return 0


def contact_sheet(folder):
    """Put the first pictures of each class side by side on one sheet, each class from a new row on.

    Args:
        folder: Path of a drawn set, whose pictures are all of one size.

    Returns:
        Pillow image in RGB: rows of ten pictures, two rows a class.
    """
    pictures = []
    for parent in sorted({path.parent for path in folder.rglob("*.*g")}):  # png, jpg, jpeg
        paths = sorted(parent.iterdir(), key=lambda path: natural_order(path.name))
        pictures += [Image.open(path) for path in paths[: COLUMNS * ROWS]]
    side = pictures[0].width + GAP
    sheet = Image.new("RGB", (COLUMNS * side + GAP, len(pictures) // COLUMNS * side + GAP), (225, 225, 225))
    for place, picture in enumerate(pictures):
        sheet.paste(picture, (GAP + place % COLUMNS * side, GAP + place // COLUMNS * side))
    return sheet
