"""A sample of a normal distribution whose mean and variance the layers below compute, differentiable in both."""

from typing import Literal

import numpy as np

from backproof.fields import Array
from backproof.layers.base import Cache, Layer, Own, Shape, SideInput


class GaussianSample(Layer):
    """y = μ + exp(λ/2) ⊙ ε, with [μ, λ] = x on the last axis and ε from N(0, 1): the reparameterisation.

    x is (B, ..., 2n), its halves the mean μ and the log-variance λ; the side input ε (`noise`) and y are
    (B, ..., n). At inference, and where `sampled` is false, y = μ. Kingma & Welling 2014, section 2.4.
    """

    type: Literal["gaussian_sample"] = "gaussian_sample"
    sampled: bool = True

    def output_shape(self, shape: Shape) -> Shape:
        if not shape or shape[-1] % 2:
            raise ValueError(f"expected a last axis of even size, means beside log-variances, found {shape}")
        return (*shape[:-1], shape[-1] // 2)

    def side_inputs(self, shape: Shape) -> dict[str, SideInput]:
        if not self.sampled:
            return {}
        return {"noise": SideInput(self.output_shape(shape), lambda rng, size: rng.normal(size=size))}

    def forward(self, own: Own, x: Array) -> tuple[Array, Cache]:
        n = x.shape[-1] // 2
        mean, log_variance = x[..., :n], x[..., n:]
        if not self.sampled:
            return mean, None
        deviation = np.exp(0.5 * log_variance) * own["noise"]
        return mean + deviation, deviation

    def backward(self, own: Own, cache: Cache, dy: Array) -> tuple[Array, dict[str, Array]]:
        deviation = cache
        to_log_variance = np.zeros_like(dy) if deviation is None else 0.5 * dy * deviation
        return np.concatenate([dy, to_log_variance], axis=-1), {}

    def inference(self) -> Layer:
        return self.model_copy(update={"sampled": False})
