"""From an answer back to the image: what excites a channel, where an answer came from, and how to judge a heatmap."""

from helpers.explanations import baselines, best_inputs, dead_channels, heatmaps, judging
from helpers.explanations.baselines import *
from helpers.explanations.best_inputs import *
from helpers.explanations.dead_channels import *
from helpers.explanations.heatmaps import *
from helpers.explanations.judging import *

__all__ = [*baselines.__all__, *best_inputs.__all__, *dead_channels.__all__, *heatmaps.__all__, *judging.__all__]
