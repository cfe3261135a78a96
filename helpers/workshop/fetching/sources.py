"""Where the six data sets come from: one table, and the fetching, checking and putting in place."""

import dataclasses
import json
import os
import random
import tomllib
from pathlib import Path

from helpers._shared.errors import CourseError
from helpers._shared.files import clear_stale
from helpers.datasets.digit_files import COLUMNS, read_digit_csv, read_mnist
from helpers.workshop.fetching.archives import unpack
from helpers.workshop.fetching.downloads import download, download_from_kaggle, has_kaggle_token
from helpers.workshop.fetching.locked_folder import workplace

__all__ = ["SOURCES", "DataSet", "data_sets", "fetch", "is_there", "route", "verify"]

CAT_NUMBERS_BEGIN = {"train": 0, "validation": 2000}  # cat.2000.jpg is the first photograph to validate with
PEOPLE, LEAST_DRAWINGS = 12, 40  # of hand_drawn_shapes: how many people, and how many drawings of each shape each has


@dataclasses.dataclass(frozen=True)
class DataSet:
    """One row of the table: where a set comes from, and how one knows that all of it came.

    Attributes:
        name: the set's name, and its folder's.
        holds: what it is, in words.
        licence: under which terms it is given.
        parts: what must be there: images by class folder, rows by file, or images by array.
        suffix: what its files end in.
        kaggle: "datasets/OWNER/NAME" or "competitions/NAME"; empty when it is not from Kaggle.
        inner: an archive that may lie inside Kaggle's and holds the files.
        address: a plain address; for a set of Kaggle the way without a token.
        sha256: what the plain address must give, where it is published.
        size: how many bytes the plain address must give, where it is published.
        room: bytes on disk that fetching takes at most, downloads included.
        most: the most bytes an archive of it may hold unpacked.
        retries: how often Kaggle's client takes up a broken connection.
    """

    name: str
    holds: str
    licence: str
    parts: dict
    suffix: str
    kaggle: str = ""
    inner: str = ""
    address: str = ""
    sha256: str = ""
    size: int = 0
    room: int = 100_000_000
    most: int = 100_000_000
    retries: int = 3


TABLE = tomllib.loads(Path(__file__).with_suffix(".toml").read_text(encoding="utf-8"))
SOURCES = {name: DataSet(name, **entries) for name, entries in TABLE.items()}


def data_sets():
    """Return the table of all sets, in the order in which they are fetched.

    The environment variable COURSE_SOURCES may name a JSON file that changes entries, for example to fetch
    from a computer in the class-room: {"mnist": {"address": "http://192.168.0.2:8000/mnist.npz"}}.

    Returns:
        A dict from name to DataSet.

    Raises:
        CourseError: if the file cannot be read, or names a set or an entry that does not exist.
    """
    named = os.environ.get("COURSE_SOURCES")
    if not named:
        return dict(SOURCES)
    try:
        changes = json.loads(Path(named).read_text(encoding="utf-8"))
        unknown = ", ".join(set(changes) - set(SOURCES))
        if unknown:
            raise CourseError(f"there is no set {unknown}")
        return {name: dataclasses.replace(row, **changes.get(name, {})) for name, row in SOURCES.items()}
    except (OSError, ValueError, TypeError, AttributeError) as error:
        raise CourseError(f"COURSE_SOURCES={named} is no use ({error}): mend or unset it.") from error


def route(dataset, *, public=False):
    """Say which way a set would come.

    Args:
        dataset: a row of the table.
        public: take the way that needs no token, where there is one, even with a token at hand.

    Returns:
        "kaggle", "address" or "mnist" (digit_recognizer without a token is written from mnist).
    """
    without_token = "address" if dataset.address else "mnist" if dataset.suffix == ".csv" else ""
    if dataset.kaggle and not (without_token and (public or not has_kaggle_token())):
        return "kaggle"
    return without_token


def is_there(dataset, folder):
    """Say whether a set is in place; an empty folder counts as none.

    Args:
        dataset: a row of the table.
        folder: the data folder.

    Returns:
        True when all of the set is there (counted, images not decoded), False when nothing is.

    Raises:
        CourseError: if something else is in its place; it is left as it is.
    """
    place = Path(folder, dataset.name)
    if not os.path.lexists(place) or (place.is_dir() and not any(place.iterdir())):
        return False
    try:
        verify(dataset, place)
    except (CourseError, FileNotFoundError) as error:
        raise CourseError(
            f"What is in {place} is not the whole set ({error}): move it away, and type the command again."
        ) from error
    return True


def fetch(dataset, folder, *, public=False, timeout=30.0, tell=lambda line: None):
    """Bring one set into the data folder: beside its place first, checked, then renamed into it.

    Args:
        dataset: a row of the table.
        folder: the data folder; made when it is missing.
        public: take the way that needs no token, where there is one, even with a token at hand.
        timeout: seconds without a byte after which to give up.
        tell: called with one line where the user has to wait for another run.

    Returns:
        What was done: "already there", "from Kaggle", "from HOST" or "written from mnist".

    Raises:
        OSError: if the network, the source, the token or the disk fails; one sentence says what to do.
        CourseError: if something else came than was published, or something else is in the set's place.
    """
    place = Path(folder, dataset.name)
    if is_there(dataset, folder):
        clear_stale(place)  # of a run that was killed after it had put the set in place
        return "already there"
    way = route(dataset, public=public)
    room = dataset.room if way == "kaggle" else min(dataset.room, 3 * dataset.size or dataset.room)
    with workplace(place.parent, dataset.name, room=room, tell=tell) as work:
        if is_there(dataset, folder):  # another run was faster
            return "already there"
        ready = work / "ready"
        ready.mkdir()
        done = _WAYS[way](dataset, work, ready, timeout)
        _verify_what_came(dataset, ready)
        if place.is_dir():
            place.rmdir()  # fails unless it is empty
        os.replace(ready, place)
    return done


# The ways in which a set comes ----------------------------------------------------------------------------


def _come_from_kaggle(dataset, work, ready, timeout):
    folder = work / "download"
    folder.mkdir()
    archive = download_from_kaggle(dataset.kaggle, folder, timeout=timeout, retries=dataset.retries)
    _unpack(dataset, archive, work, ready)
    return "from Kaggle"


def _come_from_address(dataset, work, ready, timeout):
    host, _, path = dataset.address.partition("://")[2].partition("/")
    file = work / (Path(path).name if Path(path).suffix else f"{dataset.name}.zip")
    download(dataset.address, file, sha256=dataset.sha256, size=dataset.size, timeout=timeout)
    if dataset.suffix == ".npz":
        os.replace(file, ready / "mnist.npz")
    else:
        _unpack(dataset, file, work, ready)
    return f"from {host}"


def _write_from_mnist(dataset, work, ready, timeout):
    """Kaggle's 42,000 digits come from MNIST; the same number of its training images, in Kaggle's form."""
    import numpy as np
    import pandas as pd

    mnist = work.parent / "mnist" / "mnist.npz"
    if not mnist.is_file():
        raise FileNotFoundError(
            f"{dataset.name} is written from mnist without a Kaggle token, and {mnist} is not there: fetch mnist first."
        )
    ((name, rows),) = dataset.parts.items()
    with np.load(mnist, allow_pickle=False) as arrays:
        images, labels = arrays["x_train"][:rows], arrays["y_train"][:rows]
    table = np.column_stack([labels, images.reshape(len(images), -1)])
    pd.DataFrame(table, columns=COLUMNS).to_csv(ready / name, index=False, lineterminator="\n")
    return "written from mnist"


_WAYS = {"kaggle": _come_from_kaggle, "address": _come_from_address, "mnist": _write_from_mnist}


def _unpack(dataset, archive, work, ready):
    """Take the set's files out of its archive, or out of the archive within."""

    def inner(path):
        return path.name if path.name == dataset.inner else None

    if dataset.inner and unpack(archive, work / "inner", inner, most=dataset.most):
        archive.unlink()  # half of the room that the set takes
        archive = work / "inner" / dataset.inner
    choose = _chooser(dataset)
    if dataset.name == "hand_drawn_shapes":  # who has drawn enough is known once all names have been seen
        seen = []
        unpack(archive, ready, seen.append, most=dataset.most)  # append says None to each: nothing is written
        choose = _drawings(dataset, seen).get
    unpack(archive, ready, choose, most=dataset.most)


def _chooser(dataset):
    """A function from a member's path to its place in the set, or None; only class folders are relied on."""
    parts = {part.casefold(): part for part in dataset.parts}
    depth = max(part.count("/") for part in parts) + 1
    by_number = _photographs(dataset) if dataset.name == "cats_vs_dogs" else None

    def choose(path):
        if "__MACOSX" in path.parts or path.name.startswith(".") or path.suffix.lower() != dataset.suffix:
            return None
        if by_number:
            return by_number.get(path.name)
        if path.name in dataset.parts:  # a table, not a folder of images
            return path.name
        part = parts.get("/".join(path.parts[-1 - depth : -1]).casefold())
        return part and f"{part}/{path.name}"

    return choose


def _photographs(dataset):
    """Place of each photograph by its name: the number alone decides, wherever an archive has it."""
    places = {}
    for part, count in dataset.parts.items():
        purpose, animals = part.split("/")
        begin = CAT_NUMBERS_BEGIN[purpose]
        names = [f"{animals[:-1]}.{number}{dataset.suffix}" for number in range(begin, begin + count)]
        places |= {name: f"{part}/{name}" for name in names}
    return places


def _drawings(dataset, seen):
    """Place of each drawing by its path in the archive: the first people of those with enough, and a draw of each."""
    people = {}  # folder -> shape -> paths
    for path in seen:
        if path.match(f"data/user.*/images/*/*{dataset.suffix}") and path.parent.name in dataset.parts:
            shapes = people.setdefault(path.parts[-4], {shape: [] for shape in dataset.parts})
            shapes[path.parent.name].append(path)
    enough = [people[person] for person in sorted(people) if min(map(len, people[person].values())) >= LEAST_DRAWINGS]
    draw, places = random.Random(7), {}  # one draw for all: the order of people and shapes is a part of the rule
    for number, shapes in enumerate(enough[:PEOPLE], 1):
        for shape, paths in shapes.items():
            drawn = draw.sample(sorted(paths), dataset.parts[shape] // PEOPLE)
            places |= {path: f"{shape}/person{number:02}_{at:02}{dataset.suffix}" for at, path in enumerate(drawn)}
    return places


# Checks ---------------------------------------------------------------------------------------------------


def verify(dataset, place, *, images="counted"):
    """Compare what is in a set's folder with what was published.

    Args:
        dataset: a row of the table.
        place: the set's folder.
        images: "counted", or "decoded" to read every one from its first to its last byte as well.

    Raises:
        CourseError: if it is not the same, with the difference as a clause.
    """
    if images not in ("counted", "decoded"):
        raise CourseError(f'images must be "counted" or "decoded", not {images!r}.')
    if dataset.suffix == ".npz":
        _verify_arrays(dataset, Path(place))
    elif dataset.suffix == ".csv":
        _verify_table(dataset, Path(place))
    else:
        _verify_images(dataset, Path(place), images)


def _verify_what_came(dataset, ready):
    try:
        verify(dataset, ready, images="decoded")
    except (CourseError, FileNotFoundError) as error:
        raise CourseError(
            f"What came is not {dataset.name} as published ({error}), and was thrown away: type the command "
            "again, and if it stays so, the source has changed, and data/README.md names other ways."
        ) from error


def _verify_images(dataset, place, images):
    for part, count in dataset.parts.items():
        files = [file for file in place.glob(f"{part}/*") if file.suffix.lower() == dataset.suffix]
        if len(files) != count:
            raise CourseError(f"{part} holds {len(files):,} instead of {count:,} {dataset.suffix} files")
        if images == "decoded":
            _decode(files)


def _decode(files):
    """Read every image to its end; JPEGs at an eighth of their size, which takes a fifth of the time."""
    from PIL import Image
    from tqdm import tqdm

    for file in tqdm(files, "checking", unit="image", leave=False, disable=None):
        try:
            with Image.open(file) as image:
                image.draft(None, (image.width // 8, image.height // 8))
                image.load()
        except (OSError, ValueError, SyntaxError, Image.DecompressionBombError) as error:
            raise CourseError(f"{file.name} cannot be read as an image: {error}") from error


def _verify_arrays(dataset, place):
    arrays = read_mnist(place / "mnist.npz")
    for part, count in dataset.parts.items():
        if len(arrays[f"y_{part}"]) != count:
            raise CourseError(f"mnist.npz holds {len(arrays[f'y_{part}']):,} instead of {count:,} {part} images")


def _verify_table(dataset, place):
    ((name, rows),) = dataset.parts.items()
    count = len(read_digit_csv(place / name)[1])
    if count != rows:
        raise CourseError(f"{name} holds {count:,} instead of {rows:,} rows")
