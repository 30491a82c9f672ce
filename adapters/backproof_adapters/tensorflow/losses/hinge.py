"""Hinge losses. `tf.nn.relu` has the slope 0 at its kink that the spec says; Keras' maximum has 1 there."""

from typing import Any

import tensorflow as tf

from backproof_adapters.tensorflow.losses.terms import Terms


def hinge(loss: Any, a: Any, y: Any) -> Any:
    """max(0, 1 − ya)ᵖ. Keras averages over the last axis, and takes labels of 0 for −1."""
    margin = tf.nn.relu(1.0 - y * a)
    return margin * margin if loss.power == 2 else margin


def multiclass_hinge(loss: Any, a: Any, y: Any) -> Any:
    """Σ_c or the largest of max(0, margin − a_y + a_c)ᵖ over the wrong classes.

    By hand: Keras has no sum, no margin, and shares the gradient of the maximum among equal scores.
    """
    own = tf.one_hot(tf.cast(y, tf.int64), a.shape[-1], dtype=a.dtype)
    score = tf.reduce_sum(own * a, axis=-1, keepdims=True)
    margins = tf.nn.relu((1.0 - own) * (loss.margin - score + a))
    if loss.form == "crammer_singer":
        margins *= tf.one_hot(tf.argmax(margins, axis=-1), a.shape[-1], dtype=a.dtype)
    return tf.reduce_sum(margins * margins if loss.power == 2 else margins, axis=-1)


ROWS: dict[str, Terms] = {"hinge": hinge, "multiclass_hinge": multiclass_hinge}
