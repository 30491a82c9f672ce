"""Embedding."""

from typing import Any

import keras
import tensorflow as tf

from backproof.layers import Shape
from backproof_adapters.base import AS_IS, Row
from backproof_adapters.tensorflow.layers.table import Build


class Embedding(keras.layers.Embedding):  # type: ignore[misc]
    """The native layer, with a row that gets no gradient; its own `mask_zero` only tells later layers."""

    padding_index: int | None = None

    def call(self, x: Any) -> Any:
        """Return the rows of the indices."""
        y = super().call(x)
        if self.padding_index is None:
            return y
        return tf.where((x == self.padding_index)[..., None], tf.stop_gradient(y), y)


def _embedding(layer: Any, shape: Shape, **common: Any) -> Any:
    made = Embedding(layer.vocabulary, layer.units, embeddings_initializer="zeros", **common)
    made.padding_index = layer.padding_index
    return made


ROWS: dict[str, Row[Build]] = {"embedding": Row(_embedding, {"weight": ("embeddings", AS_IS)})}
