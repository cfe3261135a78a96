"""Turn activations, as arrays, into pictures, as arrays: scaling, tiling, counting. Nothing is drawn here."""

import numpy as np

from helpers._shared.arguments import CourseError, as_choice, as_number, as_numbers, as_shaped, as_whole_number

__all__ = [
    "SCALES",
    "as_maps",
    "finite_range",
    "image_picture",
    "resize_maps",
    "scale_channels",
    "silent_channels",
    "strongest_patches",
    "tile_channels",
]

# The scales and how a caption says them.
SCALES = {
    "raw": "raw values",
    "layer": "one range for the layer",
    "channel": "each channel its own range",
    "standard": "standardised per channel",
}


def tile_channels(activation, columns=16, *, scale="layer", gap=1):
    """Lay all channels of one image side by side, row by row, as one picture.

    >>> tile_channels(np.zeros((26, 26, 30)), columns=8).shape
    (107, 215)

    Args:
        activation: ``(height, width, channels)`` or ``(1, height, width, channels)`` for maps,
            ``(units,)`` or ``(1, units)`` for a dense layer, whose units become squares of one pixel.
        columns: channels in a row; the last row may be short.
        scale: "raw", "layer", "channel" or "standard", see `scale_channels`.
        gap: pixels between channels.

    Returns:
        float32 array ``(rows * (height + gap) - gap, k * (width + gap) - gap)`` with k = min(columns,
        channels). Gaps, empty places and what is not finite are NaN.

    Raises:
        CourseError: if there is more than one image, or an argument is out of range.
    """
    columns, gap = as_whole_number(columns, "columns"), as_whole_number(gap, "gap", least=0)
    values = scale_channels(as_maps(activation), scale=scale)
    height, width, channels = values.shape
    columns = min(columns, channels)
    rows = -(-channels // columns)
    places = np.full((rows * columns, height + gap, width + gap), np.nan, np.float32)
    places[:channels, :height, :width] = np.moveaxis(values, -1, 0)
    picture = places.reshape(rows, columns, height + gap, width + gap).swapaxes(1, 2)
    picture = picture.reshape(rows * (height + gap), columns * (width + gap))
    return picture[: picture.shape[0] - gap, : picture.shape[1] - gap]


def resize_maps(maps, height, width):
    """Enlarge or reduce maps; each new pixel is the mean of what it covers, so that none is lost.

    Args:
        maps: ``(rows, places, channels)``.
        height: rows of the result.
        width: places in a row of the result.

    Returns:
        float32 array ``(height, width, channels)``; a pixel that covers what is not finite is NaN.

    Raises:
        CourseError: if the maps have another number of axes or hold nothing, or a number is no whole one above 0.
    """
    maps = as_shaped(maps, "maps", "rows, places, channels").astype(np.float32)
    height, width = as_whole_number(height, "height"), as_whole_number(width, "width")
    if height % maps.shape[0] == 0 and width % maps.shape[1] == 0:
        return maps.repeat(height // maps.shape[0], axis=0).repeat(width // maps.shape[1], axis=1)
    finite = np.isfinite(maps)
    if not finite.all():
        holes = resize_maps(~finite, height, width) > 1e-9
        return np.where(holes, np.float32(np.nan), resize_maps(np.where(finite, maps, 0), height, width))
    down, across = _shares(height, maps.shape[0]), _shares(width, maps.shape[1])
    return np.einsum("hr,rpc,wp->hwc", down, maps, across, optimize=True)


def _shares(new, old):
    """How much of each old pixel lies in each new one: (new, old), each row adding up to 1."""
    edges = np.linspace(0, old, new + 1)
    starts, ends, places = edges[:-1, np.newaxis], edges[1:, np.newaxis], np.arange(old)
    covered = np.minimum(ends, places + 1) - np.maximum(starts, places)
    return (np.maximum(covered, 0) / (ends - starts)).astype(np.float32)


def scale_channels(activation, *, scale="layer"):
    """Bring values to the range in which they are drawn.

    "raw" leaves them unchanged. "layer" maps the lowest and highest finite value of all to 0 and 1, so that
    brightness compares between channels. "channel" does so for each channel alone: weak channels become as
    bright as strong ones. "standard" is 128 + 64 * (value - mean) / deviation for each channel, clipped to
    0..255. What has no spread becomes 0: in "layer" all, in "channel" and "standard" that channel.

    Args:
        activation: numbers ``(..., channels)``; all axes but the last share a channel's range.
        scale: "raw", "layer", "channel" or "standard".

    Returns:
        float32 array of the same shape; what is not finite is NaN. The argument is not changed.

    Raises:
        CourseError: if the scale is unknown, or the activation is empty or no array of numbers.
    """
    as_choice(scale, "scale", SCALES)
    values = _numbers(activation)
    if scale == "raw":
        with np.errstate(over="ignore"):  # beyond float32 there is only infinity
            values = values.astype(np.float32)
        return np.where(np.isfinite(values), values, np.float32(np.nan))
    # Each column has its own range: a channel, or the whole layer.
    table = values.reshape(-1, 1 if scale == "layer" else values.shape[-1])
    finite = np.isfinite(table)
    if not finite.all():
        table = np.where(finite, table, np.nan)
    with np.errstate(over="ignore"):
        if np.isinf(np.fmax.reduce(table) - np.fmin.reduce(table)).any():
            table = table.astype(np.float64)  # its largest difference is beyond float32
    low = np.fmin.reduce(table)
    spread = np.fmax.reduce(table) - low
    table = table - low
    table /= np.where(spread > 0, spread, np.inf).astype(table.dtype)  # no spread: 0 / infinity is 0
    if scale == "standard":
        count = np.maximum(finite.sum(axis=0), 1)
        total = np.sum if finite.all() else np.nansum
        table -= (total(table, axis=0, dtype=np.float64) / count).astype(table.dtype)
        deviation = np.sqrt(total(np.square(table), axis=0, dtype=np.float64) / count).astype(table.dtype)
        varied = deviation > 0
        table *= np.divide(64, deviation, where=varied, out=np.zeros_like(deviation))
        table += np.where(varied, 128, 0).astype(table.dtype)  # no spread stays 0
        np.clip(table, 0, 255, out=table)
    return table.astype(np.float32, copy=False).reshape(values.shape)


def as_maps(activation):
    """View the activation of one image as maps, whatever the layer was.

    Args:
        activation: ``(height, width, channels)``, ``(1, height, width, channels)``, ``(units,)`` or
            ``(1, units)``.

    Returns:
        A view ``(height, width, channels)``; units are maps of one pixel, ``(1, 1, units)``.

    Raises:
        CourseError: if there is more than one image, another number of axes, or nothing.
    """
    array = as_numbers(activation, "an activation")
    array = array[0] if array.ndim in (2, 4) and len(array) == 1 else array
    if array.ndim not in (1, 3) or not array.size:
        asked = "an activation of one image, (height, width, channels) or (units,), is needed"
        raise CourseError(f"{asked}, and shape {array.shape} came: choose one, as in activation[:1].")
    return array[np.newaxis, np.newaxis] if array.ndim == 1 else array


def silent_channels(activation, *, tolerance=0.0):
    """Find the channels that are zero everywhere: at most tolerance in magnitude, for the images given.

    It means most after an activation with a zero, such as ReLU. A channel that is silent for these images may
    well answer to others.

    Args:
        activation: ``(height, width, channels)`` or ``(images, height, width, channels)`` for maps,
            ``(units,)`` or ``(images, units)`` for dense layers; the last axis is the channel.
        tolerance: the largest size that still counts as nothing, in units of the activation.

    Returns:
        Array of the silent channels' indices, in order. NaN is not silent.

    Raises:
        CourseError: if the activation is empty or no array of numbers, or the tolerance is below 0.
    """
    as_number(tolerance, "tolerance", low=0, finite=False)
    values = _numbers(activation)
    axes = tuple(range(values.ndim - 1))
    low, high = (of(axis=axes).astype(np.float64) for of in (values.min, values.max))  # there no integer overflows
    return np.flatnonzero((low >= -tolerance) & (high <= tolerance))


def strongest_patches(activation, images, channel, *, stride=1, side=15):
    """Cut out of each image the patch around the place where a channel is largest, the strongest first.

    Args:
        activation: one layer's ``(images, height, width, channels)``.
        images: what the network saw, ``(images, rows, columns, colours)``; the layer's places lie in its
            middle, as after convolutions without padding.
        channel: index of the channel, counted from 0.
        stride: pixels from one place of the layer to the next.
        side: height and width of a patch in pixels; at the edge it is moved inwards.

    Returns:
        The patches ``(images, side, side, colours)``, the largest value of each ``(images,)`` in falling
        order, and the numbers of the images they come from ``(images,)``.

    Raises:
        CourseError: if the shapes do not fit, the channel does not exist, or a number is out of its range.
    """
    activation = as_shaped(activation, "activation", "images, height, width, channels")
    images = as_shaped(images, "images", "images, rows, columns, colours")
    stride, side = as_whole_number(stride, "stride"), as_whole_number(side, "side", most=min(images.shape[1:3]))
    if len(activation) != len(images):
        raise CourseError(f"{len(images)} images and {len(activation)} activations came: read the layer for these.")
    maps = activation[..., as_whole_number(channel, "channel", least=0, most=activation.shape[-1] - 1)]
    strengths = maps.max(axis=(1, 2))
    order = np.argsort(-strengths, kind="stable")
    places = np.stack(np.unravel_index(maps.reshape(len(maps), -1).argmax(axis=1), maps.shape[1:]), axis=1)
    room = np.array(images.shape[1:3])
    middles = (room - stride * np.array(maps.shape[1:])) // 2 + stride * places + stride // 2
    corners = np.clip(middles - side // 2, 0, room - side)
    places = zip(order, *corners[order].T)
    patches = [images[number, row : row + side, column : column + side] for number, row, column in places]
    return np.stack(patches), strengths[order], order


def image_picture(image):
    """Bring an image, as a network receives it, to a form that can be drawn.

    Values 0..1 stay, values 0..255 and all whole numbers are divided by 255, any other range (standardised images)
    is stretched from its lowest to its highest value.

    Args:
        image: ``(height, width)``, ``(height, width, 1)`` or ``(height, width, 3)``, the last two also
            with a batch axis of 1 in front.

    Returns:
        float32 array ``(height, width)`` for grey or ``(height, width, 3)`` for colour, values 0..1.

    Raises:
        CourseError: if it is no single grey or RGB image.
    """
    array = as_numbers(image, "an image")
    array = array[0] if array.ndim == 4 and len(array) == 1 else array
    array = array[..., 0] if array.ndim == 3 and array.shape[-1] == 1 else array
    if array.ndim < 2 or array.shape[2:] not in ((), (3,)) or not array.size:
        asked = "one image (height, width) in grey or (height, width, 3) in colour is needed"
        raise CourseError(f"{asked}, and shape {np.shape(image)} came: choose one image, as in images[0].")
    low, high = finite_range(array)
    if not (low >= 0 and high <= 255):
        return scale_channels(array, scale="layer")
    picture = scale_channels(array, scale="raw")
    return picture / np.float32(255) if high > 1 or array.dtype.kind in "iu" else picture


def finite_range(values):
    """Find the lowest and the highest number, leaving out NaN and infinity.

    Args:
        values: array of numbers, any shape.

    Returns:
        (lowest, highest) as floats; both NaN where nothing is finite.
    """
    numbers = _numbers(values)
    numbers = numbers[np.isfinite(numbers)]
    return (float(numbers.min()), float(numbers.max())) if numbers.size else (np.nan, np.nan)


def _numbers(activation):
    """Return the values as float32 where that holds them exactly, else float64; a copy only if need be."""
    values = as_numbers(activation, "an activation")
    if not values.ndim or not values.size:
        came = f"one of shape {values.shape}"
        raise CourseError(f"an array of numbers is needed, and {came} came: give the activation of one layer.")
    exact = np.float32 if np.can_cast(values.dtype, np.float32) else np.float64
    return values.astype(exact, copy=False)
