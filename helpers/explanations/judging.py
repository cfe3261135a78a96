"""Is a heatmap right? Ground truth where it is known, comparison with guesses, and networks that know nothing."""

import numpy as np
from PIL import Image
from scipy.ndimage import gaussian_filter
from scipy.stats import spearmanr

from helpers._shared.arguments import as_array, as_names, as_numbers, as_whole_number, brief
from helpers._shared.errors import CourseError
from helpers.activations import layer_names, untrained
from helpers.explanations.network_copies import layer_at, own_random_numbers, twin_with

__all__ = [
    "centre_guess",
    "enlarge",
    "is_blank",
    "overlap",
    "pointing_game",
    "random_maps",
    "randomised",
    "rank_correlation",
    "similarity",
]

WINDOW = 1.5  # deviation of the window of SSIM, in places
STEADY = (0.01**2, 0.03**2)  # keep SSIM's two quotients from dividing by zero; values range over 1


def pointing_game(heatmaps, masks):
    """Say for each image whether the highest place of its heatmap lies within the mask.

    Zhang et al. (2016), "Top-down Neural Attention by Excitation Backprop"; without their tolerance of 15 pixels.

    Args:
        heatmaps: array ``(images, height, width)``, see `enlarge`; a higher value speaks more for the class.
        masks: bool array of the same shape: True where the truth is, at least one place each.

    Returns:
        float64 array ``(images,)``, whose mean is the share of hits: 1 for a hit and 0 for a miss; where several
        places are highest, the share of them within the mask. A blank heatmap points nowhere: 0.

    Raises:
        CourseError: if the shapes differ, or a mask is empty.
    """
    heatmaps, masks = _checked_pairs(heatmaps, masks)
    highest = heatmaps == heatmaps.max(axis=(1, 2), keepdims=True)
    hits = (highest & masks).sum(axis=(1, 2)) / highest.sum(axis=(1, 2))
    return np.where(is_blank(heatmaps), 0, hits)


def overlap(heatmaps, masks):
    """Measure how much the hottest places of each heatmap and its mask have in common.

    As many of the hottest places are taken as the mask has, so that no threshold has to be chosen; of places that
    are equally hot where they end, each counts in part.

    Args:
        heatmaps: as for `pointing_game`.
        masks: as for `pointing_game`.

    Returns:
        float64 array ``(images,)``: intersection over union, 0 to 1.

    Raises:
        CourseError: if the shapes differ, or a mask is empty.
    """
    heatmaps, masks = _checked_pairs(heatmaps, masks)
    return np.array([_overlap_of_one(*pair) for pair in zip(heatmaps, masks)])


def is_blank(heatmaps):
    """Say which heatmaps show nothing: the same value everywhere, such as zero.

    Args:
        heatmaps: array ``(images, height, width)``.

    Returns:
        bool array ``(images,)``.

    Raises:
        CourseError: if it is no such array.
    """
    heatmaps = _checked_maps(heatmaps)
    return heatmaps.max(axis=(1, 2)) == heatmaps.min(axis=(1, 2))


def enlarge(heatmaps, size, *, stride=None):
    """Enlarge heatmaps to the size of the images, bilinear.

    Args:
        heatmaps: array ``(images, height, width)``.
        size: (height, width) in pixels, or one number for both.
        stride: pixels from one place of the layer to the next; its places then lie in the middle of the image, as
            after convolutions without padding, and the edge gets the value of the nearest place. None stretches
            the heatmap over the whole image, as is the custom.

    Returns:
        float32 array ``(images, *size)``.

    Raises:
        CourseError: if it is no array of heatmaps, the size no size, or the places do not fit into the image.

    Example:
        >>> enlarge(grad_cam(model, digits, "Conv2D_2"), 28, stride=2)  # 11 places of 2 pixels, 3 pixels of edge
    """
    size, heatmaps = _checked_size(size), _checked_maps(heatmaps)
    inner = size if stride is None else [side * as_whole_number(stride, "stride") for side in heatmaps.shape[1:]]
    edges = [outer - side for outer, side in zip(size, inner)]
    if min(edges) < 0:
        raise CourseError(
            f"{heatmaps.shape[1]} x {heatmaps.shape[2]} places of {stride} pixels must fit into {size[0]} x {size[1]} "
            "pixels, and do not: give the pixels from one place of the layer to the next."
        )
    large = [
        Image.fromarray(np.asarray(each, np.float32)).resize(inner[::-1], Image.Resampling.BILINEAR)
        for each in heatmaps
    ]
    around = [(edge // 2, edge - edge // 2) for edge in edges]
    return np.pad(np.stack([np.asarray(each, np.float32) for each in large]), [(0, 0), *around], mode="edge")


def centre_guess(size):
    """Make the heatmap of somebody who has not looked: highest in the middle, falling with the distance.

    Args:
        size: (height, width), or one number for both.

    Returns:
        float32 array ``(1, height, width)``, values 0..1.

    Raises:
        CourseError: if the size is no size.
    """
    height, width = _checked_size(size)
    down, across = (np.abs(np.linspace(-1, 1, side)) if side > 1 else np.zeros(1) for side in (height, width))
    return (1 - np.hypot(down[:, None], across) / np.sqrt(2)).astype(np.float32)[np.newaxis]


def random_maps(count, size, seed):
    """Make heatmaps of noise, to see what chance reaches.

    Args:
        count: how many.
        size: (height, width), or one number for both; at a layer's own size, then enlarged, they are as smooth as its.
        seed: whole number.

    Returns:
        float32 array ``(count, height, width)``, values 0..1.

    Raises:
        CourseError: if the count or the size is out of range.
    """
    shape = (as_whole_number(count, "count"), *_checked_size(size))
    return np.random.default_rng(as_whole_number(seed, "seed", least=0)).random(shape, np.float32)


def rank_correlation(first, second):
    """Correlate the ranks of the places of two heatmaps, image by image (Spearman).

    Args:
        first: array ``(images, height, width)``.
        second: array of the same shape, for the same images.

    Returns:
        float64 array ``(images,)``: 1 for the same order, about 0 for none in common; NaN where one of them is
        blank.

    Raises:
        CourseError: if the shapes differ.
    """
    first, second, shown = _checked_both(first, second)
    found = np.full(len(first), np.nan)
    for number in np.flatnonzero(shown):
        found[number] = spearmanr(first[number], second[number], axis=None).statistic
    return found


def similarity(first, second):
    """Compare the structure of two heatmaps, image by image (SSIM), each divided by its own largest size.

    Wang et al. (2004), "Image Quality Assessment: From Error Visibility to Structural Similarity", with their
    window, a Gaussian of deviation 1.5 places, and their constants; at the edge the maps are mirrored.

    Args:
        first: array ``(images, height, width)``.
        second: array of the same shape, for the same images.

    Returns:
        float64 array ``(images,)``: 1 for equal maps, lower the more they differ; NaN where one of them is blank.

    Raises:
        CourseError: if the shapes differ.
    """
    first, second, shown = _checked_both(first, second)
    found = np.full(len(first), np.nan)
    if shown.any():
        pair = (maps[shown] / np.abs(maps[shown]).max(axis=(1, 2), keepdims=True) for maps in (first, second))
        found[shown] = _ssim(*pair)
    return found


def randomised(model, layers, *, seed):
    """Copy a network with fresh weights in some layers: what a heatmap shows of it was not learned there.

    Adebayo et al. (2018), "Sanity Checks for Saliency Maps": with all layers from the answers down to one (the
    cascade), or with one at a time.

    Args:
        model: a Sequential or Functional Keras model; it is not changed.
        layers: names of layers with weights (a nested one as ``outer/inner``), or one name.
        seed: whole number; the same seed gives a layer the same weights, which are never those that the network
            had before it was trained with this seed.

    Returns:
        A model with the same layers and layer names, not compiled for training.

    Raises:
        KeyError: if a layer is unknown; the sentence lists the names.
        CourseError: if a layer has no weights.
    """
    names, seed = as_names(layers, "layers"), as_whole_number(seed, "seed", least=0)
    known = layer_names(model)
    for name in names:
        if name not in known:
            raise KeyError(f"no layer {name!r}: this model has {', '.join(known)}.")
        if not layer_at(model, name).weights:
            raise CourseError(f"layers with weights are needed, and {name!r} has none: leave it out.")
    copy = twin_with(model, {})
    with own_random_numbers(seed):
        fresh = untrained(model)
    for name in names:
        layer_at(copy, name).set_weights(layer_at(fresh, name).get_weights())
    return copy


def _overlap_of_one(heatmap, mask):
    size = mask.sum()
    edge = np.partition(heatmap, -size, axis=None)[-size]  # the value of the coolest place that is taken
    hotter, equal = heatmap > edge, heatmap == edge
    share = (size - hotter.sum()) / equal.sum()  # of the equal places, so many are taken
    common = (hotter & mask).sum() + share * (equal & mask).sum()
    return common / (2 * size - common)


def _ssim(first, second):
    """Mean over the places of structural similarity: (images,)."""
    means = [_blurred(first), _blurred(second)]
    spreads = [_blurred(maps**2) - mean**2 for maps, mean in zip((first, second), means)]
    together = _blurred(first * second) - means[0] * means[1]
    light = (2 * means[0] * means[1] + STEADY[0]) / (means[0] ** 2 + means[1] ** 2 + STEADY[0])
    structure = (2 * together + STEADY[1]) / (spreads[0] + spreads[1] + STEADY[1])
    return (light * structure).mean(axis=(1, 2))


def _blurred(maps):
    return gaussian_filter(maps, (0, WINDOW, WINDOW), truncate=3.5)


def _checked_maps(heatmaps):
    heatmaps = as_numbers(heatmaps, "heatmaps", finite=True)
    if heatmaps.ndim != 3 or not heatmaps.size:
        raise CourseError(
            f"heatmaps (images, height, width) are needed, and {heatmaps.dtype.name} of shape {heatmaps.shape} came: "
            "one alone needs an axis in front, heatmap[None]."
        )
    return heatmaps


def _checked_pairs(heatmaps, masks):
    heatmaps, masks = _checked_maps(heatmaps), as_numbers(masks, "masks", finite=True).astype(bool)
    if heatmaps.shape != masks.shape:
        raise CourseError(
            f"heatmaps and masks of one shape are needed, and {heatmaps.shape} and {masks.shape} came: enlarge the "
            "heatmaps to the size of the masks, and give one for each."
        )
    empty = np.flatnonzero(~masks.any(axis=(1, 2)))
    if empty.size:
        raise CourseError(
            f"every mask needs a place that is True, and {empty.size} of {len(masks)} have none, the first at "
            f"{empty[0]}: leave these images out."
        )
    return heatmaps, masks


def _checked_both(first, second):
    """Return both in float64, and where neither is blank."""
    first, second = (np.asarray(_checked_maps(maps), np.float64) for maps in (first, second))
    if first.shape != second.shape:
        raise CourseError(
            f"heatmaps of one shape are needed, and {first.shape} and {second.shape} came: make both of the same "
            "images and layer."
        )
    return first, second, ~(is_blank(first) | is_blank(second))


def _checked_size(size):
    several = isinstance(size, (tuple, list, np.ndarray)) and as_array(size).ndim == 1
    sides = tuple(size) if several else (size, size)
    if len(sides) != 2:
        raise CourseError(f"size must be (height, width) or one number, not {brief(size)}: correct it.")
    return tuple(as_whole_number(side, "size") for side in sides)
