"""Binary cross-entropies, and focal loss."""

from typing import Any

import jax
import jax.numpy as jnp
import optax

from backproof_adapters.jax.losses.terms import Terms


def binary_cross_entropy(loss: Any, a: jax.Array, y: jax.Array) -> jax.Array:
    """Return −y log a − (1 − y) log(1 − a), nothing clipped. Built by hand: optax has the form on logits only."""
    return -(y * jnp.log(a)) - (1.0 - y) * log_of_rest(a)


def log_of_rest(a: jax.Array) -> jax.Array:
    """Return log(1 − a): `jnp.log1p(-a)` for small a only.

    XLA's float64 log1p is off by 240 units of roundoff between −0.42 and −0.34, on the CPU in jax 0.10.2;
    from a = 0.3 on log(1 − a) is exact to rounding.
    """
    small = a < 0.3
    return jnp.where(small, jnp.log1p(-jnp.where(small, a, 0.0)), jnp.log(1.0 - a))


def with_logits(loss: Any, a: jax.Array, y: jax.Array) -> jax.Array:
    """Return −py log σ(a) − (1 − y) log σ(−a); optax has the form without p, the positive weight."""
    if loss.positive_weight == 1.0:
        return optax.sigmoid_binary_cross_entropy(a, y)
    return -loss.positive_weight * y * jax.nn.log_sigmoid(a) - (1.0 - y) * jax.nn.log_sigmoid(-a)


ROWS: dict[str, Terms] = {
    "binary_cross_entropy": binary_cross_entropy,
    "binary_cross_entropy_with_logits": with_logits,
    "focal": lambda loss, a, y: optax.sigmoid_focal_loss(a, y, alpha=loss.alpha, gamma=loss.gamma),
}
