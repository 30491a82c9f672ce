"""The negative log-likelihood of counts."""

from typing import Literal

import numpy as np

from backproof.errors import DataError
from backproof.fields import Array
from backproof.losses.base import Loss


class Poisson(Loss):
    """ℓ = λ − y log λ for counts y ≥ 0 of a Poisson distribution of rate λ; log y!, a constant, is left out.

    The `output` a is log λ (`log_rate`, PyTorch's default: ∂ℓ/∂a = eᵃ − y) or λ itself (`rate`, Keras':
    ∂ℓ/∂a = 1 − y / a; defined for a > 0, and nothing is added to a within the logarithm).
    """

    type: Literal["poisson"] = "poisson"
    output: Literal["log_rate", "rate"] = "log_rate"

    def terms(self, a: Array, y: Array) -> Array:
        return np.exp(a) - y * a if self.output == "log_rate" else a - y * np.log(a)

    def terms_gradient(self, a: Array, y: Array) -> Array:
        return np.exp(a) - y if self.output == "log_rate" else 1.0 - y / a

    def random_targets(self, shape: tuple[int, ...], rng: np.random.Generator) -> Array:
        return rng.poisson(2.0, size=shape).astype(np.float64)

    def check_targets(self, y: Array, shape: tuple[int, ...]) -> None:
        if np.any(y < 0):
            raise DataError(f"y: expected counts of at least 0, found {y.min()}")
