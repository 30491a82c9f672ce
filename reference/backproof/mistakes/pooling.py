"""Mistakes in pooling: the gradient to the wrong entries, or the wrong share of it; the wrong padding or bins."""

import math
from collections.abc import Sequence

import numpy as np

from backproof.fields import Array
from backproof.layers.adaptive_pooling import Adaptive, GlobalAveragePool, GlobalMaxPool
from backproof.layers.base import Cache, Own, Shape
from backproof.layers.pooling import AveragePool, MaxPool, Pool, first_maximum
from backproof.layers.windows import Windows
from backproof.mistakes.base import below, in_layer, own_output

Backward = tuple[Array, dict[str, Array]]


class _ToAll(MaxPool):
    def backward(self, own: Own, cache: Cache, dy: Array) -> Backward:
        windows, _ = cache
        return windows.scatter([dy] * len(windows.offsets)), {}


class _ToEveryMaximum(MaxPool):
    def forward(self, own: Own, x: Array) -> tuple[Array, Cache]:
        y, (windows, _) = super().forward(own, x)
        return y, (windows, [candidate == y for candidate in windows.gather(x, fill=-np.inf)])

    def backward(self, own: Own, cache: Cache, dy: Array) -> Backward:
        windows, largest = cache
        return windows.scatter([dy * mask for mask in largest]), {}


class _ToLastMaximum(MaxPool):
    def forward(self, own: Own, x: Array) -> tuple[Array, Cache]:
        y, (windows, _) = super().forward(own, x)
        candidates, overtook = windows.gather(x, fill=-np.inf), []
        best = candidates[0]
        for candidate in candidates[1:]:
            overtook.append(candidate >= best)
            best = np.maximum(best, candidate)
        return y, (windows, overtook)


class _ZerosAround(MaxPool):
    def forward(self, own: Own, x: Array) -> tuple[Array, Cache]:
        windows = self.windows(x.shape[1:])
        y, overtook = first_maximum(windows.gather(x, fill=0.0))
        return y, (windows, overtook)


class _FirstWindowOnly(Pool):
    def backward(self, own: Own, cache: Cache, dy: Array) -> Backward:
        first = np.zeros(dy.shape[1:-1])
        first.flat[0] = 1
        return super().backward(own, cache, dy * first[..., None])


class _Overwriting(Windows):
    """Windows that assign to what they have seen, where they should add."""

    def scatter(self, parts: Sequence[Array]) -> Array:
        nothing = np.zeros_like(parts[0])
        total = super().scatter([nothing] * len(parts))
        for k in reversed(range(len(parts))):  # a later window sees an entry at an earlier offset, and comes last

            def at(part: Array, k: int = k) -> Array:
                return super(_Overwriting, self).scatter([part if i == k else nothing for i in range(len(parts))])

            total = np.where(at(nothing + 1) > 0, at(parts[k]), total)
        return total


class _OverlapOverwritten(Pool):
    def windows(self, shape: Shape) -> Windows:
        return _Overwriting(**vars(super().windows(shape)))


class _NotShared(AveragePool):
    def backward(self, own: Own, cache: Cache, dy: Array) -> Backward:
        return super().backward(own, cache, dy * cache[1])


class _FullWindow(AveragePool):
    def counts(self, shape: Shape) -> Array:
        return np.full_like(super().counts(shape), math.prod(self.windows(shape).size))


class _PaddingCounted(AveragePool):
    def counts(self, shape: Shape) -> Array:
        return AveragePool.counts(self.model_copy(update={"count_include_pad": not self.count_include_pad}), shape)


class _WholeGradient(GlobalAveragePool):
    def backward(self, own: Own, cache: Cache, dy: Array) -> Backward:
        return super().backward(own, cache, dy * math.prod(cache[1:-1]))


class _OtherTies(GlobalMaxPool):
    def forward(self, own: Own, x: Array) -> tuple[Array, Cache]:
        return GlobalMaxPool.forward(self._other(), own, x)

    def backward(self, own: Own, cache: Cache, dy: Array) -> Backward:
        return GlobalMaxPool.backward(self._other(), own, cache, dy)

    def _other(self) -> GlobalMaxPool:
        return self.model_copy(update={"ties": "first" if self.ties == "split" else "split"})


class _NoOverlap(Adaptive):
    def bins(self, shape: Shape) -> list[Array]:
        found = []
        for n, bins in zip(shape[:-1], super().bins(shape), strict=True):
            begin = bins[:, :1]
            end = np.append(begin[1:], [[n]], axis=0)
            found.append(np.minimum(bins, end - 1))
        return found


MISTAKES = (
    in_layer(
        "max pool: gradient to all of the window", "dx = dy", "dx = dy where x is the maximum", _ToAll, below
    ),
    in_layer(
        "max pool: gradient to every one of equal maxima",
        "dx = dy where x = y",
        "dx = dy at the first x = y",
        _ToEveryMaximum,
        below,
    ),
    in_layer(
        "max pool: gradient to the last of equal maxima",
        "dx = dy at the last x = y",
        "dx = dy at the first x = y",
        _ToLastMaximum,
        below,
    ),
    in_layer("max pool: padded with zeros", "x = 0 outside", "x = −∞ outside", _ZerosAround, own_output),
    in_layer(
        "pooling: only the first window handed back",
        "return within the loop",
        "… after it",
        _FirstWindowOnly,
        below,
    ),
    in_layer(
        "pooling: overlapping windows overwrite each other",
        "dx[window] = …",
        "dx[window] += …",
        _OverlapOverwritten,
        below,
    ),
    in_layer("average pool: gradient not divided", "dx = dy", "dx = dy / n", _NotShared, below),
    in_layer(
        "average pool: divided by the full window at the border",
        "y = Σ x / size",
        "y = Σ x / n",
        _FullWindow,
        own_output,
    ),
    in_layer(
        "average pool: padding counted, or not, against the spec",
        "n with padding for n without, or the other way round",
        "as the spec says",
        _PaddingCounted,
        own_output,
    ),
    in_layer("global average pool: gradient not divided", "dx = dy", "dx = dy / n", _WholeGradient, below),
    in_layer(
        "global max pool: the other rule for ties",
        "dy to the first for equal shares, or the other way round",
        "as the spec says",
        _OtherTies,
        below,
    ),
    in_layer(
        "adaptive pool: bins that do not overlap",
        "bin i to ⌊(i + 1) n / O⌋",
        "bin i to ⌈(i + 1) n / O⌉",
        _NoOverlap,
        own_output,
    ),
)
