"""Normalisations, by hand: those of Flax take mean(x²) − mean(x)² for the variance unless told otherwise."""

from collections.abc import Mapping
from typing import Any

import jax
import jax.numpy as jnp

from backproof_adapters.base import Row
from backproof_adapters.jax.layers.table import Apply, Result

Own = Mapping[str, jax.Array]


def _affine(layer: Any, own: Own, x_hat: jax.Array) -> jax.Array:
    """Return γ ⊙ x̂ + β, or what of it the layer has."""
    y = x_hat * own["scale"] if layer.scale else x_hat
    return y + own["shift"] if layer.shift else y


def _standardized(x: jax.Array, axes: tuple[int, ...], epsilon: float) -> jax.Array:
    """Return (x − μ) / √(σ² + ε)."""
    mean, variance = x.mean(axes, keepdims=True), x.var(axes, keepdims=True)
    return (x - mean) / jnp.sqrt(variance + epsilon)


def batch_norm(layer: Any, own: Own, x: jax.Array) -> Result:
    """Return x normalised per channel, by the batch or by the running statistics, and where those have moved."""
    if layer.statistics == "running":
        x_hat = (x - own["running_mean"]) / jnp.sqrt(own["running_variance"] + layer.epsilon)
        return Result(_affine(layer, own, x_hat))
    axes = tuple(range(x.ndim - 1))
    mean, variance = x.mean(axes), x.var(axes, ddof=1 if layer.variance == "unbiased" else 0)

    def moved(running: jax.Array, batch: jax.Array) -> jax.Array:
        return layer.momentum * running + (1 - layer.momentum) * batch

    buffers = {
        "running_mean": moved(own["running_mean"], mean),
        "running_variance": moved(own["running_variance"], variance),
    }
    return Result(_affine(layer, own, _standardized(x, axes, layer.epsilon)), buffers)


def instance_norm(layer: Any, own: Own, x: jax.Array) -> jax.Array:
    """Return x normalised per observation and channel."""
    return _affine(layer, own, _standardized(x, tuple(range(1, x.ndim - 1)), layer.epsilon))


def group_norm(layer: Any, own: Own, x: jax.Array) -> jax.Array:
    """Return x normalised per observation and group of neighbouring channels."""
    grouped = x.reshape(len(x), -1, layer.groups, x.shape[-1] // layer.groups)
    return _affine(layer, own, _standardized(grouped, (1, 3), layer.epsilon).reshape(x.shape))


def layer_norm(layer: Any, own: Own, x: jax.Array) -> jax.Array:
    """Return x normalised over its last axes."""
    return _affine(layer, own, _standardized(x, tuple(range(-layer.axes, 0)), layer.epsilon))


def rms_norm(layer: Any, own: Own, x: jax.Array) -> jax.Array:
    """Return x divided by its root mean square over its last axes."""
    mean_square = (x * x).mean(tuple(range(-layer.axes, 0)), keepdims=True)
    return _affine(layer, own, x / jnp.sqrt(mean_square + layer.epsilon))


ROWS: dict[str, Row[Apply]] = {
    "batch_norm": Row(batch_norm),
    "instance_norm": Row(instance_norm),
    "group_norm": Row(group_norm),
    "layer_norm": Row(layer_norm),
    "rms_norm": Row(rms_norm),
}
