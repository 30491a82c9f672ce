"""Attention."""

import math
from typing import Any

import torch
from torch import Tensor, nn
from torch.nn import functional

from backproof.layers import Shape
from backproof_adapters.base import AS_IS, TRANSPOSED, Row
from backproof_adapters.torch.layers.positions import angles, apart, together
from backproof_adapters.torch.layers.table import Build


class Attention(nn.Module):
    """Four nn.Linear around `scaled_dot_product_attention`, whose output is 0 where a query may see no key.

    Not nn.MultiheadAttention: it has no shared key and value heads, no biases but all or none, and no rotation.
    """

    lengths: Tensor | None = None
    """(B,), how many of the first keys are seen; all if None."""
    mask: Tensor | None = None
    """(B, T, S), not 0 where a key may be seen; everywhere if None."""

    def __init__(self, layer: Any, shape: Shape, dtype: torch.dtype) -> None:
        super().__init__()
        self.layer = layer
        self.size = layer.size(shape[-1])

        def linear(which: str, inputs: int) -> nn.Linear:
            of = layer.maps(shape[-1])[which]
            return nn.Linear(inputs, of.units, of.bias, device="cpu", dtype=dtype)

        self.query, self.key = linear("query", shape[-1]), linear("key", shape[-1])
        self.value, self.output = linear("value", shape[-1]), linear("output", layer.heads * self.size)

    def forward(self, x: Tensor) -> Tensor:
        """Return y: (B, T, E), or (B, T − M, E) after a memory of M positions."""
        memory = self.layer.memory
        lookers, seen = (x[:, memory:], x[:, :memory]) if memory else (x, x)
        q, k, v = (self._heads(z) for z in (self.query(lookers), self.key(seen), self.value(seen)))
        if self.layer.rotary != "none":
            q, k = self._rotated(q), self._rotated(k)
        sharing = q.shape[1] // k.shape[1]
        k, v = k.repeat_interleave(sharing, dim=1), v.repeat_interleave(sharing, dim=1)
        o = functional.scaled_dot_product_attention(
            q, k, v, self._allowed(q.shape[2], k.shape[2]), scale=1.0 / math.sqrt(self.size)
        )
        y: Tensor = self.output(o.transpose(1, 2).flatten(2))
        return y

    def _heads(self, z: Tensor) -> Tensor:
        return z.reshape(*z.shape[:2], -1, self.size).transpose(1, 2)  # (B, heads, T, d)

    def _rotated(self, z: Tensor) -> Tensor:
        angle = angles(z.shape[-2], self.size, self.layer.rotary_base, z.dtype)
        a, b = apart(z, self.layer.rotary)
        return together(a * angle.cos() - b * angle.sin(), a * angle.sin() + b * angle.cos(), self.layer.rotary)

    def _allowed(self, queries: int, keys: int) -> Tensor:
        allowed = torch.ones(1, 1, queries, keys, dtype=torch.bool)
        if self.layer.causal:
            allowed = allowed.tril()
        if self.lengths is not None:
            allowed = allowed & (torch.arange(keys) < self.lengths.reshape(-1, 1, 1, 1))
        if self.mask is not None:
            allowed = allowed & (self.mask != 0).unsqueeze(1)
        return allowed


_MAPS = ("query", "key", "value", "output")

ROWS: dict[str, Row[Build]] = {
    "attention": Row(
        Attention,
        {f"{name}.weight": (f"{name}.weight", TRANSPOSED) for name in _MAPS}
        | {f"{name}.bias": (f"{name}.bias", AS_IS) for name in _MAPS},
    )
}
