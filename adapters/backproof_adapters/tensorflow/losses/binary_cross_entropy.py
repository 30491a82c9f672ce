"""Binary cross-entropies."""

from typing import Any

import tensorflow as tf

from backproof_adapters.tensorflow.losses.terms import Terms


def binary_cross_entropy(loss: Any, a: Any, y: Any) -> Any:
    """−y log a − (1 − y) log(1 − a). Keras clips a to [1e-7, 1 − 1e-7], which also stops the gradient there."""
    return -(y * tf.math.log(a)) - (1.0 - y) * tf.math.log1p(-a)


ROWS: dict[str, Terms] = {
    "binary_cross_entropy": binary_cross_entropy,
    "binary_cross_entropy_with_logits": lambda loss, a, y: tf.nn.sigmoid_cross_entropy_with_logits(y, a),
}
