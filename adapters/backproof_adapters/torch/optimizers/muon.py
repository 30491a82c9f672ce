"""Muon."""

from typing import Any

import torch
from torch import Tensor

from backproof.optimizers.muon import COEFFICIENTS
from backproof_adapters.torch.optimizers.adam import SLOTS, Adam, by_hand
from backproof_adapters.torch.optimizers.table import Groups, OptimizerRow, decay


class Muon(Adam):
    """Matrices move along their momentum with its singular values brought near 1, all else as by Adam.

    By hand because torch.optim.Muon iterates in bfloat16 whatever the weights are in, refuses what is no matrix,
    and has no velocity of sums.
    """

    def delta(self, g: Tensor, state: dict[str, Tensor], group: dict[str, Any]) -> Tensor:
        if g.ndim != 2:
            return super().delta(g, state, group)
        momentum, t = group["momentum"], state["step"].item()
        if group["velocity"] != "sum":
            g = g * (1.0 - momentum)
        m = state["exp_avg"].mul_(momentum).add_(g)
        if group["velocity"] == "corrected":
            ahead = t + 1.0 if group["nesterov"] else t
            g, m = g / (1.0 - momentum**t), m / (1.0 - momentum**ahead)
        u = orthogonal(g.add(m, alpha=momentum) if group["nesterov"] else m, group["iterations"])
        rms = group["consistent_rms"]
        scale = rms * max(g.shape) ** 0.5 if rms else 1.0
        return u.mul(-group["lr"] * scale)


def orthogonal(u: Tensor, iterations: int) -> Tensor:
    """Return the matrix with its singular values brought near 1, in its own precision."""
    a, b, c = COEFFICIENTS
    x = u.T if u.shape[0] > u.shape[1] else u
    x = x / (torch.linalg.vector_norm(x) + 1e-7)
    for _ in range(iterations):
        gram = x @ x.T
        x = a * x + (b * gram + c * (gram @ gram)) @ x
    return x.T if u.shape[0] > u.shape[1] else x


def _muon(o: Any, groups: Groups) -> torch.optim.Optimizer:
    own = ("momentum", "nesterov", "velocity", "iterations", "consistent_rms")
    return Muon(groups, o.rate(0), **decay(o), **by_hand(o), **{name: getattr(o, name) for name in own})


ROWS = {"muon": OptimizerRow(_muon, SLOTS)}
