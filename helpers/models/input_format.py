"""What a network takes: which size, which colours, and which range of values."""

import math
from dataclasses import dataclass

import numpy as np

from helpers._shared.arguments import CourseError, as_choice, as_size
from helpers._shared.image_ranges import SCALES, channels_first, find_scale, scaled, scales_of
from helpers.activations import layer_names

__all__ = ["SCALES", "Takes", "channels_first", "image_to_network", "network_to_images", "what_it_takes"]


@dataclass(frozen=True)
class Takes:
    """What a network takes.

    Attributes:
        shape: one image as the network receives it: (height, width, colours), (colours, height, width),
            (height, width) or (pixels,).
        size: (height, width) in pixels.
        colour: "rgb", "rgba" or "grey".
        any_size: whether the network takes images of any size, so that this one was chosen.
        scale: a key of `SCALES`; None where nothing in the network tells it.
        reason: a sentence on why this scale, or on why it is a guess.
        guess: the key of `SCALES` that is used where ``scale`` is None; else None.
    """

    shape: tuple
    size: tuple
    colour: str
    any_size: bool
    scale: str | None
    reason: str
    guess: str | None = None

    @property
    def used(self):
        """The scale that images are brought to: the one that is known, or the guess."""
        return self.scale or self.guess

    @property
    def plausible(self):
        """The scales that may be meant: the one that is known, or all that suit the colours."""
        return (self.scale,) if self.scale else scales_of(self.colour)


def what_it_takes(model, *, scale=None, size=None):
    """Find out which images a network takes.

    Args:
        model: a Sequential or Functional Keras model.
        scale: the range of values, a key of `SCALES`; None to look for it in the network.
        size: (height, width) in pixels for a network that takes any; None for 224 x 224.

    Returns:
        A `Takes`.

    Raises:
        CourseError: if the network takes no single image in grey or colour, or the scale or size does not fit.
    """
    layer_names(model)  # says what is wrong with a model that is no graph
    if len(model.inputs) != 1:
        raise CourseError(
            f"a network with one image as its input is needed, and {model.name!r} has {len(model.inputs)} inputs: "
            "build a model of one input around it."
        )
    wanted = tuple(model.inputs[0].shape[1:])
    side = math.isqrt(wanted[0] or 0) if len(wanted) == 1 else 0
    words = f"({', '.join('any' if each is None else str(each) for each in wanted)})"
    first = channels_first(wanted)
    wanted = (*wanted[1:], wanted[0]) if first else wanted
    if side and side**2 == wanted[0] and _looks_square(side):  # the pixels of a square in one row
        taken = (side, side)
    elif len(wanted) == 3 and wanted[2] in (1, 3, 4):
        chosen = as_size(224 if size is None else size)
        taken = tuple(given or own for given, own in zip(wanted, chosen))
    elif len(wanted) == 2 and None not in wanted and wanted[0] == wanted[1] and _looks_square(wanted[0]):
        taken = wanted
    else:
        asked = "a network that takes images (height, width, and 1, 3 or 4 colours) is needed"
        raise CourseError(f"{asked}, and this one takes {words}: that is no image.")
    shape = wanted if len(wanted) == 1 else (*taken, *wanted[2:])
    if size is not None and as_size(size) != taken:
        raise CourseError(f"this network takes {' x '.join(map(str, shape))} and no other size: leave the size out.")
    colour = {(3,): "rgb", (4,): "rgba"}.get(wanted[2:], "grey")
    if scale is None:
        scale, reason = find_scale(model, shape)
    else:
        scale, reason = as_choice(scale, "the scale", scales_of(colour)), "You chose this range."
    shape = (shape[-1], *shape[:-1]) if first else shape
    return Takes(shape, taken, colour, None in wanted, scale, reason, None if scale else "0..1")


def image_to_network(image, takes, *, invert=False):
    """Bring an image to the form that a network takes.

    Args:
        image: float array (height, width, colours) of the size and colours that the network takes, values 0..1.
        takes: a `Takes`.
        invert: whether light and dark change places.

    Returns:
        float32 array of the shape ``takes.shape``, in its range.
    """
    image = np.float32(1) - image if invert else image
    image = scaled(image, takes.used)
    return np.moveaxis(image, -1, 0) if channels_first(takes.shape) else image.reshape(takes.shape)


def network_to_images(values, takes):
    """Bring what a network was given to the form of images, in the range that it has.

    Args:
        values: array (images, ...) as the network takes them.
        takes: a `Takes`.

    Returns:
        The array as (images, height, width, colours).
    """
    values = np.moveaxis(values, 1, -1) if channels_first(takes.shape) else values
    return values.reshape(len(values), *takes.size, -1)


def _looks_square(side):
    """Whether so many rows of as many numbers are an image, and not features: 8, 16, 20, 28, 32 and so on."""
    return side >= 8 and side % 4 == 0
