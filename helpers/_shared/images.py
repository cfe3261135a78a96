"""What people give as images (arrays, several of them, data sets) as arrays of the shape that a network takes."""

import keras
import numpy as np

from helpers._shared.arguments import CourseError, as_array, brief

__all__ = ["gathered", "given_array", "given_images", "part_of"]

MOST = 100_000, 2 * 2**30  # images, and bytes, of a data set that does not say where it ends


def given_images(model, images):
    """Bring what was given as images to arrays that fit a network.

    Args:
        model: a Keras model.
        images: array ``(images, ...)``, or a data set, see `gathered`; for several inputs a list of arrays in the order
            of ``model.inputs``, or a dict from input name to array.

    Returns:
        A list of arrays, one for each input, as they came; `part_of` makes float32 of them, batch by batch.

    Raises:
        CourseError: if they do not fit, are none, or never end.
    """
    images = gathered(images, len(model.inputs[0].shape))
    names = [tensor.name for tensor in model.inputs]
    if isinstance(images, dict):
        if set(images) != set(names):
            raise CourseError(
                f"a dict of images needs the keys {', '.join(names)}, and has "
                f"{', '.join(map(str, images)) or 'none'}: give one array for each input."
            )
        images = [images[name] for name in names]
    elif len(names) == 1 and not (isinstance(images, (list, tuple)) and len(images) == 1):
        images = [images]
    if len(images) != len(names):
        raise CourseError(
            f"this model has {len(names)} inputs ({', '.join(names)}), and {len(images)} arrays came: "
            "give one array for each, in this order."
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


def given_array(model, images):
    """Bring what was given as images to one float32 array, for a network of one input.

    Args:
        model: a Keras model.
        images: as for `given_images`.

    Returns:
        float32 array ``(images, ...)``.

    Raises:
        CourseError: as for `given_images`, and if the network has several inputs.
    """
    if len(model.inputs) > 1:
        raise CourseError(f"a network with one input is needed, not {len(model.inputs)}: build one around it.")
    return part_of(given_images(model, images), slice(None))


def gathered(images, axes):
    """Collect the images of a data set, batch by batch; whatever else came is left as it is.

    Args:
        images: a ``tf.data.Dataset`` or ``keras.utils.PyDataset`` that ends, of images, or of pairs of images and
            labels, one by one or in batches; or anything else.
        axes: how many a batch has.

    Returns:
        Its images as one array, or as a list or dict of them for a network of several inputs.

    Raises:
        CourseError: if it never ends, holds nothing, or its images differ in size.
    """
    indexed = isinstance(images, keras.utils.PyDataset)
    if hasattr(images, "__next__"):
        length, line = None, "next(iterator)"
    elif indexed:
        length, line = images.num_batches, "dataset[0]"
    elif hasattr(images, "cardinality") and hasattr(images, "element_spec"):  # a tf.data.Dataset, without TensorFlow
        length, line = int(images.cardinality()), "next(iter(dataset))"  # -1 for ever, -2 not known
    else:
        return images
    endless = f"images that end are needed, and {type(images).__name__} goes on for ever: give one batch of it, "
    endless += f"images, labels = {line}."
    if length in (None, -1):
        raise CourseError(endless)
    parts, count, size = [], 0, 0
    for batch in (images[number] for number in range(length)) if indexed else images:
        batch = keras.tree.map_structure(as_array, batch[0] if isinstance(batch, (tuple, list)) else batch)
        arrays = keras.tree.flatten(batch)
        if arrays[0].ndim < axes:
            batch = keras.tree.map_structure(lambda array: array[np.newaxis], batch)
        parts.append(batch)
        count, size = count + keras.tree.flatten(batch)[0].shape[0], size + sum(array.nbytes for array in arrays)
        if length == -2 and (count > MOST[0] or size > MOST[1]):
            raise CourseError(endless)
    if not parts:
        raise CourseError(f"a data set with images is needed, and {brief(images)} is empty: give one that holds some.")
    try:
        return keras.tree.map_structure(lambda *arrays: np.concatenate(arrays), *parts)
    except ValueError:
        message = "the images of a data set must be of one size, and these are not: resize them with dataset.map."
        raise CourseError(message) from None


def part_of(images, rows):
    """Take some images for one step.

    Args:
        images: a list of arrays, one for each input, as `given_images` returns.
        rows: a slice.

    Returns:
        float32 array, or a list of them for several inputs: networks are asked in this precision, whatever came.
    """
    parts = [np.asarray(array[rows], np.float32) for array in images]
    return parts[0] if len(parts) == 1 else parts
