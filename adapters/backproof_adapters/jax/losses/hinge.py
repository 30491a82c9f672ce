"""Hinge losses. `jax.nn.relu` has the slope 0 at its kink that the spec says; optax' maximum has ½ there."""

from typing import Any

import jax
import jax.numpy as jnp

from backproof_adapters.jax.losses.terms import Terms


def multiclass_hinge(loss: Any, a: jax.Array, y: jax.Array) -> jax.Array:
    """Return Σ_c or the largest of max(0, margin − a_y + a_c)ᵖ over the wrong classes.

    By hand: optax has no sum, and its maximum shares the gradient among equal scores.
    """
    own = jax.nn.one_hot(y, a.shape[-1], dtype=bool)
    margins = loss.margin - jnp.take_along_axis(a, y[..., None], axis=-1) + a
    margins = jax.nn.relu(jnp.where(own, 0.0, margins)) ** loss.power
    if loss.form == "weston_watkins":
        return margins.sum(-1)
    first = jnp.argmax(margins, axis=-1, keepdims=True)
    return jnp.take_along_axis(margins, first, axis=-1)[..., 0]


ROWS: dict[str, Terms] = {
    "hinge": lambda loss, a, y: jax.nn.relu(1.0 - y * a) ** loss.power,
    "multiclass_hinge": multiclass_hinge,
}
