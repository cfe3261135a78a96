"""Pictures as text that stands in a page: the grids of a layer, images, heatmaps and filters."""

import base64
import io
from dataclasses import dataclass

import matplotlib
import numpy as np
from matplotlib.colors import to_rgb
from PIL import Image

from helpers import pictures
from helpers.plots.colours import DIVERGING, NOT_FINITE, SEQUENTIAL, SILENT
from helpers.plots.heatmaps import blend

__all__ = ["SMALL", "Tiles", "embed_filters", "embed_grid", "embed_image", "heatmap_colours", "wide_columns"]

COLOURS = 253  # of the map; the palette's last three are for what is no value
SILENT_PLACE, NOT_FINITE_PLACE, GAP_PLACE = 253, 254, 255
LARGEST_SIDE = 1280  # pixels of an image: two for each one that it takes on the page, or more
UNIT = 10  # pixels of a unit
SMALL = 64  # pixels; below, an image is drawn pixel by pixel
EACH = 8  # of the colours of a page that has to be small: 32 are left, and the file has half the size


@dataclass(frozen=True)
class Tiles:
    """A grid of maps as a picture in a page.

    Attributes:
        uri: the picture, a ``data:`` address.
        width: of the picture in pixels.
        height: of the picture in pixels.
        columns: maps in a row.
        tile: (height, width) of a map in the picture, in pixels.
        places: (height, width) of a map; fewer than in the network where it is reduced.
        unit: whether they are units, not maps.
    """

    uri: str
    width: int
    height: int
    columns: int
    tile: tuple
    places: tuple
    unit: bool


def wide_columns(channels):
    """Choose how many maps stand in a row.

    Args:
        channels: how many there are.

    Returns:
        16, for wide layers 32 or 64; for more than 8,000 about as many as rows.
    """
    return 16 if channels <= 256 else 32 if channels <= 1024 else max(64, 2 ** round(np.log2(channels) / 2))


def embed_grid(maps, *, scale="layer", limits=None, most_pixels=400_000, silent=None, coarse=False):
    """Draw all channels of a layer as one picture, silent ones black, gaps clear.

    Args:
        maps: ``(height, width, channels)`` or ``(units,)``.
        scale: "layer", "channel", "standard" or "raw", see `helpers.pictures.scale_channels`; one value a channel
            is scaled over the layer.
        limits: for "raw", the values of the first and the last colour; None for the lowest and highest there are.
        most_pixels: of the picture; larger maps are reduced, each pixel the mean of a block of places.
        silent: indices of the channels that are drawn black; None for those that are zero here.
        coarse: whether colours are rounded to 32, and small maps kept small, for a file of half the size or less.

    Returns:
        A `Tiles`.

    Raises:
        CourseError: as `helpers.pictures.tile_channels`.
    """
    maps = pictures.as_maps(maps)
    if maps.shape[:2] == (1, 1) and scale in ("channel", "standard"):
        scale = "layer"
    scaled = _to_unit(pictures.scale_channels(maps, scale=scale), scale, limits)
    silent = pictures.silent_channels(maps) if silent is None else silent
    side = max(1, int(np.sqrt(most_pixels / maps.shape[-1])))
    step = max(1, -(-max(maps.shape[:2]) // side))
    missing = np.isnan(scaled)
    scaled[missing] = 0  # in place: the maps of a large network would be there a third time
    rounded_to = EACH if coarse else 1
    places = _reduced(scaled, step) * (COLOURS - 1)
    places = np.minimum(np.rint(places / rounded_to) * rounded_to, COLOURS - 1)
    places[_reduced(missing, step) > 0] = NOT_FINITE_PLACE
    places[..., silent] = SILENT_PLACE
    repeat = max(1, (UNIT if places.shape[:2] == (1, 1) else 1 if coarse else SMALL // 2) // max(places.shape[:2]))
    places = places.repeat(repeat, axis=0).repeat(repeat, axis=1)  # so that a gap is thin beside any map
    columns = wide_columns(maps.shape[-1])
    tiled = pictures.tile_channels(places, columns, scale="raw")
    tiled = np.nan_to_num(tiled, nan=GAP_PLACE).astype(np.uint8)
    uri = _png(tiled, palette=_palette(SEQUENTIAL))
    size = tuple(-(-side // step) for side in maps.shape[:2])
    return Tiles(
        uri, *tiled.shape[::-1], min(columns, maps.shape[-1]), places.shape[:2], size, maps.shape[:2] == (1, 1)
    )


def embed_image(image, *, largest=LARGEST_SIDE):
    """Draw an image as it is.

    Args:
        image: ``(height, width)``, ``(height, width, 1)`` or ``(height, width, 3)``, in any range, see
            `helpers.pictures.image_picture`.
        largest: pixels of its longer side, at most.

    Returns:
        (``data:`` address, width, height in pixels).

    Raises:
        CourseError: if it is no single grey or RGB image.
    """
    drawn = Image.fromarray(_bytes(np.nan_to_num(pictures.image_picture(image))))
    drawn.thumbnail((largest, largest))
    if max(drawn.size) <= SMALL:
        return _uri(drawn, "PNG"), *drawn.size
    return _uri(drawn, "JPEG", quality=88, subsampling=0), *drawn.size


def heatmap_colours(heatmap, image=None):
    """Colour a heatmap from zero up, alone or over its image.

    Args:
        heatmap: ``(height, width)``, values 0 or more; of the image's size where there is one.
        image: ``(height, width, 3)``, values 0..1.

    Returns:
        float array ``(height, width, 3)``, values 0..1.
    """
    shares = heatmap / (heatmap.max() or 1)
    return matplotlib.colormaps[SEQUENTIAL](shares)[..., :3] if image is None else blend(image, shares)


def embed_filters(weights, most=512):
    """Draw the filters of a convolution, blue below zero, white at zero, red above; on RGB as small colour images.

    Args:
        weights: ``(height, width, input channels, filters)``; of many input channels the first is drawn.
        most: how many filters at most.

    Returns:
        (``data:`` address, width, height in pixels, filters in a row).
    """
    weights = np.asarray(weights, np.float32)[..., :most]
    repeat = max(1, SMALL // 2 // max(weights.shape[:2]))
    weights = weights.repeat(repeat, axis=0).repeat(repeat, axis=1)
    shares = weights / (2 * (np.abs(weights).max() or 1)) + 0.5
    columns = min(16, weights.shape[-1])
    if weights.shape[2] == 3:
        tiled = np.stack([pictures.tile_channels(shares[:, :, c], columns, scale="raw") for c in range(3)], axis=-1)
        colours = np.concatenate([np.nan_to_num(tiled), np.isfinite(tiled[..., :1])], axis=-1)
        return _uri(Image.fromarray(_bytes(colours)), "PNG"), *tiled.shape[1::-1], columns
    tiled = pictures.tile_channels(shares[:, :, 0] * (COLOURS - 1), columns, scale="raw")
    places = np.where(np.isnan(tiled), GAP_PLACE, np.rint(tiled)).astype(np.uint8)
    return _png(places, palette=_palette(DIVERGING)), *tiled.shape[::-1], columns


def _to_unit(scaled, scale, limits):
    """Bring scaled values to 0..1, the range of the colours."""
    if scale == "standard":
        return scaled / 255
    if scale == "raw" and limits is not None:
        return np.clip((scaled - limits[0]) / (limits[1] - limits[0]), 0, 1)
    return pictures.scale_channels(scaled, scale="layer") if scale == "raw" else scaled


def _reduced(maps, step):
    """The means of blocks of step x step places; at the edges of fewer."""
    if step == 1:
        return maps
    for axis in (0, 1):
        starts = np.arange(0, maps.shape[axis], step)
        counts = np.diff([*starts, maps.shape[axis]]).reshape([-1 if axis == each else 1 for each in range(3)])
        maps = np.add.reduceat(maps, starts, axis=axis, dtype=np.float32) / counts
    return maps


def _palette(name):
    colours = matplotlib.colormaps[name](np.linspace(0, 1, COLOURS))[:, :3]
    return _bytes(np.concatenate([colours, [to_rgb(SILENT), to_rgb(NOT_FINITE), (1, 1, 1)]])).tobytes()


def _bytes(values):
    return np.rint(np.clip(values, 0, 1) * 255).astype(np.uint8)


def _png(places, palette):
    drawn = Image.fromarray(places)
    drawn.putpalette(palette)
    return _uri(drawn, "PNG", transparency=GAP_PLACE)


def _uri(drawn, kind, **options):
    written = io.BytesIO()
    drawn.save(written, kind, **options)
    return f"data:image/{kind.lower()};base64,{base64.b64encode(written.getvalue()).decode()}"
