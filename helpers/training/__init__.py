"""Trainings that are kept and resumed, learning rates that fall, augmentation, and callbacks that show how it goes."""

import keras
import numpy as np

from helpers._shared.arguments import as_choice, as_function, as_indices, as_list, as_number, as_shaped, as_whole_number
from helpers._shared.errors import CourseError
from helpers.training.kept import KeptTraining, kept_training
from helpers.training.kept_files import kept_results
from helpers.training.live_plot import LivePlot
from helpers.training.once import folder_for, is_finished

__all__ = [
    "InTurn",
    "KeptTraining",
    "LivePlot",
    "OneCycle",
    "folder_for",
    "is_finished",
    "kept_results",
    "kept_training",
    "learning_rate_schedule",
    "make_optimizer",
    "moved",
]

OPTIMIZERS = {name.lower(): getattr(keras.optimizers, name) for name in ("RMSprop", "Nadam", "Adamax", "Adam", "SGD")}


def learning_rate_schedule(kind, initial, decay_steps, decay_rate):
    """Make a learning rate that stays, falls like a power of time, or falls exponentially.

    With t = iteration / decay_steps, "power" gives initial / (1 + decay_rate * t) and "exponential"
    gives initial * decay_rate ** t. An iteration is one batch, not one epoch.

    Args:
        kind: "none", "power" or "exponential".
        initial: learning rate of the first iteration, above 0.
        decay_steps: iterations to one step of decay, above 0; unused by "none".
        decay_rate: strength of the decay, above 0 ("exponential" grows with one above 1); unused by "none".

    Returns:
        The float ``initial`` for "none", otherwise a keras learning-rate schedule.

    Raises:
        CourseError: if the kind is unknown or a number is out of its range.

    Example:
        >>> falling = learning_rate_schedule("power", 0.001, 1, 0.001)
        >>> float(falling(75040))  # 80 epochs of 938 batches: 1.315e-05
    """
    as_choice(kind, "the kind of schedule", ("none", "power", "exponential"))
    initial = as_number(initial, "the initial learning rate", above=0)
    if kind == "none":
        return initial
    decay_steps = as_number(decay_steps, "decay_steps", above=0)
    decay_rate = as_number(decay_rate, "decay_rate", above=0)
    schedules = keras.optimizers.schedules
    falling = schedules.InverseTimeDecay if kind == "power" else schedules.ExponentialDecay
    return falling(initial, decay_steps, decay_rate)


@keras.saving.register_keras_serializable(package="inside_a_cnn")
class OneCycle(keras.optimizers.schedules.LearningRateSchedule):
    """A triangle: the rate rises in a straight line from 0 to its peak, and falls in a straight line to 0.

    It needs to know how long the training is: after ``steps`` iterations the rate is 0, and the network stays as it
    is. Batch number n is trained with the rate at n + 1/2, the middle of its step, so that neither the first batch
    nor the last is trained with a rate of 0.

    Args:
        peak: the highest learning rate, above 0.
        steps: iterations (batches) of the whole training, at least 1.
        rise: share of the steps in which the rate rises, above 0 and below 1.

    Raises:
        CourseError: if a number is out of its range.

    Source:
        Smith and Topin 2018, "Super-convergence: very fast training of neural networks using large learning rates".

    Example:
        >>> rate = OneCycle(0.1, steps=5 * 430)  # 5 epochs of 430 batches
        >>> optimizer = keras.optimizers.SGD(rate, momentum=0.9, nesterov=True)
    """

    def __init__(self, peak, steps, rise=0.3):
        self.peak = as_number(peak, "the peak of the learning rate", above=0)
        self.steps = as_number(steps, "steps", above=0)
        self.rise = as_number(rise, "rise, the share of the steps in which the rate rises,", above=0, below=1)

    def __call__(self, step):
        """The learning rate of the batch ``step``, counted from 0."""
        share = (keras.ops.cast(step, "float32") + 0.5) / self.steps
        falling = (1 - share) / (1 - self.rise)
        return self.peak * keras.ops.maximum(keras.ops.minimum(share / self.rise, falling), 0.0)

    def get_config(self):
        """What it is made of, as JSON values."""
        return {"peak": self.peak, "steps": self.steps, "rise": self.rise}


def make_optimizer(name, learning_rate, momentum=0):
    """Make an optimizer by name, with a fixed or a falling learning rate.

    Args:
        name: "rmsprop", "nadam", "adamax", "adam" or "sgd".
        learning_rate: a number above 0, or a schedule from ``learning_rate_schedule``.
        momentum: 0 up to (not including) 1; only "rmsprop" and "sgd" take one above 0.

    Returns:
        A new keras optimizer.

    Raises:
        CourseError: if the name is unknown, a number is out of its range, or momentum is given to an
            optimizer of the Adam family, which has its own.
    """
    as_choice(name, "the optimizer", OPTIMIZERS)
    if not isinstance(learning_rate, keras.optimizers.schedules.LearningRateSchedule):
        learning_rate = as_number(learning_rate, "the learning rate", above=0)
    options = {"momentum": as_number(momentum, "momentum", low=0, below=1)}
    if name not in ("rmsprop", "sgd") and options.pop("momentum"):  # the Adam family has beta_1
        raise CourseError(f"{name} has a momentum of its own: leave momentum at 0, or take rmsprop or sgd.")
    return OPTIMIZERS[name](learning_rate=learning_rate, **options)


class InTurn(keras.callbacks.Callback):
    """Let other trainings have a turn within a kept training, whose time does not count theirs.

    So two recipes meet the same moods of a machine: A, B, A, B instead of all of A and then all of B. The training
    that it interrupts is not changed. Where that training is taken from kept results, nobody has a turn.

    Args:
        turns: functions without arguments, called one after another, evenly spread over the epochs, the last one
            after the last epoch.
        epochs: how many epochs the training has, at least as many as there are turns.

    Raises:
        CourseError: if there is no turn or more turns than epochs, a turn is no function, or epochs no whole number.

    Example:
        >>> kept_training(..., epochs=80, callbacks=[InTurn([first, second], 80)])  # after epochs 40 and 80
    """

    def __init__(self, turns, epochs):
        super().__init__()
        turns = [as_function(turn, "a turn") for turn in as_list(turns, "turns")]
        if not 1 <= len(turns) <= as_whole_number(epochs, "epochs"):
            raise CourseError(f"1 to {epochs} turns fit into {epochs} epochs, and {len(turns)} came: give as many.")
        self._turns = {epochs * number // len(turns): turn for number, turn in enumerate(turns, start=1)}

    def between_epochs(self, epoch):
        """Called by a kept training after each epoch (counted from 1), when its clock stands still."""
        if epoch in self._turns:
            self._turns[epoch]()


def moved(images, seed, *, shift=0, turn=0, zoom=0):
    """Shift, turn and enlarge or shrink each image at random, about its middle.

    All images go through one step of Keras' own ``ops.image.affine_transform``, which needs room for them twice: for
    55,000 digits some 0.4 GB, and about a second on one CPU core.
    Whole pixels only are shifted, so that shifts alone change no value; what comes in from outside is 0.

    Args:
        images: ``(images, height, width, channels)``, one at least; not changed.
        seed: an integer, or several in a list, such as [seed, epoch]: the same moves for the same numbers.
        shift: up to so many pixels up, down, left and right: a whole number from 0.
        turn: up to so many degrees to either side, 0 to 180.
        zoom: up to this share larger or smaller, 0 up to (not including) 1.

    Returns:
        A new float32 array of the same shape.

    Raises:
        CourseError: if the images are no such array, or a number is out of its range.

    Example:
        >>> moved(images, [seed, epoch], shift=2)
    """
    images = as_shaped(images, "images", "images, height, width, channels").astype(np.float32)
    shift = as_whole_number(shift, "shift, in pixels,", least=0)
    turn = as_number(turn, "turn, in degrees,", low=0, high=180)
    zoom = as_number(zoom, "zoom, a share,", low=0, below=1)
    rng = np.random.default_rng(as_indices(seed, "the seed"))
    count, height, width, _ = images.shape
    across, down = rng.integers(-shift, shift + 1, (2, count))
    angle = np.radians(rng.uniform(-turn, turn, count))
    scale = 1 / (1 + rng.uniform(-zoom, zoom, count))  # fetched from nearer the middle: the image grows
    # About the middle c a pixel p comes from c + R (p - c) + s: R turns and scales, s shifts.
    cos, sin = scale * np.cos(angle), scale * np.sin(angle)
    x, y = (width - 1) / 2, (height - 1) / 2
    rows = [cos, -sin, x - cos * x + sin * y + across, sin, cos, y - sin * x - cos * y + down, 0 * cos, 0 * cos]
    places = np.stack(rows, axis=1).astype(np.float32)  # for each image, from where its pixels are fetched
    return keras.ops.convert_to_numpy(keras.ops.image.affine_transform(images, places, data_format="channels_last"))
