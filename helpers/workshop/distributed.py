"""What one worker of a distributed training does; needs Keras on JAX (KERAS_BACKEND=jax).

All workers build the same network from the same seed, and walk through the same batches, of which each feeds its own
share. Keras' DataParallel makes one large batch of the shares; JAX sums the gradients over all processes. So each step
is that of one process with the whole batch, but for the order in which numbers are added.
"""

import json

import keras

from helpers import datasets
from helpers._shared.errors import CourseError
from helpers._shared.files import beside, write_beside
from helpers.course import build_folder
from helpers.models import mnist_cnn
from helpers.training.batches import Batches

__all__ = ["Share", "train"]


class Share(keras.utils.PyDataset):
    """One worker's part of every batch: neighbours, as many for each worker.

    Args:
        batches: PyDataset of whole batches, the same in every worker, whose images the workers can share equally.
        worker: number of this one, counted from 0.
        processes: how many workers there are.
    """

    def __init__(self, batches, worker, processes):
        super().__init__()
        self._batches, self._worker, self._processes = batches, worker, processes

    def __len__(self):
        return len(self._batches)

    def __getitem__(self, index):
        images, labels = self._batches[index]
        each = len(images) // self._processes
        own = slice(self._worker * each, (self._worker + 1) * each)
        return images[own], labels[own]


def train(arguments):
    """Train as one of the workers; worker 0 prints each epoch and keeps what came of it in build/distributed/.

    The losses of all steps go into N-processes.json, the network of several processes into mnist_cnn.keras.

    Args:
        arguments: the options of the command: processes, worker, coordinator, epochs, images, batch and seed.

    Raises:
        CourseError: if there are fewer digits than a batch takes.
        RuntimeError: if the other workers cannot be reached.
    """
    if arguments.processes > 1:
        _meet(arguments)
    digits = datasets.mnist()
    part = digits.train.subset(min(arguments.images, len(digits.train)))
    pair = part.images, part.labels
    steps = len(part) // arguments.batch  # of an epoch; what is left over comes first in the next one
    if not steps:
        raise CourseError(f"{len(part)} digits are fewer than a batch of {arguments.batch}: give a smaller --batch.")
    losses = []
    note = keras.callbacks.LambdaCallback(on_train_batch_end=lambda step, logs: losses.append(float(logs["loss"])))
    with keras.distribution.DataParallel(auto_shard_dataset=False).scope():
        network = _new_network(arguments.seed)
        for epoch in range(1, arguments.epochs + 1):
            whole = Batches(*pair, batch_size=arguments.batch, seed=arguments.seed, epoch=epoch, steps=steps)
            share = Share(whole, arguments.worker, arguments.processes)
            network.fit(share, shuffle=False, verbose=0, callbacks=[note])
            if arguments.worker == 0:
                print(f"epoch {epoch} of {arguments.epochs}: loss {losses[-1]:.4f}", flush=True)
    if arguments.worker == 0:
        found = {"images": len(part), "steps": steps, "notes": list(digits.notes), "losses": losses}
        write_beside(build_folder("distributed") / f"{arguments.processes}-processes.json", json.dumps(found))
        if arguments.processes > 1:
            _save(network)


def _save(network):
    """Save a network that several processes share: by a copy, or all of them would have to save it together."""
    own = mnist_cnn()
    own.set_weights([keras.ops.convert_to_numpy(variable) for variable in network.weights])
    with beside(build_folder("distributed") / "mnist_cnn.keras") as file:
        own.save(file)


def _meet(arguments):
    """Wait for the other workers; from here on JAX sees the devices of all."""
    import jax

    jax.config.update("jax_cpu_collectives_implementation", "gloo")  # how CPUs add up; GPUs have their own way
    processes, worker = arguments.processes, arguments.worker
    jax.distributed.initialize(arguments.coordinator, num_processes=processes, process_id=worker)


def _new_network(seed):
    keras.utils.set_random_seed(seed)
    network = mnist_cnn()
    network.compile("adam", "sparse_categorical_crossentropy")
    return network
