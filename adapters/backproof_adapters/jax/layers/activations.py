"""Activations: those of `jax.nn`, except where its slope at a kink is another."""

from collections.abc import Callable, Mapping
from typing import Any

import jax
import jax.numpy as jnp

from backproof_adapters.base import Row
from backproof_adapters.jax.layers.table import Apply


def leaky_relu(layer: Any, own: Mapping[str, jax.Array], x: jax.Array) -> jax.Array:
    """Return z for z > 0, else αz. Built by hand: the slope of `jax.nn.leaky_relu` at exactly 0 is 1, not α."""
    return jnp.where(x > 0, x, layer.negative_slope * x)


def _activation(function: Callable[[jax.Array], jax.Array]) -> Row[Apply]:
    """Return the row of a layer that is a function of its input and nothing else."""
    return Row(lambda layer, own, x: function(x))


ROWS: dict[str, Row[Apply]] = {
    "sigmoid": _activation(jax.nn.sigmoid),
    "hard_sigmoid": _activation(jax.nn.hard_sigmoid),
    "tanh": _activation(jnp.tanh),
    "relu": _activation(jax.nn.relu),
    "leaky_relu": Row(leaky_relu),
    "elu": Row(lambda layer, own, x: jax.nn.elu(x, layer.alpha)),
    "selu": _activation(jax.nn.selu),
    "celu": Row(lambda layer, own, x: jax.nn.celu(x, layer.alpha)),
    "gelu": Row(lambda layer, own, x: jax.nn.gelu(x, approximate=layer.approximate == "tanh")),
    "silu": _activation(jax.nn.silu),
    "softplus": _activation(jax.nn.softplus),
    "softmax": _activation(jax.nn.softmax),
    "log_softmax": _activation(jax.nn.log_softmax),
}
