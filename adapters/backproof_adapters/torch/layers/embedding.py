"""Embedding."""

from typing import Any

import torch
from torch import nn

from backproof.layers import Shape
from backproof_adapters.base import AS_IS, Row
from backproof_adapters.torch.layers.table import Build


def _embedding(layer: Any, shape: Shape, dtype: torch.dtype) -> nn.Module:
    return nn.Embedding(layer.vocabulary, layer.units, layer.padding_index, device="cpu", dtype=dtype)


ROWS: dict[str, Row[Build]] = {"embedding": Row(_embedding, {"weight": ("weight", AS_IS)})}
