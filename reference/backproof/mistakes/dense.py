"""Mistakes in a dense layer's backward: shapes and axes, the bias, the wrong tensor, the order of updates."""

from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np

from backproof.fields import Array
from backproof.layers import Elementwise
from backproof.layers.dense import Dense
from backproof.losses import NOTHING
from backproof.mistakes.base import (
    AtLayer,
    Mistake,
    Place,
    WrongNetwork,
    below,
    dense_layers,
    own_parameter,
    square_dense_layers,
)
from backproof.spec import ModelSpec
from backproof.step import State

Backward = tuple[Array, dict[str, Array]]


def _with_bias(spec: ModelSpec) -> Sequence[int | None]:
    return [i for i in dense_layers(spec) if i is not None and getattr(spec.layers[i], "bias", False)]


def _after_activation(spec: ModelSpec) -> Sequence[int | None]:
    return [i for i in dense_layers(spec) if i and isinstance(spec.layers[i - 1], Elementwise)]


def activated(spec: ModelSpec, index: int) -> bool:
    """Whether an elementwise activation follows a layer."""
    return index + 1 < len(spec.layers) and isinstance(spec.layers[index + 1], Elementwise)


def _hidden(spec: ModelSpec) -> Sequence[int | None]:
    """Every dense layer with another below it: the error it hands down matters to a parameter."""
    return list(dense_layers(spec))[1:]


def _as_wide_as_the_output(spec: ModelSpec) -> Sequence[int | None]:
    return [i for i in _hidden(spec) if i is not None and spec.shapes[-1] in (spec.shapes[i], (1,))]


class _Rows(AtLayer):
    """A mistake in a dense layer, with its arrays as rows: x is (N, F), δ is (N, G), W is (F, G)."""

    def wrong(self, index: int, state: State, caches: list[Any], dy: Array) -> Backward:
        dx, own = self.right(index, state, caches, dy)
        x = caches[index]
        rows, delta = x.reshape(-1, x.shape[-1]), dy.reshape(-1, dy.shape[-1])
        return dx, own | self.gradients(index, caches, rows, delta, own)

    def gradients(
        self, index: int, caches: list[Any], x: Array, delta: Array, own: dict[str, Array]
    ) -> dict[str, Array]:
        """Return the gradients that are wrong."""
        raise NotImplementedError


class _WForWT(AtLayer):
    def wrong(self, index: int, state: State, caches: list[Any], dy: Array) -> Backward:
        _, own = self.right(index, state, caches, dy)
        return dy @ self.own(index, state)["weight"], own


class _TransposedWeight(WrongNetwork):
    def own(self, index: int, state: State, side: Mapping[str, Array] | None = None) -> dict[str, Array]:
        own = super().own(index, state, side)
        return own | {"weight": own["weight"].T} if index == self.site else own


class _TransposedGradient(_Rows):
    def gradients(
        self, index: int, caches: list[Any], x: Array, delta: Array, own: dict[str, Array]
    ) -> dict[str, Array]:
        return {"weight": own["weight"].T}


class _DeltaAsGradient(_Rows):
    def gradients(
        self, index: int, caches: list[Any], x: Array, delta: Array, own: dict[str, Array]
    ) -> dict[str, Array]:
        # (N, G) stands where (F, G) should: it fits where N = F, else people sum or repeat it until it does.
        return {"weight": delta if delta.shape == own["weight"].shape else np.resize(delta, own["weight"].shape)}


class _ActivationLeftOut(_Rows):
    def gradients(
        self, index: int, caches: list[Any], x: Array, delta: Array, own: dict[str, Array]
    ) -> dict[str, Array]:
        return {"weight": (x * 0 + 1).T @ delta}


class _PreactivationForActivation(_Rows):
    def gradients(
        self, index: int, caches: list[Any], x: Array, delta: Array, own: dict[str, Array]
    ) -> dict[str, Array]:
        z = caches[index - 1][0]
        return {"weight": z.reshape(x.shape).T @ delta}


class _OwnActivation(AtLayer):
    """What the layer makes, activated where an activation follows, stands where its input should."""

    def wrong(self, index: int, state: State, caches: list[Any], dy: Array) -> Backward:
        dx, own = self.right(index, state, caches, dy)
        if activated(self.spec, index):
            output = caches[index + 1][1]
        else:
            output, _ = self.layer_forward(index, self.own(index, state), caches[index])
        return dx, own | {"weight": output.reshape(-1, output.shape[-1]).T @ dy.reshape(-1, dy.shape[-1])}


class _BiasAveraged(_Rows):
    def gradients(
        self, index: int, caches: list[Any], x: Array, delta: Array, own: dict[str, Array]
    ) -> dict[str, Array]:
        return {"bias": own["bias"] / len(delta)}


class _BiasNotAveraged(_Rows):
    def gradients(
        self, index: int, caches: list[Any], x: Array, delta: Array, own: dict[str, Array]
    ) -> dict[str, Array]:
        return {"bias": own["bias"] * len(delta)}


class _WeightNotAveraged(_Rows):
    def gradients(
        self, index: int, caches: list[Any], x: Array, delta: Array, own: dict[str, Array]
    ) -> dict[str, Array]:
        return {"weight": own["weight"] * len(delta)}


class _WeightAveraged(_Rows):
    def gradients(
        self, index: int, caches: list[Any], x: Array, delta: Array, own: dict[str, Array]
    ) -> dict[str, Array]:
        return {"weight": own["weight"] / len(delta)}


class _SignOfLayer(_Rows):
    def gradients(
        self, index: int, caches: list[Any], x: Array, delta: Array, own: dict[str, Array]
    ) -> dict[str, Array]:
        return {name: -gradient for name, gradient in own.items()}


class _BiasMissing(_Rows):
    def gradients(
        self, index: int, caches: list[Any], x: Array, delta: Array, own: dict[str, Array]
    ) -> dict[str, Array]:
        return {"bias": own["bias"] * 0}


class _BiasWithoutAxis(_Rows):
    def gradients(
        self, index: int, caches: list[Any], x: Array, delta: Array, own: dict[str, Array]
    ) -> dict[str, Array]:
        return {"bias": own["bias"] * 0 + delta.sum()}


class _BiasFromLastRow(_Rows):
    def gradients(
        self, index: int, caches: list[Any], x: Array, delta: Array, own: dict[str, Array]
    ) -> dict[str, Array]:
        augmented = np.vstack([own["bias"][None, :], own["weight"]])  # [1 | x]ᵀ δ: the bias is the first row
        return {"bias": augmented[-1], "weight": augmented[:-1]}


class _WeightGradientZero(_Rows):
    def gradients(
        self, index: int, caches: list[Any], x: Array, delta: Array, own: dict[str, Array]
    ) -> dict[str, Array]:
        return {"weight": own["weight"] * 0}


class _FirstObservationOnly(_Rows):
    def gradients(
        self, index: int, caches: list[Any], x: Array, delta: Array, own: dict[str, Array]
    ) -> dict[str, Array]:
        return {"weight": x[:1].T @ delta[:1]}


class _DividedTwice(_Rows):
    def gradients(
        self, index: int, caches: list[Any], x: Array, delta: Array, own: dict[str, Array]
    ) -> dict[str, Array]:
        return {name: gradient / len(delta) for name, gradient in own.items()}


class _EarlyUpdate(AtLayer):
    def wrong(self, index: int, state: State, caches: list[Any], dy: Array) -> Backward:
        _, own = self.right(index, state, caches, dy)
        name = f"{self.spec.layer_names[index]}.weight"
        W = self.own(index, state)["weight"]
        slots = {slot: {name: values[name]} for slot, values in state.slots.items()}
        updates, _ = self.spec.optimizer.update({name: W}, {name: own["weight"]}, slots, state.step)
        return dy @ (W + updates[name]).T, own


class _RawOutputError(AtLayer):
    """The loss's own gradient, spread over all units below where it is a single one."""

    def loss_gradient(self, output: Array, y: Array, side: Mapping[str, Array] = NOTHING) -> Array:
        self._error = super().loss_gradient(output, y, side)
        return self._error

    def wrong(self, index: int, state: State, caches: list[Any], dy: Array) -> Backward:
        dx, own = self.right(index, state, caches, dy)
        return self._error + 0 * dx, own


class _SumOfWeights(AtLayer):
    def wrong(self, index: int, state: State, caches: list[Any], dy: Array) -> Backward:
        _, own = self.right(index, state, caches, dy)
        W = self.own(index, state)["weight"]
        return dy.sum(axis=-1, keepdims=True) * W.sum(axis=-1), own


def _own_output(spec: ModelSpec, site: int | None) -> Place:
    return "forward", spec.layer_names[site or 0]


def _bias_else_weight(spec: ModelSpec, site: int | None) -> Place:
    layer = spec.layers[site or 0]
    return own_parameter("bias" if isinstance(layer, Dense) and layer.bias else "weight")(spec, site)


_weight, _bias = own_parameter("weight"), own_parameter("bias")

MISTAKES = (
    Mistake(
        "W instead of Wᵀ on a square layer",
        "da = δ @ W",
        "da = δ @ Wᵀ",
        _WForWT,
        square_dense_layers,
        below,
        common=4,
    ),
    Mistake(
        "square weight carried over transposed",
        "z = x @ Wᵀ + b",
        "z = x @ W + b",
        _TransposedWeight,
        square_dense_layers,
        _own_output,
    ),
    Mistake(
        "weight gradient transposed on a square layer",
        "∂C/∂W = δᵀ @ x",
        "∂C/∂W = xᵀ @ δ",
        _TransposedGradient,
        square_dense_layers,
        _weight,
    ),
    Mistake(
        "δ used as the weight gradient",
        "∂C/∂W = δ",
        "∂C/∂W = xᵀ @ δ",
        _DeltaAsGradient,
        dense_layers,
        _weight,
        common=1,
    ),
    Mistake(
        "previous activation left out",
        "∂C/∂W = 1ᵀ @ δ",
        "∂C/∂W = xᵀ @ δ",
        _ActivationLeftOut,
        dense_layers,
        _weight,
    ),
    Mistake(
        "pre-activation in place of the activation below",
        "∂C/∂W = zᵀ @ δ",
        "∂C/∂W = aᵀ @ δ",
        _PreactivationForActivation,
        _after_activation,
        _weight,
    ),
    Mistake(
        "activation taken from the wrong layer",
        "∂C/∂W = (its own activation)ᵀ @ δ",
        "∂C/∂W = (its input)ᵀ @ δ",
        _OwnActivation,
        square_dense_layers,
        _weight,
        common=1,
    ),
    Mistake("bias gradient averaged", "∂C/∂b = Σδ / B", "∂C/∂b = Σδ", _BiasAveraged, _with_bias, _bias, common=2),
    Mistake(
        "bias gradient not averaged",
        "∂C/∂b = Σδ",
        "∂C/∂b = Σδ / B, δ not averaged yet",
        _BiasNotAveraged,
        lambda spec: _with_bias(spec) if spec.loss.reduction != "sum" else [],
        _bias,
        common=2,
    ),
    Mistake(
        "weight gradient not averaged",
        "∂C/∂W = xᵀ @ δ",
        "∂C/∂W = xᵀ @ δ / B, δ not averaged yet",
        _WeightNotAveraged,
        lambda spec: dense_layers(spec) if spec.loss.reduction != "sum" else [],
        _weight,
        common=1,
    ),
    Mistake(
        "weight gradient averaged", "∂C/∂W = xᵀ @ δ / B", "∂C/∂W = xᵀ @ δ", _WeightAveraged, dense_layers, _weight
    ),
    Mistake(
        "gradients of a layer with the wrong sign",
        "−∂C/∂W, −∂C/∂b",
        "∂C/∂W, ∂C/∂b",
        _SignOfLayer,
        dense_layers,
        _bias_else_weight,
        common=1,
    ),
    Mistake("bias gradient missing", "∂C/∂b = 0", "∂C/∂b = Σδ", _BiasMissing, _with_bias, _bias),
    Mistake(
        "bias gradient summed without an axis",
        "∂C/∂b = Σ over all of δ",
        "∂C/∂b = Σδ over rows",
        _BiasWithoutAxis,
        _with_bias,
        _bias,
        common=4,
    ),
    Mistake(
        "bias from the last row of the augmented matrix",
        "b = [b; W] row −1",
        "b = [b; W] row 0",
        _BiasFromLastRow,
        _with_bias,
        _bias,
    ),
    Mistake("weight gradient zero", "∂C/∂W = 0", "∂C/∂W = xᵀ @ δ", _WeightGradientZero, dense_layers, _weight),
    Mistake(
        "gradient of the first observation only",
        "∂C/∂W = x₁ᵀ δ₁",
        "∂C/∂W = Σᵢ xᵢᵀ δᵢ",
        _FirstObservationOnly,
        dense_layers,
        _weight,
    ),
    Mistake(
        "divided by the batch size twice",
        "∂C/∂W = xᵀ @ δ / B, δ already averaged",
        "∂C/∂W = xᵀ @ δ",
        _DividedTwice,
        dense_layers,
        _bias_else_weight,
        common=2,
    ),
    Mistake(
        "error passed through already updated weights",
        "da = δ @ (W + ΔW)ᵀ",
        "da = δ @ Wᵀ",
        _EarlyUpdate,
        _hidden,
        below,
        common=6,
    ),
    Mistake(
        "raw output error in place of the back-propagated one",
        "da = ∂C/∂output",
        "da = δ @ Wᵀ",
        _RawOutputError,
        _as_wide_as_the_output,
        below,
        common=3,
    ),
    Mistake("sums in place of the matrix product", "da = Σδ · ΣW", "da = δ @ Wᵀ", _SumOfWeights, _hidden, below),
)
