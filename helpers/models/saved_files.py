"""What a saved network's file holds: its configuration, who wrote it, and where its weights are.

HDF5 files are those of Keras 2 (up to 2.11 under ``.keras``, too), and what Keras 3 writes as .h5; archives are those
of Keras 2.12 and later.
"""

import io
import json
import re
import subprocess
import sys
import zipfile

import h5py

from helpers._shared.arguments import brief
from helpers.models.model_files import Refused, read_config, short_reason

__all__ = ["NAMED", "read_archive", "read_hdf5", "text_of"]

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


def read_hdf5(path):
    """Read what an HDF5 file holds, without a look at its weights.

    Args:
        path: the file, a Path.

    Returns:
        (the network's configuration, the version of Keras that wrote it, bytes of the file, function that opens what
        `legacy_weights.fill` reads: an h5py.File).

    Raises:
        Refused: if it holds no whole network, is damaged, or means something else than Keras 3 would compute.
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
        entry, wrote = read_config(config), text_of(file.attrs.get("keras_version", "2"))
        _check_meaning(entry, wrote, "keras_version" not in file.attrs, text_of(file.attrs.get("backend")))
    return entry, wrote, path.stat().st_size, lambda: h5py.File(path, "r")


def read_archive(path):
    """Read what an archive holds, without a look at its weights.

    Args:
        path: the file, a Path.

    Returns:
        (the network's configuration, the version of Keras that wrote it, bytes of the weights, function that opens
        what `legacy_weights.fill` reads: an h5py.File).

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
    config = read_config(text)
    config.pop("compile_config", None)  # the optimizer and losses stay in the file

    def weights():
        with zipfile.ZipFile(path) as archive:
            return h5py.File(io.BytesIO(archive.read(WEIGHTS)), "r")

    return config, str(about.get("keras_version", "3")), size, weights


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


def text_of(value):
    """Return what HDF5 holds as text.

    Args:
        value: bytes, or text already.

    Returns:
        The text.
    """
    return value.decode("utf-8") if isinstance(value, bytes) else value
