"""Dropout: a mask of zeros and ones that every implementation is given, so that no two generators need agree."""

from typing import Literal

import numpy as np

from backproof.fields import Array, Fraction
from backproof.layers.base import Cache, Layer, Own, Shape, SideInput


class Dropout(Layer):
    """y = x ⊙ m / (1 − p): the mask m is 0 with probability p, else 1. At inference y = x.

    p is `rate`, the share that is dropped (the original paper's p is the share kept). Dividing at once, not
    multiplying by 1 − p at inference, is the inverted form of Srivastava et al. 2014, section 10. x, m and y
    have the same shape; a rate of 0 drops nothing and takes no mask.
    """

    type: Literal["dropout"] = "dropout"
    rate: Fraction = 0.5

    def side_inputs(self, shape: Shape) -> dict[str, SideInput]:
        if not self.rate:
            return {}

        def draw(rng: np.random.Generator, size: Shape) -> Array:
            return (rng.random(size) >= self.rate).astype(np.float64)

        return {"mask": SideInput(shape, draw, 0.0, 1.0)}

    def forward(self, own: Own, x: Array) -> tuple[Array, Cache]:
        if not self.rate:
            return x, None
        scale = own["mask"] / (1.0 - self.rate)
        return x * scale, scale

    def backward(self, own: Own, cache: Cache, dy: Array) -> tuple[Array, dict[str, Array]]:
        scale = cache
        return dy if scale is None else dy * scale, {}

    def inference(self) -> Layer:
        return self.model_copy(update={"rate": 0.0})
