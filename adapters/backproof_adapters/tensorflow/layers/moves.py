"""Layers that only move numbers."""

from typing import Any

import keras
import tensorflow as tf

from backproof.layers import Shape
from backproof_adapters.base import Row
from backproof_adapters.tensorflow.layers.table import Build


class Take(keras.layers.Layer):  # type: ignore[misc]
    """One position on one axis; Keras has no layer for it."""

    def __init__(self, axis: int, index: int, **common: Any) -> None:
        super().__init__(**common)
        self.axis, self.index = axis, index

    def call(self, x: Any) -> Any:
        """Return what stands there."""
        return tf.gather(x, self.index, axis=self.axis + 1)


class Pad(keras.layers.Layer):  # type: ignore[misc]
    """Zeros around all axes but the first and the last; Keras' ZeroPadding layers each know one number of axes."""

    def __init__(self, widths: list[tuple[int, int]], **common: Any) -> None:
        super().__init__(**common)
        self.widths = widths

    def call(self, x: Any) -> Any:
        """Return the padded input."""
        return tf.pad(x, self.widths)


def _permute(layer: Any, shape: Shape, **common: Any) -> Any:
    return keras.layers.Permute(layer.order[1:], **common)  # Keras counts the batch axis, and does not name it


ROWS: dict[str, Row[Build]] = {
    "flatten": Row(lambda layer, shape, **common: keras.layers.Flatten("channels_last", **common)),
    "reshape": Row(lambda layer, shape, **common: keras.layers.Reshape(layer.shape, **common)),
    "permute": Row(_permute),
    "take": Row(lambda layer, shape, **common: Take(*layer.place(shape), **common)),
    "pad": Row(lambda layer, shape, **common: Pad(layer.widths, **common)),
}
