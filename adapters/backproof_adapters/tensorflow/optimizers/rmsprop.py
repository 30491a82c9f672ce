"""RMSprop."""

from typing import Any

import keras
import tensorflow as tf

from backproof_adapters.tensorflow.optimizers.conventions import Outside
from backproof_adapters.tensorflow.optimizers.table import OptimizerRow, outside


class RMSprop(Outside, keras.optimizers.RMSprop):  # type: ignore[misc]
    """s ← ρs + (1 − ρ)g²; Δ = −ηg / (√s + ε) with `epsilon_outside`, else natively −ηg / √(s + ε)."""

    def rule(self, g: Any, w: Any, rate: Any) -> None:
        """Update one weight and its mean square."""
        if not self.epsilon_outside:
            super().rule(g, w, rate)
            return
        s = self.slot(self._velocities, w)
        s.assign(self.rho * s + (1.0 - self.rho) * g * g)
        w.assign_sub(rate * g / (tf.sqrt(s) + self.epsilon))


ROWS = {
    "rmsprop": OptimizerRow(
        keras.optimizers.RMSprop,
        RMSprop,
        {"mean_square": "_velocities"},
        lambda spec, number: {"rho": number(spec.rho), "epsilon": number(spec.epsilon)},
        outside,
    )
}
