"""Adagrad."""

from typing import Any

import keras

from backproof_adapters.tensorflow.optimizers.conventions import Outside
from backproof_adapters.tensorflow.optimizers.table import OptimizerRow, outside


class Adagrad(Outside, keras.optimizers.Adagrad):  # type: ignore[misc]
    """s ← s + g²; Δ = −ηg / (√s + ε) with `epsilon_outside`, else −ηg / √(s + ε), as Keras has it."""

    def rule(self, g: Any, w: Any, rate: Any) -> None:
        """Update one weight and its accumulator."""
        s = self.slot(self._accumulators, w)
        s.assign_add(g * g)
        w.assign_sub(rate * g / self.root(s))


ROWS = {
    "adagrad": OptimizerRow(
        keras.optimizers.Adagrad,
        Adagrad,
        {"accumulator": "_accumulators"},
        lambda spec, number: {
            "initial_accumulator_value": number(spec.initial_accumulator),
            "epsilon": number(spec.epsilon),
        },
        outside,
    )
}
