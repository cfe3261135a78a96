"""The checks of notebook 08: a quiz about made pictures, and where a network looks that cheats."""

import numpy as np
from scipy import stats

from helpers.checks.verdict import NOT_YET, Verdict, incomplete, short, wrong

__all__ = ["check_marker", "check_quiz"]

CORNERS = ("upper left", "upper right", "lower left", "lower right")
BY_CHANCE = 0.05  # who only guesses passes the quiz no more often than that


def check_quiz(answer, truth, hints):
    """Score a quiz: which of two images excites the map more?

    Args:
        answer: dict from a question's number to "A" or "B".
        truth: dict from the same numbers to the right letters.
        hints: dict from the same numbers to what was shown as a hint, such as "made" or "real".

    Returns:
        A Verdict with the score for each hint; right when guessing would reach it in at most 5 of 100 quizzes.
    """
    lacking = incomplete(answer, truth)
    if lacking:
        return lacking
    letters = {question: str(letter).strip().upper() for question, letter in answer.items()}
    odd = [question for question, letter in letters.items() if letter not in ("A", "B")]
    if odd:
        return wrong(
            f"the letters A or B were expected, and {answer[odd[0]]!r} came for question {odd[0]}: correct it."
        )
    if len(set(letters.values())) == 1 < len(set(truth.values())):
        return wrong(f"every answer is {next(iter(letters.values()))}: look at each question by itself.")
    hit = {question: letters[question] == truth[question] for question in truth}
    score, chance = sum(hit.values()), stats.binom.sf(sum(hit.values()) - 1, len(hit), 0.5)
    parts = ", ".join(_score(hit, hints, hint) for hint in dict.fromkeys(hints.values()))
    words = f"{score} of {len(hit)} ({parts}); who guesses reaches that in {100 * chance:.2g} of 100 quizzes"
    if chance <= BY_CHANCE:
        return Verdict("right", f"{words}.")
    return wrong(f"{words}: that is what guessing gives; look for strokes that hint and image share, and try again.")


def check_marker(answer, heatmaps):
    """Check in which corner a network looks.

    Args:
        answer: "upper left", "upper right", "lower left" or "lower right".
        heatmaps: array ``(images, height, width)``: where the answers came from.

    Returns:
        A Verdict with the share of images whose highest place lies in that corner's quarter.
    """
    if answer is None:
        return NOT_YET
    corner = (
        answer.strip().lower().replace("top", "upper").replace("bottom", "lower") if isinstance(answer, str) else ""
    )
    if corner not in CORNERS:
        return wrong(f"one of {', '.join(map(repr, CORNERS))} was expected, and {short(answer)} came: name a corner.")
    quarter = _quarters(np.asarray(heatmaps))
    found, own = CORNERS[np.bincount(quarter, minlength=4).argmax()], np.mean(quarter == CORNERS.index(corner))
    if corner == found:
        return Verdict(
            "right", f"of {len(quarter)} heatmaps {own:.0%} have their highest place in the {found} quarter."
        )
    return wrong(
        f"only {own:.0%} of {len(quarter)} heatmaps have their highest place there: find the highest place of each, "
        "`np.unravel_index(heatmap.argmax(), heatmap.shape)`, as row from above and column from the left."
    )


def _score(hit, hints, hint):
    asked = [question for question in hit if hints[question] == hint]
    return f"{hint}: {sum(hit[question] for question in asked)} of {len(asked)}"


def _quarters(heatmaps):
    """The quarter of each heatmap's highest place, as a place in CORNERS."""
    height, width = heatmaps.shape[1:]
    row, column = np.unravel_index(heatmaps.reshape(len(heatmaps), -1).argmax(axis=1), (height, width))
    return 2 * (row >= height / 2) + (column >= width / 2)
