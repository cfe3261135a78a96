"""Describe any Keras network of images so that a page can run it: its layers in call order, its weights as bytes."""

import json
from pathlib import Path

import keras
import numpy as np

from helpers._shared.arguments import CourseError, as_choice
from helpers._shared.keras_graph import calls_of, is_graph, node_of
from helpers.activations import layer_names
from helpers.models.legacy_config import hard_sigmoid

__all__ = ["ENGINE", "export_network"]

ENGINE = Path(__file__).with_name("engine")

# Types of layers that the page runs with their settings and weights as Keras names them, layers that do nothing when a
# network answers, calculations without a layer (x / 255) with the layer that does the same, and activations.
RUNS = json.loads((ENGINE / "what_it_runs.json").read_text(encoding="utf-8"))
LAYERS, IDLE, OPERATIONS, ACTIVATIONS = (RUNS[key] for key in ("layers", "idle", "operations", "activations"))
KEPT = ("settings", "weights")
PRECISIONS = {"whole": "<f4", "half": "<f2", "byte": "i1"}
STEPS = 47  # of a byte, up and down; it holds 127, but fewer pack better
HALF = 6e-5, 65504  # between these a largest value keeps three digits in half precision


def export_network(model, *, precision="half"):
    """Describe a network, and pack its weights.

    Args:
        model: a Sequential or Functional Keras model; nested ones, branches and shared layers are written out.
        precision: of the kernels' weights: "whole" in four bytes each; "half" in two, by which they change by some
            0.05 % at most; "byte" in one, by 1.1 % of a kernel's largest at most.

    Returns:
        (network, weights). ``network`` is a dict that JSON can hold: "nodes", a list of dicts in the order in which
        they run, and "outputs", the places in it of what the network answers. A node has "name" (a nested one as
        ``outer/inner``), "type" (Keras' class), "from" (places of what it takes), its settings as Keras names them,
        and "weights": for each a dict "at" (place of its first byte), "shape", "bytes" (4, 2 or 1 each) and "scale"
        (what a byte is multiplied with). ``weights`` is bytes, little-endian. Batch normalization, Normalization and
        Rescaling come as "scale" and "shift".

    Raises:
        CourseError: if there is a layer that the page cannot run; the sentence names it and where it is.
    """
    layer_names(model)  # says what is wrong with what is no graph of layers
    export = _Export(as_choice(precision, "precision", PRECISIONS))
    given = [export.add(tensor.name, "InputLayer", [], shape=list(tensor.shape[1:])) for tensor in model.inputs]
    outputs = export.walk(model, given, "")
    return {"nodes": export.nodes, "outputs": outputs}, b"".join(export.parts)


class _Export:
    """The nodes and weights gathered so far."""

    def __init__(self, precision):
        self.precision, self.nodes, self.parts, self.end, self.held = precision, [], [], 0, {}

    def walk(self, model, given, prefix):
        """Add all calls of a model to what it is given; return the places of its outputs."""
        places = dict(zip(map(id, model.inputs), given, strict=True))
        for node, number in _calls_in_order(model):
            operation = node.operation
            name = prefix + operation.name + (f"#{number}" if number > 1 else "")
            before = [places[id(tensor)] for tensor in node.input_tensors]
            if is_graph(operation):
                made = self.walk(operation, before[: len(operation.inputs)], f"{name}/")
            else:
                made = [self.add_call(name, operation, node, before)]
            places.update(zip(map(id, node.outputs), made, strict=True))
        return [places[id(tensor)] for tensor in model.outputs]

    def add_call(self, name, operation, node, before):
        """Add one call of a layer or an operation."""
        kind = type(operation).__name__
        known = kind in LAYERS and getattr(keras.layers, kind) is type(operation)
        if known:
            settings, weights = ({each: getattr(operation, each, None) for each in LAYERS[kind][what]} for what in KEPT)
            weights = _scale_and_shift(operation) if "scale" in weights else weights
            known = _is_usual(operation, node)
        elif kind in IDLE or kind.startswith("Random") and hasattr(keras.layers, kind):  # augmentation
            return self.add(name, kind, before, runs="Idle")
        elif kind in OPERATIONS and not isinstance(operation, keras.layers.Layer):
            return self.add(name, kind, self._with_constants(node, before), runs=OPERATIONS[kind])
        if not known:
            after = f"after {self.nodes[before[0]]['name']}" if before else "at its beginning"
            raise CourseError(
                f"the page cannot run layer {name} ({kind}, {after}): take a network without it, or one that ends "
                "before it."
            )
        if "activation" in settings:
            settings["activation"] = _activation_name(settings["activation"], name)
        return self.add(name, kind, before, weights, **settings)

    def add(self, name, kind, before, weights=(), **settings):
        """Add a node; return its place."""
        node = {"name": name, "type": kind, "from": before, **settings}
        held = {each: self._hold(value) for each, value in dict(weights).items() if value is not None}
        self.nodes.append(node | ({"weights": held} if held else {}))
        return len(self.nodes) - 1

    def _hold(self, weight):
        """Keep a weight's bytes, once; of vectors, and of what half precision cannot hold, four for each number."""
        if id(weight) in self.held:  # a shared layer's
            return self.held[id(weight)][1]
        values = np.asarray(keras.ops.convert_to_numpy(weight), "<f4")
        most = np.abs(values).max(initial=0)
        kind, scale = PRECISIONS[self.precision if values.ndim > 1 else "whole"], 1.0
        if kind == "i1" and most:
            scale = float(most) / STEPS
        elif kind != "<f4" and not HALF[0] <= most <= HALF[1]:
            kind = "<f4"
        data = (np.rint(values / scale) if kind == "i1" else values).astype(kind).tobytes()
        described = {"at": self.end, "shape": list(values.shape), "bytes": np.dtype(kind).itemsize, "scale": scale}
        self.held[id(weight)] = weight, described  # the weight too, so that its id stays its own
        self.parts.append(data)
        self.end += len(data)
        return described

    def _with_constants(self, node, before):
        """Places of both sides of a calculation; numbers in it become nodes of their own."""
        places, sides = iter(before), []
        for value in (*node.arguments.args, *node.arguments.kwargs.values()):
            constant = None if isinstance(value, keras.KerasTensor) else np.asarray(value, np.float32)
            sides.append(next(places) if constant is None else self.add("", "Constant", [], {"constant": constant}))
        return sides


def _calls_in_order(model):
    """List (call, which of its layer's calls it is) for all that a model consists of, each after what it takes."""
    inputs, calls = {id(tensor) for tensor in model.inputs}, []
    waiting = list(reversed(model.outputs))
    while waiting:
        node = node_of(waiting[-1])
        if id(waiting[-1]) in inputs or node in calls:
            waiting.pop()
            continue
        missing = [tensor for tensor in node.input_tensors if id(tensor) not in inputs and node_of(tensor) not in calls]
        waiting += reversed(missing)
        if not missing:
            calls.append(node)
    numbered = []
    for node in calls:
        own = [each for each in calls_of(node.operation) if each in calls]
        numbered.append((node, 1 + own.index(node)))
    return numbered


def _is_usual(layer, node):
    """Whether a layer of a known type is used as the page runs it: channels last, and nothing cropped or added."""
    special = "crop_to_aspect_ratio pad_to_aspect_ratio antialias rms_scaling".split()
    interpolation = getattr(layer, "interpolation", "nearest")
    if any(getattr(layer, each, False) for each in special) or interpolation not in ("nearest", "bilinear"):
        return False
    count = len(node.input_tensors[0].shape)
    axes = sorted(axis % count for axis in np.ravel([] if getattr(layer, "axis", None) is None else layer.axis))
    along = isinstance(layer, (keras.layers.Concatenate, keras.layers.Softmax)) and len(axes) == 1
    last = axes == list(range(count - len(axes), count))
    many = isinstance(layer, keras.layers.LayerNormalization) or len(axes) < 2
    return getattr(layer, "data_format", "") != "channels_first" and (along or last and many)


def _activation_name(activation, layer):
    if activation is hard_sigmoid:
        return "hard_sigmoid_of_keras_2"
    name = keras.activations.serialize(activation)
    name = name if isinstance(name, str) else getattr(activation, "__name__", type(activation).__name__)
    if name not in ACTIVATIONS or getattr(keras.activations, name) is not activation:
        raise CourseError(
            f"the page does not know the activation {name} of layer {layer}: put one that Keras names in its place."
        )
    return name


def _scale_and_shift(layer):
    """What a layer that only scales and shifts does: value * scale + shift."""
    if isinstance(layer, keras.layers.Rescaling):
        scale, shift = layer.scale, layer.offset
    elif isinstance(layer, keras.layers.Normalization):
        mean, deviation = _numbers(layer.mean), np.maximum(_numbers(layer.variance) ** 0.5, keras.backend.epsilon())
        scale, shift = (deviation, mean) if layer.invert else (1 / deviation, -mean / deviation)
    else:
        scale = _numbers(layer.gamma, 1.0) / np.sqrt(_numbers(layer.moving_variance) + layer.epsilon)
        shift = _numbers(layer.beta, 0.0) - _numbers(layer.moving_mean) * scale
    return {"scale": np.atleast_1d(scale), "shift": np.atleast_1d(shift)}


def _numbers(weight, default=None):
    return default if weight is None else np.asarray(keras.ops.convert_to_numpy(weight), float).ravel()
