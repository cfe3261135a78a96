"""Import Keras for a command without what TensorFlow writes to the terminal meanwhile."""

import os
import sys
import tempfile
from contextlib import contextmanager

from helpers._shared.quiet_keras import hide_known_warnings

__all__ = ["import_keras_quietly"]


def import_keras_quietly():
    """Import Keras for a command, without what TensorFlow writes to the terminal meanwhile.

    What it says of the processor and on a missing GPU comes from compiled code, before its log level counts. Where the
    import fails, it is shown after all.
    """
    hide_known_warnings()
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
