"""What an error must say: one sentence, in words."""

import re

RAW = re.compile(r"ambiguous|unhashable|'NoneType'|inhomogeneous|not supported|positional|ufunc|Traceback")


def assert_one_sentence(sentence, words=""):
    """One line, one full stop, not too long, no words of a library's own, and the words that tell what was needed."""
    assert words in sentence and sentence.endswith(".") and "\n" not in sentence and len(sentence) < 500, sentence
    assert not re.search(r"[.!?] [A-Z]", sentence) and not RAW.search(sentence), sentence
