"""Gradient clipping, before the optimizer sees the gradient and before any weight decay is added to it."""

from typing import Annotated, Literal

import numpy as np
from pydantic import Field

from backproof.fields import Array, Fields, NonNegativeFloat, PositiveFloat


class ClipByValue(Fields):
    """g ← min(max(g, −limit), limit), entry by entry."""

    type: Literal["value"] = "value"
    limit: PositiveFloat

    def clip(self, gradients: dict[str, Array]) -> dict[str, Array]:
        """Return the clipped gradients."""
        return {name: np.clip(g, -self.limit, self.limit) for name, g in gradients.items()}


class ClipByNorm(Fields):
    """g ← g · min(1, limit / (‖g‖ + epsilon)), with the Euclidean norm of all gradients or of each tensor.

    PyTorch's `clip_grad_norm_` has `epsilon` 1e-6 and `scope` global; Keras' `global_clipnorm` and optax's
    `clip_by_global_norm` have epsilon 0; Keras' `clipnorm` has epsilon 0 and `scope` tensor.
    """

    type: Literal["norm"] = "norm"
    limit: PositiveFloat
    scope: Literal["global", "tensor"] = "global"
    epsilon: NonNegativeFloat = 0.0

    def clip(self, gradients: dict[str, Array]) -> dict[str, Array]:
        """Return the clipped gradients."""
        squares = {name: np.square(g).sum() for name, g in gradients.items()}
        if self.scope == "global":
            total = sum(squares.values())
            squares = dict.fromkeys(squares, total)
        return {name: g * self._factor(np.sqrt(squares[name])) for name, g in gradients.items()}

    def _factor(self, norm: Array) -> Array:
        """Return min(1, limit / (norm + epsilon)), finite for a norm of 0."""
        return self.limit / np.maximum(norm + self.epsilon, self.limit)


Clip = Annotated[ClipByValue | ClipByNorm, Field(discriminator="type")]
