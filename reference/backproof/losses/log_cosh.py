"""The logarithm of the hyperbolic cosine of the error."""

import math
from typing import Literal

import numpy as np

from backproof.fields import Array
from backproof.losses.base import Loss


class LogCosh(Loss):
    """ℓ = log cosh r = |r| + log(1 + e^−2|r|) − log 2, with r = a − y; ∂ℓ/∂a = tanh r.

    It is about ½r² near 0, and |r| − log 2 far from it.
    """

    type: Literal["log_cosh"] = "log_cosh"

    def terms(self, a: Array, y: Array) -> Array:
        magnitude = np.where(a - y < 0, y - a, a - y)
        return magnitude + np.log1p(np.exp(-2.0 * magnitude)) - math.log(2.0)

    def terms_gradient(self, a: Array, y: Array) -> Array:
        return np.tanh(a - y)
