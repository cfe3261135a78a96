"""The workshop kit: a page to print for each notebook, routes through it, and what to send the day before."""

import math
import re
import tomllib
from html import escape
from pathlib import Path

from helpers._shared.errors import CourseError
from helpers._shared.files import write_beside
from helpers.course import ROOT
from helpers.workshop.handouts.front_pages import filled
from helpers.workshop.handouts.minutes import RULE, minutes_of
from helpers.workshop.handouts.reading import about
from helpers.workshop.notebook_names import DEEPER

__all__ = ["QUICK_MEGABYTES", "WORKSHOP", "kit_notes", "planned_routes", "write_kit"]

WORKSHOP = Path(__file__).with_name("kit_pages")
QUICK_MEGABYTES = 1700  # a kernel in a quick run, of which some 500 are pages of TensorFlow's library; held by tests
EXPLORER = '<li><a href="explorer.html"><b>The explorer</b></a> Draw a digit on the projector: every layer.</li>'
BESIDE_MEGABYTES = 500  # what Jupyter and a browser's tab take besides


def kit_notes(stem):
    """Return what the kit says on a notebook besides its minutes.

    Args:
        stem: the notebook's name.

    Returns:
        Markdown with the headings "Ask", "Three usual wrong answers" and "When late"; "" where nobody wrote it yet.
    """
    return _text(stem) if (WORKSHOP / f"{stem}.md").is_file() else ""


def _text(stem):
    return (WORKSHOP / f"{stem}.md").read_text(encoding="utf-8")


def planned_routes(notebooks, text=None):
    """Plan the routes with the notebooks that are there.

    Args:
        notebooks: dict from a notebook's name to the executed notebook (nbformat).
        text: TOML with the routes; that of the course when None.

    Returns:
        A list of dicts: "name", "hours", "promise", "parts" (list of (name, headings with their minutes), a pause
        having no headings but {"": minutes}), "minutes" in all.

    Raises:
        CourseError: if a route names a section that its notebook does not have.
    """
    text = (WORKSHOP / "routes.toml").read_text(encoding="utf-8") if text is None else text
    routes = []
    for route in tomllib.loads(text)["route"]:
        parts = list(filter(None, (_part(part, notebooks) for part in route["part"])))
        total = sum(minutes for _, headings in parts for minutes in headings.values())
        routes.append({**{key: route[key] for key in ("name", "hours", "promise")}, "parts": parts, "minutes": total})
    return routes


def _part(part, notebooks):
    """A part of a route as (name, headings with minutes), or None where its notebook is not there."""
    if "pause" in part:
        return "Pause", {"": part["pause"]}
    if "evening" in part:
        return f"Evening {part['evening']}", {"": 0}
    stem = next((stem for stem in notebooks if stem.startswith(part["notebook"])), None)
    if stem is None:
        return None
    minutes = minutes_of(notebooks[stem])
    wanted = part.get("sections", list(minutes))
    missing = [heading for heading in wanted if heading not in minutes]
    if missing:
        raise CourseError(f"routes.toml names {missing[0]!r}, and {stem} has {', '.join(minutes)}: correct the name.")
    return about(stem, notebooks[stem]).title, {heading: minutes[heading] for heading in wanted}


def write_kit(notebooks, folder):
    """Write the kit: index.html, a page for each notebook of the core, and for deeper ones that have notes, and at last
    the course on a page.

    Args:
        notebooks: dict from a notebook's name to the executed notebook (nbformat).
        folder: Path of the kit's folder.

    Returns:
        The names of core notebooks that nobody wrote notes for yet.
    """
    stems = [stem for stem in notebooks if kit_notes(stem) or not stem.startswith(DEEPER)]
    facts = {stem: about(stem, notebooks[stem]) for stem in stems}
    for stem in stems:
        write_beside(folder / f"{stem}.html", _page(facts[stem].title, _notebook_page(facts[stem], notebooks[stem])))
    write_beside(folder / "on_a_page.html", _page("The course on a page", _html(_text("on_a_page"))))
    explorer = ROOT / "build" / "explorer.html"
    if explorer.is_file():
        write_beside(folder / explorer.name, explorer.read_bytes())
    there = EXPLORER if explorer.is_file() else ""
    write_beside(folder / "index.html", _page("Workshop kit", _overview(facts, planned_routes(notebooks), there)))
    return [stem for stem in stems if not kit_notes(stem)]


def _html(markdown):
    from nbconvert.filters import markdown2html

    body = markdown2html(markdown)
    return re.sub(r'<a class="anchor-link".*?</a>', "", body)


def _page(title, body):
    """A page that needs no other file."""
    return filled("kit_page.html", title=escape(title), style=filled("kit.css"), body=body)


def _notebook_page(facts, notebook):
    """The inside of a notebook's page."""
    minutes = minutes_of(notebook)
    rows = "".join(f"<li><span>{escape(name)}</span><b>{value}</b></li>" for name, value in minutes.items())
    data = ", ".join(name.replace("_", " ") for name in facts.data)
    runs = f"Runs in {facts.quick} (in full: {facts.full}). " if facts.quick else ""
    return f"""<h1>{escape(facts.title)}</h1>
<p class="question">{escape(facts.question)}</p>
<p class="facts">{escape(runs)}{f"Data: {escape(data)}. " if data else ""}{_memory(facts)}</p>
<h2>Minutes: {sum(minutes.values())}</h2>
<ol class="minutes">{rows}</ol>
{_html(kit_notes(facts.stem) or "## Notes" + chr(10) * 2 + "Nobody has written notes on this notebook yet.")}
<p class="rule">{RULE}</p>"""


def _memory(facts):
    """What a notebook needs of memory, in a sentence; what it took in full is known where its stamp says so."""
    in_full = f"; in full it took {facts.megabytes:,} MB" if facts.megabytes and facts.profile == "full" else ""
    return f"Memory: under {QUICK_MEGABYTES / 1000:g} GB in the quick run{in_full}."


def _memory_of_all(all_facts):
    """What a seat needs of memory, in sentences."""
    words = (
        f"A notebook takes less than {QUICK_MEGABYTES / 1000:g} GB in its quick run, the default and the right one for "
        "a class; Jupyter and the browser take the rest."
    )
    measured = [facts for facts in all_facts if facts.megabytes and facts.profile == "full"]
    if not measured:
        return words
    most = max(measured, key=lambda facts: facts.megabytes)
    whole = math.ceil((most.megabytes + BESIDE_MEGABYTES) / 1000)
    return f"{words} In full {most.title} took {most.megabytes:,} MB: run that on a machine with {whole} GB free."


def _overview(facts, routes, explorer):
    """The inside of the first page."""
    links = "".join(
        f'<li><a href="{stem}.html"><b>{escape(one.title)}</b></a> {escape(one.question)}</li>'
        for stem, one in facts.items()
    )
    before = _text("before").replace("{memory}", _memory_of_all(facts.values())).replace("{first}", next(iter(facts)))
    routes = "\n".join(map(_route, routes))
    return filled("kit_index.html", links=links, routes=routes, rule=RULE, before=_html(before), explorer=explorer)


def _route(route):
    """A route as a table; the clock starts at nine, and each evening at six."""
    clock, rows = 9 * 60, ""
    for name, headings in route["parts"]:
        length = sum(headings.values())
        clock = 18 * 60 if name.startswith("Evening") else clock
        what = "; ".join(f"{heading} ({minutes})" for heading, minutes in headings.items() if heading)
        start = f"{clock // 60}:{clock % 60:02}"
        rows += f"<tr><td>{start}</td><td>{length or ''}</td><td><b>{escape(name)}</b> {escape(what)}</td></tr>"
        clock += length
    end = f"{clock // 60}:{clock % 60:02}"
    return f"""<section><h2>{escape(route["name"])}: {route["minutes"]} minutes of {60 * route["hours"]:g}</h2>
<p>{escape(route["promise"])} What is left of the {route["hours"]:g} hours is for questions and latecomers.</p>
<table><thead><tr><th>from</th><th>min</th><th>what</th></tr></thead><tbody>{rows}
<tr><td>{end}</td><td></td><td>end, if nobody has asked anything</td></tr></tbody></table></section>"""
