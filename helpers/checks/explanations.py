"""The checks of notebook 08: a quiz about made pictures, and where a network looks that cheats."""

import numpy as np
from scipy import stats

from helpers._shared.arguments import as_choice
from helpers.checks.verdict import check, need_keys, right, wrong

__all__ = ["check_marker", "check_quiz"]

CORNERS = ("upper left", "upper right", "lower left", "lower right")
BY_CHANCE = 0.05  # who only guesses passes the quiz no more often than that


@check
def check_quiz(answer, truth, hints):
    """Score a quiz: which of two images excites the map more?

    Args:
        answer: dict from a question's number to "A" or "B".
        truth: dict from the same numbers to the right letters.
        hints: dict from the same numbers to what was shown as a hint, such as "made" or "real".

    Returns:
        A Verdict with the score for each hint; right when guessing would reach it in at most 5 of 100 quizzes.
    """
    need_keys(answer, truth)
    letters = {question: str(letter).strip().upper() for question, letter in answer.items()}
    for question, letter in letters.items():
        as_choice(letter, f"the answer to question {question}", ("A", "B"))
    if len(set(letters.values())) == 1 < len(set(truth.values())):
        return wrong(f"every answer is {next(iter(letters.values()))}: look at each question by itself.")
    hit = {question: letters[question] == truth[question] for question in truth}
    score, chance = sum(hit.values()), stats.binom.sf(sum(hit.values()) - 1, len(hit), 0.5)
    parts = []
    for hint in dict.fromkeys(hints.values()):
        asked = [hit[question] for question in hit if hints[question] == hint]
        parts.append(f"{hint}: {sum(asked)} of {len(asked)}")
    words = f"{score} of {len(hit)} ({', '.join(parts)}); who guesses reaches that in {100 * chance:.2g} of 100 quizzes"
    if chance <= BY_CHANCE:
        return right(f"{words}.")
    return wrong(f"{words}: that is what guessing gives; look for strokes that hint and image share, and try again.")


@check
def check_marker(answer, heatmaps):
    """Check in which corner a network looks.

    Args:
        answer: "upper left", "upper right", "lower left" or "lower right".
        heatmaps: array ``(images, height, width)``: where the answers came from.

    Returns:
        A Verdict with the share of images whose highest place lies in that corner's quarter.
    """
    words = str(answer).strip().lower().replace("top", "upper").replace("bottom", "lower")
    corner = as_choice(words, "the corner", CORNERS)
    heatmaps = np.asarray(heatmaps)
    height, width = heatmaps.shape[1:]
    row, column = np.unravel_index(heatmaps.reshape(len(heatmaps), -1).argmax(axis=1), (height, width))
    quarter = 2 * (row >= height / 2) + (column >= width / 2)  # of the highest place, as a place in CORNERS
    most, own = CORNERS[np.bincount(quarter, minlength=4).argmax()], np.mean(quarter == CORNERS.index(corner))
    if corner == most:
        return right(f"of {len(quarter)} heatmaps {own:.0%} have their highest place in the {corner} quarter.")
    return wrong(
        f"only {own:.0%} of {len(quarter)} heatmaps have their highest place there: find the highest place of each, "
        "`np.unravel_index(heatmap.argmax(), heatmap.shape)`, as row from above and column from the left."
    )
