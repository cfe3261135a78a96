"""Load a network that somebody saved to a file, in today's form or in that of Keras 2."""

import copy
import io
import json
import zipfile
from contextlib import nullcontext

import h5py
import keras

from helpers._shared.arguments import as_path
from helpers._shared.errors import CourseError
from helpers._shared.quiet_keras import without_xla
from helpers.models.legacy_archives import fill_from_archive
from helpers.models.legacy_config import rebuild
from helpers.models.legacy_files import load_as, read_hdf5
from helpers.models.model_files import Refused, check_entries, check_room, read_config, short_reason

__all__ = ["load_model"]

CONFIG, WEIGHTS, METADATA = "config.json", "model.weights.h5", "metadata.json"  # in a zip archive
TORCH = "is a file of PyTorch, and we read networks that Keras saved: build the network in Keras and copy its weights"
STARTS = (  # how a file begins that is none of Keras', and what it is
    (b"PK\x03\x04", "begins as a zip archive and lacks its end, so it is cut short: fetch or save it again"),
    (b"\x80\x02\x8a\x0al\xfc\x9cF\xf9", TORCH),
    *(
        (bytes([0x80, version]), "is a pickle, and we run no code from a file: save the model as .keras")
        for version in range(2, 6)
    ),
    (b"version https://git-lfs", "is a pointer of Git LFS and not the file itself: fetch the file with git lfs pull"),
    (b"<", "is a web page, not the file itself: download the raw file"),
    (b"{", "is JSON, which holds a network without its weights at most: save the whole model as .keras"),
)


def load_model(path, *, custom_objects=None, trust=False):
    """Load a network that Keras saved as a whole, in today's form or in that of Keras 2.

    Reads archives (``.keras``) of Keras 2.12 to 2.15 and 3, and HDF5 files (``.h5``) of Keras 2.0 to 2.15 and 3, told
    by their content, whatever they are called: Sequential and Functional, nested, with several inputs and outputs.
    TensorFlow's operations between the layers of Keras 2 become those of ``keras.ops``. The network comes uncompiled,
    for prediction and for reading its layers; an optimizer's state in the file is left there. No code from the file is
    run unless it is trusted: what holds code (a Lambda layer) is refused. A "/" in a layer's name becomes "_", as
    Keras 3 allows none.

    Args:
        path: the file, as text or Path.
        custom_objects: dict from a name to the class or function, for layers and functions that are not Keras' own;
            for a Lambda layer of Keras 2 from the layer's name to what it computes; None where they are registered,
            or there are none.
        trust: True lets the Lambda layers of a file of Keras 3 run the Python code that the file holds, which
            may do anything that you may do on this machine: only for a file whose author you trust.

    Returns:
        The uncompiled keras.Model with the weights of the file.

    Raises:
        FileNotFoundError: if there is no such file.
        CourseError: if the path is none, or the file is no whole Keras model, is damaged, holds code that is not
            trusted or a class or function that Keras 3 does not have, puts channels first, or its weights do not fit
            its layers.

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
    except CourseError:
        raise
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
    try:
        with path.open("rb") as file:
            start = file.read(64)
        content = "hdf5" if h5py.is_hdf5(path) else "keras" if zipfile.is_zipfile(path) else None
    except OSError as error:
        raise CourseError(f"{path.name} cannot be read ({error.strerror}): mend its permissions or disk.") from None
    if content:
        return content
    what = "is neither a .keras archive nor an HDF5 file" if start else "is empty"
    known = [words for beginning, words in STARTS if start.startswith(beginning)]
    raise CourseError(f"{path.name} {known[0] if known else f'{what}: fetch or save it again'}.")


def _read_archive(path, *, trust):
    """Read an archive after a look at what it holds: one of Keras 3 through Keras' own loader."""
    config, size, old = _archive_config(path, trust)
    if old:
        check_room(lambda: rebuild(copy.deepcopy(config)), size)
        network = rebuild(copy.deepcopy(config))
        with zipfile.ZipFile(path) as archive, h5py.File(io.BytesIO(archive.read(WEIGHTS)), "r") as file:
            fill_from_archive(network, config, file)
        return network
    check_room(lambda: keras.saving.deserialize_keras_object(config, safe_mode=not trust), size)
    network = load_as(path, ".keras", trust)
    if not isinstance(network, keras.Model):
        raise Refused(f"it holds a {type(network).__name__} and no network; save the whole model")
    return network


def _archive_config(path, trust):
    """Return an archive's configuration, checked, how many bytes its weights have, and whether Keras 2 wrote it."""
    try:
        with zipfile.ZipFile(path) as archive:
            held = archive.namelist()
            if any(name.endswith("data.pkl") for name in held):
                raise CourseError(f"{path.name} {TORCH}.")
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
    old = str(about.get("keras_version")).startswith("2.")
    check_entries(config, trust=trust, old=old)
    return config, size, old
