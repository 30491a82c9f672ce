"""Batch norm: each channel normalised over the batch in training, by running statistics afterwards."""

import math
from typing import Annotated, Literal

import numpy as np
from pydantic import Field

from backproof.errors import DataError
from backproof.fields import Array
from backproof.layers.base import Buffer, Cache, Layer, Own, Shape
from backproof.layers.normalization import Axes, Kept, Normalization, mean_over


class BatchNorm(Normalization):
    """x̂ = (x − μ) / √(σ² + ε); y = γ ⊙ x̂ + β, per channel: over all axes but the last (Ioffe & Szegedy 2015).

    x is (B, ..., C); γ, β, μ and σ² are (C,). In training (`statistics: batch`) μ and σ² are those of the batch,
    and two buffers follow them:

        running ← momentum · running + (1 − momentum) · batch

    so that `momentum` is the share of the *old* value that is kept: Keras' `momentum`, 1 − PyTorch's. Into
    `running_variance` goes n/(n − 1) · σ² with `variance: unbiased` (PyTorch, and the paper), σ² itself with
    `biased` (Keras, Flax), where n is how many values a channel has. x̂ always has the biased one.

    With `statistics: running` the buffers take the place of μ and σ², and stay as they are: so it is used after
    training, and so a frozen batch norm trains γ and β. They are constants then, and dx = dx̂ / √(σ² + ε).
    """

    type: Literal["batch_norm"] = "batch_norm"
    statistics: Literal["batch", "running"] = "batch"
    momentum: Annotated[float, Field(ge=0, le=1)] = 0.9
    variance: Literal["biased", "unbiased"] = "unbiased"

    def buffers(self, shape: Shape) -> dict[str, Buffer]:
        own = self.features(shape)
        return {"running_mean": Buffer(own, 0.0), "running_variance": Buffer(own, 1.0)}

    def arranged(self, shape: Shape) -> tuple[Shape, Axes]:
        return shape, tuple(range(len(shape) - 1))

    def normalize(self, own: Own, x: Array, axes: Axes) -> Kept:
        if self.statistics == "running":
            deviation = np.sqrt(own["running_variance"] + self.epsilon)
            return self.divided(x, own["running_mean"], deviation), deviation
        n = math.prod(x.shape[:-1])
        if n < 2:
            raise DataError("batch_norm: expected more than one value per channel to train on, found 1")
        mean = mean_over(x, axes)
        centred = x - mean
        variance = mean_over(centred * centred, axes)
        deviation = np.sqrt(variance + self.epsilon)
        return self.divided(x, mean, deviation), deviation, mean.reshape(-1), variance.reshape(-1), n

    def normalize_backward(self, kept: Kept, dx_hat: Array, axes: Axes) -> Array:
        if self.statistics == "running":
            return dx_hat / kept[1]
        return super().normalize_backward(kept, dx_hat, axes)

    def normalize_backward_by_steps(self, kept: Kept, dx_hat: Array, axes: Axes) -> Array:
        if self.statistics == "running":
            return dx_hat / kept[1]
        return super().normalize_backward_by_steps(kept, dx_hat, axes)

    def new_buffers(self, own: Own, cache: Cache) -> dict[str, Array]:
        if self.statistics == "running":
            return {}
        _, _, mean, variance, n = cache
        if self.variance == "unbiased":
            variance = variance * n / (n - 1)
        return {
            "running_mean": self.momentum * own["running_mean"] + (1 - self.momentum) * mean,
            "running_variance": self.momentum * own["running_variance"] + (1 - self.momentum) * variance,
        }

    def inference(self) -> Layer:
        return self.model_copy(update={"statistics": "running"})
