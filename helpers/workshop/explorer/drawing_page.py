"""The page on which one draws, and watches a network of small grey images read the drawing."""

import base64
from pathlib import Path

import numpy as np

from helpers import datasets
from helpers._shared.errors import CourseError
from helpers.activations import layer_names, read_activations
from helpers.models.input_format import image_to_network, what_it_takes
from helpers.workshop.explorer.digits import dial, digits, stroke_code
from helpers.workshop.explorer.frame import as_html, page_of
from helpers.workshop.explorer.image_page import describe_answers
from helpers.workshop.explorer.network_export import export_network
from helpers.workshop.explorer.point_ranking import MOST, telling_points

__all__ = ["DIGITS", "LARGEST", "describe_drawing", "explorer_page"]

LARGEST = 2_000_000  # bytes of the page
SIDES = range(16, 65)  # pixels of the images
MNIST_SIDE = 28
DIGITS = tuple("0123456789")
PER_DIGIT = 200  # images of each digit on which points are ranked
SOURCES = Path(__file__).with_name("drawing_web")


def explorer_page(model, *, about="", classes=None, exact=False):
    """Put the page together on which one draws.

    Where the classes are named 0 to 9 the page has digits to take, a dial from 4 to 9, guessing first, and points to
    swap. They are ranked on the validation part of `helpers.datasets.mnist`.

    Args:
        model: a Keras model from one grey image of 16 to 64 pixels to one list of answers.
        about: a phrase about the network for the foot of the page.
        classes: names of the classes, in the order of the answers: ``DIGITS`` for digits, None for numbers.
        exact: True for weights in four bytes each; False for two.

    Returns:
        The HTML of the page as text: one file that needs nothing else, at most ``LARGEST`` bytes.

    Raises:
        CourseError: if the network takes other images, has layers that the page cannot run, or the page would be too
            large.
    """
    data, weights, reason = describe_drawing(model, classes=classes, precision="whole" if exact else "half")
    swap = _swap(model, data["network"]) if data["dial"] else None
    ranked = f"The ranking of points was made on {swap['images']:,} {swap['origin']}. " if swap else ""
    rounded = "" if exact else "Weights are rounded to half precision. "
    page = page_of(
        SOURCES,
        title="Draw for a network",
        data=data | {"swap": swap},
        weights=weights,
        heading=f"Draw{' a digit' if data['dial'] else ''}, and watch a network read it",
        about=as_html(f"{about} {rounded}{ranked}"),
        answers="Ten answers, in percent" if data["dial"] else "Answers",
        side=data["takes"]["size"][0],
        reason="From 0 (black) to 1 (white)." if swap and data["takes"]["scale"] == "0..1" else as_html(reason),
    )
    size = len(page.encode())
    if size > LARGEST:
        raise CourseError(
            f"the page would have {size:,} bytes, and {LARGEST:,} at most open quickly everywhere: take a network of "
            f"fewer weights than {model.count_params():,}."
        )
    return page


def describe_drawing(model, *, classes=None, precision="half"):
    """Describe a network that one draws for, and the drawings that come along.

    Args:
        model: as for `explorer_page`.
        classes: as for `explorer_page`.
        precision: as for `export_network`.

    Returns:
        (data, weights, reason): a dict of JSON values for the page, the bytes of the weights, and a sentence on the
        range of values that the network takes.

    Raises:
        CourseError: if the network takes other images, or has layers that the page cannot run.
    """
    takes = what_it_takes(model)
    network, weights = export_network(model, precision=precision)
    described = describe_answers(model, network, classes)
    height, width = takes.size
    if takes.colour != "grey" or height != width or height not in SIDES or "names" not in described[0]:
        raise CourseError(
            f"one draws for a network from a grey image of {SIDES[0]} to {SIDES[-1]} pixels a side to a list of "
            f"answers, and {model.name} takes {takes.colour} images of {width} x {height}: leave out --draw."
        )
    of_digits = tuple(described[0]["names"]) == DIGITS
    data = {
        "network": network,
        "takes": {"size": takes.size, "shape": takes.shape, "scale": takes.used},
        "answers": described[:1],
        "drawings": [
            {"code": stroke_code(each.strokes), "digit": each.digit, "title": each.title} for each in digits()
        ],
        "dial": [stroke_code(dial(share)) for share in (0, 1)] if of_digits else None,
    }
    return data, weights, takes.reason


def _swap(model, network):
    """What the page needs to swap points: those of the last convolution; None where there is no small enough one."""
    known = layer_names(model)
    places = [
        place for place, node in enumerate(network["nodes"]) if node["type"] == "Conv2D" and node["name"] in known
    ]
    takes = what_it_takes(model)
    rim = takes.size[0] - MNIST_SIDE
    if not places or rim < 0:
        return None
    mnist = datasets.mnist()
    part, layer = mnist.validation, network["nodes"][places[-1]]["name"]
    chosen = np.concatenate([np.flatnonzero(part.labels == digit)[:PER_DIGIT] for digit in range(10)])
    sides = (rim // 2, rim - rim // 2)
    images = np.pad(part.images[chosen], [(0, 0), sides, sides, (0, 0)])
    images = np.stack([image_to_network(image, takes) for image in images])
    if read_activations(model, images[:1], [layer])[layer].size > MOST:
        return None
    orders = telling_points(model, layer, images, part.labels[chosen])
    return {
        "place": places[-1],
        "orders": base64.b64encode(orders.astype("<u2").tobytes()).decode(),
        "images": len(chosen),
        "origin": "digits of MNIST" if mnist.origin == "real" else "small digits in place of MNIST, so it is rough",
    }
