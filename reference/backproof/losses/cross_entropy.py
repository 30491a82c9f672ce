"""Cross-entropy over classes, of logits."""

from typing import Literal

import numpy as np

from backproof.errors import DataError, SpecError
from backproof.fields import Array, Fraction
from backproof.layers.functions import log_softmax, softmax
from backproof.losses.base import Loss


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
