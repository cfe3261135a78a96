"""Exercises check themselves: each check returns one sentence, and never raises for a wrong answer."""

from helpers.checks.deeper import (
    check_best_of_looks,
    check_comparisons,
    check_corners,
    check_marker,
    check_named_channel,
    check_rebuilt,
    check_red_ring,
    check_same_answers,
    check_share_rebuilt,
    check_smaller_network,
    check_smallest_swap,
    check_sparsity,
)
from helpers.checks.nb00 import check_output_size, check_vertical_edges
from helpers.checks.nb01 import check_honest_fit, check_layer_reader, check_own_drawing
from helpers.checks.nb02 import check_augmentation, check_receptive_field
from helpers.checks.nb03 import check_preparation, check_silent_counts
from helpers.checks.nb04 import check_dropout, check_map_grid
from helpers.checks.nb05 import check_network_from_lists, check_warm_up
from helpers.checks.nb06 import check_best_map, check_blank_grid
from helpers.checks.nb07 import check_ring, check_swap
from helpers.checks.nb08 import check_occlusion, check_quiz, check_saliency
from helpers.checks.nb09 import check_diagnoses, check_suspect, five_trainings, three_trainings
from helpers.checks.nb10 import check_own_images, check_split
from helpers.checks.verdict import NOT_YET, Verdict

__all__ = ["NOT_YET", "Verdict", "five_trainings", "three_trainings"]
__all__ += [name for name in dir() if name.startswith("check_")]
