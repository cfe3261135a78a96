"""Write the explorer: a page on which one draws a digit and watches the network read it.

One file that opens in any browser, from disk, without a server and without network.

examples:
  python -m helpers explorer                             build/explorer.html, with the network of the course
  python -m helpers explorer --model my_digits.keras     with a network of your own (28x28 grey images, ten answers)
  python -m helpers explorer --out ~/explorer.html       into another place
"""

from pathlib import Path

from helpers._shared.files import write_beside
from helpers.course import ROOT
from helpers.workshop.quiet_start import import_keras_quietly

__all__ = ["add_arguments", "run"]

NETWORK = "mnist_cnn"


def add_arguments(parser):
    """Declare the options.

    Args:
        parser: the command's argparse parser.
    """
    parser.add_argument("--out", metavar="FILE", help="where to write the page (default: build/explorer.html)")
    parser.add_argument("--model", metavar="FILE", help=f"a saved network (default: data/pretrained/{NETWORK}.keras)")


def run(arguments):
    """Write the page.

    Args:
        arguments: the parsed options.

    Returns:
        0.

    Raises:
        IsADirectoryError: if the place is a folder; a missing or unsuitable network raises its own sentence.
    """
    target = Path(arguments.out).expanduser() if arguments.out else ROOT / "build" / "explorer.html"
    if target.is_dir():
        raise IsADirectoryError(f"{target} is a folder, and the page is a file: add a name such as explorer.html.")
    print("Loading the network and ranking its points: some 15 seconds ...", flush=True)
    import_keras_quietly()
    model, about = _network(arguments.model)
    from helpers.workshop import explorer  # late: it loads Keras

    page = explorer.explorer_page(model, about=about)
    write_beside(target, page)
    print(f"{target}: {len(page.encode()) / 1e6:.2f} MB; open it in any browser.")
    return 0


def _network(named):
    """The network and a phrase about it."""
    from helpers import models

    if named:
        path = Path(named).expanduser()
        return models.load_model(path), f"The network is {path.name}."
    try:
        model, about = models.pretrained(NETWORK)
    except FileNotFoundError:
        raise FileNotFoundError(
            f"The page needs the course's trained network, data/pretrained/{NETWORK}.keras, which is not in this copy: "
            "get the copy anew with git, or name a network of your own by --model FILE."
        ) from None
    return model, f"The network is the course's {NETWORK}, trained for {about['epoch']} epochs."
