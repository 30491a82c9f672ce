"""Losses of distances between embeddings."""

from typing import Any

import tensorflow as tf

from backproof_adapters.tensorflow.losses.terms import Terms


def contrastive(loss: Any, a: Any, y: Any) -> Any:
    """ℓ = y D² + (1 − y) max(0, margin − D)²."""
    difference = a[:, 0] - a[:, 1]
    apart = tf.nn.relu(loss.margin - _length(difference))
    return y * _squared(difference) + (1.0 - y) * apart * apart


def triplet(loss: Any, a: Any, y: Any) -> Any:
    """ℓ = max(0, D(u, p) − D(u, n) + margin)."""
    distance = _length if loss.distance == "euclidean" else _squared
    return tf.nn.relu(distance(a[:, 0] - a[:, 1]) - distance(a[:, 0] - a[:, 2]) + loss.margin)


def _squared(difference: Any) -> Any:
    return tf.reduce_sum(difference * difference, axis=-1)


def _length(difference: Any) -> Any:
    """‖d‖, with the slope 0 at d = 0, where that of `tf.norm` is NaN."""
    square = _squared(difference)
    return tf.where(square > 0, tf.sqrt(tf.where(square > 0, square, tf.ones_like(square))), tf.zeros_like(square))


ROWS: dict[str, Terms] = {"contrastive": contrastive, "triplet": triplet}
