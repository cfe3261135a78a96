"""Networks in ``.keras`` archives, and the weights of those that Keras 2.12 to 2.15 wrote.

There each layer's weights lie in a group of their own. The groups bear the names of their classes, numbered, in the
order of the configuration. The numbers depend on the version (2.13 counted a layer with weights twice), so only their
order counts.
"""

import io
import json
import re
import zipfile

import h5py
import keras

from helpers.models.hdf5_files import check_links
from helpers.models.legacy_config import plain_name
from helpers.models.legacy_files import leaves
from helpers.models.model_files import TORCH, Refused, read_config, short_reason

__all__ = ["read_archive"]

CONFIG, WEIGHTS, METADATA = "config.json", "model.weights.h5", "metadata.json"
CONTAINERS = ("layers", "_layer_checkpoint_dependencies")  # of a network's layers; up to 2.13 the second


def read_archive(path):
    """Read what an archive holds, without a look at its weights.

    Args:
        path: the file, a Path.

    Returns:
        (the network's configuration, the version of Keras that wrote it, bytes of the weights, function that copies
        those of Keras 2 into the network that `legacy_config.rebuild` made).

    Raises:
        Refused: if it holds no whole network or is damaged.
    """
    try:
        with zipfile.ZipFile(path) as archive:
            held = archive.namelist()
            if any(name.endswith("data.pkl") for name in held):
                raise Refused(TORCH)
            inner = [name for name in held if name.endswith((".keras", ".h5")) and name != WEIGHTS]
            if inner:
                raise Refused(f"it is a zip archive around {inner[0]}; unpack it and give that file")
            if CONFIG not in held or WEIGHTS not in held:
                raise Refused(f"a zip archive without {CONFIG} and {WEIGHTS} is no network; save the whole model")
            if archive.getinfo(CONFIG).file_size > 64 * 2**20:  # that of a thousand layers has some two million bytes
                raise Refused(f"its {CONFIG} is larger than any network's; do not trust this file")
            damaged = archive.testzip()
            if damaged is not None:
                raise Refused(f"its part {damaged} is damaged; fetch or save it again")
            text, size = archive.read(CONFIG), archive.getinfo(WEIGHTS).file_size
            about = json.loads(archive.read(METADATA)) if METADATA in held else {}
    except (zipfile.BadZipFile, OSError, EOFError, ValueError, NotImplementedError, RuntimeError) as error:
        raise Refused(f"the archive is damaged ({short_reason(error)}); fetch or save it again") from None
    config = read_config(text)
    config.pop("compile_config", None)  # the optimizer and losses stay in the file

    def fill(network):
        with zipfile.ZipFile(path) as archive, h5py.File(io.BytesIO(archive.read(WEIGHTS)), "r") as file:
            check_links(file)
            filled = {}
            _fill(network, config, file, filled)
        needed, found = len(network.weights), sum(filled.values())
        if needed != found:
            raise Refused(f"it needs {needed} arrays of weights, and the file holds {found}; fetch or save it again")

    return config, str(about.get("keras_version", "3")), size, fill


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
        if layer is None or all(leaf in filled for leaf in leaves(layer)):
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
    for leaf in leaves(layer):
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
