"""Lion."""

from typing import Any

import torch
from torch import Tensor

from backproof_adapters.torch.optimizers.by_hand import ByHand
from backproof_adapters.torch.optimizers.table import Groups, OptimizerRow, decay


class Lion(ByHand):
    """Δ = −η sign(β₁m + (1 − β₁)g); then m ← β₂m + (1 − β₂)g. By hand because torch.optim has no Lion."""

    def buffers(self, group: dict[str, Any]) -> tuple[str, ...]:
        return ("exp_avg",)

    def delta(self, g: Tensor, state: dict[str, Tensor], group: dict[str, Any]) -> Tensor:
        (beta1, beta2), m = group["betas"], state["exp_avg"]
        sign = (m * beta1).add_(g, alpha=1.0 - beta1).sign_()
        m.mul_(beta2).add_(g, alpha=1.0 - beta2)
        return sign.mul_(-group["lr"])


def _lion(o: Any, groups: Groups) -> torch.optim.Optimizer:
    return Lion(groups, o.rate(0), **decay(o), betas=(o.beta1, o.beta2))


ROWS = {"lion": OptimizerRow(_lion, {"first_moment": "exp_avg"})}
