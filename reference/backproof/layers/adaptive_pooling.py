"""Pooling to a given size: one value for the whole input, or for each of so many bins along every axis."""

import math
from typing import Literal

import numpy as np

from backproof.fields import Array
from backproof.layers.base import Cache, Layer, Own, Shape
from backproof.layers.pooling import first_maximum, to_first_maximum
from backproof.layers.windows import PerAxis, Windows, per_axis


def _axes(shape: Shape) -> int:
    """Return how many axes are pooled over."""
    if len(shape) not in (2, 3):
        raise ValueError(f"expected an input of 1 or 2 axes and channels, found shape {shape}")
    return len(shape) - 1


class _Global(Layer):
    """One value per channel: x is (B, T, C) or (B, H, W, C), y is (B, C)."""

    def output_shape(self, shape: Shape) -> Shape:
        return shape[_axes(shape) :]


class GlobalAveragePool(_Global):
    """y = Σ x / n over all n positions; dx = dy / n at each."""

    type: Literal["global_average_pool"] = "global_average_pool"

    def forward(self, own: Own, x: Array) -> tuple[Array, Cache]:
        return x.reshape(len(x), -1, x.shape[-1]).sum(axis=1) / math.prod(x.shape[1:-1]), x.shape

    def backward(self, own: Own, cache: Cache, dy: Array) -> tuple[Array, dict[str, Array]]:
        shape = cache
        B, *positions, C = shape
        share = dy / math.prod(positions)
        return np.broadcast_to(share.reshape(B, *[1] * len(positions), C), shape), {}


class GlobalMaxPool(_Global):
    """y = max of x over all positions.

    Where several are largest, the gradient goes to the first (`ties: first`: a max-pool with a window as large as
    the input, in every framework), or in equal shares to all of them (`ties: split`: Keras' GlobalMaxPooling,
    `torch.amax`, `jnp.max`).
    """

    type: Literal["global_max_pool"] = "global_max_pool"
    ties: Literal["first", "split"] = "first"

    def forward(self, own: Own, x: Array) -> tuple[Array, Cache]:
        rows = x.reshape(len(x), -1, x.shape[-1])
        y, overtook = first_maximum([rows[:, n] for n in range(rows.shape[1])])
        return y, (x.shape, overtook if self.ties == "first" else rows >= y[:, None])

    def backward(self, own: Own, cache: Cache, dy: Array) -> tuple[Array, dict[str, Array]]:
        shape, decided = cache
        if self.ties == "first":
            return np.stack(to_first_maximum(decided, dy), axis=1).reshape(shape), {}
        share = (dy / np.asarray(decided).sum(axis=1).astype(dy.dtype))[:, None]
        return np.where(decided, share, np.zeros_like(share)).reshape(shape), {}


class Adaptive(Layer):
    """Pooling to `output_size` bins along each axis; bin i of O is the entries ⌊i n / O⌋ to ⌈(i + 1) n / O⌉ − 1.

    x is (B, T, C) or (B, H, W, C). Where O does not divide n, neighbouring bins overlap.
    """

    output_size: PerAxis

    def output_shape(self, shape: Shape) -> Shape:
        return (*per_axis("output_size", self.output_size, _axes(shape)), shape[-1])

    def bins(self, shape: Shape) -> list[Array]:
        """Return for each axis the entries of its bins, (O, K); a shorter bin repeats its last entry."""
        found = []
        for n, size in zip(shape[:-1], self.output_shape(shape)[:-1], strict=True):
            i = np.arange(size)[:, None]
            begin, end = i * n // size, -(-(i + 1) * n // size)
            found.append(np.minimum(begin + np.arange((end - begin).max()), end - 1))
        return found


def _along(axis: int, matrix: Array, x: Array) -> Array:
    """Return matrix @ x along one axis before the channels."""
    return (matrix.astype(x.dtype) @ x.swapaxes(axis, -2)).swapaxes(axis, -2)


class AdaptiveAveragePool(Adaptive):
    """The mean over each bin: y = P x along each axis, with 1 / (length of bin i) in row i of P; dx = Pᵀ dy.

    A mean of means over rows and columns is the mean over the whole bin, since bins are rectangles.
    """

    type: Literal["adaptive_average_pool"] = "adaptive_average_pool"

    def weights(self, shape: Shape) -> list[Array]:
        """Return P of every axis, (O, n)."""
        every = zip(shape[:-1], self.bins(shape), strict=True)
        inside = [(bins[:, :, None] == np.arange(n)).any(axis=1) for n, bins in every]
        return [row / row.sum(axis=1, keepdims=True) for row in inside]

    def forward(self, own: Own, x: Array) -> tuple[Array, Cache]:
        weights = self.weights(x.shape[1:])
        for axis, P in enumerate(weights, start=1):
            x = _along(axis, P, x)
        return x, weights

    def backward(self, own: Own, cache: Cache, dy: Array) -> tuple[Array, dict[str, Array]]:
        for axis, P in enumerate(cache, start=1):
            dy = _along(axis, P.T, dy)
        return dy, {}


class AdaptiveMaxPool(Adaptive):
    """The maximum over each bin; the first maximum gets the whole gradient, rows first.

    The bins are laid out one after another, and pooled as windows of one length: an entry that a shorter bin
    repeats never wins against itself.
    """

    type: Literal["adaptive_max_pool"] = "adaptive_max_pool"

    def forward(self, own: Own, x: Array) -> tuple[Array, Cache]:
        bins, spatial = self.bins(x.shape[1:]), x.shape[1:-1]
        size = tuple(seen.shape[1] for seen in bins)
        for axis, seen in enumerate(bins, start=1):
            x = x[(slice(None),) * axis + (seen.reshape(-1),)]
        windows = Windows.over(x.shape[1:-1], size, stride=size)
        y, overtook = first_maximum(windows.gather(x))
        return y, (bins, spatial, windows, overtook)

    def backward(self, own: Own, cache: Cache, dy: Array) -> tuple[Array, dict[str, Array]]:
        bins, spatial, windows, overtook = cache
        dx = windows.scatter(to_first_maximum(overtook, dy))
        for axis, (seen, n) in enumerate(zip(bins, spatial, strict=True), start=1):
            dx = _along(axis, np.arange(n)[:, None] == seen.reshape(-1), dx)  # what was seen twice adds up
        return dx, {}
