"""Exercises check themselves: each check returns one sentence, and never raises for a wrong answer."""

from helpers.checks.digits import check_edge_filter, check_map_of_filter
from helpers.checks.explanations import check_marker, check_quiz
from helpers.checks.maps import MAP_QUESTIONS, check_rebuilt, check_red_ring, check_smallest_swap
from helpers.checks.nb00 import check_output_size, check_vertical_edges
from helpers.checks.nb01 import check_honest_fit, check_layer_reader
from helpers.checks.nb05 import check_network_from_lists, check_warm_up
from helpers.checks.photographs import check_corners, check_named_channel, check_range, check_sparsity
from helpers.checks.shapes import SCALE_QUESTIONS, check_best_of_looks, check_own_drawing, check_scales
from helpers.checks.trainings import check_comparisons, check_same_answers, check_smaller_network
from helpers.checks.verdict import NOT_YET, Verdict

__all__ = [
    "MAP_QUESTIONS",
    "NOT_YET",
    "SCALE_QUESTIONS",
    "Verdict",
    "check_best_of_looks",
    "check_comparisons",
    "check_corners",
    "check_edge_filter",
    "check_honest_fit",
    "check_layer_reader",
    "check_map_of_filter",
    "check_marker",
    "check_named_channel",
    "check_network_from_lists",
    "check_output_size",
    "check_own_drawing",
    "check_quiz",
    "check_range",
    "check_rebuilt",
    "check_red_ring",
    "check_same_answers",
    "check_scales",
    "check_smaller_network",
    "check_smallest_swap",
    "check_sparsity",
    "check_vertical_edges",
    "check_warm_up",
]
