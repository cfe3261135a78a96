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
from importlib.metadata import version
from platform import python_version

import keras

from helpers._shared.errors import CourseError
from helpers.training import kept_files
from helpers.training.batches import Batches, as_data, on_all_cores
from helpers.training.kept_key import data_hash
from helpers.training.live_plot import ProgressLine

__all__ = ["prefers_high", "tested", "train"]

STATE_SHARE = 0.05  # keeping the state takes about this share of the time at most
HIGH_IS_GOOD = ("acc", "auc", "precision", "recall", "f1", "iou", "sensitivity", "specificity")
LOW_IS_GOOD = ("loss", "error", "entropy", "divergence")


class _Averaging(keras.callbacks.Callback):
    """Lets validation see the averaged weights, and keeps the network's own past the end of ``fit``.

    By copies: Keras' own SwapEMAWeights swaps by sums, which round, so that looking would change the training.
    """

    def _put_aside(self):
        self._own = [variable.numpy() for variable in self.model.trainable_variables]

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

    def on_train_begin(self, logs=None):
        """Not passed on: ``fit`` says so at each epoch."""

    def on_train_end(self, logs=None):
        """Not passed on: ``fit`` says so at each epoch."""

    def tell(self, event, *values):
        """Call a method of each callback that has it."""
        for callback in self.callbacks:
            if hasattr(callback, event):
                getattr(callback, event)(*values)


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
    raise CourseError(f"whether more or less of {name!r} is better cannot be told: select a loss or an accuracy.")


def train(plan, callbacks=(), *, resume=True, reason=""):
    """Train as planned, from the beginning or from the state that an interrupted training left.

    Args:
        plan: a Plan, whose network is trained.
        callbacks: keras callbacks that watch.
        resume: False to begin anew in any case.
        reason: what its last sentence begins with.

    Returns:
        The record (dict of JSON values), and the sentence that stays where the line of progress was.

    Raises:
        CourseError: see ``kept_training``.
    """
    # The record lies in the state file while the training goes on, and with the results when it is finished.
    record = {part: getattr(plan, part) for part in ("name", "key", "seed", "epochs", "parameters")}
    record |= {"weights": plan.network.count_params(), "seconds": 0.0, "resumed_after": []}
    record |= {part: {} for part in ("versions", "networks", "best", "tests", "history")}
    best_weights, sentence = {}, ""  # of each selected quantity
    if resume:
        _take_up(plan, record, best_weights)
    line = ProgressLine(plan.name, epochs=plan.epochs, done=_epochs_of(record), show=plan.progress)
    try:
        _run_epochs(plan, record, best_weights, callbacks, line)
        _finish(plan, record, best_weights)
        how = f"trained now in {record['seconds']:.0f} s"
        if record["resumed_after"]:
            how = f"went on after epoch {record['resumed_after'][-1]}, trained in {record['seconds']:.0f} s in all"
        sentence = plan.sentence(reason + how)
    finally:
        line.end(sentence)
    return record, sentence


def _epochs_of(record):
    """How many epochs are finished."""
    return max(map(len, record["history"].values()), default=0)


def _run_epochs(plan, record, best_weights, callbacks, line):
    """Train the epochs that are left, keeping the state as often as costs little."""
    averaging = [_Averaging()] if getattr(plan.network.optimizer, "use_ema", False) else []
    watchers = _Watchers([*averaging, *callbacks], add_history=True, model=plan.network, epochs=plan.epochs)
    watchers.tell("continue_from", record["history"])
    keras.callbacks.CallbackList.on_train_begin(watchers)
    kept_at, cost = time.monotonic(), 0.0
    for epoch in range(_epochs_of(record) + 1, plan.epochs + 1):
        start = time.monotonic()
        logs = _run_epoch(plan, epoch, watchers)
        for name, value in logs.items():
            record["history"].setdefault(name, []).append(value)
        _note_best(plan, record, best_weights, epoch, logs)
        if epoch < plan.epochs:
            watchers.tell("take_back")
        record["seconds"] += time.monotonic() - start
        line.advance(logs)
        if epoch == plan.epochs or time.monotonic() - kept_at >= cost / STATE_SHARE:
            start = time.monotonic()
            arrays = {"variables": [variable.numpy() for variable in _variables(plan.network)]}
            kept_files.write_state(record, arrays | best_weights)
            kept_at = time.monotonic()
            cost = kept_at - start
        watchers.tell("between_epochs", epoch)  # their time does not count
    keras.callbacks.CallbackList.on_train_end(watchers)


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
        validation_data=plan.validation(plan.seed, epoch) if callable(plan.validation) else plan.validation,
        validation_batch_size=plan.batch_size,
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
            if endless and not plan.steps:
                raise CourseError("the data repeat without end: give steps_per_epoch.")
            return data, plan.steps
        data = as_data(data, "what the data function returns")
    batches = Batches(*data, batch_size=plan.batch_size, seed=plan.seed, epoch=epoch, steps=plan.steps)
    return on_all_cores(batches), None


def _note_best(plan, record, best_weights, epoch, logs):
    """Keep the weights of an epoch that is the best so far; on a tie the first stays."""
    for name in plan.select:
        if name not in logs:
            raise CourseError(f"select names {name!r}, but an epoch tells {', '.join(logs)}.")
        value, best = logs[name], record["best"].get(name, [0, math.nan])[1]
        better = value > best if prefers_high(name) else value < best
        if better or (math.isnan(best) and not math.isnan(value)):
            record["best"][name] = [epoch, value]
            best_weights[name] = plan.network.get_weights()


def _variables(network):
    """All that changes in a training: of the network (Dropout's random state too) and of the optimizer."""
    if not network.optimizer.built:
        network.optimizer.build(network.trainable_variables)
    return [*network.variables, *network.optimizer.variables]


def _take_up(plan, record, best_weights):
    """Bring back what an interrupted training has kept, where there is something usable."""
    kept = kept_files.read_state(plan.name, plan.key)
    if kept is None:
        return
    before, arrays = kept
    variables = _variables(plan.network)
    if [tuple(variable.shape) for variable in variables] != [array.shape for array in arrays["variables"]]:
        warnings.warn("the interrupted training does not fit the network: it begins anew.", stacklevel=2)
        return
    for variable, array in zip(variables, arrays.pop("variables"), strict=True):
        variable.assign(array)
    record |= before
    record["resumed_after"].append(_epochs_of(record))
    best_weights |= arrays


def tested(plan, names, networks):
    """Evaluate networks of a training on some of its tests.

    Args:
        plan: the Plan, whose network takes the weights.
        names: the tests' names.
        networks: dict of which -> list of weight arrays.

    Returns:
        dict of test -> dict of "sha256" (of its data) and "scores": which -> metric -> float.
    """
    tests = {test: {"sha256": data_hash(plan.tests[test]), "scores": {}} for test in names}
    for which, weights in networks.items():
        plan.network.set_weights(weights)
        for test in names:
            data = plan.tests[test]
            data = data(plan.seed, plan.epochs) if callable(data) else data
            pair = data if isinstance(data, (tuple, list)) else (data,)
            scores = plan.network.evaluate(*pair, batch_size=plan.batch_size, verbose=0, return_dict=True)
            tests[test]["scores"][which] = {name: float(value) for name, value in scores.items()}
    return tests


def _finish(plan, record, best_weights):
    """Test and keep the networks, and write the record."""
    never = [name for name in plan.select if name not in record["best"]]
    if never:
        raise CourseError(f"{never[0]} was not a number in any epoch: lower the learning rate.")
    networks = {"last": plan.network.get_weights(), **best_weights}
    for which, weights in networks.items():
        plan.network.set_weights(weights)
        record["networks"][which] = kept_files.write_network(plan.name, plan.key, which, plan.network)
    record["tests"] = tested(plan, plan.tests, networks)
    record["seconds"] = round(record["seconds"], 2)
    packages = dict.fromkeys(("keras", keras.backend.backend(), "numpy"))
    record["versions"] = {"python": python_version()} | {name: version(name) for name in packages}
    kept_files.write_record(record)
