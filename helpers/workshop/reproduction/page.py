"""Write what came of the ledger as one page: reported beside measured, item by item, narrow enough for a phone."""

from pathlib import Path

from helpers.workshop.reproduction.judging import VERDICTS, judge, problems

__all__ = ["reproduction_page"]

COLUMNS = ["figure", "reported", "measured", "verdict"]
NO_BREAK = "\N{NO-BREAK SPACE}"
ERRATA = "## What is wrong in the articles\n\nThe notebooks say so in short notes, where it matters, and do it right.\n"
RUNS = '\n## The runs\n\nWith their data ("real", or "embedded": what the course brings along in its place) and date.\n'


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

    findings = judged(ledger.items)
    named = {name for entry in ledger.entries.values() for name in entry.notebooks}
    missing = [] if part else sorted(named - set(notebooks))
    head = Path(__file__).with_name("head.md").read_text(encoding="utf-8")
    parts = [head, _summary(findings), _complaints(problems(ledger, notebooks, results))]
    for article, about in ledger.articles.items():
        own = [finding for finding in findings if finding.entry.article == article]
        if own:
            source = f"By {about['source']}.\n" if "source" in about else ""
            parts += [f'## {article}: "{about["title"]}"\n', source, *(_item(finding, link) for finding in own)]
    parts += [ERRATA, *(_erratum(finding, link) for finding in judged(ledger.errata))]
    return "\n".join(filter(None, [*parts, _runs(notebooks, missing, link)]))


def _summary(findings):
    """How many items have which verdict, and which."""
    lines = [f"Of {len(findings)} items:\n"]
    for name, (_, words) in VERDICTS.items():
        ids = [f"[{each.entry.id}](#{each.entry.id})" for each in findings if each.verdict == name]
        lines += [f"- {words.format(f'**{len(ids)}**')}: {', '.join(ids)}"] if ids else []
    return "\n".join(lines) + "\n"


def _complaints(complaints):
    """What is missing or out of its rule, if anything is."""
    return "## Not as it should be\n\n" + "".join(f"- {problem}\n" for problem in complaints) if complaints else ""


def _runs(notebooks, missing, link):
    """Which runs all this is read from: every notebook, by what they ran with, and what they said of their data."""
    runs, notes = {}, {}
    for name, notebook in notebooks.items():
        setup = notebook.setup
        versions = ", ".join(f"{package} {version}" for package, version in setup.get("versions", {}).items())
        way = f"Profile {setup.get('profile', '-')}, on {setup.get('device', '-')}, with {versions or '-'}:\n"
        data = ", ".join(f"{data} {origin}" for data, origin in setup.get("data", {}).items()) or "no data"
        runs.setdefault(way, []).append(f"- [{name}]({link.format(name)}): {data}; {setup.get('date', '-')}")
        notes |= dict.fromkeys(f"- {note}" for note in notebook.data_notes)
    parts = [RUNS]
    for way, lines in runs.items():
        parts += [way, *lines, ""]
    parts += [f"Not there yet: {', '.join(missing)}.\n"] if missing else []
    return "\n".join([*parts, *(["What they say of their data:\n", *notes, ""] if notes else [])])


def _item(finding, link):
    """An item: what the reader sees, in which cells, and a row for each of its figures."""
    entry = finding.entry
    parts = [f"### {entry.id}\n", f"**{VERDICTS[finding.verdict][0]}.** {_sentence(entry.seen)}\n"]
    if entry.reported and not any(value.reported is not None for value in entry.values):
        parts.append(f"Reported: {entry.reported}.\n")
    parts += [_table(finding.lines), f"{_sentence(entry.why)}\n" if entry.why and finding.cells else ""]
    return "\n".join(filter(None, [*parts, f"See {_links(finding, link)}.\n"]))


def _sentence(words):
    """Words of the ledger as a sentence."""
    return words[0].upper() + words[1:].rstrip(".") + "."


def _table(lines):
    """The figures of an item as a Markdown table; a bar within a cell must not end it."""
    rows = [[line.name, line.reported, line.measured, line.words] for line in lines]
    cells = [[cell.replace("|", "\\|") for cell in row] for row in [COLUMNS, ["---"] * len(COLUMNS), *rows]]
    return "".join(f"| {' | '.join(row)} |\n" for row in cells) if rows else ""


def _links(finding, link):
    """Its cells, each with an address that Jupyter Lab and the built pages know; the tag where there is none yet."""
    said = []
    for name in finding.entry.notebooks:
        cells = [(cell.label.replace(" ", NO_BREAK), cell.id) for where, cell in finding.cells if where == name]
        linked = ", ".join(f"[{label}]({link.format(name)}#cell-id={cell})" for label, cell in cells)
        said.append(f"{name}: {linked}" if linked else f"{name}, tag `{finding.entry.tag}`")
    return "; ".join(said)


def _erratum(finding, link):
    """What an article has wrong, what is right, and where it is said."""
    entry = finding.entry
    return f"- **{entry.id}**: {_sentence(entry.seen)} *Right*: {entry.right} ({_links(finding, link)})."
