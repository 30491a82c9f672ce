"""Upsampling: nearest natively, bilinear as the mean of two neighbours on each axis."""

from typing import Any

import keras
import numpy as np
import tensorflow as tf

from backproof.layers import Shape
from backproof_adapters.base import Row
from backproof_adapters.tensorflow.layers.table import Build


class Bilinear(keras.layers.Layer):  # type: ignore[misc]
    """(1 − t) · the neighbour below + t · the neighbour above, rows first.

    Not `keras.layers.UpSampling2D`: `tf.image.resize` computes in float32 whatever the input, 5e-8 off in float64,
    and does not align corners.
    """

    def __init__(self, factors: Shape, align_corners: bool, **common: Any) -> None:
        super().__init__(**common)
        self.factors, self.align_corners = factors, align_corners

    def call(self, x: Any) -> Any:
        """Return x (B, H, W, C) with more rows and columns."""
        for axis, factor in enumerate(self.factors, start=1):
            n = x.shape[axis]
            place = self._places(n, factor)
            low = np.minimum(place.astype(int), max(n - 2, 0))
            shape = [-1 if i == axis else 1 for i in range(4)]
            t = tf.constant((place - low).reshape(shape), x.dtype)
            x = (1.0 - t) * tf.gather(x, low, axis=axis) + t * tf.gather(x, np.minimum(low + 1, n - 1), axis=axis)
        return x

    def _places(self, n: int, factor: int) -> Any:
        """Return where the outputs lie in the input."""
        if self.align_corners:
            return np.linspace(0.0, n - 1, n * factor)
        return np.clip((np.arange(n * factor) + 0.5) / factor - 0.5, 0.0, n - 1)


def _upsample(layer: Any, shape: Shape, **common: Any) -> Any:
    if layer.interpolation == "nearest":
        return keras.layers.UpSampling2D(layer.factors, "channels_last", "nearest", **common)
    return Bilinear(layer.factors, layer.align_corners, **common)


ROWS: dict[str, Row[Build]] = {"upsample": Row(_upsample)}
