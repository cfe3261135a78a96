"""What the drawings ask of their arguments: one clear sentence where one does not fit."""

from numbers import Integral, Real

from helpers._shared.arguments import brief
from helpers._shared.errors import CourseError

__all__ = ["check_choice", "check_count", "check_number", "check_seed", "check_side"]


def check_choice(value, choices, what):
    """Raise a CourseError of one sentence unless the value is one of the choices.

    Args:
        value: what was given.
        choices: the words that are allowed.
        what: the argument's name, for the sentence.

    Raises:
        CourseError: if the value is none of them.
    """
    if not isinstance(value, str) or value not in choices:
        raise CourseError(f"{what} must be one of {', '.join(choices)}, not {brief(value)}: choose one of them.")


def check_number(value, low, high, what):
    """Raise a CourseError of one sentence unless the value is a number from low to high.

    Args:
        value: what was given.
        low: the smallest number allowed.
        high: the largest number allowed.
        what: the argument's name, for the sentence.

    Raises:
        CourseError: if the value is no number, or lies outside.
    """
    number = isinstance(value, Real) and not isinstance(value, bool)
    if not number or not low <= value <= high:
        raise CourseError(f"{what} must be a number from {low} to {high}, not {brief(value)}: give such a number.")


def check_seed(seed):
    """Raise a CourseError of one sentence unless the seed is a whole number, 0 or more.

    Args:
        seed: what was given.

    Raises:
        CourseError: if it is anything else.
    """
    if isinstance(seed, bool) or not isinstance(seed, Integral) or seed < 0:
        raise CourseError(f"seed must be a whole number, 0 or more, not {brief(seed)}: give one, for example 7.")


def check_side(side, *, low=8, high=1024):
    """Raise a CourseError of one sentence unless the side is a whole number of pixels in a sane range.

    Args:
        side: what was given, in pixels.
        low: the smallest side allowed.
        high: the largest side allowed.

    Raises:
        CourseError: if it is anything else.
    """
    whole = isinstance(side, Integral) and not isinstance(side, bool)
    if not whole or not low <= side <= high:
        raise CourseError(
            f"side must be a whole number of pixels from {low} to {high}, not {brief(side)}: give such a number."
        )


def check_count(value, what):
    """Raise a CourseError of one sentence unless the value is a whole number, 1 or more.

    Args:
        value: what was given.
        what: the argument's name, for the sentence.

    Raises:
        CourseError: if it is anything else.
    """
    if isinstance(value, bool) or not isinstance(value, Integral) or value < 1:
        raise CourseError(f"{what} must be a whole number, 1 or more, not {brief(value)}: give such a number.")
