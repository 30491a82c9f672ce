"""Gated linear units: one half of the features says how much of the other half passes."""

from collections.abc import Callable
from typing import TYPE_CHECKING, Literal

import numpy as np

from backproof.fields import Array
from backproof.layers.base import Cache, Elementwise, Layer, Own, Shape
from backproof.layers.sigmoid import Sigmoid

if TYPE_CHECKING:
    AnyLayer = Layer


class GLU(Layer):
    """y = a ⊙ f(g), with a and g the halves of the last axis: x is (B, ..., 2F), y is (B, ..., F).

    da = dy ⊙ f(g) and dg = dy ⊙ a ⊙ f′(g). `gate` says which half is g: the second in `torch.nn.GLU` and
    `jax.nn.glu`, the first in many fused SwiGLU weights. With f = SiLU between two dense layers this is SwiGLU,
    with f = GELU GEGLU (Shazeer 2020); with the sigmoid, the original (Dauphin et al. 2017).
    """

    type: Literal["glu"] = "glu"
    activation: "AnyLayer" = Sigmoid()
    gate: Literal["first", "second"] = "second"

    def output_shape(self, shape: Shape) -> Shape:
        if not isinstance(self.activation, Elementwise):
            found = type(self.activation).model_fields["type"].default
            raise ValueError(f"activation: expected an elementwise one, found {found}")
        if not shape or shape[-1] % 2:
            raise ValueError(f"expected an even number of features, to be halved, found shape {shape}")
        return (*shape[:-1], shape[-1] // 2)

    def halves(self, x: Array) -> tuple[Array, Array]:
        """Return a and g."""
        half = x.shape[-1] // 2
        first, second = x[..., :half], x[..., half:]
        return (first, second) if self.gate == "second" else (second, first)

    def forward(self, own: Own, x: Array) -> tuple[Array, Cache]:
        a, g = self.halves(x)
        f, cache = self.activation.forward({}, g)
        return a * f, (a, f, cache)

    def backward(self, own: Own, cache: Cache, dy: Array) -> tuple[Array, dict[str, Array]]:
        a, f, of_gate = cache
        da = dy * f
        dg, _ = self.activation.backward({}, of_gate, dy * a)
        return np.concatenate([da, dg] if self.gate == "second" else [dg, da], axis=-1), {}

    def replace(self, change: Callable[[Layer], Layer]) -> Layer:
        return change(self.model_copy(update={"activation": self.activation.replace(change)}))
