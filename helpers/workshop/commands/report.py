"""Write REPRODUCTION.md: what the articles report beside what the notebooks show.

Everything on the page is read from the committed executed notebooks and the kept results of their trainings;
notebooks/ledger.toml says what to look for. Exit 1 where an item has no cell, a cell no output, or a figure is
missing or out of its rule; the page is written all the same, and names it.

examples:
  python -m helpers report            write REPRODUCTION.md
  python -m helpers report --check    write nothing; exit 1 where the page is not what the notebooks say
"""

import sys

from helpers._shared.files import write_beside
from helpers.course import ROOT
from helpers.workshop import reproduction

__all__ = ["add_arguments", "page_of", "run"]


def add_arguments(parser):
    """Declare the options.

    Args:
        parser: the command's argparse parser.
    """
    parser.add_argument("--check", action="store_true", help="write nothing; say what is wrong or out of date")


def page_of(root, folder, **choices):
    """Hold the ledger of a repository against the notebooks of a folder.

    Args:
        root: Path of the repository.
        folder: Path of the executed notebooks.
        **choices: what reproduction.reproduction_page takes.

    Returns:
        A pair: the page as Markdown, and a list of sentences, one a problem.
    """
    about = reproduction.read_ledger(root / "notebooks" / "ledger.toml")
    notebooks, results = reproduction.read_notebooks(folder), root / "data" / "results"
    page = reproduction.reproduction_page(about, notebooks, results, **choices)
    return page, reproduction.problems(about, notebooks, results)


def run(arguments):
    """Write the page, or check it; say how the items are.

    Args:
        arguments: the parsed options.

    Returns:
        0, or 1 if something is missing, out of its rule or (with --check) out of date.

    Raises:
        FileNotFoundError: if there is no ledger, as in a course that was handed out.
    """
    target = ROOT / "REPRODUCTION.md"
    if not (ROOT / "notebooks" / "ledger.toml").is_file():
        raise FileNotFoundError(
            "notebooks/ledger.toml is needed and is not here: a handed-out copy of the course has "
            "none, and its REPRODUCTION.md is that of the course."
        )
    page, complaints = page_of(ROOT, ROOT / "notebooks")
    for problem in complaints:
        print(problem, file=sys.stderr)
    if arguments.check:
        there = target.read_text(encoding="utf-8") if target.is_file() else ""
        if there != page:
            print(f"{target.name} is not what the notebooks say: make report writes it anew.", file=sys.stderr)
        return int(bool(complaints) or there != page)
    write_beside(target, page)
    print(f"Written: {target.name}" + (f", with {len(complaints)} problems" if complaints else ""))
    return int(bool(complaints))
