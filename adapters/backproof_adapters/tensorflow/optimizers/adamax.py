"""Adamax."""

from typing import Any

import keras
import tensorflow as tf

from backproof_adapters.tensorflow.optimizers.adam import betas
from backproof_adapters.tensorflow.optimizers.conventions import Conventions
from backproof_adapters.tensorflow.optimizers.table import OptimizerRow


class Adamax(Conventions, keras.optimizers.Adamax):  # type: ignore[misc]
    """u ← max(β₂u, |g|); Δ = −η / (1 − β₁ᵗ) · m / (u + ε), as in Keras; with `inside`, |g| + ε for |g|.

    Here m ← β₁m + (1 − β₁)g; Keras' m + (1 − β₁)(g − m) loses digits where β₁ is small.
    """

    def __init__(self, *, inside: bool = False, **others: Any) -> None:
        super().__init__(**others)
        self.inside = inside

    def rule(self, g: Any, w: Any, rate: Any) -> None:
        """Update one weight and its slots."""
        inside, outside = (self.epsilon, 0.0) if self.inside else (0.0, self.epsilon)
        m, u = self.slot(self._m, w), self.slot(self._u, w)
        m.assign(self.beta_1 * m + (1.0 - self.beta_1) * g)
        u.assign(tf.maximum(self.beta_2 * u, tf.abs(g) + inside))
        correction = tf.cast(1.0 - tf.constant(self.beta_1, tf.float64) ** self.updates(), w.dtype)
        w.assign_sub(rate / correction * m / (u + outside))

    def get_config(self) -> dict[str, Any]:
        """Return the constructor's arguments."""
        return {**super().get_config(), "inside": self.inside}


def _lacking(spec: Any) -> dict[str, Any]:
    inside = spec.epsilon_placement == "inside"
    return {"inside": inside} if inside or spec.beta1 < 0.5 else {}


_SLOTS = {"first_moment": "_m", "largest": "_u"}

ROWS = {"adamax": OptimizerRow(keras.optimizers.Adamax, Adamax, _SLOTS, betas, _lacking)}
