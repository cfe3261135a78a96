"""What one worker of a distributed training does; needs Keras on JAX (KERAS_BACKEND=jax).

All workers build the same network from the same seed, and walk through the same batches, of which each feeds its own
share. Keras' DataParallel makes one large batch of the shares; JAX sums the gradients over all processes. So each step
is that of one process with the whole batch, but for the order in which numbers are added.
"""

import keras
import numpy as np

from helpers import datasets
from helpers._shared.errors import CourseError
from helpers.models import mnist_cnn
from helpers.training.batches import Batches
from helpers.training.kept_key import data_hash
from helpers.workshop.distributed import checkpoints
from helpers.workshop.distributed.task import share

__all__ = ["Share", "train"]


class Share(keras.utils.PyDataset):
    """One worker's part of every batch.

    Args:
        batches: PyDataset of whole batches, the same in every worker.
        task: the Task: which worker, of how many.
    """

    def __init__(self, batches, task):
        super().__init__()
        self._batches, self._task = batches, task

    def __len__(self):
        return len(self._batches)

    def __getitem__(self, index):
        images, labels = self._batches[index]
        own = share(len(images), self._task.worker, self._task.processes)
        return images[own], labels[own]


class _Noting(keras.callbacks.Callback):
    """Note loss and accuracy at each step, and report them."""

    def __init__(self, rows, report):
        super().__init__()
        self.rows, self.report = rows, report

    def on_train_batch_end(self, batch, logs=None):
        self.rows.append([float(logs["loss"]), float(logs["accuracy"])])
        self.report("step", step=len(self.rows), loss=self.rows[-1][0])


def train(task, report):
    """Train as one of the task's workers, from the beginning or from what an interrupted training has kept.

    Args:
        task: a Task; its coordinator is needed where there are several processes.
        report: function that worker 0 calls with what happened and its numbers: "begin" (images, steps, done,
            notes, key), "step" (step, loss), "epoch" (epoch, loss, accuracy; it is kept by then) and "end" (rows, and
            the network's file name).

    Raises:
        CourseError: if there are fewer digits than a batch takes.
        RuntimeError: if the other workers cannot be reached.
    """
    if task.processes > 1:
        _meet(task)
    digits = datasets.mnist()
    part = digits.train.subset(min(task.images, len(digits.train)))
    steps = len(part) // task.batch_size  # of an epoch; what is left over comes first in the next one
    if not steps:
        raise CourseError(f"{len(part)} digits are fewer than a batch of {task.batch_size}: give a smaller --batch.")
    key = task.key(data=data_hash((part.images, part.labels)), keras=keras.__version__)
    own, rows = _own_network(task, key)
    distribution = keras.distribution.DataParallel(auto_shard_dataset=False)
    with distribution.scope():
        network = _new_network(task)
        rows = _give_all(own, network, rows, task)
    report = report if task.worker == 0 else lambda *args, **numbers: None
    report("begin", images=len(part), steps=steps, done=len(rows) // steps, notes=list(digits.notes), key=key)
    for epoch in range(len(rows) // steps + 1, task.epochs + 1):
        batches = Batches(
            part.images, part.labels, batch_size=task.batch_size, seed=task.seed, epoch=epoch, steps=steps
        )
        with distribution.scope():
            network.fit(Share(batches, task), shuffle=False, verbose=0, callbacks=[_Noting(rows, report)])
        if task.worker == 0:
            _assign(own, _values(network))
            checkpoints.write(own, task.processes, key, rows)
        report("epoch", epoch=epoch, loss=rows[-1][0], accuracy=rows[-1][1])
    report("end", rows=rows, network=checkpoints.files(task.processes, key)[1].name)


def _meet(task):
    """Wait for the other workers; from here on JAX sees the devices of all."""
    import jax

    jax.config.update("jax_cpu_collectives_implementation", "gloo")  # how CPUs add up; GPUs have their own way
    jax.distributed.initialize(task.coordinator, num_processes=task.processes, process_id=task.worker)


def _own_network(task, key):
    """This process' own network, new or as an interrupted training has kept it, and the numbers of its steps.

    What is done with a distributed network is done by all processes together, saving too; so worker 0 copies it
    into this one, which no other process knows of, and saves that.
    """
    if task.worker == 0 and not task.fresh:
        kept = checkpoints.read(task.processes, key)
        if kept is not None:
            return kept
    if task.worker == 0:  # or an old network would stand beside the numbers of the new training
        checkpoints.forget(task.processes, key)
    return _new_network(task), []


def _new_network(task):
    """A compiled network with all its variables, which are the same in every worker: JAX insists on it."""
    keras.utils.set_random_seed(task.seed)
    network = mnist_cnn()
    network.compile("adam", "sparse_categorical_crossentropy", metrics=["accuracy"])
    network.optimizer.build(network.trainable_variables)
    return network


def _variables(network):
    return [*network.variables, *network.optimizer.variables]


def _values(network):
    return [keras.ops.convert_to_numpy(variable) for variable in _variables(network)]


def _assign(network, values):
    for variable, value in zip(_variables(network), values, strict=True):
        variable.assign(np.asarray(value))


def _give_all(own, network, rows, task):
    """Begin every worker's part of the network with worker 0's own, so that hosts need no folder in common.

    Returns:
        The rows so far: worker 0 alone tells the numbers, the others know how many.
    """
    values, steps = _values(own), len(rows)
    if task.processes > 1:
        from jax.experimental import multihost_utils

        steps, values = multihost_utils.broadcast_one_to_all((np.int32(steps), values))
    _assign(network, values)
    return rows or [[float("nan")] * 2] * int(steps)
