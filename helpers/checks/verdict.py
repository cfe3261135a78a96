"""What a check answers: one sentence, and the state it stands for."""

import functools

import numpy as np

from helpers._shared.arguments import CourseError, as_function, as_numbers, brief

__all__ = ["NOT_YET", "Verdict", "alike", "check", "expect", "need", "need_keys", "need_shape", "tried", "tried_all"]


class Verdict(str):
    """One sentence about an answer; a notebook shows it without quotes.

    Attributes:
        state: "right", "wrong" or "not answered yet".
    """

    def __new__(cls, state, sentence):
        verdict = super().__new__(cls, state + ": " + sentence)  # a check that ends without a sentence is a bug
        verdict.state = state
        return verdict

    __repr__ = str.__str__


NOT_YET = Verdict("not answered yet", "replace None by your answer and run the cell again.")


class _NotAnswered(Exception):
    """A learner's function returns None."""


def check(judge):
    """Make a function a check: whatever comes, the answer gets its verdict.

    Args:
        judge: function from an answer, and what else it needs, to the sentence about a right answer. It is not called
            where the answer or a value in it is None; where it raises a CourseError about the answer, as `need` and
            `expect` do, that is the verdict "wrong", and where `tried` or `tried_all` finds a function that returns
            None, and nothing else, the answer counts as not given yet.

    Returns:
        The function that a notebook calls; it returns a Verdict.
    """

    @functools.wraps(judge)
    def checked(answer, *known, **more):
        if answer is None or (isinstance(answer, dict) and any(value is None for value in answer.values())):
            return NOT_YET
        try:
            return Verdict("right", judge(answer, *known, **more))
        except _NotAnswered:
            return NOT_YET
        except CourseError as error:
            return Verdict("wrong", str(error))

    return checked


def tried_all(answer, cases, **options):
    """Call a learner's function on several cases, quietly.

    Args:
        answer: what the learner gave.
        cases: list of (what it is tried on, as the beginning of a sentence, its arguments).
        **options: its arguments by name.

    Returns:
        List of what it returns.

    Raises:
        CourseError: if it is no function, or whatever it raises, or if it returns None for some of the cases; where it
            does so for all, `check` says that there is no answer yet.
    """
    function, found = as_function(answer, "the answer"), []
    for case, given in cases:
        try:
            with np.errstate(all="ignore"):
                found.append(function(*given, **options))
        except Exception as error:  # whatever is wrong with the learner's own code
            raise CourseError(f"{case} it ends in {type(error).__name__}: {error}.") from error
    if all(value is None for value in found):
        raise _NotAnswered
    for (case, _), value in zip(cases, found):
        need(value is not None, f"{case} it returns None: does every way through it return?")
    return found


def tried(answer, case, *given, **options):
    """Call a learner's function on one case, quietly.

    Args:
        answer: what the learner gave.
        case: what it is tried on, as the beginning of a sentence.
        *given: its arguments.
        **options: its arguments by name.

    Returns:
        What it returns.
    """
    return tried_all(answer, [(case, given)], **options)[0]


def need(holds, sentence):
    """Ask for something that holds of a right answer.

    Args:
        holds: whether it does.
        sentence: what is said where it does not: what was expected, what came and what to do.

    Raises:
        CourseError: with the sentence.
    """
    if not holds:
        raise CourseError(sentence)


def need_keys(answer, keys):
    """Ask for an answer of several parts.

    Args:
        answer: what the learner gave.
        keys: the keys that it must have.

    Raises:
        CourseError: if it is no dict with these keys.
    """
    if not isinstance(answer, dict) or set(answer) != set(keys):
        came = ", ".join(map(str, answer)) if isinstance(answer, dict) else brief(answer)
        needed = f"a dict with the keys {', '.join(map(repr, keys))} was expected"
        raise CourseError(f"{needed}, and {came or 'an empty one'} came: keep the keys as they are.")


def need_shape(answer, shape, advice, *, name="the answer", finite=False):
    """Ask for numbers in an array of some shape.

    Args:
        answer: what the learner gave, or what a function of the learner's returned.
        shape: the shape that it must have.
        advice: what to do where it has another one.
        name: what to call it.
        finite: whether NaN and infinity are refused.

    Returns:
        The answer as an array.

    Raises:
        CourseError: if it is no such array.
    """
    array = as_numbers(answer, name, finite=finite)
    need(array.shape == shape, f"{name} must have shape {shape}, and shape {array.shape} came: {advice}.")
    return array


def alike(one, other, *, near=1e-4):
    """Say whether two numbers, or arrays of one shape, differ by no more than rounding does.

    Args:
        one: a number or an array.
        other: another one.
        near: by how much they may differ, and by which share.

    Returns:
        True or False.
    """
    return np.shape(one) == np.shape(other) and np.allclose(one, other, rtol=near, atol=near)


def expect(found, expected, mistakes, otherwise, *, near=1e-4):
    """Ask for certain values; what usual mistakes lead to is told apart.

    Args:
        found: an array, or a number.
        expected: the right one.
        mistakes: dict from a sentence about a mistake to what that leads to.
        otherwise: the sentence about any other value.
        near: by how much, and by which share, a value may differ from what is meant.

    Raises:
        CourseError: with one of the sentences, if another value was found than the right one.
    """
    if not alike(found, expected, near=near):
        said = [sentence for sentence, values in mistakes.items() if alike(found, values, near=near)]
        raise CourseError([*said, otherwise][0])
