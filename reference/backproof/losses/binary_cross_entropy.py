"""Binary cross-entropy, of probabilities and of logits."""

from typing import Literal

import numpy as np

from backproof.errors import DataError
from backproof.fields import Array, PositiveFloat
from backproof.layers.functions import sigmoid, softplus
from backproof.losses.base import Loss


class _Binary(Loss):
    """What both binary cross-entropies share: targets are probabilities."""

    def random_targets(self, shape: tuple[int, ...], rng: np.random.Generator) -> Array:
        return rng.integers(0, 2, size=shape).astype(np.float64)

    def check_targets(self, y: Array, shape: tuple[int, ...]) -> None:
        if np.any((y < 0) | (y > 1)):
            raise DataError(f"y: expected probabilities in [0, 1], found {y.min()} to {y.max()}")


class BinaryCrossEntropy(_Binary):
    """ℓ = −y log a − (1 − y) log(1 − a) on probabilities a; ∂ℓ/∂a = (a − y) / (a(1 − a)).

    Nothing is clipped: a probability of exactly 0 or 1 is outside the domain, and gives infinity or NaN.
    """

    type: Literal["binary_cross_entropy"] = "binary_cross_entropy"

    def terms(self, a: Array, y: Array) -> Array:
        return -(y * np.log(a)) - (1.0 - y) * np.log1p(-a)

    def terms_gradient(self, a: Array, y: Array) -> Array:
        return (1.0 - y) / (1.0 - a) - y / a


class BinaryCrossEntropyWithLogits(_Binary):
    """ℓ = (1 − y) log(1 + eᵃ) + py log(1 + e⁻ᵃ) on logits a; ∂ℓ/∂a = (1 − y)σ(a) − pyσ(−a).

    p is the `positive_weight`, 1 unless one class is to count for more than the other. For p = 1 the shorter
    log(1 + eᵃ) − ya and σ(a) − y are the same numbers, but cancel where the network is sure and right.
    """

    type: Literal["binary_cross_entropy_with_logits"] = "binary_cross_entropy_with_logits"
    positive_weight: PositiveFloat = 1.0

    def positive(self, y: Array) -> Array:
        """Return py."""
        return y if self.positive_weight == 1.0 else self.positive_weight * y

    def terms(self, a: Array, y: Array) -> Array:
        return (1.0 - y) * softplus(a) + self.positive(y) * softplus(-a)

    def terms_gradient(self, a: Array, y: Array) -> Array:
        return (1.0 - y) * sigmoid(a) - self.positive(y) * sigmoid(-a)

    def common_terms_gradient(self, a: Array, y: Array) -> Array:
        positive = self.positive(y)
        return (1.0 - y + positive) * np.exp(a - softplus(a)) - positive
