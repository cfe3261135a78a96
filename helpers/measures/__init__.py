"""Numbers about layers and about answers: how sparse, how much of the image is kept, how sure a score is."""

from helpers.measures.intervals import bootstrap_interval, conclude, seed_interval, share_interval
from helpers.measures.layers import Rebuilt, image_kept, rebuild, share_of_zeros, simple_views

__all__ = [
    "Rebuilt",
    "bootstrap_interval",
    "conclude",
    "image_kept",
    "rebuild",
    "seed_interval",
    "share_interval",
    "share_of_zeros",
    "simple_views",
]
