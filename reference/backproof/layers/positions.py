"""Where in a sequence something stands: tables that are added to it, and a token put before it."""

from typing import Literal

import numpy as np

from backproof.fields import Array, PositiveFloat
from backproof.initializers import AnyInitializer, Fan, Normal
from backproof.layers.base import Cache, Layer, Own, Parameter, Shape
from backproof.layers.rotation import Pairs, angles, together


class _OnSequences(Layer):
    """A layer whose input is steps of features."""

    def output_shape(self, shape: Shape) -> Shape:
        if len(shape) != 2:
            raise ValueError(f"expected an input of shape (T, E), steps of features, found {shape}")
        return shape


class LearnedPositions(_OnSequences):
    """y = x + P: x is (B, T, E), P is (T, E), the same for every observation; so dP = Σ dy over the batch."""

    type: Literal["learned_positions"] = "learned_positions"
    table_initializer: AnyInitializer = Normal(std=0.02)

    def parameters(self, shape: Shape) -> dict[str, Parameter]:
        return {"table": Parameter(shape, self.table_initializer, Fan(*shape))}

    def forward(self, own: Own, x: Array) -> tuple[Array, Cache]:
        return x + own["table"], None

    def backward(self, own: Own, cache: Cache, dy: Array) -> tuple[Array, dict[str, Array]]:
        return dy, {"table": dy.sum(axis=0)}


class SinusoidalPositions(_OnSequences):
    """y = x + P, with P fixed: pair i at step t is (sin, cos) of t · base^(−2i / E) (Vaswani et al. 2017, 3.5).

    They print sines and cosines in turn (`interleaved`); their program has all sines first (`halves`).
    """

    type: Literal["sinusoidal_positions"] = "sinusoidal_positions"
    base: PositiveFloat = 10000.0
    pairs: Pairs = "interleaved"

    def output_shape(self, shape: Shape) -> Shape:
        if super().output_shape(shape)[1] % 2:
            raise ValueError(f"expected an even number of features, a sine and a cosine each, found {shape[1]}")
        return shape

    def table(self, x: Array) -> Array:
        """Return P: (T, E), in the precision of x."""
        angle = angles(x.shape[1], x.shape[2], self.base, x)
        return together(np.sin(angle), np.cos(angle), self.pairs)

    def forward(self, own: Own, x: Array) -> tuple[Array, Cache]:
        return x + self.table(x), None

    def backward(self, own: Own, cache: Cache, dy: Array) -> tuple[Array, dict[str, Array]]:
        return dy, {}


class ClassToken(_OnSequences):
    """y = [c, x₁, …, x_T]: a learned vector before the steps, to gather what the whole is about.

    x is (B, T, E), c is (E,), y is (B, T + 1, E) (Devlin et al. 2019; in images Dosovitskiy et al. 2021).
    """

    type: Literal["class_token"] = "class_token"
    token_initializer: AnyInitializer = Normal(std=0.02)

    def output_shape(self, shape: Shape) -> Shape:
        steps, features = super().output_shape(shape)
        return steps + 1, features

    def parameters(self, shape: Shape) -> dict[str, Parameter]:
        return {"token": Parameter(shape[1:], self.token_initializer, Fan(1, shape[1]))}

    def forward(self, own: Own, x: Array) -> tuple[Array, Cache]:
        token = np.broadcast_to(own["token"], (len(x), 1, x.shape[-1]))
        return np.concatenate([token, x], axis=1), None

    def backward(self, own: Own, cache: Cache, dy: Array) -> tuple[Array, dict[str, Array]]:
        return dy[:, 1:], {"token": dy[:, 0].sum(axis=0)}
