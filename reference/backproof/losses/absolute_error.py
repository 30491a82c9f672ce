"""Absolute error."""

from typing import Literal

import numpy as np

from backproof.fields import Array
from backproof.losses.base import Loss


class AbsoluteError(Loss):
    """ℓ = |a − y|; ∂ℓ/∂a = sign(a − y), 0 at 0."""

    type: Literal["absolute_error"] = "absolute_error"

    def terms(self, a: Array, y: Array) -> Array:
        return np.where(a - y < 0, y - a, a - y)

    def terms_gradient(self, a: Array, y: Array) -> Array:
        return (a - y > 0).astype(a.dtype) - (a - y < 0).astype(a.dtype)
