"""Trainings that are kept: done once, taken from files the next time, gone on with when interrupted."""

import dataclasses
import os

import keras
import numpy as np

from helpers._shared.arguments import as_list, as_mapping, as_names, brief
from helpers._shared.errors import CourseError
from helpers.training import kept_files
from helpers.training.kept_key import as_data, data_hash, new_network, training_key
from helpers.training.kept_loop import Plan, prefers_high, scores_of, train
from helpers.training.live_plot import ProgressLine

__all__ = ["KeptTraining", "kept_training"]

PROGRESS = ("bar", "silent")
LARGEST_SEED = 4_000_000  # an epoch's seed is 1000 times as large, and must fit in 32 bits


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

    def __init__(self, plan, record, *, fresh, said):
        self._plan = dataclasses.replace(plan, network=None)
        self._take(record, fresh=fresh, said=said)

    def __repr__(self):
        return f"KeptTraining({self.sentence!r})"

    def _take(self, record, *, fresh, said):
        """Make a record's numbers one's own."""
        self.key, self.fresh, self.seconds, self.sentence = record["key"], fresh, record["seconds"], said
        self.history = record["history"]
        self.scores = {test: record["tests"][test]["scores"] for test in self._plan.tests}
        self.best = {name: epoch for name, (epoch, _) in record["best"].items()}
        self._hashes, self._versions = record["networks"], record["versions"]

    def about(self, which="last"):
        """Say how one of the networks was made, and how good it is.

        Args:
            which: "last", or one of the selected quantities.

        Returns:
            A dict of JSON values: training, key, seed, epochs, which, epoch, seconds, versions, validation
            (what fit reported at that epoch) and tests (scores).

        Raises:
            KeyError: if which is none of them.
        """
        self._require(which)
        epoch = self.best.get(which, self._plan.epochs)
        validation = {name: values[epoch - 1] for name, values in self.history.items() if name.startswith("val_")}
        return {
            "training": self._plan.name,
            "key": self.key,
            "seed": self._plan.seed,
            "epochs": self._plan.epochs,
            "which": which,
            "epoch": epoch,
            "seconds": self.seconds,
            "versions": self._versions,
            "validation": validation,
            "tests": {test: scores[which] for test, scores in self.scores.items()},
        }

    def network(self, which="last"):
        """Load a network of this training; train anew, and say so, where its file is missing.

        Args:
            which: "last", or one of the selected quantities.

        Returns:
            A new copy of the network, not compiled.

        Raises:
            KeyError: if which is none of them.
            FileNotFoundError: if it is missing again after the training.
        """
        self._require(which)
        found = self._read(which)
        if found is None:
            plan = _ready(dataclasses.replace(self._plan, callbacks=()))
            record, said = _train_and_say(plan, reason="its network was not here, ")
            self._take(record, fresh=True, said=said)
            found = self._read(which)
        if found is None:
            raise FileNotFoundError(
                f"network {which!r} of {self._plan.name!r} was trained anew and is missing again: "
                "does another process remove files from build/trained?"
            )
        return found

    def _require(self, which):
        if not isinstance(which, str) or which not in self._hashes:
            raise KeyError(f"no network {brief(which)} is kept; there are {', '.join(self._hashes)}.")

    def _read(self, which):
        """The kept network, or None."""
        return kept_files.read_network(self._plan.name, self._plan.key, which, self._hashes[which])


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
    progress="bar",
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
            returns such a pair, or a tf.data pipeline or PyDataset that shuffles by itself; a function needs
            details that describe it.
        name: beginning of the files' names: small letters, digits, "_" and "-".
        epochs: how many epochs, at least 1.
        seed: integer from 0: decides initial weights, order of the images, and Dropout.
        batch_size: images in a batch.
        steps_per_epoch: batches of an epoch, for which the images repeat; None for each image once.
        validation: data like the above that each epoch ends with; its quantities are named val_...
        tests: dict of name -> data like the above, looked at once, after the training.
        select: names of quantities such as "val_accuracy" or "val_loss": the network of the epoch with
            the best value (the first of several such) is kept beside the last.
        callbacks: keras callbacks that watch. They are not part of the key and must not change the
            training. LivePlot and LearningRateLog show a kept training's curves and rates, too. One with a
            method between_epochs(epoch), such as InTurn, is called after each epoch, and its time is not counted.
        details: JSON values that become part of the key: what arrays and configurations do not show.
        progress: "bar" or "silent".

    Returns:
        A KeptTraining.

    Raises:
        CourseError: if an argument is not as above, a selected quantity does not exist, data end before
            steps_per_epoch, or a callback stops the training.
    """
    tests = as_mapping({} if tests is None else tests, "tests")
    plan = Plan(
        build,
        as_data(data, "data"),
        name=name,
        epochs=epochs,
        seed=seed,
        batch_size=batch_size,
        steps_per_epoch=steps_per_epoch,
        validation=None if validation is None else as_data(validation, "validation"),
        tests={test: as_data(part, f"tests[{test!r}]") for test, part in tests.items()},
        select=tuple(as_names(select, "select")),
        callbacks=tuple(as_list(callbacks, "callbacks")),
        details=details,
        progress=progress,
    )
    _check(plan)
    _check_choices(plan)
    plan = _ready(plan)
    _check_images(plan)
    fresh = os.environ.get("FRESH", "") not in ("", "0")
    if fresh:
        kept_files.drop_state(plan.name, plan.key)
    record = None if fresh else _with_every_test(plan, kept_files.read_record(plan.name, plan.key))
    if record is None:
        record, said = _train_and_say(plan)
        kept = KeptTraining(plan, record, fresh=True, said=said)
    else:
        kept = KeptTraining(plan, record, fresh=False, said=_sentence(plan, "taken from kept results"))
        _show_again(plan, kept)
    keras.utils.set_random_seed(seed)  # what follows must not depend on whether we trained
    return kept


def _check(plan):
    """Raise a CourseError for what no training can be made of."""
    if not callable(plan.build):
        raise CourseError(
            f"build must be a function without arguments that returns a compiled network, not {brief(plan.build)}."
        )
    kept_files.checked_name(plan.name)
    _whole_number("epochs", plan.epochs, 1)
    _whole_number("batch_size", plan.batch_size, 1)
    _whole_number("seed", plan.seed, 0, LARGEST_SEED)
    if plan.steps_per_epoch is not None:
        _whole_number("steps_per_epoch", plan.steps_per_epoch, 1)


def _check_choices(plan):
    """Raise a CourseError for what a training could not use: found out now, not after hours of it."""
    if not isinstance(plan.progress, str) or plan.progress not in PROGRESS:
        raise CourseError(f"progress must be one of {', '.join(PROGRESS)}, not {brief(plan.progress)}.")
    for callback in plan.callbacks:
        if not isinstance(callback, keras.callbacks.Callback):
            raise CourseError(f"callbacks must be Keras callbacks, and {brief(callback)} came: give LivePlot(), say.")
    for name in plan.select:
        prefers_high(name)
        if name.startswith("val_") and plan.validation is None:
            raise CourseError(f"select names {name!r}, for which validation data are needed.")
    if isinstance(plan.details, np.ndarray):
        raise CourseError(f"details must be JSON values, not {brief(plan.details)}: give a list of it, or its hash.")
    if not plan.details and any(map(callable, (plan.data, plan.validation, *plan.tests.values()))):
        raise CourseError("data that come from a function need details that describe them, for the key.")


def _check_images(plan):
    """Raise a CourseError where images do not fit the network: a test's would else be looked at after the training."""
    shape = tuple(plan.network.inputs[0].shape[1:])
    for what, data in [("data", plan.data), ("validation", plan.validation), *plan.tests.items()]:
        came = shape if data is None or callable(data) else data[0].shape[1:]
        if len(came) != len(shape) or any(side not in (None, own) for side, own in zip(shape, came)):
            raise CourseError(f"the network takes images of shape {shape}, and {what!r} holds {came}: resize them.")


def _whole_number(what, value, lowest, highest=None):
    """Raise a CourseError where value is no integer of the range."""
    within = isinstance(value, int) and not isinstance(value, bool) and value >= lowest
    if not within or (highest is not None and value > highest):
        upwards = f"from {lowest}" + (f" to {highest}" if highest is not None else " upwards")
        raise CourseError(f"{what} must be a whole number {upwards}, not {brief(value)}.")


def _ready(plan):
    """The plan with a new network, and with its key."""
    network, description = new_network(plan.build, plan.seed)
    key = training_key(
        network=description,
        parameters=plan.parameters,
        data=data_hash(plan.data),
        validation=data_hash(plan.validation),
    )
    return dataclasses.replace(plan, network=network, key=key)


def _sentence(plan, said):
    """One line that says where a training came from."""
    return f"{plan.name}: {said} (seed {plan.seed}, key {plan.key[: kept_files.KEY_DIGITS]})"


def _train_and_say(plan, *, reason=""):
    """Train, leave a sentence where the line of progress was; return the record and the sentence."""
    record, state, line = train(plan)
    said = f"trained now in {state.seconds:.0f} s"
    if state.resumed_after:
        said = f"went on after epoch {state.resumed_after[-1]}, trained in {state.seconds:.0f} s in all"
    said = _sentence(plan, reason + said)
    line.end(said)
    return record, said


def _with_every_test(plan, record):
    """Add the scores of tests that kept results lack; None where that needs a network that is not here."""
    if record is None:
        return None
    hashes = {test: data_hash(data) for test, data in plan.tests.items()}
    missing = [test for test in hashes if record["tests"].get(test, {}).get("sha256") != hashes[test]]
    if not missing:
        return record
    networks = {
        which: kept_files.read_network(plan.name, plan.key, which, sha256)
        for which, sha256 in record["networks"].items()
    }
    if None in networks.values():
        return None
    added = {test: {"sha256": hashes[test], "scores": {}} for test in missing}
    for which, network in networks.items():
        plan.network.set_weights(network.get_weights())
        for test in missing:
            added[test]["scores"][which] = scores_of(plan.network, plan.tests[test], plan)
    record["tests"] |= added
    kept_files.write_record(record)
    return record


def _show_again(plan, kept):
    """Say that a training is a kept one, and let callbacks show its history."""
    ProgressLine(plan.name, epochs=plan.epochs, done=plan.epochs, show=plan.progress).end(kept.sentence)
    for callback in plan.callbacks:
        if hasattr(callback, "continue_from"):
            callback.continue_from(kept.history)
            callback.on_train_end()
