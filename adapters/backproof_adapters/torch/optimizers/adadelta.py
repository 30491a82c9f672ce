"""Adadelta."""

from typing import Any

import torch
from torch import Tensor

from backproof_adapters.torch.optimizers.by_hand import ByHand
from backproof_adapters.torch.optimizers.table import Groups, OptimizerRow, decay, decoupled


class Adadelta(ByHand):
    """s ← ρs + (1 − ρ)g²; d = g · √(x + ε) / √(s + ε); x ← ρx + (1 − ρ)d²; Δ = −ηd.

    By hand because torch.optim.Adadelta has no decoupled decay.
    """

    def buffers(self, group: dict[str, Any]) -> tuple[str, ...]:
        return ("square_avg", "acc_delta")

    def delta(self, g: Tensor, state: dict[str, Tensor], group: dict[str, Any]) -> Tensor:
        rho, epsilon, x = group["rho"], group["eps"], state["acc_delta"]
        s = state["square_avg"].mul_(rho).addcmul_(g, g, value=1.0 - rho)
        d = g * (x + epsilon).sqrt() / (s + epsilon).sqrt()
        x.mul_(rho).addcmul_(d, d, value=1.0 - rho)
        return torch.mul(d, -group["lr"])


def _adadelta(o: Any, groups: Groups) -> torch.optim.Optimizer:
    own = {"rho": o.rho, "eps": o.epsilon}
    if decoupled(o):
        return Adadelta(groups, o.rate(0), **decay(o), **own)
    return torch.optim.Adadelta(groups, o.rate(0), weight_decay=o.weight_decay, foreach=False, **own)


ROWS = {"adadelta": OptimizerRow(_adadelta, {"mean_square": "square_avg", "mean_square_update": "acc_delta"})}
