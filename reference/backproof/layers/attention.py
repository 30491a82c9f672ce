"""Attention: every position takes a weighted mean of what others offer (Vaswani et al. 2017)."""

import math
from typing import Annotated, Literal

import numpy as np
from pydantic import Field, PrivateAttr

from backproof.fields import Array, PositiveFloat
from backproof.initializers import AnyInitializer, Constant, Glorot
from backproof.layers import chain, rotation
from backproof.layers.base import Cache, Layer, Own, Parameter, Shape, SideInput
from backproof.layers.dense import Dense

NEVER = -1e30
"""The score of a forbidden key: e^NEVER is 0. It is finite, since −∞ − (−∞) is no number."""

Count = Annotated[int, Field(gt=0, le=10**6)]


class Attention(Layer):
    """Multi-head attention, of a sequence to itself or to a memory.

    x is (B, T, E). Dense maps make queries of H heads, and keys and values of G heads, of size d each; head h
    has the columns hd to (h + 1)d of its map: query.weight is (E, Hd), key.weight and value.weight are (E, Gd),
    output.weight is (Hd, E). For every head

        z = q kᵀ / √d,  a = softmax(z) over the allowed keys,  o = a v,  y = [o₁, …, o_H] W + b.

    - `key_value_heads` G < H: H / G query heads next to each other share a key and a value (Ainslie et al. 2023).
    - `causal`: the query at t sees the keys at s ≤ t.
    - `lengths`: fed 1 to S for every observation; only so many of the first keys are seen.
    - `mask`: fed (T, S) ones and zeros for every observation; 0 forbids. Where nothing at all is allowed o is 0.
    - `memory` M > 0: the first M positions are only looked at, the others only look: y is (B, T − M, E).
    - `rotary`: pairs of queries and keys turn with their position (Su et al. 2021); see `rotation`.
    - `bias`: a bias of the keys (`all`, against `no_key`) adds the same to all scores of a query, which softmax
      does not see: its gradient is 0 but for rounding, unless keys turn.
    """

    type: Literal["attention"] = "attention"
    heads: Count
    key_value_heads: Count | None = None
    head_size: Count | None = None
    bias: Literal["all", "no_key", "none"] = "all"
    causal: bool = False
    lengths: bool = False
    mask: bool = False
    memory: Annotated[int, Field(ge=0)] = 0
    rotary: Literal["none", "interleaved", "halves"] = "none"
    rotary_base: PositiveFloat = 10000.0
    weight_initializer: AnyInitializer = Glorot()
    bias_initializer: AnyInitializer = Constant()
    _anew: bool = PrivateAttr(default=False)

    @property
    def groups(self) -> int:
        """G, the number of heads of keys and values."""
        return self.key_value_heads or self.heads

    @property
    def heads_of(self) -> dict[str, int]:
        """How many heads each of the three maps of the input makes."""
        return {"query": self.heads, "key": self.groups, "value": self.groups}

    def output_shape(self, shape: Shape) -> Shape:
        if len(shape) != 2:
            raise ValueError(f"expected an input of shape (T, E), steps of features, found {shape}")
        steps, width = shape
        if self.head_size is None and width % self.heads:
            raise ValueError(f"heads: expected a divisor of {width} features, or head_size, found {self.heads}")
        if self.heads % self.groups:
            raise ValueError(f"key_value_heads: expected a divisor of {self.heads} heads, found {self.groups}")
        if self.memory >= steps:
            raise ValueError(f"memory: expected fewer than the {steps} positions, found {self.memory}")
        if self.memory and (self.causal or self.rotary != "none"):
            raise ValueError(
                "memory: expected neither causal nor rotary, whose positions are those of one sequence"
            )
        if self.rotary != "none" and self.size(width) % 2:
            raise ValueError(f"rotary: expected heads of an even size, found {self.size(width)}")
        return steps - self.memory, width

    def size(self, width: int) -> int:
        """Return d, the size of a head, for E features."""
        return self.head_size or width // self.heads

    def maps(self, width: int) -> dict[str, Dense]:
        """Return the four dense maps by name."""
        units = {name: heads * self.size(width) for name, heads in self.heads_of.items()} | {"output": width}
        without = {"all": (), "no_key": ("key",), "none": tuple(units)}[self.bias]
        return {
            name: Dense(
                units=n,
                bias=name not in without,
                weight_initializer=self.weight_initializer,
                bias_initializer=self.bias_initializer,
            )
            for name, n in units.items()
        }

    def parameters(self, shape: Shape) -> dict[str, Parameter]:
        maps = self.maps(shape[-1])
        inputs = {"output": (self.heads * self.size(shape[-1]),)}
        return {
            f"{name}.{own}": parameter
            for name, dense in maps.items()
            for own, parameter in dense.parameters(inputs.get(name, shape)).items()
        }

    def side_inputs(self, shape: Shape) -> dict[str, SideInput]:
        queries, keys = shape[0] - self.memory, self.memory or shape[0]
        sides = {
            "lengths": SideInput((), lambda rng, shape: rng.integers(1, keys + 1, size=shape), 1, keys),
            "mask": SideInput((queries, keys), lambda rng, shape: rng.integers(0, 2, size=shape), 0, 1),
        }
        return {name: side for name, side in sides.items() if getattr(self, name)}

    def forward(self, own: Own, x: Array) -> tuple[Array, Cache]:
        maps = self.maps(x.shape[-1])
        lookers, seen = (x[:, self.memory :], x[:, : self.memory]) if self.memory else (x, x)
        inputs = {"query": lookers, "key": seen, "value": seen}
        q, k, v = (
            self.split(maps[name].forward(chain.of(own, name), inputs[name])[0], heads)
            for name, heads in self.heads_of.items()
        )
        o, kept = self.attend(q, k, v, self.allowed(own, lookers.shape[1], seen.shape[1]))
        inputs["output"] = self.merge(o)
        return maps["output"].forward(chain.of(own, "output"), inputs["output"])[0], (inputs, kept)

    def backward(self, own: Own, cache: Cache, dy: Array) -> tuple[Array, dict[str, Array]]:
        inputs, kept = cache
        maps = self.maps(dy.shape[-1])
        d_merged, found = maps["output"].backward(chain.of(own, "output"), inputs["output"], dy)
        dq_dk_dv = self.attend_backward(kept, self.split(d_merged, self.heads))
        dx, gradients = {}, chain.under("output", found)
        for name, dz in zip(self.heads_of, dq_dk_dv, strict=True):
            dx[name], found = maps[name].backward(chain.of(own, name), inputs[name], self.merge(dz))
            gradients |= chain.under(name, found)
        of_seen = dx["key"] + dx["value"]
        if self.memory:
            return np.concatenate([of_seen, dx["query"]], axis=1), gradients
        return dx["query"] + of_seen, gradients

    def attend(self, q: Array, k: Array, v: Array, allowed: Array) -> tuple[Array, Cache]:
        """Return o: (B, G, H / G, T, d), as q is; k and v are (B, G, 1, S, d)."""
        q, k = self.turn(q), self.turn(k)
        z = (q @ k.swapaxes(-1, -2)) * self.scale(q)  # (B, G, H / G, T, S)
        a = self.weights(z, allowed)
        return a @ v, (q, k, v, self.weights_anew(z, allowed) if self._anew else a)

    def attend_backward(self, kept: Cache, do: Array) -> tuple[Array, Array, Array]:
        """Return the gradients of q, k and v; a key's is the sum over the heads that share it."""
        q, k, v, a = kept
        dv = (a.swapaxes(-1, -2) @ do).sum(axis=2, keepdims=True)
        dz = self.weights_backward(a, do @ v.swapaxes(-1, -2)) * self.scale(q)
        dk = (dz.swapaxes(-1, -2) @ q).sum(axis=2, keepdims=True)
        return self.turn_back(dz @ k), self.turn_back(dk), dv

    def scale(self, q: Array) -> float:
        """1 / √d: it keeps the variance of a score at that of an entry."""
        return 1.0 / math.sqrt(q.shape[-1])

    def weights(self, z: Array, allowed: Array) -> Array:
        """Return the softmax over the allowed keys; 0 where none is."""
        z = np.where(allowed, z, NEVER)
        some = allowed.any(axis=-1, keepdims=True)
        e = np.exp(z - np.where(some, z.max(axis=-1, keepdims=True), 0.0))
        return e / np.where(some, e.sum(axis=-1, keepdims=True), 1.0)

    def weights_anew(self, z: Array, allowed: Array) -> Array:
        """Return the same as kernels do that keep one number for each query, log Σ exp z, and no weights."""
        z = np.where(allowed, z, NEVER)
        some = allowed.any(axis=-1, keepdims=True)
        largest = np.where(some, z.max(axis=-1, keepdims=True), 0.0)
        total = np.where(some, np.exp(z - largest).sum(axis=-1, keepdims=True), 1.0)
        return np.exp(z - (largest + np.log(total)))

    def common(self) -> Layer:
        twin = self.model_copy()
        twin._anew = True
        return twin

    def weights_backward(self, a: Array, da: Array) -> Array:
        """∂aᵢ/∂zⱼ = aᵢ(δᵢⱼ − aⱼ); a forbidden key has a = 0, and gets no gradient."""
        return a * (da - (da * a).sum(axis=-1, keepdims=True))

    def turn(self, x: Array) -> Array:
        """Turn queries or keys with their position."""
        return x if self.rotary == "none" else rotation.rotate(x, self.rotary_base, self.rotary)

    def turn_back(self, dx: Array) -> Array:
        """Return the gradient of queries or keys from that of the turned ones."""
        return dx if self.rotary == "none" else rotation.rotate_back(dx, self.rotary_base, self.rotary)

    def allowed(self, own: Own, queries: int, keys: int) -> Array:
        """Return which query (T) may look at which key (S): (B or 1, 1, 1, T, S)."""
        allowed = np.ones((1, queries, keys), dtype=bool)
        if self.causal:
            allowed = np.tril(allowed)
        if self.lengths:
            allowed = allowed & (np.arange(keys) < own["lengths"].reshape(-1, 1, 1))
        if self.mask:
            allowed = allowed & (own["mask"] != 0)
        return allowed[:, None, None]

    def split(self, x: Array, heads: int) -> Array:
        """Return the heads by group: (B, T, heads · d) to (B, G, heads / G, T, d)."""
        return x.reshape(*x.shape[:2], self.groups, heads // self.groups, -1).transpose(0, 2, 3, 1, 4)

    def merge(self, x: Array) -> Array:
        """Return the heads side by side: the inverse of `split`."""
        return x.transpose(0, 3, 1, 2, 4).reshape(len(x), x.shape[3], -1)
