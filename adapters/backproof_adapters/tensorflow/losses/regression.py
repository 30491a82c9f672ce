"""Distances between output and target, entry by entry."""

from typing import Any

import tensorflow as tf

from backproof_adapters.tensorflow.losses.terms import Terms


def huber(loss: Any, a: Any, y: Any) -> Any:
    """½r² for |r| ≤ δ, else δ(|r| − ½δ). `keras.losses.huber` averages over the last axis, if there is one."""
    r = tf.abs(a - y)
    return tf.where(r <= loss.delta, 0.5 * r * r, loss.delta * (r - 0.5 * loss.delta))


ROWS: dict[str, Terms] = {
    "squared_error": lambda loss, a, y: tf.math.squared_difference(a, y),
    "absolute_error": lambda loss, a, y: tf.abs(a - y),
    "huber": huber,
}
