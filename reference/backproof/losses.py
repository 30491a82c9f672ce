"""Losses: the value next to its gradient.

A loss is C = factor / n · Σ ℓ. Each class states its terms ℓ and their gradient with respect to the network's
output a; the rest is bookkeeping that frameworks disagree on, so it is stated here:

    ==============  ====================================================
    `reduction`     n
    ==============  ====================================================
    `sum`           1
    `batch_mean`    B, the number of observations
    `mean`          the number of terms ℓ (entries; rows for cross-entropy)
    ==============  ====================================================

Σ(a−y)², ½Σ(a−y)², and their means are `squared_error` with `factor` 1 or 0.5 and one of the reductions.
"""

from collections.abc import Mapping
from types import MappingProxyType
from typing import TYPE_CHECKING, Annotated, Literal

import numpy as np
from pydantic import Field

from backproof.errors import DataError, SpecError
from backproof.fields import Array, Fields, Fraction, PositiveFloat
from backproof.layers.base import Shape, SideInput
from backproof.layers.functions import log_softmax, sigmoid, softmax, softplus

NOTHING: Mapping[str, Array] = MappingProxyType({})


class Loss(Fields):
    """C = factor / n · Σ ℓ(a, y)."""

    factor: PositiveFloat = 1.0
    reduction: Literal["sum", "batch_mean", "mean"] = "mean"

    def terms(self, a: Array, y: Array) -> Array:
        """Return ℓ, one term per entry (or per row) of the output."""
        raise NotImplementedError

    def terms_gradient(self, a: Array, y: Array) -> Array:
        """Return ∂Σℓ/∂a, of the shape of `a`."""
        raise NotImplementedError

    def value(self, a: Array, y: Array, side: Mapping[str, Array] = NOTHING) -> Array:
        """Return C, a 0-d array."""
        return self.terms(a, y).sum() * self.scale(a.shape)

    def scaled_terms(self, a: Array, y: Array, side: Mapping[str, Array] = NOTHING) -> Array:
        """Return terms whose sum is C."""
        return self.terms(a, y) * self.scale(a.shape)

    def gradient(self, a: Array, y: Array, side: Mapping[str, Array] = NOTHING) -> Array:
        """Return ∂C/∂a."""
        return self.terms_gradient(a, y) * self.scale(a.shape)

    def common_terms_gradient(self, a: Array, y: Array) -> Array:
        """Return ∂Σℓ/∂a as most implementations compute it; see `layers.base.Elementwise`."""
        return self.terms_gradient(a, y)

    def common_gradient(self, a: Array, y: Array, side: Mapping[str, Array] = NOTHING) -> Array:
        """Return ∂C/∂a as most implementations compute it."""
        return self.common_terms_gradient(a, y) * self.scale(a.shape)

    def scale(self, shape: tuple[int, ...]) -> float:
        """Return factor / n for an output of this shape, batch axis included."""
        counts = {"sum": 1, "batch_mean": shape[0], "mean": int(np.prod(self.terms_shape(shape)))}
        return self.factor / counts[self.reduction]

    def terms_shape(self, shape: tuple[int, ...]) -> tuple[int, ...]:
        """Return the shape of ℓ for an output of this shape."""
        return shape

    def target_shape(self, shape: tuple[int, ...]) -> tuple[int, ...]:
        """Return the shape of the targets for an output of this shape."""
        return shape

    def integer_targets(self) -> bool:
        """Return whether the targets are class indices."""
        return False

    def side_inputs(self, shape: Shape) -> dict[str, SideInput]:
        """Return by name what the loss is fed besides output and targets; `shape` is of one output."""
        return {}

    def random_targets(self, shape: tuple[int, ...], rng: np.random.Generator) -> Array:
        """Draw targets that the loss is defined for, for an output of this shape."""
        return rng.normal(size=shape)

    def check_output(self, shape: tuple[int, ...]) -> None:
        """Raise SpecError if the network's output (batch axis left out) cannot be judged by this loss."""

    def check_targets(self, y: Array, shape: tuple[int, ...]) -> None:
        """Raise DataError if the values of `y` lie outside what the loss is defined for."""


class SquaredError(Loss):
    """ℓ = (a − y)²; ∂ℓ/∂a = 2(a − y)."""

    type: Literal["squared_error"] = "squared_error"

    def terms(self, a: Array, y: Array) -> Array:
        return (a - y) * (a - y)

    def terms_gradient(self, a: Array, y: Array) -> Array:
        return 2.0 * (a - y)


class AbsoluteError(Loss):
    """ℓ = |a − y|; ∂ℓ/∂a = sign(a − y), 0 at 0."""

    type: Literal["absolute_error"] = "absolute_error"

    def terms(self, a: Array, y: Array) -> Array:
        return np.where(a - y < 0, y - a, a - y)

    def terms_gradient(self, a: Array, y: Array) -> Array:
        return (a - y > 0).astype(a.dtype) - (a - y < 0).astype(a.dtype)


class Huber(Loss):
    """ℓ = ½r² for |r| ≤ δ, else δ(|r| − ½δ), with r = a − y; ∂ℓ/∂a = r clipped to [−δ, δ] (Huber 1964)."""

    type: Literal["huber"] = "huber"
    delta: PositiveFloat = 1.0

    def terms(self, a: Array, y: Array) -> Array:
        clipped = np.clip(a - y, -self.delta, self.delta)
        return clipped * (a - y - 0.5 * clipped)

    def terms_gradient(self, a: Array, y: Array) -> Array:
        return np.clip(a - y, -self.delta, self.delta)


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
    """ℓ = (1 − y) log(1 + eᵃ) + y log(1 + e⁻ᵃ) on logits a; ∂ℓ/∂a = (1 − y)σ(a) − yσ(−a).

    The shorter log(1 + eᵃ) − ya and σ(a) − y are the same numbers, but cancel where the network is sure and right.
    """

    type: Literal["binary_cross_entropy_with_logits"] = "binary_cross_entropy_with_logits"

    def terms(self, a: Array, y: Array) -> Array:
        return (1.0 - y) * softplus(a) + y * softplus(-a)

    def terms_gradient(self, a: Array, y: Array) -> Array:
        return (1.0 - y) * sigmoid(a) - y * sigmoid(-a)

    def common_terms_gradient(self, a: Array, y: Array) -> Array:
        return np.exp(a - softplus(a)) - y


class CrossEntropy(Loss):
    """ℓ = −Σ_c q_c log softmax(a)_c per row of logits; ∂ℓ/∂a = softmax(a) Σq − q.

    `targets` says what `y` holds: class indices (`integer`, shape of the output without its last axis) or one
    distribution per row (`one_hot`). q = (1 − s)·y + s / C, with s the `label_smoothing` and C the number of
    classes (Szegedy et al. 2016).
    """

    type: Literal["cross_entropy"] = "cross_entropy"
    targets: Literal["integer", "one_hot"] = "integer"
    label_smoothing: Fraction = 0.0

    def distribution(self, a: Array, y: Array) -> Array:
        """Return q, of the shape of `a`."""
        classes = a.shape[-1]
        one_hot = (y[..., None] == np.arange(classes)).astype(a.dtype) if self.integer_targets() else y
        if not self.label_smoothing:
            return one_hot
        return (1.0 - self.label_smoothing) * one_hot + self.label_smoothing / classes

    def terms(self, a: Array, y: Array) -> Array:
        return -(self.distribution(a, y) * log_softmax(a)).sum(axis=-1)

    def terms_gradient(self, a: Array, y: Array) -> Array:
        q = self.distribution(a, y)
        return softmax(a) * q.sum(axis=-1, keepdims=True) - q  # Σq is 1 only to within the rounding of y

    def terms_shape(self, shape: tuple[int, ...]) -> tuple[int, ...]:
        return shape[:-1]

    def target_shape(self, shape: tuple[int, ...]) -> tuple[int, ...]:
        return shape[:-1] if self.integer_targets() else shape

    def integer_targets(self) -> bool:
        return self.targets == "integer"

    def random_targets(self, shape: tuple[int, ...], rng: np.random.Generator) -> Array:
        classes = rng.integers(0, shape[-1], size=shape[:-1])
        return classes if self.integer_targets() else np.eye(shape[-1])[classes]

    def check_output(self, shape: tuple[int, ...]) -> None:
        if not shape:
            raise SpecError("loss: cross_entropy expects an output with a class axis, found a scalar per row")

    def check_targets(self, y: Array, shape: tuple[int, ...]) -> None:
        classes = shape[-1]
        if self.integer_targets():
            if np.any((y < 0) | (y >= classes)):
                raise DataError(f"y: expected class indices from 0 to {classes - 1}, found {y.min()} to {y.max()}")
            return
        sums = y.sum(axis=-1)
        if np.any(y < 0) or np.any(np.abs(sums - 1.0) > classes * np.finfo(np.float32).eps):
            raise DataError(
                "y: expected one distribution per row (non-negative, sum 1), "
                f"found a least entry of {y.min()} and sums from {sums.min()} to {sums.max()}"
            )


if TYPE_CHECKING:
    AnyLoss = Loss
else:
    AnyLoss = Annotated[
        SquaredError | AbsoluteError | Huber | BinaryCrossEntropy | BinaryCrossEntropyWithLogits | CrossEntropy,
        Field(discriminator="type"),
    ]
