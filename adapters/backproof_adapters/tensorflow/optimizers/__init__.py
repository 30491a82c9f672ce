"""Optimizers: the native ones of Keras, and one subclass each for the conventions that Keras lacks.

Keras clips, decays decoupled, then updates, as the spec does. What it cannot be told is hand-built beside its row:

    ===============================================  ==================================================
    L2 decay (through the moments), clip epsilon     `Conventions`, before any native optimizer
    velocity of gradients; a velocity at μ = 0       `Momentum`
    ε outside the root                               `Adagrad`, `RMSprop`
    ε beside the corrected √v̂; β below ½             `Adam`
    ===============================================  ==================================================

Each subclass keeps the slots of its native base: the same arrays, in the same attributes. One row per type,
in a file per family, found by being in this folder.
"""

from typing import Any

import numpy as np

from backproof.discovery import modules
from backproof_adapters.base import gathered
from backproof_adapters.tensorflow.optimizers.table import Number, OptimizerRow

ROWS: dict[str, OptimizerRow] = gathered(modules(__path__, __name__))


def build(row: OptimizerRow, spec: Any, dtype: str) -> Any:
    """Return the Keras optimizer that does what the spec's optimizer says; its learning rate is of `floatx`."""
    # tf.cast takes Python floats through float32, which is wrong in float64; in float32 they compute 1 − β best.
    number: Number = np.float64 if dtype == "float64" else float
    arguments = {"name": spec.type, "learning_rate": spec.rate(0)}
    lacking = row.lacking(spec)
    if spec.weight_decay and spec.decay == "decoupled":
        arguments["weight_decay"] = number(spec.weight_decay)
    elif spec.weight_decay:
        lacking["l2"] = number(spec.weight_decay)
    if spec.clip and spec.clip.type == "value":
        arguments["clipvalue"] = number(spec.clip.limit)
    elif spec.clip and spec.clip.epsilon:
        lacking |= {f"clip_{name}": getattr(spec.clip, name) for name in ("limit", "scope", "epsilon")}
    elif spec.clip:
        arguments["clipnorm" if spec.clip.scope == "tensor" else "global_clipnorm"] = number(spec.clip.limit)
    arguments |= row.arguments(spec, number)
    return row.hand_built(**arguments, **lacking) if lacking else row.native(**arguments)
