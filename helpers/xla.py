"""On TensorFlow's CPU, Keras hands a network that was not compiled to XLA; that costs more than it saves."""

import keras

__all__ = ["without_xla"]


def without_xla(model):
    """Let a network run without XLA, which compiles anew for every batch size and takes twice the memory.

    Args:
        model: a Keras model.

    Returns:
        The same model; on other backends than TensorFlow nothing is changed.
    """
    if keras.backend.backend() == "tensorflow":
        model.jit_compile = False
    return model
