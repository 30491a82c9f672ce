"""Mistakes in the derivative of an activation: in the wrong place, of the wrong argument, or missing."""

from collections.abc import Sequence
from typing import Any

from backproof.fields import Array
from backproof.layers import Elementwise
from backproof.layers.functions import softmax
from backproof.layers.softmax import Softmax
from backproof.mistakes.base import AtLayer, Mistake, WrongNetwork, below, own_output
from backproof.spec import ModelSpec
from backproof.step import State

Backward = tuple[Array, dict[str, Array]]


def _elementwise(spec: ModelSpec) -> Sequence[int | None]:
    return [i for i, layer in enumerate(spec.layers) if isinstance(layer, Elementwise)]


def _softmax(spec: ModelSpec) -> Sequence[int | None]:
    return [i for i, layer in enumerate(spec.layers) if isinstance(layer, Softmax)]


class _Activation(AtLayer):
    """A mistake in dz = da ⊙ f′(z); a subclass says what stands for f′(z)."""

    def wrong(self, index: int, state: State, caches: list[Any], dy: Array) -> Backward:
        layer = self.spec.layers[index]
        assert isinstance(layer, Elementwise)
        z, a = caches[index]
        return dy * self.slope(layer, z, a, dy), {}

    def slope(self, layer: Elementwise, z: Array, a: Array, dy: Array) -> Array:
        raise NotImplementedError


class _LeftOut(_Activation):
    def slope(self, layer: Elementwise, z: Array, a: Array, dy: Array) -> Array:
        return a * 0 + 1


class _OfActivation(_Activation):
    def slope(self, layer: Elementwise, z: Array, a: Array, dy: Array) -> Array:
        return layer.derivative(a, layer.value(a))


class _ShortFormOfPreactivation(_Activation):
    def slope(self, layer: Elementwise, z: Array, a: Array, dy: Array) -> Array:
        return layer.common_derivative(z, z)


class _OfGradient(_Activation):
    def slope(self, layer: Elementwise, z: Array, a: Array, dy: Array) -> Array:
        return layer.derivative(dy, layer.value(dy))


class _OutputForSlope(_Activation):
    def slope(self, layer: Elementwise, z: Array, a: Array, dy: Array) -> Array:
        return a


class _SlopeTwice(_Activation):
    def slope(self, layer: Elementwise, z: Array, a: Array, dy: Array) -> Array:
        return layer.derivative(z, a) * layer.derivative(z, a)


class _NoJacobian(AtLayer):
    def wrong(self, index: int, state: State, caches: list[Any], dy: Array) -> Backward:
        return dy, {}


class _DiagonalJacobian(AtLayer):
    def wrong(self, index: int, state: State, caches: list[Any], dy: Array) -> Backward:
        a = caches[index]
        return dy * a * (1 - a), {}


class _JacobianTwice(AtLayer):
    def wrong(self, index: int, state: State, caches: list[Any], dy: Array) -> Backward:
        once, _ = self.right(index, state, caches, dy)
        return self.right(index, state, caches, once)


class _SoftmaxOverBatch(WrongNetwork):
    def layer_forward(self, index: int, own: dict[str, Array], x: Array) -> tuple[Array, Any]:
        if index != self.site:
            return super().layer_forward(index, own, x)
        a = softmax(x.swapaxes(0, -1)).swapaxes(0, -1)
        return a, a


MISTAKES = (
    Mistake("activation's derivative left out", "δ = da", "δ = da ⊙ f′(z)", _LeftOut, _elementwise, below),
    Mistake(
        "derivative taken of a instead of z",
        "δ = da ⊙ f′(f(z))",
        "δ = da ⊙ f′(z)",
        _OfActivation,
        _elementwise,
        below,
    ),
    Mistake(
        "short form of the derivative fed the pre-activation",
        "δ = da ⊙ z(1 − z)",
        "δ = da ⊙ a(1 − a)",
        _ShortFormOfPreactivation,
        lambda spec: [i for i in _elementwise(spec) if i is not None and _has_short_form(spec.layers[i])],
        below,
    ),
    Mistake(
        "derivative taken of the incoming gradient",
        "δ = da ⊙ f′(da)",
        "δ = da ⊙ f′(z)",
        _OfGradient,
        _elementwise,
        below,
    ),
    Mistake(
        "output in place of the derivative", "δ = da ⊙ a", "δ = da ⊙ f′(z)", _OutputForSlope, _elementwise, below
    ),
    Mistake(
        "derivative applied twice", "δ = da ⊙ f′(z) ⊙ f′(z)", "δ = da ⊙ f′(z)", _SlopeTwice, _elementwise, below
    ),
    Mistake("softmax's Jacobian left out", "dz = da", "dz = a ⊙ (da − Σ da ⊙ a)", _NoJacobian, _softmax, below),
    Mistake(
        "only the diagonal of softmax's Jacobian",
        "dz = da ⊙ a(1 − a)",
        "dz = a ⊙ (da − Σ da ⊙ a)",
        _DiagonalJacobian,
        _softmax,
        below,
    ),
    Mistake("softmax's Jacobian applied twice", "dz = J(J da)", "dz = J da", _JacobianTwice, _softmax, below),
    Mistake(
        "softmax over the batch axis",
        "exp(z) / Σ exp(z) over rows",
        "… over classes",
        _SoftmaxOverBatch,
        _softmax,
        own_output,
    ),
)


def _has_short_form(layer: Any) -> bool:
    """Whether people write this derivative in terms of the activation."""
    return type(layer).common_derivative is not Elementwise.common_derivative and layer.type != "gelu"
