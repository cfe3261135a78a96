"""Trainings that are kept: done once, taken from files the next time, gone on with when interrupted.

Each epoch is a ``fit`` of its own, on batches that follow from seed and epoch; a data function is called
after ``set_random_seed(1000 * seed + epoch)``. All variables of network and optimizer, Dropout's random
state too, go into the state file together with the best networks so far and the history. On the CPU an
interrupted training therefore ends with the very weights of an undisturbed one.

An optimizer with ``use_ema`` averages the weights. Keras puts the average into the network whenever a ``fit`` ends;
here that is every epoch. So each epoch is judged, selected and kept with the average, and the next goes on with the
network's own weights.
"""

import math
import os
import time
from importlib.metadata import version
from platform import python_version

import keras

from helpers._shared.arguments import as_file_name, as_function, as_list, as_mapping, as_names, as_whole_number, brief
from helpers._shared.errors import CourseError
from helpers.training import kept_files
from helpers.training.batches import Batches, as_data, on_all_cores
from helpers.training.kept_key import data_hash, new_network, training_key
from helpers.training.live_plot import ProgressLine

__all__ = ["KeptTraining", "kept_training"]

LOW_IS_GOOD = ("loss", "entropy")  # of a quantity that is selected; of the others, which are accuracies, more is better
STATE_SECONDS = 10  # the state is kept after the first epoch, the last, and whenever so much time has gone by


class KeptTraining:
    """A finished training: its numbers, and its networks when they are asked for.

    Attributes:
        history: dict of lists, one value an epoch: what ``fit`` reports, with "learning_rate" and
            "iterations" at each epoch's end.
        scores: dict ``scores[test][which]`` -> dict of metric -> float; which is "last" or selected.
        best: dict of selected quantity -> its best epoch, counted from 1.
        seconds: how long the training took, wherever it ran.
        fresh: True when it was trained now, False when it was taken from kept results.
        key: 64 hexadecimal digits that stand for all that went into it.
        sentence: one line that says where it came from.
    """

    def __init__(self, plan, record, sentence, *, fresh):
        self._plan = plan
        self._take(record, sentence, fresh=fresh)

    def __repr__(self):
        return f"KeptTraining({self.sentence!r})"

    def _take(self, record, sentence, *, fresh):
        """Make a record's numbers one's own."""
        self._record, self.sentence, self.fresh = record, sentence, fresh
        self.key, self.seconds, self.history = record["key"], record["seconds"], record["history"]
        self.scores = {test: record["tests"][test]["scores"] for test in self._plan.tests}
        self.best = {name: epoch for name, (epoch, _) in record["best"].items()}
        self._plan.network = None  # its memory is wanted for the next training

    def network(self, which="last"):
        """Load a network of this training; train anew, and say so, where its file is missing.

        Args:
            which: "last", or one of the selected quantities.

        Returns:
            A new copy of the network, not compiled.

        Raises:
            KeyError: if which is none of them.
        """
        if not isinstance(which, str) or which not in self._record["networks"]:
            raise KeyError(f"no network {brief(which)} is kept; there are {', '.join(self._record['networks'])}.")
        network = kept_files.read_network(self._record, which)
        if network is None:
            self._plan.network, _ = new_network(self._plan.build, self._plan.seed)
            self._take(*_train(self._plan, reason="its network was not here, "), fresh=True)
            network = kept_files.read_network(self._record, which)
        return network


def kept_training(
    build,
    data,
    *,
    name,
    epochs,
    seed,
    batch_size=32,
    steps_per_epoch=None,
    validation=None,
    tests=None,
    select=(),
    callbacks=(),
    details=None,
):
    """Train a network, or take the same training from the files that an earlier call has kept.

    The same training is one with the same key (``helpers.training.kept_key`` says what goes into it). A training
    that was interrupted, even killed, goes on after the last epoch that was kept; on the CPU it ends with
    the very weights of an undisturbed one, Dropout included. FRESH=1 in the environment trains anew.
    Keras' random seed is the given one afterwards, whether it trained or not.

    Args:
        build: function without arguments that returns a new, compiled Sequential or Functional network.
        data: images (n, height, width, channels) and labels (n,) or (n, classes) as a pair of arrays;
            something with ``.images`` and ``.labels``; or a function of seed and epoch (from 1) that
            returns such a pair, or a tf.data pipeline that shuffles by itself and needs steps_per_epoch; a function
            needs details that describe it.
        name: beginning of the files' names: small letters, digits, "_" and "-". Its first word (before "_" or "-")
            is the data set's: results go into the file of that name, "mnist_small" into ``results/mnist.json``.
        epochs: how many epochs, at least 1.
        seed: integer from 0 to 4,000,000: decides initial weights, order of the images, and Dropout.
        batch_size: images in a batch.
        steps_per_epoch: batches of an epoch, for which the images repeat; None for each image once.
        validation: images and labels like the above, no function, that each epoch ends with; its quantities are named
            ``val_...``
        tests: dict of name -> images and labels, looked at once, after the training.
        select: names of losses, entropies and accuracies, such as "val_accuracy" or "val_loss": the network of the
            epoch with the best value (the first of several such) is kept beside the last.
        callbacks: keras callbacks that watch. They are not part of the key and must not change the
            training. One with a method between_epochs(epoch), such as InTurn, is called after each epoch, and its time
            is not counted; one with a method continue_from(history) learns of the epochs before an interruption.
        details: JSON values that become part of the key: what arrays and configurations do not show.

    Returns:
        A KeptTraining.

    Raises:
        CourseError: if an argument is not as above, a selected quantity does not exist, data end before
            steps_per_epoch, or a callback stops the training.
    """
    callbacks = as_list(callbacks, "callbacks")
    for callback in callbacks:
        if not isinstance(callback, keras.callbacks.Callback):
            raise CourseError(f"callbacks must be Keras callbacks, and {brief(callback)} came: give LivePlot(), say.")
    plan = _Plan(build, data, name, epochs, seed, batch_size, steps_per_epoch, validation, tests, select, details)
    fresh = os.environ.get("FRESH", "") not in ("", "0")
    found = None if fresh else _taken(plan)
    record, sentence = found or _train(plan, callbacks, resume=not fresh)
    keras.utils.set_random_seed(plan.seed)  # what follows must not depend on whether we trained
    return KeptTraining(plan, record, sentence, fresh=found is None)


class _Plan:
    """What ``kept_training`` was asked for, checked: what a training could not use is found out before hours of it.

    Attributes:
        network: the new network to begin with; a training uses it up.
        parameters: dict of JSON values: the training parameters that are part of the key.
        key: the training's key.
    """

    def __init__(
        self, build, data, name, epochs, seed, batch_size, steps_per_epoch, validation, tests, select, details
    ):
        self.build, self.name = as_function(build, "build"), as_file_name(name, "name")
        self.epochs = as_whole_number(epochs, "epochs")
        self.batch_size = as_whole_number(batch_size, "batch_size")
        self.seed = as_whole_number(seed, "seed", least=0, most=4_000_000)  # 1000 times as much fits in 32 bits
        self.steps = None if steps_per_epoch is None else as_whole_number(steps_per_epoch, "steps_per_epoch")
        self.select = as_names(select, "select")
        for quantity in self.select:
            if not quantity.endswith((*LOW_IS_GOOD, "accuracy")):
                raise CourseError(f"select must name losses or accuracies, not {quantity!r}: name val_loss, say.")
        self.network, network = new_network(build, self.seed)
        self.data = data if callable(data) else as_data(data, "data", self.network)
        self.validation = None if validation is None else as_data(validation, "validation", self.network)
        tests = {} if tests is None else as_mapping(tests, "tests")
        self.tests = {test: as_data(part, f"tests[{test!r}]", self.network) for test, part in tests.items()}
        self.parameters = {"epochs": self.epochs, "seed": self.seed, "batch_size": self.batch_size}
        self.parameters |= {"steps_per_epoch": self.steps, "details": details, "select": sorted(self.select)}
        data, validation = data_hash(self.data), data_hash(self.validation)
        self.key = training_key(network=network, parameters=self.parameters, data=data, validation=validation)
        if callable(self.data) and not details:
            raise CourseError("data that come from a function need details that describe them, for the key.")


class _Averaging(keras.callbacks.Callback):
    """Lets validation see the averaged weights, and keeps the network's own past the end of ``fit``.

    By copies: Keras' own SwapEMAWeights swaps by sums, which round, so that looking would change the training.
    """

    def on_epoch_end(self, epoch=None, logs=None):
        """Put the network's own weights aside, before ``fit`` ends and puts their average in their place."""
        self._own = [variable.numpy() for variable in self.model.trainable_variables]

    def on_test_begin(self, logs=None):
        """Put the average into the network."""
        self.on_epoch_end()
        self.model.optimizer.finalize_variable_values(self.model.trainable_variables)

    def on_test_end(self, logs=None):
        """Give the network its own weights again."""
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


def _taken(plan):
    """Take a finished training from its files, with the scores of tests that were not asked for before.

    Args:
        plan: a Plan.

    Returns:
        The same as ``train``; None where there is no such training, or where a new test needs a network that is not
        here.
    """
    record = kept_files.read_record(plan.name, plan.key)
    if record is None:
        return None
    kept, hashes = record["tests"], {test: data_hash(data) for test, data in plan.tests.items()}
    missing = [test for test, sha256 in hashes.items() if kept.get(test, {}).get("sha256") != sha256]
    if missing:
        networks = {which: kept_files.read_network(record, which) for which in record["networks"]}
        if None in networks.values():
            return None
        kept |= _tested(plan, missing, {which: network.get_weights() for which, network in networks.items()})
        kept_files.write_record(record)
    line = ProgressLine(plan.name, epochs=plan.epochs, done=plan.epochs)
    return record, _end(plan, line, "taken from kept results")


def _train(plan, callbacks=(), *, resume=True, reason=""):
    """Train as planned, from the beginning or from the state that an interrupted training left.

    Args:
        plan: a Plan, whose network is trained.
        callbacks: keras callbacks that watch.
        resume: False to begin anew in any case.
        reason: what the sentence begins with.

    Returns:
        The record (dict of JSON values), and the sentence that stays where the line of progress was.
    """
    # The record lies in the state file while the training goes on, and with the results when it is finished.
    record = {part: getattr(plan, part) for part in ("name", "key", "seed", "epochs", "parameters")}
    record |= {"weights": plan.network.count_params(), "seconds": 0.0, "resumed_after": []}
    record |= {part: {} for part in ("versions", "networks", "best", "tests", "history")}
    best_weights = {}  # of each selected quantity
    variables = _variables(plan.network)
    kept = kept_files.read_state(record, shapes=[tuple(variable.shape) for variable in variables]) if resume else None
    if kept is not None:
        before, values, best_weights = kept
        for variable, value in zip(variables, values, strict=True):
            variable.assign(value)
        record |= before
        record["resumed_after"].append(_epochs_of(record))
    line = ProgressLine(plan.name, epochs=plan.epochs, done=_epochs_of(record))
    try:
        _run_epochs(plan, record, best_weights, callbacks, line)
        _finish(plan, record, best_weights)
    finally:
        line.end()
    how = f"trained now in {record['seconds']:.0f} s"
    if record["resumed_after"]:
        how = f"went on after epoch {record['resumed_after'][-1]}, trained in {record['seconds']:.0f} s in all"
    return record, _end(plan, line, reason + how)


def _end(plan, line, words):
    """Leave one line that says where the training came from, and return it."""
    sentence = f"{plan.name}: {words} (seed {plan.seed}, key {plan.key[: kept_files.KEY_DIGITS]})"
    line.end(sentence)
    return sentence


def _epochs_of(record):
    """How many epochs are finished."""
    return len(record["history"].get("iterations", []))


def _variables(network):
    """All that changes in a training: of the network (Dropout's random state too) and of the optimizer."""
    if not network.optimizer.built:
        network.optimizer.build(network.trainable_variables)
    return [*network.variables, *network.optimizer.variables]


def _run_epochs(plan, record, best_weights, callbacks, line):
    """Train the epochs that are left, keeping the state as often as costs little."""
    averaging = [_Averaging()] if getattr(plan.network.optimizer, "use_ema", False) else []
    watchers = _Watchers([*averaging, *callbacks], add_history=True, model=plan.network, epochs=plan.epochs)
    watchers.tell("continue_from", record["history"])
    keras.callbacks.CallbackList.on_train_begin(watchers)
    kept_at = -math.inf
    for epoch in range(_epochs_of(record) + 1, plan.epochs + 1):
        start = time.monotonic()
        logs = _run_epoch(plan, epoch, watchers)
        for name, value in logs.items():
            record["history"].setdefault(name, []).append(value)
        _note_best(plan, record, best_weights, epoch, logs)
        if averaging and epoch < plan.epochs:
            averaging[0].on_test_end()  # the next epoch goes on with the network's own weights
        record["seconds"] += time.monotonic() - start
        line.advance(logs)
        if epoch == plan.epochs or time.monotonic() - kept_at >= STATE_SECONDS:
            kept_files.write_state(record, [variable.numpy() for variable in _variables(plan.network)], best_weights)
            kept_at = time.monotonic()
        watchers.tell("between_epochs", epoch)  # their time does not count
    keras.callbacks.CallbackList.on_train_end(watchers)


def _run_epoch(plan, epoch, watchers):
    """Train one epoch; return its quantities as floats."""
    network, optimizer, data, steps = plan.network, plan.network.optimizer, plan.data, plan.steps
    if callable(data):
        # not for arrays, which need no seed here: TensorFlow then compiles its functions anew, 0.3 s an epoch
        keras.utils.set_random_seed(1000 * plan.seed + epoch)
        data = data(plan.seed, epoch)
    if isinstance(data, (tuple, list)):
        pair = as_data(data, "what the data function returns", network)
        batches = Batches(*pair, batch_size=plan.batch_size, seed=plan.seed, epoch=epoch, steps=steps)
        data, steps = on_all_cores(batches), None  # it ends by itself
    elif not steps:
        raise CourseError("data that come in batches of their own may never end: give steps_per_epoch.")
    before = int(optimizer.iterations)
    # shuffle=False: Batches are shuffled already, pipelines shuffle themselves
    options = {"steps_per_epoch": steps, "shuffle": False, "callbacks": watchers, "verbose": 0}
    options |= {"validation_data": plan.validation, "validation_batch_size": plan.batch_size}
    seen = network.fit(data, initial_epoch=epoch - 1, epochs=epoch, **options)
    if steps and int(optimizer.iterations) - before < steps:
        raise CourseError(f"epoch {epoch} ended before {steps} updates: let its data repeat, accumulate no gradients.")
    if network.stop_training:
        raise CourseError(f"a callback stopped the training in epoch {epoch} of {plan.epochs}: use select instead.")
    logs = {name: float(values[-1]) for name, values in seen.history.items()}
    return logs | {"learning_rate": float(optimizer.learning_rate), "iterations": int(optimizer.iterations)}


def _note_best(plan, record, best_weights, epoch, logs):
    """Keep the weights of an epoch that is the best so far; on a tie the first stays."""
    for name in plan.select:
        if name not in logs:
            raise CourseError(f"select names {name!r}, but an epoch tells {', '.join(logs)}.")
        less = name.endswith(LOW_IS_GOOD)
        value, best = logs[name], record["best"].get(name, [0, math.inf if less else -math.inf])[1]
        if value < best if less else value > best:
            record["best"][name] = [epoch, value]
            best_weights[name] = plan.network.get_weights()


def _finish(plan, record, best_weights):
    """Test and keep the networks, and write the record."""
    networks = {"last": plan.network.get_weights(), **best_weights}
    for name in plan.select:
        if name not in networks:
            raise CourseError(f"{name} was not a number in any epoch: lower the learning rate.")
    for which, weights in networks.items():
        plan.network.set_weights(weights)
        kept_files.write_network(record, which, plan.network)
    record["tests"] = _tested(plan, plan.tests, networks)
    record["seconds"] = round(record["seconds"], 2)
    packages = ("keras", keras.backend.backend(), "numpy")
    record["versions"] = {"python": python_version()} | {name: version(name) for name in packages}
    kept_files.write_record(record)


def _tested(plan, names, networks):
    """The results of some tests, for networks given by their weights: dict of test -> data's hash and scores."""
    tests = {test: {"sha256": data_hash(plan.tests[test]), "scores": {}} for test in names}
    for which, weights in networks.items():
        plan.network.set_weights(weights)
        for test, results in tests.items():
            options = {"batch_size": plan.batch_size, "verbose": 0, "return_dict": True}
            results["scores"][which] = plan.network.evaluate(*plan.tests[test], **options)
    return tests
