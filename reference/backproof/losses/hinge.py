"""Hinge losses: nothing is to be gained beyond a margin."""

from typing import Literal

import numpy as np

from backproof.errors import DataError, SpecError
from backproof.fields import Array, PositiveFloat
from backproof.losses.base import Loss


class Hinge(Loss):
    """ℓ = max(0, 1 − ya)ᵖ for labels y of −1 or 1, with p the `power`; its slope at the kink is 0.

    ∂ℓ/∂a = −y for p = 1 and −2y(1 − ya) for p = 2 where ya < 1 (Cortes & Vapnik 1995).
    """

    type: Literal["hinge"] = "hinge"
    power: Literal[1, 2] = 1

    def terms(self, a: Array, y: Array) -> Array:
        return powered(positive_part(1.0 - y * a), self.power)

    def terms_gradient(self, a: Array, y: Array) -> Array:
        return -y * powered_slope(positive_part(1.0 - y * a), self.power)

    def random_targets(self, shape: tuple[int, ...], rng: np.random.Generator) -> Array:
        return 2.0 * rng.integers(0, 2, size=shape) - 1.0

    def check_targets(self, y: Array, shape: tuple[int, ...]) -> None:
        if np.any(np.abs(y) != 1.0):
            raise DataError(f"y: expected labels -1 and 1, found {y[np.abs(y) != 1.0][0]}")


class MulticlassHinge(Loss):
    """Hinge losses over classes, one term per row of scores, from m_c = margin − a_y + a_c of every wrong class c.

    `weston_watkins` is ℓ = Σ_c max(0, m_c)ᵖ (Weston & Watkins 1999; PyTorch's, which is divided by the number of
    classes: a `factor`), `crammer_singer` ℓ = max(0, max_c m_c)ᵖ (Crammer & Singer 2001; Keras' and optax'). Each
    m_c that counts pulls the score of its class down and that of the right one up. Of equal scores the first is
    the maximum.
    """

    type: Literal["multiclass_hinge"] = "multiclass_hinge"
    form: Literal["weston_watkins", "crammer_singer"] = "weston_watkins"
    margin: PositiveFloat = 1.0
    power: Literal[1, 2] = 1

    def violations(self, a: Array, y: Array) -> Array:
        """Return max(0, m_c) of the classes that count, of the shape of `a`; 0 for all others."""
        own = right_class(a, y)
        score = (a * own).sum(axis=-1, keepdims=True)
        margins = positive_part(np.where(own > 0, np.zeros_like(a), self.margin - score + a))
        return margins if self.form == "weston_watkins" else only_largest(margins)

    def terms(self, a: Array, y: Array) -> Array:
        return powered(self.violations(a, y), self.power).sum(axis=-1)

    def terms_gradient(self, a: Array, y: Array) -> Array:
        slope = powered_slope(self.violations(a, y), self.power)
        return slope - right_class(a, y) * slope.sum(axis=-1, keepdims=True)

    def terms_shape(self, shape: tuple[int, ...]) -> tuple[int, ...]:
        return shape[:-1]

    def target_shape(self, shape: tuple[int, ...]) -> tuple[int, ...]:
        return shape[:-1]

    def integer_targets(self) -> bool:
        return True

    def random_targets(self, shape: tuple[int, ...], rng: np.random.Generator) -> Array:
        return rng.integers(0, shape[-1], size=shape[:-1])

    def check_output(self, shape: tuple[int, ...]) -> None:
        if not shape or shape[-1] < 2:
            raise SpecError(f"loss: multiclass_hinge expects an output of at least two classes, found {shape}")

    def check_targets(self, y: Array, shape: tuple[int, ...]) -> None:
        if np.any((y < 0) | (y >= shape[-1])):
            raise DataError(f"y: expected class indices from 0 to {shape[-1] - 1}, found {y.min()} to {y.max()}")


def right_class(a: Array, y: Array) -> Array:
    """Return 1 at the class y of every row and 0 elsewhere, of the shape of `a`."""
    return (y[..., None] == np.arange(a.shape[-1])).astype(a.dtype)


def positive_part(m: Array) -> Array:
    """max(0, m)."""
    return np.where(m > 0, m, np.zeros_like(m))


def powered(m: Array, power: int) -> Array:
    """mᵖ for p = 1 or 2."""
    return m * m if power == 2 else m


def powered_slope(m: Array, power: int) -> Array:
    """The derivative of max(0, m)ᵖ from max(0, m)."""
    return 2.0 * m if power == 2 else (m > 0).astype(m.dtype)


def only_largest(m: Array) -> Array:
    """Keep the largest entry of every row, the first of equals, and set all others to 0."""
    best, kept = m[..., :1], [m[..., :1]]
    for c in range(1, m.shape[-1]):
        candidate = m[..., c : c + 1]
        larger = candidate > best
        zero = np.zeros_like(candidate)
        kept = [np.where(larger, zero, one) for one in kept] + [np.where(larger, candidate, zero)]
        best = np.where(larger, candidate, best)
    return np.concatenate(kept, axis=-1)
