"""Pooling: native modules, with padding put around where it is not even, or more than half a window."""

from typing import Any

import torch
from torch import Tensor, nn

from backproof.layers import Shape
from backproof.layers.windows import Windows
from backproof_adapters.base import Row
from backproof_adapters.torch.layers.channels import ChannelsLast, padded
from backproof_adapters.torch.layers.table import Build

_MAX: dict[int, Any] = {1: nn.MaxPool1d, 2: nn.MaxPool2d}
_AVERAGE: dict[int, Any] = {1: nn.AvgPool1d, 2: nn.AvgPool2d}
_ADAPTIVE_MAX: dict[int, Any] = {1: nn.AdaptiveMaxPool1d, 2: nn.AdaptiveMaxPool2d}
_ADAPTIVE_AVERAGE: dict[int, Any] = {1: nn.AdaptiveAvgPool1d, 2: nn.AdaptiveAvgPool2d}


class PaddedMaxPool(ChannelsLast):
    """The maximum over windows of an input with −∞ around it."""

    def __init__(self, windows: Windows) -> None:
        super().__init__(_MAX[len(windows.size)](windows.size, windows.stride))
        self.pairs = windows.padding

    def forward(self, x: Tensor) -> Tensor:
        """Return the maxima."""
        return super().forward(padded(x, self.pairs, -torch.inf))


class PaddedAveragePool(ChannelsLast):
    """The mean over windows of an input with zeros around it, times size / n: only n of them count."""

    def __init__(self, windows: Windows, share: Tensor) -> None:
        super().__init__(_AVERAGE[len(windows.size)](windows.size, windows.stride))
        self.pairs = windows.padding
        self.register_buffer("share", share, persistent=False)

    def forward(self, x: Tensor) -> Tensor:
        """Return the means."""
        share: Tensor = self.share  # type: ignore[assignment]
        return super().forward(padded(x, self.pairs)) * share


class Amax(nn.Module):
    """The maximum over all axes between batch and channels; the largest share the gradient."""

    def forward(self, x: Tensor) -> Tensor:
        """Return the maxima, (B, C)."""
        return x.flatten(1, -2).amax(1)


def _even(windows: Windows) -> tuple[int, ...] | None:
    """Return the padding as torch's pools take it, if they do."""
    if all(low == high <= size // 2 for (low, high), size in zip(windows.padding, windows.size, strict=True)):
        return tuple(low for low, _ in windows.padding)
    return None


def _max(layer: Any, shape: Shape, dtype: torch.dtype) -> nn.Module:
    declared = layer.declared(shape)
    if (padding := _even(declared)) is None:
        return PaddedMaxPool(layer.windows(shape))
    kind = _MAX[layer.axes]
    return ChannelsLast(kind(declared.size, declared.stride, padding, ceil_mode=layer.ceil_mode))


def _average(layer: Any, shape: Shape, dtype: torch.dtype) -> nn.Module:
    declared = layer.declared(shape)
    if (padding := _even(declared)) is None:
        counts = torch.tensor(layer.counts(shape), dtype=dtype)
        return PaddedAveragePool(layer.windows(shape), torch.tensor(declared.size).prod() / counts)
    kind = _AVERAGE[layer.axes]
    return ChannelsLast(kind(declared.size, declared.stride, padding, layer.ceil_mode, layer.count_include_pad))


def _global(native: dict[int, Any], axes: int) -> nn.Module:
    return nn.Sequential(ChannelsLast(native[axes](1)), nn.Flatten())


def _global_max(layer: Any, shape: Shape, dtype: torch.dtype) -> nn.Module:
    return Amax() if layer.ties == "split" else _global(_ADAPTIVE_MAX, len(shape) - 1)


def _adaptive(kinds: dict[int, Any]) -> Row[Build]:
    return Row(lambda layer, shape, dtype: ChannelsLast(kinds[len(shape) - 1](layer.output_shape(shape)[:-1])))


ROWS: dict[str, Row[Build]] = {
    "max_pool1d": Row(_max),
    "max_pool2d": Row(_max),
    "average_pool1d": Row(_average),
    "average_pool2d": Row(_average),
    "global_max_pool": Row(_global_max),
    "global_average_pool": Row(lambda layer, shape, dtype: _global(_ADAPTIVE_AVERAGE, len(shape) - 1)),
    "adaptive_max_pool": _adaptive(_ADAPTIVE_MAX),
    "adaptive_average_pool": _adaptive(_ADAPTIVE_AVERAGE),
}
