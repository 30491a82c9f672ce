"""The cosine distance of two vectors."""

from typing import Literal

import numpy as np

from backproof.errors import SpecError
from backproof.fields import Array, PositiveFloat
from backproof.losses.base import Loss


class CosineDistance(Loss):
    """ℓ = 1 − â·ŷ over the last axis, with â = a / max(‖a‖, ε) and ŷ likewise: one term per row.

    ∂ℓ/∂a = −(ŷ − (â·ŷ) â) / ‖a‖: only what is perpendicular to a turns it. Below ε the length is a constant, and
    ∂ℓ/∂a = −ŷ / ε. ε is 1e-8 in PyTorch and 1e-6 in Keras, which drops the 1.
    """

    type: Literal["cosine_distance"] = "cosine_distance"
    epsilon: PositiveFloat = 1e-8

    def terms(self, a: Array, y: Array) -> Array:
        return 1.0 - (a / self.length(a)[0] * (y / self.length(y)[0])).sum(axis=-1)

    def terms_gradient(self, a: Array, y: Array) -> Array:
        length, varies = self.length(a)
        along, target = a / length, y / self.length(y)[0]
        cosine = np.where(varies, (along * target).sum(axis=-1, keepdims=True), 0.0)
        return (cosine * along - target) / length

    def length(self, a: Array) -> tuple[Array, Array]:
        """Return max(‖a‖, ε) of every row, with an axis of 1 in the end, and whether it is ‖a‖."""
        norm = np.sqrt((a * a).sum(axis=-1, keepdims=True))
        varies = norm > self.epsilon
        return np.where(varies, norm, self.epsilon), varies

    def terms_shape(self, shape: tuple[int, ...]) -> tuple[int, ...]:
        return shape[:-1]

    def check_output(self, shape: tuple[int, ...]) -> None:
        if not shape:
            raise SpecError("loss: cosine_distance expects an output with a last axis, found a scalar per row")
