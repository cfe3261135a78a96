"""Schedules, optimizers and the learning-rate log."""

import keras
import numpy as np
import pytest

from helpers.training import LearningRateLog, learning_rate_schedule, make_optimizer


def tiny_network(optimizer="sgd"):
    """A network of one layer, compiled."""
    network = keras.Sequential([keras.Input((4,)), keras.layers.Dense(2)])
    network.compile(optimizer, "mse", run_eagerly=True)
    return network


INPUTS, TARGETS = np.ones((12, 4), "float32"), np.zeros((12, 2), "float32")


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
        (("exponential", 0.1, 1, 1.5), "must be at most 1, or the rate grows, not 1.5"),
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


def test_log_follows_the_schedule(capfd):
    network = tiny_network(make_optimizer("rmsprop", learning_rate_schedule("power", 0.01, 1, 0.5)))
    log = LearningRateLog()
    history = network.fit(INPUTS, TARGETS, batch_size=4, epochs=2, verbose=0, callbacks=[log]).history
    expected = [0.01 / (1 + 0.5 * 3), 0.01 / (1 + 0.5 * 6)]  # three batches an epoch
    assert log.iterations == [3, 6]
    np.testing.assert_allclose(log.learning_rates, expected, rtol=1e-6)
    np.testing.assert_allclose(history["learning_rate"], expected, rtol=1e-6)
    assert history["iterations"] == [3, 6]
    shown = capfd.readouterr()
    rates = log.learning_rates
    assert shown.out.splitlines() == [
        f"epoch 1: learning rate {rates[0]:.8e} at iteration 3",
        f"epoch 2: learning rate {rates[1]:.8e} at iteration 6",
    ]
    assert "learning rate" not in shown.err


def test_log_goes_on_in_a_second_fit_and_can_be_silent(capfd):
    network, log = tiny_network(), LearningRateLog(verbose="silent")
    network.fit(INPUTS, TARGETS, batch_size=6, verbose=0, callbacks=[log])
    network.fit(INPUTS, TARGETS, batch_size=6, initial_epoch=1, epochs=2, verbose=0, callbacks=[log])
    assert log.iterations == [2, 4]
    assert log.learning_rates == pytest.approx([0.01, 0.01])
    assert "learning rate" not in capfd.readouterr().out


def test_log_takes_over_a_history():
    log = LearningRateLog(verbose="silent")
    log.continue_from({"loss": [1.0, 0.5], "learning_rate": [0.1, 0.05], "iterations": [3.0, 6.0]})
    assert (log.learning_rates, log.iterations) == ([0.1, 0.05], [3, 6])


def test_log_refuses_another_word():
    with pytest.raises(ValueError, match="verbose must be one of epoch, silent, not 1"):
        LearningRateLog(verbose=1)
