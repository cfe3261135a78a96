"""The weights of a file that Keras 2 wrote, copied into the network that `legacy_config.rebuild` made.

In an HDF5 file the layers are called by their names. In an archive the groups bear the names of the layers' classes,
numbered, in the order of the configuration. The numbers depend on the version (2.13 counted a layer with weights
twice), so only their order counts.
"""

import re

import h5py
import keras

from helpers._shared.arguments import short_reason
from helpers.models.legacy_config import plain_name
from helpers.models.saved_files import NAMED, Refused, text_of

__all__ = ["fill"]

CONTAINERS = ("layers", "_layer_checkpoint_dependencies")  # of a network's layers; up to 2.13 the second


def fill(network, entry, file):
    """Copy the weights of all layers from a file.

    Args:
        network: the keras.Model.
        entry: the configuration that it was made from.
        file: the open h5py.File.

    Raises:
        Refused: if weights and layers do not fit each other.
    """
    _check_links(file)
    if NAMED in file:
        _fill_named(network, file[NAMED])
        return
    filled = {}  # how many arrays each layer has got
    _fill(network, entry, file, filled)
    needed, found = len(network.weights), sum(filled.values())
    if needed != found:
        raise Refused(f"it needs {needed} arrays of weights, and the file holds {found}; fetch or save it again")


def _check_links(file):
    """Refuse what leads out of a file: such a part would be read from another file of this machine."""

    def leads_out(name, link):  # HDF5 does not bear an error from in here: a name ends the visit
        part = file[name] if isinstance(link, h5py.HardLink) else None
        outside = part is None or isinstance(part, h5py.Dataset) and (part.external or part.is_virtual)
        return name if outside else None

    name = file.visititems_links(leads_out)
    if name is not None:
        raise Refused(f"its part {name} leads out of the file; fetch or save it again")


def _names(group, attribute):
    """Return a list of names; Keras spread long ones over numbered attributes (HDF5 allows 64 kB each)."""
    keys = [attribute, *(f"{attribute}{number}" for number in range(len(group.attrs)))]
    return [text_of(name) for key in keys for name in group.attrs.get(key, ())]


def _fill_named(network, group):
    """Copy the weights of all layers from the file."""
    saved = {}
    for name in _names(group, "layer_names"):
        stored = [(own, group[name][own]) for own in _names(group[name], "weight_names")]
        saved |= {name.replace("/", "_"): stored} if stored else {}
    layers = {layer.name: layer for layer in network.layers if layer.weights}
    if set(saved) != set(layers) and isinstance(network, keras.Sequential) and len(saved) == len(layers):
        saved = dict(zip(layers, saved.values(), strict=True))  # Keras 2.1 gave a nested stack no name
    for name in sorted(set(saved) ^ set(layers)):
        has, lacks = ("weights", "layer") if name in saved else ("a layer", "weights")
        raise Refused(f"it holds {has} '{name}' without {lacks} of that name; fetch or save it again")
    for name, layer in layers.items():
        _fill_layer(layer, saved[name])


def _fill_layer(layer, stored):
    for leaf, own in _share_out(layer, stored):
        weights = leaf.trainable_weights + leaf.non_trainable_weights  # the order in which Keras 2 wrote them
        needed, held = [tuple(weight.shape) for weight in weights], [array.shape for _, array in own]
        if needed != held:
            raise Refused(
                f"layer '{leaf.name}' needs weights of shapes {needed}, and the file holds {held}; "
                "fetch or save it again"
            )
        for weight, (_, array) in zip(weights, own):
            weight.assign(array[()])
        if isinstance(leaf, keras.layers.Normalization):
            leaf.finalize_state()  # it computes with copies of its weights, made here


def _share_out(layer, stored):
    """Return a list of (layer, its stored weights): for a nested network one for each of its layers.

    A nested network's weights lie in one list: all that were trained, then the others. Their names say whose
    they are. Where they do not (two layers of one name), the order counts, as for Keras itself.
    """
    if not isinstance(layer, keras.Model):
        return [(layer, stored)]
    parts = _leaves(layer)
    by_name = {leaf.name: [] for leaf in parts}
    for name, dataset in stored:
        owner = next((part for part in reversed(name.split("/")[:-1]) if part in by_name), None)
        by_name.get(owner, []).append((name, dataset))
    if len(by_name) == len(parts) and all(len(by_name[leaf.name]) == len(leaf.weights) for leaf in parts):
        return [(leaf, by_name[leaf.name]) for leaf in parts]
    return [(layer, stored)]


def _leaves(layer):
    """List the layers with weights of a network and of the networks in it, or a layer itself, in order."""
    if not isinstance(layer, keras.Model):
        return [layer] if layer.weights else []
    return [leaf for inner in layer.layers for leaf in _leaves(inner)]


def _fill(layer, entry, group, filled):
    """Copy the weights of a layer, and of the layers that it holds; ``filled`` counts the arrays of each layer."""
    arrays = {number: array[()] for number, array in group["vars"].items()} if "vars" in group else {}
    filled[layer] = len(arrays)
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
            _fill_all(pairs, group[name], filled)
        elif isinstance(inner, list):
            pairs = [(each, {"class_name": type(each).__name__}) for each in inner]
            _fill_all(pairs, group[name], filled)
        elif isinstance(inner, keras.Layer) and inner not in filled:
            _fill(inner, settings.get(name) or {}, group[name], filled)


def _fill_all(pairs, container, filled):
    """Copy the weights of layers that are listed in a container of the file, each once."""
    left = {}
    for layer, entry in pairs:
        if layer is None or all(leaf in filled for leaf in _leaves(layer)):
            continue
        if "shared_object_id" in entry:  # so bears what an earlier nested network holds, too: it was saved there
            _fill_like_its_twin(layer, filled)
            continue
        kind = _snake_case(entry["class_name"])
        if kind not in left:
            left[kind] = _groups(container, kind)
        if not left[kind]:
            raise Refused(f"it holds a layer '{layer.name}' without weights; fetch or save it again")
        _fill(layer, entry, container[left[kind].pop(0)], filled)


def _fill_like_its_twin(layer, filled):
    for leaf in _leaves(layer):
        shapes = [weight.shape for weight in leaf.weights]
        twins = [each for each in filled if each.name == leaf.name and [own.shape for own in each.weights] == shapes]
        if not twins:
            raise Refused(f"it holds a layer '{leaf.name}' without weights; fetch or save it again")
        leaf.set_weights(twins[0].get_weights())
        filled[leaf] = len(shapes)


def _groups(container, kind):
    """List the groups of one class that hold arrays, in order."""

    def is_array(_, item):
        return isinstance(item, h5py.Dataset) or None  # None lets the visit go on

    names = [name for name in container if re.fullmatch(rf"{re.escape(kind)}(_\d+)?", name)]
    full = [name for name in names if container[name].visititems(is_array)]
    return sorted(full, key=lambda name: int(name[len(kind) + 1 :] or 0))


def _snake_case(name):
    """Return the name of a class as Keras writes it into an archive."""
    name = re.sub("(.)([A-Z][a-z0-9]+)", r"\1_\2", name)
    return re.sub("([a-z])([A-Z])", r"\1_\2", name).lower()
