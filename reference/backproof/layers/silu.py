"""SiLU, also called swish."""

from typing import Literal

from backproof.fields import Array
from backproof.layers.base import Elementwise
from backproof.layers.functions import sigmoid


class SiLU(Elementwise):
    """z σ(z); its slope is σ(z) (1 + z σ(−z))."""

    type: Literal["silu"] = "silu"

    def value(self, z: Array) -> Array:
        return z * sigmoid(z)

    def derivative(self, z: Array, a: Array) -> Array:
        return sigmoid(z) * (1.0 + z * sigmoid(-z))

    def common_derivative(self, z: Array, a: Array) -> Array:
        s = sigmoid(z)
        return s * (1.0 + z * (1.0 - s))
