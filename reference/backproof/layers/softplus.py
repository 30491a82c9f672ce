"""Softplus, the smooth rectifier."""

from typing import Literal

import numpy as np

from backproof.fields import Array
from backproof.layers.base import Elementwise
from backproof.layers.functions import sigmoid, softplus


class Softplus(Elementwise):
    """log(1 + eᶻ); its slope is σ(z)."""

    type: Literal["softplus"] = "softplus"

    def value(self, z: Array) -> Array:
        return softplus(z)

    def derivative(self, z: Array, a: Array) -> Array:
        return sigmoid(z)

    def common_derivative(self, z: Array, a: Array) -> Array:
        return np.exp(z - a)  # as automatic differentiation of log(e⁰ + eᶻ) has it
