"""Mistakes in the formula of a derivative itself: a slope that no argument would make right."""

import numpy as np

from backproof.fields import Array
from backproof.layers import Elementwise
from backproof.layers.exponential import ELU
from backproof.layers.relu import LeakyReLU
from backproof.layers.sigmoid import Sigmoid
from backproof.layers.tanh import Tanh
from backproof.mistakes.base import Mistake, below, in_layer


class _SquareLeftOut(Tanh):
    def derivative(self, z: Array, a: Array) -> Array:
        return 1.0 - a


class _SquareInside(Tanh):
    def derivative(self, z: Array, a: Array) -> Array:
        return 1.0 - np.tanh(z * z)


class _SigmoidsForTanh(Tanh):
    def derivative(self, z: Array, a: Array) -> Array:
        return a * (1.0 - a)


class _PlusForTanh(Tanh):
    def derivative(self, z: Array, a: Array) -> Array:
        return 1.0 + a * a


class _TanhsForSigmoid(Sigmoid):
    def derivative(self, z: Array, a: Array) -> Array:
        return 1.0 - a * a


class _PlusForSigmoid(Sigmoid):
    def derivative(self, z: Array, a: Array) -> Array:
        return a * (1.0 + a)


class _ComplementOfSigmoid(Sigmoid):
    def derivative(self, z: Array, a: Array) -> Array:
        return 1.0 - a


class _NoLeak(LeakyReLU):
    def derivative(self, z: Array, a: Array) -> Array:
        return (z > 0).astype(z.dtype)


class _NoTail(ELU):
    def derivative(self, z: Array, a: Array) -> Array:
        return (z > 0).astype(z.dtype)


def _slope(name: str, wrong: str, right: str, layer: type[Elementwise], common: int = 0) -> Mistake:
    return in_layer(name, f"δ = da ⊙ {wrong}", f"δ = da ⊙ {right}", layer, below, common=common)


MISTAKES: tuple[Mistake, ...] = (
    _slope("square left out of tanh′", "(1 − a)", "(1 − a²)", _SquareLeftOut, 1),
    _slope("square inside tanh′", "(1 − tanh(z²))", "(1 − tanh(z)²)", _SquareInside, 1),
    _slope("plus for minus in tanh′", "(1 + a²)", "(1 − a²)", _PlusForTanh),
    _slope("sigmoid's derivative for tanh's", "a(1 − a)", "(1 − a²)", _SigmoidsForTanh, 2),
    _slope("tanh's derivative for sigmoid's", "(1 − a²)", "a(1 − a)", _TanhsForSigmoid, 2),
    _slope("plus for minus in σ′", "a(1 + a)", "a(1 − a)", _PlusForSigmoid),
    _slope("factor a left out of σ′", "(1 − a)", "a(1 − a)", _ComplementOfSigmoid),
    _slope("slope of the leak left out", "(1 or 0)", "(1 or α)", _NoLeak),
    _slope("slope of the exponential side left out", "(1 or 0)", "(1 or αeᶻ)", _NoTail),
)
