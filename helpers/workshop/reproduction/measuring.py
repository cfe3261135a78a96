"""Read a figure out of an executed notebook, and compare it with what the article reports."""

import json
import math
import re
from dataclasses import dataclass, replace
from decimal import Decimal

from helpers.workshop.reproduction.tables import read_column

__all__ = ["Measured", "measure", "number_words", "out_of_rule", "read_results", "verdict"]

PLACES = 6  # a figure with more decimals is written with an exponent
SHOWN = 4  # digits of a figure for which the article gives none


@dataclass(frozen=True)
class Measured:
    """What was read for one figure.

    Attributes:
        values: tuple of float or str, in the order of the notebook.
        seeds: tuple of the seeds they belong to; () for what does not hang on a seed.
        spread: how far trainings like it, of several seeds, lie apart, where that is asked for; else 0.
    """

    values: tuple
    seeds: tuple = ()
    spread: float = 0

    @property
    def mean(self):
        """The mean of the repeated trainings, or the one value."""
        return sum(self.values) / len(self.values)

    @property
    def compared(self):
        """What a rule looks at, as a tuple: the mean of repeated trainings, else every value."""
        return (self.mean,) if self.seeds else self.values


def measure(value, cells, results):
    """Read one figure.

    Args:
        value: items.Value.
        cells: list of cells.Cell that show it.
        results: Path of the folder of kept results.

    Returns:
        A Measured.

    Raises:
        LookupError: one sentence, where it is not there, or not as often as it should be.
    """
    kind = next(name for name in ("text", "table", "training") if getattr(value, name) is not None)
    values = {"text": _from_text, "table": _from_tables, "training": _from_trainings}[kind](value, cells, results)
    if not values:
        raise LookupError(f"{value.name}: its {kind} says nothing of {_asked(value, kind)}")
    if value.count not in (None, len(values)):
        raise LookupError(f"{value.name}: {len(values)} values instead of {value.count}")
    numbers = tuple(_number(words) for words, _ in values)
    if any(isinstance(number, float) and not math.isfinite(number) for number in numbers):
        raise LookupError(f"{value.name}: {numbers} holds what is no number")
    if value.take == "sum":
        return Measured((sum(numbers),))
    seeds = tuple(seed for _, seed in values if seed is not None)
    like = _from_trainings(replace(value, training=value.spread), cells, results) if value.spread else ()
    spread = [figure for figure, _ in like] or [0]
    return Measured(numbers, seeds, max(spread) - min(spread))


def _asked(value, kind):
    where = getattr(value, kind)
    return repr(where) if kind == "text" else ", ".join(f"{key} {words!r}" for key, words in where.items())


def _seed(match):
    seed = match.groupdict().get("seed")
    return None if seed is None else int(seed)


def _from_text(value, cells, _results):
    said = "\n".join(cell.text for cell in cells)
    found = re.finditer(value.text, said, re.M)
    return [(match.groupdict().get("value") or match[1], _seed(match)) for match in found]


def _from_tables(value, cells, _results):
    tables = [table for cell in cells for table in cell.tables]
    rows = [read_column(table, value.table["column"], value.table.get("rows", ".*")) for table in tables]
    return [(words, _seed(match)) for matches in rows for match, words in matches]


def _from_trainings(value, cells, results):
    """The field of each kept training that the cells name: by its key, so that no other can slip in."""
    named = dict.fromkeys(training for cell in cells for training in cell.trainings)
    fields = []
    for name, seed, key in named:
        if re.fullmatch(value.training["name"], name):
            record = read_results(results, name, key)
            if record is None:
                raise LookupError(f"{value.name}: the results of {name}-{key} are not in {results.name}/")
            fields.append((_field(record, value.training["field"]), seed))
    return fields


def read_results(folder, name, key):
    """Read what a kept training has left, without Keras (``helpers.training.kept_files`` writes it).

    Args:
        folder: Path of the folder of kept results; a data set's are one file, named by the first word of the name.
        name: the training's name.
        key: the first digits of its key.

    Returns:
        Its record, a dict of JSON values; None where there is none.
    """
    file = folder / f"{re.split('[_-]', name)[0]}.json"
    records = json.loads(file.read_text(encoding="utf-8")) if file.is_file() else []
    return next((each for each in records if each["name"] == name and each["key"].startswith(key)), None)


def _field(record, path):
    """A field of a training's results: "history.loss.-1", "history.val_accuracy.max", "seconds / epochs"."""
    if " / " in path:
        one, other = (_field(record, part) for part in path.split(" / "))
        return one / other
    for part in path.split("."):
        if part in ("max", "min"):
            record = {"max": max, "min": min}[part](record)
        elif isinstance(record, list):
            record = record[int(part)]
        elif part in record:
            record = record[part]
        else:
            raise LookupError(f"the results of {path!r} have no {part!r}, only {', '.join(record)}")
    return record


def _number(words):
    """A number where the words are one ("174,243", "0.9444"), else the words."""
    if not isinstance(words, str):
        return float(words)
    plain = words.replace(",", "") if re.fullmatch(r"[-+]?\d{1,3}(,\d{3})+(\.\d+)?", words) else words
    try:
        return float(plain)
    except ValueError:
        return words


def _target(value):
    """What a value is compared with, as a tuple."""
    target = value.reported if value.wanted is None else value.wanted
    several = target if isinstance(target, list) else [target]
    return tuple(float(one) if isinstance(one, (int, Decimal)) else one for one in several)


def out_of_rule(value, measured):
    """Say whether a figure breaks its rule.

    Args:
        value: items.Value.
        measured: Measured.

    Returns:
        None if it obeys, else one sentence.
    """
    got, said = measured.compared, f"{value.name}: {', '.join(map(str, measured.compared))}"
    if value.rule == "equal" and got != _target(value):
        return f"{said} instead of {', '.join(map(str, _target(value)))}"
    if value.rule in ("within", "at least", "reading") and any(isinstance(one, str) for one in got):
        return f"{said} is no number"
    if value.rule == "within" and abs(got[0] - float(value.reported)) > float(value.by):
        return f"{said} is not within {value.by} of {value.reported}"
    bound = value.reported if value.bound is None else value.bound
    if value.rule == "at least" and min(got) < float(bound):
        return f"{said} is below {bound}"
    return None


def verdict(value, measured):
    """Compare a figure that obeys its rule with the article's.

    Args:
        value: items.Value.
        measured: Measured.

    Returns:
        A pair: one of judging.VERDICTS; and the words for the reader.
    """
    if value.rule == "reading":
        holds = min(measured.values) >= value.bound
        return ("same", "holds") if holds else ("fails", f"does not hold: below {value.bound}")
    if value.rule == "equal":
        # What the article has wrong, and we have right by purpose.
        wrong = value.reported is not None and value.wanted is not None
        return ("corrected", "the article is wrong") if wrong else ("same", "same")
    if value.reported is None or isinstance(value.reported, str):
        return "shown", "ours"
    difference = measured.mean - float(value.reported)
    if round(difference, _places(value)) == 0:
        return "same", "same"
    if len(measured.values) > 1 and min(measured.values) <= float(value.reported) <= max(measured.values):
        return "same", "same, within the spread"
    if abs(difference) <= measured.spread:
        return "same", "same, as far as one seed can tell"
    higher = difference > 0
    if higher == (value.better == "higher"):
        return "better", f"better by {number_words(abs(difference), value)}"
    return "worse", f"{'higher' if higher else 'lower'} by {number_words(abs(difference), value)}"


def _places(value):
    """How many decimals the article's figure has; 0 where it is no decimal number."""
    return max(0, -value.reported.as_tuple().exponent) if isinstance(value.reported, Decimal) else 0


def number_words(number, value):
    """Write a number with the digits of the article's own, but with three decimals at least.

    Args:
        number: float or str.
        value: items.Value.

    Returns:
        A few characters; words stay as they are.
    """
    if isinstance(number, str):
        return number
    if 0 < abs(number) < 0.0005 and _places(value) > PLACES:  # a learning rate
        return f"{number:.8e}"
    if number == int(number):
        return f"{int(number):,}"
    if not isinstance(value.reported, Decimal):
        return f"{number:,.{SHOWN}g}" if abs(number) < 1000 else f"{number:,.0f}"
    return f"{number:,.{max(3, _places(value))}f}"
