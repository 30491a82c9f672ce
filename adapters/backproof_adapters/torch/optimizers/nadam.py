"""Nadam: torch's own in every convention."""

import math
from typing import Any

import torch
from torch import Tensor

from backproof_adapters.torch.optimizers.table import Groups, OptimizerRow


def _decay(o: Any) -> float:
    """Return ψ; an infinite one makes every 0.96^(ψt) 0, and so every momentum β₁."""
    return math.inf if o.momentum_decay is None else o.momentum_decay


def _nadam(o: Any, groups: Groups) -> torch.optim.Optimizer:
    return torch.optim.NAdam(
        groups,
        o.rate(0),
        (o.beta1, o.beta2),
        o.epsilon,
        o.weight_decay,
        _decay(o),
        decoupled_weight_decay=o.decay == "decoupled",
        foreach=False,
    )


def _counts(o: Any, updates: int) -> dict[str, Tensor]:
    """Return t and the product of all momenta so far; torch itself would keep the latter in float32."""
    product = 1.0
    for t in range(1, updates + 1):
        product *= o.beta1 * (1.0 - 0.5 * 0.96 ** (t * _decay(o)))
    counts = {"step": float(updates), "mu_product": product}
    return {key: torch.tensor(number, dtype=torch.float64, device="cpu") for key, number in counts.items()}


ROWS = {"nadam": OptimizerRow(_nadam, {"first_moment": "exp_avg", "second_moment": "exp_avg_sq"}, _counts)}
