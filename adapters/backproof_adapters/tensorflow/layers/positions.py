"""Positions: tables that are added, and a token before the steps."""

from typing import Any

import keras
import tensorflow as tf

from backproof_adapters.base import AS_IS, Row
from backproof_adapters.tensorflow.layers.table import Build


class LearnedPositions(keras.layers.Layer):  # type: ignore[misc]
    """x + P, with P a table of the shape of one observation."""

    def build(self, shape: Any) -> None:
        """Make the table."""
        self.table = self.add_weight(shape=shape[1:], initializer="zeros", name="table")

    def call(self, x: Any) -> Any:
        """Return the sum."""
        return x + self.table


class SinusoidalPositions(keras.layers.Layer):  # type: ignore[misc]
    """x + P, with P sines and cosines; Keras has none."""

    def __init__(self, base: float, pairs: str, **common: Any) -> None:
        super().__init__(**common)
        self.base, self.pairs = base, pairs

    def call(self, x: Any) -> Any:
        """Return the sum."""
        angle = angles(x.shape[1], x.shape[2], self.base, x.dtype)
        return x + together(tf.sin(angle), tf.cos(angle), self.pairs)


class ClassToken(keras.layers.Layer):  # type: ignore[misc]
    """A learned vector before the steps."""

    def build(self, shape: Any) -> None:
        """Make the vector."""
        self.token = self.add_weight(shape=shape[-1:], initializer="zeros", name="token")

    def call(self, x: Any) -> Any:
        """Return the longer sequence."""
        token = tf.broadcast_to(self.token, [tf.shape(x)[0], 1, x.shape[-1]])
        return tf.concat([token, x], axis=1)


def angles(steps: int, size: int, base: float, dtype: Any) -> Any:
    """Return t · base^(−2i / size): (steps, size / 2)."""
    t, twice_i = tf.range(steps), tf.range(0, size, 2)  # of integers: tf.cast keeps those exact
    return tf.cast(t, dtype)[:, None] * tf.constant(base, dtype) ** (-tf.cast(twice_i, dtype) / size)


def apart(x: Any, pairs: str) -> tuple[Any, Any]:
    """Return the first and the second of every pair of the last axis: neighbours, or one of each half."""
    if pairs == "interleaved":
        return x[..., 0::2], x[..., 1::2]
    first, second = tf.split(x, 2, axis=-1)
    return first, second


def together(first: Any, second: Any, pairs: str) -> Any:
    """Return the pairs as one axis again."""
    if pairs == "interleaved":
        shape = tf.concat([tf.shape(first)[:-1], [2 * first.shape[-1]]], axis=0)
        return tf.reshape(tf.stack([first, second], axis=-1), shape)
    return tf.concat([first, second], axis=-1)


ROWS: dict[str, Row[Build]] = {
    "learned_positions": Row(
        lambda layer, shape, **common: LearnedPositions(**common), {"table": ("table", AS_IS)}
    ),
    "sinusoidal_positions": Row(
        lambda layer, shape, **common: SinusoidalPositions(layer.base, layer.pairs, **common)
    ),
    "class_token": Row(lambda layer, shape, **common: ClassToken(**common), {"token": ("token", AS_IS)}),
}
