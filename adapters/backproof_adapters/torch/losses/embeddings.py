"""Losses of distances between embeddings."""

from typing import Any

import torch
from torch import Tensor
from torch.nn import functional

from backproof_adapters.torch.losses.terms import Terms


def _contrastive(loss: Any, a: Tensor, y: Tensor) -> Tensor:
    """ℓ = y D² + (1 − y) max(0, margin − D)². The norm's slope at 0 is 0 in torch, as the spec says."""
    difference = a[:, 0] - a[:, 1]
    apart = functional.relu(loss.margin - torch.linalg.vector_norm(difference, dim=-1))
    return y * (difference * difference).sum(-1) + (1.0 - y) * apart * apart


def _triplet(loss: Any, a: Tensor, y: Tensor) -> Tensor:
    """By hand: F.triplet_margin_loss clamps, so that a violation of exactly 0 has a gradient."""
    near, far = a[:, 0] - a[:, 1], a[:, 0] - a[:, 2]
    distance = torch.linalg.vector_norm if loss.distance == "euclidean" else _squared
    return functional.relu(distance(near, dim=-1) - distance(far, dim=-1) + loss.margin)


def _squared(difference: Tensor, dim: int) -> Tensor:
    return (difference * difference).sum(dim)


ROWS: dict[str, Terms] = {"contrastive": _contrastive, "triplet": _triplet}
