"""The logistic sigmoid and its piecewise linear stand-in."""

from typing import ClassVar, Literal

import numpy as np

from backproof.fields import Array
from backproof.layers.base import Elementwise
from backproof.layers.functions import sigmoid


class Sigmoid(Elementwise):
    """σ(z) = 1 / (1 + e⁻ᶻ); σ′(z) = σ(z) σ(−z)."""

    type: Literal["sigmoid"] = "sigmoid"
    saturates: ClassVar[str] = "σ′ computed as a(1 − a) from the rounded activation; σ(z)σ(−z) is right"

    def value(self, z: Array) -> Array:
        return sigmoid(z)

    def derivative(self, z: Array, a: Array) -> Array:
        return a * sigmoid(-z)

    def common_derivative(self, z: Array, a: Array) -> Array:
        return a * (1.0 - a)


class HardSigmoid(Elementwise):
    """min(max(z + 3, 0), 6) / 6; slope 1/6 strictly inside (−3, 3), 0 elsewhere."""

    type: Literal["hard_sigmoid"] = "hard_sigmoid"

    def value(self, z: Array) -> Array:
        return np.clip(z + 3.0, 0.0, 6.0) / 6.0

    def derivative(self, z: Array, a: Array) -> Array:
        return ((z > -3.0) & (z < 3.0)).astype(z.dtype) / 6.0
