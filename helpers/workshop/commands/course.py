"""Run the notebooks (quick) on the data at hand; read them in build/course/site/index.html.

examples:
  python -m helpers course                the core notebooks
  python -m helpers course --deeper       those that go deeper, too (DEEPER=1)
  python -m helpers course 01 d09         some: a core one, and one that goes deeper
  python -m helpers course --workers 1    one after the other: slower, and in less memory
  COURSE_DATA=~/sets python -m helpers course
"""

import os
import subprocess
import sys
from concurrent.futures import ThreadPoolExecutor

from helpers.course import ROOT, build_folder, data_folder
from helpers.workshop.commands.test import said_seconds
from helpers.workshop.notebook_names import notebook_name, notebooks_in
from helpers.workshop.notebooks import parallel, runner

__all__ = ["add_arguments", "print_table", "run", "run_all", "run_one", "switched_on", "write_explorer", "write_site"]


def add_arguments(parser):
    """Declare the options.

    Args:
        parser: the command's argparse parser.
    """
    parser.add_argument("notebook", nargs="*", help="number or name: 01, or d09 for one that goes deeper")
    parser.add_argument("--deeper", action="store_true", help="without names: the deeper notebooks, too (DEEPER=1)")
    parallel.add_option(parser, "notebooks")


def switched_on(name):
    """Say whether an environment variable is set to anything but nothing or 0.

    Args:
        name: the variable's name, for example "DEEPER".

    Returns:
        A bool.
    """
    return os.environ.get(name, "") not in ("", "0")


def data_words(setup):
    """Say in a few words which data a notebook ran on.

    Args:
        setup: what the notebook's first output reported.

    Returns:
        For example "shapes real"; "-" where it reported nothing.
    """
    return ", ".join(f"{name} {origin}" for name, origin in setup.get("data", {}).items()) or "-"


def print_table(outcomes):
    """Print a line per notebook: seconds, memory, data, result.

    Args:
        outcomes: a list of runner.Outcome.
    """
    data = [data_words(outcome.setup) for outcome in outcomes]
    width = max(map(len, ["data", *data])) + 2
    names = max(len(outcome.name) for outcome in outcomes) + 2
    print(f"\n{'notebook':<{names}}{'seconds':>8}{'MB':>7}  {'data':<{width}}result")
    for outcome, words in zip(outcomes, data):
        row = f"{outcome.name:<{names}}{outcome.seconds:>8.0f}{outcome.megabytes:>7.0f}"
        print(f"{row}  {words:<{width}}{outcome.error or 'ok'}")


def run_one(path, target, *, profile, environment=(), kernels=None, figures=None):
    """Run a notebook; write it as soon as it is done.

    Args:
        path: Path of the notebook.
        target: folder for the executed notebook.
        profile: "quick" or "full".
        environment: dict of what its environment has beside this process's own.
        kernels: the runner.Kernels that it shall end with, when several run at a time.
        figures: None, or Path of the folder that keeps its figures, see runner.execute.

    Returns:
        A runner.Outcome.
    """
    outcome = runner.execute(path, profile=profile, environment=environment, kernels=kernels, figures=figures)
    runner.write_notebook(outcome.notebook, target / f"{outcome.name}.ipynb")
    return outcome


def run_all(files, target, *, profile, at_a_time=1):
    """Run notebooks; each is written as soon as it is done.

    Args:
        files: Paths of notebooks.
        target: folder for the executed notebooks.
        profile: "quick" or "full".
        at_a_time: how many run at a time.

    Returns:
        A list of runner.Outcome, one a notebook in the order of files; one that fails does not stop the others.
    """
    from tqdm.auto import tqdm

    shared, kernels = parallel.shared_cores(at_a_time), runner.Kernels()

    def run_next(number, path):
        tqdm.write(f"[{number}/{len(files)}] {notebook_name(path)} ...")
        return run_one(path, target, profile=profile, environment=shared, kernels=kernels)

    with ThreadPoolExecutor(at_a_time) as pool:
        waiting = [pool.submit(run_next, number, path) for number, path in enumerate(files, start=1)]
        try:
            return [each.result() for each in waiting]
        except BaseException:  # Ctrl-C, or a full disk: no cell is waited for
            pool.shutdown(wait=False, cancel_futures=True)
            kernels.stop()
            raise


def write_explorer():
    """Write what notebooks and site show of the explorer, unless it is there or its network is missing."""
    made = [ROOT / "build" / name for name in ("explorer.html", "living.html")]
    if (ROOT / "data" / "pretrained" / "mnist_cnn.keras").is_file() and not all(page.is_file() for page in made):
        subprocess.run([sys.executable, "-m", "helpers", "explorer"], cwd=ROOT)


def write_site(target):
    """Write the site of the executed notebooks in a folder, and say where it is.

    Args:
        target: the folder; the site goes to its subfolder "site". Notebooks that the course no longer has are left out.
    """
    from helpers.workshop.handouts.site import build_site

    print("\nWriting pages to read ...", flush=True)
    write_explorer()
    build_site(target, target / "site", only=notebooks_in(ROOT / "notebooks"))
    print(f"Read them in a browser: {target.relative_to(ROOT).as_posix()}/site/index.html")


def run(arguments):
    """Run the notebooks, print the table, write the site and say where to look.

    Args:
        arguments: the parsed options.

    Returns:
        0, or 1 if a notebook failed (the others ran all the same).
    """
    data_folder()  # a COURSE_DATA that names nothing is said now, once, and not by every notebook
    files = runner.notebook_files(arguments.notebook, deeper=arguments.deeper or switched_on("DEEPER"))
    target = build_folder("course")
    at_a_time = min(arguments.workers or parallel.default_workers(), len(files))
    minutes = max(1, round(sum(map(said_seconds, files)) / at_a_time / 60))
    print(f"Notebooks to run: {len(files)}, {at_a_time} at a time; about {minutes} min.", flush=True)
    outcomes = run_all(files, target, profile="quick", at_a_time=at_a_time)
    print_table(outcomes)
    write_site(target)
    return int(any(outcome.error for outcome in outcomes))
