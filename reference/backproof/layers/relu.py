"""The rectifiers. Their slope at exactly 0 is that of the negative side."""

from typing import Literal

import numpy as np

from backproof.fields import Array
from backproof.layers.base import Elementwise


class ReLU(Elementwise):
    """max(z, 0); slope 1 for z > 0, else 0."""

    type: Literal["relu"] = "relu"

    def value(self, z: Array) -> Array:
        return np.where(z > 0, z, np.zeros_like(z))

    def derivative(self, z: Array, a: Array) -> Array:
        return (z > 0).astype(z.dtype)


class LeakyReLU(Elementwise):
    """z for z > 0, else αz; α is `negative_slope`."""

    type: Literal["leaky_relu"] = "leaky_relu"
    negative_slope: float = 0.01

    def value(self, z: Array) -> Array:
        return np.where(z > 0, z, self.negative_slope * z)

    def derivative(self, z: Array, a: Array) -> Array:
        return np.where(z > 0, np.ones_like(z), self.negative_slope)
