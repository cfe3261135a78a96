"""Run notebooks in full, core and deeper, the articles' own training, into build/reproduce/.

Each picture of the articles' ledger is written to build/figures/: ID.png (300 dots an inch) and ID.pdf in our look,
ID_article.png and ID_article.pdf in the article's; further ones of an item are ID-2 and so on. What the articles report
stands beside what was measured in build/reproduce/REPRODUCTION.md. Finished trainings are kept, so a second run takes
minutes. A run that was interrupted goes on with the notebook, and within it with the training, where it stopped;
AGAIN=1 runs finished notebooks again, FRESH=1 trains anew, too.

With --beside FOLDER, pictures of the articles that you have (named by item: xray-04.png, xray-03_channel_30.png) stand
beside ours on one page, build/figures/beside.html. Without names of notebooks, this runs none, and takes the pictures
of an earlier run.

With --commit, and only where every data set is real, the committed notebooks are replaced, and REPRODUCTION.md with
them.

examples:
  COURSE_DATA=~/sets python -m helpers reproduce 01
  COURSE_DATA=~/sets python -m helpers reproduce d09 --commit
  COURSE_DATA=~/sets python -m helpers reproduce --again
  COURSE_DATA=~/sets python -m helpers reproduce 03 --beside ~/articles
  python -m helpers reproduce --beside ~/articles
"""

import time
from pathlib import Path

from helpers._shared.errors import CourseError
from helpers._shared.files import write_beside
from helpers.course import ROOT, build_folder, data_folder
from helpers.workshop import reproduction
from helpers.workshop.commands.course import print_table, run_one, switched_on, write_site
from helpers.workshop.commands.report import page_of
from helpers.workshop.notebook_names import notebook_name
from helpers.workshop.notebooks import runner
from helpers.workshop.notebooks.resume import duration, expected_seconds, finished, remember
from helpers.workshop.output_pictures import small_jpeg
from helpers.workshop.reproduction.beside import beside_page, pictures_by_item

__all__ = ["add_arguments", "run"]


def add_arguments(parser):
    """Declare the options.

    Args:
        parser: the command's argparse parser.
    """
    parser.add_argument("notebook", nargs="*", help="number or name: 01, or d09 for one that goes deeper")
    parser.add_argument("--commit", action="store_true", help="replace the committed notebooks (COMMIT=1 does it too)")
    again = "run finished notebooks again; trainings stay kept (AGAIN=1)"
    parser.add_argument("--again", action="store_true", help=again)
    beside = "write build/figures/beside.html: a folder's pictures beside ours; runs only notebooks that are named"
    parser.add_argument("--beside", metavar="FOLDER", type=Path, help=beside)


def expected_words(files, *, fresh):
    """Say how long notebooks will take.

    Args:
        files: Paths of committed notebooks.
        fresh: True where every training is done anew.

    Returns:
        For example "about 4 min, at most 4 h 30 min if networks that are not here have to be trained".
    """
    least, most = (sum(every) for every in zip(*(expected_seconds(path, ROOT, fresh=fresh) for path in files)))
    words = f"about {duration(least)}" if least else "never run in full before"
    if most > least:
        words += f", at most {duration(most)} if networks that are not here have to be trained"
    return words


def run_in_turn(files, target, *, again, fresh):
    """Run notebooks one after the other, but for those that are done; say how long it will take.

    Args:
        files: Paths of notebooks.
        target: folder for the executed ones.
        again: True runs finished ones, too.
        fresh: True where every training is done anew.

    Returns:
        A list of runner.Outcome, one a notebook; one that fails does not stop the others.
    """
    done = {} if again else {path: outcome for path in files if (outcome := finished(path, target))}
    waiting = [path for path in files if path not in done]
    if len(waiting) > 1:
        print(f"{len(waiting)} notebooks to run: {expected_words(waiting, fresh=fresh)}")
    for number, path in enumerate(files, start=1):
        name = notebook_name(path)
        place = f"[{number}/{len(files)}] {name}"
        if path in done:
            print(f"{place}: done before, and nothing changed (AGAIN=1 runs it again)")
        else:
            print(f"{place}: {expected_words([path], fresh=fresh)} ...", flush=True)
            started = time.perf_counter()
            done[path] = run_one(path, target, profile="full", figures=target / "figures" / name)
            print(f"    {'failed' if done[path].error else 'done'} after {duration(time.perf_counter() - started)}")
            if not done[path].error:
                remember(path, target)
        if not done[path].error:
            write_figures(target, name)
    return [done[path] for path in files]


def read_ledger():
    """Read the ledger of the course.

    Returns:
        An items.Ledger of the reproduction; None in an installed copy without the repository.
    """
    file = ROOT / "notebooks" / "ledger.toml"
    return reproduction.read_ledger(file) if file.is_file() else None


def write_figures(folder, notebook):
    """Write the figures of the ledger's items that a notebook shows to build/figures/.

    Args:
        folder: Path of the executed notebooks, with what plot functions have drawn in its subfolder "figures".
        notebook: the notebook's name.
    """
    about, notebooks = read_ledger(), reproduction.read_notebooks(folder)
    for entry in about.items if about else ():
        if notebook in entry.notebooks:
            finding = reproduction.judge(entry, about, notebooks, ROOT / "data" / "results")
            reproduction.write_item(finding, folder / "figures", build_folder("figures"))


def figure_words():
    """Say how many figures there are.

    Returns:
        For example "build/figures/ (60 PNG, 58 PDF, of them 40 in the article's look)".
    """
    names = [path.name for path in build_folder("figures").glob("*.p[nd][gf]")]
    png, pdf, article = (sum(part in name for name in names) for part in (".png", ".pdf", "_article."))
    return f"build/figures/ ({png} PNG, {pdf} PDF, of them {article} in the article's look)"


def write_beside_page(theirs):
    """Write build/figures/beside.html: pictures of the articles beside ours.

    Args:
        theirs: dict of an item's id -> Paths of the article's pictures of it.

    Raises:
        CourseError: if no run has left a picture.
    """
    folder = build_folder("figures")
    if not any(folder.glob("*.png")):
        raise CourseError(
            "build/figures/ has no picture of ours yet: run make reproduce, or make reproduce NB=03 for some."
        )
    write_beside(folder / "beside.html", beside_page(read_ledger(), theirs, folder))
    print("The articles' pictures beside ours: build/figures/beside.html")


def why_not_commit(outcome):
    """Say what keeps an executed notebook out of the repository.

    Args:
        outcome: a runner.Outcome.

    Returns:
        None if nothing does, else one phrase.
    """
    embedded = [name for name, origin in outcome.setup.get("data", {}).items() if origin != "real"]
    if outcome.error:
        return "it failed"
    if not outcome.setup:
        return "its first output says nothing of its data"
    if "own" in outcome.setup.get("data", {}).values():
        return "it ran on images of your own; unset OWN_IMAGES"
    if embedded:
        return f"it ran on embedded data ({', '.join(embedded)}); make data fetches the real sets"
    outputs = [output for cell in outcome.notebook.cells for output in cell.get("outputs", [])]
    if any(output.get("name") == "stderr" for output in outputs):
        return "it wrote to stderr"
    return None


def write_pictures(notebook, name, folder):
    """Write the pictures that texts show: README's, the one that a core notebook opens with, the articles' looks.

    Args:
        notebook: the executed notebook; a tag says which of its cells makes which picture.
        name: what the notebook is called.
        folder: Path of ``notebooks/figures``.
    """
    executed = reproduction.ExecutedNotebook(name, notebook)
    for tag, stem in (("readme-picture", "channel_grid"), ("opening-picture", name[:2])):
        for cell in executed.tagged(tag):
            write_beside(folder / f"{stem}.png", reproduction.as_png(cell.pictures[0]))
    for item in executed.ledger_ids:  # and not those that a run of another notebook has left there
        for path in build_folder("figures").glob(f"{item}*_article.png"):
            small, _ = small_jpeg(path, largest=800)
            (folder / "article").mkdir(parents=True, exist_ok=True)
            write_beside(folder / "article" / path.name.replace("_article.png", ".jpg"), small)


def commit(outcomes):
    """Replace the committed notebooks by executed ones that are whole and real, and REPRODUCTION.md with them.

    Args:
        outcomes: a list of runner.Outcome.

    Returns:
        True if each of them was replaced.
    """
    reasons = {outcome.path: why_not_commit(outcome) for outcome in outcomes}
    for outcome in outcomes:
        reason = reasons[outcome.path]
        if not reason:
            runner.write_notebook(outcome.notebook, ROOT / "notebooks" / f"{outcome.name}.ipynb")
            write_pictures(outcome.notebook, outcome.name, ROOT / "notebooks" / "figures")
        print(f"{outcome.name}: {'replaced' if not reason else 'not replaced: ' + reason}")
    if not all(reasons.values()):
        write_report(ROOT / "notebooks", ROOT / "REPRODUCTION.md")
    return not any(reasons.values())


def write_report(folder, target, **choices):
    """Write what the articles report beside what was measured, where the repository has a ledger.

    Args:
        folder: Path of the executed notebooks.
        target: Path of the page.
        **choices: what reproduction.reproduction_page takes.
    """
    if (ROOT / "notebooks" / "ledger.toml").is_file():
        page, complaints = page_of(ROOT, folder, **choices)
        write_beside(target, page)
        print("\n".join([*complaints, f"Reported beside measured: {target.relative_to(ROOT).as_posix()}"]))


def run(arguments):
    """Run the notebooks in full; replace the committed ones on demand.

    Args:
        arguments: the parsed options.

    Returns:
        0, or 1 if a notebook failed or could not be committed.
    """
    theirs = None
    if arguments.beside:  # looked at before hours of training
        theirs = pictures_by_item(arguments.beside.expanduser(), read_ledger())
        if not arguments.notebook:
            write_beside_page(theirs)
            return 0
    data_folder()
    files = runner.notebook_files(arguments.notebook, deeper=True)
    target, fresh = build_folder("reproduce"), switched_on("FRESH")
    outcomes = run_in_turn(files, target, again=arguments.again or fresh or switched_on("AGAIN"), fresh=fresh)
    print_table(outcomes)
    print(f"\nPictures of the articles' items: {figure_words()}")
    if theirs:
        write_beside_page(theirs)
    write_report(target, target / "REPRODUCTION.md", link="site/{}.html", part=True)
    write_site(build_folder("reproduce"))
    failed = any(outcome.error for outcome in outcomes)
    if arguments.commit or switched_on("COMMIT"):
        failed = not commit(outcomes) or failed
    return int(failed)
