"""Images that are moved a little before each epoch, so that no image comes twice alike."""

from functools import partial

import keras
import numpy as np

from helpers._shared.arguments import as_array, as_indices, brief
from helpers._shared.errors import CourseError

__all__ = ["moved"]

AT_ONCE = 5000  # images; more would only take more memory


def moved(images, seed, *, shift=0, turn=0, zoom=0):
    """Shift, turn and enlarge or shrink each image at random, about its middle.

    Turns and zooms are one step of Keras' own ``ops.image.affine_transform``, half a second for 55,000 digits on one
    CPU core. Whole pixels only are shifted, so that shifts alone change no value (and take a third of the time, being
    cuts from a wider image); what comes in from outside is 0.

    Args:
        images: ``(images, height, width, channels)``; not changed.
        seed: an integer, or several in a list, such as [seed, epoch]: the same moves for the same numbers.
        shift: up to so many pixels up, down, left and right: a whole number from 0.
        turn: up to so many degrees to either side, 0 to 180.
        zoom: up to this share larger or smaller, 0 up to (not including) 1.

    Returns:
        A new float32 array of the same shape.

    Raises:
        CourseError: if the images are no such array, or a number is out of its range.

    Example:
        >>> moved(images, [seed, epoch], shift=2)
    """
    images = as_array(images)
    _check(images, shift, turn, zoom)
    if not as_indices(seed, "the seed").size:  # without a number NumPy would take other moves each time
        raise CourseError("the seed must hold a number, and an empty list came: give [seed, epoch].")
    rng = np.random.default_rng(seed)
    shifts = rng.integers(-int(shift), int(shift) + 1, (2, len(images)))  # to fetch from: across, down
    if turn or zoom:
        move = partial(_transformed, _input_places(rng, images.shape[:3], shifts, turn, zoom))
    else:
        move = partial(_shifted, shifts)
    made = np.empty(images.shape, np.float32)
    for start in range(0, len(images), AT_ONCE):
        part = slice(start, start + AT_ONCE)
        made[part] = move(np.asarray(images[part], np.float32), part)
    return made


def _shifted(shifts, images, part):
    """Cut each image of this part out of itself with an edge of zeros around it."""
    most = min(np.abs(shifts).max(initial=0), max(images.shape[1:3]))  # pixels; further away there are only zeros
    across, down = np.clip(shifts[:, part], -most, most) + most
    wide = np.pad(images, ((0, 0), (most, most), (most, most), (0, 0)))
    cuts = np.lib.stride_tricks.sliding_window_view(wide, images.shape[1:3], axis=(1, 2))
    return np.moveaxis(cuts[np.arange(len(images)), down, across], 1, -1)


def _transformed(inputs, images, part):
    """Fetch each pixel of this part's images from where ``_input_places`` says."""
    return keras.ops.convert_to_numpy(
        keras.ops.image.affine_transform(images, inputs[part], interpolation="bilinear", data_format="channels_last")
    )


def _check(images, shift, turn, zoom):
    """Raise a CourseError for what cannot be moved, or not so."""
    if images.ndim != 4 or images.dtype.kind not in "buif":
        raise CourseError(
            f"images (images, height, width, channels) are needed, and {images.dtype} {images.shape} came: for one "
            "image give image[None]."
        )
    kinds = (int, float, np.integer, np.floating)
    numbers = [isinstance(each, kinds) and not isinstance(each, bool) for each in (shift, turn, zoom)]
    whole = all(numbers) and 0 <= shift < np.inf and shift == int(shift)
    if not whole or not 0 <= turn <= 180 or not 0 <= zoom < 1:
        raise CourseError(
            "shift must be whole pixels from 0, turn 0 to 180 degrees and zoom a share from 0 to below 1, not "
            f"{brief(shift)}, {brief(turn)} and {brief(zoom)}."
        )


def _input_places(rng, shape, shifts, turn, zoom):
    """For each image the eight numbers that say from where each output pixel is fetched: ``(images, 8)``.

    About the middle c a pixel p comes from c + R (p - c) + s: R turns and scales, s shifts.
    """
    count, height, width = shape
    across, down = shifts
    angle = np.radians(rng.uniform(-turn, turn, count))
    scale = 1 / (1 + rng.uniform(-zoom, zoom, count))  # fetched from nearer the middle: the image grows
    cos, sin = scale * np.cos(angle), scale * np.sin(angle)
    x, y = (width - 1) / 2, (height - 1) / 2
    nothing = np.zeros(count)
    rows = [cos, -sin, x - cos * x + sin * y + across, sin, cos, y - sin * x - cos * y + down, nothing, nothing]
    return np.stack(rows, axis=1).astype(np.float32)
