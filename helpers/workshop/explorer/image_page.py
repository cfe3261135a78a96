"""A page in which any network of images runs: drop an image, and see all layers and the answer."""

import base64
import io
from pathlib import Path

import numpy as np
from PIL import Image

from helpers._shared.arguments import CourseError, as_names, as_path, as_text
from helpers.datasets.image_files import check_folder, read_image
from helpers.models.input_format import SCALES, what_it_takes
from helpers.workshop.explorer.frame import as_html, page_of
from helpers.workshop.explorer.modules import join_modules
from helpers.workshop.explorer.network_export import ENGINE, export_network
from helpers.workshop.inspecting.answers import KINDS, read_answers

__all__ = ["describe_answers", "image_page"]

SOURCES = Path(__file__).with_name("image_web")
SAMPLES, SAMPLE_SIDE = 12, 480  # images that come along at most, and their longer side in pixels


def image_page(model, *, name, classes=None, samples=None, exact=False):
    """Write a page in which a network runs.

    Args:
        model: a Sequential or Functional Keras model that takes one image.
        name: what to call it.
        classes: names of the classes, in the order of the answers; None for numbers.
        samples: folder of images that come along, the first twelve of them; None for none.
        exact: True for weights in four bytes each; False for two.

    Returns:
        The HTML of the page as text: one file that needs nothing else.

    Raises:
        CourseError: if the network does not take one image, has a layer that the page cannot run, or the names of
            classes or the samples do not fit.
    """
    name, takes = as_text(name, "the network's name"), what_it_takes(model)
    classes = None if classes is None else as_names(classes, "classes")
    network, weights = export_network(model, precision="whole" if exact else "half")
    ranges = {key: words for key, words in SCALES.items() if takes.colour == "rgb" or key not in ("caffe", "torch")}
    data = {
        "network": network,
        "takes": {"size": takes.size, "colour": takes.colour, "shape": takes.shape, "scale": takes.used},
        "ranges": ranges,
        "answers": describe_answers(model, network, classes),
        "samples": _samples(samples),
    }
    steps = len(network["nodes"])
    count = f"{model.count_params():,} weights"
    rounding = "as the file has them" if exact else "rounded to half precision (--exact keeps them whole)"
    size = f"{takes.size[1]} x {takes.size[0]} pixels"
    return page_of(
        SOURCES,
        title=name,
        data=data,
        weights=weights,
        name=as_html(name),
        about=f"{count}, {steps} steps; it takes images of {'any size, here ' if takes.any_size else ''}{size}.",
        reason=as_html(takes.reason),
        size=size,
        footer=as_html(f"{name}: {count}, {rounding}. Written by: python -m helpers explorer."),
        engine=join_modules(ENGINE, "worker"),
    )


def describe_answers(model, network, classes):
    """Describe what a network answers.

    Args:
        model: the Keras model.
        network: what `export_network` made of it.
        classes: names of the classes; None for numbers.

    Returns:
        For each output a dict: "title", "words", and "kind" and "names" where it is a list of values, else an image.

    Raises:
        CourseError: if the names do not fit.
    """
    many, found = len(model.outputs) > 1, []
    if classes is not None and many:
        raise CourseError(f"this network has {len(model.outputs)} outputs, and names are for one: leave them out.")
    for output, place in zip(model.outputs, network["outputs"], strict=True):
        answer = {"title": network["nodes"][place]["name"], "words": "The network answers with an image."}
        if len(output.shape) == 2:
            read = read_answers(model, np.zeros((1, output.shape[1])), classes)
            kind = "values" if many else read.kind
            names = ["value"] if many or read.values.shape[1] == 1 and not read.named else read.class_names
            if many and output.shape[1] > 1:
                names = [f"value {number}" for number in range(output.shape[1])]
            answer |= {"kind": kind, "names": names, "words": f"These are {KINDS[kind]}."}
        found.append(answer)
    return found


def _samples(folder):
    """Small JPEG images of a folder, as text."""
    if folder is None:
        return []
    folder = as_path(folder, "a folder of samples")
    files, _ = check_folder(folder, name=folder.name)
    if not files:
        raise CourseError(f"{folder} holds no image that can be read: name a folder with a few photographs.")
    return [{"title": file.stem, "picture": _small(file)} for file in list(files)[:SAMPLES]]


def _small(file):
    image = Image.fromarray(np.rint(255 * read_image(file)).astype(np.uint8))
    image.thumbnail((SAMPLE_SIDE, SAMPLE_SIDE))
    held = io.BytesIO()
    image.save(held, "JPEG", quality=88)
    return "data:image/jpeg;base64," + base64.b64encode(held.getvalue()).decode()
