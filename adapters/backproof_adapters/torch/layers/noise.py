"""Dropout and the sample of a normal distribution: torch's own noise, unless the spec's is given for the call."""

from typing import Any

import torch
from torch import Tensor, nn

from backproof.layers import Shape
from backproof_adapters.base import Row
from backproof_adapters.torch.layers.table import Build


class Dropout(nn.Dropout):
    """nn.Dropout, which takes no mask: one set before a call in training is used for that call."""

    mask: Tensor | None = None

    def forward(self, x: Tensor) -> Tensor:
        """Return x ⊙ mask / (1 − p); x itself at inference."""
        if self.mask is None or not self.training:
            return super().forward(x)
        mask, self.mask = self.mask, None
        return x * (mask / (1.0 - self.p))


class GaussianSample(nn.Module):
    """μ + exp(λ/2) ⊙ noise, x being [μ, λ]; μ at inference. Noise set before a call is used for that call."""

    noise: Tensor | None = None

    def __init__(self, sampled: bool) -> None:
        super().__init__()
        self.sampled = sampled

    def forward(self, x: Tensor) -> Tensor:
        """Return the sample."""
        mean, log_variance = x.chunk(2, dim=-1)
        if not (self.sampled and self.training):
            return mean
        noise, self.noise = torch.randn_like(mean) if self.noise is None else self.noise, None
        return mean + torch.exp(0.5 * log_variance) * noise

    def extra_repr(self) -> str:
        """Return what repr shows between the parentheses."""
        return f"sampled={self.sampled}"


def _dropout(layer: Any, shape: Shape, dtype: torch.dtype) -> nn.Module:
    return Dropout(layer.rate)


def _gaussian_sample(layer: Any, shape: Shape, dtype: torch.dtype) -> nn.Module:
    return GaussianSample(layer.sampled)


ROWS: dict[str, Row[Build]] = {"dropout": Row(_dropout), "gaussian_sample": Row(_gaussian_sample)}
