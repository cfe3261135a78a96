"""Each faulty training of notebook 09 shows its fault in the measurement that decides, and its repair mends it."""

import ast
import json
from types import SimpleNamespace

import keras
import numpy as np
import pytest

from helpers import checks, datasets
from helpers.course import ROOT

NOTEBOOK = ROOT / "notebooks" / "09_why_does_it_not_learn.ipynb"


def each_seed_and_data(test):
    """Three seeds on the embedded digits, of which make test takes one, and three on the real ones."""
    embedded = [pytest.param("embedded", seed, marks=[] if seed == 1 else pytest.mark.long) for seed in (1, 2, 3)]
    real = [pytest.param("real", seed, marks=pytest.mark.real_data) for seed in (1, 2, 3)]
    return pytest.mark.parametrize(("data", "seed"), embedded + real)(test)


@pytest.fixture(scope="module")
def lesson():
    """The notebook's own functions: build, fit, learn_ten, gradients_of, suspect."""
    cells = [cell for cell in json.loads(NOTEBOOK.read_text(encoding="utf-8"))["cells"] if cell["cell_type"] == "code"]
    trees = [ast.parse("".join(cell["source"])) for cell in cells]
    found, kinds = {"SEED": 1}, (ast.FunctionDef, ast.Import, ast.ImportFrom)
    for tree in trees:
        tree.body = [node for node in tree.body if isinstance(node, kinds) or "EPOCHS" in ast.unparse(node)[:6]]
        exec(compile(tree, str(NOTEBOOK), "exec"), found)
    return SimpleNamespace(**found)


def share_right(network, part):
    return np.mean(network.predict(part.images, verbose=0).argmax(axis=1) == part.labels)


@each_seed_and_data
def test_every_fault_shows_and_its_repair_mends_it(lesson, data, seed):
    keras.utils.set_random_seed(seed)
    mnist = datasets.mnist()
    assert mnist.origin == data
    train, validation = mnist.train.subset(1000), mnist.validation.subset(200)
    healthy = lesson.fit(lesson.build(), train, validation)
    assert healthy["val_accuracy"][3] > 0.7 and healthy["val_accuracy"][-1] > 0.85, "right after a third of the epochs"
    five = checks.five_trainings(lesson.build, train, validation, seed=seed)
    first, ten, end = {}, {}, {}
    for name, training in five.items():
        network, part = training.build(), training.train
        first[name] = network.evaluate(part.images, part.labels, verbose=0)[0]
        ten[name] = lesson.learn_ten(network, part)
        end[name] = lesson.fit(training.build(), part, training.validation)
    # before training, and with ten images
    assert all(abs(first[name] - np.log(10)) < 0.2 for name in "124") and abs(first["3"] - np.log(2)) < 0.1
    assert first["5"] > 10 and five["5"].train.images.max() == 255
    assert all(ten[name][0] < 0.1 and ten[name][1] == 1 for name in "14"), "ten images by heart, right labels or not"
    assert all(ten[name][0] > 1.5 for name in "25") and ten["3"][0] < 0.1 and ten["3"][1] < 0.8
    # the batch
    assert np.mean(five["1"].train.labels == train.labels) < 0.2 and len(five["4"].train.labels) == 100
    # the curves
    assert all(min(end[name]["loss"]) > 1.9 and end[name]["val_accuracy"][-1] < 0.35 for name in "125")
    assert end["3"]["loss"][-1] < 0.5 * end["3"]["loss"][0] and np.ptp(end["3"]["val_accuracy"]) == 0
    assert end["4"]["accuracy"][-1] == 1 and end["4"]["val_loss"][-1] > 10 * end["4"]["loss"][-1]
    assert end["4"]["val_accuracy"][-1] < healthy["val_accuracy"][-1]
    # the repairs: one thing put right makes 1, 2, 4 and 5 the healthy training
    for name in "12":
        assert np.array_equal(five[name].train.images, train.images)
    assert np.allclose(five["5"].train.images / 255, train.images)
    assert lesson.fit(lesson.build(units=2), five["3"].train, five["3"].validation)["val_accuracy"][-1] > 0.85
    assert lesson.fit(lesson.build(0.001), five["5"].train, five["5"].validation)["val_accuracy"][-1] > 0.4


@each_seed_and_data
def test_leak_and_imbalance_show_and_their_repairs_mend_them(lesson, data, seed):
    keras.utils.set_random_seed(seed)
    mnist = datasets.mnist()
    assert mnist.origin == data
    three = checks.three_trainings(lesson.build, mnist.train, mnist.test, seed=seed)
    said = {lesson.suspect(training.train, training.test): training for training in three.values()}
    assert set(said) == {"leak", "imbalance", "nothing"}
    networks, healthy = {}, {}
    for word, training in said.items():
        networks[word] = training.build()
        healthy[word] = lesson.fit(networks[word], training.train, training.test)["val_accuracy"][-1]
    new = mnist.validation.subset(200)
    assert healthy["leak"] > 0.97 and healthy["leak"] - share_right(networks["leak"], new) > 0.01
    assert healthy["nothing"] > 0.85 and abs(healthy["nothing"] - share_right(networks["nothing"], new)) < 0.06
    eights = said["imbalance"].test.labels == 1
    answers = networks["imbalance"].predict(said["imbalance"].test.images, verbose=0).argmax(axis=1)
    assert healthy["imbalance"] > 0.85 and answers[eights].mean() < 0.3
    # as many 8s as others
    every = [np.flatnonzero((mnist.train.labels == 8) == is_eight)[:100] for is_eight in (True, False)]
    places = np.concatenate(every)
    balanced = SimpleNamespace(images=mnist.train.images[places], labels=(mnist.train.labels[places] == 8).astype(int))
    mended = said["imbalance"].build()
    lesson.fit(mended, balanced, said["imbalance"].test)
    answers = mended.predict(said["imbalance"].test.images, verbose=0).argmax(axis=1)
    assert (answers[eights].mean() + 1 - answers[~eights].mean()) / 2 > 0.7, "each class is answered, not only one"


def test_the_order_of_the_three_is_decided_by_a_seed():
    labels, pixels = np.arange(1000) % 10, np.zeros((1000, 28, 28, 1), np.uint8)
    part = datasets.Part(labels, tuple("0123456789"), np.arange(1000), pixels=pixels)
    orders = set()
    for seed in range(6):
        three = checks.three_trainings(lambda **changes: changes, part, part, seed=seed)
        orders.add(tuple(f"{len(each.train.labels)} {each.build()}" for each in three.values()))
    assert len(orders) > 1 and len({frozenset(order) for order in orders}) == 1
