"""Layers that only move numbers: the way back moves the gradient to where each number came from.

Axes are counted without the batch axis, from 0; negative ones from the end.
"""

import math
from typing import Annotated, Literal

import numpy as np
from pydantic import Field

from backproof.fields import Array
from backproof.fields import Shape as Sizes
from backproof.layers.base import Cache, Layer, Own, Shape
from backproof.layers.windows import Pairs

Axis = Annotated[int, Field(ge=-32, le=31)]


class Flatten(Layer):
    """All axes as one, the last running fastest: (H, W, C) in this order.

    PyTorch's channels-first networks flatten in the order (C, H, W): put `permute` with axes [2, 0, 1] before.
    """

    type: Literal["flatten"] = "flatten"

    def output_shape(self, shape: Shape) -> Shape:
        if not shape:
            raise ValueError("expected an input with at least one axis besides the batch, found none")
        return (math.prod(shape),)

    def forward(self, own: Own, x: Array) -> tuple[Array, Cache]:
        return x.reshape(len(x), -1), x.shape

    def backward(self, own: Own, cache: Cache, dy: Array) -> tuple[Array, dict[str, Array]]:
        return dy.reshape(cache), {}


class Reshape(Layer):
    """The same numbers in the same order (the last axis runs fastest) under another shape."""

    type: Literal["reshape"] = "reshape"
    shape: Sizes

    def output_shape(self, shape: Shape) -> Shape:
        if math.prod(shape) != math.prod(self.shape):
            raise ValueError(
                f"shape: expected {math.prod(shape)} entries as in {shape}, found {tuple(self.shape)}"
            )
        return tuple(self.shape)

    def forward(self, own: Own, x: Array) -> tuple[Array, Cache]:
        return x.reshape(len(x), *self.shape), x.shape

    def backward(self, own: Own, cache: Cache, dy: Array) -> tuple[Array, dict[str, Array]]:
        return dy.reshape(cache), {}


class Permute(Layer):
    """The axes in another order: axis i of the output is axis `axes[i]` of the input."""

    type: Literal["permute"] = "permute"
    axes: Annotated[tuple[Axis, ...], Field(min_length=1, strict=False)]

    def output_shape(self, shape: Shape) -> Shape:
        if sorted(self.axes) != list(range(len(shape))):
            raise ValueError(f"axes: expected each of 0 to {len(shape) - 1} once, found {self.axes}")
        return tuple(shape[axis] for axis in self.axes)

    @property
    def order(self) -> tuple[int, ...]:
        """The same with the batch axis, which stays first."""
        return 0, *(axis + 1 for axis in self.axes)

    def forward(self, own: Own, x: Array) -> tuple[Array, Cache]:
        return x.transpose(self.order), None

    def backward(self, own: Own, cache: Cache, dy: Array) -> tuple[Array, dict[str, Array]]:
        inverse = [self.order.index(axis) for axis in range(len(self.order))]
        return dy.transpose(inverse), {}


class Take(Layer):
    """One position on one axis, which is gone then: the last time step, or the class token of a transformer."""

    type: Literal["take"] = "take"
    axis: Axis = 0
    index: Annotated[int, Field(ge=-(10**9), lt=10**9)]

    def output_shape(self, shape: Shape) -> Shape:
        axis, _ = self.place(shape)
        return shape[:axis] + shape[axis + 1 :]

    def place(self, shape: Shape) -> tuple[int, int]:
        """Return axis and index, neither negative."""
        if not -len(shape) <= self.axis < len(shape):
            raise ValueError(f"axis: expected one of the {len(shape)} axes of {shape}, found {self.axis}")
        axis = self.axis % len(shape)
        if not -shape[axis] <= self.index < shape[axis]:
            raise ValueError(f"index: expected a position among {shape[axis]}, found {self.index}")
        return axis, self.index % shape[axis]

    def forward(self, own: Own, x: Array) -> tuple[Array, Cache]:
        axis, index = self.place(x.shape[1:])
        return x[(slice(None),) * (axis + 1) + (index,)], x.shape

    def backward(self, own: Own, cache: Cache, dy: Array) -> tuple[Array, dict[str, Array]]:
        axis, index = self.place(cache[1:])
        zeros = [(0, 0)] * len(cache)
        zeros[axis + 1] = (index, cache[axis + 1] - index - 1)
        return np.pad(np.expand_dims(dy, axis + 1), zeros), {}


class Pad(Layer):
    """Zeros around the input: (before, after) for every axis but the last, which holds the channels."""

    type: Literal["pad"] = "pad"
    padding: Pairs

    def output_shape(self, shape: Shape) -> Shape:
        if len(self.padding) != len(shape) - 1:
            raise ValueError(f"padding: expected {len(shape) - 1} pairs for {shape}, found {len(self.padding)}")
        return *(n + sum(pair) for n, pair in zip(shape, self.padding, strict=False)), shape[-1]

    @property
    def widths(self) -> list[tuple[int, int]]:
        """The pairs of all axes, the batch's and the channels' included."""
        return [(0, 0), *self.padding, (0, 0)]

    def forward(self, own: Own, x: Array) -> tuple[Array, Cache]:
        return np.pad(x, self.widths), None

    def backward(self, own: Own, cache: Cache, dy: Array) -> tuple[Array, dict[str, Array]]:
        inside = (slice(before, n - after) for n, (before, after) in zip(dy.shape, self.widths, strict=True))
        return dy[tuple(inside)], {}
