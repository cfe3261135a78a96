"""What a check answers: one sentence, and the state it stands for."""

import numpy as np

__all__ = ["NOT_YET", "Verdict", "incomplete", "short", "wrong"]


class Verdict(str):
    """One sentence about an answer; a notebook shows it without quotes.

    Attributes:
        state: "right", "wrong" or "not answered yet".
    """

    def __new__(cls, state, sentence=""):
        verdict = super().__new__(cls, f"{state}: {sentence}" if sentence else state)
        verdict.state = state
        return verdict

    __repr__ = str.__str__


NOT_YET = Verdict("not answered yet", "replace None by your answer and run the cell again.")


def wrong(sentence):
    """Return the verdict "wrong" with a sentence that says what was expected, what came and what to do.

    Args:
        sentence: the sentence.

    Returns:
        A Verdict.
    """
    return Verdict("wrong", sentence)


def incomplete(answer, keys):
    """Say what an answer of several parts lacks, before its values are looked at.

    Args:
        answer: what the learner gave: None, or a dict with a value for each key.
        keys: the keys that it must have.

    Returns:
        `NOT_YET` where the answer or one of its values is None, the verdict "wrong" where it is no dict with these
        keys, None where it is complete.
    """
    if answer is None or (isinstance(answer, dict) and any(value is None for value in answer.values())):
        return NOT_YET
    if not isinstance(answer, dict) or set(answer) != set(keys):
        return wrong(f"a dict with the keys {', '.join(map(repr, keys))} was expected: keep the keys as they are.")
    return None


def short(answer):
    """Name what the learner gave, in a sentence: a single value as it is, an array or list by its shape.

    Args:
        answer: what came.

    Returns:
        A few words.
    """
    return f"shape {np.shape(answer)}" if np.ndim(answer) else repr(answer)
