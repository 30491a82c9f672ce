"""Dense."""

from collections.abc import Mapping
from typing import Any

import jax

from backproof_adapters.base import Row
from backproof_adapters.jax.layers.table import Apply


def dense(layer: Any, own: Mapping[str, jax.Array], x: jax.Array) -> jax.Array:
    """Return x @ W + b, over the last axis; x is (B, ..., F), W is (F, G), b is (G,)."""
    z = x @ own["weight"]
    return z + own["bias"] if layer.bias else z


ROWS: dict[str, Row[Apply]] = {"dense": Row(dense)}
