"""Trainings that are kept: done once, taken from files the next time, gone on with when interrupted."""

import os

import keras

from helpers._shared.arguments import CourseError, as_list, brief
from helpers.training.kept_files import read_network
from helpers.training.kept_key import new_network
from helpers.training.kept_loop import Plan, taken, train

__all__ = ["KeptTraining", "kept_training"]


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
        network = read_network(self._record, which)
        if network is None:
            self._plan.network, _ = new_network(self._plan.build, self._plan.seed)
            self._take(*train(self._plan, reason="its network was not here, "), fresh=True)
            network = read_network(self._record, which)
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
            returns such a pair, or a tf.data pipeline or PyDataset that shuffles by itself; a function needs
            details that describe it.
        name: beginning of the files' names: small letters, digits, "_" and "-". Its first word (before "_" or "-")
            is the data set's: results go into the file of that name, "mnist_small" into ``results/mnist.json``.
        epochs: how many epochs, at least 1.
        seed: integer from 0 to 4,000,000: decides initial weights, order of the images, and Dropout.
        batch_size: images in a batch.
        steps_per_epoch: batches of an epoch, for which the images repeat; None for each image once.
        validation: images and labels like the above, no function, that each epoch ends with; its quantities are named
            ``val_...``
        tests: dict of name -> images and labels, looked at once, after the training.
        select: names of quantities such as "val_accuracy" or "val_loss": the network of the epoch with
            the best value (the first of several such) is kept beside the last.
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
    plan = Plan(build, data, name, epochs, seed, batch_size, steps_per_epoch, validation, tests, select, details)
    fresh = os.environ.get("FRESH", "") not in ("", "0")
    found = None if fresh else taken(plan)
    record, sentence = found or train(plan, callbacks, resume=not fresh)
    keras.utils.set_random_seed(plan.seed)  # what follows must not depend on whether we trained
    return KeptTraining(plan, record, sentence, fresh=found is None)
