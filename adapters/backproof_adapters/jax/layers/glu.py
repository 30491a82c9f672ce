"""Gated linear units."""

from collections.abc import Mapping
from typing import Any

import jax
import jax.numpy as jnp

from backproof_adapters.base import Row
from backproof_adapters.jax.layers.table import Apply, run


def glu(layer: Any, own: Mapping[str, jax.Array], x: jax.Array) -> jax.Array:
    """Return a ⊙ f(g), with a and g the halves of the last axis: `jax.nn.glu` for any f, and either order."""
    a, g = jnp.split(x, 2, axis=-1)
    if layer.gate == "first":
        a, g = g, a
    return a * run([layer.activation], {}, g).output


ROWS: dict[str, Row[Apply]] = {"glu": Row(glu)}
