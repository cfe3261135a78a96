"""The figures of an inspection, drawn when they are asked for: there may be hundreds."""

from collections.abc import Mapping

import numpy as np

from helpers import plots
from helpers.workshop.inspecting.layers import as_grid
from helpers.workshop.inspecting.page_pictures import wide_columns

__all__ = ["Figures"]


class Figures(Mapping):
    """A mapping from name to matplotlib Figure.

    "input" is the image as the network receives it; "answers", "grad_cam" and "filters" are there where the
    network has them; every layer has its grid under its own name, and its class means under
    "class means of NAME".
    """

    def __init__(self, found):
        self._makers = {"input": lambda: _input(found)}
        if found.answers is not None and found.answers.kind in ("softmax", "sigmoid"):
            self._makers["answers"] = lambda: _answers(found)
        if found.heatmap is not None:
            self._makers["grad_cam"] = lambda: _heatmap(found)
        if found.filters is not None:
            self._makers["filters"] = lambda: _filters(found)
        for name, activation in found.activations.items():
            if as_grid(activation) is not None:
                self._makers[name] = lambda name=name: _layer(found, name)
        for name in found.means:
            self._makers[f"class means of {name}"] = lambda name=name: _means(found, name)

    def __getitem__(self, name):
        if name not in self._makers:
            raise KeyError(f"no figure {name!r}: there are {', '.join(self._makers)}.")
        return self._makers[name]()

    def __iter__(self):
        return iter(self._makers)

    def __len__(self):
        return len(self._makers)


def _input(found):
    titles = [found.given.names[0]]
    return plots.plot_images(found.given.originals[:1], titles=titles, title="The image as the network receives it")


def _answers(found):
    top = found.answers.top(most=10)
    values = np.clip([value for _, _, value in top], 0, 1)
    return plots.plot_answers(
        values, labels=[name for _, name, _ in top], image=found.given.originals[0], title=found.name
    )


def _heatmap(found):
    title = f"Grad-CAM at {found.heatmap_layer}"
    return plots.plot_heatmaps(found.given.originals[:1], found.heatmap[np.newaxis], columns=1, title=title)


def _filters(found):
    channel = None if found.filters.shape[2] in (1, 3) else 0
    columns = min(16, found.filters.shape[-1])
    return plots.plot_filters(found.filters, name=found.filters_layer, columns=columns, input_channel=channel)


def _layer(found, name):
    maps = as_grid(found.activations[name])
    return plots.plot_layer(maps, name=name, image=found.given.originals[0], columns=wide_columns(maps.shape[-1]))


def _means(found, name):
    groups = {
        class_name: as_grid(mean[np.newaxis])
        for class_name, mean in zip(found.given.class_names, found.means[name])
        if np.isfinite(mean).all()
    }
    return plots.plot_side_by_side(groups, title=f"Class means of {name}")
