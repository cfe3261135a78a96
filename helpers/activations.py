"""Read the activations of a Keras network's layers, all in one pass, whole or summed up."""

from weakref import WeakKeyDictionary

import keras
import numpy as np

from helpers._shared.arguments import CourseError, as_class_labels, as_names
from helpers._shared.images import given_batches, in_steps, is_data_set
from helpers._shared.keras_graph import is_graph, places_in
from helpers._shared.quiet_keras import without_xla

__all__ = ["activation_model", "channel_statistics", "class_means", "layer_names", "read_activations", "untrained"]

STATISTICS = ("mean", "largest", "zeros")

# Prepared models, so that a loop over images does not trace the same graph again and again. The one state of
# the package: weak, so that a model which nobody uses any more goes, and what was prepared from it too.
_PREPARED = WeakKeyDictionary()


def layer_names(model):
    """Name what can be read from a model: every layer but inputs, in model order.

    A layer of a nested model is named ``outer/inner``. A layer that is called a second time within the model
    has two outputs, so the second is named ``layer#2``. A layer with several outputs has ``layer[0]``,
    ``layer[1]`` and so on. An operation between layers, as in ``keras.ops.relu(a + b)``, is named by what it does:
    ``add``, ``relu``, the second of a kind ``relu_1``.

    Args:
        model: a Sequential or Functional Keras model with a known input shape.

    Returns:
        A list of names.

    Raises:
        CourseError: if the model is no graph of layers, or was never given an input shape.
    """
    return list(places_in(_as_graph(model)))


def activation_model(model, layers=None):
    """Build a model that takes the same images and answers with the activations of layers.

    It shares the weights of the given model, which is neither compiled nor changed.

    Args:
        model: a Sequential or Functional Keras model; it may be loaded and need not be compiled.
        layers: names of layers (a nested one as ``outer/inner``); None for every layer but inputs. The name
            of a nested model itself stands for its output.

    Returns:
        A Keras model whose output is a dict from layer name to tensor, shape ``(images, ...)`` each.

    Raises:
        KeyError: if a layer is unknown; the sentence lists the names.
        CourseError: if the model is no graph of layers, or no layer is asked for.
    """
    places = _chosen(model, layers)
    # A layer may be replaced by one of the same name, so the tensors themselves are part of the key.
    key = tuple((name, *map(id, nodes), index) for name, (nodes, index) in places.items())
    prepared = _known(model)
    if key not in prepared:
        inputs = model.inputs if len(model.inputs) > 1 else model.inputs[0]
        prepared[key] = without_xla(keras.Model(inputs, dict(zip(places, _tensors(places.values())))))
    return prepared[key]


def read_activations(model, images, layers=None, *, batch_size=256):
    """Read the activations of layers for images, all layers in one pass, as at inference.

    Dropout does nothing here, and batch normalization uses its stored averages.

    Args:
        model: a Sequential or Functional Keras model; it may be loaded and need not be compiled.
        images: array ``(images, height, width, channels)`` in the value range that the model was trained on
            (0..1 in this course); for a model with several inputs a list of arrays in the order of
            ``model.inputs``, or a dict from input name to array. Also a ``tf.data.Dataset`` or
            ``keras.utils.PyDataset`` that ends, of images, or of images and labels.
        layers: names of layers (a nested one as ``outer/inner``); None for every layer but inputs.
        batch_size: images in one step; it bounds the memory that is needed beyond the result.

    Returns:
        A dict from layer name to array, ``(images, height, width, channels)`` for maps and
        ``(images, units)`` for dense layers; float32, also for a network in half or double
        precision; whole numbers and bool where a layer answers with these.

    Raises:
        KeyError: if a layer is unknown; the sentence lists the names.
        CourseError: if the images do not have the shape that the model takes, or never end.

    Warns:
        UserWarning: if an image is not finite, or values 0..255 are given to a model for 0..1, or the other way round,
            as far as its first layers tell. So do all functions that read, and those of `helpers.explanations`.
    """
    names = list(_chosen(model, layers))
    reader = activation_model(model, names)
    activations = {}
    for rows, part in in_steps(model, images, batch_size, known=_known(model)):
        answers = reader.predict_on_batch(part)
        for name in names:
            answer = answers.pop(name)  # each goes when it is copied: those of a large network would be there twice
            if name not in activations:
                other = "float" in answer.dtype.name  # half or double precision; what counts or chooses stays as it is
                activations[name] = np.empty((0, *answer.shape[1:]), np.float32 if other else answer.dtype)
            activations[name].resize((rows.stop, *answer.shape[1:]), refcheck=False)  # in place
            activations[name][rows] = answer
    return {name: activations[name] for name in names}


def channel_statistics(model, images, layers=None, *, statistic="mean", batch_size=16, progress=None):
    """Reduce each channel to one number per image inside the graph: the maps of many images would fill the memory.

    Args:
        model: a Sequential or Functional Keras model; it may be loaded and need not be compiled.
        images: array ``(images, height, width, channels)`` in the value range that the model was trained on;
            a list or dict of arrays, or a data set, as for `read_activations`.
        layers: names of layers (a nested one as ``outer/inner``); None for every layer but inputs.
        statistic: over the positions of a channel, "mean" is their mean, "largest" the largest value, "zeros" the
            share of places that are exactly zero (a channel with 1.0 is silent for that image). A list of
            them is computed in the same pass.
        batch_size: images in one step; memory beyond an array of images grows with it, and not with their number; a
            data set is never held as a whole.
        progress: function that is called after each step with the number of images in it; None for none.

    Returns:
        A dict from layer name to float32 array ``(images, channels)``, for dense layers ``(images, units)``; for
        a list of statistics a dict from each to such a dict.

    Raises:
        KeyError: if a layer is unknown; the sentence lists the names.
        CourseError: if the images do not fit the model, or the statistic is unknown.
    """
    wanted = as_names(statistic, "statistic")
    if not wanted or not set(wanted) <= set(STATISTICS):
        raise CourseError(f"the statistic must be one of {', '.join(STATISTICS)}, or several, not {statistic!r}.")
    names = list(_chosen(model, layers))
    summary = _channel_statistics(activation_model(model, names), wanted)
    steps = in_steps(model, images, batch_size, known=_known(model), progress=progress)
    answers = [summary.predict_on_batch(part) for _, part in steps]
    statistics = {}
    for each in wanted:
        statistics[each] = {name: np.concatenate([answer[each][name] for answer in answers]) for name in names}
    return statistics[statistic] if isinstance(statistic, str) else statistics


def class_means(model, images, labels, layers=None, *, batch_size=256, progress=None):
    """Average the activations of layers over the images of each class, without keeping them all.

    The sums are formed inside the graph in float64. JAX has no float64 unless told to: there each batch is
    summed in float32, and the batches in float64. On a CPU a batch of 32 is faster than a large one.

    Args:
        model: a Sequential or Functional Keras model; it may be loaded and need not be compiled.
        images: array ``(images, height, width, channels)`` in the value range that the model was trained on;
            a list or dict of arrays, or a data set, as for `read_activations`.
        labels: whole numbers ``(images,)``, 0 to n-1.
        layers: names of layers (a nested one as ``outer/inner``); None for every layer but inputs.
        batch_size: images in one step; memory beyond an array of images grows with it, and not with their number; a
            data set is never held as a whole.
        progress: function that is called after each step with the number of images in it; None for none.

    Returns:
        A dict from layer name to float64 array ``(classes, ...)``, with as many classes as the highest label
        asks for; a class without images is NaN.

    Raises:
        KeyError: if a layer is unknown; the sentence lists the names.
        CourseError: if the images do not fit the model, or the labels do not fit the images.
    """
    names = list(_chosen(model, layers))
    known = np.size(labels) if is_data_set(images) else len(next(given_batches(model, images))[0])
    labels = as_class_labels(labels, known)
    counts = np.bincount(labels)
    summing = _class_sums(activation_model(model, names), len(counts))
    totals = dict.fromkeys(names, 0.0)
    for rows, part in in_steps(model, images, batch_size, known=_known(model), progress=progress):
        if rows.stop <= known:  # else the sentence below says how many there are
            sums = summing.predict_on_batch((part, labels[rows]))
            totals = {name: totals[name] + sums[name] for name in names}
    as_class_labels(labels, rows.stop)
    with np.errstate(invalid="ignore"):  # 0 / 0 is the NaN of a class without images
        return {name: (total.T / counts).T for name, total in totals.items()}


def untrained(model):
    """Return the same network with fresh weights: what does a layer show before anything was learned?

    Every weight is drawn anew, also the stored averages of normalization layers. After
    ``keras.utils.set_random_seed(seed)`` the result is the same each time.

    Args:
        model: a Sequential or Functional Keras model; it is not changed.

    Returns:
        A model with the same layers and layer names, not compiled.

    Raises:
        CourseError: if the model is no graph of layers, or was never given an input shape.
    """
    return without_xla(keras.models.clone_model(_as_graph(model)))


def _class_sums(reader, classes):
    """Extend a reader of activations: from one batch and its labels to the sums of each class."""
    labels, exact = keras.Input((), dtype="int32"), "float32" if keras.backend.backend() == "jax" else "float64"
    sums = {}
    for name, answer in reader.output.items():
        sums[name] = keras.ops.segment_sum(keras.ops.cast(answer, exact), labels, num_segments=classes)
    return without_xla(keras.Model([reader.input, labels], sums))


def _channel_statistics(reader, statistics):
    """Extend a reader of activations: from one batch to a number a channel and image."""
    numbers = {statistic: {} for statistic in statistics}
    for name, answer in reader.output.items():
        values = keras.ops.cast(answer, "float32")
        places = tuple(range(1, len(values.shape) - 1))
        for statistic in statistics:
            of = keras.ops.cast(keras.ops.equal(values, 0), "float32") if statistic == "zeros" else values
            reduce = keras.ops.max if statistic == "largest" else keras.ops.mean
            numbers[statistic][name] = reduce(of, axis=places) if places else of
    return without_xla(keras.Model(reader.input, numbers))


def _known(model):
    """What has been prepared from a model, or found out about it."""
    return _PREPARED.setdefault(model, {})


def _as_graph(model):
    if isinstance(model, keras.Sequential) and not model.built:
        raise CourseError(f"model {model.name!r} has no input shape yet: begin it with keras.Input, or call it once.")
    if not isinstance(model, keras.Model) or not is_graph(model):
        asked = f"a Sequential or Functional Keras model is needed, and {type(model).__name__} has no graph of layers"
        raise CourseError(f"{asked}: give, or write, such a model.")
    return model


def _chosen(model, layers):
    """Map the names asked for to their places, in the order asked for."""
    leaves = places_in(_as_graph(model))
    if layers is None:
        return leaves
    names = as_names(layers, "layers")
    if not names:
        raise CourseError("at least one layer is needed, and the list is empty: name some, or leave it out for all.")
    known = places_in(model, nested=True)
    for name in names:
        if name not in known:
            raise KeyError(f"no layer {name!r}: this model has {', '.join(leaves)}.")
    return {name: known[name] for name in names}


def _tensors(places):
    """Return the symbolic tensor of each place; layers of a nested model are read by calling a part of it."""
    tensors, inside = {}, {}
    for number, (nodes, index) in enumerate(places):
        if len(nodes) == 1:
            tensors[number] = nodes[0].outputs[index]
        else:
            inside.setdefault(nodes[0], []).append((number, (nodes[1:], index)))
    for node, below in inside.items():
        inner = node.operation
        part = keras.Model(inner.inputs, _tensors(place for _, place in below))
        answers = part(node.input_tensors[: len(inner.inputs)])
        answers = answers if isinstance(answers, (list, tuple)) else [answers]
        for (number, _), answer in zip(below, answers):
            tensors[number] = answer
    return [tensors[number] for number in sorted(tensors)]
