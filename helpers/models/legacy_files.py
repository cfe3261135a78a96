"""Networks in HDF5 files: what Keras 2 wrote (and up to 2.11 under ``.keras``, too), and what Keras 3 writes as .h5."""

import json
import re

import h5py
import keras

from helpers.models.hdf5_files import check_links, check_whole
from helpers.models.model_files import Refused, read_config

__all__ = ["leaves", "read_hdf5"]

GROUP = "model_weights"
KERAS_1 = re.compile('"(border_mode|dim_ordering|init|nb_filter)":')  # settings that Keras 2 calls otherwise


def read_hdf5(path):
    """Read what an HDF5 file holds, without a look at its weights.

    Args:
        path: the file, a Path.

    Returns:
        (the network's configuration, the version of Keras that wrote it, bytes of the file, function that copies the
        weights of Keras 2 into the network that `legacy_config.rebuild` made).

    Raises:
        Refused: if it holds no whole network, is damaged, or means something else than Keras 3 would compute.
    """
    check_whole(path)
    try:
        file = h5py.File(path, "r")
    except OSError:
        raise Refused("it is cut short or damaged; fetch or save it again") from None
    with file:
        check_links(file)
        config = file.attrs.get("model_config")
        if config is None:
            raise Refused(_what_else(file))
        if GROUP not in file:
            raise Refused("it holds a network's configuration and no weights; save the whole model")
        entry, wrote = read_config(config), _text(file.attrs.get("keras_version", "2"))
        _check_meaning(entry, wrote, "keras_version" not in file.attrs, _text(file.attrs.get("backend")))

    def fill(network):
        with h5py.File(path, "r") as file:
            _fill_network(network, file[GROUP])

    return entry, wrote, path.stat().st_size, fill


def _check_meaning(entry, wrote, unsaid, backend):
    """Refuse what an old Keras computed in another way than Keras 3, so that the answers would differ."""
    words = json.dumps(entry)
    if wrote.startswith(("0", "1")) or unsaid and KERAS_1.search(words):
        raise Refused(f"Keras {'1' if unsaid else wrote} wrote it; load it with Keras 2 and save it again")
    if backend == "theano":
        raise Refused(
            "it was saved under Theano, which turns every filter by 180 degrees; load it with Keras 2 under "
            "TensorFlow and save it again"
        )
    without_tensorflow_2 = wrote.startswith(("2.2.", "2.3.")) and not wrote.endswith("-tf")
    if without_tensorflow_2 and '"interpolation": "bilinear"' in words:
        raise Refused(
            f"it enlarges its maps bilinearly, which Keras {wrote} did half a point beside where Keras 3 "
            "does it; train it anew, or enlarge by repeating points"
        )


def _what_else(file):
    """Say what an HDF5 file without a configuration is."""
    if {"layers", "_layer_checkpoint_dependencies", "layer_names", "layer_names0"} & {*file, *file.attrs}:
        return "it holds weights only and no network; build the network in Python and use its load_weights"
    return "it is an HDF5 file and holds no network that Keras saved; save the whole model"


def _text(value):
    return value.decode("utf-8") if isinstance(value, bytes) else value


def _names(group, attribute):
    """Return a list of names; Keras spread long ones over numbered attributes (HDF5 allows 64 kB each)."""
    keys = [attribute, *(f"{attribute}{number}" for number in range(len(group.attrs)))]
    return [_text(name) for key in keys for name in group.attrs.get(key, ())]


def _fill_network(network, group):
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
        if len(weights) != len(own):
            raise Refused(
                f"layer '{leaf.name}' has {len(weights)} arrays of weights, and the file "
                f"holds {len(own)}; fetch or save it again"
            )
        for weight, (name, dataset) in zip(weights, own, strict=True):
            if tuple(weight.shape) != dataset.shape:
                raise Refused(
                    f"layer '{leaf.name}' needs weights of shape {tuple(weight.shape)} where the file "
                    f"holds {name} of shape {dataset.shape}; fetch or save it again"
                )
            weight.assign(dataset[()])
        if isinstance(leaf, keras.layers.Normalization):
            leaf.finalize_state()  # it computes with copies of its weights, made here


def _share_out(layer, stored):
    """Return a list of (layer, its stored weights): for a nested network one for each of its layers.

    A nested network's weights lie in one list: all that were trained, then the others. Their names say whose
    they are. Where they do not (two layers of one name), the order counts, as for Keras itself.
    """
    if not isinstance(layer, keras.Model):
        return [(layer, stored)]
    parts = leaves(layer)
    by_name = {leaf.name: [] for leaf in parts}
    for name, dataset in stored:
        owner = next((part for part in reversed(name.split("/")[:-1]) if part in by_name), None)
        by_name.get(owner, []).append((name, dataset))
    if len(by_name) == len(parts) and all(len(by_name[leaf.name]) == len(leaf.weights) for leaf in parts):
        return [(leaf, by_name[leaf.name]) for leaf in parts]
    return [(layer, stored)]


def leaves(layer):
    """List the layers with weights of a network and of the networks in it.

    Args:
        layer: a layer or network.

    Returns:
        A list of layers, in order; of a layer that is no network itself, if it has weights.
    """
    if not isinstance(layer, keras.Model):
        return [layer] if layer.weights else []
    return [leaf for inner in layer.layers for leaf in leaves(inner)]
