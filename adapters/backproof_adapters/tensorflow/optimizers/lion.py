"""Lion."""

from typing import Any

import keras
import tensorflow as tf

from backproof_adapters.tensorflow.optimizers.conventions import Conventions
from backproof_adapters.tensorflow.optimizers.table import Number, OptimizerRow


class Lion(Conventions, keras.optimizers.Lion):  # type: ignore[misc]
    """Δ = −η sign(β₁m + (1 − β₁)g); then m ← β₂m + (1 − β₂)g.

    By hand because Keras takes 1 − β₂ in the precision of the weights: in float32 it has lost two digits.
    """

    def rule(self, g: Any, w: Any, rate: Any) -> None:
        """Update one weight and its momentum."""
        m = self.slot(self._momentums, w)
        w.assign_sub(rate * tf.sign(self.beta_1 * m + (1.0 - self.beta_1) * g))
        m.assign(self.beta_2 * m + (1.0 - self.beta_2) * g)


def _arguments(spec: Any, number: Number) -> dict[str, Any]:
    return {"beta_1": number(spec.beta1), "beta_2": number(spec.beta2)}


ROWS = {"lion": OptimizerRow(Lion, Lion, {"first_moment": "_momentums"}, _arguments)}
