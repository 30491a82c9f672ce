"""Sequence, residual and parallel."""

from typing import Any

import torch
from torch import Tensor, nn

from backproof.layers import Shape
from backproof_adapters.base import Row
from backproof_adapters.torch.layers.table import Build, sequential


class Residual(nn.Sequential):
    """y = x + f(x), with f the modules within."""

    def forward(self, x: Tensor) -> Tensor:
        """Return the sum."""
        y: Tensor = super().forward(x)  # type: ignore[no-untyped-call]
        return x + y


class Parallel(nn.Module):
    """The outputs of several chains of the same x, added, or joined on the last axis."""

    def __init__(self, branches: list[nn.Sequential], concatenate: bool) -> None:
        super().__init__()
        for position, branch in enumerate(branches):
            self._modules[str(position)] = branch
        self.concatenate = concatenate

    def forward(self, x: Tensor) -> Tensor:
        """Return the combination."""
        outputs = [branch(x) for branch in self.children()]
        if self.concatenate:
            return torch.cat(outputs, dim=-1)
        total = outputs[0]
        for other in outputs[1:]:
            total = total + other
        return total


def _residual(layer: Any, shape: Shape, dtype: torch.dtype) -> nn.Module:
    module = Residual()
    module._modules.update(sequential(layer.layers, shape, dtype)._modules)
    return module


def _parallel(layer: Any, shape: Shape, dtype: torch.dtype) -> nn.Module:
    branches = [sequential(layers, shape, dtype) for layers in layer.branches]
    return Parallel(branches, layer.combination == "concatenate")


ROWS: dict[str, Row[Build]] = {
    "sequence": Row(lambda layer, shape, dtype: sequential(layer.layers, shape, dtype)),
    "residual": Row(_residual),
    "parallel": Row(_parallel),
}
