"""What a loss is: its terms, next to their gradient.

A loss is C = factor / n · Σ w ℓ. Each class states its terms ℓ and their gradient with respect to the network's
output a; the rest is bookkeeping that frameworks disagree on, so it is stated here:

    =================  ===========================================================
    `reduction`        n
    =================  ===========================================================
    `sum`              1
    `batch_mean`       B, the number of observations
    `mean`             the number of terms ℓ (entries; rows for cross-entropy)
    `weighted_mean`    what all terms count together: Σ w over the terms
    =================  ===========================================================

Σ(a−y)², ½Σ(a−y)², and their means are `squared_error` with `factor` 1 or 0.5 and one of the reductions.

With `weighted`, every observation has a weight w, the side input `loss.weight`, which multiplies all its terms.
Keras divides by the number of terms (`sum_over_batch_size` is `mean`), or by the sum of the weights
(`mean_with_sample_weight` is `weighted_mean`).
"""

from collections.abc import Mapping
from types import MappingProxyType
from typing import Any, Literal

import numpy as np

from backproof.fields import Array, Fields, PositiveFloat
from backproof.layers.base import Shape, SideInput

NOTHING: Mapping[str, Array] = MappingProxyType({})


class Loss(Fields):
    """C = factor / n · Σ w ℓ(a, y)."""

    factor: PositiveFloat = 1.0
    reduction: Literal["sum", "batch_mean", "mean", "weighted_mean"] = "mean"
    weighted: bool = False

    def terms(self, a: Array, y: Array) -> Array:
        """Return ℓ: one term per entry, per row or per observation of the output."""
        raise NotImplementedError

    def terms_gradient(self, a: Array, y: Array) -> Array:
        """Return ∂Σℓ/∂a, of the shape of `a`."""
        raise NotImplementedError

    def common_terms_gradient(self, a: Array, y: Array) -> Array:
        """Return ∂Σℓ/∂a as most implementations compute it; see `layers.base.Elementwise`."""
        return self.terms_gradient(a, y)

    def value(self, a: Array, y: Array, side: Mapping[str, Array] = NOTHING) -> Array:
        """Return C, a 0-d array."""
        return self.scaled_terms(a, y, side).sum()

    def scaled_terms(self, a: Array, y: Array, side: Mapping[str, Array] = NOTHING) -> Array:
        """Return terms whose sum is C."""
        return self.scaled(self.terms(a, y), a, y, side)

    def gradient(self, a: Array, y: Array, side: Mapping[str, Array] = NOTHING) -> Array:
        """Return ∂C/∂a."""
        return self.scaled(self.terms_gradient(a, y), a, y, side)

    def common_gradient(self, a: Array, y: Array, side: Mapping[str, Array] = NOTHING) -> Array:
        """Return ∂C/∂a as most implementations compute it."""
        return self.scaled(self.common_terms_gradient(a, y), a, y, side)

    def scaled(self, terms: Array, a: Array, y: Array, side: Mapping[str, Array] = NOTHING) -> Array:
        """Return terms, or their gradient, times factor · w / n."""
        scale = self.factor / self.divisor(a, y, side)
        return (along_batch(side["weight"], terms) * terms if self.weighted else terms) * scale

    def divisor(self, a: Array, y: Array, side: Mapping[str, Array] = NOTHING) -> Any:
        """Return n."""
        if self.reduction != "weighted_mean":
            counts = {"sum": 1, "batch_mean": len(a), "mean": int(np.prod(self.terms_shape(a.shape)))}
            return counts[self.reduction]
        counted = self.counts(a.shape, y).astype(a.dtype)
        return (along_batch(side["weight"], counted) * counted if self.weighted else counted).sum()

    def counts(self, shape: tuple[int, ...], y: Array) -> Array:
        """Return how much each term counts in a weighted mean, before its observation's own weight."""
        return np.ones(self.terms_shape(shape))

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
        return {"weight": SideInput((), _positive, low=0.0)} if self.weighted else {}

    def random_targets(self, shape: tuple[int, ...], rng: np.random.Generator) -> Array:
        """Draw targets that the loss is defined for, for an output of this shape."""
        return rng.normal(size=shape)

    def check_output(self, shape: tuple[int, ...]) -> None:
        """Raise SpecError if the network's output (batch axis left out) cannot be judged by this loss."""

    def check_targets(self, y: Array, shape: tuple[int, ...]) -> None:
        """Raise DataError if the values of `y` lie outside what the loss is defined for."""


def along_batch(weight: Array, terms: Array) -> Array:
    """Return one weight per observation (B,) with as many axes as the terms (B, ...)."""
    return weight.reshape(-1, *[1] * (terms.ndim - 1))


def _positive(rng: np.random.Generator, shape: Shape) -> Array:
    return rng.uniform(0.5, 2.0, size=shape)
