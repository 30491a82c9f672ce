"""Huber's loss: squared error near the target, absolute error far from it."""

from typing import Literal

import numpy as np

from backproof.fields import Array, PositiveFloat
from backproof.losses.base import Loss


class Huber(Loss):
    """ℓ = ½r² for |r| ≤ δ, else δ(|r| − ½δ), with r = a − y; ∂ℓ/∂a = r clipped to [−δ, δ] (Huber 1964)."""

    type: Literal["huber"] = "huber"
    delta: PositiveFloat = 1.0

    def terms(self, a: Array, y: Array) -> Array:
        clipped = np.clip(a - y, -self.delta, self.delta)
        return clipped * (a - y - 0.5 * clipped)

    def terms_gradient(self, a: Array, y: Array) -> Array:
        return np.clip(a - y, -self.delta, self.delta)
