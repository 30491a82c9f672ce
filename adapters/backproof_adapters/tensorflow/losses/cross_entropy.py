"""Cross-entropy over classes, and the divergence of distributions."""

from typing import Any

import tensorflow as tf

from backproof_adapters.tensorflow.losses.terms import Counted, Terms


def cross_entropy(loss: Any, a: Any, y: Any) -> Any:
    """−Σ v q log softmax(a), one term per row; natively for class indices.

    For distributions the native operation returns softmax(a) − q as the gradient of its value, which is
    softmax(a) Σq − q; the rounding of q makes the difference.
    """
    classes = a.shape[-1]
    plain = loss.class_weights is None and loss.ignore_index is None
    if loss.integer_targets():
        y = tf.cast(y, tf.int64)
        if plain and not loss.label_smoothing:
            return tf.nn.sparse_softmax_cross_entropy_with_logits(y, a)
    one_hot = tf.one_hot(y, classes, dtype=a.dtype) if loss.integer_targets() else y
    q = one_hot
    if loss.label_smoothing:
        q = (1.0 - loss.label_smoothing) * one_hot + loss.label_smoothing / classes
    if plain:
        return -tf.reduce_sum(q * tf.nn.log_softmax(a), axis=-1)
    weights = tf.constant(loss.class_weights or [1.0] * classes, a.dtype)
    if loss.ignore_index is not None:
        weights *= tf.cast(y != loss.ignore_index, a.dtype)[..., None]
    return Counted(
        -tf.reduce_sum(weights * q * tf.nn.log_softmax(a), axis=-1), tf.reduce_sum(weights * one_hot, axis=-1)
    )


def kl_divergence(loss: Any, a: Any, y: Any) -> Any:
    """Return y (log y − log p), 0 for y = 0. Keras takes probabilities and clips them to [1e-7, 1]."""
    log_p = tf.nn.log_softmax(a) if loss.output == "logits" else a
    return tf.math.xlogy(y, y) - y * log_p


ROWS: dict[str, Terms] = {"cross_entropy": cross_entropy, "kl_divergence": kl_divergence}
