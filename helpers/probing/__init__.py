"""Two digits that look alike: where can they be told apart, and by what does the network do it?

`choosing` picks images by a rule, `points` asks single values of a layer, `probes` asks all of a layer together,
`swapping` changes values and looks at the answer.
"""

from helpers.probing.choosing import clearest, least_clear
from helpers.probing.points import (
    balanced_accuracy,
    common_points,
    greedy_points,
    lit,
    ranked_points,
    ring_scores,
    separation,
)
from helpers.probing.probes import PairedErrors, Probe, paired_errors, probe_layer
from helpers.probing.swapping import answer_counts, blends, matched_points, network_from, with_points

__all__ = [
    "PairedErrors",
    "Probe",
    "answer_counts",
    "balanced_accuracy",
    "blends",
    "clearest",
    "common_points",
    "greedy_points",
    "least_clear",
    "lit",
    "matched_points",
    "network_from",
    "paired_errors",
    "probe_layer",
    "ranked_points",
    "ring_scores",
    "separation",
    "with_points",
]
