"""Distances between output and target, and the likelihood of counts."""

import math
from typing import Any

import tensorflow as tf

from backproof_adapters.tensorflow.losses.terms import Terms


def huber(loss: Any, a: Any, y: Any) -> Any:
    """½r² for |r| ≤ δ, else δ(|r| − ½δ). `keras.losses.huber` averages over the last axis, if there is one."""
    r = tf.abs(a - y)
    return tf.where(r <= loss.delta, 0.5 * r * r, loss.delta * (r - 0.5 * loss.delta))


def log_cosh(loss: Any, a: Any, y: Any) -> Any:
    """|r| + log(1 + e^−2|r|) − log 2, as r + log(1 + e^−2r) − log 2. Keras averages over the last axis."""
    return a - y + tf.nn.softplus(-2.0 * (a - y)) - math.log(2.0)


def poisson(loss: Any, a: Any, y: Any) -> Any:
    """λ − y log λ. Keras takes rates only, and adds 1e-7 within the logarithm."""
    return tf.exp(a) - y * a if loss.output == "log_rate" else a - y * tf.math.log(a)


def cosine_distance(loss: Any, a: Any, y: Any) -> Any:
    """1 − â·ŷ. Keras' has an ε of 1e-6 and leaves the 1 out."""
    return 1.0 - tf.reduce_sum(_unit(a, loss.epsilon) * _unit(y, loss.epsilon), axis=-1)


def _unit(a: Any, epsilon: float) -> Any:
    """Return a / max(‖a‖, ε), by way of the square: the slope of a norm at 0 is NaN."""
    square = tf.reduce_sum(a * a, axis=-1, keepdims=True)
    return a * tf.math.rsqrt(tf.where(square > epsilon**2, square, epsilon**2))


ROWS: dict[str, Terms] = {
    "squared_error": lambda loss, a, y: tf.math.squared_difference(a, y),
    "absolute_error": lambda loss, a, y: tf.abs(a - y),
    "huber": huber,
    "log_cosh": log_cosh,
    "poisson": poisson,
    "cosine_distance": cosine_distance,
}
