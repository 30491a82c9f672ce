"""Binary cross-entropies, and focal loss."""

from typing import Any

import tensorflow as tf

from backproof_adapters.tensorflow.losses.terms import Terms


def binary_cross_entropy(loss: Any, a: Any, y: Any) -> Any:
    """−y log a − (1 − y) log(1 − a). Keras clips a to [1e-7, 1 − 1e-7], which also stops the gradient there."""
    return -(y * tf.math.log(a)) - (1.0 - y) * tf.math.log1p(-a)


def with_logits(loss: Any, a: Any, y: Any) -> Any:
    """(1 − y) log(1 + eᵃ) + py log(1 + e⁻ᵃ); natively for p = 1.

    `tf.nn.weighted_cross_entropy_with_logits` adds (1 − y)a, which cancels where class 0 is predicted surely.
    """
    if loss.positive_weight == 1.0:
        return tf.nn.sigmoid_cross_entropy_with_logits(y, a)
    return (1.0 - y) * tf.nn.softplus(a) + loss.positive_weight * y * tf.nn.softplus(-a)


def focal(loss: Any, a: Any, y: Any) -> Any:
    """−α_y (1 − p_y)^γ log p_y. Keras' focal cross-entropy clips probabilities, of logits too."""
    z = (2.0 * y - 1.0) * a
    # Not σ(−z)^γ: for γ < 1 its slope is infinite where σ(−z) is rounded to 0.
    terms = tf.exp(loss.gamma * tf.math.log_sigmoid(-z)) * -tf.math.log_sigmoid(z)
    return terms if loss.alpha is None else (loss.alpha * y + (1.0 - loss.alpha) * (1.0 - y)) * terms


ROWS: dict[str, Terms] = {
    "binary_cross_entropy": binary_cross_entropy,
    "binary_cross_entropy_with_logits": with_logits,
    "focal": focal,
}
