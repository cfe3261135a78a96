"""Weights of Keras 2.12 to 2.15 in a ``.keras`` archive, where each lies in a group for its layer.

The groups of a network's layers bear the names of their classes, numbered, in the order of the configuration. The
numbers depend on the version (2.13 counted a layer with weights twice), so only their order counts.
"""

import re

import h5py
import keras

from helpers.models.legacy_config import plain_name
from helpers.models.legacy_files import leaves, member
from helpers.models.model_files import Refused, short_reason

__all__ = ["fill_from_archive"]

CONTAINERS = ("layers", "_layer_checkpoint_dependencies")  # of a network's layers; up to 2.13 the second


def fill_from_archive(network, entry, file):
    """Copy the weights of all layers from the file.

    Args:
        network: the network that `legacy_config.rebuild` made.
        entry: the configuration that it was made from.
        file: the open h5py.File of the weights.

    Raises:
        Refused: if arrays are missing or do not fit.
    """
    filled = {}
    _fill(network, entry, file, filled)
    needed, found = len(network.weights), sum(filled.values())
    if needed != found:
        raise Refused(f"it needs {needed} arrays of weights, and the file holds {found}; fetch or save it again")


def _fill(layer, entry, group, filled):
    """Copy the weights of a layer, and of the layers that it holds; ``filled`` counts the arrays of each."""
    own = member(group, "vars", h5py.Group) if "vars" in group else {}
    arrays = {number: member(own, number, h5py.Dataset)[()] for number in own}
    filled[id(layer)] = len(arrays)
    try:
        if arrays:
            layer.load_own_variables(arrays)
    except ValueError as error:
        reason = short_reason(error)
        raise Refused(f"layer '{layer.name}' and its weights do not fit ({reason}); fetch or save it again") from None
    settings = entry.get("config") or {}
    for name in group:
        inner = getattr(layer, name, None)  # Keras 3 calls the parts of its layers as Keras 2 did
        if name in CONTAINERS and isinstance(layer, keras.Model):
            by_name = {each.name: each for each in layer.layers}
            pairs = [(by_name.get(plain_name(each["config"]["name"])), each) for each in settings["layers"]]
            _fill_all(pairs, member(group, name, h5py.Group), filled)
        elif isinstance(inner, list):
            pairs = [(each, {"class_name": type(each).__name__}) for each in inner]
            _fill_all(pairs, member(group, name, h5py.Group), filled)
        elif isinstance(inner, keras.Layer) and id(inner) not in filled:
            _fill(inner, settings.get(name) or {}, member(group, name, h5py.Group), filled)


def _fill_all(pairs, container, filled):
    """Copy the weights of layers that are listed in a container of the file, each once."""
    left = {}
    for layer, entry in pairs:
        if layer is None or all(id(leaf) in filled for leaf in leaves(layer)):
            continue
        kind = _snake_case(entry["class_name"])
        if kind not in left:
            left[kind] = iter(_groups(container, kind))
        name = next(left[kind], None)
        if name is None:
            raise Refused(f"it holds a layer '{layer.name}' without weights; fetch or save it again")
        _fill(layer, entry, member(container, name, h5py.Group), filled)


def _groups(container, kind):
    """List the groups of one class that hold arrays, in order."""
    names = [name for name in container if re.fullmatch(rf"{re.escape(kind)}(_\d+)?", name)]
    full = [name for name in names if member(container, name, h5py.Group).visititems(_is_array)]
    return sorted(full, key=lambda name: int(name[len(kind) + 1 :] or 0))


def _is_array(_, item):
    return isinstance(item, h5py.Dataset) or None  # None lets the visit go on


def _snake_case(name):
    """Return the name of a class as Keras writes it into an archive."""
    name = re.sub("(.)([A-Z][a-z0-9]+)", r"\1_\2", name)
    return re.sub("([a-z])([A-Z])", r"\1_\2", name).lower()
