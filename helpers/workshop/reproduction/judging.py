"""Hold every entry of the ledger against the executed notebooks: its cells, its figures, its verdict."""

from dataclasses import dataclass
from decimal import Decimal

from helpers.workshop.reproduction.measuring import measure, number_words, out_of_rule, verdict

__all__ = ["VERDICTS", "Finding", "Line", "judge", "problems"]

# Over an item, and in the summary; in the order in which one of them speaks for an item of several figures.
VERDICTS = {
    "problem": ("Not as it should be", "in {} a cell or figure is missing, or out of its rule"),
    "missing": ("Notebook not there yet", "for {} the notebook is not there yet"),
    "worse": ("Not as good as reported", "in {} a figure of ours is lower than reported (a loss: higher)"),
    "better": ("Better than reported", "in {} a figure of ours is better than reported"),
    "fails": ("The article's reading does not hold here", "in {} the article's reading fails in our network"),
    "corrected": ("The article is wrong", "in {} the article is wrong, and ours is right"),
    "same": ("The same as reported", "in {} ours is the same as reported"),
    "shown": ("Ours alone", "in {} ours stands alone, since the article gives no figure to compare it with"),
    "picture": ("Picture", "in {} there are pictures, to be compared by eye"),
}


@dataclass(frozen=True)
class Line:
    """One figure of an item, in words for the reader.

    Attributes:
        name, reported, measured, words: what the columns of the report say.
        verdict: one of VERDICTS.
    """

    name: str
    reported: str
    measured: str
    verdict: str
    words: str


@dataclass(frozen=True)
class Finding:
    """What came of one entry.

    Attributes:
        entry: items.Entry.
        cells: list of pairs (notebook's name, cells.Cell) that carry its tag.
        missing: names of its notebooks that are not there yet.
        lines: list of Line, one a figure.
        problems: list of sentences: what a test has to fail for.
    """

    entry: object
    cells: list
    missing: list
    lines: list
    problems: list

    @property
    def verdict(self):
        """The one of VERDICTS that speaks for the whole entry."""
        verdicts = {line.verdict for line in self.lines} | ({"problem"} if self.problems else set())
        if not self.cells and self.missing:
            verdicts.add("missing")
        return next((name for name in VERDICTS if name in verdicts), "picture")


def judge(entry, ledger, notebooks, results):
    """Hold one entry against the notebooks.

    Args:
        entry: items.Entry, of the ledger.
        ledger: items.Ledger.
        notebooks: dict of name -> cells.ExecutedNotebook.
        results: Path of the folder of kept results.

    Returns:
        A Finding.
    """
    missing = [name for name in entry.notebooks if name not in notebooks]
    sentences = [
        f"{name} has no cell with the tag {entry.tag}"
        for name in entry.notebooks
        if name in notebooks and not notebooks[name].tagged(entry.tag)
    ]
    cells = _cells(entry, notebooks)
    if entry.right is None:  # an erratum may be treated by words alone
        sentences += [
            f"{name}, {cell.label}: no output" for name, cell in cells if cell.kind == "code" and not cell.outputs
        ]
    finding = Finding(entry, cells, missing, [], [f"{entry.id}: {sentence}" for sentence in sentences])
    if missing or sentences:
        return finding
    pictures = sum(len(cell.pictures) for _, cell in cells)
    if pictures < entry.pictures:
        finding.problems.append(f"{entry.id}: {pictures} pictures instead of {entry.pictures}")
    for value in entry.values:
        read_from = cells if value.cell is None else _cells(ledger.entries[value.cell], notebooks)
        _add_line(finding, value, [cell for _, cell in read_from], results)
    return finding


def _cells(entry, notebooks):
    """The cells of an entry, with their notebooks' names."""
    return [(name, cell) for name in entry.notebooks if name in notebooks for cell in notebooks[name].tagged(entry.tag)]


def _add_line(finding, value, cells, results):
    """Read one figure; add its line, and what is wrong with it."""
    reported = _reported_words(value)
    try:
        measured = measure(value, cells, results)
    except LookupError as error:
        finding.problems.append(f"{finding.entry.id}: {error.args[0]}")
        finding.lines.append(Line(value.name, reported, "-", "problem", "missing"))
        return
    broken = out_of_rule(value, measured)
    if broken:
        finding.problems.append(f"{finding.entry.id}: {broken}")
    kind, words = ("problem", "out of its rule") if broken else verdict(value, measured)
    finding.lines.append(Line(value.name, reported, _measured_words(value, measured), kind, words))


def _reported_words(value):
    reported = value.reported
    if reported is None:
        return "as described" if value.rule == "equal" else "-"
    if isinstance(reported, list):
        return ", ".join(map(str, reported))
    # A Decimal keeps the zeros that the article has printed; a small one is printed as the article prints it.
    small = isinstance(reported, Decimal) and reported < Decimal("0.0005")
    return f"{reported:,}" if isinstance(reported, int) else str(float(reported) if small else reported)


def _measured_words(value, measured):
    """What was measured, with the seeds, and from which lowest to which highest."""
    if not measured.seeds:
        words = [number_words(one, value) for one in measured.values]
        if len(words) > 1:  # no commas within a list of commas
            words = [word.replace(",", "") for word in words]
        spread = f" (spread of seeds {number_words(measured.spread, value)})" if measured.spread else ""
        return ", ".join(words) + spread
    seeds = sorted(set(measured.seeds))
    trainings = f"seed{'s' if len(seeds) > 1 else ''} {', '.join(map(str, seeds))}"
    if len(measured.seeds) == 1:
        return f"{number_words(measured.mean, value)} ({trainings})"
    low, high = (number_words(of(measured.values), value) for of in (min, max))
    if len(measured.seeds) > len(seeds):
        trainings = f"{len(measured.seeds)} trainings, {trainings}"
    return f"{number_words(measured.mean, value)} ({low} to {high}; {trainings})"


def problems(ledger, notebooks, results):
    """List everything that keeps the notebooks from showing what the ledger says.

    Args:
        ledger: items.Ledger.
        notebooks: dict of name -> cells.ExecutedNotebook.
        results: Path of the folder of kept results.

    Returns:
        A list of sentences; [] when all is well. Notebooks that are not there yet are no problem.
    """
    entries = ledger.entries
    sentences = [problem for entry in entries.values() for problem in judge(entry, ledger, notebooks, results).problems]
    for name, notebook in notebooks.items():
        for stray in sorted(notebook.ledger_ids):
            if stray not in entries:
                sentences.append(f"{name} has the tag ledger:{stray}, which stands for no entry of the ledger")
            elif name not in entries[stray].notebooks:
                sentences.append(f"{name} has the tag ledger:{stray}, whose notebook is {entries[stray].notebooks[0]}")
    return sentences
