"""What a file of a saved network is, what in it is refused, and how a ``.keras`` file is read."""

import json
import math
import random
import re
import zipfile

import h5py
import keras

from helpers._shared.errors import CourseError
from helpers._shared.keras_graph import weights_without_values

__all__ = [
    "Refused",
    "check_entries",
    "check_room",
    "file_kind",
    "find_registered",
    "read_archive",
    "short_reason",
    "unknown_class",
]

KINDS = {".keras": "keras", ".h5": "hdf5", ".hdf5": "hdf5"}
LAMBDA = ("Lambda", "__lambda__")  # Python code in the file itself, which a reader may choose to trust
CODE = ("TFSMLayer", "TorchModuleWrapper", "JaxLayer", "FlaxLayer")
OPERATIONS = ("TFOpLambda", "SlicingOpLambda", "TensorFlowOpLayer")
CONFIG, WEIGHTS = "config.json", "model.weights.h5"
MOST_PER_BYTE = 8  # weights; half precision has one in two bytes, and HDF5 may compress them
LARGEST_CONFIG = 64 * 2**20  # bytes; that of a network of a thousand layers has some two million


class Refused(Exception):
    """Why a file is refused: a clause, to which load_model adds the file's name."""


def file_kind(path):
    """Tell by suffix and content what a file is.

    Args:
        path: the file, a Path.

    Returns:
        "keras" (a zip archive) or "hdf5".

    Raises:
        FileNotFoundError: if there is no such file.
        CourseError: if it is a folder, empty, of another suffix, or not what its suffix says.
    """
    if not path.exists():
        raise FileNotFoundError(f"there is no file {path}: check the name, or save the model there first.")
    if (path / "saved_model.pb").is_file():
        raise CourseError(
            f"{path.name} is a folder in TensorFlow's SavedModel form, which Keras 3 does not load: load it with the "
            "Keras 2 that wrote it and save it as .keras."
        )
    if not path.is_file():
        what = "a folder" if path.is_dir() else "no ordinary file"
        raise CourseError(f"{path.name} is {what}: give the .keras or .h5 file itself.")
    if path.suffix not in KINDS:
        raise CourseError(
            f"load_model needs a file whose name ends in .keras or .h5, not {path.name}: save the whole model under "
            "such a name."
        )
    try:
        with path.open("rb") as file:
            start = file.read(4)
        content = "hdf5" if h5py.is_hdf5(path) else "keras" if zipfile.is_zipfile(path) else None
    except OSError as error:
        raise CourseError(
            f"{path.name} cannot be read ({error.strerror}): mend its permissions, or fetch or save it again."
        ) from None
    if content == KINDS[path.suffix]:
        return content
    if content:
        what, suffix = {"keras": ("a zip archive", ".keras"), "hdf5": ("an HDF5 file", ".h5")}[content]
        raise CourseError(f"{path.name} is {what} under the wrong suffix: rename it so that it ends in {suffix}.")
    what = "is neither a .keras archive nor an HDF5 file" if start else "is empty"
    if start == b"PK\x03\x04":
        what = "begins as a zip archive and lacks its end, so it is cut short"
    raise CourseError(f"{path.name} {what}: fetch or save it again.")


def read_archive(path, *, trust=False):
    """Read a ``.keras`` file through Keras' own loader, after a look at what it holds.

    Args:
        path: the file, a Path that file_kind calls "keras".
        trust: whether the code of Lambda layers may be run.

    Returns:
        The uncompiled keras.Model.

    Raises:
        Refused: if the archive is no saved network, is damaged, or holds code or an unknown class.
    """
    config, size = _archive_config(path)
    config.pop("compile_config", None)  # the optimizer and losses stay in the file
    check_entries(config, trust=trust)
    check_room(lambda: keras.saving.deserialize_keras_object(config, safe_mode=not trust), size)
    network = keras.models.load_model(path, compile=False, safe_mode=not trust)
    if not isinstance(network, keras.Model):
        raise Refused(f"it holds a {type(network).__name__} and no network; save the whole model")
    return network


def check_entries(config, *, trust=False):
    """Refuse a configuration with code, a class nobody knows, channels before rows, or another file's name.

    Args:
        config: any part of a configuration: dictionaries, lists and plain values.
        trust: whether the code of Lambda layers is allowed.

    Raises:
        Refused: with the class or layer by name.
    """
    if isinstance(config, list):
        for item in config:
            check_entries(item, trust=trust)
    elif isinstance(config, dict):
        _check_class(config, trust)
        if config.get("data_format") == "channels_first":
            raise Refused(
                f"layer '{config.get('name')}' puts the channels first, which TensorFlow cannot compute on a "
                "CPU; build the network with channels_last and copy its weights"
            )
        if isinstance(config.get("vocabulary"), str):
            raise Refused(f"it reads the file {config['vocabulary']} of this machine; build the network in Python")
        for value in config.values():
            check_entries(value, trust=trust)


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
    before = random.getstate()  # layers draw seeds when they are made
    weights = sum(math.prod(weight.shape) for weight in weights_without_values(build))
    random.setstate(before)
    if weights > MOST_PER_BYTE * size:
        raise Refused(
            f"its configuration asks for {weights:,} weights, which {size:,} bytes cannot hold; fetch or save it again"
        )


def find_registered(entry):
    """Find the class that a user has registered.

    Args:
        entry: a layer's entry in a saved configuration.

    Returns:
        The class, or None.
    """
    names = (entry.get("registered_name"), entry.get("class_name"))
    known = [keras.saving.get_registered_object(name) for name in names if name]
    return next((each for each in known if each is not None), None)


def unknown_class(kind):
    """Say what to do about a class that is not in Keras.

    Args:
        kind: the class's name.

    Returns:
        A clause of a sentence.
    """
    if kind in OPERATIONS:
        return (
            f"it holds '{kind}', an operation of TensorFlow between its layers, which Keras 3 does not load; "
            "save it again as .keras, or rebuild the network with a layer in its place"
        )
    return (
        f"it holds the class '{kind}', which is none of the layers of Keras {keras.__version__}; import the "
        "Python code that registers it with keras.saving.register_keras_serializable, or rebuild the network"
    )


def short_reason(error):
    """Put an error on one line.

    Args:
        error: the exception.

    Returns:
        Its class and its first sentence.
    """
    words = re.split(r"(?<=[.:!?])\s", " ".join(str(error).split()))[0].rstrip(".:!?")
    words = words if len(words) <= 160 else words[:157] + "..."
    return f"{type(error).__name__}: {words}" if words else type(error).__name__


def _archive_config(path):
    """Return an archive's configuration and how many bytes its weights have."""
    try:
        with zipfile.ZipFile(path) as archive:
            held = archive.namelist()
            if CONFIG not in held or WEIGHTS not in held:
                raise Refused(
                    f"it is a zip archive without {CONFIG} and {WEIGHTS}, so no network that Keras saved; "
                    "save the whole model"
                )
            if archive.getinfo(CONFIG).file_size > LARGEST_CONFIG:
                raise Refused(f"its {CONFIG} is larger than any network's; do not trust this file")
            damaged = archive.testzip()
            if damaged is not None:
                raise Refused(f"its part {damaged} is damaged; fetch or save it again")
            config, size = json.loads(archive.read(CONFIG)), archive.getinfo(WEIGHTS).file_size
    except (zipfile.BadZipFile, OSError, EOFError, ValueError, NotImplementedError, RuntimeError) as error:
        raise Refused(f"the archive is damaged ({short_reason(error)}); fetch or save it again") from None
    if not isinstance(config, dict) or not {"class_name", "config"} <= set(config):
        raise Refused(f"its {CONFIG} describes no network; save the whole model")
    return config, size


def _check_class(entry, trust):
    kind = entry.get("class_name")
    if trust and kind in LAMBDA:
        return
    if kind in LAMBDA or kind in CODE:
        choice = "is run only if you trust it (trust=True, --trust), and only from one of Keras 3"
        raise Refused(
            f"it holds a layer of class '{kind.strip('_')}', which is code, and code from a file "
            f"{choice if kind in LAMBDA else 'is never run'}; rebuild the network in Python without that layer"
        )
    if kind is None or "module" not in entry:  # no class, or one in the form of Keras 2: looked up by rebuild
        return
    module = entry["module"] or ""
    if module in ("keras", "builtins") or module.startswith("keras.") or find_registered(entry) is not None:
        return
    raise Refused(unknown_class(entry.get("config") if kind == "function" else kind))
