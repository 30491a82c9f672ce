"""Squared error."""

from typing import Literal

from backproof.fields import Array
from backproof.losses.base import Loss


class SquaredError(Loss):
    """ℓ = (a − y)²; ∂ℓ/∂a = 2(a − y)."""

    type: Literal["squared_error"] = "squared_error"

    def terms(self, a: Array, y: Array) -> Array:
        return (a - y) * (a - y)

    def terms_gradient(self, a: Array, y: Array) -> Array:
        return 2.0 * (a - y)
