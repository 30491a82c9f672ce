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
        margin = 1.0 - y * a
        return powered(margin, margin > 0, self.power)

    def terms_gradient(self, a: Array, y: Array) -> Array:
        margin = 1.0 - y * a
        return -y * powered_slope(margin, margin > 0, self.power)

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

    def terms(self, a: Array, y: Array) -> Array:
        return powered(*self.margins(a, y), self.power).sum(axis=-1)

    def terms_gradient(self, a: Array, y: Array) -> Array:
        slope = powered_slope(*self.margins(a, y), self.power)
        return slope - right_class(a, y) * slope.sum(axis=-1, keepdims=True)

    def margins(self, a: Array, y: Array) -> tuple[Array, Array]:
        """Return m_c and whether it counts, of the shape of `a`."""
        own = right_class(a, y)
        margins = self.margin - (a * own).sum(axis=-1, keepdims=True) + a
        wrong = y[..., None] != np.arange(a.shape[-1])
        counts = wrong if self.form == "weston_watkins" else largest(margins, wrong)
        return margins, counts & (margins > 0)

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


def powered(margin: Array, counts: Array, power: int) -> Array:
    """mᵖ for p = 1 or 2 where it counts, else 0."""
    return np.where(counts, margin * margin if power == 2 else margin, np.zeros_like(margin))


def powered_slope(margin: Array, counts: Array, power: int) -> Array:
    """The derivative of `powered`."""
    return np.where(counts, 2.0 * margin if power == 2 else np.ones_like(margin), np.zeros_like(margin))


def largest(m: Array, among: Array) -> Array:
    """Return whether each entry is the largest of its row among some, the first of equals."""
    best, chosen = np.where(among[..., :1], m[..., :1], -np.inf), [among[..., :1]]
    for c in range(1, m.shape[-1]):
        candidate = m[..., c : c + 1]
        larger = among[..., c : c + 1] & (candidate > best)
        chosen = [one & ~larger for one in chosen] + [larger]
        best = np.where(larger, candidate, best)
    return np.concatenate(chosen, axis=-1)
