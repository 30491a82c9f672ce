"""Attention, by hand: `jax.nn.dot_product_attention` takes its softmax in float32, whatever comes in."""

import math
from collections.abc import Mapping
from typing import Any

import jax
import jax.numpy as jnp

from backproof.layers import chain
from backproof_adapters.base import Row
from backproof_adapters.jax.layers.dense import dense
from backproof_adapters.jax.layers.positions import angles, apart, together
from backproof_adapters.jax.layers.table import Apply

Own = Mapping[str, jax.Array]


def attention(layer: Any, own: Own, x: jax.Array) -> jax.Array:
    """Return y: (B, T, E), or (B, T − M, E) after a memory of M positions."""
    maps = layer.maps(x.shape[-1])
    lookers, seen = (x[:, layer.memory :], x[:, : layer.memory]) if layer.memory else (x, x)
    size = layer.size(x.shape[-1])
    q, k, v = (
        dense(maps[name], chain.of(own, name), source).reshape(*source.shape[:2], -1, size)  # (B, T, heads, d)
        for name, source in (("query", lookers), ("key", seen), ("value", seen))
    )
    if layer.rotary != "none":
        q, k = rotated(layer, q), rotated(layer, k)
    sharing = q.shape[2] // k.shape[2]
    k, v = jnp.repeat(k, sharing, axis=2), jnp.repeat(v, sharing, axis=2)
    z = jnp.einsum("bthd,bshd->bhts", q, k) / math.sqrt(size)
    may = allowed(layer, own, q.shape[1], k.shape[1])
    a = jax.nn.softmax(jnp.where(may, z, -1e30), axis=-1) * may.any(axis=-1, keepdims=True)
    o = jnp.einsum("bhts,bshd->bthd", a, v)
    return dense(maps["output"], chain.of(own, "output"), o.reshape(*lookers.shape[:2], -1))


def rotated(layer: Any, z: jax.Array) -> jax.Array:
    """Return queries or keys turned with their position; z is (B, T, heads, d)."""
    angle = angles(z.shape[1], z.shape[3], layer.rotary_base, z.dtype)[:, None]
    cos, sin = jnp.cos(angle), jnp.sin(angle)
    a, b = apart(z, layer.rotary)
    return together(a * cos - b * sin, a * sin + b * cos, layer.rotary)


def allowed(layer: Any, own: Own, queries: int, keys: int) -> jax.Array:
    """Return which query may look at which key: (B or 1, 1, T, S)."""
    may = jnp.ones((1, 1, queries, keys), dtype=bool)
    if layer.causal:
        may = jnp.tril(may)
    if layer.lengths:
        may = may & (jnp.arange(keys) < own["lengths"][:, None, None, None])
    if layer.mask:
        may = may & (own["mask"] != 0)[:, None]
    return may


ROWS: dict[str, Row[Apply]] = {"attention": Row(attention)}
