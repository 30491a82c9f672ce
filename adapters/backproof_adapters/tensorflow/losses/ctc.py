"""Connectionist temporal classification."""

from typing import Any

import tensorflow as tf

from backproof_adapters.tensorflow.losses.terms import Terms

IMPOSSIBLE = -(2.0**100)


def ctc(loss: Any, a: Any, y: Any) -> Any:
    """−log Σ over the paths, by the recursion of Graves et al. (2006).

    By hand: `tf.nn.ctc_loss` refuses float64, and the older `tf.compat.v1.nn.ctc_loss` is 1e-8 off in it.
    """
    y = tf.cast(y, tf.int64)
    blanks = tf.fill(tf.shape(y), tf.constant(loss.blank, tf.int64))
    ext = tf.reshape(tf.stack([blanks, y], axis=-1), [tf.shape(y)[0], 2 * loss.labels])
    ext = tf.concat([ext, blanks[:, :1]], axis=-1)  # blank, y₁, blank, y₂, … blank
    skip = (ext != loss.blank) & (ext != tf.concat([ext[:, :2], ext[:, :-2]], axis=-1))
    one_hot = tf.one_hot(ext, a.shape[-1], dtype=a.dtype)
    emitted = tf.matmul(tf.nn.log_softmax(a), one_hot, transpose_b=True)  # of every state at every step
    state = tf.range(2 * loss.labels + 1, dtype=tf.int64)
    alpha = _where(state < 2, emitted[:, 0])
    for t in range(1, a.shape[1]):
        ways = [alpha, _moved(alpha, 1), _where(skip, _moved(alpha, 2))]
        alpha = tf.reduce_logsumexp(tf.stack(ways), axis=0) + emitted[:, t]
    end = 2 * tf.math.count_nonzero(y != loss.blank, axis=-1, keepdims=True)
    return -tf.reduce_logsumexp(_where((state == end) | (state == end - 1), alpha), axis=-1)


def _where(possible: Any, a: Any) -> Any:
    return tf.where(possible, a, tf.constant(IMPOSSIBLE, a.dtype))


def _moved(a: Any, by: int) -> Any:
    """Return the states (B, S) moved on by so many places."""
    return tf.pad(a[:, :-by], [[0, 0], [by, 0]], constant_values=IMPOSSIBLE)


ROWS: dict[str, Terms] = {"ctc": ctc}
