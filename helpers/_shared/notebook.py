"""What is asked of a notebook's kernel: whether there is one, and that it draws figures crisp."""

import functools
import sys


def in_notebook():
    """Tell whether a Jupyter kernel runs this code.

    Returns:
        True in a kernel; False in a script, in a test, and in IPython at a terminal.
    """
    ipython = sys.modules.get("IPython")  # a kernel has always loaded it
    shell = ipython.get_ipython() if ipython else None
    return getattr(shell, "kernel", None) is not None


@functools.cache  # once: who asks for plain PNG afterwards keeps it
def draw_crisp():
    """Let a notebook draw every figure with two pixels for each one that it takes on the page.

    The output says its width and height, so that the picture is as large as before, and sharp on a screen of today. A
    format that a reader has chosen is left alone. Outside a notebook nothing happens, and matplotlib is not loaded.
    """
    if not in_notebook():
        return
    from IPython import get_ipython
    from matplotlib_inline.config import InlineBackend  # it loads no matplotlib

    backend = InlineBackend.instance(parent=get_ipython())  # the one that pyplot will take, if it is not loaded yet
    if backend.figure_formats == {"png"}:
        backend.figure_formats = {"retina"}
