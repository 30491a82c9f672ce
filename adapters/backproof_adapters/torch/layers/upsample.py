"""Upsampling: native in both conventions."""

from typing import Any

import torch
from torch import nn

from backproof.layers import Shape
from backproof_adapters.base import Row
from backproof_adapters.torch.layers.channels import ChannelsLast
from backproof_adapters.torch.layers.table import Build


def _upsample(layer: Any, shape: Shape, dtype: torch.dtype) -> nn.Module:
    corners = {} if layer.interpolation == "nearest" else {"align_corners": layer.align_corners}
    factors = tuple(float(factor) for factor in layer.factors)
    return ChannelsLast(nn.Upsample(scale_factor=factors, mode=layer.interpolation, **corners))


ROWS: dict[str, Row[Build]] = {"upsample": Row(_upsample)}
