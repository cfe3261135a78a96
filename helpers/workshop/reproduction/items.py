"""The ledger file: what the articles show, item by item, and the rule that our own result has to obey."""

import dataclasses
import tomllib
from collections import Counter
from decimal import Decimal
from pathlib import Path

from helpers._shared.errors import CourseError

__all__ = ["RULES", "SOURCES", "TAG", "Entry", "Ledger", "Value", "read_ledger"]

TAG = "ledger:"  # a cell that shows an item carries this and the item's id among its tags
RULES = ("equal", "within", "at least", "shown", "reading", "picture")
SOURCES = ("text", "table", "training")


@dataclasses.dataclass(frozen=True, kw_only=True)
class Value:
    """One figure of an item: where it is read, and what it is compared with.

    Attributes:
        name: what the figure counts or measures.
        rule: one of RULES but "picture".
        text: regular expression with one group (or groups "value" and "seed"), searched in what the cells say.
        table: dict with "column" (its heading) and "rows" (regular expression of the rows' names).
        training: dict with "name" (regular expression) and "field" (path into the training's kept results).
        reported: the article's figure, or list of figures; words where that is nothing to judge ours by; None where it
            gives none.
        wanted: what ours has to be where that is not what the article reports.
        by: for "within", the largest difference from what is reported.
        bound: for "at least", the lowest allowed value, the reported one when None; for "reading", the lowest with
            which what the article reads holds.
        spread: for a single training, a dict as for training: trainings like it, of several seeds.
        better: "higher" or "lower".
        take: None, or "sum": the figure is the sum of what was read.
        count: how many values have to be found; None for any number but zero.
        cell: id of the entry whose cells hold the figure, where it is not this one.
    """

    name: str
    rule: str
    text: str | None = None
    table: dict | None = None
    training: dict | None = None
    reported: object = None
    wanted: object = None
    by: Decimal | None = None
    bound: Decimal | None = None
    spread: dict | None = None
    better: str = "higher"
    take: str | None = None
    count: int | None = None
    cell: str | None = None


@dataclasses.dataclass(frozen=True, kw_only=True)
class Entry:
    """One item of the ledger, or one mistake in an article (an erratum).

    Attributes:
        id: for example "shapes-03", or "shapes-e1" for an erratum.
        article: the article's short name.
        notebooks: names of the notebooks that show it, such as "01_shapes_cnn" or "deeper/01_how_lucky".
        seen: what a reader of the article sees; for an erratum, what is wrong there.
        rule: one of RULES; each of its values may have its own.
        reported: the article's own words or figures, or None.
        right: for an erratum, what is right; else None.
        why: why ours differs, where it is known.
        pictures: how many pictures its cells must hold at least.
        values: tuple of Value.
    """

    id: str
    article: str
    notebooks: tuple
    seen: str
    rule: str | None = None
    reported: str | None = None
    right: str | None = None
    why: str | None = None
    pictures: int = 0
    values: tuple = ()

    @property
    def tag(self):
        """The tag that its cells carry."""
        return TAG + self.id


@dataclasses.dataclass(frozen=True)
class Ledger:
    """The whole file.

    Attributes:
        articles: dict of short name -> dict of title and, where it is known, source.
        items: tuple of Entry.
        errata: tuple of Entry.
    """

    articles: dict
    items: tuple
    errata: tuple

    @property
    def entries(self):
        """Items and errata, as a dict id -> Entry."""
        return {entry.id: entry for entry in (*self.items, *self.errata)}


def read_ledger(path):
    """Read the ledger.

    Args:
        path: Path of ``ledger.toml``; its head says how it is written.

    Returns:
        A Ledger.

    Raises:
        FileNotFoundError: if there is no such file.
        CourseError: if it cannot be read, an entry is incomplete, has an unknown key or rule, or an id comes twice.
    """
    path = Path(path)
    if not path.is_file():
        raise FileNotFoundError(f"there is no ledger {path}: check its name.")
    # Decimals, because 0.9790 says more than 0.979: the number of its digits.
    try:
        raw = tomllib.loads(path.read_text(encoding="utf-8"), parse_float=Decimal)
    except (OSError, ValueError) as error:
        raise CourseError(f"{path.name} cannot be read as TOML ({error}): correct it.") from None
    if not {"article", "item", "erratum"} <= raw.keys():
        raise CourseError(f"{path.name} is no ledger: it needs articles, items and errata.")
    items = tuple(_item(entry) for entry in raw["item"])
    errata = tuple(_made(Entry, entry, notebooks=_names(entry)) for entry in raw["erratum"])
    twice = [name for name, count in Counter(entry.id for entry in (*items, *errata)).items() if count > 1]
    if twice:
        raise CourseError(f"{path.name} has {', '.join(twice)} twice: every id stands for one entry.")
    ledger = Ledger(raw["article"], items, errata)
    for entry in ledger.entries.values():
        _check(entry, ledger)
    return ledger


def _names(raw):
    """The notebooks of an entry; one may come alone."""
    names = raw.get("notebook", [])
    return tuple([names] if isinstance(names, str) else names)


def _made(kind, raw, **more):
    """A Value or an Entry of what the file says; a key that is none becomes one sentence."""
    raw = {key: value for key, value in raw.items() if key not in ("notebook", "value")}
    try:
        return kind(**raw, **more)
    except TypeError as error:
        name = raw.get("id") or raw.get("name") or raw
        words = str(error).partition("() ")[2]
        raise CourseError(f"The ledger's entry {name!r} {words}: correct its keys.") from None


def _item(raw):
    rule = raw.get("rule")
    values = tuple(_made(Value, {"rule": rule, **value}) for value in raw.get("value", []))
    pictures = raw.get("pictures", int(rule == "picture"))
    return _made(Entry, {**raw, "pictures": pictures}, notebooks=_names(raw), values=values)


def _check(entry, ledger):
    """Raise a CourseError for an entry that says too little, or what nobody can check."""
    said = f"The ledger's entry {entry.id!r}"
    if entry.article not in ledger.articles or not entry.notebooks:
        raise CourseError(f"{said} needs a known article and a notebook.")
    if entry.id not in {item.id for item in ledger.items}:
        if not entry.right:
            raise CourseError(f"{said} is an erratum and must say what is right.")
        return
    for rule in (entry.rule, *(value.rule for value in entry.values)):
        if rule not in RULES:
            raise CourseError(f"{said} has the rule {rule!r}; the rules are {', '.join(RULES)}.")
    if (entry.rule == "picture") is bool(entry.values):
        raise CourseError(f"{said} must have values, or the rule 'picture'.")
    for value in entry.values:
        _check_value(value, said, ledger)


def _check_value(value, said, ledger):
    """Raise a CourseError for a figure that cannot be read or compared."""
    if sum(getattr(value, source) is not None for source in SOURCES) != 1:
        raise CourseError(f"{said}: {value.name!r} needs exactly one of {', '.join(SOURCES)}.")
    target = value.reported if value.wanted is None else value.wanted
    number = None if isinstance(value.reported, str) else value.reported
    least = number if value.bound is None else value.bound
    needed = {"equal": target, "within": number and value.by, "at least": least, "reading": value.bound}
    if needed.get(value.rule, "nothing") is None:
        raise CourseError(f"{said}: {value.name!r} lacks what the rule {value.rule!r} compares with.")
    if value.better not in ("higher", "lower") or value.take not in (None, "sum"):
        raise CourseError(f'{said}: {value.name!r} may have better = "lower" and take = "sum", nothing else.')
    if value.cell is not None and value.cell not in ledger.entries:
        raise CourseError(f"{said}: {value.name!r} is read from {value.cell!r}, which is no entry.")
