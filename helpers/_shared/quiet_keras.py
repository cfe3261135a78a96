"""What TensorFlow and Keras say and do without being asked, and how the course keeps it from its readers."""

import logging
import os
import sys
import tempfile
from contextlib import contextmanager

__all__ = ["hide_known_remarks", "import_keras_quietly", "without_xla"]


def hide_known_remarks():
    """Keep two warnings from the reader: they call a mistake what is our trade.

    TensorFlow warns when many networks are asked in turn, and Keras when a network is saved in the old format;
    comparing networks is what we do, and old files are the subject of notebook 03.
    """
    for logger in ("tensorflow", "absl"):
        logging.getLogger(logger).addFilter(_is_worth_showing)


def _is_worth_showing(record):
    return not any(words in record.getMessage() for words in ("retracing", "as an HDF5 file"))


def import_keras_quietly():
    """Import Keras for a command, without what TensorFlow writes to the terminal meanwhile.

    Its remarks on the processor and on a missing GPU come from compiled code, before its log level counts. Where the
    import fails, they are shown after all.
    """
    hide_known_remarks()
    os.environ.setdefault("TF_CPP_MIN_LOG_LEVEL", "3")
    with _held_back_stderr():
        import keras  # noqa: F401  (the import is the point)


@contextmanager
def _held_back_stderr():
    """Hold back what this process, compiled code included, writes to its standard error; show it on an error."""
    sys.stderr.flush()
    terminal = os.dup(2)
    with tempfile.TemporaryFile() as held:
        os.dup2(held.fileno(), 2)
        try:
            yield
        except BaseException:
            held.seek(0)
            os.write(terminal, held.read())
            raise
        finally:
            os.dup2(terminal, 2)
            os.close(terminal)


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
