"""Normalisations of each observation by itself: layer, group and instance norm, and RMS norm."""

import math
from typing import Annotated, Literal

import numpy as np
from pydantic import Field

from backproof.fields import Array, NonNegativeFloat
from backproof.layers.base import Own, Shape
from backproof.layers.normalization import Axes, Kept, Normalization, mean_over, through_quotient


class _OverLastAxes(Normalization):
    """Normalises over the last n axes, with an entry of γ and β for each of their entries."""

    axes: Annotated[int, Field(gt=0)] = 1

    def features(self, shape: Shape) -> Shape:
        return shape[-self.axes :]

    def arranged(self, shape: Shape) -> tuple[Shape, Axes]:
        return shape, tuple(range(len(shape) - self.axes, len(shape)))

    def output_shape(self, shape: Shape) -> Shape:
        if len(shape) < self.axes:
            raise ValueError(f"axes: expected at most {len(shape)}, as many as the input has, found {self.axes}")
        return shape


class LayerNorm(_OverLastAxes):
    """x̂ = (x − μ) / √(σ² + ε); y = γ ⊙ x̂ + β, with μ and σ² over the last `axes` axes (Ba et al. 2016).

    x is (B, ..., F); γ and β have the shape of the axes normalised over, (F,) for one.
    """

    type: Literal["layer_norm"] = "layer_norm"


class RMSNorm(_OverLastAxes):
    """x̂ = x / √(mean(x²) + ε); y = γ ⊙ x̂, with the mean over the last `axes` axes (Zhang & Sennrich 2019).

    Nothing is subtracted, so that the term through μ is missing on the way back:

        dx = (dx̂ − x̂ ⊙ mean(dx̂ ⊙ x̂)) / √(mean(x²) + ε)

    There is no β unless asked for. ε is 1e-6 in Keras and Flax; in PyTorch, unless told, that of the dtype.
    """

    type: Literal["rms_norm"] = "rms_norm"
    epsilon: NonNegativeFloat = 1e-6
    shift: bool = False

    def normalize(self, own: Own, x: Array, axes: Axes) -> Kept:
        root_mean_square = np.sqrt(mean_over(x * x, axes) + self.epsilon)
        return x / root_mean_square, root_mean_square

    def normalize_backward(self, kept: Kept, dx_hat: Array, axes: Axes) -> Array:
        x_hat, root_mean_square = kept
        return (dx_hat - x_hat * mean_over(dx_hat * x_hat, axes)) / root_mean_square

    def normalize_backward_by_steps(self, kept: Kept, dx_hat: Array, axes: Axes) -> Array:
        return through_quotient(kept, dx_hat, axes)


class InstanceNorm(Normalization):
    """x̂ = (x − μ) / √(σ² + ε); y = γ ⊙ x̂ + β, per observation and channel (Ulyanov et al. 2016).

    x is (B, ..., C), with μ and σ² over the axes between; γ and β are (C,). PyTorch has γ and β only with
    `affine=True`; in Keras this is GroupNormalization with groups=-1. No running statistics are kept.
    """

    type: Literal["instance_norm"] = "instance_norm"

    def arranged(self, shape: Shape) -> tuple[Shape, Axes]:
        return shape, tuple(range(1, len(shape) - 1))

    def output_shape(self, shape: Shape) -> Shape:
        if math.prod(shape[:-1]) < 2:
            raise ValueError(f"expected more than one value per channel to normalise, found an input of {shape}")
        return shape


class GroupNorm(Normalization):
    """x̂ = (x − μ) / √(σ² + ε); y = γ ⊙ x̂ + β, per observation and group of channels (Wu & He 2018).

    x is (B, ..., C). The channels fall into `groups` groups of C / groups neighbours each; μ and σ² are over a
    group and all axes between; γ and β are (C,).
    """

    type: Literal["group_norm"] = "group_norm"
    groups: Annotated[int, Field(gt=0)]

    def arranged(self, shape: Shape) -> tuple[Shape, Axes]:
        return (shape[0], math.prod(shape[1:-1]), self.groups, shape[-1] // self.groups), (1, 3)

    def output_shape(self, shape: Shape) -> Shape:
        channels = super().output_shape(shape)[-1]
        if channels % self.groups:
            raise ValueError(f"groups: expected a divisor of the {channels} channels, found {self.groups}")
        return shape
