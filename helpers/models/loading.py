"""Load a network that somebody saved to a file, in today's form or in that of Keras 2."""

import copy
import shutil
import sys
import tempfile
import zipfile
from contextlib import nullcontext
from pathlib import Path

import h5py
import keras
import numpy as np

from helpers._shared.arguments import CourseError, as_path, short_reason
from helpers._shared.keras_graph import name_in_lambdas
from helpers._shared.quiet_keras import without_xla
from helpers.models.channels_first import FIRST, with_channels_last
from helpers.models.legacy_config import check_classes, rebuild
from helpers.models.legacy_weights import fill
from helpers.models.saved_files import Refused, check_room, read_archive, read_hdf5

__all__ = ["load_model"]

PICKLE = "is a pickle, as PyTorch and others write it, and we run no code from a file: save the model as .keras"
STARTS = {  # how a file begins that is none of Keras', and what it is
    b"PK\x03\x04": "begins as a zip archive and lacks its end, so it is cut short: fetch or save it again",
    **{bytes([0x80, version]): PICKLE for version in range(2, 6)},
    b"version https://git-lfs": "is a pointer of Git LFS and not the file itself: fetch the file with git lfs pull",
    b"<": "is a web page, not the file itself: download the raw file",
    b"{": "is JSON, which holds a network without its weights at most: save the whole model as .keras",
}


def load_model(path, *, custom_objects=None, trust=False):
    """Load a network that Keras saved as a whole, in today's form or in that of Keras 2.

    Reads archives (``.keras``) of Keras 2.12 to 2.15 and 3, and HDF5 files (``.h5``) of Keras 2.0 to 2.15 and 3, told
    by their content, whatever they are called: Sequential and Functional, nested, with several inputs and outputs.
    TensorFlow's operations between the layers of Keras 2 become those of ``keras.ops``. The network comes uncompiled,
    for prediction and for reading its layers; an optimizer's state in the file is left there. No code from the file is
    run unless it is trusted: what holds code (a Lambda layer) is refused. A "/" in a layer's name becomes "_", as
    Keras 3 allows none. Layers that put the channels first put them last, between layers that turn the axes.

    Args:
        path: the file, as text or Path.
        custom_objects: dict from a name to the class or function, for layers and functions that are not Keras' own;
            for a Lambda layer of Keras 2 from the layer's name to what it computes; None where they are registered,
            or there are none.
        trust: True lets the Lambda layers of a file of Keras 3 run the Python code that the file holds, which
            may do anything that you may do on this machine: only for a file whose author you trust. The code finds
            NumPy, TensorFlow and Keras as np, tf and keras.

    Returns:
        The uncompiled keras.Model with the weights of the file.

    Raises:
        FileNotFoundError: if there is no such file.
        CourseError: if the path is none, or the file is no whole Keras model, is damaged, holds code that is not
            trusted or a class or function that Keras 3 does not have, or its weights do not fit its layers.

    Example:
        model = load_model("shapes_cnn.h5")
        answers = model.predict(images)        # (count, 3)
    """
    path = as_path(path, "a saved network")
    archive = _is_archive(path)
    try:
        # A scope hides the one around it, so there is none without classes.
        with keras.saving.custom_object_scope(custom_objects) if custom_objects else nullcontext():
            return without_xla(_read(path, archive, trust))
    except CourseError:
        raise
    except Refused as reason:
        raise CourseError(f"{path.name} cannot be loaded: {reason}.") from None
    except Exception as error:  # Keras and HDF5 raise nearly every class there is on a file they did not expect
        raise CourseError(
            f"{path.name} cannot be loaded: Keras {keras.__version__} cannot rebuild the network from it "
            f"({short_reason(error)}); build it in Python and use its load_weights."
        ) from error


def _is_archive(path):
    """Tell by its content whether a file is a zip archive, or HDF5."""
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
    try:
        with path.open("rb") as file:
            start = file.read(64)
        hdf5, archive = h5py.is_hdf5(path), zipfile.is_zipfile(path)
    except OSError as error:
        raise CourseError(f"{path.name} cannot be read ({error.strerror}): mend its permissions or disk.") from None
    if hdf5 or archive:
        return not hdf5
    what = "is neither a .keras archive nor an HDF5 file" if start else "is empty"
    known = [words for beginning, words in STARTS.items() if start.startswith(beginning)]
    raise CourseError(f"{path.name} {known[0] if known else f'{what}: fetch or save it again'}.")


def _read(path, archive, trust):
    """Read a network after a look at what the file holds: one of Keras 3 through Keras' own loader."""
    entry, old, size, weights = (read_archive if archive else read_hdf5)(path, trust)
    if trust:
        name_in_lambdas({"tf": sys.modules.get("tensorflow"), "keras": keras, "np": np})
    if not (old or archive):
        check_classes(entry)

    def build():
        return rebuild(copy.deepcopy(entry)) if old else _load_with_keras(path, ".keras" if archive else ".h5", trust)

    def plan():
        return keras.saving.deserialize_keras_object(copy.deepcopy(entry), safe_mode=not trust)

    shares = archive and not old and _shares_layers(entry)
    check_room(plan if archive and not old else build, size)  # Keras 3 writes an .h5 file's configuration otherwise
    network = plan() if shares else build()
    if not isinstance(network, keras.Model):
        raise Refused(f"it holds a {type(network).__name__} and no network; save the whole model")
    if old or shares:
        with weights() as file:
            fill(network, entry, file)
    return with_channels_last(network) if FIRST in str(entry) else network


def _shares_layers(entry):
    """Whether two nested networks share a layer, which Keras 3.15.1 saves and cannot load."""
    inside = entry["config"].get("layers") or ()
    return any("shared_object_id" in each or _shares_layers(each) for each in inside)


def _load_with_keras(path, suffix, trust):
    """Load a file of Keras 3 with Keras' own loader, which goes by the suffix, whatever the file is called."""
    with tempfile.TemporaryDirectory() as folder:
        if path.suffix != suffix:
            path = Path(shutil.copy(path, Path(folder, f"network{suffix}")))
        return keras.models.load_model(path, compile=False, safe_mode=not trust)
