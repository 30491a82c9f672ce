"""The exponential linear units. Their slope at exactly 0 is that of the negative side."""

from typing import ClassVar, Literal

import numpy as np

from backproof.fields import Array, PositiveFloat
from backproof.layers.base import Elementwise

SELU_ALPHA = 1.6732632423543772
SELU_SCALE = 1.0507009873554805

_FROM_OUTPUT = "the slope for z < 0 computed from the rounded activation; αe^z is right"


def _below(z: Array) -> Array:
    """min(z, 0): keeps the exponential of the unused side from overflowing."""
    return np.where(z > 0, np.zeros_like(z), z)


class ELU(Elementwise):
    """z for z > 0, else α(eᶻ − 1); slope 1, else αeᶻ (Clevert et al. 2016)."""

    type: Literal["elu"] = "elu"
    alpha: PositiveFloat = 1.0
    saturates: ClassVar[str] = _FROM_OUTPUT

    def value(self, z: Array) -> Array:
        return np.where(z > 0, z, self.alpha * np.expm1(_below(z)))

    def derivative(self, z: Array, a: Array) -> Array:
        return np.where(z > 0, np.ones_like(z), self.alpha * np.exp(_below(z)))

    def common_derivative(self, z: Array, a: Array) -> Array:
        return np.where(z > 0, np.ones_like(z), a + self.alpha)


class SELU(Elementwise):
    """λz for z > 0, else λα(eᶻ − 1), with the constants of Klambauer et al. 2017."""

    type: Literal["selu"] = "selu"
    saturates: ClassVar[str] = _FROM_OUTPUT

    def value(self, z: Array) -> Array:
        return SELU_SCALE * np.where(z > 0, z, SELU_ALPHA * np.expm1(_below(z)))

    def derivative(self, z: Array, a: Array) -> Array:
        return SELU_SCALE * np.where(z > 0, np.ones_like(z), SELU_ALPHA * np.exp(_below(z)))

    def common_derivative(self, z: Array, a: Array) -> Array:
        return np.where(z > 0, SELU_SCALE * np.ones_like(z), a + SELU_SCALE * SELU_ALPHA)


class CELU(Elementwise):
    """z for z > 0, else α(e^(z/α) − 1); slope 1, else e^(z/α) (Barron 2017)."""

    type: Literal["celu"] = "celu"
    alpha: PositiveFloat = 1.0
    saturates: ClassVar[str] = _FROM_OUTPUT

    def value(self, z: Array) -> Array:
        return np.where(z > 0, z, self.alpha * np.expm1(_below(z) / self.alpha))

    def derivative(self, z: Array, a: Array) -> Array:
        return np.where(z > 0, np.ones_like(z), np.exp(_below(z) / self.alpha))

    def common_derivative(self, z: Array, a: Array) -> Array:
        return np.where(z > 0, np.ones_like(z), (a + self.alpha) / self.alpha)
