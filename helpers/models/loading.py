"""Load a network that somebody saved to a file, in today's form or in that of Keras 2."""

import zipfile
from contextlib import nullcontext

import h5py
import keras

from helpers._shared.arguments import as_path
from helpers._shared.errors import CourseError
from helpers._shared.quiet_keras import without_xla
from helpers.models.legacy_files import read_hdf5
from helpers.models.model_files import Refused, check_entries, check_room, read_config, short_reason

__all__ = ["load_model"]

KINDS = {".keras": "keras", ".h5": "hdf5", ".hdf5": "hdf5"}
CONFIG, WEIGHTS = "config.json", "model.weights.h5"  # in a zip archive


def load_model(path, *, custom_objects=None, trust=False):
    """Load a network that Keras saved as a whole, in today's form or in that of Keras 2.

    Reads ``.keras``, and ``.h5`` or ``.hdf5`` of Keras 2.0 to 2.15 and 3: Sequential and Functional, nested,
    with several inputs and outputs. The network comes uncompiled, for prediction and for reading its layers;
    an optimizer's state in the file is left there. No code from the file is run unless it is trusted: what
    holds code (a Lambda layer) is refused. A "/" in a layer's name becomes "_", as Keras 3 allows none.

    Args:
        path: the file, as text or Path.
        custom_objects: dict from a class's name to the class, for layers that are not Keras' own; None where
            they are registered, or there are none.
        trust: True lets the Lambda layers of a file of Keras 3 run the Python code that the file holds, which
            may do anything that you may do on this machine: only for a file whose author you trust.

    Returns:
        The uncompiled keras.Model with the weights of the file.

    Raises:
        FileNotFoundError: if there is no such file.
        CourseError: if the path is none, or the file is no whole Keras model, is damaged, holds code that is not
            trusted or a class that Keras 3 does not have, puts channels first, or its weights do not fit its layers.

    Example:
        model = load_model("shapes_cnn.h5")
        answers = model.predict(images)        # (count, 3)
    """
    path = as_path(path, "a saved network")
    read = _read_archive if _kind(path) == "keras" else read_hdf5
    try:
        # A scope hides the one around it, so there is none without classes.
        with keras.saving.custom_object_scope(custom_objects) if custom_objects else nullcontext():
            return without_xla(read(path, trust=trust))
    except Refused as reason:
        raise CourseError(f"{path.name} cannot be loaded: {reason}.") from None
    except Exception as error:  # Keras and HDF5 raise nearly every class there is on a file they did not expect
        raise CourseError(
            f"{path.name} cannot be loaded: Keras {keras.__version__} cannot rebuild the network from it "
            f"({short_reason(error)}); build it in Python and use its load_weights."
        ) from error


def _kind(path):
    """Tell by suffix and content whether a file is a zip archive, "keras", or "hdf5"."""
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
        raise CourseError(f"a network's file ends in .keras or .h5, not {path.name}: save the whole model as such.")
    try:
        with path.open("rb") as file:
            start = file.read(4)
        content = "hdf5" if h5py.is_hdf5(path) else "keras" if zipfile.is_zipfile(path) else None
    except OSError as error:
        raise CourseError(f"{path.name} cannot be read ({error.strerror}): mend its permissions or disk.") from None
    if content == KINDS[path.suffix]:
        return content
    if content:
        what, suffix = {"keras": ("a zip archive", ".keras"), "hdf5": ("an HDF5 file", ".h5")}[content]
        raise CourseError(f"{path.name} is {what} under the wrong suffix: rename it so that it ends in {suffix}.")
    what = "is neither a .keras archive nor an HDF5 file" if start else "is empty"
    if start == b"PK\x03\x04":
        what = "begins as a zip archive and lacks its end, so it is cut short"
    raise CourseError(f"{path.name} {what}: fetch or save it again.")


def _read_archive(path, *, trust):
    """Read a ``.keras`` file through Keras' own loader, after a look at what it holds."""
    config, size = _archive_config(path, trust)
    check_room(lambda: keras.saving.deserialize_keras_object(config, safe_mode=not trust), size)
    network = keras.models.load_model(path, compile=False, safe_mode=not trust)
    if not isinstance(network, keras.Model):
        raise Refused(f"it holds a {type(network).__name__} and no network; save the whole model")
    return network


def _archive_config(path, trust):
    """Return an archive's configuration, checked, and how many bytes its weights have."""
    try:
        with zipfile.ZipFile(path) as archive:
            held = archive.namelist()
            if CONFIG not in held or WEIGHTS not in held:
                raise Refused(f"a zip archive without {CONFIG} and {WEIGHTS} is no network; save the whole model")
            if archive.getinfo(CONFIG).file_size > 64 * 2**20:  # that of a thousand layers has some two million bytes
                raise Refused(f"its {CONFIG} is larger than any network's; do not trust this file")
            damaged = archive.testzip()
            if damaged is not None:
                raise Refused(f"its part {damaged} is damaged; fetch or save it again")
            text, size = archive.read(CONFIG), archive.getinfo(WEIGHTS).file_size
    except (zipfile.BadZipFile, OSError, EOFError, ValueError, NotImplementedError, RuntimeError) as error:
        raise Refused(f"the archive is damaged ({short_reason(error)}); fetch or save it again") from None
    config = read_config(text)
    config.pop("compile_config", None)  # the optimizer and losses stay in the file
    check_entries(config, trust=trust)
    return config, size
