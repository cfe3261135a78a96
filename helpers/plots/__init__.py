"""Draw layers, images, filters, heatmaps, trainings and answers; every function returns a matplotlib Figure.

A figure is closed in pyplot when it is returned, so that a notebook cell that ends in the call shows it once.
"""

from helpers.plots.by_hand import plot_filter_at, plot_parts, plot_pooling_at
from helpers.plots.by_layer import plot_flip, plot_over_layers, plot_shares
from helpers.plots.charts import plot_answers, plot_confusion, plot_histogram, plot_seed_dots
from helpers.plots.heatmaps import plot_best_inputs, plot_heatmaps
from helpers.plots.images import plot_filters, plot_images, plot_ringed, plot_side_by_side
from helpers.plots.layers import plot_channel, plot_channel_across_layers, plot_layer, plot_layers
from helpers.plots.trainings import plot_curves, plot_history, plot_time_to_accuracy

__all__ = [name for name in dir() if name.startswith("plot_")]
