"""Plain gradient descent, and with a velocity."""

from typing import Any

import torch
from torch import Tensor

from backproof_adapters.torch.optimizers.by_hand import ByHand
from backproof_adapters.torch.optimizers.table import Groups, OptimizerRow, decay, decoupled


class SGD(ByHand):
    """Δ = −ηg. By hand because torch.optim.SGD has no decoupled decay."""

    def delta(self, g: Tensor, state: dict[str, Tensor], group: dict[str, Any]) -> Tensor:
        return torch.mul(g, -group["lr"])


class Momentum(ByHand):
    """`velocity="gradients"`: v ← μv + g; Δ = −ηv, or −η(g + μv) with Nesterov.

    `velocity="updates"` (Keras): v ← μv − ηg; Δ = v, or μv − ηg with Nesterov. By hand because
    torch.optim.SGD knows the first only, has no decoupled decay, and keeps no velocity where μ is 0.
    """

    def buffers(self, group: dict[str, Any]) -> tuple[str, ...]:
        return ("momentum_buffer",)

    def delta(self, g: Tensor, state: dict[str, Tensor], group: dict[str, Any]) -> Tensor:
        lr, momentum, v = group["lr"], group["momentum"], state["momentum_buffer"]
        if group["velocity"] == "gradients":
            v.mul_(momentum).add_(g)
            return torch.mul(g.add(v, alpha=momentum) if group["nesterov"] else v, -lr)
        v.mul_(momentum).sub_(g, alpha=lr)
        return torch.mul(v, momentum).sub_(g, alpha=lr) if group["nesterov"] else v


def _sgd(o: Any, groups: Groups) -> torch.optim.Optimizer:
    if decoupled(o):
        return SGD(groups, o.rate(0), **decay(o))
    return torch.optim.SGD(groups, o.rate(0), weight_decay=o.weight_decay, foreach=False)


def _momentum(o: Any, groups: Groups) -> torch.optim.Optimizer:
    own = {"momentum": o.momentum, "nesterov": o.nesterov}
    if o.velocity == "updates" or decoupled(o) or o.momentum == 0.0:
        return Momentum(groups, o.rate(0), **decay(o), **own, velocity=o.velocity)
    return torch.optim.SGD(groups, o.rate(0), weight_decay=o.weight_decay, foreach=False, **own)


ROWS = {"sgd": OptimizerRow(_sgd), "momentum": OptimizerRow(_momentum, {"velocity": "momentum_buffer"})}
