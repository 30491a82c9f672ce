"""Losses of distances between embeddings."""

from typing import Any

import jax
import jax.numpy as jnp

from backproof_adapters.jax.losses.terms import Terms


def contrastive(loss: Any, a: jax.Array, y: jax.Array) -> jax.Array:
    """Return y D² + (1 − y) max(0, margin − D)²."""
    difference = a[:, 0] - a[:, 1]
    apart = jax.nn.relu(loss.margin - length(difference))
    return y * squared(difference) + (1.0 - y) * apart * apart


def triplet(loss: Any, a: jax.Array, y: jax.Array) -> jax.Array:
    """Return max(0, D(u, p) − D(u, n) + margin). optax' has ½ as its slope at 0, and NaN for equal embeddings."""
    distance = length if loss.distance == "euclidean" else squared
    return jax.nn.relu(distance(a[:, 0] - a[:, 1]) - distance(a[:, 0] - a[:, 2]) + loss.margin)


def squared(difference: jax.Array) -> jax.Array:
    """Return ‖d‖²."""
    return (difference * difference).sum(-1)


def length(difference: jax.Array) -> jax.Array:
    """Return ‖d‖, with the slope 0 at d = 0, where that of `jnp.linalg.norm` is NaN."""
    square = squared(difference)
    return jnp.where(square > 0, jnp.sqrt(jnp.where(square > 0, square, 1.0)), 0.0)


ROWS: dict[str, Terms] = {"contrastive": contrastive, "triplet": triplet}
