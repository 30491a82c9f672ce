"""RMSprop."""

from typing import Any

import torch
from torch import Tensor

from backproof_adapters.torch.optimizers.by_hand import ByHand, root
from backproof_adapters.torch.optimizers.table import Groups, OptimizerRow, decay, decoupled


class RMSprop(ByHand):
    """s ← ρs + (1 − ρ)g²; d = g / (√s + ε), or g / √(s + ε) with `inside`; s − a² for s where `centered`.

    Δ = −ηd, or with momentum v ← μv + d; Δ = −ηv, or with `velocity="updates"` v ← μv + ηd; Δ = −v. By hand
    because torch.optim.RMSprop has ε outside and η after the velocity only, and no decoupled decay.
    """

    def buffers(self, group: dict[str, Any]) -> tuple[str, ...]:
        centered, momentum = ("grad_avg",) * group["centered"], ("momentum_buffer",) * (group["momentum"] > 0.0)
        return ("square_avg", *centered, *momentum)

    def delta(self, g: Tensor, state: dict[str, Tensor], group: dict[str, Any]) -> Tensor:
        lr, rho = group["lr"], group["alpha"]
        s = state["square_avg"].mul_(rho).addcmul_(g, g, value=1.0 - rho)
        if group["centered"]:
            a = state["grad_avg"].mul_(rho).add_(g, alpha=1.0 - rho)
            s = s - a.square()
        d = g / root(s, group["eps"], group["inside"])
        if not group["momentum"]:
            return torch.mul(d, -lr)
        v = state["momentum_buffer"].mul_(group["momentum"])
        if group["velocity"] == "gradients":
            return torch.mul(v.add_(d), -lr)
        return v.add_(d, alpha=lr).neg()


def _rmsprop(o: Any, groups: Groups) -> torch.optim.Optimizer:
    own = {"alpha": o.rho, "eps": o.epsilon, "centered": o.centered, "momentum": o.momentum}
    inside = o.epsilon_placement == "inside"
    if inside or decoupled(o) or (o.momentum and o.velocity == "updates"):
        return RMSprop(groups, o.rate(0), **decay(o), **own, inside=inside, velocity=o.velocity)
    return torch.optim.RMSprop(groups, o.rate(0), weight_decay=o.weight_decay, foreach=False, **own)


_SLOTS = {"mean_square": "square_avg", "mean_gradient": "grad_avg", "velocity": "momentum_buffer"}

ROWS = {"rmsprop": OptimizerRow(_rmsprop, _SLOTS)}
