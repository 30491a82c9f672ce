"""The loss of a variational autoencoder: minus the evidence lower bound."""

from typing import Annotated, Literal

import numpy as np
from pydantic import Field

from backproof.errors import SpecError
from backproof.fields import Array, NonNegativeFloat
from backproof.losses.base import Loss
from backproof.losses.binary_cross_entropy import BinaryCrossEntropyWithLogits
from backproof.losses.squared_error import SquaredError

_RECONSTRUCTIONS: dict[str, Loss] = {
    "squared_error": SquaredError(),
    "binary_cross_entropy_with_logits": BinaryCrossEntropyWithLogits(),
}


class EvidenceLowerBound(Loss):
    """ℓ = Σ ρ(r, y) + β Σ ½(eᵛ + μ² − 1 − v) per row, for an output [r, μ, v] (Kingma & Welling 2014, appendix B).

    The last axis holds the reconstruction r, as long as the targets, then mean μ and log-variance v of the
    `latent` variables. ρ is the loss called `reconstruction`; the second sum is KL(N(μ, eᵛ) ‖ N(0, 1)), with
    ∂/∂μ = μ and ∂/∂v = ½(eᵛ − 1); β is 1 but in a β-VAE (Higgins et al. 2017). The expectation over the latent
    variables is what the layer before has drawn.
    """

    type: Literal["evidence_lower_bound"] = "evidence_lower_bound"
    latent: Annotated[int, Field(gt=0)]
    reconstruction: Literal["squared_error", "binary_cross_entropy_with_logits"] = "squared_error"
    beta: NonNegativeFloat = 1.0

    def terms(self, a: Array, y: Array) -> Array:
        r, mean, log_variance = self.parts(a)
        divergence = 0.5 * (np.exp(log_variance) + mean * mean - 1.0 - log_variance)
        return self.error().terms(r, y).sum(axis=-1) + self.beta * divergence.sum(axis=-1)

    def terms_gradient(self, a: Array, y: Array) -> Array:
        return self._gradient(a, self.error().terms_gradient(self.parts(a)[0], y))

    def common_terms_gradient(self, a: Array, y: Array) -> Array:
        return self._gradient(a, self.error().common_terms_gradient(self.parts(a)[0], y))

    def _gradient(self, a: Array, dr: Array) -> Array:
        _, mean, log_variance = self.parts(a)
        return np.concatenate([dr, self.beta * mean, 0.5 * self.beta * (np.exp(log_variance) - 1.0)], axis=-1)

    def parts(self, a: Array) -> tuple[Array, Array, Array]:
        """Return reconstruction, mean and log-variance."""
        return a[..., : -2 * self.latent], a[..., -2 * self.latent : -self.latent], a[..., -self.latent :]

    def error(self) -> Loss:
        """Return the loss of the reconstruction."""
        return _RECONSTRUCTIONS[self.reconstruction]

    def terms_shape(self, shape: tuple[int, ...]) -> tuple[int, ...]:
        return shape[:-1]

    def target_shape(self, shape: tuple[int, ...]) -> tuple[int, ...]:
        return (*shape[:-1], shape[-1] - 2 * self.latent)

    def random_targets(self, shape: tuple[int, ...], rng: np.random.Generator) -> Array:
        return self.error().random_targets(self.target_shape(shape), rng)

    def check_output(self, shape: tuple[int, ...]) -> None:
        if not shape or shape[-1] <= 2 * self.latent:
            raise SpecError(
                f"loss: expected an output of more than 2 · {self.latent} numbers (reconstruction, {self.latent} "
                f"means, {self.latent} log-variances), found {shape}"
            )

    def check_targets(self, y: Array, shape: tuple[int, ...]) -> None:
        self.error().check_targets(y, shape)
