"""Minus the evidence lower bound."""

from typing import Any

import tensorflow as tf

from backproof_adapters.base import row_for
from backproof_adapters.tensorflow.losses import binary_cross_entropy, regression
from backproof_adapters.tensorflow.losses.terms import Terms


def evidence_lower_bound(loss: Any, a: Any, y: Any) -> Any:
    """Σ ρ(r, y) + β Σ ½(eᵛ + μ² − 1 − v), with ρ another row of the table."""
    r, mean, log_variance = tf.split(a, [-1, loss.latent, loss.latent], axis=-1)
    error = row_for(regression.ROWS | binary_cross_entropy.ROWS, loss.error(), "tensorflow")(loss.error(), r, y)
    divergence = 0.5 * (tf.exp(log_variance) + mean * mean - 1.0 - log_variance)
    return tf.reduce_sum(error, axis=-1) + loss.beta * tf.reduce_sum(divergence, axis=-1)


ROWS: dict[str, Terms] = {"evidence_lower_bound": evidence_lower_bound}
