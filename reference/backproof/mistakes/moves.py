"""Mistakes in layers that move numbers, or spread them: another order, or the gradient sent elsewhere."""

import math

import numpy as np

from backproof.fields import Array
from backproof.layers.base import Cache, Own
from backproof.layers.moves import Flatten, Pad, Permute, Reshape, Take
from backproof.layers.upsample import Upsample
from backproof.mistakes.base import below, in_layer, own_output

Backward = tuple[Array, dict[str, Array]]


class _ChannelsFirst(Flatten):
    def forward(self, own: Own, x: Array) -> tuple[Array, Cache]:
        return np.moveaxis(x, -1, 1).reshape(len(x), -1), x.shape


class _ChannelsFirstBack(Flatten):
    def backward(self, own: Own, cache: Cache, dy: Array) -> Backward:
        batch, *spatial, channels = cache
        return np.moveaxis(dy.reshape(batch, channels, *spatial), 1, -1), {}


class _FirstAxisFastest(Reshape):
    def forward(self, own: Own, x: Array) -> tuple[Array, Cache]:
        return x.T.reshape(*reversed(self.shape), len(x)).T, x.shape


class _ReshapedInstead(Permute):
    def forward(self, own: Own, x: Array) -> tuple[Array, Cache]:
        y, cache = super().forward(own, x)
        return x.reshape(y.shape), cache


class _PermutedAgain(Permute):
    def backward(self, own: Own, cache: Cache, dy: Array) -> Backward:
        dx, _ = super().backward(own, cache, dy)
        return dy.transpose(self.order).reshape(dx.shape), {}


class _OtherEnd(Take):
    def forward(self, own: Own, x: Array) -> tuple[Array, Cache]:
        opposite = Take(axis=self.axis, index=-1 - self.index)
        return opposite.forward(own, x)


class _EverywhereBack(Take):
    def backward(self, own: Own, cache: Cache, dy: Array) -> Backward:
        axis, _ = self.place(cache[1:])
        dx, _ = super().backward(own, cache, dy)
        return dx * 0 + np.expand_dims(dy, axis + 1), {}


class _PaddingNotCutOff(Pad):
    def backward(self, own: Own, cache: Cache, dy: Array) -> Backward:
        dx, _ = super().backward(own, cache, dy)
        return dy[tuple(map(slice, dx.shape))], {}


class _OtherCorners(Upsample):
    def forward(self, own: Own, x: Array) -> tuple[Array, Cache]:
        other = dict(self) | {"align_corners": not self.align_corners}
        return Upsample.model_construct(**other).forward(own, x)


class _MeanBack(Upsample):
    def backward(self, own: Own, cache: Cache, dy: Array) -> Backward:
        dx, gradients = super().backward(own, cache, dy)
        return dx / math.prod(self.factors), gradients


MISTAKES = (
    in_layer("flattened channels first", "(C, H, W)", "(H, W, C)", _ChannelsFirst, own_output),
    in_layer("unflattened channels first", "(C, H, W)", "(H, W, C)", _ChannelsFirstBack, below),
    in_layer("reshaped with the first axis fastest", "order F", "order C", _FirstAxisFastest, own_output),
    in_layer("reshaped in place of permuted", "reshape(x)", "permute(x, p)", _ReshapedInstead, own_output),
    in_layer("permuted back by the same permutation", "permute(dy, p)", "permute(dy, p⁻¹)", _PermutedAgain, below),
    in_layer("taken from the other end", "x[−1 − i]", "x[i]", _OtherEnd, own_output),
    in_layer("gradient handed to every position", "dx[j] = dy", "dx[i] = dy, else 0", _EverywhereBack, below),
    in_layer(
        "zeros before not cut off on the way back", "dy[: n]", "dy[before : before + n]", _PaddingNotCutOff, below
    ),
    in_layer(
        "other convention of corners",
        "½-pixel for corners, or the reverse",
        "as the spec says",
        _OtherCorners,
        own_output,
        lambda layer: layer.interpolation == "bilinear",
    ),
    in_layer("gradient of copies averaged", "mean of dy", "Σ of dy", _MeanBack, below),
)
