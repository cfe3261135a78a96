"""Every private part of Keras that the package uses, in one place; each last checked with Keras 3.15.1.

Keras 2 told where a tensor came from (``tensor._keras_history`` was documented, ``layer.get_output_at(n)`` and
``layer.inbound_nodes`` were public); Keras 3 keeps the same graph and shows no way into it. tests/test_keras_graph.py
says which of these has gone when a new version of Keras comes.
"""

import re
from contextlib import suppress
from itertools import chain, count

import keras
from keras.src.backend.common import global_state
from keras.src.utils import python_utils


def calls_of(operation):
    """List the calls of a layer or operation, in the order they were made: Keras 2's ``layer.inbound_nodes``.

    Args:
        operation: a Keras layer or operation that was called on symbolic tensors.

    Returns:
        A list of Keras nodes with ``operation``, ``input_tensors``, ``outputs`` and ``arguments``.
    """
    return operation._inbound_nodes


def node_of(tensor):
    """Find the call that made a symbolic tensor, by what Keras 2 gave as ``tensor._keras_history``.

    Args:
        tensor: a keras.KerasTensor, such as one of ``model.outputs``.

    Returns:
        One of `calls_of` the layer or operation that made it.
    """
    operation, number, _ = tensor._keras_history
    return calls_of(operation)[number]


def call_again(node, values):
    """Repeat the call of a layer or operation with values, its other arguments as they were.

    Args:
        node: one of `calls_of`.
        values: dict from the ``id`` of each of its input tensors to the value that takes its place.

    Returns:
        What the call gives: a tensor, or several.
    """
    arguments, keywords = node.arguments.fill_in(values)
    return node.operation(*arguments, **keywords)


def is_graph(operation):
    """Say whether a layer is a model with a graph of layers of its own, Sequential or Functional.

    Args:
        operation: a Keras layer or operation.

    Returns:
        True or False.
    """
    return isinstance(operation, keras.Model) and bool(getattr(operation, "outputs", None))


def places_in(model, *, nested=False):
    """Find the calls of layers and operations that belong to this very model, in its order.

    ``layer.output`` would be the layer's first call, which may lie in another model that it was built with.

    Args:
        model: a Sequential or Functional Keras model that is built.
        nested: whether nested models themselves are listed, too.

    Returns:
        A dict from name to (nodes from the outermost model's to the layer's own, number of the output): each layer but
        inputs, and each operation that answers for each image, such as those of ``keras.ops.relu(a + b)``.
    """
    places = {}
    for name, node in _calls_in(model):
        inside = is_graph(node.operation)
        if nested or not inside:
            many = len(node.outputs)
            names = [name] if many == 1 else [f"{name}[{index}]" for index in range(many)]
            places |= {each: ((node,), index) for index, each in enumerate(names)}
        if inside:
            inner = places_in(node.operation, nested=nested)
            places |= {f"{name}/{below}": ((node, *nodes), index) for below, (nodes, index) in inner.items()}
    return places


def _calls_in(model):
    """Yield (name, node) for each call inside the model, which is found on the way back from the outputs."""
    inside, waiting = set(), [node_of(tensor) for tensor in model.outputs]
    inputs = {id(tensor) for tensor in model.inputs}
    while waiting:
        node = waiting.pop()
        if node not in inside:
            inside.add(node)
            waiting += [node_of(tensor) for tensor in node.input_tensors if id(tensor) not in inputs]
    taken = {layer.name for layer in model.layers}
    for operation in getattr(model, "operations", model.layers):
        name, found = operation.name, [node for node in calls_of(operation) if node in inside]
        if not isinstance(operation, keras.Layer):  # its own name has a number that depends on what else was built
            each_image = {model.inputs[0].shape[:1]}
            found = [node for node in found if {tensor.shape[:1] for tensor in node.outputs} == each_image]
            kind = re.sub("(?<=[a-z0-9])(?=[A-Z])", "_", type(operation).__name__).lower()
            name = next(each for each in chain([kind], (f"{kind}_{n}" for n in count(1))) if each not in taken)
            taken |= {name} if found else set()
        if not isinstance(operation, keras.layers.InputLayer):
            for number, node in enumerate(found, 1):
                yield (name if number == 1 else f"{name}#{number}"), node


def made_by(model, tensor, around=()):
    """Find the call that made a tensor, also where it lies in a nested model.

    Args:
        model: a Sequential or Functional Keras model.
        tensor: one of its outputs, or one of the input tensors of a node that this function gave.
        around: the second of what this function gave for that node; () for an output.

    Returns:
        (node of the layer or operation, the nodes of the nested models around it).
    """
    while True:
        operation, number, place = tensor._keras_history
        node = calls_of(operation)[number]
        inputs = [id(each) for each in (around[-1].operation if around else model).inputs]
        if around and id(tensor) in inputs:
            tensor, around = around[-1].input_tensors[inputs.index(id(tensor))], around[:-1]
        elif is_graph(operation):
            tensor, around = operation.outputs[place], (*around, node)
        else:
            return node, around


def name_in_lambdas(names):
    """Name modules to the code of Lambda layers that is loaded from a file, which holds no imports.

    Args:
        names: dict from a name, such as "tf", to the module.
    """
    vars(python_utils).update(names)  # where Keras lets that code look for what it does not define


def weight_shapes(build):
    """Build layers without giving their weights values, which would fill the memory; no public way does that.

    Args:
        build: a function without arguments that makes and builds layers; what it raises ends it, without a word.

    Returns:
        A list of the weights' shapes.
    """
    global_state.set_global_attribute("uninitialized_variables", [])
    with suppress(Exception), keras.StatelessScope(initialize_variables=False):
        build()
    # Keras remembers weights without values, to give them some in the end: that end must not come.
    weights = global_state.get_global_attribute("uninitialized_variables")
    global_state.set_global_attribute("uninitialized_variables", [])
    return [tuple(weight.shape) for weight in weights]
