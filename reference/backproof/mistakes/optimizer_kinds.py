"""Mistakes of one kind of optimizer only: in centring, AMSGrad's maximum, Nadam's schedule and the like."""

from collections.abc import Callable
from functools import partial
from typing import Any

import numpy as np

from backproof.fields import Array
from backproof.mistakes.base import Mistake, Place, first_slot, first_update, last_slot
from backproof.mistakes.optimizers import held_place
from backproof.mistakes.updates import OtherOptimizer, where
from backproof.optimizers import (
    Adadelta,
    Adam,
    Adamax,
    Lion,
    Momentum,
    Muon,
    Nadam,
    Optimizer,
    RMSprop,
    Slots,
)
from backproof.spec import ModelSpec
from backproof.step import Network, State


class _Told(OtherOptimizer):
    """The optimizer with some fields other than it was told."""

    def __init__(
        self, spec: ModelSpec, site: int | None, inner: Network | None, told: Callable[[Any], dict[str, Any]]
    ) -> None:
        super().__init__(spec, site, inner)
        self.told = told

    def fields(self, optimizer: Any, state: State) -> dict[str, Any]:
        return self.told(optimizer)


class _Formula(OtherOptimizer):
    """The optimizer's mistaken twin: a subclass of it with another `delta`."""

    def __init__(self, spec: ModelSpec, site: int | None, inner: Network | None, twin: type[Optimizer]) -> None:
        super().__init__(spec, site, inner)
        self.twin = twin

    def instead(self, optimizer: Optimizer, state: State) -> tuple[Optimizer, Slots, int]:
        return self.twin.model_construct(**dict(optimizer)), state.slots, state.step


def _told(
    name: str,
    wrong: str,
    right: str,
    told: Callable[[Any], dict[str, Any]],
    when: Callable[[Any], bool],
    place: Callable[[ModelSpec, int | None], Place] = first_update,
) -> Mistake:
    return Mistake(name, wrong, right, partial(_Told, told=told), where(when), place)


def _twin(
    name: str,
    wrong: str,
    right: str,
    twin: type[Optimizer],
    place: Callable[[ModelSpec, int | None], Place] = first_update,
) -> Mistake:
    (of,) = twin.__bases__
    return Mistake(name, wrong, right, partial(_Formula, twin=twin), where(lambda o: type(o) is of), place)


Delta = tuple[Array, dict[str, Array]]


class _OneMoment(Adam):
    """m and v are two names of one array: what is written to either is in both."""

    def delta(self, g: Array, w: Array, slots: dict[str, Array], rate: Array, t: Array) -> Delta:
        m = self.beta1 * slots["first_moment"] + (1.0 - self.beta1) * g
        v = self.beta2 * m + (1.0 - self.beta2) * np.square(g)
        root = np.sqrt(np.abs(v) / (1.0 - self.beta2**t))  # v may be negative, and people see to it that it works
        return -(rate * (m / (1.0 - self.beta1**t)) / (root + self.epsilon)), {
            "first_moment": v,
            "second_moment": v,
        }


class _AveragedVelocity(Momentum):
    def delta(self, g: Array, w: Array, slots: dict[str, Array], rate: Array, t: Array) -> Delta:
        return super().delta((1.0 - self.momentum) * g, w, slots, rate, t)


class _NadamWithoutLookAhead(Nadam):
    def delta(self, g: Array, w: Array, slots: dict[str, Array], rate: Array, t: Array) -> Delta:
        _, new = super().delta(g, w, slots, rate, t)
        m, root = new["first_moment"], np.sqrt(new["second_moment"] / (1.0 - self.beta2**t))
        return -(rate * m / (1.0 - self.beta1**t) / (root + self.epsilon)), new


class _AdamaxOfNow(Adamax):
    def delta(self, g: Array, w: Array, slots: dict[str, Array], rate: Array, t: Array) -> Delta:
        return super().delta(g, w, slots | {"largest": np.zeros_like(g)}, rate, t)


class _AdadeltaOfGradients(Adadelta):
    def delta(self, g: Array, w: Array, slots: dict[str, Array], rate: Array, t: Array) -> Delta:
        s = self.rho * slots["mean_square"] + (1.0 - self.rho) * np.square(g)
        d = g / np.sqrt(s + self.epsilon)
        x = self.rho * slots["mean_square_update"] + (1.0 - self.rho) * np.square(d)
        return -(rate * d), {"mean_square": s, "mean_square_update": x}


class _LionWithoutSign(Lion):
    def delta(self, g: Array, w: Array, slots: dict[str, Array], rate: Array, t: Array) -> Delta:
        _, new = super().delta(g, w, slots, rate, t)
        return -(rate * (self.beta1 * slots["first_moment"] + (1.0 - self.beta1) * g)), new


MISTAKES = (
    _twin("both moments in one array", "v = m", "m and v apart", _OneMoment, first_slot),
    _twin(
        "gradient's share 1 − μ in the velocity", "v ← μv + (1 − μ)g", "v ← μv + g", _AveragedVelocity, last_slot
    ),
    _told(
        "RMSprop not centred",
        "√s",
        "√(s − a²)",
        lambda o: {"centered": False},
        lambda o: isinstance(o, RMSprop) and o.centered,
        held_place,
    ),
    _told(
        "AMSGrad's maximum forgotten",
        "m̂ / √v̂",
        "m̂ / √max v̂",
        lambda o: {"amsgrad": "no"},
        lambda o: isinstance(o, Adam) and o.amsgrad != "no",
    ),
    _told(
        "AMSGrad's maximum corrected at the wrong time",
        "max (v / (1 − β₂ᵗ))",
        "max v / (1 − β₂ᵗ)",
        lambda o: {"amsgrad": "corrected" if o.amsgrad == "uncorrected" else "uncorrected"},
        lambda o: isinstance(o, Adam) and o.amsgrad != "no",
        last_slot,
    ),
    _told(
        "Nadam's momentum schedule forgotten",
        "μₜ = β₁",
        "μₜ = β₁ (1 − ½ · 0.96^(ψt))",
        lambda o: {"momentum_decay": None},
        lambda o: isinstance(o, Nadam) and o.momentum_decay is not None,
    ),
    _twin("Nadam's look-ahead left out", "m̂", "μₜ₊₁ m̂ + (1 − μₜ) ĝ", _NadamWithoutLookAhead),
    _twin("Adamax' maximum forgotten", "u ← |g|", "u ← max(β₂u, |g|)", _AdamaxOfNow, last_slot),
    _twin(
        "Adadelta's updates left out",
        "d = g / √(s + ε)",
        "d = g √(x + ε) / √(s + ε)",
        _AdadeltaOfGradients,
        last_slot,
    ),
    _twin("Lion's sign left out", "Δ = −ηc", "Δ = −η sign(c)", _LionWithoutSign),
    _told(
        "Muon's momentum not orthogonalised",
        "Δ = −ηs u / ‖u‖",
        "Δ = −ηs O(u)",
        lambda o: {"iterations": 0},
        lambda o: isinstance(o, Muon),
    ),
)
