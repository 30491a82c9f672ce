"""GELU: the input times the probability that a unit normal lies below it (Hendrycks & Gimpel 2016)."""

import math
from typing import ClassVar, Literal

import numpy as np

from backproof.fields import Array
from backproof.layers.base import Elementwise
from backproof.layers.functions import erf, erfc, sigmoid

_SQRT_HALF = math.sqrt(0.5)
_DENSITY_AT_0 = 1.0 / math.sqrt(2.0 * math.pi)
_SLOPE = math.sqrt(2.0 / math.pi)
_CUBIC = 0.044715


class GELU(Elementwise):
    """zΦ(z), exactly or by the tanh form.

    `approximate="none"`: Φ(z) = ½ erfc(−z/√2), and the slope is Φ(z) + zφ(z).
    `approximate="tanh"`: ½z(1 + tanh u) = zσ(2u) with u = √(2/π)(z + 0.044715z³), and the slope is
    σ(2u) + 2zσ(2u)σ(−2u)u′.
    """

    type: Literal["gelu"] = "gelu"
    approximate: Literal["none", "tanh"] = "none"
    saturates: ClassVar[str] = "1 + erf or 1 + tanh cancels for z → −∞; erfc and σ(2u) are right"

    def value(self, z: Array) -> Array:
        if self.approximate == "none":
            return 0.5 * z * erfc(-z * _SQRT_HALF)
        return z * sigmoid(2.0 * _argument(z))

    def derivative(self, z: Array, a: Array) -> Array:
        if self.approximate == "none":
            return 0.5 * erfc(-z * _SQRT_HALF) + z * _density(z)
        u = _argument(z)
        s = sigmoid(2.0 * u)
        return s + 2.0 * z * s * sigmoid(-2.0 * u) * _argument_slope(z)

    def common_value(self, z: Array) -> Array:
        if self.approximate == "none":
            return 0.5 * z * (1.0 + erf(z * _SQRT_HALF))
        return 0.5 * z * (1.0 + np.tanh(_argument(z)))

    def common_derivative(self, z: Array, a: Array) -> Array:
        if self.approximate == "none":
            return 0.5 * (1.0 + erf(z * _SQRT_HALF)) + z * _density(z)
        t = np.tanh(_argument(z))
        return 0.5 * (1.0 + t) + 0.5 * z * (1.0 - t * t) * _argument_slope(z)


def _density(z: Array) -> Array:
    """φ(z), the density of the unit normal."""
    return _DENSITY_AT_0 * np.exp(-0.5 * z * z)


def _argument(z: Array) -> Array:
    """U of the tanh form."""
    return _SLOPE * (z + _CUBIC * z * z * z)


def _argument_slope(z: Array) -> Array:
    """u′ of the tanh form."""
    return _SLOPE * (1.0 + 3.0 * _CUBIC * z * z)
