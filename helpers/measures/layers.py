"""What a layer keeps: how much of the image can be rebuilt from it."""

from dataclasses import dataclass

import numpy as np

from helpers._shared.arguments import CourseError, as_list, as_number, as_numbers, as_shaped, as_whole_number

__all__ = ["Rebuilt", "image_kept", "rebuild", "simple_views"]

THUMBNAIL = 16  # pixels a side
PENALTIES = (1e-4, 1e-3, 1e-2, 1e-1, 1.0, 10.0)  # of a ridge regression, for each image and value


def image_kept(activation, images, *, stride, places=4000):
    """Measure how much of the images a linear map can rebuild from one layer, place by place.

    At each place of the layer the channels there must tell the ``stride x stride`` pixels below that place. The map
    is fitted on half of the images, its penalty chosen on a quarter, and scored on the last quarter, see `rebuild`.

    Args:
        activation: one layer's ``(images, height, width, channels)``.
        images: what the network saw, ``(images, rows, columns, colours)``; the layer's places lie in its
            middle, as after convolutions without padding.
        stride: pixels from one place of the layer to the next.
        places: how many places of each part are drawn at most, by seed 7.

    Returns:
        R2: the share of the pixels' variance that is rebuilt, 1 for all, 0 or less for nothing.

    Raises:
        CourseError: if the shapes do not fit, or there are fewer than 4 images.

    Example:
        >>> image_kept(maps["max_pooling2d_2"], images, stride=4)  # maps (images, 36, 36, 64)
    """
    stride, places = as_whole_number(stride, "stride"), as_whole_number(places, "places", least=2)
    channels, pixels = _by_place(activation, images, stride)
    half, rng, parts = len(channels) // 2, np.random.default_rng(7), []
    for part in (slice(half), slice(half, half + half // 2), slice(half + half // 2, None)):
        below, above = (array[part].reshape(-1, array.shape[-1]) for array in (channels, pixels))
        drawn = rng.permutation(len(below))[:places]
        parts.append((below[drawn], above[drawn]))
    return rebuild(*parts).r2


@dataclass(frozen=True)
class Rebuilt:
    """Images that a linear map has made of a layer's values.

    Attributes:
        images: array like the test images, as rebuilt; values may leave 0..1.
        r2: share of the test pixels' variance that is rebuilt: 1 for all, 0 or less for nothing.
        penalty: the one that was chosen on the validation images.
    """

    images: np.ndarray
    r2: float
    penalty: float


def rebuild(train, validation, test, *, penalties=PENALTIES):
    """Rebuild whole images from the values of one layer by ridge regression.

    The map is fitted on the training images, its penalty chosen by R2 on the validation images, and the test
    images are rebuilt once. The values are divided by one number, their mean deviation, so that a penalty means
    the same for every layer.

    Args:
        train: (activation ``(n, ...)``, images ``(n, ...)``); at least 2 images.
        validation: the same for the images that choose.
        test: the same for the images that are rebuilt.
        penalties: what to choose from, at least one, above 0; each is multiplied by the number of training images.

    Returns:
        A `Rebuilt`.

    Raises:
        CourseError: if a part has not one activation an image, the parts differ in shape, something is not finite, or
            a penalty is not above 0.

    Example:
        >>> rebuild((maps, images), (val_maps, val_images), (test_maps, test_images)).r2
    """
    from sklearn.metrics import r2_score  # late: a second that other numbers do not need

    penalties = [as_number(each, "a penalty", low=1e-12) for each in as_list(penalties, "penalties")]
    parts = _checked_parts(train, validation, test)
    scale = np.sqrt(parts[0][0].var(axis=0).mean()) or 1.0
    (features, pixels), (choosing, chosen), (testing, wanted) = [(below / scale, above) for below, above in parts]
    best = None
    for penalty, (weights, constant) in zip(penalties, _ridge(features, pixels, penalties)):
        score = r2_score(chosen, choosing @ weights + constant, multioutput="variance_weighted")
        if best is None or score > best[0]:
            best = score, penalty, weights, constant
    images = testing @ best[2] + best[3]
    r2 = r2_score(wanted, images, multioutput="variance_weighted")
    return Rebuilt(images.reshape(np.shape(test[1])), float(r2), best[1])


def _ridge(features, pixels, penalties):
    """Solve ridge regression for each penalty: (weights, constant). The products of the features are formed once."""
    from scipy.linalg import solve

    centre, mean = features.mean(axis=0), pixels.mean(axis=0)
    features, pixels = features - centre, pixels - mean
    wide = features.shape[1] > len(features)  # then the same in the space of the images is smaller
    products, wanted = (features @ features.T, pixels) if wide else (features.T @ features, features.T @ pixels)
    for penalty in penalties:
        solved = solve(products + penalty * len(features) * np.eye(len(products)), wanted, assume_a="pos")
        weights = features.T @ solved if wide else solved
        yield weights, mean - centre @ weights


def _checked_parts(*parts):
    """Return (activation, images) of each part, one row an image, or say what does not fit."""
    pairs = [as_list(part, "arrays, the activation and the images of a part,", 2) for part in parts]
    parts = [(as_numbers(x, "activation", finite=True), as_numbers(y, "images", finite=True)) for x, y in pairs]
    shapes = [(x.shape, y.shape) for x, y in parts]
    fits = all(len(below) > 1 and len(above) > 1 and below[0] == above[0] for below, above in shapes)
    if not fits or len({(below[1:], above[1:]) for below, above in shapes}) > 1:
        asked = "one activation for each of at least 2 images, the same layer and size in every part, is needed"
        came = ", ".join(f"{below} for {above}" for below, above in shapes)
        raise CourseError(f"{asked}, and {came} came: read the layer for these very images.")
    return [[np.asarray(array, np.float64).reshape(len(array), -1) for array in part] for part in parts]


def _by_place(activation, images, stride):
    """Bring both to (images, places, values): the channels of a place, and the pixels below it."""
    activation = as_shaped(activation, "activation", "images, height, width, channels", finite=True)
    images = as_shaped(images, "images", "images, rows, columns, colours", finite=True)
    count, height, width, channels = activation.shape
    if len(images) != count or count < 4 or (stride * np.array([height, width]) > images.shape[1:3]).any():
        asked = "at least 4 images and one layer's activation of them with at most rows / stride places are needed"
        came = f"{images.shape}, {activation.shape} and stride {stride}"
        raise CourseError(f"{asked}, and {came} came: read the layer for these images.")
    pixels = _blocks(images, (height, width), (stride, stride)).transpose(0, 1, 3, 2, 4, 5)
    return activation.reshape(count, -1, channels), pixels.reshape(count, height * width, -1)


def _blocks(images, places, sides):
    """Cut the middle of images into blocks: (images, rows, height of a block, columns, width of a block, colours)."""
    (rows, columns), (height, width) = places, sides
    top, left = (images.shape[1] - rows * height) // 2, (images.shape[2] - columns * width) // 2
    middle = images[:, top : top + rows * height, left : left + columns * width]
    return middle.reshape(len(images), rows, height, columns, width, -1)


def simple_views(images):
    """Reduce images to what needs no network to be read: a thumbnail, its border, its two top corners.

    What a linear classifier reaches on these is what a network has to beat.

    Args:
        images: ``(images, height, width, colours)``, both sides at least 16 pixels.

    Returns:
        A dict of arrays ``(images, values)``: "thumbnail" has 16 x 16 means of brightness, "border" the 60 on
        its outermost ring, "corners" 3 x 3 from the top left and 3 x 3 from the top right.

    Raises:
        CourseError: if the images are smaller, or no array of images.
    """
    images = as_shaped(images, "images", "images, height, width, colours")
    if min(images.shape[1:3]) < THUMBNAIL:
        raise CourseError(f"images of at least {THUMBNAIL} pixels a side are needed, not {images.shape}: enlarge them.")
    sides = [size // THUMBNAIL for size in images.shape[1:3]]
    blocks = _blocks(images, (THUMBNAIL, THUMBNAIL), sides).mean(axis=(2, 4, 5))
    ring = np.pad(np.zeros((THUMBNAIL - 2, THUMBNAIL - 2), bool), 1, constant_values=True)
    corners = np.concatenate([blocks[:, :3, :3], blocks[:, :3, -3:]], axis=1)
    flat = (len(images), -1)
    return {"thumbnail": blocks.reshape(flat), "border": blocks[:, ring], "corners": corners.reshape(flat)}
