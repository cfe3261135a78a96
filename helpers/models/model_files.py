"""What in the configuration of a saved network is refused, and why, in words."""

import json
import math
import random
import re

import keras

from helpers._shared.keras_graph import weights_without_values

__all__ = ["Refused", "check_entries", "check_room", "find_registered", "read_config", "short_reason", "unknown_class"]

LAMBDA = ("Lambda", "__lambda__")  # Python code in the file itself, which a reader may choose to trust


class Refused(Exception):
    """Why a file is refused: a clause, to which load_model adds the file's name."""


def read_config(text):
    """Read the configuration of a network.

    Args:
        text: JSON, as text or bytes.

    Returns:
        {"class_name": ..., "config": ...}.

    Raises:
        Refused: if it is something else.
    """
    try:
        config = json.loads(text)
    except ValueError as error:
        raise Refused(f"its configuration is damaged ({short_reason(error)}); fetch or save it again") from None
    if not isinstance(config, dict) or not {"class_name", "config"} <= set(config):
        raise Refused("its configuration describes no network; save the whole model")
    return config


def check_entries(config, *, trust=False):
    """Refuse a configuration with code, a class nobody knows, channels before rows, or another file's name.

    Args:
        config: any part of a configuration: dictionaries, lists and plain values.
        trust: whether the code of Lambda layers is allowed.

    Raises:
        Refused: with the class or layer by name.
    """
    if isinstance(config, dict):
        _check_class(config, trust)
        if config.get("data_format") == "channels_first":
            raise Refused(
                f"layer '{config.get('name')}' puts the channels first, which TensorFlow cannot compute on a "
                "CPU; build the network with channels_last and copy its weights"
            )
        if isinstance(config.get("vocabulary"), str):
            raise Refused(f"it reads the file {config['vocabulary']} of this machine; build the network in Python")
        config = list(config.values())
    if isinstance(config, list):
        for item in config:
            check_entries(item, trust=trust)


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
    if weights > 8 * size:  # half precision has one in two bytes, and HDF5 may compress them
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
    if kind in ("TFOpLambda", "SlicingOpLambda", "TensorFlowOpLayer"):
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


def _check_class(entry, trust):
    kind = entry.get("class_name")
    if trust and kind in LAMBDA:
        return
    if kind in LAMBDA or kind in ("TFSMLayer", "TorchModuleWrapper", "JaxLayer", "FlaxLayer"):
        choice = "is run only if you trust it (trust=True, --trust), and only from one of Keras 3"
        raise Refused(
            f"it holds a layer of class '{kind.strip('_')}', which is code, and code from a file "
            f"{choice if kind in LAMBDA else 'is never run'}; rebuild the network in Python without that layer"
        )
    if kind is None or "module" not in entry:  # no class, or one in the form of Keras 2: looked up by rebuild
        return
    known = (entry["module"] or "").split(".")[0] in ("keras", "builtins") or find_registered(entry) is not None
    if not known:
        raise Refused(unknown_class(entry.get("config") if kind == "function" else kind))
