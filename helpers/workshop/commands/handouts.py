"""Write what a teacher hands out into build/handouts/: student, teacher, site, workshop kit, Colab edition.

examples:
  python -m helpers handouts                            from the committed notebooks
  python -m helpers handouts --from build/course        from those that make course has just run
  python -m helpers handouts --tag v0.2.0               the Colab edition installs this version

Each is a folder and a ZIP. student/ and teacher/ are whole courses, but for the data sets and the tests: unpack one and
type make lab. site/ opens from disk: index.html. The Colab edition, and links to Binder and Colab, need the one setting
repository in pyproject.toml, table tool.inside-a-cnn; Colab opens notebooks from its branch "colab", which holds what
lies in build/handouts/colab.
"""

from pathlib import Path

from helpers.course import ROOT, build_folder

__all__ = ["add_arguments", "run"]


def add_arguments(parser):
    """Declare the options.

    Args:
        parser: the command's argparse parser.
    """
    parser.add_argument("--from", dest="source", metavar="FOLDER", help="executed notebooks (default: notebooks/)")
    parser.add_argument("--tag", help="the version that the Colab edition installs (default: this one)")


def run(arguments):
    """Write the handouts and say how large they are.

    Args:
        arguments: the parsed options.

    Returns:
        0, or 1 if a ZIP is larger than it should be.
    """
    from helpers.workshop.commands.course import write_explorer
    from helpers.workshop.handouts.packing import LARGEST_ZIP, repository_address, write_handouts

    source = Path(arguments.source).expanduser() if arguments.source else ROOT / "notebooks"
    target, repository, too_large = build_folder("handouts"), repository_address(), False
    print("Writing build/handouts/ ...", flush=True)
    write_explorer()
    for file in write_handouts(source, target, repository=repository, tag=arguments.tag):
        size = file.stat().st_size
        too_large = too_large or size > LARGEST_ZIP
        advice = f"  FAIL: over {LARGEST_ZIP / 1e6:.0f} MB; are the figures palette PNGs?" if size > LARGEST_ZIP else ""
        print(f"  {file.name:<14}{size / 1e6:>6.1f} MB{advice}", flush=True)
    if not repository:
        print("No Colab edition and no links to Binder: pyproject.toml names no repository (table tool.inside-a-cnn).")
    print("Open in a browser: build/handouts/site/index.html, and build/handouts/workshop/index.html")
    return int(too_large)
