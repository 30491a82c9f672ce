"""Losses: one row per type, in a file per family, found by being in this folder."""

from collections.abc import Mapping
from typing import Any

import torch
from torch import Tensor, nn

from backproof.discovery import modules
from backproof.losses import Loss as LossFields
from backproof_adapters.base import gathered, row_for
from backproof_adapters.torch.losses.terms import Counted, Terms

ROWS: dict[str, Terms] = gathered(modules(__path__, __name__))


class Loss(nn.Module):
    """C = factor / n · Σ w ℓ(a, y), as a module: `loss(output, target)` is a 0-d tensor to call backward on."""

    def __init__(self, fields: LossFields) -> None:
        super().__init__()
        self.fields = fields
        self._terms = row_for(ROWS, fields, "torch")

    def forward(self, output: Tensor, target: Tensor, side: Mapping[str, Tensor] | None = None) -> Tensor:
        """Return C. Targets are int64 class indices, or numbers; a weighted loss wants {"weight": (B,)}."""
        found = self._terms(self.fields, output, target)
        terms, counts = found if isinstance(found, Counted) else (found, torch.ones_like(found))
        if self.fields.weighted:
            weight = (side or {})["weight"].reshape(-1, *[1] * (terms.ndim - 1))
            terms, counts = weight * terms, weight * counts
        n: dict[str, Any] = {
            "sum": 1,
            "batch_mean": len(output),
            "mean": terms.numel(),
            "weighted_mean": counts.sum(),
        }
        return terms.sum() * (self.fields.factor / n[self.fields.reduction])

    def extra_repr(self) -> str:
        """Return what repr shows between the parentheses."""
        return repr(self.fields)
