"""Ask for a gradient, and climb it: the one place in the package that knows the backends by name."""

import keras
import numpy as np

__all__ = ["pixel_changes", "with_gradient"]


def with_gradient(function):
    """Let a function answer with its gradient as well; compiled once, for many calls.

    Args:
        function: takes an array ``(n, ...)``, or a list of them, and others as tensors; returns values ``(n,)`` of
            which each depends on its own row only, and one more tensor, of which no gradient is asked.

    Returns:
        A function that takes the same as NumPy arrays, and returns three of them: the values, the other
        tensor, and the gradient of each value by its row of the first argument, of a list for each of it. The
        gradient is zero where the values do not depend on it.
    """
    compiled = _on_jax(function) if keras.backend.backend() == "jax" else _on_tensorflow(function)
    return lambda *arrays: keras.tree.map_structure(np.asarray, compiled(*arrays))


def pixel_changes(slope, rate):
    """Say how one step of gradient ascent changes images.

    Args:
        slope: array ``(images, ...)``, the gradient of each image.
        rate: mean change of a pixel.

    Returns:
        Array of the same shape; zero for an image whose gradient is zero everywhere.
    """
    size = np.abs(slope).mean(axis=tuple(range(1, slope.ndim)), keepdims=True)
    return rate * slope / np.where(size > 0, size, 1)


def _on_jax(function):
    import jax

    def asked(first, *others):
        values, back, more = jax.vjp(lambda at: function(at, *others), first, has_aux=True)
        return values, more, back(keras.ops.ones_like(values))[0]

    return jax.jit(asked)


def _on_tensorflow(function):
    import tensorflow as tf

    # A graph, as without one the gradient of a convolution by its weights would be computed too.
    @tf.function(reduce_retracing=True)
    def asked(first, *others):
        with tf.GradientTape(watch_accessed_variables=False) as tape:
            tape.watch(first)
            values, more = function(first, *others)
        slope = tape.gradient(values, first, unconnected_gradients=tf.UnconnectedGradients.ZERO)
        return values, more, slope

    return asked
