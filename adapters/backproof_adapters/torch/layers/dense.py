"""Dense."""

from typing import Any

import torch
from torch import nn

from backproof.layers import Shape
from backproof_adapters.base import AS_IS, TRANSPOSED, Row
from backproof_adapters.torch.layers.table import Build


def _dense(layer: Any, shape: Shape, dtype: torch.dtype) -> nn.Module:
    return nn.Linear(shape[-1], layer.units, layer.bias, device="cpu", dtype=dtype)


ROWS: dict[str, Row[Build]] = {
    "dense": Row(_dense, {"weight": ("weight", TRANSPOSED), "bias": ("bias", AS_IS)}),
}
