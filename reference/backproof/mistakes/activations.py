"""Mistakes in the derivative of an activation: in the wrong place, of the wrong argument, or missing."""

from collections.abc import Mapping, Sequence
from typing import Any

from backproof.fields import Array
from backproof.layers import Elementwise
from backproof.layers.functions import softmax
from backproof.layers.softmax import Softmax
from backproof.losses import NOTHING, CrossEntropy
from backproof.mistakes.base import AtLayer, Mistake, Place, WrongNetwork, below, own_output
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


class _Negative(_Activation):
    def slope(self, layer: Elementwise, z: Array, a: Array, dy: Array) -> Array:
        return -layer.derivative(z, a)


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
    """At a softmax layer, or after cross-entropy's gradient, which has gone through softmax already."""

    def wrong(self, index: int, state: State, caches: list[Any], dy: Array) -> Backward:
        once, _ = self.right(index, state, caches, dy)
        return self.right(index, state, caches, once)

    def loss_gradient(self, output: Array, y: Array, side: Mapping[str, Array] = NOTHING) -> Array:
        gradient = super().loss_gradient(output, y, side)
        return gradient if self.site is not None else Softmax().backward({}, softmax(output), gradient)[0]


class _SoftmaxOverBatch(WrongNetwork):
    """In a softmax layer, or in cross-entropy, which has its own."""

    def layer_forward(self, index: int, own: dict[str, Array], x: Array) -> tuple[Array, Any]:
        if index != self.site:
            return super().layer_forward(index, own, x)
        a = _over_batch(x)
        return a, a

    def loss_gradient(self, output: Array, y: Array, side: Mapping[str, Array] = NOTHING) -> Array:
        loss = self.spec.loss
        if self.site is not None or not isinstance(loss, CrossEntropy):
            return super().loss_gradient(output, y, side)
        return loss.scaled(_over_batch(output) - loss.distribution(output, y), output, y, side)


def _over_batch(z: Array) -> Array:
    return softmax(z.swapaxes(0, -1)).swapaxes(0, -1)


def _softmax_or_loss(spec: ModelSpec) -> Sequence[int | None]:
    return [*_softmax(spec), *([None] if isinstance(spec.loss, CrossEntropy) else [])]


def _softmax_place(spec: ModelSpec, site: int | None) -> Place:
    return below(spec, site) if site is None else own_output(spec, site)


MISTAKES = (
    Mistake(
        "activation's derivative left out", "δ = da", "δ = da ⊙ f′(z)", _LeftOut, _elementwise, below, common=8
    ),
    Mistake(
        "derivative taken of a instead of z",
        "δ = da ⊙ f′(f(z))",
        "δ = da ⊙ f′(z)",
        _OfActivation,
        _elementwise,
        below,
        common=8,
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
        common=2,
    ),
    Mistake(
        "output in place of the derivative",
        "δ = da ⊙ a",
        "δ = da ⊙ f′(z)",
        _OutputForSlope,
        _elementwise,
        below,
        common=2,
    ),
    Mistake(
        "derivative applied twice", "δ = da ⊙ f′(z) ⊙ f′(z)", "δ = da ⊙ f′(z)", _SlopeTwice, _elementwise, below
    ),
    Mistake("derivative with the wrong sign", "δ = −da ⊙ f′(z)", "δ = da ⊙ f′(z)", _Negative, _elementwise, below),
    Mistake("softmax's Jacobian left out", "dz = da", "dz = a ⊙ (da − Σ da ⊙ a)", _NoJacobian, _softmax, below),
    Mistake(
        "only the diagonal of softmax's Jacobian",
        "dz = da ⊙ a(1 − a)",
        "dz = a ⊙ (da − Σ da ⊙ a)",
        _DiagonalJacobian,
        _softmax,
        below,
        common=7,
    ),
    Mistake(
        "softmax's Jacobian applied twice", "dz = J(J da)", "dz = J da", _JacobianTwice, _softmax_or_loss, below
    ),
    Mistake(
        "softmax over the batch axis",
        "exp(z) / Σ exp(z) over rows",
        "… over classes",
        _SoftmaxOverBatch,
        _softmax_or_loss,
        _softmax_place,
        common=4,
    ),
)


def _has_short_form(layer: Any) -> bool:
    """Whether people write this derivative in terms of the activation."""
    return type(layer).common_derivative is not Elementwise.common_derivative and layer.type != "gelu"
