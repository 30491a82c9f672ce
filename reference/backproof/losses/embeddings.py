"""Losses of distances between embeddings: a pair or a triplet of them is one output.

D(u, v) = ‖u − v‖ has no derivative at u = v; it is taken to be 0 there.
"""

from typing import Literal

import numpy as np

from backproof.errors import DataError, SpecError
from backproof.fields import Array, PositiveFloat
from backproof.losses.base import Loss


class _OfEmbeddings(Loss):
    """One term per observation, whose output is (k, E): k embeddings of length E."""

    def terms_shape(self, shape: tuple[int, ...]) -> tuple[int, ...]:
        return shape[:1]

    def embeddings(self) -> int:
        """Return k."""
        raise NotImplementedError

    def check_output(self, shape: tuple[int, ...]) -> None:
        if len(shape) != 2 or shape[0] != self.embeddings():
            raise SpecError(f"loss: expected an output of {self.embeddings()} embeddings (k, E), found {shape}")


class Contrastive(_OfEmbeddings):
    """ℓ = y D² + (1 − y) max(0, margin − D)², D = ‖u − v‖, for an output of two rows u, v (Hadsell et al. 2006).

    y is 1 for a pair that belongs together and 0 for one that does not (the paper's Y is 1 − y; its ½ is a
    `factor`). ∂ℓ/∂u = 2(y − (1 − y) max(0, margin − D) / D)(u − v) = −∂ℓ/∂v.
    """

    type: Literal["contrastive"] = "contrastive"
    margin: PositiveFloat = 1.0

    def terms(self, a: Array, y: Array) -> Array:
        difference = a[:, 0] - a[:, 1]
        missing = self.missing(difference)
        return y * (difference * difference).sum(axis=-1) + (1.0 - y) * missing * missing

    def terms_gradient(self, a: Array, y: Array) -> Array:
        difference = a[:, 0] - a[:, 1]
        apart = ((1.0 - y) * self.missing(difference))[:, None]
        du = 2.0 * (y[:, None] * difference - apart * direction(difference))
        return np.stack([du, -du], axis=1)

    def missing(self, difference: Array) -> Array:
        """Return max(0, margin − D): how much a pair lacks in distance."""
        lack = self.margin - length(difference)
        return np.where(lack > 0, lack, np.zeros_like(lack))

    def embeddings(self) -> int:
        return 2

    def target_shape(self, shape: tuple[int, ...]) -> tuple[int, ...]:
        return shape[:1]

    def random_targets(self, shape: tuple[int, ...], rng: np.random.Generator) -> Array:
        return rng.integers(0, 2, size=shape[:1]).astype(np.float64)

    def check_targets(self, y: Array, shape: tuple[int, ...]) -> None:
        if np.any((y != 0.0) & (y != 1.0)):
            raise DataError(f"y: expected labels 0 and 1, found {y[(y != 0.0) & (y != 1.0)][0]}")


class Triplet(_OfEmbeddings):
    """ℓ = max(0, D(u, p) − D(u, n) + margin) for an output of three rows: anchor u, positive p, negative n.

    `distance` is ‖u − v‖ (`euclidean`, PyTorch's) or ‖u − v‖² (`squared_euclidean`, Schroff et al. 2015). With g
    its gradient, ∂ℓ/∂p = −g(u − p), ∂ℓ/∂n = g(u − n), and ∂ℓ/∂u what makes the three add up to 0; all are 0 where
    the margin is kept. There is nothing to be told: the targets are empty, (B, 0).
    """

    type: Literal["triplet"] = "triplet"
    margin: PositiveFloat = 1.0
    distance: Literal["euclidean", "squared_euclidean"] = "euclidean"

    def terms(self, a: Array, y: Array) -> Array:
        violation = self.violation(a)
        return np.where(violation > 0, violation, np.zeros_like(violation))

    def terms_gradient(self, a: Array, y: Array) -> Array:
        near, far = a[:, 0] - a[:, 1], a[:, 0] - a[:, 2]
        if self.distance == "euclidean":
            to_near, to_far = direction(near), direction(far)
        else:
            to_near, to_far = 2.0 * near, 2.0 * far
        gradient = np.stack([to_near - to_far, -to_near, to_far], axis=1)
        return np.where((self.violation(a) > 0)[:, None, None], gradient, np.zeros_like(gradient))

    def violation(self, a: Array) -> Array:
        """Return by how much the positive is too far away, compared with the negative."""
        near, far = a[:, 0] - a[:, 1], a[:, 0] - a[:, 2]
        if self.distance == "euclidean":
            return length(near) - length(far) + self.margin
        return (near * near).sum(axis=-1) - (far * far).sum(axis=-1) + self.margin

    def embeddings(self) -> int:
        return 3

    def target_shape(self, shape: tuple[int, ...]) -> tuple[int, ...]:
        return (shape[0], 0)

    def random_targets(self, shape: tuple[int, ...], rng: np.random.Generator) -> Array:
        return np.zeros((shape[0], 0))


def length(difference: Array) -> Array:
    """Return ‖d‖ over the last axis."""
    return np.sqrt((difference * difference).sum(axis=-1))


def direction(difference: Array) -> Array:
    """Return d / ‖d‖ over the last axis, the gradient of ‖d‖; 0 at d = 0."""
    norm = length(difference)[..., None]
    return difference / np.where(norm > 0, norm, np.ones_like(norm))
