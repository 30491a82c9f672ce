"""Adam and AdamW."""

import math
from typing import Any

import torch
from torch import Tensor

from backproof_adapters.torch.optimizers.by_hand import ByHand
from backproof_adapters.torch.optimizers.table import Groups, OptimizerRow, decay


class KerasAdam(ByHand):
    """m ← β₁m + (1 − β₁)g; v ← β₂v + (1 − β₂)g²; Δ = −η √(1 − β₂ᵗ) / (1 − β₁ᵗ) · m / (√v + ε).

    By hand because torch.optim.Adam adds ε to √(v / (1 − β₂ᵗ)): the same as an ε that changes with t.
    """

    buffers = ("exp_avg", "exp_avg_sq")

    def delta(self, g: Tensor, state: dict[str, Tensor], group: dict[str, Any]) -> Tensor:
        (beta1, beta2), t = group["betas"], state["step"].item()
        m = state["exp_avg"].mul_(beta1).add_(g, alpha=1.0 - beta1)
        v = state["exp_avg_sq"].mul_(beta2).addcmul_(g, g, value=1.0 - beta2)
        rate = group["lr"] * math.sqrt(1.0 - beta2**t) / (1.0 - beta1**t)
        return torch.mul(m / (v.sqrt() + group["eps"]), -rate)


def _adam(o: Any, groups: Groups) -> torch.optim.Optimizer:
    betas = (o.beta1, o.beta2)
    if o.epsilon_placement == "uncorrected":
        return KerasAdam(groups, o.rate(0), **decay(o), betas=betas, eps=o.epsilon)
    native = torch.optim.AdamW if o.decay == "decoupled" else torch.optim.Adam
    return native(groups, o.rate(0), betas, o.epsilon, o.weight_decay, foreach=False)


_MOMENTS = {"first_moment": "exp_avg", "second_moment": "exp_avg_sq"}

ROWS = {"adam": OptimizerRow(_adam, _MOMENTS), "adamw": OptimizerRow(_adam, _MOMENTS)}
