"""The table of layers, and how a layer of the spec becomes an nn.Module by its row."""

from collections.abc import Callable, Sequence
from typing import Any

import torch
from torch import nn

from backproof.layers import Layer, Shape, chain
from backproof_adapters.base import Row, row_for

Build = Callable[[Any, Shape, torch.dtype], nn.Module]
"""The layer's fields, the shape of one input (batch axis left out) and the dtype, to the module.

Side inputs are plain attributes of the module (`module.mask`), set before each call. A module that differs at
inference asks `self.training`.
"""

ROWS: dict[str, Row[Build]] = {}
"""The row of each type; filled from the files of this folder."""


def module(layer: Layer, shape: Shape, dtype: torch.dtype) -> nn.Module:
    """Return the native module of a layer."""
    return row_for(ROWS, layer, "torch").build(layer, shape, dtype)


def sequential(layers: Sequence[Layer], shape: Shape, dtype: torch.dtype) -> nn.Sequential:
    """Return a chain of layers under their names."""
    network = nn.Sequential()
    for name, layer, given in chain.links(layers, shape):
        # Not add_module: it refuses names like "type" that are also attributes of every module.
        network._modules[name] = module(layer, given, dtype)
    return network
