"""Inspect a network of one's own with images of one's own: a table, figures, and a page to read."""

import dataclasses
import gc
import os
import warnings
from dataclasses import dataclass, field
from pathlib import Path

import keras
import numpy as np
import pandas as pd
from tqdm import tqdm

from helpers import explanations
from helpers._shared.arguments import CourseError, as_names, as_number, as_whole_number, brief
from helpers._shared.keras_graph import made_by
from helpers.activations import channel_statistics, class_means, layer_names
from helpers.explanations.network_copies import CONVOLUTIONS, find_layer, node_at, one_output, single_outputs
from helpers.models import load_model
from helpers.models.input_format import SCALES, Takes, channels_first, what_it_takes
from helpers.workshop.inspecting.answers import Answers, read_answers, read_class_names
from helpers.workshop.inspecting.figures import Figures
from helpers.workshop.inspecting.input_images import Given, read_given
from helpers.workshop.inspecting.layers import Shown, as_grid, layer_table, sort_silent
from helpers.workshop.inspecting.page import render_page, write_page

__all__ = ["SCALES", "Inspection", "inspect_network", "read_class_names", "render_page", "write_page"]

MEANS_BYTES = 150_000_000  # of class means that are kept; where they would be more, the first layers go without
MEANS_PICTURES = 160  # layers times classes
CHANNELS = 6  # of an image that comes out, at most, for which Grad-CAM is drawn
STEP = 8, 100_000_000  # images in one step at most, and bytes of all their layers


@dataclass(frozen=True)
class Inspection:
    """What was found in a network.

    Attributes:
        model: the Keras model.
        name: of the network's file, or the model's own.
        takes: the size, colours and range it takes, and why.
        given: the images.
        table: DataFrame with a row a layer, see `helpers.workshop.inspecting.layers.layer_table`.
        activations: mapping from layer name to the activation of the first image, ``(1, ...)``.
        answers: what it answers to each image; None where it is no classifier; of several outputs the chosen one's.
        output: name of the chosen output.
        others: dict from the name of each further output to its answers.
        made: dict from the name of each output that is an image to it, ``(height, width, channels)``, for the first.
        compared: answers to the first image in each range that may be meant, in the order of ``takes.plausible``;
            None where the range is known, or the images came as arrays.
        heatmaps: Grad-CAM of the first image, ``(height, width)`` of the last convolution, by what is asked about: "the
            highest answer", or the channels of the image that comes out; {} without a convolution.
        heatmap_layer: name of that convolution; where an image comes out, of the one with the fewest places.
        filters: weights of the first convolution ``(height, width, input channels, filters)``; None without one.
        filters_layer: name of that convolution.
        channel_means: dict from layer name to the mean of each channel for each image ``(images, channels)``; {}
            for one image.
        states: dict from layer name to which silent channels are "dead", "not asked", "not tried"; {} for one image.
        means: dict from layer name to class means ``(classes, ...)``; {} without classes.
        notes: sentences on what could not be done, and why.
    """

    model: keras.Model
    name: str
    takes: Takes
    given: Given
    table: pd.DataFrame
    activations: dict
    answers: Answers | None = None
    output: str = ""
    others: dict = field(default_factory=dict)
    compared: Answers | None = None
    made: dict = field(default_factory=dict)
    heatmaps: dict = field(default_factory=dict)
    heatmap_layer: str = ""
    filters: np.ndarray | None = None
    filters_layer: str = ""
    channel_means: dict = field(default_factory=dict)
    states: dict = field(default_factory=dict)
    means: dict = field(default_factory=dict)
    notes: tuple = ()

    @property
    def figures(self):
        """The same as matplotlib figures, each drawn when it is asked for: a mapping from name to Figure."""
        return Figures(self)


def inspect_network(
    model,
    source,
    *,
    layers=None,
    classes=None,
    scale=None,
    size=None,
    invert=False,
    most=100,
    seconds=20.0,
    name=None,
    output=None,
    tell=None,
):
    """Look into a network with an image, or with a folder of images.

    Args:
        model: a Sequential or Functional Keras model, or the path of a ``.keras`` or ``.h5`` file; nested models,
            merges and several branches are read too. It is not changed.
        source: an image file, a folder of image files, a folder with one folder of images a class, or an array
            ``(images, ...)`` or a data set (``tf.data.Dataset``, ``PyDataset``) that is as the network takes it.
        layers: names of layers to show (a nested one as ``outer/inner``); None for every layer but inputs.
        classes: names of the classes, in the order of the answers; None for the folders' names, or numbers.
        scale: the range of values that the network takes, one of `SCALES`; None to look for it in the network.
        size: (height, width) in pixels for a network that takes any; None for 224 x 224.
        invert: whether light and dark change places, for dark ink on white paper.
        most: how many images of a folder are read at most, drawn by seed 7; of a data set the first so many.
        seconds: how long silent channels are tried to be woken, where there are several images.
        name: what to call the network; None for its file's name, or its own.
        output: of a network with several outputs the one that Grad-CAM asks about, by its name or number; None for the
            first that answers with a value a class. The answers of all are listed.
        tell: function that is called with a line of text when a step begins.

    Returns:
        An `Inspection`: its ``table`` is a DataFrame, its ``figures`` a mapping from name to matplotlib Figure.

    Raises:
        FileNotFoundError: if a file or folder is missing.
        KeyError: if a layer is unknown; the sentence lists the names.
        CourseError: if the network takes no single image, cannot be loaded or read, the classes do not fit, no
            image can be read, or there is no such output.

    Warns:
        UserWarning: if arrays hold values 0..255 and the network takes 0..1, or the other way round.

    Example:
        >>> inspection = inspect_network("model.keras", "photo.jpg")
        >>> inspection.table[["silent", "zeros"]]
        >>> inspection.figures["conv2d_1"]
    """
    tell = tell or (lambda line: None)
    if not isinstance(model, (keras.Model, str, os.PathLike)):
        raise CourseError(f"a Keras model or the path of its file is needed, not {brief(model)}: give one of them.")
    classes = None if classes is None else as_names(classes, "classes")
    seconds = as_number(seconds, "seconds", low=0, finite=False)
    name = name or (model.name if isinstance(model, keras.Model) else Path(model).name)
    model = model if isinstance(model, keras.Model) else load_model(model)
    takes = what_it_takes(model, scale=scale, size=size)
    most = as_whole_number(most, "most")
    single = single_outputs(model)
    classifiers = [each for each, part in single.items() if len(part.outputs[0].shape) == 2]
    output, _ = one_output(model, (classifiers or list(single))[0] if output is None else output)
    given = read_given(source, takes, most=most, invert=invert)
    if given.doubt and given.whole is None:  # of files the page and the command say it
        warnings.warn(given.doubt, stacklevel=2)
    with warnings.catch_warnings():  # the reading functions do not know the range that was chosen
        warnings.filterwarnings("ignore", "The highest value")
        tell(f"reading {len(layer_names(model))} layers for {given.names[0]}")
        shown = Shown(model, given.images[:1], layers)
        inspection = Inspection(model, name, takes, given, pd.DataFrame(), shown, output=output)
        inspection = dataclasses.replace(inspection, **_filters(model))
        inspection = _with_images(inspection, seconds, tell)
        inspection = _with_answers(inspection, single, classes)
        return _with_heatmaps(inspection, single[output], tell)


def _with_images(inspection, seconds, tell):
    """Add the table, and what several images tell: sparsity, silent channels, class means."""
    given, names = inspection.given, list(inspection.activations)
    if len(given.images) == 1:
        return dataclasses.replace(inspection, table=layer_table(inspection.model, inspection.activations))
    tell(f"reading {len(given.images)} images")
    wanted, step = ["zeros", "mean"], _step(inspection)
    with _bar(given) as bar:
        numbers = channel_statistics(
            inspection.model, given.images, names, statistic=wanted, batch_size=step, progress=bar.update
        )
    table = layer_table(inspection.model, inspection.activations, numbers["zeros"])
    states = sort_silent(
        inspection.model,
        given.images,
        numbers["zeros"],
        seconds=seconds,
        batch_size=step,
        progress=lambda name: tell(f"waking the silent channels of {name}"),
    )
    inspection = dataclasses.replace(inspection, table=table, channel_means=numbers["mean"], states=states)
    return inspection if given.labels is None else _with_means(inspection, tell)


def _with_means(inspection, tell):
    """Add class means of the last layers, as many as there is room for."""
    classes, wanted, total = len(inspection.given.class_names), [], 0
    for name in reversed(list(inspection.activations)):
        activation = inspection.activations[name]
        total += classes * activation.size * 8
        if total > MEANS_BYTES or (len(wanted) + 1) * classes > MEANS_PICTURES:
            break
        if as_grid(activation) is not None:
            wanted.insert(0, name)
    if not wanted:
        return inspection
    tell(f"averaging {len(wanted)} layers over {classes} classes")
    given, step = inspection.given, _step(inspection)
    with _bar(given) as bar:
        means = class_means(inspection.model, given.images, given.labels, wanted, batch_size=step, progress=bar.update)
    return dataclasses.replace(inspection, means=means)


def _step(inspection):
    """Images in one step: so many that the layers that are read stay small."""
    return int(np.clip(STEP[1] // inspection.activations.bytes, 1, STEP[0]))


def _bar(given):
    """A progress bar over the images, in a terminal only."""
    return tqdm(total=len(given.images), desc="reading", unit="image", leave=False, disable=None)


def _with_answers(inspection, single, classes):
    """Add what each output answers, or the image that comes out, or a note on why that says nothing."""
    answers, made, notes, folders = {}, {}, list(inspection.notes), inspection.given.class_names
    for name, part in single.items():
        shape = tuple(part.outputs[0].shape[1:])
        if len(shape) == 1:
            own = classes if name == inspection.output else None
            answers[name] = read_answers(part, _outputs(inspection, part), own, folders=folders)
        elif len(shape) == 3:
            made[name] = _asked(part, inspection.given.images[:1])[0]
            made[name] = np.moveaxis(made[name], 0, -1) if channels_first(shape) else made[name]
        else:
            notes.append(f"Output {name} is {shape}, which is no value a class and no image, so it is not shown.")
    chosen, compared = answers.pop(inspection.output, None), None
    if chosen is not None and inspection.given.alternatives:
        tried = _asked(single[inspection.output], np.stack(list(inspection.given.alternatives.values())))
        compared = read_answers(single[inspection.output], tried, classes, folders=folders)
    return dataclasses.replace(
        inspection, answers=chosen, others=answers, made=made, compared=compared, notes=tuple(notes)
    )


def _asked(part, images):
    return np.float32(part.predict_on_batch(images))


def _outputs(inspection, part):
    """What a network of one output answers to all images, where possible from what has been read already."""
    read, images, end = inspection.channel_means, inspection.given.images, made_by(part, part.outputs[0])[0]
    name = next((each for each in read if node_at(inspection.model, each) is end), None)
    step = _step(inspection)
    parts = [_asked(part, images[start : start + step]) for start in range(0, len(images), step)] if not name else ()
    return read[name] if name else np.concatenate(parts)


def _with_heatmaps(inspection, part, tell):
    """Add Grad-CAM at the last convolution, or a note on why there is none."""
    tell("asking where the answer came from")
    gc.collect()  # copies of the network, from which channels were woken, hold one another in circles
    image, asked, words = inspection.given.images[:1], None, ["the highest answer"]
    if inspection.output in inspection.made:
        asked = np.arange(min(inspection.made[inspection.output].shape[-1], CHANNELS))
        words = [f"channel {number}" for number in asked] if asked.size > 1 else ["what comes out"]
    try:
        name, _ = find_layer(part)
        heatmaps = explanations.grad_cam(part, image.repeat(len(words), axis=0), name, asked, batch_size=1)
        note = "" if np.isfinite(heatmaps).all() else f"for this image {name} puts out numbers that are not finite."
    except CourseError as error:
        note = str(error)
    if note:
        return dataclasses.replace(inspection, notes=(*inspection.notes, f"There is no Grad-CAM: {note}"))
    return dataclasses.replace(inspection, heatmaps=dict(zip(words, heatmaps)), heatmap_layer=name)


def _filters(model):
    """The weights of the first convolution, and its name."""
    for name in layer_names(model):
        layer = node_at(model, name).operation
        if isinstance(layer, CONVOLUTIONS) and len(layer.get_weights()[0].shape) == 4:
            return {"filters": layer.get_weights()[0], "filters_layer": name}
    return {}
