"""What a check answers: one sentence, and the state it stands for."""

__all__ = ["NOT_YET", "Verdict", "wrong"]


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
