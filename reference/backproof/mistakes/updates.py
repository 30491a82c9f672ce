"""Mistakes after a right gradient: the update, the optimizer's state, decay, clipping and the schedule."""

from collections.abc import Callable, Sequence
from dataclasses import replace
from typing import Any

from backproof.fields import Array
from backproof.mistakes.base import Mistake, WrongNetwork, anywhere, below, first_slot, first_update, last_slot
from backproof.optimizers import Momentum, Optimizer, RMSprop, Slots
from backproof.spec import ModelSpec
from backproof.step import Network, State

Updated = tuple[dict[str, Array], Slots]
Sites = Callable[[ModelSpec], Sequence[int | None]]


def _has_bias(spec: ModelSpec) -> Sequence[int | None]:
    return [None] if any(name.endswith(".bias") for name in spec.parameters) else []


def _several_layers(spec: ModelSpec) -> Sequence[int | None]:
    return [None] if len({name.rpartition(".")[0] for name in spec.parameters}) > 1 else []


def where(condition: Callable[[Any], bool]) -> Sites:
    """The mistake can be made with an optimizer for which the condition holds."""
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


class _RateTwice(_Changed):
    def update(self, state: State, gradients: dict[str, Array]) -> Updated:
        self.rate = self.spec.optimizer.rate(state.step)
        return super().update(state, gradients)

    def factor(self, name: str) -> float:
        return self.rate


class _RateLeftOut(_RateTwice):
    def factor(self, name: str) -> float:
        return 1.0 / self.rate


class _LayerFrozen(_Changed):
    def factor(self, name: str) -> float:
        return 0.0 if name.partition(".")[0] == self.spec.layer_names[self.site or 0] else 1.0


class _Accumulated(WrongNetwork):
    """Nobody zeroes the gradients: each step adds to those of all earlier ones."""

    def __init__(self, spec: ModelSpec, site: int | None, inner: Network | None) -> None:
        super().__init__(spec, site, inner)
        self._sums: dict[str, Array] = {}

    def collected(self, gradients: dict[str, Array]) -> dict[str, Array]:
        own = super().collected(gradients)
        self._sums = {name: g + self._sums.get(name, 0.0) for name, g in own.items()}
        return self._sums


class OtherOptimizer(WrongNetwork):
    """The update of an optimizer that differs in one point, or that is told another step.

    Slots that it does not keep are those of the right one.
    """

    def update(self, state: State, gradients: dict[str, Array]) -> Updated:
        _, right = super().update(state, gradients)
        optimizer, known = self.mistaken(state)
        updates, new = optimizer.update(state.parameters, gradients, known.slots, known.step)
        parameters = {name: w + updates[name] for name, w in state.parameters.items()}
        return parameters, {slot: new.get(slot) or kept for slot, kept in right.items()}

    def mistaken(self, state: State) -> tuple[Optimizer, State]:
        """Return the optimizer and the state it is told, after what mistakes within have made of them."""
        within = (
            self.inner.mistaken(state) if isinstance(self.inner, OtherOptimizer) else (self.spec.optimizer, state)
        )
        optimizer, slots, step = self.instead(*within)
        return optimizer, replace(state, slots=slots, step=step)

    def instead(self, optimizer: Optimizer, state: State) -> tuple[Optimizer, Slots, int]:
        return optimizer.model_copy(update=self.fields(optimizer, state)), state.slots, state.step

    def fields(self, optimizer: Any, state: State) -> dict[str, Any]:
        """Return the fields that are wrong."""
        raise NotImplementedError


class _SlotsLost(OtherOptimizer):
    def instead(self, optimizer: Optimizer, state: State) -> tuple[Optimizer, Slots, int]:
        return optimizer, optimizer.initial_slots(state.parameters), state.step


class _ScheduleAhead(OtherOptimizer):
    def fields(self, optimizer: Any, state: State) -> dict[str, Any]:
        return {"learning_rate": optimizer.rate(state.step + 1)}


class _ScheduleIgnored(OtherOptimizer):
    def fields(self, optimizer: Any, state: State) -> dict[str, Any]:
        return {"learning_rate": optimizer.rate(0)}


class _DecayMisplaced(OtherOptimizer):
    def fields(self, optimizer: Any, state: State) -> dict[str, Any]:
        return {"decay": "l2" if optimizer.decay == "decoupled" else "decoupled"}


class _DecaySign(OtherOptimizer):
    def fields(self, optimizer: Any, state: State) -> dict[str, Any]:
        return {"weight_decay": -optimizer.weight_decay}


class _DecayLeftOut(OtherOptimizer):
    def fields(self, optimizer: Any, state: State) -> dict[str, Any]:
        return {"weight_decay": 0.0}


class _DecayTwice(OtherOptimizer):
    def fields(self, optimizer: Any, state: State) -> dict[str, Any]:
        return {"weight_decay": 2.0 * optimizer.weight_decay}


class _ClipLeftOut(OtherOptimizer):
    def fields(self, optimizer: Any, state: State) -> dict[str, Any]:
        return {"clip": None}


def _first_bias(spec: ModelSpec, site: int | None) -> Any:
    return "update", "Δ " + next(name for name in spec.parameters if name.endswith(".bias"))


def _with_parameters(spec: ModelSpec) -> Sequence[int | None]:
    """Every layer of several that has parameters of its own."""
    owners = {name.partition(".")[0] for name in spec.parameters}
    return [i for i, name in enumerate(spec.layer_names) if name in owners] if len(owners) > 1 else []


def _own_update(spec: ModelSpec, site: int | None) -> Any:
    layer = spec.layer_names[site or 0]
    return "update", "Δ " + next(name for name in spec.parameters if name.startswith(f"{layer}."))


_rated = where(lambda o: o.rate(0) != 1.0)
_decays = where(lambda o: o.weight_decay > 0)
_scheduled = where(lambda o: not isinstance(o.learning_rate, float | int))


def _decay_place(spec: ModelSpec, site: int | None) -> Any:
    """L2 decay passes through the slots, decoupled decay only shows in the update."""
    return first_slot(spec, site) if spec.optimizer.decay == "l2" else first_update(spec, site)


def has_velocity(o: Any) -> bool:
    """Whether a velocity of gradients or of updates is kept."""
    return isinstance(o, Momentum | RMSprop) and "velocity" in o.own_slots()


def holds_rate(o: Any) -> bool:
    """Whether a velocity of updates is kept: it holds the rate, so that it goes wrong before the update does."""
    return has_velocity(o) and o.velocity == "updates"


def _rate_place(spec: ModelSpec, site: int | None) -> Any:
    return (last_slot if holds_rate(spec.optimizer) else first_update)(spec, site)


MISTAKES = (
    Mistake("gradients accumulated over steps", "g ← g + ∂C/∂w", "g ← ∂C/∂w", _Accumulated, anywhere, below, 5),
    Mistake(
        "optimizer's state lost between steps",
        "v ← g",
        "v ← μv + g",
        _SlotsLost,
        where(lambda o: bool(o.slot_names())),
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
    Mistake("decay twice as large", "g + 2λw", "g + λw", _DecayTwice, _decays, _decay_place, common=1),
    Mistake("decay left out", "g", "g + λw", _DecayLeftOut, _decays, _decay_place),
    Mistake("clipping left out", "g", "clip(g)", _ClipLeftOut, where(lambda o: o.clip is not None), first_slot),
    Mistake("schedule off by one step", "η(t + 1)", "η(t)", _ScheduleAhead, _scheduled, _rate_place),
    Mistake("schedule ignored", "η(0)", "η(t)", _ScheduleIgnored, _scheduled, _rate_place),
    Mistake("update skipped", "w ← w", "w ← w + Δ", _Skipped, anywhere, first_update, common=2),
    Mistake("update applied twice", "w ← w + 2Δ", "w ← w + Δ", _Twice, anywhere, first_update, common=1),
    Mistake("update with the wrong sign", "w ← w − Δ", "w ← w + Δ", _WrongSign, anywhere, first_update, common=3),
    Mistake("biases never updated", "b ← b", "b ← b + Δ", _BiasesFrozen, _has_bias, _first_bias, common=3),
    Mistake(
        "only the last layer updated",
        "w ← w below the last layer",
        "w ← w + Δ",
        _LastLayerOnly,
        _several_layers,
        first_update,
    ),
    Mistake("learning rate applied twice", "w ← w + ηΔ", "w ← w + Δ", _RateTwice, _rated, first_update, common=1),
    Mistake("learning rate left out", "w ← w + Δ / η", "w ← w + Δ", _RateLeftOut, _rated, first_update, common=1),
    Mistake(
        "a layer never updated", "w ← w in this layer", "w ← w + Δ", _LayerFrozen, _with_parameters, _own_update
    ),
)
