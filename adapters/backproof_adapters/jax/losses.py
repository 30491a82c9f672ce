"""The losses in JAX: the terms ℓ of each, from optax where it has them. Gradients are JAX's own."""

from collections.abc import Callable, Mapping
from typing import Any

import jax
import jax.numpy as jnp
import optax

from backproof.errors import DataError
from backproof.losses import NOTHING
from backproof_adapters.base import row_for

Terms = Callable[[Any, jax.Array, jax.Array], jax.Array]
"""(loss of the spec, network's output a, targets y) to the terms ℓ."""


def value(loss: Any, a: jax.Array, y: jax.Array, side: Mapping[str, Any] = NOTHING) -> jax.Array:
    """Return C = factor / n · Σ ℓ, a 0-d array; `side` has what the loss is fed besides output and targets.

    Raises
    ------
    DataError
        If the targets have another shape than the output asks for: broadcasting would hide it.
    """
    if (expected := loss.target_shape(a.shape)) != y.shape:
        raise DataError(f"y: expected shape {expected}, found {y.shape}")
    return row_for(ROWS, loss, "jax")(loss, a, y).sum() * loss.scale(a.shape)


def absolute_error(loss: Any, a: jax.Array, y: jax.Array) -> jax.Array:
    """Return |r| as r · sign(r), with r = a − y: its slope at exactly 0 is 0, that of `jnp.abs` is 1."""
    return (a - y) * jnp.sign(a - y)


def binary_cross_entropy(loss: Any, a: jax.Array, y: jax.Array) -> jax.Array:
    """Return −y log a − (1 − y) log(1 − a), nothing clipped. Built by hand: optax has the form on logits only."""
    return -(y * jnp.log(a)) - (1.0 - y) * log_of_rest(a)


def log_of_rest(a: jax.Array) -> jax.Array:
    """Return log(1 − a): `jnp.log1p(-a)` for small a only.

    XLA's float64 log1p is off by 240 units of roundoff between −0.42 and −0.3, on the CPU in jax 0.10.2;
    from a = 0.3 on log(1 − a) is exact to rounding.
    """
    small = a < 0.3
    return jnp.where(small, jnp.log1p(-jnp.where(small, a, 0.0)), jnp.log(1.0 - a))


def cross_entropy(loss: Any, a: jax.Array, y: jax.Array) -> jax.Array:
    """Return −Σ q log softmax(a) per row, with q = (1 − s)y + s / C for a label smoothing of s."""
    if loss.integer_targets() and not loss.label_smoothing:
        return optax.softmax_cross_entropy_with_integer_labels(a, y)
    one_hot = jax.nn.one_hot(y, a.shape[-1], dtype=a.dtype) if loss.integer_targets() else y
    return optax.softmax_cross_entropy(a, optax.smooth_labels(one_hot, loss.label_smoothing))


ROWS: dict[str, Terms] = {
    "squared_error": lambda loss, a, y: optax.squared_error(a, y),
    "absolute_error": absolute_error,
    "huber": lambda loss, a, y: optax.huber_loss(a, y, delta=loss.delta),
    "binary_cross_entropy": binary_cross_entropy,
    "binary_cross_entropy_with_logits": lambda loss, a, y: optax.sigmoid_binary_cross_entropy(a, y),
    "cross_entropy": cross_entropy,
}
