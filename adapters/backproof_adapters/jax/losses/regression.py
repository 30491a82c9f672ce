"""Distances between output and target, and the likelihood of counts."""

from typing import Any

import jax
import jax.numpy as jnp
import optax

from backproof_adapters.jax.losses.terms import Terms


def absolute_error(loss: Any, a: jax.Array, y: jax.Array) -> jax.Array:
    """Return |r| as r · sign(r), with r = a − y: its slope at exactly 0 is 0, that of `jnp.abs` is 1."""
    return (a - y) * jnp.sign(a - y)


def poisson(loss: Any, a: jax.Array, y: jax.Array) -> jax.Array:
    """Return λ − y log λ; optax has none."""
    return jnp.exp(a) - y * a if loss.output == "log_rate" else a - y * jnp.log(a)


def cosine_distance(loss: Any, a: jax.Array, y: jax.Array) -> jax.Array:
    """Return 1 − â·ŷ. By hand: optax' epsilon bounds the length in some versions, its square in others."""
    return 1.0 - (_unit(a, loss.epsilon) * _unit(y, loss.epsilon)).sum(-1)


def _unit(a: jax.Array, epsilon: float) -> jax.Array:
    """Return a / max(‖a‖, ε), by way of the square: the slope of a norm at 0 is NaN."""
    square = (a * a).sum(-1, keepdims=True)
    return a / jnp.sqrt(jnp.where(square > epsilon**2, square, epsilon**2))


ROWS: dict[str, Terms] = {
    "squared_error": lambda loss, a, y: optax.squared_error(a, y),
    "absolute_error": absolute_error,
    "huber": lambda loss, a, y: optax.huber_loss(a, y, delta=loss.delta),
    "log_cosh": lambda loss, a, y: optax.log_cosh(a, y),
    "poisson": poisson,
    "cosine_distance": cosine_distance,
}
