"""Minus the evidence lower bound."""

from typing import Any

import torch
from torch import Tensor

from backproof_adapters.base import row_for
from backproof_adapters.torch.losses import binary_cross_entropy, regression
from backproof_adapters.torch.losses.terms import Terms


def _evidence_lower_bound(loss: Any, a: Tensor, y: Tensor) -> Tensor:
    """ℓ = Σ ρ(r, y) + β Σ ½(eᵛ + μ² − 1 − v), with ρ another row of the table."""
    r, mean, log_variance = torch.split(a, [y.shape[-1], loss.latent, loss.latent], dim=-1)
    rows = regression.ROWS | binary_cross_entropy.ROWS
    error = row_for(rows, loss.error(), "torch")(loss.error(), r, y)
    assert isinstance(error, Tensor)
    divergence = 0.5 * (log_variance.exp() + mean * mean - 1.0 - log_variance)
    return error.sum(-1) + loss.beta * divergence.sum(-1)


ROWS: dict[str, Terms] = {"evidence_lower_bound": _evidence_lower_bound}
