"""Pooling: the maximum or the mean of what every window sees, channel by channel.

The gradient of a maximum goes to the entry that won, all of it; that of a mean to all entries, in equal shares.
Where windows overlap, an entry gets what each of them hands back.
"""

from collections.abc import Sequence
from dataclasses import replace
from typing import ClassVar, Literal

import numpy as np

from backproof.fields import Array
from backproof.layers.base import Cache, Layer, Own, Shape
from backproof.layers.windows import Padding, PerAxis, Windows


def first_maximum(candidates: Sequence[Array]) -> tuple[Array, list[Array]]:
    """Return the largest of the candidates, entry by entry, and where each but the first overtook those before it.

    Of equal ones the first wins.
    """
    best, overtook = candidates[0], []
    for candidate in candidates[1:]:
        mask = candidate > best
        best = np.where(mask, candidate, best)
        overtook.append(mask)
    return best, overtook


def to_first_maximum(overtook: Sequence[Array], dy: Array) -> list[Array]:
    """Return the gradient of each candidate: walking back, the last that overtook has won and takes all."""
    nothing = np.zeros_like(dy)
    parts = []
    for mask in reversed(overtook):
        parts.append(np.where(mask, dy, nothing))
        dy = np.where(mask, nothing, dy)
    return [dy, *reversed(parts)]


class Pool(Layer):
    """What the four poolings share: where their windows lie.

    `size` is one number or one per axis; `stride` is the size unless given. `padding` is as in `windows`: "same"
    is Keras', a number p of PyTorch's is the pair (p, p). With `ceil_mode` (PyTorch's) the last window may hang
    over the end: there are ⌈(n + padding − size) / stride⌉ + 1 windows, less one that would begin in the padding.
    """

    axes: ClassVar[int]

    size: PerAxis
    stride: PerAxis | None = None
    padding: Padding = "valid"
    ceil_mode: bool = False

    def declared(self, shape: Shape) -> Windows:
        """Return the windows without those that hang over the end."""
        if len(shape) != self.axes + 1:
            raise ValueError(f"expected an input of {self.axes} axes and channels, found shape {shape}")
        stride = self.size if self.stride is None else self.stride
        windows = Windows.over(shape[:-1], self.size, stride, padding=self.padding)
        if any(max(pair) >= size for pair, size in zip(windows.padding, windows.size, strict=True)):
            raise ValueError(f"padding: expected less than the size {windows.size}, found {windows.padding}")
        return windows

    def windows(self, shape: Shape) -> Windows:
        """Return all windows."""
        windows = self.declared(shape)
        if not self.ceil_mode:
            return windows
        padding = []
        every = zip(windows.spatial, windows.padded, windows.size, windows.stride, windows.padding, strict=True)
        for n, padded, size, stride, (low, high) in every:
            begin = -((size - padded) // stride) * stride  # of the last window, in padded entries
            over = begin + size - padded if begin < low + n else 0
            padding.append((low, high + over))
        return replace(windows, padding=tuple(padding))

    def output_shape(self, shape: Shape) -> Shape:
        return (*self.windows(shape).outputs, shape[-1])


class MaxPool(Pool):
    """y[i] = max of x over window i; padding never wins. The first maximum gets the whole gradient, rows first."""

    def forward(self, own: Own, x: Array) -> tuple[Array, Cache]:
        windows = self.windows(x.shape[1:])
        y, overtook = first_maximum(windows.gather(x, fill=-np.inf))
        return y, (windows, overtook)

    def backward(self, own: Own, cache: Cache, dy: Array) -> tuple[Array, dict[str, Array]]:
        windows, overtook = cache
        return windows.scatter(to_first_maximum(overtook, dy)), {}


class AveragePool(Pool):
    """y[i] = Σ x over window i / n[i]; dx = dy[i] / n[i] to each entry of the window, added where windows overlap.

    With `count_include_pad` (PyTorch's default) n counts the zeros of the padding too; without, as Keras' "same"
    does, only entries of x. What hangs over the end with `ceil_mode` never counts.
    """

    count_include_pad: bool = True

    def counts(self, shape: Shape) -> Array:
        """Return n, (*outputs, 1)."""
        windows, counts = self.windows(shape), np.ones(1)
        declared = self.declared(shape).padding if self.count_include_pad else ((0, 0),) * self.axes
        for axis, n in enumerate(windows.spatial):
            begin = np.arange(windows.outputs[axis]) * windows.stride[axis] - windows.padding[axis][0]
            low, high = declared[axis]
            own = np.minimum(begin + windows.size[axis], n + high) - np.maximum(begin, -low)
            counts = counts * own.reshape(-1, *[1] * (self.axes - axis))
        return counts

    def forward(self, own: Own, x: Array) -> tuple[Array, Cache]:
        windows, counts = self.windows(x.shape[1:]), self.counts(x.shape[1:]).astype(x.dtype)
        return np.stack(windows.gather(x)).sum(axis=0) / counts, (windows, counts)

    def backward(self, own: Own, cache: Cache, dy: Array) -> tuple[Array, dict[str, Array]]:
        windows, counts = cache
        return windows.scatter([dy / counts] * len(windows.offsets)), {}


class MaxPool1D(MaxPool):
    """The maximum over windows of time: x is (B, T, C), y is (B, T′, C)."""

    type: Literal["max_pool1d"] = "max_pool1d"
    axes: ClassVar[int] = 1


class MaxPool2D(MaxPool):
    """The maximum over windows of an image: x is (B, H, W, C), y is (B, H′, W′, C)."""

    type: Literal["max_pool2d"] = "max_pool2d"
    axes: ClassVar[int] = 2


class AveragePool1D(AveragePool):
    """The mean over windows of time: x is (B, T, C), y is (B, T′, C)."""

    type: Literal["average_pool1d"] = "average_pool1d"
    axes: ClassVar[int] = 1


class AveragePool2D(AveragePool):
    """The mean over windows of an image: x is (B, H, W, C), y is (B, H′, W′, C)."""

    type: Literal["average_pool2d"] = "average_pool2d"
    axes: ClassVar[int] = 2
