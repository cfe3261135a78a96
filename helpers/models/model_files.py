"""What in the configuration of a saved network is refused, and why, in words."""

import json
import math
import re

import keras

from helpers._shared.keras_graph import weight_shapes
from helpers._shared.quiet_keras import own_random_numbers

__all__ = ["Refused", "check_entries", "check_room", "find_registered", "missing", "read_config", "short_reason"]

LAMBDA = ("Lambda", "__lambda__")  # Python code in the file itself, which a reader may choose to trust
CODE = ("TFSMLayer", "TorchModuleWrapper", "JaxLayer", "FlaxLayer")
FUNCTIONS = "activations constraints initializers losses metrics ops regularizers".split()  # they only compute


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


def check_entries(config, *, trust=False, old=False, where=None):
    """Refuse a configuration with code, a class or function nobody knows, or another file's name.

    Args:
        config: any part of a configuration: dictionaries, lists and plain values.
        trust: whether the code of Lambda layers is allowed.
        old: whether Keras 2 wrote it: then `legacy_config.rebuild` looks up what it names, and runs no code.
        where: name of the layer that this is a part of.

    Raises:
        Refused: with the class or layer by name.
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
            check_entries(item, trust=trust, old=old, where=where)


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
