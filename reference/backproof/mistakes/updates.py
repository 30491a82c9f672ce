"""Mistakes after a right gradient: the update, the optimizer's state, decay, clipping and the schedule."""

from collections.abc import Callable, Sequence
from typing import Any

import numpy as np

from backproof.fields import Array
from backproof.mistakes.base import Mistake, WrongNetwork, anywhere, below, first_slot, first_update
from backproof.optimizers import Adagrad, Adam, Momentum, Optimizer, RMSprop, Slots
from backproof.spec import ModelSpec
from backproof.step import State

Updated = tuple[dict[str, Array], Slots]
Sites = Callable[[ModelSpec], Sequence[int | None]]


def _has_bias(spec: ModelSpec) -> Sequence[int | None]:
    return [None] if any(name.endswith(".bias") for name in spec.parameters) else []


def _several_layers(spec: ModelSpec) -> Sequence[int | None]:
    return [None] if len({name.rpartition(".")[0] for name in spec.parameters}) > 1 else []


def _where(condition: Callable[[Any], bool]) -> Sites:
    return lambda spec: [None] if condition(spec.optimizer) else []


class _Changed(WrongNetwork):
    """The update scaled, one parameter at a time."""

    def update(self, state: State, gradients: dict[str, Array]) -> Updated:
        parameters, slots = super().update(state, gradients)
        old = state.parameters
        return {n: old[n] + self.factor(n) * (w - old[n]) for n, w in parameters.items()}, slots

    def factor(self, name: str) -> float:
        raise NotImplementedError


class _Skipped(_Changed):
    def factor(self, name: str) -> float:
        return 0.0


class _Twice(_Changed):
    def factor(self, name: str) -> float:
        return 2.0


class _WrongSign(_Changed):
    def factor(self, name: str) -> float:
        return -1.0


class _BiasesFrozen(_Changed):
    def factor(self, name: str) -> float:
        return 0.0 if name.endswith(".bias") else 1.0


class _LastLayerOnly(_Changed):
    def factor(self, name: str) -> float:
        return 1.0 if name.rpartition(".")[0] == next(reversed(self.spec.parameters)).rpartition(".")[0] else 0.0


class _Accumulated(WrongNetwork):
    """Nobody zeroes the gradients: each step adds to those of all earlier ones."""

    def __init__(self, spec: ModelSpec, site: int | None = None) -> None:
        super().__init__(spec, site)
        self._sums: dict[str, Array] = {}

    def backward(self, state: State, caches: list[Any], dy: Array) -> tuple[Array, dict[str, Array]]:
        dx, gradients = super().backward(state, caches, dy)
        self._sums = {name: g + self._sums.get(name, 0.0) for name, g in gradients.items()}
        return dx, self._sums


class _OtherOptimizer(WrongNetwork):
    """The update of an optimizer that differs in one point, or that is told another step."""

    def update(self, state: State, gradients: dict[str, Array]) -> Updated:
        optimizer, slots, step = self.instead(self.spec.optimizer, state)
        updates, new = optimizer.update(state.parameters, gradients, slots, step)
        return {name: w + updates[name] for name, w in state.parameters.items()}, new

    def instead(self, optimizer: Optimizer, state: State) -> tuple[Optimizer, Slots, int]:
        return optimizer.model_copy(update=self.fields(optimizer, state)), state.slots, state.step

    def fields(self, optimizer: Any, state: State) -> dict[str, Any]:
        """Return the fields that are wrong."""
        raise NotImplementedError


class _SlotsLost(_OtherOptimizer):
    def instead(self, optimizer: Optimizer, state: State) -> tuple[Optimizer, Slots, int]:
        return optimizer, optimizer.initial_slots(state.parameters), state.step


class _NoBiasCorrection(_OtherOptimizer):
    def instead(self, optimizer: Optimizer, state: State) -> tuple[Optimizer, Slots, int]:
        # After very many steps the corrections are 1; the rate stays that of this step.
        return optimizer.model_copy(update={"learning_rate": optimizer.rate(state.step)}), state.slots, 10**9


class _CorrectionOneAhead(_OtherOptimizer):
    def instead(self, optimizer: Optimizer, state: State) -> tuple[Optimizer, Slots, int]:
        fixed = optimizer.model_copy(update={"learning_rate": optimizer.rate(state.step)})
        return fixed, state.slots, state.step + 1


class _ScheduleAhead(_OtherOptimizer):
    def fields(self, optimizer: Any, state: State) -> dict[str, Any]:
        return {"learning_rate": optimizer.rate(state.step + 1)}


class _ScheduleIgnored(_OtherOptimizer):
    def fields(self, optimizer: Any, state: State) -> dict[str, Any]:
        return {"learning_rate": optimizer.rate(0)}


class _EpsilonMisplaced(_OtherOptimizer):
    def fields(self, optimizer: Any, state: State) -> dict[str, Any]:
        other = {"inside": "outside", "outside": "inside", "corrected": "uncorrected", "uncorrected": "corrected"}
        return {"epsilon_placement": other[optimizer.epsilon_placement]}


class _BetasExchanged(_OtherOptimizer):
    def fields(self, optimizer: Any, state: State) -> dict[str, Any]:
        return {"beta1": optimizer.beta2, "beta2": optimizer.beta1}


class _DecayMisplaced(_OtherOptimizer):
    def fields(self, optimizer: Any, state: State) -> dict[str, Any]:
        return {"decay": "l2" if optimizer.decay == "decoupled" else "decoupled"}


class _DecaySign(_OtherOptimizer):
    def fields(self, optimizer: Any, state: State) -> dict[str, Any]:
        return {"weight_decay": -optimizer.weight_decay}


class _DecayLeftOut(_OtherOptimizer):
    def fields(self, optimizer: Any, state: State) -> dict[str, Any]:
        return {"weight_decay": 0.0}


class _NoLookAhead(_OtherOptimizer):
    def fields(self, optimizer: Any, state: State) -> dict[str, Any]:
        return {"nesterov": False}


class _RateMisplaced(_OtherOptimizer):
    def fields(self, optimizer: Any, state: State) -> dict[str, Any]:
        return {"velocity": "updates" if optimizer.velocity == "gradients" else "gradients"}


class _ClipLeftOut(_OtherOptimizer):
    def fields(self, optimizer: Any, state: State) -> dict[str, Any]:
        return {"clip": None}


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
    """Divided by the mean square, not by its root."""

    def update(self, state: State, gradients: dict[str, Array]) -> Updated:
        parameters, slots = super().update(state, gradients)
        squares = next(reversed(slots.values()))
        with np.errstate(divide="ignore", invalid="ignore"):
            return {
                n: w
                if not np.all(squares[n])
                else state.parameters[n] + (w - state.parameters[n]) / np.sqrt(squares[n])
                for n, w in parameters.items()
            }, slots


def _first_bias(spec: ModelSpec, site: int | None) -> Any:
    return "update", "Δ " + next(name for name in spec.parameters if name.endswith(".bias"))


_HAS_EPSILON = (Adagrad, RMSprop, Adam)
_decays = _where(lambda o: o.weight_decay > 0)
_scheduled = _where(lambda o: not isinstance(o.learning_rate, float | int))


def _decay_place(spec: ModelSpec, site: int | None) -> Any:
    """L2 decay passes through the slots, decoupled decay only shows in the update."""
    return first_slot(spec, site) if spec.optimizer.decay == "l2" else first_update(spec, site)


def _rate_place(spec: ModelSpec, site: int | None) -> Any:
    """A velocity of updates holds the rate, so that it goes wrong before the update does."""
    holds_rate = isinstance(spec.optimizer, Momentum) and spec.optimizer.velocity == "updates"
    return first_slot(spec, site) if holds_rate else first_update(spec, site)


MISTAKES = (
    Mistake("update skipped", "w ← w", "w ← w + Δ", _Skipped, anywhere, first_update),
    Mistake("update applied twice", "w ← w + 2Δ", "w ← w + Δ", _Twice, anywhere, first_update),
    Mistake("update with the wrong sign", "w ← w − Δ", "w ← w + Δ", _WrongSign, anywhere, first_update),
    Mistake("biases never updated", "b ← b", "b ← b + Δ", _BiasesFrozen, _has_bias, _first_bias),
    Mistake(
        "only the last layer updated",
        "w ← w below the last layer",
        "w ← w + Δ",
        _LastLayerOnly,
        _several_layers,
        first_update,
    ),
    Mistake("gradients accumulated over steps", "g ← g + ∂C/∂w", "g ← ∂C/∂w", _Accumulated, anywhere, below),
    Mistake(
        "optimizer's state lost between steps",
        "v ← g",
        "v ← μv + g",
        _SlotsLost,
        _where(lambda o: bool(o.slot_names())),
        first_slot,
    ),
    Mistake(
        "stale velocity",
        "w ← w − ηv, then v ← μv + g",
        "v ← μv + g, then w ← w − ηv",
        _StaleVelocity,
        _where(lambda o: isinstance(o, Momentum)),
        first_update,
    ),
    Mistake(
        "Nesterov's look-ahead left out",
        "Δ = −ηv",
        "Δ = −η(g + μv)",
        _NoLookAhead,
        _where(lambda o: isinstance(o, Momentum) and o.nesterov),
        first_update,
    ),
    Mistake(
        "rate on the wrong side of the velocity",
        "v ← μv + ηg",
        "v ← μv + g",
        _RateMisplaced,
        _where(lambda o: isinstance(o, Momentum)),
        first_slot,
    ),
    Mistake(
        "epsilon in the wrong place",
        "√(s + ε)",
        "√s + ε",
        _EpsilonMisplaced,
        _where(lambda o: isinstance(o, _HAS_EPSILON)),
        first_update,
    ),
    Mistake(
        "square root left out",
        "Δ = −ηg / s",
        "Δ = −ηg / √s",
        _NoRoot,
        _where(lambda o: isinstance(o, _HAS_EPSILON)),
        first_update,
    ),
    Mistake(
        "bias correction left out",
        "m / √v",
        "m̂ / √v̂",
        _NoBiasCorrection,
        _where(lambda o: isinstance(o, Adam)),
        first_update,
    ),
    Mistake(
        "bias correction one step ahead",
        "1 − βᵗ⁺¹",
        "1 − βᵗ",
        _CorrectionOneAhead,
        _where(lambda o: isinstance(o, Adam)),
        first_update,
    ),
    Mistake(
        "β₁ and β₂ exchanged",
        "m ← β₂m + …, v ← β₁v + …",
        "m ← β₁m + …, v ← β₂v + …",
        _BetasExchanged,
        _where(lambda o: isinstance(o, Adam)),
        first_slot,
    ),
    Mistake(
        "decay on the wrong side",
        "L2 for decoupled, or the reverse",
        "the optimizer's own",
        _DecayMisplaced,
        _decays,
        first_slot,
    ),
    Mistake("decay with the wrong sign", "g − λw", "g + λw", _DecaySign, _decays, _decay_place),
    Mistake("decay left out", "g", "g + λw", _DecayLeftOut, _decays, _decay_place),
    Mistake("clipping left out", "g", "clip(g)", _ClipLeftOut, _where(lambda o: o.clip is not None), first_slot),
    Mistake("schedule off by one step", "η(t + 1)", "η(t)", _ScheduleAhead, _scheduled, _rate_place),
    Mistake("schedule ignored", "η(0)", "η(t)", _ScheduleIgnored, _scheduled, _rate_place),
)
