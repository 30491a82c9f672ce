"""Gated linear units."""

from typing import Any

import torch
from torch import Tensor, nn

from backproof.layers import Shape
from backproof_adapters.base import Row
from backproof_adapters.torch.layers.table import Build, module


class GLU(nn.Module):
    """a ⊙ f(g), with a and g the halves of the last axis: nn.GLU for any f, and for either half as the gate."""

    def __init__(self, activation: nn.Module, gate_first: bool) -> None:
        super().__init__()
        self.activation, self.gate_first = activation, gate_first

    def forward(self, x: Tensor) -> Tensor:
        """Return the gated half."""
        a, g = x.chunk(2, dim=-1)
        if self.gate_first:
            a, g = g, a
        gated: Tensor = a * self.activation(g)
        return gated


def _glu(layer: Any, shape: Shape, dtype: torch.dtype) -> nn.Module:
    if layer.activation.type == "sigmoid" and layer.gate == "second":
        return nn.GLU()
    half = (*shape[:-1], shape[-1] // 2)
    return GLU(module(layer.activation, half, dtype), layer.gate == "first")


ROWS: dict[str, Row[Build]] = {"glu": Row(_glu)}
