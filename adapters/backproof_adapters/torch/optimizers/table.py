"""What a row of the table of optimizers is, and the parameter groups that it is given."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any

import torch
from torch import Tensor

from backproof.optimizers import Group
from backproof.optimizers import Optimizer as OptimizerFields

Groups = list[dict[str, Any]]
Build = Callable[[Any, Groups], torch.optim.Optimizer]


def _step(o: Any, updates: int) -> dict[str, Tensor]:
    # In float64: torch makes a float32 of it, which counts to 2²⁴ only.
    return {"step": torch.tensor(float(updates), dtype=torch.float64, device="cpu")}


@dataclass(frozen=True)
class OptimizerRow:
    """How an optimizer is built, under which key of its state each slot lies, and what else that state counts."""

    build: Build
    slots: Mapping[str, str] = field(default_factory=dict)
    counts: Callable[[Any, int], dict[str, Tensor]] = _step
    """(the spec's optimizer, the number of updates done) to what the state holds of them."""


def grouped(o: OptimizerFields, parameters: Mapping[str, Tensor]) -> Groups:
    """Return torch's parameter groups; `rate` is the factor on the rate.

    A network may have no parameters, and torch refuses a bare empty list.
    """
    groups: dict[Group, dict[str, Any]] = {}
    for name, w in parameters.items():
        group = o.group(name)
        own = {"params": [], "weight_decay": o.weight_decay_in(group), "rate": group.rate}
        groups.setdefault(group, own)["params"].append(w)
    return list(groups.values()) or [{"params": [], "rate": 1.0}]


def decay(o: OptimizerFields) -> dict[str, Any]:
    """Return the decay as the optimizers of `by_hand` take it."""
    return {"weight_decay": o.weight_decay, "decoupled_weight_decay": o.decay == "decoupled"}


def decoupled(o: OptimizerFields) -> bool:
    """Return whether decay goes past the moments."""
    return o.decay == "decoupled" and o.decays()
