"""The glossary holds the field's words, and core notebooks introduce each one before they use it."""

import re

import nbformat
import pytest
from nbformat.v4 import new_code_cell, new_markdown_cell, new_notebook

from helpers.course import ROOT
from helpers.workshop.handouts.glossary import read_words

FIELD = """convolution, padding, stride, receptive field, feature map, pooling, overfitting, validation set, data
augmentation, regularisation, weight decay, learning-rate schedule, callback, hyperparameter, seed, cross-entropy,
backpropagation, gradient, distribution shift, baseline, ablation, probe, saliency, transfer learning, confidence
interval"""
TERMS = " ".join(FIELD.split()).split(", ")
WORDS = {word.term: word for word in read_words()}
INTRODUCED = {term: WORDS[term].introduced for term in TERMS if term in WORDS}
CORE = {path.name[:2]: path for path in sorted((ROOT / "notebooks").glob("[0-9][0-9]_*.ipynb"))}


def texts(notebook):
    """The words of each text cell, on one line, without code, formulas, addresses of links and HTML tags."""
    not_words = r"```.*?```|`[^`]*`|\$\$.*?\$\$|\$[^$\n]+\$|\]\([^)]*\)|<[^>]+>"
    cells = [cell.source for cell in notebook.cells if cell.cell_type == "markdown"]
    return [re.sub(not_words, " ", cell, flags=re.S) for cell in cells]


def pattern(term):
    """What finds a term in a text, alone or in the plural, with a space or a hyphen, over the end of a line, too."""
    return r"\b" + r"[-\s]+".join(map(re.escape, re.split("[- ]", term))) + r"(?:e?s)?\b"


def unheralded(notebook):
    """The texts in which a word counts as used: not the opening cell, which names the ideas, and no headings."""
    return [re.sub(r"^#+ .*$", "", text, flags=re.M) for text in texts(notebook)[1:]]


def faults(term, introduced, notebooks):
    """Say what is wrong with the introduction of a term.

    Args:
        term: the term.
        introduced: number of the notebook that is to introduce it.
        notebooks: dict from number to notebook (nbformat): those that are held to it, in any order.

    Returns:
        A list of sentences; [] where all is well, or where the notebook is not among those.
    """
    if introduced not in notebooks:
        return []
    bold = re.compile(rf"\*\*{pattern(term)}\*\*", re.I)
    used = re.compile(pattern(term), re.I)
    said = [
        f"{number} uses {term} before {introduced} introduces it"
        for number, notebook in notebooks.items()
        if number < introduced and any(map(used.search, texts(notebook)))
    ]
    said += [
        f"{number} introduces {term}, which is the matter of {introduced}"
        for number, notebook in notebooks.items()
        if number != introduced and any(map(bold.search, texts(notebook)))
    ]
    here = "\n\n".join(unheralded(notebooks[introduced]))
    place = bold.search(here)
    if not place:
        return [*said, f"{introduced} does not introduce **{term}** in bold"]
    early = used.search(here[: place.start()])
    return [*said, f"{introduced} uses {term} before it introduces it"] if early else said


def test_every_word_of_the_field_stands_in_the_glossary():
    assert len(TERMS) == 25 and [term for term in TERMS if term not in WORDS] == []


def test_every_word_of_the_field_has_a_core_notebook_that_introduces_it():
    assert {term: number for term, number in INTRODUCED.items() if not re.fullmatch("0[0-9]|10", number)} == {}
    assert [word.term for word in WORDS.values() if word.introduced and word.term not in TERMS] == []


def test_a_meaning_is_one_sentence():
    for word in WORDS.values():
        assert word.meaning.endswith(".") and ". " not in word.meaning, word.term
        assert "introduced in" not in word.meaning, word.term


def test_where_a_word_is_introduced_is_read_and_may_be_missing():
    words = read_words("# Words\n\nHead.\n\nstride (strides)\n: a step. (introduced in 00)\n\nunit\n: one value.\n")
    assert [(word.term, word.meaning, word.introduced) for word in words] == [
        ("stride", "a step.", "00"),
        ("unit", "one value.", ""),
    ]


@pytest.mark.parametrize("term", TERMS)
def test_notebooks_introduce_a_word_before_they_use_it(term):
    notebooks = {number: nbformat.read(path, as_version=4) for number, path in CORE.items()}
    assert faults(term, INTRODUCED[term], notebooks) == []


# The check itself


def toy(*cells):
    return new_notebook(cells=[new_markdown_cell("# A toy?\n\nIdeas: feature maps."), *map(new_markdown_cell, cells)])


RIGHT = toy("## Feature maps\n\nOne filter makes one **feature\nmap**. It has a size.", "Two feature maps.")


@pytest.mark.parametrize(
    "notebooks, words",
    [
        ({}, None),
        ({"02": toy("A feature map.")}, None),  # 01 is not among those that are held to it
        ({"01": RIGHT}, None),
        ({"01": toy("**Feature maps** are small pictures."), "02": toy("A feature map.")}, None),
        ({"01": toy("The code `feature map` and [it](feature map), then **feature-map**.")}, None),
        ({"01": toy("A feature map is used, and no word on it.")}, "01 does not introduce **feature map** in bold"),
        ({"01": toy("A feature map.", "A **feature map**.")}, "01 uses feature map before it introduces it"),
        ({"00": toy("Feature\nmaps."), "01": RIGHT}, "00 uses feature map before 01 introduces it"),
        ({"00": toy(), "01": RIGHT}, "00 uses feature map before 01 introduces it"),  # the ideas of 00 name it
        ({"01": RIGHT, "02": toy("A **feature map**.")}, "02 introduces feature map, which is the matter of 01"),
    ],
)
def test_the_check_finds_what_is_wrong(notebooks, words):
    assert faults("feature map", "01", notebooks) == ([words] if words else [])


def test_code_cells_are_no_texts():
    notebook = toy("A **feature map**.")
    notebook.cells.insert(1, new_code_cell("# feature map"))
    assert faults("feature map", "01", {"01": notebook}) == []
