"""The looks of a grid: the course's own, and those of the articles, so that pictures compare by eye."""

from dataclasses import dataclass

from helpers._shared.arguments import as_choice
from helpers.plots.colours import GAP, SEQUENTIAL

__all__ = ["HOUSE", "LOOKS", "Look", "look_of"]


@dataclass(frozen=True)
class Look:
    """How grids are drawn.

    Attributes:
        scale: see `helpers.pictures.scale_channels`; None for what the call says.
        columns: channels in a row, where the call does not say it; None for the course's own choice.
        colours: a colour map of matplotlib.
        lines: colour between the maps.
        gap: pixels between the maps, two for each that is shown.
        silent_is_black: False where a silent channel is drawn as the article's code would: in the lowest colour.
        said: whether numbers, colour bar and the words about the scale are written.
        ticks: whether places are numbered in pixels along the edges.
        image_colours: a colour map for the input image.
    """

    scale: str | None = None
    columns: int | None = None
    colours: str = SEQUENTIAL
    lines: str = GAP
    gap: int = 2
    silent_is_black: bool = False
    said: bool = False
    ticks: bool = False
    image_colours: str = "gray"

    def line_width(self, tile):
        """Return how far maps of (height, width) pixels stand apart: not at all where lines would outnumber them."""
        return self.gap if min(tile) > 6 else 0


HOUSE = Look(silent_is_black=True, said=True)
LOOKS = {
    "shapes": Look("standard", 16, lines="#440154"),  # zeros between the maps, in the lowest colour
    "cats": Look("standard", 16, lines="#440154"),
    "xray": Look("channel", 4, lines="white", gap=8, ticks=True),
    "digits": Look("channel", 6, "gray", "white", gap=8),
    "mnist4": Look("raw", 8, "magma", "#DDDDDD", image_colours="binary"),
    "mnist6": Look("raw", 8, "jet", "#DDDDDD", image_colours="jet"),
}


def look_of(name):
    """Return a look by the article's name.

    Args:
        name: "shapes", "cats", "xray", "digits", "mnist4" (part IV) or "mnist6" (part VI); None for the course's own.

    Returns:
        A `Look`.

    Raises:
        CourseError: if there is no look of that name.
    """
    return HOUSE if name is None else LOOKS[as_choice(name, "look", LOOKS)]
