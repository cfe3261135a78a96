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

    def __init__(self, inspection):
        self._makers = {"input": lambda: _input(inspection)}
        if inspection.answers is not None and inspection.answers.kind in ("softmax", "sigmoid"):
            self._makers["answers"] = lambda: _answers(inspection)
        if inspection.heatmaps:
            self._makers["grad_cam"] = lambda: _heatmaps(inspection)
        if inspection.filters is not None:
            self._makers["filters"] = lambda: _filters(inspection)
        for name, shape in inspection.table["output"].items():
            if len(shape) in (1, 2, 3) and all(shape):
                self._makers[name] = lambda name=name: _layer(inspection, name)
        for name in inspection.means:
            self._makers[f"class means of {name}"] = lambda name=name: _means(inspection, name)

    def __getitem__(self, name):
        if name not in self._makers:
            raise KeyError(f"no figure {name!r}: there are {', '.join(self._makers)}.")
        return self._makers[name]()

    def __iter__(self):
        return iter(self._makers)

    def __len__(self):
        return len(self._makers)


def _input(inspection):
    given, title = inspection.given, "The image as the network receives it"
    return plots.plot_images(given.originals[:1], titles=[given.names[0]], title=title)


def _answers(inspection):
    top = inspection.answers.top(most=10)
    values = np.clip([value for _, _, value in top], 0, 1)
    return plots.plot_answers(
        values, labels=[name for _, name, _ in top], image=inspection.given.originals[0], title=inspection.name
    )


def _heatmaps(inspection):
    heatmaps, title = inspection.heatmaps, f"Grad-CAM at {inspection.heatmap_layer}"
    images = inspection.given.originals[:1].repeat(len(heatmaps), axis=0)
    return plots.plot_heatmaps(
        images, np.stack([*heatmaps.values()]), titles=list(heatmaps), columns=len(heatmaps), title=title
    )


def _filters(inspection):
    channel = None if inspection.filters.shape[2] in (1, 3) else 0
    columns = min(16, inspection.filters.shape[-1])
    return plots.plot_filters(inspection.filters, name=inspection.filters_layer, columns=columns, input_channel=channel)


def _layer(inspection, name):
    maps = as_grid(inspection.activations[name])
    return plots.plot_layer(maps, name=name, image=inspection.given.originals[0], columns=wide_columns(maps.shape[-1]))


def _means(inspection, name):
    groups = {
        class_name: as_grid(mean[np.newaxis])
        for class_name, mean in zip(inspection.given.class_names, inspection.means[name])
        if np.isfinite(mean).all()
    }
    return plots.plot_side_by_side(groups, title=f"Class means of {name}")
