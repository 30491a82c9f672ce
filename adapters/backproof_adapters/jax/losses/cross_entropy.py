"""Cross-entropy over classes."""

from typing import Any

import jax
import optax

from backproof_adapters.jax.losses.terms import Terms


def cross_entropy(loss: Any, a: jax.Array, y: jax.Array) -> jax.Array:
    """Return −Σ q log softmax(a) per row, with q = (1 − s)y + s / C for a label smoothing of s."""
    if loss.integer_targets() and not loss.label_smoothing:
        return optax.softmax_cross_entropy_with_integer_labels(a, y)
    one_hot = jax.nn.one_hot(y, a.shape[-1], dtype=a.dtype) if loss.integer_targets() else y
    return optax.softmax_cross_entropy(a, optax.smooth_labels(one_hot, loss.label_smoothing))


ROWS: dict[str, Terms] = {"cross_entropy": cross_entropy}
