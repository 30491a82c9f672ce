"""Layers that only move numbers."""

from typing import Any

import torch
from torch import Tensor, nn

from backproof.layers import Shape
from backproof_adapters.base import Row
from backproof_adapters.torch.layers.channels import padded
from backproof_adapters.torch.layers.table import Build


class Permute(nn.Module):
    """The axes in another order, the batch first."""

    def __init__(self, order: tuple[int, ...]) -> None:
        super().__init__()
        self.order = order

    def forward(self, x: Tensor) -> Tensor:
        """Return the permuted input."""
        return x.permute(self.order)


class Take(nn.Module):
    """One position on one axis."""

    def __init__(self, axis: int, index: int) -> None:
        super().__init__()
        self.axis, self.index = axis, index

    def forward(self, x: Tensor) -> Tensor:
        """Return what stands there."""
        return x.select(self.axis + 1, self.index)


class Pad(nn.Module):
    """Zeros around the axes between batch and channels, which are last (`nn.ZeroPad2d` takes them for second)."""

    def __init__(self, pairs: tuple[tuple[int, int], ...]) -> None:
        super().__init__()
        self.pairs = pairs

    def forward(self, x: Tensor) -> Tensor:
        """Return the padded input."""
        return padded(x, self.pairs)


def _reshape(layer: Any, shape: Shape, dtype: torch.dtype) -> nn.Module:
    flat = nn.Flatten() if shape else nn.Unflatten(0, (-1, 1))  # nn.Flatten cannot give a single number an axis
    return nn.Sequential(flat, nn.Unflatten(1, tuple(layer.shape)))


ROWS: dict[str, Row[Build]] = {
    "flatten": Row(lambda layer, shape, dtype: nn.Flatten()),
    "reshape": Row(_reshape),
    "permute": Row(lambda layer, shape, dtype: Permute(layer.order)),
    "take": Row(lambda layer, shape, dtype: Take(*layer.place(shape))),
    "pad": Row(lambda layer, shape, dtype: Pad(layer.padding)),
}
