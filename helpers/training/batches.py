"""What a training is fed with: arrays that are checked, and batches that follow from seed and epoch."""

import math
import weakref

import keras
import numpy as np

from helpers._shared.arguments import CourseError, as_numbers
from helpers._shared.images import given_batches

__all__ = ["Batches", "as_data", "on_all_cores"]


class Batches(keras.utils.PyDataset):
    """The batches of one epoch, shuffled anew each round by the seed alone.

    Without ``steps`` an epoch is one round through all images, the last batch being short where they do
    not divide. With ``steps`` the images repeat, and a round may go on from one epoch into the next. So
    the batch depends on seed, epoch and step only, which lets an interrupted training go on exactly.

    Args:
        images: array (n, ...).
        labels: array (n, ...).
        batch_size: images in a batch.
        seed: integer.
        epoch: which epoch, counted from 1.
        steps: batches of an epoch; None for one round.
    """

    def __init__(self, images, labels, *, batch_size, seed, epoch, steps=None):
        super().__init__()
        count = len(images)
        epoch_images = steps * batch_size if steps else count
        first = (epoch - 1) * epoch_images
        rounds = range(first // count, (first + epoch_images - 1) // count + 1)
        orders = [np.random.default_rng([seed, number]).permutation(count) for number in rounds]
        start = first - rounds[0] * count
        self._order = np.concatenate(orders)[start : start + epoch_images]
        self._images, self._labels, self._batch_size = images, labels, batch_size

    def __len__(self):
        return math.ceil(len(self._order) / self._batch_size)

    def __getitem__(self, index):
        chosen = self._order[index * self._batch_size : (index + 1) * self._batch_size]
        return self._images[chosen], self._labels[chosen]


def as_data(data, what, network):
    """Bring data to (images, labels).

    Args:
        data: (images, labels), or something with ``.images`` and ``.labels``.
        what: what to call it in an error.
        network: the network that takes them.

    Returns:
        A tuple of two arrays with the same length.

    Raises:
        CourseError: if it is none of these, empty, or does not fit together or the network.
    """
    if hasattr(data, "images") and hasattr(data, "labels"):
        data = (data.images, data.labels)
    if not isinstance(data, (tuple, list)) or len(data) != 2:
        raise CourseError(f"{what} must be images and labels, not {type(data).__name__}: give (images, labels).")
    try:
        (images,), labels = next(given_batches(network, data[0])), as_numbers(data[1], "its labels")
    except CourseError as error:
        raise CourseError(f"{what}: {error}") from None
    if images.shape[:1] != labels.shape[:1]:
        raise CourseError(f"{what} must hold as many labels as images, not {images.shape} and {labels.shape}.")
    return images, labels


def on_all_cores(batches):
    """Let TensorFlow train on all its threads, in every epoch.

    ``fit`` makes a ``tf.data`` pipeline of whatever it is given, and that pipeline tunes itself. With TensorFlow
    2.21 on two cores, 30 of 80 fits that began so ran on one core from the first batch to the last, in twice the
    time; without the tuning none of 80 did. The batches and the numbers that come of them are the same.

    Args:
        batches: a ``keras.utils.PyDataset`` of (images, labels), whose first axis alone may change from one batch
            to the next.

    Returns:
        The same batches as a ``tf.data.Dataset`` that does not tune itself; on another backend as they came.
    """
    if keras.backend.backend() != "tensorflow":
        return batches
    import tensorflow as tf

    signature = tuple(tf.TensorSpec((None, *part.shape[1:]), part.dtype) for part in batches[0])
    lent = weakref.ref(batches)  # TensorFlow keeps a generator, and all that it holds, until the process ends
    pipeline = tf.data.Dataset.from_generator(lambda: iter(lent()), output_signature=signature)
    options = tf.data.Options()
    options.autotune.enabled = False
    counted = pipeline.apply(tf.data.experimental.assert_cardinality(len(batches)))
    untuned = counted.prefetch(2).with_options(options)  # two batches are fetched while the network trains
    untuned.batches = batches  # who holds the pipeline holds its images
    return untuned
