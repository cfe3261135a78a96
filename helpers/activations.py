"""Read the activations of a Keras network's layers, and count the channels that stay silent."""

from weakref import WeakKeyDictionary

import keras
import numpy as np

from helpers._shared.arguments import as_array, as_class_labels, as_names, as_whole_number
from helpers._shared.errors import CourseError
from helpers._shared.keras_graph import call_of, calls_of
from helpers._shared.quiet_keras import without_xla
from helpers.pictures import silent_channels

__all__ = [
    "activation_model",
    "channel_statistics",
    "class_means",
    "layer_names",
    "read_activations",
    "silent_channels",
    "untrained",
]

STATISTICS = ("mean", "largest", "zeros")

# Prepared models, so that a loop over images does not trace the same graph again and again. The one state of
# the package: weak, so that a model which nobody uses any more goes, and what was prepared from it too.
_PREPARED = WeakKeyDictionary()


def layer_names(model):
    """Name what can be read from a model: every layer but inputs, in model order.

    A layer of a nested model is named ``outer/inner``. A layer that is called a second time within the model
    has two outputs, so the second is named ``layer#2``. A layer with several outputs has ``layer[0]``,
    ``layer[1]`` and so on.

    Args:
        model: a Sequential or Functional Keras model with a known input shape.

    Returns:
        A list of names.

    Raises:
        CourseError: if the model is no graph of layers, or was never given an input shape.
    """
    return list(_places(model))


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
    prepared = _PREPARED.setdefault(model, {})
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
            ``model.inputs``, or a dict from input name to array.
        layers: names of layers (a nested one as ``outer/inner``); None for every layer but inputs.
        batch_size: images in one step; it bounds the memory that is needed beyond the result.

    Returns:
        A dict from layer name to array, ``(images, height, width, channels)`` for maps and
        ``(images, units)`` for dense layers; float32, also for a network in half precision.

    Raises:
        KeyError: if a layer is unknown; the sentence lists the names.
        CourseError: if the images do not have the shape that the model takes.
    """
    names = list(_chosen(model, layers))
    reader = activation_model(model, names)
    images = _checked_images(model, images)
    activations = {}
    for rows in _batches(images, batch_size):
        answers = reader.predict_on_batch(_part(images, rows))
        for name, answer in answers.items():
            if name not in activations:
                half = answer.dtype.name in ("float16", "bfloat16")  # NumPy and matplotlib count with float32
                shape = (len(images[0]), *answer.shape[1:])
                activations[name] = np.empty(shape, np.float32 if half else answer.dtype)
            activations[name][rows] = answer
    return {name: activations[name] for name in names}


def channel_statistics(model, images, layers=None, *, statistic="mean", batch_size=16, progress=None):
    """Reduce each channel to one number per image inside the graph: the maps of many images would fill the memory.

    Args:
        model: a Sequential or Functional Keras model; it may be loaded and need not be compiled.
        images: array ``(images, height, width, channels)`` in the value range that the model was trained on;
            a list or dict of arrays for a model with several inputs.
        layers: names of layers (a nested one as ``outer/inner``); None for every layer but inputs.
        statistic: over the positions of a channel, "mean" is their mean, "largest" the largest value, "zeros" the
            share of places that are exactly zero (a channel with 1.0 is silent for that image). A list of
            them is computed in the same pass.
        batch_size: images in one step; memory beyond the images grows with it, and not with their number.
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
    images = _checked_images(model, images)
    summary = without_xla(_ChannelStatistics(activation_model(model, names), wanted))
    answers = [summary.predict_on_batch(_part(images, rows)) for rows in _batches(images, batch_size, progress)]
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
            a list or dict of arrays for a model with several inputs.
        labels: whole numbers ``(images,)``, 0 to n-1.
        layers: names of layers (a nested one as ``outer/inner``); None for every layer but inputs.
        batch_size: images in one step; memory beyond the images grows with it, and not with their number.
        progress: function that is called after each step with the number of images in it; None for none.

    Returns:
        A dict from layer name to float64 array ``(classes, ...)``, with as many classes as the highest label
        asks for; a class without images is NaN.

    Raises:
        KeyError: if a layer is unknown; the sentence lists the names.
        CourseError: if the images do not fit the model, or the labels do not fit the images.
    """
    names = list(_chosen(model, layers))
    images = _checked_images(model, images)
    labels = as_class_labels(labels, len(images[0]))
    counts = np.bincount(labels)
    summing = without_xla(_ClassSums(activation_model(model, names), len(counts)))
    totals = dict.fromkeys(names, 0.0)
    for rows in _batches(images, batch_size, progress):
        sums = summing.predict_on_batch((_part(images, rows), labels[rows]))
        for name in names:
            totals[name] = totals[name] + sums[name]
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
    _require_graph(model)
    return without_xla(keras.models.clone_model(model))


class _ClassSums(keras.Model):
    """Sums the activations of one batch per class; a model, because Keras compiles only models."""

    def __init__(self, reader, classes):
        super().__init__(name="class_sums")
        self.reader = reader
        self.classes = classes
        self.exact = "float32" if keras.backend.backend() == "jax" else "float64"

    def call(self, inputs):
        images, labels = inputs
        sums = {}
        for name, answer in self.reader(images, training=False).items():
            exact = keras.ops.cast(answer, self.exact)
            sums[name] = keras.ops.segment_sum(exact, labels, num_segments=self.classes)
        return sums


class _ChannelStatistics(keras.Model):
    """Brings the activations of one batch to a number a channel."""

    def __init__(self, reader, statistics):
        super().__init__(name="channel_statistics")
        self.reader = reader
        self.statistics = statistics

    def call(self, images):
        numbers = {statistic: {} for statistic in self.statistics}
        for name, answer in self.reader(images, training=False).items():
            values = keras.ops.cast(answer, "float32")
            places = tuple(range(1, len(values.shape) - 1))
            for statistic in self.statistics:
                of = keras.ops.cast(keras.ops.equal(values, 0), "float32") if statistic == "zeros" else values
                reduce = keras.ops.max if statistic == "largest" else keras.ops.mean
                numbers[statistic][name] = reduce(of, axis=places) if places else of
        return numbers


def _require_graph(model):
    if not isinstance(model, keras.Model):
        raise CourseError(f"a Keras model is needed, not {type(model).__name__}: give the model itself.")
    if isinstance(model, keras.Sequential) and not model.built:
        raise CourseError(f"model {model.name!r} has no input shape yet: begin it with keras.Input, or call it once.")
    if not _is_graph(model):
        raise CourseError(
            f"model {model.name!r} is a subclass of keras.Model with a call of its own, so it has no graph "
            "of layers to read: write it as a Sequential or Functional model."
        )


def _is_graph(operation):
    return isinstance(operation, keras.Model) and bool(getattr(operation, "outputs", None))


def _nodes(model):
    """Yield (name, node) for each call of a layer inside the model, in model order.

    The way back from the outputs finds the calls that belong to this very model; ``layer.output`` would be
    the layer's first call, which may lie in another model.
    """
    calls, waiting = {}, [call_of(tensor) for tensor in model.outputs]
    inputs = {id(tensor) for tensor in model.inputs}
    while waiting:
        operation, index = waiting.pop()
        if index in calls.setdefault(operation, {}):
            continue
        node = calls[operation][index] = calls_of(operation)[index]
        waiting += [call_of(tensor) for tensor in node.input_tensors if id(tensor) not in inputs]
    for layer in model.layers:
        if not isinstance(layer, keras.layers.InputLayer):
            for number, index in enumerate(sorted(calls.get(layer, ())), 1):
                yield (layer.name if number == 1 else f"{layer.name}#{number}"), calls[layer][index]


def _places(model, *, nested=False):
    """Map each layer to its place: (nodes from the outermost in, output index); nested models too if asked for."""
    _require_graph(model)
    places = {}
    for name, node in _nodes(model):
        inside = _is_graph(node.operation)
        if nested or not inside:
            many = len(node.outputs)
            names = [name] if many == 1 else [f"{name}[{index}]" for index in range(many)]
            places |= {each: ((node,), index) for index, each in enumerate(names)}
        if inside:
            inner = _places(node.operation, nested=nested)
            places |= {f"{name}/{below}": ((node, *nodes), index) for below, (nodes, index) in inner.items()}
    return places


def _chosen(model, layers):
    """Map the names asked for to their places, in the order asked for."""
    leaves = _places(model)
    if layers is None:
        return leaves
    names = as_names(layers, "layers")
    if not names:
        raise CourseError("at least one layer is needed, and the list is empty: name some, or leave it out for all.")
    known = _places(model, nested=True)
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


def _checked_images(model, images):
    """Return the images as a list of arrays, one for each input, or say in a sentence what does not fit."""
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


def _batches(images, batch_size, progress=None):
    """Yield slices of at most batch_size images; what has been worked off is told to progress."""
    batch_size = as_whole_number(batch_size, "batch_size")
    for start in range(0, len(images[0]), batch_size):
        yield slice(start, start + batch_size)
        if progress is not None:
            progress(min(batch_size, len(images[0]) - start))


def _part(images, rows):
    parts = [array[rows] for array in images]
    return parts[0] if len(parts) == 1 else parts
