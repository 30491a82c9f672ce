"""Adam and AdamW."""

from typing import Any

import keras
import tensorflow as tf

from backproof_adapters.tensorflow.optimizers.conventions import Conventions
from backproof_adapters.tensorflow.optimizers.table import Number, OptimizerRow


class Adam(Conventions, keras.optimizers.Adam):  # type: ignore[misc]
    """Δ = −η m̂ / (√v̂ + ε) with `corrected`, else ε stands beside √v, as in Keras: ε / √(1 − β₂ᵗ) beside √v̂.

    With `amsgrad` the root is that of max v, as in Keras, or of max v̂ with `corrected_maximum`. Keras moves m by
    (1 − β₁)(g − m), and v likewise: for a small β a large old moment leaves its rounding error behind. Here
    m ← β₁m + (1 − β₁)g.
    """

    def __init__(self, *, corrected: bool = False, corrected_maximum: bool = False, **others: Any) -> None:
        super().__init__(**others)
        self.corrected = corrected
        self.corrected_maximum = corrected_maximum

    def rule(self, g: Any, w: Any, rate: Any) -> None:
        """Update one weight and its moments."""
        m, v = self.slot(self._momentums, w), self.slot(self._velocities, w)
        m.assign(self.beta_1 * m + (1.0 - self.beta_1) * g)
        v.assign(self.beta_2 * v + (1.0 - self.beta_2) * g * g)
        correction1, correction2 = self.correction(self.beta_1, w), self.correction(self.beta_2, w)
        if not self.amsgrad:
            v = v / correction2
        elif self.corrected_maximum:
            v = self._largest(w, v / correction2)
        else:
            v = self._largest(w, v) / correction2
        epsilon = self.epsilon if self.corrected else self.epsilon / tf.sqrt(correction2)
        w.assign_sub(rate * (m / correction1) / (tf.sqrt(v) + epsilon))

    def _largest(self, w: Any, v: Any) -> Any:
        largest = self.slot(self._velocity_hats, w)
        largest.assign(tf.maximum(largest, v))
        return largest

    def correction(self, beta: float, w: Any) -> Any:
        """Return 1 − βᵗ; taken in float64, for it cancels."""
        return tf.cast(1.0 - tf.constant(beta, tf.float64) ** self.updates(), w.dtype)

    def get_config(self) -> dict[str, Any]:
        """Return the constructor's arguments."""
        own = {"corrected": self.corrected, "corrected_maximum": self.corrected_maximum}
        return {**super().get_config(), **own}


def betas(spec: Any, number: Number) -> dict[str, Any]:
    """Return the arguments that all of the family have."""
    return {"beta_1": number(spec.beta1), "beta_2": number(spec.beta2), "epsilon": number(spec.epsilon)}


def adam(spec: Any, number: Number) -> dict[str, Any]:
    """Return Adam's arguments."""
    return betas(spec, number) | {"amsgrad": spec.amsgrad != "no"}


def lacking(spec: Any) -> dict[str, Any]:
    """Return what Keras' Adam cannot be told."""
    own = {"corrected": spec.epsilon_placement == "corrected", "corrected_maximum": spec.amsgrad == "corrected"}
    return own if any(own.values()) or min(spec.beta1, spec.beta2) < 0.5 else {}


SLOTS = {
    "first_moment": "_momentums",
    "second_moment": "_velocities",
    "largest_second_moment": "_velocity_hats",
}

ROWS = {
    "adam": OptimizerRow(keras.optimizers.Adam, Adam, SLOTS, adam, lacking),
    "adamw": OptimizerRow(
        keras.optimizers.AdamW,
        Adam,
        SLOTS,
        # Keras' AdamW insists on a weight decay, be it 0.
        lambda spec, number: adam(spec, number) | {"weight_decay": number(0.0)},
        lacking,
    ),
}
