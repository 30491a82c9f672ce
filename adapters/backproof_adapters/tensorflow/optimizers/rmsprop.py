"""RMSprop."""

from typing import Any

import keras
import tensorflow as tf

from backproof_adapters.tensorflow.optimizers.conventions import Outside
from backproof_adapters.tensorflow.optimizers.table import Number, OptimizerRow, outside


class RMSprop(Outside, keras.optimizers.RMSprop):  # type: ignore[misc]
    """s ← ρs + (1 − ρ)g²; d = g / (√s + ε) with `epsilon_outside`, else g / √(s + ε); s − a² for s if centred.

    Δ = −ηd; with momentum and `velocity="gradients"` v ← μv + d; Δ = −ηv, else v ← μv + ηd; Δ = −v, as Keras.
    """

    def __init__(self, *, velocity: str = "updates", **others: Any) -> None:
        super().__init__(**others)
        self.velocity = velocity

    def rule(self, g: Any, w: Any, rate: Any) -> None:
        """Update one weight and its slots."""
        s = self.slot(self._velocities, w)
        s.assign(self.rho * s + (1.0 - self.rho) * g * g)
        variance = tf.convert_to_tensor(s)
        if self.centered:
            a = self.slot(self._average_gradients, w)
            a.assign(self.rho * a + (1.0 - self.rho) * g)
            variance -= a * a
        d = g / self.root(variance)
        if not self.momentum:
            w.assign_sub(rate * d)
            return
        v = self.slot(self._momentums, w)
        gradients = self.velocity == "gradients"
        v.assign(self.momentum * v + (d if gradients else rate * d))
        w.assign_sub(rate * v if gradients else v)

    def get_config(self) -> dict[str, Any]:
        """Return the constructor's arguments."""
        return {**super().get_config(), "velocity": self.velocity}


def _arguments(spec: Any, number: Number) -> dict[str, Any]:
    numbers = {"rho": spec.rho, "epsilon": spec.epsilon, "momentum": spec.momentum}
    return {"centered": spec.centered} | {name: number(value) for name, value in numbers.items()}


def _lacking(spec: Any) -> dict[str, Any]:
    rate_after = spec.momentum and spec.velocity == "gradients"
    return outside(spec) | ({"velocity": "gradients"} if rate_after else {})


_SLOTS = {"mean_square": "_velocities", "mean_gradient": "_average_gradients", "velocity": "_momentums"}

ROWS = {"rmsprop": OptimizerRow(keras.optimizers.RMSprop, RMSprop, _SLOTS, _arguments, _lacking)}
