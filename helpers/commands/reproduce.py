"""Run notebooks in full, the articles' own training, into build/reproduce/.

With --commit, and only where every data set is real, the committed notebooks are replaced.
Finished trainings are kept, so a second run takes minutes; FRESH=1 trains anew.

examples:
  COURSE_DATA=~/sets python -m helpers reproduce 01
  COURSE_DATA=~/sets python -m helpers reproduce 01 --commit
"""

import os
from base64 import b64decode

from helpers import running
from helpers.commands.course import print_table, run_all
from helpers.course import ROOT, build_folder, data_folder

__all__ = ["add_arguments", "run"]


def add_arguments(parser):
    """Declare the options.

    Args:
        parser: the command's argparse parser.
    """
    parser.add_argument("notebook", nargs="*", help="number or name, for example 01; all when none is given")
    parser.add_argument(
        "--commit", action="store_true", help="replace the committed notebooks (COMMIT=1 does it too)"
    )


def why_not_commit(outcome):
    """Say what keeps an executed notebook out of the repository.

    Args:
        outcome: a running.Outcome.

    Returns:
        None if nothing does, else one phrase.
    """
    embedded = [name for name, origin in outcome.setup.get("data", {}).items() if origin != "real"]
    if outcome.error:
        return "it failed"
    if not outcome.setup:
        return "its first output says nothing of its data"
    if embedded:
        return f"it ran on embedded data ({', '.join(embedded)}); make data fetches the real sets"
    outputs = [output for cell in outcome.notebook.cells for output in cell.get("outputs", [])]
    if any(output.get("name") == "stderr" for output in outputs):
        return "it wrote to stderr"
    return None


def write_readme_picture(notebook, target):
    """Write the picture of the cell tagged readme-picture, if the notebook has one: README shows what a run made.

    Args:
        notebook: the executed notebook.
        target: Path of the PNG file.
    """
    for cell in notebook.cells:
        if "readme-picture" in cell.metadata.get("tags", []):
            picture = b64decode(
                next(
                    output["data"]["image/png"]
                    for output in cell.outputs
                    if "image/png" in output.get("data", {})
                )
            )
            running.write_beside(target, picture)


def run(arguments):
    """Run the notebooks in full; replace the committed ones on demand.

    Args:
        arguments: the parsed options.

    Returns:
        0, or 1 if a notebook failed or could not be committed.
    """
    data_folder()
    outcomes = run_all(running.notebook_files(arguments.notebook), build_folder("reproduce"), profile="full")
    print_table(outcomes)
    failed = any(outcome.error for outcome in outcomes)
    if not (arguments.commit or os.environ.get("COMMIT")):
        return int(failed)
    for outcome in outcomes:
        reason = why_not_commit(outcome)
        failed = failed or bool(reason)
        if not reason:
            running.write_notebook(outcome.notebook, ROOT / "notebooks" / outcome.path.name)
            write_readme_picture(outcome.notebook, ROOT / "notebooks" / "figures" / "channel_grid.png")
        print(f"{outcome.path.stem}: {'replaced' if not reason else 'not replaced: ' + reason}")
    return int(failed)
