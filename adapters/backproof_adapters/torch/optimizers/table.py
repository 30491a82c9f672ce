"""What a row of the table of optimizers is."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any

import torch

from backproof.optimizers import Optimizer as OptimizerFields

Groups = list[dict[str, Any]]
Build = Callable[[Any, Groups], torch.optim.Optimizer]


@dataclass(frozen=True)
class OptimizerRow:
    """How an optimizer is built, and under which key of its state each slot lies."""

    build: Build
    slots: Mapping[str, str] = field(default_factory=dict)


def decay(o: OptimizerFields) -> dict[str, float]:
    """Return the decay as the optimizers of `by_hand` take it."""
    return {"weight_decay" if o.decay == "l2" else "decoupled_weight_decay": o.weight_decay}


def decoupled(o: OptimizerFields) -> bool:
    """Return whether decay goes past the moments."""
    return o.decay == "decoupled" and o.weight_decay != 0.0
