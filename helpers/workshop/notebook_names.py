"""What the notebooks of the two tiers are called: "01_shapes_cnn" in the core, "deeper/01_..." where they go deeper."""

__all__ = ["DEEPER", "notebook_name", "notebooks_in", "short_name"]

DEEPER = "deeper"  # the folder of the second tier, below that of the core


def notebook_name(path):
    """Return what a notebook is called everywhere.

    Args:
        path: its Path, in any folder of notebooks.

    Returns:
        For example "01_shapes_cnn" or "deeper/09_faster_and_further".
    """
    return f"{DEEPER}/{path.stem}" if path.parent.name == DEEPER else path.stem


def notebooks_in(folder):
    """Find the notebooks of a folder, in both tiers.

    Args:
        folder: Path of a folder of notebooks, such as ``notebooks/``.

    Returns:
        A dict of name -> Path: the core in order, then the deeper ones.
    """
    form = "[0-9][0-9]_*.ipynb"
    return {notebook_name(path): path for tier in (folder, folder / DEEPER) for path in sorted(tier.glob(form))}


def short_name(name):
    """Shorten a notebook's name to what one types for it; its part before the first _ is its number.

    Args:
        name: for example "deeper/09_faster_and_further".

    Returns:
        For example "d09_faster_and_further"; a core notebook's name as it is.
    """
    return name.replace(f"{DEEPER}/", "d")
