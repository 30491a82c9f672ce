"""Distances between output and target, and the likelihood of counts."""

import math
from typing import Any

import torch
from torch import Tensor
from torch.nn import functional

from backproof_adapters.torch.losses.terms import Terms


def _log_cosh(loss: Any, a: Tensor, y: Tensor) -> Tensor:
    """ℓ = log(eʳ + e⁻ʳ) − log 2."""
    return torch.logaddexp(a - y, y - a) - math.log(2.0)


def _cosine_distance(loss: Any, a: Tensor, y: Tensor) -> Tensor:
    """ℓ = 1 − â·ŷ. F.cosine_similarity returns the gradient of an unclamped norm also where it clamps at ε."""
    return 1.0 - (_unit(a, loss.epsilon) * _unit(y, loss.epsilon)).sum(-1)


def _unit(a: Tensor, epsilon: float) -> Tensor:
    return a / torch.linalg.vector_norm(a, dim=-1, keepdim=True).clamp_min(epsilon)


def _poisson(loss: Any, a: Tensor, y: Tensor) -> Tensor:
    """Native, without the 1e-8 within the logarithm."""
    log_rate = loss.output == "log_rate"
    return functional.poisson_nll_loss(a, y, log_input=log_rate, eps=0.0, reduction="none")


ROWS: dict[str, Terms] = {
    "squared_error": lambda loss, a, y: functional.mse_loss(a, y, reduction="none"),
    "absolute_error": lambda loss, a, y: functional.l1_loss(a, y, reduction="none"),
    "huber": lambda loss, a, y: functional.huber_loss(a, y, reduction="none", delta=loss.delta),
    "log_cosh": _log_cosh,
    "poisson": _poisson,
    "cosine_distance": _cosine_distance,
}
