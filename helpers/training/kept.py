"""Trainings that are kept: done once, taken from files the next time, gone on with when interrupted."""

import os

import keras

from helpers._shared.arguments import as_choice, as_function, as_list, as_mapping, as_names, as_whole_number, brief
from helpers._shared.errors import CourseError
from helpers.training import kept_files
from helpers.training.batches import as_data
from helpers.training.kept_key import checked_name, data_hash, new_network, training_key
from helpers.training.kept_loop import prefers_high, tested, train
from helpers.training.live_plot import ProgressLine

__all__ = ["KeptTraining", "Plan", "kept_training"]


class Plan:
    """What ``kept_training`` was asked for, checked: what a training could not use is found out before hours of it.

    Attributes:
        network: the new network to begin with.
        parameters: dict of JSON values: the training parameters that are part of the key.
        key: the training's key.
    """

    def __init__(
        self, build, data, name, epochs, seed, batch_size, steps_per_epoch, validation, tests, select, details, progress
    ):
        self.build = as_function(build, "build")
        self.name = checked_name(name)
        self.epochs = as_whole_number(epochs, "epochs")
        self.batch_size = as_whole_number(batch_size, "batch_size")
        self.seed = as_whole_number(seed, "seed", least=0, most=4_000_000)  # 1000 times as much fits in 32 bits
        self.steps = None if steps_per_epoch is None else as_whole_number(steps_per_epoch, "steps_per_epoch")
        self.progress = as_choice(progress, "progress", ("bar", "silent"))
        self.data = as_data(data, "data")
        self.validation = None if validation is None else as_data(validation, "validation")
        tests = {} if tests is None else as_mapping(tests, "tests")
        self.tests = {test: as_data(part, f"tests[{test!r}]") for test, part in tests.items()}
        self.select = as_names(select, "select")
        for quantity in self.select:
            prefers_high(quantity)
            if quantity.startswith("val_") and validation is None:
                raise CourseError(f"select names {quantity!r}, for which validation data are needed.")
        self.network, network = new_network(build, self.seed)
        self.parameters = {"epochs": self.epochs, "seed": self.seed, "batch_size": self.batch_size}
        self.parameters |= {"steps_per_epoch": self.steps, "details": details, "select": sorted(self.select)}
        data, validation = data_hash(self.data), data_hash(self.validation)
        self.key = training_key(network=network, parameters=self.parameters, data=data, validation=validation)
        self._check_data()

    def _check_data(self):
        """Raise a CourseError for data that the key does not show, or that do not fit the network."""
        parts = {"data": self.data, "validation": self.validation, **self.tests}
        if not self.parameters["details"] and any(map(callable, parts.values())):
            raise CourseError("data that come from a function need details that describe them, for the key.")
        shape = tuple(self.network.inputs[0].shape[1:])
        for name, data in parts.items():
            came = shape if data is None or callable(data) else data[0].shape[1:]
            if len(came) != len(shape) or any(side not in (None, own) for side, own in zip(shape, came)):
                raise CourseError(f"the network takes images of shape {shape}, and {name!r} holds {came}: resize them.")

    def sentence(self, words):
        """Return one line that says where the training came from.

        Args:
            words: what is said of it.
        """
        return f"{self.name}: {words} (seed {self.seed}, key {self.key[: kept_files.KEY_DIGITS]})"


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
        self._plan = plan
        self._take(record, fresh=fresh, said=said)

    def __repr__(self):
        return f"KeptTraining({self.sentence!r})"

    def _take(self, record, *, fresh, said):
        """Make a record's numbers one's own."""
        self._record, self.fresh, self.sentence = record, fresh, said
        self.key, self.seconds, self.history = record["key"], record["seconds"], record["history"]
        self.scores = {test: record["tests"][test]["scores"] for test in self._plan.tests}
        self.best = {name: epoch for name, (epoch, _) in record["best"].items()}
        self._plan.network = None  # its memory is wanted for the next training

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
        record, epoch = self._record, self.best.get(which, self._record["epochs"])
        validation = {name: values[epoch - 1] for name, values in self.history.items() if name.startswith("val_")}
        same = {part: record[part] for part in ("key", "seed", "epochs", "seconds", "versions")}
        tests = {test: scores[which] for test, scores in self.scores.items()}
        about = {"training": record["name"], "which": which, "epoch": epoch}
        return about | same | {"validation": validation, "tests": tests}

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
        network = self._read(which)
        if network is None:
            self._plan.network, _ = new_network(self._plan.build, self._plan.seed)
            record, said = train(self._plan, reason="its network was not here, ")
            self._take(record, fresh=True, said=said)
            network = self._read(which)
        if network is None:
            raise FileNotFoundError("a network trained anew is missing again: does a process empty build/trained?")
        return network

    def _require(self, which):
        if not isinstance(which, str) or which not in self._record["networks"]:
            raise KeyError(f"no network {brief(which)} is kept; there are {', '.join(self._record['networks'])}.")

    def _read(self, which):
        """The kept network, or None."""
        return kept_files.read_network(self._plan.name, self._plan.key, which, self._record["networks"][which])


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
        name: beginning of the files' names: small letters, digits, "_" and "-". Its first word (before "_" or "-")
            is the data set's: results go into the file of that name, "mnist_small" into ``results/mnist.json``.
        epochs: how many epochs, at least 1.
        seed: integer from 0 to 4,000,000: decides initial weights, order of the images, and Dropout.
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
    callbacks = as_list(callbacks, "callbacks")
    for callback in callbacks:
        if not isinstance(callback, keras.callbacks.Callback):
            raise CourseError(f"callbacks must be Keras callbacks, and {brief(callback)} came: give LivePlot(), say.")
    choices = (validation, tests, select, details, progress)
    plan = Plan(build, data, name, epochs, seed, batch_size, steps_per_epoch, *choices)
    fresh = os.environ.get("FRESH", "") not in ("", "0")
    record = None if fresh else _with_every_test(plan, kept_files.read_record(plan.name, plan.key))
    trained_now = record is None
    if trained_now:
        record, said = train(plan, callbacks, resume=not fresh)
    else:
        said = plan.sentence("taken from kept results")
        ProgressLine(name, epochs=plan.epochs, done=plan.epochs, show=progress).end(said)
        for callback in callbacks:  # those that can show its history
            if hasattr(callback, "continue_from"):
                callback.continue_from(record["history"])
                callback.on_train_end()
    keras.utils.set_random_seed(plan.seed)  # what follows must not depend on whether we trained
    return KeptTraining(plan, record, fresh=trained_now, said=said)


def _with_every_test(plan, record):
    """Add the scores of tests that kept results lack; None where that needs a network that is not here."""
    if record is None:
        return None
    hashes = {test: data_hash(data) for test, data in plan.tests.items()}
    missing = [test for test in hashes if record["tests"].get(test, {}).get("sha256") != hashes[test]]
    if not missing:
        return record
    read = {
        which: kept_files.read_network(plan.name, plan.key, which, sha) for which, sha in record["networks"].items()
    }
    if None in read.values():
        return None
    record["tests"] |= tested(plan, missing, {which: network.get_weights() for which, network in read.items()})
    kept_files.write_record(record)
    return record
