"""Cross-entropy over classes, of logits."""

from typing import Annotated, Literal

import numpy as np
from pydantic import Field, model_validator

from backproof.errors import DataError, SpecError
from backproof.fields import Array, Fraction, NonNegativeFloat
from backproof.layers.functions import log_softmax, softmax
from backproof.losses.base import Loss

ClassWeights = Annotated[tuple[NonNegativeFloat, ...], Field(strict=False)]


class CrossEntropy(Loss):
    """ℓ = −Σ_c v_c q_c log softmax(a)_c per row of logits; ∂ℓ/∂a = softmax(a) Σ v q − v q.

    `targets` says what `y` holds: class indices (`integer`, shape of the output without its last axis) or one
    distribution per row (`one_hot`). q = (1 − s)·y + s / C, with s the `label_smoothing` and C the number of
    classes (Szegedy et al. 2016).

    v are the `class_weights`, 1 where none are given; in a weighted mean a row counts Σ v y, the weight of its
    class. A row whose target is the `ignore_index` has no loss, and counts nothing. PyTorch's mean is
    `weighted_mean`, Keras' is `mean`; to weigh whole rows, smoothing included, as Keras' class_weight does, use
    `weighted`. Where every row is ignored the weighted mean is 0 / 0.
    """

    type: Literal["cross_entropy"] = "cross_entropy"
    targets: Literal["integer", "one_hot"] = "integer"
    label_smoothing: Fraction = 0.0
    class_weights: ClassWeights | None = None
    ignore_index: int | None = None

    @model_validator(mode="after")
    def _possible(self) -> "CrossEntropy":
        if self.ignore_index is not None and not self.integer_targets():
            raise ValueError(f"ignore_index: expected none for one_hot targets, found {self.ignore_index}")
        return self

    def one_hot(self, y: Array, classes: int) -> Array:
        """Return the targets as distributions."""
        return y[..., None] == np.arange(classes) if self.integer_targets() else y

    def kept(self, y: Array) -> Array:
        """Return whether each row is not ignored."""
        return y != self.ignore_index

    def distribution(self, a: Array, y: Array) -> Array:
        """Return v q, of the shape of `a`; 0 throughout in the rows that are ignored."""
        classes = a.shape[-1]
        q = self.one_hot(y, classes).astype(a.dtype)
        if self.label_smoothing:
            q = (1.0 - self.label_smoothing) * q + self.label_smoothing / classes
        if self.class_weights is not None:
            q = q * np.asarray(self.class_weights, a.dtype)
        return q if self.ignore_index is None else np.where(self.kept(y)[..., None], q, np.zeros_like(q))

    def terms(self, a: Array, y: Array) -> Array:
        return -(self.distribution(a, y) * log_softmax(a)).sum(axis=-1)

    def terms_gradient(self, a: Array, y: Array) -> Array:
        q = self.distribution(a, y)
        return softmax(a) * q.sum(axis=-1, keepdims=True) - q  # Σq is 1 only to within the rounding of y

    def counts(self, shape: tuple[int, ...], y: Array) -> Array:
        counts = super().counts(shape, y)
        if self.class_weights is not None:
            counts = (self.one_hot(y, shape[-1]) * np.asarray(self.class_weights)).sum(axis=-1)
        return counts if self.ignore_index is None else counts * self.kept(y)

    def terms_shape(self, shape: tuple[int, ...]) -> tuple[int, ...]:
        return shape[:-1]

    def target_shape(self, shape: tuple[int, ...]) -> tuple[int, ...]:
        return shape[:-1] if self.integer_targets() else shape

    def integer_targets(self) -> bool:
        return self.targets == "integer"

    def random_targets(self, shape: tuple[int, ...], rng: np.random.Generator) -> Array:
        classes = rng.integers(0, shape[-1], size=shape[:-1])
        if self.ignore_index is not None:
            classes = np.where(rng.random(size=shape[:-1]) < 0.25, self.ignore_index, classes)
            classes.flat[0] = 1 if self.ignore_index == 0 else 0  # lest every row be ignored
        return classes if self.integer_targets() else np.eye(shape[-1])[classes]

    def check_output(self, shape: tuple[int, ...]) -> None:
        if not shape:
            raise SpecError("loss: cross_entropy expects an output with a class axis, found a scalar per row")
        if self.class_weights is not None and len(self.class_weights) != shape[-1]:
            found = len(self.class_weights)
            raise SpecError(f"loss.class_weights: expected one for each of {shape[-1]} classes, found {found}")

    def check_targets(self, y: Array, shape: tuple[int, ...]) -> None:
        classes = shape[-1]
        if self.integer_targets():
            outside = (y < 0) | (y >= classes)
            if np.any(outside & self.kept(y)):
                raise DataError(f"y: expected class indices from 0 to {classes - 1}, found {y.min()} to {y.max()}")
        else:
            check_distributions(y)


def check_distributions(y: Array) -> None:
    """Raise DataError unless every row is a distribution."""
    sums = y.sum(axis=-1)
    if np.any(y < 0) or np.any(np.abs(sums - 1.0) > y.shape[-1] * np.finfo(np.float32).eps):
        raise DataError(
            "y: expected one distribution per row (non-negative, sum 1), "
            f"found a least entry of {y.min()} and sums from {sums.min()} to {sums.max()}"
        )
