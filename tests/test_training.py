"""Schedules and optimizers."""

import keras
import pytest

from helpers.training import learning_rate_schedule, make_optimizer


@pytest.mark.parametrize(
    ("kind", "initial", "decay_steps", "decay_rate", "iteration", "expected"),
    [
        ("power", 0.001, 1, 0.001, 0, 0.001),
        ("power", 0.001, 1, 0.001, 75040, 1.3150973e-05),  # the article's own, at the end of 80 epochs
        ("power", 0.01, 100, 0.5, 200, 0.01 / 2),
        ("exponential", 0.01, 100, 0.5, 200, 0.01 / 4),
        ("exponential", 0.01, 100, 1, 200, 0.01),
    ],
)
def test_schedule_at_an_iteration(kind, initial, decay_steps, decay_rate, iteration, expected):
    schedule = learning_rate_schedule(kind, initial, decay_steps, decay_rate)
    assert float(schedule(iteration)) == pytest.approx(expected, rel=1e-6)


def test_no_schedule_is_the_rate_itself():
    assert learning_rate_schedule("none", 0.002, None, None) == 0.002


@pytest.mark.parametrize(
    ("arguments", "words"),
    [
        (("linear", 0.001, 1, 0.1), "none, power, exponential, not 'linear'"),
        (("power", 0, 1, 0.1), "initial learning rate must be a finite number above 0, not 0"),
        (("power", -0.1, 1, 0.1), "not -0.1"),
        (("none", float("nan"), 1, 0.1), "not nan"),
        (("power", float("inf"), 1, 0.1), "not inf"),
        (("power", "0.1", 1, 0.1), "not '0.1'"),
        (("power", True, 1, 0.1), "not True"),
        (("power", 0.1, 0, 0.1), "decay_steps must be"),
        (("exponential", 0.1, 1, 0), "decay_rate must be"),
    ],
)
def test_schedule_refuses(arguments, words):
    with pytest.raises(ValueError, match=words):
        learning_rate_schedule(*arguments)


@pytest.mark.parametrize(
    ("name", "kind"),
    [("rmsprop", "RMSprop"), ("nadam", "Nadam"), ("adamax", "Adamax"), ("adam", "Adam"), ("sgd", "SGD")],
)
@pytest.mark.parametrize("falling", ["fixed", "falling"])
def test_optimizer_by_name(name, kind, falling):
    rate = 0.004 if falling == "fixed" else learning_rate_schedule("power", 0.004, 1, 0.1)
    optimizer = make_optimizer(name, rate)
    assert type(optimizer) is getattr(keras.optimizers, kind)
    assert float(optimizer.learning_rate) == pytest.approx(0.004)


@pytest.mark.parametrize("name", ["rmsprop", "sgd"])
def test_momentum_arrives(name):
    assert make_optimizer(name, 0.1, momentum=0.9).momentum == 0.9


@pytest.mark.parametrize(
    ("arguments", "words"),
    [
        (("adagrad", 0.1), "rmsprop, nadam, adamax, adam, sgd, not 'adagrad'"),
        (("sgd", 0), "learning rate must be"),
        (("sgd", float("nan")), "not nan"),
        (("sgd", None), "not None"),
        (("sgd", 0.1, 1.0), "momentum must be"),
        (("sgd", 0.1, -0.1), "momentum must be"),
        (("sgd", 0.1, float("nan")), "momentum must be"),
        (("nadam", 0.1, 0.9), "nadam has a momentum of its own"),
        (("adamax", 0.1, 0.9), "adamax has a momentum of its own"),
        (("adam", 0.1, 0.9), "adam has a momentum of its own"),
    ],
)
def test_optimizer_refuses(arguments, words):
    with pytest.raises(ValueError, match=words):
        make_optimizer(*arguments)
