"""Focal loss: cross-entropy that attends to what is not yet sure."""

from typing import Annotated, Literal

import numpy as np
from pydantic import Field

from backproof.errors import DataError
from backproof.fields import Array, NonNegativeFloat
from backproof.layers.functions import sigmoid, softplus
from backproof.losses.base import Loss


class Focal(Loss):
    """ℓ = −α_y (1 − p_y)^γ log p_y, with p_y = σ(z) the probability of the right class (Lin et al. 2017).

    z is the logit a for y = 1 and −a for y = 0; α_y is α for y = 1 and 1 − α for y = 0, or 1 for both where
    `alpha` is absent. ∂ℓ/∂z = −α_y σ(−z)^γ (σ(−z) − γ σ(z) log σ(z)): the modulating factor has a slope too.
    """

    type: Literal["focal"] = "focal"
    alpha: Annotated[float, Field(ge=0, le=1)] | None = None
    gamma: NonNegativeFloat = 2.0

    def terms(self, a: Array, y: Array) -> Array:
        z = self.sign(y) * a
        return self.balance(y) * sigmoid(-z) ** self.gamma * softplus(-z)

    def terms_gradient(self, a: Array, y: Array) -> Array:
        return self._slope(a, y, sigmoid(self.sign(y) * a))

    def common_terms_gradient(self, a: Array, y: Array) -> Array:
        return self._slope(a, y, 1.0 - sigmoid(-self.sign(y) * a))

    def _slope(self, a: Array, y: Array, p: Array) -> Array:
        """Return ∂ℓ/∂a, given p_y."""
        sign = self.sign(y)
        q, log = sigmoid(-sign * a), softplus(-sign * a)
        return -sign * self.balance(y) * q**self.gamma * (q + self.gamma * p * log)

    @staticmethod
    def sign(y: Array) -> Array:
        """Return 1 for y = 1 and −1 for y = 0."""
        return 2.0 * y - 1.0

    def balance(self, y: Array) -> Array:
        """Return α_y."""
        return np.ones_like(y) if self.alpha is None else np.where(y > 0, self.alpha, 1.0 - self.alpha)

    def random_targets(self, shape: tuple[int, ...], rng: np.random.Generator) -> Array:
        return rng.integers(0, 2, size=shape).astype(np.float64)

    def check_targets(self, y: Array, shape: tuple[int, ...]) -> None:
        if np.any((y != 0.0) & (y != 1.0)):
            raise DataError(f"y: expected labels 0 and 1, found {y[(y != 0.0) & (y != 1.0)][0]}")
