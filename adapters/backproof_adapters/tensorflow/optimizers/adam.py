"""Adam and AdamW."""

from typing import Any

import keras
import tensorflow as tf

from backproof_adapters.tensorflow.optimizers.conventions import Conventions
from backproof_adapters.tensorflow.optimizers.table import Number, OptimizerRow


class Adam(Conventions, keras.optimizers.Adam):  # type: ignore[misc]
    """Δ = −η m̂ / (√v̂ + ε) with `corrected`, else −η √(1 − β₂ᵗ) / (1 − β₁ᵗ) · m / (√v + ε).

    The latter is Keras' own, but Keras moves m by (1 − β₁)(g − m), and v likewise: for a small β a large old
    moment leaves its rounding error behind. Here m ← β₁m + (1 − β₁)g.
    """

    def __init__(self, *, corrected: bool = False, **others: Any) -> None:
        super().__init__(**others)
        self.corrected = corrected

    def rule(self, g: Any, w: Any, rate: Any) -> None:
        """Update one weight and its moments; 1 − βᵗ is taken in float64, for it cancels."""
        m, v = self.slot(self._momentums, w), self.slot(self._velocities, w)
        m.assign(self.beta_1 * m + (1.0 - self.beta_1) * g)
        v.assign(self.beta_2 * v + (1.0 - self.beta_2) * g * g)
        t = tf.cast(self.iterations.value + 1, tf.float64)
        correction1, correction2 = (
            tf.cast(1.0 - tf.constant(beta, tf.float64) ** t, w.dtype) for beta in (self.beta_1, self.beta_2)
        )
        if self.corrected:
            w.assign_sub(rate * (m / correction1) / (tf.sqrt(v / correction2) + self.epsilon))
        else:
            w.assign_sub(rate * (tf.sqrt(correction2) / correction1) * m / (tf.sqrt(v) + self.epsilon))

    def get_config(self) -> dict[str, Any]:
        """Return the constructor's arguments."""
        return {**super().get_config(), "corrected": self.corrected}


def _adam(spec: Any, number: Number) -> dict[str, Any]:
    return {"beta_1": number(spec.beta1), "beta_2": number(spec.beta2), "epsilon": number(spec.epsilon)}


def _corrected(spec: Any) -> dict[str, Any]:
    corrected = spec.epsilon_placement == "corrected"
    return {"corrected": corrected} if corrected or min(spec.beta1, spec.beta2) < 0.5 else {}


_MOMENTS = {"first_moment": "_momentums", "second_moment": "_velocities"}

ROWS = {
    "adam": OptimizerRow(keras.optimizers.Adam, Adam, _MOMENTS, _adam, _corrected),
    "adamw": OptimizerRow(
        keras.optimizers.AdamW,
        Adam,
        _MOMENTS,
        # Keras' AdamW insists on a weight decay, be it 0.
        lambda spec, number: _adam(spec, number) | {"weight_decay": number(spec.weight_decay)},
        _corrected,
    ),
}
