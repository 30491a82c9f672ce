"""Mistakes in normalisations: a path forgotten on the way back, the wrong statistics, the wrong epsilon."""

import math
from typing import Any

import numpy as np

from backproof.fields import Array
from backproof.layers.base import Cache, Layer, Own, Shape
from backproof.layers.batch_norm import BatchNorm
from backproof.layers.layer_norm import GroupNorm, LayerNorm, RMSNorm
from backproof.layers.normalization import Axes, Kept, Normalization, mean_over
from backproof.mistakes.base import Place, below, in_layer, own_buffer, own_output, own_parameter
from backproof.spec import ModelSpec

Backward = tuple[Array, dict[str, Array]]


class _NotThroughMean(Normalization):
    def normalize_backward(self, kept: Kept, dx_hat: Array, axes: Axes) -> Array:
        return super().normalize_backward(kept, dx_hat, axes) + mean_over(dx_hat, axes) / kept[1]


class _NotThroughVariance(Normalization):
    def normalize_backward(self, kept: Kept, dx_hat: Array, axes: Axes) -> Array:
        x_hat, deviation = kept[:2]
        third_term = x_hat * mean_over(dx_hat * x_hat, axes) / deviation
        return super().normalize_backward(kept, dx_hat, axes) + third_term


class _StatisticsAsConstants(Normalization):
    def normalize_backward(self, kept: Kept, dx_hat: Array, axes: Axes) -> Array:
        return dx_hat / kept[1]


class _NotDivided(Normalization):
    def normalize_backward(self, kept: Kept, dx_hat: Array, axes: Axes) -> Array:
        return super().normalize_backward(kept, dx_hat, axes) * kept[1]


class _ScaleNotCarried(Normalization):
    def backward(self, own: Own, cache: Cache, dy: Array) -> Backward:
        dx, _ = super().backward({**own, "scale": np.ones_like(own["scale"])}, cache, dy)
        return dx, super().backward(own, cache, dy)[1]


class _ScaleLikeShift(Normalization):
    def backward(self, own: Own, cache: Cache, dy: Array) -> Backward:
        dx, gradients = super().backward(own, cache, dy)
        batch = tuple(range(dy.ndim - own["scale"].ndim))
        return dx, gradients | {"scale": dy.sum(axis=batch)}


def _divided_by(other: Array, kept: Kept) -> Kept:
    """Return what is kept where x̂ is divided by something else than the deviation."""
    x_hat, deviation, *rest = kept
    return x_hat * deviation / other, other, *rest


class _NoEpsilon(Normalization):
    def normalize(self, own: Own, x: Array, axes: Axes) -> Kept:
        kept = super().normalize(own, x, axes)
        return _divided_by(np.sqrt(kept[1] * kept[1] - self.epsilon), kept)


class _EpsilonOutsideRoot(Normalization):
    def normalize(self, own: Own, x: Array, axes: Axes) -> Kept:
        kept = super().normalize(own, x, axes)
        return _divided_by(np.sqrt(kept[1] * kept[1] - self.epsilon) + self.epsilon, kept)


class _OtherEpsilon(Normalization):
    def normalize(self, own: Own, x: Array, axes: Axes) -> Kept:
        kept = super().normalize(own, x, axes)
        return _divided_by(np.sqrt(kept[1] * kept[1] - self.epsilon + 100 * self.epsilon), kept)


class _UnbiasedVariance(Normalization):
    def normalize(self, own: Own, x: Array, axes: Axes) -> Kept:
        kept = super().normalize(own, x, axes)
        n = math.prod(x.shape[axis] for axis in axes)
        return _divided_by(np.sqrt((kept[1] * kept[1] - self.epsilon) * n / (n - 1) + self.epsilon), kept)


class _MeanSubtracted(RMSNorm):
    def normalize(self, own: Own, x: Array, axes: Axes) -> Kept:
        return Normalization.normalize(self, own, x, axes)


class _OverBatch(LayerNorm):
    def arranged(self, shape: Shape) -> tuple[Shape, Axes]:
        return shape, (0,)


class _EveryNthChannel(GroupNorm):
    def arranged(self, shape: Shape) -> tuple[Shape, Axes]:
        (batch, positions, groups, channels), _ = super().arranged(shape)
        return (batch, positions, channels, groups), (1, 2)


class _RunningInTraining(BatchNorm):
    def normalize(self, own: Own, x: Array, axes: Axes) -> Kept:
        kept = super().normalize(own, x, axes)
        running = BatchNorm.normalize(self.model_copy(update={"statistics": "running"}), own, x, axes)
        return *running, *kept[2:]


class _BatchAtInference(BatchNorm):
    def inference(self) -> Layer:
        return self


class _NeverMoved(BatchNorm):
    def new_buffers(self, own: Own, cache: Cache) -> dict[str, Array]:
        return {}


class _OtherMomentum(BatchNorm):
    def new_buffers(self, own: Own, cache: Cache) -> dict[str, Array]:
        return BatchNorm.new_buffers(self.model_copy(update={"momentum": 1 - self.momentum}), own, cache)


class _OtherVariance(BatchNorm):
    def new_buffers(self, own: Own, cache: Cache) -> dict[str, Array]:
        other = "biased" if self.variance == "unbiased" else "unbiased"
        return BatchNorm.new_buffers(self.model_copy(update={"variance": other}), own, cache)


def _of_batch(layer: Any) -> bool:
    return layer.type != "batch_norm" or layer.statistics == "batch"


def _with_mean(layer: Any) -> bool:
    return layer.type != "rms_norm" and _of_batch(layer)


def _has_scale(layer: Any) -> bool:
    return bool(layer.scale)


def _at_inference(spec: ModelSpec, site: int | None) -> Place:
    return "inference", spec.layer_names[site or 0]


_DX = "dx = (dx̂ − mean(dx̂) − x̂ ⊙ mean(dx̂ ⊙ x̂)) / √(σ² + ε)"
_X_HAT = "x̂ = (x − μ) / √(σ² + ε)"
MISTAKES = (
    in_layer(
        "normalisation: the gradient through the mean forgotten",
        "dx = (dx̂ − x̂ ⊙ mean(dx̂ ⊙ x̂)) / √(σ² + ε)",
        _DX,
        _NotThroughMean,
        below,
        _with_mean,
    ),
    in_layer(
        "normalisation: the gradient through the variance forgotten",
        "dx = (dx̂ − mean(dx̂)) / √(σ² + ε)",
        _DX,
        _NotThroughVariance,
        below,
        _of_batch,
    ),
    in_layer(
        "normalisation: mean and variance taken for constants",
        "dx = dx̂ / √(σ² + ε)",
        _DX,
        _StatisticsAsConstants,
        below,
        _of_batch,
    ),
    in_layer(
        "normalisation: gradient not divided by the deviation",
        "dx = dx̂ − mean(dx̂) − x̂ ⊙ mean(dx̂ ⊙ x̂)",
        _DX,
        _NotDivided,
        below,
    ),
    in_layer(
        "normalisation: scale not carried back", "dx̂ = dy", "dx̂ = γ ⊙ dy", _ScaleNotCarried, below, _has_scale
    ),
    in_layer(
        "normalisation: gradient of the scale like the shift's",
        "dγ = Σ dy",
        "dγ = Σ dy ⊙ x̂",
        _ScaleLikeShift,
        own_parameter("scale"),
        _has_scale,
    ),
    in_layer("normalisation: epsilon forgotten", "x̂ = (x − μ) / σ", _X_HAT, _NoEpsilon, own_output),
    in_layer(
        "normalisation: epsilon outside the root", "x̂ = (x − μ) / (σ + ε)", _X_HAT, _EpsilonOutsideRoot, own_output
    ),
    in_layer("normalisation: epsilon of another framework", "ε = 1e-3", "ε = 1e-5", _OtherEpsilon, own_output),
    in_layer(
        "normalisation: divided by the unbiased deviation",
        "σ² = Σ (x − μ)² / (n − 1)",
        "σ² = Σ (x − μ)² / n",
        _UnbiasedVariance,
        own_output,
        _with_mean,
    ),
    in_layer("RMS norm: mean subtracted", _X_HAT, "x̂ = x / √(mean(x²) + ε)", _MeanSubtracted, own_output),
    in_layer(
        "layer norm over the batch", "μ, σ² over observations", "μ, σ² over features", _OverBatch, own_output
    ),
    in_layer(
        "group norm: every n-th channel in a group",
        "group = channel mod groups",
        "group = ⌊channel · groups / channels⌋",
        _EveryNthChannel,
        own_output,
    ),
    in_layer(
        "batch norm: running statistics in training",
        "x̂ of the running μ, σ²",
        "x̂ of the batch's μ, σ²",
        _RunningInTraining,
        own_output,
        _of_batch,
    ),
    in_layer(
        "batch norm: statistics of the batch at inference",
        "x̂ of the batch's μ, σ²",
        "x̂ of the running μ, σ²",
        _BatchAtInference,
        _at_inference,
        _of_batch,
    ),
    in_layer(
        "batch norm: running statistics never moved",
        "running ← running",
        "running ← m · running + (1 − m) · batch",
        _NeverMoved,
        own_buffer("running_mean"),
        _of_batch,
    ),
    in_layer(
        "batch norm: momentum for 1 − momentum",
        "running ← (1 − m) · running + m · batch",
        "running ← m · running + (1 − m) · batch",
        _OtherMomentum,
        own_buffer("running_mean"),
        _of_batch,
    ),
    in_layer(
        "batch norm: biased and unbiased running variance confused",
        "σ² for n/(n − 1) · σ², or the other way round",
        "as the spec says",
        _OtherVariance,
        own_buffer("running_variance"),
        _of_batch,
    ),
)
