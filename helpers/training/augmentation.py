"""Images that are moved a little before each epoch, so that no image comes twice alike."""

import keras
import numpy as np

from helpers._shared.arguments import CourseError, as_indices, as_number, as_numbers, as_whole_number

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
    images = as_numbers(images, "images")
    if images.ndim != 4:
        needed = "images (images, height, width, channels) are needed"
        raise CourseError(f"{needed}, and {images.shape} came: for one give image[None].")
    shift = as_whole_number(shift, "shift, in pixels,", least=0)
    turn = as_number(turn, "turn, in degrees,", low=0, high=180)
    zoom = as_number(zoom, "zoom, a share,", low=0, below=1)
    if not as_indices(seed, "the seed").size:  # without a number NumPy would take other moves each time
        raise CourseError("the seed must hold a number, and an empty list came: give [seed, epoch].")
    rng = np.random.default_rng(seed)
    shifts = rng.integers(-shift, shift + 1, (2, len(images)))  # to fetch from: across, down
    places = _input_places(rng, images.shape[:3], shifts, turn, zoom) if turn or zoom else None
    made = np.empty(images.shape, np.float32)
    for start in range(0, len(images), AT_ONCE):
        part = slice(start, start + AT_ONCE)
        several = np.asarray(images[part], np.float32)
        if places is None:
            made[part] = _shifted(several, shifts[:, part])
        else:
            turned = keras.ops.image.affine_transform(several, places[part], data_format="channels_last")
            made[part] = keras.ops.convert_to_numpy(turned)
    return made


def _shifted(images, shifts):
    """Cut each image out of itself with an edge of zeros around it."""
    most = min(np.abs(shifts).max(), max(images.shape[1:3]))  # pixels; further away there are only zeros
    across, down = np.clip(shifts, -most, most) + most
    wide = np.pad(images, ((0, 0), (most, most), (most, most), (0, 0)))
    cuts = np.lib.stride_tricks.sliding_window_view(wide, images.shape[1:3], axis=(1, 2))
    return np.moveaxis(cuts[np.arange(len(images)), down, across], 1, -1)


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
