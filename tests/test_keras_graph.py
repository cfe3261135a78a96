"""The private parts of Keras that the package uses: each where it is expected, and nowhere else."""

import re

import keras
import pytest
from keras import layers

from helpers._shared.keras_graph import calls_of, made_by, node_of, weight_shapes
from helpers.course import ROOT

PRIVATE = re.compile(r"keras\.src|\b_keras_history|\b_inbound_nodes|\b_outbound_nodes|global_state")


def test_private_parts_are_used_in_one_module():
    users = {
        path.relative_to(ROOT).as_posix()
        for path in (ROOT / "helpers").rglob("*.py")
        if PRIVATE.search(path.read_text(encoding="utf-8"))
    }
    assert users == {"helpers/_shared/keras_graph.py"}


@pytest.fixture
def model():
    """A dense layer that is called twice, and a nested model at the end."""
    inputs = keras.Input((4,), name="given")
    twice = layers.Dense(4, name="twice")
    end = keras.Sequential([keras.Input((4,)), layers.Dense(2, name="end")], name="nested")
    return keras.Model(inputs, end(twice(twice(inputs))))


def test_a_tensor_knows_the_call_that_made_it(model):
    twice = model.get_layer("twice")
    first, second = calls_of(twice)
    assert node_of(first.outputs[0]) is first and node_of(second.outputs[0]) is second
    assert second.operation is twice and node_of(second.input_tensors[0]) is first
    assert first.arguments.args[0] is first.input_tensors[0] is model.inputs[0]


def test_the_last_operation_may_lie_in_a_nested_model(model):
    assert made_by(model, model.outputs[0])[0].operation.name == "end"
    inputs = keras.Input((3,))
    small = keras.Model(inputs, inputs + 1)
    assert type(made_by(small, small.outputs[0])[0].operation).__name__ == "Add"


def test_weights_without_values_take_no_memory_and_leave_nothing_behind():
    def build():
        layers.Dense(1_000_000).build((None, 1_000_000))
        raise RuntimeError("the end")

    assert weight_shapes(build) == [(1_000_000, 1_000_000), (1_000_000,)]
    assert weight_shapes(lambda: None) == []
    assert layers.Dense(2)(keras.ops.ones((1, 2))).shape == (1, 2)
