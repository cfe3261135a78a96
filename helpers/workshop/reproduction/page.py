"""Write what came of the ledger as one page: reported beside measured, article by article."""

from helpers.workshop.reproduction.judging import VERDICTS, Line, judge, problems

__all__ = ["reproduction_page"]

HEAD = """# Reported and measured

What the five articles show, item by item, beside what the notebooks of this course show. The page is written from
executed notebooks, by `make report` from the committed ones and by `make reproduce` from its own: no measured figure
was typed. A figure of several trainings is their mean, the spread is from the lowest to the highest, and the verdict
compares the mean with the reported figure. "Same" means equal in the reported digits, or that the reported figure lies
within the spread. Pictures are compared by eye: `make reproduce` writes each as `build/figures/<id>.png` and, where
`helpers.plots` knows the article's look, as `<id>_article.png`, both as PDF, too; `make reproduce BESIDE=folder` puts
the pictures of a folder beside them.
"""
COLUMNS = ["id", "what the reader sees", "figure", "reported", "measured", "seeds", "spread", "data", "verdict", "cell"]
NO_BREAK = "\N{NO-BREAK SPACE}"
ERRATA = """## What is wrong in the articles

Said where it matters, in one short note, and done right.
"""


def reproduction_page(ledger, notebooks, results, *, link="notebooks/{}.ipynb", part=False):
    """Write the page.

    Args:
        ledger: items.Ledger.
        notebooks: dict of name -> cells.ExecutedNotebook.
        results: Path of the folder of kept results.
        link: where a notebook is found from the page; {} stands for its name.
        part: True leaves out what belongs to notebooks that are not there.

    Returns:
        The page as Markdown.
    """

    def judged(entries):
        findings = [judge(entry, ledger, notebooks, results) for entry in entries]
        return [finding for finding in findings if finding.verdict != "missing"] if part else findings

    findings, names = judged(ledger.items), {name for entry in ledger.entries.values() for name in entry.notebooks}
    names = sorted(names & set(notebooks) if part else names)
    complaints = problems(ledger, notebooks, results)
    parts = [HEAD, _summary(findings), _complaints(complaints), _provenance(names, notebooks, link)]
    for article, about in ledger.articles.items():
        own = [finding for finding in findings if finding.entry.article == article]
        rows = [row for finding in own for row in _item_rows(finding, notebooks, link)]
        if rows:
            parts.append(f'## {article}: "{about["title"]}"\n\n' + _table(COLUMNS, rows) + _reasons(own))
    parts.append(ERRATA + "\n" + _errata_table(judged(ledger.errata), link))
    return "\n".join(filter(None, parts))


def _table(columns, rows):
    """A Markdown table; a bar within a cell must not end it."""
    lines = [columns, ["---"] * len(columns), *rows]
    return "".join("| " + " | ".join(str(cell).replace("|", "\\|") for cell in line) + " |\n" for line in lines)


def _summary(findings):
    """How many items have which verdict, and which."""
    rows = []
    for name, words in VERDICTS.items():
        ids = [finding.entry.id for finding in findings if finding.verdict == name]
        rows += [[len(ids), words, ", ".join(ids)]] if ids else []
    return _table([f"of {len(findings)} items", "verdict", "which"], rows)


def _complaints(complaints):
    """What is missing or out of its rule, if anything is."""
    return "## Not as it should be\n\n" + "".join(f"- {problem}\n" for problem in complaints) if complaints else ""


def _provenance(names, notebooks, link):
    """Which run of which notebook all this is read from."""
    rows, notes = [], {}
    for name in names:
        if name not in notebooks:
            rows.append([name, "notebook not there yet", "-", "-", "-", "-"])
            continue
        setup = notebooks[name].setup
        versions = ", ".join(f"{package} {version}" for package, version in setup.get("versions", {}).items())
        profile, device, date = (setup.get(what, "-") for what in ("profile", "device", "date"))
        rows.append([f"[{name}]({link.format(name)})", profile, _data(notebooks[name]), versions, device, date])
        notes |= dict.fromkeys(f"- {note}\n" for note in notebooks[name].data_notes)
    table = _table(["notebook", "profile", "data", "versions", "device", "date"], rows)
    return "## The runs\n\n" + table + ("\n" + "".join(notes) if notes else "")


def _data(notebook):
    return ", ".join(f"{name}: {origin}" for name, origin in notebook.setup.get("data", {}).items()) or "-"


def _links(finding, link):
    """Its cells, each with an address that Jupyter Lab and the built pages know; the tag where there is none yet."""
    cells = [(cell.label.replace(" ", NO_BREAK), link.format(name), cell.id) for name, cell in finding.cells]
    linked = [f"[{label}]({file}#cell-id={cell})" for label, file, cell in cells]
    return ", ".join([*linked, *(f"{name}, tag `{finding.entry.tag}`" for name in finding.missing)]) or "-"


def _item_rows(finding, notebooks, link):
    """One row a figure, or one for the picture; item, data and cells are named once."""
    entry, lines = finding.entry, finding.lines or [_line_of_pictures(finding)]
    rows = [[line.name, line.reported, line.measured, line.seeds, line.spread] for line in lines]
    if not finding.lines or not any(value.reported is not None for value in entry.values):
        rows[0][1] = entry.reported or "-"
    data = ", ".join(dict.fromkeys(_data(notebooks[name]) for name in entry.notebooks if name in notebooks)) or "-"
    full = [[entry.id, entry.seen, *rows[0], data, lines[0].words, _links(finding, link)]]
    return full + [["", "", *row, "", line.words, ""] for row, line in zip(rows[1:], lines[1:])]


def _line_of_pictures(finding):
    """The line of an item without figures: how many pictures show it."""
    count, words = len(finding.pictures), VERDICTS[finding.verdict].partition(",")[0]
    if finding.missing and finding.cells:
        words += "; a notebook is not there yet"
    pictures = f"{count} picture{'s' if count > 1 else ''}" if count else "-"
    return Line("-", "-", pictures, "-", "-", finding.verdict, words)


def _reasons(findings):
    """Why ours differs, where that is known and the notebook is there."""
    said = [f"- {finding.entry.id}: {finding.entry.why}" for finding in findings if finding.entry.why and finding.cells]
    return "\n" + "\n".join(said) + "\n" if said else ""


def _errata_table(findings, link):
    rows = [[finding.entry.id, finding.entry.seen, finding.entry.right, _links(finding, link)] for finding in findings]
    return _table(["id", "what is wrong", "right", "cell"], rows)
