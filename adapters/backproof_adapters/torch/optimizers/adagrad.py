"""Adagrad."""

from typing import Any

import torch
from torch import Tensor

from backproof_adapters.torch.optimizers.by_hand import ByHand, root
from backproof_adapters.torch.optimizers.table import Groups, OptimizerRow, decay, decoupled


class Adagrad(ByHand):
    """s ← s + g²; Δ = −ηg / (√s + ε), or −ηg / √(s + ε) with `inside`.

    By hand because torch.optim.Adagrad has ε outside only, and no decoupled decay.
    """

    def buffers(self, group: dict[str, Any]) -> tuple[str, ...]:
        return ("sum",)

    def delta(self, g: Tensor, state: dict[str, Tensor], group: dict[str, Any]) -> Tensor:
        s = state["sum"].addcmul_(g, g)
        return torch.mul(g / root(s, group["eps"], group["inside"]), -group["lr"])


def _adagrad(o: Any, groups: Groups) -> torch.optim.Optimizer:
    inside, initial = o.epsilon_placement == "inside", o.initial_accumulator
    if inside or decoupled(o):
        return Adagrad(groups, o.rate(0), **decay(o), initial=initial, eps=o.epsilon, inside=inside)
    return torch.optim.Adagrad(
        groups,
        o.rate(0),
        weight_decay=o.weight_decay,
        initial_accumulator_value=initial,
        eps=o.epsilon,
        foreach=False,
    )


ROWS = {"adagrad": OptimizerRow(_adagrad, {"accumulator": "sum"})}
