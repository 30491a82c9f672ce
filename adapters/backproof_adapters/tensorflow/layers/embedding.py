"""Embedding."""

from typing import Any

import keras
import numpy as np
import tensorflow as tf

from backproof.layers import Shape
from backproof_adapters.base import AS_IS, Row
from backproof_adapters.tensorflow.layers.table import Build


class Embedding(keras.layers.Embedding):  # type: ignore[misc]
    """The native layer's table, looked up with a dense gradient, which is 0 in a constant row.

    The native gradient is sparse, and an optimizer given such a one leaves the momenta of other rows as they are.
    """

    constant_rows: tuple[int, ...] = ()

    def call(self, x: Any) -> Any:
        """Return the rows of the indices."""
        constant = np.isin(np.arange(self.input_dim), self.constant_rows)[:, None]
        return tf.gather(tf.where(constant, tf.stop_gradient(self.embeddings), self.embeddings), x)


def _embedding(layer: Any, shape: Shape, **common: Any) -> Any:
    made = Embedding(layer.vocabulary, layer.units, embeddings_initializer="zeros", **common)
    made.constant_rows = layer.constant_rows
    return made


ROWS: dict[str, Row[Build]] = {"embedding": Row(_embedding, {"weight": ("embeddings", AS_IS)})}
