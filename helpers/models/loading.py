"""Load a network that somebody saved to a file, in today's form or in that of Keras 2."""

from contextlib import nullcontext

import keras

from helpers._shared.arguments import as_path
from helpers._shared.errors import CourseError
from helpers._shared.quiet_keras import without_xla
from helpers.models.legacy_files import read_hdf5
from helpers.models.model_files import Refused, file_kind, read_archive, short_reason

__all__ = ["load_model"]

READERS = {"keras": read_archive, "hdf5": read_hdf5}


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
    kind = file_kind(path)
    try:
        # A scope hides the one around it, so there is none without classes.
        with keras.saving.custom_object_scope(custom_objects) if custom_objects else nullcontext():
            return without_xla(READERS[kind](path, trust=trust))
    except Refused as reason:
        raise CourseError(f"{path.name} cannot be loaded: {reason}.") from None
    except Exception as error:  # Keras and HDF5 raise nearly every class there is on a file they did not expect
        raise CourseError(
            f"{path.name} cannot be loaded: Keras {keras.__version__} cannot rebuild the network from it "
            f"({short_reason(error)}); build it in Python and use its load_weights."
        ) from error
