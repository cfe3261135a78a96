"""The checks of notebook 06, on maps and what is left of a digit in them."""

import numpy as np

from helpers.checks.verdict import Verdict, incomplete, wrong

__all__ = ["MAP_QUESTIONS", "check_rebuilt"]

CLOSE = 0.02  # what another choice of penalty may change
MAP_QUESTIONS = {
    "which maps of a layer answer most strongly": (
        {"layer", "raw"},
        "only one range for the whole layer lets maps be compared",
    ),
    "where in its map a weak one is brightest": (
        {"channel", "standard"},
        "in one range for the layer a weak map is dark everywhere",
    ),
    "whether a map answers more to a 4 than to a 9, in two pictures": (
        {"raw"},
        "every other scale throws the numbers away",
    ),
}


def check_rebuilt(answer, pairs):
    """Check the R2 that the learner found, and compare it with the guess.

    Args:
        answer: dict of "my guess" and "r2" -> numbers up to 1.
        pairs: three pairs (activation, images): to fit on, to choose by, to rebuild.

    Returns:
        A Verdict.
    """
    from helpers.measures import rebuild

    lacking = incomplete(answer, ("my guess", "r2"))
    if lacking:
        return lacking
    for name, value in answer.items():
        if np.ndim(value) or not isinstance(value, int | float | np.number) or value > 1:
            return wrong(
                f"{name!r} must be one number up to 1, and {value!r} came: take the .r2 of what rebuild returns."
            )
    truth = rebuild(*pairs).r2
    if abs(answer["r2"] - truth) > CLOSE:
        own = rebuild(pairs[0], pairs[1], pairs[0]).r2
        if abs(answer["r2"] - own) <= CLOSE:
            return wrong(f"{answer['r2']:.2f} is the R2 on the digits it was fitted on: rebuild digits it never saw.")
        return wrong(f"R2 {truth:.2f} was expected, and {answer['r2']:.2f} came: give the three pairs in their order.")
    off = answer["my guess"] - truth
    said = "well guessed" if abs(off) < 0.1 else f"your guess was {abs(off):.2f} too {'high' if off > 0 else 'low'}"
    return Verdict("right", f"R2 {truth:.2f}; {said}.")
