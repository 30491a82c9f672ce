"""Cross-entropy over classes."""

from typing import Any

import tensorflow as tf

from backproof_adapters.tensorflow.losses.terms import Terms


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


ROWS: dict[str, Terms] = {"cross_entropy": cross_entropy}
