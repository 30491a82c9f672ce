"""Mistakes in formulas that several optimizers share: velocities, roots, corrections."""

from typing import Any

import numpy as np

from backproof.fields import Array
from backproof.mistakes.base import Mistake, WrongNetwork, first_slot, first_update, last_slot
from backproof.mistakes.updates import OtherOptimizer, Updated, has_velocity, where
from backproof.optimizers import (
    Adagrad,
    Adam,
    Adamax,
    Momentum,
    Muon,
    Nadam,
    Optimizer,
    RMSprop,
    Slots,
)
from backproof.spec import ModelSpec
from backproof.step import State


class _NoBiasCorrection(OtherOptimizer):
    def instead(self, optimizer: Optimizer, state: State) -> tuple[Optimizer, Slots, int]:
        # After very many updates the corrections are 1; the rate stays that of this step.
        fixed = optimizer.model_copy(update={"learning_rate": optimizer.rate(state.step)})
        return fixed, state.slots, state.step + 10**9 * optimizer.accumulate


class _CorrectionOneAhead(OtherOptimizer):
    def instead(self, optimizer: Optimizer, state: State) -> tuple[Optimizer, Slots, int]:
        fixed = optimizer.model_copy(update={"learning_rate": optimizer.rate(state.step)})
        return fixed, state.slots, state.step + optimizer.accumulate


class _CorrectionOfFirst(OtherOptimizer):
    def instead(self, optimizer: Optimizer, state: State) -> tuple[Optimizer, Slots, int]:
        fixed = optimizer.model_copy(update={"learning_rate": optimizer.rate(state.step)})
        return fixed, state.slots, state.step % optimizer.accumulate


class _EpsilonMisplaced(OtherOptimizer):
    def fields(self, optimizer: Any, state: State) -> dict[str, Any]:
        other = {"inside": "outside", "outside": "inside", "corrected": "uncorrected", "uncorrected": "corrected"}
        return {"epsilon_placement": other[optimizer.epsilon_placement]}


class _BetasExchanged(OtherOptimizer):
    def fields(self, optimizer: Any, state: State) -> dict[str, Any]:
        return {"beta1": optimizer.beta2, "beta2": optimizer.beta1}


class _NoLookAhead(OtherOptimizer):
    def fields(self, optimizer: Any, state: State) -> dict[str, Any]:
        return {"nesterov": False}


class _RateMisplaced(OtherOptimizer):
    def fields(self, optimizer: Any, state: State) -> dict[str, Any]:
        return {"velocity": "updates" if optimizer.velocity == "gradients" else "gradients"}


class _StaleVelocity(WrongNetwork):
    """The weights move before the velocity does."""

    def update(self, state: State, gradients: dict[str, Array]) -> Updated:
        _, slots = super().update(state, gradients)
        rate = (
            self.spec.optimizer.rate(state.step)
            if getattr(self.spec.optimizer, "velocity", "") == "gradients"
            else -1.0
        )
        old = state.slots["velocity"]
        return {name: w - rate * old[name] for name, w in state.parameters.items()}, slots


class _NoRoot(WrongNetwork):
    """Divided by the mean square, not by its root: s + ε for √s + ε."""

    def update(self, state: State, gradients: dict[str, Array]) -> Updated:
        parameters, slots = super().update(state, gradients)
        o: Any = self.spec.optimizer
        squares = next(slots[name] for name in ("accumulator", "mean_square", "second_moment") if name in slots)
        t = state.step // o.accumulate + 1
        correction = 1.0 - o.beta2**t if isinstance(o, Adam) else 1.0
        old = state.parameters
        return {
            n: old[n] + (w - old[n]) * _rooted(o, squares[n] / correction) for n, w in parameters.items()
        }, slots


def _rooted(o: Any, s: Array) -> Array:
    """Return what the right divisor is of s + ε; 1 where there is nothing to divide by."""
    right = np.sqrt(s + o.epsilon) if o.epsilon_placement == "inside" else np.sqrt(s) + o.epsilon
    wrong = s + o.epsilon
    return np.where(wrong > 0, right / np.where(wrong > 0, wrong, 1.0), 1.0)


def _divides_by_root(o: Any) -> bool:
    return isinstance(o, Adagrad | Adam) or (isinstance(o, RMSprop) and not o.momentum)


def held_place(spec: ModelSpec, site: int | None) -> Any:
    """RMSprop's velocity holds the root and its ε, Adamax' maximum its ε."""
    o = spec.optimizer
    held = isinstance(o, Adamax) or (isinstance(o, RMSprop) and has_velocity(o))
    return (last_slot if held else first_update)(spec, site)


def _correction_place(spec: ModelSpec, site: int | None) -> Any:
    """The largest v̂ is corrected, so that it goes wrong before the update does."""
    o = spec.optimizer
    return (last_slot if isinstance(o, Adam) and o.amsgrad == "corrected" else first_update)(spec, site)


MISTAKES = (
    Mistake(
        "stale velocity",
        "w ← w − ηv, then v ← μv + g",
        "v ← μv + g, then w ← w − ηv",
        _StaleVelocity,
        where(lambda o: isinstance(o, Momentum)),
        first_update,
        common=2,
    ),
    Mistake(
        "Nesterov's look-ahead left out",
        "Δ = −ηv",
        "Δ = −η(g + μv)",
        _NoLookAhead,
        where(lambda o: isinstance(o, Momentum | Muon) and o.nesterov),
        first_update,
    ),
    Mistake(
        "rate on the wrong side of the velocity",
        "v ← μv + ηg",
        "v ← μv + g",
        _RateMisplaced,
        where(has_velocity),
        last_slot,
    ),
    Mistake(
        "epsilon in the wrong place",
        "√(s + ε)",
        "√s + ε",
        _EpsilonMisplaced,
        where(lambda o: hasattr(o, "epsilon_placement")),
        held_place,
    ),
    Mistake(
        "square root left out",
        "Δ = −ηg / s",
        "Δ = −ηg / √s",
        _NoRoot,
        where(_divides_by_root),
        first_update,
    ),
    Mistake(
        "bias correction left out",
        "m / √v",
        "m̂ / √v̂",
        _NoBiasCorrection,
        where(lambda o: isinstance(o, Adam | Adamax)),
        _correction_place,
        common=3,
    ),
    Mistake(
        "bias correction one step ahead",
        "1 − βᵗ⁺¹",
        "1 − βᵗ",
        _CorrectionOneAhead,
        where(lambda o: isinstance(o, Adam | Adamax | Nadam)),
        _correction_place,
    ),
    Mistake(
        "bias correction of the first step throughout",
        "1 − β",
        "1 − βᵗ",
        _CorrectionOfFirst,
        where(lambda o: isinstance(o, Adam | Adamax)),
        _correction_place,
        common=3,
    ),
    Mistake(
        "β₁ and β₂ exchanged",
        "m ← β₂m + …, v ← β₁v + …",
        "m ← β₁m + …, v ← β₂v + …",
        _BetasExchanged,
        where(lambda o: hasattr(o, "beta1")),
        first_slot,
    ),
)
