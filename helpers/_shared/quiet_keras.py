"""What TensorFlow and Keras say and do without being asked, and how the course keeps it from its readers."""

import logging
import random
from contextlib import contextmanager


def hide_known_warnings():
    """Keep two warnings from the reader: they call a mistake what is our trade.

    TensorFlow warns when many networks are asked in turn, and Keras when a network is saved in the old format;
    comparing networks is what we do, and old files are the subject of notebook 03.
    """
    for logger in ("tensorflow", "absl"):
        logging.getLogger(logger).addFilter(_is_worth_showing)


def _is_worth_showing(record):
    return not any(words in record.getMessage() for words in ("retracing", "as an HDF5 file"))


@contextmanager
def own_random_numbers(seed=None):
    """Let Keras draw weights without a change to the random numbers that others get.

    Args:
        seed: whole number, from which the weights are drawn; None where they do not matter.

    Yields:
        Nothing.
    """
    before = random.getstate()
    if seed is not None:
        # The initializers of Keras draw their seeds from here. Words, as the number alone would bring back the
        # weights that a network had before a training with this very seed.
        random.seed(f"fresh weights {seed}")
    try:
        yield
    finally:
        random.setstate(before)


def without_xla(model):
    """Let a network run without XLA, which compiles anew for every batch size and takes twice the memory.

    On TensorFlow's CPU, Keras hands a network that was not compiled to XLA; that costs more than it saves.

    Args:
        model: a Keras model.

    Returns:
        The same model; on other backends than TensorFlow nothing is changed.
    """
    import keras  # here, so that a module that only asks for quiet loads no Keras

    if keras.backend.backend() == "tensorflow":
        model.jit_compile = False
    return model
