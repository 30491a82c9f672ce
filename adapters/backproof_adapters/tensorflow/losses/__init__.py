"""Losses: one row per type, in a file per family, and the one Keras loss that scales and sums them."""

from collections.abc import Mapping
from typing import Any

import keras
import tensorflow as tf

from backproof.discovery import modules
from backproof.losses import NOTHING
from backproof_adapters.base import gathered
from backproof_adapters.tensorflow.losses.terms import Counted, Terms

ROWS: dict[str, Terms] = gathered(modules(__path__, __name__))


class ScaledLoss(keras.losses.Loss):  # type: ignore[misc]
    """C = factor / n · Σ w ℓ, with the spec's factor and reduction.

    Keras' own losses cannot be told a factor, and their reductions know no sum over the entries of a row with
    a mean over the batch; here `call` yields the scalar C itself. The batch may have any size.
    """

    def __init__(self, loss: Any, terms: Terms, dtype: str) -> None:
        super().__init__(name=loss.type, reduction="sum", dtype=dtype)
        self.spec = loss
        self.terms = terms

    def __call__(self, y_true: Any, y_pred: Any, sample_weight: Any = None) -> Any:
        """Return C, as `fit` asks for it: its sample weights are those of a weighted loss."""
        if (sample_weight is None) == self.spec.weighted:
            raise ValueError(f"{self.name}: expected sample weights if and only if the loss is weighted")
        side = {} if sample_weight is None else {"weight": tf.cast(sample_weight, self.dtype)}
        return self.call(tf.cast(y_true, self.dtype), tf.cast(y_pred, self.dtype), side)

    def call(self, y_true: Any, y_pred: Any, side: Mapping[str, Any] = NOTHING) -> Any:
        """Return C. Integer targets may come as whole floats; `side` has what the loss is fed besides."""
        found = self.terms(self.spec, y_pred, y_true)
        terms, counts = found if isinstance(found, Counted) else (found, tf.ones_like(found))
        if self.spec.weighted:
            weight = tf.reshape(side["weight"], [-1, *[1] * (len(terms.shape) - 1)])
            terms, counts = weight * terms, weight * counts
        return tf.reduce_sum(terms) * (self.spec.factor / self._divisor(terms, counts))

    def _divisor(self, terms: Any, counts: Any) -> Any:
        if self.spec.reduction == "sum":
            return 1
        if self.spec.reduction == "weighted_mean":
            return tf.reduce_sum(counts)
        return tf.cast(tf.size(terms) if self.spec.reduction == "mean" else tf.shape(terms)[0], terms.dtype)
