"""What people give as images (arrays, several of them, data sets) as arrays of the shape that a network takes."""

import math
import warnings

import keras
import numpy as np

from helpers._shared.arguments import CourseError, as_array, as_whole_number, brief
from helpers._shared.image_ranges import doubts

MOST = 100_000, 2 * 2**30  # images, and bytes, of a data set that does not say where it ends


def given_batches(model, images, size=math.inf):
    """Bring what was given as images to arrays that fit a network: a data set batch by batch, all else in one piece.

    Args:
        model: a Keras model.
        images: array ``(images, ...)``, or a data set, see `batches_of`; for several inputs a list of arrays in the
            order of ``model.inputs``, or a dict from input name to array.
        size: of a data set at least so many images at once; all of them if nothing is said.

    Yields:
        Lists of arrays, one for each input, as they came; `part_of` makes float32 of them.

    Raises:
        CourseError: if they do not fit, are none, or never end.
    """
    for batch in batches_of(images, len(model.inputs[0].shape), size):
        yield _for_inputs(model, batch)


def _for_inputs(model, images):
    names = [tensor.name for tensor in model.inputs]
    if isinstance(images, dict):
        images = [images[name] for name in names if name in images]
    elif len(names) == 1 and not (isinstance(images, (list, tuple)) and len(images) == 1):
        images = [images]
    if len(images) != len(names):
        raise CourseError(
            f"this model has {len(names)} inputs ({', '.join(names)}), and {len(images)} arrays came: "
            "give one array for each, in this order, or a dict of them by these names."
        )
    arrays = [_checked_array(array, tensor) for array, tensor in zip(images, model.inputs)]
    if len({len(array) for array in arrays}) > 1:
        raise CourseError(
            f"every input needs the same number of images, and {[len(array) for array in arrays]} came: "
            "give them in pairs."
        )
    return arrays


def _checked_array(array, tensor):
    expected = tuple(tensor.shape[1:])
    array = as_array(array)
    if array.dtype.kind not in "biuf" and "float" not in array.dtype.name:  # bfloat16 is of kind V
        raise CourseError(
            f"images must be one array of numbers of shape {_words('images', *expected)}, not "
            f"{array.dtype.name} values: stack images of one size with np.stack."
        )
    if not array.shape or not _fits(array.shape[1:], expected):
        raise CourseError(
            f"the model takes images of shape {_words('images', *expected)}, and "
            f"{_words(*array.shape)} came: {_remedy(array.shape, expected)}."
        )
    if not len(array):
        raise CourseError(f"at least one image of shape {_words(*expected)} is needed, and none came: give some.")
    return array


def _remedy(shape, expected):
    if _fits(shape, expected):
        return "one image needs a batch axis in front, images[None]"
    if _fits((*shape[1:], 1), expected):
        return "grey images need a channel axis at the end, images[..., None]"
    if _fits((*shape, 1), expected):
        return "one grey image needs a batch axis and a channel axis, images[None, ..., None]"
    return "resize or reshape them as they were for training"


def _fits(shape, expected):
    return len(shape) == len(expected) and all(b in (None, a) for a, b in zip(shape, expected))


def _words(*shape):
    return "(" + ", ".join("any" if size is None else str(size) for size in shape) + ")"


def in_steps(model, images, batch_size, *, known=None, progress=None):
    """Take images in steps of a network: the one way in which all that is asked of many images goes over them.

    Args:
        model: a Keras model.
        images: as for `given_batches`.
        batch_size: images in one step, at most.
        known: dict in which the range that the network takes is kept; None to look for it again.
        progress: function that is called after each step with the number of images in it; None for none.

    Yields:
        (slice: which images, counted from 0; what `part_of` makes of them).

    Raises:
        CourseError: as for `given_batches`, or if the batch size is no whole number.

    Warns:
        UserWarning: once, where images are not finite, or not in the range that the network takes.
    """
    batch_size, seen, said = as_whole_number(batch_size, "batch_size"), 0, False
    for arrays in given_batches(model, images, batch_size):
        for doubt in () if said else doubts(model, arrays, {} if known is None else known, seen):
            warnings.warn(doubt, stacklevel=3)
            said = True
        for start in range(0, len(arrays[0]), batch_size):
            rows = slice(seen, seen + min(batch_size, len(arrays[0]) - start))
            yield rows, part_of(arrays, slice(start, start + batch_size))
            seen = rows.stop
            if progress is not None:
                progress(rows.stop - rows.start)


def is_data_set(images):
    """Say whether images come in batches of their own.

    Args:
        images: anything.

    Returns:
        True for a ``tf.data.Dataset``, which is told without TensorFlow, and a ``keras.utils.PyDataset``.
    """
    return isinstance(images, keras.utils.PyDataset) or (hasattr(images, "cardinality") and hasattr(images, "batch"))


def batches_of(images, axes, size=math.inf):
    """Take the images of a data set batch by batch, without holding all; whatever else came is left as it is.

    Args:
        images: a ``tf.data.Dataset`` or ``keras.utils.PyDataset`` that ends, of images, or of pairs of images and
            labels, one by one or in batches; or anything else.
        axes: how many a batch has.
        size: images to take together, at least; all of them if nothing is said.

    Yields:
        Images as an array, or as a list or dict of them for a network of several inputs.

    Raises:
        CourseError: if it never ends, holds nothing, or its images differ in size.
    """
    indexed, length = isinstance(images, keras.utils.PyDataset), None  # or -1 for ever, -2 not known
    if not hasattr(images, "__next__"):
        if not is_data_set(images):
            yield images
            return
        length = images.num_batches if indexed else int(images.cardinality())
    endless = CourseError(
        f"images that end are needed, and {type(images).__name__} goes on for ever, or for very long (if it ends, "
        "dataset.apply(assert_cardinality(...)) says so): give one batch, images, labels = next(iter(dataset))."
    )
    if length in (None, -1):
        raise endless
    parts, shapes, seen, given, size_seen = [], None, 0, 0, 0
    for batch in map(images.__getitem__, range(length)) if indexed else images:
        batch = keras.tree.map_structure(as_array, batch[0] if isinstance(batch, (tuple, list)) else batch)
        if keras.tree.flatten(batch)[0].ndim < axes:
            batch = keras.tree.map_structure(lambda array: array[np.newaxis], batch)
        arrays = keras.tree.flatten(batch)
        own = [array.shape[1:] for array in arrays]
        shapes = shapes or own
        if own != shapes:
            message = "the images of a data set must be of one size, and these are not: resize them with dataset.map."
            raise CourseError(message)
        parts.append(batch)
        seen, size_seen = seen + len(arrays[0]), size_seen + sum(array.nbytes for array in arrays)
        if length == -2 and (seen > MOST[0] or size_seen > MOST[1]):
            raise endless
        if seen - given >= size:
            together, parts, given = _joined(parts), [], seen
            yield together
    if not seen:
        raise CourseError(f"a data set with images is needed, and {brief(images)} is empty: give one that holds some.")
    if parts:
        yield _joined(parts)


def _joined(parts):
    return keras.tree.map_structure(lambda *arrays: np.concatenate(arrays), *parts)


def part_of(images, rows):
    """Take some images for one step.

    Args:
        images: a list of arrays, one for each input, as `given_batches` yields.
        rows: a slice, or whole numbers.

    Returns:
        float32 array, or a list of them for several inputs: networks are asked in this precision, whatever came.
    """
    parts = [np.asarray(array[rows], np.float32) for array in images]
    return parts[0] if len(parts) == 1 else parts
