"""The house colours: colour-blind safe (Okabe and Ito, 2008), and each means the same thing everywhere."""

import matplotlib as mpl

__all__ = ["COLOURS", "DIVERGING", "GAP", "GREY_IMAGE", "MARKS", "NOT_FINITE", "SEQUENTIAL", "SILENT", "group_colour"]

COLOURS = {
    "training": "#0072B2",  # blue
    "validation": "#E69F00",  # orange
    "test": "#009E73",  # green
    "trained": "#D55E00",  # vermilion
    "untrained": "#999999",  # grey
    "four": "#56B4E9",  # sky blue
    "nine": "#CC79A7",  # purple
    "article": "#000000",  # black
    "ours": "#D55E00",  # vermilion: what is ours is what we trained
}

SEQUENTIAL = "viridis"  # activations
GREY_IMAGE = "gray"  # grey images
DIVERGING = "RdBu_r"  # weights, white at zero
GAP = "#D0D0D0"  # thin lines between maps
SILENT = "#0B0B0B"  # a silent channel: darker than the darkest value
NOT_FINITE = "#D55E00"  # what is no number
MARKS = "osD^vP*X"  # of groups, which are told apart in grey, too


def group_colour(name, number):
    """Choose the colour of a group: that of its name where the name has one, else the next of the style sheet.

    Args:
        name: the group's name.
        number: the group's position, counted from 0.

    Returns:
        A colour. ("C0" would be looked up when the figure is shown, and then from another style sheet.)
    """
    palette = mpl.rcParams["axes.prop_cycle"].by_key()["color"]
    return COLOURS.get(name, palette[number % len(palette)])
