"""Is a heatmap right? Ground truth where it is known, and how alike two of them are."""

import numpy as np
from PIL import Image
from scipy.ndimage import gaussian_filter
from scipy.stats import spearmanr

from helpers._shared.arguments import CourseError, as_shaped, as_size, as_whole_number

__all__ = ["enlarge", "is_blank", "overlap", "pointing_game", "rank_correlation", "similarity"]

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
    heatmaps, masks = _with_masks(heatmaps, masks)
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
    heatmaps, masks = _with_masks(heatmaps, masks)
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
    heatmaps = _checked(heatmaps)
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
    size, heatmaps = as_size(size), _checked(heatmaps)
    inner = size if stride is None else [side * as_whole_number(stride, "stride") for side in heatmaps.shape[1:]]
    edges = [outer - side for outer, side in zip(size, inner)]
    if min(edges) < 0:
        raise CourseError(f"places of {stride} pixels fill {inner} pixels, and {size} came: give a smaller stride.")
    images = [Image.fromarray(heatmap) for heatmap in heatmaps.astype(np.float32)]
    large = np.stack([image.resize(inner[::-1], Image.Resampling.BILINEAR) for image in images])
    around = [(edge // 2, edge - edge // 2) for edge in edges]
    return np.pad(large, [(0, 0), *around], mode="edge")


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
    return _image_by_image(first, second, lambda one, other: spearmanr(one, other, axis=None).statistic)


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
    return _image_by_image(first, second, _ssim)


def _overlap_of_one(heatmap, mask):
    size = mask.sum()
    edge = np.partition(heatmap, -size, axis=None)[-size]  # the value of the coolest place that is taken
    hotter, equal = heatmap > edge, heatmap == edge
    share = (size - hotter.sum()) / equal.sum()  # of the equal places, so many are taken
    common = (hotter & mask).sum() + share * (equal & mask).sum()
    return common / (2 * size - common)


def _image_by_image(first, second, compare):
    """Compare pairs of heatmaps by a function of two; NaN where one of them is blank."""
    first, second = _pairs(first, second)
    shown = ~(is_blank(first) | is_blank(second))
    pairs = zip(np.float64(first), np.float64(second), shown)
    return np.array([compare(one, other) if both else np.nan for one, other, both in pairs])


def _ssim(first, second):
    """Mean over the places of structural similarity."""
    first, second = first / np.abs(first).max(), second / np.abs(second).max()
    means = [_blurred(first), _blurred(second)]
    spreads = [_blurred(first**2) - means[0] ** 2, _blurred(second**2) - means[1] ** 2]
    together = _blurred(first * second) - means[0] * means[1]
    light = (2 * means[0] * means[1] + STEADY[0]) / (means[0] ** 2 + means[1] ** 2 + STEADY[0])
    structure = (2 * together + STEADY[1]) / (spreads[0] + spreads[1] + STEADY[1])
    return (light * structure).mean()


def _blurred(heatmap):
    return gaussian_filter(heatmap, 1.5, truncate=3.5)


def _checked(maps, what="heatmaps"):
    return as_shaped(maps, what, "images, height, width", finite=True)


def _pairs(heatmaps, others, what="heatmaps"):
    heatmaps, others = _checked(heatmaps), _checked(others, what)
    if heatmaps.shape != others.shape:
        shapes = f"{heatmaps.shape} and {others.shape}"
        raise CourseError(f"heatmaps and {what} of one shape are needed, and {shapes} came: enlarge the smaller ones.")
    return heatmaps, others


def _with_masks(heatmaps, masks):
    heatmaps, masks = _pairs(heatmaps, masks, "masks")
    masks = masks.astype(bool)
    empty = np.count_nonzero(~masks.any(axis=(1, 2)))
    if empty:
        raise CourseError(f"a mask needs a place that is True, and {empty} of {len(masks)} have none: leave these out.")
    return heatmaps, masks
