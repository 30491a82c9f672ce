"""Nadam."""

from typing import Any

import keras
import tensorflow as tf

from backproof_adapters.tensorflow.optimizers.adam import SLOTS, Adam, betas
from backproof_adapters.tensorflow.optimizers.table import OptimizerRow


class Nadam(Adam):
    """Δ = −η (μₜ₊₁ m / (1 − Πₜ₊₁) + (1 − μₜ) g / (1 − Πₜ)) / (√v̂ + ε), Πₜ = μ₁ ⋯ μₜ, μₜ = β₁ (1 − ½ · 0.96^(ψt)).

    By hand because keras.optimizers.Nadam has ψ = 1 only, and takes 0.96 through float32. `momentum_decay` is ψ;
    None makes every μ β₁.
    """

    def __init__(self, *, momentum_decay: float | None = 1.0, **others: Any) -> None:
        super().__init__(**others)
        self.momentum_decay = momentum_decay

    def rule(self, g: Any, w: Any, rate: Any) -> None:
        """Update one weight and its moments; what is common to all weights is computed in float64."""
        m, v = self.slot(self._momentums, w), self.slot(self._velocities, w)
        m.assign(self.beta_1 * m + (1.0 - self.beta_1) * g)
        v.assign(self.beta_2 * v + (1.0 - self.beta_2) * g * g)
        t = self.updates()
        now, ahead = self._momentum(t), self._momentum(t + 1.0)
        product = tf.reduce_prod(self._momentum(tf.range(1.0, t + 1.0, dtype=tf.float64)))
        of_m = tf.cast(ahead / (1.0 - product * ahead), w.dtype)
        of_g = tf.cast((1.0 - now) / (1.0 - product), w.dtype)
        root = tf.sqrt(v / self.correction(self.beta_2, w))
        w.assign_sub(rate * (of_m * m + of_g * g) / (root + self.epsilon))

    def _momentum(self, t: Any) -> Any:
        beta = tf.constant(self.beta_1, tf.float64)
        if self.momentum_decay is None:
            return beta * tf.ones_like(t)
        return beta * (1.0 - 0.5 * tf.constant(0.96, tf.float64) ** (t * self.momentum_decay))

    def get_config(self) -> dict[str, Any]:
        """Return the constructor's arguments."""
        return {**super().get_config(), "momentum_decay": self.momentum_decay}


ROWS = {
    "nadam": OptimizerRow(
        keras.optimizers.Nadam, Nadam, SLOTS, betas, lambda spec: {"momentum_decay": spec.momentum_decay}
    )
}
