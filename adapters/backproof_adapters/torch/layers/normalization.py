"""Normalisations: torch's own, subclassed where a convention is another one, and handed channels first."""

from collections.abc import Mapping
from typing import Any

import torch
from torch import Tensor, nn
from torch.nn import functional

from backproof.layers import Shape
from backproof_adapters.base import AS_IS, Layout, Row
from backproof_adapters.torch.layers.channels import ChannelsLast
from backproof_adapters.torch.layers.table import Build


class OnOneAxis(ChannelsLast):
    """Hands x of (B, ..., C) to a native 1d module as (B, C, N), however many axes there are."""

    def forward(self, x: Tensor) -> Tensor:
        """Return what the native module makes of x."""
        return super().forward(x.reshape(len(x), -1, x.shape[-1])).reshape(x.shape)


class BiasedBatchNorm(nn.BatchNorm1d):
    """Batch norm whose running variance follows the biased variance; torch's follows the unbiased one."""

    def forward(self, x: Tensor) -> Tensor:
        """Return the normalised x; in training, move the running statistics."""
        if not self.training:
            return super().forward(x)
        share: Any = self.momentum
        with torch.no_grad():
            variance, mean = torch.var_mean(x, dim=(0, 2), correction=0)
            moving: Any = ((self.running_mean, mean), (self.running_var, variance))
            for running, batch in moving:
                running.mul_(1.0 - share).add_(share * batch)
        return functional.batch_norm(x, None, None, self.weight, self.bias, True, 0.0, self.eps)


class FrozenBatchNorm(nn.BatchNorm1d):
    """Batch norm by its running statistics, in training too: `train()` leaves it as `eval()` does."""

    def train(self, mode: bool = True) -> "FrozenBatchNorm":
        """Stay in evaluation mode."""
        return super().train(False)


class GroupNorm(nn.GroupNorm):
    """Group norm of a single value too, which `functional.group_norm` refuses in a batch of one."""

    def forward(self, x: Tensor) -> Tensor:
        """Return the normalised x."""
        return torch.group_norm(x, self.num_groups, self.weight, self.bias, self.eps)


class ShiftedRMSNorm(nn.RMSNorm):
    """RMS norm with a shift, which torch's has not."""

    def __init__(self, shape: Shape, epsilon: float, dtype: torch.dtype) -> None:
        super().__init__(shape, epsilon, dtype=dtype)
        self.bias = nn.Parameter(torch.zeros(shape, dtype=dtype))

    def forward(self, x: Tensor) -> Tensor:
        """Return the normalised x."""
        return super().forward(x) + self.bias


def _with(layer: Any, module: nn.Module) -> nn.Module:
    """Return the module without the scale or the shift that the layer does not have."""
    if not layer.scale:
        module.weight = None  # type: ignore[assignment]
    if not layer.shift:
        module.bias = None  # type: ignore[assignment]
    return module


def _batch(layer: Any, shape: Shape, dtype: torch.dtype) -> nn.Module:
    kind = nn.BatchNorm1d if layer.variance == "unbiased" else BiasedBatchNorm
    if layer.statistics == "running":
        kind = FrozenBatchNorm
    module = kind(shape[-1], layer.epsilon, 1.0 - layer.momentum, dtype=dtype)
    return OnOneAxis(_with(layer, module.train()))


def _instance(layer: Any, shape: Shape, dtype: torch.dtype) -> nn.Module:
    return OnOneAxis(_with(layer, nn.InstanceNorm1d(shape[-1], layer.epsilon, affine=True, dtype=dtype)))


def _group(layer: Any, shape: Shape, dtype: torch.dtype) -> nn.Module:
    module = GroupNorm(layer.groups, shape[-1], layer.epsilon, dtype=dtype)
    if layer.shift and not layer.scale:  # torch's backward fails on a bias without a weight: it stays 1 instead
        module.weight.requires_grad_(False)
        return ChannelsLast(module)
    return ChannelsLast(_with(layer, module))


def _layer(layer: Any, shape: Shape, dtype: torch.dtype) -> nn.Module:
    return _with(layer, nn.LayerNorm(shape[-layer.axes :], layer.epsilon, dtype=dtype))


def _rms(layer: Any, shape: Shape, dtype: torch.dtype) -> nn.Module:
    kind = ShiftedRMSNorm if layer.shift else nn.RMSNorm
    return _with(layer, kind(shape[-layer.axes :], layer.epsilon, dtype=dtype))


def _places(prefix: str = "") -> Mapping[str, tuple[str, Layout]]:
    return {"scale": (f"{prefix}weight", AS_IS), "shift": (f"{prefix}bias", AS_IS)}


_RUNNING = {
    "running_mean": ("native.running_mean", AS_IS),
    "running_variance": ("native.running_var", AS_IS),
}
ROWS: dict[str, Row[Build]] = {
    "batch_norm": Row(_batch, _places("native."), _RUNNING),
    "instance_norm": Row(_instance, _places("native.")),
    "group_norm": Row(_group, _places("native.")),
    "layer_norm": Row(_layer, _places()),
    "rms_norm": Row(_rms, _places()),
}
