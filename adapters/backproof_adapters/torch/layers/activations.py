"""Activations: native modules, except where a float32 constant hides in one."""

from typing import Any

import torch
from torch import Tensor, nn
from torch.nn import functional

from backproof.layers import Shape
from backproof_adapters.base import Row
from backproof_adapters.torch.layers.table import Build


class HardSigmoid(nn.Module):
    """min(max(z + 3, 0), 6) / 6; slope 1/6 strictly inside (−3, 3), 0 elsewhere.

    Not nn.Hardsigmoid: its backward multiplies by a float32 1/6 even in float64, off by 3e-8.
    """

    def forward(self, z: Tensor) -> Tensor:
        """Return the activation, entry by entry."""
        return (functional.hardtanh(z, -3.0, 3.0) + 3.0) / 6.0


class CELU(nn.Module):
    """z for z > 0, else α(e^(z/α) − 1); slope 1, else e^(z/α).

    Not nn.CELU unless α is 1: its backward rounds α to float32, off by 4e-8 in float64. This is the same
    operator, aten::elu, with an exact input scale; nn.ELU does not pass that scale on.
    """

    def __init__(self, alpha: float) -> None:
        super().__init__()
        self.alpha = alpha

    def forward(self, z: Tensor) -> Tensor:
        """Return the activation, entry by entry."""
        activation: Tensor = torch.ops.aten.elu(z, self.alpha, 1.0, 1.0 / self.alpha)
        return activation

    def extra_repr(self) -> str:
        """Return what repr shows between the parentheses."""
        return f"alpha={self.alpha}"


def _softplus(layer: Any, shape: Shape, dtype: torch.dtype) -> nn.Module:
    # Above the threshold torch returns z itself. At the default of 20 that is off by 1e-10 of the value in
    # float64; at 40 the neglected e^−40 is below half a unit in the last place, and e^40 still fits float32.
    return nn.Softplus(threshold=40.0)


ROWS: dict[str, Row[Build]] = {
    "sigmoid": Row(lambda layer, shape, dtype: nn.Sigmoid()),
    "hard_sigmoid": Row(lambda layer, shape, dtype: HardSigmoid()),
    "tanh": Row(lambda layer, shape, dtype: nn.Tanh()),
    "relu": Row(lambda layer, shape, dtype: nn.ReLU()),
    "leaky_relu": Row(lambda layer, shape, dtype: nn.LeakyReLU(layer.negative_slope)),
    "elu": Row(lambda layer, shape, dtype: nn.ELU(layer.alpha)),
    "selu": Row(lambda layer, shape, dtype: nn.SELU()),
    "celu": Row(lambda layer, shape, dtype: nn.CELU() if layer.alpha == 1.0 else CELU(layer.alpha)),
    "gelu": Row(lambda layer, shape, dtype: nn.GELU(layer.approximate)),
    "silu": Row(lambda layer, shape, dtype: nn.SiLU()),
    "softplus": Row(_softplus),
    "softmax": Row(lambda layer, shape, dtype: nn.Softmax(dim=-1)),
    "log_softmax": Row(lambda layer, shape, dtype: nn.LogSoftmax(dim=-1)),
}
