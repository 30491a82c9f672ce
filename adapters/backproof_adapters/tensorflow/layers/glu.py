"""Gated linear units."""

from typing import Any

import keras
import tensorflow as tf

from backproof.layers import Shape
from backproof_adapters.base import Row
from backproof_adapters.tensorflow.layers.table import Build, native


class GLU(keras.layers.Layer):  # type: ignore[misc]
    """a ⊙ f(g), with a and g the halves of the last axis; `keras.activations.glu` knows no f but the sigmoid."""

    def __init__(self, activation: Any, gate_first: bool, **common: Any) -> None:
        super().__init__(**common)
        self.activation, self.gate_first = activation, gate_first

    def call(self, x: Any) -> Any:
        """Return the gated half."""
        a, g = tf.split(x, 2, axis=-1)
        if self.gate_first:
            a, g = g, a
        return a * self.activation(g)


def _glu(layer: Any, shape: Shape, *, name: str, dtype: str) -> Any:
    activation = native(layer.activation, (*shape[:-1], shape[-1] // 2), dtype)
    return GLU(activation, layer.gate == "first", name=name, dtype=dtype)


ROWS: dict[str, Row[Build]] = {"glu": Row(_glu)}
