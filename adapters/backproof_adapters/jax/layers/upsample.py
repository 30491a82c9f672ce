"""Upsampling: `jax.image`."""

from collections.abc import Mapping
from typing import Any

import jax
import jax.numpy as jnp

from backproof_adapters.base import Row
from backproof_adapters.jax.layers.table import Apply


def upsample(layer: Any, own: Mapping[str, jax.Array], x: jax.Array) -> jax.Array:
    """Return x (B, H, W, C) with more rows and columns.

    `jax.image.resize` aligns no corners; `scale_and_translate` does where output i lies at i / scale in the input,
    not half a pixel further on. An axis of length 1 has one value for all places within half a pixel.
    """
    shape = (x.shape[0], *layer.output_shape(x.shape[1:]))
    if not layer.align_corners:
        method = "linear" if layer.interpolation == "bilinear" else "nearest"
        return jax.image.resize(x, shape, method, antialias=False)
    sizes = zip(x.shape[1:3], shape[1:3], strict=True)
    scale = jnp.array([(m - 1) / (n - 1) if n > 1 else 2 * m for n, m in sizes], x.dtype)
    return jax.image.scale_and_translate(x, shape, (1, 2), scale, 0.5 - 0.5 * scale, "linear", antialias=False)


ROWS: dict[str, Row[Apply]] = {"upsample": Row(upsample)}
