"""Softmax and its logarithm, over the last axis. Every output depends on every input: the Jacobian is full."""

from collections.abc import Mapping
from typing import Literal

import numpy as np

from backproof.fields import Array
from backproof.layers.base import Cache, Layer, Shape
from backproof.layers.functions import log_softmax, softmax


def _needs_an_axis(shape: Shape) -> Shape:
    if not shape:
        raise ValueError("expected an input with at least one axis besides the batch, found none")
    return shape


class Softmax(Layer):
    """aᵢ = exp(zᵢ) / Σⱼ exp(zⱼ); ∂aᵢ/∂zⱼ = aᵢ(δᵢⱼ − aⱼ), so that dz = a ⊙ (da − Σ da ⊙ a)."""

    type: Literal["softmax"] = "softmax"

    def output_shape(self, shape: Shape) -> Shape:
        return _needs_an_axis(shape)

    def forward(self, parameters: Mapping[str, Array], x: Array) -> tuple[Array, Cache]:
        a = softmax(x)
        return a, a

    def backward(self, parameters: Mapping[str, Array], cache: Cache, dy: Array) -> tuple[Array, dict[str, Array]]:
        a = cache
        return a * (dy - (dy * a).sum(axis=-1, keepdims=True)), {}


class LogSoftmax(Layer):
    """aᵢ = zᵢ − log Σⱼ exp(zⱼ); dz = da − softmax(z) Σ da."""

    type: Literal["log_softmax"] = "log_softmax"

    def output_shape(self, shape: Shape) -> Shape:
        return _needs_an_axis(shape)

    def forward(self, parameters: Mapping[str, Array], x: Array) -> tuple[Array, Cache]:
        a = log_softmax(x)
        return a, a

    def backward(self, parameters: Mapping[str, Array], cache: Cache, dy: Array) -> tuple[Array, dict[str, Array]]:
        a = cache
        return dy - np.exp(a) * dy.sum(axis=-1, keepdims=True), {}
