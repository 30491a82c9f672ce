"""Embedding: every index becomes a row of a table that is learned."""

from typing import Annotated, Literal

import numpy as np
from pydantic import Field

from backproof.fields import Array
from backproof.initializers import AnyInitializer, Fan, Normal
from backproof.layers.base import Cache, Layer, Own, Parameter, Shape


class Embedding(Layer):
    """y = W[x]: x is (B, ...) of indices below N, W is (N, E), y is (B, ..., E).

    It is a dense layer on one-hot vectors, and so is its gradient: a row gets the sum of δ over all places where
    its index stood, and 0 where it stood nowhere. The gradient is dense: an optimizer with momentum moves rows
    that no observation asked for. The row `padding_index` is looked up like any other, and never gets a gradient.
    """

    type: Literal["embedding"] = "embedding"
    vocabulary: Annotated[int, Field(gt=0, le=10**9)]
    units: Annotated[int, Field(gt=0, le=10**9)]
    padding_index: Annotated[int, Field(ge=0)] | None = None
    weight_initializer: AnyInitializer = Normal()

    @property
    def constant_rows(self) -> tuple[int, ...]:
        """The rows that never get a gradient."""
        return () if self.padding_index is None else (self.padding_index,)

    def indices(self) -> int | None:
        return self.vocabulary

    def output_shape(self, shape: Shape) -> Shape:
        if self.padding_index is not None and self.padding_index >= self.vocabulary:
            raise ValueError(
                f"padding_index: expected an index below {self.vocabulary}, found {self.padding_index}"
            )
        return (*shape, self.units)

    def parameters(self, shape: Shape) -> dict[str, Parameter]:
        shape, fan = (self.vocabulary, self.units), Fan(self.vocabulary, self.units)
        return {"weight": Parameter(shape, self.weight_initializer, fan, self.constant_rows)}

    def forward(self, own: Own, x: Array) -> tuple[Array, Cache]:
        return own["weight"][x], x

    def backward(self, own: Own, cache: Cache, dy: Array) -> tuple[Array, dict[str, Array]]:
        x = cache
        rows, delta = x.reshape(-1, 1), dy.reshape(-1, self.units)
        one_hot = (rows == np.arange(self.vocabulary)) & ~np.isin(rows, self.constant_rows)  # (B···, N)
        return np.zeros(x.shape), {"weight": one_hot.T.astype(dy.dtype) @ delta}
