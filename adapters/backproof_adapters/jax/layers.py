"""The layers in JAX: one row each.

JAX layers are pure functions, so that parameters lie in a tree under the spec's own names and in its own
layout: no row has anything to convert.
"""

from collections.abc import Callable, Mapping, Sequence
from typing import Any

import jax
import jax.numpy as jnp

from backproof_adapters.base import Row, row_for

Parameters = dict[str, dict[str, jax.Array]]
"""layer name → parameter name → array; layers without parameters are left out."""

Apply = Callable[[Any, Mapping[str, jax.Array], jax.Array], jax.Array]
"""(layer of the spec, its own parameters, its input) to its output."""


def forward(layers: Sequence[Any], parameters: Parameters, x: jax.Array) -> dict[str, jax.Array]:
    """Return every layer's output by name, in order."""
    outputs = {}
    for layer in layers:
        x = row_for(ROWS, layer, "jax").build(layer, parameters.get(layer.name, {}), x)
        outputs[layer.name] = x
    return outputs


def dense(layer: Any, own: Mapping[str, jax.Array], x: jax.Array) -> jax.Array:
    """Return x @ W + b, over the last axis; x is (B, ..., F), W is (F, G), b is (G,)."""
    z = x @ own["weight"]
    return z + own["bias"] if layer.bias else z


def leaky_relu(layer: Any, own: Mapping[str, jax.Array], x: jax.Array) -> jax.Array:
    """Return z for z > 0, else αz. Built by hand: the slope of `jax.nn.leaky_relu` at exactly 0 is 1, not α."""
    return jnp.where(x > 0, x, layer.negative_slope * x)


def _activation(function: Callable[[jax.Array], jax.Array]) -> Row[Apply]:
    """Return the row of a layer that is a function of its input and nothing else."""
    return Row(lambda layer, own, x: function(x))


ROWS: dict[str, Row[Apply]] = {
    "dense": Row(dense),
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
