"""Dense: every output is a weighted sum of all inputs, plus a bias."""

from collections.abc import Mapping
from typing import Annotated, Literal

from pydantic import Field

from backproof.fields import Array
from backproof.initializers import AnyInitializer, Constant, Fan, Glorot
from backproof.layers.base import Cache, Layer, Parameter, Shape


class Dense(Layer):
    """z = x @ W + b, over the last axis.

    x is (B, ..., F), W is (F, G) with one neuron a column, b is (G,), z is (B, ..., G).
    """

    type: Literal["dense"] = "dense"
    units: Annotated[int, Field(gt=0, le=10**9)]
    bias: bool = True
    weight_initializer: AnyInitializer = Glorot()
    bias_initializer: AnyInitializer = Constant()

    def output_shape(self, shape: Shape) -> Shape:
        if not shape:
            raise ValueError("expected an input with at least one axis besides the batch, found none")
        return (*shape[:-1], self.units)

    def parameters(self, shape: Shape) -> dict[str, Parameter]:
        fan = Fan(shape[-1], self.units)
        declared = {"weight": Parameter((shape[-1], self.units), self.weight_initializer, fan)}
        if self.bias:
            declared["bias"] = Parameter((self.units,), self.bias_initializer, fan)
        return declared

    def forward(self, parameters: Mapping[str, Array], x: Array) -> tuple[Array, Cache]:
        z = x @ parameters["weight"]
        if self.bias:
            z = z + parameters["bias"]
        return z, x

    def backward(self, parameters: Mapping[str, Array], cache: Cache, dy: Array) -> tuple[Array, dict[str, Array]]:
        x = cache
        W = parameters["weight"]
        rows, delta = x.reshape(-1, x.shape[-1]), dy.reshape(-1, dy.shape[-1])  # (N, F), (N, G)
        gradients = {"weight": rows.T @ delta}  # ∂C/∂W = xᵀ δ
        if self.bias:
            gradients["bias"] = delta.sum(axis=0)  # ∂C/∂b = Σ δ over the observations
        return dy @ W.T, gradients  # ∂C/∂x = δ Wᵀ
