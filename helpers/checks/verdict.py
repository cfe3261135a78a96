"""What a check answers: one sentence, and the state it stands for."""

import functools

import numpy as np

from helpers._shared.arguments import CourseError, as_function, as_numbers, brief

__all__ = ["NOT_YET", "NotAnswered", "Verdict", "check", "expect", "need_keys", "need_shape", "refuse", "tried"]


class Verdict(str):
    """One sentence about an answer; a notebook shows it without quotes.

    Attributes:
        state: "right", "wrong" or "not answered yet".
    """

    def __new__(cls, state, sentence):
        verdict = super().__new__(cls, f"{state}: {sentence}")
        verdict.state = state
        return verdict

    __repr__ = str.__str__


NOT_YET = Verdict("not answered yet", "replace None by your answer and run the cell again.")


class NotAnswered(Exception):
    """A learner's function returns None."""


def check(judge):
    """Make a function a check: whatever comes, the answer gets its verdict.

    Args:
        judge: function from an answer, and what else it needs, to the sentence about a right answer. It is not called
            where the answer or a value in it is None; where it raises a CourseError about the answer, as `refuse` and
            `expect` do, that is the verdict "wrong", and where `tried` finds a function that returns None, the answer
            counts as not given yet.

    Returns:
        The function that a notebook calls; it returns a Verdict.
    """

    @functools.wraps(judge)
    def checked(answer, *known, **more):
        if answer is None or (isinstance(answer, dict) and any(value is None for value in answer.values())):
            return NOT_YET
        try:
            return Verdict("right", judge(answer, *known, **more))
        except NotAnswered:
            return NOT_YET
        except CourseError as error:
            return Verdict("wrong", str(error))

    return checked


def tried(answer, case, *given, **options):
    """Call a learner's function, quietly.

    Args:
        answer: what the learner gave.
        case: what it is tried on, as the beginning of a sentence.
        *given: its arguments.
        **options: its arguments by name.

    Returns:
        What it returns.

    Raises:
        CourseError: if it is no function, or whatever it raises.
        NotAnswered: if it returns None.
    """
    function = as_function(answer, "the answer")
    try:
        with np.errstate(all="ignore"):
            found = function(*given, **options)
    except Exception as error:  # whatever is wrong with the learner's own code
        raise CourseError(f"{case} it ends in {type(error).__name__}: {error}.") from error
    if found is None:
        raise NotAnswered
    return found


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
    if array.shape != shape:
        raise CourseError(f"{name} must have shape {shape}, and shape {array.shape} came: {advice}.")
    return array


def expect(found, expected, mistakes, otherwise):
    """Ask for certain values; what usual mistakes lead to is told apart.

    Args:
        found: an array, or a number.
        expected: the right one.
        mistakes: dict from a sentence about a mistake to what that leads to.
        otherwise: the sentence about any other value.

    Raises:
        CourseError: with one of the sentences, if another value was found than the right one.
    """

    def is_found(values):
        return np.shape(found) == np.shape(values) and np.allclose(found, values, rtol=1e-4, atol=1e-4)

    if not is_found(expected):
        raise CourseError(next((sentence for sentence, values in mistakes.items() if is_found(values)), otherwise))


def refuse(faults):
    """Say what is wrong with an answer.

    Args:
        faults: a sentence that says it: what was expected, what came and what to do; or a dict from such sentences to
            whether the answer has this fault, of which the first is told.

    Raises:
        CourseError: with the sentence, if there is one.
    """
    for sentence, holds in ({faults: True} if isinstance(faults, str) else faults).items():
        if holds:
            raise CourseError(sentence)
