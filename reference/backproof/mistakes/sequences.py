"""Mistakes in embeddings, positions and gated units: indices that repeat, tables used by all, halves mixed up."""

import numpy as np

from backproof.fields import Array
from backproof.layers.base import Cache, Own
from backproof.layers.embedding import Embedding
from backproof.layers.glu import GLU
from backproof.layers.positions import ClassToken, LearnedPositions, SinusoidalPositions
from backproof.layers.rotation import angles, together
from backproof.mistakes.base import below, in_layer, own_output, own_parameter

Backward = tuple[Array, dict[str, Array]]


class _LastOfRepeated(Embedding):
    def backward(self, own: Own, cache: Cache, dy: Array) -> Backward:
        dx, gradients = super().backward(own, cache, dy)
        dW = np.zeros_like(gradients["weight"])
        dW[cache] = dy  # += does the same: every row is written once
        dW[list(self.constant_rows)] = 0.0
        return dx, {"weight": dW}


class _RepeatsAveraged(Embedding):
    def backward(self, own: Own, cache: Cache, dy: Array) -> Backward:
        dx, gradients = super().backward(own, cache, dy)
        counts = np.bincount(cache.reshape(-1), minlength=self.vocabulary)
        return dx, {"weight": gradients["weight"] / np.maximum(counts, 1).reshape(-1, 1)}


class _PaddingTrained(Embedding):
    @property
    def constant_rows(self) -> tuple[int, ...]:
        return ()


class _PaddingAsZero(Embedding):
    def forward(self, own: Own, x: Array) -> tuple[Array, Cache]:
        y, cache = super().forward(own, x)
        return y * (x != self.padding_index)[..., None], cache


class _TableOfOneObservation(LearnedPositions):
    def backward(self, own: Own, cache: Cache, dy: Array) -> Backward:
        return dy, {"table": dy[0]}


class _TableAveraged(LearnedPositions):
    def backward(self, own: Own, cache: Cache, dy: Array) -> Backward:
        return dy, {"table": dy.mean(axis=0)}


class _CosinesForSines(SinusoidalPositions):
    def table(self, x: Array) -> Array:
        angle = angles(x.shape[1], x.shape[2], self.base, x)
        return together(np.cos(angle), np.sin(angle), self.pairs)


class _StepsFromOne(SinusoidalPositions):
    def table(self, x: Array) -> Array:
        return super().table(np.concatenate([x, x[:, :1]], axis=1))[1:]


class _FrequencyPerFeature(SinusoidalPositions):
    def table(self, x: Array) -> Array:
        angle = angles(x.shape[1], 2 * x.shape[2], self.base * self.base, x)
        return np.where(np.arange(x.shape[2]) % 2, np.cos(angle), np.sin(angle))


class _OtherPairs(SinusoidalPositions):
    def table(self, x: Array) -> Array:
        angle = angles(x.shape[1], x.shape[2], self.base, x)
        return together(np.sin(angle), np.cos(angle), "halves" if self.pairs == "interleaved" else "interleaved")


class _TokenLast(ClassToken):
    def forward(self, own: Own, x: Array) -> tuple[Array, Cache]:
        y, cache = super().forward(own, x)
        return np.roll(y, -1, axis=1), cache


class _TokenOfOneObservation(ClassToken):
    def backward(self, own: Own, cache: Cache, dy: Array) -> Backward:
        return dy[:, 1:], {"token": dy[0, 0]}


class _HalvesSwapped(GLU):
    def halves(self, x: Array) -> tuple[Array, Array]:
        a, g = super().halves(x)
        return g, a


class _GradientsSwapped(GLU):
    def backward(self, own: Own, cache: Cache, dy: Array) -> Backward:
        dx, _ = super().backward(own, cache, dy)
        return np.roll(dx, dx.shape[-1] // 2, axis=-1), {}


class _GateConstant(GLU):
    def backward(self, own: Own, cache: Cache, dy: Array) -> Backward:
        a, *rest = cache
        return super().backward(own, (np.zeros_like(a), *rest), dy)


class _GateSlopeForgotten(GLU):
    def backward(self, own: Own, cache: Cache, dy: Array) -> Backward:
        a, f, _ = cache
        halves = [dy * f, dy * a]
        return np.concatenate(halves if self.gate == "second" else halves[::-1], axis=-1), {}


MISTAKES = (
    in_layer(
        "gradient of a repeated index overwritten",
        "dW[x] = δ",
        "dW[i] = Σ δ where x = i",
        _LastOfRepeated,
        own_parameter("weight"),
    ),
    in_layer(
        "gradient of a repeated index averaged",
        "dW[i] = mean of δ where x = i",
        "dW[i] = Σ δ where x = i",
        _RepeatsAveraged,
        own_parameter("weight"),
    ),
    in_layer(
        "row of the padding trained",
        "dW[padding] = Σ δ",
        "dW[padding] = 0",
        _PaddingTrained,
        own_parameter("weight"),
        lambda layer: layer.padding_index is not None,
    ),
    in_layer(
        "row of the padding taken for zero",
        "y = 0 where x = padding",
        "y = W[padding]",
        _PaddingAsZero,
        own_output,
        lambda layer: layer.padding_index is not None,
    ),
    in_layer(
        "table of positions trained by one observation",
        "dP = dy₁",
        "dP = Σ dy over the batch",
        _TableOfOneObservation,
        own_parameter("table"),
    ),
    in_layer(
        "gradient of the table of positions averaged",
        "dP = mean of dy over the batch",
        "dP = Σ dy over the batch",
        _TableAveraged,
        own_parameter("table"),
    ),
    in_layer("cosines before sines", "(cos, sin)", "(sin, cos)", _CosinesForSines, own_output),
    in_layer("positions counted from 1", "t = 1, …, T", "t = 0, …, T − 1", _StepsFromOne, own_output),
    in_layer(
        "a frequency for every feature",
        "base^(−2j / E) for feature j",
        "base^(−2i / E) for features 2i and 2i + 1",
        _FrequencyPerFeature,
        own_output,
        lambda layer: layer.pairs == "interleaved",
    ),
    in_layer("sines and cosines in the other order", "halves", "interleaved", _OtherPairs, own_output),
    in_layer("class token put last", "[x₁, …, x_T, c]", "[c, x₁, …, x_T]", _TokenLast, own_output),
    in_layer(
        "class token trained by one observation",
        "dc = dy₁[0]",
        "dc = Σ dy[0] over the batch",
        _TokenOfOneObservation,
        own_parameter("token"),
    ),
    in_layer("other half taken for the gate", "f(a) ⊙ g", "a ⊙ f(g)", _HalvesSwapped, own_output),
    in_layer("gradients of gate and value swapped", "dx = [dg, da]", "dx = [da, dg]", _GradientsSwapped, below),
    in_layer("no gradient through the gate", "dg = 0", "dg = dy ⊙ a ⊙ f′(g)", _GateConstant, below),
    in_layer("slope of the gate forgotten", "dg = dy ⊙ a", "dg = dy ⊙ a ⊙ f′(g)", _GateSlopeForgotten, below),
)
