"""A learning rate that rises and falls once in a training."""

import keras

from helpers._shared.arguments import as_number

__all__ = ["OneCycle"]


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
