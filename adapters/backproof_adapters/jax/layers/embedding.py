"""Embedding."""

from collections.abc import Mapping
from typing import Any

import jax
import jax.numpy as jnp

from backproof_adapters.base import Row
from backproof_adapters.jax.layers.table import Apply


def embedding(layer: Any, own: Mapping[str, jax.Array], x: jax.Array) -> jax.Array:
    """Return the rows of the indices x; what is padding is looked up, and has no gradient."""
    y = own["weight"][x]
    if layer.padding_index is None:
        return y
    return jnp.where((x == layer.padding_index)[..., None], jax.lax.stop_gradient(y), y)


ROWS: dict[str, Row[Apply]] = {"embedding": Row(embedding)}
