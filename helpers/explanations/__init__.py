"""From an answer back to the image: what excites a channel, where an answer came from, and how to judge a heatmap."""

from helpers.explanations.best_inputs import BestInputs, best_input
from helpers.explanations.dead_channels import channel_states, wake_channels
from helpers.explanations.heatmaps import Occlusion, grad_cam, logits, occlusion
from helpers.explanations.judging import (
    centre_guess,
    enlarge,
    is_blank,
    overlap,
    pointing_game,
    random_maps,
    randomised,
    rank_correlation,
    similarity,
)

__all__ = [
    "BestInputs",
    "Occlusion",
    "best_input",
    "centre_guess",
    "channel_states",
    "enlarge",
    "grad_cam",
    "is_blank",
    "logits",
    "occlusion",
    "overlap",
    "pointing_game",
    "random_maps",
    "randomised",
    "rank_correlation",
    "similarity",
    "wake_channels",
]
