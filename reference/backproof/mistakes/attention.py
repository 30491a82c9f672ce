"""Mistakes in attention: scale, softmax, masks, heads, rotation, and the paths back."""

import math
from collections.abc import Callable
from typing import Any

import numpy as np

from backproof.fields import Array
from backproof.layers import rotation
from backproof.layers.attention import Attention
from backproof.layers.base import Cache, Own
from backproof.mistakes.base import Mistake, Place, below, in_layer, own_output
from backproof.spec import ModelSpec

Backward = tuple[Array, dict[str, Array]]


def _first_of(which: str) -> Callable[[ModelSpec, int | None], Place]:
    """The first gradient of one of the maps: its bias's where it has one, since a record lists them backwards."""

    def place(spec: ModelSpec, site: int | None) -> Place:
        start = f"{spec.layer_names[site or 0]}.{which}."
        return "backward", f"d {[name for name in spec.parameters if name.startswith(start)][-1]}"

    return place


def _turning(layer: Any) -> bool:
    return layer.rotary != "none"


def _sharing(layer: Any) -> bool:
    return layer.groups < layer.heads


class _NoScale(Attention):
    def scale(self, q: Array) -> float:
        return 1.0


class _ScaleOfWidth(Attention):
    def scale(self, q: Array) -> float:
        return 1.0 / math.sqrt(self.heads * q.shape[-1])


class _ScaleNotCarriedBack(Attention):
    def attend_backward(self, kept: Cache, do: Array) -> tuple[Array, Array, Array]:
        dq, dk, dv = super().attend_backward(kept, do)
        return dq / self.scale(dq), dk / self.scale(dq), dv


class _OverQueries(Attention):
    def weights(self, z: Array, allowed: Array) -> Array:
        return super().weights(z.swapaxes(-1, -2), allowed.swapaxes(-1, -2)).swapaxes(-1, -2)


class _MaskInverted(Attention):
    def allowed(self, own: Own, queries: int, keys: int) -> Array:
        return ~super().allowed(own, queries, keys)


class _CausalStrict(Attention):
    def allowed(self, own: Own, queries: int, keys: int) -> Array:
        return np.tril(super().allowed(own, queries, keys), -1)


class _LengthTooLong(Attention):
    def allowed(self, own: Own, queries: int, keys: int) -> Array:
        return super().allowed({**own, "lengths": own["lengths"] + 1}, queries, keys)


class _MaskAfterSoftmax(Attention):
    def weights(self, z: Array, allowed: Array) -> Array:
        return super().weights(z, np.ones_like(allowed)) * allowed


class _EvenWhereNothingIsAllowed(Attention):
    def weights(self, z: Array, allowed: Array) -> Array:
        return np.where(allowed.any(axis=-1, keepdims=True), super().weights(z, allowed), 1.0 / z.shape[-1])


class _HeadsMixed(Attention):
    def split(self, x: Array, heads: int) -> Array:
        return x.reshape(len(x), self.groups, heads // self.groups, x.shape[1], -1)


class _HeadsNotUnmixed(Attention):
    def merge(self, x: Array) -> Array:
        return x.reshape(len(x), x.shape[3], -1)


class _GroupsDealtOut(Attention):
    def attend(self, q: Array, k: Array, v: Array, allowed: Array) -> tuple[Array, Cache]:
        dealt = q.reshape(len(q), q.shape[2], q.shape[1], *q.shape[3:]).swapaxes(1, 2)
        o, kept = super().attend(dealt, k, v, allowed)
        return o.swapaxes(1, 2).reshape(q.shape), kept


class _GroupNotSummed(Attention):
    def attend_backward(self, kept: Cache, do: Array) -> tuple[Array, Array, Array]:
        q, k, v, a = kept
        dq, _, _ = super().attend_backward(kept, do)
        _, dk, dv = super().attend_backward((q[:, :, :1], k, v, a[:, :, :1]), do[:, :, :1])
        return dq, dk, dv


class _DiagonalOnly(Attention):
    def weights_backward(self, a: Array, da: Array) -> Array:
        return a * (1.0 - a) * da


class _SoftmaxNotCarriedBack(Attention):
    def weights_backward(self, a: Array, da: Array) -> Array:
        return da


class _TurnedTheOtherWay(Attention):
    def turn(self, x: Array) -> Array:
        return super().turn_back(x)

    def turn_back(self, dx: Array) -> Array:
        return super().turn(dx)


class _OtherPairs(Attention):
    def turn(self, x: Array) -> Array:
        return rotation.rotate(x, self.rotary_base, "halves" if self.rotary == "interleaved" else "interleaved")


class _NotTurnedBack(Attention):
    def turn_back(self, dx: Array) -> Array:
        return dx


class _TurnedAgain(Attention):
    def turn_back(self, dx: Array) -> Array:
        return super().turn(dx)


class _ThroughQueriesOnly(Attention):
    def backward(self, own: Own, cache: Cache, dy: Array) -> Backward:
        silent = {name: array * (not name.startswith(("key", "value"))) for name, array in own.items()}
        return super().backward(silent, cache, dy)


class _ThroughValuesOnly(Attention):
    def backward(self, own: Own, cache: Cache, dy: Array) -> Backward:
        silent = {name: array * (not name.startswith(("query", "key"))) for name, array in own.items()}
        return super().backward(silent, cache, dy)


_KEY, _VALUE = _first_of("key"), _first_of("value")

MISTAKES: tuple[Mistake, ...] = (
    in_layer("attention not scaled", "z = q kᵀ", "z = q kᵀ / √d", _NoScale, own_output),
    in_layer("scale of all heads together", "z = q kᵀ / √(Hd)", "z = q kᵀ / √d", _ScaleOfWidth, own_output),
    in_layer("attention's scale not carried back", "dq = dz k", "dq = dz k / √d", _ScaleNotCarriedBack, _KEY),
    in_layer("softmax over the queries", "Σ a = 1 over t", "Σ a = 1 over s", _OverQueries, own_output),
    in_layer(
        "attention mask turned over",
        "what is forbidden is allowed",
        "what is forbidden has weight 0",
        _MaskInverted,
        own_output,
        lambda layer: layer.causal or layer.lengths or layer.mask,
    ),
    in_layer("causal mask off by one", "s < t", "s ≤ t", _CausalStrict, own_output, lambda layer: layer.causal),
    in_layer(
        "length off by one", "s ≤ length", "s < length", _LengthTooLong, own_output, lambda layer: layer.lengths
    ),
    in_layer(
        "mask after the softmax",
        "a = softmax(z) ⊙ mask",
        "a = softmax(z where allowed)",
        _MaskAfterSoftmax,
        own_output,
        lambda layer: layer.causal or layer.lengths or layer.mask,
    ),
    in_layer(
        "even attention where nothing is allowed",
        "a = 1 / S",
        "a = 0",
        _EvenWhereNothingIsAllowed,
        own_output,
        lambda layer: layer.mask,
    ),
    in_layer(
        "heads mixed with steps",
        "reshape(B, H, T, d)",
        "reshape(B, T, H, d), then transposed",
        _HeadsMixed,
        own_output,
    ),
    in_layer(
        "heads joined without moving them back",
        "reshape(B, T, Hd)",
        "transposed, then reshape(B, T, Hd)",
        _HeadsNotUnmixed,
        own_output,
    ),
    in_layer(
        "shared keys dealt out in turn",
        "head h uses key h mod G",
        "head h uses key ⌊h G / H⌋",
        _GroupsDealtOut,
        own_output,
        _sharing,
    ),
    in_layer(
        "gradient of a shared key from one head",
        "dk = that of the first head",
        "dk = Σ over the heads of the group",
        _GroupNotSummed,
        _VALUE,
        _sharing,
    ),
    in_layer(
        "attention's softmax by its diagonal", "dz = a(1 − a) da", "dz = a(da − Σ a da)", _DiagonalOnly, _KEY
    ),
    in_layer("attention's softmax skipped", "dz = da", "dz = a(da − Σ a da)", _SoftmaxNotCarriedBack, _KEY),
    in_layer("rotation the other way", "angle −t", "angle t", _TurnedTheOtherWay, own_output, _turning),
    in_layer("rotation of other pairs", "neighbours", "halves", _OtherPairs, own_output, _turning),
    in_layer("rotation not undone", "dq as turned", "dq turned back", _NotTurnedBack, _KEY, _turning),
    in_layer("rotation done twice", "dq turned again", "dq turned back", _TurnedAgain, _KEY, _turning),
    in_layer(
        "input gradient through queries only", "dx = dq Wᵀ", "dx = Σ dq, dk, dv Wᵀ", _ThroughQueriesOnly, below
    ),
    in_layer(
        "input gradient through values only", "dx = dv Wᵀ", "dx = Σ dq, dk, dv Wᵀ", _ThroughValuesOnly, below
    ),
)
