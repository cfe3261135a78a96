"""What a saved network's file holds (configuration, who wrote it, where its weights are), and what is refused, and why.

HDF5 files are those of Keras 2 (up to 2.11 under ``.keras``, too), and what Keras 3 writes as .h5; archives are those
of Keras 2.12 and later.
"""

import io
import json
import math
import re
import subprocess
import sys
import zipfile

import h5py
import keras

from helpers._shared.arguments import brief, short_reason
from helpers._shared.keras_graph import weight_shapes
from helpers._shared.quiet_keras import own_random_numbers

__all__ = ["NAMED", "Refused", "check_room", "find_registered", "missing", "read_archive", "read_hdf5", "text_of"]

CONFIG, WEIGHTS, METADATA = "config.json", "model.weights.h5", "metadata.json"
NAMED = "model_weights"  # group of an HDF5 file whose layers are called by their names
TORCH = "it is a file of PyTorch, and we read networks that Keras saved; build it in Keras and copy its weights"
KERAS_1 = re.compile('"(border_mode|dim_ordering|init|nb_filter)":')  # settings that Keras 2 calls otherwise
LIMIT = 30  # seconds for all names of an HDF5 file; a network of hundreds of layers takes a fraction of one
WALK = """
import sys, h5py
with h5py.File(sys.argv[1], "r") as file:
    dict(file.attrs)
    file.visititems(lambda name, part: dict(part.attrs) and None)
"""
LAMBDA = ("Lambda", "__lambda__")  # Python code in the file itself, which a reader may choose to trust
CODE = ("TFSMLayer", "TorchModuleWrapper", "JaxLayer", "FlaxLayer")
FUNCTIONS = "activations constraints initializers losses metrics ops regularizers".split()  # they only compute


class Refused(Exception):
    """Why a file is refused: a clause, to which load_model adds the file's name."""


def read_hdf5(path, trust):
    """Read what an HDF5 file holds, without a look at its weights.

    Args:
        path: the file, a Path.
        trust: whether the code of Lambda layers is allowed.

    Returns:
        (the network's configuration, whether Keras 2 wrote it, bytes of the file, function that opens what
        `legacy_weights.fill` reads: an h5py.File).

    Raises:
        Refused: if it holds no whole network, is damaged, holds code or a class or function nobody knows, or means
            something else than Keras 3 would compute.
    """
    _check_whole(path)
    try:
        file = h5py.File(path, "r")
    except OSError:
        raise Refused("it is cut short or damaged; fetch or save it again") from None
    with file:
        config = file.attrs.get("model_config")
        if config is None:
            raise Refused(_what_else(file))
        if NAMED not in file:
            raise Refused("it holds a network's configuration and no weights; save the whole model")
        entry, wrote = _read_config(config), text_of(file.attrs.get("keras_version", "2"))
        _check_meaning(entry, wrote, "keras_version" not in file.attrs, text_of(file.attrs.get("backend")))
    old = wrote.split(".")[0] == "2"
    _check_entries(entry, trust, old)
    return entry, old, path.stat().st_size, lambda: h5py.File(path, "r")


def read_archive(path, trust):
    """Read what an archive holds, without a look at its weights.

    Args:
        path: the file, a Path.
        trust: whether the code of Lambda layers is allowed.

    Returns:
        (the network's configuration, whether Keras 2 wrote it, bytes of the weights, function that opens
        what `legacy_weights.fill` reads: an h5py.File).

    Raises:
        Refused: if it holds no whole network, is damaged, or holds code or a class or function nobody knows.
    """
    try:
        with zipfile.ZipFile(path) as archive:
            held = archive.namelist()
            if any(name.endswith("data.pkl") for name in held):
                raise Refused(TORCH)
            inner = [name for name in held if name.endswith((".keras", ".h5")) and name != WEIGHTS]
            if inner:
                raise Refused(f"it is a zip archive around {brief(inner[0])}; unpack it and give that file")
            if CONFIG not in held or WEIGHTS not in held:
                said = "save the whole model, or read an .npz of the course by models.pretrained"
                raise Refused(f"a zip archive without {CONFIG} and {WEIGHTS} is no network; {said}")
            if archive.getinfo(CONFIG).file_size > 64 * 2**20:  # that of a thousand layers has some two million bytes
                raise Refused(f"its {CONFIG} is larger than any network's; do not trust this file")
            damaged = archive.testzip()
            if damaged is not None:
                raise Refused(f"its part {brief(damaged)} is damaged; fetch or save it again")
            text, size = archive.read(CONFIG), archive.getinfo(WEIGHTS).file_size
            about = json.loads(archive.read(METADATA)) if METADATA in held else {}
    except (zipfile.BadZipFile, OSError, EOFError, ValueError, NotImplementedError, RuntimeError) as error:
        raise Refused(f"the archive is damaged ({short_reason(error)}); fetch or save it again") from None
    config, old = _read_config(text), str(about.get("keras_version", "3")).split(".")[0] == "2"
    config.pop("compile_config", None)  # the optimizer and losses stay in the file
    _check_entries(config, trust, old)

    def weights():
        with zipfile.ZipFile(path) as archive:
            return h5py.File(io.BytesIO(archive.read(WEIGHTS)), "r")

    return config, old, size, weights


def check_room(build, size):
    """Refuse a network that asks for more weights than its file can hold, before it takes the memory.

    A few changed digits in a configuration are enough to ask for hundreds of gigabytes. The network is built once
    without values for its weights, and they are counted.

    Args:
        build: function that builds the network from its configuration, and may load its weights; what it raises is
            left to the real building.
        size: bytes of the file's weights.

    Raises:
        Refused: with both numbers.
    """
    with own_random_numbers():  # layers draw seeds when they are made
        weights = sum(map(math.prod, weight_shapes(build)))
    if weights > 8 * size:  # half precision has one in two bytes, and HDF5 may compress them
        raise Refused(
            f"its configuration asks for {weights:,} weights, which {size:,} bytes cannot hold; fetch or save it again"
        )


def find_registered(entry):
    """Find the class or function that a user has registered or given.

    Args:
        entry: the entry of a layer or function in a saved configuration.

    Returns:
        The class or function, or None.
    """
    kind = entry.get("class_name")
    names = (entry.get("registered_name"), entry.get("config") if kind == "function" else kind)
    known = [keras.saving.get_registered_object(name) for name in names if isinstance(name, str)]
    return next((each for each in known if each is not None), None)


def missing(name, where, what="class"):
    """Say what to do about a class or function that is not in Keras.

    Args:
        name: its name.
        where: the name of the layer that needs it, or None.
        what: "class" or "function".

    Returns:
        A clause of a sentence.
    """
    own, needs = str(name).split(">")[-1], f"layer '{where}' needs" if where else "it needs"
    words = f"module:{own}" if own == name else f"'{name}=module:{own}'"
    return (
        f"{needs} the {what} '{name}', which is none of Keras {keras.__version__}; import it and say "
        f"load_model(file, custom_objects={{{name!r}: {own}}}), or inspect --custom {words}"
    )


def text_of(value):
    """Return what HDF5 holds as text.

    Args:
        value: bytes, or text already.

    Returns:
        The text.
    """
    return value.decode("utf-8") if isinstance(value, bytes) else value


def _check_whole(path):
    """Let a process of its own read all names and attributes of an HDF5 file, so that only that one is lost.

    The HDF5 library does not survive every damaged file (HDFGroup/hdf5, issue 1707; so up to 2.0). An error that it
    does report is left to the reader, who meets it again and says it better.
    """
    try:
        done = subprocess.run([sys.executable, "-P", "-c", WALK, str(path)], timeout=LIMIT, capture_output=True)
    except subprocess.TimeoutExpired:
        raise Refused("it is damaged, and HDF5 does not come to its end; fetch or save it again") from None
    if done.returncode < 0 or done.returncode > 2:  # killed by a signal; Windows has large numbers for it
        raise Refused("it is damaged, and HDF5 breaks down on it; fetch or save it again")


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


def _read_config(text):
    """Read the configuration of a network from JSON, as text or bytes: {"class_name": ..., "config": ...}."""
    try:
        config = json.loads(text)
    except ValueError as error:
        raise Refused(f"its configuration is damaged ({short_reason(error)}); fetch or save it again") from None
    if not isinstance(config, dict) or not {"class_name", "config"} <= set(config):
        raise Refused("its configuration describes no network; save the whole model")
    return config


def _check_entries(config, trust, old, where=None):
    """Refuse a configuration with code, a class or function nobody knows, or another file's name.

    It may be any part of one: dictionaries, lists and plain values; `where` names the layer that this is a part of. Of
    what Keras 2 wrote `legacy_config.rebuild` looks up what it names, and runs no code.
    """
    if isinstance(config, dict):
        settings = config.get("config")
        where = settings.get("name", where) if isinstance(settings, dict) else where
        _check_class(config, trust, old, where)
        if isinstance(config.get("vocabulary"), str):
            raise Refused(f"it reads the file {config['vocabulary']} of this machine; build the network in Python")
        config = list(config.values())
    if isinstance(config, list):
        for item in config:
            _check_entries(item, trust, old, where)


def _check_class(entry, trust, old, where):
    kind, module = entry.get("class_name"), entry.get("module") or ""
    settings = entry.get("config")
    function = settings.get("function") if isinstance(settings, dict) else None
    named = kind == "Lambda" and isinstance(function, dict) and function.get("class_name") == "function"
    if kind in CODE or kind in LAMBDA and not (old or trust or named):
        choice = "is run only if you trust it (trust=True, --trust)" if kind in LAMBDA else "is never run"
        raise Refused(
            f"it holds a layer of class '{kind.strip('_')}', which is code, and code from a file {choice}; "
            "rebuild the network in Python without that layer"
        )
    if old or kind in LAMBDA or "module" not in entry or find_registered(entry) is not None:
        return
    root, _, part = module.partition(".")
    if kind == "function":
        places = [getattr(keras, name) for name in FUNCTIONS]
        own = root == "builtins" and any(hasattr(place, str(settings)) for place in places)
        if not own and not (root == "keras" and part.split(".")[0] in FUNCTIONS):
            raise Refused(missing(settings, where, "function"))
    elif root not in ("keras", "builtins"):
        raise Refused(missing(entry.get("registered_name") or kind, where))
