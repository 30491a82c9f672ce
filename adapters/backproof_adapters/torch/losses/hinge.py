"""Hinge losses. `relu` has the slope 0 at its kink that the spec says; a clamp has 1."""

from typing import Any

import torch
from torch import Tensor
from torch.nn import functional

from backproof_adapters.torch.losses.terms import Terms


def _multiclass_hinge(loss: Any, a: Tensor, y: Tensor) -> Tensor:
    """By hand: F.multi_margin_loss divides by the number of classes, has one sum only, and 2-d scores only."""
    own = functional.one_hot(y, a.shape[-1]).bool()
    margins = loss.margin - a.gather(-1, y[..., None]) + a
    margins = functional.relu(torch.where(own, 0.0, margins)) ** loss.power
    return margins.sum(-1) if loss.form == "weston_watkins" else margins.max(-1).values


ROWS: dict[str, Terms] = {
    "hinge": lambda loss, a, y: functional.relu(1.0 - y * a) ** loss.power,
    "multiclass_hinge": _multiclass_hinge,
}
