"""The table of losses: each type's row returns Σ ℓ, which the spec's factor / n then scales."""

from collections.abc import Callable, Mapping
from typing import Any

import torch
from torch import Tensor, nn
from torch.nn import functional

from backproof.losses import Loss as LossFields
from backproof_adapters.base import row_for

Sum = Callable[[Any, Tensor, Tensor], Tensor]
"""The loss's fields, the output and the targets, to the sum of the terms ℓ."""


def _binary_cross_entropy(loss: Any, a: Tensor, y: Tensor) -> Tensor:
    """ℓ = −y log a − (1 − y) log(1 − a).

    Not F.binary_cross_entropy: it cuts the logarithm off at −100 and its gradient's denominator at 1e-12.
    """
    return (-(y * torch.log(a)) - (1.0 - y) * torch.log1p(-a)).sum()


def _binary_cross_entropy_with_logits(loss: Any, a: Tensor, y: Tensor) -> Tensor:
    """ℓ = (1 − y) log(1 + eᵃ) + y log(1 + e⁻ᵃ).

    Not F.binary_cross_entropy_with_logits: it subtracts log σ(a) from (1 − y)a, which cancels where class 0
    is predicted with confidence: at a = −10 the value is off by 0.8 % in float32.
    """
    no, yes = functional.softplus(a, threshold=40.0), functional.softplus(-a, threshold=40.0)
    return ((1.0 - y) * no + y * yes).sum()


def _cross_entropy(loss: Any, a: Tensor, y: Tensor) -> Tensor:
    """Native, over rows: torch wants the class axis second where the spec has it last."""
    rows = a.reshape(-1, a.shape[-1])
    y = y.reshape(-1) if loss.integer_targets() else y.reshape(rows.shape)
    return functional.cross_entropy(rows, y, reduction="sum", label_smoothing=loss.label_smoothing)


ROWS: dict[str, Sum] = {
    "squared_error": lambda loss, a, y: functional.mse_loss(a, y, reduction="sum"),
    "absolute_error": lambda loss, a, y: functional.l1_loss(a, y, reduction="sum"),
    "huber": lambda loss, a, y: functional.huber_loss(a, y, reduction="sum", delta=loss.delta),
    "binary_cross_entropy": _binary_cross_entropy,
    "binary_cross_entropy_with_logits": _binary_cross_entropy_with_logits,
    "cross_entropy": _cross_entropy,
}


class Loss(nn.Module):
    """C = factor / n · Σ ℓ(a, y), as a module: `loss(output, target)` is a 0-d tensor to call backward on."""

    def __init__(self, fields: LossFields) -> None:
        super().__init__()
        self.fields = fields
        self._sum = row_for(ROWS, fields, "torch")

    def forward(self, output: Tensor, target: Tensor, side: Mapping[str, Tensor] | None = None) -> Tensor:
        """Return C. Targets are int64 class indices, or of the output's shape; `side` is what else is fed."""
        return self._sum(self.fields, output, target) * self.fields.scale(tuple(output.shape))

    def extra_repr(self) -> str:
        """Return what repr shows between the parentheses."""
        return repr(self.fields)
