"""Convolution: the same dense layer at every window of the input.

What a window sees is a row of `columns`, K offsets × C channels long (im2col), so that all three products are
those of a dense layer:

    z = columns @ W        dW = columnsᵀ @ dz        dcolumns = dz @ Wᵀ, and dx = windows.scatter(dcolumns)

The kernel is not flipped: like every framework's, this is a cross-correlation. Source: LeCun et al. 1989;
Chellapilla et al. 2006 (im2col); Krizhevsky et al. 2012 (groups).
"""

import math
from typing import ClassVar, Literal

import numpy as np

from backproof.fields import Array
from backproof.initializers import AnyInitializer, Constant, Fan, Glorot
from backproof.layers.base import Cache, Layer, Own, Parameter, Shape
from backproof.layers.windows import Padding, PerAxis, Size, Windows, per_axis


def convolve(windows: Windows, x: Array, W: Array, groups: int = 1) -> Array:
    """Return z (B, *outputs, G), given x (B, *spatial, F) and W (*size, F/groups, G)."""
    z = _columns(windows, x, groups) @ _split(W.reshape(-1, 1, W.shape[-1]), groups)
    return _joined(z, 1).reshape(len(x), *windows.outputs, W.shape[-1])


def kernel_gradient(windows: Windows, x: Array, dz: Array, groups: int = 1) -> Array:
    """Return dW = columnsᵀ @ dz, (*size, F/groups, G)."""
    columns, delta = _columns(windows, x, groups), _split(dz.reshape(-1, 1, dz.shape[-1]), groups)
    dW = _joined(columns.swapaxes(1, 2) @ delta, 1)
    return dW.reshape(*windows.size, x.shape[-1] // groups, dz.shape[-1])


def scattered(windows: Windows, dz: Array, W: Array, groups: int = 1) -> Array:
    """Return dx (B, *spatial, F): what each output owes to each entry it saw, added where windows overlap."""
    delta, kernel = _split(dz.reshape(-1, 1, dz.shape[-1]), groups), _split(W.reshape(-1, 1, W.shape[-1]), groups)
    dcolumns = _joined(delta @ kernel.swapaxes(1, 2), len(windows.offsets))  # (N, K, F)
    dcolumns = dcolumns.reshape(*dz.shape[:-1], *dcolumns.shape[1:])
    return windows.scatter([dcolumns[..., k, :] for k in range(len(windows.offsets))])


def _columns(windows: Windows, x: Array, groups: int) -> Array:
    seen = np.stack(windows.gather(x), axis=-2)  # (B, *outputs, K, F)
    return _split(seen.reshape(-1, *seen.shape[-2:]), groups)


def _split(a: Array, groups: int) -> Array:
    """Return (groups, N, K·C/groups), given (N, K, C): neighbouring channels form a group."""
    N, K, C = a.shape
    return a.reshape(N, K, groups, C // groups).transpose(2, 0, 1, 3).reshape(groups, N, -1)


def _joined(a: Array, K: int) -> Array:
    """Return (N, K, C), given (groups, N, K·C/groups): the inverse of `_split`."""
    groups, N, _ = a.shape
    return a.reshape(groups, N, K, -1).transpose(1, 2, 0, 3).reshape(N, K, -1)


class Kernel(Layer):
    """What convolutions and transposed ones share: a kernel at every window, and a bias."""

    axes: ClassVar[int]

    filters: Size
    kernel_size: PerAxis
    stride: PerAxis = 1
    dilation: PerAxis = 1
    bias: bool = True
    weight_initializer: AnyInitializer = Glorot()
    bias_initializer: AnyInitializer = Constant()

    def windows(self, shape: Shape) -> Windows:
        """Return where the kernel is applied, given the shape of an input."""
        raise NotImplementedError

    def kernel_channels(self, channels: int) -> tuple[int, int]:
        """Return the kernel's last two axes: the channels it sees, and those it makes of them."""
        raise NotImplementedError

    def sizes(self, shape: Shape) -> tuple[Shape, Shape, Shape]:
        """Return kernel size, stride and dilation for every axis; raise ValueError if the input has others."""
        if len(shape) != self.axes + 1:
            raise ValueError(f"expected an input of {self.axes} axes and channels, found shape {shape}")
        return (
            per_axis("kernel_size", self.kernel_size, self.axes),
            per_axis("stride", self.stride, self.axes),
            per_axis("dilation", self.dilation, self.axes),
        )

    def parameters(self, shape: Shape) -> dict[str, Parameter]:
        size, (seen, made) = self.windows(shape).size, self.kernel_channels(shape[-1])
        fan = Fan(
            math.prod(size) * seen, math.prod(size) * made
        )  # as PyTorch and Keras count, whatever the groups
        declared = {"weight": Parameter((*size, seen, made), self.weight_initializer, fan)}
        if self.bias:
            declared["bias"] = Parameter((self.filters,), self.bias_initializer, fan)
        return declared


class Convolution(Kernel):
    """Convolutions over any number of axes.

    z[i] = b + Σ over offsets k of x[i · stride + k · dilation − before] @ W[k], with x = 0 outside; see
    `windows`, also for the kinds of padding. x is (B, *spatial, F), W is (*kernel_size, F/groups, G), b is (G,),
    z is (B, *outputs, G). With groups, the first G/groups outputs see the first F/groups channels, and so on: as
    many groups as channels make a depthwise convolution.
    """

    padding: Padding = "valid"
    groups: Size = 1

    def windows(self, shape: Shape) -> Windows:
        size, stride, dilation = self.sizes(shape)
        return Windows.over(shape[:-1], size, stride, dilation, self.padding)

    def kernel_channels(self, channels: int) -> tuple[int, int]:
        return channels // self.groups, self.filters

    def output_shape(self, shape: Shape) -> Shape:
        windows = self.windows(shape)
        if shape[-1] % self.groups or self.filters % self.groups:
            channels = f"{shape[-1]} channels and {self.filters} filters"
            raise ValueError(f"groups: expected a divisor of {channels}, found {self.groups}")
        return (*windows.outputs, self.filters)

    def forward(self, own: Own, x: Array) -> tuple[Array, Cache]:
        z = convolve(self.windows(x.shape[1:]), x, own["weight"], self.groups)
        return z + own["bias"] if self.bias else z, x

    def backward(self, own: Own, cache: Cache, dy: Array) -> tuple[Array, dict[str, Array]]:
        x = cache
        windows = self.windows(x.shape[1:])
        gradients = {"weight": kernel_gradient(windows, x, dy, self.groups)}
        if self.bias:
            gradients["bias"] = dy.reshape(-1, dy.shape[-1]).sum(axis=0)  # Σ over observations and places
        return scattered(windows, dy, own["weight"], self.groups), gradients


class Conv1D(Convolution):
    """A convolution over time: x is (B, T, F), W is (k, F/groups, G), z is (B, T′, G)."""

    type: Literal["conv1d"] = "conv1d"
    axes: ClassVar[int] = 1


class Conv2D(Convolution):
    """A convolution over an image: x is (B, H, W, F), the kernel (kh, kw, F/groups, G), z is (B, H′, W′, G)."""

    type: Literal["conv2d"] = "conv2d"
    axes: ClassVar[int] = 2
