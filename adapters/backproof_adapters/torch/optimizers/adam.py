"""Adam and AdamW."""

import math
from typing import Any

import torch
from torch import Tensor

from backproof_adapters.torch.optimizers.by_hand import ByHand
from backproof_adapters.torch.optimizers.table import Groups, OptimizerRow, decay


class Adam(ByHand):
    """m ← β₁m + (1 − β₁)g; v ← β₂v + (1 − β₂)g²; Δ = −η m̂ / (√v̂ + ε).

    With `corrected_eps` off ε stands beside √v, as in Keras: ε / √(1 − β₂ᵗ) beside √v̂. `amsgrad` takes the root
    of max v ("uncorrected") or max v̂ ("corrected", as optax). By hand because torch.optim.Adam has ε beside √v̂
    and max v only.
    """

    def buffers(self, group: dict[str, Any]) -> tuple[str, ...]:
        return ("exp_avg", "exp_avg_sq", *("max_exp_avg_sq",) * (group["amsgrad"] != "no"))

    def delta(self, g: Tensor, state: dict[str, Tensor], group: dict[str, Any]) -> Tensor:
        (beta1, beta2), t = group["betas"], state["step"].item()
        m = state["exp_avg"].mul_(beta1).add_(g, alpha=1.0 - beta1)
        v = state["exp_avg_sq"].mul_(beta2).addcmul_(g, g, value=1.0 - beta2)
        correction = 1.0 - beta2**t
        if group["amsgrad"] == "uncorrected":
            v = state["max_exp_avg_sq"].copy_(torch.maximum(state["max_exp_avg_sq"], v))
        v = v / correction
        if group["amsgrad"] == "corrected":
            v = state["max_exp_avg_sq"].copy_(torch.maximum(state["max_exp_avg_sq"], v))
        epsilon = group["eps"] if group["corrected_eps"] else group["eps"] / math.sqrt(correction)
        return torch.mul(m / (v.sqrt() + epsilon), -group["lr"] / (1.0 - beta1**t))


def by_hand(o: Any) -> dict[str, Any]:
    """Return the fields of `Adam` above."""
    corrected = o.epsilon_placement == "corrected"
    return {"betas": (o.beta1, o.beta2), "eps": o.epsilon, "corrected_eps": corrected, "amsgrad": o.amsgrad}


def _adam(o: Any, groups: Groups) -> torch.optim.Optimizer:
    if o.epsilon_placement == "uncorrected" or o.amsgrad == "corrected":
        return Adam(groups, o.rate(0), **decay(o), **by_hand(o))
    native = torch.optim.AdamW if o.decay == "decoupled" else torch.optim.Adam
    amsgrad = o.amsgrad == "uncorrected"
    return native(groups, o.rate(0), (o.beta1, o.beta2), o.epsilon, o.weight_decay, amsgrad, foreach=False)


SLOTS = {
    "first_moment": "exp_avg",
    "second_moment": "exp_avg_sq",
    "largest_second_moment": "max_exp_avg_sq",
}

ROWS = {"adam": OptimizerRow(_adam, SLOTS), "adamw": OptimizerRow(_adam, SLOTS)}
