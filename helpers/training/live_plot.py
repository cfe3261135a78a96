"""What changes on the screen while a training runs: a plot of its curves, and one line of progress."""

import sys
import time

import keras
from tqdm import tqdm

from helpers._shared.notebook import in_notebook

__all__ = ["LivePlot", "ProgressLine"]


def _shown(handle, content, metadata=None):
    """Show content in the display that is there, or in a new one where there is none yet; return the display."""
    from IPython.display import display

    if handle is None:
        return display(content, raw=True, display_id=True, metadata=metadata)
    handle.update(content, raw=True, metadata=metadata)
    return handle


class ProgressLine:
    """One line of progress over epochs, to standard output, and a last sentence in its place.

    In a notebook the line is one display that is replaced, so that a saved notebook holds only the
    last sentence. In a terminal it is a usual bar that vanishes; where output goes to a file, no bar.

    Args:
        label: what stands at the line's head.
        epochs: how many epochs there are in all.
        done: how many of them are done already.
    """

    encoding = "utf-8"  # tqdm asks its file for it

    def __init__(self, label, *, epochs, done=0):
        self._display = None
        place = {"file": self, "ncols": 100} if in_notebook() else {"file": sys.stdout}
        counted = {"total": epochs, "initial": done, "unit": "epoch"}
        # disable=None: no bar where the file is no terminal
        self._bar = tqdm(desc=label, leave=False, mininterval=0.5, disable=None, **counted, **place)

    def write(self, text):
        """Take what tqdm writes, and show it in the one display."""
        if text.strip():
            self._display = _shown(self._display, {"text/plain": text.strip()})

    def flush(self):
        """Nothing waits to be written; tqdm asks for it."""

    def advance(self, logs):
        """Go one epoch further.

        Args:
            logs: dict of the epoch's quantities; loss and accuracy are shown.
        """
        shown = {name: f"{value:.3f}" for name, value in logs.items() if name.endswith(("loss", "accuracy"))}
        self._bar.set_postfix(shown, refresh=False)
        self._bar.update(1)

    def end(self, sentence=""):
        """Take the line away and leave a sentence in its place, if there is one.

        Args:
            sentence: what stays to be read.
        """
        self._bar.close()
        if in_notebook():
            self.write(sentence)
        elif sentence:
            tqdm.write(sentence, file=sys.stdout)  # without breaking the bar of another training


class LivePlot(keras.callbacks.Callback):
    """Draw accuracy and loss, per epoch, in a figure that grows in the notebook while training.

    The figure is that of ``helpers.plots.plot_history``. It is drawn at most once a second, and always
    once at the end of a ``fit``. Outside a notebook nothing is drawn.

    Attributes:
        history: dict of lists, one value an epoch of the ``fit``.
    """

    def on_train_begin(self, logs=None):
        """Start a new figure with each ``fit``."""
        self.history, self._display = {}, None
        self._not_before, self._drawn = 0.0, True  # on the monotonic clock

    def on_epoch_end(self, epoch, logs=None):
        """Take up the epoch's values, and draw if the last drawing is a second ago."""
        for name, value in (logs or {}).items():
            self.history.setdefault(name, []).append(float(value))
        self._drawn = False
        if time.monotonic() >= self._not_before:
            self._draw()

    def on_train_end(self, logs=None):
        """Draw the last state, whenever the drawing before was."""
        if not self._drawn:
            self._draw()

    def _draw(self):
        """Show the figure of the history, in the display that is there or in a new one."""
        self._drawn = True
        if not in_notebook():
            return
        start = time.monotonic()
        values = ", ".join(f"{name} {values[-1]:.4f}" for name, values in self.history.items())
        words = f"epoch {max(map(len, self.history.values()))}: {values}"  # for whoever sees no picture
        picture, size = self._picture()
        content = {"image/png": picture, "text/plain": words}
        self._display = _shown(self._display, content, {"image/png": size})
        cost = time.monotonic() - start
        self._not_before = start + max(1.0, 10 * cost)  # once a second; at most a tenth of the time goes into drawing

    def _picture(self):
        """The figure as a notebook makes its pictures: base64 text of a PNG, and the size that it has on the page."""
        from IPython.core.pylabtools import retina_figure

        from helpers.plots import plot_history  # here, because it loads matplotlib

        return retina_figure(plot_history(self.history), base64=True)
