"""Losses: the terms ℓ(a, y) of each type, and the one Keras loss that scales and sums them."""

from collections.abc import Callable, Mapping
from typing import Any

import keras
import tensorflow as tf

from backproof.losses import NOTHING


def huber(loss: Any, a: Any, y: Any) -> Any:
    """½r² for |r| ≤ δ, else δ(|r| − ½δ). `keras.losses.huber` averages over the last axis, if there is one."""
    r = tf.abs(a - y)
    return tf.where(r <= loss.delta, 0.5 * r * r, loss.delta * (r - 0.5 * loss.delta))


def binary_cross_entropy(loss: Any, a: Any, y: Any) -> Any:
    """−y log a − (1 − y) log(1 − a). Keras clips a to [1e-7, 1 − 1e-7], which also stops the gradient there."""
    return -(y * tf.math.log(a)) - (1.0 - y) * tf.math.log1p(-a)


def cross_entropy(loss: Any, a: Any, y: Any) -> Any:
    """−Σ q log softmax(a), one term per row; natively for class indices.

    For distributions the native operation returns softmax(a) − q as the gradient of its value, which is
    softmax(a) Σq − q; the rounding of q makes the difference.
    """
    if loss.integer_targets():
        classes = tf.cast(y, tf.int64)
        if not loss.label_smoothing:
            return tf.nn.sparse_softmax_cross_entropy_with_logits(classes, a)
        y = tf.one_hot(classes, a.shape[-1], dtype=a.dtype)
    if loss.label_smoothing:
        y = (1.0 - loss.label_smoothing) * y + loss.label_smoothing / a.shape[-1]
    return -tf.reduce_sum(y * tf.nn.log_softmax(a), axis=-1)


ROWS: dict[str, Callable[[Any, Any, Any], Any]] = {
    "squared_error": lambda loss, a, y: tf.math.squared_difference(a, y),
    "absolute_error": lambda loss, a, y: tf.abs(a - y),
    "huber": huber,
    "binary_cross_entropy": binary_cross_entropy,
    "binary_cross_entropy_with_logits": lambda loss, a, y: tf.nn.sigmoid_cross_entropy_with_logits(y, a),
    "cross_entropy": cross_entropy,
}
"""Loss type → ℓ, from the spec's loss, the network's output and the targets."""


class ScaledLoss(keras.losses.Loss):  # type: ignore[misc]
    """C = factor / n · Σ ℓ, with the spec's factor and reduction.

    Keras' own losses cannot be told a factor, and their reductions know no sum over the entries of a row with
    a mean over the batch; here `call` yields the scalar C itself. The batch may have any size.
    """

    def __init__(self, loss: Any, terms: Callable[[Any, Any, Any], Any], dtype: str) -> None:
        super().__init__(name=loss.type, reduction="sum", dtype=dtype)
        self.spec = loss
        self.terms = terms

    def call(self, y_true: Any, y_pred: Any, side: Mapping[str, Any] = NOTHING) -> Any:
        """Return C. Integer targets may come as whole floats; `side` has what the loss is fed besides."""
        terms = self.terms(self.spec, y_pred, y_true)
        total = tf.reduce_sum(terms)
        if self.spec.reduction == "sum":
            return self.spec.factor * total
        n = tf.size(terms) if self.spec.reduction == "mean" else tf.shape(terms)[0]
        return total * (self.spec.factor / tf.cast(n, terms.dtype))
