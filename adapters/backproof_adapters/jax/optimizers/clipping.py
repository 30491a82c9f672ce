"""Clipping, as the first link of a chain."""

from typing import Any

import jax
import jax.numpy as jnp
import optax


def clipping(clip: Any) -> optax.GradientTransformation:
    """Return the link that clips: optax's own by value or by the global norm with epsilon 0."""
    if clip.type == "value":
        return optax.clip(clip.limit)
    if clip.scope == "global" and not clip.epsilon:
        return optax.clip_by_global_norm(clip.limit)
    return clip_by_norm(clip.limit, clip.scope, clip.epsilon)


def clip_by_norm(limit: float, scope: str, epsilon: float) -> optax.GradientTransformation:
    """Return the link g ← g · min(1, limit / (‖g‖ + ε)).

    Built by hand: optax clips the global norm only, and has no ε.
    """

    def clip(gradients: Any, parameters: Any) -> Any:
        squares = jax.tree.map(lambda g: jnp.sum(g * g), gradients)
        if scope == "global":
            total = sum(jax.tree.leaves(squares))
            squares = jax.tree.map(lambda _: total, squares)
        return jax.tree.map(
            lambda g, square: g * (limit / jnp.maximum(jnp.sqrt(square) + epsilon, limit)), gradients, squares
        )

    return optax.stateless(clip)
