"""The words of the course, and which notebooks use them."""

import re
from dataclasses import dataclass
from pathlib import Path

from helpers.workshop.notebook_names import short_name

__all__ = ["Word", "glossary_page", "read_words", "used_in"]

SOURCE = Path(__file__).with_name("glossary.md")


@dataclass(frozen=True)
class Word:
    """One entry.

    Attributes:
        term: the word.
        forms: the forms in which it may stand in a text, the word itself first.
        meaning: what it means, Markdown on one line.
        introduced: number of the core notebook that introduces it in bold, such as "00"; "" where none has to.
    """

    term: str
    forms: tuple
    meaning: str
    introduced: str = ""


def read_words(text=None):
    """Read the entries of glossary.md: a line with the word (other forms in brackets), a line ": meaning".

    A meaning may end in "(introduced in 00)", the number of a core notebook.

    Args:
        text: the file's text; that of the course when None.

    Returns:
        A list of Word in the order of the file.
    """
    text = SOURCE.read_text(encoding="utf-8") if text is None else text
    words = []
    for line, meaning, number in re.findall(r"^(\S.*)\n: (.+?)(?: \(introduced in (\d\d)\))?$", text, re.M):
        term, _, forms = line.rstrip(")").partition(" (")
        words.append(Word(term, (term, *filter(None, forms.split(", "))), meaning, number))
    return words


def used_in(word, notebooks):
    """Say which notebooks use a word in their texts.

    Args:
        word: a Word.
        notebooks: dict from a notebook's name to the notebook (nbformat).

    Returns:
        A list of names.
    """
    case = re.I if len(word.term) > 2 else 0  # "p" is a word of its own, and "P" is not
    pattern = re.compile("|".join(rf"\b{re.escape(form)}s?\b" for form in word.forms), case)
    texts = {
        stem: "\n".join(cell.source for cell in notebook.cells if cell.cell_type == "markdown")
        for stem, notebook in notebooks.items()
    }
    return [stem for stem, text in texts.items() if pattern.search(text)]


def glossary_page(notebooks):
    """Write the page of words: those that the notebooks at hand use, each with links to them.

    Args:
        notebooks: dict from a notebook's name to the notebook (nbformat).

    Returns:
        MyST Markdown.
    """
    head = SOURCE.read_text(encoding="utf-8").split("\n\n")[:2]
    lines = [*"\n\n".join(head).splitlines(), "", "```{glossary}"]
    for word in read_words():
        places = used_in(word, notebooks)
        if places:
            links = ", ".join(f"[{short_name(stem).partition('_')[0]}]({stem}.ipynb)" for stem in places)
            lines += [word.term, f"  {word.meaning} ({links})", ""]
    return "\n".join([*lines, "```", ""])
