"""Every private part of Keras that the package uses, in one place; each last checked with Keras 3.15.1.

Keras 2 told where a tensor came from (``tensor._keras_history`` was documented, ``layer.get_output_at(n)`` and
``layer.inbound_nodes`` were public); Keras 3 keeps the same graph and shows no way into it. tests/test_keras_graph.py
says which of these has gone when a new version of Keras comes.
"""

from contextlib import suppress

import keras
from keras.src.backend.common import global_state
from keras.src.utils import python_utils

__all__ = ["call_again", "call_of", "calls_of", "last_operation", "name_in_lambdas", "weights_without_values"]


def call_of(tensor):
    """Find the call that made a symbolic tensor: what Keras 2 gave as ``tensor._keras_history``.

    Args:
        tensor: a keras.KerasTensor, such as one of ``model.outputs``.

    Returns:
        (operation, number of the call): the layer or operation, and which of its calls it was, counted from 0.
    """
    operation, number, _ = tensor._keras_history
    return operation, number


def calls_of(operation):
    """List the calls of a layer or operation, in the order they were made: Keras 2's ``layer.inbound_nodes``.

    Args:
        operation: a Keras layer or operation that was called on symbolic tensors.

    Returns:
        A list of Keras nodes with ``operation``, ``input_tensors``, ``outputs`` and ``arguments``.
    """
    return operation._inbound_nodes


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


def last_operation(model):
    """Find the layer, or operation, that gives a model's answers, also where it lies in a nested model.

    Args:
        model: a Sequential or Functional Keras model; of several outputs the first counts.

    Returns:
        The Keras layer or operation.
    """
    operation, _, place = model.outputs[0]._keras_history
    while isinstance(operation, keras.Model) and getattr(operation, "outputs", None):
        operation, _, place = operation.outputs[place]._keras_history
    return operation


def name_in_lambdas(names):
    """Name modules to the code of Lambda layers that is loaded from a file, which holds no imports.

    Args:
        names: dict from a name, such as "tf", to the module.
    """
    vars(python_utils).update(names)  # where Keras lets that code look for what it does not define


def weights_without_values(build):
    """Build layers without giving their weights values, which would fill the memory; no public way does that.

    Args:
        build: a function without arguments that makes and builds layers; what it raises ends it, without a word.

    Returns:
        A list of the weights, which have a shape and no values.
    """
    global_state.set_global_attribute("uninitialized_variables", [])
    with suppress(Exception), keras.StatelessScope(initialize_variables=False):
        build()
    # Keras remembers weights without values, to give them some in the end: that end must not come.
    weights = global_state.get_global_attribute("uninitialized_variables")
    global_state.set_global_attribute("uninitialized_variables", [])
    return weights
