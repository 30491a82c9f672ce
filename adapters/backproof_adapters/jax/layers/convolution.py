"""Convolutions: one primitive of XLA does them all; the kernels lie there as in the spec."""

from collections.abc import Mapping
from typing import Any

import jax
import jax.numpy as jnp
from jax import lax

from backproof_adapters.base import Row
from backproof_adapters.jax.layers.table import Apply

_LAYOUTS = {1: ("NHC", "HIO", "NHC"), 2: ("NHWC", "HWIO", "NHWC")}
_TRANSPOSED = {1: ("NHC", "HOI", "NHC"), 2: ("NHWC", "HWOI", "NHWC")}


def convolution(layer: Any, own: Mapping[str, jax.Array], x: jax.Array) -> jax.Array:
    """Return the convolution of (B, ..., F) with a kernel (..., F/groups, G).

    Padded beforehand: over the input's gradient of some padded convolutions with a stride, XLA's compiler (jaxlib
    0.10.2, on a CPU) aborts the whole process: "Window dimensions do not match RHS shape".
    """
    windows = layer.windows(x.shape[1:])
    z = lax.conv_general_dilated(
        jnp.pad(x, [(0, 0), *windows.padding, (0, 0)]),
        own["weight"],
        windows.stride,
        "VALID",
        rhs_dilation=windows.dilation,
        dimension_numbers=_LAYOUTS[layer.axes],
        feature_group_count=layer.groups,
    )
    return z + own["bias"] if layer.bias else z


def transposed(layer: Any, own: Mapping[str, jax.Array], x: jax.Array) -> jax.Array:
    """Return the convolution of x with zeros between its entries, with the kernel (..., G, F) turned around.

    Not `lax.conv_transpose`: it leaves the kernel as it is, and pads by another rule.
    """
    windows = layer.windows(x.shape[1:])
    turned = own["weight"][(slice(None, None, -1),) * layer.axes]
    every = zip(windows.padding, windows.reach, windows.unseen, strict=True)
    padding = [(r - 1 - before, r - 1 - after + unseen) for (before, after), r, unseen in every]
    y = lax.conv_general_dilated(
        x,
        turned,
        (1,) * layer.axes,
        padding,
        lhs_dilation=windows.stride,
        rhs_dilation=windows.dilation,
        dimension_numbers=_TRANSPOSED[layer.axes],
    )
    return y + own["bias"] if layer.bias else y


ROWS: dict[str, Row[Apply]] = {
    "conv1d": Row(convolution),
    "conv2d": Row(convolution),
    "conv1d_transpose": Row(transposed),
    "conv2d_transpose": Row(transposed),
}
