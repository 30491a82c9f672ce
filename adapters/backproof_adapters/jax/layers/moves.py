"""Layers that only move numbers."""

import jax.numpy as jnp

from backproof_adapters.base import Row
from backproof_adapters.jax.layers.table import Apply

ROWS: dict[str, Row[Apply]] = {
    "flatten": Row(lambda layer, own, x: x.reshape(len(x), -1)),
    "reshape": Row(lambda layer, own, x: x.reshape(len(x), *layer.shape)),
    "permute": Row(lambda layer, own, x: x.transpose(layer.order)),
    "take": Row(lambda layer, own, x: jnp.take(x, layer.index, layer.place(x.shape[1:])[0] + 1)),
    "pad": Row(lambda layer, own, x: jnp.pad(x, layer.widths)),
}
