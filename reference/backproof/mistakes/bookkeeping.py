"""Mistakes in what stands around every optimizer's formula: groups, accumulated gradients, averaged weights."""

from typing import Any

from backproof.fields import Array
from backproof.mistakes.base import Mistake, Place, WrongNetwork, first_slot
from backproof.mistakes.updates import OtherOptimizer, Updated, holds_rate, where
from backproof.optimizers import ACCUMULATED, AVERAGE, Optimizer
from backproof.spec import ModelSpec
from backproof.step import State


class _DecayOfAll(OtherOptimizer):
    def fields(self, optimizer: Any, state: State) -> dict[str, Any]:
        return {"groups": tuple(g.model_copy(update={"weight_decay": None}) for g in optimizer.groups)}


class _RateOfAll(OtherOptimizer):
    def fields(self, optimizer: Any, state: State) -> dict[str, Any]:
        return {"groups": tuple(g.model_copy(update={"rate": 1.0}) for g in optimizer.groups)}


class _EveryStep(OtherOptimizer):
    def fields(self, optimizer: Any, state: State) -> dict[str, Any]:
        return {"accumulate": 1}


def _ends_round(optimizer: Optimizer, state: State) -> bool:
    return (state.step + 1) % optimizer.accumulate == 0


class _Summed(WrongNetwork):
    """The sum of k gradients is (a + g') / k with g' = k (a + g) − a."""

    def update(self, state: State, gradients: dict[str, Array]) -> Updated:
        if _ends_round(self.spec.optimizer, state):
            k, sums = self.spec.optimizer.accumulate, state.slots[ACCUMULATED]
            gradients = {name: k * (sums[name] + g) - sums[name] for name, g in gradients.items()}
        return super().update(state, gradients)


class _NeverReset(WrongNetwork):
    def update(self, state: State, gradients: dict[str, Array]) -> Updated:
        parameters, slots = super().update(state, gradients)
        sums = {name: state.slots[ACCUMULATED][name] + g for name, g in gradients.items()}
        return parameters, slots | {ACCUMULATED: sums}


class _AverageMoved(WrongNetwork):
    """The average moved otherwise, after each update."""

    def update(self, state: State, gradients: dict[str, Array]) -> Updated:
        parameters, slots = super().update(state, gradients)
        average = self.spec.optimizer.average
        if average is None or not self.moves(self.spec.optimizer, state):
            return parameters, slots
        kept, old = state.slots[AVERAGE], state.parameters
        moved = {n: self.moved(kept[n], average.decay, old[n], w) for n, w in parameters.items()}
        return parameters, slots | {AVERAGE: moved}

    def moves(self, optimizer: Optimizer, state: State) -> bool:
        return _ends_round(optimizer, state)

    def moved(self, a: Array, d: float, old: Array, new: Array) -> Array:
        return a + (1.0 - d) * (new - a)


class _AveragedBefore(_AverageMoved):
    def moved(self, a: Array, d: float, old: Array, new: Array) -> Array:
        return d * a + (1.0 - d) * old


class _SharesExchanged(_AverageMoved):
    def moved(self, a: Array, d: float, old: Array, new: Array) -> Array:
        return (1.0 - d) * a + d * new


class _AveragedIdly(_AverageMoved):
    def moves(self, optimizer: Optimizer, state: State) -> bool:
        return not _ends_round(optimizer, state)


class _AverageStarts(OtherOptimizer):
    def fields(self, optimizer: Any, state: State) -> dict[str, Any]:
        start = "initial" if optimizer.average.start == "first_update" else "first_update"
        return {"average": optimizer.average.model_copy(update={"start": start})}


def _of_first(slot: str) -> Any:
    return lambda spec, site: ("update", f"{slot} of {next(iter(spec.parameters))}")


def _decay_of_group(spec: ModelSpec, site: int | None) -> Place:
    """The first parameter with a decay of its own: L2 decay passes through its slots."""
    o = spec.optimizer
    name = next(n for n in spec.parameters if o.group(n).weight_decay is not None)
    return "update", f"{o.own_slots()[0]} of {name}" if o.decay == "l2" and o.own_slots() else f"Δ {name}"


def _rate_of_group(spec: ModelSpec, site: int | None) -> Place:
    """The first parameter with a rate of its own; a velocity may hold it."""
    o = spec.optimizer
    name = next(n for n in spec.parameters if o.group(n).rate != 1.0)
    return "update", f"velocity of {name}" if holds_rate(o) else f"Δ {name}"


_accumulates = where(lambda o: o.accumulate > 1)
_averages = where(lambda o: o.average is not None)

MISTAKES = (
    Mistake(
        "one decay for all parameters",
        "g + λw for biases, too",
        "the group's own λ",
        _DecayOfAll,
        where(lambda o: any(g.weight_decay is not None for g in o.groups)),
        _decay_of_group,
    ),
    Mistake(
        "one rate for all parameters",
        "η",
        "the group's factor · η",
        _RateOfAll,
        where(lambda o: any(g.rate != 1.0 for g in o.groups)),
        _rate_of_group,
    ),
    Mistake("accumulated gradients summed", "Σg", "Σg / k", _Summed, _accumulates, first_slot),
    Mistake(
        "accumulated gradients never reset",
        "a ← a + g",
        "a ← 0",
        _NeverReset,
        _accumulates,
        _of_first(ACCUMULATED),
    ),
    Mistake("update at every step of an accumulation", "k = 1", "k", _EveryStep, _accumulates, first_slot),
    Mistake(
        "average moved before the update",
        "a ← da + (1 − d)w, then w ← w + Δ",
        "w ← w + Δ, then a ← da + (1 − d)w",
        _AveragedBefore,
        _averages,
        _of_first(AVERAGE),
    ),
    Mistake(
        "shares of the average exchanged",
        "a ← (1 − d)a + dw",
        "a ← da + (1 − d)w",
        _SharesExchanged,
        _averages,
        _of_first(AVERAGE),
    ),
    Mistake(
        "average moved without an update",
        "a ← da + (1 − d)w at every step",
        "after every k-th",
        _AveragedIdly,
        where(lambda o: o.average is not None and o.accumulate > 1),
        _of_first(AVERAGE),
    ),
    Mistake(
        "average started elsewhere",
        "a₁ = w₁",
        "a₁ = dw₀ + (1 − d)w₁",
        _AverageStarts,
        _averages,
        _of_first(AVERAGE),
    ),
)
