"""Mistakes in convolutions: the kernel's direction and axes, and the bookkeeping of padding, stride and groups."""

from dataclasses import replace
from typing import Any

import numpy as np

from backproof.fields import Array
from backproof.layers.base import Cache, Own, Shape
from backproof.layers.convolution import Conv1D, Convolution, Kernel, kernel_gradient, scattered
from backproof.layers.transposed_convolution import ConvolutionTranspose
from backproof.layers.windows import Windows
from backproof.mistakes.base import below, in_layer, own_output, own_parameter

Backward = tuple[Array, dict[str, Array]]


def _flipped(layer: Kernel, own: Own) -> Own:
    """Return what belongs to a layer, its kernel reversed along every axis that it slides over."""
    return {**own, "weight": own["weight"][(slice(None, None, -1),) * layer.axes]}


def _followed(dy: Array, windows: Windows) -> Array:
    """Return dy followed by zeros, as many as other windows have more outputs."""
    missing = [(0, n - m) for n, m in zip(windows.outputs, dy.shape[1:], strict=False)]
    return np.pad(dy, [(0, 0), *missing, (0, 0)])


def _input_gradient(layer: Convolution, own: Own, x: Array, dy: Array, **wrong: Any) -> Array:
    windows = replace(layer.windows(x.shape[1:]), **wrong)
    return scattered(windows, _followed(dy, windows), own["weight"], layer.groups)


def _kernel_gradient(layer: Convolution, x: Array, dy: Array, **wrong: Any) -> dict[str, Array]:
    windows = replace(layer.windows(x.shape[1:]), **wrong)
    return {"weight": kernel_gradient(windows, x, _followed(dy, windows), layer.groups)}


class _Flipped(Kernel):
    def forward(self, own: Own, x: Array) -> tuple[Array, Cache]:
        return super().forward(_flipped(self, own), x)


class _FlippedBack(Kernel):
    def backward(self, own: Own, cache: Cache, dy: Array) -> Backward:
        return super().backward(_flipped(self, own), cache, dy)


class _Reshaped(Kernel):
    """Reads the kernel's numbers in PyTorch's order, G first."""

    def forward(self, own: Own, x: Array) -> tuple[Array, Cache]:
        W = own["weight"]
        order = (self.axes + 1, self.axes, *range(self.axes))
        return super().forward({**own, "weight": W.transpose(order).reshape(W.shape)}, x)


class _OtherSide(Kernel):
    def windows(self, shape: Shape) -> Windows:
        windows = super().windows(shape)
        return replace(windows, padding=tuple((after, before) for before, after in windows.padding))


class _BothSides(Conv1D):
    def windows(self, shape: Shape) -> Windows:
        windows = super().windows(shape)
        ((total, _),) = windows.padding
        return replace(windows, padding=((total // 2, total - total // 2),))


class _PaddingNotCutOff(Convolution):
    def backward(self, own: Own, cache: Cache, dy: Array) -> Backward:
        windows = self.windows(cache.shape[1:])
        whole = replace(windows, spatial=windows.padded, padding=((0, 0),) * self.axes)
        dx = scattered(whole, dy, own["weight"], self.groups)
        return dx[:, *map(slice, windows.spatial)], super().backward(own, cache, dy)[1]


class _StrideForgottenBack(Convolution):
    def backward(self, own: Own, cache: Cache, dy: Array) -> Backward:
        dx = _input_gradient(self, own, cache, dy, stride=(1,) * self.axes)
        return dx, super().backward(own, cache, dy)[1]


class _StrideForgottenInKernel(Convolution):
    def backward(self, own: Own, cache: Cache, dy: Array) -> Backward:
        dx, gradients = super().backward(own, cache, dy)
        return dx, gradients | _kernel_gradient(self, cache, dy, stride=(1,) * self.axes)


class _DilationForgottenBack(Convolution):
    def backward(self, own: Own, cache: Cache, dy: Array) -> Backward:
        dx = _input_gradient(self, own, cache, dy, dilation=(1,) * self.axes)
        return dx, super().backward(own, cache, dy)[1]


class _DilationForgottenInKernel(Convolution):
    def backward(self, own: Own, cache: Cache, dy: Array) -> Backward:
        dx, gradients = super().backward(own, cache, dy)
        return dx, gradients | _kernel_gradient(self, cache, dy, dilation=(1,) * self.axes)


class _BiasOfOnePlace(Kernel):
    def backward(self, own: Own, cache: Cache, dy: Array) -> Backward:
        dx, gradients = super().backward(own, cache, dy)
        return dx, gradients | {"bias": dy.sum(axis=0).reshape(-1, self.filters)[0]}


class _GroupsInterleaved(Convolution):
    """Gives group i every channel that leaves i when divided by the number of groups."""

    def forward(self, own: Own, x: Array) -> tuple[Array, Cache]:
        mixed = x.reshape(*x.shape[:-1], -1, self.groups).swapaxes(-1, -2).reshape(x.shape)
        return super().forward(own, mixed)[0], x


class _OutputsInterleaved(Convolution):
    def forward(self, own: Own, x: Array) -> tuple[Array, Cache]:
        y, cache = super().forward(own, x)
        return y.reshape(*y.shape[:-1], self.groups, -1).swapaxes(-1, -2).reshape(y.shape), cache


class _OutputPaddingBefore(ConvolutionTranspose):
    def forward(self, own: Own, x: Array) -> tuple[Array, Cache]:
        y, cache = super().forward(own, x)
        extra = self.windows(x.shape[1:]).unseen
        kept = y[:, *(slice(n - e) for n, e in zip(y.shape[1:], extra, strict=False))]
        return np.pad(kept, [(0, 0), *((e, 0) for e in extra), (0, 0)]), cache


def _has_bias(layer: Any) -> bool:
    return bool(layer.bias)


def _has_groups(layer: Any) -> bool:
    return bool(layer.groups > 1)


MISTAKES = (
    in_layer("kernel flipped", "W[−k]", "W[k]", _Flipped, own_output),
    in_layer("kernel flipped on the way back only", "dx ∋ dz W[−k]ᵀ", "dx ∋ dz W[k]ᵀ", _FlippedBack, below),
    in_layer("kernel reshaped from (G, F, k), not transposed", "reshape(W)", "Wᵀ", _Reshaped, own_output),
    in_layer("uneven padding on the other side", "(after, before)", "(before, after)", _OtherSide, own_output),
    in_layer(
        "causal padding on both sides",
        "half before, half after",
        "all before",
        _BothSides,
        own_output,
        lambda layer: layer.padding == "causal",
    ),
    in_layer(
        "padding not cut off the input gradient", "dx[: n]", "dx[before : before + n]", _PaddingNotCutOff, below
    ),
    in_layer("stride forgotten on the way back", "dz side by side", "dz apart", _StrideForgottenBack, below),
    in_layer(
        "stride forgotten in the kernel's gradient",
        "Σ x[i + k] dz[i]",
        "Σ x[i · stride + k] dz[i]",
        _StrideForgottenInKernel,
        own_parameter("weight"),
    ),
    in_layer(
        "dilation forgotten on the way back",
        "dx[i + k] ∋ dz[i] W[k]ᵀ",
        "dx[i + dilation · k] ∋ dz[i] W[k]ᵀ",
        _DilationForgottenBack,
        below,
    ),
    in_layer(
        "dilation forgotten in the kernel's gradient",
        "Σ x[i + k] dz[i]",
        "Σ x[i + dilation · k] dz[i]",
        _DilationForgottenInKernel,
        own_parameter("weight"),
    ),
    in_layer(
        "bias gradient summed over the batch only",
        "db = Σ over the batch",
        "db = Σ over batch and places",
        _BiasOfOnePlace,
        own_parameter("bias"),
        _has_bias,
    ),
    in_layer(
        "groups made of every n-th channel",
        "channels i, i + n, …",
        "neighbouring channels",
        _GroupsInterleaved,
        own_output,
        _has_groups,
    ),
    in_layer(
        "outputs of groups interleaved",
        "one of each group in turn",
        "group after group",
        _OutputsInterleaved,
        own_output,
        _has_groups,
    ),
    in_layer(
        "output padding on the wrong side", "before the output", "after it", _OutputPaddingBefore, own_output
    ),
)
