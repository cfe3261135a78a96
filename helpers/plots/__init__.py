"""Draw layers, images, filters, heatmaps, trainings and answers; every function returns a matplotlib Figure.

pyplot does not know of the figures, so that a notebook cell that ends in the call shows one once.
"""

from helpers.plots.by_hand import *
from helpers.plots.charts import *
from helpers.plots.heatmaps import *
from helpers.plots.images import *
from helpers.plots.layers import *
from helpers.plots.series import *

__all__ = [name for name in dir() if name.startswith("plot_")]
