"""Cross-entropy over classes, and the divergence of distributions."""

from typing import Any

import jax
import jax.numpy as jnp
import optax

from backproof_adapters.jax.losses.terms import Counted, Terms


def cross_entropy(loss: Any, a: jax.Array, y: jax.Array) -> jax.Array | Counted:
    """Return −Σ v q log softmax(a) per row, with q = (1 − s)y + s / C for a label smoothing of s.

    optax knows neither class weights nor ignored rows: they go into q.
    """
    classes = a.shape[-1]
    plain = loss.class_weights is None and loss.ignore_index is None
    if plain and loss.integer_targets() and not loss.label_smoothing:
        return optax.softmax_cross_entropy_with_integer_labels(a, y)
    one_hot = jax.nn.one_hot(y, classes, dtype=a.dtype) if loss.integer_targets() else y
    q = optax.smooth_labels(one_hot, loss.label_smoothing)
    if plain:
        return optax.softmax_cross_entropy(a, q)
    weights = jnp.asarray(loss.class_weights or [1.0] * classes, a.dtype)
    kept = jnp.where(y == loss.ignore_index, 0.0, 1.0)[..., None] if loss.integer_targets() else 1.0
    return Counted(optax.softmax_cross_entropy(a, kept * weights * q), (kept * weights * one_hot).sum(-1))


def kl_divergence(loss: Any, a: jax.Array, y: jax.Array) -> jax.Array:
    """Return y (log y − log p), 0 for y = 0. By hand: optax' function sums over the last axis."""
    log_p = jax.nn.log_softmax(a) if loss.output == "logits" else a
    return y * (jnp.log(jnp.where(y > 0, y, 1.0)) - log_p)


ROWS: dict[str, Terms] = {"cross_entropy": cross_entropy, "kl_divergence": kl_divergence}
