"""RMSprop."""

from typing import Any

import torch
from torch import Tensor

from backproof_adapters.torch.optimizers.by_hand import ByHand, root
from backproof_adapters.torch.optimizers.table import Groups, OptimizerRow, decay, decoupled


class RMSprop(ByHand):
    """s ← ρs + (1 − ρ)g²; Δ = −ηg / (√s + ε), or −ηg / √(s + ε) with `inside`.

    By hand because torch.optim.RMSprop has ε outside only, and no decoupled decay.
    """

    buffers = ("square_avg",)

    def delta(self, g: Tensor, state: dict[str, Tensor], group: dict[str, Any]) -> Tensor:
        s = state["square_avg"].mul_(group["alpha"]).addcmul_(g, g, value=1.0 - group["alpha"])
        return torch.mul(g / root(s, group["eps"], group["inside"]), -group["lr"])


def _rmsprop(o: Any, groups: Groups) -> torch.optim.Optimizer:
    inside = o.epsilon_placement == "inside"
    if inside or decoupled(o):
        return RMSprop(groups, o.rate(0), **decay(o), alpha=o.rho, eps=o.epsilon, inside=inside)
    return torch.optim.RMSprop(
        groups, o.rate(0), alpha=o.rho, eps=o.epsilon, weight_decay=o.weight_decay, foreach=False
    )


ROWS = {"rmsprop": OptimizerRow(_rmsprop, {"mean_square": "square_avg"})}
