"""Mistakes in dropout and in the sample of a normal distribution."""

import numpy as np

from backproof.fields import Array
from backproof.layers import Layer
from backproof.layers.base import Cache, Own
from backproof.layers.dropout import Dropout
from backproof.layers.gaussian_sample import GaussianSample
from backproof.mistakes.base import Place, below, in_layer, own_output
from backproof.spec import ModelSpec

Backward = tuple[Array, dict[str, Array]]


def _own_inference(spec: ModelSpec, site: int | None) -> Place:
    return "inference", spec.layer_names[site or 0]


class _NoMaskBack(Dropout):
    def backward(self, own: Own, cache: Cache, dy: Array) -> Backward:
        return dy, {}


class _NoScaleBack(Dropout):
    def backward(self, own: Own, cache: Cache, dy: Array) -> Backward:
        dx, gradients = super().backward(own, cache, dy)
        return dx * (1.0 - self.rate), gradients


class _NoScale(Dropout):
    def forward(self, own: Own, x: Array) -> tuple[Array, Cache]:
        y, scale = super().forward(own, x)
        return y * (1.0 - self.rate), scale


class _RateKept(Dropout):
    def forward(self, own: Own, x: Array) -> tuple[Array, Cache]:
        scale = own["mask"] / self.rate
        return x * scale, scale


class _MaskInverted(Dropout):
    def forward(self, own: Own, x: Array) -> tuple[Array, Cache]:
        return super().forward({"mask": 1.0 - own["mask"]}, x)


class _ScaledInUse(Dropout):
    def inference(self) -> Layer:
        return _Scaled(rate=self.rate, name=self.name)


class _Scaled(Dropout):
    def forward(self, own: Own, x: Array) -> tuple[Array, Cache]:
        return x * (1.0 - self.rate), None


class _DroppedInUse(Dropout):
    def inference(self) -> Layer:
        return self


class _VarianceAsDeviation(GaussianSample):
    def forward(self, own: Own, x: Array) -> tuple[Array, Cache]:
        n = x.shape[-1] // 2
        deviation = np.exp(x[..., n:]) * own["noise"]
        return x[..., :n] + deviation, deviation


class _HalvesSwapped(GaussianSample):
    def forward(self, own: Own, x: Array) -> tuple[Array, Cache]:
        n = x.shape[-1] // 2
        return super().forward(own, np.concatenate([x[..., n:], x[..., :n]], axis=-1))


class _NoHalf(GaussianSample):
    def backward(self, own: Own, cache: Cache, dy: Array) -> Backward:
        return np.concatenate([dy, dy * cache], axis=-1), {}


class _SampleDetached(GaussianSample):
    def backward(self, own: Own, cache: Cache, dy: Array) -> Backward:
        return super().backward(own, None, dy)


class _SampledInUse(GaussianSample):
    def inference(self) -> Layer:
        return self


def _drops(layer: Dropout) -> bool:
    return layer.rate > 0.0


def _sampled(layer: GaussianSample) -> bool:
    return layer.sampled


MISTAKES = (
    in_layer(
        "dropout mask forgotten on the way back", "dx = dy", "dx = dy ⊙ m / (1 − p)", _NoMaskBack, below, _drops
    ),
    in_layer(
        "dropout not scaled on the way back", "dx = dy ⊙ m", "dx = dy ⊙ m / (1 − p)", _NoScaleBack, below, _drops
    ),
    in_layer("dropout not scaled", "y = x ⊙ m", "y = x ⊙ m / (1 − p)", _NoScale, own_output, _drops),
    in_layer(
        "dropout rate taken for the share kept",
        "y = x ⊙ m / p",
        "y = x ⊙ m / (1 − p)",
        _RateKept,
        own_output,
        _drops,
    ),
    in_layer(
        "dropout keeps what it should drop",
        "y = x ⊙ (1 − m) / (1 − p)",
        "y = x ⊙ m / (1 − p)",
        _MaskInverted,
        own_output,
        _drops,
    ),
    in_layer("dropout scaled at inference too", "y = (1 − p) x", "y = x", _ScaledInUse, _own_inference, _drops),
    in_layer("dropout at inference", "y = x ⊙ m / (1 − p)", "y = x", _DroppedInUse, _own_inference, _drops),
    in_layer(
        "log-variance taken for log-deviation",
        "y = μ + exp(λ) ⊙ ε",
        "y = μ + exp(λ/2) ⊙ ε",
        _VarianceAsDeviation,
        own_output,
        _sampled,
    ),
    in_layer("log-variance before mean", "[λ, μ] = x", "[μ, λ] = x", _HalvesSwapped, own_output),
    in_layer(
        "log-variance's gradient without the half",
        "dλ = dy ⊙ ε exp(λ/2)",
        "dλ = ½ dy ⊙ ε exp(λ/2)",
        _NoHalf,
        below,
        _sampled,
    ),
    in_layer(
        "no gradient through the deviation",
        "dλ = 0",
        "dλ = ½ dy ⊙ ε exp(λ/2)",
        _SampleDetached,
        below,
        _sampled,
    ),
    in_layer("sampled at inference", "y = μ + exp(λ/2) ⊙ ε", "y = μ", _SampledInUse, _own_inference, _sampled),
)
