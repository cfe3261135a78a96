"""An inspection as one page of HTML: pictures and all inside, to be opened from disk without network."""

import datetime
import re
from dataclasses import dataclass
from importlib.metadata import version
from itertools import groupby
from pathlib import Path

import jinja2
import matplotlib
import numpy as np
from matplotlib.colors import to_hex
from tqdm import tqdm

from helpers import pictures
from helpers._shared.arguments import CourseError, as_choice, as_path, as_text, brief
from helpers._shared.files import write_beside
from helpers.activations import layer_names
from helpers.explanations import enlarge, is_blank
from helpers.models.input_format import SCALES, network_to_images
from helpers.plots.colours import NOT_FINITE, SEQUENTIAL, SILENT
from helpers.workshop.inspecting import page_pictures
from helpers.workshop.inspecting.answers import as_share
from helpers.workshop.inspecting.layers import as_grid

__all__ = ["render_page", "write_page"]

ENDINGS = (".html", ".htm")  # else the name of a network would cost its file
PAGE_PIXELS = 24_000_000  # of all grids together, so that the file stays under some 20 MB
GRID_PIXELS = (90_000, 1_500_000)  # of one grid: the least and the most
MEANS_PIXELS = 60_000  # of one grid of class means
WIDEST = 1040  # CSS pixels of a grid
TILE = (60, 112)  # CSS pixels of a map: the least and the most, where there is room
UNIT = 18  # CSS pixels of a unit
IMAGE, BROADEST, TALLEST = 224, 640, 352  # CSS pixels of an image: the least width, the most width and height
THUMBNAILS, THUMBNAIL = 60, 240  # how many, and pixels of the longer side of one, two for each on the page
NAMED = 24  # channels named in a sentence
# More layers than LARGE are grouped by block, and have so few pixels that the page stays under 4 MB.
LARGE, LARGE_PIXELS = 60, 6_000_000
BLOCK = re.compile(r"(?:.*/)?_?[^/_]*(_\d+)?")  # a name's first word and number: "block_1" of "block_1_expand"


@dataclass(frozen=True)
class Picture:
    """A picture in the page: its address, its size in pixels, and how wide it is shown."""

    uri: str
    width: int
    height: int
    shown: float
    sharp: str = ""


def render_page(inspection, *, colours="layer", words="", live=""):
    """Write an inspection as HTML.

    Args:
        inspection: an `Inspection`.
        colours: how values become colours in the grids: "layer", "channel", "standard" or "raw", see
            `helpers.pictures.scale_channels`.
        words: the command that made the page, for its last line.
        live: address of the explorer page of the same network; "" where there is none.

    Returns:
        The page as text: one file that needs no other.

    Raises:
        CourseError: if colours is unknown, this is no Inspection, or words no text.
    """
    words = as_text(words, "words")
    if not all(hasattr(inspection, part) for part in ("activations", "table", "takes", "given")):
        raise CourseError(f"an Inspection is needed, not {brief(inspection)}: give what inspect_network returns.")
    as_choice(colours, "colours", pictures.SCALES)
    environment = jinja2.Environment(
        loader=jinja2.FileSystemLoader(Path(__file__).parent),
        autoescape=True,
        undefined=jinja2.StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
    )
    environment.filters["share"] = as_share
    layers = list(_layers(inspection, colours))
    return (
        environment.get_template("page.html.jinja")
        .render(
            inspection=inspection,
            given=inspection.given,
            takes=inspection.takes,
            title=_title(inspection),
            live=live,
            blocks=_blocks(layers),
            ramp=", ".join(to_hex(matplotlib.colormaps[SEQUENTIAL](place)) for place in np.linspace(0, 1, 9)),
            silent=SILENT,
            broken=NOT_FINITE,
            scale=SCALES[inspection.takes.used],
            compared=_compared(inspection),
            colours=pictures.SCALES[colours],
            image=_images(inspection),
            answers=_answers(inspection),
            made=list(_made(inspection)),
            heatmaps=list(_heatmaps(inspection)),
            filters=_filters(inspection),
            thumbnails=list(_thumbnails(inspection)),
            right=_right(inspection),
            layers=layers,
            every=len(layer_names(inspection.model)),
            statistics={layer["id"]: layer["statistics"] for layer in layers},
            silenced=inspection.table["silent in all" if inspection.channel_means else "silent"],
            versions=f"Keras {version('keras')}, {datetime.date.today().isoformat()}",
            words=words,
        )
        .lstrip()
    )


def write_page(inspection, target, **options):
    """Write the page of an inspection to a file, whole or not at all.

    Args:
        inspection: an `Inspection`.
        target: the file, a Path whose name ends in ``.html``.
        **options: as for `render_page`.

    Raises:
        OSError: if the file cannot be written; the sentence says why.
        CourseError: if it has no such name; and as for `render_page`.
    """
    target = as_path(target, "the page")
    if target.suffix.lower() not in ENDINGS:
        raise CourseError(f"the page needs a name that ends in .html, not {target.name!r}: give it one.")
    write_beside(target, render_page(inspection, **options), advice="name another file by --out")


def _title(inspection):
    """What the page shows: a network and an image, or a folder of them."""
    given = inspection.given
    what = f"{given.folder}, {len(given.images)} images" if given.folder else given.names[0]
    return f"{inspection.name} looks at {what}"


def _blocks(layers):
    """The layers of a large network by block, (name, layers); by the size of their output where names tell none."""
    if len(layers) <= LARGE:
        return []
    blocks = [(name, list(group)) for name, group in groupby(layers, lambda layer: BLOCK.match(layer["name"])[0])]
    if len(blocks) > len(layers) / 2:
        blocks = [(size, list(group)) for size, group in groupby(layers, lambda layer: layer["places"])]
    return blocks


def _layers(inspection, colours):
    """Yield what the page says of each layer."""
    names = list(inspection.activations)
    large = len(names) > LARGE
    most = int(LARGE_PIXELS / len(names) if large else np.clip(PAGE_PIXELS / len(names), *GRID_PIXELS))
    for number, name in enumerate(tqdm(names, desc="drawing", unit="layer", leave=False, disable=None)):
        row, maps = inspection.table.loc[name], as_grid(inspection.activations[name])
        tiles = None if maps is None else page_pictures.embed_grid(maps, scale=colours, most_pixels=most, coarse=large)
        yield {
            "id": f"layer-{number}",
            "name": name,
            "row": row,
            "output": " × ".join(f"{side:,}" for side in row["output"]),
            "places": " × ".join(map(str, row["output"][:-1])) or "units",
            "units": "unit" if len(row["output"]) == 1 else "channel",
            "grid": tiles and _shown(tiles),
            "tiles": tiles,
            "reduced": tiles is not None and tiles.places != maps.shape[:2] and maps.ndim > 1,
            "statistics": [] if maps is None else _statistics(pictures.as_maps(maps)),
            "states": _states(inspection.states.get(name, {})),
            "means": [] if name not in inspection.means else _means(inspection, name),
            "strip": _strip(inspection, name),
        }


def _shown(tiles):
    """A grid as it is shown: small maps enlarged pixel by pixel, large ones at most as wide as the page."""
    tile = UNIT if tiles.unit else float(np.clip(tiles.tile[1], *TILE))
    shown = round(min(WIDEST, tiles.columns * tile))
    if tiles.width <= shown:  # as many pixels of a fine screen, two to a CSS pixel, for each one of the picture
        shown = tiles.width * (2 * shown // tiles.width) / 2
    sharp = "sharp" if tiles.width <= 340 else "sharp-when-wide" if tiles.width <= shown else ""
    return Picture(tiles.uri, tiles.width, tiles.height, shown, sharp)


def _statistics(maps):
    """For each channel its lowest and highest value and its share of zeros, three digits each."""
    flat = maps.reshape(-1, maps.shape[-1])
    zeros = (flat == 0).mean(axis=0)
    zeros[zeros < 1] = np.minimum(zeros[zeros < 1], 0.999)  # three digits must not make all of nearly all
    rows = np.stack([flat.min(axis=0), flat.max(axis=0), zeros], axis=1)
    return [[float(f"{value:.3g}") if np.isfinite(value) else None for value in row] for row in rows]


def _states(states):
    """Each state that has channels, with their numbers in words."""
    return {state: (len(channels), _numbers(channels)) for state, channels in states.items() if len(channels)}


def _numbers(channels):
    more = len(channels) - NAMED
    return ", ".join(map(str, channels[:NAMED])) + (f" and {more} more" if more > 0 else "")


def _means(inspection, name):
    """Class means of a layer, all on one range: (class, picture)."""
    means = inspection.means[name]
    there = [place for place in range(len(means)) if np.isfinite(means[place]).any()]
    maps = np.stack([as_grid(means[place : place + 1]) for place in there])
    scaled = pictures.scale_channels(maps.reshape(-1, maps.shape[-1])).reshape(maps.shape)
    silent = np.flatnonzero((maps == 0).all(axis=tuple(range(maps.ndim - 1))))
    rows = []
    for place, each in zip(there, scaled):
        tiles = page_pictures.embed_grid(each, scale="raw", limits=(0, 1), most_pixels=MEANS_PIXELS, silent=silent)
        rows.append((inspection.given.class_names[place], int((inspection.given.labels == place).sum()), _shown(tiles)))
    return rows


def _strip(inspection, name):
    """Class means of a layer's channels as one picture of a row a class; None where the maps themselves are shown."""
    if inspection.given.labels is None or name in inspection.means or name not in inspection.channel_means:
        return None
    labels, numbers = inspection.given.labels, inspection.channel_means[name]
    there = [place for place in range(len(inspection.given.class_names)) if (labels == place).any()]
    rows = np.stack([numbers[labels == place].mean(axis=0) for place in there])
    rows = rows[..., np.newaxis].repeat(max(4, 160 // len(rows) // 2), axis=0)
    tiles = page_pictures.embed_grid(rows, most_pixels=rows.size, silent=[])
    names = [inspection.given.class_names[place] for place in there]
    return names, Picture(tiles.uri, tiles.width, tiles.height, min(WIDEST, 12 * rows.shape[1]), "sharp")


def _images(inspection):
    """The first image at its own size, and as the network receives it."""
    fed = network_to_images(inspection.given.images[:1], inspection.takes)[0, ..., :3]
    whole = inspection.given.whole
    low, high = pictures.finite_range(fed)
    return {
        "whole": None if whole is None else _picture(whole),
        "stretched": whole is not None and whole.shape[:2] != inspection.takes.size,
        "fed": _picture(fed),
        "low": low,
        "high": high,
    }


def _picture(image, **options):
    uri, width, height = page_pictures.embed_image(image, **options)
    small = max(width, height) <= page_pictures.SMALL
    shown = round(min(max(width, IMAGE), BROADEST, TALLEST * width / height))
    return Picture(uri, width, height, shown, "sharp" if small else "")


def _answers(inspection):
    """For each output the chosen one first: its name, its answers, the top ones to the first image as rows."""
    outputs = {inspection.output: inspection.answers, **inspection.others}
    return [(name, answers, _rows(answers)) for name, answers in outputs.items() if answers is not None]


def _rows(answers, image=0, most=5):
    """The top answers to an image, each with the length of its bar: (place, name, words, length)."""
    top = answers.top(image, most)
    largest = max(abs(value) for *_, value in top) or 1.0
    widest = largest if answers.kind == "values" else 1
    return [(place, name, answers.shown(value), max(value / widest, 0)) for place, name, value in top]


def _compared(inspection):
    """What is answered to the first image under each preparation that may be meant: (scale, its words, rows)."""
    if inspection.compared is None:
        return []
    scales = enumerate(inspection.takes.plausible)
    return [(scale, SCALES[scale], _rows(inspection.compared, image, 3)) for image, scale in scales]


def _made(inspection):
    """Yield each image that comes out: (name of the output, picture, size and range in words)."""
    for name, values in inspection.made.items():
        high, wide, channels = values.shape
        lowest, highest = pictures.finite_range(values)
        within = lowest >= 0 and highest <= 1
        tiles = None if channels in (1, 3) else page_pictures.embed_grid(values)
        words = f"{high} × {wide}, {channels} channel{'s' if channels > 1 else ''}, {lowest:.3g} to {highest:.3g}"
        yield name, _shown(tiles) if tiles else _picture(values if within else pictures.scale_channels(values)), words


def _heatmaps(inspection):
    """Yield each Grad-CAM as it is and over the image."""
    image = np.broadcast_to(inspection.given.originals[0], (*inspection.takes.size, 3))
    for asked, heatmap in inspection.heatmaps.items():
        large = np.maximum(enlarge(heatmap[np.newaxis], inspection.takes.size)[0], 0)
        yield {
            "asked": asked,
            "plain": _picture(page_pictures.heatmap_colours(heatmap)),
            "over": _picture(page_pictures.heatmap_colours(large, image)),
            "blank": bool(is_blank(heatmap[np.newaxis])[0]),
            "places": " × ".join(map(str, heatmap.shape)),
        }


def _filters(inspection):
    if inspection.filters is None:
        return None
    uri, width, height, columns = page_pictures.embed_filters(inspection.filters)
    shown = round(min(WIDEST, columns * TILE[0]))
    high, wide, inputs, count = inspection.filters.shape
    return {
        "picture": Picture(uri, width, height, shown, "sharp" if width <= 340 else "sharp-when-wide"),
        "count": count,
        "size": f"{high} × {wide}",
        "inputs": inputs,
        "largest": float(np.abs(inspection.filters).max()),
    }


def _thumbnails(inspection):
    """Yield the images of a folder with what the network answers to each: (picture, name, answer, right or None)."""
    given, answers = inspection.given, inspection.answers
    known = _right(inspection) is not None
    for place in range(min(THUMBNAILS, len(given.images)) if len(given.images) > 1 else 0):
        (top,) = answers.top(place, 1) if answers is not None else [None]
        right = top[0] == given.labels[place] if known else None
        yield _picture(given.originals[place], largest=THUMBNAIL), given.names[place], top and top[1], right


def _right(inspection):
    """To how many images the answer is the name of their folder; None where the names are not those of the classes."""
    given, answers = inspection.given, inspection.answers
    if answers is None or given.labels is None or answers.class_names != given.class_names:
        return None
    return int((answers.values.argmax(axis=1) == given.labels).sum())
