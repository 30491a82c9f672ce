"""Positions: tables that are added, and a token before the steps."""

from typing import Any

import torch
from torch import Tensor, nn

from backproof.layers import Shape
from backproof_adapters.base import AS_IS, Row
from backproof_adapters.torch.layers.table import Build


class LearnedPositions(nn.Module):
    """x + P, with P a table of the shape of one observation."""

    def __init__(self, shape: Shape, dtype: torch.dtype) -> None:
        super().__init__()
        self.table = nn.Parameter(torch.zeros(shape, dtype=dtype))

    def forward(self, x: Tensor) -> Tensor:
        """Return the sum."""
        return x + self.table


class SinusoidalPositions(nn.Module):
    """x + P, with P sines and cosines; torch has none."""

    table: Tensor

    def __init__(self, layer: Any, shape: Shape, dtype: torch.dtype) -> None:
        super().__init__()
        angle = angles(shape[0], shape[1], layer.base, dtype)
        self.register_buffer("table", together(angle.sin(), angle.cos(), layer.pairs), persistent=False)

    def forward(self, x: Tensor) -> Tensor:
        """Return the sum."""
        return x + self.table


class ClassToken(nn.Module):
    """A learned vector before the steps."""

    def __init__(self, width: int, dtype: torch.dtype) -> None:
        super().__init__()
        self.token = nn.Parameter(torch.zeros(width, dtype=dtype))

    def forward(self, x: Tensor) -> Tensor:
        """Return the longer sequence."""
        return torch.cat([self.token.expand(len(x), 1, -1), x], dim=1)


def angles(steps: int, size: int, base: float, dtype: torch.dtype) -> Tensor:
    """Return t · base^(−2i / size): (steps, size / 2)."""
    return torch.arange(steps, dtype=dtype).outer(base ** (-torch.arange(0, size, 2, dtype=dtype) / size))


def apart(x: Tensor, pairs: str) -> tuple[Tensor, Tensor]:
    """Return the first and the second of every pair of the last axis: neighbours, or one of each half."""
    if pairs == "interleaved":
        return x[..., 0::2], x[..., 1::2]
    first, second = x.chunk(2, dim=-1)
    return first, second


def together(first: Tensor, second: Tensor, pairs: str) -> Tensor:
    """Return the pairs as one axis again."""
    if pairs == "interleaved":
        return torch.stack([first, second], dim=-1).flatten(-2)
    return torch.cat([first, second], dim=-1)


ROWS: dict[str, Row[Build]] = {
    "learned_positions": Row(
        lambda layer, shape, dtype: LearnedPositions(shape, dtype), {"table": ("table", AS_IS)}
    ),
    "sinusoidal_positions": Row(SinusoidalPositions),
    "class_token": Row(lambda layer, shape, dtype: ClassToken(shape[-1], dtype), {"token": ("token", AS_IS)}),
}
