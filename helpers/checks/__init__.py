"""Exercises check themselves: each check returns one sentence, and never raises for a wrong answer."""

from helpers.checks.photographs import check_named_channel, check_sparsity
from helpers.checks.shapes import (
    SCALE_QUESTIONS,
    check_best_of_looks,
    check_own_drawing,
    check_scales,
    expected_best,
)
from helpers.checks.verdict import NOT_YET, Verdict
from helpers.checks.xrays import check_corners, check_range

__all__ = [
    "NOT_YET",
    "SCALE_QUESTIONS",
    "Verdict",
    "check_best_of_looks",
    "check_corners",
    "check_named_channel",
    "check_own_drawing",
    "check_range",
    "check_scales",
    "check_sparsity",
    "expected_best",
]
