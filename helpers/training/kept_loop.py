"""The training behind a kept training: epoch by epoch, so that it can be interrupted at any moment.

Each epoch is a ``fit`` of its own, on batches that follow from seed and epoch; a data function is called
after ``set_random_seed(1000 * seed + epoch)``. All variables of network and optimizer, Dropout's random
state too, go into the state file together with the best networks so far and the history. On the CPU an
interrupted training therefore ends with the very weights of an undisturbed one.

An optimizer with ``use_ema`` averages the weights. Keras puts the average into the network whenever a ``fit`` ends;
here that is every epoch. So each epoch is judged, selected and kept with the average, and the next goes on with the
network's own weights.
"""

import math
import time
import warnings
from collections.abc import Callable
from dataclasses import dataclass, field
from importlib.metadata import version
from platform import python_version

import keras

from helpers._shared.errors import CourseError
from helpers.training import kept_files
from helpers.training.kept_key import Batches, as_data, data_hash
from helpers.training.live_plot import ProgressLine
from helpers.training.pipelines import on_all_cores

__all__ = ["Plan", "State", "prefers_high", "scores_of", "train"]

STATE_SHARE = 0.05  # keeping the state takes about this share of the time at most
HIGH_IS_GOOD = ("acc", "auc", "precision", "recall", "f1", "iou", "sensitivity", "specificity")
LOW_IS_GOOD = ("loss", "error", "entropy", "divergence")


@dataclass
class Plan:
    """What ``kept_training`` was asked for, checked, with the network to begin with and the key."""

    build: Callable
    data: object
    name: str
    epochs: int
    seed: int
    batch_size: int
    steps_per_epoch: int | None
    validation: object
    tests: dict
    select: tuple
    callbacks: tuple
    details: object
    progress: str
    network: object = None
    key: str = ""

    @property
    def parameters(self):
        """The training parameters as JSON values."""
        named = ("epochs", "seed", "batch_size", "steps_per_epoch", "details")
        return {name: getattr(self, name) for name in named} | {"select": sorted(self.select)}


@dataclass
class State:
    """How far a training is.

    Attributes:
        epoch: finished epochs.
        seconds: time they took.
        history: dict of lists, one value an epoch.
        best: dict of selected quantity -> [epoch, value] of its best epoch.
        resumed_after: epochs after which the training was interrupted.
        best_weights: dict of selected quantity -> list of weight arrays.
    """

    epoch: int = 0
    seconds: float = 0.0
    history: dict = field(default_factory=dict)
    best: dict = field(default_factory=dict)
    resumed_after: list = field(default_factory=list)
    best_weights: dict = field(default_factory=dict)


class _Averaging(keras.callbacks.Callback):
    """Lets validation see the averaged weights, and keeps the network's own past the end of ``fit``.

    By copies: Keras' own SwapEMAWeights swaps by sums, which round, so that looking would change the training.
    """

    def _put_aside(self):
        self._own = [keras.ops.convert_to_numpy(variable) for variable in self.model.trainable_variables]

    def on_test_begin(self, logs=None):
        """Put the average into the network."""
        self._put_aside()
        self.model.optimizer.finalize_variable_values(self.model.trainable_variables)

    def on_test_end(self, logs=None):
        """Give the network its own weights again."""
        self.take_back()

    def on_epoch_end(self, epoch, logs=None):
        """Keep the network's own weights before ``fit`` ends and puts their average in their place."""
        self._put_aside()

    def take_back(self):
        """Give the network the weights that were put aside."""
        for variable, own in zip(self.model.trainable_variables, self._own, strict=True):
            variable.assign(own)


class _Watchers(keras.callbacks.CallbackList):
    """The callbacks of a training whose every epoch is a ``fit``: for them it begins and ends once."""

    def __init__(self, plan):
        self._averaging = [_Averaging()] if getattr(plan.network.optimizer, "use_ema", False) else []
        callbacks = [*self._averaging, *plan.callbacks]
        super().__init__(callbacks, add_history=True, model=plan.network, epochs=plan.epochs)

    def on_train_begin(self, logs=None):
        """Not passed on: ``fit`` says so at each epoch."""

    def on_train_end(self, logs=None):
        """Not passed on: ``fit`` says so at each epoch."""

    def begin(self, history):
        """Say that the training begins, or goes on with the epochs of a history."""
        for callback in self.callbacks:
            if hasattr(callback, "continue_from"):
                callback.continue_from(history)
        super().on_train_begin()

    def go_on(self):
        """Make the network ready for the next epoch."""
        for averaging in self._averaging:
            averaging.take_back()

    def between_epochs(self, epoch):
        """Let callbacks do what the training's time shall not count."""
        for callback in self.callbacks:
            if hasattr(callback, "between_epochs"):
                callback.between_epochs(epoch)

    def end(self):
        """Say that the training is over."""
        super().on_train_end()


def prefers_high(name):
    """Tell whether more of a quantity is better.

    Args:
        name: such as "val_accuracy" or "loss".

    Returns:
        True or False.

    Raises:
        CourseError: if the name does not tell.
    """
    for words, high in ((LOW_IS_GOOD, False), (HIGH_IS_GOOD, True)):
        if any(word in name.lower() for word in words):
            return high
    raise CourseError(
        f"whether more or less of {name!r} is better cannot be told: a selected name holds one of "
        f"{', '.join(HIGH_IS_GOOD + LOW_IS_GOOD)}."
    )


def train(plan):
    """Train as planned, from the beginning or from the state that an interrupted training left.

    Args:
        plan: a Plan with a new network.

    Returns:
        The record (dict of JSON values), the ended training's State, and the line of progress, which waits
        for its last sentence.

    Raises:
        CourseError: see ``kept_training``.
    """
    state = _resumed(plan)
    line = ProgressLine(plan.name, epochs=plan.epochs, done=state.epoch, show=plan.progress)
    try:
        _run_epochs(plan, state, line)
        return _finish(plan, state), state, line
    except BaseException:
        line.end()
        raise


def _run_epochs(plan, state, line):
    """Train the epochs that are left, keeping the state as often as costs little."""
    watchers = _Watchers(plan)
    watchers.begin(state.history)
    kept_at, cost = time.monotonic(), 0.0
    for epoch in range(state.epoch + 1, plan.epochs + 1):
        start = time.monotonic()
        logs = _run_epoch(plan, epoch, watchers)
        for name, value in logs.items():
            state.history.setdefault(name, []).append(value)
        _note_best(plan, state, epoch, logs)
        if epoch < plan.epochs:
            watchers.go_on()
        state.epoch = epoch
        state.seconds += time.monotonic() - start
        line.advance(logs)
        if epoch == plan.epochs or time.monotonic() - kept_at >= cost / STATE_SHARE:
            start = time.monotonic()
            _keep_state(plan, state)
            kept_at = time.monotonic()
            cost = kept_at - start
        watchers.between_epochs(epoch)
    watchers.end()


def _run_epoch(plan, epoch, watchers):
    """Train one epoch; return its quantities as floats."""
    network, optimizer = plan.network, plan.network.optimizer
    if callable(plan.data) or callable(plan.validation):
        # not for arrays, which need no seed here: TensorFlow then compiles its functions anew, 0.3 s an epoch
        keras.utils.set_random_seed(1000 * plan.seed + epoch)
    source, steps = _epoch_data(plan, epoch)
    before = int(optimizer.iterations)
    seen = network.fit(  # shuffle=False: Batches are shuffled already, pipelines shuffle themselves
        source,
        steps_per_epoch=steps,
        initial_epoch=epoch - 1,
        epochs=epoch,
        shuffle=False,
        verbose=0,
        callbacks=watchers,
        **_validation(plan, epoch),
    )
    iterations = int(optimizer.iterations)
    at_once = optimizer.gradient_accumulation_steps or 1  # batches to one iteration
    if steps and (iterations - before + 1) * at_once <= steps:
        raise CourseError(
            f"the data of epoch {epoch} ended before {steps} steps: let them repeat or drop steps_per_epoch."
        )
    if network.stop_training:
        raise CourseError(
            f"a callback stopped the training in epoch {epoch} of {plan.epochs}, and all must run: "
            'leave that callback out, and keep the best network by select=("val_loss",).'
        )
    logs = {name: float(values[-1]) for name, values in seen.history.items()}
    return logs | {"learning_rate": float(optimizer.learning_rate), "iterations": iterations}


def _epoch_data(plan, epoch):
    """What to fit one epoch on, and the steps that must still be asked for (None: it ends by itself)."""
    data = plan.data
    if callable(data):
        data = data(plan.seed, epoch)
        if not isinstance(data, (tuple, list)):
            endless = hasattr(data, "cardinality") and int(data.cardinality()) == -1
            if endless and not plan.steps_per_epoch:
                raise CourseError("the data repeat without end: give steps_per_epoch.")
            return data, plan.steps_per_epoch
        data = as_data(data, "what the data function returns")
    batches = Batches(*data, batch_size=plan.batch_size, seed=plan.seed, epoch=epoch, steps=plan.steps_per_epoch)
    return on_all_cores(batches), None


def _validation(plan, epoch):
    """The arguments of ``fit`` that are about validation."""
    data = plan.validation(plan.seed, epoch) if callable(plan.validation) else plan.validation
    if isinstance(data, (tuple, list)):
        return {"validation_data": tuple(data), "validation_batch_size": plan.batch_size}
    return {"validation_data": data}


def _note_best(plan, state, epoch, logs):
    """Keep the weights of an epoch that is the best so far; on a tie the first stays."""
    for name in plan.select:
        if name not in logs:
            raise CourseError(f"select names {name!r}, but an epoch tells {', '.join(logs)}.")
        value = logs[name]
        best = state.best[name][1] if name in state.best else math.nan
        better = value > best if prefers_high(name) else value < best
        if better or (math.isnan(best) and not math.isnan(value)):
            state.best[name] = [epoch, value]
            state.best_weights[name] = plan.network.get_weights()


def _variables(network):
    """All that changes in a training: of the network (Dropout's random state too) and of the optimizer."""
    if not network.optimizer.built:
        network.optimizer.build(network.trainable_variables)
    return {"network": network.variables, "optimizer": network.optimizer.variables}


def _keep_state(plan, state):
    """Write network, optimizer, best networks and history into the state file."""
    arrays = {
        group: [keras.ops.convert_to_numpy(variable) for variable in variables]
        for group, variables in _variables(plan.network).items()
    }
    arrays |= {f"best {name}": weights for name, weights in state.best_weights.items()}
    about = {name: value for name, value in vars(state).items() if name != "best_weights"}
    kept_files.write_state(plan.name, plan.key, about, arrays)


def _resumed(plan):
    """Bring back what an interrupted training has kept; a new State where there is nothing usable."""
    found = kept_files.read_state(plan.name, plan.key)
    if found is None:
        return State()
    about, arrays = found
    groups = _variables(plan.network)
    for group, variables in groups.items():
        if [tuple(each.shape) for each in variables] != [each.shape for each in arrays[group]]:
            warnings.warn("the interrupted training does not fit the network: it begins anew.", stacklevel=2)
            return State()
    for group, variables in groups.items():
        for variable, array in zip(variables, arrays[group], strict=True):
            variable.assign(array)
    state = State(**about, best_weights={name: arrays[f"best {name}"] for name in about["best"]})
    state.resumed_after.append(state.epoch)
    return state


def scores_of(network, data, plan):
    """Evaluate a network once.

    Args:
        network: compiled network with the weights to test.
        data: (images, labels), or a function of seed and epoch.
        plan: the Plan, for batch size and seed.

    Returns:
        dict of metric -> float.
    """
    if callable(data):
        data = data(plan.seed, plan.epochs)
    if isinstance(data, (tuple, list)):
        found = network.evaluate(*data, batch_size=plan.batch_size, verbose=0, return_dict=True)
    else:
        found = network.evaluate(data, verbose=0, return_dict=True)
    return {name: float(value) for name, value in found.items()}


def _finish(plan, state):
    """Test and keep the networks, write the record, remove the state."""
    never = [name for name in plan.select if name not in state.best]
    if never:
        raise CourseError(f"{never[0]} was not a number in any epoch: lower the learning rate.")
    networks = {"last": plan.network.get_weights(), **state.best_weights}
    hashes = {}
    tests = {test: {"sha256": data_hash(data), "scores": {}} for test, data in plan.tests.items()}
    for which, weights in networks.items():
        plan.network.set_weights(weights)
        hashes[which] = kept_files.write_network(plan.name, plan.key, which, plan.network)
        for test, data in plan.tests.items():
            tests[test]["scores"][which] = scores_of(plan.network, data, plan)
    record = {
        "name": plan.name,
        "key": plan.key,
        "seed": plan.seed,
        "epochs": plan.epochs,
        "parameters": plan.parameters,
        "weights": plan.network.count_params(),
        "seconds": round(state.seconds, 2),
        "resumed_after": state.resumed_after,
        "versions": _versions(),
        "networks": hashes,
        "best": state.best,
        "tests": tests,
        "history": state.history,
    }
    kept_files.write_record(record)
    kept_files.drop_state(plan.name, plan.key)
    return record


def _versions():
    """Versions of what trained."""
    names = dict.fromkeys(("keras", keras.backend.backend(), "numpy"))
    return {"python": python_version()} | {name: version(name) for name in names}
