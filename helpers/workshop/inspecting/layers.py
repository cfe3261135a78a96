"""One row a layer: what it is, how sparse it is, and which of its channels stay silent."""

import math
import time
import warnings
from collections.abc import Mapping

import keras
import numpy as np
import pandas as pd

from helpers._shared.keras_graph import node_of
from helpers.activations import activation_model, read_activations
from helpers.explanations import wake_channels
from helpers.explanations.network_copies import node_at
from helpers.models.activation_names import activation_name
from helpers.pictures import finite_range, silent_channels

__all__ = ["Shown", "as_grid", "layer_table", "sort_silent"]

# What hands zeros on as zeros, so that silence means after it what it meant before.
HANDING_ON = """AveragePooling2D Concatenate Cropping2D Dropout Flatten GlobalAveragePooling2D GlobalMaxPooling2D
MaxPooling2D Maximum Reshape SpatialDropout2D UpSampling2D ZeroPadding2D""".split()
STARTS = 16  # images from which silent channels are woken
GROUP = 120_000_000  # bytes of activations that are kept at once


class Shown(Mapping):
    """The activations of one image, a mapping from layer name to array ``(1, ...)``.

    Those of a large network would fill the memory, so the layers are read in groups, when one of a group is asked for,
    and only the last group stays.

    Attributes:
        bytes: of all layers together.
    """

    def __init__(self, model, image, layers=None):
        self.model, self.image = model, image
        reader = activation_model(model, layers)
        made = reader.compute_output_spec(keras.KerasTensor(image.shape))
        sizes = {name: 4 * math.prod(each.shape) for name, each in made.items()}
        self.bytes, self.groups, self.kept = sum(sizes.values()), {}, {}
        group, room = [], GROUP
        for name, size in sizes.items():
            if group and size > room:
                group, room = [], GROUP
            group.append(name)
            self.groups[name], room = group, room - size

    def __getitem__(self, name):
        if name not in self.kept:
            group, self.kept = self.groups[name], {}
            with warnings.catch_warnings():  # said once, for all images, with the range that was chosen
                warnings.filterwarnings("ignore", "The highest value")
                self.kept = read_activations(self.model, self.image, group)
        return self.kept[name]

    def __iter__(self):
        return iter(self.groups)

    def __len__(self):
        return len(self.groups)


def as_grid(activation):
    """Bring the activation of one image to maps that can be laid side by side.

    Args:
        activation: ``(1, height, width, channels)``, ``(1, units)`` or ``(1, steps, channels)``.

    Returns:
        ``(height, width, channels)``, units as ``(units,)``, steps as ``(steps, 1, channels)``; None for any other
        number of axes, or where there is nothing.
    """
    values = np.asarray(activation)[0]
    if values.ndim not in (1, 2, 3) or not values.size or values.dtype.kind not in "biuf":
        return None
    return values[:, np.newaxis] if values.ndim == 2 else values


def layer_table(model, activations, zeros=None):
    """Describe each layer in a row.

    Args:
        model: the Keras model.
        activations: dict from layer name to the activation of one image, ``(1, ...)``.
        zeros: dict from layer name to the share of zeros of each channel ``(images, channels)``, over all the
            images; None where there is one image.

    Returns:
        A DataFrame, one row a layer in the order of ``activations``, indexed by "layer": "kind" (class),
        "output" (shape without the batch), "channels", "parameters", "after ReLU" (whether a zero means that
        nothing was found), "zeros" (share, 0..1), "silent" (count), "lowest", "highest", "not finite" (count),
        all of the one image; with zeros also "zeros in all" (share) and "silent in all" (count).
    """
    counted, rows = set(), []
    for name, activation in activations.items():
        layer = node_at(model, name).operation
        row = {"layer": name, "kind": type(layer).__name__, **_row(node_at(model, name), np.asarray(activation)[0])}
        row["parameters"] = layer.count_params() if isinstance(layer, keras.Layer) and layer not in counted else 0
        if zeros is not None:
            row["zeros in all"] = float(zeros[name].mean())
            row["silent in all"] = int((zeros[name] == 1).all(axis=0).sum())
        counted.add(layer)
        rows.append(row)
    return pd.DataFrame(rows).set_index("layer")


def sort_silent(model, images, zeros, *, seconds=20.0, batch_size=8, progress=None):
    """Sort the channels that are silent for all images: dead, not asked, or not tried for lack of time.

    Args:
        model: a Keras model of one input.
        images: array ``(images, ...)`` as the network takes it.
        zeros: as for `layer_table`.
        seconds: for all layers together, the first of the network first.
        batch_size: images in one step.
        progress: function that is called with each layer's name.

    Returns:
        A dict from the name of each layer with a ReLU of its own and silent channels to a dict of integer
        arrays "dead", "not asked", "not tried".
    """
    end, states = time.monotonic() + seconds, {}
    for name, shares in zeros.items():
        silent = np.flatnonzero((shares == 1).all(axis=0))
        repeated = "#" in name or "[" in name or f"{name}#2" in zeros
        if not silent.size or repeated or not _is_rectified(node_at(model, name).operation):
            continue
        awake = tried = np.zeros(silent.size, bool)
        left = end - time.monotonic()
        if left > 0:
            if progress is not None:
                progress(name)
            starts = images[:STARTS]
            awake, tried = wake_channels(model, name, silent, starts, seconds=left, batch_size=batch_size)
        states[name] = {"dead": silent[tried & ~awake], "not asked": silent[awake], "not tried": silent[~tried]}
    return states


def _row(node, values):
    """What one image's activation says of a layer."""
    there = values.size > 0
    lowest, highest = finite_range(values) if there else (np.nan, np.nan)
    return {
        "output": values.shape,
        "channels": values.shape[-1] if values.ndim else 1,
        "parameters": 0,
        "after ReLU": _rests_at_zero(node),
        "zeros": float(np.mean(values == 0)) if there else np.nan,
        "silent": len(silent_channels(values[np.newaxis])) if there else 0,
        "lowest": lowest,
        "highest": highest,
        "not finite": int(np.count_nonzero(~np.isfinite(values))),
    }


def _is_rectified(layer):
    """Whether a layer ends in a ReLU, its own or as a layer without a slope below zero."""
    return activation_name(layer) in ("relu", "relu6", "relu_limited")


def _rests_at_zero(node, depth=0):
    """Whether a zero of a layer means that nothing was found: after a ReLU, and what hands its zeros on."""
    if _is_rectified(node.operation):
        return True
    if type(node.operation).__name__ not in HANDING_ON or depth > 40:
        return False
    return all(_rests_at_zero(node_of(tensor), depth + 1) for tensor in node.input_tensors)
