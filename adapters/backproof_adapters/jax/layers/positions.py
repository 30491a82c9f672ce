"""Positions: tables that are added, and a token before the steps."""

from collections.abc import Mapping
from typing import Any

import jax
import jax.numpy as jnp

from backproof_adapters.base import Row
from backproof_adapters.jax.layers.table import Apply


def sinusoidal_positions(layer: Any, own: Mapping[str, jax.Array], x: jax.Array) -> jax.Array:
    """Return x + P, with P sines and cosines."""
    angle = angles(x.shape[1], x.shape[2], layer.base, x.dtype)
    return x + together(jnp.sin(angle), jnp.cos(angle), layer.pairs)


def class_token(layer: Any, own: Mapping[str, jax.Array], x: jax.Array) -> jax.Array:
    """Return x with a learned vector before the steps."""
    token = jnp.broadcast_to(own["token"], (x.shape[0], 1, x.shape[2]))
    return jnp.concatenate([token, x], axis=1)


def angles(steps: int, size: int, base: float, dtype: Any) -> jax.Array:
    """Return t · base^(−2i / size): (steps, size / 2)."""
    return jnp.outer(jnp.arange(steps, dtype=dtype), base ** (-jnp.arange(0, size, 2, dtype=dtype) / size))


def apart(x: jax.Array, pairs: str) -> tuple[jax.Array, jax.Array]:
    """Return the first and the second of every pair of the last axis: neighbours, or one of each half."""
    if pairs == "interleaved":
        return x[..., 0::2], x[..., 1::2]
    first, second = jnp.split(x, 2, axis=-1)
    return first, second


def together(first: jax.Array, second: jax.Array, pairs: str) -> jax.Array:
    """Return the pairs as one axis again."""
    if pairs == "interleaved":
        return jnp.stack([first, second], axis=-1).reshape(*first.shape[:-1], -1)
    return jnp.concatenate([first, second], axis=-1)


ROWS: dict[str, Row[Apply]] = {
    "learned_positions": Row(lambda layer, own, x: x + own["table"]),
    "sinusoidal_positions": Row(sinusoidal_positions),
    "class_token": Row(class_token),
}
