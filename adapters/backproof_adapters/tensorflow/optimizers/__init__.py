"""Optimizers: the native ones of Keras, and one subclass each for the conventions that Keras lacks.

Keras accumulates, clips, decays decoupled, then updates and averages, as the spec does. What it cannot be told is
hand-built beside its row:

    ================================================  =============================================================
    L2 decay, decays and rates of groups, clip        `Conventions`, before any native optimizer
    epsilon, an average from the initial weights or
    with accumulated gradients
    velocity of gradients; a velocity at μ = 0        `Momentum`, `RMSprop`
    ε outside the root, or inside the maximum         `Adagrad`, `RMSprop`, `Adamax`
    ε beside the corrected √v̂; max v̂; β below ½       `Adam`, `Adamax`
    0.96 in float64; another decay of the momentum    `Nadam`
    1 − β₂ in float32                                 `Lion`
    matrices in float64; means, corrected or not      `Muon`
    ================================================  =============================================================

Each subclass keeps the slots of its native base: the same arrays, in the same attributes. One row per type,
in a file per family, found by being in this folder.
"""

from collections.abc import Mapping
from typing import Any

import numpy as np

from backproof.discovery import modules
from backproof.optimizers import ACCUMULATED, AVERAGE
from backproof_adapters.base import gathered
from backproof_adapters.tensorflow.optimizers.table import Number, OptimizerRow

ROWS: dict[str, OptimizerRow] = gathered(modules(__path__, __name__))


def build(row: OptimizerRow, spec: Any, variables: Mapping[str, Any], dtype: str) -> Any:
    """Return the Keras optimizer, built on the variables, that does what the spec's optimizer says.

    Its learning rate is of `floatx`.
    """
    # tf.cast takes Python floats through float32, which is wrong in float64; in float32 they compute 1 − β best.
    number: Number = np.float64 if dtype == "float64" else float
    arguments = {"name": spec.type, "learning_rate": spec.rate(0), **row.arguments(spec, number)}
    lacking = row.lacking(spec)
    rates = [number(spec.group(name).rate) for name in variables]
    if any(rate != 1.0 for rate in rates):
        lacking["rates"] = rates
    decays = [number(spec.weight_decay_in(spec.group(name))) for name in variables]
    if any(decays) and spec.decay == "l2":
        lacking["l2"] = decays
    elif any(decays) and ("rates" in lacking or len({0.0, *decays}) > 2):
        lacking["decays"] = decays
    elif any(decays):
        arguments["weight_decay"] = max(decays)
    if spec.clip and spec.clip.type == "value":
        arguments["clipvalue"] = number(spec.clip.limit)
    elif spec.clip and spec.clip.epsilon:
        lacking |= {f"clip_{name}": getattr(spec.clip, name) for name in ("limit", "scope", "epsilon")}
    elif spec.clip:
        arguments["clipnorm" if spec.clip.scope == "tensor" else "global_clipnorm"] = number(spec.clip.limit)
    if spec.accumulate > 1:
        arguments["gradient_accumulation_steps"] = spec.accumulate
    if spec.average:
        arguments |= {"use_ema": True, "ema_momentum": number(spec.average.decay)}
        if spec.average.start == "initial" or spec.accumulate > 1:
            lacking["average_initial"] = spec.average.start == "initial"
    optimizer = row.hand_built(**arguments, **lacking) if lacking else row.native(**arguments)
    weights = list(variables.values())
    optimizer.exclude_from_weight_decay([w for w, decay in zip(weights, decays, strict=True) if not decay])
    optimizer.build(weights)
    return optimizer


def slots(row: OptimizerRow, spec: Any, optimizer: Any) -> dict[str, Any]:
    """Return the variables that hold each slot, in the order of the weights."""
    kept = {**row.slots, ACCUMULATED: "_accumulated_gradients", AVERAGE: "_model_variables_moving_average"}
    return {slot: getattr(optimizer, kept[slot]) for slot in spec.slot_names()}
