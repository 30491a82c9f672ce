"""Adamax."""

from typing import Any

import torch
from torch import Tensor

from backproof_adapters.torch.optimizers.by_hand import ByHand
from backproof_adapters.torch.optimizers.table import Groups, OptimizerRow, decay, decoupled


class Adamax(ByHand):
    """m ← β₁m + (1 − β₁)g; u ← max(β₂u, |g|); Δ = −η / (1 − β₁ᵗ) · m / (u + ε); with `inside`, |g| + ε for |g|.

    By hand because torch.optim.Adamax has ε inside only, and no decoupled decay.
    """

    def buffers(self, group: dict[str, Any]) -> tuple[str, ...]:
        return ("exp_avg", "exp_inf")

    def delta(self, g: Tensor, state: dict[str, Tensor], group: dict[str, Any]) -> Tensor:
        (beta1, beta2), epsilon, t = group["betas"], group["eps"], state["step"].item()
        inside, outside = (epsilon, 0.0) if group["inside"] else (0.0, epsilon)
        m = state["exp_avg"].mul_(beta1).add_(g, alpha=1.0 - beta1)
        u = state["exp_inf"].copy_(torch.maximum(state["exp_inf"] * beta2, g.abs() + inside))
        return torch.mul(m / (u + outside), -group["lr"] / (1.0 - beta1**t))


def _adamax(o: Any, groups: Groups) -> torch.optim.Optimizer:
    inside = o.epsilon_placement == "inside"
    betas = (o.beta1, o.beta2)
    if not inside or decoupled(o):
        return Adamax(groups, o.rate(0), **decay(o), betas=betas, eps=o.epsilon, inside=inside)
    return torch.optim.Adamax(groups, o.rate(0), betas, o.epsilon, o.weight_decay, foreach=False)


ROWS = {"adamax": OptimizerRow(_adamax, {"first_moment": "exp_avg", "largest": "exp_inf"})}
