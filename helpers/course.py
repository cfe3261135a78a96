"""Where the course keeps things, which profile runs, and the report that opens every notebook."""

import datetime
import os
import platform
from importlib.metadata import version
from pathlib import Path

from helpers._shared.arguments import CourseError, as_choice, brief
from helpers._shared.notebook import draw_crisp
from helpers._shared.quiet_keras import hide_known_warnings

__all__ = ["ROOT", "build_folder", "by_profile", "data_folder", "origin", "profile", "show_setup"]

SETUP_MIME = "application/vnd.inside-a-cnn.setup+json"  # how the runner finds the report among the outputs
ORIGIN_WORDS = {
    "real": "real",
    "embedded": "embedded (the real set is not here: make data fetches it)",
    "own": "your own images (OWN_IMAGES names their folder)",
}
SETS = {  # name -> its folders below the data folder; one of them is enough
    "shapes": ("shapes",),
    "cats_vs_dogs": ("cats_vs_dogs",),
    "chest_xray": ("chest_xray",),
    "digits": ("digit_recognizer", "mnist"),
    "mnist": ("mnist",),
    "hand_drawn_shapes": ("hand_drawn_shapes",),
}
SPLIT_SEED = 7  # the one seed of every split and every quick subset


# The repository; in an installed copy without one, the folder we were started in.
ROOT = Path(__file__).resolve().parents[1]
ROOT = ROOT if (ROOT / "pyproject.toml").is_file() else Path.cwd()


def profile():
    """Return which profile runs: "quick" (the default) or "full".

    Returns:
        The value of the environment variable COURSE_PROFILE.

    Raises:
        CourseError: if the variable holds anything else.
    """
    return as_choice(os.environ.get("COURSE_PROFILE") or "quick", "COURSE_PROFILE", ("quick", "full"))


def by_profile(*, quick, full):
    """Choose a number by profile, with both in view: ``EPOCHS = by_profile(quick=3, full=80)``.

    Args:
        quick: the value for a run of about a minute on a laptop.
        full: the article's own value.

    Returns:
        The one of the two that COURSE_PROFILE asks for.
    """
    return {"quick": quick, "full": full}[profile()]


def data_folder():
    """Return the folder that holds the real data sets.

    COURSE_DATA names it; a relative name counts from the repository root, wherever the kernel runs.

    Returns:
        The folder as a Path; the default ``data/`` when COURSE_DATA is not set.

    Raises:
        NotADirectoryError: if COURSE_DATA is set and names no folder.
    """
    named = os.environ.get("COURSE_DATA")
    if not named:
        return ROOT / "data"
    folder = ROOT / Path(named).expanduser()
    if not folder.is_dir():
        raise NotADirectoryError(f"COURSE_DATA names {named!r}, which is no folder: correct it or unset it.")
    return folder


def origin(name):
    """Say whether a set would come from the data folder or from what comes with the course.

    No image is loaded.

    Args:
        name: "shapes", "cats_vs_dogs", "chest_xray", "digits", "mnist" or "hand_drawn_shapes".

    Returns:
        "real" or "embedded"; of hand_drawn_shapes "own" where OWN_IMAGES names a folder to be read in its place.

    Raises:
        KeyError: if there is no set of that name.
    """
    if not isinstance(name, str) or name not in SETS:
        raise KeyError(f"no set {brief(name)}; the sets are {', '.join(SETS)}.")
    data = data_folder()
    if name == "hand_drawn_shapes" and os.environ.get("OWN_IMAGES"):
        return "own"
    # lexists: a link to nothing is a broken set, not a missing one
    return "real" if any(os.path.lexists(data / folder) for folder in SETS[name]) else "embedded"


def build_folder(*parts):
    """Return a folder under ``build/`` (not committed), made when it is missing.

    Args:
        *parts: names of folders below ``build/``, outermost first.

    Returns:
        The folder as a Path.

    Raises:
        CourseError: if a name is no text, or leads out of ``build/``.
    """
    for part in parts:
        if not isinstance(part, str) or Path(part).is_absolute() or ".." in Path(part).parts:
            raise CourseError(f"a folder's name below build/ must be text without .., not {brief(part)}: correct it.")
    folder = ROOT.joinpath("build", *parts)
    folder.mkdir(parents=True, exist_ok=True)
    return folder


class _Setup(dict):
    """The report as a notebook shows it: text for the reader, the same as data for the provenance stamp."""

    def __repr__(self):
        data = [f"Data      {name}: {ORIGIN_WORDS[origin]}" for name, origin in self["data"].items()]
        versions = ", ".join(f"{name} {number}" for name, number in self["versions"].items())
        about = [f"Versions  {versions}", f"Device    {self['device']}, {self['date']}"]
        return "\n".join([f"Profile   {self['profile']}", *data, *about])

    def _repr_mimebundle_(self, include=None, exclude=None):
        return {"text/plain": repr(self), SETUP_MIME: dict(self)}


def show_setup(*sets):
    """Report how this notebook runs; the last line of its set-up cell, so that the report is its first output.

    From then on its figures are drawn with twice the pixels, crisp on screens of today.

    Args:
        *sets: names of the data sets that the notebook uses, for example "shapes".

    Returns:
        A dict of "profile", "data" (set -> its origin), "versions", "device" and "date", which a notebook shows as a
        few lines.
    """
    import keras

    hide_known_warnings()
    draw_crisp()
    packages = (keras.backend.backend(), "keras", "numpy", "matplotlib")
    gpus = sum(device.startswith("gpu") for device in keras.distribution.list_devices())
    cores = f"{os.cpu_count()} CPU cores"
    return _Setup(
        profile=profile(),
        data={name: origin(name) for name in sets},
        versions={"python": platform.python_version(), **{name: version(name) for name in packages}},
        device=f"{gpus} GPU, {cores}" if gpus else cores,
        date=datetime.date.today().isoformat(),
    )
