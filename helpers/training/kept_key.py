"""What makes two trainings the same: the key over network, training parameters, seed and data.

Into the key go: the network's configuration with its layers' names (names that Keras chose itself
count by position), the initial weights that the seed does not decide (loaded ones, constants), the
optimizer, loss and metrics, epochs, batch size, steps per epoch, select and seed; shape, type and
SHA-256 of the training and validation arrays; ``details``; Keras' major version, the backend, and
FORMAT. Not in it: the name, the test data (their scores carry hashes of their own), callbacks, and
the code of functions, which only ``details`` can describe.
"""

import hashlib
import json

import keras
import numpy as np

from helpers._shared.errors import CourseError

__all__ = ["array_hash", "data_hash", "new_network", "training_key"]

FORMAT = 1  # count up when this package begins to train differently
NOT_ASKED = ("build_config", "compile_config", "module", "registered_name")  # Keras' own book-keeping


def array_hash(*arrays):
    """Return the SHA-256 over shape, type and bytes of arrays.

    Args:
        *arrays: numpy arrays.

    Returns:
        Hexadecimal text.
    """
    digest = hashlib.sha256()
    for array in arrays:
        array = np.ascontiguousarray(array)
        digest.update(f"{array.shape} {array.dtype.name};".encode())
        digest.update(array.view(np.uint8).data if array.ndim and array.size else array.tobytes())
    return digest.hexdigest()


def data_hash(data):
    """Return what a key says of data.

    Args:
        data: as ``as_data`` returns it, a function, or None.

    Returns:
        SHA-256 as text for arrays, "a function" for a function, None for None.
    """
    if data is None:
        return None
    return "a function" if callable(data) else array_hash(*data)


def new_network(build, seed):
    """Build the network to train, and say what it is.

    It is built twice, on two seeds: names that differ were chosen by Keras, weights that agree were not
    drawn from the seed.

    Args:
        build: function without arguments that returns a compiled network.
        seed: integer; the network returned has the initial weights that belong to it.

    Returns:
        The network, and a dict that describes it, equal in every process.

    Raises:
        CourseError: if build returns no compiled, built network of its own, or one that cannot be kept.
    """
    keras.utils.set_random_seed((seed + 1) % 2**32)
    twin = build()
    keras.utils.set_random_seed(seed)
    network = build()
    _check_network(network, twin)
    description = _by_position(_described(network), _described(twin), {})
    pairs = zip(network.get_weights(), twin.get_weights(), strict=True)
    given = [first for first, second in pairs if np.array_equal(first, second)]
    return network, {**description, "given_weights": array_hash(*given)}


def _check_network(network, twin):
    """Raise a CourseError for what cannot be trained and kept."""
    if not isinstance(network, keras.Model) or not getattr(network, "compiled", False):
        raise CourseError(f"build() must return a compiled keras network, not {type(network).__name__}: compile it.")
    if network is twin:
        raise CourseError("build() must make a new network at each call, not return the same one again.")
    if not network.built or "layers" not in network.get_config():
        raise CourseError("build() must return a Sequential or Functional network with a keras.Input(shape).")
    try:
        type(twin).from_config(twin.get_config())
    except (TypeError, ValueError):  # better now than after hours of training
        advice = "instead of Lambda write layers with get_config() and @keras.saving.register_keras_serializable()"
        raise CourseError(f"the network cannot be made again from its configuration: {advice}.") from None


def _described(network):
    """Configuration of network and training, as plain JSON values."""
    compiled = network.get_compile_config() or {}
    wanted = {name: compiled.get(name) for name in ("optimizer", "loss", "loss_weights", "metrics", "weighted_metrics")}
    return json.loads(json.dumps({"network": json.loads(network.to_json()), "compile": wanted}))


def _by_position(value, other, seen):
    """Replace texts in which two builds differ, which are names that Keras counted, by their position.

    Book-keeping and None, which come and go with versions of Keras and decide nothing, are left out.
    """
    if type(value) is not type(other) or (isinstance(value, (dict, list)) and len(value) != len(other)):
        raise CourseError("build() must make the same network at each call, and made two different ones.")
    if isinstance(value, dict):
        asked = {name: inner for name, inner in value.items() if inner is not None and name not in NOT_ASKED}
        return {name: _by_position(inner, other.get(name), seen) for name, inner in asked.items()}
    if isinstance(value, list):
        return [_by_position(inner, twin, seen) for inner, twin in zip(value, other, strict=True)]
    if isinstance(value, str) and value != other:
        return seen.setdefault(value, f"automatic name {len(seen) + 1}")
    return value


def training_key(**parts):
    """Return the key of a training.

    Args:
        **parts: what it is made of, as JSON values (see the head of this module).

    Returns:
        64 hexadecimal digits: SHA-256 over canonical JSON.

    Raises:
        CourseError: if a part is no JSON value.
    """
    whole = {"format": FORMAT, "keras": keras.__version__.split(".")[0], "backend": keras.backend.backend(), **parts}
    try:
        text = json.dumps(whole, sort_keys=True, separators=(",", ":"), allow_nan=False)
    except (TypeError, ValueError) as error:
        raise CourseError(f"details must be made of texts, numbers, lists and dicts: {error}.") from None
    return hashlib.sha256(text.encode()).hexdigest()
