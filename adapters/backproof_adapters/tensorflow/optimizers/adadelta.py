"""Adadelta: Keras' own in every convention, but for L2 decay and groups."""

from typing import Any

import keras

from backproof_adapters.tensorflow.optimizers.conventions import Conventions
from backproof_adapters.tensorflow.optimizers.table import Number, OptimizerRow


class Adadelta(Conventions, keras.optimizers.Adadelta):  # type: ignore[misc]
    """s ← ρs + (1 − ρ)g²; d = g · √(x + ε) / √(s + ε); x ← ρx + (1 − ρ)d²; Δ = −ηd."""


def _arguments(spec: Any, number: Number) -> dict[str, Any]:
    return {"rho": number(spec.rho), "epsilon": number(spec.epsilon)}


_SLOTS = {"mean_square": "_accumulated_grads", "mean_square_update": "_accumulated_delta_vars"}

ROWS = {"adadelta": OptimizerRow(keras.optimizers.Adadelta, Adadelta, _SLOTS, _arguments)}
