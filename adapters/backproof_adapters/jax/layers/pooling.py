"""Pooling: windows reduced by `lax.reduce_window`, whose maximum hands its gradient to the first."""

from collections.abc import Mapping
from typing import Any

import jax
import jax.numpy as jnp
from jax import lax

from backproof.layers.windows import Windows
from backproof_adapters.base import Row
from backproof_adapters.jax.layers.table import Apply

Own = Mapping[str, jax.Array]


def _reduced(x: jax.Array, windows: Windows, start: float, operation: Any) -> jax.Array:
    """Return the reduction of every window of x (B, ..., C), with `start` all around."""
    padding = ((0, 0), *windows.padding, (0, 0))
    return lax.reduce_window(x, start, operation, (1, *windows.size, 1), (1, *windows.stride, 1), padding)


def max_pool(layer: Any, own: Own, x: jax.Array) -> jax.Array:
    """Return the maximum of every window."""
    return _reduced(x, layer.windows(x.shape[1:]), -jnp.inf, lax.max)


def average_pool(layer: Any, own: Own, x: jax.Array) -> jax.Array:
    """Return the sum of every window, divided by how many of it count."""
    shape = x.shape[1:]
    return _reduced(x, layer.windows(shape), 0.0, lax.add) / jnp.asarray(layer.counts(shape), x.dtype)


def global_max_pool(layer: Any, own: Own, x: jax.Array) -> jax.Array:
    """Return the maximum over all positions: of one window, or by `jnp.max`, which splits the gradient at ties."""
    if layer.ties == "split":
        return x.max(tuple(range(1, x.ndim - 1)))
    spatial = x.shape[1:-1]
    return _reduced(x, Windows.over(spatial, spatial), -jnp.inf, lax.max).reshape(len(x), -1)


def global_average_pool(layer: Any, own: Own, x: jax.Array) -> jax.Array:
    """Return the mean over all positions."""
    return x.mean(tuple(range(1, x.ndim - 1)))


def adaptive_max_pool(layer: Any, own: Own, x: jax.Array) -> jax.Array:
    """Return the maximum of every bin: the bins laid out one after another, then pooled."""
    bins = layer.bins(x.shape[1:])
    for axis, seen in enumerate(bins, start=1):
        x = x.take(seen.reshape(-1), axis)
    size = tuple(seen.shape[1] for seen in bins)
    return _reduced(x, Windows.over(x.shape[1:-1], size, size), -jnp.inf, lax.max)


def adaptive_average_pool(layer: Any, own: Own, x: jax.Array) -> jax.Array:
    """Return the mean of every bin, axis by axis; each product puts the axis it has made last."""
    for weights in layer.weights(x.shape[1:]):
        x = jnp.tensordot(x, jnp.asarray(weights, x.dtype), (1, 1))
    return jnp.moveaxis(x, 1, -1)


ROWS: dict[str, Row[Apply]] = {
    "max_pool1d": Row(max_pool),
    "max_pool2d": Row(max_pool),
    "average_pool1d": Row(average_pool),
    "average_pool2d": Row(average_pool),
    "global_max_pool": Row(global_max_pool),
    "global_average_pool": Row(global_average_pool),
    "adaptive_max_pool": Row(adaptive_max_pool),
    "adaptive_average_pool": Row(adaptive_average_pool),
}
