"""A network as the page gets it: its layers in order, its weights as bytes; and what the page cannot run."""

from pathlib import Path

import keras
import numpy as np
import pytest
from keras import layers

from helpers.activations import layer_names
from helpers.workshop.explorer import export_network
from helpers.workshop.explorer.modules import join_modules


def branched():
    start = keras.Input((8, 8, 3), name="image")
    shared = layers.Conv2D(4, 3, padding="same", name="shared")
    inner = keras.Sequential([keras.Input((8, 8, 4)), layers.ReLU(name="bent")], name="inner")
    one = shared(start)
    two = layers.Conv2D(3, 1, name="mixed")(inner(one))
    return keras.Model(start, layers.Add(name="sum")([one, shared(two)]))


def test_nodes_come_after_what_they_take_under_the_names_of_layer_names():
    model = branched()
    network, _ = export_network(model)
    names = [node["name"] for node in network["nodes"]]
    assert names == ["image", "shared", "inner/bent", "mixed", "shared#2", "sum"]
    assert sorted(names[1:]) == sorted(layer_names(model))
    assert [node["from"] for node in network["nodes"]] == [[], [0], [1], [2], [3], [1, 4]]
    assert network["outputs"] == [5]
    assert network["nodes"][1]["weights"] == network["nodes"][4]["weights"], "a shared layer's weights are held once"


@pytest.mark.parametrize(
    ("precision", "kind", "off"), [("whole", "<f4", 0), ("half", "<f2", 1e-3), ("byte", "i1", 1.1e-2)]
)
def test_kernels_are_as_precise_as_is_asked(precision, kind, off):
    model = keras.Sequential([keras.Input((8, 8, 2)), layers.Conv2D(5, 3)])
    network, weights = export_network(model, precision=precision)
    kernel, bias = (network["nodes"][1]["weights"][name] for name in ("kernel", "bias"))
    each = np.dtype(kind).itemsize
    assert len(weights) == each * 90 + 4 * 5 and kernel["bytes"] == each and bias["bytes"] == 4
    found = np.frombuffer(weights, kind, count=90, offset=kernel["at"]).reshape(kernel["shape"]) * kernel["scale"]
    expected = model.get_weights()[0]
    np.testing.assert_allclose(found, expected, atol=off * np.abs(expected).max(), rtol=0)


def test_weights_beyond_half_precision_stay_whole():
    model = keras.Sequential([keras.Input((2,)), layers.Dense(2)])
    for size in (1e6, 1e-6):
        model.set_weights([np.full((2, 2), size, "float32"), np.zeros(2)])
        assert export_network(model)[0]["nodes"][1]["weights"]["kernel"]["bytes"] == 4


def after_a_convolution(layer):
    return keras.Sequential([keras.Input((9, 9, 3)), layers.Conv2D(4, 3, name="before"), layer])


@keras.saving.register_keras_serializable("tests")
class Conv2D(layers.Conv2D):
    """Somebody's own layer, under a known name."""


UNKNOWN = {
    "attention": (lambda: layers.ConvLSTM1D(2, 1, name="strange"), "strange .ConvLSTM1D, after before.*without it"),
    "own layer": (lambda: Conv2D(2, 1, name="own"), "own .Conv2D, after before"),
    "axis": (lambda: layers.BatchNormalization(axis=1, name="norm"), "norm .BatchNormalization, after before"),
    "channels first": (lambda: layers.MaxPooling2D(data_format="channels_first", name="pool"), "pool .MaxPooling2D"),
    "cubic": (lambda: layers.UpSampling2D(interpolation="bicubic", name="up"), "up .UpSampling2D"),
    "activation": (
        lambda: layers.Conv2D(2, 1, activation=lambda x: x * x, name="squared"),
        "activation .* of layer squared",
    ),
}


@pytest.mark.parametrize("what", UNKNOWN)
def test_a_layer_that_the_page_cannot_run_is_one_sentence(what):
    build, words = UNKNOWN[what]
    with pytest.raises(ValueError, match=words) as error:
        export_network(after_a_convolution(build()))
    assert "\n" not in str(error.value)


def test_the_model_stays_as_it_was():
    model = branched()
    before = [len(layer._inbound_nodes) for layer in model.layers]
    export_network(model)
    assert not model.compiled and before == [len(layer._inbound_nodes) for layer in model.layers]


def test_modules_are_joined_each_in_a_scope_of_its_own(tmp_path: Path):
    (tmp_path / "one.js").write_text(
        'import { two } from "./two.js";\nimport * as all from "./two.js";\nexport const one = two + 1;\n'
    )
    (tmp_path / "two.js").write_text("const hidden = 1;\nexport const two = hidden + 1;\nexport function more() {}\n")
    text = join_modules(tmp_path, "one")
    assert text.index("modules.two = ") < text.index("modules.one = "), "what is imported comes first, and once"
    assert text.count("const hidden") == 1 and "return { two, more };" in text
    assert "const { two } = modules.two;" in text and "const all = modules.two;" in text
    assert "import" not in text and "export" not in text


def test_a_module_of_the_folder_beside_is_joined_too(tmp_path: Path):
    for folder in ("page", "engine"):
        (tmp_path / folder).mkdir()
    (tmp_path / "page" / "main.js").write_text('import { size } from "../engine/tensors.js";\nsize();\n')
    (tmp_path / "engine" / "tensors.js").write_text('import { two } from "./two.js";\nexport const size = () => two;\n')
    (tmp_path / "engine" / "two.js").write_text("export const two = 2;\n")
    text = join_modules(tmp_path / "page", "main")
    assert text.index("modules.two = ") < text.index("modules.tensors = ") < text.index("modules.main = ")
    assert "const { size } = modules.tensors;" in text and "import" not in text
