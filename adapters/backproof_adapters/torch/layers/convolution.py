"""Convolutions: native ones, with what PyTorch's symmetric padding cannot say before or after them."""

from collections.abc import Sequence
from typing import Any

import torch
from torch import Tensor, nn

from backproof.layers import Shape
from backproof_adapters.base import AS_IS, Layout, Row, axes
from backproof_adapters.torch.layers.channels import ChannelsLast, padded
from backproof_adapters.torch.layers.table import Build

_CONVOLUTIONS: dict[int, Any] = {1: nn.Conv1d, 2: nn.Conv2d}
_TRANSPOSED: dict[int, Any] = {1: nn.ConvTranspose1d, 2: nn.ConvTranspose2d}


class Padded(ChannelsLast):
    """A convolution of an input with more zeros on one side than on the other: torch's own padding is even."""

    def __init__(self, native: nn.Module, pairs: Sequence[tuple[int, int]]) -> None:
        super().__init__(native)
        self.pairs = pairs

    def forward(self, x: Tensor) -> Tensor:
        """Return the convolution of the padded input."""
        return super().forward(padded(x, self.pairs))


class Cropped(ChannelsLast):
    """A transposed convolution of which more is cut off at one end than at the other."""

    def __init__(self, native: nn.Module, pairs: Sequence[tuple[int, int]]) -> None:
        super().__init__(native)
        self.pairs = pairs

    def forward(self, x: Tensor) -> Tensor:
        """Return what is left."""
        return padded(super().forward(x), [(-before, -after) for before, after in self.pairs])


def _convolution(layer: Any, shape: Shape, dtype: torch.dtype) -> nn.Module:
    windows = layer.windows(shape)
    common = {"groups": layer.groups, "bias": layer.bias, "device": "cpu", "dtype": dtype}
    kind = _CONVOLUTIONS[layer.axes]
    even = all(before == after for before, after in windows.padding)
    padding = tuple(before if even else 0 for before, _ in windows.padding)
    native = kind(shape[-1], layer.filters, windows.size, windows.stride, padding, windows.dilation, **common)
    return ChannelsLast(native) if even else Padded(native, windows.padding)


def _transposed(layer: Any, shape: Shape, dtype: torch.dtype) -> nn.Module:
    windows = layer.windows(shape)
    both = tuple(min(pair) for pair in windows.padding)
    native = _TRANSPOSED[layer.axes](
        shape[-1],
        layer.filters,
        windows.size,
        windows.stride,
        both,
        windows.unseen,
        bias=layer.bias,
        dilation=windows.dilation,
        device="cpu",
        dtype=dtype,
    )
    rest = [(before - p, after - p) for (before, after), p in zip(windows.padding, both, strict=True)]
    return Cropped(native, rest) if any(map(any, rest)) else ChannelsLast(native)


def _parameters(layout: Layout) -> dict[str, tuple[str, Layout]]:
    return {"weight": ("native.weight", layout), "bias": ("native.bias", AS_IS)}


# (k, F, G) lies in torch as (G, F, k), that of a transposed convolution (k, G, F) as (F, G, k).
_1D, _2D = _parameters(axes(2, 1, 0)), _parameters(axes(3, 2, 0, 1))

ROWS: dict[str, Row[Build]] = {
    "conv1d": Row(_convolution, _1D),
    "conv2d": Row(_convolution, _2D),
    "conv1d_transpose": Row(_transposed, _1D),
    "conv2d_transpose": Row(_transposed, _2D),
}
