"""Attention."""

import math
from typing import Any

import keras
import tensorflow as tf

from backproof.layers import Shape
from backproof_adapters.base import AS_IS, Row
from backproof_adapters.tensorflow.layers.positions import angles, apart, together
from backproof_adapters.tensorflow.layers.table import Build


class Attention(keras.layers.Layer):  # type: ignore[misc]
    """Four dense layers around a softmax.

    Not Keras' MultiHeadAttention: it rounds 1/√d to float32, attends evenly where a query may see no key, and has
    no biases but all or none, and no rotation.
    """

    lengths: Any = None
    """(B,), how many of the first keys are seen; all if None."""
    mask: Any = None
    """(B, T, S), not 0 where a key may be seen; everywhere if None."""

    def __init__(self, layer: Any, shape: Shape, *, name: str, dtype: str) -> None:
        super().__init__(name=name, dtype=dtype)
        self.layer = layer
        self.size = layer.size(shape[-1])

        def dense(which: str) -> Any:
            of = layer.maps(shape[-1])[which]
            return keras.layers.Dense(
                of.units, use_bias=of.bias, kernel_initializer="zeros", name=which, dtype=dtype
            )

        self.query_dense, self.key_dense = dense("query"), dense("key")
        self.value_dense, self.output_dense = dense("value"), dense("output")

    def build(self, shape: Any) -> None:
        """Make the weights."""
        for dense in (self.query_dense, self.key_dense, self.value_dense):
            dense.build(shape)
        self.output_dense.build((*shape[:-1], self.query_dense.units))

    def call(self, x: Any) -> Any:
        """Return y: (B, T, E), or (B, T − M, E) after a memory of M positions."""
        memory = self.layer.memory
        lookers, seen = (x[:, memory:], x[:, :memory]) if memory else (x, x)
        q, k, v = (
            self._heads(z) for z in (self.query_dense(lookers), self.key_dense(seen), self.value_dense(seen))
        )
        if self.layer.rotary != "none":
            q, k = self._rotated(q), self._rotated(k)
        sharing = q.shape[2] // k.shape[2]
        k, v = tf.repeat(k, sharing, axis=2), tf.repeat(v, sharing, axis=2)
        z = tf.einsum("bthd,bshd->bhts", q, k) / math.sqrt(self.size)
        may = self._allowed(q.shape[1], k.shape[1])
        a = tf.nn.softmax(tf.where(may, z, -1e30), axis=-1)
        a = tf.where(tf.reduce_any(may, axis=-1, keepdims=True), a, 0.0)
        o = tf.einsum("bhts,bshd->bthd", a, v)
        return self.output_dense(tf.reshape(o, [-1, o.shape[1], self.query_dense.units]))

    def _heads(self, z: Any) -> Any:
        return tf.reshape(z, [-1, z.shape[1], z.shape[2] // self.size, self.size])  # (B, T, heads, d)

    def _rotated(self, z: Any) -> Any:
        angle = angles(z.shape[1], self.size, self.layer.rotary_base, z.dtype)[:, None]
        a, b = apart(z, self.layer.rotary)
        cos, sin = tf.cos(angle), tf.sin(angle)
        return together(a * cos - b * sin, a * sin + b * cos, self.layer.rotary)

    def _allowed(self, queries: int, keys: int) -> Any:
        may = tf.ones([1, 1, queries, keys], tf.bool)
        if self.layer.causal:
            may = tf.linalg.band_part(may, -1, 0)
        if self.lengths is not None:
            may = may & (tf.range(keys, dtype=self.lengths.dtype) < self.lengths[:, None, None, None])
        if self.mask is not None:
            may = may & (self.mask != 0)[:, None]
        return may


_MAPS = ("query", "key", "value", "output")

ROWS: dict[str, Row[Build]] = {
    "attention": Row(
        Attention,
        {f"{name}.weight": (f"{name}_dense.kernel", AS_IS) for name in _MAPS}
        | {f"{name}.bias": (f"{name}_dense.bias", AS_IS) for name in _MAPS},
    )
}
