"""Checks of single numbers, for the arguments of trainings."""

import math

__all__ = ["positive", "within"]


def _is_number(value):
    return isinstance(value, (int, float)) and not isinstance(value, bool) and math.isfinite(value)


def positive(what, value):
    """Return a number above zero as a float.

    Args:
        what: what to call it in an error.
        value: what came.

    Returns:
        The value as a float.

    Raises:
        ValueError: if it is no finite number above 0.
    """
    if not _is_number(value) or value <= 0:
        raise ValueError(f"{what} must be a finite number above 0, not {value!r}.")
    return float(value)


def within(what, value, low, high):
    """Return a number between two others, both left out, as a float.

    Args:
        what: what to call it in an error.
        value: what came.
        low: what it must be above.
        high: what it must be below.

    Returns:
        The value as a float.

    Raises:
        ValueError: if it is no number of that range.
    """
    if not _is_number(value) or not low < value < high:
        raise ValueError(f"{what} must be a number above {low} and below {high}, not {value!r}.")
    return float(value)
